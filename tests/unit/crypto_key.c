#include "crypto/key.h"

#include <string.h>

#include "base/b64.h"
#include "crypto/jose.h"
#include "tests/unit/openssl.h"
#include "tests/unit/test.h"
#include "tests/unit/vectors.h"

static void names_types(void **state)
{
	struct err e = { 0 };

	(void)state;
	for (int i = 0; i < KEY_TYPES; i++) {
		enum key_type t = i == 0 ? KEY_P384 : KEY_P256;
		const char *name = key_type_name((enum key_type)i);
		assert_int_equal(key_type_parse(str_of(name), &t, &e), 0);
		assert_int_equal(t, i);
	}
	enum key_type t = KEY_P384;
	assert_int_equal(key_type_parse(str_of("ECDSA-P256"), &t, &e), 0);
	assert_int_equal(t, KEY_P256);
	assert_int_equal(key_type_parse(str_of("ed25519"), &t, &e), -1);
	assert_int_equal(e.kind, ERR_CONF);
	assert_non_null(strstr(e.msg, "ecdsa-p256"));
	assert_int_equal(key_type_parse(str_of(""), &t, &e), -1);
}

static void writes_and_reads(void **state)
{
	static const enum key_type table[] = { KEY_P256, KEY_P384,
					       KEY_RSA2048 };
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		AUTO(key) struct key *k = NULL;
		AUTO(key) struct key *back = NULL;
		AUTO(key) struct key *other = NULL;
		AUTO(secret) struct buf pem = { 0 };
		AUTO(secret) struct buf again = { 0 };
		unsigned char a[KEY_SPKI_SHA256], b[KEY_SPKI_SHA256];
		struct err e = { 0 };

		assert_int_equal(key_make(table[i], &k, &e), 0);
		assert_int_equal(key_kind(k), table[i]);
		assert_int_equal(key_write(k, &pem, &e), 0);
		assert_true(str_starts(buf_get(&pem),
				       "-----BEGIN PRIVATE KEY-----\n"));
		assert_true(str_ends(buf_get(&pem),
				     "\n-----END PRIVATE KEY-----\n"));
		assert_int_equal(key_read(buf_get(&pem), &back, &e), 0);
		assert_true(key_same(k, back));
		assert_int_equal(key_kind(back), table[i]);
		assert_int_equal(key_write(back, &again, &e), 0);
		assert_string_equal(buf_c(&pem), buf_c(&again));
		assert_int_equal(key_spki_sha256(k, a, &e), 0);
		assert_int_equal(key_spki_sha256(back, b, &e), 0);
		assert_memory_equal(a, b, sizeof(a));
		assert_int_equal(key_make(table[i], &other, &e), 0);
		assert_false(key_same(k, other));
	}
}

/* The public half by the openssl command is the one that we hash. */
static void agrees_with_openssl(void **state)
{
	static const char *const pub[] = { "openssl",  "pkey", "-pubout",
					   "-outform", "DER",  NULL };
	static const char *const check[] = { "openssl", "pkey", "-check",
					     "-noout", NULL };
	static const char *const sha[] = { "openssl", "dgst", "-sha256", "-hex",
					   NULL };
	struct err e = { 0 };

	(void)state;
	openssl_or_skip();
	for (int i = KEY_P256; i <= KEY_RSA2048; i++) {
		AUTO(key) struct key *k = NULL;
		AUTO(secret) struct buf pem = { 0 };
		AUTO(buf) struct buf der = { 0 };
		AUTO(buf) struct buf out = { 0 };
		AUTO(buf) struct buf want = { 0 };
		unsigned char digest[KEY_SPKI_SHA256];

		assert_int_equal(key_make((enum key_type)i, &k, &e), 0);
		assert_int_equal(key_write(k, &pem, &e), 0);
		assert_int_equal(openssl_run(check, buf_get(&pem), &out), 0);
		assert_int_equal(openssl_run(pub, buf_get(&pem), &der), 0);
		buf_clear(&out);
		assert_int_equal(openssl_run(sha, buf_get(&der), &out), 0);
		assert_int_equal(key_spki_sha256(k, digest, &e), 0);
		hex_add(&want, (struct str){ (char *)digest, sizeof(digest) });
		assert_non_null(strstr(buf_c(&out), buf_c(&want)));
	}
}

