/* Publishing whole, on a provider in memory: what comes out, and that nobody is
 * harmed whatever happens. */
#include "publish/publish.h"

#include "tests/unit/dice.h"
#include "tests/unit/publish_world.h"

#define CONF(more)                                                           \
	"dns: {provider: mem}\nhostname: smtp.a.test\ndomains:\n  a.test:\n" \
	"    autoconfig: off\n    receive: add\n" more

static void publish_ok(bool allow_delete, const char **id)
{
	struct err e = { 0 };

	if (world_publish(allow_delete, id, &e))
		fail_msg("%s", e.msg);
}

static void told(const struct publish *p, struct buf *out)
{
	char type[16];

	for (size_t i = 0; i < p->zones.n; i++)
		for (size_t k = 0; k < p->zones.at[i]->plan.n; k++) {
			const struct plan_line *l = &p->zones.at[i]->plan.at[k];

			if (l->word <= PLAN_DELETE || l->word == PLAN_CONFLICT)
				buf_fmt(out, "%s %s %s %.*s (%s)\n",
					plan_word(l->word), l->record.name,
					dnsmsg_type_name(l->record.type, type),
					STR_FMT(l->record.value),
					l->advice ? l->advice : l->reason);
		}
}

/* The plan is empty: a second run has nothing to do. */
static void is_done(const char *when)
{
	AUTO(publish) struct publish p = { 0 };
	AUTO(buf) struct buf b = { 0 };
	struct err e = { 0 };

	if (world_look(&p, &e))
		fail_msg("%s: %s", when, e.msg);
	if (publish_changes(&p)) {
		told(&p, &b);
		fail_msg("%s: a second plan has changes:\n%s", when, buf_c(&b));
	}
}

static void makes_an_empty_zone_whole(void **state)
{
	static const struct {
		const char *name;
		uint16_t type;
		const char *value; /* NULL: any */
	} rows[] = {
		{ "smtp.a.test", DNS_A, "192.0.2.10" },
		{ "smtp.a.test", DNS_AAAA, "2001:db8::10" },
		{ "a.test", DNS_MX, "10 smtp.a.test." },
		{ "a.test", DNS_TXT, "v=spf1 include:_spf.a.test ~all" },
		{ "_spf.a.test", DNS_TXT,
		  "v=spf1 ip4:192.0.2.10 ip6:2001:db8::10 ~all" },
		{ "smtp.a.test", DNS_TXT, "v=spf1 a -all" },
		{ "_dmarc.a.test", DNS_TXT, NULL },
	};

	(void)state;
	world_conf(CONF(""));
	publish_ok(false, NULL);
	for (size_t i = 0; i < COUNT(rows); i++)
		if (!world_has(rows[i].name, rows[i].type, rows[i].value))
			fail_msg("%s %u %s is not there", rows[i].name,
				 rows[i].type, rows[i].value);
	is_done("after the first");
	/* Both keys: seen, and signing once nobody remembers their absence. */
	world->now += 3600;
	publish_ok(false, NULL);

	struct err e = { 0 };
	AUTO(keys) struct keys k = { 0 };

	assert_int_equal(keys_load(&world->conf, "a.test", world->now, &k, &e),
			 0);
	assert_int_equal(k.keys.n, 2);
	assert_int_equal(k.keys.at[0].state, ROTATE_ACTIVE);
	assert_int_equal(k.keys.at[1].state, ROTATE_ACTIVE);
	is_done("when keys sign");
}

/* All that others have at the names that we touch. */
static void put_others(void)
{
	world_put("a.test", DNS_TXT, "v=spf1 include:_spf.b.test ~all");
	world_put("a.test", DNS_TXT, "google-site-verification=abc");
	world_put("_spf.b.test", DNS_TXT, "v=spf1 ip4:198.51.100.0/24 -all");
	world_put("a.test", DNS_MX, "1 aspmx.google.test.");
	world_put("a.test", DNS_A, "192.0.2.80");
	world_put("_dmarc.a.test", DNS_TXT,
		  "v=DMARC1; p=reject; rua=mailto:x@a.test");
	world_put("www.a.test", DNS_CNAME, "a.test.");
}

/* But for the records of keys that sign: undo spares them. */
static bool is_key(const struct record *r)
{
	return strstr(r->name, "_domainkey.") != NULL;
}

