#include "mail/rotate.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/str.h"

#include "tests/unit/test.h"

#define HOUR ((time_t)3600)
#define DAY (24 * HOUR)
#define START ((time_t)1795608000)
#define NEGATIVE ((time_t)1800)

/* "rp" is a pending RSA key, "ea" an active Ed25519 one; behind it: s seen,
 * S seen and ready, a adopted, d due, l leaked, o older than the period. */
static struct rotate_key key_of(const char *text)
{
	struct rotate_key x = {
		.type = text[0] == 'r' ? DKIMKEY_RSA : DKIMKEY_ED25519,
		.since = START - DAY,
	};

	for (int s = 0; s < ROTATE_STATES; s++)
		if (rotate_word((enum rotate_state)s)[0] == text[1] &&
		    (text[1] != 'r' ||
		     (s == ROTATE_RETIRING) == (text[2] == 't')))
			x.state = (enum rotate_state)s;
	for (const char *at = text + 2; *at; at++) {
		x.seen = *at == 's' || *at == 'S' ? START - 10 : x.seen;
		x.ready = *at == 's' ? START + 10 :
			  *at == 'S' ? START - 1 :
				       x.ready;
		x.adopted |= *at == 'a';
		x.due |= *at == 'd';
		x.leaked |= *at == 'l';
		x.since = *at == 'o' ? START - 200 * DAY : x.since;
	}
	return x;
}

static struct rotate_keys keys_of(const char *text, struct rotate_key *at)
{
	struct rotate_keys k = { .at = at, .room = 8 };
	struct str rest = str_of(text), word;

	while (str_word(&rest, &word)) {
		char one[8];

		snprintf(one, sizeof(one), "%.*s", STR_FMT(word));
		at[k.n++] = key_of(one);
	}
	return k;
}

