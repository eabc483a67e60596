#include "crypto/scrypt.h"

#include "base/auto.h"
#include "base/b64.h"

#include "tests/unit/test.h"

/* RFC 7914 12. */
static void agrees_with_the_rfc(void **state)
{
	static const struct {
		struct scrypt s;
		const char *password, *salt, *hex;
	} cases[] = {
		{ { 4, 1, 1 },
		  "",
		  "",
		  "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede2"
		  "1442fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c"
		  "38d18906" },
		{ { 10, 8, 16 },
		  "password",
		  "NaCl",
		  "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b37"
		  "31622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdf"
		  "a2cc0640" },
		{ { 14, 8, 1 },
		  "pleaseletmein",
		  "SodiumChloride",
		  "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545d"
		  "a1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b"
		  "45575887" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		AUTO(buf) struct buf hex = { 0 };
		unsigned char out[64];

		assert_int_equal(scrypt_of(&cases[i].s,
					   str_of(cases[i].password),
					   str_of(cases[i].salt), out, 64),
				 0);
		hex_add(&hex, (struct str){ (char *)out, 64 });
		assert_string_equal(buf_c(&hex), cases[i].hex);
	}
}

static void refuses_what_is_insane(void **state)
{
	static const struct {
		struct scrypt s;
		bool sane;
	} cases[] = {
		{ { 14, 8, 1 }, true },        { { 17, 8, 1 }, true },
		{ { 14, 8, 32 }, true },       { { 14, 8, 33 }, false },
		{ { 18, 8, 1 }, false },       { { 0, 8, 1 }, false },
		{ { 14, 0, 1 }, false },       { { 14, 8, 0 }, false },
		{ { 64, 8, 1 }, false },       { { 16, 1, 1 }, false },
		{ { 15, 1, 1 }, true },        { { 14, 1 << 30, 1 }, false },
		{ { 1, 64, 1 << 30 }, false }, { { UINT64_MAX, 8, 1 }, false },
	};
	unsigned char out[256];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		if (scrypt_is_sane(&cases[i].s) != cases[i].sane)
			fail_msg("case %zu", i);
		if (!cases[i].sane)
			assert_int_equal(scrypt_of(&cases[i].s, STR_LIT("x"),
						   STR_LIT("y"), out, 32),
					 -1);
	}
	assert_int_equal(scrypt_of(&cases[0].s, STR_LIT("x"), STR_LIT("y"), out,
				   SCRYPT_HASH_MIN - 1),
			 -1);
	assert_int_equal(scrypt_of(&cases[0].s, STR_LIT("x"), STR_LIT("y"), out,
				   SCRYPT_HASH_MAX + 1),
			 -1);
	assert_int_equal(scrypt_of(&(struct scrypt){ 1, 1, 1 }, str_of(NULL),
				   str_of(NULL), out, 32),
			 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_the_rfc),
		cmocka_unit_test(refuses_what_is_insane),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
