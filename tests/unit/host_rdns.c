#include "host/rdns.h"

#include <string.h>

#include "base/auto.h"
#include "dns/journal.h"
#include "tests/unit/dnsfake.h"
#include "tests/unit/place.h"

#define SOA "ns.rdns.test. h.rdns.test. 1 2 3 4 5"
#define V4 "192.0.2.10"
#define SHARED "203.0.113.9" /* its name stands behind a CNAME: RFC 2317 */
#define V6 "2001:db8::25"
#define V6_NAME                                                            \
	"5.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2." \
	"ip6.arpa"
#define HOST "smtp.rdns.test"

/* ---- a hoster, whose names the DNS below shows ---- */
static struct hoster {
	char name[64]; /* of V4; empty: none */
	bool preset;
	unsigned sets, resets;
	enum err_kind fails; /* of the next call that changes something */
	bool loses;          /* does it, and the answer is lost */
} hoster;

static int fake_get(struct dns *d, const char *ip, struct mem *m,
		    struct dns_ptr *out, struct err *e)
{
	(void)d;
	*out = (struct dns_ptr){ 0 };
	if (strcmp(ip, V4) != 0 && strcmp(ip, SHARED) != 0)
		return err_set(e, ERR_MISSING, "no address %s here", ip);
	if (*hoster.name)
		out->name = mem_str(m, hoster.name);
	out->preset = hoster.preset;
	return 0;
}

static int change(const char *name, bool preset, struct err *e)
{
	if (hoster.fails)
		return err_set(e, hoster.fails, "the API says no");
	snprintf(hoster.name, sizeof(hoster.name), "%s", name);
	hoster.preset = preset;
	return hoster.loses ? err_set(e, ERR_CHANGED, "connection lost") : 0;
}

static int fake_set(struct dns *d, const char *ip, const char *name,
		    struct err *e)
{
	(void)d, (void)ip;
	hoster.sets++;
	return change(name, false, e);
}

static int fake_reset(struct dns *d, const char *ip, struct err *e)
{
	(void)d, (void)ip;
	hoster.resets++;
	return change("v10.hoster.test", true, e);
}

static const struct dns_ptr_driver driver = {
	.caps = DNS_PTR_V4 | DNS_PTR_V6,
	.get = fake_get,
	.set = fake_set,
	.reset = fake_reset,
};
static const struct provider fake_provider = { .name = "fake", .ptr = &driver };

/* ---- the DNS ---- */
static const struct dnsfake_row rows[] = {
	{ "0-63.113.0.203.in-addr.arpa", DNS_SOA, SOA },
	{ "113.0.203.in-addr.arpa", DNS_SOA, SOA },
	{ "2.0.192.in-addr.arpa", DNS_SOA, SOA },
	{ "8.b.d.0.1.0.0.2.ip6.arpa", DNS_SOA, SOA },
	{ "rdns.test", DNS_SOA, SOA },
	{ "hoster.test", DNS_SOA, SOA },
	{ "9.113.0.203.in-addr.arpa", DNS_CNAME,
	  "9.0-63.113.0.203.in-addr.arpa." },
	{ "9.0-63.113.0.203.in-addr.arpa", DNS_PTR, "shared.rdns.test." },
	{ V6_NAME, DNS_PTR, "Six.rdns.test." },
	{ HOST, DNS_A, V4 },
	{ HOST, DNS_AAAA, V6 },
	{ "six.rdns.test", DNS_AAAA, V6 },
	{ "shared.rdns.test", DNS_A, "203.0.113.1" },
	{ "v10.hoster.test", DNS_A, V4 },
};

static int answer(struct dnsfake *f, struct str question, bool tcp,
		  struct buf *out)
{
	struct mem m = { 0 };
	struct err e = { 0 };
	struct dns_msg q, a;
	struct dns_rr rr = { .name = "10.2.0.192.in-addr.arpa",
			     .type = DNS_PTR,
			     .class = DNS_IN,
			     .ttl = 1 };

	(void)f, (void)tcp;
	assert_int_equal(dnsmsg_parse(question, &m, &q, &e), 0);
	dnsfake_lookup(rows, COUNT(rows), &q, &m, &a);
	rr.value = str_of(mem_fmt(&m, "%s.", hoster.name));
	if (q.qtype == DNS_PTR && *hoster.name && !strcmp(q.qname, rr.name)) {
		a.rcode = DNS_NOERROR;
		a.answer[a.answer_n++] = rr;
	}
	assert_int_equal(dnsmsg_answer(&a, 65535, out, &e), 0);
	mem_free(&m);
	return 0;
}

/* ---- a world ---- */
static struct world {
	struct place place;
	struct dnsfake dns;
	struct conf conf;
	struct rdns rdns;
	struct err e;
} w;

static int setup(void **state)
{
	(void)state;
	w = (struct world){ .dns.answer = answer };
	hoster = (struct hoster){ .name = "v10.hoster.test", .preset = true };
	place_open(&w.place);
	dnsfake_start(&w.dns);
	w.conf.dir = w.place.dir;
	w.rdns = (struct rdns){ .conf = &w.conf, .provider = &fake_provider };
	return resolver_open(w.dns.text, &w.rdns.resolver, &w.e) ||
	       rdns_open(&w.rdns, &w.e);
}

