#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/clock.h"
#include "tests/unit/test.h"

/* Every test has a folder of its own and stands in it. */
static int enter(void **state)
{
	static char dir[64];

	(void)snprintf(dir, sizeof(dir), "/tmp/opsmail-fs.XXXXXX");
	*state = dir;
	umask(022);
	return mkdtemp(dir) && !chdir(dir) ? 0 : -1;
}

static int leave(void **state)
{
	struct err e = { 0 };

	return chdir("/") || fs_remove_tree(*state, &e) ? -1 : 0;
}

static void holds(const char *path, const char *text)
{
	AUTO(buf) struct buf b = { 0 };
	struct err e = { 0 };

	assert_int_equal(fs_read(path, &b, &e), 0);
	assert_string_equal(buf_c(&b), text);
}

static mode_t mode_of(const char *path)
{
	struct stat st;

	return lstat(path, &st) ? 0 : st.st_mode & 07777;
}

/* The folder holds exactly these names (so no temp file either). */
static void lists(const char *path, const char *want)
{
	AUTO(mem) struct mem m = { 0 };
	AUTO(buf) struct buf b = { 0 };
	struct fs_names names = { 0 };
	struct err e = { 0 };

	assert_int_equal(fs_list(path, &m, &names, &e), 0);
	for (size_t i = 0; i < names.n; i++)
		buf_fmt(&b, "%s ", names.at[i]);
	assert_string_equal(buf_c(&b), want);
}

static void reads(void **state)
{
	AUTO(buf) struct buf small = { .max = 10 };
	AUTO(buf) struct buf b = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(fs_write("f", STR_LIT("a\0b\n"), 0600, &e), 0);
	assert_int_equal(fs_read("f", &b, &e), 0);
	assert_int_equal(fs_read("f", &b, &e), 0);
	assert_int_equal(b.n, 8);
	assert_memory_equal(b.at, "a\0b\na\0b\n", 8);
	assert_int_equal(fs_write("g", str_of("12345678901"), 0600, &e), 0);
	assert_int_equal(fs_read("g", &small, &e), -1);
	assert_int_equal(e.kind, ERR_CONF);
	assert_string_equal(e.msg, "g: larger than the 10 bytes allowed");
	buf_clear(&small);
	assert_int_equal(fs_write("g", str_of("1234567890"), 0600, &e), 0);
	assert_int_equal(fs_read("g", &small, &e), 0);
	assert_int_equal(fs_read("nothing", &b, &e), -1);
	assert_int_equal(e.kind, ERR_MISSING);
	assert_string_equal(e.msg, "nothing: No such file or directory");
	assert_int_equal(fs_read(".", &b, &e), -1);
	assert_int_equal(e.kind, ERR_SYS);
}

static void writes(void **state)
{
	struct err e = { 0 };

	(void)state;
	umask(077);
	assert_int_equal(fs_write("f", str_of("old"), 0644, &e), 0);
	assert_int_equal(mode_of("f"), 0644);
	assert_int_equal(fs_write("./f", str_of("new"), 0600, &e), 0);
	assert_int_equal(mode_of("f"), 0600);
	holds("f", "new");
	assert_int_equal(fs_write("empty", str_of(NULL), 0640, &e), 0);
	holds("empty", "");
	lists(".", "empty f ");
	assert_int_equal(fs_write("no/f", str_of("x"), 0600, &e), -1);
	assert_int_equal(e.kind, ERR_MISSING);
	assert_int_equal(fs_write("", str_of("x"), 0600, &e), -1);
	assert_int_equal(fs_write("/", str_of("x"), 0600, &e), -1);
}

static void replaces_links_and_spares_folders(void **state)
{
	struct err e = { 0 };

	(void)state;
	assert_int_equal(fs_write("other", str_of("theirs"), 0600, &e), 0);
	assert_int_equal(symlink("other", "link"), 0);
	assert_int_equal(fs_write("link", str_of("ours"), 0600, &e), 0);
	holds("other", "theirs");
	holds("link", "ours");
	assert_true((mode_of("link") & 0777) == 0600);
	assert_int_equal(mkdir("dir", 0700), 0);
	assert_int_equal(fs_write("dir", str_of("x"), 0600, &e), -1);
	assert_int_equal(e.kind, ERR_SYS);
	lists(".", "dir link other ");
}

