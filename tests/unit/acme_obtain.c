/* An order to its certificate: proofs of other kinds, chains, accounts. */
#include "acme/obtain.h"

#include "tests/unit/fake_issue.h"

/* Published once and explained; whoever renews needs no credentials then. */
static void publishes_a_persistent_record_once(void **state)
{
	static const char *names[] = { "a.test", "*.a.test", "c.a.test" };
	struct world *w = *state;

	w->domain.acme.names = (struct conf_list){ names, 3, 3 };
	w->domain.acme.challenge = CHALLENGE_DNS_PERSIST01;
	assert_runs(w, ISSUE_DONE);
	assert_told(w, "this record stays in the zone");
	assert_told(w, CA "/account/1");
	assert_int_equal(w->values.n, 2);
	assert_true(world_shows("_validation-persist.a.test",
				"ca.test; accounturi=" CA "/account/1; "
				"policy=wildcard"));
	assert_true(world_shows("_validation-persist.c.a.test",
				"ca.test; accounturi=" CA "/account/1"));
	unsetenv("FAKE_TOKEN");
	w->job.force = true;
	assert_runs(w, ISSUE_DONE);
	assert_int_equal(w->applied, 0);
	assert_int_equal(w->values.n, 2);
	assert_int_equal(w->ca[0].issued, 2);
}

static void needs_credentials_to_publish(void **state)
{
	struct world *w = *state;
	struct store_state st;

	w->domain.acme.challenge = CHALLENGE_DNS_PERSIST01;
	unsetenv("FAKE_TOKEN");
	assert_fails(world_run(w), w, ERR_AUTH);
	assert_says(w->err, "FAKE_TOKEN");
	st = world_state(w);
	assert_string_equal(st.order_url, CA "/order/0");
	store_state_free(&st);
	setenv("FAKE_TOKEN", "found", 1);
	w->job.patient = true; /* what a person mended is tried at once */
	assert_runs(w, ISSUE_DONE);
	assert_int_equal(w->ca[0].orders, 1);
}

/* With dns-01 that is known before the CA is asked for anything. */
static void asks_nothing_without_credentials(void **state)
{
	struct world *w = *state;

	unsetenv("FAKE_TOKEN");
	assert_fails(world_run(w), w, ERR_AUTH);
	assert_int_equal(w->requests, 0);
}

static void names_the_proofs_that_are_offered(void **state)
{
	struct world *w = *state;

	w->ca[0].by_http = true;
	assert_fails(world_run(w), w, ERR_PERM);
	assert_says(w->err, "a.test: the CA offers http-01 tls-alpn-01, not "
			    "dns-01");
	w->domain.acme.challenge = CHALLENGE_DNS_PERSIST01;
	assert_fails(world_run(w), w, ERR_PERM);
	assert_says(w->err, "not dns-persist-01");
	assert_int_equal(w->applied, 0);
}

static void takes_the_default_chain(void **state)
{
	struct world *w = *state;

	w->domain.acme.preferred_chain = "Nobody's Root";
	assert_runs(w, ISSUE_DONE);
	assert_told(w, "no chain of the CA has \"Nobody's Root\"");
	w->domain.acme.preferred_chain = CA;
	w->job.force = true;
	assert_runs(w, ISSUE_DONE);
	assert_null(strstr(w->said, "no chain of the CA"));
}

/* The key stays (DANE), or is the one that was made for this time. */
static void keeps_or_changes_the_key(void **state)
{
	struct world *w = *state;
	struct key *k[4] = { 0 };
	struct err e = { 0 };

	assert_runs(w, ISSUE_DONE);
	assert_int_equal(store_live_key(w->dir, "a.test", &k[0], &e), 0);
	assert_int_equal(store_next_key(w->dir, "a.test", KEY_P256, &k[1], &e),
			 0);
	w->job.force = true;
	assert_runs(w, ISSUE_DONE);
	assert_int_equal(store_live_key(w->dir, "a.test", &k[2], &e), 0);
	assert_true(key_same(k[0], k[2]));
	w->domain.acme.reuse_key = false;
	assert_runs(w, ISSUE_DONE);
	assert_int_equal(store_live_key(w->dir, "a.test", &k[3], &e), 0);
	assert_true(key_same(k[1], k[3]));
	for (size_t i = 0; i < COUNT(k); i++)
		key_free(k[i]);
}

