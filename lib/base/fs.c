#include "base/fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/acl.h"
#include "base/auto.h"
#include "base/clock.h"
#include "base/rand.h"
#include "base/stop.h"

AUTO_DEFINE(dir, DIR, (void)closedir)

/* A name in an open folder. */
struct place {
	int dir;
	char name[NAME_MAX + 1];
};

static void auto_place(struct place *p)
{
	auto_fd(&p->dir);
}

static int sys(struct err *e, const char *path)
{
	bool missing = errno == ENOENT;

	err_sys(e, "%s", path);
	if (missing)
		e->kind = ERR_MISSING;
	return -1;
}

/* Splits path into its folder, opened, and its last name. */
static int find(const char *path, struct place *p, struct err *e)
{
	struct mem m = { 0 };
	size_t n = strlen(path);

	while (n > 1 && path[n - 1] == '/')
		n--;
	const char *slash = memrchr(path, '/', n);
	const char *name = slash ? slash + 1 : path;
	size_t name_n = n - (size_t)(name - path);

	if (!name_n || name_n > NAME_MAX)
		return err_set(e, ERR_SYS, "%s: not a file name", path);
	memcpy(p->name, name, name_n);
	p->name[name_n] = '\0';
	const char *folder = ".";

	if (slash)
		folder = slash == path ?
				 "/" :
				 mem_dup(&m, path, (size_t)(slash - path));
	p->dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	mem_free(&m);
	return p->dir < 0 ? sys(e, path) : 0;
}

static int write_all(int fd, struct str bytes)
{
	while (bytes.n) {
		ssize_t n = write(fd, bytes.at, bytes.n);

		if (n < 0 && errno != EINTR)
			return -1;
		if (n > 0) {
			bytes.at += n;
			bytes.n -= (size_t)n;
		}
	}
	return 0;
}

