#include "conf/secret.h"

#include "base/log.h"

#include "tests/unit/place.h"

static struct secret file(struct place *p, const char *name)
{
	return (struct secret){ .kind = SECRET_FILE,
				.text = place_path(p, name),
				.origin = "opsmail.yaml:1:1" };
}

static void reads_files(void **state)
{
	static const struct {
		const char *text;
		mode_t mode;
		const char *out, *says; /* one of them */
	} cases[] = {
		{ "hush", 0600, "hush", NULL },
		{ "hush\n", 0400, "hush", NULL },
		{ "hush\r\n", 0600, "hush", NULL },
		{ " two lines\n\n", 0600, " two lines\n", NULL },
		{ "hush", 0640, NULL,
		  "others may read this secret (mode 0640); "
		  "type: chmod 600 " },
		{ "hush", 0604, NULL, "others may read" },
		{ "", 0600, NULL, "is empty" },
		{ "\n", 0600, NULL, "is empty" },
	};
	struct place p;

	(void)state;
	place_open(&p);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct secret s = file(&p, "s");
		struct err e = { 0 };
		const char *text = NULL;
		int got;

		place_put(&p, "s", cases[i].text, cases[i].mode);
		got = secret_read(&s, &p.m, &text, &e);
		if (got != (cases[i].out ? 0 : -1))
			fail_msg("case %zu: %s", i, e.msg);
		if (!got)
			assert_string_equal(text, cases[i].out);
		else if (!strstr(e.msg, cases[i].says) ||
			 strncmp(e.msg, "opsmail.yaml:1:1: ", 18) != 0)
			fail_msg("case %zu: %s", i, e.msg);
	}
	place_close(&p);
}

static void refuses_odd_files(void **state)
{
	struct place p;
	struct err e = { 0 };
	const char *text;
	struct buf big = { 0 };

	(void)state;
	place_open(&p);
	struct secret s = file(&p, "none"), dir = file(&p, "."),
		      fifo = file(&p, "fifo"), nul = file(&p, "nul"),
		      large = file(&p, "large");

	assert_int_equal(secret_read(&s, &p.m, &text, &e), -1);
	assert_non_null(strstr(e.msg, "No such file"));
	assert_int_equal(secret_read(&dir, &p.m, &text, &e), -1);
	assert_non_null(strstr(e.msg, "no regular file"));
	assert_int_equal(mkfifo(fifo.text, 0600), 0);
	assert_int_equal(secret_read(&fifo, &p.m, &text, &e), -1);
	assert_non_null(strstr(e.msg, "no regular file"));
	assert_int_equal(fs_write(nul.text, STR_LIT("a\0b"), 0600, &e), 0);
	assert_int_equal(secret_read(&nul, &p.m, &text, &e), -1);
	assert_non_null(strstr(e.msg, "NUL"));
	for (int i = 0; i < 65537; i++)
		buf_char(&big, 'x');
	place_put(&p, "large", buf_c(&big), 0600);
	assert_int_equal(secret_read(&large, &p.m, &text, &e), -1);
	assert_non_null(strstr(e.msg, "larger than 64 KiB"));
	buf_free(&big);
	place_close(&p);
}

static void runs_commands(void **state)
{
	static const struct {
		const char *argv[4];
		const char *out, *says; /* one of them */
	} cases[] = {
		{ { "echo", "hush", "$HOME" }, "hush $HOME", NULL },
		{ { "sh", "-c", "echo locked >&2; exit 3" },
		  NULL,
		  "command sh ended with 3: locked" },
		{ { "true" }, NULL, "what command true wrote: is empty" },
		{ { "/nowhere/pass" }, NULL, "/nowhere/pass" },
	};
	struct mem m = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *argv[4];
		struct secret s = { .kind = SECRET_COMMAND, .origin = "o" };
		struct err e = { 0 };
		const char *text = NULL;
		int got;

		memcpy(argv, cases[i].argv, sizeof(argv));
		s.command.at = argv;
		while (s.command.n < 4 && argv[s.command.n])
			s.command.n++;
		got = secret_read(&s, &m, &text, &e);
		if (got != (cases[i].out ? 0 : -1))
			fail_msg("case %zu: %s", i, e.msg);
		if (!got)
			assert_string_equal(text, cases[i].out);
		else if (!strstr(e.msg, cases[i].says))
			fail_msg("case %zu: %s", i, e.msg);
	}
	mem_free(&m);
}

static void hides_what_it_reads(void **state)
{
	struct secret s = { .kind = SECRET_INLINE, .text = "very-secret-1" };
	struct secret user = { .kind = SECRET_INLINE, .text = "plain-user" };
	struct secret none = { 0 };
	struct mem m = { 0 };
	struct buf out = { 0 };
	struct err e = { 0 };
	const char *text;

	(void)state;
	assert_int_equal(secret_read(&s, &m, &text, &e), 0);
	assert_int_equal(secret_fetch(&user, &m, &text, &e), 0);
	log_mask(&out, str_of("x very-secret-1 plain-user"));
	assert_string_equal(buf_c(&out), "x *** plain-user");
	assert_int_equal(secret_read(&none, &m, &text, &e), -1);
	assert_int_equal(e.kind, ERR_MISSING);
	assert_string_equal(secret_shown(&s, &m), "***");
	assert_string_equal(secret_shown(&none, &m), "");
	buf_free(&out);
	mem_free(&m);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_files),
		cmocka_unit_test(refuses_odd_files),
		cmocka_unit_test(runs_commands),
		cmocka_unit_test(hides_what_it_reads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
