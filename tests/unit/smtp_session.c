/* The server's side of scripted dialogues: greeting, commands, addresses and
 * parameters, logins, TLS, PROXY, limits. Each is played whole, byte by byte
 * and cut at random. */
#include "tests/unit/smtp_play.h"
#include "tests/unit/test.h"

#define HELLO "<client 192.0.2.1>\n220 mx.test ESMTP opsmail\n"
#define EHLO                                                              \
	"250-mx.test\n250-8BITMIME\n250-PIPELINING\n250-SMTPUTF8\n"       \
	"250-ENHANCEDSTATUSCODES\n250-SIZE 1000\n250-CHUNKING\n250-DSN\n" \
	"250-LIMITS RCPTMAX=3\n"
#define EHLO_CLEAR EHLO "250-STARTTLS\n250 HELP\n"
#define EHLO_TLS EHLO "250-REQUIRETLS\n250-AUTH PLAIN LOGIN\n250 HELP\n"

#define RULES                                                                  \
	.host = "mx.test", .size_max = 1000, .rcpt_max = 3, .error_max = 5,    \
	.login_max = 2, .line_max = 512, .starttls = true, .command_ms = 1000, \
	.data_ms = 500, .message_ms = 2000
static const struct session_conf mx = { RULES };
static const struct session_conf msa = { RULES, .login = true,
					 .must_login = true };
static const struct session_conf tls = { RULES, .login = true,
					 .must_login = true,
					 .implicit_tls = true };
static const struct session_conf two = { RULES, .mail_max = 2 };

