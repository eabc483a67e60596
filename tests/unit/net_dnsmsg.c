#include "net/dnsmsg.h"

#include <string.h>

#include "base/auto.h"
#include "base/b64.h"
#include "tests/unit/test.h"

static void names_types(void **state)
{
	(void)state;
	static const struct {
		uint16_t type;
		const char *name;
	} rows[] = { { DNS_TXT, "TXT" },     { DNS_CAA, "CAA" },
		     { DNS_TLSA, "TLSA" },   { DNS_SRV, "SRV" },
		     { 65280, "TYPE65280" }, { DNS_DNAME, "DNAME" } };
	uint16_t type;
	char text[16];

	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_string_equal(dnsmsg_type_name(rows[i].type, text),
				    rows[i].name);
		assert_int_equal(dnsmsg_type_parse(str_of(rows[i].name), &type),
				 0);
		assert_int_equal(type, rows[i].type);
	}
	assert_int_equal(dnsmsg_type_parse(str_of("NOSUCH"), &type), -1);
	assert_int_equal(dnsmsg_type_parse(str_of(""), &type), -1);
	assert_int_equal(
		dnsmsg_type_parse(str_of("TXTTXTTXTTXTTXTTXTTXT"), &type), -1);
	assert_string_equal(dnsmsg_rcode_name(DNS_NXDOMAIN), "NXDOMAIN");
	assert_string_equal(dnsmsg_rcode_name(DNS_BADTIME), "BADTIME");
	assert_string_equal(dnsmsg_rcode_name(4000), "an unknown RCODE");
}

static void asks(void **state)
{
	(void)state;
	AUTO(mem) struct mem m = { 0 };
	AUTO(buf) struct buf w = { 0 };
	struct err e = { 0 };
	struct dns_msg x;

	assert_int_equal(dnsmsg_query(&w, 0xbeef, "_Acme-Challenge.example.org",
				      DNS_TXT, true, &e),
			 0);
	assert_int_equal(dnsmsg_parse(buf_get(&w), &m, &x, &e), 0);
	assert_int_equal(x.id, 0xbeef);
	assert_string_equal(x.qname, "_acme-challenge.example.org");
	assert_int_equal(x.qtype, DNS_TXT);
	assert_true(x.rd && !x.qr && x.edns);
	assert_int_equal(x.edns_size, 1232);
	assert_int_equal(dnsmsg_query(&w, 1, ".", DNS_NS, false, &e), 0);
	assert_int_equal(dnsmsg_parse(buf_get(&w), &m, &x, &e), 0);
	assert_string_equal(x.qname, ".");
	assert_int_equal(dnsmsg_query(&w, 1, "a..b", DNS_NS, false, &e), -1);
	assert_int_equal(e.kind, ERR_PERM);
}

static char long_txt[600];
static struct dns_rr rrs[] = {
	{ "example.org", DNS_A, DNS_IN, 60, { "192.0.2.1", 9 }, { 0 } },
	{ "example.org", DNS_AAAA, DNS_IN, 60, { "2001:db8::1", 11 }, { 0 } },
	{ "example.org",
	  DNS_MX,
	  DNS_IN,
	  300,
	  { "10 mx.example.net.", 18 },
	  { 0 } },
	{ "x.example.org",
	  DNS_CNAME,
	  DNS_IN,
	  5,
	  { "y.example.org.", 14 },
	  { 0 } },
	{ "_25._tcp.example.org",
	  DNS_TLSA,
	  DNS_IN,
	  5,
	  { "3 1 1 00ff", 10 },
	  { 0 } },
	{ "example.org",
	  DNS_CAA,
	  DNS_IN,
	  5,
	  { "0 issue \"ca.example\"", 20 },
	  { 0 } },
	{ "t.example.org", DNS_TXT, DNS_IN, 5, { "a\"\\\0\377", 5 }, { 0 } },
	{ "t.example.org",
	  DNS_TXT,
	  DNS_IN,
	  5,
	  { long_txt, sizeof(long_txt) },
	  { 0 } },
	{ "example.org",
	  DNS_SOA,
	  DNS_IN,
	  5,
	  { "ns.example.org. h.example.org. 1 2 3 4 5", 40 },
	  { 0 } },
};

