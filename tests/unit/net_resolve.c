#include "net/resolve.h"

#include "base/auto.h"
#include "base/clock.h"
#include "tests/unit/dnsfake.h"

#define SOA "ns.wild.test. h.wild.test. 1 2 3 4 5"
static const struct dnsfake_row rows[] = {
	{ "wild.test", DNS_SOA, SOA },
	{ "a.wild.test", DNS_A, "192.0.2.1" },
	{ "a.wild.test", DNS_A, "192.0.2.2" },
	{ "c.wild.test", DNS_CNAME, "d.wild.test." },
	{ "d.wild.test", DNS_CNAME, "a.wild.test." },
	{ "t.wild.test", DNS_TXT, "some text" },
	{ "x.localhost", DNS_A, "192.0.2.9" },
	{ "1.0.168.192.in-addr.arpa", DNS_PTR, "host.wild.test." },
};

static int by_rows(struct dnsfake *f, struct str question, bool tcp,
		   struct buf *out)
{
	struct mem m = { 0 };
	struct err e = { 0 };
	struct dns_msg q, a;

	(void)f;
	(void)tcp;
	assert_int_equal(dnsmsg_parse(question, &m, &q, &e), 0);
	dnsfake_lookup(rows, COUNT(rows), &q, &m, &a);
	if (strstr(q.qname, "broken"))
		a.rcode = DNS_SERVFAIL;
	assert_int_equal(dnsmsg_answer(&a, 65535, out, &e), 0);
	mem_free(&m);
	return 0;
}

static struct dnsfake fake = { .answer = by_rows };
static struct resolver *resolver;

static int setup(void **state)
{
	struct err e = { 0 };

	(void)state;
	dnsfake_start(&fake);
	return resolver_open(fake.text, &resolver, &e);
}

static int teardown(void **state)
{
	(void)state;
	resolver_close(resolver);
	dnsfake_stop(&fake);
	return 0;
}

static void resolves(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		uint16_t type;
		enum dns_rcode rcode;
		size_t n;
		const char *first, *cname, *soa;
	} cases[] = {
		{ "a.wild.test", DNS_A, DNS_NOERROR, 2, "192.0.2.1",
		  "a.wild.test", NULL },
		{ "c.wild.test", DNS_A, DNS_NOERROR, 2, "192.0.2.1",
		  "a.wild.test", NULL },
		{ "c.wild.test", DNS_CNAME, DNS_NOERROR, 1, "d.wild.test.",
		  "c.wild.test", NULL },
		{ "t.wild.test", DNS_TXT, DNS_NOERROR, 1, "some text",
		  "t.wild.test", NULL },
		{ "a.wild.test", DNS_AAAA, DNS_NOERROR, 0, NULL, "a.wild.test",
		  "wild.test" },
		{ "no.wild.test", DNS_A, DNS_NXDOMAIN, 0, NULL, "no.wild.test",
		  "wild.test" },
		{ "wild.test", DNS_SOA, DNS_NOERROR, 1, SOA, "wild.test",
		  NULL },
		/* What libunbound would answer by itself is asked too. */
		{ "x.localhost", DNS_A, DNS_NOERROR, 1, "192.0.2.9",
		  "x.localhost", NULL },
		{ "1.0.168.192.in-addr.arpa", DNS_PTR, DNS_NOERROR, 1,
		  "host.wild.test.", "1.0.168.192.in-addr.arpa", NULL },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		AUTO(mem) struct mem m = { 0 };
		struct err e = { 0 };
		struct answer a;

		assert_int_equal(resolve(resolver, cases[i].name, cases[i].type,
					 &m, &a, &e),
				 0);
		assert_int_equal(a.rcode, cases[i].rcode);
		assert_int_equal(a.n, cases[i].n);
		assert_string_equal(a.cname, cases[i].cname);
		if (a.n == 1)
			assert_true(str_eq(a.value[0], cases[i].first));
		if (cases[i].soa)
			assert_string_equal(a.soa, cases[i].soa);
		else
			assert_null(a.soa);
	}
}

static void failure_is_temporary(void **state)
{
	(void)state;
	AUTO(mem) struct mem m = { 0 };
	struct err e = { 0 };
	struct answer a;

	assert_int_equal(
		resolve(resolver, "broken.wild.test", DNS_A, &m, &a, &e), -1);
	assert_int_equal(e.kind, ERR_TEMP);
	assert_non_null(strstr(e.msg, "broken.wild.test A: SERVFAIL"));
}

static void resolves_many(void **state)
{
	(void)state;
	enum { N = 100 };
	AUTO(mem) struct mem m = { 0 };
	struct err e = { 0 };
	struct question q[N];

	for (size_t i = 0; i < N; i++)
		q[i] = (struct question){
			.name = i % 3 == 0 ? "a.wild.test" :
				i % 3 == 1 ? mem_fmt(&m, "n%zu.wild.test", i) :
					     "broken.wild.test",
			.type = DNS_A,
		};
	assert_int_equal(resolve_all(resolver, q, N, &m, &e), 0);
	for (size_t i = 0; i < N; i++) {
		assert_int_equal(q[i].status, i % 3 == 2 ? -1 : 0);
		if (i % 3 == 0)
			assert_int_equal(q[i].answer.n, 2);
		if (i % 3 == 1)
			assert_int_equal(q[i].answer.rcode, DNS_NXDOMAIN);
		if (i % 3 == 2)
			assert_non_null(strstr(q[i].why, "SERVFAIL"));
	}
	assert_int_equal(resolve_all(resolver, NULL, 0, &m, &e), 0);
}

static void knows_its_server(void **state)
{
	(void)state;
	struct err e = { 0 };
	struct resolver *r;

	assert_string_equal(resolver_fixed(resolver)->text, fake.text);
	assert_int_equal(resolver_open("ns1.example.org", &r, &e), -1);
	assert_int_equal(e.kind, ERR_CONF);
	assert_non_null(strstr(e.msg, "dns.resolver"));
	assert_int_equal(resolver_open(NULL, &r, &e), 0);
	assert_null(resolver_fixed(r));
	resolver_close(r);
	resolver_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(resolves),
		cmocka_unit_test(failure_is_temporary),
		cmocka_unit_test(resolves_many),
		cmocka_unit_test(knows_its_server),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
