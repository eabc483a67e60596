/* A transaction. Its commands are steps with numbers: 0 is RSET, 1 MAIL, then a
 * RCPT each, then DATA. Where PIPELINING is offered all are sent at once, and
 * c->got says whose answer comes next. By BDAT the message waits for the
 * answers to RCPT, since its bytes go out unasked. */
#include <stdio.h>
#include <string.h>

#include "smtp/client_parts.h"

enum { STEP_RSET, STEP_MAIL, STEP_RCPT, PARTS_MAX = 8 };

static size_t step_data(const struct client *c)
{
	return STEP_RCPT + c->mail->n;
}

static bool by_bdat(const struct client *c)
{
	return client_can(c, CLIENT_CHUNKING) && !c->conf->no_bdat &&
	       !c->conf->lmtp;
}

/* ---- results ---- */
static void settle(struct client *c, struct client_rcpt *r)
{
	const struct reply_got *g = &c->reply;

	r->code = g->code;
	(void)snprintf(r->status, sizeof(r->status), "%s", g->status);
	r->text = mem_dup(c->mail->mem, buf_c(&g->text), g->text.n);
}

/* Not decided yet, so the last reply decides. */
static void settle_rest(struct client *c)
{
	for (size_t i = 0; i < c->mail->n; i++)
		if (!c->mail->rcpt[i].code)
			settle(c, &c->mail->rcpt[i]);
}

static void finish(struct client *c)
{
	c->mail = NULL;
	c->want = CLIENT_DONE;
}

static void refuse_here(struct client *c, unsigned code, const char *status,
			const char *text)
{
	for (size_t i = 0; i < c->mail->n; i++) {
		struct client_rcpt *r = &c->mail->rcpt[i];

		r->code = code;
		(void)snprintf(r->status, sizeof(r->status), "%s", status);
		r->text = text;
		r->here = true;
	}
	finish(c);
}

/* ---- what cannot be sent there ---- */
/* Bytes that would end the command, or the path. */
static bool is_safe(struct str s)
{
	const bool quoted = s.n && s.at[0] == '"';

	for (size_t i = 0; i < s.n; i++) {
		const unsigned char c = (unsigned char)s.at[i];

		if (c < ' ' || c == 0x7f ||
		    (!quoted && (c == ' ' || c == '<' || c == '>')))
			return false;
	}
	return true;
}

static bool all_safe(const struct client_mail *m)
{
	bool ok = is_safe(m->from) && is_safe(m->envid);

	for (size_t i = 0; ok && i < m->n; i++)
		ok = m->rcpt[i].to.n && is_safe(m->rcpt[i].to) &&
		     is_safe(m->rcpt[i].orcpt);
	return ok;
}

static bool can_be_sent(struct client *c)
{
	const struct client_mail *m = c->mail;

	if (!all_safe(m))
		refuse_here(c, 501, "5.1.3", "an address that cannot be sent");
	else if (m->utf8 && !client_can(c, CLIENT_SMTPUTF8))
		refuse_here(c, 553, "5.6.7",
			    "the address needs SMTPUTF8, which the server "
			    "does not offer");
	else if (m->require_tls &&
		 !(c->tls && client_can(c, CLIENT_REQUIRETLS)))
		refuse_here(c, 550, "5.7.30",
			    "the sender wants REQUIRETLS, which the server "
			    "does not offer");
	else if (m->size && c->caps.size && m->size > c->caps.size)
		refuse_here(c, 552, "5.3.4",
			    "the message is bigger than the server takes");
	else
		return true;
	return false;
}

/* ---- commands ---- */
static void say_mail(const struct client *c, struct buf *out)
{
	const struct client_mail *m = c->mail;

	buf_fmt(out, "MAIL FROM:<%.*s>", STR_FMT(m->from));
	if (m->size && client_can(c, CLIENT_SIZE))
		buf_fmt(out, " SIZE=%llu", (unsigned long long)m->size);
	if (m->eight && client_can(c, CLIENT_8BITMIME))
		buf_str(out, " BODY=8BITMIME");
	if (m->utf8)
		buf_str(out, " SMTPUTF8");
	if (m->require_tls)
		buf_str(out, " REQUIRETLS");
	if (m->ret && client_can(c, CLIENT_DSN))
		buf_fmt(out, " RET=%s", m->ret);
	if (m->envid.n && client_can(c, CLIENT_DSN))
		buf_fmt(out, " ENVID=%.*s", STR_FMT(m->envid));
	buf_str(out, "\r\n");
}

static void say_notify(unsigned bits, struct buf *out)
{
	static const char *const words[] = { "NEVER", "SUCCESS", "FAILURE",
					     "DELAY" };
	const char *before = " NOTIFY=";

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (bits & 1U << i) {
			buf_fmt(out, "%s%s", before, words[i]);
			before = ",";
		}
}

static void say_rcpt(const struct client *c, const struct client_rcpt *r,
		     struct buf *out)
{
	buf_fmt(out, "RCPT TO:<%.*s>", STR_FMT(r->to));
	if (client_can(c, CLIENT_DSN)) {
		say_notify(r->notify, out);
		if (r->orcpt.n)
			buf_fmt(out, " ORCPT=%.*s", STR_FMT(r->orcpt));
	}
	buf_str(out, "\r\n");
}

static void say(struct client *c, size_t step, struct buf *out)
{
	if (step == STEP_RSET)
		buf_str(out, "RSET\r\n");
	else if (step == STEP_MAIL)
		say_mail(c, out);
	else if (step < step_data(c))
		say_rcpt(c, &c->mail->rcpt[step - STEP_RCPT], out);
	else
		buf_str(out, "DATA\r\n");
}