/* Whatever form the openssl command writes, we read. */
static void reads_every_form(void **state)
{
	static const struct {
		const char *const argv[12];
		enum key_type type;
	} table[] = {
		{ { "openssl", "ecparam", "-name", "prime256v1", "-genkey" },
		  KEY_P256 }, /* EC PARAMETERS in front */
		{ { "openssl", "ecparam", "-name", "secp384r1", "-genkey",
		    "-noout" },
		  KEY_P384 },
		{ { "openssl", "ecparam", "-name", "prime256v1", "-genkey",
		    "-noout", "-conv_form", "compressed" },
		  KEY_P256 },
		{ { "openssl", "ecparam", "-name", "prime256v1", "-genkey",
		    "-noout", "-param_enc", "explicit" },
		  KEY_P256 },
		{ { "openssl", "genrsa", "-traditional", "2048" },
		  KEY_RSA2048 },
		{ { "openssl", "genpkey", "-algorithm", "RSA", "-quiet",
		    "-pkeyopt", "rsa_keygen_bits:3072" },
		  KEY_RSA3072 },
	};
	(void)state;
	openssl_or_skip();
	for (size_t i = 0; i < COUNT(table); i++) {
		AUTO(key) struct key *k = NULL;
		AUTO(key) struct key *named = NULL;
		AUTO(secret) struct buf pem = { 0 };
		AUTO(secret) struct buf ours = { 0 };
		struct err e = { 0 };

		assert_int_equal(openssl_run(table[i].argv, str_of(NULL), &pem),
				 0);
		assert_int_equal(key_read(buf_get(&pem), &k, &e), 0);
		assert_int_equal(key_kind(k), table[i].type);
		/* Written by us, it is on a named curve, uncompressed. */
		assert_int_equal(key_write(k, &ours, &e), 0);
		assert_int_equal(key_read(buf_get(&ours), &named, &e), 0);
		assert_true(key_same(k, named));
		if (table[i].type == KEY_P256)
			assert_true(ours.n < 260);
	}
}

static void refuses_by_openssl(void **state)
{
	static const struct {
		const char *const argv[12];
		const char *why;
	} table[] = {
		{ { "openssl", "ecparam", "-name", "secp521r1", "-genkey",
		    "-noout" },
		  "secp521r1" },
		{ { "openssl", "genpkey", "-algorithm", "ED25519" },
		  "neither RSA nor ECDSA" },
		{ { "openssl", "genrsa", "1024" }, "1024 bits" },
		{ { "openssl", "genrsa", "-traditional", "-aes128", "-passout",
		    "pass:geheim", "2048" },
		  "encrypted" },
		{ { "openssl", "genpkey", "-algorithm", "EC", "-pkeyopt",
		    "ec_paramgen_curve:P-256", "-aes128", "-pass",
		    "pass:geheim" },
		  "encrypted" },
	};
	(void)state;
	openssl_or_skip();
	for (size_t i = 0; i < COUNT(table); i++) {
		AUTO(key) struct key *k = NULL;
		AUTO(buf) struct buf pem = { 0 };
		struct err e = { 0 };

		assert_int_equal(openssl_run(table[i].argv, str_of(NULL), &pem),
				 0);
		assert_int_equal(key_read(buf_get(&pem), &k, &e), -1);
		assert_int_equal(e.kind, ERR_CONF);
		assert_non_null(strstr(e.msg, table[i].why));
		assert_null(k);
	}
}

