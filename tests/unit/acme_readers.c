/* Who may read what, asked of the kernel by real users, and file systems that
 * refuse. Where we are not root there is nobody to become: skipped. */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "acme/store.h"
#include "base/acl.h"
#include "base/clock.h"
#include "certs.h"
#include "home.h"

#define NAME "example.org"
static const char *const names[] = { NAME };

struct fixture {
	struct home *home;
	struct conf conf;
	struct key *key;
	struct chain chain;
};

static void set_up(struct fixture *f, void **state)
{
	const time_t now = clock_now();
	struct test_leaf want = { NULL, names, 1, now - 60, now + 86400 };
	struct err e = { 0 };

	*f = (struct fixture){ .home = *state };
	f->conf.dir = home_path(f->home, "conf");
	assert_int_equal(fs_mkdir(f->conf.dir, 0700, &e), 0);
	assert_int_equal(chmod(f->home->dir, 0711), 0);
	assert_int_equal(key_make(KEY_P256, &f->key, &e), 0);
	want.key = f->key;
	assert_int_equal(chain_read(test_chain(&want, &f->home->mem),
				    &f->home->mem, &f->chain, &e),
			 0);
}

static void set_readers(struct fixture *f, const char **users, size_t n)
{
	f->conf.acme.readers = (struct conf_list){ users, n, n };
}

static int install(struct fixture *f, struct err *e)
{
	const char *stamp;

	return store_install(&f->conf, &f->conf.acme, NAME, f->key, &f->chain,
			     5, &f->home->mem, &stamp, e);
}

static int prepare(struct fixture *f, struct err *e)
{
	return store_prepare(&f->conf, &f->conf.acme, NAME, e);
}

static const char *at(struct fixture *f, const char *path)
{
	return mem_fmt(&f->home->mem, "%s/acme/%s", f->conf.dir, path);
}

#define KEY "live/" NAME "/privkey.pem"

