/* The loop, questions and answers, lines and deadlines. */
#include "smtp/session.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "smtp/session_parts.h"

enum { OUT_MAX = 8192, SECOND = 1000, MINUTE = 60 * SECOND };

const struct session_conf session_defaults = {
	.size_max = (uint64_t)50 << 20,
	.rcpt_max = 1000,
	.error_max = 20,
	.login_max = 3,
	.line_max = 2048,
	.command_ms = 5 * MINUTE,
	.data_ms = 3 * MINUTE,
	.message_ms = 60 * MINUTE,
};

void session_open(struct session *s, const struct session_conf *conf,
		  const struct peer *peer, enum session_proxy proxy,
		  int64_t now)
{
	*s = (struct session){
		.conf = conf,
		.peer = *peer,
		.now = now,
		.since = now,
		.started = now,
		.mode = SESSION_IN_START,
	};
	if (proxy == SESSION_PROXY ||
	    (proxy == SESSION_PROXY_IN_TLS && !conf->implicit_tls))
		s->mode = SESSION_IN_PROXY;
	s->proxied = proxy != SESSION_PROXY_IN_TLS;
}

void session_free(struct session *s)
{
	if (s->login)
		auth_free(s->login);
	free(s->login);
	free(s->helo);
	free(s->user);
	buf_wipe(&s->line);
	mem_free(&s->mem);
	*s = (struct session){ 0 };
}

void session_set(char **to, struct str text)
{
	char *at = strndup(text.n ? text.at : "", text.n);

	if (!at)
		abort();
	free(*to);
	*to = at;
}

const struct reply *session_reply(const struct session *s, enum reply_id id)
{
	return reply_of(id, s->conf->style);
}

const struct session_rcpt *session_rcpt(const struct session *s)
{
	return &s->mail->rcpt[s->mail->n];
}

void session_ask(struct session *s, enum session_want want)
{
	s->asked = (unsigned char)want;
}

void session_last(struct session *s, enum reply_id id, struct buf *out)
{
	session_end(s, session_reply(s, id), out);
}

void session_say(struct session *s, enum reply_id id, struct buf *out)
{
	session_say_reply(s, session_reply(s, id), out);
}

static bool is_lenient(const struct session *s)
{
	return s->conf->style == REPLY_CHASQUID;
}

/* What has to be tried again is nobody's fault: a list that has more recipients
 * than one message takes must not lose the connection over it. */
static bool is_error(const struct session *s, const struct reply *r)
{
	return r->code >= (is_lenient(s) ? 400 : 500);
}

void session_say_reply(struct session *s, const struct reply *r,
		       struct buf *out)
{
	if (r->code == 421 || r->code == 521) {
		session_end(s, r, out);
		return;
	}
	if (is_error(s, r) && ++s->errors >= s->conf->error_max) {
		session_last(s, REPLY_TOO_MANY_ERRORS, out);
		return;
	}
	reply_write(r, out);
}

void session_reset(struct session *s)
{
	s->dropped = s->dropped || s->open;
	s->open = false;
	s->too_big = s->bad = s->failed = s->quiet = false;
	s->data = (struct data){ 0 };
	s->mail = NULL;
	mem_free(&s->mem);
}

void session_end(struct session *s, const struct reply *r, struct buf *out)
{
	if (s->mode != SESSION_IN_END)
		reply_write(r, out);
	session_reset(s);
	s->asked = SESSION_ON;
	s->mode = SESSION_IN_END;
}

bool session_idle(const struct session *s)
{
	return !s->asked && !s->mail && s->mode == SESSION_IN_COMMAND &&
	       !s->line.n;
}

size_t session_memory(const struct session *s)
{
	size_t n = s->line.room;

	n += s->helo ? strlen(s->helo) + 1 : 0;
	n += s->user ? strlen(s->user) + 1 : 0;
	if (s->login)
		n += sizeof(*s->login) + s->login->user.room +
		     s->login->password.room;
	return n;
}

