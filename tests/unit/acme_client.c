#include "acme/client.h"
#include "base/clock.h"
#include "base/stop.h"

#include "tests/unit/acme_fake.h"

#define OK_BODY "{\"status\":\"pending\"}"

static void reads_the_directory(void **state)
{
	struct fake f;

	(void)state;
	fake_open(&f, (struct fake_reply[]){ { 0 } });
	const struct acme_directory *d = &f.acme.directory;
	assert_string_equal(f.acme.url, CA "/dir");
	assert_string_equal(d->new_nonce, CA "/new-nonce");
	assert_string_equal(d->key_change, CA "/key-change");
	assert_string_equal(d->renewal_info, CA "/ari");
	assert_string_equal(d->terms, CA "/terms");
	assert_null(d->website);
	assert_false(d->eab_required);
	assert_int_equal(d->profile_n, 2);
	assert_string_equal(d->profile[0], "classic");
	assert_string_equal(d->profile[1], "short");
	assert_int_equal(d->caa_n, 1);
	assert_string_equal(d->caa[0], "ca.test");
	fake_close(&f);
}

struct opening {
	const char *expect;
	int status;
	const char *body, *headers;
	enum err_kind kind;
	const char *says;
};

static void refuses_what_is_no_directory(void **state)
{
	static const struct opening table[] = {
		{ "GET /x", 200, "<html>hello</html>", NULL, ERR_CONF,
		  CA "/x answered 200 with text/html" },
		{ "GET /x", 200, "{\"newNonce\":\"" CA "/n\"}", NULL, ERR_CONF,
		  "newOrder is missing" },
		{ "GET /x", 200, "[]", "Content-Type: application/json",
		  ERR_CONF, "other JSON" },
		{ "GET /x", 200,
		  "{\"newNonce\":\"http://ca.test/n\",\"newAccount\":\"" CA
		  "/a\",\"newOrder\":\"" CA "/o\"}",
		  NULL, ERR_CONF, "newNonce" },
		{ "GET /x", 404, "not here", NULL, ERR_CONF,
		  "check acme.server: " CA "/x answered 404" },
		{ "GET /x", 403, "<p>", NULL, ERR_CONF, "answered 403" },
		{ "GET /x", 301, "", "Location: " CA "/y", ERR_CONF,
		  "points to " CA "/y" },
		{ "GET /x", 429, "", "Retry-After: 86400", ERR_TEMP,
		  "rate limited until" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		const struct opening *t = &table[i];
		struct fake_reply script[] = {
			{ t->expect, t->status, t->body, t->headers },
			{ 0 },
		};
		struct fake f = { .http = { .send = fake_send },
				  .script = script };
		struct err e = { 0 };

		assert_int_equal(acme_open(&f.acme, CA "/x", &f.http, &e), -1);
		assert_int_equal(e.kind, t->kind);
		assert_says(e, t->says);
		fake_close(&f);
	}
}

static void signs_with_kid_nonce_and_url(void **state)
{
	struct fake f;
	struct err e = { 0 };
	AUTO(acme_reply) struct acme_reply r = { 0 };
	AUTO(json) json_t *p = json_pack("{s:s}", "a", "b");

	(void)state;
	fake_open(&f, (struct fake_reply[]){
			      { "HEAD /new-nonce", 200, "", NULL },
			      { "POST /x", 201, OK_BODY, NULL },
			      { "POST /x", 200, OK_BODY, NULL },
			      { "POST /new-account", 200, OK_BODY, NULL },
			      { 0 } });
	assert_fine(acme_post(&f.acme, CA "/x", p, &r, &e));
	assert_int_equal(r.http.status, 201);
	assert_string_equal(acme_text(r.json, "status"), "pending");
	assert_fine(acme_post(&f.acme, CA "/x", NULL, &r, &e));
	assert_fine(
		acme_post_jwk(&f.acme, CA "/new-account", f.key, p, &r, &e));
	assert_string_equal(f.payload[0], "{\"a\":\"b\"}");
	assert_non_null(strstr(f.protected[0], "\"nonce\":\"nonce1\""));
	assert_non_null(strstr(f.protected[0], "\"url\":\"" CA "/x\""));
	assert_non_null(strstr(f.protected[0], "\"kid\":\"" CA "/account/1\""));
	assert_null(strstr(f.protected[0], "\"jwk\""));
	assert_string_equal(f.payload[1], "");
	assert_non_null(strstr(f.protected[1], "\"nonce\":\"nonce2\""));
	assert_non_null(strstr(f.protected[2], "\"jwk\":{"));
	assert_null(strstr(f.protected[2], "\"kid\""));
	fake_close(&f);
}

static void needs_an_account(void **state)
{
	struct fake f;
	struct err e = { 0 };
	AUTO(acme_reply) struct acme_reply r = { 0 };

	(void)state;
	fake_open(&f, (struct fake_reply[]){ { 0 } });
	f.acme.kid = NULL;
	assert_int_equal(acme_post(&f.acme, CA "/x", NULL, &r, &e), -1);
	assert_int_equal(e.kind, ERR_MISSING);
	fake_close(&f);
}

/* Whatever nonce the directory's answer carries saves a request. */
static void takes_the_nonce_of_any_answer(void **state)
{
	struct fake f;
	struct err e = { 0 };
	AUTO(acme_reply) struct acme_reply r = { 0 };

	(void)state;
	fake_open(&f,
		  (struct fake_reply[]){ { "GET /info", 200, "{}", NULL },
					 { "POST /x", 200, "{}", "no nonce" },
					 { "HEAD /new-nonce", 204, "", NULL },
					 { "POST /x", 200, "{}", NULL },
					 { 0 } });
	assert_fine(acme_get(&f.acme, CA "/info", &r, &e));
	assert_fine(acme_post(&f.acme, CA "/x", NULL, &r, &e));
	assert_fine(acme_post(&f.acme, CA "/x", NULL, &r, &e));
	fake_close(&f);
}

static void passes_over_hostile_nonces(void **state)
{
	static const char *const bad[] = {
		"no nonce\nReplay-Nonce: a\"b",
		"no nonce\nReplay-Nonce: a\\",
		"no nonce\nReplay-Nonce: a b",
		"no nonce\nReplay-Nonce:",
	};
	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct fake f;
		struct err e = { 0 };
		AUTO(acme_reply) struct acme_reply r = { 0 };

		fake_open(&f,
			  (struct fake_reply[]){
				  { "GET /info", 200, "{}", bad[i] }, { 0 } });
		assert_fine(acme_get(&f.acme, CA "/info", &r, &e));
		assert_null(f.acme.nonce);
		fake_close(&f);
	}
}

