/* Values of a whole order in the DNS: where they go, how they are written, and
 * that nothing but ours is taken away. */
#include "acme/dns01.h"

#include "dns/journal.h"
#include "tests/unit/fake_issue.h"

#define ACME "_acme-challenge."

/* Tokens to be written by one process. */
struct putter {
	struct dns01 x;
	struct resolver *resolver;
	struct dns01_token token[4];
};

static void putter_open(struct putter *p, struct world *w, const char *who)
{
	struct err e = { 0 };

	*p = (struct putter){ .x = { .conf = &w->conf,
				     .settings = &w->domain.dns,
				     .find = fake_find,
				     .tell = &w->tell,
				     .purpose = "acme",
				     .who = who,
				     .limit_ms = 5000 } };
	assert_int_equal(resolver_open(w->dns.text, &p->resolver, &e), 0);
	p->x.resolver = p->resolver;
	p->x.token = p->token;
	*w->said = 0;
}

static void putter_close(struct putter *p)
{
	dns01_free(&p->x);
	resolver_close(p->resolver);
}

static void put(struct putter *p, const char *at, const char *value)
{
	p->token[p->x.n++] = (struct dns01_token){ .at = at, .value = value };
}

static size_t in_journal(struct world *w, const char *zone, const char *who)
{
	struct journal_entries all = { 0 };
	struct err e = { 0 };

	assert_int_equal(journal_open_entries(w->dir, zone, "acme", who,
					      &w->mem, &all, &e),
			 0);
	return all.n;
}

static void writes_once_a_name(void **state)
{
	struct world *w = *state;
	struct putter p;
	struct err e = { 0 };

	putter_open(&p, w, "a.test");
	put(&p, ACME "a.test", "one");
	put(&p, ACME "b.a.test", "two");
	put(&p, ACME "a.test", "three");
	put(&p, ACME "b.test", "four");
	assert_int_equal(dns01_put(&p.x, &e), 0);
	assert_int_equal(w->applied, 3);
	assert_int_equal(w->listed, 6); /* before and after each */
	assert_told(w, "2 TXT values at " ACME "a.test (fake)");
	assert_told(w, "1 TXT value at " ACME "b.a.test (fake)");
	assert_true(world_shows(ACME "a.test", "one"));
	assert_true(world_shows(ACME "a.test", "three"));
	assert_true(world_shows(ACME "b.a.test", "two"));
	assert_true(world_shows(ACME "b.test", "four"));
	assert_string_equal(p.token[2].zone, "a.test");
	assert_string_equal(p.token[3].zone, "b.test");
	assert_int_equal(in_journal(w, "a.test", "a.test"), 3);
	assert_int_equal(dns01_clear(&p.x, &e), 0);
	assert_int_equal(w->values.n, 0);
	assert_int_equal(in_journal(w, "a.test", "a.test"), 0);
	assert_int_equal(in_journal(w, "b.test", "a.test"), 0);
	putter_close(&p);
}

/* Two certificates at one name, one of them crashed: each takes away its own,
 * and a stranger's value stays. */
static void takes_away_only_its_own(void **state)
{
	struct world *w = *state;
	struct putter dead, other;
	struct err e = { 0 };

	world_put(ACME "a.test", "foreign");
	putter_open(&dead, w, "a.test");
	put(&dead, ACME "a.test", "left behind");
	assert_int_equal(dns01_put(&dead.x, &e), 0);
	putter_close(&dead);

	putter_open(&other, w, "a.test_rsa");
	put(&other, ACME "a.test", "mine");
	assert_int_equal(dns01_put(&other.x, &e), 0);
	assert_int_equal(w->values.n, 3);
	assert_int_equal(dns01_clear(&other.x, &e), 0);
	assert_int_equal(w->values.n, 2);
	assert_true(world_shows(ACME "a.test", "left behind"));
	putter_close(&other);

	/* the next run of the one that crashed */
	putter_open(&dead, w, "a.test");
	assert_int_equal(dns01_clear(&dead.x, &e), 0);
	assert_int_equal(w->values.n, 1);
	assert_true(world_shows(ACME "a.test", "foreign"));
	/* and nothing is left to be done: no provider is opened for it */
	unsetenv("FAKE_TOKEN");
	w->applied = 0;
	assert_int_equal(dns01_clear(&dead.x, &e), 0);
	assert_int_equal(w->applied, 0);
	putter_close(&dead);
}

/* Neither a value of another purpose is ours to take (dns-persist-01). */
static void leaves_other_purposes(void **state)
{
	struct world *w = *state;
	struct putter p;
	struct err e = { 0 };

	putter_open(&p, w, "a.test");
	put(&p, "_validation-persist.a.test", "stays");
	p.x.purpose = "persist";
	assert_int_equal(dns01_put(&p.x, &e), 0);
	p.x.purpose = "acme";
	assert_int_equal(dns01_clear(&p.x, &e), 0);
	assert_true(world_shows("_validation-persist.a.test", "stays"));
	putter_close(&p);
}

