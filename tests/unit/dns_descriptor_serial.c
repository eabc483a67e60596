/* APIs that show a zone as the lines of its file: the state that a write is
 * against is the serial of one of them, and all is in base64. */
#include "dns/descriptor_parts.h"
#include "tests/unit/dnsapi.h"

#define HEAD(where)                                                           \
	"name: x\nabout: a\nurl: u\ntypes: [A, MX, TXT]\n"                    \
	"creds: {token: {names: X_TOKEN, help: h}}\nbase: https://x.test\n"   \
	"auth: {headers: {Authorization: \"Bearer {token}\"}}\n"              \
	"rate: {pause_ms: 1}\nzones: {mode: list, get: /zones, items: "       \
	"\"d.main? d.more\", name: \"{.}\"}\n"                                \
	"records: {get: /r, items: r, where: {kind: record}, id: \"{line}\"," \
	" name: \"{n64|unb64}\", tag: \"{d64.2|unb64}\", tag_where: " where   \
	", value: {\"*\": \"{d64|unb64}\", TXT: \"{d64|joined|unb64}\"}}\n"   \
	"change: {post: /w, form: {serial: \"{etag}\", add: [{$add: {$json: " \
	"{n: \"{fqdn|dot}\", t: \"{type}\", d: [\"{value}\"], $MX: {d: "      \
	"[\"{priority|text}\", \"{target|dot}\"]}, $TXT: {d: "                \
	"\"{value|strings}\"}}}}], remove: [{$del: \"{id}\"}]}}\n"            \
	"codec: {txt: plain, dots: yes}\n"                                    \
	"errors: [{text: serial, kind: changed}]\n"
#define LINES HEAD("{type: SOA, kind: record}")

#define ZONES "{\"d\":{\"main\":\"example.com\",\"more\":[\"b.test\"]}}"
#define SOA(serial)                                                 \
	"{\"kind\":\"record\",\"line\":2,\"type\":\"SOA\",\"n64\":" \
	"\"ZXhhbXBsZS5jb20u\",\"d64\":[\"bnMuLg==\",\"aC4u\",\"" serial "\"]}"
#define NOTE "{\"kind\":\"comment\",\"line\":0,\"t64\":\"OyB4\"}"
/* "n" and "mail.", a TXT of two strings "ab" and "c d", with their padding */
#define MX                                                                  \
	"{\"kind\":\"record\",\"line\":8,\"type\":\"MX\",\"n64\":\"bg==\"," \
	"\"d64\":[\"MTA=\",\"bWFpbC4=\"]}"
#define TXT                                                         \
	"{\"kind\":\"record\",\"line\":9,\"type\":\"TXT\",\"n64\":" \
	"\"bi5leGFtcGxlLmNvbS4=\",\"d64\":[\"YWI=\",\"YyBk\"]}"
#define ALL(lines)                                                             \
	{                                                                      \
		"GET https://x.test/r", NULL, 200, "{\"r\":[" lines "]}", NULL \
	}
#define ZONE_LIST                                                  \
	{                                                          \
		"GET https://x.test/zones", NULL, 200, ZONES, NULL \
	}