#define BAD_NONCE PROBLEM("badNonce", "JWS has an invalid anti-replay nonce")

static void signs_again_at_a_bad_nonce(void **state)
{
	struct fake f;
	struct err e = { 0 };
	AUTO(acme_reply) struct acme_reply r = { 0 };

	(void)state;
	fake_open(&f, (struct fake_reply[]){
			      { "HEAD /new-nonce", 200, "", NULL },
			      { "POST /x", 400, BAD_NONCE, NULL },
			      { "POST /x", 400, BAD_NONCE, "no nonce" },
			      { "HEAD /new-nonce", 200, "", NULL },
			      { "POST /x", 200, OK_BODY, NULL },
			      { 0 } });
	assert_fine(acme_post(&f.acme, CA "/x", NULL, &r, &e));
	assert_non_null(strstr(f.protected[1], "\"nonce\":\"nonce2\""));
	assert_non_null(strstr(f.protected[2], "\"nonce\":\"nonce3\""));
	assert_int_equal(e.kind, ERR_NONE);
	assert_string_equal(r.problem.type, "");
	fake_close(&f);
}

/* Thirty in a row are no reason to give up within half a minute. */
static void bears_many_bad_nonces(void **state)
{
	struct fake_reply script[33] = { { "HEAD /new-nonce", 200, "", NULL } };
	struct fake f;
	struct err e = { 0 };
	AUTO(acme_reply) struct acme_reply r = { 0 };

	(void)state;
	for (size_t i = 1; i < 31; i++)
		script[i] =
			(struct fake_reply){ "POST /x", 400, BAD_NONCE, NULL };
	script[31] = (struct fake_reply){ "POST /x", 200, OK_BODY, NULL };
	fake_open(&f, script);
	assert_fine(acme_post(&f.acme, CA "/x", NULL, &r, &e));
	assert_int_equal(f.posts, 31);
	fake_close(&f);
}

static void repeats_what_was_lost(void **state)
{
	struct fake f;
	struct err e = { 0 };
	AUTO(acme_reply) struct acme_reply r = { 0 };

	(void)state;
	fake_open(&f, (struct fake_reply[]){
			      { "HEAD /new-nonce", FAKE_LOST, NULL, NULL },
			      { "HEAD /new-nonce", 200, "", NULL },
			      { "POST /x", FAKE_LOST, NULL, NULL },
			      { "HEAD /new-nonce", 200, "", NULL },
			      { "POST /x", 500, "<html>", NULL },
			      { "POST /x", 200, "{\"status\":", NULL },
			      { "POST /x", 200, OK_BODY, NULL },
			      { 0 } });
	assert_fine(acme_post(&f.acme, CA "/x", NULL, &r, &e));
	assert_non_null(strstr(f.protected[3], "\"nonce\":\"nonce4\""));
	assert_int_equal(e.kind, ERR_NONE);
	fake_close(&f);
}

