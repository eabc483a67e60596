#include "crypto/hmac.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>

static const struct algorithm {
	const EVP_MD *(*md)(void);
	size_t size;
} algorithms[] = {
	[HASH_MD5] = { EVP_md5, 16 },       [HASH_SHA1] = { EVP_sha1, 20 },
	[HASH_SHA224] = { EVP_sha224, 28 }, [HASH_SHA256] = { EVP_sha256, 32 },
	[HASH_SHA384] = { EVP_sha384, 48 }, [HASH_SHA512] = { EVP_sha512, 64 },
};

/* OpenSSL refuses a digest only where the machine's policy forbids it (FIPS
 * and MD5). A wrong digest in its place would be signed and sent, so stop. */
static void refuse(void)
{
	(void)fputs("this machine's OpenSSL policy forbids a digest that is "
		    "needed here\n",
		    stderr);
	abort();
}

size_t hash_size(enum hash h)
{
	return algorithms[h].size;
}

void hash_of(enum hash h, struct str data, unsigned char out[static HASH_MAX])
{
	if (EVP_Digest(data.at, data.n, out, NULL, algorithms[h].md(), NULL) !=
	    1)
		refuse();
}

/* libcrypto's own context under a name of ours. */
static EVP_MD_CTX *context(struct hash_run *r)
{
	return (EVP_MD_CTX *)(void *)r;
}

struct hash_run *hash_begin(enum hash h)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	if (!ctx || EVP_DigestInit_ex(ctx, algorithms[h].md(), NULL) != 1)
		refuse();
	return (struct hash_run *)(void *)ctx;
}

void hash_add(struct hash_run *r, struct str data)
{
	if (data.n && EVP_DigestUpdate(context(r), data.at, data.n) != 1)
		refuse();
}

void hash_end(struct hash_run *r, unsigned char out[static HASH_MAX])
{
	if (EVP_DigestFinal_ex(context(r), out, NULL) != 1)
		refuse();
	hash_drop(r);
}

void hash_drop(struct hash_run *r)
{
	EVP_MD_CTX_free(context(r));
}

void hmac_of(enum hash h, struct str key, struct str data,
	     unsigned char out[static HASH_MAX])
{
	/* A NULL key would mean "the one before" to OpenSSL. */
	const char *k = key.at ? key.at : "";

	if (!HMAC(algorithms[h].md(), k, (int)key.n,
		  (const unsigned char *)data.at, data.n, out, NULL))
		refuse();
}

bool hmac_same(const void *a, const void *b, size_t n)
{
	return CRYPTO_memcmp(a, b, n) == 0;
}
