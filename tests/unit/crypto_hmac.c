#include "crypto/hmac.h"

#include <string.h>

#include "base/b64.h"
#include "tests/unit/test.h"

static void assert_hex(const unsigned char *at, size_t n, const char *want)
{
	struct buf hex = { 0 };

	hex_add(&hex, (struct str){ (const char *)at, n });
	assert_string_equal(buf_c(&hex), want);
	buf_free(&hex);
}

/* FIPS 180-4 and RFC 1321 for "abc". */
static void digests(void **state)
{
	static const struct {
		enum hash h;
		size_t n;
		const char *want;
	} table[] = {
		{ HASH_MD5, 16, "900150983cd24fb0d6963f7d28e17f72" },
		{ HASH_SHA1, 20, "a9993e364706816aba3e25717850c26c9cd0d89d" },
		{ HASH_SHA224, 28,
		  "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7" },
		{ HASH_SHA256, 32,
		  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61"
		  "f20015ad" },
		{ HASH_SHA384, 48,
		  "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a"
		  "43ff5bed8086072ba1e7cc2358baeca134c825a7" },
		{ HASH_SHA512, 64,
		  "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee6"
		  "4b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e"
		  "2a9ac94fa54ca49f" },
	};
	unsigned char out[HASH_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		assert_int_equal(hash_size(table[i].h), table[i].n);
		hash_of(table[i].h, str_of("abc"), out);
		assert_hex(out, table[i].n, table[i].want);
	}
	hash_of(HASH_SHA256, str_of(NULL), out);
	assert_hex(out, 32,
		   "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b785"
		   "2b855");
}

/* RFC 4231 4.2, 4.3 and 4.7 (a key longer than a block), RFC 2202 2 and 3. */
static void macs(void **state)
{
	char long_key[131];
	memset(long_key, 0xaa, sizeof(long_key));
	char key_0b[20];
	memset(key_0b, 0x0b, sizeof(key_0b));
	const struct {
		enum hash h;
		struct str key;
		const char *data, *want;
	} table[] = {
		{ HASH_SHA224,
		  { key_0b, 20 },
		  "Hi There",
		  "896fb1128abbdf196832107cd49df33f47b4b1169912ba4f53684b22" },
		{ HASH_SHA256,
		  { key_0b, 20 },
		  "Hi There",
		  "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c"
		  "2e32cff7" },
		{ HASH_SHA384,
		  { key_0b, 20 },
		  "Hi There",
		  "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c"
		  "7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6" },
		{ HASH_SHA512,
		  { key_0b, 20 },
		  "Hi There",
		  "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b305"
		  "45e17cdedaa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f170"
		  "2e696c203a126854" },
		{ HASH_SHA256, STR_LIT("Jefe"), "what do ya want for nothing?",
		  "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b9"
		  "64ec3843" },
		{ HASH_SHA256,
		  { long_key, 131 },
		  "Test Using Larger Than Block-Size Key - Hash Key First",
		  "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f"
		  "0ee37f54" },
		{ HASH_MD5, STR_LIT("Jefe"), "what do ya want for nothing?",
		  "750c783e6ab0b503eaa86e310a5db738" },
		{ HASH_SHA1, STR_LIT("Jefe"), "what do ya want for nothing?",
		  "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79" },
		{ HASH_SHA256,
		  { NULL, 0 },
		  "",
		  "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c71214"
		  "4292c5ad" },
	};
	unsigned char out[HASH_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		hmac_of(table[i].h, table[i].key, str_of(table[i].data), out);
		assert_hex(out, hash_size(table[i].h), table[i].want);
	}
}

static void compares(void **state)
{
	(void)state;
	assert_true(hmac_same("abcd", "abcd", 4));
	assert_false(hmac_same("abcd", "abce", 4));
	assert_false(hmac_same("abcd", "bbcd", 4));
	assert_true(hmac_same("a", "b", 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digests),
		cmocka_unit_test(macs),
		cmocka_unit_test(compares),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
