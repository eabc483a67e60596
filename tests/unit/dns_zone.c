#include "dns/zone.h"

#include "base/auto.h"
#include "base/clock.h"
#include "dns/wait.h"
#include "tests/unit/dnsfake.h"

#define SOA "ns.wild.test. h.wild.test. 1 2 3 4 5"
static const struct dnsfake_row rows[] = {
	{ "sub.wild.test", DNS_SOA, SOA }, /* the longest first */
	{ "wild.test", DNS_SOA, SOA },
	{ "other.net", DNS_SOA, SOA },
	{ "c1.wild.test", DNS_CNAME, "c2.other.net." },
	{ "c2.other.net", DNS_CNAME, "c3.wild.test." },
	{ "loop1.wild.test", DNS_CNAME, "loop2.wild.test." },
	{ "loop2.wild.test", DNS_CNAME, "loop1.wild.test." },
	{ "self.wild.test", DNS_CNAME, "self.wild.test." },
	{ "l0.wild.test", DNS_CNAME, "l1.wild.test." },
	{ "l1.wild.test", DNS_CNAME, "l2.wild.test." },
	{ "l2.wild.test", DNS_CNAME, "l3.wild.test." },
	{ "l3.wild.test", DNS_CNAME, "l4.wild.test." },
	{ "l4.wild.test", DNS_CNAME, "l5.wild.test." },
	{ "l5.wild.test", DNS_CNAME, "l6.wild.test." },
	{ "l6.wild.test", DNS_CNAME, "l7.wild.test." },
	{ "l7.wild.test", DNS_CNAME, "l8.wild.test." },
	{ "l8.wild.test", DNS_CNAME, "l9.wild.test." },
};

/* What the zone wait.test shows: `late` questions long nothing. */
static atomic_uint late;

static void put_txt(struct dns_msg *a, struct mem *m)
{
	static const char *const values[] = { "foreign", "one", "two" };

	a->rcode = DNS_NOERROR;
	a->answer = mem_array(m, 3, sizeof(*a->answer));
	a->answer_n = late > 0 ? 1 : 3;
	if (late > 0)
		late--;
	for (size_t i = 0; i < a->answer_n; i++)
		a->answer[i] = (struct dns_rr){ .name = a->qname,
						.type = DNS_TXT,
						.class = DNS_IN,
						.ttl = 1,
						.value = str_of(values[i]) };
}

static int by_rows(struct dnsfake *f, struct str question, bool tcp,
		   struct buf *out)
{
	struct mem m = { 0 };
	struct err e = { 0 };
	struct dns_msg q, a;
	struct dnsfake_row wild = { .type = DNS_CNAME,
				    .value = "host.wild.test." };

