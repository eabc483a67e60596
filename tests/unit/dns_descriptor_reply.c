/* What APIs speak beside JSON: what they answer in, and what they are sent. */
#include "tests/unit/dnsapi.h"

#define HEAD                                                                \
	"name: x\nabout: a\nurl: u\ntypes: [A, MX, TXT]\n"                  \
	"creds: {token: {names: X_TOKEN, help: h}}\nbase: https://x.test\n" \
	"auth: {headers: {Authorization: \"Bearer {token}\"}}\n"            \
	"rate: {pause_ms: 1}\nzones: {mode: given}\n"
enum { TRIES = 4 };
#define WRITES "create: {post: /c}\ndelete: {post: /d}\n"

#define XML(records) \
	HEAD WRITES "format: xml\nrecords: {get: /r, " records "}\n"
#define HOSTS                                                      \
	"items: \"R.H?\", name: \"{@n}\", type: \"{@t}\", value: " \
	"\"{@v}\", ttl: \"{@ttl}\", id: \"{@id}\""
#define SETS                                                         \
	"items: R.Set, name: \"{Name}\", type: \"{Type}\", values: " \
	"Values.Value, value: \"{.}\""
#define RPC                                                                          \
	HEAD WRITES                                                                  \
		"format: xmlrpc\nrecords: {post: /, xmlrpc: {method: list, params: " \
		"[\"{token}\", \"{zone}\", 7, true]}, id: \"{id}\", name: \"{n}\", " \
		"type: \"{t}\", value: \"{v}\"}\n"
#define LINES                                                                  \
	HEAD WRITES                                                            \
		"format: lines\nreply: {ok: {code: \"200\"}, message: text}\n" \
		"records: {get: /r, items: \"property.rr?\", split: 5, name: " \
		"\"{0}\", ttl: \"{1}\", type: \"{3}\", value: \"{4}\"}\n"
#define TEXT                                                                      \
	HEAD WRITES                                                               \
		"format: text\nrecords: {get: /r, items: lines, split: 3, name: " \
		"\"{0}\", type: \"{1}\", value: \"{2}\"}\n"
#define WORD                                                                      \
	HEAD WRITES                                                               \
		"format: text\nreply: {ok: {word: OK}, message: text}\nrecords: " \
		"{get: /r, items: lines, split: 3, name: \"{0}\", type: "         \
		"\"{1}\", value: \"{2}\"}\n"
#define SOAP                                                                 \
	HEAD WRITES                                                          \
		"format: soap\nreply: {message: faultstring}\nrecords: "     \
		"{get: /r, items: \"R.return.list?\", name: \"{n}\", type: " \
		"\"{t}\", value: \"{v}\"}\n"
#define IN_SOAP(x) \
	"<E:Envelope xmlns:E=\"e\"><E:Body>" x "</E:Body></E:Envelope>"
#define PAIR(k, v) \
	"<item><key t=\"s\">" k "</key><value t=\"s\">" v "</value></item>"
#define FORM                                                                         \
	HEAD WRITES                                                                  \
		"format: form\nreply: {ok: {s: ok}, message: why}\nrecords: {get: "  \
		"/r, items: \"r?\", split: 3, name: \"{0}\", type: \"{1}\", value: " \
		"\"{2}\"}\n"
#define GET(body)                                             \
	{                                                     \
		"GET https://x.test/r", NULL, 200, body, NULL \
	}
#define RPC_ANSWER(v)                                                   \
	"<methodResponse><params><param><value>" v "</value></param></" \
	"params></methodResponse>"
#define MEMBER(n, v) "<member><name>" n "</name><value>" v "</value></member>"

