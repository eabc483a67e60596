/* dns-01 for a whole order: all tokens up, one wait, all down. */
#pragma once

#include "acme/order.h"
#include "dns/edit.h"

/* One token: where it goes is found out by dns01_put. */
struct dns01_token {
	const char *name;  /* identifier without "*." */
	const char *value; /* TXT */
	const char *fqdn;  /* out: final name, CNAMEs followed */
	const char *zone;  /* out */
};
struct dns01 {
	struct mem mem;
	struct dns *dns;     /* lent, open */
	struct tell *tell;
	const char *who;     /* certificate name: the journal's owner */
	int64_t limit_ms;    /* of the wait */
	struct dns01_token *token;
	size_t n;
};
/* Finds names and zones, sweeps our own stale tokens, writes all, waits until
 * every authoritative server shows all. */
int dns01_put(struct dns01 *x, struct err *e);
/* Takes away exactly what dns01_put wrote; also after an error of it. Shielded
 * from stop requests. */
int dns01_clear(struct dns01 *x, struct err *e);
