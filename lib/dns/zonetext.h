/* A zone file (RFC 1035 5) that people keep: read whole, and changed by no more
 * than the lines that change. Comments, order, blanks, $ORIGIN and $TTL, names
 * left out and parentheses stay as they are. Pure: text in, text out. */
#pragma once

#include <time.h>

#include "base/buf.h"
#include "base/err.h"
#include "dns/record.h"

struct zonetext_entry {
	size_t from, to; /* its lines in the text, the last LF included */
	unsigned line;
	/* type 0: of a type that we do not know, or not in this zone. It
	 * stays, and is not listed. */
	struct record record;
	struct str owner;   /* as written; empty: the entry before's */
	const char *origin; /* in force here */
	bool has_default;   /* a $TTL is */
	size_t ttl_of;      /* the entry whose TTL it takes; or itself */
};
struct zonetext {
	const char *zone;
	struct str text;
	struct zonetext_entry *at;
	size_t n, room;
	size_t soa;         /* its entry */
	struct str serial;  /* where it stands in the text */
	const char *origin; /* at the end */
};
/* ERR_CONF names the line: $INCLUDE, $GENERATE and whatever else a reader of
 * this file alone cannot know; no SOA of the zone, or two. Views of `text`, the
 * rest in m. */
int zonetext_parse(struct str text, const char *zone, struct mem *m,
		   struct zonetext *out, struct err *e);
/* Without these values, each as often as it is there, and with those, each
 * below the last of its name or at the end; the serial goes up. What comes out
 * was read again and is exactly that. ERR_CONF when a line hangs on one that
 * goes. `ttl` is what is added gets; 0: its own. */
int zonetext_edit(const struct zonetext *z, const struct records *del,
		  const struct records *add, uint32_t ttl, time_t now,
		  struct buf *out, struct err *e);
/* The next serial: YYYYMMDDnn where it is one, else one more; greater as RFC
 * 1982 compares, and never 0. */
uint32_t zonetext_serial(uint32_t serial, time_t now);
