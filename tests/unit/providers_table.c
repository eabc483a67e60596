#include "providers/table.h"

#include <string.h>

#include "base/auto.h"
#include "base/fs.h"
#include "tests/unit/test.h"

static void finds(void **state)
{
	(void)state;
	static const struct {
		const char *name, *found, *word;
	} rows[] = {
		{ "rfc2136", "rfc2136", NULL },
		{ "DNSUpdate", "rfc2136", NULL },
		{ "nsupdate", "rfc2136", NULL },
		{ "knot", "rfc2136", NULL },
		{ "bind", "rfc2136", NULL },
		{ "self", "self", NULL },
		{ "EXEC", "exec", NULL },
		{ "manual", "manual", NULL },
		{ "nsupdat", NULL, "did you mean nsupdate?" },
		{ "rfc2163", NULL, "did you mean rfc2136?" },
		{ "powerdns", "pdns", NULL },
		{ "nosuchcloud", NULL, "\"nosuchcloud\"" },
		{ "", NULL, "opsmail dns providers" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct err e = { 0 };
		AUTO(mem) struct mem m = { 0 };
		const struct provider *p =
			provider_find(NULL, rows[i].name, &m, &e);

		if (rows[i].found) {
			assert_non_null(p);
			assert_string_equal(p->name, rows[i].found);
			continue;
		}
		assert_null(p);
		assert_int_equal(e.kind, ERR_CONF);
		assert_non_null(strstr(e.msg, rows[i].word));
	}
}

/* What every row must have, and that no two answer to one name. */
static void rows_are_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < provider_n; i++) {
		const struct provider *p = provider_table[i];
		struct err e = { 0 };
		struct str rest = str_of(p->aliases), word;
		AUTO(mem) struct mem m = { 0 };

		assert_non_null(p->about);
		assert_non_null(p->url);
		assert_non_null(p->find_zone);
		assert_non_null(p->apply);
		assert_int_equal(!!(p->caps & DNS_CAN_LIST), p->list != NULL);
		assert_ptr_equal(provider_find(NULL, p->name, &m, &e), p);
		while (str_word(&rest, &word))
			assert_ptr_equal(
				provider_find(NULL,
					      mem_dup(&m, word.at, word.n), &m,
					      &e),
				p);
		for (size_t k = 0; k < p->fields_n; k++) {
			assert_non_null(p->fields[k].names);
			assert_non_null(p->fields[k].help);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds),
		cmocka_unit_test(rows_are_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
