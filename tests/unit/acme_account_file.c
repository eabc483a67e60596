#include "acme/account.h"
#include "base/fs.h"

#include "tests/unit/acme_fake.h"

static void keeps_and_loads(void **state)
{
	char dir[] = "/tmp/acme_account.XXXXXX";
	AUTO(mem) struct mem m = { 0 };
	AUTO(account) struct account x = { 0 };
	struct err e = { 0 };
	AUTO(key) struct key *k = NULL;

	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_fine(key_make(KEY_P256, &k, &e));
	assert_int_equal(account_load(dir, CA "/dir", &m, &x, &e), -1);
	assert_int_equal(e.kind, ERR_MISSING);
	assert_fine(account_keep(dir, CA "/dir", k, CA "/account/3", &e));
	assert_fine(account_load(dir, CA "/dir", &m, &x, &e));
	assert_true(key_same(k, x.key));
	assert_string_equal(x.url, CA "/account/3");
	assert_null(x.email);
	assert_int_equal(account_keep(dir, CA "/dir", k, NULL, &e), -1);
	assert_int_equal(e.kind, ERR_SYS);
	assert_fine(fs_remove_tree(dir, &e));
}

static void names_folders_after_servers(void **state)
{
	static const char *const table[][2] = {
		{ "https://acme-v02.api.letsencrypt.org/directory",
		  "/c/acme/accounts/acme-v02.api.letsencrypt.org_directory" },
		{ "https://127.0.0.1:14000/dir",
		  "/c/acme/accounts/127.0.0.1+14000_dir" },
		{ "https://ca.test/a_b", "/c/acme/accounts/ca.test_a_b-" },
		{ "https://ca.test/a?b", "/c/acme/accounts/ca.test_a_b-" },
		{ "https://../../etc", "/c/acme/accounts/_._.._etc-" },
		{ "", "/c/acme/accounts/-" },
	};
	AUTO(mem) struct mem m = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		const char *dir = account_dir("/c", table[i][0], &m);
		const char *want = table[i][1];
		size_t n = strlen(want);
		size_t digest = want[n - 1] == '-' ? 12 : 0;

		if (strncmp(dir, want, n) != 0 || strlen(dir) != n + digest)
			fail_msg("%s: %s", table[i][0], dir);
	}
	assert_string_not_equal(account_dir("/c", table[2][0], &m),
				account_dir("/c", table[3][0], &m));
	char *long_url = mem_fmt(&m, "https://ca.test/%0500d", 7);
	assert_true(strlen(account_dir("/c", long_url, &m)) < 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_and_loads),
		cmocka_unit_test(names_folders_after_servers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
