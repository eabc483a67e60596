/* Another server's replies: "250-first" ... "250 last". */
#include <string.h>

#include "smtp/reply.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* RFC 5321 4.2.1: a code begins with 2 to 5. A peer that sends "250" alone, or
 * other digits behind, is understood. */
static int code_of(struct str line, unsigned *code)
{
	if (line.n < 3 || line.at[0] < '2' || line.at[0] > '5' ||
	    !is_digit(line.at[1]) || !is_digit(line.at[2]))
		return -1;
	if (line.n > 3 && line.at[3] != ' ' && line.at[3] != '-')
		return -1;
	*code = (unsigned)(line.at[0] - '0') * 100 +
		(unsigned)(line.at[1] - '0') * 10 +
		(unsigned)(line.at[2] - '0');
	return 0;
}

static size_t digits(struct str s, size_t from, size_t most)
{
	size_t n = 0;

	while (n < most && from + n < s.n && is_digit(s.at[from + n]))
		n++;
	return n;
}

/* The length of "5.1.10" at the front, of the code's class (RFC 2034 4); 0:
 * there is none. */
static size_t status_of(struct str text, unsigned code)
{
	if (text.n < 5 || text.at[0] != (char)('0' + code / 100) ||
	    text.at[1] != '.')
		return 0;
	const size_t subject = digits(text, 2, 3), dot = 2 + subject;

	if (!subject || dot >= text.n || text.at[dot] != '.')
		return 0;
	const size_t detail = digits(text, dot + 1, 3), n = dot + 1 + detail;

	return detail && (n == text.n || text.at[n] == ' ') ? n : 0;
}

/* Lines after the first carry the same status again; other digits are text. */
static void take_text(struct reply_got *g, struct str text)
{
	const size_t n = status_of(text, g->code);

	if (n && g->lines == 0) {
		memcpy(g->status, text.at, n);
		g->status[n] = '\0';
	}
	if (n && str_eq((struct str){ text.at, n }, g->status)) {
		text.at += n;
		text.n -= n;
		if (text.n)
			text = (struct str){ text.at + 1, text.n - 1 };
	}
	if (g->lines)
		buf_char(&g->text, '\n');
	for (size_t i = 0; i < text.n; i++) {
		const unsigned char c = (unsigned char)text.at[i];
		buf_char(&g->text, c < 0x20 || c == 0x7f ? ' ' : (char)c);
	}
}

static void begin(struct reply_got *g)
{
	g->text.max = REPLY_BYTES;
	buf_clear(&g->text);
	g->status[0] = '\0';
	g->code = 0;
	g->lines = 0;
	g->whole = false;
}

int reply_line(struct reply_got *g, struct str line, struct err *e)
{
	unsigned code;

	if (g->whole || g->lines == 0)
		begin(g);
	if (code_of(line, &code) < 0)
		return err_set(
			e, ERR_PERM,
			"\"%.*s\" is no SMTP reply: is it a mail server?",
			(int)(line.n < 80 ? line.n : 80), line.at);
	if (g->lines && code != g->code)
		return err_set(
			e, ERR_PERM,
			"a reply of several lines began with %u and goes "
			"on with %u",
			g->code, code);
	if (g->lines == REPLY_LINES)
		return err_set(e, ERR_PERM,
			       "a reply of more than %d lines is not read",
			       REPLY_LINES);
	g->code = code;
	take_text(g, line.n > 4 ? (struct str){ line.at + 4, line.n - 4 } :
				  (struct str){ "", 0 });
	g->lines++;
	g->whole = line.n < 4 || line.at[3] == ' ';
	return 0;
}

void reply_free(struct reply_got *g)
{
	buf_free(&g->text);
	*g = (struct reply_got){ 0 };
}

void reply_show(const struct reply_got *g, struct buf *out)
{
	const struct str text = buf_get(&g->text);

	buf_fmt(out, "%u", g->code);
	if (g->status[0])
		buf_fmt(out, " %s", g->status);
	if (text.n)
		buf_char(out, ' ');
	for (size_t i = 0; i < text.n; i++)
		buf_char(out, text.at[i] == '\n' ? ' ' : text.at[i]);
}
