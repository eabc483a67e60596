/* Signatures with an RSA key, as the vendors' own programs made them with the
 * key of RFC 7515 A.2.1. */
#include "crypto/ossl.h"

#include <openssl/rsa.h>

#include "base/b64.h"
#include "tests/unit/sign.h"

/* npm oci-common 2.142.1. */
static void oracle(void **state)
{
	AUTO(secret) struct buf text = { 0 };
	const char *pem = sign_test_pem(&text);
	const struct vector table[] = {
		{
			.source = "oci-common, GET",
			.name = "oci_http_sig",
			.method = "GET",
			.url = "https://dns.eu-frankfurt-1.oraclecloud.com/20180115/zone"
			       "s/example.org/records?domain=a.example.org&rtype=TXT&com"
			       "partmentId=a%20b",
			.secret = { .id = "ocid1.tenancy.oc1..t/ocid1.user.oc1..u/aa:bb",
				    .key = pem },
			.covers = IN_URL | IN_TIME | IN_METHOD,
			.where = "Authorization",
			.want = "Signature version=\"1\",keyId=\"ocid1.tenancy.oc1..t/oci"
				"d1.user.oc1..u/aa:bb\",algorithm=\"rsa-sha256\",headers="
				"\"x-date (request-target) host\",signature=\"O9DbuLxEZnW"
				"8RNtNTFX3YjNXYhOORCws+KXx2I0686fFStL7fHYn4t64Qx7mxMUa2T9"
				"Jwj/JSGjfDmsr5ZY9ehmjZg7RarfAZol3WyBUZiTfVqFCrjdK8krMFJK"
				"ai+LuqmFRAcDdZGipqJb6BMJxDwCUZz6VrM4ym7dxX0iz4zD/aRKKFZg"
				"1uCQ3yJmjaRJa6QhOqUzIa/rc4R652XqJEM8u67g0AUT1D6NLI0FRh50"
				"zRi0MPL85Us3HDB972JbJUywiaESDWQ652JvcG8JCYPJW27+Zc/b5fes"
				"1hShA9pn29NNdAwDamfFwMsnIA4WQeOWM9NJDgovV4PiyH9vA3A==\"",
		},
		{
			.source = "oci-common, PATCH",
			.name = "oci_http_sig",
			.method = "PATCH",
			.url = "https://dns.eu-frankfurt-1.oraclecloud.com/20180115/zone"
			       "s/example.org/records",
			.body = "{\"items\":[{\"rdata\":\"\\\"\xc3"
				"\xa9"
				"\\\"\"}]}",
			.headers = { { "Content-Type", " application/json " } },
			.secret = { .id = "ocid1.tenancy.oc1..t/ocid1.user.oc1..u/aa:bb",
				    .key = pem },
			.covers = IN_BODY | IN_URL | IN_TIME | IN_METHOD,
			.where = "Authorization",
			.want = "...signature=\"jo4K9MoBD31BJiTtTvNN7VUSMZEmTdp0mNTSHApfq"
				"hiuTZqNi2Ul812hJmh1S6GV9tLjxu/8GQVNM0GOfxmrBXvug20CK9px3"
				"/NTdZgeyia8GIMOVjW26MxEEOZEu8LKF+SDjfBmgnEE9nt0o3qvk+4j/"
				"Un05vLlR35kATG8yiPwl0E65m0bHqqQ9V8EWZNvTssi2TjX2myLl535g"
				"PT69zruaqSda6fBd1SVMeVlzi88YvbJTO+1sfaMacrvpQbABh/yrr34e"
				"IolVZOQahqakUuB5cy2qbBBmHYrq51gptgpjak4epe4XuUjUv2h4HqEp"
				"ZEUxYQVBlsndKkczj/8Qg==\"",
		},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++)
		assert_signs(&table[i]);
}

