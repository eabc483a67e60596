/* DNS messages: built, parsed, signed. libldns stays behind this door. Pure:
 * bytes in, structs out. Names are lower case A-labels without the final dot;
 * the root is ".". Signatures are net/tsig.h's. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "net/tsig.h"

/* RR types by number (IANA); names by dnsmsg_type_name. */
enum dns_type {
	DNS_A = 1,
	DNS_NS = 2,
	DNS_CNAME = 5,
	DNS_SOA = 6,
	DNS_PTR = 12,
	DNS_MX = 15,
	DNS_TXT = 16,
	DNS_AAAA = 28,
	DNS_SRV = 33,
	DNS_DNAME = 39,
	DNS_DS = 43,
	DNS_DNSKEY = 48,
	DNS_TLSA = 52,
	DNS_AXFR = 252,
	DNS_ANY = 255,
	DNS_CAA = 257,
};
enum dns_class { DNS_IN = 1, DNS_NONE_CLASS = 254, DNS_ANY_CLASS = 255 };
enum dns_rcode {
	DNS_NOERROR = 0,
	DNS_FORMERR = 1,
	DNS_SERVFAIL = 2,
	DNS_NXDOMAIN = 3,
	DNS_NOTIMP = 4,
	DNS_REFUSED = 5,
	DNS_YXDOMAIN = 6,
	DNS_YXRRSET = 7,
	DNS_NXRRSET = 8,
	DNS_NOTAUTH = 9,
	DNS_NOTZONE = 10,
	/* in the TSIG record (RFC 8945) */
	DNS_BADSIG = 16,
	DNS_BADKEY = 17,
	DNS_BADTIME = 18,
};

struct dns_rr {
	const char *name;
	uint16_t type, class;
	uint32_t ttl;
	/* Presentation form (RFC 1035 5.1), names in it lower case with a final
	 * dot; but for TXT the strings joined, as raw bytes. */
	struct str value;
	/* TXT that was read: the strings as they are cut, as on the wire, since
	 * servers compare them so. When set it is written in place of value. */
	struct str strings;
};
struct dns_msg {
	uint16_t id;
	enum dns_rcode rcode;
	unsigned opcode;
	bool qr, aa, tc, rd, ra, ad;
	bool edns;          /* it carries an OPT record (RFC 6891) */
	uint16_t edns_size; /* what the sender can take by UDP */
	uint8_t edns_version;
	const char *qname;
	uint16_t qtype, qclass;
	struct dns_rr *answer, *authority, *additional;
	size_t answer_n, authority_n, additional_n;
};
const char *dnsmsg_type_name(uint16_t type,
			     char out[static 16]); /* "TXT", "TYPE999" */
int dnsmsg_type_parse(struct str name, uint16_t *type);
const char *dnsmsg_rcode_name(unsigned rcode); /* "NXDOMAIN", "RCODE23" */

/* A question; EDNS0 with 1232 bytes; rd for resolvers. */
int dnsmsg_query(struct buf *wire, uint16_t id, const char *name, uint16_t type,
		 bool rd, struct err *e);
int dnsmsg_parse(struct str wire, struct mem *m, struct dns_msg *out,
		 struct err *e);
/* An answer: flags and sections as given in msg, with an OPT record when
 * msg->edns; above `limit` the sections stay out and TC is set. */
int dnsmsg_answer(const struct dns_msg *msg, size_t limit, struct buf *wire,
		  struct err *e);

/* UPDATE (RFC 2136). A prerequisite or change is a dns_rr whose class and TTL
 * say what it means, as on the wire (2.4, 2.5): class ANY "rrset exists" or
 * "delete rrset" with an empty value, NONE "no such rrset" or "delete this
 * value", IN "rrset is exactly these" or "add". */
struct dns_update {
	const char *zone;
	const struct dns_rr *prereq, *change;
	size_t prereq_n, change_n;
};
int dnsmsg_update(struct buf *wire, uint16_t id, const struct dns_update *u,
		  struct err *e);
