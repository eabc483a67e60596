#include "base/acl.h"

#include <acl/libacl.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/fs.h"
#include "tests/unit/test.h"

static const char *const users[] = { "nobody", "no-such-user-here", "daemon" };

static int enter(void **state)
{
	static char dir[64];

	(void)snprintf(dir, sizeof(dir), "/tmp/opsmail-acl.XXXXXX");
	*state = dir;
	umask(077);
	return mkdtemp(dir) && !chdir(dir) ? 0 : -1;
}

static int leave(void **state)
{
	struct err e = { 0 };

	return chdir("/") || fs_remove_tree(*state, &e) ? -1 : 0;
}

/* As "u::rw-,u:daemon:r--,...", in the C library's order. */
static void is(const char *path, acl_type_t type, const char *want)
{
	acl_t a = acl_get_file(path, type);

	assert_non_null(a);
	char *text = acl_to_any_text(a, NULL, ',', TEXT_ABBREVIATE);

	assert_non_null(text);
	assert_string_equal(text, want);
	acl_free(text);
	acl_free(a);
}

static void lacks_acls(const char *path)
{
	acl_t a = acl_from_text("u::rw-,g::---,o::---,u:0:r--,m::r--");
	int rc = acl_set_file(path, ACL_TYPE_ACCESS, a);

	acl_free(a);
	if (rc)
		skip();
}

static void lets_readers_in(void **state)
{
	struct err e = { 0 };

	(void)state;
	assert_int_equal(fs_write("probe", str_of(NULL), 0600, &e), 0);
	lacks_acls("probe");
	assert_int_equal(fs_write("key", str_of("k"), 0600, &e), 0);
	assert_int_equal(acl_readers("key", users, 0, &e), 0);
	is("key", ACL_TYPE_ACCESS, "u::rw-,g::---,o::---");
	assert_int_equal(acl_readers("key", users, 3, &e), 0);
	is("key", ACL_TYPE_ACCESS,
	   "u::rw-,u:daemon:r--,u:nobody:r--,g::---,m::r--,o::---");
	assert_int_equal(acl_readers("key", users, 3, &e), 0);
	is("key", ACL_TYPE_ACCESS,
	   "u::rw-,u:daemon:r--,u:nobody:r--,g::---,m::r--,o::---");
	assert_int_equal(acl_readers("nothing", users, 3, &e), -1);
	assert_int_equal(acl_readers("key", users + 1, 1, &e), 0);
}

/* What is made later in the folder, by us or by others, can be read. */
static void lets_readers_in_later(void **state)
{
	struct err e = { 0 };

	(void)state;
	assert_int_equal(fs_mkdir("live", 0700, &e), 0);
	assert_int_equal(fs_write("probe", str_of(NULL), 0600, &e), 0);
	lacks_acls("probe");
	assert_int_equal(acl_readers("live", users, 1, &e), 0);
	is("live", ACL_TYPE_ACCESS, "u::rwx,u:nobody:r-x,g::---,m::r-x,o::---");
	is("live", ACL_TYPE_DEFAULT,
	   "u::rwx,u:nobody:r-x,g::---,m::r-x,o::---");
	assert_int_equal(fs_write("live/key", str_of("k"), 0600, &e), 0);
	is("live/key", ACL_TYPE_ACCESS,
	   "u::rw-,u:nobody:r-x,g::---,m::r--,o::---");
	assert_int_equal(fs_append("live/log", str_of("k"), 0640, &e), 0);
	is("live/log", ACL_TYPE_ACCESS,
	   "u::rw-,u:nobody:r-x,g::r--,m::r--,o::---");
	assert_int_equal(fs_mkdir("live/sub", 0700, &e), 0);
	is("live/sub", ACL_TYPE_ACCESS,
	   "u::rwx,u:nobody:r-x,g::---,m::r-x,o::---");
	assert_int_equal(fs_write("live/sub/key", str_of("k"), 0600, &e), 0);
	is("live/sub/key", ACL_TYPE_ACCESS,
	   "u::rw-,u:nobody:r-x,g::---,m::r--,o::---");
}

/* A folder that an administrator opened to a group does not open our keys. */
static void keeps_modes_in_foreign_folders(void **state)
{
	struct err e = { 0 };

	(void)state;
	assert_int_equal(fs_mkdir("dir", 0755, &e), 0);
	acl_t a = acl_from_text("u::rwx,g::rwx,u:0:rwx,m::rwx,o::rwx");
	int rc = acl_set_file("dir", ACL_TYPE_DEFAULT, a);

	acl_free(a);
	if (rc)
		skip();
	assert_int_equal(fs_write("dir/key", str_of("k"), 0600, &e), 0);
	is("dir/key", ACL_TYPE_ACCESS,
	   "u::rw-,u:root:rwx,g::---,m::r--,o::---");
}

