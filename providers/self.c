/* opsmail itself answers for the challenge names that are delegated to it. */
#include <string.h>

#include "dns/selfdns.h"
#include "providers/table.h"

struct state {
	struct selfdns *server;
	struct conf_list zones; /* announced */
};

static int self_open(struct dns *d, struct err *e)
{
	struct state *s = MEM_NEW(&d->mem, struct state);
	d->state = s;
	if (!d->conf->hostname)
		return err_set(e, ERR_CONF,
			       "self: set hostname in %s/opsmail.yaml: the "
			       "delegation names it",
			       d->conf->dir);
	return selfdns_start(d->conf, &s->server, e);
}

/* A zone that ended up without values need not be answered for. */
static void forget(struct dns *d, const char *zone)
{
	struct err e = { 0 };
	struct records r = { 0 };
	if (selfdns_get(d->conf, zone, &d->mem, &r, &e) == 0 && r.n == 0)
		(void)selfdns_put(d->conf, zone, &r, &e);
}

static void self_close(struct dns *d)
{
	struct state *s = d->state;
	for (size_t i = 0; s && i < s->zones.n; i++)
		forget(d, s->zones.at[i]);
	if (s)
		selfdns_stop(s->server);
}

static bool names_us(const struct answer *a, const char *hostname)
{
	for (size_t i = 0; i < a->n; i++) {
		struct str ns = a->value[i];
		if (str_ends(ns, "."))
			ns.n--;
		if (str_eqi(ns, hostname))
			return true;
	}
	return false;
}

/* The zone is the name itself, once it is delegated to us: the question goes
 * through the world and comes back to our own port. */
static int self_find_zone(struct dns *d, const char *name, const char **zone,
			  struct err *e)
{
	struct state *s = d->state;
	struct conf_list *z = &s->zones;
	struct answer a = { 0 };
	if (selfdns_announce(d->conf, name, e) < 0)
		return err_at(e, "self");
	*zone = mem_str(&d->mem, name);
	z->at = mem_more(&d->mem, z->at, &z->room, z->n, sizeof(*z->at));
	z->at[z->n++] = *zone;
	if (resolve(d->resolver, name, DNS_NS, &d->mem, &a, e) == 0 &&
	    strcmp(a.cname, name) == 0 && names_us(&a, d->conf->hostname))
		return 0;
	if (e->kind == ERR_STOPPED)
		return -1;
	return err_set(e, ERR_CONF,
		       "%s is not delegated to this server, or its port 53 "
		       "cannot be reached%s%s%s; its zone needs:\n%s",
		       name, e->kind ? " (" : "", e->kind ? e->msg : "",
		       e->kind ? ")" : "",
		       selfdns_delegation(d->conf, name, &d->mem));
}

static int self_list(struct dns *d, const char *zone, const char *name,
		     uint16_t type, struct mem *m, struct records *out,
		     struct err *e)
{
	if ((name && strcmp(name, zone) != 0) || (type && type != DNS_TXT))
		return 0;
	return selfdns_get(d->conf, zone, m, out, e);
}

static int self_apply(struct dns *d, const char *zone, const struct change *c,
		      struct err *e)
{
	return selfdns_put(d->conf, zone, &c->want, e);
}

const struct provider self_provider = {
	.name = "self",
	.aliases = "embedded",
	.about = "opsmail answers for _acme-challenge itself: two records "
		 "once, no API",
	.url = "https://www.rfc-editor.org/rfc/rfc8555#section-8.4",
	.proof = "L4",
	.types = "TXT",
	.caps = DNS_CAN_LIST | DNS_ANSWERS,
	.open = self_open,
	.close = self_close,
	.find_zone = self_find_zone,
	.list = self_list,
	.apply = self_apply,
};
