/* Names of services: their labels, and APIs that keep them apart. */
#include <string.h>

#include "tests/unit/dnsapi.h"

#define HEAD                                                                \
	"name: x\nabout: a\nurl: u\ntypes: [A, SRV]\n"                      \
	"creds: {token: {names: X_TOKEN, help: h}}\nbase: https://x.test\n" \
	"auth: {basic: \"{token}\"}\nzones: {mode: given}\n"

static void apply(const char *text, const struct api_line *script,
		  const char *name, bool add)
{
	struct api a = { 0 };
	struct err e = { 0 };
	struct record r = { name, DNS_SRV, 120, STR_LIT("0 1 993 m.test."),
			    "1" };
	struct change c = { .name = name, .type = DNS_SRV };

	records_add(add ? &c.add : &c.del, &a.mem, &r);
	records_add(add ? &c.want : &c.is, &a.mem, &r);
	api_open(&a, api_parse(&a.mem, text), script);
	if (a.dns.provider->apply(&a.dns, "x.test", &c, &e))
		fail_msg("%s: %s", name, e.msg);
	api_close(&a);
}

#define WORDS                                                             \
	HEAD "records: {get: /r, value: \"{v}\"}\ndelete: {delete: /r}\n" \
	     "create: {post: /r, body: {s: \"{service}\", p: "            \
	     "\"{proto|bare}{owner|predot}\", o: \"{owner|at}\", b: "     \
	     "\"{service|bare}\"}}\n"

/* The service, its protocol, and whose they are, of any depth or the zone. */
static void cuts_services(void **state)
{
	static const struct {
		const char *name, *body;
	} rows[] = {
		{ "_imaps._tcp.x.test", "{\"s\":\"_imaps\",\"p\":\"tcp\",\"o\":"
					"\"@\",\"b\":\"imaps\"}" },
		{ "_imaps._tcp.a.x.test",
		  "{\"s\":\"_imaps\",\"p\":\"tcp.a\",\"o\":\"a\",\"b\":"
		  "\"imaps\"}" },
		{ "_imaps._tcp.a.b.c.x.test",
		  "{\"s\":\"_imaps\",\"p\":\"tcp.a.b.c\",\"o\":\"a.b.c\","
		  "\"b\":\"imaps\"}" },
		{ "imaps.x.test",
		  "{\"s\":\"imaps\",\"p\":\"\",\"o\":\"@\",\"b\":\"imaps\"}" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct api_line script[] = { { "POST https://x.test/r",
						     rows[i].body, 200, "{}",
						     NULL },
						   { 0 } };

		apply(WORDS, script, rows[i].name, true);
	}
}

#define OWNED                                                                 \
	HEAD "records: {get: /r, items: r, name: {SRV: \"{s}._tcp.{name}\", " \
	     "\"*\": \"{name}\"}, value: \"{content}\", ttl: \"{ttl}\"}\n"    \
	     "put: {put: \"/{type}/{name}\", body: {$each: {s: "              \
	     "\"{service}\", p: \"{proto}\", v: \"{value}\", n: "             \
	     "\"{name}\"}}}\ndelete: {delete: \"/{type}/{name}\"}\n"          \
	     "codec: {apex: \"@\", srv: owner, dots: yes}\n"
#define SRV(s, n, port)                        \
	"{\"s\":\"" s "\",\"name\":\"" n       \
	"\",\"type\":\"SRV\",\"content\":\"0 " \
	"1 " port " m.test.\",\"ttl\":120}"
#define SENT(s, n, port)                                                  \
	"{\"s\":\"" s "\",\"p\":\"_tcp\",\"v\":\"0 1 " port " m.test.\"," \
	"\"n\":\"" n "\"}"
#define ALL(items)                                                             \
	{                                                                      \
		"GET https://x.test/r", NULL, 200, "{\"r\":[" items "]}", NULL \
	}

/* Services of one owner are one set there: one is changed, the others stay. */
static void keeps_other_services(void **state)
{
	static const struct {
		const char *name;
		bool add;
		struct api_line script[3];
	} rows[] = {
		{ "_imaps._tcp.x.test",
		  true,
		  { ALL(SRV("_sip", "@", "5060") "," SRV(
			    "_sip", "a.b", "5061") ",{\"name\":\"w\",\"type\":"
						   "\"A\",\"content\":"
						   "\"192.0.2.1\"}"),
		    { "PUT https://x.test/SRV/%40",
		      "[" SENT("_sip", "@", "5060") "," SENT("_imaps", "@",
							     "993") "]",
		      200, "", NULL } } },
		{ "_imaps._tcp.a.b.x.test",
		  true,
		  { ALL(SRV("_sip", "@", "5060")),
		    { "PUT https://x.test/SRV/a.b",
		      "[" SENT("_imaps", "a.b", "993") "]", 200, "", NULL } } },
		{ "_imaps._tcp.x.test",
		  false,
		  { ALL(SRV("_imaps", "@", "993") "," SRV("_sip", "@", "5060")),
		    { "PUT https://x.test/SRV/%40",
		      "[" SENT("_sip", "@", "5060") "]", 200, "", NULL } } },
		{ "_imaps._tcp.b.x.test",
		  false,
		  { ALL(SRV("_imaps", "b", "993") "," SRV("_sip", "@", "5060")),
		    { "DELETE https://x.test/SRV/b", NULL, 200, "", NULL } } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		apply(OWNED, rows[i].script, rows[i].name, rows[i].add);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cuts_services),
		cmocka_unit_test(keeps_other_services),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
