/* The client's side of scripted dialogues: what it says to what it is told, and
 * what becomes of each recipient. Each is played whole, byte by byte and cut at
 * random. */
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "smtp/client.h"
#include "tests/unit/test.h"

#define CONF .host = "us.test", .command_ms = 100, .data_ms = 50, .done_ms = 200
static const struct client_conf plain = { CONF, .tls = CLIENT_TLS_NEVER };
static const struct client_conf may = { CONF };
static const struct client_conf must = { CONF, .tls = CLIENT_TLS_MUST };
static const struct client_conf no_bdat = { CONF, .no_bdat = true };
static const struct client_conf lmtp = { CONF, .lmtp = true };
static const struct client_conf login = { CONF, .tls = CLIENT_TLS_IMPLICIT,
					  .user = "joe", .password = "secret" };
static const struct client_conf by_login = { CONF, .tls = CLIENT_TLS_IMPLICIT,
					     .user = "joe",
					     .password = "secret",
					     .mechanism = AUTH_LOGIN };
static const struct client_conf token = { CONF, .tls = CLIENT_TLS_IMPLICIT,
					  .user = "joe", .password = "t",
					  .mechanism = AUTH_XOAUTH2 };
static const struct client_conf clear = { CONF, .user = "joe",
					  .password = "secret" };

struct script {
	const char *name;
	const struct client_conf *conf;
	const char *from, *to; /* with ',' between */
	struct client_mail like;
	const char *body; /* '|' between the parts */
	int mails;
	const char *in; /* a '~' waits until the client has spoken */
	const char *log;
};

#define OPEN(caps) "220 mx\r\n~250-mx\r\n" caps "250 HELP\r\n~"
#define EHLO "EHLO us.test\n"
#define USUAL             \
	{                 \
		.size = 0 \
	}
