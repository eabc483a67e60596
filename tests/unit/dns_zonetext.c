#include "dns/zonetext.h"

#include <string.h>

#include "base/auto.h"
#include "tests/unit/test.h"

enum { NOW = 1795564800 }; /* 2026-11-25 00:00 UTC */

/* ---- the serial ---- */

static void serials(void **state)
{
	(void)state;
	static const struct {
		uint32_t is, next;
	} rows[] = {
		{ 1, 2 },
		{ 0, 1 },
		{ 4294967295u, 1 },
		{ 2147483647u, 2147483648u },
		{ 2026112400u, 2026112500u },
		{ 2019010199u, 2026112500u },
		{ 2026112500u, 2026112501u },
		{ 2026112599u, 2026112600u },
		{ 2030010100u, 2030010101u }, /* somebody's clock was wrong */
		{ 2026130100u, 2026130101u }, /* no month: a number */
		{ 2026113200u, 2026113201u },
		{ 1795500000u, 1795500001u }, /* seconds of Unix */
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(zonetext_serial(rows[i].is, NOW),
				 rows[i].next);
}

/* ---- reading ---- */

#define SOA "@ IN SOA ns h 1 2 3 4 5\n"

static void expect_zone(const char *text, const char *want)
{
	AUTO(mem) struct mem m = { 0 };
	AUTO(buf) struct buf b = { 0 };
	struct zonetext z;
	struct err e = { 0 };
	char type[16];

	if (zonetext_parse(str_of(text), "ex.test", &m, &z, &e) < 0)
		fail_msg("%s: %s", text, e.msg);
	for (size_t i = 0; i < z.n; i++) {
		const struct record *r = &z.at[i].record;

		if (r->type == DNS_SOA && i == z.soa)
			continue;
		buf_fmt(&b, "%s %u %s %.*s|", r->name, r->ttl,
			r->type ? dnsmsg_type_name(r->type, type) : "-",
			STR_FMT(r->type ? r->value : str_of("")));
	}
	assert_string_equal(buf_c(&b), want);
}

static void reads(void **state)
{
	(void)state;
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ SOA, "" },
		{ "$TTL 1h30m\n" SOA "www A 192.0.2.1 ; a comment\n",
		  "www.ex.test 5400 A 192.0.2.1|" },
		/* without $TTL: the SOA's minimum, then the last one said */
		{ SOA "a A 192.0.2.1\nb 7 A 192.0.2.2\nc A 192.0.2.3\n",
		  "a.ex.test 5 A 192.0.2.1|b.ex.test 7 A 192.0.2.2|"
		  "c.ex.test 7 A 192.0.2.3|" },
		{ SOA "w IN 60 A 192.0.2.1\n 60 IN AAAA 2001:DB8::1\n"
		      "\tTXT x\n",
		  "w.ex.test 60 A 192.0.2.1|w.ex.test 60 AAAA 2001:db8::1|"
		  "w.ex.test 60 TXT x|" },
		{ "$TTL 9\n" SOA "@ MX 10 mx\n@ MX 20 mx.Other.Test.\n"
		  "_s._tcp SRV 0 1 465 @\nc CNAME .\n",
		  "ex.test 9 MX 10 mx.ex.test.|ex.test 9 MX 20 mx.other.test.|"
		  "_s._tcp.ex.test 9 SRV 0 1 465 ex.test.|c.ex.test 9 CNAME .|" },
		{ "$TTL 9\n" SOA "t TXT ( \"one; (\" ; a comment )\n\n"
		  "  \"two\\\"\\065\" three )\n",
		  "t.ex.test 9 TXT one; (two\"Athree|" },
		{ "$TTL 9\n" SOA "$ORIGIN sub\na A 192.0.2.1\n"
		  "$ORIGIN ex.test.\nb A 192.0.2.2\n$ORIGIN other.test.\n"
		  "c A 192.0.2.3\n",
		  "a.sub.ex.test 9 A 192.0.2.1|b.ex.test 9 A 192.0.2.2|"
		  "c.other.test 9 - |" },
		{ "$TTL 9\r\n@ IN SOA ns h (\r\n 1 ; serial\r\n 2 3 4 5 )\r\n"
		  "a\tA\t192.0.2.1\r\n",
		  "a.ex.test 9 A 192.0.2.1|" },
		{ "$TTL 9\n" SOA "x NONESUCH 1 2 3\ny TYPE65400 \\# 2 abcd\n"
		  "* CAA 0 issue \"ca.test\"\n",
		  "x.ex.test 9 - |y.ex.test 9 TYPE65400 \\# 2 abcd|"
		  "*.ex.test 9 CAA 0 issue \"ca.test\"|" },
		{ "$TTL 9\n" SOA "a A 192.0.2.1", "a.ex.test 9 A 192.0.2.1|" },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		expect_zone(rows[i].text, rows[i].want);
}

