#include "net/http_link.h"

#include <string.h>

static void skip(struct str *s, size_t n)
{
	s->at += n;
	s->n -= n;
}

static bool is_one_of(char c, const char *set)
{
	return c != '\0' && strchr(set, c);
}

static void skip_any(struct str *s, const char *set)
{
	while (s->n > 0 && is_one_of(s->at[0], set))
		skip(s, 1);
}

/* Up to one of `set`, which stays. */
static struct str take_until(struct str *s, const char *set)
{
	struct str out = { s->at, 0 };

	while (s->n > 0 && !is_one_of(s->at[0], set)) {
		out.n++;
		skip(s, 1);
	}
	return out;
}

/* The inside of a quoted string; its backslashes stay. */
static struct str take_quoted(struct str *s)
{
	skip(s, 1);
	struct str out = { s->at, 0 };
	while (s->n > 0 && s->at[0] != '"') {
		size_t n = s->at[0] == '\\' && s->n > 1 ? 2 : 1;
		out.n += n;
		skip(s, n);
	}
	if (s->n > 0)
		skip(s, 1);
	return out;
}

bool http_link_next(struct str *value, struct http_link *out)
{
	*out = (struct http_link){ 0 };
	skip_any(value, " \t,");
	if (value->n == 0 || value->at[0] != '<')
		return false;
	skip(value, 1);
	out->target = take_until(value, ">");
	if (value->n == 0)
		return false;
	skip(value, 1);
	for (;;) {
		/* RFC 8288 3.3: only the first rel of a link counts. */
		(void)take_until(value, ";,");
		if (value->n == 0 || value->at[0] == ',')
			return true;
		skip_any(value, "; \t");
		struct str name = str_trim(take_until(value, "=;,"));
		struct str text = { 0 };
		if (value->n > 0 && value->at[0] == '=') {
			skip(value, 1);
			skip_any(value, " \t");
			text = value->n > 0 && value->at[0] == '"' ?
				       take_quoted(value) :
				       take_until(value, ";, \t");
		}
		if (str_eqi(name, "rel") && !out->rels.at)
			out->rels = text;
		if (str_eqi(name, "anchor"))
			out->anchored = true;
	}
}
