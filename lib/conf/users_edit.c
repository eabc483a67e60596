#include "conf/users.h"

#include <string.h>

#include "base/auto.h"
#include "base/fs.h"
#include "data/textpb.h"

enum { LOCK_MS = 10000 };

static void add_scheme(struct buf *out, const struct user *u)
{
	switch (u->scheme) {
	case USERS_SCRYPT:
		textpb_open(out, 2, "scrypt");
		textpb_add_number(out, 3, "logN", (int64_t)u->cost.log_n);
		textpb_add_number(out, 3, "r", (int64_t)u->cost.r);
		textpb_add_number(out, 3, "p", (int64_t)u->cost.p);
		textpb_add_number(out, 3, "keyLen", (int64_t)u->secret.n);
		textpb_add_text(out, 3, "salt", u->salt);
		textpb_add_text(out, 3, "encrypted", u->secret);
		textpb_close(out, 2);
		break;
	case USERS_PLAIN:
		textpb_open(out, 2, "plain");
		textpb_add_text(out, 3, "password", u->secret);
		textpb_close(out, 2);
		break;
	case USERS_DENIED:
		textpb_add_word(out, 2, "denied", "{}");
		break;
	case USERS_NONE:
		break;
	}
}

static void add_entry(struct buf *out, const struct user *u)
{
	textpb_open(out, 0, "users");
	textpb_add_text(out, 1, "key", str_of(u->name));
	textpb_open(out, 1, "value");
	add_scheme(out, u);
	textpb_close(out, 1);
	textpb_close(out, 0);
}

/* An edit on its way through a text: what is before `done` was dealt with. */
struct edit {
	struct str text;
	const char *done;
	const char *name;
	struct buf *out;
};

static bool is_his(const struct edit *d, const struct textpb *f)
{
	const struct textpb *key = textpb_get(f, "key");

	return strcmp(f->name, "users") == 0 &&
	       str_eq(key ? key->text : STR_LIT(""), d->name);
}

/* Up to `at`; blanks before it that begin a line are its own. */
static void copy_until(struct edit *d, const char *at)
{
	const char *end = at;

	while (end > d->done && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	if (end > d->done && end[-1] != '\n')
		end = at;
	buf_add(d->out, d->done, (size_t)(end - d->done));
	d->done = at;
}

/* Past a field, and past the end of its line when nothing else is on it. */
static void pass(struct edit *d, struct str source)
{
	const char *end = d->text.at + d->text.n;
	const char *at = source.at + source.n;

	d->done = at;
	while (at < end && (*at == ' ' || *at == '\t' || *at == '\r'))
		at++;
	if (at < end && *at == '\n' &&
	    (!d->out->n || d->out->at[d->out->n - 1] == '\n'))
		d->done = at + 1;
}

/* Takes the field out, with all that are in one list with it; the others of
 * the list are written one by one. The first behind it, which may be NULL. */
static const struct textpb *take_out(struct edit *d, const struct textpb *f,
				     const char *instead)
{
	struct str source = f->source;

	copy_until(d, source.at);
	buf_str(d->out, instead);
	for (; f && f->source.at == source.at; f = f->next)
		if (!is_his(d, f)) {
			buf_fmt(d->out, "%s: ", f->name);
			buf_view(d->out, f->value);
			buf_char(d->out, '\n');
		}
	pass(d, source);
	return f;
}

static bool list_has(const struct edit *d, const struct textpb *f)
{
	const char *at = f->source.at;

	for (; f && f->source.at == at; f = f->next)
		if (is_his(d, f))
			return true;
	return false;
}

/* Puts `entry` where the user's first entry stands and takes out the others,
 * or puts it at the end. How many were taken out. */
static size_t change(struct edit *d, const struct textpb *root,
		     const char *entry)
{
	const struct textpb *f = root->child;
	size_t n = 0;

	while (f) {
		if (list_has(d, f))
			f = take_out(d, f, n++ ? "" : entry);
		else
			f = f->next;
	}
	buf_add(d->out, d->done, (size_t)(d->text.at + d->text.n - d->done));
	if (!n && *entry) {
		if (d->out->n && d->out->at[d->out->n - 1] != '\n')
			buf_char(d->out, '\n');
		buf_str(d->out, entry);
	}
	return n;
}

/* What was written reads back as what was meant, or it is not kept. */
static int prove(const struct edit *d, const char *file, enum users_scheme want,
		 struct err *e)
{
	struct users u;
	struct err why = { 0 };
	const struct user *is = NULL;
	bool read = !d->out->full &&
		    !users_parse(buf_get(d->out), file, &u, &why);

	if (read)
		is = users_find(&u, str_of(d->name));
	bool right = read && (is ? is->scheme : USERS_NONE) == want;

	if (!d->out->full)
		users_free(&u);
	return right ? 0 :
		       err_set(e, ERR_SYS,
			       "%s: this file cannot be edited safely%s%s; "
			       "change it by hand",
			       file, *why.msg ? ": " : "", why.msg);
}

static int edit(struct str text, const char *file, const char *name,
		const char *entry, enum users_scheme want, struct buf *out,
		struct err *e)
{
	AUTO(mem) struct mem m = { 0 };
	struct edit d = {
		.text = text,
		.done = text.at,
		.name = name,
		.out = out,
	};
	struct users before;
	struct textpb *root;
	int rc = users_parse(text, file, &before, e); /* all of it is sound */

	d.done = d.text.at;
	users_free(&before);
	if (rc || textpb_parse(text, file, &m, &root, e))
		return -1;
	if (!change(&d, root, entry) && !*entry)
		return err_set(e, ERR_MISSING, "%s: there is no user \"%s\"",
			       file, name);
	return prove(&d, file, want, e);
}

int users_put(struct str text, const char *file, const struct user *u,
	      struct buf *out, struct err *e)
{
	AUTO(secret) struct buf entry = { 0 };

	add_entry(&entry, u);
	return edit(text, file, u->name, buf_c(&entry), u->scheme, out, e);
}

int users_drop(struct str text, const char *file, const char *name,
	       struct buf *out, struct err *e)
{
	return edit(text, file, name, "", USERS_NONE, out, e);
}

int users_change(const char *path, const struct user *u, enum users_edit how,
		 struct err *e)
{
	AUTO(mem) struct mem m = { 0 };
	AUTO(secret) struct buf old = { .max = USERS_FILE_MAX };
	AUTO(secret) struct buf new = { .max = USERS_FILE_MAX };
	const char *slash = strrchr(path, '/');
	const char *folder = slash ? mem_dup(&m, path, (size_t)(slash - path)) :
				     ".";
	struct err why = { 0 };
	AUTO(fd) int lock = -1;

	if (fs_lock_folder(folder, LOCK_MS, &lock, e))
		return -1;
	if (fs_read(path, &old, &why) && why.kind != ERR_MISSING) {
		*e = why;
		return -1;
	}
	if (how == USERS_PUT ?
		    users_put(buf_get(&old), path, u, &new, e) :
		    users_drop(buf_get(&old), path, u->name, &new, e))
		return -1;
	return fs_rewrite(path, buf_get(&new), 0660, e);
}
