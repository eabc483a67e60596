/* XML and XML-RPC as values, and back. */
#include "data/xml.h"

#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "data/xmlrpc.h"
#include "tests/unit/test.h"

static void reads(void **state)
{
	(void)state;
	static const struct {
		const char *xml, *json;
	} rows[] = {
		{ "<a/>", "{\"a\":\"\"}" },
		{ "<a> x </a>", "{\"a\":\" x \"}" },
		{ "<a>&lt;&amp;&#233;</a>", "{\"a\":\"<&\\u00e9\"}" },
		{ "<a><![CDATA[<b>]]></a>", "{\"a\":\"<b>\"}" },
		{ "<a><b>1</b><c/></a>", "{\"a\":{\"b\":\"1\",\"c\":\"\"}}" },
		{ "<a><b>1</b><c/><b>2</b><b>3</b></a>",
		  "{\"a\":{\"b\":[\"1\",\"2\",\"3\"],\"c\":\"\"}}" },
		{ "<a i='1'/>", "{\"a\":{\"@i\":\"1\"}}" },
		{ "<a i='1'>t</a>", "{\"a\":{\"@i\":\"1\",\"#text\":\"t\"}}" },
		{ "<n:a xmlns:n='u' xmlns='v'><n:b>1</n:b></n:a>",
		  "{\"a\":{\"b\":\"1\"}}" },
		{ "<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe9</a>",
		  "{\"a\":\"\\u00e9\"}" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		json_t *j;
		struct err e = { 0 };

		if (xml_parse(str_of(rows[i].xml), &j, &e))
			fail_msg("row %zu: %s", i, e.msg);
		char *text = json_dumps(j, JSON_COMPACT | JSON_ENSURE_ASCII);

		/* jansson writes capitals in its escapes */
		json_t *want = json_loads(rows[i].json, 0, NULL);

		if (!json_equal(j, want))
			fail_msg("row %zu: %s", i, text);
		free(text);
		json_decref(want);
		json_decref(j);
	}
}

static void refuses(void **state)
{
	(void)state;
	static const struct {
		const char *xml, *says;
	} rows[] = {
		{ "", "no element found" },
		{ "<a>", "line 1: " },
		{ "<a>\n<b></a>", "line 2: mismatched tag" },
		{ "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "document type" },
		{ "<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>",
		  "document type" },
		{ "<a>&x;</a>", "undefined entity" },
		{ "<a>\xff</a>", "line 1: " },
	};
	AUTO(buf) struct buf deep = { 0 };
	json_t *j;
	struct err e = { 0 };

	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(xml_parse(str_of(rows[i].xml), &j, &e), -1);
		assert_null(j);
		assert_int_equal(e.kind, ERR_TEMP);
		if (!strstr(e.msg, rows[i].says))
			fail_msg("row %zu: %s", i, e.msg);
	}
	for (int i = 0; i <= XML_DEPTH; i++)
		buf_str(&deep, "<a>");
	assert_int_equal(xml_parse(buf_get(&deep), &j, &e), -1);
	assert_non_null(strstr(e.msg, "within elements"));
}

static void writes(void **state)
{
	(void)state;
	static const struct {
		const char *json, *xml; /* NULL: refused */
	} rows[] = {
		{ "{\"a\":{\"@x\":\"1\\\"\",\"b\":[1,true,null],\"c\":{\"#text\":"
		  "\"<\"}}}",
		  "<a x=\"1&quot;\"><b>1</b><b>true</b><b></b><c>&lt;</c></a>" },
		{ "{\"a\":\"x\\ny\"}", "<a>x&#10;y</a>" },
		{ "{}", NULL },
		{ "{\"a\":1,\"b\":2}", NULL },
		{ "{\"a b\":1}", NULL },
		{ "{\"a\":{\"@b c\":1}}", NULL },
		{ "{\"a\":\"\\u0001\"}", NULL },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO(buf) struct buf b = { 0 };
		json_t *j = json_loads(rows[i].json, 0, NULL);
		struct err e = { 0 };
		const int status = xml_write(j, &b, &e);

		json_decref(j);
		assert_int_equal(status, rows[i].xml ? 0 : -1);
		if (rows[i].xml && !strstr(buf_c(&b), rows[i].xml))
			fail_msg("row %zu: %s", i, buf_c(&b));
	}
}

#define ANSWER(v)                                                 \
	"<methodResponse><params><param>" v "</param></params></" \
	"methodResponse>"
#define FAULT(v) "<methodResponse><fault>" v "</fault></methodResponse>"

static void calls(void **state)
{
	(void)state;
	static const struct {
		const char *xml, *json;
		bool fault;
	} rows[] = {
		{ ANSWER("<value>x</value>"), "[\"x\"]", false },
		{ ANSWER("<value><int>-7</int></value>"), "[-7]", false },
		{ ANSWER("<value><boolean>1</boolean></value>"), "[true]",
		  false },
		{ ANSWER("<value><array><data/></array></value>"), "[[]]",
		  false },
		{ ANSWER("<value><array><data><value><string>a</string></value>"
			 "</data></array></value>"),
		  "[[\"a\"]]", false },
		{ ANSWER("<value><struct><member><name>a</name><value><i4>1"
			 "</i4></value></member><member><name>b</name><value>"
			 "<nil/></value></member></struct></value>"),
		  "[{\"a\":1,\"b\":null}]", false },
		{ FAULT("<value><struct><member><name>faultString</name>"
			"<value>no</value></member></struct></value>"),
		  "[{\"faultString\":\"no\"}]", true },
	};
	AUTO(buf) struct buf b = { 0 };
	struct err e = { 0 };

	for (size_t i = 0; i < COUNT(rows); i++) {
		json_t *j, *want = json_loads(rows[i].json, 0, NULL);
		bool fault;

		if (xmlrpc_parse(str_of(rows[i].xml), &j, &fault, &e))
			fail_msg("row %zu: %s", i, e.msg);
		assert_int_equal(fault, rows[i].fault);
		if (!json_equal(j, json_array_get(want, 0)))
			fail_msg("row %zu", i);
		json_decref(j);
		json_decref(want);
	}
	json_t *j, *params = json_loads("[\"a<\",1,true,[2],{\"k\":null}]", 0,
					NULL);
	bool fault;

	assert_int_equal(xmlrpc_parse(STR_LIT("<a/>"), &j, &fault, &e), -1);
	assert_int_equal(xmlrpc_write("m", params, &b, &e), 0);
	json_decref(params);
	assert_non_null(strstr(
		buf_c(&b),
		"<methodName>m</methodName><params><param><value><string>a&lt;"
		"</string></value></param><param><value><int>1</int></value>"
		"</param><param><value><boolean>1</boolean></value></param>"
		"<param><value><array><data><value><int>2</int></value></data>"
		"</array></value></param><param><value><struct><member><name>k"
		"</name><value><nil/></value></member></struct></value>"
		"</param></params></methodCall>"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads),
		cmocka_unit_test(refuses),
		cmocka_unit_test(writes),
		cmocka_unit_test(calls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
