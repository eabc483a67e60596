#include "net/http.h"

#include "net/http_link.h"
#include "tests/unit/test.h"

enum { NOW = 1800000000, MONTH = 31 * 86400 }; /* 2027-01-15 08:00:00 UTC */

static void takes_lines(void **state)
{
	static const struct {
		const char *line;
		const char *name, *value; /* NULL: refused */
	} table[] = {
		{ "A: b", "A", "b" },
		{ "A:b\r\n", "A", "b" },
		{ "A:", "A", "" },
		{ "A: \t b c \t\r\n", "A", "b c" },
		{ "A: b: c", "A", "b: c" },
		{ "A: b\xc3\xa9", "A", "b\xc3\xa9" },
		{ "A:\tb\tc", "A", "b\tc" },
		{ "", NULL, NULL },
		{ "A", NULL, NULL },
		{ ": b", NULL, NULL },
		{ "A : b", NULL, NULL },
		{ " A: b", NULL, NULL },
		{ "\tA: b", NULL, NULL },
		{ "A b: c", NULL, NULL },
		{ "A\x01: c", NULL, NULL },
		{ "A: b\x01", NULL, NULL },
		{ "A: b\nC: d", NULL, NULL },
		{ "A: \x7f", NULL, NULL },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		AUTO(http_reply) struct http_reply r = { 0 };
		int rc = http_header_add(&r, str_of(table[i].line));
		assert_int_equal(rc, table[i].name ? 0 : -1);
		assert_int_equal(r.headers_n, table[i].name ? 1 : 0);
		if (rc)
			continue;
		assert_string_equal(r.headers[0].name, table[i].name);
		assert_string_equal(r.headers[0].value, table[i].value);
	}
}

static void finds_by_name(void **state)
{
	AUTO(http_reply) struct http_reply r = { 0 };

	(void)state;
	assert_null(http_header(&r, "Link", 0));
	for (int i = 0; i < 200; i++)
		assert_int_equal(
			http_header_add(&r, str_of(i % 2 ? "a: 1" : "B: 2")),
			0);
	assert_int_equal(http_header_add(&r, str_of("a: 1")), -1);
	assert_string_equal(http_header(&r, "b", 99), "2");
	assert_null(http_header(&r, "b", 100));
	http_reply_free(&r);
	assert_null(http_header(&r, "b", 0));
	assert_int_equal(http_header_add(&r, str_of("a: 1")), 0);
}

static void reads_retry_after(void **state)
{
	static const struct {
		const char *line;
		time_t want;
	} table[] = {
		{ "Date: x", 0 },
		{ "Retry-After: 0", NOW },
		{ "Retry-After: 3", NOW + 3 },
		{ "retry-after: 00120", NOW + 120 },
		{ "Retry-After: 2678400", NOW + MONTH },
		{ "Retry-After: 2678401", NOW + MONTH },
		{ "Retry-After: 18446744073709551615", NOW + MONTH },
		{ "Retry-After: 99999999999999999999999", NOW + MONTH },
		{ "Retry-After: Fri, 15 Jan 2027 08:00:07 GMT", NOW + 7 },
		{ "Retry-After: Friday, 15-Jan-27 08:00:07 GMT", NOW + 7 },
		{ "Retry-After: Fri Jan 15 08:00:07 2027", NOW + 7 },
		{ "Retry-After: Fri, 15 Jan 2027 07:59:59 GMT", NOW },
		{ "Retry-After: Fri, 31 Dec 9999 23:59:59 GMT", NOW + MONTH },
		{ "Retry-After: ", 0 },
		{ "Retry-After: -1", 0 },
		{ "Retry-After: 1.5", 0 },
		{ "Retry-After: 1 2", 0 },
		{ "Retry-After: 0x10", 0 },
		{ "Retry-After: soon", 0 },
		{ "Retry-After: Fri, 32 Jan 2027 08:00:07 GMT", 0 },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		AUTO(http_reply) struct http_reply r = { 0 };
		assert_int_equal(http_header_add(&r, str_of(table[i].line)), 0);
		assert_int_equal(http_retry_after(&r, NOW), table[i].want);
	}
}