static const struct script scripts[] = {
	{ "one by one", &plain, "a@b", "c@d,e@d", USUAL, "x\r\n|.y\r\n", 1,
	  "220 mx\r\n~250 mx\r\n~250 a\r\n~250 b\r\n~550-5.1.1 no\r\n"
	  "550 5.1.1 way\r\n~354 go\r\n~250 2.0.0 ok\r\n~221 bye\r\n",
	  EHLO "<ready>\nMAIL FROM:<a@b>\nRCPT TO:<c@d>\nRCPT TO:<e@d>\n"
	       "DATA\nx\n..y\n.\n<c@d 250 2.0.0 ok>\n<e@d 550 5.1.1 no\\way>\n"
	       "<ready>\nQUIT\n<closed>\n" },
	{ "HELO", &plain, "", "c@d", USUAL, "x", 1,
	  "220 mx\r\n~502 what\r\n~250 mx\r\n~250 a\r\n~250 b\r\n~354 go\r\n"
	  "~250 ok\r\n~",
	  EHLO "HELO us.test\n<ready>\nMAIL FROM:<>\nRCPT TO:<c@d>\nDATA\n"
	       "x\n.\n<c@d 250  ok>\n<ready>\nQUIT\n" },
	{ "all at once", &plain, "a@b", "c@d,e@d", USUAL, "x\r\n", 2,
	  OPEN("250-PIPELINING\r\n") "250 a\r\n250 b\r\n450 4.2.0 c\r\n354 go\r\n~250 ok\r\n~"
				     "250 a\r\n250 b\r\n250 c\r\n354 go\r\n~452 4.3.1 full\r\n~",
	  EHLO "<ready>\nMAIL FROM:<a@b>\nRCPT TO:<c@d>\nRCPT TO:<e@d>\n"
	       "DATA\nx\n.\n<c@d 250  ok>\n<e@d 450 4.2.0 c>\n<ready>\n"
	       "MAIL FROM:<a@b>\nRCPT TO:<c@d>\nRCPT TO:<e@d>\nDATA\nx\n.\n"
	       "<c@d 452 4.3.1 full>\n<e@d 452 4.3.1 full>\n<ready>\nQUIT\n" },
	{ "nobody, and DATA all the same", &plain, "a@b", "c@d", USUAL, "x\r\n",
	  1,
	  OPEN("250-PIPELINING\r\n") "250 a\r\n550 b\r\n354 go\r\n~554 no valid recipients\r\n~",
	  EHLO "<ready>\nMAIL FROM:<a@b>\nRCPT TO:<c@d>\nDATA\n.\n"
	       "<c@d 550  b>\n<ready>\nQUIT\n" },
	{ "MAIL refused, all sent", &plain, "a@b", "c@d,e@f", USUAL, "x\r\n", 2,
	  OPEN("250-PIPELINING\r\n") "451 4.7.1 later\r\n503 x\r\n503 y\r\n503 z\r\n~"
				     "250 reset\r\n550 no\r\n503 x\r\n503 y\r\n503 z\r\n~",
	  EHLO "<ready>\nMAIL FROM:<a@b>\nRCPT TO:<c@d>\nRCPT TO:<e@f>\nDATA\n"
	       "<c@d 451 4.7.1 later>\n<e@f 451 4.7.1 later>\n<ready>\nRSET\n"
	       "MAIL FROM:<a@b>\nRCPT TO:<c@d>\nRCPT TO:<e@f>\nDATA\n"
	       "<c@d 550  no>\n<e@f 550  no>\n<ready>\nQUIT\n" },
	{ "MAIL refused, one by one", &plain, "a@b", "c@d", USUAL, "x\r\n", 2,
	  OPEN("") "550 5.7.1 no\r\n~250 reset\r\n~550 5.7.1 no\r\n~",
	  EHLO "<ready>\nMAIL FROM:<a@b>\n<c@d 550 5.7.1 no>\n<ready>\nRSET\n"
	       "MAIL FROM:<a@b>\n<c@d 550 5.7.1 no>\n<ready>\nQUIT\n" },
	{ "DATA refused", &plain, "a@b", "c@d", USUAL, "x\r\n", 1,
	  OPEN("") "250 a\r\n~250 b\r\n~452 full\r\n~",
	  EHLO "<ready>\nMAIL FROM:<a@b>\nRCPT TO:<c@d>\nDATA\n"
	       "<c@d 452  full>\n<ready>\nQUIT\n" },
	{ "DATA that is taken for done", &plain, "a@b", "c@d", USUAL, "x\r\n",
	  1, OPEN("") "250 a\r\n~250 b\r\n~250 2.0.0 delivered\r\n~",
	  EHLO "<ready>\nMAIL FROM:<a@b>\nRCPT TO:<c@d>\nDATA\n"
	       "<failed temp: it answers out of turn: 250 2.0.0 delivered>\n"
	       "<c@d 0>\n" },
	{ "an end that asks for more", &plain, "a@b", "c@d", USUAL, "x\r\n", 1,
	  OPEN("") "250 a\r\n~250 b\r\n~354 go\r\n~354 go\r\n~",
	  EHLO "<ready>\nMAIL FROM:<a@b>\nRCPT TO:<c@d>\nDATA\nx\n.\n"
	       "<failed temp: it answers out of turn: 354 go>\n<c@d 0>\n" },
	{ "all that can be said",
	  &plain,
	  "\xc3\xa9@b",
	  "c@d",
	  { .utf8 = true,
	    .eight = true,
	    .size = 7,
	    .ret = "HDRS",
	    .envid = STR_LIT("e+2B") },
	  "x\r\n",
	  1,
	  OPEN("250-SIZE 100\r\n250-8bitmime\r\n250-SMTPUTF8\r\n250-DSN\r\n") "250 a\r\n~250 b\r\n~354 go\r\n~250 ok\r\n~",
	  EHLO "<ready>\nMAIL FROM:<\xc3\xa9@b> SIZE=7 BODY=8BITMIME SMTPUTF8 "
	       "RET=HDRS ENVID=e+2B\nRCPT TO:<c@d> NOTIFY=SUCCESS,DELAY "
	       "ORCPT=rfc822;x\nDATA\nx\n.\n<c@d 250  ok>\n<ready>\nQUIT\n" },
	{ "what the server cannot",
	  &plain,
	  "\xc3\xa9@b",
	  "c@d",
	  { .utf8 = true },
	  "x\r\n",
	  1,
	  OPEN(""),
	  EHLO "<ready>\n<c@d 553 5.6.7 here>\n<ready>\nQUIT\n" },
	{ "too big",
	  &plain,
	  "a@b",
	  "c@d",
	  { .size = 101 },
	  "x\r\n",
	  1,
	  OPEN("250-SIZE 100\r\n"),
	  EHLO "<ready>\n<c@d 552 5.3.4 here>\n<ready>\nQUIT\n" },
	{ "REQUIRETLS without TLS",
	  &plain,
	  "a@b",
	  "c@d",
	  { .require_tls = true },
	  "x\r\n",
	  1,
	  OPEN("250-REQUIRETLS\r\n"),
	  EHLO "<ready>\n<c@d 550 5.7.30 here>\n<ready>\nQUIT\n" },
	{ "an address that breaks out", &plain, "a@b", "c@d>\r\nRSET\r\n<",
	  USUAL, "x\r\n", 1, OPEN(""),
	  EHLO "<ready>\n<c@d>\r\nRSET\r\n< 501 5.1.3 here>\n<ready>\nQUIT\n" },
	{ "BDAT", &plain, "a@b", "c@d,e@d", USUAL, ".x\r\n|y\r\n|", 1,
	  OPEN("250-PIPELINING\r\n250-CHUNKING\r\n") "250 a\r\n550 b\r\n250 c\r\n~250 1\r\n250 2\r\n250 3\r\n~",
	  EHLO "<ready>\nMAIL FROM:<a@b>\nRCPT TO:<c@d>\nRCPT TO:<e@d>\n"
	       "BDAT 4\n.x\nBDAT 3\ny\nBDAT 0 LAST\n<c@d 550  b>\n"
	       "<e@d 250  3>\n<ready>\nQUIT\n" },
	{ "BDAT one by one, and refused", &plain, "a@b", "c@d", USUAL,
	  "x\r\n|y\r\n|z\r\n", 2,
	  OPEN("250-CHUNKING\r\n") "250 a\r\n~250 b\r\n~250 1\r\n~552 5.3.4 big\r\n~"
				   "250 reset\r\n~250 a\r\n~550 5.1.1 b\r\n~",
	  EHLO "<ready>\nMAIL FROM:<a@b>\nRCPT TO:<c@d>\nBDAT 3\nx\nBDAT 3\ny\n"
	       "<c@d 552 5.3.4 big>\n<ready>\nRSET\nMAIL FROM:<a@b>\n"
	       "RCPT TO:<c@d>\n<c@d 550 5.1.1 b>\n<ready>\nQUIT\n" },
	{ "no BDAT where it is not wanted", &no_bdat, "a@b", "c@d", USUAL,
	  "x\r\n", 1,
	  OPEN("250-CHUNKING\r\n") "250 a\r\n~250 b\r\n~354 c\r\n~250 d\r\n~",
	  EHLO "<ready>\nMAIL FROM:<a@b>\nRCPT TO:<c@d>\nDATA\nx\n.\n"
	       "<c@d 250  d>\n<ready>\nQUIT\n" },
	{ "LMTP", &lmtp, "a@b", "c@d,e@d,f@d", USUAL, "x\r\n", 1,
	  OPEN("250-PIPELINING\r\n250-CHUNKING\r\n") "250 a\r\n250 b\r\n550 c\r\n250 d\r\n354 go\r\n~"
						     "250 2.0.0 kept\r\n452 4.2.2 full\r\n~",
	  "LHLO us.test\n<ready>\nMAIL FROM:<a@b>\nRCPT TO:<c@d>\n"
	  "RCPT TO:<e@d>\nRCPT TO:<f@d>\nDATA\nx\n.\n<c@d 250 2.0.0 kept>\n"
	  "<e@d 550  c>\n<f@d 452 4.2.2 full>\n<ready>\nQUIT\n" },
	{ "STARTTLS",
	  &may,
	  "a@b",
	  "c@d",
	  { .require_tls = true },
	  "x\r\n",
	  1,
	  "220 mx\r\n~250-mx\r\n250-DSN\r\n250 STARTTLS\r\n~220 go\r\n~"
	  "250-mx\r\n250 REQUIRETLS\r\n~250 a\r\n~250 b\r\n~354 c\r\n~"
	  "250 d\r\n~",
	  EHLO "STARTTLS\n<tls>\n" EHLO
	       "<ready>\nMAIL FROM:<a@b> REQUIRETLS\nRCPT TO:<c@d>\nDATA\nx\n"
	       ".\n<c@d 250  d>\n<ready>\nQUIT\n" },
	{ "STARTTLS offered and refused", &may, "a@b", "c@d", USUAL, "x\r\n", 1,
	  "220 mx\r\n~250-mx\r\n250 STARTTLS\r\n~454 no\r\n~550 a\r\n~",
	  EHLO "STARTTLS\n<ready>\nMAIL FROM:<a@b>\n<c@d 550  a>\n<ready>\n"
	       "QUIT\n" },
	{ "the same where it must be", &must, "a@b", "c@d", USUAL, "x\r\n", 1,
	  "220 mx\r\n~250-mx\r\n250 STARTTLS\r\n~502 no\r\n~",
	  EHLO "STARTTLS\n<failed temp: it offers STARTTLS and refuses it: "
	       "502 no>\n" },
	{ "STARTTLS taken away", &must, "a@b", "c@d", USUAL, "x\r\n", 1,
	  "220 mx\r\n~250-mx\r\n250 XXXXXXXX\r\n~",
	  EHLO "<failed temp: it offers no STARTTLS, and mail goes there only "
	       "over TLS>\n" },
	{ "a greeting that refuses", &may, "a@b", "c@d", USUAL, "x\r\n", 1,
	  "554-5.7.1 go\r\n554 5.7.1 away\r\n~",
	  "<failed perm: it does not talk to us: 554 5.7.1 go away>\n" },
	{ "421 in between", &plain, "a@b", "c@d,e@d", USUAL, "x\r\n", 1,
	  OPEN("250-PIPELINING\r\n") "250 a\r\n550 5.1.1 b\r\n421 4.7.0 slow down\r\n",
	  EHLO "<ready>\nMAIL FROM:<a@b>\nRCPT TO:<c@d>\nRCPT TO:<e@d>\nDATA\n"
	       "<failed temp: it closes the connection: 421 4.7.0 slow down>\n"
	       "<c@d 550 5.1.1 b>\n<e@d 0>\n" },
	{ "no mail server", &may, "a@b", "c@d", USUAL, "x\r\n", 1,
	  "SSH-2.0-OpenSSH\r\n",
	  "<failed perm: \"SSH-2.0-OpenSSH\" is no SMTP reply: is it a mail "
	  "server?>\n" },
	{ "an answer out of turn", &plain, "a@b", "c@d", USUAL, "x\r\n", 1,
	  OPEN("") "354 go\r\n~",
	  EHLO "<ready>\nMAIL FROM:<a@b>\n<failed temp: it answers out of "
	       "turn: 354 go>\n<c@d 0>\n" },
	{ "it closes while nothing is asked", &plain, "a@b", "c@d", USUAL,
	  "x\r\n", 0, OPEN("") "~421 4.4.2 idle\r\n",
	  EHLO "<ready>\n<failed temp: it closes the connection: 421 4.4.2 "
	       "idle>\n" },
	{ "PLAIN", &login, "a@b", "c@d", USUAL, "x\r\n", 1,
	  OPEN("250-AUTH LOGIN PLAIN\r\n") "235 ok\r\n~550 a\r\n~",
	  EHLO "AUTH PLAIN AGpvZQBzZWNyZXQ=\n<ready>\nMAIL FROM:<a@b>\n"
	       "<c@d 550  a>\n<ready>\nQUIT\n" },
	{ "LOGIN", &by_login, "a@b", "c@d", USUAL, "x\r\n", 1,
	  OPEN("250-AUTH=LOGIN\r\n") "334 VXNlcm5hbWU6\r\n~334 UGFzc3dvcmQ6\r\n~235 ok\r\n~550 a\r\n~",
	  EHLO "AUTH LOGIN\nam9l\nc2VjcmV0\n<ready>\nMAIL FROM:<a@b>\n"
	       "<c@d 550  a>\n<ready>\nQUIT\n" },
	{ "a token that is too old", &token, "a@b", "c@d", USUAL, "x\r\n", 1,
	  OPEN("250-AUTH XOAUTH2\r\n") "334 eyJzdGF0dXMiOiI0MDAifQ==\r\n~535 5.7.8 old\r\n~",
	  EHLO "AUTH XOAUTH2 dXNlcj1qb2UBYXV0aD1CZWFyZXIgdAEB\n\n"
	       "<failed auth: it refuses the login: 535 5.7.8 old>\n" },
	{ "no login offered", &login, "a@b", "c@d", USUAL, "x\r\n", 1,
	  OPEN("250-AUTH CRAM-MD5\r\n"),
	  EHLO "<failed auth: it takes no login by PLAIN or LOGIN>\n" },
	{ "no password in clear", &clear, "a@b", "c@d", USUAL, "x\r\n", 1,
	  OPEN("250-AUTH PLAIN\r\n"),
	  EHLO "<failed auth: it has no TLS, and the password is not sent in "
	       "clear: use a port with TLS>\n" },
};

