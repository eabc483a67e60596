#include "dns/record.h"

#include <string.h>

enum { STRING_MAX = 255 };

struct record *records_add(struct records *r, struct mem *m,
			   const struct record *x)
{
	r->at = mem_more(m, r->at, &r->room, r->n, sizeof(*r->at));
	struct record *out = &r->at[r->n++];
	*out = (struct record){
		.name = mem_str(m, x->name),
		.type = x->type,
		.ttl = x->ttl,
		.value = { mem_dup(m, x->value.at, x->value.n), x->value.n },
		.id = mem_str(m, x->id),
	};
	return out;
}

bool record_same(const struct record *a, const struct record *b)
{
	return a->type == b->type && strcmp(a->name, b->name) == 0 &&
	       str_same(a->value, b->value);
}

const struct record *records_find(const struct records *r,
				  const struct record *x)
{
	for (size_t i = 0; i < r->n; i++)
		if (record_same(&r->at[i], x))
			return &r->at[i];
	return NULL;
}

/* Blanks, and a tag list's final semicolon, say nothing. */
static bool skip_blank(struct str *s)
{
	const size_t n = s->n;
	while (s->n && (*s->at == ' ' || *s->at == '\t')) {
		s->at++;
		s->n--;
	}
	return s->n != n;
}

static bool spf_alike(struct str a, struct str b)
{
	struct str x, y;
	for (;;) {
		const bool more = str_word(&a, &x);
		if (str_word(&b, &y) != more)
			return false;
		if (!more)
			return true;
		if (!str_samei(x, y))
			return false;
	}
}

static bool text_alike(struct str a, struct str b)
{
	for (;;) {
		skip_blank(&a);
		skip_blank(&b);
		if (!a.n || !b.n)
			return a.n == b.n;
		if (*a.at != *b.at)
			return false;
		a = (struct str){ a.at + 1, a.n - 1 };
		b = (struct str){ b.at + 1, b.n - 1 };
	}
}

/* The next tag that is not empty. */
static bool next_tag(struct str *s, struct str *tag)
{
	while (str_cut(s, ';', tag)) {
		*tag = str_trim(*tag);
		if (tag->n)
			return true;
	}
	return false;
}

static bool tags_alike(struct str a, struct str b)
{
	struct str x, y;
	for (;;) {
		const bool more = next_tag(&a, &x);
		if (next_tag(&b, &y) != more)
			return false;
		if (!more)
			return true;
		if (!text_alike(x, y))
			return false;
	}
}

static bool is_tags(struct str v)
{
	static const char *const versions[] = { "DKIM1", "DMARC1", "STSv1",
						"TLSRPTv1", "UAAC1" };
	struct str tag, name;
	if (!next_tag(&v, &tag) || !str_cut(&tag, '=', &name) ||
	    !str_eq(str_trim(name), "v"))
		return false;
	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++)
		if (str_eq(str_trim(tag), versions[i]))
			return true;
	return false;
}

bool record_alike(const struct record *a, const struct record *b)
{
	if (a->type != b->type || strcmp(a->name, b->name) != 0)
		return false;
	if (str_same(a->value, b->value))
		return true;
	if (a->type == DNS_CAA)
		return false; /* its values have a case */
	if (a->type != DNS_TXT)
		return str_samei(a->value, b->value);
	if (str_starts_i(a->value, "v=spf1"))
		return spf_alike(a->value, b->value);
	return is_tags(a->value) && tags_alike(a->value, b->value);
}

const struct record *records_find_alike(const struct records *r,
					const struct record *x)
{
	for (size_t i = 0; i < r->n; i++)
		if (record_alike(&r->at[i], x))
			return &r->at[i];
	return NULL;
}

bool record_in_zone(const char *name, const char *zone)
{
	size_t n = strlen(name), z = strlen(zone);
	if (strcmp(zone, ".") == 0)
		return true;
	if (n < z || strcmp(name + n - z, zone) != 0)
		return false;
	return n == z || name[n - z - 1] == '.';
}

int record_check_zone(const char *zone, struct err *e)
{
	const struct str z = str_of(zone);
	if (z.n == 0 || z.n > 253 || *zone == '.' || str_find(z, "/") ||
	    !str_is_print(z))
		return err_set(e, ERR_PERM, "\"%s\" is no name of a zone",
			       zone);
	return 0;
}

void record_quote(struct buf *out, struct str s)
{
	buf_char(out, '"');
	for (size_t i = 0; i < s.n; i++) {
		const unsigned char c = (unsigned char)s.at[i];
		if (c == '"' || c == '\\')
			buf_fmt(out, "\\%c", c);
		else if (c < 0x20 || c > 0x7e)
			buf_fmt(out, "\\%03u", c);
		else
			buf_char(out, (char)c);
	}
	buf_char(out, '"');
}

void record_quote_txt(struct buf *out, struct str value)
{
	do {
		const size_t n = value.n < STRING_MAX ? value.n : STRING_MAX;
		record_quote(out, (struct str){ value.at, n });
		value.at += n;
		value.n -= n;
		if (value.n > 0)
			buf_char(out, ' ');
	} while (value.n > 0);
}