static void follows_links(void **state)
{
	static const struct {
		const char *line;
		const char *want[3]; /* of rel=alternate */
	} table[] = {
		{ "Link: <https://ca/c/1>; rel=\"alternate\"",
		  { "https://ca/c/1" } },
		{ "Link: <https://ca/c/1>;rel=alternate",
		  { "https://ca/c/1" } },
		{ "link:<1>;REL = ALTERNATE", { "https://ca/x/1" } },
		{ "Link: </1>; rel=\"up alternate\"", { "https://ca/1" } },
		{ "Link: <?a=b;c,d>; rel=alternate",
		  { "https://ca/x/y?a=b;c,d" } },
		{ "Link: <//other/1>; rel=alternate", { "https://other/1" } },
		{ "Link: <1>; rel=up, <2>; rel=alternate, <3>;rel=alternate",
		  { "https://ca/x/2", "https://ca/x/3" } },
		{ "Link: <1>; title=\"a; rel=alternate, <9>\"; rel=alternate",
		  { "https://ca/x/1" } },
		{ "Link: <1>; title=\"a\\\"; rel=up\"; rel=alternate",
		  { "https://ca/x/1" } },
		/* RFC 8288 3.3 and 3.2: the first rel, and this page's. */
		{ "Link: <1>; rel=up; rel=alternate", { NULL } },
		{ "Link: <1>; rel=alternate; anchor=\"#foo\"", { NULL } },
		{ "Link: <1>; rel=alternately", { NULL } },
		{ "Link: <1>; rel", { NULL } },
		{ "Link: <1>; rel=", { NULL } },
		{ "Link: <1>", { NULL } },
		{ "Link: <1; rel=alternate", { NULL } },
		{ "Link: 1; rel=alternate", { NULL } },
		{ "Link: <1>; rel=\"alternate", { "https://ca/x/1" } },
		{ "Link: ,, <1>;;rel=alternate,", { "https://ca/x/1" } },
		{ "Link: <https://ca:99999/>; rel=alternate, <2>; "
		  "rel=alternate",
		  { "https://ca/x/2" } },
		{ "X-Link: <1>; rel=alternate", { NULL } },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		AUTO(http_reply) struct http_reply r = { 0 };
		struct mem m = { 0 };
		const char *got;
		size_t n = 0;

		assert_int_equal(http_header_add(&r, str_of(table[i].line)), 0);
		while ((got = http_link(&r, "https://ca/x/y", "alternate", n,
					&m))) {
			assert_true(n < 3 && table[i].want[n]);
			assert_string_equal(got, table[i].want[n]);
			n++;
		}
		assert_null(table[i].want[n]);
		mem_free(&m);
	}
}

static void counts_links_of_all_headers(void **state)
{
	AUTO(http_reply) struct http_reply r = { 0 };
	struct mem m = { 0 };

	(void)state;
	(void)http_header_add(&r, str_of("Link: <i>; rel=index"));
	(void)http_header_add(&r, str_of("Link: <1>; rel=next, <2>; rel=next"));
	(void)http_header_add(&r, str_of("link: <3>; rel=next"));
	assert_string_equal(http_link(&r, "http://[::1]:9/", "next", 2, &m),
			    "http://[::1]:9/3");
	assert_null(http_link(&r, "http://[::1]:9/", "next", 3, &m));
	assert_null(http_link(&r, "no base", "next", 0, &m));
	mem_free(&m);
}

static void knows_json(void **state)
{
	static const struct {
		const char *line;
		bool json;
	} table[] = {
		{ "Content-Type: application/json", true },
		{ "Content-Type: Application/JSON ; charset=utf-8", true },
		{ "Content-Type: application/problem+json", true },
		{ "Content-Type: text/html", false },
		{ "Content-Type: +json", false },
		{ "Content-Type: text/html; a=application/json", false },
		{ "Content-Type: application/jsonp", false },
		{ "Content-Type:", false },
		{ "X: application/json", false },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		AUTO(http_reply) struct http_reply r = { 0 };
		assert_int_equal(http_header_add(&r, str_of(table[i].line)), 0);
		assert_int_equal(http_is_json(&r), table[i].json);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_lines),
		cmocka_unit_test(finds_by_name),
		cmocka_unit_test(reads_retry_after),
		cmocka_unit_test(follows_links),
		cmocka_unit_test(counts_links_of_all_headers),
		cmocka_unit_test(knows_json),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
