#include "net/dnsask.h"

#include <signal.h>
#include <sys/wait.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/stop.h"
#include "tests/unit/dnsfake.h"

static void reads_servers(void **state)
{
	(void)state;
	static const struct {
		const char *text, *shown;
	} rows[] = {
		{ "192.0.2.1", "192.0.2.1" },
		{ "192.0.2.1:53", "192.0.2.1" },
		{ "192.0.2.1:5353", "192.0.2.1:5353" },
		{ "192.0.2.1@5353", "192.0.2.1:5353" },
		{ "2001:db8::1", "2001:db8::1" },
		{ "[2001:db8::1]", "2001:db8::1" },
		{ "[2001:db8::1]:5353", "[2001:db8::1]:5353" },
		{ "2001:db8::1@5353", "[2001:db8::1]:5353" },
		{ "::1", "::1" },
		{ "ns1.example.org", NULL },
		{ "192.0.2.1:0", NULL },
		{ "192.0.2.1:65536", NULL },
		{ "192.0.2.1:x", NULL },
		{ "[2001:db8::1", NULL },
		{ "[2001:db8::1]x", NULL },
		{ "", NULL },
		{ ":53", NULL },
		{ "192.0.2.256", NULL },
		{ "1111111111111111111111111111111111111111111111111111",
		  NULL },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct dns_server s;
		struct err e = { 0 };
		int status = dnsask_server(str_of(rows[i].text), &s, &e);

		assert_int_equal(status, rows[i].shown ? 0 : -1);
		if (rows[i].shown)
			assert_string_equal(s.text, rows[i].shown);
		else
			assert_int_equal(e.kind, ERR_CONF);
	}
}

/* What the server is told to do, by its `data`. */
enum mood {
	GOOD,
	SILENT,
	FIRST_LOST,
	WRONG_ID,
	WRONG_NAME,
	CUT,
	SERVFAIL,
	JUNK
};

static int by_mood(struct dnsfake *f, struct str question, bool tcp,
		   struct buf *out)
{
	enum mood mood = *(enum mood *)f->data;
	struct mem m = { 0 };
	struct err e = { 0 };
	struct dns_msg q, a;
	static const struct dnsfake_row rows[] = { { "a.example.org", DNS_A,
						     "192.0.2.7" } };

	assert_int_equal(dnsmsg_parse(question, &m, &q, &e), 0);
	dnsfake_lookup(rows, COUNT(rows), &q, &m, &a);
	if (mood == WRONG_ID)
		a.id ^= 1;
	if (mood == WRONG_NAME)
		a.qname = "b.example.org";
	if (mood == CUT && !tcp) {
		a.tc = true;
		a.answer_n = 0;
	}
	if (mood == SERVFAIL)
		a.rcode = DNS_SERVFAIL;
	a.opcode = q.opcode;
	assert_int_equal(dnsmsg_answer(&a, 65535, out, &e), 0);
	if (mood == JUNK)
		buf_cut(out, out->n - 3);
	mem_free(&m);
	return mood == SILENT || (mood == FIRST_LOST && f->asked == 1) ? -1 : 0;
}

static void asks_one(void **state)
{
	(void)state;
	static const struct {
		enum mood mood;
		bool tcp;
		int status;
		unsigned asked;
		enum err_kind kind;
	} rows[] = {
		{ GOOD, false, 0, 1, ERR_NONE },
		{ GOOD, true, 0, 1, ERR_NONE },
		{ SILENT, false, -1, 2, ERR_TEMP },
		{ SILENT, true, -1, 1, ERR_TEMP },
		{ FIRST_LOST, false, 0, 2, ERR_NONE },
		{ WRONG_ID, false, -1, 2, ERR_TEMP },
		{ WRONG_NAME, false, -1, 2, ERR_TEMP },
		{ WRONG_NAME, true, -1, 1, ERR_TEMP },
		{ CUT, false, 0, 2, ERR_NONE },
		{ SERVFAIL, false, 0, 1, ERR_NONE },
		{ JUNK, false, -1, 1, ERR_PERM },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		enum mood mood = rows[i].mood;
		struct dnsfake f = { .answer = by_mood, .data = &mood };
		AUTO(mem) struct mem m = { 0 };
		struct err e = { 0 };
		struct dns_server s;
		struct dns_msg x;

		dnsfake_start(&f);
		assert_int_equal(dnsask_server(str_of(f.text), &s, &e), 0);
		struct dns_ask a = { &s, NULL, rows[i].tcp, 200 };
		int status = dnsask_query(&a, "a.example.org", DNS_A, false, &m,
					  &x, &e);
		assert_int_equal(status, rows[i].status);
		assert_int_equal(f.asked, rows[i].asked);
		assert_int_equal(e.kind, rows[i].kind);
		if (status < 0)
			assert_non_null(strstr(e.msg, f.text));
		else if (mood == SERVFAIL)
			assert_int_equal(x.rcode, DNS_SERVFAIL);
		else
			assert_true(str_eq(x.answer[0].value, "192.0.2.7"));
		dnsfake_stop(&f);
	}
}

