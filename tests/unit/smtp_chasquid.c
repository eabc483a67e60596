/* As chasquid speaks: what its own scripted dialogues wait for. */
#include "tests/unit/smtp_play.h"
#include "tests/unit/test.h"

#define RULES                                                              \
	.host = "mx.test", .style = REPLY_CHASQUID, .size_max = 1 << 20,   \
	.rcpt_max = 100, .error_max = 3, .login_max = 9, .line_max = 1000, \
	.starttls = true, .login = true
static const struct session_conf mx = { RULES };
static const struct session_conf tls = { RULES, .implicit_tls = true,
					 .must_login = true };

/* Everything after the greeting that is no answer to EHLO or HELO. */
static const struct {
	const char *name;
	const struct session_conf *conf;
	const char *in, *log;
} dialogues[] = {
	{ "not over TLS", &mx, "AUTH PLAIN\r\n",
	  "503 5.7.10 You feel vulnerable\n" },
	{ "logins", &tls,
	  "AUTH SOMETHINGELSE\r\nAUTH PLAIN\r\ndXNlcjAHlalala==\r\n",
	  "534 5.7.9 Asmodeus demands 534 zorkmids for safe passage\n334 \n"
	  "501 5.5.2 Error decoding AUTH response: malformed\n" },
	{ "a login", &tls,
	  "AUTH PLAIN AGpvZQB4\r\nAUTH PLAIN AGpvZQBzZWNyZXQ=\r\n"
	  "AUTH PLAIN\r\n",
	  "<login joe x>\n535 5.7.8 Incorrect user or password\n"
	  "<login joe secret>\n235 2.7.0 Authentication successful\n"
	  "503 5.5.1 You are already wearing that!\n" },
	{ "too many errors", &tls,
	  "AUTH PLAIN something\r\nAUTH PLAIN something\r\n"
	  "AUTH PLAIN something\r\n",
	  "501 5.5.2 Error decoding AUTH response: malformed\n"
	  "501 5.5.2 Error decoding AUTH response: malformed\n"
	  "421 4.5.0 Too many errors, bye\n<close>\n" },
	{ "no login", &tls, "MAIL FROM:<a@b>\r\n",
	  "550 5.7.9 Mail to submission port must be authenticated\n" },
	{ "DATA too early", &mx, "DATA\r\n",
	  "503 5.5.1 Sender not yet given\n" },
	{ "no MAIL", &mx, "MAIL LALA: <>\r\nMAIL FROM:\r\n",
	  "500 5.5.2 Unknown command\n500 5.5.2 Unknown command\n" },
	{ "bad MAIL", &mx, "MAIL FROM:<pepe>\r\nMAIL FROM:<a@xn--->\r\n",
	  "501 5.1.8 Sender address must contain a domain\n"
	  "501 5.1.8 Malformed sender domain (IDNA conversion failed)\n" },
	{ "no RCPT", &mx, "MAIL FROM:<a@b>\r\nRCPT LALA: <>\r\nRCPT TO:\r\n",
	  "<sender a@b>\n250 2.1.5 You feel like you are being watched\n"
	  "500 5.5.2 Unknown command\n500 5.5.2 Unknown command\n" },
	{ "bad RCPT", &mx,
	  "MAIL FROM:<a@b> FOO=x\r\nRCPT TO:<pepe>\r\nRCPT TO:<a@xn--->\r\n",
	  "<sender a@b>\n250 2.1.5 You feel like you are being watched\n"
	  "501 5.1.3 Malformed destination address\n"
	  "501 5.1.2 Malformed destination domain (IDNA conversion failed)\n" },
	{ "a name in another alphabet", &mx,
	  "MAIL FROM:<a@b>\r\nRCPT TO: henry\xe2\x85\xa3@local.test\r\n",
	  "<sender a@b>\n250 2.1.5 You feel like you are being watched\n"
	  "<rcpt henry\xe2\x85\xa3@local.test>\n"
	  "250 2.1.5 You have an eerie feeling...\n" },
	{ "a false end", &mx,
	  "MAIL FROM: <>\r\nRCPT TO: user@local.test\r\nDATA\r\n"
	  "Subject: x\r\n\r\nxxx\n.\nmore\r\n\r\n.\r\n",
	  "<sender >\n250 2.1.5 You feel like you are being watched\n"
	  "<rcpt user@local.test>\n250 2.1.5 You have an eerie feeling...\n"
	  "<open>\n354 You suddenly realize it is unnaturally quiet\n"
	  "521 5.5.2 Error reading DATA: invalid line ending\n<drop>\n"
	  "<close>\n" },
	{ "MAIL twice, ends of commands by LF", &mx,
	  "MAIL FROM:<a@b>\nMAIL FROM:<b@b>\n",
	  "<sender a@b>\n250 2.1.5 You feel like you are being watched\n"
	  "<sender b@b>\n250 2.1.5 You feel like you are being watched\n" },
	{ "unknown", &mx, "WHATISTHIS\r\n", "500 5.5.1 Unknown command\n" },
	{ "wrong protocol", &mx, "CONNECT www.evil.com:80 HTTP/1.1\r\n",
	  "502 5.7.0 You hear someone cursing shoplifters\n<close>\n" },
	{ "STARTTLS over TLS", &tls, "STARTTLS\r\n",
	  "503 5.5.1 You are already wearing that!\n" },
};

