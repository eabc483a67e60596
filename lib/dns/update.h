/* A change of one RRset as an UPDATE (RFC 2136), and what a server that
 * refuses it means. Pure. */
#pragma once

#include "dns/provider.h"

/* Compare-and-swap: the RRset is exactly c->is (2.4.2), or does not exist
 * (2.4.3); then each value goes or comes by itself (2.5.4, 2.5.1). A
 * record's id is the hex of its TXT strings where they are cut unlike ours. */
void update_of(const char *zone, const struct change *c, struct mem *m,
	       struct dns_update *out);
/* 0 for NOERROR; ERR_CHANGED when a prerequisite failed; else the sentence for
 * this code with what to do. key NULL: unsigned. */
struct update_context {
	const char *server, *zone, *name, *key;
	uint16_t type;
};
int update_verdict(unsigned rcode, const struct update_context *x,
		   struct err *e);
