/* A JWS from a stranger is refused or verified, and never anything else. The
 * key is fixed, so a corpus file made by it can pass. */
#include <assert.h>

#include "crypto/jose.h"
#include "tests/unit/vectors.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char *const keys[] = { RFC7515_EC, RFC7515_RSA };
	static struct key *read[2]; /* they live as long as the fuzzer */

	for (size_t i = 0; i < 2; i++) {
		AUTO(buf) struct buf payload = { 0 };
		struct err e = { 0 };
		if (!read[i] && key_read_jwk(str_of(keys[i]), &read[i], &e))
			return 0;
		int rc = jose_check(read[i],
				    (struct str){ (const char *)data, n },
				    &payload, &e);
		assert(rc == 0 || e.kind == ERR_PERM);
	}
	return 0;
}
