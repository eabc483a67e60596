#include "cmd/help.h"

#include <string.h>

#include "base/str.h"

#include "tests/unit/test.h"

static void check_width(const struct buf *text)
{
	struct str rest = buf_get(text), line;

	while (str_line(&rest, &line)) {
		assert_in_range(line.n, 0, 80);
		assert_false(str_ends(line, " "));
	}
}

/* Every command is in the list, so every noun is in a group. */
static void lists_all(void **state)
{
	struct buf text = { 0 };
	struct err e = { 0 };
	struct mem m = { 0 };

	(void)state;
	assert_int_equal(help_text(NULL, 0, &text, &e), 0);
	check_width(&text);
	for (size_t i = 0; i < cmd_n; i++) {
		const struct cmd *c = &cmd_table[i];
		const char *line = mem_fmt(&m, "\n  %s%s%s", c->phrase,
					   *c->args ? " " : "", c->args);
		const char *at = strstr(buf_c(&text), line);

		assert_non_null(at); /* what is long has a line of its own */
		assert_non_null(strchr(" \n", at[strlen(line)]));
		assert_non_null(strstr(buf_c(&text), c->about));
	}
	buf_free(&text);
	mem_free(&m);
}

static void explains_each(void **state)
{
	(void)state;
	for (size_t i = 0; i < cmd_n; i++) {
		struct str rest = str_of(cmd_table[i].phrase), word;
		struct opt_rows lists[CMD_LISTS];
		const char *words[8];
		struct buf text = { 0 };
		struct err e = { 0 };
		struct mem m = { 0 };
		size_t n = 0;

		while (str_word(&rest, &word))
			words[n++] = mem_dup(&m, word.at, word.n);
		assert_int_equal(help_text(words, n, &text, &e), 0);
		check_width(&text);
		n = cmd_lists(&cmd_table[i], lists);
		for (size_t k = 0; k < n; k++)
			for (size_t o = 0; o < lists[k].n; o++)
				assert_non_null(
					strstr(buf_c(&text),
					       mem_fmt(&m, " --%s",
						       lists[k].at[o].name)));
		mem_free(&m);
		buf_free(&text);
	}
}

static void explains_nouns(void **state)
{
	static const char *const account[] = { "ssl", "account" };
	static const char *const wrong[] = { "ssl", "lst" };
	static const char *const more[] = { "ssl", "example.org" };
	struct buf text = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(help_text(account, 2, &text, &e), 0);
	assert_true(
		str_starts(buf_get(&text),
			   "Usage: opsmail ssl account COMMAND [OPTION...]"));
	assert_non_null(strstr(buf_c(&text), "\n  ssl account rollover "));
	assert_null(strstr(buf_c(&text), "ssl list"));
	buf_clear(&text);
	assert_int_equal(help_text(wrong, 2, &text, &e), -1);
	assert_int_equal(e.kind, ERR_USAGE);
	assert_non_null(strstr(e.msg, "did you mean \"ssl list\"?"));
	assert_int_equal(help_text(more, 2, &text, &e), -1);
	assert_string_equal(e.msg, "\"example.org\" is no command");
	assert_int_equal(text.n, 0);
	buf_free(&text);
}

/* Programs split these lines at tabs: four fields, or six. */
static void prints_rows(void **state)
{
	struct buf text = { 0 };
	struct str rest, line, field;
	size_t commands = 0;

	(void)state;
	help_rows(&text);
	rest = buf_get(&text);
	while (str_line(&rest, &line)) {
		bool command = str_starts(line, "command\t");
		size_t n = 0;

		while (str_cut(&line, '\t', &field))
			n++;
		assert_int_equal(n, command ? 4 : 6);
		commands += command;
	}
	assert_int_equal(commands, cmd_n);
	assert_non_null(strstr(buf_c(&text), "option\t\t-q\t--quiet\t\tsay"));
	assert_non_null(strstr(buf_c(&text), "option\tssl\t-n\t--dry-run\t\t"));
	buf_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_all),
		cmocka_unit_test(explains_each),
		cmocka_unit_test(explains_nouns),
		cmocka_unit_test(prints_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
