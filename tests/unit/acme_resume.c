/* Runs that are cut short, and CAs that fail: what the next run makes of it. */
#include "acme/issue.h"

#include "tests/unit/fake_issue.h"

/* Killed at each request, before it was sent or after it was done: the next
 * run ends with a pair that fits, cleans up, and asks for no second
 * certificate. */
static void kill_each(struct world *w, enum fault how)
{
	unsigned n = 1;

	for (;; n++) {
		struct store_state st;

		world_again(w);
		if (!world_fail(w, n, how))
			break;
		assert_int_equal(w->err.kind, ERR_STOPPED);
		st = world_state(w);
		assert_int_equal(st.failures, 0);
		store_state_free(&st);
		w->job.patient = true;
		assert_runs(w, ISSUE_DONE);
		w->job.patient = false;
		assert_non_null(world_live(w));
		assert_int_equal(w->values.n, 0);
		assert_int_equal(w->ca[0].issued, 1);
		assert_int_equal(w->ca[0].orders,
				 n == 4 && how == KILLED_AFTER ? 2 : 1);
		st = world_state(w);
		assert_null(st.order_url);
		assert_int_equal(st.cleanup_owed, 0);
		store_state_free(&st);
		assert_false(fs_exists(mem_fmt(
			&w->mem, "%s/acme/keys/a.test/pending.pem", w->dir)));
		assert_true(fs_exists(mem_fmt(
			&w->mem, "%s/acme/keys/a.test/next.pem", w->dir)));
	}
	assert_int_equal(n, 12);
}

static void survives_a_kill_before_each_request(void **state)
{
	kill_each(*state, KILLED_BEFORE);
}

static void survives_a_kill_after_each_request(void **state)
{
	kill_each(*state, KILLED_AFTER);
}

/* An interruption leaves nothing behind in the DNS, and is no failure. */
static void cleans_up_when_stopped(void **state)
{
	struct world *w = *state;

	for (unsigned n = 1; n <= 11; n++) {
		struct store_state st;

		world_again(w);
		assert_fails(world_fail(w, n, FAULT_STOP), w, ERR_STOPPED);
		assert_int_equal(w->values.n, 0);
		st = world_state(w);
		assert_int_equal(st.failures, 0);
		assert_int_equal(st.retry_at, 0);
		store_state_free(&st);
	}
	assert_runs(w, ISSUE_DONE);
	assert_int_equal(w->ca[0].issued, 1);
}

/* The swap was made, the state was not written any more. */
static void finds_its_certificate_live(void **state)
{
	struct world *w = *state;
	struct err e = { 0 };
	struct store_state st;
	const char *live, *stamp;

	assert_fails(world_fail_on(w, "POST /cert/0", FAULT_BUSY), w, ERR_TEMP);
	st = world_state(w);
	assert_runs(w, ISSUE_DONE);
	assert_int_equal(store_state_write(w->dir, "a.test", &st, &e), 0);
	store_state_free(&st);
	assert_int_equal(fs_remove(mem_fmt(&w->mem,
					   "%s/acme/keys/a.test/next.pem",
					   w->dir),
				   &e),
			 0);
	st = world_state(w);
	assert_non_null(st.order_url);
	store_state_free(&st);
	live = world_live(w);
	assert_runs(w, ISSUE_DONE);
	assert_string_equal(world_live(w), live);
	assert_int_equal(w->ca[0].issued, 1);
	st = world_state(w);
	stamp = mem_fmt(&w->mem, "%s/acme/archive/a.test/%s", w->dir, st.stamp);
	store_state_free(&st);
	assert_true(fs_is_dir(stamp));
	assert_true(fs_exists(
		mem_fmt(&w->mem, "%s/acme/keys/a.test/next.pem", w->dir)));
}

static bool has_order(struct world *w)
{
	struct store_state st = world_state(w);
	const bool has = st.order_url != NULL;

	store_state_free(&st);
	return has;
}

