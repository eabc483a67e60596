/* What the files of the session share. */
#pragma once

#include "smtp/session.h"

enum session_mode {
	SESSION_IN_START,
	SESSION_IN_PROXY,
	SESSION_IN_GREETING,
	SESSION_IN_COMMAND,
	SESSION_IN_LOGIN, /* a line of SASL */
	SESSION_IN_DATA,
	SESSION_IN_BDAT,
	SESSION_IN_END,
};

/* Says it, counts it when it is an error, and closes after too many. */
void session_say(struct session *s, enum reply_id id, struct buf *out);
void session_say_reply(struct session *s, const struct reply *r,
		       struct buf *out);
/* Says it and closes. */
void session_last(struct session *s, enum reply_id id, struct buf *out);
void session_ask(struct session *s, enum session_want want);
/* Forgets the transaction, and an open message with it. */
void session_reset(struct session *s);
void session_set(char **to, struct str text); /* a copy; the old one is freed */

/* One command line without its end. */
void session_command(struct session *s, struct str line, struct buf *out);
void session_mail_command(struct session *s, struct str rest, struct buf *out);
void session_rcpt_command(struct session *s, struct str rest, struct buf *out);
void session_data_command(struct session *s, struct str rest, struct buf *out);
void session_bdat_command(struct session *s, struct str rest, struct buf *out);
void session_auth_command(struct session *s, struct str rest, struct buf *out);
void session_auth_line(struct session *s, struct str line, struct buf *out);

/* Bytes of a message. SESSION_ON: go on in whatever mode it is now. */
enum session_want session_data_bytes(struct session *s, struct str *in,
				     struct buf *out);
enum session_want session_bdat_bytes(struct session *s, struct str *in,
				     struct buf *out);

/* The caller said yes. */
void session_login_yes(struct session *s, const struct reply *r,
		       struct buf *out);
void session_login_no(struct session *s, const struct reply *r,
		      struct buf *out);
void session_open_yes(struct session *s, struct buf *out);
void session_open_no(struct session *s, const struct reply *r, struct buf *out);