/* npm jws 4, by which google-auth-library 10.9.1 signs. */
static void google(void **state)
{
	AUTO(secret) struct buf text = { 0 };
	const char *pem = sign_test_pem(&text);
	const struct vector table[] = {
		{
			.source = "jws, service account",
			.name = "jwt_rs256",
			.method = "POST",
			.url = "https://oauth2.googleapis.com/token",
			.secret = { .id = "a@b.iam.gserviceaccount.com",
				    .key = pem,
				    .key_id = "kid1",
				    .audience =
					    "https://oauth2.googleapis.com/token",
				    .scope =
					    "https://www.googleapis.com/auth/ndev.clouddns.readwrite" },
			.covers = IN_TIME,
			.where = "text",
			.want = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6ImtpZDEifQ.e"
				"yJpc3MiOiJhQGIuaWFtLmdzZXJ2aWNlYWNjb3VudC5jb20iLCJzY29wZ"
				"SI6Imh0dHBzOi8vd3d3Lmdvb2dsZWFwaXMuY29tL2F1dGgvbmRldi5jb"
				"G91ZGRucy5yZWFkd3JpdGUiLCJhdWQiOiJodHRwczovL29hdXRoMi5nb"
				"29nbGVhcGlzLmNvbS90b2tlbiIsImV4cCI6MTc5MDAwMzYwMCwiaWF0I"
				"joxNzkwMDAwMDAwfQ.FEAQnJMEIcpWYn5PwPzkFity4tmI4FVIV1AVYQ"
				"zOgcFoyDXt3D9Kb0GVuIWv0YzrrNmnNWR489kHbbHLeWZ3egmHrZ4qQm"
				"rilWTq-MnOwB0l_B64h11IyJ_QWddK2qthZ-t1PfMieTL7MS0IpVpqaK"
				"b39L_iTjvjVTejrn0hIBG1h2yk-bdKuiF37xNEGaRn3CUx39_K4WqHYE"
				"mzgRAJN0WxSG-I-F1zEDdzgSgzMUttO96iPBMDwonPbeMVM9v2FRaNNG"
				"ccBel-CGg9u__Wf3_tWE64tyxO0EhmoiwJO4zR7W9-dlua_DYcBDXUhJ"
				"Y2Gd7uQgD3myaSfGet64C9BQ",
		},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++)
		assert_signs(&table[i]);
}

/* npm node-forge, an RSA of its own; SHA-512 and PKCS #1 v1.5 over the body. */
static void transip(void **state)
{
	AUTO(secret) struct buf text = { 0 };
	const char *pem = sign_test_pem(&text);
	const struct vector table[] = {
		{
			.source = "node-forge, login",
			.name = "rsa512_login",
			.method = "POST",
			.url = "https://api.transip.nl/v6/auth",
			.body = "{\"login\":\"test-user\",\"nonce\":\"98475920834\"}",
			.secret = { .key = pem },
			.covers = IN_BODY,
			.where = "Signature",
			.want = "EIq0KZB5q3i30vvvMVfO8E2DTsojwrP86HbU7dNBIoEpHxh7FFkvhPoC"
				"Ia+WrTSV3zJxkZbdAmBxADkF51UrLAtxbQ3QXEBzAbDyZKaJnjlC6iXK"
				"Ytdys+1bfhaLkH3lnEDRn3q3N5G8VEv6vj5cybCdB4fD4n8mPelo0p8Q"
				"01MINWMoVBXnrkYhuJRr0N9q4uLIgWeH3wPJfDqRlUotgGAKDxy7hzpo"
				"NJRyqKG/w400rkauPgTJKANbdvQFAn+k8HKiYgN2IWaFn37agA5q3l+H"
				"FtR3waRF0itUulqWi+yl7iyyZiJOqN6zQl10IJ0HbX41JwpUeLHVRIa4"
				"TMF1rA==",
		},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++)
		assert_signs(&table[i]);
}