/* Through a folder, but not into its list; nothing for who comes later. */
static void lets_readers_pass(void **state)
{
	struct err e = { 0 };

	(void)state;
	assert_int_equal(fs_write("probe", str_of(NULL), 0600, &e), 0);
	lacks_acls("probe");
	assert_int_equal(fs_mkdir("dir", 0700, &e), 0);
	assert_int_equal(fs_mkdir("open", 0711, &e), 0);
	assert_int_equal(acl_pass("dir", users, 0, &e), 0);
	is("dir", ACL_TYPE_ACCESS, "u::rwx,g::---,o::---");
	assert_int_equal(acl_pass("dir", users, 2, &e), 0);
	assert_int_equal(acl_pass("dir", users, 2, &e), 0);
	is("dir", ACL_TYPE_ACCESS, "u::rwx,u:nobody:--x,g::---,m::--x,o::---");
	is("dir", ACL_TYPE_DEFAULT, "");
	assert_int_equal(acl_pass("open", users, 2, &e), 0);
	is("open", ACL_TYPE_ACCESS, "u::rwx,g::--x,o::--x");
	assert_int_equal(acl_readers("dir", users, 1, &e), 0);
	is("dir", ACL_TYPE_ACCESS, "u::rwx,u:nobody:r-x,g::---,m::r-x,o::---");
	assert_int_equal(acl_pass("dir", users, 3, &e), 0);
	is("dir", ACL_TYPE_ACCESS,
	   "u::rwx,u:daemon:--x,u:nobody:r-x,g::---,m::r-x,o::---");
	assert_int_equal(acl_pass("nothing", users, 1, &e), -1);
}

static void drops_readers(void **state)
{
	struct err e = { 0 };

	(void)state;
	assert_int_equal(fs_write("f", str_of(NULL), 0600, &e), 0);
	lacks_acls("f");
	assert_int_equal(fs_mkdir("dir", 0700, &e), 0);
	assert_int_equal(acl_readers("dir", users, 3, &e), 0);
	assert_int_equal(acl_drop("dir", users, 0, &e), 0);
	assert_int_equal(acl_drop("dir", users, 2, &e), 0);
	is("dir", ACL_TYPE_ACCESS, "u::rwx,u:daemon:r-x,g::---,m::r-x,o::---");
	is("dir", ACL_TYPE_DEFAULT, "u::rwx,u:daemon:r-x,g::---,m::r-x,o::---");
	assert_int_equal(acl_drop("dir", users, 2, &e), 0);
	assert_int_equal(acl_readers("f", users, 1, &e), 0);
	assert_int_equal(acl_drop("f", users, 3, &e), 0);
	is("f", ACL_TYPE_ACCESS, "u::rw-,u:root:r--,g::---,m::r--,o::---");
	assert_int_equal(acl_drop("nothing", users, 1, &e), -1);
}

/* What a person gave the old file by hand the new one has too, but nothing
 * for everybody. */
static void keeps_what_was_given(void **state)
{
	struct err e = { 0 };
	struct stat st;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(fs_write("old", str_of(NULL), 0644, &e), 0);
	assert_int_equal(fs_write("new", str_of(NULL), 0600, &e), 0);
	lacks_acls("old");
	assert_int_equal(chmod("old", 0664), 0);
	assert_int_equal(chown("old", 0, 65534), 0);
	assert_int_equal(acl_keep("old", "new", &e), 0);
	assert_int_equal(stat("new", &st), 0);
	assert_int_equal(st.st_gid, 65534);
	is("new", ACL_TYPE_ACCESS, "u::rw-,u:root:r--,g::---,m::rw-,o::---");
	assert_int_equal(acl_keep("nothing", "new", &e), -1);
	assert_int_equal(acl_keep("old", "nothing", &e), -1);
}

static void sets_plain_modes(void **state)
{
	AUTO(fd) int fd = open("f", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	struct stat st;

	(void)state;
	assert_int_equal(acl_mode(fd, 0644), 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	assert_int_equal(acl_mode(-1, 0644), -1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lets_readers_in),
		TEST(lets_readers_in_later),
		TEST(keeps_modes_in_foreign_folders),
		TEST(lets_readers_pass),
		TEST(drops_readers),
		TEST(keeps_what_was_given),
		TEST(sets_plain_modes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
