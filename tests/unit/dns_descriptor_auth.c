/* Signed requests: which are signed is crypto/sign's matter and its tests';
 * here that each one that goes out is, anew, and over what goes out. */
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

static const struct provider *parse(struct mem *m, const char *text)
{
	const struct descriptor *d;
	struct err e = { 0 };

	if (descriptor_parse(str_of(text), "x.yaml", m, &d, &e))
		fail_msg("%s", e.msg);
	return &d->provider;
}

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
		 parse(&m, SIGNED("sign: edgegrid, with: {id: \"{app}\", key: "
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

static const struct {
	const char *with, *says;
} wrong[] = {
	{ SIGNED("sign: rot13"), "no signature is known by that name" },
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
		cmocka_unit_test(lint_knows_signatures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
