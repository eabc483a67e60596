#include "dns/selfdns.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/b64.h"
#include "base/clock.h"
#include "base/fs.h"
#include "net/dnsask.h"
#include "tests/unit/test.h"

#define ZONE "_acme-challenge.example.org"
static char dir[64], listen_at[32];
static const char *listen_list[] = { listen_at };
static const char *addresses[] = { "192.0.2.1", "2001:db8::1" };
static struct conf conf = { .dir = dir,
			    .hostname = "smtp.example.org",
			    .addresses = { addresses, 2, 2 },
			    .self_listen = { listen_list, 1, 1 } };

/* A port that is free for both; it may be lost again, rarely. */
static void choose_port(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(a);

	for (int good = 0; !good;) {
		int udp = socket(AF_INET, SOCK_DGRAM, 0);
		int tcp = socket(AF_INET, SOCK_STREAM, 0);

		a.sin_port = 0;
		assert_int_equal(bind(udp, (struct sockaddr *)&a, n), 0);
		assert_int_equal(getsockname(udp, (struct sockaddr *)&a, &n),
				 0);
		good = bind(tcp, (struct sockaddr *)&a, n) == 0;
		close(udp);
		close(tcp);
	}
	snprintf(listen_at, sizeof(listen_at), "127.0.0.1:%u",
		 ntohs(a.sin_port));
}

static int setup(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/opsmail-self-XXXXXX");
	choose_port();
	return mkdtemp(dir) ? 0 : -1;
}

static int teardown(void **state)
{
	struct err e = { 0 };

	(void)state;
	return fs_remove_tree(dir, &e);
}

static struct records values(struct mem *m, const char *one, const char *two)
{
	struct records r = { 0 };
	const char *v[] = { one, two };

	for (size_t i = 0; i < 2; i++) {
		struct record x = { .name = ZONE,
				    .type = DNS_TXT,
				    .ttl = 5,
				    .value = str_of(v[i]) };

		if (v[i])
			records_add(&r, m, &x);
	}
	return r;
}

static void answers(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		uint16_t type;
		enum dns_rcode rcode;
		size_t answer, authority;
		bool aa;
	} rows[] = {
		{ ZONE, DNS_TXT, DNS_NOERROR, 2, 0, true },
		{ ZONE, DNS_ANY, DNS_NOERROR, 2, 0, true },
		{ ZONE, DNS_SOA, DNS_NOERROR, 1, 0, true },
		{ ZONE, DNS_NS, DNS_NOERROR, 1, 0, true },
		{ ZONE, DNS_A, DNS_NOERROR, 0, 1, true },
		{ ZONE, DNS_CAA, DNS_NOERROR, 0, 1, true },
		{ "x." ZONE, DNS_TXT, DNS_NXDOMAIN, 0, 1, true },
		{ "example.org", DNS_TXT, DNS_REFUSED, 0, 0, false },
		{ "x_acme-challenge.example.org", DNS_TXT, DNS_REFUSED, 0, 0,
		  false },
		{ "org", DNS_NS, DNS_REFUSED, 0, 0, false },
		{ ZONE, DNS_AXFR, DNS_REFUSED, 0, 0, false },
		{ ZONE, 251, DNS_REFUSED, 0, 0, false },
	};
	AUTO(mem) struct mem m = { 0 };
	struct selfdns_zone z = { ZONE, "smtp.example.org",
				  values(&m, "one", "two") };

	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO(buf) struct buf q = { 0 };
		AUTO(buf) struct buf a = { 0 };
		struct err e = { 0 };
		struct dns_msg x;

		assert_int_equal(dnsmsg_query(&q, 77, rows[i].name,
					      rows[i].type, true, &e),
				 0);
		assert_int_equal(
			selfdns_answer(buf_get(&q), &z, 1, 1232, &a, &e), 0);
		assert_int_equal(dnsmsg_parse(buf_get(&a), &m, &x, &e), 0);
		assert_true(x.qr && x.edns && x.rd && !x.ra && x.id == 77);
		assert_int_equal(x.rcode, rows[i].rcode);
		assert_int_equal(x.aa, rows[i].aa);
		assert_int_equal(x.answer_n, rows[i].answer);
		assert_int_equal(x.authority_n, rows[i].authority);
		/* No answer is worth forging a question for. */
		assert_true(a.n < 4 * q.n);
	}
}

