/* SMTP replies (RFC 5321 4.2) with enhanced status codes (RFC 3463): the texts
 * of the server in two styles, and the reading of another server's. */
#pragma once

#include "base/buf.h"
#include "base/err.h"

/* Texts may hold several lines with '\n' between. */
struct reply {
	unsigned short code;
	const char *status; /* "5.1.1"; "" where there is none */
	const char *text;
};

/* Chasquid's texts are what its own tests wait for. */
enum reply_style { REPLY_PLAIN, REPLY_CHASQUID };
enum reply_id {
	REPLY_TLS_READY,
	REPLY_TLS_MISSING,
	REPLY_TLS_ALREADY,
	REPLY_TLS_PIPELINED,
	REPLY_BYE,
	REPLY_NOOP,
	REPLY_HELP,
	REPLY_RESET,
	REPLY_VRFY,
	REPLY_EXPN,
	REPLY_NO_SMTP,
	REPLY_UNKNOWN,
	REPLY_SYNTAX,
	REPLY_ARGUMENT,
	REPLY_LINE_LONG,
	REPLY_LINE_END,
	REPLY_TOO_MANY_ERRORS,
	REPLY_TIMEOUT,
	REPLY_SHUTDOWN,
	REPLY_BUSY,
	REPLY_EARLY,
	REPLY_NOT_WELCOME,
	REPLY_NO_HELLO,
	REPLY_HELLO_FIRST,
	REPLY_AUTH_NO_TLS,
	REPLY_AUTH_NOT_HERE,
	REPLY_AUTH_ALREADY,
	REPLY_AUTH_IN_MAIL,
	REPLY_AUTH_MECHANISM,
	REPLY_AUTH_DECODE,
	REPLY_AUTH_CANCELLED,
	REPLY_AUTH_WRONG,
	REPLY_AUTH_LATER,
	REPLY_AUTH_OK,
	REPLY_AUTH_NEEDED,
	REPLY_MAIL_SYNTAX,
	REPLY_MAIL_ALREADY,
	REPLY_MAIL_OK,
	REPLY_MAIL_MAX,
	REPLY_FROM_BAD,
	REPLY_FROM_LONG,
	REPLY_FROM_NO_DOMAIN,
	REPLY_FROM_DOMAIN,
	REPLY_FROM_NOT_YOURS,
	REPLY_RCPT_SYNTAX,
	REPLY_RCPT_FIRST,
	REPLY_RCPT_OK,
	REPLY_RCPT_MAX,
	REPLY_TO_BAD,
	REPLY_TO_LONG,
	REPLY_TO_DOMAIN,
	REPLY_TO_NAME,
	REPLY_TO_UNKNOWN,
	REPLY_TO_LATER,
	REPLY_RELAY,
	REPLY_UTF8_NEEDED,
	REPLY_PARAMETER,
	REPLY_PARAMETER_UNKNOWN,
	REPLY_SENDER_FIRST,
	REPLY_DATA_GO,
	REPLY_DATA_IN_BDAT,
	REPLY_DATA_OK,
	REPLY_DATA_END,
	REPLY_DATA_NUL,
	REPLY_DATA_LINE,
	REPLY_TOO_BIG,
	REPLY_BDAT_AFTER,
	REPLY_BDAT_END,
	REPLY_BDAT_SYNTAX,
	REPLY_LOOP,
	REPLY_HEADER,
	REPLY_SPF,
	REPLY_LEVEL,
	REPLY_QUEUE,
	REPLY_DISK,
	REPLY_IDS, /* how many there are */
};
const struct reply *reply_of(enum reply_id id, enum reply_style style);

/* Control characters become blanks and lines are cut at 480 bytes, since a text
 * may come from a hook or from a peer. */
void reply_write(const struct reply *r, struct buf *out);

/* ---- another server's replies ---- */
enum { REPLY_LINES = 128, REPLY_LINE_MAX = 4096, REPLY_BYTES = 16384 };

/* A reply that grows by lines: text holds them with '\n' between, without code
 * and without the status that the first of them had. What passes REPLY_BYTES is
 * dropped. */
struct reply_got {
	unsigned code;   /* 0: nothing yet */
	char status[12]; /* "5.1.1", "" where there was none */
	struct buf text;
	unsigned lines;
	bool whole;
};
/* Takes one line without its end. ERR_PERM for what is no reply, or has too
 * many lines. After the last one `whole` is set, and the next call begins
 * anew. */
int reply_line(struct reply_got *g, struct str line, struct err *e);
void reply_free(struct reply_got *g);
/* "550 5.1.1 no such user": for logs and bounces, on one line. */
void reply_show(const struct reply_got *g, struct buf *out);

static inline void auto_reply(struct reply_got *g)
{
	reply_free(g);
}