static void reads(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		struct api_line line;
		const char *want; /* "name=value ..."; NULL: refused */
		const char *says;
	} rows[] = {
		{ XML(HOSTS),
		  GET("<R><H id='1' n='a' t='TXT' v='x &amp; y' ttl='60'/>"
		      "<H id='2' n='b' t='A' v='192.0.2.1'/></R>"),
		  "a.example.com=x & y b.example.com=192.0.2.1 ", NULL },
		{ XML(HOSTS), GET("<R><H id='1' n='a' t='TXT' v='x'/></R>"),
		  "a.example.com=x ", NULL },
		{ XML(HOSTS), GET("<R/>"), "", NULL },
		{ XML(HOSTS) "codec: {txt: quoted255, octal: yes}\n",
		  GET("<R><H id='1' n='\\052' t='TXT' v='\"\\303\\274\\\\"
		      "\"'/></R>"),
		  "*.example.com=\xc3\xbc\\ ", NULL },
		{ XML(SETS),
		  GET("<r:R xmlns:r='u'><Set><Name>a</Name><Type>TXT</Type>"
		      "<Values><Value>x</Value></Values></Set><Set><Name>b"
		      "</Name><Type>TXT</Type><Values><Value>y</Value><Value>"
		      "z</Value></Values></Set></r:R>"),
		  "a.example.com=x b.example.com=y b.example.com=z ", NULL },
		{ XML(SETS), GET("<R/>"), NULL, "has no \"R.Set\"" },
		{ XML(HOSTS), GET("<html>"), NULL, "no xml: <html>" },
		{ XML(HOSTS), GET("<html><body>x</body></html>"), NULL,
		  "no xml: <html>" },
		{ RPC,
		  { "POST https://x.test/",
		    "<methodName>list</methodName><params><param><value>"
		    "<string>SECRET0</string></value></param><param><value>"
		    "<string>example.com</string></value></param><param>"
		    "<value><int>7</int></value></param><param><value>"
		    "<boolean>1</boolean>",
		    200,
		    RPC_ANSWER(
			    "<array><data><value><struct>" MEMBER(
				    "id",
				    "<int>5</int>") MEMBER("n",
							   "a") MEMBER("t",
								       "TXT")
				    MEMBER("v",
					   "x") "</struct></value></data></array>"),
		    NULL },
		  "a.example.com=x ",
		  NULL },
		{ RPC,
		  { "POST https://x.test/", NULL, 200,
		    "<methodResponse><fault><value><struct>" MEMBER(
			    "faultString",
			    "go away") "</struct></value></fault></methodResponse>",
		    NULL },
		  NULL,
		  "200: go away" },
		{ LINES,
		  GET("[RESPONSE]\r\ncode = 200\r\ntext = fine\r\n"
		      "property[rr][0] = a 60 IN TXT one two\r\n"
		      "property[rr][1] = b 60 IN A 192.0.2.1\r\nEOF\r\n"),
		  "a.example.com=one two b.example.com=192.0.2.1 ", NULL },
		{ LINES, GET("code = 200\n"), "", NULL },
		{ LINES, GET("code: 545\ntext: no zone\n"), NULL, "no zone" },
		{ TEXT, GET("a TXT x y\n\nb A 192.0.2.1\n"),
		  "a.example.com=x y b.example.com=192.0.2.1 ", NULL },
		{ WORD, GET("OK: 1 kept\na TXT x"), "a.example.com=x ", NULL },
		{ WORD, GET("OKAY: 1 kept\na TXT x"), NULL, "OKAY: 1" },
		{ SOAP,
		  GET(IN_SOAP("<R><return>" PAIR(
			  "list", "<item>" PAIR("n", "a") PAIR("t", "TXT")
					  PAIR("v", "x y") "</item>")
				      PAIR("more", "") "</return></R>")),
		  "a.example.com=x y ", NULL },
		{ SOAP,
		  GET(IN_SOAP("<R><return>" PAIR("list", "")
				      PAIR("x", "y") "</return></R>")),
		  "", NULL },
		{ SOAP,
		  GET(IN_SOAP("<E:Fault><faultstring>not now</faultstring>"
			      "</E:Fault>")),
		  NULL, "not now" },
		{ FORM, GET("s=ok&r=a+TXT+x%20y&r=b+TXT+z"),
		  "a.example.com=x y b.example.com=z ", NULL },
		{ FORM, GET("s=bad&why=not%21"), NULL, "not!" },
		/* a text in the place of a list is no empty list */
		{ HEAD WRITES "records: {get: /r, items: r, value: \"{v}\"}\n",
		  GET("{\"r\":\"oops\"}"), NULL, "has no \"r\"" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct api a = { 0 };
		struct records out = { 0 };
		struct err e = { 0 };
		AUTO(buf) struct buf got = { 0 };
		struct api_line script[TRIES + 1] = { rows[i].line };

		/* what cannot be read is asked for again */
		for (int k = 1; rows[i].says &&
				strstr(rows[i].says, "no xml") && k < TRIES;
		     k++)
			script[k] = rows[i].line;

		api_open(&a, api_parse(&a.mem, rows[i].text), script);
		const int status = a.dns.provider->list(
			&a.dns, "example.com", NULL, 0, &a.mem, &out, &e);

		for (size_t k = 0; k < out.n; k++)
			buf_fmt(&got, "%s=%.*s ", out.at[k].name,
				STR_FMT(out.at[k].value));
		if (rows[i].want ? status || strcmp(buf_c(&got), rows[i].want) :
				   !status || !strstr(e.msg, rows[i].says))
			fail_msg("row %zu: %s (%s)", i, buf_c(&got), e.msg);
		api_close(&a);
	}
}

