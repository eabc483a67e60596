#include "conf/users.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/fs.h"

#include "tests/unit/test.h"

/* As chasquid 1.19 wrote it for the password "secret", and a denied user. */
static const char by_chasquid[] =
	"users:  {\n"
	"  key:  \"alice\"\n"
	"  value:  {\n"
	"    scrypt:  {\n"
	"      logN:  14\n"
	"      r:  8\n"
	"      p:  1\n"
	"      keyLen:  32\n"
	"      salt:  \"\\xfac(\\xa6\\x17\\xb1R\\xf6\\xb6\\xe6\\xfco?\\xa8\\x97y\"\n"
	"      encrypted:  \"v\\x87n\313\235\\x0c\\xb9\325\200\\xe8\\xd8T\\x01\\xf4pKX>\\x92n\\x18\\x8dM9\\x062~)\\xd3\\xc7\\xf7\\xb3\"\n"
	"    }\n"
	"  }\n"
	"}\n"
	"users:  {\n"
	"  key:  \"zed\"\n"
	"  value:  {\n"
	"    denied:  {}\n"
	"  }\n"
	"}\n";

static bool logs_in(const struct users *u, const char *name,
		    const char *password)
{
	return users_check(users_find(u, str_of(name)), str_of(password));
}

static void reads_chasquids(void **state)
{
	struct users u;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(users_parse(str_of(by_chasquid), "f", &u, &e), 0);
	assert_int_equal(u.n, 2);
	assert_null(u.strange);
	assert_true(logs_in(&u, "alice", "secret"));
	assert_false(logs_in(&u, "alice", "Secret"));
	assert_false(logs_in(&u, "alice", ""));
	assert_false(logs_in(&u, "zed", ""));
	assert_false(logs_in(&u, "zed", "secret"));
	assert_false(logs_in(&u, "nobody", "secret"));
	assert_non_null(users_find(&u, STR_LIT("zed")));
	assert_null(users_find(&u, STR_LIT("ze")));
	assert_null(users_find(&u, STR_LIT("zedd")));
	assert_null(users_find(&u, STR_LIT("")));
	users_free(&u);
}

static void reads_every_form(void **state)
{
	static const struct {
		const char *text;
		size_t n;
		enum users_scheme scheme; /* of the first */
		const char *password;     /* it logs in with; NULL: none */
	} cases[] = {
		{ "", 0, USERS_NONE, NULL },
		{ "users < key: 'u' value: < plain: < password: 'p' >>>", 1,
		  USERS_PLAIN, "p" },
		{ "users { value { plain { password: \"\\x00\\377\" } } key: "
		  "\"u\" };",
		  1, USERS_PLAIN, NULL },
		{ "users: [{key:'u' value{denied{}}}, {key:'v'}]", 2,
		  USERS_DENIED, NULL },
		{ "users { key: 'u' }", 1, USERS_NONE, NULL },
		{ "users { key: 'u' value {} }", 1, USERS_NONE, NULL },
		{ "users { key: 'u' value { bcrypt { hash: 'x' } } }", 1,
		  USERS_NONE, NULL },
		{ "users{key:'u' value{denied{}}} users{key:'u' "
		  "value{plain{password:'q'}}}",
		  1, USERS_PLAIN, "q" },
		/* The hash is shorter than it says, and one that nobody made. */
		{ "users{key:'u' value{scrypt{logN:4 r:1 p:1 keyLen:32 "
		  "salt:'s' encrypted:'x'}}}",
		  1, USERS_NONE, NULL },
		{ "users{key:'u' value{scrypt{logN:4 r:1 p:1}}}", 1,
		  USERS_SCRYPT, NULL },
		{ "users{key:'u' value{scrypt{logN:63 r:8 p:1 keyLen:16 "
		  "salt:'s' encrypted:'0123456789abcdef'}}}",
		  1, USERS_SCRYPT, NULL },
		/* RFC 7914 12: p = "", salt = "", N = 16, r = 1, p = 1. */
		{ "users{key:'u' value{scrypt{logN:4 r:1 p:1 keyLen:16 "
		  "encrypted:'w\\xd6Wb8e{ ;\\x19\\xcaB\\xc1\\x8a\\x04\\x97'}}}",
		  1, USERS_SCRYPT, "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct users u;
		struct err e = { 0 };

		if (users_parse(str_of(cases[i].text), "f", &u, &e))
			fail_msg("%s: %s", cases[i].text, e.msg);
		assert_int_equal(u.n, cases[i].n);
		if (u.n) {
			assert_string_equal(u.at[0].name, "u");
			assert_int_equal(u.at[0].scheme, cases[i].scheme);
			assert_false(logs_in(&u, "u", "none"));
		}
		if (cases[i].password && !logs_in(&u, "u", cases[i].password))
			fail_msg("case %zu: no login", i);
		if (u.n && !cases[i].password)
			assert_false(logs_in(&u, "u", ""));
		users_free(&u);
	}
}

static void complains(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ "users: < invalid >", "f:1:18: '>' stands where ':'" },
		{ "users { key: 5 }", "f:1:9: key must be text" },
		{ "users: 'x'", "f:1:1: users must be fields" },
		{ "users { key: 'a'\nkey: 'b' }", "f:2:1: key stands here" },
		{ "users { key: 'a\\x00b' }", "f:1:1: the name of a user" },
		{ "users{key:'u' value{denied{} plain{}}}",
		  "f:1:30: plain stands here beside denied" },
		{ "users{key:'u' value{scrypt{logN:-1}}}", "f:1:28: logN" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct users u;
		struct err e = { 0 };

		assert_int_equal(
			users_parse(str_of(cases[i].text), "f", &u, &e), -1);
		assert_int_equal(e.kind, ERR_CONF);
		if (!strstr(e.msg, cases[i].says))
			fail_msg("\"%s\" lacks \"%s\"", e.msg, cases[i].says);
		users_free(&u);
	}
}