/* ---- the player ---- */
struct play {
	struct client c;
	struct buf out, log;
	struct mem mem;
	struct client_rcpt rcpt[4];
	struct client_mail mail;
	const struct script *script;
	struct str body;
	int mails;
	uint64_t seed;
	bool ended, idle;
};

static void flush(struct play *p)
{
	for (size_t i = 0; i < p->out.n; i++)
		if (p->out.at[i] != '\r')
			buf_char(&p->log, p->out.at[i]);
	buf_clear(&p->out);
}

static void results(struct play *p)
{
	for (size_t i = 0; i < p->mail.n; i++) {
		const struct client_rcpt *r = &p->rcpt[i];

		buf_fmt(&p->log, "<%.*s %u", STR_FMT(r->to), r->code);
		if (r->code)
			buf_fmt(&p->log, " %s ", r->status);
		if (r->code && r->here)
			buf_str(&p->log, "here");
		for (const char *at = r->code && !r->here ? r->text : ""; *at;
		     at++)
			buf_char(&p->log, *at == '\n' ? '\\' : *at);
		buf_str(&p->log, ">\n");
	}
}

static void begin(struct play *p)
{
	struct str rest = str_of(p->script->to), one;

	p->mail = p->script->like;
	p->mail.from = str_of(p->script->from);
	p->mail.rcpt = p->rcpt;
	p->mail.mem = &p->mem;
	while (str_cut(&rest, ',', &one))
		p->rcpt[p->mail.n++] = (struct client_rcpt){
			.to = one,
			.notify = 10,
			.orcpt = STR_LIT("rfc822;x"),
		};
	p->body = str_of(p->script->body);
	client_begin(&p->c, &p->mail, &p->out, 0);
}

