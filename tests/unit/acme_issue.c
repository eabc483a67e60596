/* One certificate from what is wanted to what is live: when one is had, why,
 * and what becomes of failures. */
#include "acme/issue.h"

#include "crypto/csr.h"
#include "tests/unit/fake_issue.h"

static void issues_apex_and_wildcard_together(void **state)
{
	struct world *w = *state;
	struct store_state st;

	world_put("_acme-challenge.a.test", "somebody else's");
	assert_runs(w, ISSUE_DONE);
	assert_told(w, "a new certificate: there is none yet");
	assert_told(w, "2 TXT values at _acme-challenge.a.test (fake)");
	/* directory, nonce, account, order, 2 authorizations, 2 answers, a
	 * look, the CSR, the certificate */
	assert_int_equal(w->requests, 11);
	assert_int_equal(w->applied, 2);
	assert_int_equal(w->ca[0].orders, 1);
	assert_string_equal(w->ca[0].order[0].name[0], "a.test");
	assert_string_equal(w->ca[0].order[0].name[1], "*.a.test");
	assert_int_equal(w->values.n, 1);
	assert_true(world_shows("_acme-challenge.a.test", "somebody else's"));
	assert_non_null(world_live(w));
	assert_int_equal(w->result.not_after, NOW + 90 * DAY);
	assert_int_equal(w->result.next, NOW + 60 * DAY - 20);
	st = world_state(w);
	assert_string_equal(st.domain, "a.test");
	assert_string_equal(st.server, CA "/dir");
	assert_string_equal(st.account, CA "/account/1");
	assert_string_equal(st.provider, "fake");
	assert_int_equal(st.names_n, 2);
	assert_non_null(st.stamp);
	assert_null(st.order_url);
	assert_int_equal(st.failures, 0);
	store_state_free(&st);
}

/* Where the DNS holds one value at a time, apex and wildcard take turns. */
static void proves_in_turns(void **state)
{
	struct world *w = *state;

	w->domain.dns.provider = "slot";
	assert_runs(w, ISSUE_DONE);
	assert_told(w, "1 TXT value at _acme-challenge.a.test (fake)");
	assert_int_equal(w->applied, 4);
	assert_int_equal(w->ca[0].orders, 1);
	assert_int_equal(w->values.n, 0);
	assert_non_null(world_live(w));
}

static void asks_nobody_when_not_due(void **state)
{
	struct world *w = *state;
	unsigned asked;

	w->ca[0].window = NOW + 50 * DAY;
	assert_runs(w, ISSUE_DONE);
	w->job.now += 3600;
	assert_runs(w, ISSUE_KEPT);
	assert_int_equal(w->requests, 2); /* the directory and the window */
	assert_string_equal(w->result.why, "the CA's renewal window (ARI)");
	assert_int_equal(w->result.not_after, NOW + 90 * DAY);
	assert_in_range(w->result.next, NOW + 50 * DAY, NOW + 51 * DAY);
	asked = w->dns.asked;
	unsetenv("FAKE_TOKEN");
	w->job.now += 3600;
	assert_runs(w, ISSUE_KEPT);
	assert_int_equal(w->requests, 0);
	assert_int_equal(w->dns.asked, asked);
	w->job.now += DAY;
	assert_runs(w, ISSUE_KEPT);
	assert_int_equal(w->ca[0].asked_ari, 2);
	assert_int_equal(w->ca[0].orders, 1);
}

static void renews_in_the_window(void **state)
{
	struct world *w = *state;
	const char *first;

	w->ca[0].window = NOW + 50 * DAY;
	assert_runs(w, ISSUE_DONE);
	first = world_live(w);
	w->job.now = NOW + 52 * DAY;
	assert_runs(w, ISSUE_DONE);
	assert_told(w, "a new certificate: the CA's renewal window (ARI)");
	assert_string_not_equal(world_live(w), first);
	assert_non_null(w->ca[0].order[1].replaces);
	/* the account is another's now: the order says nothing of the old */
	struct store_state st = world_state(w);
	struct err e = { 0 };
	st.account = CA "/account/2";
	assert_int_equal(store_state_write(w->dir, "a.test", &st, &e), 0);
	store_state_free(&st);
	w->job.force = true;
	assert_runs(w, ISSUE_DONE);
	assert_null(w->ca[0].order[2].replaces);
}

static void renews_without_renewal_information(void **state)
{
	struct world *w = *state;

	w->ca[0].ari = false;
	assert_runs(w, ISSUE_DONE);
	w->job.now = NOW + 59 * DAY;
	assert_runs(w, ISSUE_KEPT);
	assert_string_equal(w->result.why, "a third of its life is left");
	w->job.next_wake = NOW + 61 * DAY;
	assert_runs(w, ISSUE_DONE);
	assert_null(w->ca[0].order[1].replaces);
}

