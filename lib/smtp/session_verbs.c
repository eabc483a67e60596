/* The verbs, a row each. */
#include <stdlib.h>
#include <string.h>

#include "smtp/command.h"
#include "smtp/session_parts.h"

enum { HELO_MAX = 255 };

static void list(struct buf *out, const char *keyword)
{
	buf_fmt(out, "250-%s\r\n", keyword);
}

/* HELP ends the list, as chasquid's clients wait for it. */
static void extensions(const struct session *s, struct buf *out)
{
	const struct session_conf *c = s->conf;

	list(out, "8BITMIME");
	list(out, "PIPELINING");
	list(out, "SMTPUTF8");
	list(out, "ENHANCEDSTATUSCODES");
	if (c->size_max)
		buf_fmt(out, "250-SIZE %llu\r\n",
			(unsigned long long)c->size_max);
	else
		list(out, "SIZE");
	list(out, "CHUNKING");
	list(out, "DSN");
	if (c->rcpt_max || c->mail_max) {
		buf_str(out, "250-LIMITS"); /* RFC 9422 */
		if (c->mail_max)
			buf_fmt(out, " MAILMAX=%u", c->mail_max);
		if (c->rcpt_max)
			buf_fmt(out, " RCPTMAX=%u", c->rcpt_max);
		buf_str(out, "\r\n");
	}
	if (s->tls.version)
		list(out, "REQUIRETLS");
	else if (c->starttls)
		list(out, "STARTTLS");
	if (s->tls.version && c->login)
		list(out, "AUTH PLAIN LOGIN");
	buf_str(out, "250 HELP\r\n");
}

/* RFC 5321 4.1.4: a name that is wrong is no reason to refuse; bytes that no
 * name has are. */
static bool hello(struct session *s, struct str rest, struct buf *out)
{
	struct str name;

	if (!str_word(&rest, &name) || name.n > HELO_MAX) {
		session_say(s, REPLY_NO_HELLO, out);
		return false;
	}
	session_reset(s);
	session_set(&s->helo, name);
	return true;
}

static void on_helo(struct session *s, struct str rest, struct buf *out)
{
	if (!hello(s, rest, out))
		return;
	s->esmtp = false;
	buf_fmt(out, "250 %s\r\n", s->conf->host);
}

static void on_ehlo(struct session *s, struct str rest, struct buf *out)
{
	if (!hello(s, rest, out))
		return;
	s->esmtp = true;
	buf_fmt(out, "250-%s%s\r\n", s->conf->host,
		s->conf->style == REPLY_CHASQUID ?
			" - Your hour of destiny has come." :
			"");
	extensions(s, out);
}

static void on_rset(struct session *s, struct str rest, struct buf *out)
{
	(void)rest;
	session_reset(s);
	session_say(s, REPLY_RESET, out);
}

static void on_noop(struct session *s, struct str rest, struct buf *out)
{
	(void)rest;
	session_say(s, REPLY_NOOP, out);
}

static void on_help(struct session *s, struct str rest, struct buf *out)
{
	(void)rest;
	session_say(s, REPLY_HELP, out);
}

static void on_vrfy(struct session *s, struct str rest, struct buf *out)
{
	(void)rest;
	session_say(s, REPLY_VRFY, out);
}

static void on_expn(struct session *s, struct str rest, struct buf *out)
{
	(void)rest;
	session_say(s, REPLY_EXPN, out);
}

static void on_quit(struct session *s, struct str rest, struct buf *out)
{
	(void)rest;
	session_last(s, REPLY_BYE, out);
}

/* A browser that a page sent here must not go on to say more. */
static void on_http(struct session *s, struct str rest, struct buf *out)
{
	(void)rest;
	session_last(s, REPLY_NO_SMTP, out);
}

/* RFC 3207 4.2: bytes that came with it were said in clear, and would be taken
 * for what was said under TLS. Nobody honest sends any; chasquid drops them and
 * goes on. */
static void on_starttls(struct session *s, struct str rest, struct buf *out)
{
	if (s->tls.version)
		session_say(s, REPLY_TLS_ALREADY, out);
	else if (!s->conf->starttls)
		session_say(s, REPLY_TLS_MISSING, out);
	else if (rest.n)
		session_say(s, REPLY_ARGUMENT, out);
	else if (s->more && s->conf->style != REPLY_CHASQUID)
		session_last(s, REPLY_TLS_PIPELINED, out);
	else {
		session_say(s, REPLY_TLS_READY, out);
		session_ask(s, SESSION_TLS);
	}
}

/* What must have been said before. */
enum { HELLO = 1, SENDER = 2, RCPT = 4 };

static const struct {
	const char *name;
	void (*run)(struct session *s, struct str rest, struct buf *out);
	unsigned needs;
} verbs[] = {
	{ "MAIL", session_mail_command, HELLO },
	{ "RCPT", session_rcpt_command, HELLO | SENDER },
	{ "DATA", session_data_command, HELLO | SENDER | RCPT },
	{ "BDAT", session_bdat_command, 0 }, /* its bytes come in any case */
	{ "RSET", on_rset, 0 },
	{ "NOOP", on_noop, 0 },
	{ "QUIT", on_quit, 0 },
	{ "EHLO", on_ehlo, 0 },
	{ "HELO", on_helo, 0 },
	{ "STARTTLS", on_starttls, 0 },
	{ "AUTH", session_auth_command, HELLO },
	{ "VRFY", on_vrfy, 0 },
	{ "EXPN", on_expn, 0 },
	{ "HELP", on_help, 0 },
	{ "GET", on_http, 0 },
	{ "POST", on_http, 0 },
	{ "PUT", on_http, 0 },
	{ "HEAD", on_http, 0 },
	{ "OPTIONS", on_http, 0 },
	{ "CONNECT", on_http, 0 },
};

/* REPLY_IDS: nothing is missing. */
static enum reply_id missing(const struct session *s, unsigned needs)
{
	if (needs & HELLO && !s->helo)
		return REPLY_HELLO_FIRST;
	if (needs & SENDER && !s->mail)
		return REPLY_SENDER_FIRST;
	if (needs & RCPT && !s->mail->n)
		return REPLY_RCPT_FIRST;
	return REPLY_IDS;
}

void session_command(struct session *s, struct str line, struct buf *out)
{
	struct str verb, rest;

	if (!command_read(line, &verb, &rest)) {
		session_say(s, REPLY_SYNTAX, out);
		return;
	}
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (!str_eqi(verb, verbs[i].name))
			continue;
		const enum reply_id lacks = missing(s, verbs[i].needs);

		if (lacks != REPLY_IDS)
			session_say(s, lacks, out);
		else
			verbs[i].run(s, rest, out);
		return;
	}
	session_say(s, REPLY_UNKNOWN, out);
}
