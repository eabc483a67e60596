#include "cmd/out.h"

#include <fcntl.h>
#include <pthread.h>
#include <pty.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"

#include "tests/unit/test.h"

/* An output into two unnamed files, and what was written there. */
struct both {
	struct out *out;
	int fd[2];
	char text[2][8192];
};

static int unnamed(void)
{
	int fd = open("/tmp", O_TMPFILE | O_RDWR, 0600);

	assert_true(fd >= 0);
	return fd;
}

static void start(struct both *b, struct out_how how)
{
	memset(b, 0, sizeof(*b));
	b->fd[0] = unnamed();
	b->fd[1] = unnamed();
	b->out = out_open(&how, b->fd[0], b->fd[1]);
}

static void stop(struct both *b)
{
	struct err e = { 0 };

	assert_int_equal(out_failed(b->out, &e), 0);
	out_close(b->out);
	for (int i = 0; i < 2; i++) {
		assert_true(pread(b->fd[i], b->text[i], 8191, 0) >= 0);
		close(b->fd[i]);
	}
}

static void plain_env(void)
{
	unsetenv("NO_COLOR");
	unsetenv("CLICOLOR_FORCE");
	unsetenv("CLICOLOR");
	setenv("TERM", "xterm", 1);
}

static void splits_streams(void **state)
{
	struct both b;

	(void)state;
	start(&b, (struct out_how){ 0 });
	out_line(b.out, "%s", "a line");
	out_result(b.out, OUT_OK, "a.org", "done");
	out_result(b.out, OUT_FAIL, NULL, "not done");
	out_result(b.out, OUT_PLAIN, NULL, "so");
	out_warn(b.out, "careful");
	out_error(b.out, NULL, &(struct err){ .msg = "it broke" }, 1);
	out_error(b.out, "b.org", &(struct err){ .msg = "one\ntwo" }, 1);
	stop(&b);
	assert_string_equal(b.text[0], "a line\n"
				       "+ ok   a.org: done\n"
				       "x FAIL not done\n"
				       "so\n");
	assert_string_equal(b.text[1], "opsmail: warning: careful\n"
				       "opsmail: it broke\n"
				       "opsmail: b.org: one\n"
				       "two\n");
}

static void has_glyphs(void **state)
{
	struct both b;

	(void)state;
	start(&b, (struct out_how){ .utf8 = true });
	out_result(b.out, OUT_OK, NULL, "x");
	out_result(b.out, OUT_WARN, NULL, "x");
	out_result(b.out, OUT_SKIP, NULL, "x");
	stop(&b);
	assert_string_equal(b.text[0], "\xe2\x9c\x93 ok   x\n"
				       "! warn x\n"
				       "- skip x\n");
}

static void colors(void **state)
{
	static const struct {
		const char *variable, *value;
		enum out_color asked;
		bool want;
	} cases[] = {
		{ "TERM", "xterm", OUT_AUTO, false }, /* a file */
		{ "CLICOLOR_FORCE", "1", OUT_AUTO, true },
		{ "CLICOLOR_FORCE", "0", OUT_AUTO, false },
		{ "CLICOLOR_FORCE", "", OUT_AUTO, false },
		{ "CLICOLOR_FORCE", "1", OUT_NEVER, false },
		{ "TERM", "dumb", OUT_ALWAYS, true },
		{ "NO_COLOR", "1", OUT_ALWAYS, true },
	};
	struct both b;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		plain_env();
		setenv(cases[i].variable, cases[i].value, 1);
		start(&b, (struct out_how){ .color = cases[i].asked });
		out_result(b.out, OUT_OK, NULL, "x");
		stop(&b);
		assert_string_equal(b.text[0],
				    cases[i].want ? "\33[32m+ ok  \33[0m x\n" :
						    "+ ok   x\n");
	}
	plain_env();
	setenv("CLICOLOR_FORCE", "1", 1);
	setenv("NO_COLOR", "1", 1);
	start(&b, (struct out_how){ 0 });
	out_result(b.out, OUT_OK, NULL, "x");
	stop(&b);
	assert_string_equal(b.text[0], "+ ok   x\n");
	plain_env();
}

static void is_quiet(void **state)
{
	struct both b;

	(void)state;
	start(&b, (struct out_how){ .quiet = true });
	out_line(b.out, "asked for");
	out_result(b.out, OUT_OK, NULL, "fine");
	out_result(b.out, OUT_WARN, NULL, "odd");
	out_warn(b.out, "careful");
	tell(out_tell(b.out), TELL_STEP, "a", "step");
	tell(out_tell(b.out), TELL_TASK, "a", "do it");
	stop(&b);
	assert_string_equal(b.text[0], "asked for\n! warn odd\n");
	assert_string_equal(b.text[1], "opsmail: warning: careful\na: do it\n");
}