static void writes_new(void **state)
{
	struct err e = { 0 };

	(void)state;
	assert_int_equal(fs_write_new("f", str_of("first"), 0600, &e), 0);
	assert_int_equal(fs_write_new("f", str_of("second"), 0600, &e), -1);
	assert_int_equal(e.kind, ERR_SYS);
	assert_string_equal(e.msg, "f: File exists");
	holds("f", "first");
	assert_int_equal(symlink("nowhere", "link"), 0);
	assert_int_equal(fs_write_new("link", str_of("x"), 0600, &e), -1);
	lists(".", "f link ");
}

static void appends(void **state)
{
	struct err e = { 0 };

	(void)state;
	umask(077);
	assert_int_equal(fs_append("f", str_of("one"), 0640, &e), 0);
	assert_int_equal(mode_of("f"), 0640);
	assert_int_equal(fs_append("f", str_of("two"), 0600, &e), 0);
	assert_int_equal(mode_of("f"), 0640);
	assert_int_equal(fs_append("f", str_of(""), 0600, &e), 0);
	holds("f", "one\ntwo\n\n");
	assert_int_equal(fs_write("torn", str_of("one\nhal"), 0600, &e), 0);
	assert_int_equal(fs_append("torn", str_of("two"), 0600, &e), 0);
	holds("torn", "one\nhal\ntwo\n");
	assert_int_equal(symlink("f", "link"), 0);
	assert_int_equal(fs_append("link", str_of("x"), 0600, &e), -1);
	assert_int_equal(mkfifo("pipe", 0600), 0);
	assert_int_equal(fs_append("pipe", str_of("x"), 0600, &e), -1);
	assert_int_equal(fs_append(".", str_of("x"), 0600, &e), -1);
	assert_int_equal(fs_append("no/f", str_of("x"), 0600, &e), -1);
}

static void points(void **state)
{
	struct err e = { 0 };
	char to[64] = { 0 };

	(void)state;
	assert_int_equal(fs_point("live", "archive/1", &e), 0);
	assert_int_equal(fs_point("live", "archive/2", &e), 0);
	assert_int_equal(readlink("live", to, sizeof(to) - 1), 9);
	assert_string_equal(to, "archive/2");
	assert_int_equal(mkdir("dir", 0700), 0);
	assert_int_equal(fs_point("dir", "x", &e), -1);
	lists(".", "dir live ");
}

static void makes_folders(void **state)
{
	struct err e = { 0 };

	(void)state;
	umask(077);
	assert_int_equal(fs_mkdir("a/b//c/", 0750, &e), 0);
	assert_int_equal(mode_of("a"), 0750);
	assert_int_equal(mode_of("a/b/c"), 0750);
	assert_int_equal(fs_mkdir("a/b/c", 0700, &e), 0);
	assert_int_equal(mode_of("a/b/c"), 0750);
	assert_int_equal(fs_write("a/f", str_of("x"), 0600, &e), 0);
	assert_int_equal(fs_mkdir("a/f", 0700, &e), -1);
	assert_int_equal(fs_mkdir("a/f/g", 0700, &e), -1);
	assert_int_equal(symlink("a/b", "way"), 0);
	assert_int_equal(fs_mkdir("way/d", 0700, &e), 0);
	lists("a/b", "c d ");
	assert_int_equal(fs_mkdir("", 0700, &e), -1);
	assert_int_equal(fs_mkdir("/", 0700, &e), 0);
	assert_true(fs_is_dir("way/d"));
}