static void gives_up_after_five_tries(void **state)
{
	struct fake f;
	struct err e = { 0 };
	AUTO(acme_reply) struct acme_reply r = { 0 };

	(void)state;
	fake_open(&f, (struct fake_reply[]){
			      { "GET /x", FAKE_LOST, NULL, NULL },
			      { "GET /x", 502, "<html>", NULL },
			      { "GET /x", 500, PROBLEM("serverInternal", "no"),
				NULL },
			      { "GET /x", FAKE_LOST, NULL, NULL },
			      { "GET /x", 503, "<html>", NULL },
			      { 0 } });
	assert_int_equal(acme_get(&f.acme, CA "/x", &r, &e), -1);
	assert_int_equal(e.kind, ERR_TEMP);
	assert_int_equal(r.problem.status, 503);
	assert_says(e, CA "/x answered 503 with text/html and no problem");
	fake_close(&f);
}

static void waits_as_long_as_it_is_told(void **state)
{
	struct fake f;
	struct err e = { 0 };
	AUTO(acme_reply) struct acme_reply r = { 0 };

	(void)state;
	fake_open(&f, (struct fake_reply[]){
			      { "GET /x", 503, "", "Retry-After: 0" },
			      { "GET /x", 429, PROBLEM("rateLimited", "slow"),
				"Retry-After: Thu, 01 Jan 1970 00:00:00 GMT" },
			      { "GET /x", 200, "{}", NULL },
			      { 0 } });
	assert_fine(acme_get(&f.acme, CA "/x", &r, &e));
	assert_int_equal(e.kind, ERR_NONE);
	fake_close(&f);
}

