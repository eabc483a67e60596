#include "base/idn.h"

#include <string.h>

#include "base/auto.h"
#include "tests/unit/test.h"

#define L63 "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggg"
#define L61 "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeefffffffffff"

static void to_ascii(void **state)
{
	static const struct {
		const char *name;
		const char *want; /* NULL: refused, and `why` is in the reason */
		const char *why;
	} table[] = {
		{ "example.org", "example.org", NULL },
		{ "Example.ORG.", "example.org", NULL },
		{ "*.example.org", "*.example.org", NULL },
		{ "_acme-challenge.example.org", "_acme-challenge.example.org",
		  NULL },
		{ "_25._tcp.mx.example.org", "_25._tcp.mx.example.org", NULL },
		{ "r3---sn-x.example", "r3---sn-x.example", NULL },
		{ "localhost", "localhost", NULL },
		{ "b\xc3\xbc"
		  "cher.example",
		  "xn--bcher-kva.example", NULL },
		{ "B\xc3\x9c"
		  "CHER.Example.",
		  "xn--bcher-kva.example", NULL },
		{ "bu\xcc\x88"
		  "cher.example",
		  "xn--bcher-kva.example", NULL },
		{ "*.b\xc3\xbc"
		  "cher.example",
		  "*.xn--bcher-kva.example", NULL },
		{ "fa\xc3\x9f.de", "xn--fa-hia.de", NULL },
		{ "XN--BCHER-KVA.example", "xn--bcher-kva.example", NULL },
		{ "\xe4\xbe\x8b\xe5\xad\x90\xe3\x80\x82\xe6\xb5\x8b\xe8\xaf\x95"
		  "\xe3\x80\x82",
		  "xn--fsqu00a.xn--0zwm56d", NULL },
		{ L63 "." L63 "." L63 "." L61, L63 "." L63 "." L63 "." L61,
		  NULL },
		{ "", NULL, "empty" },
		{ ".", NULL, "empty" },
		{ "a..b", NULL, "empty" },
		{ ".a", NULL, "empty" },
		{ "a.b..", NULL, "empty" },
		{ "*.", NULL, "empty" },
		{ "*", NULL, "neither letter" },
		{ "a.*.b", NULL, "neither letter" },
		{ "*.*.b", NULL, "neither letter" },
		{ "a b.org", NULL, "neither letter" },
		{ "user@example.org", NULL, "neither letter" },
		{ "http://example.org", NULL, "neither letter" },
		{ "-a.org", NULL, "hyphen" },
		{ "a-.org", NULL, "hyphen" },
		{ L63 "h.org", NULL, "63" },
		{ L63 "." L63 "." L63 "." L63, NULL, "253" },
		{ "*." L63 "." L63 "." L63 "." L61, NULL, "253" },
		{ "xn--\xc3\xbc.org", NULL, "not a domain name" },
		{ "xn--a.org", NULL, "not a domain name" },
		{ "\xff\xfe.org", NULL, "not a domain name" },
		{ "a\xe2\x80\xae"
		  "b.org",
		  NULL, "not a domain name" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		AUTO(mem) struct mem m = { 0 };
		struct err e = { 0 };
		const char *got = NULL;
		int rc = idn_ascii(&m, str_of(table[i].name), &got, &e);

		if ((rc == 0) != (table[i].want != NULL))
			fail_msg("%s: %d %s", table[i].name, rc, e.msg);
		if (!rc) {
			assert_string_equal(got, table[i].want);
			continue;
		}
		assert_int_equal(e.kind, ERR_CONF);
		if (!strstr(e.msg, table[i].why))
			fail_msg("%s: %s", table[i].name, e.msg);
	}
}

static void refuses_bytes_without_end(void **state)
{
	AUTO(mem) struct mem m = { 0 };
	char big[5000];
	struct err e = { 0 };
	const char *got;

	(void)state;
	memset(big, 'a', sizeof(big));
	assert_int_equal(
		idn_ascii(&m, (struct str){ big, sizeof(big) }, &got, &e), -1);
	assert_int_equal(idn_ascii(&m, STR_LIT("a\0b.org"), &got, &e), -1);
}

static void shows_people(void **state)
{
	AUTO(mem) struct mem m = { 0 };

	(void)state;
	assert_string_equal(idn_shown(&m, "xn--bcher-kva.example"),
			    "b\xc3\xbc"
			    "cher.example");
	assert_string_equal(idn_shown(&m, "*.xn--fa-hia.de"),
			    "*.fa\xc3\x9f.de");
	assert_string_equal(idn_shown(&m, "_dmarc.example.org"),
			    "_dmarc.example.org");
	assert_string_equal(idn_shown(&m, "xn--a.org"), "xn--a.org");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(to_ascii),
		cmocka_unit_test(refuses_bytes_without_end),
		cmocka_unit_test(shows_people),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