static void say_next(struct client *c, struct buf *out)
{
	const size_t end = step_data(c) + (by_bdat(c) ? 0 : 1);

	while (c->sent < end &&
	       (client_can(c, CLIENT_PIPELINING) || c->sent == c->got))
		say(c, c->sent++, out);
}

void client_begin(struct client *c, struct client_mail *m, struct buf *out,
		  int64_t now)
{
	for (size_t i = 0; i < m->n; i++) {
		m->rcpt[i].code = 0;
		m->rcpt[i].here = false;
	}
	c->since = now;
	c->mail = m;
	if (!can_be_sent(c))
		return;
	c->want = CLIENT_ON;
	c->phase = CLIENT_IN_ENVELOPE;
	c->sent = c->got = c->dirty ? STEP_RSET : STEP_MAIL;
	c->dirty = true;
	c->accepted = c->answered = 0;
	c->emptied = c->last = c->spoiled = c->refused = false;
	c->parts = 0;
	c->place = DATA_LINE;
	say_next(c, out);
}

/* ---- answers to the envelope ---- */
static void on_rcpt(struct client *c, struct client_rcpt *r)
{
	if (r->code)
		return; /* MAIL was refused, and this with it */
	if (c->reply.code / 100 == 2)
		c->accepted++;
	else
		settle(c, r);
}

/* Nothing but 354 says "go on", and 2xx here must not be taken for the word
 * that a message was delivered. */
static int on_data(struct client *c, struct buf *out, struct err *e)
{
	if (c->reply.code >= 400) {
		settle_rest(c);
		finish(c);
		return 0;
	}
	if (c->reply.code != 354)
		return client_refused(c, "it answers out of turn", e);
	c->phase = CLIENT_IN_BODY;
	if (c->accepted)
		return 0;
	/* RFC 2920 3.1: it waits for a message, so it gets an empty one. */
	c->emptied = c->last = true;
	c->phase = CLIENT_IN_END;
	buf_str(out, ".\r\n");
	return 0;
}

int client_on_envelope(struct client *c, struct buf *out, struct err *e)
{
	const size_t step = c->got++;
	const bool good = c->reply.code / 100 == 2;

	if (step == step_data(c))
		return on_data(c, out, e);
	if (c->reply.code / 100 == 3 || (step == STEP_RSET && !good))
		return client_refused(c, "it answers out of turn", e);
	if (step == STEP_MAIL && !good) {
		c->refused = true;
		settle_rest(c);
	}
	if (step >= STEP_RCPT)
		on_rcpt(c, &c->mail->rcpt[step - STEP_RCPT]);
	const bool asked = c->got == step_data(c);

	if (c->refused || (asked && !c->accepted)) {
		/* What was sent already is still answered. */
		if (c->got == c->sent)
			finish(c);
	} else if (asked && by_bdat(c)) {
		c->phase = CLIENT_IN_BODY;
	} else {
		say_next(c, out);
	}
	return 0;
}

/* ---- the message ---- */
bool client_wants_body(const struct client *c)
{
	if (c->phase != CLIENT_IN_BODY || c->last || c->spoiled)
		return false;
	if (!by_bdat(c) || !c->parts)
		return true;
	return client_can(c, CLIENT_PIPELINING) && c->parts < PARTS_MAX;
}

void client_body(struct client *c, struct str bytes, enum client_part part,
		 struct buf *out, int64_t now)
{
	enum data_place place = (enum data_place)c->place;

	c->since = now;
	c->last = part == CLIENT_ENDS;
	if (by_bdat(c)) {
		buf_fmt(out, "BDAT %zu%s\r\n", bytes.n, c->last ? " LAST" : "");
		buf_view(out, bytes);
		c->parts++;
	} else {
		data_stuff(&place, bytes, out);
		c->place = (unsigned char)place;
		if (c->last)
			data_end(place, out);
	}
	if (c->last)
		c->phase = CLIENT_IN_END;
}

/* LMTP answers once for each recipient that it took (RFC 2033 4.2). */
static void settle_next(struct client *c)
{
	while (c->answered < c->mail->n && c->mail->rcpt[c->answered].code)
		c->answered++;
	if (c->answered < c->mail->n)
		settle(c, &c->mail->rcpt[c->answered++]);
	if (--c->accepted == 0)
		finish(c);
}

static void on_part(struct client *c)
{
	c->parts--;
	if (c->last && !c->parts) {
		settle_rest(c);
		c->dirty = false;
		finish(c);
		return;
	}
	if (c->reply.code / 100 != 2) {
		c->spoiled = true;
		settle_rest(c);
	}
	if (c->spoiled && !c->parts)
		finish(c);
}

int client_on_end(struct client *c, struct buf *out, struct err *e)
{
	(void)out;
	if (c->reply.code / 100 == 3)
		return client_refused(c, "it answers out of turn", e);
	if (by_bdat(c) && c->parts) {
		on_part(c);
		return 0;
	}
	if (c->phase == CLIENT_IN_BODY) {
		if (c->reply.code >= 400)
			settle_rest(c);
		return client_refused(c, "it answers before the message ended",
				      e);
	}
	c->dirty = false;
	if (c->conf->lmtp && !c->emptied) {
		settle_next(c);
		return 0;
	}
	settle_rest(c);
	finish(c);
	return 0;
}
