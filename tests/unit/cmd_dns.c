/* dns records, zones and doctor against a primary and a world of the test's
 * own: what is said, and to which status. */
#include "cmd/cmd.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "conf/conf.h"
#include "tests/unit/dnsfake.h"
#include "tests/unit/home.h"

#define SOA(serial) "ns1.nic.test. h.ex.test. " serial " 2 3 4 5"

struct rows {
	const struct dnsfake_row *at;
	size_t n;
};

/* As a server of exactly these rows; a transfer repeats the first, the SOA. */
static int by_rows(struct dnsfake *f, struct str question, bool tcp,
		   struct buf *out)
{
	const struct rows *r = f->data;
	struct mem m = { 0 };
	struct err e = { 0 };
	struct dns_msg q, a;

	(void)tcp;
	assert_int_equal(dnsmsg_parse(question, &m, &q, &e), 0);
	dnsfake_lookup(r->at, r->n, &q, &m, &a);
	for (size_t i = 0; q.qtype == DNS_AXFR && i <= r->n; i++) {
		const struct dnsfake_row *x = &r->at[i % r->n];

		a.rcode = DNS_NOERROR;
		a.authority_n = 0;
		a.answer_n = i + 1;
		a.answer[i] = (struct dns_rr){ .name = x->name,
					       .type = x->type,
					       .class = DNS_IN,
					       .ttl = 60,
					       .value = str_of(x->value) };
	}
	assert_int_equal(dnsmsg_answer(&a, 65535, out, &e), 0);
	mem_free(&m);
	return 0;
}

static const struct dnsfake_row same[] = {
	{ "ex.test", DNS_SOA, SOA("7") },
	{ "ex.test", DNS_NS, "ns1.nic.test." },
	{ "ex.test", DNS_NS, "ns2.nic.test." },
	{ "www.ex.test", DNS_A, "192.0.2.1" },
};
static const struct dnsfake_row older[] = {
	{ "ex.test", DNS_SOA, SOA("6") },
	{ "ex.test", DNS_NS, "ns2.nic.test." },
	{ "ex.test", DNS_NS, "ns1.nic.test." },
};
static const struct dnsfake_row others[] = {
	{ "ex.test", DNS_SOA, SOA("7") },
	{ "ex.test", DNS_NS, "ns.old.test." },
};
static const struct dnsfake_row moved[] = {
	{ "ex.test", DNS_SOA, "ns.old.test. h.ex.test. 7 2 3 4 5" },
	{ "ex.test", DNS_NS, "ns1.nic.test." },
	{ "ex.test", DNS_NS, "ns2.nic.test." },
};
static const struct dnsfake_row above[] = {
	{ "test", DNS_SOA, "ns.test. h.test. 1 2 3 4 5" },
};

/* Runs it with these two, and keeps what it says on stdout. */
static int run(const char *dir, int (*cmd)(struct call *, struct err *),
	       const char *arg, const char *format, struct rows world,
	       char text[4096], struct err *e)
{
	struct rows primary = { same, COUNT(same) };
	struct dnsfake server = { .answer = by_rows, .data = &primary },
		       resolver = { .answer = by_rows, .data = &world };
	struct conf conf = { 0 };
	struct opt row = { .name = "format" };
	struct opt_given given = { &row, format };
	struct call c = { .dir = dir,
			  .conf = &conf,
			  .args = &arg,
			  .args_n = arg != NULL,
			  .opts = { .at = &given, .n = format != NULL } };
	const struct out_how how = { .color = OUT_NEVER };
	const int fd = open("/tmp", O_TMPFILE | O_RDWR, 0600);
	int status;

	dnsfake_start(&server);
	dnsfake_start(&resolver);
	assert_int_equal(
		fs_write(mem_fmt(&c.mem, "%s/opsmail.yaml", dir),
			 str_of(mem_fmt(&c.mem,
					"email: a@ex.test\n"
					"dns:\n"
					"  provider: rfc2136\n"
					"  resolver: \"%s\"\n"
					"  credentials:\n"
					"    DNSUPDATE_NAMESERVER: \"%s\"\n"
					"domains: {ex.test: {}}\n",
					resolver.text, server.text)),
			 0600, e),
		0);
	assert_int_equal(conf_read(dir, &conf, e), 0);
	c.out = out_open(&how, fd, fd);
	status = cmd(&c, e);
	out_close(c.out);

	ssize_t n = pread(fd, text, 4095, 0);

	assert_true(n >= 0);
	text[n] = 0;
	close(fd);
	conf_free(&conf);
	mem_free(&c.mem);
	dnsfake_stop(&server);
	dnsfake_stop(&resolver);
	return status;
}