static void body(struct play *p)
{
	struct str part;

	if (!str_cut(&p->body, '|', &part))
		fail();
	client_body(&p->c, part, p->body.at ? CLIENT_GOES_ON : CLIENT_ENDS,
		    &p->out, 0);
}

static void failed(struct play *p, const struct err *e)
{
	buf_fmt(&p->log, "<failed %s: %s>\n",
		e->kind == ERR_TEMP ? "temp" :
		e->kind == ERR_AUTH ? "auth" :
				      "perm",
		e->msg);
	results(p);
	p->ended = true;
}

/* One event; true when the next piece of input is due. */
static bool step(struct play *p, struct str *in)
{
	struct err e = { 0 };
	const enum client_want want = client_step(&p->c, in, &p->out, 0, &e);

	flush(p);
	switch (want) {
	case CLIENT_TLS:
		buf_str(&p->log, "<tls>\n");
		client_tls(&p->c, &p->out, 0);
		break;
	case CLIENT_READY:
		if (!p->idle)
			buf_str(&p->log, "<ready>\n");
		p->idle = p->script->mails == 0;
		if (p->idle)
			return true;
		if (p->mails++ < p->script->mails)
			begin(p);
		else
			client_quit(&p->c, &p->out, 0);
		break;
	case CLIENT_BODY:
		body(p);
		break;
	case CLIENT_DONE:
		results(p);
		break;
	case CLIENT_CLOSED:
		buf_str(&p->log, "<closed>\n");
		p->ended = true;
		break;
	case CLIENT_FAILED:
		failed(p, &e);
		break;
	default:
		flush(p);
		return true;
	}
	flush(p);
	return p->ended;
}

