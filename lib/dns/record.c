#include "dns/record.h"

#include <string.h>

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
