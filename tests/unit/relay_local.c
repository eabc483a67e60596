#include "relay/local.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/fs.h"

#include "tests/unit/test.h"

static char dir[] = "/tmp/relay_local.XXXXXX";

static void put(const char *path, const char *text, mode_t mode)
{
	struct err e = { 0 };

	if (fs_write(path, str_of(text), mode, &e))
		fail_msg("%s", e.msg);
}

static int enter(void **state)
{
	struct err e = { 0 };

	(void)state;
	memcpy(dir + sizeof(dir) - 7, "XXXXXX", 6);
	if (!mkdtemp(dir) || chdir(dir))
		return -1;
	return fs_mkdir("domains/a.example", 0755, &e) ||
	       fs_mkdir("domains/\xc3\xb1.example", 0755, &e) ||
	       fs_mkdir("hooks", 0755, &e);
}

static int leave(void **state)
{
	struct err e = { 0 };

	(void)state;
	return chdir("/") || fs_remove_tree(dir, &e);
}

static void read_here(struct local *l)
{
	struct chasquid c;
	struct err e = { 0 };

	assert_int_equal(chasquid_parse(str_of(""), "f", str_of(""), &c, &e),
			 0);
	if (local_read(".", &c, l, &e))
		fail_msg("%s", e.msg);
	chasquid_free(&c);
}

static enum alias_step resolve(struct local *l, const char *local,
			       const char *domain, struct alias_asks *asks,
			       const char **text, struct err *e)
{
	struct alias_targets to;
	enum alias_step s;

	while ((s = alias_resolve(&l->world, local, domain, asks, &l->mem, &to,
				  e)) == ALIAS_ASKS)
		if (local_hook(l, asks, e))
			return ALIAS_FAILED;
	*text = "";
	for (size_t i = 0; i < to.n; i++)
		*text = mem_fmt(&l->mem, "%s%s%s", *text, i ? ", " : "",
				alias_target_text(&l->mem, &to.at[i]));
	return s;
}

static void reads_all(void **state)
{
	struct local l;
	struct alias_asks asks = { 0 };
	struct err e = { 0 };
	const char *text;

	(void)state;
	put("domains/a.example/users", "users { key: 'joe' }", 0600);
	put("domains/a.example/aliases", "sales: joe, x@\xc3\xb1.example\n",
	    0600);
	put("domains/\xc3\xb1.example/aliases", "*: y@z\n", 0600);
	read_here(&l);
	assert_int_equal(l.n, 3);
	assert_string_equal(l.world.at[1].name, "localhost");
	assert_null(l.at[1].folder);
	assert_int_equal(resolve(&l, "sales", "a.example", &asks, &text, &e),
			 ALIAS_DONE);
	assert_string_equal(text, "joe@a.example, y@z");
	assert_int_equal(resolve(&l, "root", "localhost", &asks, &text, &e),
			 ALIAS_DONE);
	assert_string_equal(text, "root@localhost");
	mem_free(&asks.mem);
	local_free(&l);
}

static void refuses_broken_files(void **state)
{
	struct local l;
	struct chasquid c;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(chasquid_parse(str_of(""), "f", str_of(""), &c, &e),
			 0);
	put("domains/\xc3\xb1.example/aliases", "a: b\nbroken\n", 0600);
	assert_int_equal(local_read(".", &c, &l, &e), -1);
	assert_int_equal(e.kind, ERR_CONF);
	assert_non_null(strstr(e.msg, "/domains/\xc3\xb1.example/aliases:2: "
				      "missing ':'"));
	local_free(&l);
	put("domains/a.example/users", "users {", 0600);
	assert_int_equal(local_read(".", &c, &l, &e), -1);
	assert_non_null(strstr(e.msg, "/domains/a.example/users:1:8: "));
	local_free(&l);
	assert_int_equal(local_read("no", &c, &l, &e), -1);
	local_free(&l);
	chasquid_free(&c);
}

static void runs_the_hook(void **state)
{
	struct local l;
	struct alias_asks asks = { 0 };
	struct err e = { 0 };
	const char *text;

	(void)state;
	put("hooks/alias-resolve",
	    "#!/bin/sh\n"
	    "test -d domains || exit 3\n"
	    "case $1 in\n"
	    "vicu\xc3\xb1"
	    "a@\xc3\xb1.example) echo jose, juan@x.example ;;\n"
	    "bad@*) exit 7 ;;\n"
	    "worse@*) echo '|' ;;\n"
	    "esac\n",
	    0755);
	read_here(&l);
	assert_true(l.world.hook);
	assert_int_equal(resolve(&l,
				 "vicu\xc3\xb1"
				 "a",
				 "xn--ida.example", &asks, &text, &e),
			 ALIAS_DONE);
	assert_string_equal(text, "jose@\xc3\xb1.example, juan@x.example");
	assert_int_equal(resolve(&l, "bad", "a.example", &asks, &text, &e),
			 ALIAS_FAILED);
	assert_int_equal(e.kind, ERR_TEMP);
	assert_string_equal(e.msg, "hooks/alias-resolve bad@a.example: exit "
				   "status 7");
	mem_free(&asks.mem);
	asks = (struct alias_asks){ 0 };
	assert_int_equal(resolve(&l, "worse", "a.example", &asks, &text, &e),
			 ALIAS_FAILED);
	assert_int_equal(e.kind, ERR_TEMP);
	assert_int_equal(chmod("hooks/alias-resolve", 0777), 0);
	assert_int_equal(resolve(&l, "worse", "a.example", &asks, &text, &e),
			 ALIAS_FAILED);
	assert_int_equal(e.kind, ERR_CONF);
	mem_free(&asks.mem);
	local_free(&l);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(reads_all),
		TEST(refuses_broken_files),
		TEST(runs_the_hook),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
