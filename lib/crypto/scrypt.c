#include "crypto/scrypt.h"

#include <openssl/err.h>
#include <openssl/evp.h>

enum { MEMORY_MAX = 128 << 20, WORK_MAX = 32 << (14 + 3) };

bool scrypt_is_sane(const struct scrypt *s)
{
	if (s->log_n < 1 || s->log_n > 20 || s->r < 1 || s->r > 64 ||
	    s->p < 1 || s->p > 64)
		return false;
	uint64_t n = 1ULL << s->log_n;

	/* N below 2^(128*r/8): RFC 7914 6. */
	return s->log_n < 16 * s->r && 128 * n * s->r <= MEMORY_MAX &&
	       n * s->r * s->p <= WORK_MAX;
}

int scrypt_of(const struct scrypt *s, struct str password, struct str salt,
	      unsigned char *out, size_t n)
{
	const unsigned char *bytes = (const unsigned char *)salt.at;

	if (!scrypt_is_sane(s) || n < SCRYPT_HASH_MIN || n > SCRYPT_HASH_MAX)
		return -1;
	if (EVP_PBE_scrypt(password.n ? password.at : "", password.n,
			   salt.n ? bytes : (const unsigned char *)"", salt.n,
			   1ULL << s->log_n, s->r, s->p, 2ULL * MEMORY_MAX, out,
			   n) == 1)
		return 0;
	ERR_clear_error();
	return -1;
}
