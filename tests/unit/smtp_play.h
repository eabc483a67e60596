/* Plays the client's bytes to a session and writes down all that happens: what
 * the server says, what it asks, what it is given. The bytes are cut as the
 * network may cut them, which must make no difference. A 0x01 in them ends a
 * flight: what follows is sent when the server has spoken. */
#pragma once

#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "smtp/session.h"

enum { PLAY_WHOLE, PLAY_BYTES, PLAY_RANDOM }; /* and every seed above */
struct play {
	struct session s;
	struct buf log, body, out;
	int64_t now;
	uint64_t seed;
	bool closed;
};

static inline uint64_t play_next(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static inline void play_flush(struct play *p)
{
	for (size_t i = 0; i < p->out.n; i++)
		if (p->out.at[i] != '\r')
			buf_char(&p->log, p->out.at[i]);
	buf_clear(&p->out);
}

/* Bytes that a reader of the log would not see are written in hex. */
static inline void play_bytes(struct play *p, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		const unsigned char c = (unsigned char)s.at[i];

		if (c == '\r')
			buf_str(&p->log, "\\r");
		else if (c == '\n')
			buf_str(&p->log, "\\n");
		else if (c < ' ' || c > 0x7e)
			buf_fmt(&p->log, "\\%02x", c);
		else
			buf_char(&p->log, (char)c);
	}
}

static inline const struct reply *play_login(const struct session *s)
{
	const struct str user = buf_get(&s->login->user);

	if (str_eq(user, "busy"))
		return session_reply(s, REPLY_AUTH_LATER);
	if (str_eq(user, "joe") &&
	    str_eq(buf_get(&s->login->password), "secret"))
		return NULL;
	return session_reply(s, REPLY_AUTH_WRONG);
}

static inline const struct reply *play_sender(const struct session *s)
{
	const struct path *p = &s->mail->from;

	if (str_eq(p->local, "evil"))
		return session_reply(s, REPLY_SPF);
	if (str_eq(p->local, "full"))
		return session_reply(s, REPLY_DISK);
	if (s->user && !str_eq(p->domain, "local.test"))
		return session_reply(s, REPLY_FROM_NOT_YOURS);
	return NULL;
}

static inline const struct reply *play_rcpt(const struct session *s)
{
	const struct path *p = &session_rcpt(s)->to;

	if (str_eq(p->local, "bye"))
		return session_reply(s, REPLY_BUSY);
	if (str_eq(p->local, "later"))
		return session_reply(s, REPLY_TO_LATER);
	if (str_eq(p->local, "unknown"))
		return session_reply(s, REPLY_TO_UNKNOWN);
	if (p->domain.n && !str_eq(p->domain, "local.test") && !s->user)
		return session_reply(s, REPLY_RELAY);
	return NULL;
}

static inline const struct reply *play_commit(const struct play *p)
{
	static const struct reply no = { 554, "5.7.1", "Two\nlines" };
	static const struct reply ok = { 250, "2.0.0", "Kept as 1" };

	if (str_find(buf_get(&p->body), "REJECT"))
		return &no;
	if (str_find(buf_get(&p->body), "LATER"))
		return session_reply(&p->s, REPLY_QUEUE);
	return str_find(buf_get(&p->body), "USUAL") ? NULL : &ok;
}

static inline void play_show_mail(struct play *p)
{
	const struct session_mail *m = p->s.mail;

	buf_str(&p->log, "<sender ");
	buf_view(&p->log, m->from.text);
	if (m->size)
		buf_fmt(&p->log, " size=%llu", (unsigned long long)m->size);
	buf_fmt(&p->log, "%s%s%s", m->utf8 ? " utf8" : "",
		m->eight ? " 8bit" : "", m->require_tls ? " tls" : "");
	if (m->ret)
		buf_fmt(&p->log, " ret=%d", (int)m->ret);
	if (m->envid.n)
		buf_fmt(&p->log, " envid=%.*s", STR_FMT(m->envid));
	if (p->s.user)
		buf_fmt(&p->log, " by %s", p->s.user);
	buf_str(&p->log, ">\n");
}

static inline void play_show_rcpt(struct play *p)
{
	const struct session_rcpt *r = session_rcpt(&p->s);

	buf_str(&p->log, "<rcpt ");
	buf_view(&p->log, r->to.text);
	if (r->notify)
		buf_fmt(&p->log, " notify=%u", r->notify);
	if (r->orcpt.n)
		buf_fmt(&p->log, " orcpt=%.*s", STR_FMT(r->orcpt));
	buf_str(&p->log, ">\n");
}