/* By hand, since no library writes these. */
static void judges_questions(void **state)
{
	(void)state;
#define NAME_HEX                           \
	"0f5f61436d652d6368416c6c656e6765" \
	"076578416d706c65036f726700"
	static const struct {
		const char *question, *answer; /* NULL: silence */
	} rows[] = {
		/* The case of the name comes back; no EDNS, no OPT. */
		{ "abcd00000001000000000000" NAME_HEX "00020001",
		  "abcd84000001000100000000" NAME_HEX "00020001"
		  "c00c000200010000003c0012"
		  "04736d7470076578616d706c65036f726700" },
		{ "", NULL },
		{ "abcd0000000100000000", NULL },
		{ "abcd80000001000000000000" NAME_HEX "00020001", NULL },
		/* NOTIFY, UPDATE, IQUERY */
		{ "abcd20000001000000000000" NAME_HEX "00060001",
		  "abcda0040000000000000000" },
		{ "abcd28000001000000000000" NAME_HEX "00060001",
		  "abcda8040000000000000000" },
		{ "abcd08000000000000000000", "abcd88040000000000000000" },
		/* none, two, cut, compressed, an endless label */
		{ "abcd00000000000000000000", "abcd80010000000000000000" },
		{ "abcd00000002000000000000" NAME_HEX "00020001" NAME_HEX
		  "00020001",
		  "abcd80010000000000000000" },
		{ "abcd00000001000000000000" NAME_HEX "0002",
		  "abcd80010000000000000000" },
		{ "abcd00000001000000000000c00c00020001",
		  "abcd80010000000000000000" },
		{ "abcd000000010000000000003f", "abcd80010000000000000000" },
		/* class CHAOS */
		{ "abcd01000001000000000000" NAME_HEX "00100003",
		  "abcd81050001000000000000" NAME_HEX "00100003" },
		/* EDNS version 1: BADVERS */
		{ "abcd00000001000000000001" NAME_HEX "00100001"
		  "000029020000010000"
		  "0000",
		  "abcd80000001000000000001" NAME_HEX "00100001"
		  "00002904d0010000000000" },
	};
	AUTO(mem) struct mem m = { 0 };
	struct selfdns_zone z = { ZONE, "smtp.example.org",
				  values(&m, "one", NULL) };

	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO(buf) struct buf q = { 0 };
		AUTO(buf) struct buf a = { 0 };
		AUTO(buf) struct buf hex = { 0 };
		struct err e = { 0 };

		assert_int_equal(hex_read(str_of(rows[i].question), &q), 0);
		int s = selfdns_answer(buf_get(&q), &z, 1, 1232, &a, &e);
		assert_int_equal(s, rows[i].answer ? 0 : -1);
		if (s < 0)
			continue;
		hex_add(&hex, buf_get(&a));
		assert_string_equal(buf_c(&hex), rows[i].answer);
	}
}

static void cuts_long_answers(void **state)
{
	(void)state;
	AUTO(mem) struct mem m = { 0 };
	AUTO(buf) struct buf q = { 0 };
	AUTO(buf) struct buf a = { 0 };
	struct err e = { 0 };
	struct selfdns_zone z = { ZONE, "smtp.example.org", { 0 } };
	static const struct {
		size_t edns, limit;
		bool cut;
	} rows[] = {
		{ 0, 1232, true },     /* 512 */
		{ 100, 1232, true },   /* never below 512 */
		{ 1000, 1232, true },  /* 1100 bytes do not fit */
		{ 4096, 1232, false }, /* ours is the lower limit */
		{ 0, 65535, false },   /* TCP */
	};

	for (int i = 0; i < 20; i++) {
		struct record r = { .name = ZONE, .type = DNS_TXT };

		r.value = str_of(mem_fmt(&m, "%042d", i));
		records_add(&z.values, &m, &r);
	}
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct dns_msg x;

		assert_int_equal(dnsmsg_query(&q, 1, ZONE, DNS_TXT, false, &e),
				 0);
		if (rows[i].edns == 0) {
			buf_cut(&q, q.n - 11);
			q.at[11] = 0;
		} else {
			q.at[q.n - 8] = (char)(rows[i].edns >> 8);
			q.at[q.n - 7] = (char)(rows[i].edns & 255);
		}
		assert_int_equal(selfdns_answer(buf_get(&q), &z, 1,
						rows[i].limit, &a, &e),
				 0);
		assert_int_equal(dnsmsg_parse(buf_get(&a), &m, &x, &e), 0);
		assert_int_equal(x.tc, rows[i].cut);
		assert_int_equal(x.answer_n, rows[i].cut ? 0 : 20);
		assert_true(a.n <= rows[i].limit);
	}
}

