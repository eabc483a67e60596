#include "acme/order.h"

#include "tests/unit/acme_chains.h"
#include "tests/unit/acme_fake.h"

#define PEM_TYPE "Content-Type: application/pem-certificate-chain"
#define ALTERNATES                                                      \
	PEM_TYPE "\nLink: <" CA "/cert/1/2>;rel=\"alternate\"\nLink: <" \
		 "/cert/1/3>;rel=\"alternate\""

struct chains {
	const char *preferred;
	struct fake_reply script[4];
	bool chosen;
	const char *pem;
};

/* An order whose certificate is ready. */
static void fake_valid(struct fake *f, const struct fake_reply *script,
		       struct order *o)
{
	fake_open(f, script);
	f->acme.nonce = "n0";
	*o = (struct order){
		.url = CA "/order/1",
		.status = ACME_VALID,
		.certificate = CA "/cert/1",
	};
}

static void chooses_the_chain(void **state)
{
	static const struct chains table[] = {
		{ NULL,
		  { { "POST /cert/1", 200, CHAIN_A, ALTERNATES }, { 0 } },
		  true,
		  CHAIN_A },
		{ "Inter A",
		  { { "POST /cert/1", 200, CHAIN_A, ALTERNATES }, { 0 } },
		  true,
		  CHAIN_A },
		{ "Inter B",
		  { { "POST /cert/1", 200, CHAIN_A, ALTERNATES },
		    { "POST /cert/1/2", 200, CHAIN_A, PEM_TYPE },
		    { "POST /cert/1/3", 200, CHAIN_B, PEM_TYPE },
		    { 0 } },
		  true,
		  CHAIN_B },
		{ "Inter C",
		  { { "POST /cert/1", 200, CHAIN_A, ALTERNATES },
		    { "POST /cert/1/2", 200, CHAIN_A, PEM_TYPE },
		    { "POST /cert/1/3", 200, CHAIN_B, PEM_TYPE },
		    { 0 } },
		  false,
		  CHAIN_A },
		{ "Inter C",
		  { { "POST /cert/1", 200, CHAIN_A, PEM_TYPE }, { 0 } },
		  false,
		  CHAIN_A },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		const struct chains *t = &table[i];
		struct fake f;
		struct err e = { 0 };
		struct order o;
		bool chosen = !t->chosen;
		AUTO(buf) struct buf pem = { 0 };

		fake_valid(&f, t->script, &o);
		assert_fine(order_certificate(&f.acme, &o, t->preferred, &pem,
					      &chosen, &e));
		assert_int_equal(chosen, t->chosen);
		assert_string_equal(buf_c(&pem), t->pem);
		fake_close(&f);
	}
}

static void refuses_what_is_no_chain(void **state)
{
	static const char *const table[] = {
		"",
		"<html>",
		"{}",
		"-----BEGIN CERTIFICATE-----\nMIIB",
	};
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct fake f;
		struct err e = { 0 };
		struct order o;
		bool chosen;
		AUTO(buf) struct buf pem = { 0 };

		fake_valid(&f,
			   (struct fake_reply[]){
				   { "POST /cert/1", 200, table[i], PEM_TYPE },
				   { 0 } },
			   &o);
		assert_int_equal(order_certificate(&f.acme, &o, NULL, &pem,
						   &chosen, &e),
				 -1);
		assert_int_equal(e.kind, ERR_TEMP);
		assert_says(e, CA "/cert/1 answered 200 with no certificate");
		fake_close(&f);
	}
}

static void revokes(void **state)
{
	struct fake f;
	struct err e = { 0 };

	(void)state;
	fake_open(&f, (struct fake_reply[]){
			      { "HEAD /new-nonce", 200, "", NULL },
			      { "POST /revoke", 200, "", NULL },
			      { "POST /revoke", 400,
				PROBLEM("alreadyRevoked", "was"), NULL },
			      { "POST /revoke", 403,
				PROBLEM("unauthorized", "no"), NULL },
			      { 0 } });
	assert_fine(order_revoke(&f.acme, STR_LIT(CHAIN_A), NULL, 4, &e));
	assert_non_null(strstr(f.payload[0], "\"certificate\":\"MII"));
	assert_non_null(strstr(f.payload[0], "\"reason\":4"));
	assert_non_null(strstr(f.protected[0], "\"kid\""));
	assert_fine(order_revoke(&f.acme, STR_LIT(CHAIN_A), f.key, 0, &e));
	assert_null(strstr(f.payload[1], "reason"));
	assert_non_null(strstr(f.protected[1], "\"jwk\""));
	assert_int_equal(order_revoke(&f.acme, STR_LIT(CHAIN_A), NULL, 0, &e),
			 -1);
	assert_int_equal(e.kind, ERR_AUTH);
	assert_int_equal(order_revoke(&f.acme, STR_LIT("x"), NULL, 0, &e), -1);
	f.acme.directory.revoke_cert = NULL;
	assert_int_equal(order_revoke(&f.acme, STR_LIT(CHAIN_A), NULL, 0, &e),
			 -1);
	assert_says(e, "offers no revocation");
	fake_close(&f);
}

static void reads_reasons(void **state)
{
	static const struct {
		const char *text;
		int reason; /* -1: refused */
	} table[] = {
		{ "unspecified", 0 },
		{ "keyCompromise", 1 },
		{ "keycompromise", 1 },
		{ "superseded", 4 },
		{ "cessationOfOperation", 5 },
		{ "5", 5 },
		{ "0", 0 },
		{ "2", -1 },
		{ "", -1 },
		{ "certificateHold", -1 },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct err e = { 0 };
		int reason = -1;

		assert_int_equal(order_reason_parse(table[i].text, &reason, &e),
				 table[i].reason < 0 ? -1 : 0);
		assert_int_equal(reason, table[i].reason);
		assert_int_equal(e.kind,
				 table[i].reason < 0 ? ERR_USAGE : ERR_NONE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chooses_the_chain),
		cmocka_unit_test(refuses_what_is_no_chain),
		cmocka_unit_test(revokes),
		cmocka_unit_test(reads_reasons),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