static int teardown(void **state)
{
	(void)state;
	rdns_close(&w.rdns);
	resolver_close(w.rdns.resolver);
	dnsfake_stop(&w.dns);
	place_close(&w.place);
	return 0;
}

static void look(const char *ip, struct rdns_view *v)
{
	w.e = (struct err){ 0 };
	if (rdns_look(&w.rdns, ip, &w.place.m, v, &w.e))
		fail_msg("%s", w.e.msg);
}

/* ---- the tests ---- */
static void decides(void **state)
{
	static const char *const none[] = { NULL };
	static const char *const want[] = { HOST };
	static const char *const other[] = { "mail.example.net" };
	static const char *const both[] = { HOST, "mail.example.net" };
	static const struct {
		const char *const *there;
		size_t n;
		bool preset, take_over;
		const char *ours;
		enum rdns_word word;
	} cases[] = {
		{ none, 0, false, false, NULL, RDNS_SET },
		{ want, 1, false, false, NULL, RDNS_KEEP },
		{ want, 1, true, false, NULL, RDNS_KEEP },
		{ other, 1, false, false, NULL, RDNS_FOREIGN },
		{ other, 1, false, true, NULL, RDNS_SET },
		{ other, 1, true, false, NULL, RDNS_SET },
		{ other, 1, false, false, "mail.example.net", RDNS_SET },
		{ other, 1, false, false, "old.example.net", RDNS_FOREIGN },
		{ both, 2, false, false, NULL, RDNS_KEEP },
		{ both, 2, false, true, NULL, RDNS_SET },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct rdns_view v = { .preset = cases[i].preset,
				       .ours = cases[i].ours };
		const char *reason = NULL;
		v.there.at = (const char **)(uintptr_t)cases[i].there;
		v.there.n = cases[i].n;
		if (rdns_decide(&v, HOST, cases[i].take_over, &reason) !=
		    cases[i].word)
			fail_msg("case %zu: %s", i, reason);
		assert_non_null(reason);
	}
}

static void looks(void **state)
{
	struct rdns_view v;
	(void)state;
	look(V4, &v);
	assert_string_equal(v.name, "10.2.0.192.in-addr.arpa");
	assert_string_equal(v.target, v.name);
	assert_string_equal(v.zone, "2.0.192.in-addr.arpa");
	assert_int_equal(v.live.n, 1);
	assert_string_equal(v.live.at[0], "v10.hoster.test");
	assert_true(v.confirmed && v.asked && v.preset);
	assert_null(v.trouble);
	assert_null(v.ours);

	look(SHARED, &v);
	assert_string_equal(v.target, "9.0-63.113.0.203.in-addr.arpa");
	assert_string_equal(v.zone, "0-63.113.0.203.in-addr.arpa");
	assert_string_equal(v.live.at[0], "shared.rdns.test");
	assert_false(v.confirmed); /* that name leads elsewhere */

	rdns_close(&w.rdns);
	look("2001:DB8:0:0::0025", &v);
	assert_string_equal(v.ip, V6);
	assert_string_equal(v.name, V6_NAME);
	assert_string_equal(v.live.at[0], "six.rdns.test");
	assert_true(v.confirmed);
	assert_false(v.asked);

	look("198.51.100.1", &v); /* nobody serves its zone */
	assert_non_null(v.trouble);
	assert_int_equal(rdns_look(&w.rdns, "192.0.2", &w.place.m, &v, &w.e),
			 -1);
	assert_int_equal(w.e.kind, ERR_USAGE);
}

static void wants_the_forward_name_first(void **state)
{
	(void)state;
	w.e = (struct err){ 0 };
	assert_int_equal(rdns_forward(&w.rdns, HOST, V4, 100, &w.e), 0);
	assert_int_equal(rdns_forward(&w.rdns, HOST, V6, 100, &w.e), 0);
	assert_int_equal(rdns_forward(&w.rdns, HOST, "192.0.2.11", 100, &w.e),
			 -1);
	assert_int_equal(w.e.kind, ERR_TIMEOUT);
	assert_non_null(strstr(w.e.msg, "the A record 192.0.2.11"));
	assert_non_null(strstr(w.e.msg, "opsmail dns publish"));
	assert_int_equal(
		rdns_forward(&w.rdns, "nobody.rdns.test", V6, 100, &w.e), -1);
	assert_int_equal(w.e.kind, ERR_TIMEOUT);
}

