/* TSIG (RFC 8945): hmac-sha1 to hmac-sha512, and hmac-md5 for old servers.
 * Pure: bytes in, bytes out. */
#pragma once

#include <stdbool.h>
#include <time.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "crypto/hmac.h"

struct tsig_key {
	const char *name; /* key name */
	enum hash alg;
	struct str secret; /* raw bytes */
};
int tsig_alg_parse(struct str name, enum hash *alg); /* final dot optional */
const char *tsig_alg_name(enum hash alg);            /* "hmac-sha256" */
/* A key from its parts; the secret is base64. ERR_AUTH says what is wrong. */
int tsig_key_of(const char *name, const char *alg, const char *secret,
		struct mem *m, struct tsig_key *out, struct err *e);
/* The first key of a file as tsig-keygen writes it:
 * key "name" { algorithm hmac-sha256; secret "..."; }; */
int tsig_key_parse(struct str text, struct mem *m, struct tsig_key *out,
		   struct err *e);
/* knsupdate's "alg:name:secret" (or "name:secret": hmac-sha256). */
int tsig_key_colons(struct str text, struct mem *m, struct tsig_key *out,
		    struct err *e);

/* Signs a whole message in place; mac receives the MAC for the check. A MAC
 * that is in it already is the request's: an answer to that gets signed. */
int tsig_sign(struct buf *wire, const struct tsig_key *k, time_t now,
	      struct buf *mac, struct err *e);
/* Checks an answer against the request's MAC. ERR_AUTH names BADKEY, BADSIG,
 * or BADTIME with both clocks; ERR_PERM when it is not signed or malformed.
 * `rest` continues a chain of AXFR messages (RFC 8945 5.3.1): MAC of the
 * message before in, of this one out. A message of the chain that carries no
 * TSIG is kept in mac until the next that does: at the end of the transfer
 * mac->n must be tsig_mac_size() again. */
int tsig_check(struct str wire, const struct tsig_key *k, time_t now,
	       struct buf *mac, bool rest, struct err *e);
size_t tsig_mac_size(const struct tsig_key *k);
bool tsig_signed(struct str wire); /* its last record is a TSIG */
