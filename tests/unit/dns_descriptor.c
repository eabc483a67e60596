#include "dns/descriptor.h"

#include "tests/unit/dnsapi.h"

#define HEAD                                                                   \
	"name: x\nabout: a\nurl: u\ntypes: [A, CNAME, MX, TXT]\n"              \
	"creds: {token: {names: X_TOKEN, help: h}}\nbase: https://x.test/v1\n" \
	"auth: {headers: {Authorization: \"Bearer {token}\"}}\n"               \
	"rate: {pause_ms: 1}\n"
#define ZONES "zones: {mode: list, get: /zones, items: zones, id: \"{id}\"}\n"
#define RECORDS                                                                \
	"records: {get: \"/zones/{zone_id}/records\", items: records, value: " \
	"\"{content}\"}\n"
#define WRITES                                                                \
	"create: {post: \"/zones/{zone_id}/records\", body: {name: "          \
	"\"{name}\", type: \"{type}\", content: \"{value}\", ttl: \"{ttl}\"," \
	" $MX: {content: \"{target}\", prio: \"{priority}\"}}}\n"             \
	"delete: {delete: \"/zones/{zone_id}/records/{id}\"}\n"
#define X HEAD ZONES RECORDS WRITES
#define ZONES_LINE                                                         \
	{                                                                  \
		"GET https://x.test/v1/zones", NULL, 200,                  \
			"{\"zones\":[{\"id\":1,\"name\":\"example.com\"}," \
			"{\"id\":2,\"name\":\"A.Example.com.\"},"          \
			"{\"id\":3,\"name\":\"ple.com\"}]}",               \
			NULL                                               \
	}

