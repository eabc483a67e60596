/* Descriptors of APIs with manners of their own. */
#include "dns/descriptor.h"

#include "tests/unit/dnsapi.h"

#define HEAD                                                                   \
	"name: x\nabout: a\nurl: u\ntypes: [A, CNAME, MX, TXT]\n"              \
	"creds: {token: {names: X_TOKEN, help: h}}\nbase: https://x.test/v1\n" \
	"auth: {headers: {Authorization: \"Bearer {token}\"}}\n"               \
	"rate: {pause_ms: 1}\n"
#define RECORDS                                                                \
	"records: {get: \"/zones/{zone_id}/records\", items: records, value: " \
	"\"{content}\"}\n"
#define WRITES                                                                \
	"create: {post: \"/zones/{zone_id}/records\", body: {name: "          \
	"\"{name}\", type: \"{type}\", content: \"{value}\", ttl: \"{ttl}\"," \
	" $MX: {content: \"{target}\", prio: \"{priority}\"}}}\n"             \
	"delete: {delete: \"/zones/{zone_id}/records/{id}\"}\n"

#define FOREIGN                                                             \
	HEAD "zones: {mode: list, get: /all, items: r, name: \"{zone}\"}\n" \
	     "records: {get: /all, items: r, where: {zone: \"{zone}\"}, "   \
	     "value: {TXT: \"{v}\", MX: \"{p|ours} {v}\"}}\n"               \
	     "create: {post: \"/{zone}\", body: {v: \"{value}\", "          \
	     "$MX: {p: \"{priority|theirs}\", v: \"{target}\"}}}\n"         \
	     "delete: {delete: \"/{id}\"}\n"                                \
	     "codec: {words: {priority.10: high, priority.20: low}}\n"      \
	     "reply: {failed: {status: no}, message: why}\n"

/* A list that holds other zones too, words that the API has others for, types
 * that nobody says how to read, and a refusal with a good status. */
static void speaks_its_words(void **state)
{
	(void)state;
	static const struct api_line script[] = {
		{ "GET https://x.test/v1/all", NULL, 200,
		  "{\"r\":[{\"zone\":\"example.com\",\"name\":\"a\",\"type\":"
		  "\"MX\",\"p\":\"low\",\"v\":\"mx.test.\"},{\"zone\":"
		  "\"other.test\",\"name\":\"x.other.test\",\"type\":\"TXT\","
		  "\"v\":\"t\"},{\"zone\":\"example.com\",\"name\":\"b\","
		  "\"type\":\"SSHFP\",\"v\":\"4 2 00\"}]}",
		  NULL },
		{ "GET https://x.test/v1/all", NULL, 200,
		  "{\"r\":[{\"zone\":\"example.com\",\"name\":\"a\",\"type\":"
		  "\"MX\",\"p\":\"low\",\"v\":\"mx.test.\"},{\"zone\":"
		  "\"other.test\",\"name\":\"x.other.test\",\"type\":\"TXT\","
		  "\"v\":\"t\"},{\"zone\":\"example.com\",\"name\":\"b\","
		  "\"type\":\"SSHFP\",\"v\":\"4 2 00\"}]}",
		  NULL },
		{ "POST https://x.test/v1/example.com",
		  "{\"v\":\"mx.test\",\"p\":\"high\"}", 200,
		  "{\"status\":\"no\",\"why\":\"not today\"}", NULL },
		{ 0 }
	};
	struct api a = { 0 };
	struct records out = { 0 };
	struct err e = { 0 };
	struct record r = { "a.example.com", DNS_MX, 0, str_of("10 mx.test."),
			    NULL };
	struct change c = { .name = r.name,
			    .type = r.type,
			    .add = { &r, 1, 1 } };

	api_open(&a, api_parse(&a.mem, FOREIGN), script);
	assert_int_equal(a.dns.provider->list(&a.dns, "example.com", NULL, 0,
					      &a.mem, &out, &e),
			 0);
	assert_int_equal(out.n, 1);
	assert_true(str_eq(out.at[0].value, "20 mx.test."));
	assert_int_equal(a.dns.provider->apply(&a.dns, "example.com", &c, &e),
			 -1);
	assert_int_equal(e.kind, ERR_PERM);
	assert_non_null(strstr(e.msg, "not today"));
	api_close(&a);
}