struct dialogue {
	const char *name;
	const struct session_conf *conf;
	enum session_proxy proxy;
	const char *in, *log;
};
static const struct dialogue dialogues[] = {
	{ "a message", &mx, SESSION_NO_PROXY,
	  "EHLO c.test\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<joe@Local.TEST>\r\n"
	  "DATA\r\nSubject: x\r\n\r\n..dot\r\nhi\r\n.\r\nQUIT\r\n",
	  HELLO EHLO_CLEAR
	  "<sender a@b.test>\n250 2.1.0 Sender OK\n"
	  "<rcpt joe@local.test>\n250 2.1.5 Recipient OK\n"
	  "<open>\n354 Go on; end with a dot on its own line\n"
	  "<commit 1 rcpt, Subject: x\\r\\n\\r\\n.dot\\r\\nhi\\r\\n>\n"
	  "250 2.0.0 Kept as 1\n221 2.0.0 Bye\n<close>\n" },
	{ "HELO, a bounce, a bare address, blanks, any case", &mx,
	  SESSION_NO_PROXY,
	  "helo c.test  \r\nmail from: <>\r\nrcpt to: postmaster\r\n"
	  "RcPt To:<Postmaster>\r\nDATA\r\n.\r\n",
	  HELLO "250 mx.test\n<sender >\n250 2.1.0 Sender OK\n"
		"<rcpt postmaster>\n250 2.1.5 Recipient OK\n"
		"<rcpt Postmaster>\n250 2.1.5 Recipient OK\n"
		"<open>\n354 Go on; end with a dot on its own line\n"
		"<commit 2 rcpt, >\n250 2.0.0 Kept as 1\n" },
	{ "order", &mx, SESSION_NO_PROXY,
	  "MAIL FROM:<a@b.test>\r\nRCPT TO:<a@b.test>\r\nDATA\r\n"
	  "EHLO\r\n",
	  HELLO "503 5.5.1 Say EHLO first\n503 5.5.1 Say EHLO first\n"
		"503 5.5.1 Say EHLO first\n501 5.5.4 Say the name of your "
		"host\n" },
	{ "order within", &mx, SESSION_NO_PROXY,
	  "EHLO c\r\nRCPT TO:<a@b.test>\r\nMAIL FROM:<a@b.test>\r\nDATA\r\n"
	  "MAIL FROM:<b@b.test>\r\nRSET\r\nDATA\r\n",
	  HELLO EHLO_CLEAR
	  "503 5.5.1 Give a sender first\n"
	  "<sender a@b.test>\n250 2.1.0 Sender OK\n"
	  "503 5.5.1 Give a recipient first\n"
	  "503 5.5.1 One message at a time: a sender was given\n"
	  "250 2.0.0 Forgotten\n503 5.5.1 Give a sender first\n" },
	{ "small talk", &mx, SESSION_NO_PROXY,
	  "NOOP\r\nNOOP x y\r\nHELP\r\nVRFY joe\r\nEXPN all\r\nXYZ\r\n\r\n"
	  "NO\x02OP\r\n",
	  HELLO "250 2.0.0 OK\n250 2.0.0 OK\n"
		"214 2.0.0 See RFC 5321. EHLO lists what this server can do\n"
		"502 5.5.1 Not told here: send the message and see\n"
		"502 5.5.1 Lists are not told here\n"
		"500 5.5.1 Unknown command\n500 5.5.1 Unknown command\n"
		"421 4.7.0 Too many errors\n<close>\n" },
	{ "a browser", &mx, SESSION_NO_PROXY,
	  "GET / HTTP/1.1\r\nHost: x\r\n\r\nEHLO x\r\n",
	  HELLO "502 5.7.0 This is SMTP\n<close>\n" },
	{ "parameters", &mx, SESSION_NO_PROXY,
	  "EHLO c\r\nMAIL FROM:<a@b.test> SIZE=999 BODY=8BITMIME SMTPUTF8 "
	  "RET=HDRS ENVID=a+2Bb AUTH=<>\r\n"
	  "RCPT TO:<joe@local.test> NOTIFY=SUCCESS,DELAY "
	  "ORCPT=rfc822;x+3Dy@z\r\nRCPT TO:<jil@local.test> NOTIFY=NEVER\r\n",
	  HELLO EHLO_CLEAR
	  "<sender a@b.test size=999 utf8 8bit ret=2 envid=a+2Bb>\n"
	  "250 2.1.0 Sender OK\n"
	  "<rcpt joe@local.test notify=10 orcpt=rfc822;x+3Dy@z>\n"
	  "250 2.1.5 Recipient OK\n<rcpt jil@local.test notify=1>\n"
	  "250 2.1.5 Recipient OK\n" },
	{ "wrong parameters", &mx, SESSION_NO_PROXY,
	  "EHLO c\r\nMAIL FROM:<a@b.test> SIZE=1001\r\n"
	  "MAIL FROM:<a@b.test> FOO=1\r\nMAIL FROM:<a@b.test> SIZE\r\n"
	  "MAIL FROM:<a@b.test> REQUIRETLS\r\n"
	  "MAIL FROM:<a@b.test>BODY=7BIT\r\n",
	  HELLO EHLO_CLEAR
	  "552 5.3.4 Message too big\n555 5.5.4 Unknown parameter\n"
	  "501 5.5.4 Malformed parameter\n501 5.5.4 Malformed parameter\n"
	  "421 4.7.0 Too many errors\n<close>\n" },
	{ "wrong parameters of RCPT", &mx, SESSION_NO_PROXY,
	  "EHLO c\r\nMAIL FROM:<a@b.test> body=7bit\r\n"
	  "RCPT TO:<a@local.test> NOTIFY=NEVER,DELAY\r\n"
	  "RCPT TO:<a@local.test> ORCPT=x\r\n"
	  "RCPT TO:<a@local.test> NOTIFY=DELAY NOTIFY=DELAY\r\n"
	  "RCPT TO:<a@local.test> ORCPT=rfc822;a+0Ab\r\n",
	  HELLO EHLO_CLEAR
	  "<sender a@b.test>\n250 2.1.0 Sender OK\n"
	  "501 5.5.4 Malformed parameter\n501 5.5.4 Malformed parameter\n"
	  "501 5.5.4 Malformed parameter\n501 5.5.4 Malformed parameter\n" },
	{ "addresses", &mx, SESSION_NO_PROXY,
	  "EHLO c\r\nMAIL FROM:<\"a b\\\"c\"@[192.0.2.9]>\r\n"
	  "RCPT TO:<@x.test,@y.test:joe@local.test>\r\n"
	  "RCPT TO:<>\r\nRCPT TO:<joe>\r\nRCPT TO:<joe@local.test\r\n"
	  "RCPT TO:<joe@-x.test>\r\n",
	  HELLO EHLO_CLEAR
	  "<sender \"a b\\\"c\"@[192.0.2.9]>\n250 2.1.0 Sender OK\n"
	  "<rcpt joe@local.test>\n250 2.1.5 Recipient OK\n"
	  "501 5.1.3 Malformed destination address\n"
	  "501 5.1.3 Malformed destination address\n"
	  "501 5.1.3 Malformed destination address\n"
	  "501 5.1.2 No such name for a domain\n" },
	{ "other alphabets", &mx, SESSION_NO_PROXY,
	  "EHLO c\r\nMAIL FROM:<\xc3\xa9@b.test>\r\n"
	  "MAIL FROM:<\xc3\xa9@b\xc3\xbc.test> SMTPUTF8\r\n"
	  "RCPT TO:<\xc3\xa9@local.test>\r\n",
	  HELLO EHLO_CLEAR
	  "553 5.6.7 That address needs SMTPUTF8 in MAIL\n"
	  "<sender \xc3\xa9@xn--b-eha.test utf8>\n250 2.1.0 Sender OK\n"
	  "<rcpt \xc3\xa9@local.test>\n250 2.1.5 Recipient OK\n" },
	{ "what the caller refuses", &mx, SESSION_NO_PROXY,
	  "EHLO c\r\nMAIL FROM:<evil@b.test>\r\nMAIL FROM:<full@b.test>\r\n"
	  "MAIL FROM:<a@b.test>\r\nRCPT TO:<unknown@local.test>\r\n"
	  "RCPT TO:<later@local.test>\r\nRCPT TO:<a@far.test>\r\n",
	  HELLO EHLO_CLEAR
	  "<sender evil@b.test>\n550 5.7.23 SPF check failed\n"
	  "<sender full@b.test>\n452 4.3.1 Not enough room, try later\n"
	  "<sender a@b.test>\n250 2.1.0 Sender OK\n"
	  "<rcpt unknown@local.test>\n550 5.1.1 No such recipient here\n"
	  "<rcpt later@local.test>\n"
	  "451 4.4.3 Temporary error checking address\n"
	  "<rcpt a@far.test>\n"
	  "550 5.7.1 Not a domain of ours, and you are not logged in\n" },
	{ "errors are forgiven to those who bring mail, and 4xx are none", &mx,
	  SESSION_NO_PROXY,
	  "HELO c\r\nX\r\nX\r\nX\r\nX\r\nMAIL FROM:<a@b.test>\r\n"
	  "RCPT TO:<later@local.test>\r\nRCPT TO:<a@local.test>\r\nDATA\r\n"
	  ".\r\nX\r\nX\r\nX\r\nX\r\nX\r\n",
	  HELLO "250 mx.test\n500 5.5.1 Unknown command\n"
		"500 5.5.1 Unknown command\n500 5.5.1 Unknown command\n"
		"500 5.5.1 Unknown command\n<sender a@b.test>\n"
		"250 2.1.0 Sender OK\n<rcpt later@local.test>\n"
		"451 4.4.3 Temporary error checking address\n"
		"<rcpt a@local.test>\n250 2.1.5 Recipient OK\n<open>\n"
		"354 Go on; end with a dot on its own line\n"
		"<commit 1 rcpt, >\n250 2.0.0 Kept as 1\n"
		"500 5.5.1 Unknown command\n500 5.5.1 Unknown command\n"
		"500 5.5.1 Unknown command\n500 5.5.1 Unknown command\n"
		"421 4.7.0 Too many errors\n<close>\n" },
	{ "a relay that is too busy", &mx, SESSION_NO_PROXY,
	  "EHLO c\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<bye@local.test>\r\n"
	  "NOOP\r\n",
	  HELLO EHLO_CLEAR
	  "<sender a@b.test>\n250 2.1.0 Sender OK\n<rcpt bye@local.test>\n"
	  "421 4.3.2 Too busy, try again later\n<close>\n" },
	{ "what the message is refused for", &mx, SESSION_NO_PROXY,
	  "EHLO c\r\nMAIL FROM:<noopen@b.test>\r\nRCPT TO:<a@local.test>\r\n"
	  "DATA\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<a@local.test>\r\n"
	  "DATA\r\nREJECT\r\n.\r\n"
	  "MAIL FROM:<a@b.test>\r\nRCPT TO:<a@local.test>\r\n"
	  "DATA\r\nLATER\r\n.\r\nDATA\r\n",
	  HELLO EHLO_CLEAR
	  "<sender noopen@b.test>\n250 2.1.0 Sender OK\n"
	  "<rcpt a@local.test>\n250 2.1.5 Recipient OK\n"
	  "<open>\n451 4.3.0 Failed to queue message\n"
	  "<sender a@b.test>\n250 2.1.0 Sender OK\n"
	  "<rcpt a@local.test>\n250 2.1.5 Recipient OK\n"
	  "<open>\n354 Go on; end with a dot on its own line\n"
	  "<commit 1 rcpt, REJECT\\r\\n>\n554-5.7.1 Two\n554 5.7.1 lines\n"
	  "<sender a@b.test>\n250 2.1.0 Sender OK\n"
	  "<rcpt a@local.test>\n250 2.1.5 Recipient OK\n"
	  "<open>\n354 Go on; end with a dot on its own line\n"
	  "<commit 1 rcpt, LATER\\r\\n>\n451 4.3.0 Failed to queue message\n"
	  "503 5.5.1 Give a sender first\n" },
	{ "more recipients than one message takes", &mx, SESSION_NO_PROXY,
	  "EHLO c\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<a@local.test>\r\n"
	  "RCPT TO:<b@local.test>\r\nRCPT TO:<c@local.test>\r\n"
	  "RCPT TO:<d@local.test>\r\nDATA\r\nUSUAL\r\n.\r\n",
	  HELLO EHLO_CLEAR "<sender a@b.test>\n250 2.1.0 Sender OK\n"
			   "<rcpt a@local.test>\n250 2.1.5 Recipient OK\n"
			   "<rcpt b@local.test>\n250 2.1.5 Recipient OK\n"
			   "<rcpt c@local.test>\n250 2.1.5 Recipient OK\n"
			   "452 4.5.3 Too many recipients\n"
			   "<open>\n354 Go on; end with a dot on its own line\n"
			   "<commit 3 rcpt, USUAL\\r\\n>\n250 2.0.0 Kept\n" },
	{ "more messages than one connection takes", &two, SESSION_NO_PROXY,
	  "HELO c\r\nMAIL FROM:<a@b.test>\r\nRSET\r\nMAIL FROM:<a@b.test>\r\n"
	  "RSET\r\nMAIL FROM:<a@b.test>\r\n",
	  HELLO "250 mx.test\n<sender a@b.test>\n250 2.1.0 Sender OK\n"
		"250 2.0.0 Forgotten\n<sender a@b.test>\n"
		"250 2.1.0 Sender OK\n250 2.0.0 Forgotten\n"
		"421 4.7.0 Enough messages for one connection\n<close>\n" },
	{ "a login", &tls, SESSION_NO_PROXY,
	  "EHLO c\r\nMAIL FROM:<a@local.test>\r\nauth plain AGpvZQBzZWNyZXQ="
	  "\r\nAUTH PLAIN x\r\nMAIL FROM:<a@far.test>\r\n"
	  "MAIL FROM:<a@local.test> REQUIRETLS\r\nAUTH PLAIN\r\n"
	  "RCPT TO:<b@far.test>\r\n",
	  "<tls>\n" HELLO EHLO_TLS
	  "530 5.7.0 Log in first\n<login joe secret>\n"
	  "235 2.7.0 Authentication successful\n503 5.5.1 You are logged in\n"
	  "<sender a@far.test by joe>\n"
	  "553 5.7.1 This login may not use that sender\n"
	  "<sender a@local.test tls by joe>\n250 2.1.0 Sender OK\n"
	  "503 5.5.1 You are logged in\n"
	  "<rcpt b@far.test>\n250 2.1.5 Recipient OK\n" },
	{ "LOGIN", &tls, SESSION_NO_PROXY,
	  "EHLO c\r\nAUTH LOGIN\r\nam9l\r\nc2VjcmV0\r\nQUIT\r\n",
	  "<tls>\n" HELLO EHLO_TLS
	  "334 VXNlcm5hbWU6\n334 UGFzc3dvcmQ6\n<login joe secret>\n"
	  "235 2.7.0 Authentication successful\n221 2.0.0 Bye\n<close>\n" },
	{ "LOGIN with the name at once, and PLAIN in two lines", &tls,
	  SESSION_NO_PROXY,
	  "EHLO c\r\nAUTH LOGIN YnVzeQ==\r\nc2VjcmV0\r\nAUTH PLAIN\r\n"
	  "am9lAGpvZQBzZWNyZXQ=\r\n",
	  "<tls>\n" HELLO EHLO_TLS "334 UGFzc3dvcmQ6\n<login busy secret>\n"
	  "454 4.7.0 Temporary authentication failure\n334 \n"
	  "<login joe secret>\n235 2.7.0 Authentication successful\n" },
	{ "no login", &tls, SESSION_NO_PROXY,
	  "EHLO c\r\nAUTH FOO\r\nAUTH PLAIN ###\r\nAUTH PLAIN\r\n*\r\n"
	  "AUTH PLAIN am9lAGppbABzZWNyZXQ=\r\n",
	  "<tls>\n" HELLO EHLO_TLS
	  "504 5.5.4 PLAIN and LOGIN only\n501 5.5.2 That is no login\n334 \n"
	  "501 5.7.0 Login given up\n501 5.5.2 That is no login\n" },
	{ "empty things are no login", &tls, SESSION_NO_PROXY,
	  "EHLO c\r\nAUTH PLAIN =\r\nAUTH LOGIN =\r\nAUTH PLAIN AABz\r\n"
	  "AUTH PLAIN AGpvZQA=\r\n",
	  "<tls>\n" HELLO EHLO_TLS
	  "501 5.5.2 That is no login\n501 5.5.2 That is no login\n"
	  "501 5.5.2 That is no login\n501 5.5.2 That is no login\n" },
	{ "wrong passwords", &tls, SESSION_NO_PROXY,
	  "EHLO c\r\nAUTH PLAIN AGpvZQB4\r\nAUTH PLAIN AGpvZQB5\r\n",
	  "<tls>\n" HELLO EHLO_TLS
	  "<login joe x>\n535 5.7.8 Wrong user or password\n<login joe y>\n"
	  "421 4.7.0 Too many errors\n<close>\n" },
	{ "no password in clear", &msa, SESSION_NO_PROXY,
	  "EHLO c\r\nAUTH PLAIN AGpvZQBzZWNyZXQ=\r\nMAIL FROM:<a@b.test>\r\n",
	  HELLO EHLO_CLEAR "538 5.7.11 Passwords only over TLS: STARTTLS first"
			   "\n530 5.7.0 Log in first\n" },
	{ "STARTTLS forgets", &msa, SESSION_NO_PROXY,
	  "EHLO c\r\nSTARTTLS now\r\nSTARTTLS\r\n\001"
	  "MAIL FROM:<a@b.test>\r\nEHLO c\r\nSTARTTLS\r\nAUTH PLAIN "
	  "AGpvZQBzZWNyZXQ=\r\n",
	  HELLO EHLO_CLEAR
	  "501 5.5.4 This command takes other arguments\n"
	  "220 2.0.0 Go ahead with TLS\n<tls>\n503 5.5.1 Say EHLO first\n" EHLO_TLS
	  "503 5.5.1 TLS is on already\n<login joe secret>\n"
	  "235 2.7.0 Authentication successful\n" },
	{ "no login on 25", &mx, SESSION_NO_PROXY,
	  "EHLO c\r\nAUTH PLAIN AGpvZQBzZWNyZXQ=\r\n",
	  HELLO EHLO_CLEAR
	  "503 5.5.1 No login on this port: use 465 or 587\n" },
	{ "PROXY 1", &mx, SESSION_PROXY,
	  "PROXY TCP6 2001:db8::1 2001:db8::2 4711 25\r\nQUIT\r\n",
	  "<client 2001:db8::1>\n220 mx.test ESMTP opsmail\n221 2.0.0 Bye\n"
	  "<close>\n" },
	{ "PROXY before TLS", &tls, SESSION_PROXY,
	  "PROXY TCP4 192.0.2.66 192.0.2.2 4711 25\r\n",
	  "<tls>\n<client 192.0.2.66>\n554 5.7.1 No mail from your address\n"
	  "<close>\n" },
	{ "PROXY in TLS", &tls, SESSION_PROXY_IN_TLS,
	  "PROXY UNKNOWN\r\nQUIT\r\n",
	  "<tls>\n" HELLO "221 2.0.0 Bye\n<close>\n" },
	{ "no PROXY", &mx, SESSION_PROXY, "EHLO x\r\n", "<close>\n" },
	{ "a line that ends with LF alone", &mx, SESSION_NO_PROXY,
	  "NOOP\r\nEHLO x\nMAIL FROM:<a@b.test>\r\n",
	  HELLO "250 2.0.0 OK\n"
		"500 5.5.2 Lines end with CR and LF, and only there\n"
		"<close>\n" },
	{ "a CR within a line", &mx, SESSION_NO_PROXY,
	  "NOOP\rMAIL FROM:<a@b.test>\r\n",
	  HELLO "500 5.5.2 Lines end with CR and LF, and only there\n"
		"<close>\n" },
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

static void dialogues_go_as_written(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(dialogues); i++)
		for (uint64_t seed = 0; seed < 40; seed++) {
			const struct dialogue *d = &dialogues[i];
			AUTO(play) struct play p;

			play_open(&p, d->conf, d->proxy, seed);
			play_input(&p, str_of(d->in));
			say(d->name, seed, buf_c(&p.log), d->log);
		}
}

