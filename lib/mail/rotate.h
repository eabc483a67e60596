/* The life of a domain's DKIM keys, as a pure step function:
 *
 *	pending   made; its record is to be published, nothing signs with it
 *	active    its record is everywhere; the mail server signs with it
 *	retiring  nothing signs with it; its record stays for mail under way
 *	revoked   its record says p= and nothing else
 *	gone      its record is deleted and the private key destroyed
 *
 * Steps only go down that list. What they hang on are times that are kept with
 * the keys, so whoever was interrupted asks again and goes on. There is never a
 * moment without an active key whose record can be read, once there was one: a
 * key is taken out only when a later one of its kind is active and seen. */
#pragma once

#include "base/mem.h"
#include "crypto/dkimkey.h"

enum rotate_state {
	ROTATE_PENDING,
	ROTATE_ACTIVE,
	ROTATE_RETIRING,
	ROTATE_REVOKED,
	ROTATE_GONE,
};
enum { ROTATE_STATES = 5 };
const char *rotate_word(enum rotate_state s); /* "pending" */

struct rotate_key {
	const char *selector;
	enum dkimkey_type type;
	enum rotate_state state;
	time_t made, since; /* since: in this state */
	time_t seen;        /* its record is at every authority since; 0: no */
	time_t ready;       /* and by now nobody remembers that it was not */
	bool adopted;       /* somebody else's: it stood there */
	bool due;           /* pending: to take the place of an active one */
	bool leaked;        /* out as soon as there is another */
	const char *record; /* "v=DKIM1; k=rsa; ..." */
};
/* In the order in which they came, or came into use. */
struct rotate_keys {
	struct rotate_key *at;
	size_t n, room;
};
struct rotate_how {
	time_t period;  /* an active key is due after it */
	time_t retire;  /* how long a retiring key's record stays */
	time_t revoked; /* how long p= stays */
};
extern const struct rotate_how rotate_default; /* 180, 7 and 30 days */

enum rotate_what {
	ROTATE_WAIT,    /* nothing before `when` */
	ROTATE_PUBLISH, /* its record is to be published and seen */
	ROTATE_LIVE,    /* each of these: now */
	ROTATE_RETIRE,
	ROTATE_REVOKE,
	ROTATE_DELETE,
};
struct rotate_step {
	enum rotate_what what;
	time_t when; /* WAIT; 0: it waits for no moment */
};
/* What is next for the i-th key. */
struct rotate_step rotate_next(const struct rotate_keys *k, size_t i,
			       const struct rotate_how *how, time_t now);
/* Does a step of now to the i-th key: ROTATE_LIVE makes it the last one. */
void rotate_do(struct rotate_keys *k, size_t i, enum rotate_what what,
	       time_t now);
/* A key of this kind is to be made, to follow one that is due. */
bool rotate_wants(const struct rotate_keys *k, enum dkimkey_type t,
		  const struct rotate_how *how, time_t now);
/* What the DNS shows of a key's record: everywhere, or not; `negative`
 * is how long resolvers remember that a name is not there. */
void rotate_see(struct rotate_key *x, bool everywhere, time_t now,
		time_t negative);