static void complains(void **state)
{
	(void)state;
	static const struct {
		const char *text, *says;
	} rows[] = {
		{ X "codecs: {}\n",
		  "x.yaml:13:1: no key is called \"codecs\" here: did you "
		  "mean codec?" },
		{ X "codec: {name: relative}\n",
		  "x.yaml:13:15: one of these is wanted: rel fqdn fqdn-dot" },
		{ X "ttl: {min: many}\n", "x.yaml:13:12: a number is wanted" },
		{ HEAD ZONES WRITES, "\"records\" is missing" },
		{ HEAD ZONES RECORDS, "how to write is missing" },
		{ X "update: {put: \"/{zome}\"}\n",
		  "x.yaml:13:18: nothing is called \"zome\" here" },
		{ X "update: {put: \"/{zone|up}\"}\n",
		  "no filter is called \"up\"" },
		{ X "update: {put: \"/{zone\"}\n", "without its \"}\"" },
		{ X "update: {put: /a, post: /b}\n",
		  "one of get, post, put, patch, delete is wanted" },
		{ X "update: {put: /a, body: {$XX: {a: b}}}\n",
		  "or $TYPE is wanted" },
		{ X "errors: [{kind: bad}]\n", "auth perm missing rate" },
		{ X "errors: [{kind: bad}]\nttl: {min: x}\n",
		  "x.yaml:14:12: a number is wanted" },
		{ "name: x\nname: y\n", "x.yaml:2:1" },
		{ "[]\n", "x.yaml:1:1: a map is wanted" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO(mem) struct mem m = { 0 };
		const struct descriptor *d;
		struct err e = { 0 };

		assert_int_equal(descriptor_parse(str_of(rows[i].text),
						  "x.yaml", &m, &d, &e),
				 -1);
		assert_int_equal(e.kind, ERR_CONF);
		if (!strstr(e.msg, rows[i].says))
			fail_msg("row %zu: \"%s\" does not say \"%s\"", i,
				 e.msg, rows[i].says);
	}
}

/* The longest zone on a label boundary; the list is read once. */
static void finds_the_zone(void **state)
{
	(void)state;
	static const struct api_line script[] = { ZONES_LINE, { 0 } };
	static const struct {
		const char *name, *zone;
	} rows[] = {
		{ "_acme-challenge.example.com", "example.com" },
		{ "x.a.example.com", "a.example.com" },
		{ "a.example.com", "a.example.com" },
		{ "ba.example.com", "example.com" },
		{ "notexample.com", NULL },
		{ "example.org", NULL },
	};
	struct api a = { 0 };
	const char *zone;
	struct err e = { 0 };

	api_open(&a, api_parse(&a.mem, X), script);
	for (size_t i = 0; i < COUNT(rows); i++) {
		const int status = a.dns.provider->find_zone(
			&a.dns, rows[i].name, &zone, &e);

		if (!rows[i].zone) {
			assert_int_equal(status, -1);
			assert_int_equal(e.kind, ERR_MISSING);
			continue;
		}
		assert_int_equal(status, 0);
		assert_string_equal(zone, rows[i].zone);
	}
	assert_non_null(strstr(a.seen, "Authorization: Bearer SECRET0\n"));
	api_close(&a);
}

#define WALK "zones: {mode: walk, get: \"/zones?name={zone}\", items: zones}\n"
/* Only an API that lists them has all its zones told. */
static void lists_zones(void **state)
{
	(void)state;
	static const struct api_line script[] = { ZONES_LINE, { 0 } };
	static const char *const want[] = { "example.com", "a.example.com" };
	struct api a = { 0 };
	struct conf_list all = { 0 };
	struct err e = { 0 };

	api_open(&a, api_parse(&a.mem, X), script);
	assert_int_equal(a.dns.provider->zones(&a.dns, &a.mem, &all, &e), 0);
	for (size_t i = 0; i < COUNT(want); i++) {
		size_t k = 0;

		while (k < all.n && strcmp(all.at[k], want[i]))
			k++;
		assert_true(k < all.n);
	}
	assert_null(api_parse(&a.mem, HEAD WALK RECORDS WRITES)->zones);
	api_close(&a);
}

/* NOT FOUND leads one label up, a refusal does not. */
static void walks(void **state)
{
	(void)state;
	static const struct api_line found[] = {
		{ "GET https://x.test/v1/zones?name=_a.b.example.com", NULL,
		  404, "{\"message\":\"no\"}", NULL },
		{ "GET https://x.test/v1/zones?name=b.example.com", NULL, 200,
		  "{\"zones\":[{\"name\":\"bb.example.com\"}]}", NULL },
		{ "GET https://x.test/v1/zones?name=example.com", NULL, 200,
		  "{\"zones\":[{\"name\":\"example.com\"}]}", NULL },
		{ 0 },
	};
	static const struct api_line refused[] = {
		{ "GET https://x.test/v1/zones?name=b.example.com", NULL, 403,
		  "{\"message\":\"ACCESS_DENIED\"}", NULL },
		{ 0 },
	};
	struct api a = { 0 }, b = { 0 };
	const char *zone;
	struct err e = { 0 };

	api_open(&a, api_parse(&a.mem, HEAD WALK RECORDS WRITES), found);
	assert_int_equal(a.dns.provider->find_zone(&a.dns, "_a.b.example.com",
						   &zone, &e),
			 0);
	assert_string_equal(zone, "example.com");
	api_close(&a);
	api_open(&b, api_parse(&b.mem, HEAD WALK RECORDS WRITES), refused);
	assert_int_equal(b.dns.provider->find_zone(&b.dns, "b.example.com",
						   &zone, &e),
			 -1);
	assert_int_equal(e.kind, ERR_AUTH);
	assert_non_null(strstr(e.msg, "ACCESS_DENIED"));
	api_close(&b);
}

#define LIST(page)                                               \
	HEAD ZONES WRITES "records: {get: /r, items: r, value: " \
			  "\"{content}\", page: {" page "}}\n"
#define R(id)                                                               \
	"{\"id\":" id ",\"name\":\"n\",\"type\":\"TXT\",\"content\":\"v" id \
	"\",\"ttl\":60}"
#define GET(query, body)                                               \
	{                                                              \
		"GET https://x.test/v1/r" query, NULL, 200, body, NULL \
	}
#define LINKED(query, body, link)                                      \
	{                                                              \
		"GET https://x.test/v1/r" query, NULL, 200, body, link \
	}

/* All pages of all kinds, or a failure. */
static void pages(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		struct api_line script[5];
		size_t n;         /* records; 0: it fails */
		const char *says; /* then */
	} rows[] = {
		{ LIST("page: p, size: s, by: 2, pages: t"),
		  { ZONES_LINE,
		    GET("?p=1&s=2", "{\"t\":2,\"r\":[" R("1") "," R("2") "]}"),
		    GET("?p=2&s=2", "{\"t\":2,\"r\":[" R("3") "]}") },
		  3,
		  NULL },
		{ LIST("page: p, size: s, by: 2"),
		  { ZONES_LINE,
		    GET("?p=1&s=2", "{\"r\":[" R("1") "," R("2") "]}"),
		    GET("?p=2&s=2", "{\"r\":[]}") },
		  2,
		  NULL },
		{ LIST("page: p, more: m"),
		  { ZONES_LINE, GET("?p=1", "{\"m\":true,\"r\":[" R("1") "]}"),
		    GET("?p=2", "{\"m\":false,\"r\":[" R("2") "]}") },
		  2,
		  NULL },
		{ LIST("offset: o, count: c"),
		  { ZONES_LINE, GET("?o=0", "{\"c\":2,\"r\":[" R("1") "]}"),
		    GET("?o=1", "{\"c\":2,\"r\":[" R("2") "]}") },
		  2,
		  NULL },
		{ LIST("offset: o, count: c"),
		  { ZONES_LINE, GET("?o=0", "{\"c\":3,\"r\":[" R("1") "]}"),
		    GET("?o=1", "{\"c\":3,\"r\":[]}") },
		  0,
		  "1 of 3 entries came" },
		{ LIST("next: l"),
		  { ZONES_LINE,
		    GET("",
			"{\"l\":\"https://x.test/v1/r?q\",\"r\":[" R("1") "]}"),
		    GET("?q", "{\"r\":[" R("2") "]}") },
		  2,
		  NULL },
		{ LIST("next: l"),
		  { ZONES_LINE,
		    GET("", "{\"l\":\"https://x.test:443/v1/r?q\",\"r\":[]}"),
		    GET("?q", "{\"r\":[" R("2") "]}") },
		  1,
		  NULL },
		{ LIST("next: l"),
		  { ZONES_LINE,
		    GET("", "{\"l\":\"https://x.test:4433/v1/\",\"r\":[]}") },
		  0,
		  "another host" },
		{ LIST("next: l"),
		  { ZONES_LINE,
		    GET("", "{\"l\":\"https://x.test.evil/\",\"r\":[]}") },
		  0,
		  "another host" },
		{ LIST("cursor: c, param: at"),
		  { ZONES_LINE, GET("", "{\"c\":\"a b\",\"r\":[" R("1") "]}"),
		    GET("?at=a%20b", "{\"c\":\"\",\"r\":[" R("2") "]}") },
		  2,
		  NULL },
		{ LIST("cursor: c, param: at, also: {t: d, i: e}"),
		  { ZONES_LINE,
		    GET("", "{\"c\":\"a\",\"d\":\"b\",\"r\":[" R("1") "]}"),
		    GET("?at=a&t=b", "{\"r\":[" R("2") "]}") },
		  2,
		  NULL },
		{ LIST("cursor: c, param: at"),
		  { ZONES_LINE, GET("", "{\"c\":\"a\",\"r\":[]}"),
		    GET("?at=a", "{\"c\":\"a\",\"r\":[]}") },
		  0,
		  "its own successor" },
		{ LIST("link: next"),
		  { ZONES_LINE,
		    LINKED("", "{\"r\":[" R("1") "]}",
			   "Link: </v1/r?z>; rel=\"next\""),
		    GET("?z", "{\"r\":[" R("2") "]}") },
		  2,
		  NULL },
		{ LIST("cursor_header: X-Next, param: at, size: s, by: 2"),
		  { ZONES_LINE,
		    LINKED("?s=2", "{\"r\":[" R("1") "]}", "X-Next: a b"),
		    GET("?s=2&at=a%20b", "{\"r\":[" R("2") "]}") },
		  2,
		  NULL },
		{ LIST("link: next"),
		  { ZONES_LINE, GET("", "{\"x\":[]}") },
		  0,
		  "has no \"r\"" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct api a = { 0 };
		struct records out = { 0 };
		struct err e = { 0 };

		api_open(&a, api_parse(&a.mem, rows[i].text), rows[i].script);
		const int status = a.dns.provider->list(
			&a.dns, "example.com", NULL, 0, &a.mem, &out, &e);

		if (rows[i].n && status)
			fail_msg("row %zu: %s", i, e.msg);
		if (!rows[i].n) {
			assert_int_equal(status, -1);
			if (!strstr(e.msg, rows[i].says))
				fail_msg("row %zu: %s", i, e.msg);
		} else
			assert_int_equal(out.n, rows[i].n);
		api_close(&a);
	}
}

#define REC "GET https://x.test/v1/zones/1/records"
#define POST "POST https://x.test/v1/zones/1/records"
#define DEL "DELETE https://x.test/v1/zones/1/records/7"

/* What answers make of a write or a read; nothing goes out twice unless the
 * API said that it did nothing. */
static void answers(void **state)
{
	(void)state;
	static const struct {
		bool add;
		struct api_line script[6];
		enum err_kind kind;
		const char *says;
	} rows[] = {
		{ true,
		  { ZONES_LINE,
		    { POST,
		      "\"name\":\"n\",\"type\":\"TXT\","
		      "\"content\":\"v\",\"ttl\":60",
		      201, "{}", NULL } },
		  ERR_NONE,
		  NULL },
		{ true,
		  { ZONES_LINE,
		    { POST, NULL, 429, "slow", "Retry-After: 0" },
		    { POST, NULL, 429, "slow", NULL },
		    { POST, NULL, 200, "", NULL } },
		  ERR_NONE,
		  NULL },
		{ true,
		  { ZONES_LINE,
		    { POST, NULL, 429, "slow", "Retry-After: 9999" } },
		  ERR_TEMP,
		  "asks for patience" },
		{ true,
		  { ZONES_LINE, { POST, NULL, API_LOST, NULL, NULL } },
		  ERR_CHANGED,
		  "connection lost" },
		{ true,
		  { ZONES_LINE, { POST, NULL, 502, "<html>oh</html>", NULL } },
		  ERR_CHANGED,
		  "502: <html>oh" },
		{ true,
		  { ZONES_LINE,
		    { POST, NULL, 400, "{\"message\":\"already there\"}",
		      NULL } },
		  ERR_NONE,
		  NULL },
		{ true,
		  { ZONES_LINE,
		    { POST, NULL, 422, "{\"errors\":[{\"message\":\"bad\"}]}",
		      NULL } },
		  ERR_PERM,
		  "422: bad" },
		{ true,
		  { ZONES_LINE, { POST, NULL, 401, "", NULL } },
		  ERR_AUTH,
		  "401" },
		{ false,
		  { ZONES_LINE, { DEL, NULL, 204, "", NULL } },
		  ERR_NONE,
		  NULL },
		{ false,
		  { ZONES_LINE, { DEL, NULL, 404, "{}", NULL } },
		  ERR_NONE,
		  NULL },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct api a = { 0 };
		struct err e = { 0 };
		struct record r = { "n.example.com", DNS_TXT, 60, STR_LIT("v"),
				    "7" };
		struct records set = { &r, 1, 1 };
		struct change c = { .name = r.name, .type = r.type, .ttl = 60 };

		*(rows[i].add ? &c.add : &c.del) = set;
		api_open(&a,
			 api_parse(&a.mem, X "errors: [{text: already, kind: "
					     "exists}]\n"),
			 rows[i].script);
		a.dns.provider->apply(&a.dns, "example.com", &c, &e);
		if (e.kind != rows[i].kind ||
		    (rows[i].says && !strstr(e.msg, rows[i].says)))
			fail_msg("row %zu: %d %s", i, e.kind, e.msg);
		api_close(&a);
	}
}

/* Reads are tried again; a page for people is not a list. */
static void reads_again(void **state)
{
	(void)state;
	static const struct api_line script[] = {
		ZONES_LINE,
		{ REC, NULL, 500, "oops", NULL },
		{ REC, NULL, API_LOST, NULL, NULL },
		{ REC, NULL, 200, "{\"records\":[", NULL },
		{ REC, NULL, 200, "{\"records\":[" R("1") "]}", NULL },
		{ REC, NULL, 200, "<html>", NULL },
		{ REC, NULL, 200, "<html>", NULL },
		{ REC, NULL, 200, "<html>", NULL },
		{ REC, NULL, 200, "<html>", NULL },
		{ 0 },
	};
	struct api a = { 0 };
	struct records out = { 0 };
	struct err e = { 0 };

	api_open(&a, api_parse(&a.mem, X), script);
	assert_int_equal(a.dns.provider->list(&a.dns, "example.com", NULL, 0,
					      &a.mem, &out, &e),
			 0);
	assert_int_equal(out.n, 1);
	assert_string_equal(out.at[0].name, "n.example.com");
	assert_string_equal(out.at[0].id, "1");
	assert_int_equal(a.dns.provider->list(&a.dns, "example.com", NULL, 0,
					      &a.mem, &out, &e),
			 -1);
	assert_int_equal(e.kind, ERR_TEMP);
	assert_non_null(strstr(e.msg, "no JSON: <html>"));
	api_close(&a);
}

/* What cannot be held is said before anything is sent. */
static void audits(void **state)
{
	(void)state;
	static const struct {
		uint16_t type;
		const char *value, *says;
	} rows[] = {
		{ DNS_TLSA, "3 1 1 00", "takes no TLSA records" },
		{ DNS_MX, "0 .", "takes no null MX" },
		{ DNS_TXT, "12345678901", "takes no TXT over 10 bytes" },
		{ DNS_TXT, "a\"b", "takes no \" in a TXT" },
		{ DNS_TXT, "ab ", "no blanks at the ends" },
		{ DNS_TXT, "\xc3\xbc", "takes only ASCII" },
	};
	static const struct api_line none[] = { { 0 } };

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct api a = { 0 };
		struct err e = { 0 };
		struct record r = { "n.example.com", rows[i].type, 0,
				    str_of(rows[i].value), NULL };
		struct change c = { .name = r.name,
				    .type = r.type,
				    .add = { &r, 1, 1 } };

		api_open(&a,
			 api_parse(&a.mem,
				   X "audit: {txt_max: 10, txt_no: '\"', "
				     "txt_trim: yes, txt_ascii: yes, "
				     "null_mx: no}\n"),
			 none);
		assert_int_equal(a.dns.provider->apply(&a.dns, "example.com",
						       &c, &e),
				 -1);
		assert_int_equal(e.kind, ERR_PERM);
		assert_non_null(strstr(e.msg, rows[i].says));
		api_close(&a);
	}
}

