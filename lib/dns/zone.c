#include "dns/zone.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/auto.h"
#include "base/b64.h"
#include "base/log.h"
#include "base/rand.h"
#include "dns/record.h"

enum { NS_MAX = 32, ADDRESS_MAX = 64 };

static const char *parent(const char *name)
{
	const char *dot = strchr(name, '.');
	return dot ? dot + 1 : ".";
}

/* The CNAME at exactly this name, or NULL. */
static int link_of(struct resolver *r, const char *name, struct mem *m,
		   const char **target, struct err *e)
{
	struct answer a;
	*target = NULL;
	if (resolve(r, name, DNS_CNAME, m, &a, e) < 0)
		return -1;
	if (a.n > 0 && a.value[0].n > 1)
		*target = mem_dup(m, a.value[0].at, a.value[0].n - 1);
	return 0;
}

/* A sibling that nobody made has the same target: then a wildcard speaks. */
static int is_wildcard(struct resolver *r, const char *name, const char *target,
		       struct mem *m, bool *is, struct err *e)
{
	unsigned char bytes[10];
	AUTO(buf) struct buf label = { 0 };
	const char *other;
	*is = false;
	rand_bytes(bytes, sizeof(bytes));
	b32_add(&label, (struct str){ (const char *)bytes, sizeof(bytes) });
	const char *sibling = mem_fmt(m, "_%s.%s", buf_c(&label), parent(name));
	if (strlen(sibling) > 253)
		return 0;
	if (link_of(r, sibling, m, &other, e) < 0)
		return -1;
	*is = other && strcmp(other, target) == 0;
	return 0;
}

int zone_follow(struct resolver *r, const char *name, struct mem *m,
		const char **out, struct err *e)
{
	const char *seen[ZONE_CNAME_MAX + 1];
	AUTO(buf) struct buf path = { .max = 700 };
	size_t n = 0;
	for (const char *at = name;;) {
		const char *target;
		bool wild;
		seen[n++] = at;
		buf_fmt(&path, "%s%s", n > 1 ? " -> " : "", at);
		if (link_of(r, at, m, &target, e) < 0)
			return err_at(e, "following %s", buf_c(&path));
		*out = at;
		if (!target)
			return 0;
		if (is_wildcard(r, at, target, m, &wild, e) < 0)
			return -1;
		if (wild) {
			log_say(LOG_REASON,
				"%s: its CNAME comes from a "
				"wildcard and delegates nothing",
				at);
			return 0;
		}
		for (size_t i = 0; i < n; i++)
			if (strcmp(seen[i], target) == 0)
				return err_set(e, ERR_PERM,
					       "CNAMEs run in a "
					       "circle: %s -> %s; remove one "
					       "of them",
					       buf_c(&path), target);
		if (n > ZONE_CNAME_MAX)
			return err_set(e, ERR_PERM,
				       "more than %d CNAMEs in a "
				       "row: %s -> %s; point the first one at "
				       "the last name",
				       ZONE_CNAME_MAX, buf_c(&path), target);
		log_say(LOG_REASON, "%s is a CNAME of %s", at, target);
		at = target;
	}
}

/* One question tells mostly: the SOA itself, or the one that vouches for there
 * being none. Where a middle box leaves that out, the parents are asked. */
int zone_cut(struct resolver *r, const char *name, struct mem *m,
	     const char **zone, struct err *e)
{
	for (const char *at = name; strcmp(at, ".") != 0; at = parent(at)) {
		struct answer a;
		if (resolve(r, at, DNS_SOA, m, &a, e) < 0)
			return err_at(e, "looking for the zone of %s", name);
		bool here = strcmp(a.cname, at) == 0;
		const char *cut = here && a.n > 0 ? at : here ? a.soa : NULL;
		if (cut && record_in_zone(at, cut) && strcmp(cut, ".") != 0) {
			*zone = mem_str(m, cut);
			return 0;
		}
	}
	return err_set(e, ERR_MISSING,
		       "no zone holds %s: is the domain "
		       "registered and delegated?",
		       name);
}

static void add(struct zone_servers *out, struct mem *m, const char *ns,
		const struct dns_server *s)
{
	out->at = mem_more(m, out->at, &out->room, out->n, sizeof(*out->at));
	out->at[out->n++] = (struct zone_server){ ns, *s };
}

static void add_addresses(struct zone_servers *out, struct mem *m,
			  const char *ns, const struct question *q)
{
	for (size_t i = 0; q->status == 0 && i < q->answer.n; i++) {
		struct err e = { 0 };
		struct dns_server s;
		if (out->n < ADDRESS_MAX &&
		    dnsask_server(q->answer.value[i], &s, &e) == 0)
			add(out, m, ns, &s);
	}
}

int zone_servers(struct resolver *r, const char *zone, struct mem *m,
		 struct zone_servers *out, struct err *e)
{
	const struct dns_server *fixed = resolver_fixed(r);
	if (fixed) {
		add(out, m, "dns.resolver", fixed);
		return 0;
	}
	struct answer ns;
	if (resolve(r, zone, DNS_NS, m, &ns, e) < 0)
		return err_at(e, "asking for the servers of %s", zone);
	size_t n = ns.n < NS_MAX ? ns.n : NS_MAX;
	struct question *q = mem_array(m, 2 * n + 1, sizeof(*q));
	for (size_t i = 0; i < n; i++) {
		struct str v = ns.value[i];
		q[2 * i].name = mem_dup(m, v.at, v.n > 1 ? v.n - 1 : v.n);
		q[2 * i].type = DNS_A;
		q[2 * i + 1].name = q[2 * i].name;
		q[2 * i + 1].type = DNS_AAAA;
	}
	if (resolve_all(r, q, 2 * n, m, e) < 0)
		return -1;
	for (size_t i = 0; i < 2 * n; i++)
		add_addresses(out, m, q[i].name, &q[i]);
	if (out->n == 0)
		return err_set(e, ERR_TEMP,
			       "no server of the zone %s has an "
			       "address (%zu NS records)",
			       zone, ns.n);
	return 0;
}
