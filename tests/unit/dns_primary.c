#include "dns/primary.h"

#include "base/auto.h"
#include "base/clock.h"
#include "tests/unit/dnsfake.h"

#define SOA "ns.ex.test. h.ex.test. 1 2 3 4 5"
#define NAME "_acme-challenge.ex.test"

/* A server that holds ex.test and obeys prerequisites; what it does wrong is
 * its mood. */
enum mood { FINE, LOSES_REPLY, LOSES_ALL, REFUSES, FAILS, RACES };
struct server {
	enum mood mood;
	struct mem mem;
	struct records r;
	unsigned updates;
};

static bool holds(const struct server *s, const struct dns_rr *rr)
{
	struct record x = { .name = rr->name,
			    .type = rr->type,
			    .value = rr->value };

	return records_find(&s->r, &x) != NULL;
}

/* RFC 2136 3.2 for one RRset. */
static enum dns_rcode prereq(const struct server *s, const struct dns_msg *q)
{
	size_t exact = 0;

	for (size_t i = 0; i < q->answer_n; i++) {
		const struct dns_rr *rr = &q->answer[i];

		assert_int_equal(rr->ttl, 0);
		if (rr->class == DNS_NONE_CLASS && s->r.n > 0)
			return DNS_YXRRSET;
		if (rr->class == DNS_IN && !holds(s, rr))
			return DNS_NXRRSET;
		exact += rr->class == DNS_IN;
	}
	return exact && exact != s->r.n ? DNS_NXRRSET : DNS_NOERROR;
}

static void perform(struct server *s, const struct dns_msg *q)
{
	for (size_t i = 0; i < q->authority_n; i++) {
		const struct dns_rr *rr = &q->authority[i];
		struct record x = { .name = rr->name,
				    .type = rr->type,
				    .ttl = rr->ttl,
				    .value = rr->value };

		if (rr->class == DNS_IN && !holds(s, rr))
			records_add(&s->r, &s->mem, &x);
		for (size_t k = 0; rr->class == DNS_NONE_CLASS && k < s->r.n;)
			if (record_same(&s->r.at[k], &x))
				s->r.at[k] = s->r.at[--s->r.n];
			else
				k++;
	}
}

static enum dns_rcode update(struct server *s, const struct dns_msg *q)
{
	s->updates++;
	assert_string_equal(q->qname, "ex.test");
	assert_int_equal(q->qtype, DNS_SOA);
	if (s->mood == REFUSES)
		return DNS_REFUSED;
	if (s->mood == FAILS || (s->mood == LOSES_ALL && s->updates == 1))
		return DNS_SERVFAIL;
	if (s->mood == RACES) {
		struct record x = { .name = NAME,
				    .type = DNS_TXT,
				    .value = str_of("faster") };

		s->mood = FINE;
		records_add(&s->r, &s->mem, &x);
	}
	enum dns_rcode rc = prereq(s, q);
	if (rc == DNS_NOERROR)
		perform(s, q);
	return rc;
}

static void query(const struct server *s, const struct dns_msg *q,
		  struct mem *m, struct dns_msg *a)
{
	static const struct dnsfake_row rows[] = {
		{ "ex.test", DNS_SOA, SOA },
		{ "alias.ex.test", DNS_CNAME, "x.ex.test." },
	};

	dnsfake_lookup(rows, COUNT(rows), q, m, a);
	if (strstr(q->qname, "foreign.test"))
		*a = (struct dns_msg){ .id = q->id,
				       .qr = true,
				       .rcode = DNS_REFUSED };
	if (strstr(q->qname, "away.ex.test")) {
		a->aa = false;
		a->rcode = DNS_NOERROR;
		a->authority[0] =
			(struct dns_rr){ .name = "away.ex.test",
					 .type = DNS_NS,
					 .class = DNS_IN,
					 .ttl = 1,
					 .value =
						 str_of("ns.elsewhere.test.") };
		a->authority_n = 1;
	}
	if (strstr(q->qname, "lame.ex.test"))
		a->aa = false;
	if (strcmp(q->qname, NAME) != 0 || q->qtype != DNS_TXT)
		return;
	a->rcode = s->r.n ? DNS_NOERROR : DNS_NXDOMAIN;
	a->answer = mem_array(m, s->r.n + 1, sizeof(*a->answer));
	for (size_t i = 0; i < s->r.n; i++)
		a->answer[a->answer_n++] =
			(struct dns_rr){ .name = NAME,
					 .type = DNS_TXT,
					 .class = DNS_IN,
					 .ttl = s->r.at[i].ttl,
					 .value = s->r.at[i].value };
}