/* An update goes out once: whether it was done is the caller's question. */
static void never_repeats_updates(void **state)
{
	(void)state;
	enum mood mood = SILENT;
	struct dnsfake f = { .answer = by_mood, .data = &mood };
	AUTO(mem) struct mem m = { 0 };
	AUTO(buf) struct buf w = { 0 };
	struct err e = { 0 };
	struct dns_update u = { .zone = "a.example.org" };
	struct dns_server s;
	struct dns_msg x;

	dnsfake_start(&f);
	assert_int_equal(dnsask_server(str_of(f.text), &s, &e), 0);
	assert_int_equal(dnsmsg_update(&w, 1, &u, &e), 0);
	struct dns_ask a = { &s, NULL, false, 200 };
	assert_int_equal(dnsask(&a, buf_get(&w), &m, &x, &e), -1);
	assert_int_equal(e.kind, ERR_TEMP);
	assert_int_equal(f.asked, 1);
	dnsfake_stop(&f);
}

static void names_a_closed_port(void **state)
{
	(void)state;
	enum mood mood = GOOD;
	struct dnsfake f = { .answer = by_mood, .data = &mood };
	AUTO(mem) struct mem m = { 0 };
	struct err e = { 0 };
	struct dns_server s;
	struct dns_msg x;

	dnsfake_start(&f);
	dnsfake_stop(&f);
	assert_int_equal(dnsask_server(str_of(f.text), &s, &e), 0);
	for (int tcp = 0; tcp < 2; tcp++) {
		struct dns_ask a = { &s, NULL, tcp, 2000 };

		assert_int_equal(
			dnsask_query(&a, "a", DNS_A, false, &m, &x, &e), -1);
		assert_int_equal(e.kind, ERR_TEMP);
		assert_non_null(strstr(e.msg, "connection refused"));
		assert_non_null(strstr(e.msg, tcp ? "TCP" : "UDP"));
	}
}

static void stops_when_told(void **state)
{
	(void)state;
	enum mood mood = SILENT;
	struct dnsfake f = { .answer = by_mood, .data = &mood };
	AUTO(mem) struct mem m = { 0 };
	struct err e = { 0 };
	struct dns_server s;
	struct dns_msg x;

	dnsfake_start(&f);
	assert_int_equal(dnsask_server(str_of(f.text), &s, &e), 0);
	/* After the wait has begun; in a child, since it stays asked. */
	if (fork() == 0) {
		struct dns_ask a = { &s, NULL, false, 60000 };

		stop_install();
		alarm(20);
		kill(getpid(), SIGTERM);
		_exit(dnsask_query(&a, "a", DNS_A, false, &m, &x, &e) == -1 &&
				      e.kind == ERR_STOPPED ?
			      0 :
			      1);
	}
	int status = -1;
	assert_true(wait(&status) > 0);
	assert_int_equal(status, 0);
	dnsfake_stop(&f);
}

static void asks_many(void **state)
{
	(void)state;
	static enum mood moods[] = { GOOD,     SILENT, CUT,
				     SERVFAIL, JUNK,   FIRST_LOST };
	struct dnsfake f[COUNT(moods)];
	struct dns_poll p[COUNT(moods) + 1];
	AUTO(mem) struct mem m = { 0 };
	struct err e = { 0 };

	memset(p, 0, sizeof(p));
	for (size_t i = 0; i < COUNT(moods); i++) {
		f[i] = (struct dnsfake){ .answer = by_mood, .data = &moods[i] };
		dnsfake_start(&f[i]);
		assert_int_equal(
			dnsask_server(str_of(f[i].text), &p[i].server, &e), 0);
	}
	/* A port where nobody is: the last server's, once it is gone. */
	struct dnsfake gone = { .answer = by_mood, .data = &moods[0] };
	dnsfake_start(&gone);
	dnsfake_stop(&gone);
	assert_int_equal(dnsask_server(str_of(gone.text),
				       &p[COUNT(moods)].server, &e),
			 0);
	int64_t before = clock_ms();
	assert_int_equal(dnsask_all(p, COUNT(p), "a.example.org", DNS_A, false,
				    600, &m, &e),
			 0);
	assert_true(clock_ms() - before < 2000);
	static const bool ok[] = { true, false, true, true, false, true, false };
	for (size_t i = 0; i < COUNT(p); i++)
		assert_int_equal(p[i].ok, ok[i]);
	assert_true(str_eq(p[0].msg.answer[0].value, "192.0.2.7"));
	assert_string_equal(p[1].why, "timeout");
	assert_true(str_eq(p[2].msg.answer[0].value, "192.0.2.7"));
	assert_int_equal(p[3].msg.rcode, DNS_SERVFAIL);
	assert_non_null(strstr(p[4].why, "malformed"));
	assert_string_equal(p[6].why, "connection refused");
	for (size_t i = 0; i < COUNT(moods); i++)
		dnsfake_stop(&f[i]);
}

