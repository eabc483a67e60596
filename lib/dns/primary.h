/* A zone's primary server, as RFC 2136 sees it: what is there is asked from it
 * directly, changes go to it as compare-and-swap. */
#pragma once

#include "dns/update.h"
#include "net/dnsask.h"

enum { PRIMARY_ADDRESSES = 8 };
struct primary {
	struct dns_server server[PRIMARY_ADDRESSES]; /* the one in use first */
	size_t n;
	struct tsig_key key; /* name NULL: nothing is signed */
	int64_t limit_ms;    /* for an answer; 0: 4 s */
};
/* Adds "host" or "host:port", an address; `port` when it tells none, NULL: 53.
 * ERR_CONF when it is no address. More than the room are left out. */
int primary_add(struct primary *p, struct str host, const char *port,
		struct err *e);

/* The zone it holds for a name; ERR_MISSING when none, or when the name is
 * delegated away. */
int primary_zone(struct primary *p, const char *name, struct mem *m,
		 const char **zone, struct err *e);
/* As struct provider's list: one question, or AXFR for the whole zone. */
int primary_list(struct primary *p, const char *zone, const char *name,
		 uint16_t type, struct mem *m, struct records *out,
		 struct err *e);
/* By UDP while it fits. When the answer gets lost the server is read before
 * the change is sent again. */
int primary_apply(struct primary *p, const char *zone, const struct change *c,
		  struct err *e);