static void masks_and_escapes(void **state)
{
	struct both b;

	(void)state;
	log_hide(STR_LIT("hunter22"));
	start(&b, (struct out_how){ 0 });
	out_line(b.out, "key hunter22 \33[2J\xff \xc3\xa9");
	out_result(b.out, OUT_PLAIN, "hunter22", "a\nb");
	out_warn(b.out, "hunter22\r");
	tell(out_tell(b.out), TELL_TASK, "a", "x hunter22\ny\7");
	stop(&b);
	assert_string_equal(b.text[0],
			    "key *** \\x1b[2J\\xff \xc3\xa9\n***: a\\x0ab\n");
	assert_string_equal(
		b.text[1], "opsmail: warning: ***\\x0d\na: x ***\na: y\\x07\n");
}

static void tells_plainly(void **state)
{
	struct both b;

	(void)state;
	start(&b, (struct out_how){ 0 });
	tell(out_tell(b.out), TELL_STEP, "a.org", "ordered");
	tell(out_tell(b.out), TELL_LIVE, "a.org", "1/4 servers");
	tell(out_tell(b.out), TELL_STEP, NULL, "all done");
	stop(&b);
	assert_string_equal(b.text[0], "");
	assert_string_equal(b.text[1], "a.org: ordered\nall done\n");
}

/* Every line of the results is an object with a type. */
static void is_json(void **state)
{
	struct both b;
	struct str rest, line;
	size_t n = 0;
	static const char *const types[] = { "version", "own",  "result",
					     "step",    "task", "warning",
					     "error" };

	(void)state;
	log_hide(STR_LIT("hunter22"));
	start(&b, (struct out_how){ .json = true });
	out_line(b.out, "never shown");
	out_text(b.out, "never shown");
	out_object(b.out, json_pack("{s:s, s:[s]}", "type", "own", "list",
				    "hunter22"));
	out_result(b.out, OUT_OK, NULL, "bytes \xff");
	tell(out_tell(b.out), TELL_STEP, "a", "hunter22");
	tell(out_tell(b.out), TELL_LIVE, "a", "lost");
	tell(out_tell(b.out), TELL_TASK, "a", "one\ntwo");
	out_warn(b.out, "careful");
	out_error(b.out, NULL,
		  &(struct err){ .kind = ERR_AUTH, .msg = "no \"key\"" }, 4);
	stop(&b);
	rest = str_of(b.text[0]);
	while (str_line(&rest, &line)) {
		json_t *o = json_loadb(line.at, line.n, 0, NULL);

		assert_non_null(o);
		assert_string_equal(
			json_string_value(json_object_get(o, "type")),
			types[n++]);
		json_decref(o);
	}
	assert_int_equal(n, COUNT(types));
	assert_null(strstr(b.text[0], "hunter22"));
	assert_non_null(
		strstr(b.text[0], "{\"type\":\"own\",\"list\":[\"***\"]}"));
	assert_non_null(strstr(b.text[0], "\"kind\":\"auth\""));
	assert_non_null(strstr(b.text[0], "one\\ntwo"));
	assert_string_equal(b.text[1], "opsmail: no \"key\"\n");
}

static const struct out_column columns[] = { { .title = "NAME" },
					     { .title = "N", .right = true },
					     { .title = "S" } };

static void rows(struct both *b)
{
	struct out_table *t = out_table(b->out, columns, COUNT(columns));

	out_row(t, json_pack("{s:s, s:i}", "type", "row", "n", 3),
		(struct out_cell[]){ { .text = "a\33.org" },
				     { .text = "3" },
				     { .text = "valid", .state = OUT_OK } });
	out_row(t, NULL,
		(struct out_cell[]){ { .text = "longer.example" },
				     { .text = "333" },
				     { .state = OUT_FAIL } });
	out_table_end(t);
}

static void prints_tables(void **state)
{
	struct both b;

	(void)state;
	plain_env();
	start(&b, (struct out_how){ 0 });
	rows(&b);
	stop(&b);
	assert_string_equal(b.text[0], "NAME             N S\n"
				       "a\\x1b.org        3 + valid\n"
				       "longer.example 333 x FAIL\n");
	start(&b, (struct out_how){ .json = true });
	rows(&b);
	stop(&b);
	assert_string_equal(strchr(b.text[0], '\n') + 1,
			    "{\"type\":\"row\",\"n\":3}\n");
	start(&b, (struct out_how){ .color = OUT_ALWAYS });
	rows(&b);
	stop(&b);
	assert_non_null(strstr(b.text[0], "\33[32m+ valid"));
}

static void asks(void **state)
{
	struct both b;
	struct err e = { 0 };
	bool yes = true;
	int keep = dup(0), none = open("/dev/null", O_RDONLY);

	(void)state;
	dup2(none, 0);
	close(none);
	start(&b, (struct out_how){ 0 });
	assert_int_equal(out_ask(b.out, &yes, &e, "Really?"), -1);
	assert_int_equal(e.kind, ERR_USAGE);
	assert_non_null(strstr(e.msg, "--yes"));
	assert_false(yes);
	stop(&b);
	start(&b, (struct out_how){ .yes = true });
	assert_int_equal(out_ask(b.out, &yes, &e, "Really?"), 0);
	assert_true(yes);
	stop(&b);
	assert_string_equal(b.text[1], "");
	dup2(keep, 0);
	close(keep);
}

