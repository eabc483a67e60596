/* One SMTP or LMTP conversation of the client, without a socket: bytes in,
 * bytes out, as smtp/session.h is for the server.
 *
 *	client_open(&c, &conf, now);
 *	for (;;) switch (client_step(&c, &in, &out, now, e)) { ... }
 *
 * `out` is sent before anything is waited for. A far end that answers with a
 * refusal is no error but a result of the recipients; an error is what ends the
 * connection. */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "smtp/auth.h"
#include "smtp/data.h"
#include "smtp/reply.h"

enum client_tls {
	CLIENT_TLS_MAY,      /* STARTTLS where it is offered */
	CLIENT_TLS_MUST,     /* no mail without */
	CLIENT_TLS_NEVER,    /* not even where it is offered */
	CLIENT_TLS_IMPLICIT, /* from the first byte on */
};
/* Lent, as are its strings. */
struct client_conf {
	const char *host; /* what we say in EHLO */
	bool lmtp;
	bool no_bdat; /* DATA even where CHUNKING is offered */
	enum client_tls tls;
	const char *user, *password;   /* user NULL: no login */
	enum auth_mechanism mechanism; /* AUTH_NONE: PLAIN, else LOGIN; the
					* password of XOAUTH2 is a token */
	int64_t command_ms, data_ms, done_ms; /* RFC 5321 4.5.3.2 */
};
extern const struct client_conf client_defaults;

enum client_cap {
	CLIENT_PIPELINING = 1 << 0,
	CLIENT_8BITMIME = 1 << 1,
	CLIENT_SMTPUTF8 = 1 << 2,
	CLIENT_SIZE = 1 << 3,
	CLIENT_CHUNKING = 1 << 4,
	CLIENT_DSN = 1 << 5,
	CLIENT_STARTTLS = 1 << 6,
	CLIENT_REQUIRETLS = 1 << 7,
	CLIENT_AUTH_PLAIN = 1 << 8,
	CLIENT_AUTH_LOGIN = 1 << 9,
	CLIENT_AUTH_XOAUTH2 = 1 << 10,
	CLIENT_ENHANCED = 1 << 11,
};
struct client_caps {
	unsigned bits;
	uint64_t size;               /* 0: no limit told */
	unsigned rcpt_max, mail_max; /* RFC 9422; 0: not told */
};

/* A recipient, and what became of it. */
struct client_rcpt {
	struct str to;
	struct str orcpt; /* as session_rcpt has it */
	unsigned notify;
	/* The reply that decided: 2xx delivered, 4xx later, 5xx never. 0: it
	 * was not decided. `here`: our own words, nobody was asked. */
	unsigned code;
	char status[12];
	const char *text; /* in the mail's mem */
	bool here;
};
/* A transaction; lent until CLIENT_DONE. */
struct client_mail {
	struct str from;
	struct client_rcpt *rcpt;
	size_t n;
	uint64_t size; /* 0: not known */
	bool utf8, eight, require_tls;
	const char *ret;  /* "FULL", "HDRS"; NULL: not said */
	struct str envid; /* in xtext */
	struct mem *mem;
};

enum client_want {
	CLIENT_ON,     /* never returned: go on */
	CLIENT_MORE,   /* send `out` and give bytes */
	CLIENT_TLS,    /* send `out`, shake hands, then client_tls() */
	CLIENT_READY,  /* client_begin() or client_quit(), whenever; bytes that
			* come meanwhile are given to client_step() */
	CLIENT_BODY,   /* client_body(), some of the message or the last of it;
			* bytes that come meanwhile as above */
	CLIENT_DONE,   /* every recipient has its code; step again for READY */
	CLIENT_CLOSED, /* QUIT was answered */
	CLIENT_FAILED, /* *e says why; nothing more can be done here */
};

struct client {
	const struct client_conf *conf;
	struct client_caps caps;
	struct reply_got reply; /* the last one */
	bool tls, helo_only;

	/* ---- the client's own ---- */
	unsigned char phase, want;
	bool dirty;   /* a transaction was begun and not ended: RSET */
	bool named;   /* AUTH LOGIN: the user was told */
	bool emptied; /* DATA went out for nobody */
	bool last;    /* the end of the message was sent */
	bool spoiled; /* a part by BDAT was refused */
	bool refused; /* MAIL was */
	int64_t since;
	struct client_mail *mail;
	size_t sent, got; /* steps of the transaction: see client_mail.c */
	size_t accepted, answered;
	unsigned parts;      /* by BDAT, not yet answered */
	unsigned char place; /* enum data_place */
	struct buf line;
};

void client_open(struct client *c, const struct client_conf *conf, int64_t now);
enum client_want client_step(struct client *c, struct str *in, struct buf *out,
			     int64_t now, struct err *e);
void client_tls(struct client *c, struct buf *out, int64_t now);
void client_begin(struct client *c, struct client_mail *m, struct buf *out,
		  int64_t now);
enum client_part { CLIENT_GOES_ON, CLIENT_ENDS };
void client_body(struct client *c, struct str bytes, enum client_part part,
		 struct buf *out, int64_t now);
void client_quit(struct client *c, struct buf *out, int64_t now);
/* When waiting is no use any more. */
int64_t client_deadline(const struct client *c);
void client_free(struct client *c);

/* EHLO's answer (RFC 5321 4.1.1.1), for those who only look. */
void client_caps_read(struct str text, struct client_caps *out);