#define BELOW "zones: {mode: given, below: dyn.test}\n"
/* Every customer has a label of one name. */
static void finds_a_label(void **state)
{
	(void)state;
	static const struct api_line none[] = { { 0 } };
	static const struct {
		const char *name, *zone;
	} rows[] = {
		{ "_acme-challenge.me.dyn.test", "me.dyn.test" },
		{ "a.b.you.dyn.test", "you.dyn.test" },
		{ "me.dyn.test", "me.dyn.test" },
		{ "dyn.test", NULL },
		{ "me.xdyn.test", NULL },
	};
	struct api a = { 0 };

	api_open(&a, api_parse(&a.mem, HEAD BELOW RECORDS WRITES), none);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct err e = { 0 };
		const char *zone = NULL;

		assert_int_equal(a.dns.provider->find_zone(&a.dns, rows[i].name,
							   &zone, &e),
				 rows[i].zone ? 0 : -1);
		if (rows[i].zone)
			assert_string_equal(zone, rows[i].zone);
		else
			assert_int_equal(e.kind, ERR_MISSING);
	}
	api_close(&a);
}

#define QUERY                                                                \
	HEAD "zones: {mode: list, get: /all, items: r, name: \"{zone}\"}\n"  \
	     "records: {get: /all, items: r, where: {zone: \"{zone}\"}, "    \
	     "value: \"{v}\"}\n"                                             \
	     "create: {get: \"/add?z={zone}\", form: {h: \"{name}\", v: "    \
	     "\"{value}\", $MX: {v: \"{target}\", d: \"{priority}\"}}}\n"    \
	     "delete: {get: \"/del?id={id}\"}\n"                             \
	     "reply: {ok: {code: \"200|204\", error: \"|0\"}, failed: {no: " \
	     "\"yes|true\"}}\n"
#define BOTH                                                                \
	HEAD "zones: {mode: list, get: /all, items: r, name: \"{zone}\"}\n" \
	     "records: {get: /all, items: r, where: {zone: \"{zone}\"}, "   \
	     "value: \"{v}\"}\n"                                            \
	     "change: {post: /c, body: {all: [{$add: {v: \"{value}\"}}, "   \
	     "{$del: {id: \"{id}\"}}, last]}}\n"                            \
	     "reply: {ok: {code: \"200|204\"}, failed: {no: \"yes|true\"}}\n"

/* A GET that writes has its form in its query, both sides of a change may share
 * a list, and there are several good words and several bad ones. */