static void removes(void **state)
{
	struct err e = { 0 };

	(void)state;
	assert_int_equal(fs_remove("nothing", &e), 0);
	assert_int_equal(fs_remove("no/thing", &e), 0);
	assert_int_equal(fs_remove_tree("nothing", &e), 0);
	assert_int_equal(fs_remove_tree("no/thing", &e), 0);
	assert_int_equal(fs_write("f", str_of("x"), 0600, &e), 0);
	assert_true(fs_exists("f"));
	assert_int_equal(fs_remove("f", &e), 0);
	assert_false(fs_exists("f"));
	assert_int_equal(fs_mkdir("keep", 0700, &e), 0);
	assert_int_equal(fs_write("keep/f", str_of("x"), 0600, &e), 0);
	assert_int_equal(fs_mkdir("tree/a/b", 0700, &e), 0);
	assert_int_equal(fs_write("tree/a/f", str_of("x"), 0400, &e), 0);
	assert_int_equal(symlink("../keep", "tree/a/out"), 0);
	assert_int_equal(symlink("nowhere", "tree/dangling"), 0);
	assert_true(fs_exists("tree/dangling"));
	assert_false(fs_is_dir("tree/dangling"));
	assert_int_equal(fs_remove("keep", &e), -1);
	assert_int_equal(fs_remove_tree("tree", &e), 0);
	assert_int_equal(symlink("keep", "link"), 0);
	assert_int_equal(fs_remove_tree("link", &e), 0);
	lists(".", "keep ");
	holds("keep/f", "x");
}

