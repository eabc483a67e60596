/* opsmail itself answers for the challenge names that are delegated to it. */
#include <string.h>

#include "dns/selfdns.h"
#include "providers/table.h"

static int self_open(struct dns *d, struct err *e)
{
	struct selfdns *s = NULL;
	if (!d->conf->hostname)
		return err_set(e, ERR_CONF,
			       "self: set hostname in %s/"
			       "opsmail.yaml: the delegation names it",
			       d->conf->dir);
	if (selfdns_start(d->conf, &s, e) < 0)
		return -1;
	d->state = s;
	return 0;
}

static void self_close(struct dns *d)
{
	selfdns_stop(d->state);
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

/* The zone is the name itself, once it is delegated to us. */
static int self_find_zone(struct dns *d, const char *name, const char **zone,
			  struct err *e)
{
	struct answer a;
	if (resolve(d->resolver, name, DNS_NS, &d->mem, &a, e) == 0 &&
	    strcmp(a.cname, name) == 0 && names_us(&a, d->conf->hostname)) {
		*zone = mem_str(&d->mem, name);
		return 0;
	}
	if (e->kind == ERR_STOPPED)
		return -1;
	return err_set(e, ERR_CONF,
		       "%s is not delegated to this server yet, "
		       "or port 53 here cannot be reached%s%s%s; add to its "
		       "zone:\n%s",
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
	.about =
		"opsmail answers for _acme-challenge itself: two records once, "
		"no API",
	.url = "https://www.rfc-editor.org/rfc/rfc8555#section-8.4",
	.caps = DNS_CAN_LIST,
	.open = self_open,
	.close = self_close,
	.find_zone = self_find_zone,
	.list = self_list,
	.apply = self_apply,
};
