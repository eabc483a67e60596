#include "mail/rotate.h"

enum { DAY = 86400 };

const struct rotate_how rotate_default = {
	.period = 180 * DAY,
	.retire = 7 * DAY,
	.revoked = 30 * DAY,
};

const char *rotate_word(enum rotate_state s)
{
	static const char *const words[ROTATE_STATES] = {
		[ROTATE_PENDING] = "pending",   [ROTATE_ACTIVE] = "active",
		[ROTATE_RETIRING] = "retiring", [ROTATE_REVOKED] = "revoked",
		[ROTATE_GONE] = "gone",
	};

	return words[s];
}

static const struct rotate_key *any(const struct rotate_keys *k,
				    enum dkimkey_type t, enum rotate_state s)
{
	for (size_t i = 0; i < k->n; i++)
		if (k->at[i].type == t && k->at[i].state == s)
			return &k->at[i];
	return NULL;
}

/* When the first active key of this kind is due; 0: there is none. */
static time_t due_at(const struct rotate_keys *k, enum dkimkey_type t,
		     const struct rotate_how *how)
{
	time_t first = 0;

	for (size_t i = 0; i < k->n; i++) {
		const struct rotate_key *x = &k->at[i];
		time_t at = x->leaked ? x->since : x->since + how->period;

		if (x->state == ROTATE_ACTIVE && x->type == t &&
		    (!first || at < first))
			first = at;
	}
	return first;
}

static bool is_due(const struct rotate_keys *k, enum dkimkey_type t,
		   const struct rotate_how *how, time_t now)
{
	time_t at = due_at(k, t, how);

	return at && at <= now;
}

/* Ed25519 is verified by too few to stand alone (RFC 8463 is young): where
 * there ever was an RSA key, one goes first. */
static bool goes_second(const struct rotate_keys *k, const struct rotate_key *x)
{
	bool rsa = false;

	for (size_t i = 0; i < k->n; i++)
		rsa |= k->at[i].type == DKIMKEY_RSA;
	return rsa && x->type == DKIMKEY_ED25519 &&
	       !any(k, DKIMKEY_RSA, ROTATE_ACTIVE);
}

/* The first of its kind replaces nothing, and a leak does not wait: caches may
 * miss a name that hardly anybody asked for. */
static time_t ready_at(const struct rotate_keys *k, const struct rotate_key *x)
{
	bool leak = false;

	for (size_t i = 0; i < k->n; i++)
		leak |= k->at[i].leaked && k->at[i].type == x->type &&
			k->at[i].state == ROTATE_ACTIVE;
	return leak || !any(k, x->type, ROTATE_ACTIVE) ? x->seen : x->ready;
}

static struct rotate_step wait_for(time_t when)
{
	return (struct rotate_step){ ROTATE_WAIT, when };
}

/* Now, when that moment has come, else the wait for it. */
static struct rotate_step at(enum rotate_what what, time_t when, time_t now)
{
	return when <= now ? (struct rotate_step){ what, 0 } : wait_for(when);
}

static struct rotate_step next_pending(const struct rotate_keys *k,
				       const struct rotate_key *x,
				       const struct rotate_how *how, time_t now)
{
	if (x->leaked)
		return at(ROTATE_REVOKE, now, now);
	if (!x->seen)
		return at(ROTATE_PUBLISH, now, now);
	if (ready_at(k, x) > now)
		return wait_for(ready_at(k, x));
	if (goes_second(k, x))
		return wait_for(0);
	if (x->due || !any(k, x->type, ROTATE_ACTIVE))
		return at(ROTATE_LIVE, now, now);
	return at(ROTATE_LIVE, due_at(k, x->type, how), now);
}

/* A key that somebody put beside ours follows nobody. */
static bool is_followed(const struct rotate_keys *k, size_t i)
{
	for (size_t j = i + 1; j < k->n; j++) {
		const struct rotate_key *x = &k->at[j];

		if (x->state == ROTATE_ACTIVE && x->type == k->at[i].type &&
		    x->seen && !x->adopted && !x->leaked)
			return true;
	}
	return false;
}

struct rotate_step rotate_next(const struct rotate_keys *k, size_t i,
			       const struct rotate_how *how, time_t now)
{
	const struct rotate_key *x = &k->at[i];

	switch (x->state) {
	case ROTATE_PENDING:
		return next_pending(k, x, how, now);
	case ROTATE_ACTIVE:
		if (is_followed(k, i))
			return at(ROTATE_RETIRE, now, now);
		if (!x->seen)
			return at(ROTATE_PUBLISH, now, now);
		return wait_for(x->leaked ? 0 : x->since + how->period);
	case ROTATE_RETIRING:
		return at(ROTATE_REVOKE,
			  x->leaked ? now : x->since + how->retire, now);
	case ROTATE_REVOKED:
		return at(ROTATE_DELETE, x->since + how->revoked, now);
	case ROTATE_GONE:
		break;
	}
	return wait_for(0);
}

static enum rotate_state after(enum rotate_what what, enum rotate_state is)
{
	switch (what) {
	case ROTATE_LIVE:
		return ROTATE_ACTIVE;
	case ROTATE_RETIRE:
		return ROTATE_RETIRING;
	case ROTATE_REVOKE:
		return ROTATE_REVOKED;
	case ROTATE_DELETE:
		return ROTATE_GONE;
	case ROTATE_WAIT:
	case ROTATE_PUBLISH:
		break;
	}
	return is;
}

/* Whoever comes into use last follows the others, whatever clocks say. */
void rotate_do(struct rotate_keys *k, size_t i, enum rotate_what what,
	       time_t now)
{
	struct rotate_key x = k->at[i];

	x.state = after(what, x.state);
	x.since = x.state == k->at[i].state ? x.since : now;
	x.due = x.due && x.state == ROTATE_PENDING;
	if (what == ROTATE_LIVE)
		for (; i + 1 < k->n; i++)
			k->at[i] = k->at[i + 1];
	k->at[i] = x;
}

bool rotate_wants(const struct rotate_keys *k, enum dkimkey_type t,
		  const struct rotate_how *how, time_t now)
{
	if (any(k, t, ROTATE_PENDING))
		return false;
	if (any(k, t, ROTATE_ACTIVE))
		return is_due(k, t, how, now);
	/* Who has one kind alone gets the other when that one is due. */
	return is_due(k, DKIMKEY_RSA, how, now) ||
	       is_due(k, DKIMKEY_ED25519, how, now);
}

void rotate_see(struct rotate_key *x, bool everywhere, time_t now,
		time_t negative)
{
	if (!everywhere) {
		x->seen = x->ready = 0;
	} else if (!x->seen) {
		x->seen = now;
		x->ready = now + negative;
	}
}
