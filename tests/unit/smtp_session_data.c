/* The bytes of messages: dots, line ends, sizes, BDAT, and every sequence that
 * somebody took for the end of a message once. */
#include "tests/unit/smtp_play.h"
#include "tests/unit/test.h"

#define RULES                                                             \
	.host = "mx.test", .size_max = 60, .rcpt_max = 9, .error_max = 5, \
	.login_max = 2, .line_max = 512
static const struct session_conf mx = { RULES };
static const struct session_conf narrow = { RULES, .data_line_max = 8 };
static const struct session_conf chasquid = { RULES, .style = REPLY_CHASQUID };

#define BEGIN "HELO c\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<j@local.test>\r\n"
#define MORE "MAIL FROM:<b@b.test>\r\nRCPT TO:<j@local.test>\r\n"
#define BEGUN \
	"<client 192.0.2.1>\n220 mx.test ESMTP opsmail\n250 mx.test\n" BEGUN2
#define BEGUN2                                                          \
	"<sender a@b.test>\n250 2.1.0 Sender OK\n<rcpt j@local.test>\n" \
	"250 2.1.5 Recipient OK\n"
#define BEGUN3                                                          \
	"<sender b@b.test>\n250 2.1.0 Sender OK\n<rcpt j@local.test>\n" \
	"250 2.1.5 Recipient OK\n"
#define GO "<open>\n354 Go on; end with a dot on its own line\n"
#define KEPT "250 2.0.0 Kept as 1\n"
#define BAD "521 5.5.2 Lines end with CR and LF, and only there\n"
#define BAD_BDAT "554 5.6.0 Lines end with CR and LF, and only there\n"

