#include "crypto/jose.h"

#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <string.h>

#include "base/b64.h"
#include "crypto/ossl.h"
#include "tests/unit/test.h"
#include "tests/unit/vectors.h"

static struct key *read_jwk(const char *json)
{
	struct err e = { 0 };
	struct key *k = NULL;

	assert_int_equal(key_read_jwk(str_of(json), &k, &e), 0);
	return k;
}

static struct key *make(enum key_type t)
{
	struct err e = { 0 };
	struct key *k = NULL;

	assert_int_equal(key_make(t, &k, &e), 0);
	return k;
}

/* The example of RFC 7638 has only a public half, which key.h cannot read. */
static void thumbprint_of_the_rfc(void **state)
{
	struct buf n = { 0 }, out = { 0 };
	struct err e = { 0 };
	EVP_PKEY *pkey = NULL;

	(void)state;
	assert_int_equal(b64url_read(str_of(RFC7638_N), &n), 0);
	BIGNUM *number = BN_bin2bn((unsigned char *)n.at, (int)n.n, NULL);
	OSSL_PARAM_BLD *b = OSSL_PARAM_BLD_new();
	OSSL_PARAM_BLD_push_BN(b, OSSL_PKEY_PARAM_RSA_N, number);
	OSSL_PARAM_BLD_push_ulong(b, OSSL_PKEY_PARAM_RSA_E, 65537);
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(b);
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	EVP_PKEY_fromdata_init(c);
	assert_int_equal(
		EVP_PKEY_fromdata(c, &pkey, EVP_PKEY_PUBLIC_KEY, params), 1);
	struct key k = { pkey, KEY_RSA2048 };

	assert_int_equal(jose_thumbprint(&k, &out, &e), 0);
	assert_string_equal(buf_c(&out),
			    "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");

	EVP_PKEY_free(pkey);
	EVP_PKEY_CTX_free(c);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(b);
	BN_free(number);
	buf_free(&n);
	buf_free(&out);
}

static void writes_jwk(void **state)
{
	AUTO(key) struct key *k = read_jwk(RFC7515_EC);
	AUTO(buf) struct buf out = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(jose_jwk(k, &out, &e), 0);
	assert_string_equal(buf_c(&out),
			    "{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":"
			    "\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
			    "\"y\":"
			    "\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}");
	buf_clear(&out);
	assert_int_equal(jose_thumbprint(k, &out, &e), 0);
	assert_string_equal(buf_c(&out),
			    "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U");
}

/* RFC 7515 A.2 and A.3, as flattened JWS; and what must not pass. */
static void checks_signatures_of_the_rfc(void **state)
{
	static const struct {
		const char *key, *jws;
		enum err_kind kind;
	} table[] = {
		{ RFC7515_RSA,
		  "{\"protected\":\"eyJhbGciOiJSUzI1NiJ9\",\"payload\":"
		  "\"" RFC7515_PAYLOAD "\",\"signature\":\"" RFC7515_RS256
		  "\"}",
		  ERR_NONE },
		{ RFC7515_EC,
		  "{\"protected\":\"eyJhbGciOiJFUzI1NiJ9\",\"payload\":"
		  "\"" RFC7515_PAYLOAD "\",\"signature\":\"" RFC7515_ES256
		  "\"}",
		  ERR_NONE },
		/* The other key's. */
		{ RFC7515_EC,
		  "{\"protected\":\"eyJhbGciOiJSUzI1NiJ9\",\"payload\":"
		  "\"" RFC7515_PAYLOAD "\",\"signature\":\"" RFC7515_RS256
		  "\"}",
		  ERR_PERM },
		/* {"alg":"none"} */
		{ RFC7515_EC,
		  "{\"protected\":\"eyJhbGciOiJub25lIn0\",\"payload\":"
		  "\"" RFC7515_PAYLOAD "\",\"signature\":\"\"}",
		  ERR_PERM },
		/* {"alg":"ES256","crit":["x"]} */
		{ RFC7515_EC,
		  "{\"protected\":"
		  "\"eyJhbGciOiJFUzI1NiIsImNyaXQiOlsieCJdfQ\",\"payload\":"
		  "\"" RFC7515_PAYLOAD "\",\"signature\":\"" RFC7515_ES256
		  "\"}",
		  ERR_PERM },
		/* Another payload. */
		{ RFC7515_EC,
		  "{\"protected\":\"eyJhbGciOiJFUzI1NiJ9\",\"payload\":"
		  "\"e30\",\"signature\":\"" RFC7515_ES256 "\"}",
		  ERR_PERM },
		/* A signature of half the size. */
		{ RFC7515_EC,
		  "{\"protected\":\"eyJhbGciOiJFUzI1NiJ9\",\"payload\":"
		  "\"" RFC7515_PAYLOAD "\",\"signature\":\"DtEhU3ljbEg8\"}",
		  ERR_PERM },
		{ RFC7515_EC, "{\"payload\":\"e30\",\"signature\":\"\"}",
		  ERR_PERM },
		{ RFC7515_EC, "[]", ERR_PERM },
		{ RFC7515_EC, "", ERR_PERM },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		AUTO(key) struct key *k = read_jwk(table[i].key);
		AUTO(buf) struct buf payload = { 0 };
		struct err e = { 0 };
		int rc = jose_check(k, str_of(table[i].jws), &payload, &e);

		assert_int_equal(e.kind, table[i].kind);
		assert_int_equal(rc, table[i].kind == ERR_NONE ? 0 : -1);
		if (rc == 0)
			assert_string_equal(
				buf_c(&payload),
				"{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n"
				" \"http://example.com/is_root\":true}");
	}
}