/* A CA that cannot be asked for its window stops nothing. */
static void lives_without_an_answer(void **state)
{
	struct world *w = *state;

	assert_runs(w, ISSUE_DONE);
	w->ca[0].down = true;
	assert_runs(w, ISSUE_KEPT);
	w->job.now = NOW + 61 * DAY;
	assert_fails(world_run(w), w, ERR_TEMP);
	assert_non_null(world_live(w));
	assert_int_equal(w->result.not_after, NOW + 90 * DAY);
}

enum what {
	BY_FORCE,
	REVOKED,
	ORDERED,
	MORE_NAMES,
	FEWER_NAMES,
	OTHER_TYPE,
	LOST_KEY,
	OTHER_CA,
	BROKEN_LIVE
};

static void change_it(struct world *w, enum what c)
{
	static const char *more[] = { "a.test", "*.a.test", "b.a.test" };
	static const char *other[] = { OTHER "/dir" };
	struct store_state st = world_state(w);
	struct err e = { 0 };

	switch (c) {
	case BY_FORCE:
		w->job.force = true;
		break;
	case REVOKED:
		st.revoked_at = NOW;
		break;
	case ORDERED:
		st.order_url = CA "/order/0";
		st.order_server = CA "/dir";
		break;
	case MORE_NAMES:
		w->domain.acme.names = (struct conf_list){ more, 3, 3 };
		break;
	case FEWER_NAMES:
		w->domain.acme.names = (struct conf_list){ more, 1, 1 };
		break;
	case OTHER_TYPE:
		w->job.key_type = KEY_P384;
		break;
	case LOST_KEY:
		assert_int_equal(
			fs_remove(mem_fmt(&w->mem,
					  "%s/acme/live/a.test/privkey.pem",
					  w->dir),
				  &e),
			0);
		break;
	case OTHER_CA:
		w->domain.acme.server = (struct conf_list){ other, 1, 1 };
		break;
	case BROKEN_LIVE:
		assert_int_equal(
			fs_write(mem_fmt(&w->mem,
					 "%s/acme/live/a.test/fullchain.pem",
					 w->dir),
				 STR_LIT("none"), 0644, &e),
			0);
		break;
	}
	assert_int_equal(store_state_write(w->dir, "a.test", &st, &e), 0);
	store_state_free(&st);
}

static void knows_every_reason(void **state)
{
	static const struct {
		enum what change;
		const char *why;
	} table[] = {
		{ BY_FORCE, "it was asked for" },
		{ REVOKED, "the one that is live was revoked" },
		{ ORDERED, "an order was under way" },
		{ MORE_NAMES, "its names changed" },
		{ FEWER_NAMES, "its names changed" },
		{ OTHER_TYPE, "its key changed" },
		{ LOST_KEY, "its key changed" },
		{ OTHER_CA, "the CA changed" },
		{ BROKEN_LIVE, "there is none yet" },
	};
	struct world *w = *state;

	for (size_t i = 0; i < COUNT(table); i++) {
		world_again(w);
		world_conf(w);
		assert_runs(w, ISSUE_DONE);
		change_it(w, table[i].change);
		assert_runs(w, ISSUE_DONE);
		assert_told(w, table[i].why);
		assert_non_null(world_live(w));
		w->job.force = false;
		assert_runs(w, ISSUE_KEPT);
		assert_int_equal(w->ca[0].issued + w->ca[1].issued, 2);
	}
}

/* A name given twice is one name, to the CA and to what is live. */
static void takes_each_name_once(void **state)
{
	static const char *names[] = { "a.test", "A.test", "b.a.test",
				       "a.test" };
	struct world *w = *state;

	w->domain.acme.names = (struct conf_list){ names, 4, 4 };
	assert_runs(w, ISSUE_DONE);
	assert_int_equal(w->ca[0].order[0].n, 2);
	assert_runs(w, ISSUE_KEPT);
}

static void makes_the_rsa_half(void **state)
{
	struct world *w = *state;
	struct mem m = { 0 };

	w->domain.acme.key_types = 2;
	assert_string_equal(issue_name(&m, &w->domain, 0), "a.test");
	w->job.name = issue_name(&m, &w->domain, 1);
	w->job.key_type = KEY_RSA2048;
	assert_string_equal(w->job.name, "a.test_rsa");
	assert_runs(w, ISSUE_DONE);
	assert_non_null(world_live(w));
	assert_runs(w, ISSUE_KEPT);
	mem_free(&m);
}

static void write_csr(const char *path)
{
	static const char *const names[] = { "c.test", "*.c.test" };
	struct key *k = NULL;
	struct buf der = { 0 };
	struct err e = { 0 };

	assert_int_equal(key_make(KEY_P384, &k, &e), 0);
	assert_int_equal(csr_make(k, names, 2, &der, &e), 0);
	assert_int_equal(fs_write(path, buf_get(&der), 0600, &e), 0);
	key_free(k);
	buf_free(&der);
}

