/* The keys that are not live yet. pending.pem is the key of the order under
 * way: its CSR may be at the CA already, so that it must survive a crash.
 * next.pem is the key of the renewal after this one: its TLSA record is
 * published before it is used. Once it is live it is used up. */
#include "acme/store.h"
#include "acme/store_path.h"
#include "base/log.h"

enum { KEY_FILE_MAX = 64 << 10 };

/* *out stays NULL when the file is absent or holds no usable key: a key that
 * nobody can read is worth no more than none. -1 when it may not be read. */
static int read_key(const char *path, struct key **out, struct err *e)
{
	AUTO(secret) struct buf pem = { .max = KEY_FILE_MAX };
	struct err why = { 0 };

	if (fs_read(path, &pem, &why)) {
		if (why.kind == ERR_MISSING)
			return 0;
		*e = why;
		return -1;
	}
	if (key_read(buf_get(&pem), out, &why))
		log_say(LOG_REASON, "%s: %s; another key takes its place", path,
			why.msg);
	return 0;
}

static int read_live(const char *conf_dir, const char *name, struct key **out,
		     struct err *e)
{
	struct err why = { 0 };

	if (!store_live_key(conf_dir, name, out, &why))
		return 0;
	if (why.kind == ERR_SYS) {
		*e = why;
		return -1;
	}
	if (why.kind != ERR_MISSING)
		log_say(LOG_REASON, "%s; another key takes its place", why.msg);
	return 0;
}

static bool fits(const struct key *k, enum key_type t)
{
	return k && key_kind(k) == t;
}

static int write_key(const char *path, const struct key *k, struct err *e)
{
	AUTO(secret) struct buf pem = { .max = KEY_FILE_MAX };

	if (key_write(k, &pem, e))
		return -1;
	return fs_write(path, buf_get(&pem), 0600, e);
}

/* The folder keys/NAME, made when absent. */
static int keys_dir(const char *conf_dir, const char *name, struct mem *m,
		    const char **dir, struct err *e)
{
	if (store_name_check(name, e))
		return -1;
	*dir = store_path(m, conf_dir, "keys", name, "");
	return fs_mkdir(*dir, 0700, e);
}

int store_peek_next(const char *conf_dir, const char *name, struct key **out,
		    struct err *e)
{
	AUTO(key) struct key *live = NULL, *next = NULL;
	AUTO(mem) struct mem m = { 0 };

	if (store_name_check(name, e) ||
	    read_key(store_path(&m, conf_dir, "keys", name, "/next.pem"), &next,
		     e) ||
	    read_live(conf_dir, name, &live, e))
		return -1;
	if (next && (!live || !key_same(live, next)))
		*out = TAKE(next);
	return 0;
}

/* next.pem, when it is of type t and not used up. */
static int read_next(const char *conf_dir, const char *name, enum key_type t,
		     struct key **out, struct err *e)
{
	AUTO(key) struct key *next = NULL;

	if (store_peek_next(conf_dir, name, &next, e))
		return -1;
	if (fits(next, t))
		*out = TAKE(next);
	return 0;
}

/* The key an order begins with. */
static int choose(const char *conf_dir, const char *name, enum key_type t,
		  bool reuse, struct key **out, struct err *e)
{
	AUTO(key) struct key *live = NULL;

	if (reuse && read_live(conf_dir, name, &live, e))
		return -1;
	if (fits(live, t)) {
		*out = TAKE(live);
		return 0;
	}
	if (read_next(conf_dir, name, t, out, e))
		return -1;
	return *out ? 0 : key_make(t, out, e);
}

int store_pending_key(const char *conf_dir, const char *name, enum key_type t,
		      bool reuse, struct key **out, struct err *e)
{
	AUTO(key) struct key *pending = NULL, *chosen = NULL;
	AUTO(mem) struct mem m = { 0 };
	const char *dir, *path;

	if (keys_dir(conf_dir, name, &m, &dir, e))
		return -1;
	path = mem_fmt(&m, "%s/pending.pem", dir);
	if (read_key(path, &pending, e))
		return -1;
	if (fits(pending, t)) {
		*out = TAKE(pending);
		return 0;
	}
	if (choose(conf_dir, name, t, reuse, &chosen, e) ||
	    write_key(path, chosen, e))
		return -1;
	*out = TAKE(chosen);
	return 0;
}

int store_next_key(const char *conf_dir, const char *name, enum key_type t,
		   struct key **out, struct err *e)
{
	AUTO(key) struct key *next = NULL;
	AUTO(mem) struct mem m = { 0 };
	const char *dir;

	if (keys_dir(conf_dir, name, &m, &dir, e) ||
	    read_next(conf_dir, name, t, &next, e))
		return -1;
	if (!next && (key_make(t, &next, e) ||
		      write_key(mem_fmt(&m, "%s/next.pem", dir), next, e)))
		return -1;
	*out = TAKE(next);
	return 0;
}
