#include "conf/users.h"

#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/fs.h"
#include "base/precis.h"
#include "base/rand.h"
#include "crypto/hmac.h"
#include "data/textpb.h"

/* What chasquid hashes with. */
static const struct scrypt usual = { .log_n = 14, .r = 8, .p = 1 };
enum { SALT_BYTES = 16, HASH_BYTES = 32 };

static const struct textpb_row scrypt_rows[] = {
	{ "logN", TEXTPB_UINT64, false, NULL, NULL },
	{ "r", TEXTPB_INT32, false, NULL, NULL },
	{ "p", TEXTPB_INT32, false, NULL, NULL },
	{ "keyLen", TEXTPB_INT32, false, NULL, NULL },
	{ "salt", TEXTPB_BYTES, false, NULL, NULL },
	{ "encrypted", TEXTPB_BYTES, false, NULL, NULL },
};
static const struct textpb_rows in_scrypt = TEXTPB_ROWS(scrypt_rows);
static const struct textpb_row plain_rows[] = {
	{ "password", TEXTPB_BYTES, false, NULL, NULL },
};
static const struct textpb_rows in_plain = TEXTPB_ROWS(plain_rows);
static const struct textpb_rows in_denied = { NULL, 0 };
static const struct textpb_row password_rows[] = {
	{ "scrypt", TEXTPB_INSIDE, false, NULL, &in_scrypt },
	{ "plain", TEXTPB_INSIDE, false, NULL, &in_plain },
	{ "denied", TEXTPB_INSIDE, false, NULL, &in_denied },
};
static const struct textpb_rows in_password = TEXTPB_ROWS(password_rows);
static const struct textpb_row entry_rows[] = {
	{ "key", TEXTPB_TEXT, false, NULL, NULL },
	{ "value", TEXTPB_INSIDE, false, NULL, &in_password },
};
static const struct textpb_rows in_entry = TEXTPB_ROWS(entry_rows);
static const struct textpb_row file_rows[] = {
	{ "users", TEXTPB_INSIDE, true, NULL, &in_entry },
};
static const struct textpb_rows in_file = TEXTPB_ROWS(file_rows);

static struct str text_at(const struct textpb *msg, const char *name)
{
	const struct textpb *f = textpb_get(msg, name);

	return f ? f->text : (struct str){ "", 0 };
}

static uint64_t number_at(const struct textpb *msg, const char *name)
{
	const struct textpb *f = textpb_get(msg, name);

	return f && f->number > 0 ? (uint64_t)f->number : 0;
}

static bool is_entry(const struct textpb *f)
{
	return strcmp(f->name, "users") == 0;
}

/* A hash whose length is not what keyLen says is compared with one that is,
 * so never the same: the user cannot log in. */
static void read_scrypt(const struct textpb *msg, struct user *u)
{
	u->scheme = USERS_SCRYPT;
	u->cost = (struct scrypt){
		.log_n = number_at(msg, "logN"),
		.r = number_at(msg, "r"),
		.p = number_at(msg, "p"),
	};
	u->salt = text_at(msg, "salt");
	u->secret = text_at(msg, "encrypted");
	if (number_at(msg, "keyLen") != u->secret.n)
		u->scheme = USERS_NONE;
}

static int read_password(const struct textpb *value, const char *file,
			 struct user *u, struct err *e)
{
	const struct textpb *first = NULL;

	for (const struct textpb *f = value->child; f; f = f->next) {
		bool hashed = strcmp(f->name, "scrypt") == 0;
		bool plain = strcmp(f->name, "plain") == 0;

		if (!hashed && !plain && strcmp(f->name, "denied") != 0)
			continue;
		if (first)
			return err_set(e, ERR_CONF,
				       "%s:%d:%d: %s stands here beside %s",
				       file, f->line, f->column, f->name,
				       first->name);
		first = f;
		u->scheme = USERS_DENIED;
		if (hashed)
			read_scrypt(f, u);
		if (plain) {
			u->scheme = USERS_PLAIN;
			u->secret = text_at(f, "password");
		}
	}
	return 0;
}

static int by_name(const void *a, const void *b)
{
	const struct user *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order : x->place < y->place ? -1 : 1;
}

static void keep_last(struct users *u)
{
	size_t n = 0;

	if (u->n)
		qsort(u->at, u->n, sizeof(*u->at), by_name);
	for (size_t i = 0; i < u->n; i++) {
		if (n && strcmp(u->at[n - 1].name, u->at[i].name) == 0)
			n--;
		u->at[n++] = u->at[i];
	}
	u->n = n;
}

/* Within rows of the types above; what is in none is passed over. */
static int read_tree(struct str text, const char *file, struct mem *m,
		     struct textpb **root, struct err *e)
{
	return textpb_parse(text, file, m, root, e) ||
			       textpb_check(*root, &in_file, file, TEXTPB_ALLOW,
					    e) ?
		       -1 :
		       0;
}

