/* Folders, modes and readers. What an administrator changed is left alone:
 * folders get their mode when they are made, later only entries of ACLs are
 * added or taken away. */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>

#include "acme/store.h"
#include "acme/store_path.h"
#include "base/acl.h"

/* More than four PEM files and a state file take. */
enum { PROBE_BYTES = 128 << 10, READERS_MAX = 64 << 10 };

static int refused(const char *path, int why, struct err *e)
{
	const char *mend = why == ENOSPC || why == EDQUOT ? "make room there" :
			   why == EROFS ? "mount it for writing" :
					  "run as its owner or as root";

	return err_set(e, ERR_SYS,
		       "%s cannot be written: %s; %s and run again (nothing "
		       "was asked of the CA yet)",
		       path, strerror(why), mend);
}

static int may_write(const char *path, struct err *e)
{
	if (faccessat(AT_FDCWD, path, W_OK | X_OK, AT_EACCESS))
		return refused(path, errno, e);
	return 0;
}

/* A full disk shows only when blocks are asked for. */
static int probe_room(const char *dir, struct err *e)
{
	AUTO(mem) struct mem m = { 0 };
	char temp[FS_TEMP_NAME];

	fs_temp_name(temp);
	const char *path = mem_fmt(&m, "%s/%s", dir, temp);
	AUTO(fd) int fd =
		open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int why = fd < 0 ? errno : posix_fallocate(fd, 0, PROBE_BYTES);

	if (fd >= 0)
		(void)unlink(path);
	return why ? refused(dir, why, e) : 0;
}

static int make_folders(const char *conf_dir, const char *name, struct mem *m,
			struct err *e)
{
	static const char *const kinds[] = { "live", "state", "locks" };
	static const char *const of_name[] = { "archive", "keys" };
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		const char *path = store_path(m, conf_dir, kinds[i], "", "");

		if (fs_mkdir(path, 0700, e) || may_write(path, e))
			return -1;
	}
	for (i = 0; i < sizeof(of_name) / sizeof(of_name[0]); i++) {
		const char *path =
			store_path(m, conf_dir, of_name[i], name, "");

		if (fs_mkdir(path, 0700, e) || may_write(path, e))
			return -1;
	}
	return probe_room(store_path(m, conf_dir, "archive", name, ""), e);
}

/* What readers must pass on their way to archive/NAME. */
static int let_pass(const char *conf_dir, const struct conf_list *readers,
		    struct mem *m, struct err *e)
{
	const char *const way[] = {
		conf_dir,
		mem_fmt(m, "%s/acme", conf_dir),
		store_path(m, conf_dir, "live", "", ""),
		store_path(m, conf_dir, "archive", "", ""),
	};
	size_t i;

	for (i = 0; i < sizeof(way) / sizeof(way[0]); i++)
		if (acl_pass(way[i], readers->at, readers->n, e))
			return -1;
	return 0;
}

typedef int change(const char *path, const char *const *users, size_t n,
		   struct err *e);

static int change_files(const char *dir, const struct conf_list *users,
			change *how, struct mem *m, struct err *e)
{
	struct fs_names files = { 0 };
	size_t i;

	if (fs_list(dir, m, &files, e))
		return -1;
	for (i = 0; i < files.n; i++)
		if (how(mem_fmt(m, "%s/%s", dir, files.at[i]), users->at,
			users->n, e))
			return -1;
	return 0;
}

/* archive/NAME, what is in it, and the files in that. */
static int change_all(const char *archive, const struct conf_list *users,
		      change *how, struct mem *m, struct err *e)
{
	struct fs_names stamps = { 0 };
	size_t i;

	if (!users->n)
		return 0;
	if (how(archive, users->at, users->n, e) ||
	    fs_list(archive, m, &stamps, e))
		return -1;
	for (i = 0; i < stamps.n; i++) {
		const char *dir = mem_fmt(m, "%s/%s", archive, stamps.at[i]);

		if (!store_is_stamp(str_of(stamps.at[i])))
			continue;
		if (how(dir, users->at, users->n, e) ||
		    change_files(dir, users, how, m, e))
			return -1;
	}
	return 0;
}

/* A user may come with a package that is installed later. */
static bool is_known(const char *user)
{
	struct passwd pw, *found = NULL;
	char text[4096];

	return !getpwnam_r(user, &pw, text, sizeof(text), &found) && found;
}

/* Readers we let in once and who are no readers any more. */
static void find_dropped(struct str before, const struct conf_list *readers,
			 struct mem *m, struct conf_list *out)
{
	struct str user;

	while (str_line(&before, &user)) {
		if (!user.n || conf_list_has(readers, user))
			continue;
		conf_list_add(out, m, mem_dup(m, user.at, user.n));
	}
}

/* state/NAME.readers remembers whom we let in, a line each. Folders that were
 * there before are gone through only when that list changes; new ones inherit. */
static int serve_readers(const char *conf_dir, const char *name,
			 const struct conf_list *readers, struct mem *m,
			 struct err *e)
{
	const char *archive = store_path(m, conf_dir, "archive", name, "");
	const char *path = store_path(m, conf_dir, "state", name, ".readers");
	AUTO(buf) struct buf before = { .max = READERS_MAX };
	AUTO(buf) struct buf after = { .max = READERS_MAX };
	struct conf_list dropped = { 0 };
	struct err why = { 0 };
	size_t i;

	if (fs_read(path, &before, &why) && why.kind != ERR_MISSING) {
		*e = why;
		return -1;
	}
	for (i = 0; i < readers->n; i++)
		if (is_known(readers->at[i]))
			buf_fmt(&after, "%s\n", readers->at[i]);
	if (let_pass(conf_dir, readers, m, e) ||
	    acl_readers(archive, readers->at, readers->n, e))
		return -1;
	if (str_same(buf_get(&before), buf_get(&after)))
		return 0;
	find_dropped(buf_get(&before), readers, m, &dropped);
	if (change_all(archive, readers, acl_readers, m, e) ||
	    change_all(archive, &dropped, acl_drop, m, e))
		return -1;
	return after.n ? fs_write(path, buf_get(&after), 0600, e) :
			 fs_remove(path, e);
}

int store_prepare(const struct conf *c, const struct conf_acme *s,
		  const char *name, struct err *e)
{
	AUTO(mem) struct mem m = { 0 };

	if (store_name_check(name, e) || make_folders(c->dir, name, &m, e))
		return -1;
	return serve_readers(c->dir, name, &s->readers, &m, e);
}

int store_sweep(const char *conf_dir, struct err *e)
{
	AUTO(mem) struct mem m = { 0 };

	if (fs_sweep(store_path(&m, conf_dir, "live", "", ""), e) ||
	    fs_sweep(store_path(&m, conf_dir, "state", "", ""), e))
		return -1;
	return fs_sweep(mem_fmt(&m, "%s/reload", conf_dir), e);
}
