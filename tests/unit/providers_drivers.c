/* The drivers as the core opens them: credentials in, sentences out. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/fs.h"
#include "base/log.h"
#include "dns/edit.h"
#include "dns/primary.h"
#include "dns/selfdns.h"
#include "providers/table.h"
#include "tests/unit/dnsfake.h"
#include "tests/unit/drivers.h"

#define SOA "ns.ex.test. h.ex.test. 1 2 3 4 5"

static int by_rows(struct dnsfake *f, struct str question, bool tcp,
		   struct buf *out)
{
	static const struct dnsfake_row rows[] = {
		{ "ex.test", DNS_SOA, SOA },
		{ "ns.ex.test", DNS_A, "192.0.2.53" },
		{ "ns.ex.test", DNS_AAAA, "2001:db8::53" },
		{ "_acme-challenge.mine.test", DNS_NS, "smtp.mine.test." },
		{ "_acme-challenge.else.test", DNS_NS, "ns.else.test." },
	};
	struct mem m = { 0 };
	struct err e = { 0 };
	struct dns_msg q, a;

	(void)f;
	(void)tcp;
	assert_int_equal(dnsmsg_parse(question, &m, &q, &e), 0);
	dnsfake_lookup(rows, COUNT(rows), &q, &m, &a);
	assert_int_equal(dnsmsg_answer(&a, 65535, out, &e), 0);
	mem_free(&m);
	return 0;
}

static struct dnsfake fake = { .answer = by_rows };
static int setup(void **state)
{
	struct err e = { 0 };

	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/opsmail-drivers-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	dnsfake_start(&fake);
	return resolver_open(fake.text, &resolver, &e);
}

static int teardown(void **state)
{
	struct err e = { 0 };

	(void)state;
	resolver_close(resolver);
	dnsfake_stop(&fake);
	return fs_remove_tree(dir, &e);
}

static const char *key_file(const char *text)
{
	static char path[100];
	struct err e = { 0 };

	snprintf(path, sizeof(path), "%s/key", dir);
	assert_int_equal(fs_write(path, str_of(text), 0600, &e), 0);
	return path;
}

static char key_setting[128] = "NSUPDATE_KEY=";
static const struct {
	const char *credentials[6];
	const char *first, *key; /* NULL first: refused */
	size_t n;
	enum err_kind kind;
	const char *word;
} openings[] = {
	{ { "RFC2136_NAMESERVER=192.0.2.1" },
	  "192.0.2.1",
	  NULL,
	  1,
	  ERR_NONE,
	  NULL },
	{ { "DNSUPDATE_NAMESERVER=192.0.2.1:5300", "DNSUPDATE_TSIG_KEY=k.",
	    "DNSUPDATE_TSIG_SECRET=AAEC",
	    "DNSUPDATE_TSIG_ALGORITHM=hmac-sha1." },
	  "192.0.2.1:5300",
	  "k",
	  1,
	  ERR_NONE,
	  NULL },
	{ { "NSUPDATE_SERVER=192.0.2.1", "NSUPDATE_SERVER_PORT=54",
	    key_setting },
	  "192.0.2.1:54",
	  "k",
	  1,
	  ERR_NONE,
	  NULL },
	{ { "NSUPDATE_SERVER=2001:db8::1" },
	  "2001:db8::1",
	  NULL,
	  1,
	  ERR_NONE,
	  NULL },
	{ { "KNOT_SERVER=ns.ex.test", "KNOT_KEY=hmac-sha256:k:AAEC" },
	  "192.0.2.53",
	  "k",
	  2,
	  ERR_NONE,
	  NULL },
	{ { "KNOT_SERVER=ns.ex.test:99" },
	  "192.0.2.53:99",
	  NULL,
	  2,
	  ERR_NONE,
	  NULL },
	{ { "NSUPDATE_SERVER=ns.ex.test", "NSUPDATE_SERVER_PORT=54" },
	  "192.0.2.53:54",
	  NULL,
	  2,
	  ERR_NONE,
	  NULL },
	{ { NULL },
	  NULL,
	  NULL,
	  0,
	  ERR_AUTH,
	  "DNSUPDATE_NAMESERVER (or RFC2136_NAMESERVER, "
	  "NSUPDATE_SERVER, KNOT_SERVER)" },
	{ { "KNOT_SERVER=no.ex.test" },
	  NULL,
	  NULL,
	  0,
	  ERR_CONF,
	  "no.ex.test has no address" },
	{ { "KNOT_SERVER=[::1" }, NULL, NULL, 0, ERR_CONF, "no server address" },
	{ { "KNOT_SERVER=192.0.2.1", "DNSUPDATE_TSIG_KEY=k" },
	  NULL,
	  NULL,
	  0,
	  ERR_AUTH,
	  "DNSUPDATE_TSIG_SECRET is not" },
	{ { "KNOT_SERVER=192.0.2.1", "RFC2136_TSIG_SECRET=AAEC" },
	  NULL,
	  NULL,
	  0,
	  ERR_AUTH,
	  "DNSUPDATE_TSIG_KEY is not" },
	{ { "KNOT_SERVER=192.0.2.1", "NSUPDATE_KEY=/nonexistent" },
	  NULL,
	  NULL,
	  0,
	  ERR_MISSING,
	  "/nonexistent" },
	{ { "KNOT_SERVER=192.0.2.1", "KNOT_KEY=hmac-sha3:k:AAEC" },
	  NULL,
	  NULL,
	  0,
	  ERR_AUTH,
	  "hmac-sha3" },
};

