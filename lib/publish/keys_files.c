#include "publish/keys_files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/acl.h"
#include "base/fs.h"
#include "base/idn.h"
#include "mail/dkim.h"

enum { FILE_MAX = 32768, SELECTOR_MAX = 63 };

/* The mail server's folder of the domain may bear its Unicode name. */
static const char *live_folder(const struct keys *k, struct mem *m)
{
	const char *domains = mem_fmt(m, "%s/chasquid/domains", k->conf->dir);
	const char *path = mem_fmt(m, "%s/%s", domains, k->domain);
	const char *shown =
		mem_fmt(m, "%s/%s", domains, idn_shown(m, k->domain));

	return !fs_is_dir(path) && fs_is_dir(shown) ? shown : path;
}

const char *keys_files_folder(const struct keys *k, enum keys_place p,
			      struct mem *m)
{
	if (p == KEYS_LIVE)
		return live_folder(k, m);
	return mem_fmt(m, "%s/dkim/%s/%s", k->conf->dir, k->domain,
		       p == KEYS_PENDING ? "pending" : "retired");
}

const char *keys_files_path(const struct keys *k, enum keys_place p,
			    const char *selector, struct mem *m)
{
	return mem_fmt(m, "%s/%s%s.pem", keys_files_folder(k, p, m),
		       p == KEYS_LIVE ? "dkim:" : "", selector);
}

bool keys_files_is_selector(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = str_lower(s.at[i]);

		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') &&
		    c != '-' && c != '_' && c != '.')
			return false;
	}
	return s.n && s.n <= SELECTOR_MAX && s.at[0] != '.' &&
	       s.at[s.n - 1] != '.' && !str_find(s, "..");
}

int keys_files_list(const struct keys *k, enum keys_place p, struct mem *m,
		    struct conf_list *out, struct err *e)
{
	const char *folder = keys_files_folder(k, p, m);
	const struct str front = str_of(p == KEYS_LIVE ? "dkim:" : "");
	const struct str end = STR_LIT(".pem");
	struct fs_names names = { 0 };

	if (fs_list_maybe(folder, m, &names, e))
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		struct str s = str_of(names.at[i]);

		if (!str_starts(s, front.at) || !str_ends(s, end.at) ||
		    s.n < front.n + end.n)
			continue;
		s = (struct str){ s.at + front.n, s.n - front.n - end.n };
		if (str_starts(s, ".opsmail-"))
			continue;
		if (!keys_files_is_selector(s))
			return err_set(e, ERR_CONF,
				       "%s/%s: \"%.*s\" can be no selector; "
				       "rename the file",
				       folder, names.at[i], STR_FMT(s));
		conf_list_add(out, m, mem_dup(m, s.at, s.n));
	}
	return 0;
}

/* Only files are read: a pipe would make us wait for ever. */
static int check_file(const char *path, struct stat *st, struct err *e)
{
	if (stat(path, st)) {
		int missing = errno == ENOENT;

		err_sys(e, "%s", path);
		e->kind = missing ? ERR_MISSING : ERR_SYS;
		return -1;
	}
	if (!S_ISREG(st->st_mode))
		return err_set(e, ERR_CONF, "%s is no file: move it away",
			       path);
	return 0;
}

static int read_pem(const char *path, struct buf *pem, struct err *e)
{
	struct stat st;

	return check_file(path, &st, e) || fs_read(path, pem, e) ? -1 : 0;
}

int keys_files_read(const char *path, struct dkimkey **out, struct err *e)
{
	AUTO(secret) struct buf pem = { .max = FILE_MAX };

	if (read_pem(path, &pem, e))
		return -1;
	if (dkimkey_read(buf_get(&pem), out, e)) {
		e->kind = ERR_CONF;
		return err_at(e, "%s", path);
	}
	return 0;
}

int keys_files_record(const char *path, struct mem *m, enum dkimkey_type *type,
		      const char **record, struct err *e)
{
	AUTO(dkimkey) struct dkimkey *key = NULL;
	AUTO(buf) struct buf text = { 0 };

	if (keys_files_read(path, &key, e) || dkim_record_write(key, &text, e))
		return -1;
	*type = dkimkey_kind(key);
	*record = mem_str(m, buf_c(&text));
	return 0;
}

bool keys_files_same(const char *record, struct str other)
{
	AUTO(mem) struct mem m = { 0 };
	struct dkim_record a, b;
	struct err e = { 0 };

	return !dkim_record_read(str_of(record), &m, &a, &e) &&
	       !dkim_record_read(other, &m, &b, &e) && a.key == b.key &&
	       str_same(a.p, b.p);
}

int keys_files_write(const struct keys *k, const char *selector,
		     const struct dkimkey *key, struct err *e)
{
	AUTO(mem) struct mem m = { 0 };
	AUTO(secret) struct buf pem = { .max = FILE_MAX };

	if (dkimkey_write(key, &pem, e) ||
	    fs_mkdir(keys_files_folder(k, KEYS_PENDING, &m), 0700, e))
		return -1;
	return fs_write_new(keys_files_path(k, KEYS_PENDING, selector, &m),
			    buf_get(&pem), 0600, e);
}

