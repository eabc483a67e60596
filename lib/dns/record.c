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
