#include "cmd/opt.h"

#include <string.h>

#include "base/buf.h"

#include "tests/unit/test.h"

static const struct opt first[] = {
	{ "conf", 'c', "DIR", "", NULL, false },
	{ "json", 'j', NULL, "", NULL, false },
	{ "verbose", 'v', NULL, "", NULL, true },
	{ "color", 0, "WHEN", "", "auto always never", false },
};
static const struct opt second[] = {
	{ "name", 'n', "NAME", "", NULL, true },
	{ "force", 'f', NULL, "", NULL, false },
};
static const struct opt_rows rows[] = { OPT_ROWS(first), OPT_ROWS(second) };

enum { ARGS = 12 };

/* What came out as text: "conf=x json | ssl list / a" with the words before
 * and after `--`; or "! " and the sentence. */
static void describe(char *const argv[], struct buf *out)
{
	struct mem m = { 0 };
	struct opts o;
	struct err e = { 0 };
	int argc = 0;

	while (argv[argc])
		argc++;
	if (opt_parse(argc, argv, rows, 2, &m, &o, &e)) {
		assert_int_equal(e.kind, ERR_USAGE);
		buf_fmt(out, "! %s", e.msg);
		mem_free(&m);
		return;
	}
	for (size_t i = 0; i < o.n; i++)
		buf_fmt(out, "%s%s%s ", o.at[i].row->name,
			o.at[i].value ? "=" : "",
			o.at[i].value ? o.at[i].value : "");
	buf_char(out, '|');
	for (size_t i = 0; i < o.words_n; i++)
		buf_fmt(out, "%s %s", i == o.free_words ? " /" : "",
			o.words[i]);
	mem_free(&m);
}