static inline void play_show_body(struct play *p)
{
	if (p->s.mail->bytes != p->body.n)
		abort();
	buf_fmt(&p->log, "<commit %zu rcpt, ", p->s.mail->n);
	if (p->body.n > 200)
		buf_fmt(&p->log, "%zu bytes", p->body.n);
	else
		play_bytes(p, buf_get(&p->body));
	buf_str(&p->log, p->s.mail->high ? " high>\n" : ">\n");
}

static inline void play_ask(struct play *p, enum session_want want)
{
	static const struct session_tls tls = { "TLSv1.3", "TLS_X" };
	const struct reply *r = NULL;
	char ip[PEER_TEXT];

	switch (want) {
	case SESSION_TLS:
		buf_str(&p->log, "<tls>\n");
		session_tls(&p->s, &tls, p->now);
		return;
	case SESSION_CLIENT:
		buf_fmt(&p->log, "<client %s>\n", peer_text(&p->s.peer, ip));
		if (!strcmp(ip, "192.0.2.66"))
			r = session_reply(&p->s, REPLY_NOT_WELCOME);
		break;
	case SESSION_LOGIN:
		buf_fmt(&p->log, "<login %s %s>\n", buf_c(&p->s.login->user),
			buf_c(&p->s.login->password));
		r = play_login(&p->s);
		break;
	case SESSION_SENDER:
		play_show_mail(p);
		r = play_sender(&p->s);
		break;
	case SESSION_RCPT:
		play_show_rcpt(p);
		r = play_rcpt(&p->s);
		break;
	case SESSION_OPEN:
		buf_str(&p->log, "<open>\n");
		buf_clear(&p->body);
		if (str_eq(p->s.mail->from.local, "noopen"))
			r = session_reply(&p->s, REPLY_QUEUE);
		break;
	default:
		play_show_body(p);
		r = play_commit(p);
		break;
	}
	session_answer(&p->s, r, &p->out, p->now);
}

/* False: the connection is closed. */
static inline bool play_piece(struct play *p, struct str in)
{
	for (;;) {
		const enum session_want want =
			session_step(&p->s, &in, &p->out, p->now);

		play_flush(p);
		switch (want) {
		case SESSION_MORE:
			if (in.n)
				abort();
			return true;
		case SESSION_WRITE:
			break;
		case SESSION_BYTES:
			if (!p->s.chunk.n)
				abort();
			buf_view(&p->body, p->s.chunk);
			break;
		case SESSION_DROP:
			buf_str(&p->log, "<drop>\n");
			break;
		case SESSION_CLOSE:
			buf_str(&p->log, "<close>\n");
			p->closed = true;
			return false;
		default:
			play_ask(p, want);
			break;
		}
	}
}

static inline size_t play_cut(struct play *p, size_t n)
{
	size_t most = n;

	if (p->seed == PLAY_BYTES)
		most = 1;
	else if (p->seed >= PLAY_RANDOM)
		most = 1 + play_next(&p->seed) % 30;
	return most < n ? most : n;
}

static inline void play_input(struct play *p, struct str input)
{
	struct str flight;
	bool on = true;

	while (on && str_cut(&input, '\001', &flight)) {
		on = play_piece(p, (struct str){ "", 0 });
		while (on && flight.n) {
			const size_t n = play_cut(p, flight.n);
			/* A block of its own, so that ASan sees a step past
			 * its end. */
			AUTO(free) char *at = malloc(n);

			if (!at)
				abort();
			memcpy(at, flight.at, n);
			flight = (struct str){ flight.at + n, flight.n - n };
			on = play_piece(p, (struct str){ at, n });
		}
	}
}

static inline void play_open(struct play *p, const struct session_conf *c,
			     enum session_proxy proxy, uint64_t seed)
{
	struct peer peer = { 0 };

	(void)peer_parse(STR_LIT("192.0.2.1"), &peer);
	*p = (struct play){ .seed = seed, .now = 1000 };
	session_open(&p->s, c, &peer, proxy, p->now);
}

static inline void auto_play(struct play *p)
{
	session_free(&p->s);
	buf_free(&p->log);
	buf_free(&p->body);
	buf_free(&p->out);
}
