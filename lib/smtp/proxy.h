/* The PROXY header by which a balancer says for whom it speaks (haproxy's
 * proxy-protocol.txt, versions 1 and 2). */
#pragma once

#include "smtp/peer.h"

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
