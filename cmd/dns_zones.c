/* opsmail dns zones: what the credentials reach. */
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "cmd/dns.h"
#include "providers/table.h"

/* One set of credentials, and the domains that use it. */
struct source {
	const struct conf_dns *settings;
	const char *provider; /* its own name */
	struct conf_list domains;
};
struct sources {
	struct source *at;
	size_t n, room;
};

/* Credentials that are not written for a domain are those of all. */
static struct source *source_of(struct sources *all, struct mem *m,
				const struct conf_dns *d, const char *provider)
{
	struct source *s;

	for (size_t i = 0; i < all->n; i++) {
		s = &all->at[i];
		if (!strcmp(s->provider, provider) &&
		    (s->settings->credentials == d->credentials ||
		     (!d->credentials_n && !s->settings->owner)))
			return s;
	}
	all->at = mem_more(m, all->at, &all->room, all->n, sizeof(*all->at));
	s = &all->at[all->n++];
	*s = (struct source){ .settings = d, .provider = provider };
	return s;
}

/* Those of the configuration; `only` is a provider's own name, or NULL. */
static int gather(struct call *c, const char *only, struct sources *all,
		  struct err *e)
{
	for (size_t i = 0; i <= c->conf->domains_n; i++) {
		const bool every = i == 0;
		struct conf_domain *d = every ? NULL : &c->conf->domains[i - 1];

		if (d && conf_domain(c->conf, d->name, &d, e))
			return -1;

		const struct conf_dns *dns = d ? &d->dns : &c->conf->dns;
		const struct provider *p;

		if (!dns->provider)
			continue;
		p = provider_find(c->conf, dns->provider, &c->mem, e);
		if (!p)
			return -1;
		if ((only && strcmp(only, p->name) != 0) ||
		    (!only && !provider_reads(p)))
			continue;

		struct source *s = source_of(all, &c->mem, dns, p->name);

		if (d)
			conf_list_once(&s->domains, &c->mem, str_of(d->name));
	}
	return 0;
}

/* Where the API has no list, what it answers for the domains at hand. */
static int look_for(struct dns *d, const struct source *s, struct mem *m,
		    struct conf_list *zones, struct err *e)
{
	const char *zone;

	for (size_t i = 0; i < s->domains.n || i == 0; i++) {
		const char *name = s->domains.n ? s->domains.at[i] : "";

		if (d->provider->find_zone(d, name, &zone, e) == 0) {
			conf_list_once(zones, m, str_of(zone));
			continue;
		}
		if (e->kind != ERR_MISSING)
			return -1;
		*e = (struct err){ 0 };
	}
	if (zones->n)
		return 0;
	return err_set(e, ERR_MISSING,
		       "%s does not list its zones, and has none of a domain "
		       "in %s/opsmail.yaml: name one (opsmail dns records "
		       "ZONE)",
		       d->provider->name, d->conf->dir);
}

static int show(struct call *c, const struct source *s, struct resolver *r,
		struct out_table *t, struct err *e)
{
	struct dns d = { 0 };
	struct conf_list zones = { 0 };
	int status = cmd_dns_open(c, s->settings, "its zones", r, &d, e);

	if (status == 0)
		status = d.provider->zones ?
				 d.provider->zones(&d, &c->mem, &zones, e) :
				 look_for(&d, s, &c->mem, &zones, e);
	dns_close(&d);
	if (status)
		return -1;
	cmd_dns_sort(&zones);
	for (size_t i = 0; i < zones.n; i++) {
		const struct out_cell cells[] = { { .text = zones.at[i] },
						  { .text = s->provider } };

		out_row(t,
			json_pack("{s:s, s:o, s:s}", "type", "zone", "name",
				  out_utf8(zones.at[i]), "provider",
				  s->provider),
			cells);
	}
	return 0;
}

int cmd_dns_zones(struct call *c, struct err *e)
{
	static const struct out_column columns[] = { { .title = "ZONE" },
						     { .title = "PROVIDER" } };
	AUTO(resolver) struct resolver *r = NULL;
	const struct provider *p = NULL;
	struct sources all = { 0 };
	int status = 0;

	if (c->args_n && !(p = provider_find(c->conf, c->args[0], &c->mem, e)))
		return -1;
	if (gather(c, p ? p->name : NULL, &all, e) ||
	    resolver_open(c->conf->resolver, &r, e))
		return -1;

	struct conf_dns named = c->conf->dns;

	named.provider = p ? p->name : NULL;
	if (p && !all.n)
		(void)source_of(&all, &c->mem, &named, p->name);
	if (!all.n)
		return err_set(e, ERR_CONF,
			       "no DNS provider that shows its zones is set: "
			       "set dns.provider in %s/opsmail.yaml, or name "
			       "one (`opsmail dns providers` lists them)",
			       c->conf->dir);

	struct out_table *t = out_table(c->out, columns, 2);

	for (size_t i = 0; i < all.n && !status; i++)
		status = show(c, &all.at[i], r, t, e);
	out_table_end(t);
	return status;
}
