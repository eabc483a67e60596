#include "net/ip.h"

#include "base/auto.h"
#include "net/source.h"
#include "tests/unit/test.h"

static void reads_and_writes(void **state)
{
	static const struct {
		const char *in, *out; /* NULL: refused */
	} cases[] = {
		{ "192.0.2.1", "192.0.2.1" },
		{ "::ffff:192.0.2.1", "192.0.2.1" },
		{ "2001:DB8:0:0:0:0:0:1", "2001:db8::1" },
		{ "2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1" },
		{ "::1", "::1" },
		{ "192.0.2", NULL },
		{ "192.0.2.256", NULL },
		{ "192.0.02.1", NULL },
		{ "2001:db8::1::2", NULL },
		{ "fe80::1%eth0", NULL },
		{ "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa", NULL },
		{ "", NULL },
	};
	AUTO(mem) struct mem m = { 0 };
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ip a;
		const int status = ip_parse(str_of(cases[i].in), &a);
		assert_int_equal(status, cases[i].out ? 0 : -1);
		if (cases[i].out)
			assert_string_equal(ip_text(&a, &m), cases[i].out);
	}
}

static void knows_networks(void **state)
{
	static const struct {
		const char *ip, *net;
		bool within;
	} cases[] = {
		{ "192.0.2.77", "192.0.2.64/26", true },
		{ "192.0.2.63", "192.0.2.64/26", false },
		{ "192.0.2.1", "192.0.2.1", true },
		{ "192.0.2.1", "192.0.2.1/32", true },
		{ "192.0.2.1", "0.0.0.0/0", true },
		{ "2001:db8:1:2::25", "2001:db8:1:2::/64", true },
		{ "2001:db8:1:3::25", "2001:db8:1:2::/64", false },
		{ "2001:db8:1:3::25", "2001:db8:1:2::/63", true },
		{ "2001:db8::1", "2001:db8:0::1", true },
		{ "192.0.2.1", "2001:db8::/32", false },
		{ "192.0.2.1", "192.0.2.0/33", false },
		{ "192.0.2.1", "192.0.2.0/", false },
		{ "192.0.2.1", "/", false },
		{ "192.0.2.1", "", false },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ip a;
		assert_int_equal(ip_parse(str_of(cases[i].ip), &a), 0);
		if (ip_within(&a, str_of(cases[i].net)) != cases[i].within)
			fail_msg("%s in %s", cases[i].ip, cases[i].net);
	}
}

static void names_in_reverse(void **state)
{
	static const struct {
		const char *ip, *name;
	} cases[] = {
		{ "192.0.2.10", "10.2.0.192.in-addr.arpa" },
		{ "203.0.113.255", "255.113.0.203.in-addr.arpa" },
		{ "2001:db8::567:89ab",
		  "b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1."
		  "0.0.2.ip6.arpa" },
		{ "::1", "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0."
			 "0.0.0.0.0.0.ip6.arpa" },
	};
	AUTO(mem) struct mem m = { 0 };
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ip a;
		assert_int_equal(ip_parse(str_of(cases[i].ip), &a), 0);
		assert_string_equal(ip_reverse(&a, &m), cases[i].name);
	}
}

static void knows_what_is_public(void **state)
{
	static const char *const yes[] = { "192.0.2.1", "8.8.8.8", "172.32.0.1",
					   "2001:db8::1", "2a01:4f8::1" };
	static const char *const no[] = { "10.1.2.3",
					  "172.31.255.255",
					  "192.168.1.1",
					  "100.64.0.1",
					  "127.0.0.1",
					  "169.254.1.1",
					  "224.0.0.1",
					  "255.255.255.255",
					  "0.0.0.0",
					  "::",
					  "::1",
					  "fd00::1",
					  "fe80::1",
					  "ff02::1",
					  "::ffff:10.0.0.1" };
	struct ip a;
	(void)state;
	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
		assert_int_equal(ip_parse(str_of(yes[i]), &a), 0);
		assert_true(ip_is_public(&a));
	}
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
		assert_int_equal(ip_parse(str_of(no[i]), &a), 0);
		assert_false(ip_is_public(&a));
	}
	a = (struct ip){ 0 };
	assert_false(ip_is_public(&a));
}

/* What comes out hangs on the machine; that it is an address or a reason does
 * not. */
static void asks_the_kernel(void **state)
{
	static const unsigned kinds[] = { 4, 16 };
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct ip a;
		struct err e = { 0 };
		if (source_address(kinds[i], &a, &e) == 0)
			assert_int_equal(a.n, kinds[i]);
		else
			assert_int_equal(e.kind, ERR_MISSING);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_and_writes),
		cmocka_unit_test(knows_networks),
		cmocka_unit_test(names_in_reverse),
		cmocka_unit_test(knows_what_is_public),
		cmocka_unit_test(asks_the_kernel),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