static void doctor(void **state)
{
	const struct home *h = *state;
	static const struct {
		struct rows world;
		enum err_kind kind;
		const char *says;
	} cases[] = {
		{ { same, COUNT(same) }, ERR_NONE, "serial 7 here and in" },
		{ { same, COUNT(same) }, ERR_NONE, "ns1.nic.test., ns2.nic" },
		{ { older, COUNT(older) }, ERR_NONE, "serial 6 in public, 7" },
		{ { others, COUNT(others) }, ERR_CHECK, "ns.old.test., the" },
		{ { moved, COUNT(moved) }, ERR_CHECK, "these are two zones" },
		{ { above, COUNT(above) }, ERR_CHECK, "in the zone test, rfc" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char text[4096];
		struct err e = { 0 };
		int status = run(h->dir, cmd_dns_doctor, NULL, NULL,
				 cases[i].world, text, &e);

		assert_int_equal(status, cases[i].kind ? -1 : 0);
		assert_int_equal(e.kind, cases[i].kind);
		if (!strstr(text, cases[i].says))
			fail_msg("row %zu: no \"%s\" in: %s", i, cases[i].says,
				 text);
	}
}

static void records(void **state)
{
	const struct home *h = *state;
	static const struct {
		const char *format, *says;
	} cases[] = {
		{ NULL, "www   60 A    192.0.2.1\n" },
		{ "table", "NAME TTL TYPE VALUE" },
		{ "zone", "$ORIGIN ex.test.\n@\t60\tIN\tSOA\t" SOA("7") "\n" },
		{ "json", "{\"type\":\"record\",\"zone\":\"ex.test\",\"name\":"
			  "\"www.ex.test\",\"rrtype\":\"A\",\"ttl\":60,"
			  "\"value\":\"192.0.2.1\"}\n" },
		{ "dnscontrol", "\tA(\"www\", \"192.0.2.1\", TTL(60)),\n" },
		{ "octodns", "\"www\":\n  - ttl: 60\n    type: A\n" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct rows world = { same, COUNT(same) };
		char text[4096];
		struct err e = { 0 };

		assert_int_equal(run(h->dir, cmd_dns_records, "ex.test",
				     cases[i].format, world, text, &e),
				 0);
		if (!strstr(text, cases[i].says))
			fail_msg("row %zu: no \"%s\" in: %s", i, cases[i].says,
				 text);
	}
}

static void zones(void **state)
{
	const struct home *h = *state;
	const struct rows world = { same, COUNT(same) };
	static const char *const names[] = { NULL, "rfc2136", "nsupdate" };

	for (size_t i = 0; i < COUNT(names); i++) {
		char text[4096];
		struct err e = { 0 };

		assert_int_equal(run(h->dir, cmd_dns_zones, names[i], NULL,
				     world, text, &e),
				 0);
		assert_non_null(strstr(text, "ex.test rfc2136\n"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(doctor, home_make, home_drop),
		cmocka_unit_test_setup_teardown(records, home_make, home_drop),
		cmocka_unit_test_setup_teardown(zones, home_make, home_drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
