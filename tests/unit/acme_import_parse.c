#include "test.h"

#include "acme/import_parse.h"
#include "base/auto.h"

static void values_are_found(void **state)
{
	(void)state;
	static const struct {
		const char *text, *key, *want;
	} cases[] = {
		{ "A='b'\n", "A", "b" },
		{ "A=\"b\"", "A", "b" },
		{ "  A = b = c  \r\n", "A", "b = c" },
		{ "A='1'\nA='2'\n", "A", "2" },
		{ "AB='1'\n", "A", NULL },
		{ "#A='1'\n", "A", NULL },
		{ "A=\n", "A", NULL },
		{ "A=''\n", "A", NULL },
		{ "A='\n", "A", "'" },
		{ "A='x\"\n", "A", "'x\"" },
		{ "", "A", NULL },
		{ "[A]\n=\n", "A", NULL },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		AUTO(buf) struct buf out = { 0 };
		int rc = import_parse_value(str_of(cases[i].text), cases[i].key,
					    &out);

		assert_int_equal(rc, cases[i].want ? 0 : -1);
		if (cases[i].want)
			assert_string_equal(buf_c(&out), cases[i].want);
	}
}

static void accounts_are_parsed(void **state)
{
	(void)state;
	AUTO(mem) struct mem m = { 0 };
	static const struct {
		const char *text, *url, *server;
		int rc;
	} cases[] = {
		{ "{\"uri\":\"https://a/1\"}", "https://a/1", NULL, 0 },
		{ "{\"registration\":{\"uri\":\"https://a/2\"}}", "https://a/2",
		  NULL, 0 },
		{ "{\"server\":\"https://s/d\",\"registration\":"
		  "{\"accountURL\":\"https://a/3\"}}",
		  "https://a/3", "https://s/d", 0 },
		{ "{\"uri\":\"http://a/1\",\"server\":7}", NULL, NULL, 0 },
		{ "{\"uri\":\"https://a/\\n1\"}", NULL, NULL, 0 },
		{ "{}", NULL, NULL, 0 },
		{ "[]", NULL, NULL, -1 },
		{ "", NULL, NULL, -1 },
		{ "{\"uri\":", NULL, NULL, -1 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct import_parsed out = { "x", "x" };

		assert_int_equal(import_parse_account(str_of(cases[i].text), &m,
						      &out),
				 cases[i].rc);
		assert_true(str_same(str_of(out.url), str_of(cases[i].url)));
		assert_true(
			str_same(str_of(out.server), str_of(cases[i].server)));
	}
}

static void urls_are_cut(void **state)
{
	(void)state;
	static const struct {
		const char *url, *host, *path;
	} cases[] = {
		{ "https://a.test/dir", "a.test", "dir" },
		{ "HTTPS://a.test:14000/v2/dir", "a.test:14000", "v2/dir" },
		{ "https://a.test", "a.test", "" },
		{ "https://a.test/", "a.test", "" },
		{ "http://a.test/dir", NULL, NULL },
		{ "https:///dir", NULL, NULL },
		{ "https://", NULL, NULL },
		{ "", NULL, NULL },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct str host, path;
		int rc = import_parse_url(str_of(cases[i].url), &host, &path);

		assert_int_equal(rc, cases[i].host ? 0 : -1);
		if (cases[i].host) {
			assert_true(str_eq(host, cases[i].host));
			assert_true(str_eq(path, cases[i].path));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_found),
		cmocka_unit_test(accounts_are_parsed),
		cmocka_unit_test(urls_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