static void parses(void **state)
{
	static const struct {
		const char *argv[ARGS];
		const char *want;
	} cases[] = {
		{ { "x" }, "|" },
		{ { "x", "ssl", "list" }, "| ssl list" },
		{ { "x", "--conf", "d", "ssl", "-v" }, "conf=d verbose | ssl" },
		{ { "x", "ssl", "--conf=d", "a" }, "conf=d | ssl a" },
		{ { "x", "--conf=", "a" }, "conf= | a" },
		{ { "x", "--conf=a=b" }, "conf=a=b |" },
		{ { "x", "-jvv", "a" }, "json verbose verbose | a" },
		{ { "x", "-jcd", "a" }, "json conf=d | a" },
		{ { "x", "-c", "d", "a" }, "conf=d | a" },
		{ { "x", "-c", "-5" }, "conf=-5 |" },
		{ { "x", "a", "--", "--json", "b" }, "| a / --json b" },
		{ { "x", "-", "--" }, "| -" },
		{ { "x", "--name", "a", "-nb" }, "name=a name=b |" },
		{ { "x", "--color", "never" }, "color=never |" },
		{ { "x", "--jsn" },
		  "! there is no option --jsn; did you mean \"--json\"?" },
		{ { "x", "--jsn=4" },
		  "! there is no option --jsn; did you mean \"--json\"?" },
		{ { "x", "--nothing-like-it" },
		  "! there is no option --nothing-like-it" },
		{ { "x", "-jz" },
		  "! there is no option -z; \"opsmail --help\" "
		  "lists them" },
		{ { "x", "--conf" }, "! --conf needs a value: --conf DIR" },
		{ { "x", "--conf", "--json" },
		  "! --conf needs a value: --conf DIR" },
		{ { "x", "-jc" }, "! --conf needs a value: --conf DIR" },
		{ { "x", "--json=1" }, "! --json takes no value" },
		{ { "x", "--color=nevr" },
		  "! --color cannot be \"nevr\"; did you mean \"never\"? (one "
		  "of: auto always never)" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buf got = { 0 };
		char *argv[ARGS] = { 0 };

		for (size_t k = 0; cases[i].argv[k]; k++)
			argv[k] = strdup(cases[i].argv[k]);
		describe(argv, &got);
		assert_string_equal(buf_c(&got), cases[i].want);
		buf_free(&got);
		for (size_t k = 0; argv[k]; k++)
			free(argv[k]);
	}
}

static struct opts parsed(int argc, const char *const *given, struct mem *m)
{
	char **argv = mem_array(m, (size_t)argc, sizeof(*argv));
	struct opts o;
	struct err e = { 0 };

	for (int i = 0; i < argc; i++)
		argv[i] = mem_dup(m, given[i], strlen(given[i]));
	assert_int_equal(opt_parse(argc, argv, rows, 2, m, &o, &e), 0);
	return o;
}

static void gives_values(void **state)
{
	static const char *const argv[] = { "x",        "-vv", "--conf=a",
					    "--conf=b", "-n1", "-n",
					    "2" };
	struct mem m = { 0 };
	struct opts o = parsed(COUNT(argv), argv, &m);

	(void)state;
	assert_int_equal(opt_count(&o, "verbose"), 2);
	assert_true(opt_flag(&o, "verbose"));
	assert_false(opt_flag(&o, "json"));
	assert_string_equal(opt_text(&o, "conf"), "b");
	assert_null(opt_text(&o, "color"));
	assert_string_equal(opt_nth(&o, "name", 0), "1");
	assert_string_equal(opt_nth(&o, "name", 1), "2");
	assert_null(opt_nth(&o, "name", 2));
	mem_free(&m);
}

static void gives_numbers(void **state)
{
	static const char *const good[] = { "x", "--name=30" };
	static const char *const bad[] = { "x", "--name=3x" };
	struct mem m = { 0 };
	struct opts o = parsed(2, good, &m);
	struct err e = { 0 };
	uint64_t n = 7;

	(void)state;
	assert_int_equal(opt_num(&o, "conf", 99, &n, &e), 0);
	assert_int_equal(n, 7);
	assert_int_equal(opt_num(&o, "name", 30, &n, &e), 0);
	assert_int_equal(n, 30);
	assert_int_equal(opt_num(&o, "name", 29, &n, &e), -1);
	assert_int_equal(e.kind, ERR_USAGE);
	o = parsed(2, bad, &m);
	assert_int_equal(opt_num(&o, "name", 99, &n, &e), -1);
	assert_string_equal(e.msg, "--name cannot be \"3x\": a number up to 99 "
				   "is needed");
	mem_free(&m);
}

static void allows(void **state)
{
	static const char *const argv[] = { "x", "--json", "-f" };
	struct mem m = { 0 };
	struct opts o = parsed(3, argv, &m);
	struct err e = { 0 };

	(void)state;
	assert_int_equal(opt_allow(&o, rows, 2, "ssl", &e), 0);
	assert_int_equal(opt_allow(&o, rows, 1, "ssl list", &e), -1);
	assert_int_equal(e.kind, ERR_USAGE);
	assert_string_equal(e.msg,
			    "\"opsmail ssl list\" has no option --force; "
			    "see \"opsmail ssl list --help\"");
	mem_free(&m);
}

static void guesses(void **state)
{
	static const char *const words[] = { "ssl", "ssl list", "cron" };
	static const struct {
		const char *word, *want;
	} cases[] = {
		{ "ssl lst", "; did you mean \"ssl list\"?" },
		{ "sll", "; did you mean \"ssl\"?" },
		{ "sl", "; did you mean \"ssl\"?" },
		{ "crom", "; did you mean \"cron\"?" },
		{ "frob", "" },
		{ "", "" },
	};
	struct mem m = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_string_equal(opt_nearest(cases[i].word, words, 3, &m),
				    cases[i].want);
	mem_free(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses),        cmocka_unit_test(gives_values),
		cmocka_unit_test(gives_numbers), cmocka_unit_test(allows),
		cmocka_unit_test(guesses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
