/* What the zones have. */
#include <stdlib.h>
#include <string.h>

#include "mail/want_parts.h"

/* Names from their end, dots before all else: what stands below a name comes
 * right after it. */
static int by_end(const char *a, const char *b)
{
	size_t n = strlen(a), k = strlen(b);
	while (n && k && a[n - 1] == b[k - 1]) {
		n--;
		k--;
	}
	if (!n || !k)
		return (n > 0) - (k > 0);
	const int x = a[n - 1] == '.' ? 0 : (unsigned char)a[n - 1];
	const int y = b[k - 1] == '.' ? 0 : (unsigned char)b[k - 1];
	return x - y;
}

/* Alike ones in the order that they had. */
static int by_name(const void *a, const void *b)
{
	const struct want_named *x = a, *y = b;
	const int c = by_end(x->name, y->name);
	const char *p = x->what, *q = y->what;
	return c ? c : (p > q) - (p < q);
}

static void sort(struct want_names *x)
{
	qsort(x->at, x->n, sizeof(*x->at), by_name);
}

static void index_zone(struct want_run *r, const struct want_zone *z,
		       struct want_index *x)
{
	const size_t n = z->live->n, ours = z->ours ? z->ours->n : 0;
	x->live.at = mem_array(r->m, n + 1, sizeof(*x->live.at));
	x->live.n = n;
	x->ours.at = mem_array(r->m, ours + 1, sizeof(*x->ours.at));
	x->ours.n = ours;
	for (size_t i = 0; i < n; i++) {
		const struct record *rr = &z->live->at[i];
		x->live.at[i] = (struct want_named){ rr->name, rr };
		if (rr->type == DNS_NS && strcmp(rr->name, z->name) != 0)
			conf_list_add(&x->cuts, r->m, rr->name);
	}
	for (size_t i = 0; i < ours; i++) {
		const struct journal_entry *e = &z->ours->at[i];
		x->ours.at[i] = (struct want_named){ e->record.name, e };
	}
	sort(&x->live);
	sort(&x->ours);
}

void want_index(struct want_run *r)
{
	r->index = mem_array(r->m, r->w->zones_n + 1, sizeof(*r->index));
	for (size_t i = 0; i < r->w->zones_n; i++)
		index_zone(r, &r->w->zones[i], &r->index[i]);
}

/* A name server record at the name, or above it and below the zone's top. */
static bool is_given_away(const struct want_index *x, const char *name)
{
	for (size_t i = 0; i < x->cuts.n; i++)
		if (record_in_zone(name, x->cuts.at[i]))
			return true;
	return false;
}

static const struct want_index *index_of(const struct want_run *r,
					 const char *name)
{
	size_t best = r->w->zones_n;
	for (size_t i = 0; i < r->w->zones_n; i++) {
		const char *zone = r->w->zones[i].name;
		if (record_in_zone(name, zone) &&
		    (best == r->w->zones_n ||
		     strlen(zone) > strlen(r->w->zones[best].name)))
			best = i;
	}
	return best < r->w->zones_n && !is_given_away(&r->index[best], name) ?
		       &r->index[best] :
		       NULL;
}

const struct want_zone *want_zone_of(const struct want_run *r, const char *name)
{
	const struct want_index *x = index_of(r, name);
	return x ? &r->w->zones[x - r->index] : NULL;
}

/* The first that is not before the name. */
static size_t lower(const struct want_names *x, const char *name)
{
	size_t from = 0, to = x->n;
	while (from < to) {
		const size_t mid = from + (to - from) / 2;
		if (by_end(x->at[mid].name, name) < 0)
			from = mid + 1;
		else
			to = mid;
	}
	return from;
}

/* What has the name, one a call. */
static const void *next(const struct want_names *x, const char *name,
			size_t *at)
{
	const size_t i = lower(x, name) + *at;
	if (i >= x->n || strcmp(x->at[i].name, name) != 0)
		return NULL;
	++*at;
	return x->at[i].what;
}

const struct record *want_live(const struct want_run *r, const char *name,
			       uint16_t type, size_t *at)
{
	const struct want_index *x = index_of(r, name);
	const struct record *rr;
	while (x && (rr = next(&x->live, name, at)))
		if (type == DNS_ANY || rr->type == type)
			return rr;
	return NULL;
}

bool want_exists(const struct want_run *r, const char *name)
{
	const struct want_index *x = index_of(r, name);
	const size_t at = x ? lower(&x->live, name) : 0;
	return x && at < x->live.n && record_in_zone(x->live.at[at].name, name);
}

const struct journal_entry *want_ours(const struct want_run *r,
				      const struct record *rr)
{
	const struct want_index *x = index_of(r, rr->name);
	const struct journal_entry *e;
	size_t at = 0;
	while (x && (e = next(&x->ours, rr->name, &at)))
		if (record_alike(&e->record, rr))
			return e;
	return NULL;
}

const struct record *want_foreign(const struct want_run *r, const char *name,
				  uint16_t type, struct str value)
{
	const struct record own = { .name = name,
				    .type = type,
				    .value = value };
	const struct record *x;
	for (size_t at = 0; (x = want_live(r, name, type, &at));)
		if (!record_alike(x, &own) && !want_ours(r, x))
			return x;
	return NULL;
}

const char *want_target(const struct want_run *r, struct str value)
{
	struct str word = { 0 }, last = { 0 };
	while (str_word(&value, &word))
		last = word;
	if (last.n > 1 && last.at[last.n - 1] == '.')
		last.n--;
	return mem_dup(r->m, last.at, last.n);
}