/* The target of a CNAME is written by whoever has that domain. */
static void follows_a_delegation(void **state)
{
	struct world *w = *state;
	struct conf_domain domains[] = {
		{ .name = "test", .dns = { .provider = "none" } },
		{ .name = "b.test", .dns = { .provider = "fake" } },
		{ .name = "alias.test", .dns = { .provider = "none" } },
		{ .name = "sub.b.test" }, /* says nothing */
	};
	struct putter p;
	struct err e = { 0 };

	w->conf.domains = domains;
	w->conf.domains_n = COUNT(domains);
	putter_open(&p, w, "alias.test");
	p.x.settings = &domains[2].dns;
	put(&p, ACME "alias.test", "one");
	assert_int_equal(dns01_put(&p.x, &e), 0);
	assert_told(w, ACME "alias.test is delegated to " ACME "b.test");
	assert_true(world_shows(ACME "b.test", "one"));
	assert_string_equal(p.token[0].zone, "b.test");
	putter_close(&p);

	/* crashed: the journal alone leads back to the provider */
	putter_open(&p, w, "alias.test");
	p.x.settings = &domains[2].dns;
	assert_int_equal(dns01_clear(&p.x, &e), 0);
	assert_int_equal(w->values.n, 0);
	putter_close(&p);
}

static void writes_where_alias_and_zone_say(void **state)
{
	struct world *w = *state;
	struct putter p;
	struct err e = { 0 };

	w->domain.dns.alias = "x.y.b.test";
	w->domain.dns.zone = "y.b.test";
	putter_open(&p, w, "a.test");
	put(&p, ACME "a.test", "one");
	put(&p, ACME "c.a.test", "two");
	assert_int_equal(dns01_put(&p.x, &e), 0);
	assert_int_equal(w->applied, 1);
	assert_true(world_shows("x.y.b.test", "one"));
	assert_true(world_shows("x.y.b.test", "two"));
	assert_string_equal(p.token[1].zone, "y.b.test");
	assert_int_equal(dns01_clear(&p.x, &e), 0);
	putter_close(&p);
}

static void says_what_is_missing(void **state)
{
	static const struct {
		const char *provider, *token, *says;
		enum err_kind kind;
	} table[] = {
		{ NULL, "x", "no DNS provider is set for a.test", ERR_CONF },
		{ "none", "x", "no provider is called none", ERR_CONF },
		{ "fake", NULL, "needs FAKE_TOKEN", ERR_AUTH },
		{ "fake", "x", NULL, ERR_NONE },
	};
	struct world *w = *state;

	for (size_t i = 0; i < COUNT(table); i++) {
		struct putter p;
		struct err e = { 0 };
		const unsigned asked = w->dns.asked;

		w->domain.dns.provider = table[i].provider;
		unsetenv("FAKE_TOKEN");
		if (table[i].token)
			setenv("FAKE_TOKEN", table[i].token, 1);
		putter_open(&p, w, "a.test");
		assert_int_equal(dns01_check(&p.x, &e), table[i].says ? -1 : 0);
		assert_int_equal(e.kind, table[i].kind);
		if (table[i].says)
			assert_says(e, table[i].says);
		assert_int_equal(w->dns.asked, asked);
		putter_close(&p);
	}
}

static void ends_waiting_and_clears_in_each_zone(void **state)
{
	struct world *w = *state;
	struct putter p;
	struct err e = { 0 };

	putter_open(&p, w, "a.test");
	put(&p, ACME "a.test", "one");
	put(&p, ACME "b.test", "two");
	p.x.limit_ms = 0;
	w->deaf_dns = true;
	assert_int_equal(dns01_put(&p.x, &e), -1);
	assert_int_equal(e.kind, ERR_TIMEOUT);
	assert_says(e, "a.test: after 0 s 0 of 1 name servers");
	/* one zone fails: the other is cleared all the same */
	w->mute_zone = "a.test";
	assert_int_equal(dns01_clear(&p.x, &e), -1);
	assert_says(e, "a.test: ");
	assert_int_equal(w->values.n, 1);
	assert_true(world_shows(ACME "a.test", "one"));
	w->mute_zone = NULL;
	assert_int_equal(dns01_clear(&p.x, &e), 0);
	assert_int_equal(w->values.n, 0);
	putter_close(&p);
}

static const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, world_open, world_close)
	T(writes_once_a_name),
	T(takes_away_only_its_own),
	T(leaves_other_purposes),
	T(follows_a_delegation),
	T(writes_where_alias_and_zone_say),
	T(says_what_is_missing),
	T(ends_waiting_and_clears_in_each_zone),
};

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
