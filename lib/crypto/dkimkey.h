/* Keys of DKIM: RSA (RFC 6376, 8301) and Ed25519 (RFC 8463). */
#pragma once

#include "base/auto.h"
#include "base/buf.h"
#include "base/err.h"
#include "crypto/hmac.h"

enum dkimkey_type { DKIMKEY_RSA, DKIMKEY_ED25519 };
enum { DKIMKEY_RSA_BITS = 2048 };

struct dkimkey; /* owned by whoever got it; dkimkey_free takes NULL */
int dkimkey_make(enum dkimkey_type t, struct dkimkey **out, struct err *e);
/* A private key: PKCS #8 PEM, or PKCS #1 as older programs write it. ERR_CONF
 * for others, encrypted ones, and RSA below 1024 bits. */
int dkimkey_read(struct str pem, struct dkimkey **out, struct err *e);
/* A public key as p= holds it, decoded: SubjectPublicKeyInfo or RSAPublicKey
 * for RSA, 32 bytes for Ed25519. ERR_PERM when it is none. */
int dkimkey_read_public(enum dkimkey_type t, struct str der,
			struct dkimkey **out, struct err *e);
/* PKCS #8 PEM appended; the caller wipes it (AUTO(secret)). */
int dkimkey_write(const struct dkimkey *k, struct buf *pem, struct err *e);
/* What p= is the base64 of. */
int dkimkey_public(const struct dkimkey *k, struct buf *out, struct err *e);
enum dkimkey_type dkimkey_kind(const struct dkimkey *k);
unsigned dkimkey_bits(const struct dkimkey *k);
/* Over a digest made with h: RSASSA-PKCS1-v1_5, or Ed25519 over the digest
 * itself (RFC 8463 3). */
int dkimkey_sign(const struct dkimkey *k, enum hash h, struct str digest,
		 struct buf *out, struct err *e);
bool dkimkey_verify(const struct dkimkey *k, enum hash h, struct str digest,
		    struct str signature);
void dkimkey_free(struct dkimkey *k);
AUTO_DEFINE(dkimkey, struct dkimkey, dkimkey_free)