static void dialogues_go_as_chasquid_wants(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(dialogues); i++)
		for (uint64_t seed = 0; seed < 20; seed++) {
			AUTO(play) struct play p;

			play_open(&p, dialogues[i].conf, SESSION_NO_PROXY,
				  seed);
			play_input(&p, STR_LIT("EHLO localhost\r\n"));
			assert_true(str_ends(buf_get(&p.log), "250 HELP\n"));
			assert_non_null(
				strstr(buf_c(&p.log),
				       "220 mx.test ESMTP chasquid\n250-mx.test"
				       " - Your hour of destiny has come.\n"));
			buf_clear(&p.log);
			play_input(&p, str_of(dialogues[i].in));
			if (strcmp(buf_c(&p.log), dialogues[i].log))
				print_error("%s:\n", dialogues[i].name);
			assert_string_equal(buf_c(&p.log), dialogues[i].log);
		}
}

static void names_and_lines_have_their_limits(void **state)
{
	static const struct {
		const char *in, *tail;
	} rows[] = {
		{ "HELO\r\n", "501 Invisible customers are not welcome!\n" },
		{ "EHLO \r\n", "501 Invisible customers are not welcome!\n" },
		{ "DATA\r\n",
		  "503 5.5.1 Invisible customers are not welcome!\n" },
	};
	AUTO(buf) struct buf line = { 0 };
	AUTO(play) struct play p;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO(play) struct play q;

		play_open(&q, &mx, SESSION_NO_PROXY, i);
		play_input(&q, str_of(rows[i].in));
		assert_true(str_ends(buf_get(&q.log), rows[i].tail));
	}
	buf_str(&line, "HELO ");
	while (line.n < 1000)
		buf_char(&line, 'a');
	buf_str(&line, "\r\n");
	play_open(&p, &mx, SESSION_NO_PROXY, PLAY_WHOLE);
	play_input(&p, buf_get(&line));
	assert_true(str_ends(buf_get(&p.log), "554 error reading command: line "
					      "too long\n<close>\n"));
}

static void addresses_are_short(void **state)
{
	static const char *const rows[][2] = {
		{ "MAIL FROM:<", "501 5.1.7 Sender address too long\n" },
		{ "RCPT TO:<", "501 5.1.3 Destination address too long\n" },
	};
	AUTO(play) struct play p;

	(void)state;
	play_open(&p, &mx, SESSION_NO_PROXY, PLAY_WHOLE);
	play_input(&p, STR_LIT("HELO c\r\n"));
	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO(buf) struct buf line = { 0 };

		buf_str(&line, rows[i][0]);
		while (line.n < 300)
			buf_char(&line, 'a');
		buf_str(&line, "@b.test>\r\n");
		play_input(&p, buf_get(&line));
		assert_true(str_ends(buf_get(&p.log), rows[i][1]));
		play_input(&p, STR_LIT("MAIL FROM:<a@b.test>\r\n"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dialogues_go_as_chasquid_wants),
		cmocka_unit_test(names_and_lines_have_their_limits),
		cmocka_unit_test(addresses_are_short),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