static void same_set(const struct records *a, const struct records *b)
{
	for (size_t i = 0; i < a->n; i++)
		if (!records_find(b, &a->at[i]))
			fail_msg("%s %.*s is lost", a->at[i].name,
				 STR_FMT(a->at[i].value));
	for (size_t i = 0; i < b->n; i++)
		if (!is_key(&b->at[i]) && !records_find(a, &b->at[i]))
			fail_msg("%s %.*s came", b->at[i].name,
				 STR_FMT(b->at[i].value));
}

static int undo(const char *id, struct err *e)
{
	struct zones z = { .conf = &world->conf,
			   .find = world_find,
			   .resolver = world->resolver };
	struct undo u;
	size_t done;
	int status = -1;

	if (undo_look(&z, id, world->now, &u, e) == 0)
		status = undo_apply(
			&z, &u, publish_id(++world->now, "undo", &world->mem),
			&done, e);
	zones_free(&z);
	return status;
}

static void spares_others_and_undoes(void **state)
{
	struct err e = { 0 };
	struct records before = { 0 };
	const char *id;

	(void)state;
	world_conf(CONF(""));
	for (unsigned whole = 0; whole < 2; whole++) {
		world->live = (struct records){ 0 };
		world->whole = whole;
		put_others();
		before = world->live;
		publish_ok(false, &id);
		assert_true(
			world_has("a.test", DNS_MX, "1 aspmx.google.test."));
		assert_true(world_has("a.test", DNS_MX, "10 smtp.a.test."));
		assert_true(world_has("a.test", DNS_TXT,
				      "google-site-verification=abc"));
		assert_true(world_has(
			"a.test", DNS_TXT,
			"v=spf1 include:_spf.b.test include:_spf.a.test "
			"~all"));
		assert_false(world_has("a.test", DNS_TXT,
				       "v=spf1 include:_spf.b.test ~all"));
		assert_true(
			world_has("_dmarc.a.test", DNS_TXT,
				  "v=DMARC1; p=reject; rua=mailto:x@a.test"));
		is_done("beside others");
		if (undo(id, &e))
			fail_msg("%s", e.msg);
		same_set(&before, &world->live);
		/* And what was given back is not ours to take. */
		publish_ok(true, &id);
		if (undo(id, &e))
			fail_msg("%s", e.msg);
		same_set(&before, &world->live);
	}
}

/* The one text of another that a publish may hold back, until it is undone. */
static bool is_spf(const struct record *r)
{
	return r->type == DNS_TXT && str_starts_i(r->value, "v=spf1");
}

static void all_there(const struct records *theirs, unsigned round,
		      const char *after)
{
	for (size_t i = 0; i < theirs->n; i++)
		if (!is_spf(&theirs->at[i]) &&
		    !records_find(&world->live, &theirs->at[i]))
			fail_msg("round %u: after %s %s %.*s is lost", round,
				 after, theirs->at[i].name,
				 STR_FMT(theirs->at[i].value));
}

/* A domain that leaves the configuration takes all of its own with it, and
 * nothing else; not before that is allowed. */
static void leaves_no_trace(void **state)
{
	struct records before;

	(void)state;
	put_others();
	before = world->live;
	world_conf(CONF(""));
	publish_ok(false, NULL);
	world_conf("dns: {provider: mem}\nhostname: smtp.b.test\n"
		   "domains:\n  b.test: {receive: none, autoconfig: off}\n");
	publish_ok(false, NULL);
	assert_true(world_has("a.test", DNS_MX, "10 smtp.a.test."));
	publish_ok(true, NULL);
	for (size_t i = 0; i < world->live.n; i++)
		if (record_in_zone(world->live.at[i].name, "a.test") &&
		    !records_find(&before, &world->live.at[i]))
			fail_msg("%s stayed", world->live.at[i].name);
	all_there(&before, 0, "it left");
	assert_true(world_has("a.test", DNS_TXT,
			      "v=spf1 include:_spf.b.test ~all"));
}

/* ---- any zone, any configuration, any accident ---- */

