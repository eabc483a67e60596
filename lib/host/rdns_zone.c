/* A reverse zone of our own: PTR records like all others, by any provider. What
 * a hoster delegates by CNAMEs (RFC 2317) is written at their end. */
#include <string.h>

#include "dns/edit.h"
#include "host/rdns_parts.h"

/* rdns.zone where it holds the name, else the one the provider has for it. */
static int zone_of(struct rdns *r, const struct rdns_view *v, const char **zone,
		   struct err *e)
{
	return r->dns.provider->find_zone(&r->dns, v->target, zone, e);
}

static struct record pointer(const struct rdns_view *v, const char *name,
			     struct mem *m)
{
	return (struct record){ .name = v->target,
				.type = DNS_PTR,
				.ttl = 3600,
				.value = str_of(mem_fmt(m, "%s.", name)) };
}

int rdns_zone_get(struct rdns *r, const struct rdns_view *v, struct mem *m,
		  struct conf_list *out, struct err *e)
{
	struct records is = { 0 };
	const char *zone;
	if (zone_of(r, v, &zone, e) < 0)
		return -1;
	if (!r->dns.provider->list) {
		*out = v->live; /* nobody else tells */
		return 0;
	}
	if (r->dns.provider->list(&r->dns, zone, v->target, DNS_PTR, m, &is,
				  e) < 0)
		return -1;
	for (size_t i = 0; i < is.n; i++)
		conf_list_once(out, m, str_of(rdns_plain(is.at[i].value, m)));
	return 0;
}

int rdns_zone_set(struct rdns *r, const struct rdns_view *v, const char *want,
		  struct err *e)
{
	AUTO(mem) struct mem m = { 0 };
	struct records add = { 0 }, del = { 0 };
	struct edit x = { .dns = &r->dns,
			  .purpose = RDNS_JOURNAL,
			  .owner = v->ip };
	if (zone_of(r, v, &x.zone, e) < 0)
		return -1;
	for (size_t i = 0; i < v->there.n; i++) {
		const struct record old = pointer(v, v->there.at[i], &m);
		if (!want || strcmp(v->there.at[i], want) != 0)
			records_add(&del, &m, &old);
	}
	if (want) {
		const struct record new = pointer(v, want, &m);
		records_add(&add, &m, &new);
	}
	return edit_values(&x, &add, &del, e);
}
