/* Signed requests: which are signed is crypto/sign's matter and its tests';
 * here that each one that goes out is, anew, and over what goes out. */
#include <stdlib.h>

#include "dns/descriptor_parts.h"
#include "tests/unit/dnsapi.h"

#define SIGNED(with)                                                       \
	"name: x\nabout: a\nurl: u\ntypes: [A, TXT]\n"                     \
	"creds: {app: {names: X_ID, help: h, secret: no}, key: {names: "   \
	"X_KEY, help: h}}\nbase: https://x.test\nauth: {" with "}\n"       \
	"rate: {pause_ms: 1}\n"                                            \
	"zones: {mode: list, get: \"/zones?a=b%20c\", items: zones}\n"     \
	"records: {get: /records, items: records, value: \"{content}\"}\n" \
	"create: {post: /r, body: {}}\ndelete: {delete: /r}\n"

#define X_NAMED_ID                                                       \
	"name: x\nabout: a\nurl: u\ntypes: [A]\ncreds: {id: {names: X, " \
	"help: h}}\nbase: u\nauth: {query: {a: b}}\n"                    \
	"zones: {mode: given}\nrecords: {get: /r, value: \"{a}\"}\n"     \
	"put: {put: /r}\n"

static const char *header_of(struct api *a, const char *name)
{
	const char *at = strstr(a->seen, name);

	assert_non_null(at);
	return mem_dup(&a->mem, at, strcspn(at, "\n"));
}

/* Once refused for being too fast, then again: two signatures. */
static void each_request_is_signed(void **state)
{
	static const struct api_line script[] = {
		{ "GET https://x.test/zones?a=b%20c", NULL, 429, "{}", NULL },
		{ "GET https://x.test/zones?a=b%20c", NULL, 200,
		  "{\"zones\":[{\"name\":\"example.com\"}]}", NULL },
		{ 0 },
	};
	AUTO(mem) struct mem m = { 0 };
	struct api a = { 0 };
	const char *zone;
	struct err e = { 0 };

	(void)state;
	api_open(&a,
		 api_parse(&m,
			   SIGNED("sign: edgegrid, with: {id: \"{app}\", key: "
				  "\"{key}\", token: \"t-{app}\"}")),
		 script);
	if (a.dns.provider->find_zone(&a.dns, "www.example.com", &zone, &e))
		fail_msg("%s", e.msg);
	assert_string_equal(zone, "example.com");
	assert_non_null(strstr(header_of(&a, "Authorization:"),
			       "client_token=SECRET0"));
	assert_non_null(strstr(header_of(&a, "Authorization:"),
			       "access_token=t-SECRET0"));
	assert_null(strstr(a.seen, "SECRET1"));
	api_close(&a);
}

/* The word `x` of a request to /zones?a=b%20c. */
static const char *word_of(struct mem *m, struct api *a, const char *expr)
{
	static const struct api_line script[] = {
		{ "GET https://x.test/zones?a=b%20c", NULL, 200,
		  "{\"zones\":[{\"name\":\"example.com\"}]}", NULL },
		{ 0 },
	};
	static const char text[] =
		SIGNED("let: {x: \"@@\"}, headers: {X: \"{x}\"}");
	const char *gap = strstr(text, "@@");
	const char *zone, *at;
	struct err e = { 0 };

	api_open(a,
		 api_parse(m, mem_fmt(m, "%.*s%s%s", (int)(gap - text), text,
				      expr, gap + 2)),
		 script);
	if (a->dns.provider->find_zone(&a->dns, "example.com", &zone, &e))
		fail_msg("%s", e.msg);
	at = strstr(a->seen, "X: ") + 3;
	return mem_dup(m, at, strcspn(at, "\n"));
}

