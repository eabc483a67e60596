#include "data/textpb.h"

#include <string.h>
#include <unistr.h>

/* Of a name in a complaint; a third of it may be mistyped. */
enum { WORD_MAX = 40 };

__attribute__((format(printf, 4, 5))) static int wrong(const struct textpb *f,
						       const char *file,
						       struct err *e,
						       const char *fmt, ...)
{
	struct buf text = { .max = 512 };
	va_list ap;

	va_start(ap, fmt);
	buf_vfmt(&text, fmt, ap);
	va_end(ap);
	err_set(e, ERR_CONF, "%s:%d:%d: %s", file, f->line, f->column,
		buf_c(&text));
	buf_free(&text);
	return -1;
}

static const struct textpb_row *find(const struct textpb_rows *rows,
				     const char *name)
{
	for (size_t i = 0; i < rows->n; i++)
		if (strcmp(rows->at[i].name, name) == 0)
			return &rows->at[i];
	return NULL;
}

static int unknown(const struct textpb *f, const struct textpb_rows *rows,
		   const char *file, struct err *e)
{
	struct str name = str_of(f->name);
	unsigned best = (unsigned)(name.n < WORD_MAX ? name.n : WORD_MAX) / 3;
	const char *near = NULL;

	for (size_t i = 0; i < rows->n; i++) {
		unsigned d = str_distance(name, str_of(rows->at[i].name), best);

		if (d <= best && (!near || d < best)) {
			near = rows->at[i].name;
			best = d;
		}
	}
	return wrong(f, file, e, "unknown field: %.*s%s%s%s",
		     (int)(name.n < WORD_MAX ? name.n : WORD_MAX), f->name,
		     near ? "; did you mean \"" : "", near ? near : "",
		     near ? "\"?" : "");
}

/* Decimal, 0x hexadecimal or 0 octal, as in C. False: no such number, or more
 * than max. */
static bool unsigned_number(struct str s, uint64_t max, uint64_t *out)
{
	uint64_t base = 10, n = 0;

	if (s.n > 1 && s.at[0] == '0') {
		base = str_starts_i(s, "0x") ? 16 : 8;
		size_t front = base == 16 ? 2 : 1;

		s.at += front;
		s.n -= front;
	}
	for (size_t i = 0; i < s.n; i++) {
		char c = str_lower(s.at[i]);
		uint64_t d = c >= '0' && c <= '9' ? (uint64_t)(c - '0') :
			     c >= 'a' && c <= 'f' ? (uint64_t)(c - 'a') + 10 :
						    99;

		if (d >= base || d > max || n > (max - d) / base)
			return false;
		n = n * base + d;
	}
	*out = n;
	return s.n > 0;
}

/* -0 is 0; the lowest number is one further from 0 than the highest. */
static bool signed_number(struct str s, int64_t min, int64_t max, int64_t *out)
{
	bool minus = str_starts(s, "-");
	uint64_t n, limit = minus ? 0 - (uint64_t)min : (uint64_t)max;

	if (minus) {
		s.at++;
		s.n--;
	}
	if (!unsigned_number(s, limit, &n))
		return false;
	*out = (int64_t)(minus ? 0 - n : n);
	return true;
}

static bool truth(struct str s, int64_t *out)
{
	static const char *const words[] = { "false", "False", "f",
					     "true",  "True",  "t" };
	uint64_t n;

	for (size_t i = 0; i < 6; i++)
		if (str_eq(s, words[i])) {
			*out = i > 2;
			return true;
		}
	if (!unsigned_number(s, 1, &n))
		return false;
	*out = (int64_t)n;
	return true;
}

static bool word_of(struct str s, const char *words, int64_t *out)
{
	struct str rest = str_of(words), word;

	for (int64_t i = 0; str_word(&rest, &word); i++)
		if (str_same(s, word)) {
			*out = i;
			return true;
		}
	return signed_number(s, INT32_MIN, INT32_MAX, out);
}

static bool is_utf8(struct str s)
{
	return !u8_check((const uint8_t *)s.at, s.n);
}

static bool fits(struct textpb *f, const struct textpb_row *row)
{
	struct str s = f->text;
	int64_t *n = &f->number;

	switch (row->type) {
	case TEXTPB_TEXT:
		return f->kind == TEXTPB_STRING && is_utf8(s);
	case TEXTPB_BYTES:
		return f->kind == TEXTPB_STRING;
	case TEXTPB_INSIDE:
		return f->kind == TEXTPB_MESSAGE;
	default:
		break;
	}
	if (f->kind != TEXTPB_WORD)
		return false;
	switch (row->type) {
	case TEXTPB_BOOL:
		return truth(s, n);
	case TEXTPB_INT32:
		return signed_number(s, INT32_MIN, INT32_MAX, n);
	case TEXTPB_UINT32:
		return signed_number(s, 0, UINT32_MAX, n);
	case TEXTPB_INT64:
		return signed_number(s, INT64_MIN, INT64_MAX, n);
	case TEXTPB_UINT64:
		return signed_number(s, 0, INT64_MAX, n);
	default:
		return word_of(s, row->words, n);
	}
}

static int check_field(struct textpb *f, const struct textpb_row *row,
		       const char *file, struct err *e)
{
	static const char *const wanted[] = {
		[TEXTPB_TEXT] = "text in quotes, in UTF-8",
		[TEXTPB_BYTES] = "text in quotes",
		[TEXTPB_BOOL] = "true or false",
		[TEXTPB_INT32] = "a number up to 2147483647",
		[TEXTPB_INT64] = "a number",
		[TEXTPB_UINT32] = "a number from 0 to 4294967295",
		[TEXTPB_UINT64] = "a number from 0 up",
		[TEXTPB_ENUM] = "one of",
		[TEXTPB_INSIDE] = "fields in braces",
	};

	if (f->listed && !row->many)
		return wrong(f, file, e, "%s takes one value, not a list",
			     row->name);
	if (!fits(f, row))
		return wrong(f, file, e, "%s must be %s%s%s", row->name,
			     wanted[row->type], row->words ? ": " : "",
			     row->words ? row->words : "");
	return 0;
}

static bool stands_before(const struct textpb *msg, const struct textpb *f)
{
	for (const struct textpb *o = msg->child; o != f; o = o->next)
		if (strcmp(o->name, f->name) == 0)
			return true;
	return false;
}

int textpb_check(const struct textpb *msg, const struct textpb_rows *rows,
		 const char *file, enum textpb_strange how, struct err *e)
{
	for (struct textpb *f = msg->child; f; f = f->next) {
		const struct textpb_row *row = find(rows, f->name);

		if (!row && how == TEXTPB_ALLOW)
			continue;
		if (!row)
			return unknown(f, rows, file, e);
		if (!row->many && stands_before(msg, f))
			return wrong(f, file, e, "%s stands here twice",
				     row->name);
		if (check_field(f, row, file, e) ||
		    (row->inside && textpb_check(f, row->inside, file, how, e)))
			return -1;
	}
	return 0;
}

const struct textpb *textpb_get(const struct textpb *msg, const char *name)
{
	const struct textpb *found = NULL;

	for (const struct textpb *f = msg->child; f; f = f->next)
		if (strcmp(f->name, name) == 0)
			found = f;
	return found;
}
