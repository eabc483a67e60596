/* Where a challenge is really written: CNAME delegation, the zone's name and
 * its authoritative servers. */
#pragma once

#include "base/err.h"
#include "net/resolve.h"

enum { ZONE_CNAME_MAX = 8 };

/* Follows CNAMEs of `name` to the last name (out; `name` itself without one).
 * A loop or more than 8 is ERR_PERM naming the whole path; a CNAME that a
 * wildcard synthesized is no delegation. A DNAME counts as the CNAME that it
 * makes. */
int zone_follow(struct resolver *r, const char *name, struct mem *m,
		const char **out, struct err *e);
/* The zone cut by SOA, from the name upward; ERR_MISSING when none answers. */
int zone_cut(struct resolver *r, const char *name, struct mem *m,
	     const char **zone, struct err *e);
/* All addresses (v4 and v6) of all NS of the zone; with a fixed resolver, that
 * one alone. ERR_TEMP when there is none. */
struct zone_server {
	const char *ns; /* its name */
	struct dns_server server;
};
struct zone_servers {
	struct zone_server *at;
	size_t n, room;
};
int zone_servers(struct resolver *r, const char *zone, struct mem *m,
		 struct zone_servers *out, struct err *e);
