#include "dns/update.h"

#include <string.h>

#include "base/auto.h"
#include "base/b64.h"

enum { TTL = 60 };

/* The record's id may be of what it was before: cuts are of its value only
 * when they are all of it. */
static bool are_of(struct str cuts, struct str value)
{
	while (cuts.n) {
		const size_t n = (unsigned char)cuts.at[0];

		if (n >= cuts.n || n > value.n ||
		    (n && memcmp(cuts.at + 1, value.at, n) != 0))
			return false;
		cuts = (struct str){ cuts.at + 1 + n, cuts.n - 1 - n };
		value = (struct str){ value.at + n, value.n - n };
	}
	return value.n == 0;
}

static void put(struct dns_rr *at, size_t *n, const struct change *c,
		uint16_t class, uint32_t ttl, const struct record *r,
		struct mem *m)
{
	AUTO(buf) struct buf cuts = { .max = UINT16_MAX };
	struct dns_rr *rr = &at[(*n)++];

	*rr = (struct dns_rr){ .name = c->name,
			       .type = c->type,
			       .class = class,
			       .ttl = ttl,
			       .value = r ? r->value : (struct str){ 0 } };
	if (r && r->id && hex_read(str_of(r->id), &cuts) == 0 &&
	    are_of(buf_get(&cuts), r->value))
		rr->strings =
			(struct str){ mem_dup(m, cuts.at, cuts.n), cuts.n };
}

void update_of(const char *zone, const struct change *c, struct mem *m,
	       struct dns_update *out)
{
	struct dns_rr *pre = mem_array(m, c->is.n + 1, sizeof(*pre));
	struct dns_rr *chg =
		mem_array(m, c->add.n + c->del.n + 1, sizeof(*chg));
	uint32_t ttl = c->ttl ? c->ttl : TTL;

	*out = (struct dns_update){ .zone = zone,
				    .prereq = pre,
				    .change = chg };
	for (size_t i = 0; i < c->is.n; i++)
		put(pre, &out->prereq_n, c, DNS_IN, 0, &c->is.at[i], m);
	if (c->is.n == 0)
		put(pre, &out->prereq_n, c, DNS_NONE_CLASS, 0, NULL, m);
	for (size_t i = 0; i < c->del.n; i++)
		put(chg, &out->change_n, c, DNS_NONE_CLASS, 0, &c->del.at[i],
		    m);
	for (size_t i = 0; i < c->add.n; i++)
		put(chg, &out->change_n, c, DNS_IN, ttl, &c->add.at[i], m);
}

static int refused(const struct update_context *x, struct err *e)
{
	char type[16];
	const char *t = dnsmsg_type_name(x->type, type);
	if (!x->key)
		return err_set(e, ERR_AUTH,
			       "%s refuses the change of %s (REFUSED): it "
			       "wants a TSIG key; set DNSUPDATE_TSIG_KEY and "
			       "DNSUPDATE_TSIG_SECRET, or NSUPDATE_KEY",
			       x->server, x->name);
	return err_set(e, ERR_AUTH,
		       "%s refuses the change of %s (REFUSED): let the key "
		       "\"%s\" change %s there (BIND: update-policy { grant %s "
		       "name %s. %s; }; knot: acl with action update)",
		       x->server, x->name, x->key, t, x->key, x->name, t);
}

static int not_auth(const struct update_context *x, struct err *e)
{
	if (!x->key)
		return err_set(e, ERR_AUTH,
			       "%s does not hold the zone %s, or wants a TSIG "
			       "key (NOTAUTH): give the primary server, and a "
			       "key in DNSUPDATE_TSIG_KEY and "
			       "DNSUPDATE_TSIG_SECRET, or in NSUPDATE_KEY",
			       x->server, x->zone);
	return err_set(e, ERR_AUTH,
		       "%s does not hold the zone %s, or does not take the key "
		       "\"%s\" for it (NOTAUTH): give the primary server, "
		       "and its key",
		       x->server, x->zone, x->key);
}

int update_verdict(unsigned rcode, const struct update_context *x,
		   struct err *e)
{
	switch (rcode) {
	case DNS_NOERROR:
		return 0;
	case DNS_NXRRSET:
	case DNS_YXRRSET:
	case DNS_NXDOMAIN:
	case DNS_YXDOMAIN:
		return err_set(e, ERR_CHANGED,
			       "somebody changed %s at %s in "
			       "between (%s)",
			       x->name, x->server, dnsmsg_rcode_name(rcode));
	case DNS_REFUSED:
		return refused(x, e);
	case DNS_NOTAUTH:
		return not_auth(x, e);
	case DNS_NOTZONE:
		return err_set(e, ERR_CONF,
			       "%s says that %s is not in the "
			       "zone %s (NOTZONE): correct NSUPDATE_ZONE or "
			       "dns.zone",
			       x->server, x->name, x->zone);
	case DNS_NOTIMP:
		return err_set(e, ERR_PERM,
			       "%s takes no dynamic updates "
			       "(NOTIMP): switch them on there, or choose "
			       "another dns.provider",
			       x->server);
	case DNS_SERVFAIL:
		return err_set(e, ERR_TEMP,
			       "%s failed to change %s "
			       "(SERVFAIL): its own log says why (a frozen "
			       "zone, a journal that cannot be written)",
			       x->server, x->name);
	default:
		return err_set(e, ERR_PERM,
			       "%s answers the change of %s with "
			       "%s",
			       x->server, x->name, dnsmsg_rcode_name(rcode));
	}
}
