#include "base/precis.h"

#include <string.h>

#include "base/auto.h"

#include "tests/unit/test.h"

static void maps(void **state)
{
	static const struct {
		const char *name, *form; /* NULL: refused */
	} cases[] = {
		{ "", "" },
		{ "joe", "joe" },
		{ "JoE.x+Y", "joe.x+y" },
		{ "a@b!#$%&'*/=?^_`{|}~\"\\,;:<>()[]", "a@b!#$%&'*/=?^_`{|}~"
						       "\"\\,;:<>()[]" },
		{ "ÑAndÚ", "ñandú" },
		{ "pe\u0301", "pé" },
		{ "\uff21\uff11", "a1" },           /* fullwidth */
		{ "\uff76\uff9e", "\u30ac" },       /* halfwidth */
		{ "\u03a3\u03a3", "\u03c3\u03c3" }, /* no final sigma */
		{ "\u03c2", "\u03c2" },
		{ "\u0130", "i\u0307" },
		{ "stra\u00dfe", "stra\u00dfe" },
		{ "\u1e9e", "\u00df" },
		{ "用户", "用户" },
		{ "l\u00b7l", "l\u00b7l" },
		{ "a\u00b7l", NULL },
		{ "\u00b7", NULL },
		{ "\u0375\u03b1", "\u0375\u03b1" },
		{ "\u0375a", NULL },
		{ "\u05d0\u05f3", "\u05d0\u05f3" },
		{ "a\u05f3", NULL },
		{ "\u30ab\u30fb", "\u30ab\u30fb" },
		{ "a\u30fb", NULL },
		{ "\u0627\u0661", "\u0627\u0661" },
		{ "\u0627\u0661\u06f1", NULL },
		{ "\u0915\u094d\u200d\u0937", "\u0915\u094d\u200d\u0937" },
		{ "a\u200db", NULL },
		{ "\u0646\u0627\u0645\u0647\u200c\u0627\u06cc",
		  "\u0646\u0627\u0645\u0647\u200c\u0627\u06cc" },
		{ "\u0627\u200c\u0627", NULL },
		{ "\u0646\u0645\u200c\u0627", "\u0646\u0645\u200c\u0627" },
		{ "\u05d0b", NULL }, /* mixed directions */
		{ "b\u05d0", NULL },
		{ "\u05d01", "\u05d01" },
		{ "1\u05d0", NULL },
		{ "\u0640", NULL }, /* tatweel */
		{ "\u1100", NULL }, /* old Hangul */
		{ "\uac00", "\uac00" },
		{ "\u2163", NULL }, /* a Roman numeral is compatibility */
		{ "\u265a", NULL },
		{ "\u00b9", NULL },
		{ "\ufdd0", NULL },
		{ "\u00ad", NULL },
		{ "á é", NULL },
		{ "a b", NULL },
		{ "a\te", NULL },
		{ "x\u00a0y", NULL },
		{ "x\xa0y", NULL },
		{ "x\vy", NULL },
		{ "x\x7fy", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		AUTO(mem) struct mem m = { 0 };
		const char *out, *fault;

		fault = precis_username(&m, str_of(cases[i].name), &out);
		if (!fault != (cases[i].form != NULL))
			fail_msg("%zu %s: %s", i, cases[i].name,
				 fault ? fault : out);
		if (!fault)
			assert_string_equal(out, cases[i].form);
	}
}

static void knows_its_limit(void **state)
{
	AUTO(mem) struct mem m = { 0 };
	char name[PRECIS_MAX + 1];
	const char *out;

	(void)state;
	memset(name, 'A', sizeof(name));
	assert_null(
		precis_username(&m, (struct str){ name, PRECIS_MAX }, &out));
	assert_int_equal(strlen(out), PRECIS_MAX);
	assert_non_null(
		precis_username(&m, (struct str){ name, sizeof(name) }, &out));
	assert_non_null(precis_username(&m, STR_LIT("a\0b"), &out));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(maps),
		cmocka_unit_test(knows_its_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
