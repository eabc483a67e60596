/* Where a connection comes from, and the PROXY header (haproxy's
 * proxy-protocol.txt, versions 1 and 2) by which a balancer says it. */
#pragma once

#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

struct peer {
	unsigned char ip[16]; /* the first four of them for version 4 */
	uint16_t port;
	unsigned char version; /* 4, 6; 0: not known */
};
enum { PEER_TEXT = 48 };
const char *peer_text(const struct peer *p, char out[static PEER_TEXT]);
/* "192.0.2.1", "2001:db8::1" */
bool peer_parse(struct str text, struct peer *out);

enum proxy_result {
	PROXY_MORE, /* not whole yet */
	PROXY_DONE, /* *used bytes were header; *p is the client */
	PROXY_SELF, /* as done, but the balancer speaks for itself: *p is as
		     * it was */
	PROXY_BAD,
};
enum { PROXY_MAX = 2048 };
/* What was received so far, from the first byte on. Headers of more than
 * PROXY_MAX bytes are bad. */
enum proxy_result proxy_read(struct str bytes, struct peer *p, size_t *used);