struct dialogue {
	const char *name;
	const struct session_conf *conf;
	struct str in; /* NUL bytes are among them */
	const char *log;
};
static const struct dialogue dialogues[] = {
	{ "dots", &mx,
	  STR_LIT(BEGIN "DATA\r\n..\r\n.a\r\n...\r\n b.\r\n.\r\nNOOP\r\n"),
	  BEGUN GO "<commit 1 rcpt, .\\r\\na\\r\\n..\\r\\n b.\\r\\n>\n" KEPT
		   "250 2.0.0 OK\n" },
	{ "high bytes", &mx, STR_LIT(BEGIN "DATA\r\n\xc3\xa9\r\n.\r\n"),
	  BEGUN GO "<commit 1 rcpt, \\c3\\a9\\r\\n high>\n" KEPT },
	{ "two messages at once", &mx,
	  STR_LIT(BEGIN "DATA\r\n1\r\n.\r\n" MORE "DATA\r\n2\r\n.\r\n"),
	  BEGUN GO "<commit 1 rcpt, 1\\r\\n>\n" KEPT BEGUN3 GO
		   "<commit 1 rcpt, 2\\r\\n>\n" KEPT },
	{ "NUL", &mx, STR_LIT(BEGIN "DATA\r\na\r\n\0.\r\nb\r\n.\r\nNOOP\r\n"),
	  BEGUN GO "<drop>\n554 5.6.0 NUL bytes in the message\n"
		   "250 2.0.0 OK\n" },
	{ "NUL for chasquid", &chasquid,
	  STR_LIT("NOOP\r\n" BEGIN "DATA\r\n\0.\r\n.\r\n"),
	  "<client 192.0.2.1>\n220 mx.test ESMTP chasquid\n"
	  "250 2.0.0 You hear a faint typing noise.\n250 mx.test\n"
	  "<sender a@b.test>\n250 2.1.5 You feel like you are being watched\n"
	  "<rcpt j@local.test>\n250 2.1.5 You have an eerie feeling...\n"
	  "<open>\n354 You suddenly realize it is unnaturally quiet\n"
	  "<commit 1 rcpt, \\00.\\r\\n>\n250 2.0.0 Kept as 1\n" },
	{ "as big as it may be", &mx,
	  STR_LIT(BEGIN "DATA\r\n" /* 10 * 6 */
			"1234\r\n1234\r\n1234\r\n1234\r\n1234\r\n1234\r\n"
			"1234\r\n1234\r\n1234\r\n1234\r\n.\r\n"),
	  BEGUN GO "<commit 1 rcpt, 1234\\r\\n1234\\r\\n1234\\r\\n1234\\r\\n"
		   "1234\\r\\n1234\\r\\n1234\\r\\n1234\\r\\n1234\\r\\n1234"
		   "\\r\\n>\n" KEPT },
	{ "too big", &mx,
	  STR_LIT(BEGIN "DATA\r\n"
			"1234\r\n1234\r\n1234\r\n1234\r\n1234\r\n1234\r\n"
			"1234\r\n1234\r\n1234\r\n12345\r\n.\r\nNOOP\r\n"),
	  BEGUN GO "<drop>\n552 5.3.4 Message too big\n250 2.0.0 OK\n" },
	{ "a false end in what is too big", &mx,
	  STR_LIT(BEGIN "DATA\r\n"
			"1234\r\n1234\r\n1234\r\n1234\r\n1234\r\n1234\r\n"
			"1234\r\n1234\r\n1234\r\n12345\r\n.\nNOOP\r\n"),
	  BEGUN GO "<drop>\n" BAD "<close>\n" },
	{ "a long line", &narrow,
	  STR_LIT(BEGIN "DATA\r\n12345678\r\n.\r\n" MORE
			"DATA\r\n123456789\r\n.\r\n"),
	  BEGUN GO "<commit 1 rcpt, 12345678\\r\\n>\n" KEPT BEGUN3 GO
		   "<drop>\n554 5.6.0 A line of it is too long\n" },
	{ "BDAT", &mx,
	  STR_LIT(BEGIN "BDAT 7\r\n.\r\nabc\rBDAT 3\r\n\n.\rBDAT 4 LAST\r\n"
			"\n.\r\nNOOP\r\n"),
	  BEGUN "<open>\n250 2.0.0 Go on\n250 2.0.0 Go on\n"
		"<commit 1 rcpt, .\\r\\nabc\\r\\n.\\r\\n.\\r\\n>\n" KEPT
		"250 2.0.0 OK\n" },
	{ "BDAT without a last line end, and none at all", &mx,
	  STR_LIT(BEGIN "BDAT 2 LAST\r\nab" MORE "bdat 0 last\r\n"),
	  BEGUN "<open>\n<commit 1 rcpt, ab\\r\\n>\n" KEPT BEGUN3
		"<open>\n<commit 1 rcpt, >\n" KEPT },
	{ "bad line ends in BDAT", &mx,
	  STR_LIT(BEGIN "BDAT 5\r\na\n.\r\nBDAT 2 LAST\r\nxyNOOP\r\n"),
	  BEGUN "<open>\n<drop>\n" BAD_BDAT
		"503 5.5.1 An earlier part failed: RSET first\n"
		"250 2.0.0 OK\n" },
	{ "a CR at the end of BDAT", &mx,
	  STR_LIT(BEGIN "BDAT 2 LAST\r\na\rNOOP\r\n"),
	  BEGUN "<open>\n<drop>\n" BAD_BDAT "250 2.0.0 OK\n" },
	{ "BDAT that is too big", &mx,
	  STR_LIT(BEGIN "BDAT 61\r\n"
			"123456789012345678901234567890123456789012345678901234"
			"5678901BDAT 1 LAST\r\nxNOOP\r\n"),
	  BEGUN "<open>\n<drop>\n552 5.3.4 Message too big\n"
		"503 5.5.1 An earlier part failed: RSET first\n"
		"250 2.0.0 OK\n" },
	{ "BDAT of a size that nobody means", &mx,
	  STR_LIT(BEGIN "BDAT 18446744073709551615 LAST\r\nx"),
	  BEGUN "501 5.5.4 BDAT SIZE [LAST] it is\n<close>\n" },
	{ "BDAT before its time", &mx,
	  STR_LIT("BDAT 6\r\nRSET\r\nHELO c\r\nBDAT 6 LAST\r\nQUIT\r\n"
		  "MAIL FROM:<a@b.test>\r\nBDAT 6\r\nQUIT\r\n"
		  "RCPT TO:<j@local.test>\r\nBDAT 3 LAST\r\n1\r\n"),
	  "<client 192.0.2.1>\n220 mx.test ESMTP opsmail\n"
	  "503 5.5.1 Say EHLO first\n250 mx.test\n"
	  "503 5.5.1 Give a sender first\n<sender a@b.test>\n"
	  "250 2.1.0 Sender OK\n503 5.5.1 Give a recipient first\n"
	  "<rcpt j@local.test>\n250 2.1.5 Recipient OK\n<open>\n"
	  "<commit 1 rcpt, 1\\r\\n>\n" KEPT },
	{ "BDAT refused before it is read", &mx,
	  STR_LIT("HELO c\r\nMAIL FROM:<noopen@b.test>\r\n"
		  "RCPT TO:<j@local.test>\r\nBDAT 6\r\nRSET\r\n"
		  "BDAT 6 LAST\r\nQUIT\r\nNOOP\r\n"),
	  "<client 192.0.2.1>\n220 mx.test ESMTP opsmail\n250 mx.test\n"
	  "<sender noopen@b.test>\n250 2.1.0 Sender OK\n"
	  "<rcpt j@local.test>\n250 2.1.5 Recipient OK\n"
	  "<open>\n451 4.3.0 Failed to queue message\n"
	  "503 5.5.1 An earlier part failed: RSET first\n250 2.0.0 OK\n" },
	{ "within BDAT", &mx,
	  STR_LIT(BEGIN "BDAT 3\r\na\r\nDATA\r\nRCPT TO:<k@local.test>\r\n"
			"MAIL FROM:<a@b.test>\r\nRSET\r\nDATA\r\n"),
	  BEGUN "<open>\n250 2.0.0 Go on\n"
		"503 5.5.1 The message comes by BDAT\n"
		"503 5.5.1 The message comes by BDAT\n"
		"503 5.5.1 One message at a time: a sender was given\n"
		"<drop>\n250 2.0.0 Forgotten\n"
		"503 5.5.1 Give a sender first\n" },
	{ "gone within BDAT", &mx,
	  STR_LIT(BEGIN "BDAT 3\r\na\r\nQUIT\r\nRSET\r\n"),
	  BEGUN "<open>\n250 2.0.0 Go on\n<drop>\n221 2.0.0 Bye\n<close>\n" },
};