/* Lists that lead to lists, pages asked for in a body, names as spoken. */
#define DETAIL                                                                   \
	HEAD WRITES                                                              \
		"records: {get: /ids, items: \"\", detail: {get: \"/id/{id}\", " \
		"items: r}, name: \"{n}\", type: \"{t}\", value: \"{v}\"}\n"
#define OVER                                                                  \
	HEAD WRITES                                                           \
		"records: {post: /at, form: {n: \"{name}\"}, items: \"r?\", " \
		"over: {get: /names, items: n}, type: \"{t}\", value: \"{v}\"}\n"
#define IN_BODY                                                                     \
	HEAD WRITES                                                                 \
		"records: {post: /r, body: {zone: \"{zone}\"}, items: r, name: "    \
		"\"{n}\", type: \"{t}\", value: \"{v}\", page: {in: body, offset: " \
		"Offset, size: Limit, by: 1}}\n"
#define IN_FORM                                                                      \
	HEAD WRITES                                                                  \
		"records: {post: /r, form: {zone: \"{zone}\"}, items: r, name: "     \
		"\"{n}\", type: \"{t}\", value: \"{v}\", page: {in: body, page: p, " \
		"more: m}}\n"
#define AT_ONCE                                                               \
	HEAD WRITES                                                           \
		"records: {get: /r, items: r, name: \"{n}\", type: \"{t}\", " \
		"value: \"{v}\", page: {count: c}}\n"
#define ITEM(n, v) "{\"n\":\"" n "\",\"t\":\"TXT\",\"v\":\"" v "\"}"

