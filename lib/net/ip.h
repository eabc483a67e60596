/* Addresses as text and as bytes, and what hangs on them alone: networks, names
 * in the reverse tree, whether the Internet routes them. Pure. */
#pragma once

#include <stdbool.h>

#include "base/mem.h"
#include "base/str.h"

struct ip {
	unsigned char at[16];
	unsigned n; /* 4 or 16 bytes; 0: none */
};
/* "192.0.2.1", "2001:db8::1"; -1 for all else. An IPv4 address that is dressed
 * up as IPv6 (::ffff:192.0.2.1) is IPv4. */
int ip_parse(struct str text, struct ip *out);
const char *ip_text(const struct ip *a, struct mem *m); /* RFC 5952 */
bool ip_same(const struct ip *a, const struct ip *b);
/* Whether `text` is this address or a network that holds it: "192.0.2.0/26",
 * "2001:db8::/64". */
bool ip_within(const struct ip *a, struct str text);
/* "1.2.0.192.in-addr.arpa" (RFC 1035 3.5), "1.0.0. ... .ip6.arpa" (RFC 3596
 * 2.5). */
const char *ip_reverse(const struct ip *a, struct mem *m);
/* What is known to others under this address: not private, local, shared,
 * loopback, multicast or unspecified. Those of documentation count: people
 * write them down, and nobody else does. */
bool ip_is_public(const struct ip *a);
