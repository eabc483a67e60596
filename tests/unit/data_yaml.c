#include "data/yaml.h"

#include <string.h>

#include "base/buf.h"

#include "tests/unit/test.h"

/* The tree as one line: {key@line:column=text, ...}, [..], ~ for null. */
static void print(struct buf *out, const struct yaml *n)
{
	const char *sep = "";

	if (n->kind == YAML_NULL)
		buf_str(out, "~");
	else if (n->kind == YAML_SCALAR)
		buf_fmt(out, n->quoted ? "\"%s\"" : "%s", n->text);
	else
		buf_char(out, n->kind == YAML_MAP ? '{' : '[');
	for (const struct yaml *c = n->child; c; c = c->next) {
		buf_str(out, sep);
		if (n->kind == YAML_MAP)
			buf_fmt(out, "%s@%d:%d=", c->key, c->key_line,
				c->key_column);
		print(out, c);
		sep = ", ";
	}
	if (n->kind == YAML_LIST || n->kind == YAML_MAP)
		buf_char(out, n->kind == YAML_MAP ? '}' : ']');
}

static void reads_trees(void **state)
{
	static const struct {
		const char *text, *tree;
	} cases[] = {
		{ "", "~" },
		{ "# nothing\n", "~" },
		{ "---\n", "~" },
		{ "a: 1\n", "{a@1:1=1}" },
		{ "a: 'off'\nb: off", "{a@1:1=\"off\", b@2:1=off}" },
		{ "a:\n  b: [x, \"y z\"]\n", "{a@1:1={b@2:3=[x, \"y z\"]}}" },
		{ "a: {i: j@k.l, \"*\": m}",
		  "{a@1:1={i@1:5=j@k.l, *@1:15=m}}" },
		{ "- 1\n- - 2\n  - 3\n- {}\n- []\n", "[1, [2, 3], {}, []]" },
		{ "a:\nb: ~\nc: null\nd: ''\n",
		  "{a@1:1=~, b@2:1=~, c@3:1=~, d@4:1=\"\"}" },
		{ "a: |\n  x\n  y\n", "{a@1:1=\"x\ny\n\"}" },
		{ "b\xc3\xbc: \xe4\xbe\x8b\n", "{b\xc3\xbc@1:1=\xe4\xbe\x8b}" },
		{ "\xef\xbb\xbf"
		  "a: b\n",
		  "{a@1:1=b}" },
		{ "a: b\n...\n", "{a@1:1=b}" },
		{ "null: x\n", "{null@1:1=x}" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct mem m = { 0 };
		struct buf out = { 0 };
		struct err e = { 0 };
		struct yaml *root = NULL;

		if (yaml_parse(str_of(cases[i].text), "f", &m, &root, &e))
			fail_msg("%s: %s", cases[i].text, e.msg);
		print(&out, root);
		assert_string_equal(buf_c(&out), cases[i].tree);
		buf_free(&out);
		mem_free(&m);
	}
}

static void complains(void **state)
{
	static const struct {
		struct str text;
		const char *says;
	} cases[] = {
		{ STR_LIT("a: 1\nb: 2\na: 3\n"),
		  "f:3:1: \"a\" stands here twice; the first is in line 1" },
		{ STR_LIT("a: &x 1\n"), "f:1:4: anchors" },
		{ STR_LIT("a: &x [1]\n"), "f:1:4: anchors" },
		{ STR_LIT("a: !!str 1\n"), "f:1:4: anchors" },
		{ STR_LIT("a: *x\n"), "f:1:4: an alias" },
		{ STR_LIT("a: *\n"), "put text that starts with * or &" },
		{ STR_LIT("a: 1\n---\nb: 2\n"), "f:2:1: a second document" },
		{ STR_LIT("a:\n\tb: 1\n"), "indent with spaces" },
		{ STR_LIT("a: @b\n"), "f:1:4: found character that cannot" },
		{ STR_LIT("a: b: c\n"), "f:1:5: mapping values" },
		{ STR_LIT("[a]: b\n"), "f:1:1: a key must be text" },
		{ STR_LIT("a: [1\n"), "f:2:1: did not find expected" },
		{ STR_LIT("a: \"x\\0y\"\n"), "f:1:4: holds a NUL" },
		{ STR_LIT("a: \xff\n"), "write the file in UTF-8" },
		{ STR_LIT("a: b\0c\n"), "f: byte 4: " },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct mem m = { 0 };
		struct err e = { 0 };
		struct yaml *root = NULL;

		if (!yaml_parse(cases[i].text, "f", &m, &root, &e))
			fail_msg("case %zu passes", i);
		assert_int_equal(e.kind, ERR_CONF);
		assert_null(root);
		if (!strstr(e.msg, cases[i].says))
			fail_msg("\"%s\" lacks \"%s\"", e.msg, cases[i].says);
		mem_free(&m);
	}
}

/* n times the unit; a "%" in it becomes the number, so that keys differ. */
static int parse_repeated(const char *unit, size_t n, struct err *e)
{
	struct mem m = { 0 };
	struct buf b = { .max = 16 << 20 };
	struct yaml *root;
	int got;

	for (size_t i = 0; i < n; i++)
		if (*unit == '%')
			buf_fmt(&b, "k%zu%s", i, unit + 1);
		else
			buf_str(&b, unit);
	got = yaml_parse(buf_get(&b), "f", &m, &root, e);
	buf_free(&b);
	mem_free(&m);
	return got;
}

static void has_limits(void **state)
{
	struct err e = { 0 };

	(void)state;
	assert_int_equal(parse_repeated("- ", 31, &e), 0);
	assert_int_equal(parse_repeated("- ", 33, &e), -1);
	assert_non_null(strstr(e.msg, "32 deep"));
	assert_int_equal(parse_repeated("[", 40, &e), -1);
	assert_non_null(strstr(e.msg, "32 deep"));
	assert_int_equal(parse_repeated("- x\n", 99999, &e), 0);
	assert_int_equal(parse_repeated("- x\n", 100000, &e), -1);
	assert_non_null(strstr(e.msg, "100,000 values"));
	assert_int_equal(parse_repeated("%: 1\n", 2000, &e), 0);
	assert_int_equal(parse_repeated("%: 1\n", 10001, &e), -1);
	assert_non_null(strstr(e.msg, "10,000 keys"));
	assert_int_equal(parse_repeated("#0123456789abcde\n", 300000, &e), -1);
	assert_non_null(strstr(e.msg, "4 MiB"));
}

static void gets_by_key(void **state)
{
	struct mem m = { 0 };
	struct err e = { 0 };
	struct yaml *root;

	(void)state;
	assert_int_equal(
		yaml_parse(str_of("a: 1\nb: [2]\n"), "f", &m, &root, &e), 0);
	assert_string_equal(yaml_get(root, "a")->text, "1");
	assert_int_equal(yaml_get(root, "b")->n, 1);
	assert_null(yaml_get(root, "c"));
	assert_null(yaml_get(yaml_get(root, "b"), "a"));
	assert_null(yaml_get(NULL, "a"));
	mem_free(&m);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_trees),
		cmocka_unit_test(complains),
		cmocka_unit_test(has_limits),
		cmocka_unit_test(gets_by_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