static size_t cut(struct play *p, size_t n)
{
	size_t most = n;

	p->seed = p->seed * 6364136223846793005U + 1442695040888963407U;
	if (p->seed % 3 == 1)
		most = 1;
	else if (p->seed % 3 == 2)
		most = 1 + (p->seed >> 33) % 30;
	return most < n ? most : n;
}

static void run(struct play *p, const struct script *s, uint64_t seed)
{
	struct str rest = str_of(s->in), turn, none = { "", 0 };

	*p = (struct play){ .script = s, .seed = seed };
	client_open(&p->c, s->conf, 0);
	while (!p->ended && str_cut(&rest, '~', &turn)) {
		while (!p->ended && turn.n) {
			const size_t n = seed ? cut(p, turn.n) : turn.n;
			struct str in = { turn.at, n };

			turn = (struct str){ turn.at + n, turn.n - n };
			while (!step(p, &in))
				;
		}
		while (!p->ended && !step(p, &none))
			;
	}
}

static void dialogues_go_as_written(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(scripts); i++)
		for (uint64_t seed = 0; seed < 30; seed++) {
			struct play p;

			run(&p, &scripts[i], seed);
			if (strcmp(buf_c(&p.log), scripts[i].log))
				print_error("%s, cut %d:\n", scripts[i].name,
					    (int)seed);
			assert_string_equal(buf_c(&p.log), scripts[i].log);
			client_free(&p.c);
			buf_free(&p.out);
			buf_free(&p.log);
			mem_free(&p.mem);
		}
}