static void writes_in_one_place(void **state)
{
	(void)state;
	static const struct {
		const char *text, *call, *sent, *reply;
		int status;
	} rows[] = {
		{ QUERY,
		  "GET https://x.test/v1/add?z=example.com&h=a&v=mx.test&d=10",
		  NULL, "{\"code\":200}", 0 },
		{ QUERY,
		  "GET https://x.test/v1/add?z=example.com&h=a&v=mx.test&d=10",
		  NULL, "{\"code\":204,\"error\":0}", 0 },
		{ QUERY,
		  "GET https://x.test/v1/add?z=example.com&h=a&v=mx.test&d=10",
		  NULL, "{\"code\":204,\"error\":7}", -1 },
		{ QUERY,
		  "GET https://x.test/v1/add?z=example.com&h=a&v=mx.test&d=10",
		  NULL, "{\"code\":20}", -1 },
		{ QUERY,
		  "GET https://x.test/v1/add?z=example.com&h=a&v=mx.test&d=10",
		  NULL, "{\"code\":204,\"no\":\"true\"}", -1 },
		{ BOTH, "POST https://x.test/v1/c",
		  "{\"all\":[{\"v\":\"10 mx.test\"},\"last\"]}",
		  "{\"code\":204}", 0 },
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *all = "{\"code\":200,\"r\":[{\"zone\":"
				  "\"example.com\",\"name\":\"b\",\"type\":"
				  "\"TXT\",\"v\":\"t\",\"id\":\"7\"}]}";
		const struct api_line script[] = {
			{ "GET https://x.test/v1/all", NULL, 200, all, NULL },
			{ "GET https://x.test/v1/all", NULL, 200, all, NULL },
			{ rows[i].call, rows[i].sent, 200, rows[i].reply,
			  NULL },
			{ 0 }
		};
		struct api a = { 0 };
		struct records out = { 0 };
		struct err e = { 0 };
		struct record r = { "a.example.com", DNS_MX, 0,
				    str_of("10 mx.test."), NULL };
		struct change c = { .name = r.name,
				    .type = r.type,
				    .add = { &r, 1, 1 } };

		api_open(&a, api_parse(&a.mem, rows[i].text), script);
		assert_int_equal(a.dns.provider->list(&a.dns, "example.com",
						      NULL, 0, &a.mem, &out,
						      &e),
				 0);
		assert_int_equal(a.dns.provider->apply(&a.dns, "example.com",
						       &c, &e),
				 rows[i].status);
		api_close(&a);
	}
}

#define APART                                                                   \
	HEAD "zones: {mode: list, get: /all, items: r, name: \"{zone}\"}\n"     \
	     "records: {get: /sets, items: r, type: \"{type|leaf}\", values: "  \
	     "{MX: mx, CNAME: one, TXT: \"texts?\"}, value: {MX: \"{p} {x}\", " \
	     "CNAME: \"{to}\", TXT: \"{parts|joined}\", A: \"{v}\"}}\n"         \
	     "put: {put: \"/{type}/{name}\", body: {texts: {$each: {parts: "    \
	     "\"{value|strings}\"}}}}\n"

#define X100                                                 \
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" \
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define X254                                    \
	X100 X100 "xxxxxxxxxxxxxxxxxxxxxxxxxxx" \
		  "xxxxxxxxxxxxxxxxxxxxxxxxxxx"

/* Each type's values in a member of its own, and a TXT as its strings, which
 * are cut where a character ends. */
static void keeps_types_apart(void **state)
{
	(void)state;
	static const struct {
		const char *value, *sent; /* NULL: it cannot be sent */
	} rows[] = {
		{ "short", "[{\"parts\":[\"short\"]}]" },
		{ "", "[{\"parts\":[\"\"]}]" },
		{ X254 "yz", "[{\"parts\":[\"" X254 "y\",\"z\"]}]" },
		{ X254 "\u00fc!", "[{\"parts\":[\"" X254 "\",\"\u00fc!\"]}]" },
		{ "no \xff text", NULL },
	};
	static const char zones[] = "{\"r\":[{\"zone\":\"example.com\"}]}";
	static const char sets[] =
		"{\"r\":[{\"name\":\"\",\"type\":\"v/zones/MX\",\"mx\":[{\"p\":"
		"10,\"x\":\"a.test\"},{\"p\":20,\"x\":\"b.test\"}]},{\"name\":"
		"\"w\",\"type\":\"v/CNAME\",\"one\":{\"to\":\"c.test\"}},{"
		"\"name\":\"t\",\"type\":\"TXT\",\"texts\":[{\"parts\":[\"a b\","
		"\"c\"]}]},{\"name\":\"none\",\"type\":\"TXT\"},{\"name\":\"i\","
		"\"type\":\"A\",\"v\":\"192.0.2.1\"}]}";
	static const char *const want[] = { "10 a.test.", "20 b.test.",
					    "c.test.", "a bc", "192.0.2.1" };
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct api_line script[] = {
			{ "GET https://x.test/v1/all", NULL, 200, zones, NULL },
			{ "GET https://x.test/v1/sets", NULL, 200, sets, NULL },
			{ rows[i].sent ? "PUT https://x.test/v1/TXT/n" : NULL,
			  rows[i].sent, 200, "", NULL },
			{ 0 }
		};
		struct api a = { 0 };
		struct records out = { 0 };
		struct err e = { 0 };
		struct record r = { "n.example.com", DNS_TXT, 60,
				    str_of(rows[i].value), NULL };
		struct change c = { .name = r.name,
				    .type = r.type,
				    .add = { &r, 1, 1 },
				    .want = { &r, 1, 1 } };

		api_open(&a, api_parse(&a.mem, APART), script);
		assert_int_equal(a.dns.provider->list(&a.dns, "example.com",
						      NULL, 0, &a.mem, &out,
						      &e),
				 0);
		assert_int_equal(out.n, COUNT(want));
		for (size_t k = 0; k < COUNT(want); k++)
			assert_true(str_eq(out.at[k].value, want[k]));
		assert_int_equal(a.dns.provider->apply(&a.dns, "example.com",
						       &c, &e),
				 rows[i].sent ? 0 : -1);
		if (!rows[i].sent)
			assert_non_null(strstr(e.msg, "no UTF-8"));
		api_close(&a);
	}
}

