#include "cmd/cmd.h"

#include <string.h>

#include "base/str.h"

#include "tests/unit/test.h"

enum { WORDS = 6 };

static void finds(void **state)
{
	static const struct {
		const char *words[WORDS];
		const char *want; /* the phrase, or "! " and the sentence */
		size_t used;
	} cases[] = {
		{ { "ssl", "example.org" }, "ssl", 1 },
		{ { "ssl", "list" }, "ssl list", 2 },
		{ { "ssl", "list", "more" }, "ssl list", 2 },
		{ { "ssl", "account", "show" }, "ssl account show", 3 },
		{ { "ssl" }, "ssl", 1 },
		{ { "help", "ssl", "list" }, "help", 1 },
		{ { "conf" }, "! \"conf\" needs one of: show, check", 0 },
		{ { "ssl", "account" },
		  "! \"ssl account\" needs one of: show, update, rollover, "
		  "deactivate",
		  0 },
		{ { "ssl", "lst" },
		  "! \"lst\" is neither a domain nor a command of \"ssl\"; did "
		  "you mean \"ssl list\"?",
		  0 },
		{ { "ssl", "list.org" }, "ssl", 1 },
		{ { "dns", "serv" },
		  "! there is no command \"dns serv\"; did you mean \"dns "
		  "serve\"?",
		  0 },
		{ { "dns", "xyzzy" },
		  "! there is no command \"dns xyzzy\"; \"dns\" has: serve, "
		  "providers, zones, records, doctor, plan, "
		  "publish, undo, provider",
		  0 },
		{ { "renew" },
		  "! there is no command \"renew\"; did you mean \"ssl "
		  "renew\"?",
		  0 },
		{ { "verison" },
		  "! there is no command \"verison\"; did you mean "
		  "\"version\"?",
		  0 },
		{ { "xyzzy", "a" },
		  "! there is no command \"xyzzy\"; \"opsmail help\" lists "
		  "them",
		  0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct cmd *c;
		struct err e = { 0 };
		size_t n = 0, used;

		while (cases[i].words[n])
			n++;
		c = cmd_find(cases[i].words, n, &used, &e);
		if (!c)
			assert_int_equal(e.kind, ERR_USAGE);
		assert_string_equal(c ? c->phrase : e.msg,
				    cases[i].want + (c ? 0 : 2));
		if (c)
			assert_int_equal(used, cases[i].used);
	}
}

static void counts_arguments(void **state)
{
	static const struct {
		const char *args;
		size_t least, most; /* of 0 .. 3 */
	} cases[] = {
		{ "", 0, 0 },           { "SHELL", 1, 1 },
		{ "[NAME]", 0, 1 },     { "DOMAIN...", 1, 3 },
		{ "[KEY...]", 0, 3 },   { "FROM [TO]", 1, 2 },
		{ "FROM TO...", 2, 3 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		for (size_t n = 0; n <= 3; n++) {
			struct cmd c = { .phrase = "x", .args = cases[i].args };
			struct err e = { 0 };
			int want = n >= cases[i].least && n <= cases[i].most ?
					   0 :
					   -1;

			assert_int_equal(cmd_args(&c, n, &e), want);
			assert_int_equal(e.kind, want ? ERR_USAGE : ERR_NONE);
		}
}

/* An option may stand before the command, so its name alone must say whether
 * it takes a value; a letter must mean one thing. */
static void options_agree(void **state)
{
	struct mem m = { 0 };
	size_t n;
	const struct opt_rows *all = cmd_every(&m, &n);
	const struct opt *seen[256];
	size_t count = 0;

	(void)state;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < all[i].n; k++) {
			assert_in_range(count, 0, 255);
			seen[count++] = &all[i].at[k];
		}
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < i; k++) {
			if (strcmp(seen[i]->name, seen[k]->name) == 0) {
				assert_int_equal(!seen[i]->arg, !seen[k]->arg);
				assert_int_equal(seen[i]->letter,
						 seen[k]->letter);
			} else if (seen[i]->letter) {
				assert_int_not_equal(seen[i]->letter,
						     seen[k]->letter);
			}
		}
	mem_free(&m);
}

static void rows_are_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < cmd_n; i++) {
		const struct cmd *c = &cmd_table[i];

		assert_non_null(c->run);
		assert_true(str_is_print(str_of(c->about)));
		assert_false(str_ends(str_of(c->about), "."));
		assert_in_range(strlen(c->about), 1, 52);
		if (c->more)
			assert_true(str_ends(str_of(c->more), "\n"));
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(c->phrase, cmd_table[k].phrase);
	}
}

static void has_statuses(void **state)
{
	static const struct {
		enum err_kind kind;
		int status;
	} cases[] = {
		{ ERR_NONE, 0 },      { ERR_USAGE, 64 },  { ERR_CONF, 1 },
		{ ERR_SYS, 1 },       { ERR_TEMP, 1 },    { ERR_PERM, 1 },
		{ ERR_MISSING, 1 },   { ERR_AUTH, 4 },    { ERR_CHECK, 3 },
		{ ERR_PARTIAL, 5 },   { ERR_TIMEOUT, 6 }, { ERR_CHANGED, 1 },
		{ ERR_STOPPED, 130 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(cmd_status(cases[i].kind), cases[i].status);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds),
		cmocka_unit_test(counts_arguments),
		cmocka_unit_test(options_agree),
		cmocka_unit_test(rows_are_whole),
		cmocka_unit_test(has_statuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