/* ---- time ---- */
static int64_t after(int64_t since, int64_t ms)
{
	int64_t at;

	if (ms <= 0 || __builtin_add_overflow(since, ms, &at))
		return INT64_MAX;
	return at;
}

static int64_t sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

int64_t session_deadline(const struct session *s)
{
	const struct session_conf *c = s->conf;
	const bool message = s->mode == SESSION_IN_DATA ||
			     s->mode == SESSION_IN_BDAT;

	if (s->asked && s->asked != SESSION_TLS)
		return INT64_MAX;
	const int64_t one =
		after(s->since, message ? c->data_ms : c->command_ms);
	const int64_t all = after(s->started, c->session_ms);

	if (!s->open && !message)
		return sooner(one, all);
	return sooner(sooner(one, all), after(s->data_since, c->message_ms));
}

/* ---- questions and answers ---- */
static void greet(struct session *s, struct buf *out)
{
	if (s->early) {
		session_last(s, REPLY_EARLY, out);
		return;
	}
	buf_fmt(out, "220 %s ESMTP %s\r\n", s->conf->host,
		s->conf->style == REPLY_CHASQUID ? "chasquid" : "opsmail");
	s->mode = SESSION_IN_COMMAND;
}

static void sender_yes(struct session *s, const struct reply *r,
		       struct buf *out)
{
	s->mails++;
	session_say_reply(s, r ? r : session_reply(s, REPLY_MAIL_OK), out);
}

static void rcpt_yes(struct session *s, const struct reply *r, struct buf *out)
{
	s->mail->n++;
	session_say_reply(s, r ? r : session_reply(s, REPLY_RCPT_OK), out);
}

static void commit(struct session *s, const struct reply *r, struct buf *out)
{
	session_reset(s);
	if (!is_lenient(s))
		s->errors = 0; /* who brings mail may stumble on the way */
	session_say_reply(s, r ? r : session_reply(s, REPLY_DATA_OK), out);
}

static void yes(struct session *s, enum session_want asked,
		const struct reply *r, struct buf *out)
{
	switch (asked) {
	case SESSION_CLIENT:
		greet(s, out);
		break;
	case SESSION_LOGIN:
		session_login_yes(s, r, out);
		break;
	case SESSION_SENDER:
		sender_yes(s, r, out);
		break;
	case SESSION_RCPT:
		rcpt_yes(s, r, out);
		break;
	case SESSION_OPEN:
		session_open_yes(s, out);
		break;
	default:
		commit(s, r, out);
		break;
	}
}

static void no(struct session *s, enum session_want asked,
	       const struct reply *r, struct buf *out)
{
	switch (asked) {
	case SESSION_CLIENT:
		session_end(s, r, out);
		break;
	case SESSION_LOGIN:
		session_login_no(s, r, out);
		break;
	case SESSION_OPEN:
		session_open_no(s, r, out);
		break;
	case SESSION_RCPT:
		session_say_reply(s, r, out);
		break;
	default:
		session_reset(s);
		session_say_reply(s, r, out);
		break;
	}
}

void session_answer(struct session *s, const struct reply *r, struct buf *out,
		    int64_t now)
{
	const enum session_want asked = (enum session_want)s->asked;

	if (!asked)
		return; /* it was ended meanwhile */
	s->now = s->since = now;
	s->asked = SESSION_ON;
	if (!r || r->code < 400)
		yes(s, asked, r, out);
	else
		no(s, asked, r, out);
}

/* RFC 3207 4.2: what was said before TLS is forgotten. */
void session_tls(struct session *s, const struct session_tls *tls, int64_t now)
{
	s->now = s->since = now;
	s->asked = SESSION_ON;
	if (!tls) {
		session_reset(s);
		s->mode = SESSION_IN_END;
		return;
	}
	s->tls = *tls;
	session_reset(s);
	free(s->helo);
	s->helo = NULL;
}