/* 0 when that user can open the file, else the errno. */
static int try_as(const char *user, const char *path, int flags)
{
	const struct passwd *pw = getpwnam(user);
	int status = 0;
	pid_t pid;

	assert_non_null(pw);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		if (setgroups(0, NULL) || setgid(pw->pw_gid) ||
		    setuid(pw->pw_uid))
			_exit(255);
		_exit(open(path, flags, 0600) < 0 ? errno : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void only_readers_read_keys(void **state)
{
	struct fixture f;
	const char *users[] = { "mail", "www-data", "no-such-user" };
	struct err e = { 0 };

	if (geteuid() != 0)
		skip();
	set_up(&f, state);
	set_readers(&f, users, 3);
	for (int renewal = 0; renewal < 3; renewal++) {
		if (install(&f, &e))
			fail_msg("%s", e.msg);
		assert_int_equal(try_as("mail", at(&f, KEY), O_RDONLY), 0);
		assert_int_equal(try_as("www-data", at(&f, KEY), O_RDONLY), 0);
		assert_int_equal(try_as("nobody", at(&f, KEY), O_RDONLY),
				 EACCES);
		assert_int_equal(try_as("mail", at(&f, KEY), O_WRONLY), EACCES);
		assert_int_equal(try_as("mail",
					at(&f, "live/" NAME "/fullchain.pem"),
					O_RDONLY),
				 0);
		assert_int_equal(try_as("mail", at(&f, "live/" NAME "/new"),
					O_WRONLY | O_CREAT),
				 EACCES);
	}
	key_free(f.key);
}

static void nobody_reads_what_is_not_live_yet(void **state)
{
	struct fixture f;
	const char *users[] = { "mail" };
	struct key *pending = NULL;
	const struct store_state s = { 0 };
	struct err e = { 0 };

	if (geteuid() != 0)
		skip();
	set_up(&f, state);
	set_readers(&f, users, 1);
	assert_int_equal(prepare(&f, &e), 0);
	assert_int_equal(store_pending_key(f.conf.dir, NAME, KEY_P256, true,
					   &pending, &e),
			 0);
	assert_int_equal(store_state_write(f.conf.dir, NAME, &s, &e), 0);
	assert_int_equal(try_as("mail", at(&f, "keys/" NAME "/pending.pem"),
				O_RDONLY),
			 EACCES);
	assert_int_equal(try_as("mail", at(&f, "state/" NAME ".json"),
				O_RDONLY),
			 EACCES);
	assert_int_equal(try_as("mail", at(&f, "archive"), O_RDONLY), EACCES);
	key_free(pending);
	key_free(f.key);
}

static void later_files_are_readable_too(void **state)
{
	struct fixture f;
	const char *users[] = { "mail" }, *path;
	struct err e = { 0 };
	int fd;

	if (geteuid() != 0)
		skip();
	set_up(&f, state);
	set_readers(&f, users, 1);
	assert_int_equal(install(&f, &e), 0);
	path = at(&f, "live/" NAME "/combined.pem");
	fd = open(path, O_WRONLY | O_CREAT, 0640);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(try_as("mail", path, O_RDONLY), 0);
	assert_int_equal(try_as("nobody", path, O_RDONLY), EACCES);
	key_free(f.key);
}

static void readers_come_and_go(void **state)
{
	struct fixture f;
	const char *users[] = { "mail", "www-data" };
	struct err e = { 0 };

	if (geteuid() != 0)
		skip();
	set_up(&f, state);
	assert_int_equal(install(&f, &e), 0);
	assert_int_equal(try_as("mail", at(&f, KEY), O_RDONLY), EACCES);
	set_readers(&f, users, 2);
	assert_int_equal(prepare(&f, &e), 0);
	assert_int_equal(try_as("mail", at(&f, KEY), O_RDONLY), 0);
	assert_int_equal(try_as("www-data", at(&f, KEY), O_RDONLY), 0);
	set_readers(&f, users, 1);
	assert_int_equal(prepare(&f, &e), 0);
	assert_int_equal(try_as("mail", at(&f, KEY), O_RDONLY), 0);
	assert_int_equal(try_as("www-data", at(&f, KEY), O_RDONLY), EACCES);
	assert_int_equal(install(&f, &e), 0);
	assert_int_equal(try_as("mail", at(&f, KEY), O_RDONLY), 0);
	assert_int_equal(try_as("www-data", at(&f, KEY), O_RDONLY), EACCES);
	set_readers(&f, NULL, 0);
	assert_int_equal(prepare(&f, &e), 0);
	assert_int_equal(try_as("mail", at(&f, KEY), O_RDONLY), EACCES);
	assert_false(fs_exists(at(&f, "state/" NAME ".readers")));
	key_free(f.key);
}

/* Owner, group, mode and ACL that somebody gave a key by hand stay, but never
 * rights for everybody. */
static void what_an_administrator_gave_stays(void **state)
{
	struct fixture f;
	const char *by_hand[] = { "www-data" }, *users[] = { "mail" };
	struct stat st;
	struct err e = { 0 };

	if (geteuid() != 0)
		skip();
	set_up(&f, state);
	assert_int_equal(install(&f, &e), 0);
	assert_int_equal(acl_readers(at(&f, KEY), by_hand, 1, &e), 0);
	assert_int_equal(chown(at(&f, KEY), 0, 8), 0);
	assert_int_equal(chmod(at(&f, KEY), 0644), 0);
	set_readers(&f, users, 1);
	assert_int_equal(install(&f, &e), 0);
	assert_int_equal(stat(at(&f, KEY), &st), 0);
	assert_int_equal(st.st_gid, 8);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(try_as("mail", at(&f, KEY), O_RDONLY), 0);
	/* the way to the key opened to him by hand as well, he reads it */
	assert_int_equal(acl_pass(f.conf.dir, by_hand, 1, &e), 0);
	assert_int_equal(acl_pass(at(&f, ""), by_hand, 1, &e), 0);
	assert_int_equal(acl_pass(at(&f, "live"), by_hand, 1, &e), 0);
	assert_int_equal(acl_pass(at(&f, "archive"), by_hand, 1, &e), 0);
	assert_int_equal(acl_pass(at(&f, "archive/" NAME), by_hand, 1, &e), 0);
	assert_int_equal(acl_pass(at(&f, "live/" NAME), by_hand, 1, &e), 0);
	assert_int_equal(try_as("www-data", at(&f, KEY), O_RDONLY), 0);
	key_free(f.key);
}

/* In a child with mounts of its own; its status is the verdict. */
static void in_a_mount(struct fixture *f, const char *type, const char *options,
		       int (*what)(struct fixture *f))
{
	int status = 0;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (!pid) {
		if (unshare(CLONE_NEWNS) ||
		    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
		    mount("none", f->conf.dir, type, 0, options))
			_exit(77);
		_exit(what(f));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77) {
		key_free(f->key);
		skip();
	}
	assert_int_equal(WEXITSTATUS(status), 0);
}

static bool says(const struct err *e, const char *text)
{
	if (e->kind == ERR_SYS && str_find(str_of(e->msg), text))
		return true;
	print_message("%s\n", e->msg);
	return false;
}

static int fill_disk(struct fixture *f)
{
	AUTO(fd) int fd = open(at(f, "filler"), O_WRONLY | O_CREAT, 0600);
	char page[4096] = { 1 };

	while (write(fd, page, sizeof(page)) > 0)
		continue;
	return errno == ENOSPC ? 0 : -1;
}

static int full_is_found_early(struct fixture *f)
{
	struct err e = { 0 };

	if (prepare(f, &e) || install(f, &e) || fill_disk(f))
		return 1;
	if (!prepare(f, &e) || !says(&e, "No space left") ||
	    !says(&e, "make room"))
		return 2;
	return 0;
}

static void a_full_disk_is_found_before_the_order(void **state)
{
	struct fixture f;

	if (geteuid() != 0)
		skip();
	set_up(&f, state);
	in_a_mount(&f, "tmpfs", "size=1m", full_is_found_early);
	key_free(f.key);
}

static size_t stamps(struct fixture *f)
{
	struct fs_names all = { 0 };
	struct err e = { 0 };

	return fs_list(at(f, "archive/" NAME), &f->home->mem, &all, &e) ? 0 :
									  all.n;
}

/* Room for the probe, which is given back, but for fewer inodes than a pair
 * needs: install fails half-way. */
static int half_way(struct fixture *f)
{
	AUTO(mem) struct mem m = { 0 };
	struct store_live before, after;
	struct err e = { 0 };

	if (install(f, &e) ||
	    store_read_live(f->conf.dir, NAME, &m, &before, &e))
		return 1;
	for (int i = 0; i < 1000; i++) {
		const char *path = mem_fmt(&m, "%s/filler%d", f->conf.dir, i);
		int fd = open(path, O_WRONLY | O_CREAT, 0600);

		if (fd < 0 &&
		    (errno != ENOSPC ||
		     unlink(mem_fmt(&m, "%s/filler%d", f->conf.dir, i - 1)) ||
		     unlink(mem_fmt(&m, "%s/filler%d", f->conf.dir, i - 2)) ||
		     unlink(mem_fmt(&m, "%s/filler%d", f->conf.dir, i - 3))))
			return 2;
		if (fd < 0)
			break;
		close(fd);
	}
	if (!install(f, &e) || !says(&e, "No space left"))
		return 3;
	if (store_read_live(f->conf.dir, NAME, &m, &after, &e) ||
	    !str_eq(str_of(before.stamp), after.stamp))
		return 4;
	return stamps(f) == 1 ? 0 : 5;
}

static void an_install_that_fails_half_way_leaves_the_old_pair(void **state)
{
	struct fixture f;

	if (geteuid() != 0)
		skip();
	set_up(&f, state);
	in_a_mount(&f, "tmpfs", "size=4m,nr_inodes=64", half_way);
	key_free(f.key);
}

static int read_only_is_named(struct fixture *f)
{
	struct err e = { 0 };

	if (prepare(f, &e) ||
	    mount("none", f->conf.dir, NULL, MS_REMOUNT | MS_RDONLY, NULL))
		return 1;
	if (!prepare(f, &e) || !says(&e, "Read-only") ||
	    !says(&e, "mount it for writing"))
		return 2;
	return 0;
}

static void a_read_only_disk_is_found_before_the_order(void **state)
{
	struct fixture f;

	if (geteuid() != 0)
		skip();
	set_up(&f, state);
	in_a_mount(&f, "tmpfs", "size=1m", read_only_is_named);
	key_free(f.key);
}

static int no_acls(struct fixture *f)
{
	const char *users[] = { "mail" };
	struct err e = { 0 };

	if (install(f, &e) || install(f, &e)) {
		print_message("%s\n", e.msg);
		return 1;
	}
	if (home_mode(at(f, KEY)) != 0600)
		return 2;
	set_readers(f, users, 1);
	if (!prepare(f, &e) || !says(&e, "ACL"))
		return 3;
	return 0;
}

static void no_acls_matter_only_to_readers(void **state)
{
	struct fixture f;

	if (geteuid() != 0)
		skip();
	set_up(&f, state);
	in_a_mount(&f, "ramfs", "mode=0700", no_acls);
	key_free(f.key);
}

static void a_foreign_folder_is_found_before_the_order(void **state)
{
	struct fixture f;
	struct err e = { 0 };
	int status = 0;
	pid_t pid;

	if (geteuid() != 0)
		skip();
	set_up(&f, state);
	assert_int_equal(prepare(&f, &e), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		if (chmod(f.conf.dir, 0755) || chmod(at(&f, ""), 0755) ||
		    chmod(at(&f, "live"), 0755) || setuid(8))
			_exit(1);
		_exit(prepare(&f, &e) && says(&e, "run as its owner") ? 0 : 2);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	key_free(f.key);
}

#define HOME(f) cmocka_unit_test_setup_teardown(f, home_make, home_drop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOME(only_readers_read_keys),
		HOME(nobody_reads_what_is_not_live_yet),
		HOME(later_files_are_readable_too),
		HOME(readers_come_and_go),
		HOME(what_an_administrator_gave_stays),
		HOME(a_full_disk_is_found_before_the_order),
		HOME(an_install_that_fails_half_way_leaves_the_old_pair),
		HOME(a_read_only_disk_is_found_before_the_order),
		HOME(no_acls_matter_only_to_readers),
		HOME(a_foreign_folder_is_found_before_the_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