static int serves(struct dnsfake *f, struct str question, bool tcp,
		  struct buf *out)
{
	struct server *s = f->data;
	struct mem m = { 0 };
	struct err e = { 0 };
	struct dns_msg q, a;
	bool silent = false;

	assert_int_equal(dnsmsg_parse(question, &m, &q, &e), 0);
	if (q.opcode == 5) {
		unsigned before = s->updates;

		a = (struct dns_msg){ .id = q.id,
				      .qr = true,
				      .opcode = 5,
				      .rcode = update(s, &q) };
		silent = before == 0 &&
			 (s->mood == LOSES_REPLY || s->mood == LOSES_ALL);
	} else {
		query(s, &q, &m, &a);
	}
	assert_int_equal(dnsmsg_answer(&a, tcp ? 65535 : 512, out, &e), 0);
	mem_free(&m);
	return silent ? -1 : 0;
}

struct bench {
	struct server server;
	struct dnsfake fake;
	struct primary primary;
	struct mem mem;
};

static void open_bench(struct bench *b, enum mood mood)
{
	struct err e = { 0 };

	memset(b, 0, sizeof(*b));
	b->server.mood = mood;
	b->primary.limit_ms = 200;
	b->fake = (struct dnsfake){ .answer = serves, .data = &b->server };
	dnsfake_start(&b->fake);
	assert_int_equal(
		primary_add(&b->primary, str_of(b->fake.text), NULL, &e), 0);
}

static void close_bench(struct bench *b)
{
	dnsfake_stop(&b->fake);
	mem_free(&b->server.mem);
	mem_free(&b->mem);
}

/* From what is there to that and one more. */
static struct change adding(struct bench *b, const char *value, size_t n)
{
	struct change c = { .name = NAME, .type = DNS_TXT, .ttl = 60 };
	struct err e = { 0 };

	assert_int_equal(primary_list(&b->primary, "ex.test", NAME, DNS_TXT,
				      &b->mem, &c.is, &e),
			 0);
	for (size_t i = 0; i < n; i++) {
		struct record x = { .name = NAME,
				    .type = DNS_TXT,
				    .value = str_of(mem_fmt(&b->mem, "%s%zu",
							    value, i)) };

		records_add(&c.add, &b->mem, &x);
		records_add(&c.want, &b->mem, &x);
	}
	for (size_t i = 0; i < c.is.n; i++)
		records_add(&c.want, &b->mem, &c.is.at[i]);
	return c;
}

static void changes(void **state)
{
	(void)state;
	struct bench b;
	struct err e = { 0 };

	open_bench(&b, FINE);
	struct change c = adding(&b, "a", 2);
	assert_int_equal(primary_apply(&b.primary, "ex.test", &c, &e), 0);
	assert_int_equal(b.server.r.n, 2);
	assert_int_equal(b.server.r.at[0].ttl, 60);
	/* The same change again no longer fits what is there. */
	assert_int_equal(primary_apply(&b.primary, "ex.test", &c, &e), -1);
	assert_int_equal(e.kind, ERR_CHANGED);
	/* Forty values go by TCP, and are read by TCP. */
	e = (struct err){ 0 };
	c = adding(&b, "a-value-that-is-as-long-as-a-token-of-acme-is-4", 40);
	assert_int_equal(c.is.n, 2);
	assert_int_equal(primary_apply(&b.primary, "ex.test", &c, &e), 0);
	assert_int_equal(b.server.r.n, 42);
	struct change del = {
		.name = NAME, .type = DNS_TXT, .is = c.want, .del = c.want
	};
	assert_int_equal(primary_apply(&b.primary, "ex.test", &del, &e), 0);
	assert_int_equal(b.server.r.n, 0);
	close_bench(&b);
}

