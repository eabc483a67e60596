#include "data/textpb.h"

#include <string.h>
#include <unistr.h>

enum {
	DEPTH_MAX = 32,
	FIELDS_MAX = 1000000,
	TEXT_MAX = 16 << 20,
};

struct spot {
	int line, column;
};
struct reader {
	struct str rest;
	struct spot at;
	const char *file;
	struct mem *m;
	struct buf bytes; /* of the string that is being read */
	size_t fields;
	struct err *e;
};

__attribute__((format(printf, 3, 4))) static int
wrong(const struct reader *r, struct spot at, const char *fmt, ...)
{
	struct buf text = { .max = 512 };
	va_list ap;

	va_start(ap, fmt);
	buf_vfmt(&text, fmt, ap);
	va_end(ap);
	err_set(r->e, ERR_CONF, "%s:%d:%d: %s", r->file, at.line, at.column,
		buf_c(&text));
	buf_free(&text);
	return -1;
}

static void step(struct reader *r, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)r->rest.at[i];

		if (c == '\n') {
			r->at.line++;
			r->at.column = 1;
		} else if ((c & 0xc0) != 0x80) {
			r->at.column++;
		}
	}
	r->rest.at += n;
	r->rest.n -= n;
}

/* The next byte; -1 at the end. */
static int peek(const struct reader *r)
{
	return r->rest.n ? (unsigned char)*r->rest.at : -1;
}

static bool is_letter(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_word(int c)
{
	return is_letter(c) || (c >= '0' && c <= '9') || c == '.' || c == '+' ||
	       c == '-';
}

static void skip(struct reader *r)
{
	for (int c = peek(r); c >= 0; c = peek(r)) {
		if (c == '#') {
			const char *end = memchr(r->rest.at, '\n', r->rest.n);

			step(r, end ? (size_t)(end - r->rest.at) : r->rest.n);
		} else if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
			step(r, 1);
		} else {
			return;
		}
	}
}

/* Skips, then takes c when it comes next. */
static bool take(struct reader *r, char c)
{
	skip(r);
	if (peek(r) != c)
		return false;
	step(r, 1);
	return true;
}

static int unexpected(const struct reader *r, const char *wanted)
{
	int c = peek(r);

	if (c < 0)
		return wrong(r, r->at, "the text ends where %s should be",
			     wanted);
	if (c > ' ' && c < 0x7f)
		return wrong(r, r->at, "'%c' stands where %s should be", c,
			     wanted);
	return wrong(r, r->at, "the byte 0x%02x stands where %s should be", c,
		     wanted);
}

/* The length of the UTF-8 character at the front; 0: it is none. */
static size_t utf8_length(struct str s)
{
	int n = u8_mblen((const uint8_t *)s.at, s.n);

	return n > 0 ? (size_t)n : 0;
}

static void add_utf8(struct buf *out, uint32_t c)
{
	uint8_t bytes[6];
	int n = u8_uctomb(bytes, c, sizeof(bytes));

	if (n > 0)
		buf_add(out, bytes, (size_t)n);
}

static int digit(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 16;
}

/* Up to `most` digits; how many there were. */
static size_t digits(struct reader *r, int base, size_t most, uint32_t *n)
{
	size_t i = 0;

	for (*n = 0; i < most && digit(peek(r)) < base; i++) {
		*n = *n * (uint32_t)base + (uint32_t)digit(peek(r));
		step(r, 1);
	}
	return i;
}

/* Behind \u or \U; a high surrogate wants its low one as a second \u. */
static int unicode(struct reader *r, struct spot at, size_t length)
{
	uint32_t c, low = 0;

	if (digits(r, 16, length, &c) != length || c > 0x10ffff)
		return wrong(r, at,
			     "\\%c needs %zu hexadecimal digits of a "
			     "character",
			     length == 4 ? 'u' : 'U', length);
	if (c >= 0xd800 && c < 0xe000) {
		bool pair = c < 0xdc00 && r->rest.n > 1 &&
			    r->rest.at[0] == '\\' && r->rest.at[1] == 'u';

		if (pair)
			step(r, 2);
		if (!pair || digits(r, 16, 4, &low) != 4 || low < 0xdc00 ||
		    low > 0xdfff)
			return wrong(r, at, "half a surrogate pair");
		c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
	}
	add_utf8(&r->bytes, c);
	return 0;
}

