/* Clocks that are off, hosts beside the base, and what credentials need. */
#include "base/clock.h"
#include "dns/descriptor_parts.h"
#include "tests/unit/dnsapi.h"

#define API(auth, path)                                                     \
	"name: x\nabout: a\nurl: u\nscope: zones, write\ntypes: [A, TXT]\n" \
	"creds: {key: {names: X_KEY, help: h}, server: {names: X_URL, "     \
	"help: h, preset: \"https://own.test\"}}\nbase: https://x.test\n"   \
	"auth: {" auth "}\nrate: {pause_ms: 1}\n"                           \
	"zones: {mode: list, get: \"" path "\", items: zones}\n"            \
	"records: {get: /records, items: records, value: \"{content}\"}\n"  \
	"create: {post: /r, body: {}}\ndelete: {delete: /r}\n"
#define TIMED "let: {t: \"{now}\"}, headers: {X: \"{t}\"}"
#define ZONES "{\"zones\":[{\"name\":\"example.com\"}]}"

/* A Date so many seconds from now. */
static const char *date(struct mem *m, int from_now)
{
	const time_t t = clock_now() + from_now;
	char text[64];
	struct tm at;

	gmtime_r(&t, &at);
	strftime(text, sizeof(text), "Date: %a, %d %b %Y %H:%M:%S GMT", &at);
	return mem_str(m, text);
}

static int ask(const char *text, const struct api_line *script, time_t *sent,
	       struct err *e)
{
	AUTO(mem) struct mem m = { 0 };
	struct api a = { 0 };
	const char *zone;

	api_open(&a, api_parse(&m, text), script);
	const int status =
		a.dns.provider->find_zone(&a.dns, "example.com", &zone, e);
	const char *x = strstr(a.seen, "X: ");
	*sent = x ? (time_t)strtoll(x + 3, NULL, 10) : 0;
	api_close(&a);
	return status;
}

static bool near(time_t a, time_t b)
{
	return a - b < 5 && b - a < 5;
}

/* Refused for its time: once more by the server's, and then not again. */
static void tries_the_servers_clock(void **state)
{
	AUTO(mem) struct mem m = { 0 };
	const struct api_line mended[] = {
		{ "GET https://x.test/z", NULL, 403, "{}", date(&m, 600) },
		{ "GET https://x.test/z", NULL, 200, ZONES, date(&m, 600) },
		{ 0 },
	};
	const struct api_line refused[] = {
		{ "GET https://x.test/z", NULL, 403, "{}", date(&m, -600) },
		{ "GET https://x.test/z", NULL, 403, "{}", date(&m, -600) },
		{ 0 },
	};
	const struct api_line in_time[] = {
		{ "GET https://x.test/z", NULL, 403, "{}", date(&m, 5) },
		{ 0 },
	};
	struct err e = { 0 };
	time_t sent;

	(void)state;
	if (ask(API(TIMED, "/z"), mended, &sent, &e))
		fail_msg("%s", e.msg);
	assert_true(near(sent, clock_now() + 600));
	assert_int_equal(ask(API(TIMED, "/z"), refused, &sent, &e), -1);
	assert_non_null(strstr(e.msg, " s fast by the server's: set it"));
	assert_int_equal(ask(API(TIMED, "/z"), in_time, &sent, &e), -1);
	assert_null(strstr(e.msg, "clock"));
	assert_int_equal(
		ask(API("basic: \"{key}\"", "/z"), refused + 1, &sent, &e), -1);
	assert_null(strstr(e.msg, "clock"));
}

static void asks_for_the_time(void **state)
{
	static const struct api_line script[] = {
		{ "GET https://x.test/time", NULL, 200, "1700000000", NULL },
		{ "GET https://x.test/z", NULL, 200, ZONES, NULL },
		{ 0 },
	};
	static const struct api_line nonsense[] = {
		{ "GET https://x.test/time", NULL, 200, "noon", NULL },
		{ 0 },
	};
	static const char text[] =
		API(TIMED ", clock: {get: /time, format: text, value: "
			  "\"{text}\"}",
		    "/z");
	struct err e = { 0 };
	time_t sent;

	(void)state;
	if (ask(text, script, &sent, &e))
		fail_msg("%s", e.msg);
	assert_true(near(sent, 1700000000));
	assert_int_equal(ask(text, nonsense, &sent, &e), -1);
	assert_non_null(strstr(e.msg, "said \"noon\""));
}

static void whole_urls(void **state)
{
	static const struct api_line literal[] = {
		{ "GET https://other.test/z", NULL, 200, ZONES, NULL },
		{ 0 },
	};
	static const struct api_line given[] = {
		{ "GET https://own.test/z", NULL, 200, ZONES, NULL },
		{ 0 },
	};
	struct err e = { 0 };
	time_t sent;

	(void)state;
	if (ask(API("basic: a", "https://other.test/z"), literal, &sent, &e) ||
	    ask(API("basic: a", "{server|raw}/z"), given, &sent, &e))
		fail_msg("%s", e.msg);
}

static const struct {
	const char *text, *says;
} wrong[] = {
	{ API("basic: \"{key|hmac_md5:kye}\"", "/z"), "no filter" },
	{ API("basic: \"{key|or:kye}\"", "/z"), "no filter" },
	{ API("basic: \"{key|or}\"", "/z"), "no filter" },
	{ API("basic: a", "https://{zone_id}.test/z"), "a host is" },
	{ API("basic: a}\ntls: {verify: no", "/z"), "\"verify\"" },
};

static void lint_knows(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		AUTO(mem) struct mem m = { 0 };
		const struct descriptor *d;
		struct err e = { 0 };

		assert_int_equal(descriptor_parse(str_of(wrong[i].text),
						  "x.yaml", &m, &d, &e),
				 -1);
		if (!strstr(e.msg, wrong[i].says))
			fail_msg("\"%s\" does not say \"%s\"", e.msg,
				 wrong[i].says);
	}
}

static void says_what_is_needed(void **state)
{
	AUTO(mem) struct mem m = { 0 };
	const struct conf conf = { .dir = "/nonexistent" };
	const struct conf_dns none = { 0 };
	struct dns d = { .conf = &conf, .settings = &none };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(dns_open(&d, api_parse(&m, API("basic: a", "/z")), &e),
			 -1);
	assert_non_null(strstr(e.msg, "with no more than: zones, write"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tries_the_servers_clock),
		cmocka_unit_test(asks_for_the_time),
		cmocka_unit_test(whole_urls),
		cmocka_unit_test(lint_knows),
		cmocka_unit_test(says_what_is_needed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
