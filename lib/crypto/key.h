/* Private keys: made, read, written, compared. OpenSSL stays behind. */
#pragma once

#include <stdbool.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/err.h"

enum key_type { KEY_P256, KEY_P384, KEY_RSA2048, KEY_RSA3072, KEY_RSA4096 };
enum { KEY_TYPES = 5, KEY_SPKI_SHA256 = 32 };

const char *key_type_name(enum key_type t); /* "ecdsa-p256" ... "rsa-4096" */
int key_type_parse(struct str name, enum key_type *t, struct err *e);

struct key; /* owned by whoever got it; key_free takes NULL */
int key_make(enum key_type t, struct key **out, struct err *e);
/* PKCS #8, SEC 1 and PKCS #1 PEM without passphrase; what surrounds the block
 * is ignored. ERR_CONF for other curves, RSA below 2048, encrypted keys. */
int key_read(struct str pem, struct key **out, struct err *e);
/* A private JWK (RFC 7517, 7518 6), as certbot keeps its accounts. */
int key_read_jwk(struct str json, struct key **out, struct err *e);
/* PKCS #8 PEM appended; the caller wipes it (AUTO(secret)). */
int key_write(const struct key *k, struct buf *pem, struct err *e);
enum key_type key_kind(const struct key *k);
bool key_same(const struct key *a, const struct key *b); /* public halves */
/* SHA-256 over the SubjectPublicKeyInfo: what TLSA 3 1 1 holds (RFC 7671). */
int key_spki_sha256(const struct key *k, unsigned char out[KEY_SPKI_SHA256],
		    struct err *e);
void key_free(struct key *k);
AUTO_DEFINE(key, struct key, key_free)