static int read_entry(const struct textpb *f, const char *file, struct users *u,
		      struct err *e)
{
	const struct textpb *value = textpb_get(f, "value");
	struct str name = text_at(f, "key");
	struct user *new;

	if (memchr(name.at, '\0', name.n))
		return err_set(e, ERR_CONF,
			       "%s:%d:%d: the name of a user holds a NUL", file,
			       f->line, f->column);
	u->at = mem_more(&u->mem, u->at, &u->room, u->n, sizeof(*u->at));
	new = &u->at[u->n];
	*new = (struct user){ .name = mem_dup(&u->mem, name.at, name.n),
			      .place = u->n++ };
	return value ? read_password(value, file, new, e) : 0;
}

int users_parse(struct str text, const char *file, struct users *u,
		struct err *e)
{
	struct textpb *root;
	struct err strange = { 0 };

	*u = (struct users){ 0 };
	if (read_tree(text, file, &u->mem, &root, e))
		return -1;
	if (textpb_check(root, &in_file, file, TEXTPB_REFUSE, &strange))
		u->strange = mem_str(&u->mem, strange.msg);
	for (const struct textpb *f = root->child; f; f = f->next)
		if (is_entry(f) && read_entry(f, file, u, e))
			return -1;
	keep_last(u);
	return 0;
}

/* "" when there is no such file. */
static int read_text(const char *path, struct buf *text, struct err *e)
{
	struct err why = { 0 };

	if (!fs_read(path, text, &why) || why.kind == ERR_MISSING)
		return 0;
	*e = why;
	return -1;
}

int users_read(const char *path, struct users *u, struct err *e)
{
	AUTO(secret) struct buf text = { .max = USERS_FILE_MAX };

	*u = (struct users){ 0 };
	return read_text(path, &text, e) ||
			       users_parse(buf_get(&text), path, u, e) ?
		       -1 :
		       0;
}

void users_free(struct users *u)
{
	for (size_t i = 0; i < u->n; i++)
		if (u->at[i].scheme == USERS_PLAIN)
			mem_wipe((void *)(uintptr_t)u->at[i].secret.at,
				 u->at[i].secret.n);
	mem_free(&u->mem);
	*u = (struct users){ 0 };
}

const char *users_scheme_name(enum users_scheme s)
{
	static const char *const names[] = {
		[USERS_NONE] = "unknown",
		[USERS_SCRYPT] = "scrypt",
		[USERS_PLAIN] = "plain",
		[USERS_DENIED] = "denied",
	};

	return names[s];
}

const struct user *users_find(const struct users *u, struct str name)
{
	size_t low = 0, high = u->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		struct str is = str_of(u->at[middle].name);
		size_t n = is.n < name.n ? is.n : name.n;
		int order = n ? memcmp(is.at, name.at, n) : 0;

		if (!order && is.n == name.n)
			return &u->at[middle];
		if (order < 0 || (!order && is.n < name.n))
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static bool same_plain(struct str a, struct str b)
{
	unsigned char x[HASH_MAX], y[HASH_MAX];

	hash_of(HASH_SHA256, a, x);
	hash_of(HASH_SHA256, b, y);
	return hmac_same(x, y, hash_size(HASH_SHA256));
}

bool users_check(const struct user *u, struct str password)
{
	static const struct user nobody = { .scheme = USERS_NONE };
	unsigned char made[SCRYPT_HASH_MAX] = { 0 };

	u = u ? u : &nobody;
	bool hashed = u->scheme == USERS_SCRYPT && u->secret.n <= sizeof(made);
	struct str salt = hashed ? u->salt : STR_LIT("0123456789abcdef");
	size_t n = hashed ? u->secret.n : HASH_BYTES;
	bool same = !scrypt_of(hashed ? &u->cost : &usual, password, salt, made,
			       n) &&
		    hashed && hmac_same(made, u->secret.at, n);

	if (u->scheme == USERS_PLAIN)
		same = same_plain(u->secret, password);
	mem_wipe(made, sizeof(made));
	return same;
}

int users_make(struct mem *m, struct str name, struct str password,
	       struct user *out, struct err *e)
{
	char *salt = mem_get(m, SALT_BYTES), *hash = mem_get(m, HASH_BYTES);
	const char *form, *fault = precis_username(m, name, &form);

	if (fault || !str_eq(name, form))
		return err_set(e, ERR_USAGE, "\"%.*s\" is no user's name: %s",
			       STR_FMT(name),
			       fault ? fault : "it has upper-case letters");
	rand_bytes(salt, SALT_BYTES);
	if (scrypt_of(&usual, password, (struct str){ salt, SALT_BYTES },
		      (unsigned char *)hash, HASH_BYTES))
		return err_set(e, ERR_SYS,
			       "a password cannot be hashed: scrypt wants 16 "
			       "MiB of memory");
	*out = (struct user){
		.name = form,
		.scheme = USERS_SCRYPT,
		.cost = usual,
		.salt = { salt, SALT_BYTES },
		.secret = { hash, HASH_BYTES },
	};
	return 0;
}