static void keeps_values(void **state)
{
	(void)state;
	AUTO(mem) struct mem m = { 0 };
	struct err e = { 0 };
	struct records two = values(&m, "one", "two words"), got = { 0 };

	assert_int_equal(selfdns_get(&conf, ZONE, &m, &got, &e), 0);
	assert_int_equal(got.n, 0);
	assert_int_equal(selfdns_put(&conf, ZONE, &two, &e), 0);
	assert_int_equal(selfdns_get(&conf, ZONE, &m, &got, &e), 0);
	assert_int_equal(got.n, 2);
	assert_true(record_same(&got.at[1], &two.at[1]));
	assert_int_equal(got.at[1].ttl, 5);
	struct records none = { 0 };
	got.n = 0;
	assert_int_equal(selfdns_put(&conf, ZONE, &none, &e), 0);
	assert_int_equal(selfdns_get(&conf, ZONE, &m, &got, &e), 0);
	assert_int_equal(got.n, 0);
	/* Lines are lines. */
	struct records bad = values(&m, "one\n5 two", NULL);
	assert_int_equal(selfdns_put(&conf, ZONE, &bad, &e), -1);
	bad = values(&m, "one", NULL);
	bad.at[0].name = "x." ZONE;
	assert_int_equal(selfdns_put(&conf, ZONE, &bad, &e), -1);
	assert_int_equal(selfdns_put(&conf, "../x", &none, &e), -1);
	assert_int_equal(e.kind, ERR_PERM);
}

static void tells_the_records(void **state)
{
	(void)state;
	AUTO(mem) struct mem m = { 0 };

	assert_string_equal(selfdns_delegation(&conf, ZONE, &m),
			    ZONE ". 300 IN NS smtp.example.org.\n"
				 "smtp.example.org. 300 IN A 192.0.2.1\n"
				 "smtp.example.org. 300 IN AAAA 2001:db8::1\n");
}

/* What is asked by UDP and TCP; -1 when nobody answers. */
static int shown(bool tcp)
{
	AUTO(mem) struct mem m = { 0 };
	struct err e = { 0 };
	struct dns_server s;
	struct dns_msg x;

	assert_int_equal(dnsask_server(str_of(listen_at), &s, &e), 0);
	struct dns_ask a = { &s, NULL, tcp, 1000 };
	if (dnsask_query(&a, ZONE, DNS_TXT, false, &m, &x, &e) < 0)
		return -1;
	return x.rcode == DNS_REFUSED ? -2 : (int)x.answer_n;
}

static void serves(void **state)
{
	(void)state;
	AUTO(mem) struct mem m = { 0 };
	struct err e = { 0 };
	struct selfdns *s = NULL;
	struct records one = values(&m, "one", NULL);
	struct records two = values(&m, "one", "two"), none = { 0 };

	assert_int_equal(selfdns_start(&conf, &s, &e), 0);
	assert_int_equal(shown(false), -2); /* no order, no answers */
	for (int i = 0; i < 20; i++) {
		/* However fast they follow each other. */
		assert_int_equal(selfdns_put(&conf, ZONE, &one, &e), 0);
		assert_int_equal(shown(i % 2), 1);
		assert_int_equal(selfdns_put(&conf, ZONE, &two, &e), 0);
		assert_int_equal(shown(i % 2), 2);
	}
	assert_int_equal(selfdns_put(&conf, ZONE, &none, &e), 0);
	assert_int_equal(shown(true), -2);
	selfdns_stop(s);
	assert_int_equal(shown(false), -1);
	selfdns_stop(NULL);
}