/* Digests by `openssl dgst`, of what the request is. SECRET1 is the key. */
static const struct {
	const char *expr, *value;
} words[] = {
	{ "{method} {host}{path}?{url_query}", "GET x.test/zones?a=b%20c" },
	{ "{app|md5|hex}", "0a3f11f348767e1733c6a385cf87440e" },
	{ "{method|hmac_sha1:key|hex}",
	  "8b327aa83b038bb90df35b637484383f2c7cc8a5" },
	{ "{app|sha1|b64}", "enPcHOJOMB3aZ6Yiwy8n+6Vqj7o=" },
	{ "{app|lower}{app|upper}", "secret0SECRET0" },
	{ "{path|b64url}", "L3pvbmVz" },
	{ "{app|b64|unb64} {app|unb64|or:app}", "SECRET0 SECRET0" },
	{ "{app|or:path} {id|or:path}", "SECRET0 /zones" },
};

static void words_are_made(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(words); i++) {
		AUTO(mem) struct mem m = { 0 };
		struct api a = { 0 };

		assert_string_equal(word_of(&m, &a, words[i].expr),
				    words[i].value);
		api_close(&a);
	}
}

/* RFC 6238 appendix B (SHA-1), cut to six digits. */
static void totp_as_the_rfc(void **state)
{
	AUTO(mem) struct mem m = { 0 };
	const struct str seed = str_of("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");

	(void)state;
	assert_true(str_eq(descriptor_totp(seed, 59, &m), "287082"));
	assert_true(str_eq(descriptor_totp(seed, 1111111109, &m), "081804"));
	assert_true(str_eq(descriptor_totp(seed, 20000000000, &m), "353130"));
}

/* What the vendor's own variables hold, where no credential of ours is. */
static void signs_with_what_the_vendor_keeps(void **state)
{
	static const struct api_line script[] = {
		{ "GET https://x.test/zones?a=b%20c", NULL, 200,
		  "{\"zones\":[{\"name\":\"example.com\"}]}", NULL },
		{ 0 },
	};
	AUTO(mem) struct mem m = { 0 };
	struct api a = { 0 };
	const char *zone;
	struct err e = { 0 };

	(void)state;
	setenv("AWS_ACCESS_KEY_ID", "AKIATEST", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "abcdefgh", 1);
	unsetenv("AWS_PROFILE");
	api_open(&a,
		 api_parse(&m, SIGNED("source: aws, sign: aws4, with: {id: "
				      "\"{source.id}\", key: \"{source.key}\", "
				      "token: \"{source.token}\", region: eu, "
				      "service: route53}")),
		 script);
	if (a.dns.provider->find_zone(&a.dns, "example.com", &zone, &e))
		fail_msg("%s", e.msg);
	assert_non_null(strstr(header_of(&a, "Authorization:"),
			       "Credential=AKIATEST/"));
	assert_null(strstr(a.seen, "abcdefgh"));
	api_close(&a);
}

#define LOGIN                                                                  \
	"login: {post: /login, form: {user: \"{app}\", password: \"{key}\"}, " \
	"token: \"{t}\", expires: \"{ttl}\"}, logout: {delete: /login}, "      \
	"headers: {Authorization: \"Bearer {session}\"}"
#define LIST "GET https://x.test/zones?a=b%20c"
#define ZONES "{\"zones\":[{\"name\":\"example.com\"}]}"

/* One login for many requests; one more when the token is refused early; none
 * for a refused login; and a logout. */
static void logs_in(void **state)
{
	static const struct api_line script[] = {
		{ "POST https://x.test/login", "user=SECRET0&password=SECRET1",
		  200, "{\"t\":\"one\",\"ttl\":3600}", NULL },
		{ LIST, NULL, 401, "{}", NULL },
		{ "POST https://x.test/login", "password=SECRET1", 200,
		  "{\"t\":\"two\",\"ttl\":3600}", NULL },
		{ LIST, NULL, 200, ZONES, NULL },
		{ "GET https://x.test/records", NULL, 200, "{\"records\":[]}",
		  NULL },
		{ "DELETE https://x.test/login", NULL, 200, "{}", NULL },
		{ 0 },
	};
	AUTO(mem) struct mem m = { 0 };
	struct api a = { 0 };
	struct records r = { 0 };
	const char *zone;
	struct err e = { 0 };

	(void)state;
	api_open(&a, api_parse(&m, SIGNED(LOGIN)), script);
	if (a.dns.provider->find_zone(&a.dns, "example.com", &zone, &e) ||
	    a.dns.provider->list(&a.dns, zone, NULL, 0, &m, &r, &e))
		fail_msg("%s", e.msg);
	assert_non_null(strstr(a.seen, "Authorization: Bearer two\n"));
	api_close(&a);
}

