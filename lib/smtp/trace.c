#include "smtp/trace.h"

#include <string.h>

void trace_with(const struct trace *t, struct buf *out)
{
	if (!t->esmtp)
		buf_str(out, "SMTP"); /* RFC 3848 has no S or A for HELO */
	else
		buf_str(out, t->utf8 ? "UTF8SMTP" : "ESMTP");
	if (t->esmtp && t->tls)
		buf_char(out, 'S');
	if (t->esmtp && t->login)
		buf_char(out, 'A');
}

void trace_date(time_t t, struct buf *out)
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct tm tm;

	if (!gmtime_r(&t, &tm))
		tm = (struct tm){ .tm_mday = 1, .tm_year = 70, .tm_wday = 4 };
	buf_fmt(out, "%.3s, %02d %.3s %04d %02d:%02d:%02d +0000",
		days + 3 * tm.tm_wday, tm.tm_mday, months + 3 * tm.tm_mon,
		tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/* What a stranger said must not end the field, open a comment or begin a
 * clause of its own. */
static void add_safe(const char *s, bool utf8, struct buf *out)
{
	for (size_t n = 0; *s && n < 255; s++, n++) {
		const unsigned char c = (unsigned char)*s;

		const bool bad = c <= ' ' || c == 0x7f || (c > 0x7f && !utf8) ||
				 strchr("()<>;\\\",@", c);

		buf_char(out, bad ? '?' : (char)c);
	}
}

static void add_peer(const struct trace *t, struct buf *out)
{
	char ip[PEER_TEXT];

	buf_fmt(out, "[%s%s]", t->peer.version == 6 ? "IPv6:" : "",
		peer_text(&t->peer, ip));
}

static void from_part(const struct trace *t, struct buf *out)
{
	buf_str(out, "Received: from ");
	add_safe(t->helo && *t->helo ? t->helo : "unknown", t->utf8, out);
	if (t->hide || !t->peer.version) {
		buf_str(out, "\r\n");
		return;
	}
	buf_str(out, " (");
	if (t->name) {
		add_safe(t->name, t->utf8, out);
		buf_char(out, ' ');
	}
	add_peer(t, out);
	buf_str(out, ")\r\n");
}

static void add_quoted(struct str s, struct buf *out)
{
	if (!s.n)
		buf_str(out, "<>");
	for (size_t i = 0; i < s.n; i++) {
		if (s.at[i] == '"' || s.at[i] == '\\')
			buf_char(out, '\\');
		buf_char(out, s.at[i]);
	}
}

static void chasquid(const struct trace *t, struct buf *out)
{
	from_part(t, out);
	buf_fmt(out, "\tby %s (chasquid) with %s%s%s\r\n", t->host,
		t->esmtp ? "ESMTP" : "SMTP", t->tls ? "S" : "",
		t->login ? "A" : "");
	if (t->tls)
		buf_fmt(out, "\ttls %s\r\n", t->cipher);
	buf_fmt(out, "\t(over %s, ", t->port);
	if (t->tls)
		buf_fmt(out, "%s, ", t->version);
	else
		buf_str(out, "plain text!, ");
	buf_str(out, "envelope from \"");
	add_quoted(t->from, out);
	buf_str(out, "\")\r\n\t; ");
	trace_date(t->now, out);
	buf_str(out, "\r\n");
}

void trace_received(const struct trace *t, struct buf *out)
{
	if (t->style == REPLY_CHASQUID) {
		chasquid(t, out);
		return;
	}
	from_part(t, out);
	buf_fmt(out, "\tby %s with ", t->host);
	trace_with(t, out);
	buf_fmt(out, " id %s", t->id);
	if (t->rcpt.n) {
		buf_str(out, "\r\n\tfor <");
		buf_view(out, t->rcpt);
		buf_char(out, '>');
	}
	if (t->tls)
		buf_fmt(out, "\r\n\ttls %s (%s)", t->cipher, t->version);
	buf_str(out, ";\r\n\t");
	trace_date(t->now, out);
	buf_str(out, "\r\n");
}