static void say(const char *name, uint64_t seed, const char *log,
		const char *wanted)
{
	if (!strcmp(log, wanted))
		return;
	print_error("%s, cut %llu:\n%s--- wanted:\n%s", name,
		    (unsigned long long)seed, log, wanted);
	fail();
}

/* What is dropped, and when, may depend on the cuts; what is said may not: the
 * log is compared with the DROPs taken out of both. */
static void without_drops(const char *log, struct buf *out)
{
	struct str rest = str_of(log), line;

	while (str_cut(&rest, '\n', &line)) {
		if (str_eq(line, "<drop>") || !rest.at)
			continue;
		buf_view(out, line);
		buf_char(out, '\n');
	}
}

static void dialogues_go_as_written(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(dialogues); i++)
		for (uint64_t seed = 0; seed < 40; seed++) {
			const struct dialogue *d = &dialogues[i];
			AUTO(buf) struct buf is = { 0 };
			AUTO(buf) struct buf wanted = { 0 };
			AUTO(play) struct play p;

			play_open(&p, d->conf, SESSION_NO_PROXY, seed);
			play_input(&p, d->in);
			without_drops(buf_c(&p.log), &is);
			without_drops(d->log, &wanted);
			say(d->name, seed, buf_c(&is), buf_c(&wanted));
			if (seed == PLAY_WHOLE)
				assert_int_equal(str_find(buf_get(&p.log),
							  "<drop>") != NULL,
						 strstr(d->log, "<drop>") !=
							 NULL);
		}
}

/* Each of these was an end of data to some server. To this one the smuggled
 * command behind it is never a command. */
static const struct str false_ends[] = {
	STR_LIT("\n.\n"),         STR_LIT("\n.\r"),
	STR_LIT("\r.\n"),         STR_LIT("\r.\r"),
	STR_LIT("\n.\r\n"),       STR_LIT("\r.\r\n"),
	STR_LIT("\r\n\0.\r\n"),   STR_LIT("\r\n.\n"),
	STR_LIT("\r\n.\r"),       STR_LIT("\r\n.\r\r\n"),
	STR_LIT("\r\r\n.\r\r\n"), STR_LIT("\r\n\0.\n"),
	STR_LIT("\n\n.\r\n"),     STR_LIT("\r\n.\0\r\n"),
	STR_LIT("\r\r\n.\r\n"),   STR_LIT("\r\n.\n\r\n"),
};

