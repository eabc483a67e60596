#include "acme/order.h"

#include "tests/unit/acme_fake.h"

#define IDS                                                           \
	"\"identifiers\":[{\"type\":\"dns\",\"value\":\"*.a.test\"}," \
	"{\"type\":\"dns\",\"value\":\"a.test\"}]"
#define AUTHZ "\"authorizations\":[\"" CA "/authz/1\",\"" CA "/authz/2\"]"
#define ORDER(status)                                                          \
	"{\"status\":\"" status "\",\"expires\":\"2026-12-02T10:00:00Z\"," IDS \
	"," AUTHZ ",\"finalize\":\"" CA "/finalize/1\"}"
#define ORDER_VALID                                                  \
	"{\"status\":\"valid\"," IDS "," AUTHZ ",\"finalize\":\"" CA \
	"/finalize/1\",\"certificate\":\"" CA "/cert/1\"}"
#define HEAD_NONCE                               \
	{                                        \
		"HEAD /new-nonce", 200, "", NULL \
	}
#define PLACE "Location: " CA "/order/1"

static const char *const both[] = { "a.test", "*.a.test" };
static const struct order_wish wish = { .names = both, .n = 2 };

/* An order that the CA knows, in that state. */
static void fake_order(struct fake *f, const struct fake_reply *script,
		       enum acme_status status, struct order *o)
{
	fake_open(f, script);
	f->acme.nonce = "n0";
	*o = (struct order){
		.url = CA "/order/1",
		.status = status,
		.finalize = CA "/finalize/1",
	};
}

static void makes_an_order(void **state)
{
	struct fake f;
	struct err e = { 0 };
	struct order o;

	(void)state;
	fake_open(&f, (struct fake_reply[]){ HEAD_NONCE,
					     { "POST /new-order", 201,
					       ORDER("pending"),
					       PLACE "\nRetry-After: 3" },
					     { 0 } });
	assert_fine(order_new(&f.acme, &wish, &o, &e));
	assert_string_equal(f.payload[0],
			    "{\"identifiers\":[{\"type\":\"dns\",\"value\":"
			    "\"a.test\"},{\"type\":\"dns\",\"value\":"
			    "\"*.a.test\"}]}");
	assert_string_equal(o.url, CA "/order/1");
	assert_int_equal(o.status, ACME_PENDING);
	assert_string_equal(o.finalize, CA "/finalize/1");
	assert_null(o.certificate);
	assert_int_equal(o.authz_n, 2);
	assert_string_equal(o.authz[1], CA "/authz/2");
	assert_int_equal(o.names_n, 2);
	assert_string_equal(o.names[0], "*.a.test");
	assert_int_equal(o.expires, 1796205600);
	assert_true(o.retry_at > 0);
	fake_close(&f);
}

struct bad_order {
	const char *body, *headers;
	enum err_kind kind;
	const char *says;
};

