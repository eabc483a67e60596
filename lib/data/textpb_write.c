#include "data/textpb.h"

#include <inttypes.h>
#include <unistr.h>

static void indent(struct buf *out, int level)
{
	for (int i = 0; i < level; i++)
		buf_str(out, "  ");
}

/* A byte that begins no UTF-8, and a character that is written by name. */
static void add_byte(struct buf *out, unsigned char c)
{
	static const struct {
		char byte;
		const char *text;
	} names[] = { { '"', "\\\"" },
		      { '\\', "\\\\" },
		      { '\n', "\\n" },
		      { '\r', "\\r" },
		      { '\t', "\\t" } };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if ((unsigned char)names[i].byte == c) {
			buf_str(out, names[i].text);
			return;
		}
	if (c < ' ' || c >= 0x7f)
		buf_fmt(out, "\\x%02x", c);
	else
		buf_char(out, (char)c);
}

/* Go's choice of what is escaped: a file stays the same whoever writes it. */
static void add_quoted(struct buf *out, struct str s)
{
	buf_char(out, '"');
	while (s.n) {
		ucs4_t c = 0;
		int n = u8_mbtoucr(&c, (const uint8_t *)s.at, s.n);

		if (n <= 1) {
			n = 1;
			add_byte(out, (unsigned char)*s.at);
		} else if (c <= 0x9f) {
			buf_fmt(out, "\\u%04" PRIx32, (uint32_t)c);
		} else {
			buf_add(out, s.at, (size_t)n);
		}
		s.at += n;
		s.n -= (size_t)n;
	}
	buf_char(out, '"');
}

void textpb_add_text(struct buf *out, int level, const char *name,
		     struct str value)
{
	indent(out, level);
	buf_fmt(out, "%s: ", name);
	add_quoted(out, value);
	buf_char(out, '\n');
}

void textpb_add_word(struct buf *out, int level, const char *name,
		     const char *word)
{
	indent(out, level);
	buf_fmt(out, "%s: %s\n", name, word);
}

void textpb_add_number(struct buf *out, int level, const char *name, int64_t n)
{
	indent(out, level);
	buf_fmt(out, "%s: %" PRId64 "\n", name, n);
}

void textpb_open(struct buf *out, int level, const char *name)
{
	indent(out, level);
	buf_fmt(out, "%s: {\n", name);
}

void textpb_close(struct buf *out, int level)
{
	indent(out, level);
	buf_str(out, "}\n");
}
