#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "dns/zonefile.h"
#include "dns/zonetext.h"

enum { AT_END = -1 };

static bool is_greater(uint32_t a, uint32_t b)
{
	return a != b && a - b < UINT32_C(1) << 31;
}

static bool is_date(uint32_t serial)
{
	const uint32_t year = serial / 1000000, month = serial / 10000 % 100,
		       day = serial / 100 % 100;
	return year >= 1985 && year <= 2146 && month >= 1 && month <= 12 &&
	       day >= 1 && day <= 31;
}

uint32_t zonetext_serial(uint32_t serial, time_t now)
{
	const uint32_t next = serial + 1 ? serial + 1 : 1;
	struct tm t;
	if (!is_date(serial) || !gmtime_r(&now, &t))
		return next;
	const uint32_t today = (uint32_t)(t.tm_year + 1900) * 1000000 +
			       (uint32_t)(t.tm_mon + 1) * 10000 +
			       (uint32_t)t.tm_mday * 100;
	return is_greater(today, serial) ? today : next;
}

/* One edit at work. */
struct pen {
	const struct zonetext *z;
	const struct records *del, *add;
	uint32_t ttl, serial;
	struct buf *out;
	size_t done; /* of the text */
	const char *eol;
};

static bool goes(const struct pen *p, size_t i)
{
	return p->z->at[i].record.type != 0 &&
	       records_find(p->del, &p->z->at[i].record);
}

static void copy(struct pen *p, size_t to)
{
	if (to <= p->done)
		return;
	buf_add(p->out, p->z->text.at + p->done, to - p->done);
	p->done = to;
}

static void put_name(struct pen *p, const char *name, const char *origin)
{
	if (strcmp(origin, ".") != 0 && record_in_zone(name, origin)) {
		zonefile_name(p->out, name, origin);
		return;
	}
	zonefile_name(p->out, name, ".");
	buf_char(p->out, '.');
}

static void put_line(struct pen *p, const struct record *r, const char *origin)
{
	char type[16];
	if (p->out->n > 0 && p->out->at[p->out->n - 1] != '\n')
		buf_str(p->out, p->eol);
	put_name(p, r->name, origin);
	buf_fmt(p->out, "\t%u\tIN\t%s\t", p->ttl ? p->ttl : r->ttl,
		dnsmsg_type_name(r->type, type));
	zonefile_value(p->out, r);
	buf_str(p->out, p->eol);
}

/* Below the last of its name; but where no $TTL is in force a line in the
 * middle would lend its TTL to those below it. */
static ptrdiff_t place(const struct pen *p, const struct record *r)
{
	for (size_t i = p->z->n; i-- > 0;) {
		const struct zonetext_entry *x = &p->z->at[i];
		if (!goes(p, i) && x->has_default &&
		    strcmp(x->record.name, r->name) == 0)
			return (ptrdiff_t)i;
	}
	return AT_END;
}

static void put_added(struct pen *p, ptrdiff_t at, const char *origin)
{
	for (size_t i = 0; i < p->add->n; i++)
		if (place(p, &p->add->at[i]) == at)
			put_line(p, &p->add->at[i], origin);
}

static void put_kept(struct pen *p, size_t i)
{
	const struct zonetext_entry *x = &p->z->at[i];
	if (i == p->z->soa) {
		copy(p, (size_t)(p->z->serial.at - p->z->text.at));
		buf_fmt(p->out, "%u", p->serial);
		p->done += p->z->serial.n;
	}
	copy(p, x->to);
}

static int write_all(struct pen *p, struct err *e)
{
	const struct zonetext *z = p->z;
	const struct zonetext_entry *gone = NULL; /* whose name others use */
	for (size_t i = 0; i < z->n; i++) {
		const struct zonetext_entry *x = &z->at[i];
		copy(p, x->from);
		if (goes(p, i)) {
			p->done = x->to;
			gone = x->owner.n ? x : gone;
			continue;
		}
		if (x->ttl_of != i && goes(p, x->ttl_of))
			return err_set(e, ERR_CONF,
				       "line %u takes its TTL from line %u, "
				       "which is to go: write a $TTL above "
				       "them",
				       x->line, z->at[x->ttl_of].line);
		if (x->owner.n == 0 && gone)
			put_name(p, gone->record.name, x->origin);
		gone = NULL;
		put_kept(p, i);
		put_added(p, (ptrdiff_t)i, x->origin);
	}
	copy(p, z->text.n);
	put_added(p, AT_END, z->origin);
	return p->out->full ? err_set(e, ERR_SYS, "it gets too large") : 0;
}

static bool is_same(const struct record *a, const struct record *b)
{
	return record_same(a, b) && a->ttl == b->ttl;
}

/* The text read again: the same entries in the same order, those that go
 * left out, those that come in between, and nothing else. */
static int prove(const struct pen *p, struct err *e)
{
	AUTO(mem) struct mem m = { 0 };
	struct zonetext is;
	size_t k = 0, added = 0;
	if (zonetext_parse(buf_get(p->out), p->z->zone, &m, &is, e) < 0)
		return -1;
	for (size_t i = 0; i < is.n; i++) {
		while (k < p->z->n && goes(p, k))
			k++;
		const struct record *x = &is.at[i].record;
		const struct record *old = k < p->z->n ? &p->z->at[k].record :
							 NULL;
		if (old &&
		    (k == p->z->soa ? x->type == DNS_SOA : is_same(x, old)))
			k++;
		else if (records_find(p->add, x))
			added++;
		else
			return err_set(e, ERR_CONF,
				       "line %u would come out as another "
				       "record",
				       is.at[i].line);
	}
	while (k < p->z->n && goes(p, k))
		k++;
	return k == p->z->n && added == p->add->n ?
		       0 :
		       err_set(e, ERR_CONF, "a record would be lost");
}

int zonetext_edit(const struct zonetext *z, const struct records *del,
		  const struct records *add, uint32_t ttl, time_t now,
		  struct buf *out, struct err *e)
{
	uint64_t serial = 0;
	struct pen p = { .z = z,
			 .del = del,
			 .add = add,
			 .ttl = ttl,
			 .out = out,
			 .eol = str_find(z->text, "\r\n") ? "\r\n" : "\n" };
	if (str_num(z->serial, UINT32_MAX, &serial) < 0)
		return err_set(e, ERR_CONF, "the serial is no number");
	p.serial = zonetext_serial((uint32_t)serial, now);
	return write_all(&p, e) < 0 || prove(&p, e) < 0 ? -1 : 0;
}