static void says_until_when_it_is_limited(void **state)
{
	static const struct opening table[] = {
		{ NULL, 429,
		  PROBLEM("rateLimited", "too many certificates already "
					 "issued for \\\"example.org\\\""),
		  "Retry-After: 259200", ERR_TEMP,
		  "issued for \"example.org\"; rate limited until " },
		{ NULL, 503, "<html>", "Retry-After: 259200", ERR_TEMP,
		  "; unavailable until " },
		{ NULL, 400, PROBLEM("rateLimited", "no"),
		  "Retry-After: 259200", ERR_TEMP, "rate limited until" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct fake f;
		struct err e = { 0 };
		char until[CLOCK_TEXT];
		AUTO(acme_reply) struct acme_reply r = { 0 };
		time_t before = clock_now();

		fake_open(&f, (struct fake_reply[]){
				      { "GET /x", table[i].status,
					table[i].body, table[i].headers },
				      { 0 } });
		assert_int_equal(acme_get(&f.acme, CA "/x", &r, &e), -1);
		assert_int_equal(e.kind, ERR_TEMP);
		assert_says(e, table[i].says);
		assert_in_range(e.until, before + 259200, before + 259202);
		assert_int_equal(e.until, r.problem.retry_at);
		assert_says(e, clock_text(e.until, until));
		fake_close(&f);
	}
}

/* A long detail must not push the moment out of the sentence. */
static void keeps_the_moment_in_long_sentences(void **state)
{
	struct fake f;
	struct err e = { 0 };
	AUTO(buf) struct buf url = { 0 };
	AUTO(acme_reply) struct acme_reply r = { 0 };

	(void)state;
	buf_str(&url, CA "/");
	for (int i = 0; i < 1500; i++)
		buf_char(&url, 'x');
	char asked[256];
	snprintf(asked, sizeof(asked), "GET %s", buf_c(&url) + strlen(CA));
	fake_open(&f, (struct fake_reply[]){ { asked, 429,
					       PROBLEM("rateLimited", "no"),
					       "Retry-After: 259200" },
					     { 0 } });
	assert_int_equal(acme_get(&f.acme, buf_c(&url), &r, &e), -1);
	assert_says(e, "rate limited until 2");
	assert_true(strlen(e.msg) < sizeof(e.msg));
	fake_close(&f);
}

static void never_repeats_a_limit_without_a_moment(void **state)
{
	struct fake f;
	struct err e = { 0 };
	AUTO(acme_reply) struct acme_reply r = { 0 };

	(void)state;
	fake_open(&f,
		  (struct fake_reply[]){
			  { "GET /x", 429, PROBLEM("rateLimited", "no"), NULL },
			  { 0 } });
	assert_int_equal(acme_get(&f.acme, CA "/x", &r, &e), -1);
	assert_int_equal(e.kind, ERR_TEMP);
	assert_int_equal(e.until, 0);
	fake_close(&f);
}

static void is_patient_only_so_long(void **state)
{
	struct fake f;
	struct err e = { 0 };
	AUTO(acme_reply) struct acme_reply r = { 0 };

	(void)state;
	fake_open(&f, (struct fake_reply[]){
			      { "GET /x", 503, "", "Retry-After: 2" }, { 0 } });
	f.acme.patience_ms = 500;
	assert_int_equal(acme_get(&f.acme, CA "/x", &r, &e), -1);
	assert_true(e.until > 0);
	fake_close(&f);
}

struct refusal {
	int status;
	const char *body;
	enum err_kind kind;
	const char *type, *says;
};

static void sorts_problems(void **state)
{
	static const struct refusal table[] = {
		{ 400, PROBLEM("malformed", "bad"), ERR_PERM, "malformed",
		  CA "/x answered 400 malformed: bad" },
		{ 403, PROBLEM("unauthorized", "no"), ERR_AUTH, "unauthorized",
		  "unauthorized: no" },
		{ 400, PROBLEM("accountDoesNotExist", "who?"), ERR_MISSING,
		  "accountDoesNotExist", "who?" },
		{ 403, PROBLEM("externalAccountRequired", "x"), ERR_AUTH,
		  "externalAccountRequired", "x" },
		{ 404, PROBLEM("malformed", "no such order"), ERR_MISSING,
		  "malformed", "no such order" },
		{ 401, "", ERR_AUTH, "", "answered 401" },
		{ 403, "<html>", ERR_PERM, "", "answered 403 with text/html" },
		{ 418, "{\"type\":\"about:blank\",\"detail\":\"tea\"}",
		  ERR_PERM, "about:blank", "tea" },
		{ 400, "{\"type\":\"urn:acme:error:caa\",\"detail\":\"no\"}",
		  ERR_PERM, "caa", "caa: no" },
		{ 400, "{\"type\":7,\"detail\":[]}", ERR_PERM, "",
		  "no problem document" },
		{ 400, "{\"type\":", ERR_PERM, "", "no problem document" },
		{ 302, "", ERR_PERM, "", "answered 302" },
		{ 400, PROBLEM("caa", "two\\nlines \\u001b[1m"), ERR_PERM,
		  "caa", "two lines  [1m" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		const struct refusal *t = &table[i];
		struct fake f;
		struct err e = { 0 };
		AUTO(acme_reply) struct acme_reply r = { 0 };

		fake_open(&f, (struct fake_reply[]){
				      { "GET /x", t->status, t->body, NULL },
				      { 0 } });
		assert_int_equal(acme_get(&f.acme, CA "/x", &r, &e), -1);
		assert_int_equal(e.kind, t->kind);
		assert_string_equal(r.problem.type, t->type);
		assert_int_equal(r.problem.status, t->status);
		assert_says(e, t->says);
		fake_close(&f);
	}
}

static void shows_whom_subproblems_are_about(void **state)
{
	static const char doc[] =
		"{\"type\":\"urn:ietf:params:acme:error:rejectedIdentifier\","
		"\"detail\":\"Some refused\",\"status\":403,\"subproblems\":[7,"
		"{\"type\":\"urn:ietf:params:acme:error:caa\",\"detail\":"
		"\"CAA forbids\",\"identifier\":{\"type\":\"dns\",\"value\":"
		"\"a.example\"}},{\"detail\":\"odd\"},{},"
		"{\"detail\":\"5\"},{\"detail\":\"6\"}]}";
	AUTO(json) json_t *j = json_loads(doc, 0, NULL);
	struct acme_problem p;

	(void)state;
	acme_problem_read(j, &p);
	assert_string_equal(p.type, "rejectedIdentifier");
	assert_int_equal(p.status, 403);
	assert_string_equal(p.detail, "Some refused; a.example: caa: CAA "
				      "forbids; : odd; : 5; and 1 more");
	acme_problem_read(NULL, &p);
	assert_string_equal(p.type, "");
	assert_string_equal(p.detail, "");
}

static void shows_the_terms(void **state)
{
	static const char *const body[] = {
		PROBLEM("userActionRequired", "new terms"),
		"{\"type\":\"urn:ietf:params:acme:error:userActionRequired\","
		"\"detail\":\"new terms\",\"instance\":\"" CA "/agree\"}",
	};
	static const char *const headers[] = {
		"Link: <" CA "/t2>;rel=\"terms-of-service\"",
		NULL,
	};
	static const char *const says[] = { "the terms are at " CA "/t2",
					    "new terms; see " CA "/agree" };
	(void)state;
	for (size_t i = 0; i < COUNT(body); i++) {
		struct fake f;
		struct err e = { 0 };
		AUTO(acme_reply) struct acme_reply r = { 0 };

		fake_open(&f, (struct fake_reply[]){
				      { "GET /x", 403, body[i], headers[i] },
				      { 0 } });
		assert_int_equal(acme_get(&f.acme, CA "/x", &r, &e), -1);
		assert_int_equal(e.kind, ERR_AUTH);
		assert_says(e, says[i]);
		fake_close(&f);
	}
}

struct member {
	const char *json, *text, *url;
};

static void takes_text_and_urls(void **state)
{
	static const struct member table[] = {
		{ "{\"m\":\"abc\"}", "abc", NULL },
		{ "{\"m\":\"https://a/b\"}", "https://a/b", "https://a/b" },
		{ "{\"m\":\"http://a/b\"}", "http://a/b", NULL },
		{ "{\"m\":\"https://a/ b\"}", "https://a/ b", NULL },
		{ "{\"m\":\"https://\\u00e4/\"}", "https://\u00e4/", NULL },
		{ "{\"m\":\"a\\nb\"}", NULL, NULL },
		{ "{\"m\":7}", NULL, NULL },
		{ "{}", NULL, NULL },
		{ "[]", NULL, NULL },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		AUTO(json) json_t *j = json_loads(table[i].json, 0, NULL);
		const char *text = acme_text(j, "m");
		const char *url = acme_url(j, "m");

		assert_true(str_same(str_of(text), str_of(table[i].text)));
		assert_true(str_same(str_of(url), str_of(table[i].url)));
	}
	assert_null(acme_https(NULL));
}

static void pauses_between_polls(void **state)
{
	const struct acme a = { .pause_ms = 4 };
	int64_t start = clock_ms();

	(void)state;
	for (unsigned n = 0; n < 3; n++)
		acme_poll_pause(&a, 0, n, 1000);
	assert_in_range(clock_ms() - start, 28, 500);
	start = clock_ms();
	acme_poll_pause(&a, clock_now() + 3600, 0, 5);
	acme_poll_pause(&a, 0, 30, 5);
	acme_poll_pause(&a, 0, 30, -1);
	assert_in_range(clock_ms() - start, 9, 500);
}

/* The last one: the stop flag stays up. */
static void stops_when_asked(void **state)
{
	struct fake f;
	struct err e = { 0 };
	AUTO(acme_reply) struct acme_reply r = { 0 };

	(void)state;
	fake_open(&f,
		  (struct fake_reply[]){
			  { "GET /x", 503, "", "Retry-After: 60" }, { 0 } });
	stop_ask();
	int64_t start = clock_ms();
	assert_int_equal(acme_get(&f.acme, CA "/x", &r, &e), -1);
	assert_int_equal(e.kind, ERR_STOPPED);
	assert_true(clock_ms() - start < 5000);
	fake_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_the_directory),
		cmocka_unit_test(refuses_what_is_no_directory),
		cmocka_unit_test(signs_with_kid_nonce_and_url),
		cmocka_unit_test(needs_an_account),
		cmocka_unit_test(takes_the_nonce_of_any_answer),
		cmocka_unit_test(passes_over_hostile_nonces),
		cmocka_unit_test(signs_again_at_a_bad_nonce),
		cmocka_unit_test(bears_many_bad_nonces),
		cmocka_unit_test(repeats_what_was_lost),
		cmocka_unit_test(gives_up_after_five_tries),
		cmocka_unit_test(waits_as_long_as_it_is_told),
		cmocka_unit_test(says_until_when_it_is_limited),
		cmocka_unit_test(keeps_the_moment_in_long_sentences),
		cmocka_unit_test(never_repeats_a_limit_without_a_moment),
		cmocka_unit_test(is_patient_only_so_long),
		cmocka_unit_test(sorts_problems),
		cmocka_unit_test(shows_whom_subproblems_are_about),
		cmocka_unit_test(shows_the_terms),
		cmocka_unit_test(takes_text_and_urls),
		cmocka_unit_test(pauses_between_polls),
		cmocka_unit_test(stops_when_asked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
