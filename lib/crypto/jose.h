/* The JOSE that ACME uses: JWK, thumbprint, flattened JWS (RFC 7515, 7517,
 * 7518, 7638, 8555 6.2). Pure: strings in, strings out. */
#pragma once

#include <jansson.h>

#include "base/buf.h"
#include "base/err.h"
#include "crypto/hmac.h"
#include "crypto/key.h"

/* The public JWK with its members sorted and no spaces (RFC 7638 3). */
int jose_jwk(const struct key *k, struct buf *out, struct err *e);
/* base64url(SHA-256(JWK)), 43 characters. */
int jose_thumbprint(const struct key *k, struct buf *out, struct err *e);
const char *jose_alg(const struct key *k); /* ES256, ES384, RS256 */

struct jose_header {
	const char *url;   /* NULL: left out */
	const char *nonce; /* NULL: left out (inner JWS) */
	const char *kid; /* NULL: the jwk is put in (newAccount, by cert key) */
};
/* Appends a flattened JWS. An empty payload gives "" (POST-as-GET). */
int jose_sign(const struct key *k, const struct jose_header *h,
	      struct str payload, struct buf *out, struct err *e);
/* External account binding (RFC 8555 7.3.4): payload is the account's JWK,
 * mac_key the raw bytes; alg HS256, HS384 or HS512. */
int jose_eab(const struct key *account, const char *kid, struct str mac_key,
	     enum hash alg, const char *url, struct buf *out, struct err *e);
/* Checks a flattened JWS against a key, for tests: 0 or ERR_PERM. */
int jose_check(const struct key *k, struct str jws, struct buf *payload,
	       struct err *e);