/* Lines are as long as they may be, and not longer. */
static void long_lines_end_it(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 20; seed++)
		for (size_t n = 510; n <= 513; n++) {
			AUTO(play) struct play p;
			AUTO(buf) struct buf in = { 0 };

			buf_str(&in, "NOOP ");
			while (in.n < n - 2)
				buf_char(&in, 'x');
			buf_str(&in, "\r\nQUIT\r\n");
			play_open(&p, &mx, SESSION_NO_PROXY, seed);
			play_input(&p, buf_get(&in));
			say("a long line", seed, buf_c(&p.log),
			    n <= 512 ? HELLO "250 2.0.0 OK\n221 2.0.0 Bye\n"
					     "<close>\n" :
				       HELLO "500 5.5.2 The line is too long\n"
					     "<close>\n");
		}
}

/* What is sent with STARTTLS in one packet is neither answered nor kept. */
static void nothing_comes_through_starttls(void **state)
{
	static const char in[] = "EHLO c\r\nSTARTTLS\r\nRSET\r\n\x16\x03\x01";
	struct session_conf lenient = mx;
	AUTO(play) struct play p;
	AUTO(play) struct play q;

	(void)state;
	play_open(&p, &mx, SESSION_NO_PROXY, PLAY_WHOLE);
	play_input(&p, str_of(in));
	say("pipelined", 0, buf_c(&p.log),
	    HELLO EHLO_CLEAR "503 5.5.1 Nothing may follow STARTTLS before "
			     "TLS is up\n<close>\n");
	lenient.style = REPLY_CHASQUID;
	play_open(&q, &lenient, SESSION_NO_PROXY, PLAY_WHOLE);
	play_input(&q, str_of(in));
	assert_true(str_ends(buf_get(&q.log),
			     "220 2.0.0 You experience a strange sense of "
			     "peace\n<tls>\n"));
	assert_null(q.s.helo);
	assert_false(q.closed);
}

