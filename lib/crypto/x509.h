/* Certificates as data: what a chain says, and whether it is fit to install. */
#pragma once

#include <stdbool.h>
#include <time.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "crypto/key.h"

/* All text lives in the arena given to cert_read. */
struct cert {
	const char **names; /* DNS SANs, lower case A-labels, as in it */
	size_t names_n;
	const char *subject, *issuer; /* "CN" text, else the whole name */
	time_t not_before, not_after;
	const char *serial; /* hex, for people */
	const char *ari_id; /* RFC 9773 4.1; NULL without an AKI */
	unsigned char spki_sha256[KEY_SPKI_SHA256];
	bool is_ca;
	struct str pem; /* its own block alone, ends in LF */
};
struct chain {
	struct cert *at; /* leaf first */
	size_t n;
	const char *root_cn; /* issuer of the last one */
};

/* Reads 1 to 10 certificates of a PEM text as the server sent it. */
int chain_read(struct str pem, struct mem *m, struct chain *out, struct err *e);
/* Puts the rest behind the leaf in order of who signed whom; drops foreign
 * ones. -1 when a link is missing or a signature is wrong. */
int chain_sort(struct chain *c, struct mem *m, struct err *e);
/* Fit to install? The leaf's key is this one (spki), its names are at least
 * names[n], it is valid at `now` (with 1 h of slack at its start), and each
 * one is signed by the next. ERR_PERM says what is wrong. */
int chain_check(const struct chain *c, const unsigned char *spki_sha256,
		const char *const *names, size_t n, time_t now, struct err *e);
/* Some CN in the chain (issuers included) is `cn`: for the preferred chain. */
bool chain_has_cn(const struct chain *c, const char *cn);
bool cert_has_name(const struct cert *c,
		   const char *name); /* exact, as a SAN */
/* The DER of one PEM certificate appended (revokeCert wants it). */
int cert_der(struct str pem, struct buf *der, struct err *e);