static void refuses(void **state)
{
	(void)state;
	static const struct {
		const char *text, *word;
	} rows[] = {
		{ "", "no SOA record of ex.test" },
		{ "a A 192.0.2.1\n", "no SOA record" },
		{ SOA "\n$INCLUDE more\n", "line 3: $INCLUDE cannot be kept" },
		{ SOA "$GENERATE 1-9 h$ A 192.0.2.$\n",
		  "line 2: $GENERATE cannot" },
		{ SOA SOA, "line 2: a SOA of ex.test" },
		{ "x.test. SOA ns h 1 2 3 4 5\n", "a SOA of x.test" },
		{ "@ SOA ns h x 2 3 4 5\n", "the third a number" },
		{ "@ SOA ns h 1 2 3 4\n", "seven fields" },
		{ SOA "a TXT \"open\nb A 192.0.2.1\n",
		  "line 2: a quote is not closed" },
		{ SOA "a TXT ( x\nb A 192.0.2.1\n",
		  "line 2: a parenthesis is not closed" },
		{ SOA "a TXT x )\n", "that is not open" },
		{ " A 192.0.2.1\n", "line 2: the first record has no name" },
		{ SOA "a A 192.0.2.256\n", "line 2:" },
		{ SOA "a MX mx\n", "line 2:" },
		{ SOA "a CH TXT x\n", "another class" },
		{ SOA "a 5\n", "has no type" },
		{ SOA "a 5x A 192.0.2.1\n", "a TTL is no time" },
		{ SOA "a 1h30 A 192.0.2.1\n", "a TTL is no time" },
		{ "$TTL x\n", "$TTL is no time" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO(mem) struct mem m = { 0 };
		struct zonetext z;
		struct err e = { 0 };

		assert_int_equal(zonetext_parse(str_of(rows[i].text), "ex.test",
						&m, &z, &e),
				 -1);
		assert_int_equal(e.kind, ERR_CONF);
		if (!strstr(e.msg, rows[i].word))
			fail_msg("%s: %s", rows[i].text, e.msg);
	}
}

/* ---- changing ---- */

/* "name TYPE value", blanks between; "-" before what goes. */
struct wish {
	const char *name;
	uint16_t type;
	const char *value;
};

static void add(struct records *r, struct mem *m, const struct wish *w)
{
	const struct record x = { .name = w->name,
				  .type = w->type,
				  .value = str_of(w->value) };

	if (w->name)
		records_add(r, m, &x);
}

static int edit(const char *text, const struct wish *gone,
		const struct wish *come, struct buf *out, struct err *e)
{
	AUTO(mem) struct mem m = { 0 };
	struct zonetext z;
	struct records del = { 0 }, plus = { 0 };

	for (size_t i = 0; i < 2; i++) {
		add(&del, &m, &gone[i]);
		add(&plus, &m, &come[i]);
	}
	assert_int_equal(zonetext_parse(str_of(text), "ex.test", &m, &z, e), 0);
	return zonetext_edit(&z, &del, &plus, 60, NOW, out, e);
}

static const struct {
	const char *text;
	struct wish gone[2], come[2];
	const char *want;
} edits[] = {
	/* what comes first: at the end, where nobody lends its TTL */
	{ SOA "a A 192.0.2.1",
	  { { 0 } },
	  { { "t.ex.test", DNS_TXT, "x\"y" }, { "ex.test", DNS_TXT, "z" } },
	  "@ IN SOA ns h 2 2 3 4 5\na A 192.0.2.1\n"
	  "t\t60\tIN\tTXT\t\"x\\\"y\"\n@\t60\tIN\tTXT\t\"z\"\n" },
	/* below its own name, comments and blanks as they are */
	{ "; my zone\n$TTL 1h\n@\tIN SOA\tns h (\n\t2026112401 ; serial\n"
	  "\t2 3 4 5 )\n\n@  MX 10 mx ; mail\nmx   A 192.0.2.1\n; the end\n",
	  { { 0 } },
	  { { "ex.test", DNS_TXT, "v=spf1 mx -all" } },
	  "; my zone\n$TTL 1h\n@\tIN SOA\tns h (\n\t2026112500 ; serial\n"
	  "\t2 3 4 5 )\n\n@  MX 10 mx ; mail\n"
	  "@\t60\tIN\tTXT\t\"v=spf1 mx -all\"\nmx   A 192.0.2.1\n; the end\n" },
	/* under another origin the whole name */
	{ "$TTL 9\n" SOA "$ORIGIN sub.ex.test.\na A 192.0.2.1\n",
	  { { 0 } },
	  { { "b.ex.test", DNS_CNAME, "a.sub.ex.test." },
	    { "b.sub.ex.test", DNS_A, "192.0.2.2" } },
	  "$TTL 9\n@ IN SOA ns h 2 2 3 4 5\n$ORIGIN sub.ex.test.\n"
	  "a A 192.0.2.1\nb.ex.test.\t60\tIN\tCNAME\ta.sub.ex.test.\n"
	  "b\t60\tIN\tA\t192.0.2.2\n" },
	/* the owner goes, those that use its name keep it */
	{ "$TTL 9\n" SOA "a\tA 192.0.2.1 ; one\n\tA 192.0.2.2 ; two\n"
	  "\tTXT x\nb A 192.0.2.3\n",
	  { { "a.ex.test", DNS_A, "192.0.2.1" },
	    { "a.ex.test", DNS_A, "192.0.2.2" } },
	  { { 0 } },
	  "$TTL 9\n@ IN SOA ns h 2 2 3 4 5\na\tTXT x\nb A 192.0.2.3\n" },
	/* in parentheses over lines, and each time it is there */
	{ "$TTL 9\n" SOA "t TXT ( \"a\" ; 1\n \"b\" )\nt TXT ab\n; end",
	  { { "t.ex.test", DNS_TXT, "ab" } },
	  { { 0 } },
	  "$TTL 9\n@ IN SOA ns h 2 2 3 4 5\n; end" },
	/* one value for another; line ends as they are */
	{ "$TTL 9\r\n@ SOA ns h 1 2 3 4 5\r\nt TXT a\r\nu TXT c\r\n",
	  { { "t.ex.test", DNS_TXT, "a" } },
	  { { "t.ex.test", DNS_TXT, "b" } },
	  "$TTL 9\r\n@ SOA ns h 2 2 3 4 5\r\nu TXT c\r\n"
	  "t\t60\tIN\tTXT\t\"b\"\r\n" },
	/* what is not ours to know stays */
	{ "$TTL 9\n" SOA "x NONESUCH 1 2 3\nout.test. A 192.0.2.1\n",
	  { { 0 } },
	  { { "x.ex.test", DNS_A, "192.0.2.9" } },
	  "$TTL 9\n@ IN SOA ns h 2 2 3 4 5\nx NONESUCH 1 2 3\n"
	  "x\t60\tIN\tA\t192.0.2.9\nout.test. A 192.0.2.1\n" },
};

static void changes(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(edits); i++) {
		AUTO(buf) struct buf out = { 0 };
		struct err e = { 0 };

		if (edit(edits[i].text, edits[i].gone, edits[i].come, &out,
			 &e) < 0)
			fail_msg("%s: %s", edits[i].text, e.msg);
		assert_string_equal(buf_c(&out), edits[i].want);
	}
}

