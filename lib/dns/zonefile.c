#include "dns/zonefile.h"

#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "dns/zonefile_parts.h"

enum { UNTOLD_TTL = 3600 };

/* By labels from the right, so that a name stands before those below it. */
static int by_labels(const char *a, const char *b)
{
	size_t i = strlen(a), k = strlen(b);
	while (i > 0 && k > 0) {
		size_t x = i, y = k;
		while (x > 0 && a[x - 1] != '.')
			x--;
		while (y > 0 && b[y - 1] != '.')
			y--;
		const size_t n = i - x < k - y ? i - x : k - y;
		int order = memcmp(a + x, b + y, n);
		if (order == 0)
			order = (i - x > k - y) - (i - x < k - y);
		if (order != 0)
			return order;
		i = x > 0 ? x - 1 : 0;
		k = y > 0 ? y - 1 : 0;
	}
	return (i > 0) - (k > 0);
}

static int type_rank(uint16_t type)
{
	return type == DNS_SOA ? 0 : type == DNS_NS ? 1 : 2 + type;
}

static int by_place(const void *a, const void *b)
{
	const struct record *x = a, *y = b;
	int order = (y->type == DNS_SOA) - (x->type == DNS_SOA);
	if (order == 0)
		order = by_labels(x->name, y->name);
	if (order == 0)
		order = type_rank(x->type) - type_rank(y->type);
	if (order != 0)
		return order;
	const size_t n = x->value.n < y->value.n ? x->value.n : y->value.n;
	if (n > 0)
		order = memcmp(x->value.at, y->value.at, n);
	return order ? order :
		       (x->value.n > y->value.n) - (x->value.n < y->value.n);
}

void zonefile_sort(struct records *r)
{
	size_t n = 0;
	if (r->n > 0)
		qsort(r->at, r->n, sizeof(*r->at), by_place);
	for (size_t i = 0; i < r->n; i++)
		if (n == 0 || !record_same(&r->at[n - 1], &r->at[i]))
			r->at[n++] = r->at[i];
	r->n = n;
}

int zonefile_check(const char *zone, struct record *r, struct mem *m,
		   struct err *e)
{
	AUTO(buf) struct buf wire = { .max = UINT16_MAX };
	struct dns_rr rr = { .name = r->name,
			     .type = r->type,
			     .class = DNS_IN,
			     .ttl = r->ttl,
			     .value = r->value };
	const struct dns_msg out = { .qr = true,
				     .qname = r->name,
				     .qtype = r->type,
				     .qclass = DNS_IN,
				     .answer = &rr,
				     .answer_n = 1 };
	struct dns_msg in;
	if (!str_is_print(str_of(r->name)) || !record_in_zone(r->name, zone))
		return err_set(e, ERR_PERM, "%s is no name of the zone %s",
			       r->name, zone);
	if (dnsmsg_answer(&out, UINT16_MAX, &wire, e) < 0)
		return -1;
	if (dnsmsg_parse(buf_get(&wire), m, &in, e) < 0 || in.answer_n != 1 ||
	    !record_in_zone(in.answer[0].name, zone) ||
	    (r->type != DNS_TXT && !str_is_print(in.answer[0].value)))
		return err_set(e, ERR_PERM,
			       "%s: \"%.*s\" cannot be written in a zone file",
			       r->name, STR_FMT(r->value));
	r->name = in.answer[0].name;
	r->value = in.answer[0].value;
	return 0;
}

/* What would mean something else at the front of a line is escaped. */
void zonefile_name(struct buf *out, const char *name, const char *zone)
{
	const size_t n = strlen(name), z = strlen(zone);
	size_t keep = n;
	if (strcmp(name, zone) == 0) {
		buf_char(out, '@');
		return;
	}
	if (strcmp(zone, ".") != 0)
		keep = n - z - 1;
	for (size_t i = 0; i < keep; i++) {
		if (name[i] == '\\' && i + 1 < keep)
			buf_char(out, name[i++]);
		else if (strchr("\"$@;() ", name[i]))
			buf_char(out, '\\');
		buf_char(out, name[i]);
	}
}

void zonefile_value(struct buf *out, const struct record *r)
{
	if (r->type == DNS_TXT)
		record_quote_txt(out, r->value);
	else
		buf_view(out, r->value);
}

/* A TTL that the provider leaves out is its default, which nobody told. */
static bool lacks_ttl(const struct records *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->at[i].ttl == 0)
			return true;
	return false;
}

void zonefile_print(struct buf *out, const char *zone, const struct records *r)
{
	char type[16];
	buf_fmt(out, "$ORIGIN %s%s\n", zone, strcmp(zone, ".") ? "." : "");
	if (lacks_ttl(r))
		buf_fmt(out, "$TTL %d\n", UNTOLD_TTL);
	for (size_t i = 0; i < r->n; i++) {
		const struct record *x = &r->at[i];
		zonefile_name(out, x->name, zone);
		if (x->ttl > 0)
			buf_fmt(out, "\t%u", x->ttl);
		buf_fmt(out, "\tIN\t%s\t", dnsmsg_type_name(x->type, type));
		zonefile_value(out, x);
		buf_char(out, '\n');
	}
}

void zonefile_comment(struct buf *out, const char *mark, const char *zone,
		      const struct record *r)
{
	char type[16];
	buf_fmt(out, "%s ", mark);
	zonefile_name(out, r->name, zone);
	buf_fmt(out, " %s ", dnsmsg_type_name(r->type, type));
	zonefile_value(out, r);
	buf_char(out, '\n');
}
