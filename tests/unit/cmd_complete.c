#include "cmd/complete.h"

#include <string.h>

#include "base/mem.h"
#include "base/proc.h"
#include "cmd/cmd.h"

#include "tests/unit/test.h"

static const char *const shells[] = { "bash", "zsh", "fish" };

static void knows_every_word(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(shells); i++) {
		struct buf script = { 0 };
		struct err e = { 0 };
		struct mem m = { 0 };
		size_t lists;
		const struct opt_rows *all = cmd_every(&m, &lists);

		assert_int_equal(complete_script(shells[i], &script, &e), 0);
		for (size_t k = 0; k < cmd_n; k++)
			assert_non_null(
				strstr(buf_c(&script), cmd_table[k].phrase));
		for (size_t k = 0; k < lists; k++)
			for (size_t o = 0; o < all[k].n; o++)
				assert_non_null(strstr(
					buf_c(&script),
					mem_fmt(&m, i == 2 ? "-l %s" : "--%s",
						all[k].at[o].name)));
		mem_free(&m);
		buf_free(&script);
	}
}

static void refuses_other_shells(void **state)
{
	struct buf script = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(complete_script("csh", &script, &e), -1);
	assert_int_equal(e.kind, ERR_USAGE);
	assert_int_equal(script.n, 0);
}

/* What bash offers for a command line; the last word is being typed. */
static void completes_in_bash(void **state)
{
	static const struct {
		const char *line, *want;
	} cases[] = {
		{ "opsmail ss", "ssl" },
		{ "opsmail ssl l", "list" },
		{ "opsmail ssl account r", "rollover" },
		{ "opsmail --conf /tmp conf s", "show" },
		{ "opsmail --conf = /tmp conf s", "show" },
		{ "opsmail -v ssl re", "renew revoke" },
		{ "opsmail ssl list --js", "--json" },
		{ "opsmail ssl renew --f", "--force" },
		{ "opsmail ssl list --f", "" },
		{ "opsmail --color n", "never" },
		{ "opsmail --color = n", "never" },
		{ "opsmail ssl revoke --reason key", "keyCompromise" },
		{ "opsmail completion z", "zsh" },
		{ "opsmail dns records --format o", "octodns" },
		{ "opsmail dns re", "records" },
		{ "opsmail ssl example.org l", "list" },
	};
	struct buf script = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(complete_script("bash", &script, &e), 0);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct mem m = { 0 };
		struct buf out = { 0 }, errs = { 0 };
		int status = -1;
		const char *const argv[] = {
			"bash", "--norc", "-c",
			mem_fmt(&m,
				"%s\nCOMP_WORDS=(%s)\n"
				"COMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n"
				"_opsmail\necho -n ${COMPREPLY[*]}",
				buf_c(&script), cases[i].line),
			NULL
		};
		struct proc p = { .argv = argv,
				  .limit_ms = 20000,
				  .out = &out,
				  .errs = &errs };

		assert_int_equal(proc_run(&p, &status, &e), 0);
		assert_string_equal(buf_c(&errs), "");
		assert_int_equal(status, 0);
		assert_string_equal(buf_c(&out), cases[i].want);
		buf_free(&out);
		buf_free(&errs);
		mem_free(&m);
	}
	buf_free(&script);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_every_word),
		cmocka_unit_test(refuses_other_shells),
		cmocka_unit_test(completes_in_bash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
