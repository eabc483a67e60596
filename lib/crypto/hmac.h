/* Digests and HMAC (RFC 2104) by name: what signatures of all kinds need. */
#pragma once

#include <stddef.h>

#include "base/auto.h"
#include "base/str.h"

enum hash {
	HASH_MD5,
	HASH_SHA1,
	HASH_SHA224,
	HASH_SHA256,
	HASH_SHA384,
	HASH_SHA512
};
enum { HASH_MAX = 64 };

size_t hash_size(enum hash h);
void hash_of(enum hash h, struct str data, unsigned char out[static HASH_MAX]);
void hmac_of(enum hash h, struct str key, struct str data,
	     unsigned char out[static HASH_MAX]);
/* A digest over bytes that come one piece after the other. hash_end gives the
 * digest and frees it; hash_drop frees it without. */
struct hash_run;
struct hash_run *hash_begin(enum hash h); /* never NULL */
void hash_add(struct hash_run *r, struct str data);
void hash_end(struct hash_run *r, unsigned char out[static HASH_MAX]);
void hash_drop(struct hash_run *r); /* NULL is fine */
AUTO_DEFINE(hash_run, struct hash_run, hash_drop)
/* Takes the same time wherever the difference is. */
bool hmac_same(const void *a, const void *b, size_t n);