static void opens_rfc2136(void **state)
{
	(void)state;
	snprintf(key_setting, sizeof(key_setting), "NSUPDATE_KEY=%s",
		 key_file("key \"k\" { algorithm hmac-sha512; "
			  "secret \"AAEC\"; };"));
	for (size_t i = 0; i < COUNT(openings); i++) {
		struct bench b;
		struct err e = { 0 };
		int s = open_it(&b, "rfc2136", openings[i].credentials, &e);

		assert_int_equal(s, openings[i].first ? 0 : -1);
		if (s == 0) {
			const struct primary *p = b.dns.state;

			assert_int_equal(e.kind, ERR_NONE);
			assert_int_equal(p->n, openings[i].n);
			assert_string_equal(p->server[0].text,
					    openings[i].first);
			if (openings[i].key)
				assert_string_equal(p->key.name,
						    openings[i].key);
			else
				assert_null(p->key.name);
		} else {
			assert_int_equal(e.kind, openings[i].kind);
			assert_non_null(strstr(e.msg, openings[i].word));
		}
		close_it(&b);
	}
}

static void rfc2136_zones(void **state)
{
	(void)state;
	char server[64];
	struct bench b;
	struct err e = { 0 };
	const char *zone;

	snprintf(server, sizeof(server), "KNOT_SERVER=%s", fake.text);
	const char *const one[] = { server, NULL };
	assert_int_equal(open_it(&b, "bind", one, &e), 0);
	assert_int_equal(b.dns.provider->find_zone(&b.dns, NAME, &zone, &e), 0);
	assert_string_equal(zone, "ex.test");
	b.settings.zone = "given.test";
	assert_int_equal(b.dns.provider->find_zone(&b.dns, NAME, &zone, &e), 0);
	assert_string_equal(zone, "given.test");
	close_it(&b);
	const char *const two[] = { server, "NSUPDATE_ZONE=set.test.", NULL };
	assert_int_equal(open_it(&b, "bind", two, &e), 0);
	assert_int_equal(b.dns.provider->find_zone(&b.dns, NAME, &zone, &e), 0);
	assert_string_equal(zone, "set.test");
	close_it(&b);
}

/* exec */

static const char *script(struct mem *m, const char *text)
{
	const char *path = mem_fmt(m, "%s/hook", dir);
	struct err e = { 0 };

	assert_int_equal(fs_write(path,
				  str_of(mem_fmt(m, "#!/bin/sh\n%s", text)),
				  0700, &e),
			 0);
	return mem_fmt(m, "EXEC_PATH=%s", path);
}

static void runs_programs(void **state)
{
	(void)state;
	struct bench b;
	struct err e = { 0 };
	AUTO(mem) struct mem m = { 0 };
	AUTO(buf) struct buf log = { 0 };
	const char *zone, *path = mem_fmt(&m, "%s/log", dir);
	const char *const credentials[] = {
		script(&m, mem_fmt(&m,
				   "echo \"$# $1 $2 $3 $TOKEN "
				   "${LEAK-none} ${EXEC_POLLING_INTERVAL}\" "
				   ">>%s",
				   path)),
		"TOKEN=t0ken", "EXEC_POLLING_INTERVAL=7", NULL
	};

	setenv("LEAK", "leaked", 1);
	assert_int_equal(open_it(&b, "exec", credentials, &e), 0);
	assert_int_equal(b.dns.provider->find_zone(&b.dns, NAME, &zone, &e), 0);
	assert_string_equal(zone, "ex.test");
	struct edit x = { .dns = &b.dns,
			  .zone = zone,
			  .purpose = "acme",
			  .owner = "ex.test" };
	struct records two = values(&m, "apex", "-wild card"),
		       one = values(&m, "apex", NULL);
	assert_int_equal(edit_values(&x, &two, NULL, &e), 0);
	assert_int_equal(edit_values(&x, NULL, &one, &e), 0);
	size_t gone;
	assert_int_equal(edit_sweep(&x, NULL, &gone, &e), 0);
	assert_int_equal(gone, 1);
	assert_int_equal(fs_read(path, &log, &e), 0);
	assert_string_equal(buf_c(&log),
			    "3 present " NAME ". apex t0ken none 7\n"
			    "3 present " NAME ". -wild card t0ken none 7\n"
			    "3 cleanup " NAME ". apex t0ken none 7\n"
			    "3 cleanup " NAME ". -wild card t0ken none 7\n");
	close_it(&b);
}