static void asks_further(void **state)
{
	(void)state;
	static const struct {
		const char *text, *name;
		struct api_line script[5];
		const char *want; /* NULL: refused */
	} rows[] = {
		{ DETAIL,
		  NULL,
		  { { "GET https://x.test/ids", NULL, 200, "[7,8,9]", NULL },
		    { "GET https://x.test/id/7", NULL, 200,
		      "{\"r\":" ITEM("a", "x") "}", NULL },
		    { "GET https://x.test/id/8", NULL, 404, "{}", NULL },
		    { "GET https://x.test/id/9", NULL, 200,
		      "{\"r\":" ITEM("b", "y") "}", NULL } },
		  "a.example.com=x b.example.com=y " },
		{ DETAIL,
		  NULL,
		  { { "GET https://x.test/ids", NULL, 200, "[7]", NULL },
		    { "GET https://x.test/id/7", NULL, 200, "{}", NULL } },
		  NULL },
		{ OVER,
		  NULL,
		  { { "GET https://x.test/names", NULL, 200,
		      "{\"n\":[\"a\",\"b\"]}", NULL },
		    { "POST https://x.test/at", "n=a", 200,
		      "{\"r\":[{\"t\":\"TXT\",\"v\":\"x\"}]}", NULL },
		    { "POST https://x.test/at", "n=b", 200, "{}", NULL } },
		  "a.example.com=x " },
		{ OVER,
		  "b.example.com",
		  { { "POST https://x.test/at", "n=b", 200,
		      "{\"r\":[{\"t\":\"TXT\",\"v\":\"y\"},{\"t\":\"A\","
		      "\"v\":\"192.0.2.1\"}]}",
		      NULL } },
		  "b.example.com=y " },
		{ OVER,
		  "c.example.com",
		  { { "POST https://x.test/at", "n=c", 404, "{}", NULL } },
		  "" },
		{ IN_BODY,
		  NULL,
		  { { "POST https://x.test/r",
		      "{\"zone\":\"example.com\",\"Offset\":0,\"Limit\":1}",
		      200, "{\"r\":[" ITEM("a", "x") "]}", NULL },
		    { "POST https://x.test/r", "\"Offset\":1", 200,
		      "{\"r\":[]}", NULL } },
		  "a.example.com=x " },
		{ IN_FORM,
		  NULL,
		  { { "POST https://x.test/r", "zone=example.com&p=1", 200,
		      "{\"r\":[" ITEM("a", "x") "],\"m\":true}", NULL },
		    { "POST https://x.test/r", "&p=2", 200,
		      "{\"r\":[],\"m\":false}", NULL } },
		  "a.example.com=x " },
		{ AT_ONCE,
		  NULL,
		  { GET("{\"r\":[" ITEM("a", "x") "],\"c\":1}") },
		  "a.example.com=x " },
		{ AT_ONCE,
		  NULL,
		  { GET("{\"r\":[" ITEM("a", "x") "],\"c\":2}") },
		  NULL },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct api a = { 0 };
		struct records out = { 0 };
		struct err e = { 0 };
		AUTO(buf) struct buf got = { 0 };

		api_open(&a, api_parse(&a.mem, rows[i].text), rows[i].script);
		const int status = a.dns.provider->list(
			&a.dns, "example.com", rows[i].name,
			rows[i].name ? DNS_TXT : 0, &a.mem, &out, &e);

		for (size_t k = 0; k < out.n; k++)
			buf_fmt(&got, "%s=%.*s ", out.at[k].name,
				STR_FMT(out.at[k].value));
		if (rows[i].want ? status || strcmp(buf_c(&got), rows[i].want) :
				   !status || e.kind != ERR_TEMP)
			fail_msg("row %zu: %s (%s)", i, buf_c(&got), e.msg);
		api_close(&a);
	}
}

static void spells_names(void **state)
{
	(void)state;
	const char *zone = "xn--bcher-kva.example";
	struct api a = { 0 };
	struct records out = { 0 };
	struct err e = { 0 };
	struct api_line lines[] = {
		{ "GET https://x.test/b%C3%BCcher.example", NULL, 200,
		  "{\"r\":[" ITEM("m\u00fcll", "x") "]}", NULL },
		{ "POST https://x.test/c",
		  "{\"n\":\"müll\",\"s\":"
		  "\"bü"
		  "cher\"}",
		  200, "", NULL },
		{ 0 },
	};

	api_open(&a,
		 api_parse(&a.mem, HEAD
			   "create: {post: /c, body: {n: \"{name}\", s: "
			   "\"{sld}\"}}\ndelete: {post: /d}\nrecords: {get: "
			   "\"/{zone}\", items: r, name: \"{n}\", type: "
			   "\"{t}\", value: \"{v}\"}\ncodec: {idn: "
			   "unicode}\n"),
		 lines);
	assert_int_equal(a.dns.provider->list(&a.dns, zone, NULL, 0, &a.mem,
					      &out, &e),
			 0);
	assert_string_equal(out.at[0].name,
			    "xn--mll-hoa.xn--bcher-kva.example");
	const struct change c = { .name = out.at[0].name,
				  .type = DNS_TXT,
				  .ttl = 60,
				  .add = out,
				  .want = out };

	assert_int_equal(a.dns.provider->apply(&a.dns, zone, &c, &e), 0);
	api_close(&a);
}

