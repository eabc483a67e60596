#include "base/str.h"

#include "tests/unit/test.h"

static void compares(void **state)
{
	(void)state;
	assert_true(str_eq(str_of("abc"), "abc"));
	assert_false(str_eq(str_of("abc"), "abcd"));
	assert_false(str_eq(str_of("abc"), "aBc"));
	assert_true(str_eqi(str_of("aBc"), "AbC"));
	assert_false(str_eqi(str_of("a[c"), "a{c"));
	assert_true(str_eq(str_of(NULL), ""));
	assert_true(str_same(STR_LIT("a\0b"), STR_LIT("a\0b")));
	assert_false(str_same(STR_LIT("a\0b"), STR_LIT("a\0c")));
}

static void finds_ends(void **state)
{
	(void)state;
	struct str s = str_of("_acme-challenge.example.org");

	assert_true(str_starts(s, "_acme-challenge."));
	assert_true(str_starts(s, ""));
	assert_false(str_starts(str_of("_acme"), "_acme-"));
	assert_true(str_starts_i(s, "_ACME"));
	assert_true(str_ends(s, ".org"));
	assert_true(str_ends(s, ""));
	assert_true(str_ends(str_of(NULL), ""));
	assert_false(str_ends(str_of("org"), ".org"));
	assert_ptr_equal(str_find(s, "example"), s.at + 16);
	assert_null(str_find(s, "nowhere"));
	assert_null(str_find(str_of(NULL), "a"));
}

static void trims(void **state)
{
	(void)state;
	assert_true(str_eq(str_trim(str_of(" \t a b\r\n")), "a b"));
	assert_true(str_eq(str_trim(str_of(" \t\r\n")), ""));
	assert_true(str_eq(str_trim(str_of(NULL)), ""));
}

struct split {
	const char *text;
	const char *fields[4];
};

static void cuts_fields(void **state)
{
	static const struct split table[] = {
		{ "", { "" } },
		{ "a", { "a" } },
		{ "a,", { "a", "" } },
		{ ",a", { "", "a" } },
		{ "a,b,c", { "a", "b", "c" } },
		{ ",", { "", "" } },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct str s = str_of(table[i].text), field;
		size_t n = 0;

		while (str_cut(&s, ',', &field)) {
			assert_non_null(table[i].fields[n]);
			assert_true(str_eq(field, table[i].fields[n++]));
		}
		assert_null(table[i].fields[n]);
	}
	struct str none = str_of(NULL), field;

	assert_false(str_cut(&none, ',', &field));
}

static void cuts_lines(void **state)
{
	static const struct split table[] = {
		{ "", { NULL } },
		{ "a", { "a" } },
		{ "a\n", { "a" } },
		{ "a\r\nb", { "a", "b" } },
		{ "\n\nb\n", { "", "", "b" } },
		{ "a\rb\n", { "a\rb" } },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct str s = str_of(table[i].text), line;
		size_t n = 0;

		while (str_line(&s, &line)) {
			assert_non_null(table[i].fields[n]);
			assert_true(str_eq(line, table[i].fields[n++]));
		}
		assert_null(table[i].fields[n]);
	}
}

static void cuts_words(void **state)
{
	(void)state;
	struct str s = str_of(" one\t two "), word;

	assert_true(str_word(&s, &word));
	assert_true(str_eq(word, "one"));
	assert_true(str_word(&s, &word));
	assert_true(str_eq(word, "two"));
	assert_false(str_word(&s, &word));
}

static void reads_numbers(void **state)
{
	static const struct {
		const char *text;
		uint64_t max;
		int rc;
		uint64_t n;
	} table[] = {
		{ "0", 9, 0, 0 },
		{ "65535", 65535, 0, 65535 },
		{ "65536", 65535, -1, 0 },
		{ "18446744073709551615", UINT64_MAX, 0, UINT64_MAX },
		{ "18446744073709551616", UINT64_MAX, -1, 0 },
		{ "99999999999999999999999", UINT64_MAX, -1, 0 },
		{ "", 9, -1, 0 },
		{ "-1", 9, -1, 0 },
		{ "+1", 9, -1, 0 },
		{ " 1", 9, -1, 0 },
		{ "1 ", 9, -1, 0 },
		{ "0x1", 9, -1, 0 },
		{ "007", 9, 0, 7 },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		uint64_t n = 77;

		assert_int_equal(str_num(str_of(table[i].text), table[i].max,
					 &n),
				 table[i].rc);
		assert_true(n == (table[i].rc ? 77 : table[i].n));
	}
}

static void knows_printable(void **state)
{
	(void)state;
	assert_true(str_is_print(str_of(NULL)));
	assert_true(str_is_print(str_of(" ~")));
	assert_false(str_is_print(str_of("\x7f")));
	assert_false(str_is_print(str_of("\xc3\xa9")));
	assert_false(str_is_print(STR_LIT("a\0b")));
}

static void measures_distance(void **state)
{
	static const struct {
		const char *a, *b;
		unsigned limit, want;
	} table[] = {
		{ "", "", 3, 0 },
		{ "publish", "publish", 3, 0 },
		{ "pubilsh", "publish", 3, 1 },
		{ "publsh", "publish", 3, 1 },
		{ "pubblish", "publish", 3, 1 },
		{ "kitten", "sitting", 9, 3 },
		{ "kitten", "sitting", 2, 3 },
		{ "", "abc", 9, 3 },
		{ "abc", "", 1, 2 },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++)
		assert_int_equal(str_distance(str_of(table[i].a),
					      str_of(table[i].b),
					      table[i].limit),
				 table[i].want);
	char big[1000] = { 0 };

	assert_int_equal(str_distance((struct str){ big, sizeof(big) },
				      str_of("a"), 2),
			 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compares),
		cmocka_unit_test(finds_ends),
		cmocka_unit_test(trims),
		cmocka_unit_test(cuts_fields),
		cmocka_unit_test(cuts_lines),
		cmocka_unit_test(cuts_words),
		cmocka_unit_test(reads_numbers),
		cmocka_unit_test(knows_printable),
		cmocka_unit_test(measures_distance),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
