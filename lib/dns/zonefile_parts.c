#include "dns/zonefile_parts.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* One character of a quoted field: "\DDD", "\X" or itself. */
static char unescaped(struct str *s)
{
	char c = *s->at;
	size_t n = 1;
	if (c == '\\' && s->n > 3 && is_digit(s->at[1]) && is_digit(s->at[2]) &&
	    is_digit(s->at[3])) {
		c = (char)((s->at[1] - '0') * 100 + (s->at[2] - '0') * 10 +
			   s->at[3] - '0');
		n = 4;
	} else if (c == '\\' && s->n > 1) {
		c = s->at[1];
		n = 2;
	}
	s->at += n;
	s->n -= n;
	return c;
}

static struct str quoted_field(struct str *rest, struct mem *m)
{
	char *text = mem_get(m, rest->n);
	size_t n = 0;
	rest->at++;
	rest->n--;
	while (rest->n > 0 && *rest->at != '"')
		text[n++] = unescaped(rest);
	if (rest->n > 0) {
		rest->at++;
		rest->n--;
	}
	return (struct str){ text, n };
}

size_t zonefile_fields(const struct record *r, struct mem *m,
		       struct str field[ZONEFILE_FIELDS])
{
	struct str rest = str_trim(r->value);
	size_t n = 0;
	for (; rest.n > 0; rest = str_trim(rest)) {
		if (n == ZONEFILE_FIELDS)
			return 0;
		if (*rest.at == '"')
			field[n++] = quoted_field(&rest, m);
		else
			(void)str_word(&rest, &field[n++]);
	}
	return n;
}

/* The character at the front and its length, 0 when it is no UTF-8. */
static size_t decode(struct str s, uint32_t *c)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *at = (const unsigned char *)s.at;
	const size_t n = at[0] < 0x80           ? 1 :
			 (at[0] & 0xe0) == 0xc0 ? 2 :
			 (at[0] & 0xf0) == 0xe0 ? 3 :
			 (at[0] & 0xf8) == 0xf0 ? 4 :
						  0;
	if (n == 0 || n > s.n)
		return 0;
	*c = n == 1 ? at[0] : at[0] & (0x7fu >> n);
	for (size_t i = 1; i < n; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		*c = *c << 6 | (at[i] & 0x3f);
	}
	if (*c < least[n] || *c > 0x10ffff || (*c >= 0xd800 && *c < 0xe000))
		return 0;
	return n;
}

static void put_char(struct buf *out, uint32_t c, enum zonefile_quote how)
{
	if (c == '"' || c == '\\')
		buf_fmt(out, "\\%c", (int)c);
	else if (c >= 0x20 && c <= 0x7e)
		buf_char(out, (char)c);
	else if (c <= 0xffff)
		buf_fmt(out, "\\u%04x", c);
	else if (how == ZONEFILE_YAML)
		buf_fmt(out, "\\U%08x", c);
	else
		buf_fmt(out, "\\u%04x\\u%04x", 0xd800 + ((c - 0x10000) >> 10),
			0xdc00 + ((c - 0x10000) & 0x3ff));
}

bool zonefile_quoted(struct buf *out, struct str s, enum zonefile_quote how)
{
	const size_t before = out->n;
	uint32_t c = 0;
	buf_char(out, '"');
	while (s.n > 0) {
		const size_t n = decode(s, &c);
		if (n == 0) {
			buf_cut(out, before);
			return false;
		}
		put_char(out, c, how);
		s.at += n;
		s.n -= n;
	}
	buf_char(out, '"');
	return true;
}