static void a_refused_login_is_not_repeated(void **state)
{
	static const struct api_line script[] = {
		{ "POST https://x.test/login", NULL, 401,
		  "{\"message\":\"no such user\"}", NULL },
		{ 0 },
	};
	AUTO(mem) struct mem m = { 0 };
	struct api a = { 0 };
	const char *zone;
	struct err e = { 0 };

	(void)state;
	api_open(&a, api_parse(&m, SIGNED(LOGIN)), script);
	assert_int_equal(a.dns.provider->find_zone(&a.dns, "example.com", &zone,
						   &e),
			 -1);
	assert_int_equal(e.kind, ERR_AUTH);
	assert_non_null(strstr(e.msg, "no such user"));
	api_close(&a);
}

#define ELSEWHERE                                                     \
	"login: {get: \"https://ip.test/get\", format: text, token: " \
	"\"{word}\"}, headers: {X-From: \"{session}\"}"

/* What says how an answer went is for answers of the API's own format. */
static void logs_in_in_another_format(void **state)
{
	static const struct api_line script[] = {
		{ "GET https://ip.test/get", NULL, 200, "192.0.2.1\n", NULL },
		{ LIST, NULL, 200,
		  "{\"fine\":\"yes\",\"zones\":[{\"name\":\"example.com\"}]}",
		  NULL },
		{ "GET https://x.test/records", NULL, 200,
		  "{\"fine\":\"no\",\"records\":[]}", NULL },
		{ 0 },
	};
	AUTO(mem) struct mem m = { 0 };
	struct api a = { 0 };
	struct records r = { 0 };
	const char *zone;
	struct err e = { 0 };

	(void)state;
	api_open(&a,
		 api_parse(&m,
			   SIGNED(ELSEWHERE) "reply: {ok: {fine: \"yes\"}}\n"),
		 script);
	if (a.dns.provider->find_zone(&a.dns, "example.com", &zone, &e))
		fail_msg("%s", e.msg);
	assert_non_null(strstr(a.seen, "X-From: 192.0.2.1\n"));
	assert_int_equal(
		a.dns.provider->list(&a.dns, zone, NULL, 0, &m, &r, &e), -1);
	assert_int_equal(e.kind, ERR_PERM);
	api_close(&a);
}

static const struct {
	const char *with, *says;
} wrong[] = {
	{ SIGNED("sign: rot13"), "no signature is known by that name" },
	{ SIGNED("source: amazon"), "aws azure gcloud oci yandex" },
	{ SIGNED("basic: \"{source.name}\""), "nothing is called" },
	{ SIGNED("sign: aws4, with: {id: \"{app}\"}"), "lacks \"key\"" },
	{ SIGNED("sign: bce1, with: {id: \"{app}\", key: \"{key}\", salt: a}"),
	  "audience, scope" },
	{ X_NAMED_ID, "means something else" },
	{ SIGNED("with: {id: \"{app}\"}"), "\"sign\", which is missing" },
};

static void lint_knows_signatures(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		AUTO(mem) struct mem m = { 0 };
		const struct descriptor *d;
		struct err e = { 0 };

		assert_int_equal(descriptor_parse(str_of(wrong[i].with),
						  "x.yaml", &m, &d, &e),
				 -1);
		if (!strstr(e.msg, wrong[i].says))
			fail_msg("\"%s\" does not say \"%s\"", e.msg,
				 wrong[i].says);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_request_is_signed),
		cmocka_unit_test(signs_with_what_the_vendor_keeps),
		cmocka_unit_test(words_are_made),
		cmocka_unit_test(totp_as_the_rfc),
		cmocka_unit_test(logs_in),
		cmocka_unit_test(a_refused_login_is_not_repeated),
		cmocka_unit_test(logs_in_in_another_format),
		cmocka_unit_test(lint_knows_signatures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