/* The key of a revoked certificate is never asked for again. */
static void leaves_a_revoked_key(void **state)
{
	struct world *w = *state;
	struct store_state st;
	struct key *old = NULL, *now = NULL;
	struct err e = { 0 };

	assert_runs(w, ISSUE_DONE);
	assert_int_equal(store_live_key(w->dir, "a.test", &old, &e), 0);
	st = world_state(w);
	st.revoked_at = NOW;
	assert_int_equal(store_state_write(w->dir, "a.test", &st, &e), 0);
	store_state_free(&st);
	assert_runs(w, ISSUE_DONE);
	assert_int_equal(store_live_key(w->dir, "a.test", &now, &e), 0);
	assert_false(key_same(old, now));
	st = world_state(w);
	assert_int_equal(st.revoked_at, 0);
	store_state_free(&st);
	key_free(old);
	key_free(now);
}

/* One session, several certificates: one directory, one account. */
static void shares_a_session(void **state)
{
	struct world *w = *state;
	struct issue_session s = { .conf = &w->conf,
				   .find = fake_find,
				   .http = &w->http,
				   .pause_ms = 1 };
	struct conf_domain b = w->domain;

	b.name = b.shown = "b.test";
	assert_int_equal(issue_run(&s, &w->job, &w->mem, &w->result, &w->err),
			 0);
	w->job.domain = &b;
	w->job.name = "b.test";
	w->requests = 0;
	assert_int_equal(issue_run(&s, &w->job, &w->mem, &w->result, &w->err),
			 0);
	assert_int_equal(w->requests, 8); /* no directory, nonce or account */
	assert_int_equal(w->ca[0].registered, 1);
	/* another CA, and back: its account is on disk */
	b.acme.server.at++;
	assert_int_equal(issue_run(&s, &w->job, &w->mem, &w->result, &w->err),
			 0);
	assert_int_equal(w->ca[1].issued, 1);
	b.acme.server.at--;
	assert_int_equal(issue_run(&s, &w->job, &w->mem, &w->result, &w->err),
			 0);
	assert_int_equal(w->ca[0].issued, 3);
	assert_int_equal(w->ca[0].registered, 1);
	issue_session_close(&s);
	/* a CA that is down is asked for its window once, not once a name */
	s = (struct issue_session){ .conf = &w->conf, .http = &w->http };
	w->ca[0].down = true;
	for (size_t i = 0; i < 2; i++) {
		w->requests = 0;
		assert_int_equal(issue_run(&s, &w->job, &w->mem, &w->result,
					   &w->err),
				 0);
		assert_int_equal(w->result.outcome, ISSUE_KEPT);
		assert_int_equal(w->requests, i ? 0 : 1);
	}
	issue_session_close(&s);
}

/* A rehearsal beside a real run: its store is apart, the zone's journal and
 * lock are not, and each takes away its own. */
static void rehearses_in_the_same_dns(void **state)
{
	struct world *w = *state;
	struct conf real = w->conf;
	struct err e = { 0 };
	struct fs_names names = { 0 };

	assert_fails(world_fail_on(w, "POST /dns/1", KILLED_BEFORE), w,
		     ERR_STOPPED);
	assert_int_equal(w->values.n, 2);
	w->conf.dir = mem_fmt(&w->mem, "%s/acme/dry-run", w->dir);
	w->real = &real;
	w->job.dry_run = true;
	assert_runs(w, ISSUE_DONE);
	assert_int_equal(w->values.n, 2); /* those of the real run */
	assert_int_equal(w->ca[0].orders, 2);
	assert_int_equal(fs_list(mem_fmt(&w->mem, "%s/journal", w->dir),
				 &w->mem, &names, &e),
			 0);
	assert_int_equal(names.n, 2); /* the lines and the lock */
	assert_false(fs_exists(mem_fmt(&w->mem, "%s/journal", w->conf.dir)));
	assert_null(world_live(w));
	w->job.force = true;
	w->domain.dns.provider = NULL;
	assert_fails(world_run(w), w, ERR_CONF);
	assert_null(strstr(w->err.msg, "dry-run/opsmail.yaml"));
	world_conf(w);
	assert_runs(w, ISSUE_DONE);
	assert_int_equal(w->values.n, 0);
	assert_int_equal(w->ca[0].orders, 2);
}

static const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, world_open, world_close)
	T(publishes_a_persistent_record_once),
	T(needs_credentials_to_publish),
	T(asks_nothing_without_credentials),
	T(names_the_proofs_that_are_offered),
	T(takes_the_default_chain),
	T(keeps_or_changes_the_key),
	T(leaves_a_revoked_key),
	T(shares_a_session),
	T(rehearses_in_the_same_dns),
};

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
