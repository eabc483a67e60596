#include "dns/update.h"

#include "tests/unit/test.h"

/* A TXT is named by its cuts where a server has it cut unlike ours, but only
 * while the value is what was cut. */
static void cuts_are_of_the_value(void **state)
{
	static const struct {
		const char *id, *value;
		bool cut;
	} table[] = {
		{ "0161026263", "abc", true },
		{ "03616263", "abc", true },
		{ "016100026263", "abc", true },
		{ "0161026263", "abd", false },
		{ "0161026263", "ab", false },
		{ "0161026263", "abcd", false },
		{ "01610262", "ab", false },
		{ "", "", true },
		{ "00", "", true },
		{ "x", "abc", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct mem m = { 0 };
		struct record r = { .name = "a.ex.test",
				    .type = DNS_TXT,
				    .value = str_of(table[i].value),
				    .id = table[i].id };
		const struct change c = { .name = r.name,
					  .type = DNS_TXT,
					  .add = { &r, 1, 1 } };
		struct dns_update u;

		update_of("ex.test", &c, &m, &u);
		assert_int_equal(u.change_n, 1);
		if ((u.change[0].strings.at != NULL) != table[i].cut)
			fail_msg("%s of \"%s\"", table[i].id, table[i].value);
		assert_true(str_eq(u.change[0].value, table[i].value));
		mem_free(&m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cuts_are_of_the_value),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
