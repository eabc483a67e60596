#include "mail/header.h"

#include <string.h>

enum { FIELDS_MAX = 10000 };

/* The next line with its end; false when nothing is left. */
static bool raw_line(struct str *rest, struct str *line)
{
	if (rest->n == 0)
		return false;
	const char *end = memchr(rest->at, '\n', rest->n);
	const size_t n = end ? (size_t)(end - rest->at) + 1 : rest->n;
	*line = (struct str){ rest->at, n };
	rest->at += n;
	rest->n -= n;
	return true;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_empty(struct str line)
{
	return str_eq(line, "\n") || str_eq(line, "\r\n");
}

/* A folded line belongs to the field before. */
static void extend(struct header_field *f, struct str line)
{
	f->raw.n += line.n;
	f->value.n = (size_t)(line.at + line.n - f->value.at);
}

static struct str without_end(struct str s)
{
	if (str_ends(s, "\n"))
		s.n--;
	if (str_ends(s, "\r"))
		s.n--;
	return s;
}

/* Visible ASCII, then blanks as obsolete mail has them (RFC 5322 4.5.8). */
static bool field_of(struct str line, struct header_field *f)
{
	const char *colon = memchr(line.at, ':', line.n);
	size_t n = colon ? (size_t)(colon - line.at) : 0;
	while (n && is_blank(line.at[n - 1]))
		n--;
	for (size_t i = 0; i < n; i++)
		if (line.at[i] < 0x21 || line.at[i] > 0x7e)
			return false;
	if (n == 0)
		return false;
	f->name = (struct str){ line.at, n };
	f->value = (struct str){ colon + 1,
				 (size_t)(line.at + line.n - colon - 1) };
	f->raw = line;
	return true;
}

int header_parse(struct str message, struct mem *m, struct header *out,
		 struct err *e)
{
	struct str rest = message, line;
	unsigned number = 0;
	*out = (struct header){ 0 };
	while (raw_line(&rest, &line) && !is_empty(line)) {
		number++;
		if (is_blank(line.at[0])) {
			if (out->n == 0)
				return err_set(e, ERR_PERM,
					       "line %u: the header begins "
					       "with a continuation",
					       number);
			extend(&out->at[out->n - 1], line);
			continue;
		}
		if (out->n == FIELDS_MAX)
			return err_set(e, ERR_PERM,
				       "more than %d header fields",
				       FIELDS_MAX);
		out->at = mem_more(m, out->at, &out->room, out->n,
				   sizeof(*out->at));
		if (!field_of(line, &out->at[out->n]))
			return err_set(e, ERR_PERM,
				       "line %u: no header field: a name and "
				       "a colon are wanted",
				       number);
		out->n++;
	}
	for (size_t i = 0; i < out->n; i++)
		out->at[i].value = without_end(out->at[i].value);
	out->body = rest;
	return 0;
}

bool header_is(const struct header_field *f, const char *name)
{
	return str_eqi(f->name, name);
}

const struct header_field *header_last(const struct header *h, struct str name,
				       size_t nth)
{
	for (size_t i = h->n; i > 0; i--)
		if (str_samei(h->at[i - 1].name, name) && nth-- == 0)
			return &h->at[i - 1];
	return NULL;
}