static void nothing_is_smuggled(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(false_ends); i++)
		for (uint64_t seed = 0; seed < 40; seed++) {
			AUTO(buf) struct buf in = { 0 };
			AUTO(play) struct play p;

			buf_str(&in, BEGIN "DATA\r\na");
			buf_view(&in, false_ends[i]);
			buf_str(&in, "MAIL FROM:<evil@x.test>\r\n.\r\n"
				     "QUIT\r\n");
			play_open(&p, &mx, SESSION_NO_PROXY, seed);
			play_input(&p, buf_get(&in));
			assert_null(strstr(buf_c(&p.log), "evil"));
			assert_null(strstr(buf_c(&p.log), "<commit"));
			assert_non_null(strstr(buf_c(&p.log), "<drop>"));
			assert_true(strstr(buf_c(&p.log), BAD) ||
				    strstr(buf_c(&p.log), "554 5.6.0 NUL"));
		}
}

/* The same by BDAT is refused, too, and what follows is in step again. */
static void nothing_is_smuggled_in_parts(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(false_ends); i++)
		for (uint64_t seed = 0; seed < 40; seed++) {
			AUTO(buf) struct buf in = { 0 };
			AUTO(play) struct play p;

			buf_fmt(&in, BEGIN "BDAT %zu LAST\r\na",
				false_ends[i].n + 1);
			buf_view(&in, false_ends[i]);
			buf_str(&in, "NOOP\r\n");
			play_open(&p, &mx, SESSION_NO_PROXY, seed);
			play_input(&p, buf_get(&in));
			assert_null(strstr(buf_c(&p.log), "<commit"));
			assert_non_null(strstr(buf_c(&p.log), "554 5.6.0 "));
			assert_true(
				str_ends(buf_get(&p.log), "\n250 2.0.0 OK\n"));
		}
}

/* A stranger does not keep us reading for ever. */
static void noise_is_read_to_a_limit(void **state)
{
	AUTO(buf) struct buf in = { 0 };
	AUTO(play) struct play p;

	(void)state;
	buf_str(&in, BEGIN "DATA\r\n");
	for (int i = 0; i < 100; i++)
		buf_str(&in, "1234\r\n");
	play_open(&p, &mx, SESSION_NO_PROXY, 30);
	play_input(&p, buf_get(&in));
	assert_true(p.closed);
	assert_true(str_ends(buf_get(&p.log),
			     "552 5.3.4 Message too big\n<close>\n"));
}

/* ---- the scanner by itself, and the way out ---- */
static void what_is_stuffed_is_read_back(void **state)
{
	static const char liked[] = ".\r\na";
	uint64_t seed = 42;

	(void)state;
	for (int i = 0; i < 2000; i++) {
		AUTO(buf) struct buf text = { 0 };
		AUTO(buf) struct buf wire = { 0 };
		AUTO(buf) struct buf back = { 0 };
		enum data_place place = DATA_LINE;
		struct data d = { 0 };
		struct str chunk;

		for (uint64_t n = play_next(&seed) % 40; n; n--) {
			const char c = liked[play_next(&seed) % 4];
			buf_str(&text, c == '\r' || c == '\n' ? "\r\n" :
				       c == '.'               ? "." :
								"a");
		}
		for (size_t at = 0; at < text.n;) {
			size_t n = 1 + play_next(&seed) % 9;
			n = n < text.n - at ? n : text.n - at;
			data_stuff(&place, (struct str){ text.at + at, n },
				   &wire);
			at += n;
		}
		data_end(place, &wire);
		buf_str(&wire, "QUIT\r\n");
		struct str in = buf_get(&wire);
		enum data_event event;

		while ((event = data_scan(&d, &in, &chunk)) == DATA_CHUNK)
			buf_view(&back, chunk);
		assert_int_equal(event, DATA_END);
		assert_true(str_eq(in, "QUIT\r\n"));
		if (place != DATA_LINE)
			buf_str(&text, "\r\n");
		assert_true(str_same(buf_get(&text), buf_get(&back)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dialogues_go_as_written),
		cmocka_unit_test(nothing_is_smuggled),
		cmocka_unit_test(nothing_is_smuggled_in_parts),
		cmocka_unit_test(noise_is_read_to_a_limit),
		cmocka_unit_test(what_is_stuffed_is_read_back),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