/* The answer to a question on a terminal of our own. */
static bool answer(const char *typed)
{
	struct err e = { 0 };
	int keep = dup(0), master, slave;
	struct out *o;
	bool yes = true;

	assert_int_equal(openpty(&master, &slave, NULL, NULL, NULL), 0);
	dup2(slave, 0);
	assert_int_equal(write(master, typed, strlen(typed)),
			 (ssize_t)strlen(typed));
	o = out_open(&(struct out_how){ 0 }, slave, slave);
	assert_int_equal(out_ask(o, &yes, &e, "Really %s?", "so"), 0);
	out_close(o);
	dup2(keep, 0);
	close(keep);
	close(master);
	close(slave);
	return yes;
}

static void takes_answers(void **state)
{
	(void)state;
	assert_true(answer("y\n"));
	assert_true(answer(" Yes\n"));
	assert_false(answer("\n"));
	assert_false(answer("no\n"));
	assert_false(answer("ny\n"));
	assert_false(answer("\4")); /* end of file */
}

static void reports_lost_results(void **state)
{
	struct out_how how = { 0 };
	struct err e = { 0 };
	int full = open("/dev/full", O_WRONLY), pipes[2];
	struct out *o = out_open(&how, full, 2);

	(void)state;
	assert_int_equal(out_failed(o, &e), 0);
	out_line(o, "x");
	assert_int_equal(out_failed(o, &e), -1);
	assert_int_equal(e.kind, ERR_SYS);
	assert_non_null(strstr(e.msg, "No space left"));
	out_close(o);
	close(full);

	(void)signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe(pipes), 0);
	close(pipes[0]);
	o = out_open(&how, pipes[1], 2);
	out_line(o, "x");
	assert_int_equal(out_failed(o, &e), -1);
	assert_string_equal(e.msg, "");
	out_close(o);
	close(pipes[1]);
}

/* Reads the terminal until the text was there; the runner's time limit ends
 * the wait when it never is. */
static void await(int master, struct buf *got, const char *text)
{
	char part[256];

	while (!str_find(buf_get(got), text)) {
		ssize_t n = read(master, part, sizeof(part));

		assert_true(n > 0);
		buf_add(got, part, (size_t)n);
	}
}

static void draws_live(void **state)
{
	struct winsize size = { .ws_col = 30, .ws_row = 5 };
	struct buf got = { 0 };
	int master, slave;
	struct out *o;

	(void)state;
	plain_env();
	assert_int_equal(openpty(&master, &slave, NULL, NULL, &size), 0);
	o = out_open(&(struct out_how){ 0 }, slave, slave);
	tell(out_tell(o), TELL_LIVE, "a.org",
	     "1/4 servers have it, and more text than fits");
	await(master, &got, "\33[K");
	assert_true(
		str_starts(buf_get(&got), "a.org: 1/4 servers have it, a\r"));
	tell(out_tell(o), TELL_STEP, "a.org", "visible");
	await(master, &got, "\r\33[Ka.org: visible\r\n");
	out_close(o);
	close(slave);
	close(master);
	buf_free(&got);
}

static void *shout(void *at)
{
	struct out *o = at;

	for (int i = 0; i < 100; i++)
		tell(out_tell(o), TELL_STEP, "who", "%0100d", i);
	return NULL;
}

static void keeps_lines_whole(void **state)
{
	struct both b;
	pthread_t thread[4];
	char *text;
	off_t size;

	(void)state;
	start(&b, (struct out_how){ 0 });
	for (size_t i = 0; i < COUNT(thread); i++)
		pthread_create(&thread[i], NULL, shout, b.out);
	for (size_t i = 0; i < COUNT(thread); i++)
		pthread_join(thread[i], NULL);
	size = lseek(b.fd[1], 0, SEEK_CUR);
	assert_int_equal(size, 4 * 100 * (5 + 100 + 1));
	text = malloc((size_t)size);
	assert_int_equal(pread(b.fd[1], text, (size_t)size, 0), size);
	for (off_t at = 105; at < size; at += 106)
		assert_int_equal(text[at], '\n');
	free(text);
	stop(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(splits_streams),
		cmocka_unit_test(has_glyphs),
		cmocka_unit_test(colors),
		cmocka_unit_test(is_quiet),
		cmocka_unit_test(masks_and_escapes),
		cmocka_unit_test(tells_plainly),
		cmocka_unit_test(is_json),
		cmocka_unit_test(prints_tables),
		cmocka_unit_test(asks),
		cmocka_unit_test(takes_answers),
		cmocka_unit_test(reports_lost_results),
		cmocka_unit_test(draws_live),
		cmocka_unit_test(keeps_lines_whole),
	};

	plain_env();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