static void sets_proves_and_restores(void **state)
{
	struct rdns_view v;
	const char *before;
	(void)state;
	look(V4, &v);
	assert_int_equal(rdns_set(&w.rdns, &v, HOST, &w.e), 0);
	assert_string_equal(hoster.name, HOST);
	assert_int_equal(rdns_prove(&w.rdns, &v, HOST, 100, &w.e), 0);
	assert_int_equal(rdns_prove(&w.rdns, &v, "no." HOST, 100, &w.e), -1);
	assert_int_equal(w.e.kind, ERR_TIMEOUT);

	look(V4, &v);
	assert_string_equal(v.ours, HOST);
	before = rdns_before(&w.conf, V4, &w.place.m, &w.e);
	assert_string_equal(before, "");
	assert_int_equal(rdns_restore(&w.rdns, &v, &w.e), 0);
	assert_string_equal(hoster.name, "v10.hoster.test");
	assert_int_equal(hoster.resets, 1);
	look(V4, &v);
	assert_null(v.ours);
	assert_int_equal(rdns_restore(&w.rdns, &v, &w.e), -1);
	assert_int_equal(w.e.kind, ERR_MISSING);
}

/* A name that somebody chose comes back, also after two of ours. */
static void remembers_whose_it_was(void **state)
{
	struct rdns_view v;
	(void)state;
	hoster = (struct hoster){ .name = "mail.example.net" };
	look(V4, &v);
	assert_int_equal(rdns_set(&w.rdns, &v, "one.rdns.test", &w.e), 0);
	look(V4, &v);
	assert_string_equal(v.ours, "one.rdns.test");
	assert_int_equal(rdns_set(&w.rdns, &v, HOST, &w.e), 0);
	look(V4, &v);
	assert_string_equal(v.ours, HOST);
	assert_string_equal(rdns_before(&w.conf, V4, &w.place.m, &w.e),
			    "mail.example.net");
	assert_int_equal(rdns_restore(&w.rdns, &v, &w.e), 0);
	assert_string_equal(hoster.name, "mail.example.net");
	look(V4, &v);
	assert_null(v.ours);
}

static void leaves_what_is_not_ours(void **state)
{
	struct rdns_view v;
	(void)state;
	look(V4, &v);
	assert_int_equal(rdns_set(&w.rdns, &v, HOST, &w.e), 0);
	snprintf(hoster.name, sizeof(hoster.name), "else.example.net");
	look(V4, &v);
	assert_int_equal(rdns_restore(&w.rdns, &v, &w.e), -1);
	assert_int_equal(w.e.kind, ERR_CHANGED);
	assert_string_equal(hoster.name, "else.example.net");
}

/* The journal is written before the call, whatever becomes of that. */
static void writes_down_first(void **state)
{
	struct journal_entries all = { 0 };
	struct rdns_view v;
	(void)state;
	hoster.fails = ERR_PERM;
	look(V4, &v);
	assert_int_equal(rdns_set(&w.rdns, &v, HOST, &w.e), -1);
	assert_int_equal(w.e.kind, ERR_PERM);
	w.e = (struct err){ 0 };
	assert_int_equal(journal_open_entries(w.conf.dir, RDNS_JOURNAL,
					      RDNS_JOURNAL, V4, &w.place.m,
					      &all, &w.e),
			 0);
	assert_int_equal(all.n, 1);
	assert_string_equal(all.at[0].record.name, "10.2.0.192.in-addr.arpa");

	hoster.fails = ERR_NONE;
	look(V4, &v);
	assert_int_equal(rdns_set(&w.rdns, &v, HOST, &w.e), 0);
	all = (struct journal_entries){ 0 };
	assert_int_equal(journal_open_entries(w.conf.dir, RDNS_JOURNAL,
					      RDNS_JOURNAL, V4, &w.place.m,
					      &all, &w.e),
			 0);
	assert_int_equal(all.n, 1);
}

static void believes_what_it_reads(void **state)
{
	struct rdns_view v;
	(void)state;
	look(V4, &v);
	hoster.loses = true;
	assert_int_equal(rdns_set(&w.rdns, &v, HOST, &w.e), 0);
	assert_int_equal(hoster.sets, 1);
	assert_string_equal(hoster.name, HOST);
}

static void takes_configured_addresses(void **state)
{
	const char *at[] = { V4, V6 };
	struct conf_list out = { 0 };
	(void)state;
	w.conf.addresses = (struct conf_list){ at, 2, 2 };
	assert_int_equal(rdns_addresses(&w.conf, &w.place.m, &out, &w.e), 0);
	assert_int_equal(out.n, 2);
	assert_string_equal(out.at[1], V6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decides),
		cmocka_unit_test_setup_teardown(looks, setup, teardown),
		cmocka_unit_test_setup_teardown(wants_the_forward_name_first,
						setup, teardown),
		cmocka_unit_test_setup_teardown(sets_proves_and_restores, setup,
						teardown),
		cmocka_unit_test_setup_teardown(remembers_whose_it_was, setup,
						teardown),
		cmocka_unit_test_setup_teardown(leaves_what_is_not_ours, setup,
						teardown),
		cmocka_unit_test_setup_teardown(writes_down_first, setup,
						teardown),
		cmocka_unit_test_setup_teardown(believes_what_it_reads, setup,
						teardown),
		cmocka_unit_test_setup_teardown(takes_configured_addresses,
						setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