/* What the CA sends and does not fit never becomes live. */
static void keeps_a_wrong_chain_out(void **state)
{
	static const struct {
		enum wrong wrong;
		enum err_kind kind;
		bool kept; /* the order */
	} table[] = {
		{ OTHER_KEY, ERR_PERM, false },
		{ MISSING_NAME, ERR_PERM, false },
		{ NO_URL, ERR_TEMP, true },
	};
	struct world *w = *state;

	for (size_t i = 0; i < COUNT(table); i++) {
		const char *live;

		world_again(w);
		w->ca[0].wrong = RIGHT_CHAIN;
		assert_runs(w, ISSUE_DONE);
		live = world_live(w);
		w->job.force = true;
		w->ca[0].wrong = table[i].wrong;
		assert_fails(world_run(w), w, table[i].kind);
		assert_string_equal(world_live(w), live);
		assert_int_equal(w->values.n, 0);
		assert_int_equal(has_order(w), table[i].kept);
		/* again, with the order that stayed */
		assert_fails(world_run(w), w, table[i].kind);
		assert_string_equal(world_live(w), live);
		w->ca[0].wrong = RIGHT_CHAIN;
		assert_runs(w, ISSUE_DONE);
		assert_string_not_equal(world_live(w), live);
		w->job.force = false;
	}
}

static void tries_the_next_ca_only_where_it_helps(void **state)
{
	struct world *w = *state;
	struct store_state st;

	w->domain.acme.server.n = 2;
	w->ca[0].down = true;
	assert_runs(w, ISSUE_DONE);
	assert_told(w, "; trying " OTHER "/dir");
	assert_int_equal(w->ca[1].issued, 1);
	st = world_state(w);
	assert_string_equal(st.server, OTHER "/dir");
	store_state_free(&st);
	w->ca[0].down = false;
	assert_runs(w, ISSUE_KEPT); /* it is one of those that are configured */

	/* replaces is for the CA that issued it */
	w->job.force = true;
	assert_runs(w, ISSUE_DONE);
	assert_int_equal(w->ca[0].issued, 1);
	assert_null(w->ca[0].order[0].replaces);

	assert_fails(world_fail_on(w, "POST /new-order", FAULT_REFUSED), w,
		     ERR_PERM);
	assert_int_equal(w->ca[1].orders, 1);

	/* both are down: the last one's word */
	w->ca[0].down = w->ca[1].down = true;
	assert_fails(world_run(w), w, ERR_TEMP);
	assert_says(w->err, OTHER);
}

/* The order at the fallback is finished there, although the first CA is back. */
static void goes_on_where_it_began(void **state)
{
	struct world *w = *state;

	w->domain.acme.server.n = 2;
	w->ca[0].down = true;
	assert_fails(world_fail_on(w, "POST /cert/0", FAULT_BUSY), w, ERR_TEMP);
	assert_int_equal(w->ca[1].issued, 1);
	w->ca[0].down = false;
	assert_runs(w, ISSUE_DONE);
	assert_told(w, "continuing the order that was under way");
	assert_int_equal(w->ca[0].orders, 0);
	assert_int_equal(w->ca[1].issued, 1);
}

/* No other CA can mend our DNS, and a new order would not either. */
static void keeps_the_order_when_the_dns_fails(void **state)
{
	struct world *w = *state;

	w->domain.acme.server.n = 2;
	w->mute_at = 1;
	assert_fails(world_run(w), w, ERR_TEMP);
	assert_says(w->err, "the provider is down");
	assert_true(has_order(w));
	assert_int_equal(w->ca[1].orders, 0);
	w->mute_at = 0;
	w->deaf_dns = true;
	w->domain.acme.propagation_s = 0;
	assert_fails(world_run(w), w, ERR_TIMEOUT);
	assert_int_equal(w->values.n, 0);
	w->domain.dns.provider = "none";
	assert_fails(world_run(w), w, ERR_CONF);
	assert_int_equal(w->result.next, NOW);
	world_conf(w);
	w->deaf_dns = false;
	assert_runs(w, ISSUE_DONE);
	assert_int_equal(w->ca[0].orders, 1);
}

/* What could not be taken out of the DNS is taken out by the next run, also
 * when that one has nothing else to do. */
static void cleans_up_later(void **state)
{
	struct world *w = *state;

	w->mute_at = 2;
	assert_runs(w, ISSUE_DONE);
	assert_told(w, "could not clean up, the next run will");
	assert_int_equal(w->values.n, 2);
	w->mute_at = 1;
	assert_runs(w, ISSUE_KEPT);
	assert_told(w, "could not clean up, the next run will");
	w->mute_at = 0;
	assert_runs(w, ISSUE_KEPT);
	assert_int_equal(w->values.n, 0);
	w->ca[0].asked_ari = 0;
	assert_runs(w, ISSUE_KEPT);
	assert_int_equal(w->requests, 0);
}