	(void)f;
	(void)tcp;
	assert_int_equal(dnsmsg_parse(question, &m, &q, &e), 0);
	wild.name = q.qname;
	if (strstr(q.qname, ".w.wild.test"))
		dnsfake_lookup(&wild, 1, &q, &m, &a);
	else
		dnsfake_lookup(rows, COUNT(rows), &q, &m, &a);
	if (strstr(q.qname, "mute.test")) /* a middle box without SOA */
		a.rcode = DNS_NOERROR;
	if (strstr(q.qname, "broken"))
		a.rcode = DNS_SERVFAIL;
	if (strstr(q.qname, "wait.test"))
		put_txt(&a, &m);
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

static void follows(void **state)
{
	(void)state;
	static const struct {
		const char *name, *end, *word;
	} cases[] = {
		{ "plain.wild.test", "plain.wild.test", NULL },
		{ "c1.wild.test", "c3.wild.test", NULL },
		{ "_acme-challenge.w.wild.test", "_acme-challenge.w.wild.test",
		  NULL },
		{ "loop1.wild.test", NULL,
		  "loop1.wild.test -> loop2.wild.test -> loop1.wild.test" },
		{ "self.wild.test", NULL, "self.wild.test -> self.wild.test" },
		{ "l1.wild.test", "l9.wild.test", NULL },
		{ "l0.wild.test", NULL, "more than 8" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		AUTO(mem) struct mem m = { 0 };
		struct err e = { 0 };
		const char *end;
		int s = zone_follow(resolver, cases[i].name, &m, &end, &e);

		assert_int_equal(s, cases[i].end ? 0 : -1);
		if (cases[i].end) {
			assert_string_equal(end, cases[i].end);
			continue;
		}
		assert_int_equal(e.kind, ERR_PERM);
		assert_non_null(strstr(e.msg, cases[i].word));
	}
}

static void cuts(void **state)
{
	(void)state;
	static const struct {
		const char *name, *zone;
		enum err_kind kind;
	} cases[] = {
		{ "wild.test", "wild.test", ERR_NONE },
		{ "a.b.wild.test", "wild.test", ERR_NONE },
		{ "a.sub.wild.test", "sub.wild.test", ERR_NONE },
		{ "c1.wild.test", "wild.test", ERR_NONE },
		{ "nowhere.example", NULL, ERR_MISSING },
		{ "a.mute.test", NULL, ERR_MISSING },
		{ "a.broken.test", NULL, ERR_TEMP },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		AUTO(mem) struct mem m = { 0 };
		struct err e = { 0 };
		const char *zone;
		int s = zone_cut(resolver, cases[i].name, &m, &zone, &e);

		assert_int_equal(s, cases[i].zone ? 0 : -1);
		if (cases[i].zone)
			assert_string_equal(zone, cases[i].zone);
		else
			assert_int_equal(e.kind, cases[i].kind);
	}
}

static void asks_the_fixed_one(void **state)
{
	(void)state;
	AUTO(mem) struct mem m = { 0 };
	struct err e = { 0 };
	struct zone_servers s = { 0 };

	assert_int_equal(zone_servers(resolver, "wild.test", &m, &s, &e), 0);
	assert_int_equal(s.n, 1);
	assert_string_equal(s.at[0].server.text, fake.text);
}

/* wait.h */

static char last_live[64];
static void note(struct tell *t, enum tell_kind kind, const char *who,
		 const char *text)
{
	(void)t;
	assert_int_equal(kind, TELL_LIVE);
	assert_string_equal(who, "wait.test");
	snprintf(last_live, sizeof(last_live), "%s", text);
}

static struct records want(struct mem *m, const char *one, const char *two)
{
	struct records r = { 0 };
	const char *v[] = { one, two };

	for (size_t i = 0; i < 2; i++) {
		struct record x = { .name = i ? "b.wait.test" : "a.wait.test",
				    .type = DNS_TXT,
				    .value = str_of(v[i]) };

		if (v[i])
			records_add(&r, m, &x);
	}
	return r;
}

static void waits(void **state)
{
	(void)state;
	static const struct {
		unsigned late;
		const char *one, *two;
		int status;
	} cases[] = {
		{ 0, "one", NULL, 0 },    { 3, "one", NULL, 0 },
		{ 2, "one", "two", 0 },   { 0, "foreign", NULL, 0 },
		{ 0, "never", NULL, -1 }, { 0, "one", "never", -1 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		AUTO(mem) struct mem m = { 0 };
		struct err e = { 0 };
		struct tell t = { note };
		struct wait w = { resolver, &t, "wait.test", 700 };
		struct records r = want(&m, cases[i].one, cases[i].two);

		late = cases[i].late;
		int64_t before = clock_ms();
		assert_int_equal(wait_visible(&w, "wait.test", &r, &e),
				 cases[i].status);
		int64_t took = clock_ms() - before;
		if (cases[i].status == 0) {
			assert_string_equal(last_live, "1/1 servers");
			/* The first look is at once. */
			assert_true(cases[i].late ? took >= 50 : took < 45);
			continue;
		}
		assert_int_equal(e.kind, ERR_TIMEOUT);
		assert_string_equal(last_live, "0/1 servers");
		assert_non_null(strstr(e.msg, fake.text));
		assert_non_null(strstr(e.msg, "other values"));
	}
}

static void waits_for_nothing(void **state)
{
	(void)state;
	struct err e = { 0 };
	struct wait w = { resolver, NULL, "wait.test", 700 };
	struct records none = { 0 };

	assert_int_equal(wait_visible(&w, "wait.test", &none, &e), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(follows),
		cmocka_unit_test(cuts),
		cmocka_unit_test(asks_the_fixed_one),
		cmocka_unit_test(waits),
		cmocka_unit_test(waits_for_nothing),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
