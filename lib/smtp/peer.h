/* Where a connection comes from, in as few bytes as it takes. */
#pragma once

#include <stdint.h>

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