static void drops_an_order_that_is_over(void **state)
{
	struct world *w = *state;

	w->ca[0].refuses_proof = true;
	assert_fails(world_run(w), w, ERR_PERM);
	assert_false(has_order(w));
	assert_int_equal(w->values.n, 0);
	w->ca[0].refuses_proof = false;
	/* the CA lost an authorization: waiting for it would be for ever */
	assert_fails(world_fail_on(w, "POST /authz/10", FAULT_GONE), w,
		     ERR_MISSING);
	assert_false(has_order(w));
	assert_fails(world_fail_on(w, "POST /finalize/2", FAULT_BUSY), w,
		     ERR_TEMP);
	assert_true(has_order(w));
	/* and now the order itself */
	w->fault = FAULT_GONE;
	w->fail_on = "POST /order/2";
	assert_runs(w, ISSUE_DONE);
	w->fail_on = NULL;
	assert_int_equal(w->ca[0].orders, 4);
}

/* A run that died after its last write leaves the key it used pending: the
 * next order takes the one that is next. */
static void takes_no_key_that_was_left(void **state)
{
	struct world *w = *state;
	const char *keys = mem_fmt(&w->mem, "%s/acme/keys/a.test", w->dir);
	struct buf pem = { 0 };
	struct err e = { 0 };
	struct key *next = NULL, *live = NULL;

	w->domain.acme.reuse_key = false;
	assert_runs(w, ISSUE_DONE);
	assert_int_equal(fs_read(mem_fmt(&w->mem,
					 "%s/acme/live/a.test/privkey.pem",
					 w->dir),
				 &pem, &e),
			 0);
	assert_int_equal(fs_write(mem_fmt(&w->mem, "%s/pending.pem", keys),
				  buf_get(&pem), 0600, &e),
			 0);
	buf_free(&pem);
	assert_int_equal(store_next_key(w->dir, "a.test", KEY_P256, &next, &e),
			 0);
	w->job.force = true;
	assert_runs(w, ISSUE_DONE);
	assert_int_equal(store_live_key(w->dir, "a.test", &live, &e), 0);
	assert_true(key_same(live, next));
	key_free(live);
	key_free(next);
}

/* An order for other names is no use any more. */
static void orders_anew_for_other_names(void **state)
{
	static const char *names[] = { "b.a.test" };
	struct world *w = *state;

	assert_fails(world_fail_on(w, "POST /finalize/0", FAULT_BUSY), w,
		     ERR_TEMP);
	w->domain.acme.names = (struct conf_list){ names, 1, 1 };
	assert_runs(w, ISSUE_DONE);
	assert_int_equal(w->ca[0].orders, 2);
	assert_string_equal(w->ca[0].order[1].name[0], "b.a.test");
}

static void registers_again_once(void **state)
{
	struct world *w = *state;

	assert_runs(w, ISSUE_DONE);
	w->ca[0].forgotten = true;
	w->job.force = true;
	assert_runs(w, ISSUE_DONE);
	assert_told(w, "the CA does not know our account");
	assert_int_equal(w->ca[0].registered, 2);
	w->ca[0].amnesia = true;
	assert_fails(world_run(w), w, ERR_MISSING);
	assert_int_equal(w->ca[0].registered, 3);
}

static void needs_no_proof_twice(void **state)
{
	struct world *w = *state;

	assert_runs(w, ISSUE_DONE);
	w->ca[0].reuse = true;
	w->job.force = true;
	assert_runs(w, ISSUE_DONE);
	assert_int_equal(w->applied, 0);
	assert_int_equal(w->requests, 5); /* dir, nonce, order, CSR, cert */
}

/* A failure that a wrong clock wrote into the future holds nothing up. */
static void mistrusts_failures_of_tomorrow(void **state)
{
	struct world *w = *state;

	w->job.now = NOW + 3650 * DAY;
	assert_fails(world_fail_on(w, "POST /new-order", FAULT_REFUSED), w,
		     ERR_PERM);
	w->job.now = NOW;
	w->job.patient = true;
	assert_runs(w, ISSUE_DONE);
}

static const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, world_open, world_close)
	T(survives_a_kill_before_each_request),
	T(survives_a_kill_after_each_request),
	T(cleans_up_when_stopped),
	T(finds_its_certificate_live),
	T(keeps_a_wrong_chain_out),
	T(tries_the_next_ca_only_where_it_helps),
	T(goes_on_where_it_began),
	T(keeps_the_order_when_the_dns_fails),
	T(cleans_up_later),
	T(drops_an_order_that_is_over),
	T(takes_no_key_that_was_left),
	T(orders_anew_for_other_names),
	T(registers_again_once),
	T(needs_no_proof_twice),
	T(mistrusts_failures_of_tomorrow),
};

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