#define AS_IT_CAME                                                           \
	HEAD "zones: {mode: list, get: /all, items: r, name: \"{zone}\", "   \
	     "where: {open: \"*\"}}\nrecords: {get: /sets, items: r, name: " \
	     "\"{name}\", values: data, id: \"{.}\", value: \"{.}\"}\n"      \
	     "change: {post: /c, body: {no: {$is: \"{id}\"}, yes: {$want: "  \
	     "\"{id|or:value}\"}}}\ncodec: {txt: quoted}\n"

/* A value that was written in another form is named, and kept, in that form;
 * and a zone is chosen by what it has, whatever that holds. */
static void names_values_as_they_came(void **state)
{
	(void)state;
	static const struct api_line script[] = {
		{ "GET https://x.test/v1/all", NULL, 200,
		  "{\"r\":[{\"zone\":\"example.com\",\"closed\":{}},{\"zone\":"
		  "\"example.org\",\"open\":{}}]}",
		  NULL },
		{ "GET https://x.test/v1/sets", NULL, 200,
		  "{\"r\":[{\"name\":\"a\",\"type\":\"TXT\",\"data\":[\"bare\","
		  "\"\\\"quoted\\\"\"]}]}",
		  NULL },
		{ "POST https://x.test/v1/c",
		  "{\"no\":[\"bare\",\"\\\"quoted\\\"\"],\"yes\":[\"bare\","
		  "\"\\\"new\\\"\"]}",
		  200, "", NULL },
		{ 0 }
	};
	struct api a = { 0 };
	struct records out = { 0 };
	struct err e = { 0 };
	struct record r = { "a.example.org", DNS_TXT, 60, STR_LIT("new"),
			    NULL };
	struct change c = { .name = r.name, .type = r.type };
	const char *zone;

	api_open(&a, api_parse(&a.mem, AS_IT_CAME), script);
	assert_int_equal(a.dns.provider->find_zone(&a.dns, "x.example.com",
						   &zone, &e),
			 -1);
	assert_int_equal(a.dns.provider->list(&a.dns, "example.org", NULL, 0,
					      &a.mem, &out, &e),
			 0);
	assert_int_equal(out.n, 2);
	assert_true(str_eq(out.at[1].value, "quoted"));
	records_add(&c.is, &a.mem, &out.at[0]);
	records_add(&c.is, &a.mem, &out.at[1]);
	records_add(&c.want, &a.mem, &out.at[0]);
	records_add(&c.want, &a.mem, &r);
	if (a.dns.provider->apply(&a.dns, "example.org", &c, &e))
		fail_msg("%s", e.msg);
	api_close(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(speaks_its_words),
		cmocka_unit_test(finds_a_label),
		cmocka_unit_test(writes_in_one_place),
		cmocka_unit_test(keeps_types_apart),
		cmocka_unit_test(names_values_as_they_came),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
