/* Publishing: what the configuration wants the DNS to say, what it says, the
 * difference, and the way there. Nothing is written by publish_look. */
#pragma once

#include "publish/keys.h"
#include "publish/zones.h"

struct publish_how {
	struct conf *conf;
	provider_finder *find;
	struct resolver *resolver; /* a validating one */
	struct tell *tell;
	const struct conf_list *domains;   /* A-labels; empty: all */
	const struct conf_list *take_over; /* see struct plan_ask */
	/* What this machine knows. */
	const struct conf_list *addresses;
	const struct conf_list *spki, *accounts; /* see struct want */
	time_t now;
};
struct publish_domain {
	const struct conf_domain *domain;
	struct keys keys;
	struct wishes wishes;
	struct want_notes notes;
	bool stopped; /* a note forbids to publish it */
	/* What is seen from outside. */
	const char *policy, *policy_why; /* MTA-STS; NULL: not served, why */
	bool autoconfig, proven;
};
struct publish {
	struct publish_how how;
	struct zones zones; /* each with its plan */
	struct publish_domain *domains;
	size_t n;
	struct facts facts;
	char hash[17]; /* over the plans of all zones */
};
/* Reads and plans. ERR_CONF without a domain, or for one that is not in the
 * configuration. */
int publish_look(const struct publish_how *how, struct publish *out,
		 struct err *e);
/* The same again, from the beginning: ERR_CHANGED when the plan is another one
 * now. */
int publish_look_again(struct publish *p, struct err *e);
size_t publish_changes(const struct publish *p);
/* A line that publish_apply would do: a value that we have and nobody wants is
 * deleted only when that is allowed. */
bool publish_may(const struct plan_line *l, bool allow_delete);
struct publish_run {
	const char *id; /* for the journal, and undo */
	bool allow_delete;
	size_t done, kept; /* out: lines done, deletes that were not allowed */
};
/* Additions first, in all zones, then what only goes. Zones that a person
 * writes are passed over. A failure ends it: ERR_PARTIAL when something was
 * done before. */
int publish_apply(struct publish *p, struct publish_run *run, struct err *e);
/* "20261125T101500Z-1a2b3c4d": the moment, and the first of `tail`. In m. */
const char *publish_id(time_t now, const char *tail, struct mem *m);
/* Waits until every authoritative server shows what the plans want, zone by
 * zone; ERR_TIMEOUT names the servers that lag. Tells the DKIM keys what was
 * seen and lets them take their next step (see publish/keys.h). */
int publish_wait(struct publish *p, int64_t limit_ms, struct err *e);
void publish_free(struct publish *p);
static inline void auto_publish(struct publish *p)
{
	publish_free(p);
}