/* All of them, where one word of the zones says how; each once. */
static void lists_walked_zones(void **state)
{
	(void)state;
	static const struct api_line script[] = { ZONES_LINE, { 0 } };
	struct api a = { 0 };
	struct conf_list out = { 0 };
	struct err e = { 0 };

	api_open(&a,
		 api_parse(&a.mem, HEAD "zones: {mode: walk, get: "
					"\"/z/{zone}\", all: /zones, items: "
					"zones}\n" RECORDS WRITES),
		 script);
	assert_int_equal(a.dns.provider->zones(&a.dns, &a.mem, &out, &e), 0);
	assert_int_equal(out.n, 3);
	assert_string_equal(out.at[2], "example.com");
	api_close(&a);
	assert_null(api_parse(&a.mem, HEAD WALK RECORDS WRITES)->zones);
	mem_free(&a.mem);
}

/* A zone counts where a word of it is one of several; not where it only begins
 * like one. */
static void takes_some_zones(void **state)
{
	(void)state;
	static const struct {
		const char *where;
		size_t n;
	} rows[] = {
		{ "example.org|example.com", 1 },
		{ "example.com|ple.com", 2 },
		{ "example.co|xample.com|example.com.|", 0 },
	};
	static const struct api_line script[] = { ZONES_LINE, { 0 } };
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct api a = { 0 };
		struct conf_list out = { 0 };
		struct err e = { 0 };
		const char *text = mem_fmt(&a.mem,
					   HEAD
					   "zones: {mode: list, get: /zones, "
					   "items: zones, where: {name: "
					   "\"%s\"}}\n" RECORDS WRITES,
					   rows[i].where);
		api_open(&a, api_parse(&a.mem, text), script);
		assert_int_equal(
			a.dns.provider->zones(&a.dns, &a.mem, &out, &e), 0);
		assert_int_equal(out.n, rows[i].n);
		api_close(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(complains),
		cmocka_unit_test(finds_the_zone),
		cmocka_unit_test(lists_zones),
		cmocka_unit_test(walks),
		cmocka_unit_test(lists_walked_zones),
		cmocka_unit_test(takes_some_zones),
		cmocka_unit_test(pages),
		cmocka_unit_test(answers),
		cmocka_unit_test(reads_again),
		cmocka_unit_test(audits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