/* Litter is what a dead process made; a live one may be at work. */
static void sweeps_what_the_dead_left(void **state)
{
	char ours[FS_TEMP_NAME], dead[FS_TEMP_NAME];
	struct err e = { 0 };
	const pid_t pid = fork();

	(void)state;
	if (pid == 0)
		_exit(0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	(void)snprintf(dead, sizeof(dead), ".opsmail-%d-0.tmp", (int)pid);
	fs_temp_name(ours);
	assert_int_equal(fs_write(ours, STR_LIT("x"), 0600, &e), 0);
	assert_int_equal(fs_write(dead, STR_LIT("x"), 0600, &e), 0);
	assert_int_equal(fs_write(".opsmail-x.tmp", STR_LIT("x"), 0600, &e), 0);
	assert_int_equal(fs_write("plain", STR_LIT("x"), 0600, &e), 0);
	assert_int_equal(fs_sweep(".", &e), 0);
	assert_true(fs_exists(ours));
	assert_false(fs_exists(dead));
	assert_true(fs_exists(".opsmail-x.tmp"));
	assert_true(fs_exists("plain"));
	assert_int_equal(fs_sweep("absent", &e), 0);
}

static void lists_sorted(void **state)
{
	AUTO(mem) struct mem m = { 0 };
	struct fs_names names = { 0 };
	struct err e = { 0 };

	(void)state;
	lists(".", "");
	for (const char *s = "b\0.a\0B\0a\0aa\0"; *s; s += strlen(s) + 1)
		assert_int_equal(fs_write(s, str_of(NULL), 0600, &e), 0);
	lists(".", ".a B a aa b ");
	assert_int_equal(fs_list("nothing", &m, &names, &e), -1);
	assert_int_equal(e.kind, ERR_MISSING);
	assert_int_equal(fs_list("a", &m, &names, &e), -1);
	assert_int_equal(e.kind, ERR_SYS);
}

static void safe(const char *path)
{
	struct err e = { 0 };

	if (fs_check_safe(path, &e))
		fail_msg("%s: %s", path, e.msg);
}

static void unsafe(const char *path, const char *why)
{
	struct err e = { 0 };

	assert_int_equal(fs_check_safe(path, &e), -1);
	assert_int_equal(e.kind, ERR_CONF);
	if (!strstr(e.msg, why))
		fail_msg("%s: %s", path, e.msg);
}

static void knows_safe_modes(void **state)
{
	struct err e = { 0 };

	(void)state;
	assert_int_equal(fs_mkdir("a/b", 0755, &e), 0);
	assert_int_equal(fs_write("a/b/f", str_of(NULL), 0644, &e), 0);
	safe("a/b/f");
	safe("a/./b/../b//f");
	safe(*state);
	chmod("a/b/f", 0664);
	unsafe("a/b/f", "a/b/f has mode 0664");
	unsafe("a/b/f", "chmod go-w");
	chmod("a/b/f", 0646);
	unsafe("a/b/f", "0646");
	chmod("a/b/f", 0600);
	chmod("a/b", 0777);
	unsafe("a/b/f", "a/b has mode 0777");
	chmod("a/b", 01777);
	safe("a/b/f");
	unsafe("a/b", "1777");
	unsafe("a/b/", "1777");
	unsafe("a/b/.", "1777");
	chmod("a/b", 0755);
	chmod("a", 0775);
	unsafe("a/b/f", "/a has mode 0775");
	unsafe("a/b/../b/f", "/a has mode 0775");
	chmod("a", 0755);
	assert_int_equal(fs_check_safe("a/none", &e), -1);
	assert_int_equal(e.kind, ERR_MISSING);
}

static void knows_safe_links(void **state)
{
	struct err e = { 0 };

	(void)state;
	assert_int_equal(fs_mkdir("a/b", 0755, &e), 0);
	assert_int_equal(fs_mkdir("open", 0755, &e), 0);
	assert_int_equal(fs_write("a/b/f", str_of(NULL), 0600, &e), 0);
	assert_int_equal(symlink("a/b", "way"), 0);
	assert_int_equal(symlink("../a/b", "open/way"), 0);
	assert_int_equal(symlink("open/way/f", "far"), 0);
	assert_int_equal(symlink("loop", "loop"), 0);
	safe("way/f");
	safe("open/way/f");
	safe("far");
	chmod("open", 0777);
	unsafe("open/way/f", "/open has mode 0777");
	unsafe("far", "/open has mode 0777");
	chmod("open", 0755);
	chmod("a", 0777);
	unsafe("far", "/a has mode 0777");
	unsafe("loop", "symbolic links");
}

static void knows_safe_owners(void **state)
{
	struct err e = { 0 };

	(void)state;
	if (geteuid() != 0)
		skip();
	unsetenv("SUDO_UID");
	assert_int_equal(fs_write("f", str_of(NULL), 0600, &e), 0);
	assert_int_equal(symlink("f", "link"), 0);
	safe("link");
	assert_int_equal(chown("f", 65534, 0), 0);
	unsafe("f", "belongs to nobody");
	unsafe("link", "belongs to nobody");
	assert_int_equal(chown("f", 0, 65534), 0);
	assert_int_equal(lchown("link", 4242, 0), 0);
	unsafe("link", "belongs to uid 4242");
	safe("f");
	setenv("SUDO_UID", "4242", 1);
	safe("link");
	unsetenv("SUDO_UID");
}

/* As a program of another user reads it: who may is not changed. */
static void rewrites(void **state)
{
	struct err e = { 0 };
	struct stat st;

	(void)state;
	umask(077);
	assert_int_equal(fs_rewrite("f", str_of("new"), 0660, &e), 0);
	assert_int_equal(mode_of("f"), 0660);
	assert_int_equal(chmod("f", 0604), 0);
	assert_int_equal(fs_rewrite("f", str_of("again"), 0660, &e), 0);
	assert_int_equal(mode_of("f"), 0604);
	holds("f", "again");
	lists(".", "f ");
	if (geteuid())
		return;
	assert_int_equal(chown("f", 12, 34), 0);
	assert_int_equal(fs_rewrite("f", str_of("more"), 0660, &e), 0);
	assert_int_equal(stat("f", &st), 0);
	assert_true(st.st_uid == 12 && st.st_gid == 34);
	assert_int_equal(mkdir("dir", 0755), 0);
	assert_int_equal(chown("dir", 56, 78), 0);
	assert_int_equal(fs_rewrite("dir/f", str_of("x"), 0660, &e), 0);
	assert_int_equal(stat("dir/f", &st), 0);
	assert_true(st.st_uid == 56 && st.st_gid == 78);
}

static void locks_folders(void **state)
{
	struct err e = { 0 };
	int fd = -1, again = -1;

	(void)state;
	assert_int_equal(mkdir("dir", 0700), 0);
	assert_int_equal(fs_lock_folder("dir", 0, &fd, &e), 0);
	assert_int_equal(fs_lock_folder("dir", 0, &again, &e), -1);
	assert_string_equal(e.msg, "dir: another process is at work on it");
	close(fd);
	assert_int_equal(fs_lock_folder("dir", 0, &again, &e), 0);
	close(again);
	assert_int_equal(fs_lock_folder("no", 0, &again, &e), -1);
	assert_int_equal(e.kind, ERR_MISSING);
	lists("dir", "");
}

static void locks(void **state)
{
	struct err e = { 0 };
	int fd = -1, again = -1, pipes[2];
	char c;

	(void)state;
	assert_int_equal(fs_lock("lock", 0, &fd, &e), 0);
	assert_int_equal(mode_of("lock"), 0600);
	assert_int_equal(fs_lock("lock", 0, &again, &e), -1);
	assert_int_equal(e.kind, ERR_TEMP);
	assert_non_null(strstr(e.msg, "lock: process "));
	close(fd);
	assert_int_equal(pipe(pipes), 0);
	pid_t pid = fork();

	if (pid == 0) {
		if (fs_lock("lock", 0, &fd, &e) || write(pipes[1], "x", 1) != 1)
			_exit(1);
		pause();
	}
	assert_int_equal(read(pipes[0], &c, 1), 1);
	int64_t start = clock_ms();

	assert_int_equal(fs_lock("lock", 120, &again, &e), -1);
	assert_true(clock_ms() - start >= 120);
	char text[64];

	(void)snprintf(text, sizeof(text), "lock: process %d is at work on it",
		       (int)pid);
	assert_string_equal(e.msg, text);
	kill(pid, SIGKILL);
	assert_int_equal(fs_lock("lock", 5000, &again, &e), 0);
	waitpid(pid, NULL, 0);
	close(again);
	close(pipes[0]);
	close(pipes[1]);
	assert_int_equal(fs_lock("no/lock", 0, &again, &e), -1);
	assert_int_equal(symlink("f", "link"), 0);
	assert_int_equal(fs_lock("link", 0, &again, &e), -1);
}

/* In a child, so that the limit on file sizes dies with it: the write fails
 * in the middle. */
static void survives_a_failed_write(void **state)
{
	struct err e = { 0 };
	int status;

	(void)state;
	assert_int_equal(fs_write("f", str_of("old"), 0600, &e), 0);
	assert_int_equal(fs_append("log", str_of("one"), 0600, &e), 0);
	pid_t pid = fork();

	if (pid == 0) {
		struct rlimit limit = { 1000, 1000 };
		static char big[5000];

		memset(big, 'x', sizeof(big));
		(void)signal(SIGXFSZ, SIG_IGN);
		setrlimit(RLIMIT_FSIZE, &limit);
		_exit(!(fs_write("f", (struct str){ big, sizeof(big) }, 0600,
				 &e) &&
			fs_append("log", (struct str){ big, sizeof(big) }, 0600,
				  &e)));
	}
	waitpid(pid, &status, 0);
	assert_int_equal(status, 0);
	holds("f", "old");
	holds("log", "one\n");
	lists(".", "f log ");
}

/* A real full disk, in a mount of its own that only root can make. */
static void survives_a_full_disk(void **state)
{
	static char big[200000];
	struct err e = { 0 };

	(void)state;
	assert_int_equal(mkdir("small", 0700), 0);
	if (mount("tmpfs", "small", "tmpfs", 0, "size=64k"))
		skip(); /* not root */
	memset(big, 'x', sizeof(big));
	assert_int_equal(fs_write("small/f", str_of("old"), 0600, &e), 0);
	assert_int_equal(fs_append("small/log", str_of("one"), 0600, &e), 0);
	int rc =
		fs_write("small/f", (struct str){ big, sizeof(big) }, 0600, &e);
	int rc_log = fs_append("small/log", (struct str){ big, sizeof(big) },
			       0600, &e);

	holds("small/f", "old");
	holds("small/log", "one\n");
	lists("small", "f log ");
	assert_int_equal(umount("small"), 0);
	assert_int_equal(rc, -1);
	assert_int_equal(rc_log, -1);
	assert_string_equal(e.msg, "small/log: No space left on device");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(reads),
		TEST(writes),
		TEST(replaces_links_and_spares_folders),
		TEST(writes_new),
		TEST(appends),
		TEST(points),
		TEST(makes_folders),
		TEST(removes),
		TEST(sweeps_what_the_dead_left),
		TEST(lists_sorted),
		TEST(knows_safe_modes),
		TEST(knows_safe_links),
		TEST(knows_safe_owners),
		TEST(rewrites),
		TEST(locks),
		TEST(locks_folders),
		TEST(survives_a_failed_write),
		TEST(survives_a_full_disk),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
