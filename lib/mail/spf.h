/* SPF (RFC 7208): reading a record, and judging a client by it. Pure. */
#pragma once

#include <time.h>

#include "mail/facts.h"

/* An address as 4 or 16 bytes. */
struct spf_ip {
	bool v6;
	unsigned char at[16];
};
/* IPv4 in IPv6 becomes IPv4. -1 when it is no address. */
int spf_ip_parse(const char *text, struct spf_ip *out);

enum spf_mechanism {
	SPF_ALL,
	SPF_INCLUDE,
	SPF_A,
	SPF_MX,
	SPF_PTR,
	SPF_IP4,
	SPF_IP6,
	SPF_EXISTS,
};
struct spf_term {
	enum spf_mechanism kind;
	char qualifier;     /* one of + - ~ ? */
	const char *domain; /* a macro string (RFC 7208 7); NULL: none */
	struct spf_ip ip;   /* of ip4 and ip6 */
	unsigned bits4, bits6;
	struct str text; /* as written */
};
struct spf_record {
	struct spf_term *terms;
	size_t n, room;
	const char *redirect, *exp; /* macro strings, NULL: none */
	struct str text;
};
/* Whether a TXT value is an SPF record (RFC 7208 4.5). */
bool spf_is_record(struct str value);
/* ERR_PERM names the first term that is wrong. Views point into `text`. */
int spf_parse(struct str text, struct mem *m, struct spf_record *out,
	      struct err *e);

enum spf_result {
	SPF_NONE,
	SPF_NEUTRAL,
	SPF_PASS,
	SPF_FAIL,
	SPF_SOFTFAIL,
	SPF_TEMPERROR,
	SPF_PERMERROR,
};
const char *spf_word(enum spf_result r); /* "softfail" */

enum { SPF_LOOKUPS = 10, SPF_VOIDS = 2 }; /* RFC 7208 4.6.4 */
struct spf_ask {
	struct spf_ip ip;
	const char *helo;
	const char *from;     /* MAIL FROM; "" for a bounce: the HELO counts */
	const char *receiver; /* our own name */
	time_t now;
};
struct spf {
	enum spf_result result;
	const char *domain;  /* whose record decided */
	const char *why;     /* one sentence, for people */
	const char *explain; /* of the domain's owner, for a fail; NULL */
	struct str term;     /* what matched, as written */
	unsigned lookups, voids;
};
/* False while facts are wanted (see mail/facts.h). The text lives in m. */
bool spf_check(const struct spf_ask *q, struct facts *f, struct mem *m,
	       struct spf *out);
