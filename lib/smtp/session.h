/* One SMTP conversation of the server, without a socket: bytes in, bytes out,
 * and from time to time a question to the caller.
 *
 *	session_open(&s, &conf, &peer, now);
 *	for (;;) switch (session_step(&s, &in, &out, now)) { ... }
 *
 * session_step takes what it can off the front of `in` and appends replies to
 * `out`, which the caller sends before it waits for anything. It returns when
 * it wants something: bytes, or an answer. While an answer is awaited it takes
 * nothing, so that a caller who stops reading then has all the backpressure he
 * needs; what is left in `in` is given again afterwards. Views into the session
 * (path, chunk) live until the next call.
 *
 * A session that waits for a command owns this struct and the name that was
 * said in EHLO; a transaction adds an arena, a line cut by the network a
 * buffer. `out` and `in` are the caller's and can be shared by all sessions of
 * a thread. */
#pragma once

#include "base/buf.h"
#include "base/mem.h"
#include "smtp/auth.h"
#include "smtp/data.h"
#include "smtp/path.h"
#include "smtp/proxy.h"
#include "smtp/reply.h"

enum session_proxy {
	SESSION_NO_PROXY,
	SESSION_PROXY,        /* a header comes first, before TLS too */
	SESSION_PROXY_IN_TLS, /* as chasquid reads it on its TLS port */
};

/* One listener's rules. Lent, as are its strings; it must outlive its sessions.
 * What is 0 is no limit, but for error_max, login_max and line_max. */
struct session_conf {
	const char *host;       /* banner, EHLO */
	enum reply_style style; /* chasquid's words and its leniency */
	bool starttls;          /* TLS can be had */
	bool implicit_tls;      /* TLS from the first byte on */
	bool login;             /* AUTH is offered, over TLS only */
	bool must_login;        /* no MAIL without */
	uint64_t size_max;
	unsigned rcpt_max;      /* of one transaction */
	unsigned mail_max;      /* of one connection */
	unsigned error_max;     /* refusals without a message between them */
	unsigned login_max;     /* as many wrong logins do */
	unsigned line_max;      /* bytes of a command line with its end */
	unsigned data_line_max; /* bytes of a message line without it */
	int64_t command_ms;     /* for a command to come whole */
	int64_t data_ms;        /* between bytes of a message */
	int64_t message_ms;     /* for a message to come whole */
	int64_t session_ms;     /* for everything */
};
/* RFC 5321 4.5.3 and what is usual; host is NULL. */
extern const struct session_conf session_defaults;

enum session_want {
	SESSION_ON, /* never returned: go on */
	/* Want no answer: do it and step again. */
	SESSION_MORE,  /* give bytes: `in` is empty */
	SESSION_WRITE, /* send `out` first, there is much of it */
	SESSION_BYTES, /* s->chunk is message; take all of it */
	SESSION_DROP,  /* the open message will not be whole: forget it */
	SESSION_CLOSE, /* send `out`, shut down the sending side, and read the
			* rest away for a moment, lest a reset swallow it */
	/* Want session_tls(). What is left in `in` belongs to TLS. */
	SESSION_TLS,
	/* Want session_answer(). */
	SESSION_CLIENT, /* may s->peer talk to us (DNSBL, rates)? Delaying the
			 * answer delays the greeting; set s->early when bytes
			 * come before it */
	SESSION_LOGIN, /* is s->login right? Put the user's proper name there */
	SESSION_SENDER, /* may s->mail->from send, as s->user where set, and is
			 * there room for s->mail->size? */
	SESSION_RCPT,   /* may it go to session_rcpt(s)? */
	SESSION_OPEN,   /* a message begins */
	SESSION_COMMIT, /* it is whole: answer when it is on disk */
};

enum session_ret { SESSION_RET_NONE, SESSION_RET_FULL, SESSION_RET_HDRS };
enum {
	SESSION_NOTIFY_NEVER = 1,
	SESSION_NOTIFY_SUCCESS = 2,
	SESSION_NOTIFY_FAILURE = 4,
	SESSION_NOTIFY_DELAY = 8,
};
struct session_rcpt {
	struct path to;
	struct str orcpt; /* "rfc822;x@y" in xtext as it came; empty: none */
	unsigned notify;  /* 0: not said */
};
/* The transaction at hand; all of it lives in s->mem. */
struct session_mail {
	struct path from;
	uint64_t size; /* announced; 0: not said */
	bool utf8, eight, require_tls;
	enum session_ret ret;
	struct str envid; /* in xtext as it came */
	struct session_rcpt *rcpt;
	size_t n, room;
	uint64_t bytes;   /* of message that were given to the caller */
	bool high;        /* bytes above 127 were among them */
	uint32_t longest; /* line */
};
struct session_tls {
	const char *version, *cipher; /* lent while the connection lives */
};

struct session {
	const struct session_conf *conf;
	struct peer peer;
	struct session_tls tls;    /* version NULL: none */
	char *helo;                /* NULL: not said; "": given up */
	char *user;                /* who logged in; NULL: nobody */
	struct auth *login;        /* the login at hand */
	struct session_mail *mail; /* NULL: no transaction */
	struct str chunk;
	bool early, esmtp;
	bool trusted; /* set by the caller: needs no login */
	bool open;    /* the caller holds an open message */

	/* ---- the session's own ---- */
	unsigned char mode, asked;
	bool dropped, proxied, more, too_big, bad, failed, quiet, last;
	uint16_t errors, wrong_logins;
	uint32_t mails;
	int64_t now, since, started, data_since;
	uint64_t left; /* of this BDAT chunk */
	struct data data;
	struct buf line;
	struct mem mem;
};

void session_open(struct session *s, const struct session_conf *conf,
		  const struct peer *peer, enum session_proxy proxy,
		  int64_t now);
enum session_want session_step(struct session *s, struct str *in,
			       struct buf *out, int64_t now);
/* NULL: yes, in the usual words. A reply of 2xx is yes, 4xx and 5xx no; 421 and
 * 521 close the connection. */
void session_answer(struct session *s, const struct reply *r, struct buf *out,
		    int64_t now);
/* NULL: the handshake failed, and nothing more can be said. */
void session_tls(struct session *s, const struct session_tls *tls, int64_t now);
/* In the words of the listener's style. */
const struct reply *session_reply(const struct session *s, enum reply_id id);
const struct session_rcpt *session_rcpt(const struct session *s);

/* When session_end(s, session_reply(s, REPLY_TIMEOUT), ...) is due, in the
 * caller's milliseconds; INT64_MAX while the caller owes an answer. */
int64_t session_deadline(const struct session *s);
/* Says a last reply between two steps; step again for DROP and CLOSE. A
 * question that was open needs no answer any more. */
void session_end(struct session *s, const struct reply *r, struct buf *out);
/* May it be ended without a loss: no transaction, no question. */
bool session_idle(const struct session *s);
/* Bytes of memory that it holds beside the struct, but for a transaction's. */
size_t session_memory(const struct session *s);
void session_free(struct session *s);