/* The first key's next step. */
static void next_steps(void **state)
{
	static const struct {
		const char *keys;
		enum rotate_what what;
		time_t when;
	} table[] = {
		{ "rp", ROTATE_PUBLISH, 0 },
		{ "rps", ROTATE_LIVE, 0 },
		{ "rpsd raS", ROTATE_WAIT, START + 10 },
		{ "rpS", ROTATE_LIVE, 0 },
		/* Ed25519 does not go alone where RSA is under way. */
		{ "epS", ROTATE_LIVE, 0 },
		{ "epS rp", ROTATE_WAIT, 0 },
		{ "epS rr", ROTATE_WAIT, 0 },
		{ "epS ra", ROTATE_LIVE, 0 },
		/* A spare waits for its day. */
		{ "rpS raS", ROTATE_WAIT, START + 179 * DAY },
		{ "rpS raSo", ROTATE_LIVE, 0 },
		{ "rpSd raS", ROTATE_LIVE, 0 },
		{ "epSd raS", ROTATE_LIVE, 0 },
		{ "rpsd raSl", ROTATE_LIVE, 0 },
		{ "rpsd eaSl raS", ROTATE_WAIT, START + 10 },
		{ "rpl", ROTATE_REVOKE, 0 },
		{ "ra", ROTATE_PUBLISH, 0 },
		{ "raS", ROTATE_WAIT, START + 179 * DAY },
		{ "raSl", ROTATE_WAIT, 0 },
		{ "raS raS", ROTATE_RETIRE, 0 },
		{ "ra raS", ROTATE_RETIRE, 0 },
		/* Not without one that is seen, of its kind, and ours. */
		{ "raS ra", ROTATE_WAIT, START + 179 * DAY },
		{ "raS eaS", ROTATE_WAIT, START + 179 * DAY },
		{ "raS raSa", ROTATE_WAIT, START + 179 * DAY },
		{ "raS raSl", ROTATE_WAIT, START + 179 * DAY },
		{ "raS rpS", ROTATE_WAIT, START + 179 * DAY },
		{ "rrt", ROTATE_WAIT, START + 6 * DAY },
		{ "rrto", ROTATE_REVOKE, 0 },
		{ "rrtl", ROTATE_REVOKE, 0 },
		{ "rr", ROTATE_WAIT, START + 29 * DAY },
		{ "rro", ROTATE_DELETE, 0 },
		{ "rrl", ROTATE_WAIT, START + 29 * DAY },
		{ "rgo", ROTATE_WAIT, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct rotate_key at[8];
		struct rotate_keys k;
		struct rotate_step s;

		k = keys_of(table[i].keys, at);
		s = rotate_next(&k, 0, &rotate_default, START);
		if (s.what != table[i].what || s.when != table[i].when)
			fail_msg("%s: %d %ld", table[i].keys, (int)s.what,
				 (long)(s.when ? s.when - START : 0));
	}
}

static void wants(void **state)
{
	static const struct {
		const char *keys;
		bool rsa, ed25519;
	} table[] = {
		{ "", false, false },
		{ "raS", false, false },
		{ "raSo", true, true },
		{ "raSo eaS", true, false },
		{ "raSo eaSo rp", false, true },
		{ "raSl eaS", true, false },
		{ "raS eaSl", false, true },
		{ "rrto", false, false },
		{ "rp ep", false, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct rotate_key at[8];
		struct rotate_keys k;

		k = keys_of(table[i].keys, at);
		if (rotate_wants(&k, DKIMKEY_RSA, &rotate_default, START) !=
			    table[i].rsa ||
		    rotate_wants(&k, DKIMKEY_ED25519, &rotate_default, START) !=
			    table[i].ed25519)
			fail_msg("%s", table[i].keys);
	}
}

static void sees(void **state)
{
	struct rotate_key x = { 0 };

	(void)state;
	rotate_see(&x, false, 100, 60);
	assert_int_equal(x.seen, 0);
	rotate_see(&x, true, 100, 60);
	rotate_see(&x, true, 150, 600);
	assert_int_equal(x.seen, 100);
	assert_int_equal(x.ready, 160);
	rotate_see(&x, false, 170, 60);
	assert_int_equal(x.seen + x.ready, 0);
}

/* ---- a domain in virtual time, with a hand that stumbles ---- */

enum { ROOM = 400 };
enum shown { NOTHING, WHOLE, EMPTY };
struct world {
	struct rotate_key at[ROOM];
	struct rotate_keys k;
	enum shown dns[ROOM]; /* by number of the key, which is in `made` */
	time_t whole_since[ROOM];
	time_t retired[ROOM], revoked[ROOM];
	bool first[ROOM]; /* there was none of its kind */
	size_t made;
	time_t now;
	uint64_t dice;
	bool ever;
};

static uint64_t roll(struct world *w, uint64_t n)
{
	w->dice = w->dice * 6364136223846793005u + 1442695040888963407u;
	return (w->dice >> 33) % n;
}

static size_t number(const struct rotate_key *x)
{
	return (size_t)x->made;
}

static void make(struct world *w, enum dkimkey_type t, bool due)
{
	assert_true(w->k.n < ROOM);
	w->k.at[w->k.n++] = (struct rotate_key){
		.type = t,
		.made = (time_t)w->made++,
		.since = w->now,
		.due = due,
	};
}

static enum shown shall_show(const struct rotate_key *x)
{
	return x->state == ROTATE_GONE    ? NOTHING :
	       x->state == ROTATE_REVOKED ? EMPTY :
					    WHOLE;
}

static void publish(struct world *w)
{
	for (size_t i = 0; i < w->k.n; i++) {
		const struct rotate_key *x = &w->k.at[i];
		size_t n = number(x);

		if (w->dns[n] == shall_show(x) || roll(w, 4) == 0)
			continue; /* this one was refused, or is late */
		w->dns[n] = shall_show(x);
		w->whole_since[n] = w->now;
	}
}

static void look(struct world *w)
{
	for (size_t i = 0; i < w->k.n; i++) {
		struct rotate_key *x = &w->k.at[i];

		rotate_see(x, w->dns[number(x)] == WHOLE, w->now, NEGATIVE);
	}
}

/* What the world sees at this moment. */
static void check(struct world *w)
{
	bool hasty = false, rsa = false;
	size_t active = 0;

	for (size_t i = 0; i < w->k.n; i++)
		hasty |= w->k.at[i].leaked;
	for (size_t i = 0; i < w->k.n; i++) {
		const struct rotate_key *x = &w->k.at[i];
		size_t n = number(x);

		if (x->state != ROTATE_ACTIVE)
			continue;
		active++;
		rsa |= x->type == DKIMKEY_RSA;
		assert_int_equal(w->dns[n], WHOLE);
		assert_true(hasty || w->first[n] ||
			    w->now >= w->whole_since[n] + NEGATIVE);
	}
	assert_true(active || !w->ever);
	assert_true(rsa || !active);
	w->ever |= active > 0;
}

static void note(struct world *w, const struct rotate_key *x)
{
	size_t n = number(x);

	if (x->state == ROTATE_ACTIVE) {
		w->first[n] = true;
		for (size_t i = 0; i < w->k.n; i++)
			w->first[n] &= &w->k.at[i] == x ||
				       w->k.at[i].type != x->type ||
				       w->k.at[i].state != ROTATE_ACTIVE;
	}
	if (x->state == ROTATE_RETIRING)
		w->retired[n] = w->now;
	if (x->state == ROTATE_REVOKED) {
		assert_true(x->leaked || w->now >= w->retired[n] + 7 * DAY);
		w->revoked[n] = w->now;
	}
	if (x->state == ROTATE_GONE)
		assert_true(w->now >= w->revoked[n] + 30 * DAY);
}

/* As many steps as the hand does before it is called away. */
static void advance(struct world *w)
{
	uint64_t left = roll(w, 8);

	for (size_t i = 0; i < w->k.n && left; i++) {
		struct rotate_step s =
			rotate_next(&w->k, i, &rotate_default, w->now);
		size_t n = number(&w->k.at[i]);

		if (s.what == ROTATE_WAIT || s.what == ROTATE_PUBLISH)
			continue;
		rotate_do(&w->k, i, s.what, w->now);
		for (size_t j = 0; j < w->k.n; j++)
			if (number(&w->k.at[j]) == n)
				note(w, &w->k.at[j]);
		check(w);
		left--;
		i = (size_t)-1; /* from the beginning */
	}
	for (int t = 0; t < 2 && left; t++)
		if (rotate_wants(&w->k, (enum dkimkey_type)t, &rotate_default,
				 w->now))
			make(w, (enum dkimkey_type)t, true);
}

/* As publish/keys does it: a kind without a key gets one. */
static void ensure(struct world *w)
{
	for (int t = 0; t < 2; t++) {
		bool used = false;

		for (size_t i = 0; i < w->k.n; i++)
			used |= w->k.at[i].type == (enum dkimkey_type)t &&
				w->k.at[i].state <= ROTATE_ACTIVE;
		if (!used)
			make(w, (enum dkimkey_type)t, false);
	}
}

/* What people do: rotate now, make a spare, cry "leaked". */
static void meddle(struct world *w)
{
	struct rotate_key *x = &w->k.at[roll(w, w->k.n)];
	uint64_t what = roll(w, 60);

	if (what < 2)
		for (int t = 0; t < 2; t++)
			if (!rotate_wants(&w->k, (enum dkimkey_type)t,
					  &rotate_default, w->now))
				make(w, (enum dkimkey_type)t, what);
	if (what == 2 && x->state != ROTATE_GONE)
		x->leaked = true;
}

static void one_world(uint64_t seed, bool people)
{
	struct world *w = calloc(1, sizeof(*w));
	const time_t end = START + 4 * 365 * DAY;

	assert_non_null(w);
	w->dice = seed;
	w->k = (struct rotate_keys){ .at = w->at, .room = ROOM };
	w->now = START;
	while (w->now < end && w->k.n + 4 < ROOM) {
		/* It may also be called away between any two of these. */
		if (roll(w, 8) || !w->k.n)
			ensure(w);
		if (roll(w, 8))
			publish(w);
		if (roll(w, 8))
			look(w);
		check(w);
		advance(w);
		check(w);
		if (people)
			meddle(w);
		w->now += (time_t)roll(w, roll(w, 9) ? 6 * (uint64_t)HOUR :
						       20 * (uint64_t)DAY);
	}
	assert_true(w->ever && w->made > 8);
	for (size_t i = 0; i < w->k.n; i++) {
		const struct rotate_key *x = &w->k.at[i];

		/* Old, and out of use: over. */
		if (x->state == ROTATE_RETIRING || x->state == ROTATE_REVOKED)
			assert_true(w->now - x->since < 60 * DAY);
		/* None of the first ones is left. */
		assert_true(people || number(x) > 1 || x->state == ROTATE_GONE);
	}
	free(w);
}

static void worlds(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 300; seed++)
		one_world(seed, seed % 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(next_steps),
		cmocka_unit_test(wants),
		cmocka_unit_test(sees),
		cmocka_unit_test(worlds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