static void takes_a_request_from_outside(void **state)
{
	struct world *w = *state;
	const char *path = mem_fmt(&w->mem, "%s/outside.csr", w->dir);

	write_csr(path);
	w->domain.acme.csr = path;
	assert_runs(w, ISSUE_DONE);
	assert_string_equal(w->ca[0].order[0].name[0], "c.test");
	assert_false(fs_exists(
		mem_fmt(&w->mem, "%s/acme/live/a.test/privkey.pem", w->dir)));
	assert_true(fs_exists(
		mem_fmt(&w->mem, "%s/acme/live/a.test/fullchain.pem", w->dir)));
	assert_runs(w, ISSUE_KEPT);
	write_csr(path);
	assert_runs(w, ISSUE_DONE);
	assert_told(w, "its key changed");
	w->domain.acme.csr = mem_fmt(&w->mem, "%s/none.csr", w->dir);
	assert_fails(world_run(w), w, ERR_MISSING);
	assert_says(w->err, "none.csr");
}

static void puts_failures_off(void **state)
{
	static const time_t pause[] = { 60, 600, 6000, DAY, DAY };
	struct world *w = *state;
	struct store_state st;

	w->job.patient = true;
	for (size_t i = 0; i < COUNT(pause); i++) {
		assert_fails(world_fail_on(w, "POST /new-order", FAULT_REFUSED),
			     w, ERR_PERM);
		assert_says(w->err, "a.test: ");
		assert_says(w->err, "rejectedIdentifier");
		assert_int_equal(w->result.next, w->job.now + pause[i]);
		st = world_state(w);
		assert_int_equal(st.failures, i + 1);
		assert_int_equal(st.failed_at, w->job.now);
		store_state_free(&st);
		w->job.now += pause[i] - 1;
		assert_runs(w, ISSUE_LATER);
		assert_int_equal(w->requests, 0);
		assert_non_null(strstr(w->result.why, "rejectedIdentifier"));
		assert_int_equal(w->result.next, w->job.now + 1);
		w->job.now++;
	}
	assert_runs(w, ISSUE_DONE);
	st = world_state(w);
	assert_int_equal(st.failures, 0);
	assert_null(st.failure);
	assert_int_equal(st.retry_at, 0);
	store_state_free(&st);
}

/* A limit of the CA is kept to, also where our own pause would be shorter. */
static void keeps_to_the_limits_of_the_ca(void **state)
{
	struct world *w = *state;

	w->job.now = clock_now();
	assert_fails(world_fail_on(w, "POST /new-order", FAULT_LATER), w,
		     ERR_TEMP);
	assert_says(w->err, "rate limited until ");
	assert_in_range(w->result.next, w->job.now + 2 * DAY,
			w->job.now + 2 * DAY + 60);
	w->job.patient = true;
	w->job.now += DAY;
	assert_runs(w, ISSUE_LATER);
}

static void leaves_what_another_run_has(void **state)
{
	struct world *w = *state;
	struct err e = { 0 };
	struct store_state st;
	int lock = -1;

	assert_int_equal(store_prepare(&w->conf, &w->domain.acme, "a.test", &e),
			 0);
	assert_int_equal(store_lock(w->dir, "a.test", 0, &lock, &e), 0);
	assert_int_equal(world_run(w), -1);
	assert_says(w->err, "a.test: ");
	assert_int_equal(w->requests, 0);
	st = world_state(w);
	assert_int_equal(st.failures, 0);
	store_state_free(&st);
	close(lock);
	assert_runs(w, ISSUE_DONE);
}

static void refuses_more_names_than_a_certificate_holds(void **state)
{
	struct world *w = *state;
	const char *names[101];

	for (size_t i = 0; i < COUNT(names); i++)
		names[i] = mem_fmt(&w->mem, "n%zu.a.test", i);
	w->domain.acme.names = (struct conf_list){ names, 101, 101 };
	assert_fails(world_run(w), w, ERR_CONF);
	assert_says(w->err, "101 names");
	names[100] = "bad name";
	assert_fails(world_run(w), w, ERR_CONF);
	assert_says(w->err, "bad name");
	assert_int_equal(w->requests, 0);
}

static const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, world_open, world_close)
	T(issues_apex_and_wildcard_together),
	T(proves_in_turns),
	T(asks_nobody_when_not_due),
	T(renews_in_the_window),
	T(renews_without_renewal_information),
	T(lives_without_an_answer),
	T(knows_every_reason),
	T(takes_each_name_once),
	T(makes_the_rsa_half),
	T(takes_a_request_from_outside),
	T(puts_failures_off),
	T(keeps_to_the_limits_of_the_ca),
	T(leaves_what_another_run_has),
	T(refuses_more_names_than_a_certificate_holds),
};

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