static const char *folder_of(const char *path, struct mem *m)
{
	return mem_dup(m, path, (size_t)(strrchr(path, '/') - path));
}

/* A file whose name leads here alone is overwritten first, under a name that
 * nobody takes for a key's and that a sweep removes. It may stand in a folder
 * of the mail server's: what it is, is looked at once it is open, and no link
 * is followed. */
static int shred(const char *path, struct err *e)
{
	AUTO(mem) struct mem m = { 0 };
	static const char zeros[FILE_MAX];
	char name[FS_TEMP_NAME];
	const char *temp;
	struct stat st;

	fs_temp_name(name);
	temp = mem_fmt(&m, "%s/%s", folder_of(path, &m), name);
	if (renameat(AT_FDCWD, path, AT_FDCWD, temp))
		return err_sys(e, "%s", path);
	AUTO(fd) int fd = open(temp, O_WRONLY | O_NOFOLLOW | O_NONBLOCK |
					     O_CLOEXEC | O_NOCTTY);

	if (fd >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode) &&
	    st.st_nlink == 1 && st.st_size <= FILE_MAX &&
	    (pwrite(fd, zeros, (size_t)st.st_size, 0) != st.st_size ||
	     fsync(fd)))
		return err_sys(e, "%s", path);
	return fs_remove(temp, e);
}

/* Two files of one name: fine when they hold one key, then one of them goes. */
static int join(const char *from, const char *to, struct err *e)
{
	AUTO(mem) struct mem m = { 0 };
	enum dkimkey_type type;
	const char *a, *b;

	if (keys_files_record(from, &m, &type, &a, e) ||
	    keys_files_record(to, &m, &type, &b, e))
		return -1;
	if (!keys_files_same(a, str_of(b)))
		return err_set(e, ERR_CONF,
			       "%s and %s are different keys of one selector: "
			       "move one of them away",
			       from, to);
	return shred(from, e);
}

static int copy(const struct keys *k, enum keys_place p, const char *from,
		const char *to, struct err *e)
{
	AUTO(secret) struct buf pem = { .max = FILE_MAX };

	if (read_pem(from, &pem, e) || fs_write_new(to, buf_get(&pem), 0600, e))
		return -1;
	if (p == KEYS_LIVE && acl_readers(to, k->conf->acme.readers.at,
					  k->conf->acme.readers.n, e))
		return -1;
	return shred(from, e);
}

/* Where it comes to signing, who may read certificates may read it too: said
 * before it gets there, since that folder can be another's. */
static int change(const struct keys *k, enum keys_place p, const char *from,
		  const char *to, struct err *e)
{
	AUTO(mem) struct mem m = { 0 };
	struct stat st;

	if (lstat(from, &st))
		return err_sys(e, "%s", from);
	if (S_ISLNK(st.st_mode))
		return copy(k, p, from, to, e);
	if (p == KEYS_LIVE && acl_readers(from, k->conf->acme.readers.at,
					  k->conf->acme.readers.n, e))
		return -1;
	if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE))
		return errno == EXDEV || errno == EINVAL || errno == ENOSYS ?
			       copy(k, p, from, to, e) :
			       err_sys(e, "%s", to);
	return fs_sync(folder_of(to, &m), e) ||
			       fs_sync(folder_of(from, &m), e) ?
		       -1 :
		       0;
}

int keys_files_move(const struct keys *k, const char *selector,
		    enum keys_place to, struct err *e)
{
	AUTO(mem) struct mem m = { 0 };
	const char *there = keys_files_path(k, to, selector, &m);

	for (int p = 0; p < KEYS_PLACES; p++) {
		const char *from =
			keys_files_path(k, (enum keys_place)p, selector, &m);

		if (p == (int)to || !fs_exists(from))
			continue;
		if (fs_mkdir(keys_files_folder(k, to, &m), 0700, e))
			return -1;
		if (fs_exists(there) ? join(from, there, e) :
				       change(k, to, from, there, e))
			return -1;
	}
	return 0;
}

int keys_files_sweep(const struct keys *k, struct err *e)
{
	AUTO(mem) struct mem m = { 0 };

	for (int p = 0; p < KEYS_PLACES; p++)
		if (fs_sweep(keys_files_folder(k, (enum keys_place)p, &m), e))
			return -1;
	return fs_sweep(mem_fmt(&m, "%s/dkim/%s", k->conf->dir, k->domain), e);
}

int keys_files_shred(const struct keys *k, const struct rotate_key *x,
		     struct err *e)
{
	AUTO(mem) struct mem m = { 0 };

	for (int p = 0; p < KEYS_PLACES; p++) {
		const char *path =
			keys_files_path(k, (enum keys_place)p, x->selector, &m);
		enum dkimkey_type type;
		const char *record;

		if (!fs_exists(path))
			continue;
		if (keys_files_record(path, &m, &type, &record, e))
			return -1;
		if (keys_files_same(record, str_of(x->record)) &&
		    shred(path, e))
			return -1;
	}
	return 0;
}