/* At the character behind a backslash. */
static int escape(struct reader *r, struct spot at)
{
	static const char names[] = "abnrtvf\"'\\?";
	static const char values[] = "\a\b\n\r\t\v\f\"'\\?";
	int c = peek(r);
	const char *found = c > 0 ? strchr(names, c) : NULL;
	uint32_t n;

	if (found) {
		buf_char(&r->bytes, values[found - names]);
		step(r, 1);
		return 0;
	}
	if (c >= '0' && c <= '7') {
		digits(r, 8, 3, &n);
		if (n > 255)
			return wrong(r, at, "this escape is more than a byte");
		buf_char(&r->bytes, (char)n);
		return 0;
	}
	if (c == 'x' || c == 'u' || c == 'U')
		step(r, 1);
	if (c == 'x' && digits(r, 16, 2, &n)) {
		buf_char(&r->bytes, (char)n);
		return 0;
	}
	if (c == 'u' || c == 'U')
		return unicode(r, at, c == 'u' ? 4 : 8);
	return wrong(r, at,
		     "there is no such escape; write \\\\ for a "
		     "backslash");
}

/* One literal, from its quote to the same. */
static int read_literal(struct reader *r)
{
	struct spot start = r->at, at;
	int quote = peek(r);

	step(r, 1);
	for (int c = peek(r); c != quote; c = peek(r)) {
		size_t n = c < 0x80 ? 1 : utf8_length(r->rest);

		at = r->at;
		if (c < 0 || c == '\n')
			return wrong(r, start,
				     "this string has no end on its "
				     "line");
		if (c == '\0' || !n)
			return wrong(r, at,
				     "the byte 0x%02x cannot stand in a "
				     "string; write it \\x%02x",
				     c, c);
		if (c != '\\')
			buf_add(&r->bytes, r->rest.at, n);
		step(r, n);
		if (c == '\\' && escape(r, at))
			return -1;
	}
	step(r, 1);
	return 0;
}

/* Literals that follow one another are one string. */
static int read_string(struct reader *r, struct textpb *f)
{
	buf_clear(&r->bytes);
	for (skip(r); peek(r) == '"' || peek(r) == '\''; skip(r))
		if (read_literal(r))
			return -1;
	f->kind = TEXTPB_STRING;
	f->text.n = r->bytes.n;
	f->text.at = mem_dup(r->m, buf_c(&r->bytes), r->bytes.n);
	return 0;
}

static int read_word(struct reader *r, struct textpb *f)
{
	bool minus = take(r, '-');
	size_t n = 0;

	skip(r);
	while (n < r->rest.n && is_word((unsigned char)r->rest.at[n]))
		n++;
	if (!n || r->rest.at[0] == '-' || r->rest.at[0] == '+')
		return unexpected(r, "a value");
	f->kind = TEXTPB_WORD;
	f->text = (struct str){ r->rest.at, n };
	if (minus)
		f->text = str_of(mem_fmt(r->m, "-%.*s", STR_FMT(f->text)));
	step(r, n);
	return 0;
}

static int read_message(struct reader *r, struct textpb *f, int end, int depth);

static int read_any(struct reader *r, struct textpb *f, int depth)
{
	switch (peek(r)) {
	case '"':
	case '\'':
		return read_string(r, f);
	case '{':
		step(r, 1);
		return read_message(r, f, '}', depth + 1);
	case '<':
		step(r, 1);
		return read_message(r, f, '>', depth + 1);
	default:
		return read_word(r, f);
	}
}

static int read_value(struct reader *r, struct textpb *f, int depth)
{
	skip(r);
	struct str start = r->rest;

	if (read_any(r, f, depth))
		return -1;
	f->value = (struct str){ start.at, start.n - r->rest.n };
	return 0;
}