static void writes(void **state)
{
	(void)state;
	static const struct {
		const char *create, *sends, *type;
	} rows[] = {
		{ "create: {post: /c, xml: {R: {\"@v\": \"1\", Set: {Name: "
		  "\"{name}\", Values: {Value: {$each: \"{value}\"}}}}}}\n",
		  "<R v=\"1\"><Set><Name>n</Name><Values><Value>a&lt;b</Value>"
		  "</Values></Set></R>",
		  "text/xml" },
		{ "create: {post: /c, headers: {Content-Type: a/b}, xml: {R: "
		  "\"{value}\"}}\n",
		  "<R>a&lt;b</R>", "a/b" },
		{ "create: {post: /c, xmlrpc: {method: \"add.{type}\", params: "
		  "[{ttl: \"{ttl}\", id: \"{id?}\", n: \"{zone}\"}]}}\n",
		  "<methodName>add.TXT</methodName><params><param><value>"
		  "<struct><member><name>ttl</name><value><int>60</int>"
		  "</value></member><member><name>n</name>",
		  "text/xml" },
		{ "create: {post: /c, xml: {r: {$json: {n: \"{zone}\", t: "
		  "\"{ttl}\"}}}}\n",
		  "<r>{&quot;n&quot;:&quot;example.com&quot;,&quot;t&quot;:60}</r>",
		  "text/xml" },
		{ "create: {post: /c, form: {z: \"{zone}\", all: [{n: "
		  "\"{name}\"}, {n: x}]}}\n",
		  "z=example.com&n1=n&n2=x", "application/x-www" },
		{ "create: {post: /c, form: {all: [{$each: \"{value}\"}, b, "
		  "\"{name}\"], z: c}}\n",
		  "all=a%3Cb&all=b&all=n&z=c", "application/x-www" },
		{ "create: {post: /c, text: \"{fqdn} {type} {value}\"}\n",
		  "n.example.com TXT a<b", "text/plain" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct api a = { 0 };
		struct err e = { 0 };
		struct record r = { "n.example.com", DNS_TXT, 60,
				    STR_LIT("a<b"), NULL };
		const struct change c = { .name = r.name,
					  .type = r.type,
					  .ttl = 60,
					  .want = { &r, 1, 1 },
					  .add = { &r, 1, 1 } };
		const struct api_line script[] = {
			{ "POST https://x.test/c", rows[i].sends, 200, "",
			  NULL },
			{ 0 },
		};

		api_open(
			&a,
			api_parse(
				&a.mem,
				mem_fmt(&a.mem,
					"%s%sdelete: {post: /d}\nrecords: {get: "
					"/r, value: \"{v}\"}\n",
					HEAD, rows[i].create)),
			script);
		if (a.dns.provider->apply(&a.dns, "example.com", &c, &e))
			fail_msg("row %zu: %s", i, e.msg);
		if (!strstr(a.seen,
			    mem_fmt(&a.mem, "Content-Type: %s", rows[i].type)))
			fail_msg("row %zu: %s", i, a.seen);
		api_close(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads),
		cmocka_unit_test(asks_further),
		cmocka_unit_test(spells_names),
		cmocka_unit_test(writes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