static void early_talkers_are_told(void **state)
{
	struct str none = { "", 0 };
	AUTO(play) struct play p;

	(void)state;
	play_open(&p, &mx, SESSION_NO_PROXY, PLAY_WHOLE);
	assert_int_equal(session_step(&p.s, &none, &p.out, 1), SESSION_CLIENT);
	p.s.early = true;
	session_answer(&p.s, NULL, &p.out, 2);
	assert_int_equal(session_step(&p.s, &none, &p.out, 3), SESSION_CLOSE);
	assert_string_equal(buf_c(&p.out),
			    "554 5.5.1 You spoke before the greeting\r\n");
}

/* ---- time ---- */
static void step(struct play *p, const char *in, int64_t now)
{
	p->now = now;
	(void)play_piece(p, str_of(in));
}

static void deadlines_do_not_move_by_drops(void **state)
{
	AUTO(play) struct play p;

	(void)state;
	play_open(&p, &mx, SESSION_NO_PROXY, PLAY_WHOLE);
	step(&p, "", 1000);
	assert_int_equal(session_deadline(&p.s), 2000);
	step(&p, "EH", 1500); /* half a line gives no more time */
	assert_int_equal(session_deadline(&p.s), 2000);
	assert_false(session_idle(&p.s));
	step(&p, "LO c\r\n", 1600);
	assert_int_equal(session_deadline(&p.s), 2600);
	assert_true(session_idle(&p.s));
	step(&p, "MAIL FROM:<a@b.test>\r\nRCPT TO:<a@local.test>\r\nDATA\r\n",
	     2000);
	assert_false(session_idle(&p.s));
	assert_int_equal(session_deadline(&p.s), 2500);
	step(&p, "x", 2400); /* bytes of a message do, up to a limit */
	assert_int_equal(session_deadline(&p.s), 2900);
	step(&p, "x", 3800);
	assert_int_equal(session_deadline(&p.s), 4000);
	session_end(&p.s, session_reply(&p.s, REPLY_TIMEOUT), &p.out);
	step(&p, "", 4000);
	assert_true(str_ends(buf_get(&p.log), "421 4.4.2 Nothing heard for too "
					      "long\n<drop>\n<close>\n"));
}