static void any_conf(void)
{
	static const char *const receive[] = { "add", "none" };
	static const char *const style[] = { "literal", "a" };
	static const char *const p[] = { "auto", "none", "quarantine",
					 "reject" };
	static const char *const caa[] = { "off", "host" };
	AUTO(mem) struct mem m = { 0 };

	world_conf(mem_fmt(
		&m,
		"dns: {provider: mem}\nhostname: %s\ndomains:\n  a.test:\n"
		"    autoconfig: off\n    receive: %s\n    spf: {style: %s}\n    dmarc: {p: %s}\n"
		"    caa: %s\n    srv: %s\n%s",
		dice(4) ? "smtp.a.test" : "mail.b.test", receive[dice(2)],
		style[dice(2)], p[dice(4)], caa[dice(2)],
		dice(2) ? "on" : "off",
		dice(2) ? "  b.test: {receive: add, autoconfig: off}\n" : ""));
}

static void any_others(struct records *theirs)
{
	static const struct {
		const char *name;
		uint16_t type;
		const char *value;
	} rows[] = {
		{ "a.test", DNS_TXT, "v=spf1 ip4:198.51.100.1 -all" },
		{ "a.test", DNS_TXT, "some \"quoted\" text; v=spf1" },
		{ "a.test", DNS_TXT, "\303\244\001 bytes" },
		{ "a.test", DNS_MX, "1 mx.elsewhere.test." },
		{ "a.test", DNS_MX, "5 mx2.elsewhere.test." },
		{ "a.test", DNS_CAA, "0 issue \"ca.test\"" },
		{ "a.test", DNS_NS, "ns.elsewhere.test." },
		{ "smtp.a.test", DNS_A, "198.51.100.7" },
		{ "smtp.a.test", DNS_TXT, "hello" },
		{ "_dmarc.a.test", DNS_TXT, "v=DMARC1;p=none" },
		{ "_spf.a.test", DNS_TXT, "v=spf1 -all" },
		{ "_smtp._tls.a.test", DNS_TXT,
		  "v=TLSRPTv1;rua=mailto:t@e.test" },
		{ "_submission._tcp.a.test", DNS_SRV, "0 0 0 ." },
		{ "www.a.test", DNS_CNAME, "a.test." },
		{ "b.test", DNS_TXT, "v=spf1 a mx ~all" },
		{ "b.test", DNS_A, "198.51.100.8" },
		{ "mail.b.test", DNS_CAA, "0 iodef \"mailto:x@e.test\"" },
	};

	world->live = (struct records){ 0 };
	for (size_t i = 0; i < COUNT(rows); i++)
		if (dice(2))
			world_put(rows[i].name, rows[i].type, rows[i].value);
	*theirs = world->live;
}

static void accident(void)
{
	world->applied = 0;
	world->crash_at = dice(2) ? 1 + dice(12) : 0;
	world->crash = world->crash_at ? 1 + (enum crash)dice(2) : CRASH_NONE;
}

static void step(const struct records *theirs, unsigned round,
		 struct conf_list *ids)
{
	struct err e = { 0 };
	const char *id = NULL;

	accident();
	switch (dice(4)) {
	case 0:
		if (ids->n) {
			(void)undo(ids->at[dice((unsigned)ids->n)], &e);
			all_there(theirs, round, "an undo");
			break;
		}
		/* fallthrough */
	case 1:
		any_conf();
		/* fallthrough */
	default:
		world->now += dice(3) ? 60 : 40 * 24 * 3600;
		(void)world_publish(dice(2), &id, &e);
		all_there(theirs, round, "a publish");
		if (id) {
			ids->at = mem_more(&world->mem, ids->at, &ids->room,
					   ids->n, sizeof(*ids->at));
			ids->at[ids->n++] = id;
		}
	}
}

static void harms_nobody(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 12; round++) {
		AUTO(mem) struct mem m = { 0 };
		struct conf_list ids = { 0 };
		struct records theirs;
		struct err e = { 0 };

		assert_int_equal(
			fs_remove_tree(mem_fmt(&m, "%s/journal", world->dir),
				       &e),
			0);
		world->whole = dice(2);
		world->shout = dice(2);
		any_others(&theirs);
		any_conf();
		for (unsigned i = 0; i < 6; i++)
			step(&theirs, round, &ids);
		world->crash_at = 0;
		publish_ok(true, NULL);
		all_there(&theirs, round, "the last publish");
		is_done("whatever happened");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(makes_an_empty_zone_whole,
						world_make, world_drop),
		cmocka_unit_test_setup_teardown(spares_others_and_undoes,
						world_make, world_drop),
		cmocka_unit_test_setup_teardown(leaves_no_trace, world_make,
						world_drop),
		cmocka_unit_test_setup_teardown(harms_nobody, world_make,
						world_drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