static void same_rr(const struct dns_rr *a, const struct dns_rr *b)
{
	assert_string_equal(a->name, b->name);
	assert_int_equal(a->type, b->type);
	assert_int_equal(a->class, b->class);
	assert_int_equal(a->ttl, b->ttl);
	assert_int_equal(a->value.n, b->value.n);
	assert_memory_equal(a->value.at, b->value.at, a->value.n);
}

static void round_trips(void **state)
{
	(void)state;
	AUTO(mem) struct mem m = { 0 };
	AUTO(buf) struct buf w = { 0 };
	struct err e = { 0 };
	struct dns_msg a = { .id = 7,
			     .qr = true,
			     .aa = true,
			     .qname = "example.org",
			     .qtype = DNS_ANY,
			     .qclass = DNS_IN,
			     .rcode = DNS_NOERROR,
			     .answer = rrs,
			     .answer_n = COUNT(rrs),
			     .edns = true };
	struct dns_msg x;

	memset(long_txt, 'z', sizeof(long_txt));
	assert_int_equal(dnsmsg_answer(&a, 65535, &w, &e), 0);
	assert_int_equal(dnsmsg_parse(buf_get(&w), &m, &x, &e), 0);
	assert_true(x.qr && x.aa && !x.tc && x.edns);
	assert_int_equal(x.answer_n, COUNT(rrs));
	for (size_t i = 0; i < COUNT(rrs); i++)
		same_rr(&x.answer[i], &rrs[i]);
	/* 600 bytes are three strings. */
	assert_int_equal(x.answer[7].strings.n, 603);
	/* Too long: no half answers, but TC. */
	assert_int_equal(dnsmsg_answer(&a, 512, &w, &e), 0);
	assert_true(w.n <= 512);
	assert_int_equal(dnsmsg_parse(buf_get(&w), &m, &x, &e), 0);
	assert_true(x.tc && x.edns);
	assert_int_equal(x.answer_n, 0);
	/* Rcodes over 15 need EDNS. */
	a.answer_n = 0;
	a.rcode = (enum dns_rcode)16;
	assert_int_equal(dnsmsg_answer(&a, 512, &w, &e), 0);
	assert_int_equal(dnsmsg_parse(buf_get(&w), &m, &x, &e), 0);
	assert_int_equal(x.rcode, 16);
}

/* Strings that somebody cut in another way are written as they were read. */
static void keeps_cuts(void **state)
{
	(void)state;
	AUTO(mem) struct mem m = { 0 };
	AUTO(buf) struct buf w = { 0 };
	AUTO(buf) struct buf again = { 0 };
	struct err e = { 0 };
	struct dns_rr rr = { "t.example", DNS_TXT,      DNS_IN,
			     1,           { "abc", 3 }, { "\2ab\1c", 5 } };
	struct dns_msg a = { .qr = true, .answer = &rr, .answer_n = 1 }, x;

	assert_int_equal(dnsmsg_answer(&a, 512, &w, &e), 0);
	assert_int_equal(dnsmsg_parse(buf_get(&w), &m, &x, &e), 0);
	assert_true(str_eq(x.answer[0].value, "abc"));
	assert_true(str_same(x.answer[0].strings, rr.strings));
	a.answer = x.answer;
	assert_int_equal(dnsmsg_answer(&a, 512, &again, &e), 0);
	assert_true(str_same(buf_get(&w), buf_get(&again)));
}

static void refuses_values(void **state)
{
	(void)state;
	static const struct dns_rr bad[] = {
		{ "example.org", DNS_A, DNS_IN, 1, { "192.0.2", 7 }, { 0 } },
		{ "example.org", DNS_MX, DNS_IN, 1, { "mx", 2 }, { 0 } },
		{ "example.org",
		  DNS_A,
		  DNS_IN,
		  1,
		  { "192.0.2.1\nx IN A 1.2.3.4", 24 },
		  { 0 } },
		{ "a..example", DNS_A, DNS_IN, 1, { "192.0.2.1", 9 }, { 0 } },
	};

	for (size_t i = 0; i < COUNT(bad); i++) {
		AUTO(buf) struct buf w = { 0 };
		struct err e = { 0 };
		struct dns_rr rr = bad[i];
		struct dns_msg a = { .qr = true, .answer = &rr, .answer_n = 1 };

		assert_int_equal(dnsmsg_answer(&a, 512, &w, &e), -1);
		assert_int_equal(e.kind, ERR_PERM);
	}
}

