/* The loop, and the way from the greeting to the first transaction. */
#include "smtp/client.h"

#include <string.h>

#include "base/auto.h"
#include "smtp/client_parts.h"

enum { MINUTE = 60 * 1000 };

const struct client_conf client_defaults = {
	.command_ms = 5 * MINUTE,
	.data_ms = 3 * MINUTE,
	.done_ms = 10 * MINUTE,
};

void client_open(struct client *c, const struct client_conf *conf, int64_t now)
{
	*c = (struct client){
		.conf = conf,
		.since = now,
		.tls = conf->tls == CLIENT_TLS_IMPLICIT,
		.line = { .max = REPLY_LINE_MAX },
	};
}

void client_free(struct client *c)
{
	reply_free(&c->reply);
	buf_free(&c->line);
	*c = (struct client){ 0 };
}

bool client_can(const struct client *c, enum client_cap cap)
{
	return c->caps.bits & (unsigned)cap;
}

int client_refused(const struct client *c, const char *what, struct err *e)
{
	AUTO(buf) struct buf b = { .max = 1024 };
	const enum err_kind kind = c->reply.code >= 500 ? ERR_PERM : ERR_TEMP;

	reply_show(&c->reply, &b);
	return err_set(e, kind, "%s: %s", what, buf_c(&b));
}

void client_ready(struct client *c)
{
	c->phase = CLIENT_IN_READY;
	c->want = CLIENT_READY;
}

int64_t client_deadline(const struct client *c)
{
	const struct client_conf *o = c->conf;
	const int64_t ms = c->phase == CLIENT_IN_BODY ? o->data_ms :
			   c->phase == CLIENT_IN_END  ? o->done_ms :
							o->command_ms;
	int64_t at;

	if (ms <= 0 || __builtin_add_overflow(c->since, ms, &at))
		return INT64_MAX;
	return at;
}

static void hello(struct client *c, struct buf *out)
{
	buf_fmt(out, "%s %s\r\n", c->conf->lmtp ? "LHLO" : "EHLO",
		c->conf->host);
	c->phase = CLIENT_IN_EHLO;
}

static int on_greeting(struct client *c, struct buf *out, struct err *e)
{
	if (c->reply.code / 100 != 2)
		return client_refused(c, "it does not talk to us", e);
	hello(c, out);
	return 0;
}

/* RFC 3207: what is known from before TLS counts for nothing afterwards. */
static int after_hello(struct client *c, struct buf *out, struct err *e)
{
	const enum client_tls tls = c->conf->tls;

	if (!c->tls && tls != CLIENT_TLS_NEVER &&
	    client_can(c, CLIENT_STARTTLS)) {
		buf_str(out, "STARTTLS\r\n");
		c->phase = CLIENT_IN_STARTTLS;
		return 0;
	}
	if (!c->tls && tls == CLIENT_TLS_MUST)
		return err_set(e, ERR_TEMP,
			       "it offers no STARTTLS, and mail goes there "
			       "only over TLS");
	if (c->conf->user)
		return client_login(c, out, e);
	client_ready(c);
	return 0;
}

static int on_ehlo(struct client *c, struct buf *out, struct err *e)
{
	if (c->reply.code / 100 == 2) {
		client_caps_read(buf_get(&c->reply.text), &c->caps);
		return after_hello(c, out, e);
	}
	/* RFC 5321 3.2: servers of old know HELO. */
	if (c->reply.code / 100 != 5 || c->conf->lmtp || c->tls)
		return client_refused(c, "it refuses our name", e);
	buf_fmt(out, "HELO %s\r\n", c->conf->host);
	c->phase = CLIENT_IN_HELO;
	c->helo_only = true;
	return 0;
}

static int on_helo(struct client *c, struct buf *out, struct err *e)
{
	c->caps = (struct client_caps){ 0 };
	if (c->reply.code / 100 != 2)
		return client_refused(c, "it refuses our name", e);
	return after_hello(c, out, e);
}

