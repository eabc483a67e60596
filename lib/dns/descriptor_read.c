/* What a zone holds, by the descriptor's records: */
#include <stdlib.h>
#include <string.h>

#include "dns/descriptor_drive.h"
#include "dns/descriptor_parts.h"

struct reader {
	struct descriptor_scope s;
	const struct yaml *y;
	const char *name; /* wanted; NULL: all */
	uint16_t type;    /* wanted; 0: all */
	bool whole;       /* also what is of no type we know */
	const char *at;   /* where the list is of one name; NULL */
	struct descriptor_zone_read *out;
};

static int field(struct reader *x, const char *key, const char *preset,
		 const char **out, struct err *e)
{
	return descriptor_make(&x->s, descriptor_word(x->y, key, preset), out,
			       e);
}

/* An expression that may be told apart by type. */
static const char *by_type(const struct reader *x, const char *key,
			   uint16_t type, const char *preset)
{
	char name[16];
	const struct yaml *v = yaml_get(x->y, key);
	if (!v || v->kind == YAML_SCALAR)
		return descriptor_word(x->y, key, preset);
	dnsmsg_type_name(type, name);
	return descriptor_word(v, name, descriptor_word(v, "*", preset));
}

static int keep(struct reader *x, struct record *r, json_t *item, json_t *entry,
		struct err *e)
{
	struct descriptor_zone_read *o = x->out;
	const char *text;
	x->s.item = item;
	if (descriptor_make(&x->s, by_type(x, "value", r->type, ""), &text, e) <
	    0)
		return -1;
	r->value = r->type ? descriptor_value_in(x->s.d, r->type, text,
						 x->s.zone, x->s.m) :
			     str_of(text);
	o->items = mem_more(x->s.m, o->items, &o->room, o->records.n,
			    sizeof(*o->items));
	o->items[o->records.n] = entry;
	records_add(&o->records, x->s.m, r);
	return 0;
}

static int values_of(struct reader *x, struct record *r, json_t *item,
		     const char *values, struct err *e)
{
	AUTO(json) json_t *all =
		descriptor_several(descriptor_path(item, values), true);
	const bool own = !*r->id; /* the set has none: each value may */
	json_t *one;
	size_t i;
	if (!all && str_ends(str_of(values), "?"))
		return 0;
	if (!all)
		return err_set(e, ERR_TEMP, "%s: an entry of %s has no \"%s\"",
			       x->s.d->provider.name, x->s.zone, values);
	json_array_foreach(all, i, one)
	{
		x->s.item = one;
		if ((own && field(x, "id", "", &r->id, e) < 0) ||
		    keep(x, r, one, item, e) < 0)
			return -1;
	}
	return 0;
}

/* Where the list is of one name, its items need not say it. */
static int name_of(struct reader *x, struct record *r, struct err *e)
{
	const char *name;
	r->name = x->at;
	if (x->at && !yaml_get(x->y, "name"))
		return 0;
	if (descriptor_make(&x->s, by_type(x, "name", r->type, "{name}"), &name,
			    e) < 0)
		return -1;
	r->name = descriptor_name_in(x->s.d, name, x->s.zone, x->s.m);
	return 0;
}

static int read_item(struct reader *x, json_t *item, struct err *e)
{
	struct record r = { 0 };
	const char *type, *ttl, *values;
	uint64_t n = 0;
	x->s.item = item;
	if (field(x, "type", "{type}", &type, e) < 0)
		return -1;
	if (descriptor_type_in(x->s.d, type, &r.type) < 0) {
		if (!x->whole)
			return 0; /* its own kind: a redirect, an alias */
		r.type = 0;
	}
	if (!*by_type(x, "value", r.type, "")) {
		if (!x->whole)
			return 0; /* nobody says how to read it */
		return err_set(e, ERR_PERM,
			       "%s: nobody says how to read the %s of %s, "
			       "and what is written whole would lose it",
			       x->s.d->provider.name, type, x->s.zone);
	}
	if (x->type && r.type != x->type)
		return 0;
	if (name_of(x, &r, e) < 0)
		return -1;
	if (x->name && strcmp(r.name, x->name) != 0)
		return 0;
	if (!record_in_zone(r.name, x->s.zone))
		return err_set(e, ERR_TEMP,
			       "%s: %s came in the list of %s; such a list is "
			       "not trusted",
			       x->s.d->provider.name, r.name, x->s.zone);
	if (descriptor_make(&x->s, by_type(x, "ttl", r.type, "{ttl}"), &ttl,
			    e) < 0 ||
	    field(x, "id", "{id}", &r.id, e) < 0)
		return -1;
	r.ttl = str_num(str_of(ttl), INT32_MAX, &n) == 0 ? (uint32_t)n : 0;
	values = by_type(x, "values", r.type, NULL);
	return values ? values_of(x, &r, item, values, e) :
			keep(x, &r, item, item, e);
}

/* One list; what it was read from is kept as long as the rest. */
static int read_list(struct reader *x, const char *path, struct err *e)
{
	AUTO(json) json_t *list = NULL;
	json_t *item;
	size_t i;
	if (descriptor_fetch(&x->s, x->y, path, &list, e) < 0) {
		if ((!path && !x->at) || e->kind != ERR_MISSING)
			return -1;
		*e = (struct err){ 0 }; /* no such set or name in it */
		return 0;
	}
	if (!x->out->json)
		x->out->json = json_array();
	json_array_append(x->out->json, list);
	json_array_foreach(list, i,
			   item) if (read_item(x, item, e) < 0) return -1;
	return 0;
}

