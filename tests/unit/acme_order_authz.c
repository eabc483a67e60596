#include "acme/order.h"

#include "tests/unit/acme_fake.h"

#define ID_A "\"identifier\":{\"type\":\"dns\",\"value\":\"a.test\"}"
#define DNS01                                                       \
	"{\"type\":\"dns-01\",\"url\":\"" CA "/chal/2\",\"token\":" \
	"\"tok-EN_1\",\"status\":\"pending\"}"

struct read_authz {
	const char *body, *type;
	const char *url, *token, *issuer, *offered;
	bool wildcard;
	enum acme_status status;
};

static void picks_the_challenge(void **state)
{
	static const struct read_authz table[] = {
		{ "{\"status\":\"pending\",\"wildcard\":true," ID_A
		  ",\"challenges\":[{\"type\":\"http-01\",\"url\":\"" CA
		  "/chal/1\",\"token\":\"t\"}," DNS01 "]}",
		  "dns-01", CA "/chal/2", "tok-EN_1", NULL, "http-01 dns-01",
		  true, ACME_PENDING },
		/* what cannot be understood is passed over */
		{ "{\"status\":\"pending\"," ID_A ",\"challenges\":[7,{},"
		  "{\"type\":\"dns-01\",\"url\":\"" CA "/chal/8\"},"
		  "{\"type\":\"dns-01\",\"token\":\"t\"},"
		  "{\"type\":\"dns-01\",\"url\":\"" CA "/chal/9\","
		  "\"token\":\"no token!\"},{\"type\":\"dns-99\"}," DNS01 "]}",
		  "dns-01", CA "/chal/2", "tok-EN_1", NULL,
		  "dns-01 dns-01 dns-01 dns-99 dns-01", false, ACME_PENDING },
		{ "{\"status\":\"valid\"," ID_A ",\"challenges\":[]}", "dns-01",
		  NULL, NULL, NULL, "", false, ACME_VALID },
		{ "{\"status\":\"deactivated\"," ID_A "}", "dns-01", NULL, NULL,
		  NULL, "", false, ACME_DEACTIVATED },
		{ "{\"status\":\"pending\"," ID_A ",\"challenges\":[" DNS01
		  ",{\"type\":\"dns-persist-01\",\"url\":\"" CA
		  "/chal/3\",\"issuer-domain-names\":[\"ca.test\",\"b\"]}]}",
		  "dns-persist-01", CA "/chal/3", NULL, "ca.test",
		  "dns-01 dns-persist-01", false, ACME_PENDING },
		{ "{\"status\":\"pending\"," ID_A ",\"challenges\":["
		  "{\"type\":\"dns-persist-01\",\"url\":\"" CA "/chal/3\"}]}",
		  "dns-persist-01", NULL, NULL, NULL, "dns-persist-01", false,
		  ACME_PENDING },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		const struct read_authz *t = &table[i];
		struct fake f;
		struct err e = { 0 };
		struct authz z;

		fake_open(&f, (struct fake_reply[]){
				      { "HEAD /new-nonce", 200, "", NULL },
				      { "POST /authz/1", 200, t->body, NULL },
				      { 0 } });
		assert_fine(
			order_authz(&f.acme, CA "/authz/1", t->type, &z, &e));
		assert_string_equal(z.name, "a.test");
		assert_string_equal(z.url, CA "/authz/1");
		assert_true(str_same(str_of(z.challenge_url), str_of(t->url)));
		assert_true(str_same(str_of(z.token), str_of(t->token)));
		assert_true(str_same(str_of(z.issuer), str_of(t->issuer)));
		assert_string_equal(z.offered, t->offered);
		assert_int_equal(z.wildcard, t->wildcard);
		assert_int_equal(z.status, t->status);
		fake_close(&f);
	}
}

static void refuses_nameless_authorizations(void **state)
{
	static const char *const table[] = {
		"{\"status\":\"pending\"}",
		"{" ID_A "}",
		"[]",
		"{\"status\":\"pending\",\"identifier\":{\"value\":7}}",
	};
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct fake f;
		struct err e = { 0 };
		struct authz z;

		fake_open(&f, (struct fake_reply[]){
				      { "HEAD /new-nonce", 200, "", NULL },
				      { "POST /authz/1", 200, table[i],
					"Content-Type: application/json" },
				      { 0 } });
		assert_int_equal(order_authz(&f.acme, CA "/authz/1", "dns-01",
					     &z, &e),
				 -1);
		assert_says(e, CA "/authz/1 answered");
		fake_close(&f);
	}
}

