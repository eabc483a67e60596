#include "acme/account_file.h"

#include <string.h>

#include "base/b64.h"
#include "base/log.h"
#include "base/str.h"
#include "crypto/hmac.h"

enum { FILE_MAX = 65536, NAME_SHOWN = 120, PATH_ROOM = 4096 };

/* "acme.example+14000_dir": a folder name that a person recognizes. What does
 * not survive the change is kept apart by a digest. */
const char *account_dir(const char *conf_dir, const char *server_url,
			struct mem *m)
{
	AUTO(buf) struct buf name = { .max = 256 };
	struct str url = str_of(server_url);
	bool exact = str_starts(url, "https://");
	struct str s = exact ? (struct str){ url.at + 8, url.n - 8 } : url;
	for (size_t i = 0; i < s.n && i < NAME_SHOWN; i++) {
		char c = s.at[i];
		bool plain = c == '.' || c == '-' || (c >= '0' && c <= '9') ||
			     (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
		exact = exact && (plain || c == '/' || c == ':') &&
			(i || c != '.');
		buf_char(&name, plain && (i || c != '.') ? c :
				c == ':'                 ? '+' :
							   '_');
	}
	if (!exact || s.n > NAME_SHOWN) {
		unsigned char sum[HASH_MAX];
		hash_of(HASH_SHA256, url, sum);
		buf_char(&name, '-');
		hex_add(&name, (struct str){ (const char *)sum, 6 });
	}
	return mem_fmt(m, "%s/acme/accounts/%s", conf_dir, buf_c(&name));
}

static int path_of(const struct account *x, const char *file, struct buf *out,
		   struct err *e)
{
	buf_fmt(out, "%s/%s", x->dir, file);
	return out->full ?
		       err_set(e, ERR_SYS, "%s: the path is too long", x->dir) :
		       0;
}

/* *key NULL when the file is absent. */
static int read_key(const struct account *x, const char *file, struct key **key,
		    struct err *e)
{
	AUTO(buf) struct buf path = { .max = PATH_ROOM };
	AUTO(secret) struct buf pem = { .max = FILE_MAX };
	*key = NULL;
	if (path_of(x, file, &path, e))
		return -1;
	if (fs_read(buf_c(&path), &pem, e))
		return e->kind == ERR_MISSING ? 0 : -1;
	return key_read(buf_get(&pem), key, e) ? err_at(e, "%s", buf_c(&path)) :
						 0;
}

static int write_key(const struct account *x, const char *file,
		     const struct key *k, struct err *e)
{
	AUTO(buf) struct buf path = { .max = PATH_ROOM };
	AUTO(secret) struct buf pem = { .max = FILE_MAX };
	if (path_of(x, file, &path, e) || key_write(k, &pem, e))
		return -1;
	return fs_write(buf_c(&path), buf_get(&pem), 0600, e);
}

static int remove_file(const struct account *x, const char *file, struct err *e)
{
	AUTO(buf) struct buf path = { .max = PATH_ROOM };
	return path_of(x, file, &path, e) ? -1 : fs_remove(buf_c(&path), e);
}

/* A broken account.json costs nothing: the CA finds the account by its key. */
int account_file_read(struct account *x, struct mem *m, struct err *e)
{
	AUTO(buf) struct buf path = { .max = PATH_ROOM };
	AUTO(buf) struct buf text = { .max = FILE_MAX };
	x->url = x->email = NULL;
	if (path_of(x, "account.json", &path, e))
		return -1;
	if (fs_read(buf_c(&path), &text, e))
		return e->kind == ERR_MISSING ? 0 : -1;
	AUTO(json) json_t *j =
		json_loadb(buf_c(&text), text.n, JSON_REJECT_DUPLICATES, NULL);
	x->url = mem_str(m, acme_url(j, "url"));
	x->email = mem_str(m, acme_text(j, "email"));
	if (!x->url)
		log_say(LOG_REASON, "%s holds no account URL", buf_c(&path));
	return 0;
}

int account_file_write(const struct account *x, const char *server_url,
		       struct err *e)
{
	AUTO(buf) struct buf path = { .max = PATH_ROOM };
	AUTO(json) json_t *j = json_pack("{s:s, s:s?, s:s?}", "server",
					 server_url, "url", x->url, "email",
					 x->email);
	AUTO(free) char *text = json_dumps(j, JSON_INDENT(1));
	if (!text)
		return err_set(e, ERR_CONF, "%s: the account is no UTF-8",
			       x->dir);
	if (path_of(x, "account.json", &path, e))
		return -1;
	return fs_write(buf_c(&path), str_of(text), 0600, e);
}

int account_file_open(struct account *x, enum key_type t, struct mem *m,
		      struct err *e)
{
	if (account_file_read(x, m, e) || read_key(x, "key.pem", &x->key, e))
		return -1;
	if (x->key)
		return 0;
	x->url = NULL;
	return key_make(t, &x->key, e) || write_key(x, "key.pem", x->key, e) ?
		       -1 :
		       0;
}

int account_file_next(const struct account *x, struct key **next, struct err *e)
{
	return read_key(x, "next.pem", next, e);
}

int account_file_write_next(const struct account *x, const struct key *next,
			    struct err *e)
{
	return write_key(x, "next.pem", next, e);
}

int account_file_drop_next(const struct account *x, struct err *e)
{
	return remove_file(x, "next.pem", e);
}

int account_file_switch(const struct account *x, const struct key *next,
			struct err *e)
{
	return write_key(x, "key.pem", next, e) ||
			       account_file_drop_next(x, e) ?
		       -1 :
		       0;
}

int account_file_forget(const struct account *x, struct err *e)
{
	return remove_file(x, "account.json", e) ||
			       remove_file(x, "next.pem", e) ||
			       remove_file(x, "key.pem", e) ?
		       -1 :
		       0;
}

int account_load(const char *conf_dir, const char *server_url, struct mem *m,
		 struct account *x, struct err *e)
{
	*x = (struct account){ .dir = account_dir(conf_dir, server_url, m) };
	if (account_file_read(x, m, e) || read_key(x, "key.pem", &x->key, e))
		return -1;
	if (x->key)
		return 0;
	return err_set(e, ERR_MISSING, "there is no account at %s in %s",
		       server_url, x->dir);
}

int account_keep(const char *conf_dir, const char *server_url,
		 const struct key *k, const char *url, struct err *e)
{
	AUTO(mem) struct mem m = { 0 };
	AUTO(fd) int lock = -1;
	AUTO(key) struct key *there = NULL;
	const struct account x = {
		.dir = account_dir(conf_dir, server_url, &m),
		.url = url,
	};
	if (fs_mkdir(x.dir, 0700, e) ||
	    fs_lock(mem_fmt(&m, "%s/lock", x.dir), 0, &lock, e) ||
	    read_key(&x, "key.pem", &there, e))
		return -1;
	if (there)
		return err_set(e, ERR_SYS, "an account exists in %s", x.dir);
	if (write_key(&x, "key.pem", k, e))
		return -1;
	return url ? account_file_write(&x, server_url, e) : 0;
}