/* RFC 2136 2.4 and 2.5, byte by byte. */
static void updates(void **state)
{
	(void)state;
	static const struct dns_rr pre[] = {
		{ "a.ex", DNS_TXT, DNS_NONE_CLASS, 0, { 0 }, { 0 } },
		{ "a.ex", DNS_TXT, DNS_IN, 0, { "v", 1 }, { 0 } },
	};
	static const struct dns_rr change[] = {
		{ "a.ex", DNS_TXT, DNS_NONE_CLASS, 0, { "v", 1 }, { 0 } },
		{ "a.ex", DNS_TXT, DNS_IN, 60, { "w", 1 }, { 0 } },
		{ "ex", DNS_A, DNS_ANY_CLASS, 0, { 0 }, { 0 } },
	};
	struct dns_update u = { "ex", pre, change, COUNT(pre), COUNT(change) };
	AUTO(mem) struct mem m = { 0 };
	AUTO(buf) struct buf w = { 0 };
	AUTO(buf) struct buf hex = { 0 };
	struct err e = { 0 };
	struct dns_msg x;

	assert_int_equal(dnsmsg_update(&w, 0x0102, &u, &e), 0);
	hex_add(&hex, buf_get(&w));
	assert_string_equal(buf_c(&hex), "010228000001000200030000"
					 "02657800"
					 "00060001"
					 "016102657800"
					 "001000fe000000000000"
					 "016102657800"
					 "00100001000000000002"
					 "0176"
					 "016102657800"
					 "001000fe000000000002"
					 "0176"
					 "016102657800"
					 "001000010000003c0002"
					 "0177"
					 "c00c"
					 "000100ff000000000000");
	assert_int_equal(dnsmsg_parse(buf_get(&w), &m, &x, &e), 0);
	assert_int_equal(x.opcode, 5);
	assert_int_equal(x.authority_n, 3);
	assert_int_equal(x.authority[0].class, DNS_NONE_CLASS);
	assert_true(str_eq(x.authority[0].value, "v"));
}

static void refuses_bytes(void **state)
{
	(void)state;
	static const char *const rows[] = {
		"",
		"00",
		"000084000001000000000000", /* no question */
		/* a pointer to itself */
		"000084000001000000000000c00c00010001",
		/* a label that runs out */
		"0000840000010000000000003f61",
		/* data longer than the message */
		"000084000000000100000000000001000100000000ffff01",
		/* an address of three bytes */
		"00008400000000010000000000000100010000000000030a0000",
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO(mem) struct mem m = { 0 };
		AUTO(buf) struct buf w = { 0 };
		struct err e = { 0 };
		struct dns_msg x;

		assert_int_equal(hex_read(str_of(rows[i]), &w), 0);
		assert_int_equal(dnsmsg_parse(buf_get(&w), &m, &x, &e), -1);
		assert_int_equal(e.kind, ERR_PERM);
	}
}

/* No prefix of a good message may be read beyond its end. */
static void survives_cuts(void **state)
{
	(void)state;
	AUTO(buf) struct buf w = { 0 };
	struct err e = { 0 };
	struct dns_msg a = { .qr = true,
			     .qname = "example.org",
			     .qtype = 1,
			     .qclass = 1,
			     .answer = rrs,
			     .answer_n = COUNT(rrs),
			     .edns = true };

	assert_int_equal(dnsmsg_answer(&a, 65535, &w, &e), 0);
	for (size_t n = 0; n < w.n; n++) {
		AUTO(mem) struct mem m = { 0 };
		AUTO(free) char *exact = malloc(n + 1);
		struct dns_msg x;

		memcpy(exact, w.at, n);
		assert_int_equal(
			dnsmsg_parse((struct str){ exact, n }, &m, &x, &e), -1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_types),
		cmocka_unit_test(asks),
		cmocka_unit_test(round_trips),
		cmocka_unit_test(keeps_cuts),
		cmocka_unit_test(refuses_values),
		cmocka_unit_test(updates),
		cmocka_unit_test(refuses_bytes),
		cmocka_unit_test(survives_cuts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