static void programs_fail(void **state)
{
	(void)state;
	static const struct {
		const char *script, *word;
	} rows[] = {
		{ "echo first; echo 'the zone is locked' >&2; exit 3\n",
		  "status 3: the zone is locked" },
		{ "kill -9 $$\n", "status 137" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct bench b;
		struct err e = { 0 };
		AUTO(mem) struct mem m = { 0 };
		const char *const credentials[] = { script(&m, rows[i].script),
						    NULL };

		assert_int_equal(open_it(&b, "exec", credentials, &e), 0);
		struct change c = { .name = NAME,
				    .type = DNS_TXT,
				    .add = values(&m, "v", NULL) };
		assert_int_equal(
			b.dns.provider->apply(&b.dns, "ex.test", &c, &e), -1);
		assert_int_equal(e.kind, ERR_PERM);
		assert_non_null(strstr(e.msg, rows[i].word));
		c.type = DNS_A;
		assert_int_equal(
			b.dns.provider->apply(&b.dns, "ex.test", &c, &e), -1);
		assert_non_null(strstr(e.msg, "TXT values only"));
		close_it(&b);
	}
}

static void raw_programs(void **state)
{
	(void)state;
	static const struct dns_challenge made = { .value = "apex",
						   .domain = "ex.test",
						   .token = "t0k",
						   .key_auth = "t0k.thumb" };
	struct bench b;
	struct err e = { 0 };
	AUTO(mem) struct mem m = { 0 };
	AUTO(buf) struct buf log = { 0 };
	const char *path = mem_fmt(&m, "%s/raw", dir);
	const char *const credentials[] = {
		script(&m, mem_fmt(&m, "echo \"$*\" >>%s", path)),
		"EXEC_MODE=RAW", NULL
	};

	assert_int_equal(open_it(&b, "exec", credentials, &e), 0);
	b.dns.challenges = &made;
	b.dns.challenges_n = 1;
	b.told_kind = TELL_STEP;
	struct change c = { .name = NAME,
			    .type = DNS_TXT,
			    .add = values(&m, "apex", NULL),
			    .del = values(&m, "an earlier run's", NULL) };
	assert_int_equal(b.dns.provider->apply(&b.dns, "ex.test", &c, &e), 0);
	assert_non_null(strstr(told, "an earlier run's at " NAME));
	c.del = c.add;
	c.add.n = 0;
	assert_int_equal(b.dns.provider->apply(&b.dns, "ex.test", &c, &e), 0);
	assert_int_equal(fs_read(path, &log, &e), 0);
	assert_string_equal(buf_c(&log), "present -- ex.test t0k t0k.thumb\n"
					 "cleanup -- ex.test t0k t0k.thumb\n");
	c.add = values(&m, "v=spf1 -all", NULL);
	assert_int_equal(b.dns.provider->apply(&b.dns, "ex.test", &c, &e), -1);
	assert_non_null(strstr(e.msg, "only ACME challenges"));
	close_it(&b);
}

static void exec_refuses(void **state)
{
	(void)state;
	const char *const credentials[] = { "EXEC_PATH=/bin/true",
					    "EXEC_MODE=COOKED", NULL };
	struct bench b;
	struct err e = { 0 };

	assert_int_equal(open_it(&b, "exec", credentials, &e), -1);
	assert_int_equal(e.kind, ERR_CONF);
	assert_non_null(strstr(e.msg, "EXEC_MODE is \"COOKED\""));
	close_it(&b);
	assert_int_equal(open_it(&b, "exec", NULL, &e), -1);
	assert_int_equal(e.kind, ERR_AUTH);
	assert_non_null(strstr(e.msg, "EXEC_PATH"));
	close_it(&b);
}

/* manual */

static void shows_records(void **state)
{
	(void)state;
	struct bench b;
	struct err e = { 0 };
	AUTO(mem) struct mem m = { 0 };
	const char *zone;

	assert_int_equal(open_it(&b, "manual", NULL, &e), 0);
	assert_int_equal(b.dns.provider->find_zone(&b.dns, NAME, &zone, &e), 0);
	assert_string_equal(zone, "ex.test");
	struct edit x = { .dns = &b.dns,
			  .zone = zone,
			  .purpose = "acme",
			  .owner = "ex.test" };
	struct records two = values(&m, "apex", "with \"quotes\"\\");
	assert_int_equal(edit_values(&x, &two, NULL, &e), 0);
	static const char *const added[] = {
		"add in the zone ex.test",
		"  " NAME "  TXT   apex\n",
		"  " NAME ". 60 IN TXT \"apex\"\n",
		"  " NAME ". 60 IN TXT \"with \\\"quotes\\\"\\\\\"\n",
		"{\"action\":\"add\",\"zone\":\"ex.test\",\"records\":[{",
		"\"value\":\"with \\\"quotes\\\"\\\\\"}",
		"the same command continues",
	};
	for (size_t i = 0; i < COUNT(added); i++)
		assert_non_null(strstr(told, added[i]));
	told[0] = '\0';
	assert_int_equal(edit_values(&x, NULL, &two, &e), 0);
	assert_non_null(strstr(told, "remove in the zone ex.test"));
	assert_non_null(strstr(told, "\"action\":\"remove\""));
	assert_null(strstr(told, "continues"));
	close_it(&b);
}

/* self */

static void answers_itself(void **state)
{
	(void)state;
	static const char *addresses[] = { "192.0.2.1" };
	struct bench b;
	struct err e = { 0 };
	AUTO(mem) struct mem m = { 0 };
	const char *zone = "_acme-challenge.mine.test";
	char at[32];
	struct dnsfake port = { .answer = by_rows };

	dnsfake_start(&port); /* finds a free port */
	dnsfake_stop(&port);
	snprintf(at, sizeof(at), "%s", port.text);
	const char *list[] = { at };
	memset(&b, 0, sizeof(b));
	b.conf = (struct conf){ .dir = dir,
				.hostname = "smtp.mine.test",
				.addresses = { addresses, 1, 1 },
				.self_listen = { list, 1, 1 } };
	b.dns = (struct dns){ .conf = &b.conf,
			      .settings = &b.settings,
			      .resolver = resolver };
	assert_int_equal(dns_open(&b.dns,
				  provider_find(NULL, "self", &b.mem, &e), &e),
			 0);
	const char *found;
	assert_int_equal(b.dns.provider->find_zone(&b.dns, zone, &found, &e),
			 0);
	assert_string_equal(found, zone);
	/* Delegated elsewhere, or not at all. */
	static const char *const others[] = { "_acme-challenge.else.test",
					      "_acme-challenge.none.test" };
	for (size_t i = 0; i < 2; i++) {
		struct err no = { 0 };

		assert_int_equal(b.dns.provider->find_zone(&b.dns, others[i],
							   &found, &no),
				 -1);
		assert_int_equal(no.kind, ERR_CONF);
		assert_non_null(strstr(no.msg, "300 IN NS smtp.mine.test."));
		assert_non_null(strstr(no.msg, "IN A 192.0.2.1"));
	}
	struct edit x = { .dns = &b.dns,
			  .zone = zone,
			  .purpose = "acme",
			  .owner = "mine.test" };
	struct record v = { .name = zone,
			    .type = DNS_TXT,
			    .value = str_of("token") };
	struct records one = { &v, 1, 1 };
	assert_int_equal(edit_values(&x, &one, NULL, &e), 0);
	struct dns_server s;
	struct dns_msg msg;
	assert_int_equal(dnsask_server(str_of(at), &s, &e), 0);
	struct dns_ask ask = { .server = &s };
	assert_int_equal(dnsask_query(&ask, zone, DNS_TXT, false, &m, &msg, &e),
			 0);
	assert_int_equal(msg.answer_n, 1);
	assert_true(str_eq(msg.answer[0].value, "token"));
	assert_int_equal(edit_values(&x, NULL, &one, &e), 0);
	assert_int_equal(dnsask_query(&ask, zone, DNS_TXT, false, &m, &msg, &e),
			 0);
	assert_int_equal(msg.rcode, DNS_REFUSED);
	close_it(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opens_rfc2136),
		cmocka_unit_test(rfc2136_zones),
		cmocka_unit_test(runs_programs),
		cmocka_unit_test(programs_fail),
		cmocka_unit_test(raw_programs),
		cmocka_unit_test(exec_refuses),
		cmocka_unit_test(shows_records),
		cmocka_unit_test(answers_itself),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