static void long_txt(void **state)
{
	(void)state;
	char text[600];
	const struct wish come[2] = { { "k.ex.test", DNS_TXT, text } },
			  gone[2] = { { 0 } };
	AUTO(buf) struct buf out = { 0 }, back = { 0 };
	struct err e = { 0 };

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(edit(SOA, gone, come, &out, &e), 0);
	assert_non_null(strstr(buf_c(&out), "x\" \"x"));
	assert_int_equal(edit(buf_c(&out), come, gone, &back, &e), 0);
	assert_string_equal(buf_c(&back), "@ IN SOA ns h 3 2 3 4 5\n");
}

static void will_not_change(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		struct wish gone[2], come[2];
		const char *word;
	} rows[] = {
		{ SOA "a 7 A 192.0.2.1\nb A 192.0.2.2\n",
		  { { "a.ex.test", DNS_A, "192.0.2.1" } },
		  { { 0 } },
		  "line 3 takes its TTL from line 2" },
		{ SOA,
		  { { 0 } },
		  { { "a.ex.test", DNS_A, "192.0.2.300" } },
		  "line 2:" },
		{ SOA,
		  { { 0 } },
		  { { "a.ex.test", DNS_A, "192.0.2.1\nb A 192.0.2.2" } },
		  "another record" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO(buf) struct buf out = { 0 };
		struct err e = { 0 };

		assert_int_equal(edit(rows[i].text, rows[i].gone, rows[i].come,
				      &out, &e),
				 -1);
		if (!strstr(e.msg, rows[i].word))
			fail_msg("%s", e.msg);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(serials),  cmocka_unit_test(reads),
		cmocka_unit_test(refuses),  cmocka_unit_test(changes),
		cmocka_unit_test(long_txt), cmocka_unit_test(will_not_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