/* Transfers */

static char key_secret[] = "0123456789abcdef";
static const struct tsig_key key = { "k", HASH_SHA256, { key_secret, 16 } };
enum transfer { WHOLE, SIGNED, REFUSED, NO_SOA, CLOSED };

static void add_message(struct buf *out, const struct dns_msg *q,
			struct dns_rr *rr, size_t n, const struct tsig_key *k,
			struct buf *mac)
{
	struct err e = { 0 };
	struct buf w = { 0 };
	struct dns_msg a = { .id = q->id,
			     .qr = true,
			     .aa = true,
			     .qname = q->qname,
			     .qtype = q->qtype,
			     .qclass = q->qclass,
			     .answer = rr,
			     .answer_n = n };

	assert_int_equal(dnsmsg_answer(&a, 65535, &w, &e), 0);
	if (k)
		assert_int_equal(tsig_sign(&w, k, clock_now(), mac, &e), 0);
	if (out->n > 0) {
		buf_char(out, (char)(w.n >> 8));
		buf_char(out, (char)(w.n & 0xff));
	}
	buf_view(out, buf_get(&w));
	buf_free(&w);
}

static struct dns_rr zone_rr(const char *name, uint16_t type, const char *value)
{
	return (struct dns_rr){ .name = name,
				.type = type,
				.class = DNS_IN,
				.ttl = 5,
				.value = str_of(value) };
}

/* fake's framing puts one length in front of all: the test sends one message
 * that way and the rest with lengths of their own. */
static int transfers(struct dnsfake *f, struct str question, bool tcp,
		     struct buf *out)
{
	enum transfer t = *(enum transfer *)f->data;
	const char *soa = "ns.ex. h.ex. 1 2 3 4 5";
	struct dns_rr rr[4] = { zone_rr("ex", DNS_SOA, soa),
				zone_rr("a.ex", DNS_TXT, "one"),
				zone_rr("b.ex", DNS_TXT, "two"),
				zone_rr("ex", DNS_SOA, soa) };
	struct mem m = { 0 };
	struct err e = { 0 };
	struct dns_msg q;

	assert_true(tcp);
	assert_int_equal(dnsmsg_parse(question, &m, &q, &e), 0);
	assert_int_equal(q.qtype, DNS_AXFR);
	if (t == REFUSED) {
		struct dns_msg a = { .id = q.id,
				     .qr = true,
				     .rcode = DNS_REFUSED };

		assert_int_equal(dnsmsg_answer(&a, 512, out, &e), 0);
	} else if (t == SIGNED) {
		/* All in one, signed over the question's MAC. */
		struct buf mac = { 0 };

		assert_true(tsig_signed(question));
		buf_add(&mac, question.at + question.n - 32 - 6, 32);
		add_message(out, &q, rr, 4, &key, &mac);
		buf_free(&mac);
	} else {
		add_message(out, &q, t == NO_SOA ? rr + 1 : rr, 2, NULL, NULL);
	}
	mem_free(&m);
	return 0;
}

static void transfers_zones(void **state)
{
	(void)state;
	static const struct {
		enum transfer how;
		bool with_key;
		int status;
		enum err_kind kind;
		const char *word;
	} rows[] = {
		{ SIGNED, true, 0, ERR_NONE, NULL },
		{ REFUSED, false, -1, ERR_AUTH, "REFUSED" },
		{ NO_SOA, false, -1, ERR_PERM, "SOA" },
		{ CLOSED, false, -1, ERR_TEMP, "closed" },
		{ WHOLE, true, -1, ERR_PERM, "not signed" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		enum transfer how = rows[i].how;
		struct dnsfake f = { .answer = transfers, .data = &how };
		AUTO(mem) struct mem m = { 0 };
		struct err e = { 0 };
		struct dns_server s;
		struct dns_rrs all = { 0 };

		dnsfake_start(&f);
		assert_int_equal(dnsask_server(str_of(f.text), &s, &e), 0);
		struct dns_ask a = { &s, rows[i].with_key ? &key : NULL, false,
				     1000 };
		assert_int_equal(dnsask_axfr(&a, "ex", &m, &all, &e),
				 rows[i].status);
		assert_int_equal(e.kind, rows[i].kind);
		if (rows[i].word)
			assert_non_null(strstr(e.msg, rows[i].word));
		else
			assert_int_equal(all.n, 3);
		dnsfake_stop(&f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_servers),
		cmocka_unit_test(asks_one),
		cmocka_unit_test(never_repeats_updates),
		cmocka_unit_test(names_a_closed_port),
		cmocka_unit_test(stops_when_told),
		cmocka_unit_test(asks_many),
		cmocka_unit_test(transfers_zones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
