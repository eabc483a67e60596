#include "acme/store.h"

#include <errno.h>

#include "acme/store_path.h"
#include "base/buf.h"

enum { KEY_FILE_MAX = 64 << 10, CHAIN_FILE_MAX = 256 << 10 };

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void add_name(struct mem *m, struct fs_names *out, const char *name)
{
	struct err ignored = { 0 };
	size_t i;

	if (store_name_check(name, &ignored))
		return;
	for (i = 0; i < out->n; i++)
		if (str_eq(str_of(out->at[i]), name))
			return;
	out->at = mem_more(m, out->at, &out->room, out->n, sizeof(*out->at));
	out->at[out->n++] = name;
}

/* Names of a folder that end in `suffix`, without it. */
static int add_names(const char *path, const char *suffix, struct mem *m,
		     struct fs_names *out, struct err *e)
{
	struct fs_names found = { 0 };
	size_t i;

	if (fs_list_maybe(path, m, &found, e))
		return -1;
	for (i = 0; i < found.n; i++) {
		struct str name = str_of(found.at[i]);

		if (str_ends(name, suffix))
			add_name(m, out,
				 mem_dup(m, name.at, name.n - strlen(suffix)));
	}
	return 0;
}

int store_names(const char *conf_dir, struct mem *m, struct fs_names *out,
		struct err *e)
{
	if (add_names(store_path(m, conf_dir, "state", "", ""), ".json", m, out,
		      e) ||
	    add_names(store_path(m, conf_dir, "live", "", ""), "", m, out, e))
		return -1;
	if (out->n)
		qsort(out->at, out->n, sizeof(*out->at), by_name);
	return 0;
}

int store_lock(const char *conf_dir, const char *name, int64_t wait_ms, int *fd,
	       struct err *e)
{
	AUTO(mem) struct mem m = { 0 };

	if (store_name_check(name, e) ||
	    fs_mkdir(store_path(&m, conf_dir, "locks", "", ""), 0700, e))
		return -1;
	return fs_lock(store_path(&m, conf_dir, "locks", name, ".lock"),
		       wait_ms, fd, e);
}

/* The folder live/NAME points to, by its own name: whoever reads two files
 * there gets two halves of one pair. */
static int resolve(const char *conf_dir, const char *name, struct mem *m,
		   const char **stamp, const char **dir, struct err *e)
{
	if (store_live_stamp(conf_dir, name, m, stamp, e))
		return -1;
	*dir = mem_fmt(m, "%s/%s", store_path(m, conf_dir, "archive", name, ""),
		       *stamp);
	if (fs_is_dir(*dir))
		return 0;
	return err_set(e, ERR_MISSING,
		       "live/%s points to %s, which is gone: 'opsmail ssl %s' "
		       "gets a new certificate",
		       name, *dir, name);
}

int store_read_live(const char *conf_dir, const char *name, struct mem *m,
		    struct store_live *out, struct err *e)
{
	AUTO(buf) struct buf pem = { .max = CHAIN_FILE_MAX };
	const char *dir, *path;

	*out = (struct store_live){ 0 };
	if (resolve(conf_dir, name, m, &out->stamp, &dir, e))
		return -1;
	path = mem_fmt(m, "%s/fullchain.pem", dir);
	if (fs_read(path, &pem, e))
		return -1;
	out->fullchain.at = mem_dup(m, buf_c(&pem), pem.n);
	out->fullchain.n = pem.n;
	out->dir = store_path(m, conf_dir, "live", name, "");
	if (chain_read(out->fullchain, m, &out->chain, e))
		return err_at(e, "%s", path);
	return 0;
}

int store_live_key(const char *conf_dir, const char *name, struct key **out,
		   struct err *e)
{
	AUTO(secret) struct buf pem = { .max = KEY_FILE_MAX };
	AUTO(mem) struct mem m = { 0 };
	const char *stamp, *dir, *path;

	if (resolve(conf_dir, name, &m, &stamp, &dir, e))
		return -1;
	path = mem_fmt(&m, "%s/privkey.pem", dir);
	if (fs_read(path, &pem, e))
		return -1;
	if (key_read(buf_get(&pem), out, e))
		return err_at(e, "%s", path);
	return 0;
}