static void stands_trouble(void **state)
{
	(void)state;
	static const struct {
		enum mood mood;
		int status;
		enum err_kind kind;
		unsigned updates;
		size_t there;
		const char *word;
	} rows[] = {
		/* Done, though nobody said so: it is not sent again. */
		{ LOSES_REPLY, 0, ERR_NONE, 1, 1, NULL },
		{ LOSES_ALL, 0, ERR_NONE, 2, 1, NULL },
		{ REFUSES, -1, ERR_AUTH, 1, 0, "REFUSED" },
		{ FAILS, -1, ERR_TEMP, 2, 0, "SERVFAIL" },
		{ RACES, -1, ERR_CHANGED, 1, 1, "somebody changed" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct bench b;
		struct err e = { 0 };

		open_bench(&b, rows[i].mood);
		struct change c = adding(&b, "a", 1);
		assert_int_equal(primary_apply(&b.primary, "ex.test", &c, &e),
				 rows[i].status);
		assert_int_equal(e.kind, rows[i].kind);
		assert_int_equal(b.server.updates, rows[i].updates);
		assert_int_equal(b.server.r.n, rows[i].there);
		if (rows[i].word)
			assert_non_null(strstr(e.msg, rows[i].word));
		close_bench(&b);
	}
}

static void finds_zones(void **state)
{
	(void)state;
	static const struct {
		const char *name, *zone, *word;
	} rows[] = {
		{ NAME, "ex.test", NULL },
		{ "ex.test", "ex.test", NULL },
		{ "a.foreign.test", NULL, "holds no zone" },
		{ "a.away.ex.test", NULL, "delegates away.ex.test" },
	};
	struct bench b;

	open_bench(&b, FINE);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct err e = { 0 };
		const char *zone;
		int s = primary_zone(&b.primary, rows[i].name, &b.mem, &zone,
				     &e);

		assert_int_equal(s, rows[i].zone ? 0 : -1);
		if (rows[i].zone) {
			assert_string_equal(zone, rows[i].zone);
			continue;
		}
		assert_int_equal(e.kind, ERR_MISSING);
		assert_non_null(strstr(e.msg, rows[i].word));
	}
	close_bench(&b);
}

static void judges_what_it_reads(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		enum err_kind kind;
		const char *word;
	} rows[] = {
		{ "alias.ex.test", ERR_PERM, "is a CNAME of x.ex.test." },
		{ "a.foreign.test", ERR_AUTH, "REFUSED" },
		{ "lame.ex.test", ERR_CONF, "not authoritative" },
	};
	struct bench b;

	open_bench(&b, FINE);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct err e = { 0 };
		struct records r = { 0 };

		assert_int_equal(primary_list(&b.primary, "ex.test",
					      rows[i].name, DNS_TXT, &b.mem, &r,
					      &e),
				 -1);
		assert_int_equal(e.kind, rows[i].kind);
		assert_non_null(strstr(e.msg, rows[i].word));
	}
	close_bench(&b);
}

static void tries_every_address(void **state)
{
	(void)state;
	struct bench b;
	struct err e = { 0 };
	struct dnsfake gone = { .answer = serves };
	const char *zone;

	dnsfake_start(&gone);
	dnsfake_stop(&gone);
	open_bench(&b, FINE);
	b.primary.server[1] = b.primary.server[0];
	b.primary.n = 0;
	assert_int_equal(primary_add(&b.primary, str_of(gone.text), NULL, &e),
			 0);
	b.primary.n = 2;
	assert_int_equal(primary_zone(&b.primary, NAME, &b.mem, &zone, &e), 0);
	assert_int_equal(e.kind, ERR_NONE);
	/* The one that answered is the first now. */
	assert_string_equal(b.primary.server[0].text, b.fake.text);
	close_bench(&b);
}

static void explains_codes(void **state)
{
	(void)state;
	static const struct {
		unsigned rcode;
		const char *key;
		enum err_kind kind;
		const char *word;
	} rows[] = {
		{ DNS_NOERROR, "k", ERR_NONE, NULL },
		{ DNS_NXRRSET, "k", ERR_CHANGED, "NXRRSET" },
		{ DNS_YXRRSET, "k", ERR_CHANGED, "YXRRSET" },
		{ DNS_REFUSED, "k", ERR_AUTH, "grant k name n.ex. TXT" },
		{ DNS_REFUSED, NULL, ERR_AUTH, "wants a TSIG key" },
		{ DNS_NOTAUTH, "k", ERR_AUTH, "the key \"k\"" },
		{ DNS_NOTAUTH, NULL, ERR_AUTH, "wants a TSIG key" },
		{ DNS_NOTZONE, "k", ERR_CONF, "not in the zone ex" },
		{ DNS_NOTIMP, "k", ERR_PERM, "no dynamic updates" },
		{ DNS_SERVFAIL, "k", ERR_TEMP, "frozen" },
		{ DNS_FORMERR, "k", ERR_PERM, "FORMERR" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct err e = { 0 };
		struct update_context x = { "192.0.2.1", "ex", "n.ex",
					    rows[i].key, DNS_TXT };

		assert_int_equal(update_verdict(rows[i].rcode, &x, &e),
				 rows[i].word ? -1 : 0);
		assert_int_equal(e.kind, rows[i].kind);
		if (rows[i].word)
			assert_non_null(strstr(e.msg, rows[i].word));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(changes),
		cmocka_unit_test(stands_trouble),
		cmocka_unit_test(finds_zones),
		cmocka_unit_test(judges_what_it_reads),
		cmocka_unit_test(tries_every_address),
		cmocka_unit_test(explains_codes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