static void names_strangers(void **state)
{
	struct users u;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(users_parse(STR_LIT("users { key: 'a' }\nnew: 1"), "f",
				     &u, &e),
			 0);
	assert_int_equal(u.n, 1);
	assert_string_equal(u.strange, "f:2:1: unknown field: new");
	users_free(&u);
}

/* A thousand, given backwards: all are found. */
static void finds_many(void **state)
{
	AUTO(buf) struct buf text = { 0 };
	struct users u;
	struct err e = { 0 };
	char name[16];

	(void)state;
	for (int i = 999; i >= 0; i--)
		buf_fmt(&text, "users { key: 'u%d' }\n", i);
	assert_int_equal(users_parse(buf_get(&text), "f", &u, &e), 0);
	assert_int_equal(u.n, 1000);
	for (int i = 0; i < 1000; i++) {
		(void)snprintf(name, sizeof(name), "u%d", i);
		assert_non_null(users_find(&u, str_of(name)));
	}
	users_free(&u);
}

static const struct user denied = { .name = "bob", .scheme = USERS_DENIED };
#define BOB                \
	"users: {\n"       \
	"  key: \"bob\"\n" \
	"  value: {\n"     \
	"    denied: {}\n" \
	"  }\n"            \
	"}\n"

static void edits(void **state)
{
	static const struct {
		const char *before, *put, *dropped; /* dropped NULL: missing */
	} cases[] = {
		{ "", BOB, NULL },
		{ "# head\n", "# head\n" BOB, NULL },
		{ "# head", "# head\n" BOB, NULL },
		{ "users{key:'a'}\n", "users{key:'a'}\n" BOB, NULL },
		{ BOB, BOB, "" },
		{ "users{key:'a'} # one\n  users{key:'bob'}  \nnew: 1\n",
		  "users{key:'a'} # one\n" BOB "new: 1\n",
		  "users{key:'a'} # one\nnew: 1\n" },
		{ "users{key:'a'} users{key:'bob'}, users{key:'c'} # end",
		  "users{key:'a'} " BOB " users{key:'c'} # end",
		  "users{key:'a'}  users{key:'c'} # end" },
		{ "users{key:'bob'}\n# mine\nusers{key:'bob' value{}}\n",
		  BOB "# mine\n", "# mine\n" },
		{ "users: [{key:'a' new:1}, {key:'bob'}, {key:'c'}]\n",
		  BOB "users: {key:'a' new:1}\nusers: {key:'c'}\n",
		  "users: {key:'a' new:1}\nusers: {key:'c'}\n" },
		{ "users {\n  key: 'bob'\n}", BOB, "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		AUTO(buf) struct buf put = { 0 }, dropped = { 0 };
		struct err e = { 0 };
		struct str before = str_of(cases[i].before);

		if (users_put(before, "f", &denied, &put, &e))
			fail_msg("case %zu: %s", i, e.msg);
		assert_string_equal(buf_c(&put), cases[i].put);
		int rc = users_drop(before, "f", "bob", &dropped, &e);

		assert_int_equal(rc, cases[i].dropped ? 0 : -1);
		if (rc) {
			assert_int_equal(e.kind, ERR_MISSING);
			assert_string_equal(e.msg,
					    "f: there is no user \"bob\"");
		} else {
			assert_string_equal(buf_c(&dropped), cases[i].dropped);
		}
	}
}

static void edits_no_broken_file(void **state)
{
	AUTO(buf) struct buf out = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(users_put(STR_LIT("users {"), "f", &denied, &out, &e),
			 -1);
	assert_int_equal(e.kind, ERR_CONF);
	assert_int_equal(out.n, 0);
}

static void makes_users(void **state)
{
	AUTO(mem) struct mem m = { 0 };
	AUTO(buf) struct buf text = { 0 };
	struct users u;
	struct user a, b;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(
		users_make(&m, STR_LIT("ñoño"), STR_LIT("añicos"), &a, &e), 0);
	assert_int_equal(
		users_make(&m, STR_LIT("b"), STR_LIT("añicos"), &b, &e), 0);
	assert_int_equal(a.salt.n, 16);
	assert_int_equal(a.secret.n, 32);
	assert_false(str_same(a.salt, b.salt));
	assert_false(str_same(a.secret, b.secret));
	assert_int_equal(users_put(str_of(""), "f", &a, &text, &e), 0);
	assert_non_null(strstr(buf_c(&text), "      logN: 14\n      r: 8\n"
					     "      p: 1\n      keyLen: 32\n"));
	assert_int_equal(users_parse(buf_get(&text), "f", &u, &e), 0);
	assert_null(u.strange);
	assert_true(logs_in(&u, "ñoño", "añicos"));
	assert_false(logs_in(&u, "ñoño", "anicos"));
	users_free(&u);
	assert_int_equal(users_make(&m, STR_LIT("Bob"), STR_LIT("x"), &a, &e),
			 -1);
	assert_int_equal(e.kind, ERR_USAGE);
	assert_int_equal(users_make(&m, STR_LIT("a b"), STR_LIT("x"), &a, &e),
			 -1);
}

static void changes_files(void **state)
{
	char dir[] = "/tmp/conf_users.XXXXXX", path[64];
	struct users u;
	struct stat st;
	struct err e = { 0 };

	(void)state;
	assert_non_null(mkdtemp(dir));
	(void)snprintf(path, sizeof(path), "%s/users", dir);
	assert_int_equal(users_read(path, &u, &e), 0);
	assert_int_equal(u.n, 0);
	users_free(&u);
	assert_int_equal(users_change(path, &denied, USERS_DROP, &e), -1);
	assert_int_equal(e.kind, ERR_MISSING);
	assert_int_equal(users_change(path, &denied, USERS_PUT, &e), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0660);
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(users_change(path, &denied, USERS_PUT, &e), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(users_read(path, &u, &e), 0);
	assert_int_equal(u.n, 1);
	assert_int_equal(u.at[0].scheme, USERS_DENIED);
	users_free(&u);
	assert_int_equal(users_change(path, &denied, USERS_DROP, &e), 0);
	assert_int_equal(fs_remove_tree(dir, &e), 0);
	assert_int_equal(users_change(path, &denied, USERS_PUT, &e), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_chasquids),
		cmocka_unit_test(reads_every_form),
		cmocka_unit_test(complains),
		cmocka_unit_test(names_strangers),
		cmocka_unit_test(finds_many),
		cmocka_unit_test(edits),
		cmocka_unit_test(edits_no_broken_file),
		cmocka_unit_test(makes_users),
		cmocka_unit_test(changes_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
