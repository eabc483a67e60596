#include "mail/alias.h"

#include <string.h>

#include "base/auto.h"

#include "tests/unit/test.h"

static const struct alias_rules rules = { "+", "." };

/* The file after the change, or the complaint. */
static const char *edited(struct mem *m, const char *before,
			  enum alias_edit how, const char *name,
			  const char *targets)
{
	AUTO(buf) struct buf out = { 0 };
	const char *at[8];
	struct str rest = str_of(targets), one;
	struct alias_change c = { .how = how, .name = name, .targets = at };
	struct err e = { 0 };

	while (rest.n && str_cut(&rest, ';', &one))
		at[c.n++] = mem_dup(m, one.at, one.n);
	if (alias_edit(str_of(before), "f", "dom", &rules, &c, &out, &e))
		return mem_str(m, e.msg);
	return mem_str(m, buf_c(&out));
}

static const char file[] = "# ours\n"
			   "joe:  a@b,  c   \n"
			   "\n"
			   "  Sa.les : x@y via h1/h2 \r\n"
			   "pipe: | prog  a, b\n"
			   "*: *@z";

static void edits(void **state)
{
	static const struct {
		const char *before;
		enum alias_edit how;
		const char *name, *targets, *after;
	} cases[] = {
		{ "", ALIAS_ADD, "a", "b@c", "a: b@c\n" },
		{ "# x", ALIAS_ADD, "a", "b@c;d", "# x\na: b@c, d\n" },
		{ "a: b\n# end\n", ALIAS_ADD, "a", "c@d",
		  "a: b, c@d\n# end\n" },
		{ "a: b\n", ALIAS_ADD, "a", "B@dom;c", "a: b, c\n" },
		{ "A.b :  c ,, d\r\n", ALIAS_ADD, "ab", "e",
		  "A.b :  c, d, e\r\n" },
		{ "a: b\na: c", ALIAS_ADD, "a", "d", "a: b\na: c, d" },
		{ "a: b\na: c", ALIAS_REMOVE, "a", "", "" },
		{ "a: b\n# x\na: c\nd: e", ALIAS_REMOVE, "a", "", "# x\nd: e" },
		{ "a: b, c@d, e\n", ALIAS_REMOVE, "a", "c@D", "a: b, e\n" },
		{ "x: y\na: b\n", ALIAS_REMOVE, "a", "b", "x: y\n" },
		{ "a: b via x/y, c\n", ALIAS_REMOVE, "a", "b via x/y",
		  "a: c\n" },
		{ "a: b\n", ALIAS_REPLACE, "a", "| prog x, y",
		  "a: | prog x, y\n" },
		{ "a: | prog x, y\n", ALIAS_REMOVE, "a", "| prog x, y", "" },
		{ "a: | p\n", ALIAS_REPLACE, "a", "b;c", "a: b, c\n" },
		{ "", ALIAS_REPLACE, "a", "b", "a: b\n" },
		{ "", ALIAS_ADD, "*", "*@x", "*: *@x\n" },
		{ "a+b: c\na: d\n", ALIAS_REMOVE, "a", "", "a+b: c\n" },
		/* What it has not. */
		{ "a: b\n", ALIAS_REMOVE, "c", "",
		  "f: there is no alias \"c\"" },
		{ "a: b\n", ALIAS_REMOVE, "a", "c",
		  "f: the alias \"a\" does not go there" },
		/* What cannot be. */
		{ "a: | p\n", ALIAS_ADD, "a", "b",
		  "f: a program takes the whole line of \"a\"; put the others "
		  "behind an alias of their own, or --replace it" },
		{ "a: b\n", ALIAS_ADD, "a", "| p",
		  "f: a program takes the whole line of \"a\"; put the others "
		  "behind an alias of their own, or --replace it" },
		{ "", ALIAS_ADD, "a@b", "c", "\"a@b\" is no name of an alias" },
		{ "", ALIAS_ADD, "a:b", "c", "\"a:b\" is no name of an alias" },
		{ "", ALIAS_ADD, "#a", "c", "\"#a\" is no name of an alias" },
		{ "", ALIAS_ADD, "", "c", "\"\" is no name of an alias" },
		{ "", ALIAS_ADD, "a", "x y",
		  "\"x y\" is no local part: it holds a character that no "
		  "user's name may" },
		{ "", ALIAS_ADD, "a", "b\nc: d",
		  "\"b\nc: d\" cannot stand here: give one address, or one "
		  "program behind a |, an argument" },
		{ "", ALIAS_ADD, "a", "b,c",
		  "\"b,c\" cannot stand here: give one address, or one "
		  "program behind a |, an argument" },
		{ "broken\n", ALIAS_ADD, "a", "b", "f:1: missing ':' in line" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		AUTO(mem) struct mem m = { 0 };
		const char *is = edited(&m, cases[i].before, cases[i].how,
					cases[i].name, cases[i].targets);

		if (strcmp(is, cases[i].after) != 0)
			fail_msg("case %zu: \"%s\" and not \"%s\"", i, is,
				 cases[i].after);
	}
}

/* The file of a person: only the line that is meant changes. */
static void leaves_the_rest(void **state)
{
	AUTO(mem) struct mem m = { 0 };

	(void)state;
	assert_string_equal(edited(&m, file, ALIAS_ADD, "sales", "q@r"),
			    "# ours\n"
			    "joe:  a@b,  c   \n"
			    "\n"
			    "  Sa.les : x@y via h1/h2, q@r \r\n"
			    "pipe: | prog  a, b\n"
			    "*: *@z");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edits),
		cmocka_unit_test(leaves_the_rest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
