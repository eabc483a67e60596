#include "data/textpb.h"

#include <string.h>

#include "base/auto.h"

#include "tests/unit/test.h"

/* The tree as one line: name@line:column=value; text in quotes, ! for each
 * byte that is not printable. */
static void print(struct buf *out, const struct textpb *f)
{
	const char *between = "";

	if (f->kind == TEXTPB_WORD)
		buf_view(out, f->text);
	if (f->kind == TEXTPB_STRING) {
		buf_char(out, '"');
		for (size_t i = 0; i < f->text.n; i++)
			buf_char(out,
				 f->text.at[i] < ' ' ? '!' : f->text.at[i]);
		buf_char(out, '"');
	}
	if (f->kind == TEXTPB_MESSAGE)
		buf_char(out, '{');
	for (const struct textpb *c = f->child; c; c = c->next) {
		buf_fmt(out, "%s%s@%d:%d=", between, c->name, c->line,
			c->column);
		print(out, c);
		between = " ";
	}
	if (f->kind == TEXTPB_MESSAGE)
		buf_char(out, '}');
}

static void reads_trees(void **state)
{
	static const struct {
		const char *text, *tree;
	} cases[] = {
		{ "", "{}" },
		{ " # nothing", "{}" },
		{ "a: 1", "{a@1:1=1}" },
		{ "a:1b:2", NULL },
		{ "a:1 b:2", "{a@1:1=1 b@1:5=2}" },
		{ "a: 1, b: 2;\n c : 3", "{a@1:1=1 b@1:7=2 c@2:2=3}" },
		{ "a: \"x\" 'y'\n # z\n \"z\"", "{a@1:1=\"xyz\"}" },
		{ "a: \"\\n\\t\\\"\\\\'\" b: '\"'",
		  "{a@1:1=\"!!\"\\'\" b@1:16=\"\"\"}" },
		{ "a: '\\x41\\x4a1\\101\\1019\\7'", "{a@1:1=\"AJ1AA9!\"}" },
		{ "a: '\\u0041\\U00000042'", "{a@1:1=\"AB\"}" },
		{ "\xc3\xa9: 1", NULL },
		{ "a: '\xc3\xa9' b: 1", "{a@1:1=\"!!\" b@1:8=1}" },
		{ "a { b: 1 } c: { d < > }",
		  "{a@1:1={b@1:5=1} c@1:12={d@1:17={}}}" },
		{ "a: [1, -2]", "{a@1:5=1 a@1:8=-2}" },
		{ "a: [] b: [{c: 1}, <>]", "{b@1:11={c@1:12=1} b@1:19={}}" },
		{ "a: - \n 1", "{a@1:1=-1}" },
		{ "a: 1.5e+3f b: inf", "{a@1:1=1.5e+3f b@1:12=inf}" },
		{ "[x.y]: 1 [a.b/c] {}", "{[x.y]@1:1=1 [a.b/c]@1:10={}}" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		AUTO(mem) struct mem m = { 0 };
		AUTO(buf) struct buf out = { 0 };
		struct err e = { 0 };
		struct textpb *root = NULL;
		int rc =
			textpb_parse(str_of(cases[i].text), "f", &m, &root, &e);

		if (!rc != (cases[i].tree != NULL))
			fail_msg("%s: %s", cases[i].text, e.msg);
		if (rc)
			continue;
		print(&out, root);
		if (strchr(cases[i].text, 0xc3 - 256))
			for (size_t k = 0; k < out.n; k++)
				if (out.at[k] < 0)
					out.at[k] = '!';
		assert_string_equal(buf_c(&out), cases[i].tree);
	}
}

static void complains(void **state)
{
	static const struct {
		struct str text;
		const char *says;
	} cases[] = {
		{ STR_LIT("a"), "f:1:2: the text ends where ':' should be" },
		{ STR_LIT("a 1"), "f:1:3: '1' stands where ':' should be" },
		{ STR_LIT("a:"), "f:1:3: the text ends where a value" },
		{ STR_LIT("\na: }"), "f:2:4: '}' stands where a value" },
		{ STR_LIT("1: 2"), "f:1:1: '1' stands where the name" },
		{ STR_LIT("a: 1,, b: 1"), "f:1:6: ',' stands where the name" },
		{ STR_LIT("a {\n"), "f:1:4: this is closed nowhere: '}'" },
		{ STR_LIT("a < }"), "f:1:5: '}' stands where the name" },
		{ STR_LIT("a: 'x\ny'"), "f:1:4: this string has no end" },
		{ STR_LIT("a: 'x\""), "f:1:4: this string has no end" },
		{ STR_LIT("a: 'x\0'"), "f:1:6: the byte 0x00 cannot" },
		{ STR_LIT("a: '\xff'"), "f:1:5: the byte 0xff cannot" },
		{ STR_LIT("a: '\xc0\x80'"), "f:1:5: the byte 0xc0 cannot" },
		{ STR_LIT("a: '\\400'"), "f:1:5: this escape is more than" },
		{ STR_LIT("a: '\\q'"), "f:1:5: there is no such escape" },
		{ STR_LIT("a: '\\xg'"), "f:1:5: there is no such escape" },
		{ STR_LIT("a: '\\u12'"), "f:1:5: \\u needs 4 hexadecimal" },
		{ STR_LIT("a: '\\U00110000'"), "f:1:5: \\U needs 8" },
		{ STR_LIT("a: '\\ud800'"), "f:1:5: half a surrogate pair" },
		{ STR_LIT("a: '\\udc00'"), "f:1:5: half a surrogate pair" },
		{ STR_LIT("a: [1"), "f:1:6: the text ends where ',' or ']'" },
		{ STR_LIT("a: [[1]]"), "f:1:5: '[' stands where a value" },
		{ STR_LIT("[a b]: 1"), "f:1:1: '[' stands where the name" },
		{ STR_LIT("a: \x01"), "f:1:4: the byte 0x01 stands where" },
		{ STR_LIT("a: --1"), "f:1:5: '-' stands where a value" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		AUTO(mem) struct mem m = { 0 };
		struct err e = { 0 };
		struct textpb *root = NULL;

		if (!textpb_parse(cases[i].text, "f", &m, &root, &e))
			fail_msg("case %zu passes", i);
		assert_int_equal(e.kind, ERR_CONF);
		assert_null(root);
		if (!strstr(e.msg, cases[i].says))
			fail_msg("\"%s\" lacks \"%s\"", e.msg, cases[i].says);
	}
}

static void knows_limits(void **state)
{
	AUTO(mem) struct mem m = { 0 };
	AUTO(buf) struct buf text = { .max = 20 << 20 };
	struct textpb *root = NULL;
	struct err e = { 0 };

	(void)state;
	for (int i = 0; i < 32; i++)
		buf_str(&text, "a{");
	for (int i = 0; i < 32; i++)
		buf_str(&text, "}");
	assert_int_equal(textpb_parse(buf_get(&text), "f", &m, &root, &e), 0);
	for (int i = 0; i < 100000; i++)
		buf_str(&text, "a{");
	assert_int_equal(textpb_parse(buf_get(&text), "f", &m, &root, &e), -1);
	assert_non_null(strstr(e.msg, "more than 32 levels"));
	buf_clear(&text);
	for (int i = 0; i < 1000001; i++)
		buf_str(&text, "a:1 ");
	assert_int_equal(textpb_parse(buf_get(&text), "f", &m, &root, &e), -1);
	assert_non_null(strstr(e.msg, "more than 1000000 fields"));
}

static const struct textpb_row in_rows[] = {
	{ "x", TEXTPB_BYTES, false, NULL, NULL },
};
static const struct textpb_rows in = TEXTPB_ROWS(in_rows);
static const struct textpb_row rows[] = {
	{ "hostname", TEXTPB_TEXT, false, NULL, NULL },
	{ "address", TEXTPB_TEXT, true, NULL, NULL },
	{ "on", TEXTPB_BOOL, true, NULL, NULL },
	{ "i", TEXTPB_INT32, true, NULL, NULL },
	{ "j", TEXTPB_INT64, true, NULL, NULL },
	{ "u", TEXTPB_UINT32, true, NULL, NULL },
	{ "v", TEXTPB_UINT64, true, NULL, NULL },
	{ "kind", TEXTPB_ENUM, true, "PLAIN TLS", NULL },
	{ "in", TEXTPB_INSIDE, true, NULL, &in },
};
static const struct textpb_rows all = TEXTPB_ROWS(rows);

static void checks_types(void **state)
{
	static const struct {
		const char *text, *says; /* NULL: all is well */
		long long number;        /* of the first field */
	} cases[] = {
		{ "hostname: 'a' address: ['b', 'c'] in { x: '\\xff' }", NULL,
		  0 },
		{ "on: true", NULL, 1 },
		{ "on: t", NULL, 1 },
		{ "on: 1", NULL, 1 },
		{ "on: False", NULL, 0 },
		{ "on: 2", "f:1:1: on must be true or false", 0 },
		{ "on: 'true'", "on must be", 0 },
		{ "i: 0x1F", NULL, 31 },
		{ "i: 017", NULL, 15 },
		{ "i: -2147483648", NULL, -2147483648LL },
		{ "i: 2147483648", "i must be a number up to", 0 },
		{ "i: 08", "i must be", 0 },
		{ "i: 1.0", "i must be", 0 },
		{ "i: 0x", "i must be", 0 },
		{ "j: -9223372036854775808", NULL, INT64_MIN },
		{ "j: 9223372036854775808", "j must be", 0 },
		{ "u: 4294967295", NULL, 4294967295LL },
		{ "u: -1", "u must be", 0 },
		{ "v: 9223372036854775807", NULL, INT64_MAX },
		{ "kind: TLS", NULL, 1 },
		{ "kind: 7", NULL, 7 },
		{ "kind: tls", "kind must be one of: PLAIN TLS", 0 },
		{ "hostname: '\\xff'", "must be text in quotes, in UTF-8", 0 },
		{ "hostname: 5", "hostname must be text in quotes", 0 },
		{ "hostname: ['a']", "takes one value, not a list", 0 },
		{ "hostname: 'a'\nhostname: 'b'",
		  "f:2:1: hostname stands here twice", 0 },
		{ "\n hostnam: 'a'",
		  "f:2:2: unknown field: hostnam; did you mean \"hostname\"?",
		  0 },
		{ "qqq: 1", "f:1:1: unknown field: qqq", 0 },
		{ "in { y: 1 }", "f:1:6: unknown field: y", 0 },
		{ "in: 1", "in must be fields in braces", 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		AUTO(mem) struct mem m = { 0 };
		struct err e = { 0 };
		struct textpb *root = NULL;

		assert_int_equal(textpb_parse(str_of(cases[i].text), "f", &m,
					      &root, &e),
				 0);
		int rc = textpb_check(root, &all, "f", TEXTPB_REFUSE, &e);

		if (!rc != !cases[i].says)
			fail_msg("%s: %s", cases[i].text, e.msg);
		if (!rc)
			assert_int_equal(root->child->number, cases[i].number);
		else if (!strstr(e.msg, cases[i].says))
			fail_msg("\"%s\" lacks \"%s\"", e.msg, cases[i].says);
	}
}

static void allows_strangers(void **state)
{
	AUTO(mem) struct mem m = { 0 };
	struct textpb *root = NULL;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(textpb_parse(STR_LIT("new { x: 1 } in { z: 1 } i: 4 "
					      "i: 5"),
				      "f", &m, &root, &e),
			 0);
	assert_int_equal(textpb_check(root, &all, "f", TEXTPB_ALLOW, &e), 0);
	assert_int_equal(textpb_get(root, "i")->number, 5);
	assert_null(textpb_get(root, "j"));
}

/* What a field is in the text, so that another may be put in its place. */
static void knows_sources(void **state)
{
	static const char text[] =
		"# head\na: 1 , b { c: 'x' } # tail\nd: [2,<>];";
	static const char *const sources[] = { "a: 1 ,", "b { c: 'x' }",
					       "d: [2,<>];", "d: [2,<>];" };
	static const char *const values[] = { "1", "{ c: 'x' }", "2", "<>" };
	AUTO(mem) struct mem m = { 0 };
	struct textpb *root = NULL;
	struct err e = { 0 };
	size_t i = 0;

	(void)state;
	assert_int_equal(textpb_parse(str_of(text), "f", &m, &root, &e), 0);
	for (const struct textpb *f = root->child; f; f = f->next, i++)
		if (!str_eq(f->source, sources[i]) ||
		    !str_eq(f->value, values[i]))
			fail_msg("%.*s / %.*s", STR_FMT(f->source),
				 STR_FMT(f->value));
	assert_int_equal(i, 4);
}

/* What Go's prototext makes of the same bytes. */
static void writes_as_go(void **state)
{
	AUTO(buf) struct buf out = { 0 };

	(void)state;
	textpb_open(&out, 0, "in");
	textpb_add_text(&out, 1, "x",
			STR_LIT("'\"\\\n\r\t\0\x01\x7f\x80\xff\xc3\xa9\xc2\x85"
				"\xed\xa0\x80\xf0\x9f\x98\x80"));
	textpb_add_number(&out, 1, "n", -7);
	textpb_add_word(&out, 1, "kind", "TLS");
	textpb_close(&out, 0);
	assert_string_equal(buf_c(&out),
			    "in: {\n"
			    "  x: \"'\\\"\\\\\\n\\r\\t\\x00\\x01\\x7f\\x80\\xff"
			    "\xc3\xa9\\u0085\\xed\\xa0\\x80\xf0\x9f\x98\x80\"\n"
			    "  n: -7\n"
			    "  kind: TLS\n"
			    "}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_trees),
		cmocka_unit_test(complains),
		cmocka_unit_test(knows_limits),
		cmocka_unit_test(checks_types),
		cmocka_unit_test(allows_strangers),
		cmocka_unit_test(knows_sources),
		cmocka_unit_test(writes_as_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