static void refuses_text(void **state)
{
	static const struct {
		const char *text, *why;
	} table[] = {
		{ "", "no private key" },
		{ "-----BEGIN PRIVATE KEY-----\n", "no private key" },
		{ "-----BEGIN CERTIFICATE-----\nAAAA\n"
		  "-----END CERTIFICATE-----\n",
		  "no private key" },
		{ "-----BEGIN PRIVATE KEY-----\nAAAA\n"
		  "-----END PRIVATE KEY-----\n",
		  "cannot be read" },
		{ "-----BEGIN PRIVATE KEY-----\n!\n"
		  "-----END PRIVATE KEY-----\n",
		  "cannot be read" },
		{ "-----BEGIN PRIVATE KEY-----\n"
		  "-----END PRIVATE KEY-----\n",
		  "cannot be read" },
		{ "-----BEGIN EC PRIVATE KEY-----\nMAA=\n"
		  "-----END EC PRIVATE KEY-----\n",
		  "cannot be read" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		AUTO(key) struct key *k = NULL;
		struct err e = { 0 };
		assert_int_equal(key_read(str_of(table[i].text), &k, &e), -1);
		assert_int_equal(e.kind, ERR_CONF);
		assert_non_null(strstr(e.msg, table[i].why));
		assert_null(k);
	}
}

static void reads_jwk(void **state)
{
	AUTO(key) struct key *ec = NULL;
	AUTO(key) struct key *rsa = NULL;
	AUTO(buf) struct buf jwk = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(key_read_jwk(str_of(RFC7515_EC), &ec, &e), 0);
	assert_int_equal(key_kind(ec), KEY_P256);
	assert_int_equal(key_read_jwk(str_of(RFC7515_RSA), &rsa, &e), 0);
	assert_int_equal(key_kind(rsa), KEY_RSA2048);
	assert_int_equal(jose_jwk(rsa, &jwk, &e), 0);
	assert_true(str_starts(buf_get(&jwk),
			       "{\"e\":\"AQAB\",\"kty\":\"RSA\",\"n\":"
			       "\"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd"));
}

/* Text with one part of it replaced. */
static void edit(struct buf *out, const char *text, const char *from,
		 const char *to)
{
	const char *at = strstr(text, from);

	assert_non_null(at);
	buf_add(out, text, (size_t)(at - text));
	buf_str(out, to);
	buf_str(out, at + strlen(from));
}

static void refuses_jwk(void **state)
{
	static const struct {
		const char *text, *from, *to, *why;
	} table[] = {
		{ RFC7515_EC, "\"EC\"", "\"oct\"", "kty" },
		{ RFC7515_EC, "{", "[", "kty" },
		{ RFC7515_EC, "P-256", "P-521", "another curve" },
		{ RFC7515_EC, "P-256", "P-384", "another size" },
		{ RFC7515_EC, "\"d\":", "\"dd\":", "lacks \"d\"" },
		{ RFC7515_EC, "f83", "f84", "make no key" },
		{ RFC7515_EC, "jpsQ", "jpsR", "make no key" },
		{ RFC7515_EC, "f83O", "", "another size" },
		{ RFC7515_EC, "f83O", "f8+O", "base64url" },
		{ RFC7515_RSA, "\"qi\":", "\"qj\":", "lacks \"qi\"" },
		{ RFC7515_RSA, "4BzE", "4BzF", "make no key" },
		{ RFC7515_RSA, "\"n\":\"ofgW", "\"n\":\"pfgW", "make no key" },
		{ RFC7515_RSA, "\"n\":\"ofgW", "\"n\":\"ofg\",\"m\":\"W",
		  "bits" },
		{ RFC7515_RSA, "AQAB", "", "base64url" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		AUTO(key) struct key *k = NULL;
		AUTO(buf) struct buf text = { 0 };
		struct err e = { 0 };
		edit(&text, table[i].text, table[i].from, table[i].to);
		assert_int_equal(key_read_jwk(buf_get(&text), &k, &e), -1);
		assert_int_equal(e.kind, ERR_CONF);
		assert_non_null(strstr(e.msg, table[i].why));
		assert_null(k);
	}
}

/* An EC key in PEM whose halves do not fit must not be taken in. */
static void refuses_misfit(void **state)
{
	AUTO(key) struct key *a = NULL;
	AUTO(key) struct key *b = NULL;
	AUTO(key) struct key *got = NULL;
	AUTO(secret) struct buf one = { 0 };
	AUTO(secret) struct buf two = { 0 };
	AUTO(secret) struct buf mixed = { 0 };
	AUTO(secret) struct buf text = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(key_make(KEY_P256, &a, &e), 0);
	assert_int_equal(key_make(KEY_P256, &b, &e), 0);
	assert_int_equal(key_write(a, &one, &e), 0);
	assert_int_equal(key_write(b, &two, &e), 0);
	/* 27 and 25 characters of frame, the public half is the end. */
	struct str body_a = { one.at + 28, one.n - 28 - 26 };
	struct str body_b = { two.at + 28, two.n - 28 - 26 };
	AUTO(secret) struct buf der_a = { 0 };
	AUTO(secret) struct buf der_b = { 0 };
	assert_int_equal(b64_read_lines(body_a, &der_a), 0);
	assert_int_equal(b64_read_lines(body_b, &der_b), 0);
	assert_int_equal(der_a.n, der_b.n);
	buf_add(&mixed, der_a.at, der_a.n - 64);
	buf_add(&mixed, der_b.at + der_b.n - 64, 64);
	buf_str(&text, "-----BEGIN PRIVATE KEY-----\n");
	b64_add(&text, buf_get(&mixed));
	buf_str(&text, "\n-----END PRIVATE KEY-----\n");
	assert_int_equal(key_read(buf_get(&text), &got, &e), -1);
	assert_non_null(strstr(e.msg, "do not fit"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_types),
		cmocka_unit_test(writes_and_reads),
		cmocka_unit_test(agrees_with_openssl),
		cmocka_unit_test(reads_every_form),
		cmocka_unit_test(refuses_by_openssl),
		cmocka_unit_test(refuses_text),
		cmocka_unit_test(reads_jwk),
		cmocka_unit_test(refuses_jwk),
		cmocka_unit_test(refuses_misfit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