/* ---- the modes ---- */
static enum session_want start(struct session *s)
{
	if (s->conf->implicit_tls && !s->tls.version) {
		session_ask(s, SESSION_TLS);
		return SESSION_ON;
	}
	if (!s->proxied) {
		s->proxied = true;
		s->mode = SESSION_IN_PROXY;
		return SESSION_ON;
	}
	s->mode = SESSION_IN_GREETING;
	session_ask(s, SESSION_CLIENT);
	return SESSION_ON;
}

/* The header is gathered in s->line, and no more than it is taken from *in:
 * what follows may be TLS. */
static enum session_want proxy(struct session *s, struct str *in)
{
	while (in->n) {
		size_t used;

		s->line.max = PROXY_MAX;
		buf_add(&s->line, in->at, 1);
		*in = (struct str){ in->at + 1, in->n - 1 };
		const enum proxy_result r =
			proxy_read(buf_get(&s->line), &s->peer, &used);

		if (r == PROXY_MORE)
			continue;
		buf_wipe(&s->line);
		s->proxied = true;
		s->since = s->now;
		/* Not a word to one who is no balancer. */
		s->mode = r == PROXY_BAD ? SESSION_IN_END : SESSION_IN_START;
		return SESSION_ON;
	}
	return SESSION_MORE;
}

static unsigned line_limit(const struct session *s)
{
	return s->mode == SESSION_IN_LOGIN ? AUTH_LINE_MAX : s->conf->line_max;
}

/* Cuts the line's end off. False: it is not CR LF, or a CR is within. */
static bool trim_end(const struct session *s, struct str *line)
{
	line->n--;
	const char *cr = memchr(line->at, '\r', line->n);

	if (!cr)
		return is_lenient(s);
	line->n--;
	return cr == line->at + line->n;
}

static void take_line(struct session *s, struct str line, struct buf *out)
{
	const bool sasl = s->mode == SESSION_IN_LOGIN;

	s->since = s->now;
	if (!trim_end(s, &line))
		session_last(s, REPLY_LINE_END, out);
	else if (sasl)
		session_auth_line(s, line, out);
	else
		session_command(s, line, out);
}

/* A line that came whole is read where it is. */
static enum session_want lines(struct session *s, struct str *in,
			       struct buf *out)
{
	const unsigned limit = line_limit(s);
	const char *lf = in->n ? memchr(in->at, '\n', in->n) : NULL;
	const size_t n = lf ? (size_t)(lf - in->at) + 1 : in->n;
	struct str line = { in->at, n };

	if (s->line.n + n > limit) {
		buf_wipe(&s->line);
		session_last(s, REPLY_LINE_LONG, out);
		return SESSION_ON;
	}
	*in = (struct str){ in->at + n, in->n - n };
	if (s->line.n || !lf) {
		s->line.max = limit;
		buf_view(&s->line, line);
		line = buf_get(&s->line);
	}
	if (!lf)
		return SESSION_MORE;
	s->more = in->n > 0;
	take_line(s, line, out);
	buf_wipe(&s->line);
	if (s->asked == SESSION_TLS)
		*in = (struct str){ in->at + in->n, 0 };
	return SESSION_ON;
}

static enum session_want run(struct session *s, struct str *in, struct buf *out)
{
	switch ((enum session_mode)s->mode) {
	case SESSION_IN_START:
		return start(s);
	case SESSION_IN_PROXY:
		return proxy(s, in);
	case SESSION_IN_GREETING:
	case SESSION_IN_COMMAND:
	case SESSION_IN_LOGIN:
		return lines(s, in, out);
	case SESSION_IN_DATA:
		return session_data_bytes(s, in, out);
	case SESSION_IN_BDAT:
		return session_bdat_bytes(s, in, out);
	default:
		return SESSION_CLOSE;
	}
}

enum session_want session_step(struct session *s, struct str *in,
			       struct buf *out, int64_t now)
{
	s->now = now;
	for (;;) {
		enum session_want want;

		if (s->dropped) {
			s->dropped = false;
			return SESSION_DROP;
		}
		if (s->asked)
			return (enum session_want)s->asked;
		if (out->n >= OUT_MAX)
			return SESSION_WRITE;
		want = run(s, in, out);
		if (want)
			return want;
	}
}
