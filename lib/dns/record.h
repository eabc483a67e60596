/* DNS records as the product speaks of them: one value each. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "net/dnsmsg.h"

struct record {
	const char *name; /* FQDN, lower case A-labels, no final dot */
	uint16_t type;
	uint32_t ttl;     /* 0: the provider's default */
	struct str value; /* as in struct dns_rr; TXT joined */
	const char *id;   /* the provider's own, NULL: none */
};
struct records {
	struct record *at;
	size_t n, room;
};
struct record *records_add(struct records *r, struct mem *m,
			   const struct record *x); /* deep copy */
bool record_same(const struct record *a,
		 const struct record *b); /* name, type, value */
/* The same to those who read it, though a provider may have written it anew:
 * names and hex in any case, the blanks of SPF, the spacing of the tag lists of
 * mail (DKIM1, DMARC1, STSv1, TLSRPTv1, UAAC1). */
bool record_alike(const struct record *a, const struct record *b);
/* The first in r that is the same, or alike, or NULL. */
const struct record *records_find(const struct records *r,
				  const struct record *x);
const struct record *records_find_alike(const struct records *r,
					const struct record *x);
/* `name` stands at or below `zone`, on a label boundary. */
bool record_in_zone(const char *name, const char *zone);
/* ERR_PERM unless `zone` can be the name of a file too. */
int record_check_zone(const char *zone, struct err *e);
/* One <character-string> in quotes (RFC 1035 5.1), bytes escaped as \DDD;
 * and a TXT value as such strings of at most 255 bytes, blanks between. */
void record_quote(struct buf *out, struct str s);
void record_quote_txt(struct buf *out, struct str value);