/* Two orders at once: the first ends, the second still needs the answers. */
static void takes_over(void **state)
{
	(void)state;
	AUTO(mem) struct mem m = { 0 };
	struct err e = { 0 };
	struct selfdns *first = NULL, *second = NULL, *third = NULL;
	struct records one = values(&m, "one", NULL), none = { 0 };

	assert_int_equal(selfdns_start(&conf, &first, &e), 0);
	assert_int_equal(selfdns_start(&conf, &second, &e), 0);
	assert_int_equal(selfdns_start(&conf, &third, &e), 0);
	assert_int_equal(selfdns_put(&conf, ZONE, &one, &e), 0);
	assert_int_equal(shown(false), 1);
	selfdns_stop(third);
	assert_int_equal(shown(false), 1);
	selfdns_stop(first);
	int64_t until = clock_ms() + 20000;
	int n = -1;
	while (n < 0 && clock_ms() < until)
		n = shown(false);
	assert_int_equal(n, 1);
	assert_int_equal(shown(true), 1);
	selfdns_stop(second);
	assert_int_equal(selfdns_put(&conf, ZONE, &none, &e), 0);
}

static void names_a_taken_port(void **state)
{
	(void)state;
	struct err e = { 0 };
	struct dns_server at;
	struct selfdns *s = NULL;

	assert_int_equal(dnsask_server(str_of(listen_at), &at, &e), 0);
	int other = socket(AF_INET, SOCK_DGRAM, 0);
	assert_int_equal(bind(other, (struct sockaddr *)&at.addr, at.addr_n),
			 0);
	assert_int_equal(selfdns_start(&conf, &s, &e), -1);
	assert_int_equal(e.kind, ERR_SYS);
	assert_non_null(strstr(e.msg, listen_at));
	assert_non_null(strstr(e.msg, "dns.listen"));
	close(other);
	assert_int_equal(selfdns_start(&conf, &s, &e), 0);
	selfdns_stop(s);
}

/* Clients that connect and say nothing, or half a question, or several in one
 * piece: the others are answered all the same. */
static void stands_bad_clients(void **state)
{
	(void)state;
	AUTO(mem) struct mem m = { 0 };
	AUTO(buf) struct buf q = { 0 };
	AUTO(buf) struct buf twice = { 0 };
	struct err e = { 0 };
	struct dns_server at;
	struct selfdns *s = NULL;
	struct records one = values(&m, "one", NULL), none = { 0 };
	int idle[40];

	assert_int_equal(dnsask_server(str_of(listen_at), &at, &e), 0);
	assert_int_equal(selfdns_put(&conf, ZONE, &one, &e), 0);
	assert_int_equal(selfdns_start(&conf, &s, &e), 0);
	for (size_t i = 0; i < COUNT(idle); i++) {
		idle[i] = socket(AF_INET, SOCK_STREAM, 0);
		assert_int_equal(connect(idle[i], (struct sockaddr *)&at.addr,
					 at.addr_n),
				 0);
		if (i % 2)
			assert_int_equal(send(idle[i], "\0\377\1", 3, 0), 3);
	}
	assert_int_equal(shown(true), 1);
	assert_int_equal(shown(false), 1);
	assert_int_equal(dnsmsg_query(&q, 1, ZONE, DNS_TXT, false, &e), 0);
	for (int i = 0; i < 2; i++) {
		buf_char(&twice, 0);
		buf_char(&twice, (char)q.n);
		buf_view(&twice, buf_get(&q));
	}
	int c = socket(AF_INET, SOCK_STREAM, 0);
	char got[2][512];
	assert_int_equal(connect(c, (struct sockaddr *)&at.addr, at.addr_n), 0);
	assert_int_equal(send(c, twice.at, twice.n, 0), (ssize_t)twice.n);
	for (int i = 0; i < 2; i++) {
		unsigned char size[2];

		assert_int_equal(recv(c, size, 2, MSG_WAITALL), 2);
		size_t n = (size_t)size[0] << 8 | size[1];
		assert_true(n < sizeof(got[i]));
		assert_int_equal(recv(c, got[i], n, MSG_WAITALL), (ssize_t)n);
	}
	close(c);
	for (size_t i = 0; i < COUNT(idle); i++)
		close(idle[i]);
	selfdns_stop(s);
	assert_int_equal(selfdns_put(&conf, ZONE, &none, &e), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers),
		cmocka_unit_test(judges_questions),
		cmocka_unit_test(cuts_long_answers),
		cmocka_unit_test(keeps_values),
		cmocka_unit_test(tells_the_records),
		cmocka_unit_test(serves),
		cmocka_unit_test(takes_over),
		cmocka_unit_test(names_a_taken_port),
		cmocka_unit_test(stands_bad_clients),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
