/* Waiting until every authoritative server shows what we published: all
 * addresses at once, again after 50 ms, then slower up to 2 s. */
#pragma once

#include "base/tell.h"
#include "dns/record.h"
#include "dns/zone.h"

struct wait {
	struct resolver *resolver;
	struct tell *tell; /* "3/4 servers" */
	const char *who;
	int64_t limit_ms;
};
/* All of want (values of any type, one or several names in one zone; what
 * else stands there is no matter) at all servers.
 * An NS counts when one of its addresses answers rightly and none answers
 * wrongly; an address that never answers is skipped (and said at -v) once its
 * sister has it, and a dead NS (silent, refusing, failing or not authoritative
 * at all its addresses) once all the others have it for 10 s.
 * ERR_TIMEOUT names each server that lags and what it said; ERR_STOPPED. */
int wait_visible(const struct wait *w, const char *zone,
		 const struct records *want, struct err *e);
