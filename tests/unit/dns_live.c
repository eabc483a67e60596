/* A provider against a real server: all types, long and odd texts, 600 values,
 * foreign values that must stay. tests/lab runs it, with the provider's name
 * (OPSMAIL_PROVIDER) and what it takes in the environment, and asks the server
 * by DNS what it then serves; without them there is nothing to do. */
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/buf.h"
#include "dns/edit.h"
#include "providers/table.h"
#include "tests/unit/home.h"
#include "tests/unit/test.h"

enum { MANY = 600, LONG = 800 };

static const struct {
	const char *name;
	uint16_t type;
	const char *value;
} rows[] = {
	{ "a", DNS_A, "192.0.2.1" },
	{ "a", DNS_A, "192.0.2.2" },
	{ "a", DNS_AAAA, "2001:db8::1" },
	{ "www", DNS_CNAME, "a.pdns.test." },
	{ "*.wild", DNS_CNAME, "a.pdns.test." },
	{ "mx", DNS_MX, "10 mail.pdns.test." },
	{ "mx", DNS_MX, "20 mx.example.net." },
	{ "null", DNS_MX, "0 ." },
	{ "_submissions._tcp", DNS_SRV, "0 1 465 mail.pdns.test." },
	{ "caa", DNS_CAA, "0 issue \"letsencrypt.org\"" },
	{ "caa", DNS_CAA, "128 issue \"ca.test; validationmethods=dns-01\"" },
	{ "_25._tcp.mail", DNS_TLSA,
	  "3 1 1 "
	  "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" },
	{ "ptr", DNS_PTR, "mail.pdns.test." },
	{ "txt", DNS_TXT, "v=spf1 mx -all" },
	{ "txt", DNS_TXT, "say \"hello\"; back\\slash  two blanks " },
	{ "txt", DNS_TXT, "gr\xc3\xbc\xc3\x9f dich" },
};

struct live {
	struct home *home;
	struct conf conf;
	struct conf_dns settings;
	struct dns dns;
	const char *zone;
};

/* Names below the zone's own part, so that a run can be told apart. */
static struct record record_of(struct live *l, const char *name, uint16_t type,
			       struct str value)
{
	return (struct record){
		.name = mem_fmt(&l->home->mem, "%s.pdns.test", name),
		.type = type,
		.ttl = 300,
		.value = value,
	};
}

static void change(struct live *l, const struct record *r, bool add)
{
	struct edit x = { .dns = &l->dns,
			  .zone = l->zone,
			  .purpose = "test",
			  .owner = "live" };
	struct records set = { 0 };
	struct err e = { 0 };

	records_add(&set, &l->home->mem, r);
	if (edit_values(&x, add ? &set : NULL, add ? NULL : &set, &e))
		fail_msg("%s", e.msg);
}

static struct records all_of(struct live *l)
{
	struct records out = { 0 };
	struct err e = { 0 };

	if (l->dns.provider->list(&l->dns, l->zone, NULL, 0, &l->home->mem,
				  &out, &e))
		fail_msg("%s", e.msg);
	return out;
}

static struct str long_text(struct live *l)
{
	AUTO(buf) struct buf b = { 0 };

	for (int i = 0; i < LONG; i++)
		buf_char(&b, (char)('a' + i % 26));
	return (struct str){ mem_dup(&l->home->mem, buf_c(&b), b.n), b.n };
}

static void many(struct live *l)
{
	struct edit x = { .dns = &l->dns,
			  .zone = l->zone,
			  .purpose = "test",
			  .owner = "live" };
	struct records set = { 0 };
	struct err e = { 0 };

	for (unsigned i = 0; i < MANY; i++) {
		const struct record r =
			record_of(l, "many", DNS_A,
				  str_of(mem_fmt(&l->home->mem, "10.0.%u.%u",
						 i / 250, i % 250 + 1)));

		records_add(&set, &l->home->mem, &r);
	}
	if (edit_values(&x, &set, NULL, &e))
		fail_msg("%s", e.msg);
	assert_true(all_of(l).n >= MANY);
	if (edit_values(&x, NULL, &set, &e))
		fail_msg("%s", e.msg);
}

static void works(void **state)
{
	struct live l = { .home = *state };
	struct records before;
	struct err e = { 0 };

	if (!getenv("OPSMAIL_PROVIDER"))
		skip();
	l.conf.dir = l.home->dir;
	l.dns = (struct dns){ .conf = &l.conf, .settings = &l.settings };

	const struct provider *p = provider_find(
		NULL, getenv("OPSMAIL_PROVIDER"), &l.home->mem, &e);

	if (!p || dns_open(&l.dns, p, &e) ||
	    p->find_zone(&l.dns, "x.y.pdns.test", &l.zone, &e))
		fail_msg("%s", e.msg);
	assert_string_equal(l.zone, "pdns.test");
	before = all_of(&l);

	const struct record far = record_of(&l, "long", DNS_TXT, long_text(&l));

	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct record r = record_of(
			&l, rows[i].name, rows[i].type, str_of(rows[i].value));

		change(&l, &r, true);
		change(&l, &r, true); /* there already: nothing happens */
	}
	change(&l, &far, true);
	many(&l);

	struct records after = all_of(&l);

	assert_int_equal(after.n, before.n + COUNT(rows) + 1);
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct record r = record_of(
			&l, rows[i].name, rows[i].type, str_of(rows[i].value));

		assert_non_null(records_find(&after, &r));
	}
	for (size_t i = 0; i < before.n; i++)
		assert_true(before.at[i].type == DNS_SOA ||
			    records_find(&after, &before.at[i]));
	if (!getenv("OPSMAIL_KEEP"))
		for (size_t i = 0; i < COUNT(rows); i++) {
			const struct record r =
				record_of(&l, rows[i].name, rows[i].type,
					  str_of(rows[i].value));

			change(&l, &r, false);
			change(&l, &r, false);
		}
	if (!getenv("OPSMAIL_KEEP")) {
		change(&l, &far, false);
		assert_int_equal(all_of(&l).n, before.n);
	}
	dns_close(&l.dns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(works, home_make, home_drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
