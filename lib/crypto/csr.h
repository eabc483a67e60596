/* PKCS #10 requests as RFC 8555 7.4 wants them: every name a SAN, the first
 * one that fits 64 characters the CN, no EKU, no must-staple. */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "crypto/key.h"

int csr_make(const struct key *k, const char *const *names, size_t n,
	     struct buf *der, struct err *e);

/* A request from outside, PEM or DER: its DER, its DNS names (lower case, in
 * its order), whether it asks for must-staple or other than DNS names
 * (ERR_CONF with the reason), and its signature checked. */
struct csr {
	struct str der;
	const char **names;
	size_t n;
	unsigned char spki_sha256[KEY_SPKI_SHA256];
};
int csr_read(struct str text, struct mem *m, struct csr *out, struct err *e);
