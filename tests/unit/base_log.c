#include "base/log.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/buf.h"
#include "tests/unit/test.h"

/* stderr goes into memory while something is said. */
struct hearing {
	int memory, before;
};

static struct hearing listen_in(void)
{
	struct hearing h = { memfd_create("stderr", 0), dup(STDERR_FILENO) };

	assert_true(h.memory >= 0 && h.before >= 0);
	dup2(h.memory, STDERR_FILENO);
	return h;
}

static const char *heard(struct hearing *h)
{
	static char text[300000];
	ssize_t n = pread(h->memory, text, sizeof(text) - 1, 0);

	dup2(h->before, STDERR_FILENO);
	close(h->before);
	close(h->memory);
	text[n > 0 ? n : 0] = '\0';
	return text;
}

static void knows_levels(void **state)
{
	(void)state;
	assert_int_equal(log_level(), LOG_NORMAL);
	log_set(LOG_REASON);
	struct hearing h = listen_in();

	log_say(LOG_QUIET, "one");
	log_say(LOG_REASON, "two %d", 2);
	log_say(LOG_WIRE, "three");
	assert_string_equal(heard(&h), "one\ntwo 2\n");
	log_set(LOG_WIRE);
	assert_int_equal(log_level(), LOG_WIRE);
}

static void shows_control_bytes(void **state)
{
	static const struct {
		const char *said, *shown;
	} table[] = {
		{ "a\nb\r", "a\\x0ab\\x0d\n" },
		{ "line\n\n", "line\n" },
		{ "\x1b[2J\x07\x7f\t", "\\x1b[2J\\x07\\x7f\\x09\n" },
		{ "\xc3\xa9 \xe4\xbe\x8b \xf0\x9f\x93\xac",
		  "\xc3\xa9 \xe4\xbe\x8b \xf0\x9f\x93\xac\n" },
		{ "\xc2\x9b"
		  "1m",
		  "\\xc2\\x9b1m\n" }, /* C1: CSI */
		{ "\x9b", "\\x9b\n" },
		{ "\xc3", "\\xc3\n" },
		{ "\xe4\xbe", "\\xe4\\xbe\n" },
		{ "\xc0\x8a", "\\xc0\\x8a\n" },
		{ "\xe0\x82\x9b", "\\xe0\\x82\\x9b\n" },
		{ "\xf0\x80\x82\x9b", "\\xf0\\x80\\x82\\x9b\n" },
		{ "\xff", "\\xff\n" },
		{ "", "\n" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct hearing h = listen_in();

		log_say(LOG_QUIET, "%s", table[i].said);
		assert_string_equal(heard(&h), table[i].shown);
	}
}

static void hides_secrets(void **state)
{
	static const struct {
		const char *said, *shown;
	} table[] = {
		{ "key=hunter2&x", "key=***&x\n" },
		{ "hunter2hunter2", "******\n" },
		{ "hunter2-long is another", "*** is another\n" },
		{ "hunter2-lon", "***-lon\n" },
		{ "Hunter2 abc", "Hunter2 abc\n" },
		{ "two\nlines", "***\n" },
		{ "{\"a\":\"two\\nlines\"}", "{\"a\":\"***\"}\n" },
		{ "k=a%2Fb%3D%22&x", "k=***&x\n" },
		{ "\"a/b=\\\"\"", "\"***\"\n" },
	};
	(void)state;
	log_hide(STR_LIT("abc")); /* too short to be hidden by value */
	log_hide(str_of("hunter2"));
	log_hide(str_of("hunter2-long"));
	log_hide(str_of("hunter2"));
	log_hide(str_of("two\nlines"));
	log_hide(str_of("a/b=\""));
	log_hide(str_of(NULL));
	for (size_t i = 0; i < COUNT(table); i++) {
		struct hearing h = listen_in();

		log_say(LOG_QUIET, "%s", table[i].said);
		assert_string_equal(heard(&h), table[i].shown);
	}
}

static void masks_for_other_sinks(void **state)
{
	AUTO(buf) struct buf out = { 0 };

	(void)state;
	log_hide(str_of("hunter2"));
	buf_str(&out, "{\"v\":");
	log_mask(&out, str_of("a hunter2 b"));
	log_mask(&out, str_of(NULL));
	assert_string_equal(buf_c(&out), "{\"v\":a *** b");
}

static void cuts_long_lines(void **state)
{
	struct hearing h = listen_in();

	(void)state;
	log_say(LOG_QUIET, "%100000d", 1);
	const char *text = heard(&h);
	size_t n = strlen(text);

	assert_true(n < 70000);
	assert_string_equal(text + n - 4, "...\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_levels),
		cmocka_unit_test(shows_control_bytes),
		cmocka_unit_test(hides_secrets),
		cmocka_unit_test(masks_for_other_sinks),
		cmocka_unit_test(cuts_long_lines),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