/* PKCS #1 v1.5 has no randomness: there is one right signature. */
static void signs_as_others(void **state)
{
	AUTO(key) struct key *k = read_jwk(RFC7515_RSA);
	AUTO(buf) struct buf out = { 0 };
	struct jose_header h = { .kid = "k" };
	struct err e = { 0 };

	(void)state;
	assert_string_equal(jose_alg(k), "RS256");
	assert_int_equal(jose_sign(k, &h, str_of("{}"), &out, &e), 0);
	/* Made by another implementation, Python's cryptography. */
	assert_string_equal(
		buf_c(&out),
		"{\"protected\":\"eyJhbGciOiJSUzI1NiIsImtpZCI6ImsifQ"
		"\",\"payload\":\"e30\",\"signature\":\"oO2cSNzPrq2OV"
		"UWZn82JiLv_WnDY2CnPoGoNyJlyvSj8l2B4KPPH9IoFfTcp2jCfl"
		"FdgcbBiLw2YIkma6aR6WlY5C8kimzQVDfMfxIWEVrRpV8uKNfeZo"
		"2IAW6cz-PJmJjgW8KNNnD2WMdgh_fhSh2R4TjxIO4fI3V_Pp7-th"
		"QuIVCcl-kcYqLrhlJ7pM6BEP552ExOGpG3KMieHrsQzVn5yw4Fbb"
		"V4ukcaQiMiNzsgoiWGeCJDYlVHEpENu-dlwxwcHcQT1k2Yq9YUaB"
		"R8adP_Dg0ekWkxpbhySTuxs9V9S3U-Wyecn7y-LM0dIyc5ylFukh"
		"kdhE0Dxf37qkFmFcQ\"}");
}

/* The header as text, for looking at. */
static void header_of(const char *jws, struct buf *out)
{
	json_t *o = json_loads(jws, 0, NULL);

	assert_non_null(o);
	const char *text = json_string_value(json_object_get(o, "protected"));
	assert_int_equal(b64url_read(str_of(text), out), 0);
	json_decref(o);
}

static void signs_with_every_key(void **state)
{
	static const struct {
		enum key_type type;
		const char *alg;
	} table[] = { { KEY_P256, "ES256" },
		      { KEY_P384, "ES384" },
		      { KEY_RSA2048, "RS256" },
		      { KEY_RSA3072, "RS256" } };
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		AUTO(key) struct key *k = make(table[i].type);
		AUTO(key) struct key *other = make(KEY_P256);
		AUTO(buf) struct buf out = { 0 };
		AUTO(buf) struct buf back = { 0 };
		AUTO(buf) struct buf header = { 0 };
		AUTO(buf) struct buf want = { 0 };
		struct err e = { 0 };
		struct jose_header h = { .url = "https://ca/\"x",
					 .nonce = "n-1",
					 .kid = "https://ca/acct/1" };

		assert_string_equal(jose_alg(k), table[i].alg);
		assert_int_equal(
			jose_sign(k, &h, str_of("{\"a\":1}"), &out, &e), 0);
		assert_int_equal(jose_check(k, buf_get(&out), &back, &e), 0);
		assert_string_equal(buf_c(&back), "{\"a\":1}");
		header_of(buf_c(&out), &header);
		buf_fmt(&want,
			"{\"alg\":\"%s\",\"kid\":\"https://ca/acct/1\","
			"\"nonce\":\"n-1\",\"url\":\"https://ca/\\\"x\"}",
			table[i].alg);
		assert_string_equal(buf_c(&header), buf_c(&want));
		buf_clear(&back);
		assert_int_equal(jose_check(other, buf_get(&out), &back, &e),
				 -1);
		assert_int_equal(e.kind, ERR_PERM);
	}
}

