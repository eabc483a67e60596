/* Filters of expressions that turn bytes into other bytes: digests (raw), and
 * the ways to write those down. */
#include <string.h>

#include "base/auto.h"
#include "crypto/hmac.h"
#include "dns/descriptor_parts.h"

enum { TOTP_STEP_S = 30, TOTP_DIGITS = 1000000 };

static const struct {
	const char *name;
	enum hash hash;
} hashes[] = {
	{ "md5", HASH_MD5 },
	{ "sha1", HASH_SHA1 },
	{ "sha256", HASH_SHA256 },
	{ "sha512", HASH_SHA512 },
};

static bool hash_named(struct str name, enum hash *out)
{
	for (size_t i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++)
		if (str_eq(name, hashes[i].name)) {
			*out = hashes[i].hash;
			return true;
		}
	return false;
}

static struct str without(struct str s, size_t n)
{
	return (struct str){ s.at + n, s.n - n };
}

/* "sha256", or "hmac_sha256:KEY". */
bool descriptor_is_digest(struct str filter)
{
	struct str name;
	enum hash h;
	const bool keyed = str_starts(filter, "hmac_");
	if (!keyed)
		return hash_named(filter, &h);
	filter = without(filter, 5);
	return memchr(filter.at, ':', filter.n) &&
	       str_cut(&filter, ':', &name) && hash_named(name, &h);
}

struct str descriptor_digest(struct str name, struct str key, struct str v,
			     struct mem *m)
{
	unsigned char out[HASH_MAX];
	enum hash h = HASH_SHA256;
	const bool keyed = str_starts(name, "hmac_");
	hash_named(keyed ? without(name, 5) : name, &h);
	if (keyed)
		hmac_of(h, key, v, out);
	else
		hash_of(h, v, out);
	return (struct str){ mem_dup(m, out, hash_size(h)), hash_size(h) };
}

/* Words of base64, each for itself; one that was put together from several
 * (with padding within) is what they say. Empty when it is no base64. */
struct str descriptor_unb64(struct str text, struct mem *m)
{
	AUTO(buf) struct buf out = { .max = text.n + 1 };
	while (text.n) {
		const bool blank = memchr(" \r\n", text.at[0], 3);
		const size_t n = blank ? 1 : text.n < 4 ? text.n : 4;
		const struct str four = { text.at, n };
		if (text.at[0] == ' ')
			buf_char(&out, ' ');
		else if (!blank && b64_read(four, &out) < 0)
			return (struct str){ "", 0 };
		text = without(text, n);
	}
	return (struct str){ mem_dup(m, buf_c(&out), out.n), out.n };
}

/* The code of this half minute (RFC 6238), from a seed in base32. */
struct str descriptor_totp(struct str seed, time_t now, struct mem *m)
{
	AUTO(secret) struct buf key = { .max = 256 };
	unsigned char out[HASH_MAX], count[8] = { 0 };
	uint64_t step = (uint64_t)now / TOTP_STEP_S;
	uint32_t bits = 0, code = 0;
	unsigned have = 0;
	for (size_t i = 0; i < seed.n; i++) {
		static const char letters[] =
			"abcdefghijklmnopqrstuvwxyz234567";
		const char *at = strchr(letters, str_lower(seed.at[i]));
		if (!at || !seed.at[i])
			continue; /* blanks and padding */
		bits = bits << 5 | (uint32_t)(at - letters);
		have += 5;
		if (have < 8)
			continue;
		have -= 8;
		buf_char(&key, (char)(bits >> have & 0xff));
	}
	for (int i = 7; i >= 0; i--, step >>= 8)
		count[i] = (unsigned char)step;
	hmac_of(HASH_SHA1, buf_get(&key),
		(struct str){ (const char *)count, sizeof(count) }, out);
	for (int i = 0; i < 4; i++)
		code = code << 8 | out[(out[19] & 15) + i];
	return str_of(mem_fmt(m, "%06u", (code & 0x7fffffff) % TOTP_DIGITS));
}