static void a_parked_session_waits(void **state)
{
	struct str in = STR_LIT("NOOP\r\n");
	AUTO(play) struct play p;

	(void)state;
	play_open(&p, &mx, SESSION_NO_PROXY, PLAY_WHOLE);
	for (int i = 0; i < 3; i++)
		assert_int_equal(session_step(&p.s, &in, &p.out, 5),
				 SESSION_CLIENT);
	assert_int_equal(in.n, 6);
	assert_true(session_deadline(&p.s) == INT64_MAX);
	session_end(&p.s, session_reply(&p.s, REPLY_SHUTDOWN), &p.out);
	session_answer(&p.s, NULL, &p.out, 6); /* too late */
	assert_int_equal(session_step(&p.s, &in, &p.out, 7), SESSION_CLOSE);
	assert_string_equal(
		buf_c(&p.out),
		"421 4.3.2 This server shuts down, try again soon\r\n");
}

/* A flood of commands that get answers does not fill memory. */
static void replies_are_sent_between(void **state)
{
	AUTO(buf) struct buf flood = { 0 };
	AUTO(play) struct play p;
	int writes = 0;

	(void)state;
	play_open(&p, &mx, SESSION_NO_PROXY, PLAY_WHOLE);
	step(&p, "", 1);
	for (int i = 0; i < 10000; i++)
		buf_str(&flood, "NOOP\r\n");
	struct str in = buf_get(&flood);

	while (session_step(&p.s, &in, &p.out, 1) == SESSION_WRITE) {
		writes++;
		assert_true(p.out.n < 9000);
		buf_clear(&p.out);
	}
	assert_int_equal(in.n, 0);
	assert_true(writes > 10);
}

/* ---- memory ---- */
static void an_idle_session_is_small(void **state)
{
	AUTO(play) struct play p;

	(void)state;
	play_open(&p, &mx, SESSION_NO_PROXY, PLAY_WHOLE);
	step(&p,
	     "EHLO some.client.example.org\r\nMAIL FROM:<a@b.test>\r\n"
	     "RCPT TO:<a@local.test>\r\nDATA\r\nx\r\n.\r\n",
	     1);
	print_message("# an idle session: %zu bytes, and %zu beside\n",
		      sizeof(struct session), session_memory(&p.s));
	assert_true(sizeof(struct session) + session_memory(&p.s) < 512);
	assert_null(p.s.mem.first);
	assert_null(p.s.line.at);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dialogues_go_as_written),
		cmocka_unit_test(long_lines_end_it),
		cmocka_unit_test(nothing_comes_through_starttls),
		cmocka_unit_test(early_talkers_are_told),
		cmocka_unit_test(deadlines_do_not_move_by_drops),
		cmocka_unit_test(a_parked_session_waits),
		cmocka_unit_test(replies_are_sent_between),
		cmocka_unit_test(an_idle_session_is_small),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