static void answers_a_challenge(void **state)
{
	const struct authz z = { .url = CA "/authz/1",
				 .name = "a.test",
				 .challenge_url = CA "/chal/2",
				 .token = "t" };
	struct fake f;
	struct err e = { 0 };

	(void)state;
	fake_open(&f,
		  (struct fake_reply[]){ { "HEAD /new-nonce", 200, "", NULL },
					 { "POST /chal/2", 200, DNS01, NULL },
					 { 0 } });
	assert_fine(order_answer(&f.acme, &z, &e));
	assert_string_equal(f.payload[0], "{}");
	fake_close(&f);
}

struct second_answer {
	const char *type;  /* of the refusal */
	const char *authz; /* NULL: not asked */
	int status;
};

static void may_answer_twice(void **state)
{
	static const struct second_answer table[] = {
		{ PROBLEM("malformed", "not pending"),
		  "{\"status\":\"valid\"," ID_A "}", 0 },
		{ PROBLEM("malformed", "not pending"),
		  "{\"status\":\"pending\"," ID_A ",\"challenges\":[{"
		  "\"type\":\"dns-01\",\"url\":\"" CA "/chal/2\",\"token\":"
		  "\"t\",\"status\":\"processing\"}]}",
		  0 },
		{ PROBLEM("malformed", "odd"),
		  "{\"status\":\"pending\"," ID_A ",\"challenges\":[" DNS01
		  "]}",
		  -1 },
		{ PROBLEM("unauthorized", "no"), NULL, -1 },
	};
	const struct authz z = { .url = CA "/authz/1",
				 .name = "a.test",
				 .challenge_url = CA "/chal/2",
				 .token = "t" };
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct fake f;
		struct err e = { 0 };

		fake_open(&f,
			  (struct fake_reply[]){
				  { "HEAD /new-nonce", 200, "", NULL },
				  { "POST /chal/2", FAKE_LOST, NULL, NULL },
				  { "HEAD /new-nonce", 200, "", NULL },
				  { "POST /chal/2", 400, table[i].type, NULL },
				  { table[i].authz ? "POST /authz/1" : NULL,
				    200, table[i].authz, NULL },
				  { 0 } });
		assert_int_equal(order_answer(&f.acme, &z, &e),
				 table[i].status);
		if (table[i].status)
			assert_says(e, "a.test: " CA "/chal/2 answered");
		fake_close(&f);
	}
}

static void deactivates_an_authorization(void **state)
{
	struct fake f;
	struct err e = { 0 };

	(void)state;
	fake_open(&f,
		  (struct fake_reply[]){ { "HEAD /new-nonce", 200, "", NULL },
					 { "POST /authz/1", 200, "{}", NULL },
					 { 0 } });
	assert_fine(order_deactivate_authz(&f.acme, CA "/authz/1", &e));
	assert_string_equal(f.payload[0], "{\"status\":\"deactivated\"}");
	fake_close(&f);
}

/* The key of RFC 7517 A.2; the digest was computed with openssl. */
static void computes_txt_values(void **state)
{
	static const char jwk[] =
		"{\"kty\":\"EC\",\"crv\":\"P-256\","
		"\"x\":\"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4\","
		"\"y\":\"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM\","
		"\"d\":\"870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE\"}";
	AUTO(key) struct key *k = NULL;
	AUTO(buf) struct buf out = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_fine(key_read_jwk(str_of(jwk), &k, &e));
	assert_fine(order_dns01_value(k, "evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ",
				      &out, &e));
	assert_string_equal(buf_c(&out),
			    "bEr7QNSDgHpXvyXz8AXkbDqIeZbP_4QU01CztzU-WSE");
	buf_clear(&out);
	order_persist_value("ca.test", CA "/account/1", false, &out);
	assert_string_equal(buf_c(&out),
			    "ca.test; accounturi=" CA "/account/1");
	buf_clear(&out);
	order_persist_value("ca.test", CA "/account/1", true, &out);
	assert_string_equal(buf_c(&out), "ca.test; accounturi=" CA
					 "/account/1; policy=wildcard");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(picks_the_challenge),
		cmocka_unit_test(refuses_nameless_authorizations),
		cmocka_unit_test(answers_a_challenge),
		cmocka_unit_test(may_answer_twice),
		cmocka_unit_test(deactivates_an_authorization),
		cmocka_unit_test(computes_txt_values),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
