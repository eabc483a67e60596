/* However the network cuts what a client sends, the same happens: random
 * dialogues out of likely pieces, each played whole and cut. And whatever comes,
 * what was opened is committed or dropped. */
#include "tests/unit/smtp_play.h"
#include "tests/unit/test.h"

#define RULES                                                              \
	.host = "mx.test", .size_max = 200, .rcpt_max = 3, .login_max = 3, \
	.line_max = 100, .login = true
static const struct session_conf confs[] = {
	{ RULES, .error_max = 50 },
	{ RULES, .error_max = 3, .implicit_tls = true },
	{ RULES, .error_max = 9, .style = REPLY_CHASQUID },
	{ RULES, .error_max = 50, .mail_max = 2, .data_line_max = 9 },
};

static const struct str pieces[] = {
	STR_LIT("EHLO c\r\n"),
	STR_LIT("EHLO c\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<a@local.test>\r\n"),
	STR_LIT("MAIL FROM:<a@b.test>\r\n"),
	STR_LIT("RCPT TO:<a@local.test>\r\n"),
	STR_LIT("RCPT TO:<unknown@local.test>\r\n"),
	STR_LIT("DATA\r\n"),
	STR_LIT("DATA\r\n"),
	STR_LIT("BDAT 7\r\n"),
	STR_LIT("BDAT 3 LAST\r\n"),
	STR_LIT("BDAT 0 LAST\r\n"),
	STR_LIT(".\r\n"),
	STR_LIT(".\r\n"),
	STR_LIT("..x\r\n"),
	STR_LIT("\r\n"),
	STR_LIT("text\r\n"),
	STR_LIT("0123456789012345678901234567890123456789\r\n"),
	STR_LIT("\r"),
	STR_LIT("\n"),
	STR_LIT("\0"),
	STR_LIT("."),
	STR_LIT("\xff"),
	STR_LIT("RSET\r\n"),
	STR_LIT("NOOP\r\n"),
	STR_LIT("AUTH PLAIN AGpvZQBzZWNyZXQ=\r\n"),
	STR_LIT("AUTH LOGIN\r\n"),
	STR_LIT("am9l\r\n"),
	STR_LIT("*\r\n"),
	STR_LIT("QUIT\r\n"),
	STR_LIT("XYZ\r\n"),
	STR_LIT("MAIL FROM:<a@b.test> SIZE=9999\r\n"),
};

static void no_drops(const struct buf *log, struct buf *out)
{
	struct str rest = buf_get(log), line;

	while (str_cut(&rest, '\n', &line))
		if (!str_eq(line, "<drop>")) {
			buf_view(out, line);
			buf_char(out, '\n');
		}
}

static size_t count(const struct buf *log, const char *what)
{
	struct str rest = buf_get(log), line;
	size_t n = 0;

	while (str_cut(&rest, '\n', &line))
		n += str_starts(line, what) ? 1 : 0;
	return n;
}

/* What a session owes for each message that was opened. */
static void accounts(const struct play *p)
{
	const size_t refused = count(&p->log, "451 4.3.0");
	const size_t ended = count(&p->log, "<commit") +
			     count(&p->log, "<drop") + (p->s.open ? 1 : 0);

	assert_true(ended <= count(&p->log, "<open"));
	assert_true(ended + refused >= count(&p->log, "<open"));
	if (p->closed)
		assert_false(p->s.open);
}

static void cuts_make_no_difference(void **state)
{
	uint64_t seed = 20261125;
	size_t commits = 0;

	(void)state;
	for (int i = 0; i < 6000; i++) {
		const struct session_conf *c = &confs[i % (int)COUNT(confs)];
		AUTO(buf) struct buf in = { 0 };
		AUTO(buf) struct buf wanted = { 0 };
		AUTO(play) struct play whole;

		buf_view(&in, pieces[play_next(&seed) % 2]);
		for (uint64_t n = play_next(&seed) % 25; n; n--)
			buf_view(&in, pieces[play_next(&seed) % COUNT(pieces)]);
		play_open(&whole, c, SESSION_NO_PROXY, PLAY_WHOLE);
		play_input(&whole, buf_get(&in));
		accounts(&whole);
		commits += count(&whole.log, "<commit");
		no_drops(&whole.log, &wanted);
		for (uint64_t cut = 1; cut < 5; cut++) {
			AUTO(buf) struct buf is = { 0 };
			AUTO(play) struct play p;

			play_open(&p, c, SESSION_NO_PROXY,
				  cut == 1 ? cut : cut + play_next(&seed));
			play_input(&p, buf_get(&in));
			accounts(&p);
			no_drops(&p.log, &is);
			if (strcmp(buf_c(&is), buf_c(&wanted)))
				print_error("%s\n", buf_c(&in));
			assert_string_equal(buf_c(&is), buf_c(&wanted));
		}
	}
	print_message("# %zu messages among them\n", commits);
	assert_true(commits > 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cuts_make_no_difference),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
