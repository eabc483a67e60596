/* What the zones have. */
#include <string.h>

#include "mail/want_parts.h"

/* A name server record at the name, or above it and below the zone's top. */
static bool is_given_away(const struct want_zone *z, const char *name)
{
	for (size_t i = 0; i < z->live->n; i++) {
		const struct record *x = &z->live->at[i];
		if (x->type == DNS_NS && strcmp(x->name, z->name) != 0 &&
		    record_in_zone(name, x->name))
			return true;
	}
	return false;
}

const struct want_zone *want_zone_of(const struct want_run *r, const char *name)
{
	const struct want_zone *best = NULL;
	for (size_t i = 0; i < r->w->zones_n; i++) {
		const struct want_zone *z = &r->w->zones[i];
		if (record_in_zone(name, z->name) &&
		    (!best || strlen(z->name) > strlen(best->name)))
			best = z;
	}
	return best && !is_given_away(best, name) ? best : NULL;
}

const struct record *want_live(const struct want_run *r, const char *name,
			       uint16_t type, size_t *at)
{
	const struct want_zone *z = want_zone_of(r, name);
	while (z && *at < z->live->n) {
		const struct record *x = &z->live->at[(*at)++];
		if (x->type == type && strcmp(x->name, name) == 0)
			return x;
	}
	return NULL;
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

bool want_exists(const struct want_run *r, const char *name)
{
	const struct want_zone *z = want_zone_of(r, name);
	for (size_t i = 0; z && i < z->live->n; i++)
		if (record_in_zone(z->live->at[i].name, name))
			return true;
	return false;
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
