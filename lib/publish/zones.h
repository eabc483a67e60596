/* The zones that a run reads and writes, each with who writes it. A zone that
 * no provider of ours shows is read from the DNS, name by name, and a person
 * writes it. */
#pragma once

#include "dns/plan.h"
#include "dns/provider.h"
#include "mail/want.h"

struct zones_one {
	const char *name;
	struct dns *dns;     /* who writes it; NULL: a person */
	const char *by_hand; /* then: why, a phrase */
	bool secure;         /* it validates with DNSSEC */
	struct records live;
	struct journal_entries ours; /* of purpose "publish" */
	struct wishes wishes;
	struct plan plan;
};
struct zones {
	struct mem mem;
	struct conf *conf;
	provider_finder *find;
	struct resolver *resolver;
	struct tell *tell;
	struct zones_one **at;
	size_t n, room;
	struct dns_session *session;
	struct conf_list asked; /* names that were read from the DNS */
};
/* The zone that holds the name, read whole when it is the first time. Who
 * writes it is said by the configured domain that holds the name. Refused
 * credentials and a zone that cannot be read fail; a provider that has no such
 * zone, or shows none, leaves it to a person. */
int zones_add(struct zones *z, const char *name, struct zones_one **out,
	      struct err *e);
/* The longest that holds the name, of those that were added; NULL: none. */
struct zones_one *zones_find(const struct zones *z, const char *name);
/* Of a zone that a person writes: reads what the DNS has at this name and type,
 * and its CNAME. *news: something that was not known is in `live` now. */
int zones_ask(struct zones *z, struct zones_one *one, const char *name,
	      uint16_t type, bool *news, struct err *e);
/* Reads it all again, provider or DNS. */
int zones_again(struct zones *z, struct zones_one *one, struct err *e);
/* conf/backup/ZONE-STAMP.json and .zone: all of it as it was, before it is
 * written for the first time. ERR_SYS. */
int zones_export(const struct zones *z, const struct zones_one *one, time_t now,
		 struct err *e);
void zones_free(struct zones *z);