/* CVE-2011-0411 the other way round: a reply that was put behind the 220. */
static void nothing_comes_through_starttls(void **state)
{
	struct str in = STR_LIT("220 mx\r\n250-mx\r\n250 STARTTLS\r\n"
				"220 go\r\n250-mx\r\n250 AUTH PLAIN\r\n");
	AUTO(buf) struct buf out = { 0 };
	struct err e = { 0 };
	struct client c;

	(void)state;
	client_open(&c, &may, 0);
	assert_int_equal(client_step(&c, &in, &out, 0, &e), CLIENT_FAILED);
	assert_non_null(strstr(e.msg, "somebody is between us"));
	client_free(&c);
}

static void answers_have_limits(void **state)
{
	AUTO(buf) struct buf flood = { 0 };
	AUTO(buf) struct buf out = { 0 };
	struct err e = { 0 };
	struct client c;

	(void)state;
	buf_str(&flood, "220 ");
	while (flood.n < REPLY_LINE_MAX + 1)
		buf_char(&flood, 'x');
	struct str in = buf_get(&flood);

	client_open(&c, &may, 0);
	assert_int_equal(client_step(&c, &in, &out, 0, &e), CLIENT_FAILED);
	client_free(&c);
}

static void deadlines_follow_the_phase(void **state)
{
	struct str in = STR_LIT("220 mx\r\n250 mx\r\n");
	struct client_rcpt r = { .to = STR_LIT("c@d") };
	AUTO(mem) struct mem mem = { 0 };
	struct client_mail m = { .rcpt = &r, .n = 1, .mem = &mem };
	AUTO(buf) struct buf out = { 0 };
	struct err e = { 0 };
	struct client c;

	(void)state;
	client_open(&c, &plain, 10);
	assert_int_equal(client_deadline(&c), 110);
	assert_int_equal(client_step(&c, &in, &out, 20, &e), CLIENT_READY);
	client_begin(&c, &m, &out, 30);
	assert_int_equal(client_deadline(&c), 130);
	in = STR_LIT("250 a\r\n250 b\r\n354 c\r\n");
	assert_int_equal(client_step(&c, &in, &out, 40, &e), CLIENT_BODY);
	assert_int_equal(client_deadline(&c), 90);
	client_body(&c, STR_LIT("x\r\n"), CLIENT_ENDS, &out, 50);
	assert_int_equal(client_deadline(&c), 250);
	client_free(&c);
}

static void limits_are_read(void **state)
{
	struct client_caps caps;

	(void)state;
	client_caps_read(STR_LIT("mx PIPELINING\nsize 1000\nLIMITS RCPTMAX=20 "
				 "MAILMAX=x FOO=1\nAUTH xoauth2 PLAINER\n\n"
				 "SIZE\nXFOO"),
			 &caps);
	assert_int_equal(caps.bits, CLIENT_SIZE | CLIENT_AUTH_XOAUTH2);
	assert_int_equal(caps.size, 1000);
	assert_int_equal(caps.rcpt_max, 20);
	assert_int_equal(caps.mail_max, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dialogues_go_as_written),
		cmocka_unit_test(nothing_comes_through_starttls),
		cmocka_unit_test(answers_have_limits),
		cmocka_unit_test(deadlines_follow_the_phase),
		cmocka_unit_test(limits_are_read),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
