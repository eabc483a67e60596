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

/* Alike ones in the order of the zone. */
static int by_name(const void *a, const void *b)
{
	const struct record *const *x = a, *const *y = b;
	const int c = by_end((*x)->name, (*y)->name);
	return c ? c : (*x > *y) - (*x < *y);
}

void want_index(struct want_run *r)
{
	r->index = mem_array(r->m, r->w->zones_n + 1, sizeof(*r->index));
	for (size_t i = 0; i < r->w->zones_n; i++) {
		const struct want_zone *z = &r->w->zones[i];
		struct want_index *x = &r->index[i];
		x->at = mem_array(r->m, z->live->n + 1, sizeof(*x->at));
		x->n = z->live->n;
		for (size_t k = 0; k < x->n; k++) {
			const struct record *rr = &z->live->at[k];
			x->at[k] = rr;
			if (rr->type == DNS_NS && strcmp(rr->name, z->name))
				want_list_add(r->m, &x->cuts, rr->name);
		}
		qsort(x->at, x->n, sizeof(*x->at), by_name);
	}
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
static size_t lower(const struct want_index *x, const char *name)
{
	size_t from = 0, to = x->n;
	while (from < to) {
		const size_t mid = from + (to - from) / 2;
		if (by_end(x->at[mid]->name, name) < 0)
			from = mid + 1;
		else
			to = mid;
	}
	return from;
}

const struct record *want_live(const struct want_run *r, const char *name,
			       uint16_t type, size_t *at)
{
	const struct want_index *x = index_of(r, name);
	const size_t from = x ? lower(x, name) : 0;
	while (x && from + *at < x->n &&
	       !strcmp(x->at[from + *at]->name, name)) {
		const struct record *found = x->at[from + (*at)++];
		if (type == DNS_ANY || found->type == type)
			return found;
	}
	return NULL;
}

bool want_exists(const struct want_run *r, const char *name)
{
	const struct want_index *x = index_of(r, name);
	const size_t at = x ? lower(x, name) : 0;
	return x && at < x->n && record_in_zone(x->at[at]->name, name);
}

const struct journal_entry *want_ours(const struct want_run *r,
				      const struct record *x)
{
	const struct want_zone *z = want_zone_of(r, x->name);
	for (size_t i = 0; z && z->ours && i < z->ours->n; i++)
		if (record_alike(&z->ours->at[i].record, x))
			return &z->ours->at[i];
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