/* npm jsonwebtoken 9.0.3, by which Yandex' SDK signs, with the claims below. */
static const char foreign_ps256[] =
	"eyJhbGciOiJQUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6ImtpZDEifQ.e"
	"yJpc3MiOiJhamVpZCIsImF1ZCI6Imh0dHBzOi8vaWFtLmFwaS5jbG91Z"
	"C55YW5kZXgubmV0L2lhbS92MS90b2tlbnMiLCJleHAiOjE3OTAwMDM2M"
	"DAsImlhdCI6MTc5MDAwMDAwMH0.UWRuL5Xr4ow2ZnhByRdRo1xlKZIy8"
	"QQKXbovmiuJbYVmkBlRi17e8TTRYi3bbNlnm1Aesb_PExwCYzsCVk46_"
	"qnH01IBy-_KSAe6VGQO1N9u_vJo8_pitqAQTqFjEuK2zKVT9HoGfwvU7"
	"S4pnnKn-FeCo0HzjbwaHQlKw02-RTyOr19za_Tw19DvWoHZCo3NeNc4x"
	"44UQIVM7Ux6iBRh9WiBjO_pdbl4yEVtX1POHImTiKHIPIocO-iynhNev"
	"5ZnpFAeWgroun1nmJGcrrETR-YOnYWiEYCQJmzFbyd5UCbuFa5FP_A5P"
	"C74L5R1OGzn67N4PyY14svRj6fhyphhnA";

/* RFC 7518 3.5, by OpenSSL and not by the module. */
static bool verifies_ps256(const char *pem, const char *token)
{
	struct str text = str_of(token);
	const char *dot = strrchr(token, '.');
	AUTO(buf) struct buf sig = { 0 };
	AUTO(key) struct key *k = NULL;
	struct err e = { 0 };
	EVP_PKEY_CTX *p = NULL;

	assert_non_null(dot);
	assert_int_equal(b64url_read(str_of(dot + 1), &sig), 0);
	assert_int_equal(key_read(str_of(pem), &k, &e), 0);
	AUTO(mdctx) EVP_MD_CTX *c = EVP_MD_CTX_new();
	assert_int_equal(EVP_DigestVerifyInit_ex(c, &p, "SHA256", NULL, NULL,
						 k->pkey, NULL),
			 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(p, RSA_PKCS1_PSS_PADDING),
			 1);
	assert_int_equal(
		EVP_PKEY_CTX_set_rsa_pss_saltlen(p, RSA_PSS_SALTLEN_DIGEST), 1);
	return EVP_DigestVerify(c, (const unsigned char *)sig.at, sig.n,
				(const unsigned char *)text.at,
				(size_t)(dot - token)) == 1;
}

/* Salted: header and claims are the other's to the byte, and the verifier
 * that takes the other's signature takes ours. */
static void yandex(void **state)
{
	AUTO(secret) struct buf text = { 0 };
	const char *pem = sign_test_pem(&text);
	const struct vector v = {
		.source = "jsonwebtoken, IAM token",
		.name = "jwt_ps256",
		.method = "POST",
		.url = "https://iam.api.cloud.yandex.net/iam/v1/tokens",
		.secret = { .id = "ajeid",
			    .key = pem,
			    .key_id = "kid1",
			    .audience = "https://iam.api.cloud.yandex.net/"
					"iam/v1/tokens" },
		.where = "text",
	};
	AUTO(sign_out) struct sign_out out = { 0 };
	struct err e = { 0 };
	struct trial t;

	(void)state;
	trial_make(&v, &t);
	const char *ours = trial_sign(&v, &t, &out, &e);
	assert_non_null(ours);
	size_t n = (size_t)(strrchr(foreign_ps256, '.') - foreign_ps256);
	assert_memory_equal(ours, foreign_ps256, n + 1);
	assert_true(verifies_ps256(pem, foreign_ps256));
	assert_true(verifies_ps256(pem, ours));
	char *changed = mem_str(&t.mem, ours);
	changed[10] ^= 1;
	assert_false(verifies_ps256(pem, changed));
	trial_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(oracle),
		cmocka_unit_test(google),
		cmocka_unit_test(transip),
		cmocka_unit_test(yandex),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
