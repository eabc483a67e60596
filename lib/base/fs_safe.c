/* fs_check_safe: who else could change what a path leads to. */
#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/fs.h"

#define LINKS_MAX 40

/* Under sudo the caller is the person who typed the command. */
static bool is_ours(uid_t uid)
{
	uint64_t caller;

	if (uid == 0 || uid == geteuid())
		return true;
	return geteuid() == 0 &&
	       !str_num(str_of(getenv("SUDO_UID")), UINT32_MAX, &caller) &&
	       caller == uid;
}

static const char *user_name(struct mem *m, uid_t uid)
{
	char text[4096];
	struct passwd pw, *found = NULL;

	if (getpwuid_r(uid, &pw, text, sizeof(text), &found) || !found)
		return mem_fmt(m, "uid %u", (unsigned)uid);
	return mem_str(m, pw.pw_name);
}

static int bad_owner(const char *path, uid_t uid, struct err *e)
{
	struct mem m = { 0 };

	err_set(e, ERR_CONF,
		"%s belongs to %s, who could change what is done here: chown "
		"it to %s",
		path, user_name(&m, uid), user_name(&m, geteuid()));
	mem_free(&m);
	return -1;
}

static int check_one(const char *path, const struct stat *st, bool last,
		     struct err *e)
{
	bool sticky = S_ISDIR(st->st_mode) && (st->st_mode & S_ISVTX) && !last;

	if (!is_ours(st->st_uid))
		return bad_owner(path, st->st_uid, e);
	if (S_ISLNK(st->st_mode) || !(st->st_mode & 022) || sticky)
		return 0;
	return err_set(e, ERR_CONF,
		       "%s has mode %04o, so others could change what is done "
		       "here: chmod go-w %s",
		       path, st->st_mode & 07777, path);
}

/* The walk: what is behind us, checked, and what is still to go. */
struct walk {
	struct mem mem;
	struct buf done;
	const char *rest;
	unsigned links;
};

static void auto_walk(struct walk *w)
{
	mem_free(&w->mem);
	buf_free(&w->done);
}

static void step_up(struct walk *w)
{
	const char *slash = strrchr(buf_c(&w->done), '/');

	buf_cut(&w->done, slash ? (size_t)(slash - w->done.at) : 0);
}

/* A symlink's target takes its place in front of what is still to go. */
static int follow(struct walk *w, const char *link, struct err *e)
{
	char target[PATH_MAX];
	ssize_t n = readlink(link, target, sizeof(target) - 1);

	if (n < 0)
		return err_sys(e, "%s", link);
	if (++w->links > LINKS_MAX)
		return err_set(e, ERR_CONF, "%s: too many symbolic links",
			       link);
	w->rest = mem_fmt(&w->mem, "%.*s/%s", (int)n, target, w->rest);
	if (target[0] == '/')
		buf_clear(&w->done);
	else
		step_up(w);
	return 0;
}

static int step(struct walk *w, struct str name, struct err *e)
{
	struct stat st;

	if (!name.n || str_eq(name, "."))
		return 0;
	if (str_eq(name, "..")) {
		step_up(w);
		return 0;
	}
	buf_fmt(&w->done, "/%.*s", STR_FMT(name));
	const char *path = buf_c(&w->done);

	if (lstat(path, &st))
		return errno == ENOENT ? err_set(e, ERR_MISSING, "%s: %s", path,
						 strerror(ENOENT)) :
					 err_sys(e, "%s", path);
	bool last = !w->rest[strspn(w->rest, "/.")];

	if (check_one(path, &st, last, e))
		return -1;
	return S_ISLNK(st.st_mode) ? follow(w, path, e) : 0;
}

int fs_check_safe(const char *path, struct err *e)
{
	AUTO(walk) struct walk w = { .rest = path, .done.max = PATH_MAX };
	char here[PATH_MAX];
	struct stat root;

	if (*path != '/') {
		if (!getcwd(here, sizeof(here)))
			return err_sys(e, "%s", path);
		w.rest = mem_fmt(&w.mem, "%s/%s", here, path);
	}
	if (stat("/", &root))
		return err_sys(e, "/");
	if (check_one("/", &root, false, e))
		return -1;
	while (*w.rest) {
		size_t n = strcspn(w.rest, "/");
		struct str name = { w.rest, n };

		w.rest += n + (w.rest[n] == '/');
		if (step(&w, name, e))
			return -1;
	}
	return w.done.full ? err_set(e, ERR_CONF, "%s: too long", path) : 0;
}
