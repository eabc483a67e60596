/* An authoritative responder of our own, for delegated _acme-challenge zones:
 * UDP and TCP, v4 and v6. It serves what a folder of values says, so that the
 * order that writes them and the process that answers may be two. */
#pragma once

#include "base/err.h"
#include "base/tell.h"
#include "conf/conf.h"
#include "dns/record.h"

/* The answer to one question, pure. TXT values at the apexes of these zones;
 * SOA and NS synthesized; REFUSED for other zones; NODATA, never NXDOMAIN, at
 * the apex. limit is 65535 by TCP; by UDP less, and less still where the
 * question's EDNS says so (512 without). -1: let it pass in silence. */
struct selfdns_zone {
	const char *zone; /* _acme-challenge.example.org */
	const char *ns;   /* smtp.example.org */
	struct records values;
};
int selfdns_answer(struct str question, const struct selfdns_zone *z, size_t n,
		   size_t limit, struct buf *out, struct err *e);

/* Values on disk: conf/acme/self/ZONE, written whole; without values the zone
 * is no longer answered for. */
int selfdns_put(const struct conf *c, const char *zone,
		const struct records *values, struct err *e);
int selfdns_get(const struct conf *c, const char *zone, struct mem *m,
		struct records *values, struct err *e);
/* Answers for a zone that has no values yet, so that its delegation can be
 * looked at. selfdns_put without values takes that back. */
int selfdns_announce(const struct conf *c, const char *zone, struct err *e);

/* The NS record and the addresses of the hostname, as zone-file lines. */
const char *selfdns_delegation(const struct conf *c, const char *zone,
			       struct mem *m);

/* Serves on c->self_listen in a thread until stopped; c outlives it. Where
 * another opsmail of this conf serves already, the thread stands by and takes
 * over when that one ends: the values are on disk, so who answers is the same
 * to the world. A foreign holder of the port is ERR_SYS naming the port and
 * what to do. */
struct selfdns;
int selfdns_start(const struct conf *c, struct selfdns **out, struct err *e);
void selfdns_stop(struct selfdns *s);
/* `opsmail dns serve`: until SIGINT or SIGTERM. */
int selfdns_run(const struct conf *c, struct tell *t, struct err *e);