static void reads_and_swaps(void **state)
{
	(void)state;
	static const struct api_line script[] = {
		ZONE_LIST,
		ALL(NOTE "," SOA("MjAyNg==") "," MX "," TXT),
		{ "POST https://x.test/w",
		  "serial=2026&add=%7B%22n%22%3A%22n.example.com.%22%2C%22t%22"
		  "%3A%22TXT%22%2C%22d%22%3A%5B%22new%22%5D%7D&add=%7B%22n%22"
		  "%3A%22n.example.com.%22%2C%22t%22%3A%22TXT%22%2C%22d%22%3A"
		  "%5B%22two%22%5D%7D&remove=9",
		  200, "{}", NULL },
		{ "POST https://x.test/w", "serial=2026&remove=9", 400,
		  "{\"message\":\"the serial is another\"}", NULL },
		{ 0 },
	};
	struct api a = { 0 };
	struct records out = { 0 };
	struct err e = { 0 };
	const char *zone;
	struct record added[] = {
		{ "n.example.com", DNS_TXT, 60, STR_LIT("new"), NULL },
		{ "n.example.com", DNS_TXT, 60, STR_LIT("two"), NULL },
	};

	api_open(&a, api_parse(&a.mem, LINES), script);
	const struct provider *p = a.dns.provider;
	assert_int_equal(p->caps & DNS_CAS, DNS_CAS);
	if (p->find_zone(&a.dns, "n.b.test", &zone, &e))
		fail_msg("%s", e.msg);
	assert_string_equal(zone, "b.test");
	if (p->list(&a.dns, "example.com", NULL, 0, &a.mem, &out, &e))
		fail_msg("%s", e.msg);
	assert_int_equal(out.n, 3); /* the SOA is a record, too */
	assert_string_equal(out.at[1].name, "n.example.com");
	assert_true(str_eq(out.at[1].value, "10 mail."));
	assert_true(str_eq(out.at[2].value, "abc d"));
	assert_string_equal(out.at[2].id, "9");

	struct change c = { .name = "n.example.com",
			    .type = DNS_TXT,
			    .is = { &out.at[2], 1, 1 },
			    .add = { added, 2, 2 },
			    .del = { &out.at[2], 1, 1 },
			    .want = { added, 2, 2 } };
	if (p->apply(&a.dns, "example.com", &c, &e))
		fail_msg("%s", e.msg);
	c.add.n = c.want.n = 0;
	assert_int_equal(p->apply(&a.dns, "example.com", &c, &e), -1);
	assert_int_equal(e.kind, ERR_CHANGED);
	api_close(&a);
}

static void wants_a_state(void **state)
{
	(void)state;
	static const struct api_line script[] = { ZONE_LIST,
						  ALL(NOTE "," MX),
						  { 0 } };
	struct api a = { 0 };
	struct records out = { 0 };
	struct err e = { 0 };

	api_open(&a, api_parse(&a.mem, LINES), script);
	assert_int_equal(a.dns.provider->list(&a.dns, "example.com", NULL, 0,
					      &a.mem, &out, &e),
			 -1);
	assert_int_equal(e.kind, ERR_TEMP);
	assert_non_null(strstr(e.msg, "lacks the entry that tells its state"));
	api_close(&a);
}

/* One that the account may write and does not own. */
static void believes_the_given_zone(void **state)
{
	(void)state;
	static const struct api_line script[] = {
		ZONE_LIST,
		ALL("{\"kind\":\"record\",\"line\":2,\"type\":\"SOA\",\"n64\":"
		    "\"b3RoZXIudGVzdC4=\",\"d64\":[\"\",\"\",\"MQ==\"]}"),
		{ 0 }
	};
	struct api a = { .settings.zone = "other.test" };
	struct records out = { 0 };
	struct err e = { 0 };
	const char *zone;

	api_open(&a, api_parse(&a.mem, LINES), script);
	if (a.dns.provider->find_zone(&a.dns, "n.other.test", &zone, &e) ||
	    a.dns.provider->list(&a.dns, zone, NULL, 0, &a.mem, &out, &e))
		fail_msg("%s", e.msg);
	assert_string_equal(zone, "other.test");
	api_close(&a);
}

static void decodes(void **state)
{
	(void)state;
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "", "" },
		{ "YQ==", "a" },
		{ "YWJjZA==", "abcd" },
		{ "YQ==Yg==", "ab" },
		{ "YQ== Yg==", "a b" },
		{ "YQ=", "" },
		{ "YQ", "" },
		{ "Y*==", "" },
		{ "YWJj\r\nZA==\n", "abcd" },
		{ "YWJj YR==", "" }, /* stray bits */
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO(mem) struct mem m = { 0 };
		struct str got = descriptor_unb64(str_of(rows[i].text), &m);
		if (!str_eq(got, rows[i].want))
			fail_msg("row %zu: \"%.*s\"", i, STR_FMT(got));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_and_swaps),
		cmocka_unit_test(wants_a_state),
		cmocka_unit_test(believes_the_given_zone),
		cmocka_unit_test(decodes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