static int on_starttls(struct client *c, struct buf *out, struct err *e)
{
	if (c->reply.code == 220) {
		c->want = CLIENT_TLS;
		return 0;
	}
	if (c->conf->tls == CLIENT_TLS_MUST || c->conf->user) {
		(void)client_refused(c, "it offers STARTTLS and refuses it", e);
		e->kind = ERR_TEMP;
		return -1;
	}
	c->caps.bits &= ~(unsigned)CLIENT_STARTTLS;
	return after_hello(c, out, e);
}

void client_tls(struct client *c, struct buf *out, int64_t now)
{
	c->since = now;
	c->want = CLIENT_ON;
	c->tls = true;
	c->caps = (struct client_caps){ 0 };
	hello(c, out);
}

void client_quit(struct client *c, struct buf *out, int64_t now)
{
	c->since = now;
	c->want = CLIENT_ON;
	c->phase = CLIENT_IN_QUIT;
	buf_str(out, "QUIT\r\n");
}

static int on_reply(struct client *c, struct buf *out, struct err *e)
{
	switch ((enum client_phase)c->phase) {
	case CLIENT_IN_GREETING:
		return on_greeting(c, out, e);
	case CLIENT_IN_EHLO:
		return on_ehlo(c, out, e);
	case CLIENT_IN_HELO:
		return on_helo(c, out, e);
	case CLIENT_IN_STARTTLS:
		return on_starttls(c, out, e);
	case CLIENT_IN_AUTH:
		return client_on_auth(c, out, e);
	case CLIENT_IN_ENVELOPE:
		return client_on_envelope(c, out, e);
	case CLIENT_IN_BODY:
	case CLIENT_IN_END:
		return client_on_end(c, out, e);
	case CLIENT_IN_QUIT:
		c->want = CLIENT_CLOSED;
		return 0;
	default:
		return client_refused(c, "it speaks unasked", e);
	}
}

/* One line off the front of *in. False: it is not there yet. */
static int take_line(struct client *c, struct str *in, bool *whole,
		     struct err *e)
{
	const char *lf = in->n ? memchr(in->at, '\n', in->n) : NULL;
	const size_t n = lf ? (size_t)(lf - in->at) + 1 : in->n;

	buf_add(&c->line, in->at, n);
	*in = (struct str){ in->at + n, in->n - n };
	*whole = lf != NULL;
	if (c->line.full)
		return err_set(e, ERR_PERM,
			       "it answers with a line of more than %d bytes",
			       REPLY_LINE_MAX);
	return 0;
}

static int on_line(struct client *c, struct buf *out, struct err *e)
{
	struct str rest = buf_get(&c->line), line = { "", 0 };

	(void)str_line(&rest, &line);
	const int bad = reply_line(&c->reply, line, e);

	buf_clear(&c->line);
	if (bad || !c->reply.whole)
		return bad;
	if (c->reply.code == 421 && c->phase != CLIENT_IN_QUIT) {
		(void)client_refused(c, "it closes the connection", e);
		e->kind = ERR_TEMP;
		return -1;
	}
	return on_reply(c, out, e);
}

/* After "220 go ahead" nothing may stand in clear: somebody put it there. */
static int before_tls(const struct client *c, const struct str *in,
		      struct err *e)
{
	if (c->want != CLIENT_TLS || !in->n)
		return 0;
	return err_set(e, ERR_TEMP,
		       "something follows its answer to STARTTLS in clear: "
		       "somebody is between us");
}

enum client_want client_step(struct client *c, struct str *in, struct buf *out,
			     int64_t now, struct err *e)
{
	while (c->want != CLIENT_FAILED) {
		bool whole;

		if (c->want == CLIENT_DONE) {
			client_ready(c);
			return CLIENT_DONE;
		}
		if (c->want && (c->want != CLIENT_READY || !in->n))
			return (enum client_want)c->want;
		if (!in->n)
			return client_wants_body(c) ? CLIENT_BODY : CLIENT_MORE;
		c->since = now;
		if (take_line(c, in, &whole, e) < 0 ||
		    (whole && on_line(c, out, e) < 0) ||
		    before_tls(c, in, e) < 0)
			c->want = CLIENT_FAILED;
	}
	return CLIENT_FAILED;
}
