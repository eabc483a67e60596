/* DATA (RFC 5321 4.1.1.4) and BDAT (RFC 3030 2): the bytes of a message. */
#include <string.h>

#include "smtp/session_parts.h"

enum { NOISE = 4 }; /* this many times the limit is read away, not more */

static void open_message(struct session *s)
{
	s->data = (struct data){ .counted = s->mode == SESSION_IN_BDAT };
	s->data_since = s->now;
	s->open = true;
}

/* The caller forgets what he has; the rest of the message is read away. */
static void spoil(struct session *s)
{
	s->dropped = s->dropped || s->open;
	s->open = false;
}

static bool passes(const struct session *s, uint64_t n, uint64_t times)
{
	return s->conf->size_max && n / times > s->conf->size_max;
}

static bool is_spoiled(const struct session *s)
{
	const unsigned longest = s->conf->data_line_max;

	return s->too_big || s->bad ||
	       (s->data.nul && s->conf->style != REPLY_CHASQUID) ||
	       (longest && s->data.longest > longest);
}

static enum reply_id why(const struct session *s)
{
	if (s->too_big)
		return REPLY_TOO_BIG;
	if (s->bad)
		return REPLY_BDAT_END;
	if (s->data.nul && s->conf->style != REPLY_CHASQUID)
		return REPLY_DATA_NUL;
	return REPLY_DATA_LINE;
}

/* A chunk is the caller's when the message is still good. */
static enum session_want give(struct session *s, struct str chunk)
{
	s->since = s->now;
	s->too_big = s->too_big || passes(s, s->data.n, 1);
	if (is_spoiled(s)) {
		spoil(s);
		return SESSION_ON;
	}
	s->mail->bytes += chunk.n;
	s->mail->high = s->data.high;
	s->mail->longest = s->data.longest;
	s->chunk = chunk;
	return SESSION_BYTES;
}

static void ask_commit(struct session *s)
{
	s->mode = SESSION_IN_COMMAND;
	s->open = false; /* it is in the caller's hands now */
	session_ask(s, SESSION_COMMIT);
}

/* ---- DATA ---- */
void session_data_command(struct session *s, struct str rest, struct buf *out)
{
	if (rest.n)
		session_say(s, REPLY_ARGUMENT, out);
	else if (s->open || s->failed)
		session_say(s, REPLY_DATA_IN_BDAT, out);
	else
		session_ask(s, SESSION_OPEN);
}

static void end_data(struct session *s, struct buf *out)
{
	s->since = s->now;
	s->mode = SESSION_IN_COMMAND;
	if (!is_spoiled(s)) {
		ask_commit(s);
		return;
	}
	const enum reply_id id = why(s);

	session_reset(s);
	session_say(s, id, out);
}

enum session_want session_data_bytes(struct session *s, struct str *in,
				     struct buf *out)
{
	struct str chunk;

	switch (data_scan(&s->data, in, &chunk)) {
	case DATA_CHUNK:
		if (!passes(s, s->data.n, NOISE))
			return give(s, chunk);
		session_last(s, REPLY_TOO_BIG, out);
		return SESSION_ON;
	case DATA_END:
		end_data(s, out);
		return SESSION_ON;
	case DATA_BAD:
		/* Where the message ends is now anybody's guess. */
		session_last(s, REPLY_DATA_END, out);
		return SESSION_ON;
	default:
		return SESSION_MORE;
	}
}

/* ---- BDAT ---- */
static bool size_and_last(struct session *s, struct str rest)
{
	struct str word;

	if (!str_word(&rest, &word) || word.n > 20 ||
	    str_num(word, UINT64_MAX, &s->left) < 0)
		return false;
	s->last = str_word(&rest, &word);
	return !s->last || (str_eqi(word, "LAST") && !str_trim(rest).n);
}

/* The bytes follow whatever the answer is, so they are read in any case; only
 * a number that cannot be meant ends it. */
void session_bdat_command(struct session *s, struct str rest, struct buf *out)
{
	if (!size_and_last(s, rest) || passes(s, s->left, NOISE)) {
		session_last(s, REPLY_BDAT_SYNTAX, out);
		return;
	}
	const bool first = !s->open && !s->failed;

	s->mode = SESSION_IN_BDAT;
	if (first && s->mail && s->mail->n)
		session_ask(s, SESSION_OPEN);
	else if (first)
		s->failed = true;
}

static enum reply_id bdat_failed(const struct session *s)
{
	if (!s->helo)
		return REPLY_HELLO_FIRST;
	if (!s->mail)
		return REPLY_SENDER_FIRST;
	return s->mail->n ? REPLY_BDAT_AFTER : REPLY_RCPT_FIRST;
}

/* One reply a command: what the caller said was the one of this part. */
static void end_failed(struct session *s, struct buf *out)
{
	const enum reply_id id = bdat_failed(s);
	const bool quiet = s->quiet;

	s->quiet = false;
	if (!s->mail || !s->mail->n)
		s->failed = false;
	else if (s->last)
		session_reset(s);
	if (!quiet)
		session_say(s, id, out);
}

static void end_part(struct session *s, struct buf *out)
{
	s->since = s->now;
	s->mode = SESSION_IN_COMMAND;
	if (s->failed) {
		end_failed(s, out);
	} else if (is_spoiled(s)) {
		const enum reply_id id = why(s);

		if (s->last)
			session_reset(s);
		else
			s->failed = true;
		session_say(s, id, out);
	} else if (s->last) {
		ask_commit(s);
	} else {
		buf_str(out, "250 2.0.0 Go on\r\n");
	}
}

/* A last line without its end is given one, since the message goes on by DATA
 * to others; the place tells that it was done. */
static enum session_want last_line(struct session *s)
{
	const unsigned char place = s->data.place;

	s->data.place = DATA_LINE;
	s->bad = s->bad || place == DATA_CR;
	if (s->bad)
		spoil(s);
	if (place != DATA_TEXT || is_spoiled(s))
		return SESSION_ON;
	return give(s, STR_LIT("\r\n"));
}

static enum session_want part_done(struct session *s, struct buf *out)
{
	if (s->last && !s->failed && s->data.place != DATA_LINE)
		return last_line(s);
	end_part(s, out);
	return SESSION_ON;
}

enum session_want session_bdat_bytes(struct session *s, struct str *in,
				     struct buf *out)
{
	if (!s->left)
		return part_done(s, out);
	if (!in->n)
		return SESSION_MORE;
	struct str part = { in->at, in->n < s->left ? in->n : s->left }, chunk;
	const size_t n = part.n;

	*in = (struct str){ in->at + n, in->n - n };
	s->left -= n;
	s->since = s->now;
	if (s->failed || s->bad)
		return SESSION_ON;
	if (data_scan(&s->data, &part, &chunk) == DATA_CHUNK)
		return give(s, chunk);
	s->bad = true;
	spoil(s);
	return SESSION_ON;
}

/* ---- may a message be opened ---- */
void session_open_yes(struct session *s, struct buf *out)
{
	open_message(s);
	if (s->mode == SESSION_IN_BDAT)
		return;
	s->mode = SESSION_IN_DATA;
	session_say(s, REPLY_DATA_GO, out);
}

/* A part of BDAT is read before its answer, which is then the caller's no. */
void session_open_no(struct session *s, const struct reply *r, struct buf *out)
{
	if (s->mode == SESSION_IN_BDAT)
		s->failed = s->quiet = true;
	else
		session_reset(s);
	session_say_reply(s, r, out);
}
