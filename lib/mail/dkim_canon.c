/* Canonical forms (RFC 6376 3.4) and what is hashed (3.7). */
#include <string.h>

#include "base/auto.h"
#include "mail/dkim.h"

static bool is_wsp(char c)
{
	return c == ' ' || c == '\t';
}

/* Relaxed: the name in lower case, folds undone, each run of blanks one. */
static void relaxed_field(const struct header_field *f, struct buf *out)
{
	const struct str v = str_trim(f->value);
	bool gap = false;
	for (size_t i = 0; i < f->name.n; i++)
		buf_char(out, str_lower(f->name.at[i]));
	buf_char(out, ':');
	for (size_t i = 0; i < v.n; i++) {
		const char c = v.at[i];
		if (c == '\r' || c == '\n')
			continue;
		if (is_wsp(c)) {
			gap = true;
			continue;
		}
		if (gap)
			buf_char(out, ' ');
		gap = false;
		buf_char(out, c);
	}
	buf_str(out, "\r\n");
}

void dkim_canon_field(enum dkim_canon c, const struct header_field *f,
		      struct buf *out)
{
	if (c == DKIM_RELAXED)
		relaxed_field(f, out);
	else
		buf_view(out, f->raw);
}

/* ---- the body ---- */
struct body {
	struct hash_run *run;
	uint64_t left, all; /* bytes that may still be hashed; that there are */
	size_t empty;       /* empty lines that wait for a line after them */
};

static void put(struct body *b, const char *at, size_t n)
{
	const size_t now = n < b->left ? n : (size_t)b->left;
	hash_add(b->run, (struct str){ at, now });
	b->left -= now;
	b->all += n;
}

/* A line whose blanks are made canonical, in pieces that need no copy. */
static void relaxed_line(struct body *b, struct str line)
{
	for (size_t i = 0; i < line.n;) {
		size_t end = i;
		while (end < line.n && !is_wsp(line.at[end]))
			end++;
		put(b, line.at + i, end - i);
		i = end;
		while (i < line.n && is_wsp(line.at[i]))
			i++;
		if (i > end && i < line.n)
			put(b, " ", 1);
	}
}

static bool only_blanks(struct str line)
{
	for (size_t i = 0; i < line.n; i++)
		if (!is_wsp(line.at[i]))
			return false;
	return true;
}

static void add_line(struct body *b, enum dkim_canon c, struct str line)
{
	if (line.n == 0 || (c == DKIM_RELAXED && only_blanks(line))) {
		b->empty++;
		return;
	}
	for (; b->empty; b->empty--)
		put(b, "\r\n", 2);
	if (c == DKIM_RELAXED)
		relaxed_line(b, line);
	else
		put(b, line.at, line.n);
	put(b, "\r\n", 2);
}

void dkim_body_hash(enum dkim_canon c, struct str body, enum hash h,
		    uint64_t limit, unsigned char out[static HASH_MAX],
		    uint64_t *all)
{
	struct body b = { .run = hash_begin(h), .left = limit };
	struct str line;
	while (str_line(&body, &line))
		add_line(&b, c, line);
	if (b.all == 0 && c == DKIM_SIMPLE)
		put(&b, "\r\n", 2);
	*all = b.all;
	hash_end(b.run, out);
}

/* ---- the header ---- */

/* The field with the value of its b= taken out (3.5). */
static void without_b(const struct header_field *own, struct buf *raw,
		      struct header_field *out)
{
	struct str rest = own->value, tag;
	bool first = true;
	buf_view(raw, (struct str){ own->raw.at,
				    (size_t)(own->value.at - own->raw.at) });
	const size_t start = raw->n;
	while (str_cut(&rest, ';', &tag)) {
		struct str value = tag, name;
		str_cut(&value, '=', &name);
		if (!first)
			buf_char(raw, ';');
		first = false;
		if (str_eq(str_trim(name), "b"))
			buf_view(raw, (struct str){ tag.at, name.n + 1 });
		else
			buf_view(raw, tag);
	}
	*out = (struct header_field){
		.name = own->name,
		.value = { raw->at + start, raw->n - start },
		.raw = buf_get(raw),
	};
}

static size_t seen_before(struct str all, size_t upto, struct str name)
{
	struct str rest = { all.at, upto }, one;
	size_t n = 0;
	while (str_cut(&rest, ':', &one))
		n += str_samei(str_trim(one), name);
	return n;
}

/* Each name takes the next of its fields, from the bottom up (5.4.2). */
static void named_fields(const struct header *h, enum dkim_canon c,
			 struct str names, struct buf *out)
{
	struct str rest = names, name;
	for (;;) {
		const size_t at = (size_t)(rest.at - names.at);
		if (!str_cut(&rest, ':', &name))
			return;
		name = str_trim(name);
		const struct header_field *f =
			header_last(h, name, seen_before(names, at, name));
		if (!f)
			continue;
		dkim_canon_field(c, f, out);
		if (!str_ends(buf_get(out), "\n"))
			buf_str(out, "\r\n");
	}
}

void dkim_head_hash(const struct header *h, enum dkim_canon c, struct str names,
		    const struct header_field *own, enum hash hash,
		    unsigned char out[static HASH_MAX])
{
	AUTO(buf) struct buf all = { 0 }, raw = { 0 }, last = { 0 };
	struct header_field bare;
	named_fields(h, c, names, &all);
	without_b(own, &raw, &bare);
	dkim_canon_field(c, &bare, &last);
	struct str tail = buf_get(&last);
	if (str_ends(tail, "\r\n"))
		tail.n -= 2;
	buf_view(&all, tail);
	hash_of(hash, buf_get(&all), out);
}