static void header_has_what_is_given(void **state)
{
	AUTO(key) struct key *k = read_jwk(RFC7515_EC);
	AUTO(buf) struct buf out = { 0 };
	AUTO(buf) struct buf header = { 0 };
	struct err e = { 0 };
	struct jose_header h = { .url = "https://ca/k" };

	(void)state;
	assert_int_equal(jose_sign(k, &h, str_of(NULL), &out, &e), 0);
	assert_non_null(strstr(buf_c(&out), ",\"payload\":\"\","));
	header_of(buf_c(&out), &header);
	assert_string_equal(buf_c(&header),
			    "{\"alg\":\"ES256\",\"jwk\":{\"crv\":\"P-256\","
			    "\"kty\":\"EC\",\"x\":"
			    "\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
			    "\"y\":"
			    "\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"},"
			    "\"url\":\"https://ca/k\"}");
	h.nonce = "\xff";
	assert_int_equal(jose_sign(k, &h, str_of(NULL), &out, &e), -1);
	assert_int_equal(e.kind, ERR_PERM);
}

/* A tenth of all signatures has an r or s with a leading zero byte. */
static void keeps_leading_zeros(void **state)
{
	AUTO(key) struct key *k = read_jwk(RFC7515_EC);
	struct jose_header h = { .kid = "k" };
	struct err e = { 0 };

	(void)state;
	for (int i = 0; i < 600; i++) {
		AUTO(buf) struct buf out = { 0 };
		AUTO(buf) struct buf back = { 0 };
		assert_int_equal(jose_sign(k, &h, str_of(NULL), &out, &e), 0);
		assert_int_equal(jose_check(k, buf_get(&out), &back, &e), 0);
		/* 64 bytes are 86 characters. */
		const char *sig = strstr(buf_c(&out), "\"signature\":\"");
		assert_int_equal(strlen(sig), 13 + 86 + 2);
	}
}

/* The MAC key is pebble's example; the values come from Python's hmac. */
static void binds_external_accounts(void **state)
{
	static const struct {
		enum hash alg;
		const char *protected, *signature;
	} table[] = {
		{ HASH_SHA256,
		  "eyJhbGciOiJIUzI1NiIsImtpZCI6ImtpZC0xIiwidXJsIjoiaHR0cHM6"
		  "Ly9jYS5leGFtcGxlL25ldy1hY2NvdW50In0",
		  "YujFtUUCIxVOtvMmJAy5gt-pF4XIKM8rrDxRWcYY7Qo" },
		{ HASH_SHA384,
		  "eyJhbGciOiJIUzM4NCIsImtpZCI6ImtpZC0xIiwidXJsIjoiaHR0cHM6"
		  "Ly9jYS5leGFtcGxlL25ldy1hY2NvdW50In0",
		  "VemqmDcfQVc_p1s3TdGxozOXrxCgdme_Hy3tn8RsBypZ_yqxA65YmZQ0"
		  "FEijK3B3" },
		{ HASH_SHA512,
		  "eyJhbGciOiJIUzUxMiIsImtpZCI6ImtpZC0xIiwidXJsIjoiaHR0cHM6"
		  "Ly9jYS5leGFtcGxlL25ldy1hY2NvdW50In0",
		  "xMGR5nmQmHLKSE0O6LA8Bho__ay1YjQ2QuL2Mix6nU4k_VxA0JUIeew6"
		  "NgFytUSHkpTfKNKvSamueKBn8X61kQ" },
	};
	AUTO(key) struct key *k = read_jwk(RFC7515_EC);
	AUTO(buf) struct buf mac = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(
		b64url_read(str_of("zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9w"
				   "G44nMEtx3MUAsUDkMTQ12W"),
			    &mac),
		0);
	for (size_t i = 0; i < COUNT(table); i++) {
		AUTO(buf) struct buf out = { 0 };
		AUTO(buf) struct buf want = { 0 };
		assert_int_equal(
			jose_eab(k, "kid-1", buf_get(&mac), table[i].alg,
				 "https://ca.example/new-account", &out, &e),
			0);
		buf_fmt(&want,
			"{\"protected\":\"%s\",\"payload\":"
			"\"eyJjcnYiOiJQLTI1NiIsImt0eSI6IkVDIiwieCI6ImY4M09KM0"
			"QyeEYxQmc4dnViOXRMZTFnSE16Vjc2ZThUdXM5dVBIdlJWRVUiL"
			"CJ5IjoieF9GRXpSdTltMzZITE5fdHVlNjU5TE5wWFc2cEN5U3Rp"
			"a1lqS0lXSTVhMCJ9\",\"signature\":\"%s\"}",
			table[i].protected, table[i].signature);
		assert_string_equal(buf_c(&out), buf_c(&want));
	}
	assert_int_equal(jose_eab(k, "\xc0", buf_get(&mac), HASH_SHA256, "u",
				  &mac, &e),
			 -1);
	assert_int_equal(e.kind, ERR_CONF);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(thumbprint_of_the_rfc),
		cmocka_unit_test(writes_jwk),
		cmocka_unit_test(checks_signatures_of_the_rfc),
		cmocka_unit_test(signs_as_others),
		cmocka_unit_test(signs_with_every_key),
		cmocka_unit_test(header_has_what_is_given),
		cmocka_unit_test(keeps_leading_zeros),
		cmocka_unit_test(binds_external_accounts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