int fs_read(const char *path, struct buf *out, struct err *e)
{
	AUTO(fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	char at[16384];
	ssize_t n;

	if (fd < 0)
		return sys(e, path);
	while ((n = read(fd, at, sizeof(at))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(e, "%s", path);
		buf_add(out, at, (size_t)n);
		if (out->full)
			break;
	}
	mem_wipe(at, sizeof(at));
	if (out->full)
		return err_set(e, ERR_CONF,
			       "%s: larger than the %zu bytes allowed", path,
			       out->max ? out->max : BUF_MAX);
	return 0;
}

#define TEMP_FRONT ".opsmail-"
#define TEMP_END ".tmp"

/* No other writer uses it; ".tmp" lets a backup leave it out, the process
 * lets fs_sweep see who is dead. */
void fs_temp_name(char out[static FS_TEMP_NAME])
{
	(void)snprintf(out, FS_TEMP_NAME, TEMP_FRONT "%d-%016" PRIx64 TEMP_END,
		       (int)getpid(), rand_between(0, UINT64_MAX));
}

static bool is_orphan(const char *name)
{
	struct str s = str_of(name), process;
	uint64_t pid;

	if (!str_starts(s, TEMP_FRONT) || !str_ends(s, TEMP_END))
		return false;
	s.at += strlen(TEMP_FRONT);
	s.n -= strlen(TEMP_FRONT);
	return str_cut(&s, '-', &process) && !str_num(process, INT_MAX, &pid) &&
	       pid > 0 && kill((pid_t)pid, 0) && errno == ESRCH;
}

int fs_sweep(const char *path, struct err *e)
{
	AUTO(mem) struct mem m = { 0 };
	struct fs_names names = { 0 };

	if (fs_list_maybe(path, &m, &names, e))
		return -1;
	for (size_t i = 0; i < names.n; i++)
		if (is_orphan(names.at[i]) &&
		    fs_remove(mem_fmt(&m, "%s/%s", path, names.at[i]), e))
			return -1;
	return 0;
}

enum place_how {
	REPLACE,
	REWRITE, /* as REPLACE, but it stays whose it was */
	KEEP,
};

/* Who may do what with the new file. What root makes in another's folder is
 * that other's, or the program it is for could not read it. */
static int own(int fd, const struct place *p, const char *path, mode_t mode,
	       enum place_how how)
{
	struct stat st;

	if (how != REWRITE)
		return acl_mode(fd, mode);
	if (!fstatat(p->dir, p->name, &st, 0))
		return acl_like(path, fd);
	if (errno != ENOENT)
		return -1;
	if (geteuid() == 0 &&
	    (fstat(p->dir, &st) || fchown(fd, st.st_uid, st.st_gid)))
		return -1;
	return acl_mode(fd, mode);
}

/* Gives the temp file its name. File systems that cannot rename without
 * replacing have hard links instead. */
static int settle(const struct place *p, const char *temp, enum place_how how)
{
	if (how != KEEP)
		return renameat(p->dir, temp, p->dir, p->name);
	if (!renameat2(p->dir, temp, p->dir, p->name, RENAME_NOREPLACE))
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
	if (linkat(p->dir, temp, p->dir, p->name, 0))
		return -1;
	return unlinkat(p->dir, temp, 0);
}

static int put(const char *path, struct str bytes, mode_t mode,
	       enum place_how how, struct err *e)
{
	AUTO(place) struct place p = { .dir = -1 };
	char temp[FS_TEMP_NAME];

	if (find(path, &p, e))
		return -1;
	fs_temp_name(temp);
	AUTO(fd) int fd = openat(
		p.dir, temp,
		O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return err_sys(e, "%s", path);
	if (own(fd, &p, path, mode, how) || write_all(fd, bytes) || fsync(fd) ||
	    settle(&p, temp, how)) {
		int number = errno;

		unlinkat(p.dir, temp, 0);
		errno = number;
		return err_sys(e, "%s", path);
	}
	return fsync(p.dir) ? err_sys(e, "%s: its folder", path) : 0;
}

int fs_write(const char *path, struct str bytes, mode_t mode, struct err *e)
{
	return put(path, bytes, mode, REPLACE, e);
}

int fs_rewrite(const char *path, struct str bytes, mode_t mode, struct err *e)
{
	return put(path, bytes, mode, REWRITE, e);
}

int fs_write_new(const char *path, struct str bytes, mode_t mode, struct err *e)
{
	return put(path, bytes, mode, KEEP, e);
}

int fs_fill(const char *path, struct str bytes, mode_t mode, struct err *e)
{
	AUTO(fd) int fd =
		open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		     0600);

	if (fd < 0 || acl_mode(fd, mode) || write_all(fd, bytes))
		return err_sys(e, "%s", path);
	return 0;
}

int fs_sync(const char *path, struct err *e)
{
	AUTO(fd) int fd =
		open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	if (fd < 0 || fsync(fd))
		return err_sys(e, "%s", path);
	return 0;
}

/* Opens the file to append to, which may have to be made first. */
static int open_log(const struct place *p, mode_t mode)
{
	const int flags = O_RDWR | O_APPEND | O_NOFOLLOW | O_CLOEXEC |
			  O_NONBLOCK | O_NOCTTY;
	int fd = openat(p->dir, p->name, flags | O_CREAT | O_EXCL, 0600);

	if (fd < 0)
		return errno == EEXIST ? openat(p->dir, p->name, flags) : -1;
	if (acl_mode(fd, mode) || fsync(p->dir)) {
		close(fd);
		return -1;
	}
	return fd;
}

/* After a crash in the middle of a write the file ends in a torn line. */
static bool is_torn(int fd, off_t size)
{
	char last = '\n';

	return size > 0 && pread(fd, &last, 1, size - 1) == 1 && last != '\n';
}

int fs_append(const char *path, struct str line, mode_t mode, struct err *e)
{
	AUTO(place) struct place p = { .dir = -1 };
	AUTO(buf) struct buf whole = { .max = line.n + 2 };
	struct stat st;

	if (find(path, &p, e))
		return -1;
	AUTO(fd) int fd = open_log(&p, mode);

	if (fd < 0 || fstat(fd, &st))
		return err_sys(e, "%s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, ERR_SYS, "%s: not a regular file", path);
	if (is_torn(fd, st.st_size))
		buf_char(&whole, '\n');
	buf_view(&whole, line);
	buf_char(&whole, '\n');
	if (!write_all(fd, buf_get(&whole)) && !fdatasync(fd))
		return 0;
	err_sys(e, "%s", path);
	if (ftruncate(fd, st.st_size))
		return err_at(e, "a torn line stays at the end");
	return -1;
}

int fs_point(const char *path, const char *target, struct err *e)
{
	AUTO(place) struct place p = { .dir = -1 };
	char temp[FS_TEMP_NAME];

	if (find(path, &p, e))
		return -1;
	fs_temp_name(temp);
	if (symlinkat(target, p.dir, temp))
		return err_sys(e, "%s", path);
	if (renameat(p.dir, temp, p.dir, p.name)) {
		int number = errno;

		unlinkat(p.dir, temp, 0);
		errno = number;
		return err_sys(e, "%s", path);
	}
	return fsync(p.dir) ? err_sys(e, "%s: its folder", path) : 0;
}

static int make_dir(const char *path, mode_t mode, struct err *e)
{
	AUTO(place) struct place p = { .dir = -1 };

	if (find(path, &p, e))
		return -1;
	if (mkdirat(p.dir, p.name, 0700)) {
		if (errno == EEXIST && fs_is_dir(path))
			return 0;
		return err_sys(e, "%s", path);
	}
	AUTO(fd) int fd = openat(
		p.dir, p.name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 || acl_mode(fd, mode) || fsync(fd) || fsync(p.dir))
		return err_sys(e, "%s", path);
	return 0;
}

int fs_mkdir(const char *path, mode_t mode, struct err *e)
{
	struct mem m = { 0 };
	char *part = mem_str(&m, path);
	int bad = 0;

	for (char *at = part + 1; *part && *at && !bad; at++) {
		if (*at != '/')
			continue;
		*at = '\0';
		if (!fs_is_dir(part))
			bad = make_dir(part, mode, e);
		*at = '/';
	}
	if (!bad && !fs_is_dir(path))
		bad = make_dir(path, mode, e);
	mem_free(&m);
	return bad;
}

int fs_remove(const char *path, struct err *e)
{
	AUTO(place) struct place p = { .dir = -1 };

	if (find(path, &p, e))
		return e->kind == ERR_MISSING ? 0 : -1;
	if (unlinkat(p.dir, p.name, 0))
		return errno == ENOENT ? 0 : err_sys(e, "%s", path);
	return fsync(p.dir) ? err_sys(e, "%s: its folder", path) : 0;
}

static int empty(int fd);

static int remove_at(int dir, const char *name)
{
	if (!unlinkat(dir, name, 0) || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return -1;
	int fd = openat(dir, name,
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 || empty(fd))
		return -1;
	return unlinkat(dir, name, AT_REMOVEDIR) && errno != ENOENT ? -1 : 0;
}

/* Takes fd. */
static int empty(int fd)
{
	AUTO(dir) DIR *d = fdopendir(fd);
	const struct dirent *entry;

	if (!d) {
		close(fd);
		return -1;
	}
	while ((entry = readdir(d))) {
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		if (remove_at(dirfd(d), entry->d_name))
			return -1;
	}
	return 0;
}

int fs_remove_tree(const char *path, struct err *e)
{
	AUTO(place) struct place p = { .dir = -1 };

	if (find(path, &p, e))
		return e->kind == ERR_MISSING ? 0 : -1;
	if (remove_at(p.dir, p.name))
		return err_sys(e, "%s", path);
	return fsync(p.dir) ? err_sys(e, "%s: its folder", path) : 0;
}

bool fs_exists(const char *path)
{
	struct stat st;

	return !lstat(path, &st);
}

bool fs_is_dir(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int fs_list(const char *path, struct mem *m, struct fs_names *out,
	    struct err *e)
{
	AUTO(dir) DIR *d = opendir(path);
	const struct dirent *entry;

	if (!d)
		return sys(e, path);
	while ((entry = readdir(d))) {
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		out->at = mem_more(m, out->at, &out->room, out->n,
				   sizeof(*out->at));
		out->at[out->n++] = mem_str(m, entry->d_name);
	}
	if (out->n)
		qsort(out->at, out->n, sizeof(*out->at), by_name);
	return 0;
}

int fs_list_maybe(const char *path, struct mem *m, struct fs_names *out,
		  struct err *e)
{
	struct err why = { 0 };

	if (!fs_list(path, m, out, &why) || why.kind == ERR_MISSING)
		return 0;
	*e = why;
	return -1;
}

/* Writes our pid for whoever waits. */
static void sign(int fd)
{
	char text[32];
	int n = snprintf(text, sizeof(text), "%ld\n", (long)getpid());

	if (ftruncate(fd, 0) == 0 && pwrite(fd, text, (size_t)n, 0) < 0)
		return; /* it only helps people */
}

static int held(int fd, const char *path, struct err *e)
{
	char text[32] = { 0 };
	uint64_t pid;
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	if (n > 0 && !str_num(str_trim((struct str){ text, (size_t)n }),
			      INT32_MAX, &pid))
		return err_set(e, ERR_TEMP,
			       "%s: process %" PRIu64 " is at work on it", path,
			       pid);
	return err_set(e, ERR_TEMP, "%s: another process is at work on it",
		       path);
}

static int wait_for(int fd, const char *path, int64_t wait_ms, struct err *e)
{
	int64_t until = clock_ms() + wait_ms;

	while (flock(fd, LOCK_EX | LOCK_NB)) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return err_sys(e, "%s", path);
		if (stop_asked())
			return err_set(e, ERR_STOPPED, "stopped");
		if (clock_ms() >= until)
			return held(fd, path, e);
		clock_sleep_ms(50);
	}
	return 0;
}

int fs_lock(const char *path, int64_t wait_ms, int *fd, struct err *e)
{
	AUTO(fd) int file =
		open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY,
		     0600);

	if (file < 0)
		return sys(e, path);
	if (wait_for(file, path, wait_ms, e))
		return -1;
	sign(file);
	*fd = FD_TAKE(file);
	return 0;
}

int fs_lock_folder(const char *path, int64_t wait_ms, int *fd, struct err *e)
{
	AUTO(fd) int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (folder < 0)
		return sys(e, path);
	if (wait_for(folder, path, wait_ms, e))
		return -1;
	*fd = FD_TAKE(folder);
	return 0;
}
