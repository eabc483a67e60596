/* One question to one server: UDP, TCP when truncated or asked for; and zone
 * transfers. Ids and source ports are random; what others send is ignored. */
#pragma once

#include <stdbool.h>
#include <sys/socket.h>

#include "base/err.h"
#include "base/mem.h"
#include "net/dnsmsg.h"

struct dns_server {
	struct sockaddr_storage addr;
	socklen_t addr_n;
	char text[80]; /* "192.0.2.1" or "[2001:db8::1]:5353" */
};
/* "192.0.2.1", "192.0.2.1:5353", "2001:db8::1", "[2001:db8::1]:5353",
 * "192.0.2.1@5353". A host name is ERR_CONF here: resolve it first. */
int dnsask_server(struct str text, struct dns_server *out, struct err *e);

struct dns_ask {
	const struct dns_server *server;
	const struct tsig_key *key; /* NULL: unsigned */
	bool tcp;                   /* from the start */
	int64_t limit_ms;           /* 0: 5 s, with one repeat over UDP */
};
/* Sends a whole message (query or update) and parses the answer, whatever its
 * rcode. ERR_TEMP without an answer, naming the server and why. */
int dnsask(const struct dns_ask *a, struct str wire, struct mem *m,
	   struct dns_msg *out, struct err *e);
int dnsask_query(const struct dns_ask *a, const char *name, uint16_t type,
		 bool rd, struct mem *m, struct dns_msg *out, struct err *e);
/* AXFR (RFC 5936): all records, the closing SOA left out. */
struct dns_rrs {
	struct dns_rr *at;
	size_t n, room;
};
int dnsask_axfr(const struct dns_ask *a, const char *zone, struct mem *m,
		struct dns_rrs *out, struct err *e);

/* The same question to many servers at once over UDP (TCP where cut), until
 * all answered or limit_ms passed: reply[i].ok says who did. */
struct dns_poll {
	struct dns_server server;
	bool ok;            /* an answer came */
	struct dns_msg msg; /* when ok */
	char why[96];       /* when not: "timeout", "connection refused" */
};
int dnsask_all(struct dns_poll *p, size_t n, const char *name, uint16_t type,
	       bool rd, int64_t limit_ms, struct mem *m, struct err *e);
