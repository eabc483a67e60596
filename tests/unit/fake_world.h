/* A world in memory for whole issuances: two CAs that keep orders and really
 * sign (fake_ca.h), a DNS provider, and a name server that shows what that one
 * holds (here). fake_issue.h makes it turn. */
#pragma once

#include <stdlib.h>
#include <string.h>

#include "acme/client.h"
#include "acme/issue.h"
#include "acme/order.h"
#include "base/b64.h"
#include "base/clock.h"
#include "base/fs.h"
#include "dns/provider.h"
#include "tests/unit/dnsfake.h"
#include "tests/unit/pki.h"
#include "tests/unit/test.h"

#define CA "https://ca.test"
#define OTHER "https://other.test"
#define PROBLEM "urn:ietf:params:acme:error:"
#define NOW ((time_t)1800000000)
#define DAY ((time_t)86400)
#define NAMES 4

enum fault {
	FAULT_NONE,
	KILLED_BEFORE, /* the request never left */
	KILLED_AFTER,  /* it was done, the reply came too late */
	FAULT_STOP,    /* an interruption: what is to be cleaned up can be */
	FAULT_BUSY,    /* 429 without a moment */
	FAULT_LATER,   /* 429, try again in two days */
	FAULT_REFUSED,
	FAULT_GONE, /* 404 */
};
enum wrong { RIGHT_CHAIN, OTHER_KEY, MISSING_NAME, NO_URL };

struct ca_order {
	unsigned id;
	const char *name[NAMES], *status[NAMES]; /* of its authorizations */
	size_t n;
	const char *replaces;
	struct str pem;
};
struct ca {
	const char *url;
	struct key *key; /* signs */
	X509 *root;
	struct ca_order order[64];
	unsigned orders, issued, registered;
	bool down;      /* answers 429 to all */
	bool forgotten; /* knows no account */
	bool amnesia;   /* and forgets each at once */
	bool ari, reuse, refuses_proof;
	bool by_http; /* offers no proof by DNS */
	enum wrong wrong;
	time_t window; /* start of the renewal window; 0: none is told */
	unsigned asked_ari;
};
struct world {
	struct http http; /* first: send gets its address */
	struct mem mem;
	struct ca ca[2];
	unsigned requests, fail_at; /* the nth, or that one: */
	const char *fail_on;
	enum fault fault;
	bool dead;        /* after a kill nothing works any more */
	const char *last; /* "POST /new-order" */
	struct dnsfake dns;
	pthread_mutex_t lock; /* over the values */
	struct records values;
	unsigned applied, listed;
	bool deaf_dns;         /* takes values and shows none */
	const char *mute_zone; /* its changes are refused */
	unsigned mute_at; /* the nth change is refused, and all later ones */
	char dir[40];
	struct conf conf, *real;
	struct conf_domain domain;
	struct issue_job job;
	struct issue_result result;
	struct err err;
	struct tell tell;
	char said[8192];
};
static struct world *world;

/* The provider. */

static inline int fake_zone(struct dns *d, const char *name, const char **zone,
			    struct err *e)
{
	const char *at = strrchr(name, '.');

	(void)d;
	if (!at)
		return err_set(e, ERR_MISSING, "no zone for %s", name);
	while (at > name && at[-1] != '.')
		at--;
	*zone = at;
	return 0;
}

static inline int fake_list(struct dns *d, const char *zone, const char *name,
			    uint16_t type, struct mem *m, struct records *out,
			    struct err *e)
{
	(void)d;
	(void)zone;
	if (world->dead)
		return err_set(e, ERR_STOPPED, "dead");
	world->listed++;
	for (size_t i = 0; i < world->values.n; i++)
		if (!strcmp(world->values.at[i].name, name) &&
		    world->values.at[i].type == type)
			records_add(out, m, &world->values.at[i]);
	return 0;
}

static inline int fake_apply(struct dns *d, const char *zone,
			     const struct change *c, struct err *e)
{
	struct records after = { 0 };

	(void)d;
	if (world->dead)
		return err_set(e, ERR_STOPPED, "dead");
	if ((world->mute_at && world->applied + 1 >= world->mute_at) ||
	    (world->mute_zone && !strcmp(zone, world->mute_zone)))
		return err_set(e, ERR_TEMP, "the provider is down");
	pthread_mutex_lock(&world->lock);
	world->applied++;
	for (size_t i = 0; i < world->values.n; i++)
		if (strcmp(world->values.at[i].name, c->name) != 0)
			records_add(&after, &world->mem, &world->values.at[i]);
	for (size_t i = 0; i < c->want.n; i++)
		records_add(&after, &world->mem, &c->want.at[i]);
	world->values = after;
	pthread_mutex_unlock(&world->lock);
	return 0;
}

static inline const struct provider *
fake_find(const struct conf *c, const char *name, struct mem *m, struct err *e)
{
	static const struct dns_field token[] = {
		{ .names = "FAKE_TOKEN", .required = true },
	};
	static const struct provider row = { .name = "fake",
					     .caps = DNS_CAN_LIST,
					     .fields = token,
					     .fields_n = 1,
					     .find_zone = fake_zone,
					     .list = fake_list,
					     .apply = fake_apply };

	(void)c;
	if (!strcmp(name, "fake"))
		return &row;
	if (!strcmp(name, "slot")) { /* one value at a time */
		struct provider *slot = MEM_NEW(m, struct provider);

		*slot = row;
		slot->caps |= DNS_SERIAL;
		return slot;
	}
	err_set(e, ERR_CONF, "no provider is called %s", name);
	return NULL;
}

static inline int fake_dns(struct dnsfake *f, struct str question, bool tcp,
			   struct buf *out)
{
	static const struct dnsfake_row fixed[] = {
		{ "a.test", DNS_SOA, "ns.a.test. h.a.test. 1 2 3 4 5" },
		{ "b.test", DNS_SOA, "ns.b.test. h.b.test. 1 2 3 4 5" },
		{ "_acme-challenge.alias.test", DNS_CNAME,
		  "_acme-challenge.b.test." },
	};

	(void)f;
	(void)tcp;
	return dnsfake_show(question, fixed, COUNT(fixed),
			    world->deaf_dns ? NULL : &world->values,
			    &world->lock, out);
}

/* Somebody else's TXT value. */
static inline void world_put(const char *name, const char *value)
{
	const struct record r = { .name = name,
				  .type = DNS_TXT,
				  .value = str_of(value) };

	pthread_mutex_lock(&world->lock);
	records_add(&world->values, &world->mem, &r);
	pthread_mutex_unlock(&world->lock);
}

static inline bool world_shows(const char *name, const char *value)
{
	for (size_t i = 0; i < world->values.n; i++)
		if (!strcmp(world->values.at[i].name, name) &&
		    (!value || str_eq(world->values.at[i].value, value)))
			return true;
	return false;
}