/* Where an API lists names, and then what is at each. */
static int read_names(struct reader *x, const struct yaml *over, struct err *e)
{
	AUTO(json) json_t *names = NULL;
	json_t *item;
	size_t i;
	if (descriptor_fetch(&x->s, over, NULL, &names, e) < 0)
		return -1;
	json_array_foreach(names, i, item)
	{
		const char *name;
		x->s.item = item;
		if (descriptor_make(&x->s, descriptor_word(over, "name", "{.}"),
				    &name, e) < 0)
			return -1;
		x->s.item = NULL;
		x->at = descriptor_name_in(x->s.d, name, x->s.zone, x->s.m);
		x->s.name = x->at;
		if (read_list(x, NULL, e) < 0)
			return -1;
	}
	return 0;
}

int descriptor_read(const struct descriptor_scope *s, const char *name,
		    uint16_t type, bool whole, struct descriptor_zone_read *out,
		    struct err *e)
{
	struct reader x = { .s = *s,
			    .y = yaml_get(s->d->root, "records"),
			    .name = name,
			    .type = type,
			    .whole = whole,
			    .out = out };
	const struct yaml *over = yaml_get(x.y, "over");
	const char *one = NULL;
	if (name && (type || over)) {
		x.s.name = name;
		x.s.type = type;
	}
	if (name && type)
		one = descriptor_word(x.y, "one", NULL);
	if (over && !name)
		return read_names(&x, over, e);
	x.at = over ? name : NULL;
	return read_list(&x, one, e);
}

/* FNV-1a: it tells entries apart and guards nothing. */
static uint64_t digest(const struct record *r)
{
	uint64_t h = 14695981039346656037u ^ r->type;
	const struct str parts[] = { str_of(r->name), r->value };
	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; i <= parts[k].n; i++) {
			h ^= i < parts[k].n ? (unsigned char)parts[k].at[i] :
					      0x100;
			h *= 1099511628211u;
		}
	return h;
}

static int by_number(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return x < y ? -1 : x > y;
}

static uint64_t *digests(const struct records *r, uint64_t *at)
{
	for (size_t i = 0; i < r->n; i++)
		at[i] = digest(&r->at[i]);
	if (r->n)
		qsort(at, r->n, sizeof(*at), by_number);
	return at;
}

bool descriptor_shrunk(const struct descriptor_scope *s,
		       const struct records *now)
{
	const struct descriptor_state *st = s->dns->state;
	const struct descriptor_seen *seen = &st->seen;
	const uint64_t *at =
		digests(now, mem_array(s->m, now->n + 1, sizeof(*at)));
	size_t k = 0;
	if (!seen->zone || strcmp(seen->zone, s->zone) != 0)
		return false;
	for (size_t i = 0; i < seen->n; i++) {
		while (k < now->n && at[k] < seen->at[i])
			k++;
		if (k == now->n || at[k++] != seen->at[i])
			return true;
	}
	return false;
}

static void remember(const struct descriptor_scope *s,
		     const struct records *all)
{
	struct descriptor_state *st = s->dns->state;
	struct descriptor_seen *seen = &st->seen;
	if (all->n > seen->room) {
		seen->room = 2 * all->n;
		seen->at =
			mem_array(&s->dns->mem, seen->room, sizeof(*seen->at));
	}
	seen->zone = mem_str(&s->dns->mem, s->zone);
	seen->n = all->n;
	digests(all, seen->at);
}

/* Where a zone is written as a whole, all of it is looked at each time. What
 * was seen once stays known until we write: a list cut off twice is no zone. */
static int list_whole(const struct descriptor_scope *s, const char *name,
		      uint16_t type, struct records *out, struct err *e)
{
	AUTO(descriptor_zone_read) struct descriptor_zone_read all = { 0 };
	if (descriptor_read(s, NULL, 0, true, &all, e) < 0)
		return -1;
	if (descriptor_shrunk(s, &all.records))
		return err_set(e, ERR_CHANGED,
			       "%s: the list of %s lost entries since it was "
			       "last read; nothing is written on such ground",
			       s->d->provider.name, s->zone);
	remember(s, &all.records);
	for (size_t i = 0; i < all.records.n; i++) {
		const struct record *r = &all.records.at[i];
		if (r->type && (!type || r->type == type) &&
		    (!name || !strcmp(r->name, name)))
			records_add(out, s->m, r);
	}
	return 0;
}

int descriptor_list(struct dns *d, const char *zone, const char *name,
		    uint16_t type, struct mem *m, struct records *out,
		    struct err *e)
{
	AUTO(descriptor_zone_read) struct descriptor_zone_read all = { 0 };
	struct descriptor_scope s = descriptor_scope_of(d, m);
	const char *unit =
		descriptor_word(yaml_get(s.d->root, "put"), "unit", "set");
	if (descriptor_identify(d, zone, &s, e) < 0 ||
	    (name && type && descriptor_commit(&s, e) < 0))
		return -1;
	if (!strcmp(unit, "zone"))
		return list_whole(&s, name, type, out, e);
	if (descriptor_read(&s, name, type, false, &all, e) < 0)
		return -1;
	if (out->n == 0)
		*out = all.records;
	else
		for (size_t i = 0; i < all.records.n; i++)
			records_add(out, m, &all.records.at[i]);
	return 0;
}
