/* scrypt (RFC 7914): what a password is kept as. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

/* N is 2^log_n. A hash takes 128*N*r bytes of memory and time as N*r*p. */
struct scrypt {
	uint64_t log_n, r, p;
};
enum { SCRYPT_HASH_MIN = 16, SCRYPT_HASH_MAX = 128 };

/* Parameters within reason: at most 128 MiB, and 32 times the work of 2^14, 8,
 * 1. What is beyond comes from no careful writer. */
bool scrypt_is_sane(const struct scrypt *s);
/* -1: the parameters are not sane, or n is outside of the limits above. */
int scrypt_of(const struct scrypt *s, struct str password, struct str salt,
	      unsigned char *out, size_t n);
