/* Names to answers by libunbound: through dns.resolver when that is set, else
 * through /etc/resolv.conf, else from the root. One handle, one thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/auto.h"
#include "base/err.h"
#include "base/mem.h"
#include "net/dnsask.h"

struct resolver;
/* server: "127.0.0.1:5353" or NULL. Built-in local zones (test., invalid., ...)
 * are removed, localhost may be asked: the given resolver is the authority. */
int resolver_open(const char *server, struct resolver **out, struct err *e);
/* The same, and each answer says whether DNSSEC vouches for it (RFC 4035); one
 * that DNSSEC belies is ERR_TEMP. trust_anchor: a file of DS or DNSKEY records;
 * NULL: the root's keys as IANA publishes them. */
int resolver_open_secure(const char *server, const char *trust_anchor,
			 struct resolver **out, struct err *e);
void resolver_close(struct resolver *r);
AUTO_DEFINE(resolver, struct resolver, resolver_close)
/* The dns.resolver it was opened with, as a server to ask directly; NULL when
 * none was set. */
const struct dns_server *resolver_fixed(const struct resolver *r);

struct answer {
	enum dns_rcode rcode; /* NOERROR with n == 0: no data */
	const char
		*cname; /* final owner, after CNAMEs; the name itself if none */
	struct str *value; /* as in struct dns_rr */
	size_t n;
	uint32_t ttl;
	bool secure;     /* DNSSEC vouches for it, for its absence too */
	const char *soa; /* no data: the zone that says so; NULL: not told */
};
/* SERVFAIL and timeouts are ERR_TEMP; NXDOMAIN and no data are answers. */
int resolve(struct resolver *r, const char *name, uint16_t type, struct mem *m,
	    struct answer *out, struct err *e);
/* Many at once (libunbound async): out[i], or err_i in why[i]. */
struct question {
	const char *name;
	uint16_t type;
	struct answer answer;
	int status; /* 0 or -1 */
	char why[160];
};
int resolve_all(struct resolver *r, struct question *q, size_t n, struct mem *m,
		struct err *e);