static int read_name(struct reader *r, const char **name)
{
	size_t n = 0;

	if (peek(r) == '[') {
		while (n < r->rest.n && r->rest.at[n] != ']' &&
		       (is_word((unsigned char)r->rest.at[n]) || n == 0 ||
			r->rest.at[n] == '/'))
			n++;
		if (n < 2 || n == r->rest.n || r->rest.at[n] != ']')
			return unexpected(r, "the name of a field");
		n++;
	} else {
		if (!is_letter(peek(r)))
			return unexpected(r, "the name of a field");
		while (n < r->rest.n &&
		       (is_letter((unsigned char)r->rest.at[n]) ||
			(r->rest.at[n] >= '0' && r->rest.at[n] <= '9')))
			n++;
	}
	*name = mem_dup(r->m, r->rest.at, n);
	step(r, n);
	return 0;
}

/* Where the next field of a message is hung. */
struct chain {
	struct textpb **end;
};

/* NULL: there are too many. */
static struct textpb *add_field(struct reader *r, struct chain *c,
				const char *name, struct spot at)
{
	if (r->fields++ >= FIELDS_MAX) {
		(void)wrong(r, at, "more than %d fields", FIELDS_MAX);
		return NULL;
	}
	struct textpb *f = MEM_NEW(r->m, struct textpb);

	f->name = name;
	f->line = at.line;
	f->column = at.column;
	*c->end = f;
	c->end = &f->next;
	return f;
}

/* Behind the '['. An empty list is no field at all. */
static int read_list(struct reader *r, struct chain *c, const char *name,
		     int depth)
{
	if (take(r, ']'))
		return 0;
	do {
		skip(r);
		if (peek(r) == '[')
			return unexpected(r, "a value");
		struct textpb *f = add_field(r, c, name, r->at);

		if (!f || read_value(r, f, depth))
			return -1;
		f->listed = true;
	} while (take(r, ','));
	return take(r, ']') ? 0 : unexpected(r, "',' or ']'");
}

/* One field, or the several that a list is. */
static int read_field(struct reader *r, struct chain *c, int depth)
{
	struct textpb **first = c->end;
	struct str all = r->rest;
	struct spot at = r->at;
	const char *name = "";

	if (read_name(r, &name))
		return -1;
	bool colon = take(r, ':');

	skip(r);
	if (!colon && peek(r) != '{' && peek(r) != '<')
		return unexpected(r, "':'");
	if (peek(r) == '[') {
		step(r, 1);
		if (read_list(r, c, name, depth))
			return -1;
	} else {
		struct textpb *f = add_field(r, c, name, at);

		if (!f || read_value(r, f, depth))
			return -1;
	}
	/* The blanks up to a comma are the field's, those before another
	 * field are not. */
	all.n -= r->rest.n;
	skip(r);
	if (peek(r) == ',' || peek(r) == ';') {
		step(r, 1);
		all.n = (size_t)(r->rest.at - all.at);
	}
	for (struct textpb *f = *first; f; f = f->next)
		f->source = str_trim(all);
	return 0;
}

static int read_message(struct reader *r, struct textpb *f, int end, int depth)
{
	struct chain c = { &f->child };
	struct spot at = r->at;

	f->kind = TEXTPB_MESSAGE;
	if (depth > DEPTH_MAX)
		return wrong(r, at, "more than %d levels", DEPTH_MAX);
	for (skip(r); peek(r) != end; skip(r)) {
		if (peek(r) < 0)
			return wrong(r, at,
				     "this is closed nowhere: '%c' is "
				     "missing",
				     end);
		if (read_field(r, &c, depth))
			return -1;
	}
	if (end >= 0)
		step(r, 1);
	return 0;
}

int textpb_parse(struct str text, const char *file, struct mem *m,
		 struct textpb **root, struct err *e)
{
	struct reader r = {
		.rest = text,
		.at = { 1, 1 },
		.file = file,
		.m = m,
		.e = e,
	};
	struct textpb *made = MEM_NEW(m, struct textpb);

	*root = NULL;
	if (text.n > TEXT_MAX)
		return err_set(e, ERR_CONF, "%s: more than %d bytes", file,
			       TEXT_MAX);
	*made = (struct textpb){
		.name = "",
		.line = 1,
		.column = 1,
		.source = text,
	};
	int failed = read_message(&r, made, -1, 0);

	buf_wipe(&r.bytes);
	if (!failed)
		*root = made;
	return failed;
}