static void refuses_broken_orders(void **state)
{
	static const struct bad_order table[] = {
		{ ORDER("pending"), NULL, ERR_PERM,
		  CA "/new-order answered 201 without the order's URL" },
		{ ORDER("pending"), "Location: /order/1", ERR_PERM,
		  "without the order's URL" },
		{ "<html>", PLACE, ERR_TEMP, "201 with text/html" },
		{ ORDER("pending"), PLACE "\nContent-Type: text/plain",
		  ERR_TEMP, "201 with text/plain where a JSON object" },
		{ ORDER("odd"), PLACE, ERR_PERM, "lacks its status" },
		{ "{\"status\":\"pending\"}", PLACE, ERR_PERM, "lacks" },
		{ "{\"status\":\"pending\",\"finalize\":\"" CA "/f\","
		  "\"authorizations\":[7]}",
		  PLACE, ERR_PERM, "lacks" },
		{ "{\"status\":\"pending\",\"finalize\":\"" CA "/f\","
		  "\"authorizations\":[\"http://ca.test/1\"]}",
		  PLACE, ERR_PERM, "lacks" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct fake f;
		struct err e = { 0 };
		struct order o;

		fake_open(&f, (struct fake_reply[]){ HEAD_NONCE,
						     { "POST /new-order", 201,
						       table[i].body,
						       table[i].headers },
						     { 0 } });
		assert_int_equal(order_new(&f.acme, &wish, &o, &e), -1);
		assert_int_equal(e.kind, table[i].kind);
		assert_says(e, table[i].says);
		fake_close(&f);
	}
}

static void names_what_is_rejected(void **state)
{
	struct fake f;
	struct err e = { 0 };
	struct order o;

	(void)state;
	fake_open(&f, (struct fake_reply[]){
			      HEAD_NONCE,
			      { "POST /new-order", 403,
				"{\"type\":\"urn:ietf:params:acme:error:"
				"rejectedIdentifier\",\"detail\":\"Policy\","
				"\"subproblems\":[{\"type\":\"urn:ietf:params:"
				"acme:error:rejectedIdentifier\",\"detail\":"
				"\"forbidden\",\"identifier\":{\"type\":"
				"\"dns\",\"value\":\"b.test\"}}]}",
				NULL },
			      { 0 } });
	assert_int_equal(order_new(&f.acme, &wish, &o, &e), -1);
	assert_int_equal(e.kind, ERR_PERM);
	assert_says(e, "rejectedIdentifier: Policy; b.test: "
		       "rejectedIdentifier: forbidden");
	fake_close(&f);
}

static void asks_only_for_listed_profiles(void **state)
{
	struct fake f;
	struct err e = { 0 };
	struct order o;
	struct order_wish w = wish;

	(void)state;
	fake_open(&f, (struct fake_reply[]){
			      HEAD_NONCE,
			      { "POST /new-order", 201, ORDER("ready"), PLACE },
			      { 0 } });
	w.profile = "long";
	assert_int_equal(order_new(&f.acme, &w, &o, &e), -1);
	assert_int_equal(e.kind, ERR_CONF);
	assert_says(e, "no profile \"long\"; it has classic, short");
	w.profile = "short";
	assert_fine(order_new(&f.acme, &w, &o, &e));
	assert_non_null(strstr(f.payload[0], "\"profile\":\"short\""));
	f.acme.directory.profile_n = 0;
	assert_int_equal(order_new(&f.acme, &w, &o, &e), -1);
	assert_says(e, "offers no profiles");
	fake_close(&f);
}

static void drops_replaces_when_it_is_minded(void **state)
{
	static const struct fake_reply minded[] = {
		{ "POST /new-order", 409, PROBLEM("alreadyReplaced", "x"),
		  NULL },
		{ "POST /new-order", 409, PROBLEM("conflict", "x"), NULL },
		{ "POST /new-order", 400, PROBLEM("malformed", "x"), NULL },
		{ "POST /new-order", 403, PROBLEM("unauthorized", "x"), NULL },
		{ "POST /new-order", 409, "<html>", NULL },
	};
	struct order_wish w = wish;

	(void)state;
	w.replaces = "aki.serial";
	for (size_t i = 0; i < COUNT(minded); i++) {
		struct fake f;
		struct err e = { 0 };
		struct order o;

		fake_open(&f,
			  (struct fake_reply[]){ HEAD_NONCE,
						 minded[i],
						 { "POST /new-order", 201,
						   ORDER("pending"), PLACE },
						 { 0 } });
		assert_fine(order_new(&f.acme, &w, &o, &e));
		assert_non_null(
			strstr(f.payload[0], "\"replaces\":\"aki.serial\""));
		assert_null(strstr(f.payload[1], "replaces"));
		fake_close(&f);
	}
}

static void keeps_replaces_from_those_who_know_it_not(void **state)
{
	struct fake f;
	struct err e = { 0 };
	struct order o;
	struct order_wish w = wish;

	(void)state;
	w.replaces = "aki.serial";
	fake_open(&f,
		  (struct fake_reply[]){ HEAD_NONCE,
					 { "POST /new-order", 400,
					   PROBLEM("malformed", "x"), NULL },
					 { 0 } });
	f.acme.directory.renewal_info = NULL;
	assert_int_equal(order_new(&f.acme, &w, &o, &e), -1);
	assert_null(strstr(f.payload[0], "replaces"));
	fake_close(&f);
}

static void reads_an_order(void **state)
{
	static const struct {
		int status;
		const char *body;
		enum err_kind kind;
	} table[] = {
		{ 200, ORDER_VALID, ERR_NONE },
		{ 404, PROBLEM("malformed", "no order"), ERR_MISSING },
		{ 403, PROBLEM("unauthorized", "not yours"), ERR_MISSING },
		{ 400, PROBLEM("accountDoesNotExist", "who"), ERR_MISSING },
		{ 400, PROBLEM("malformed", "bad"), ERR_PERM },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct fake f;
		struct err e = { 0 };
		struct order o;

		fake_order(&f,
			   (struct fake_reply[]){ { "POST /order/1",
						    table[i].status,
						    table[i].body, NULL },
						  { 0 } },
			   ACME_UNKNOWN, &o);
		assert_int_equal(order_read(&f.acme, &o, &e),
				 table[i].kind ? -1 : 0);
		assert_int_equal(e.kind, table[i].kind);
		if (!table[i].kind) {
			assert_int_equal(o.status, ACME_VALID);
			assert_string_equal(o.certificate, CA "/cert/1");
			assert_string_equal(f.payload[0], "");
		}
		fake_close(&f);
	}
}

#define ID_A "\"identifier\":{\"type\":\"dns\",\"value\":\"a.test\"}"
struct waiting {
	const char *name;
	struct fake_reply script[6];
	enum acme_status from, to;
	enum err_kind kind;
	const char *says;
};

#define POLL(body)                               \
	{                                        \
		"POST /order/1", 200, body, NULL \
	}
#define AUTHZ_BAD                                                             \
	"{\"status\":\"invalid\"," ID_A ",\"challenges\":[{\"type\":"         \
	"\"dns-01\",\"url\":\"" CA "/chal/2\",\"token\":\"t\",\"status\":"    \
	"\"invalid\",\"error\":{\"type\":\"urn:ietf:params:acme:error:dns\"," \
	"\"detail\":\"NXDOMAIN looking up TXT\"}}]}"

static void waits_until_ready(void **state)
{
	static const struct waiting table[] = {
		{ "ready at once", { { 0 } }, ACME_READY, ACME_READY, 0, "" },
		{ "valid at once", { { 0 } }, ACME_VALID, ACME_VALID, 0, "" },
		{ "one poll",
		  { POLL(ORDER("ready")), { 0 } },
		  ACME_PENDING,
		  ACME_READY,
		  0,
		  "" },
		{ "three polls",
		  { POLL(ORDER("pending")),
		    POLL(ORDER("pending")),
		    POLL(ORDER("processing")),
		    { 0 } },
		  ACME_PENDING,
		  ACME_PROCESSING,
		  0,
		  "" },
		{ "the authorization says why",
		  { POLL(ORDER("invalid")),
		    { "POST /authz/1", 200, "{\"status\":\"valid\"," ID_A "}",
		      NULL },
		    { "POST /authz/2", 200, AUTHZ_BAD, NULL },
		    { 0 } },
		  ACME_PENDING,
		  ACME_INVALID,
		  ERR_PERM,
		  "a.test: the CA says dns: NXDOMAIN looking up TXT" },
		{ "the order says why",
		  { POLL("{\"status\":\"invalid\"," IDS "," AUTHZ
			 ",\"finalize\":\"" CA
			 "/f\",\"error\":" PROBLEM("caa", "forbidden") "}"),
		    { 0 } },
		  ACME_PENDING,
		  ACME_INVALID,
		  ERR_PERM,
		  "*.a.test: the CA says caa: forbidden" },
		{ "an authorization was withdrawn",
		  { POLL(ORDER("invalid")),
		    { "POST /authz/1", 200,
		      "{\"status\":\"deactivated\"," ID_A "}", NULL },
		    { 0 } },
		  ACME_PENDING,
		  ACME_INVALID,
		  ERR_PERM,
		  "a.test: its authorization was withdrawn" },
		{ "nobody says why",
		  { POLL(ORDER("invalid")),
		    { "POST /authz/1", 200, "{\"status\":\"valid\"," ID_A "}",
		      NULL },
		    { "POST /authz/2", 200, "{\"status\":\"valid\"," ID_A "}",
		      NULL },
		    { 0 } },
		  ACME_PENDING,
		  ACME_INVALID,
		  ERR_PERM,
		  "*.a.test: the CA says invalid: no reason given" },
		{ "a state that orders do not have",
		  { POLL("{\"status\":\"revoked\",\"authorizations\":[],"
			 "\"finalize\":\"" CA "/f\"}"),
		    { 0 } },
		  ACME_PENDING,
		  ACME_REVOKED,
		  ERR_PERM,
		  "order: the CA says invalid" },
		{ "gone",
		  { { "POST /order/1", 404, PROBLEM("malformed", "gone"), NULL },
		    { 0 } },
		  ACME_PENDING,
		  ACME_PENDING,
		  ERR_MISSING,
		  "gone" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		const struct waiting *t = &table[i];
		struct fake f;
		struct err e = { 0 };
		struct order o;

		fake_order(&f, t->script, t->from, &o);
		int got = order_wait_ready(&f.acme, &o, 10000, &e);
		if (got != (t->kind ? -1 : 0) || e.kind != t->kind)
			fail_msg("%s: %d %d %s", t->name, got, (int)e.kind,
				 e.msg);
		assert_int_equal(o.status, t->to);
		assert_says(e, t->says);
		fake_close(&f);
	}
}

static void stops_waiting_at_the_limit(void **state)
{
	struct fake f;
	struct err e = { 0 };
	struct order o;

	(void)state;
	fake_order(&f,
		   (struct fake_reply[]){ { "POST /order/1", 200,
					    ORDER("pending"),
					    "Retry-After: 3600" },
					  POLL(ORDER("pending")),
					  { 0 } },
		   ACME_PENDING, &o);
	assert_int_equal(order_wait_ready(&f.acme, &o, 20, &e), -1);
	assert_int_equal(e.kind, ERR_TIMEOUT);
	assert_says(e, "the order will be resumed");
	fake_close(&f);
}

#define FINALIZE(status, body)                         \
	{                                              \
		"POST /finalize/1", status, body, NULL \
	}
#define NOT_READY PROBLEM("orderNotReady", "not now")

static const struct waiting finalizing[] = {
	{ "valid at once",
	  { FINALIZE(200, ORDER_VALID), { 0 } },
	  ACME_READY,
	  ACME_VALID,
	  0,
	  "" },
	{ "one poll",
	  { FINALIZE(200, ORDER("processing")), POLL(ORDER_VALID), { 0 } },
	  ACME_READY,
	  ACME_VALID,
	  0,
	  "" },
	{ "resumed while it is processing",
	  { POLL(ORDER("processing")), POLL(ORDER_VALID), { 0 } },
	  ACME_PROCESSING,
	  ACME_VALID,
	  0,
	  "" },
	{ "the first reply was lost and it is processing",
	  { FINALIZE(FAKE_LOST, NULL),
	    HEAD_NONCE,
	    FINALIZE(403, NOT_READY),
	    POLL(ORDER("processing")),
	    POLL(ORDER_VALID),
	    { 0 } },
	  ACME_READY,
	  ACME_VALID,
	  0,
	  "" },
	{ "the first reply was lost and it is valid",
	  { FINALIZE(FAKE_LOST, NULL),
	    HEAD_NONCE,
	    FINALIZE(403, NOT_READY),
	    POLL(ORDER_VALID),
	    { 0 } },
	  ACME_READY,
	  ACME_VALID,
	  0,
	  "" },
	{ "not ready yet",
	  { FINALIZE(403, NOT_READY),
	    POLL(ORDER("pending")),
	    POLL(ORDER("ready")),
	    POLL(ORDER("ready")),
	    FINALIZE(200, ORDER_VALID),
	    { 0 } },
	  ACME_READY,
	  ACME_VALID,
	  0,
	  "" },
	{ "still ready",
	  { FINALIZE(403, NOT_READY),
	    POLL(ORDER("ready")),
	    POLL(ORDER("ready")),
	    FINALIZE(200, ORDER_VALID),
	    { 0 } },
	  ACME_READY,
	  ACME_VALID,
	  0,
	  "" },
	{ "invalid afterwards",
	  { FINALIZE(200, ORDER("processing")),
	    POLL("{\"status\":\"invalid\"," IDS "," AUTHZ ",\"finalize\":\"" CA
		 "/f\",\"error\":" PROBLEM("serverInternal", "HSM") "}"),
	    { 0 } },
	  ACME_READY,
	  ACME_INVALID,
	  ERR_TEMP,
	  "serverInternal: HSM" },
	{ "bad CSR",
	  { FINALIZE(400, PROBLEM("badCSR", "names differ")), { 0 } },
	  ACME_READY,
	  ACME_READY,
	  ERR_PERM,
	  "badCSR: names differ" },
	{ "valid without a certificate",
	  { FINALIZE(200, ORDER("valid")), { 0 } },
	  ACME_READY,
	  ACME_VALID,
	  ERR_TEMP,
	  "names no certificate" },
};

static void finalizes(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(finalizing); i++) {
		const struct waiting *t = &finalizing[i];
		struct fake f;
		struct err e = { 0 };
		struct order o;

		fake_order(&f, t->script, t->from, &o);
		int got = order_finalize(&f.acme, &o, STR_LIT("\1\2\3"), 10000,
					 &e);
		if (got != (t->kind ? -1 : 0) || e.kind != t->kind)
			fail_msg("%s: %d %d %s", t->name, got, (int)e.kind,
				 e.msg);
		assert_int_equal(o.status, t->to);
		assert_says(e, t->says);
		if (f.script[0].status == 200 && t->from == ACME_READY)
			assert_string_equal(f.payload[0], "{\"csr\":\"AQID\"}");
		if (!got)
			assert_string_equal(o.certificate, CA "/cert/1");
		fake_close(&f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(makes_an_order),
		cmocka_unit_test(refuses_broken_orders),
		cmocka_unit_test(names_what_is_rejected),
		cmocka_unit_test(asks_only_for_listed_profiles),
		cmocka_unit_test(drops_replaces_when_it_is_minded),
		cmocka_unit_test(keeps_replaces_from_those_who_know_it_not),
		cmocka_unit_test(reads_an_order),
		cmocka_unit_test(waits_until_ready),
		cmocka_unit_test(stops_waiting_at_the_limit),
		cmocka_unit_test(finalizes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
