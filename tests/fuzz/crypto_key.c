/* What is read as a key, PEM or JWK, is written and read as the same key. */
#include <assert.h>

#include "crypto/key.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void write_and_read(const struct key *k)
{
	AUTO(secret) struct buf pem = { 0 };
	AUTO(key) struct key *back = NULL;
	struct err e = { 0 };

	assert(key_write(k, &pem, &e) == 0);
	assert(key_read(buf_get(&pem), &back, &e) == 0);
	assert(key_same(k, back) && key_kind(k) == key_kind(back));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str text = { (const char *)data, n };
	AUTO(key) struct key *pem = NULL;
	AUTO(key) struct key *jwk = NULL;
	struct err e = { 0 };

	if (key_read(text, &pem, &e) == 0)
		write_and_read(pem);
	else
		assert(e.kind != ERR_NONE && !pem);
	if (key_read_jwk(text, &jwk, &e) == 0)
		write_and_read(jwk);
	return 0;
}
