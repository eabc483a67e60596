#include "dns/record.h"

#include "base/auto.h"
#include "tests/unit/test.h"

static void knows_zones(void **state)
{
	(void)state;
	static const struct {
		const char *name, *zone;
		bool in;
	} rows[] = {
		{ "example.org", "example.org", true },
		{ "a.example.org", "example.org", true },
		{ "badexample.org", "example.org", false },
		{ "org", "example.org", false },
		{ "example.org", "a.example.org", false },
		{ "example.org", ".", true },
		{ ".example.org", "example.org", true },
		{ "", "example.org", false },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(record_in_zone(rows[i].name, rows[i].zone),
				 rows[i].in);
}

static void compares(void **state)
{
	(void)state;
	AUTO(mem) struct mem m = { 0 };
	struct records r = { 0 };
	char name[] = "a.example", value[] = "one";
	struct record x = {
		.name = name, .type = DNS_TXT, .value = { value, 3 }, .id = "7"
	};

	struct record *copy = records_add(&r, &m, &x);
	name[0] = 'b';
	value[0] = 'x';
	assert_string_equal(copy->name, "a.example");
	assert_true(str_eq(copy->value, "one"));
	assert_string_equal(copy->id, "7");
	assert_false(record_same(copy, &x));
	x.name = "a.example";
	x.value = STR_LIT("one");
	x.ttl = 99;
	assert_true(record_same(copy, &x));
	assert_ptr_equal(records_find(&r, &x), copy);
	x.type = DNS_A;
	assert_null(records_find(&r, &x));
}

static void quotes(void **state)
{
	AUTO(buf) struct buf b = { 0 };
	AUTO(buf) struct buf whole = { 0 };
	(void)state;
	record_quote_txt(&b, STR_LIT("a\"\\\x01\xff;"));
	assert_string_equal(buf_c(&b), "\"a\\\"\\\\\\001\\255;\"");
	buf_clear(&b);
	record_quote_txt(&b, STR_LIT(""));
	assert_string_equal(buf_c(&b), "\"\"");
	for (int i = 0; i < 256; i++)
		buf_char(&whole, 'x');
	buf_clear(&b);
	record_quote_txt(&b, buf_get(&whole));
	assert_int_equal(b.n, 256 + 4 + 1);
	assert_memory_equal(b.at + 255, "x\" \"x\"", 6);
}

static void refuses_names_that_are_paths(void **state)
{
	static const char *const bad[] = { "", ".", ".a", "a/b", "a\nb" };
	struct err e = { 0 };
	(void)state;
	assert_int_equal(record_check_zone("example.org", &e), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(record_check_zone(bad[i], &e), -1);
}

static void knows_what_is_alike(void **state)
{
	(void)state;
	static const struct {
		uint16_t type;
		const char *a, *b;
		bool alike;
	} rows[] = {
		{ DNS_TXT, "v=DMARC1;p=none", "v=DMARC1; p=none;", true },
		{ DNS_TXT, "v=DMARC1; p=none", "v=DMARC1; p=None", false },
		{ DNS_TXT, "v=DMARC1; p=none", "v=DMARC1; p=none; np=none",
		  false },
		{ DNS_TXT, "v=DKIM1; p=MIIB IjAN", "v=DKIM1;p=MIIBIjAN", true },
		{ DNS_TXT, "v=DKIM1; p=MIIB", "v=DKIM1; p=miib", false },
		{ DNS_TXT, "v=DKIM1; p=", "v=DKIM1; p=;;", true },
		{ DNS_TXT, "v=STSv1; id=a;", "v=STSv1;id=a", true },
		{ DNS_TXT, "V=spf1  A ~all", "v=spf1 a ~all ", true },
		{ DNS_TXT, "v=spf1 a ~all", "v=spf1 ~all a", false },
		{ DNS_TXT, "v=spf1 a", "v=spf1 a ~all", false },
		{ DNS_TXT, "some text", "Some text", false },
		{ DNS_TXT, "some text", "some  text", false },
		{ DNS_TXT, "v=other1; a", "v=other1;a", false },
		{ DNS_TXT, "", "", true },
		{ DNS_MX, "10 A.example.", "10 a.example.", true },
		{ DNS_MX, "10 a.example.", "20 a.example.", false },
		{ DNS_TLSA, "3 1 1 ABCD", "3 1 1 abcd", true },
		{ DNS_CAA, "0 issue \"A\"", "0 issue \"a\"", false },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct record a = { .name = "x.org",
					  .type = rows[i].type,
					  .value = str_of(rows[i].a) };
		struct record b = a;

		b.value = str_of(rows[i].b);
		if (record_alike(&a, &b) != rows[i].alike ||
		    record_alike(&b, &a) != rows[i].alike)
			fail_msg("%s | %s", rows[i].a, rows[i].b);
		b.name = "y.org";
		assert_false(record_alike(&a, &b));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_zones),
		cmocka_unit_test(compares),
		cmocka_unit_test(knows_what_is_alike),
		cmocka_unit_test(quotes),
		cmocka_unit_test(refuses_names_that_are_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
