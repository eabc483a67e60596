#include "dns/primary.h"

#include <string.h>

#include "base/auto.h"
#include "base/b64.h"
#include "base/log.h"
#include "base/rand.h"

enum {
	LIMIT_MS = 4000,
	UDP_MAX = 512 - 128, /* the signature comes on top */
};

int primary_add(struct primary *p, struct str host, const char *port,
		struct err *e)
{
	char text[128];
	struct dns_server s;
	bool bare = port && (!str_find(host, ":") || str_ends(host, "]"));
	if (bare)
		snprintf(text, sizeof(text), "%.*s:%s", STR_FMT(host), port);
	else
		snprintf(text, sizeof(text), "%.*s", STR_FMT(host));
	if (dnsask_server(str_of(text), &s, e) < 0)
		return -1;
	if (p->n < PRIMARY_ADDRESSES)
		p->server[p->n++] = s;
	return 0;
}

static struct dns_ask ask_of(const struct primary *p, size_t i)
{
	return (struct dns_ask){ .server = &p->server[i],
				 .key = p->key.name ? &p->key : NULL,
				 .limit_ms = p->limit_ms ? p->limit_ms :
							   LIMIT_MS };
}

/* The first address that answers is used from then on. */
static int query(struct primary *p, const char *name, uint16_t type,
		 struct mem *m, struct dns_msg *out, struct err *e)
{
	for (size_t i = 0; i < p->n; i++) {
		struct dns_ask a = ask_of(p, i);
		if (dnsask_query(&a, name, type, false, m, out, e) == 0) {
			struct dns_server good = p->server[i];
			p->server[i] = p->server[0];
			p->server[0] = good;
			*e = (struct err){ 0 };
			return 0;
		}
		if (e->kind != ERR_TEMP)
			return -1;
	}
	return -1;
}

static bool is_above(const struct dns_rr *rr, uint16_t type, const char *name)
{
	return rr->type == type && strcmp(rr->name, ".") != 0 &&
	       record_in_zone(name, rr->name);
}

/* What one answer tells: *zone when it names the zone, ERR_MISSING when the
 * name is another server's, neither when the parent has to be asked. */
static int cut_of(const struct primary *p, const struct dns_msg *x,
		  const char *name, const char **zone, struct err *e)
{
	const struct dns_rr *rr = x->answer_n ? x->answer : x->authority;
	size_t n = x->answer_n ? x->answer_n : x->authority_n;
	if (x->rcode == DNS_NOTAUTH && p->key.name)
		return err_set(
			e, ERR_AUTH,
			"%s does not accept the TSIG key \"%s\" (%s): "
			"compare its name, algorithm and secret, and the "
			"clocks of both machines",
			p->server[0].text, p->key.name,
			dnsmsg_rcode_name(x->rcode));
	for (size_t i = 0; i < n; i++) {
		if (x->aa && is_above(&rr[i], DNS_SOA, name)) {
			*zone = rr[i].name;
			return 0;
		}
		if (!x->aa && x->rcode == DNS_NOERROR && x->answer_n == 0 &&
		    is_above(&rr[i], DNS_NS, name))
			return err_set(e, ERR_MISSING,
				       "%s delegates %s to "
				       "other servers: give the one that holds "
				       "it",
				       p->server[0].text, rr[i].name);
	}
	return 0;
}

int primary_zone(struct primary *p, const char *name, struct mem *m,
		 const char **zone, struct err *e)
{
	const char *at = name, *dot;
	for (; (dot = strchr(at, '.')) != NULL; at = dot + 1) {
		struct dns_msg x;
		*zone = NULL;
		if (query(p, at, DNS_SOA, m, &x, e) < 0 ||
		    cut_of(p, &x, at, zone, e) < 0)
			return -1;
		if (*zone)
			return 0;
	}
	return err_set(e, ERR_MISSING,
		       "%s holds no zone for %s: give the "
		       "server that does",
		       p->server[0].text, name);
}

/* TXT in several strings keeps its cuts in the id: see update_of(). */
static const char *cuts(const struct dns_rr *rr, struct mem *m)
{
	AUTO(buf) struct buf b = { 0 };

	if (rr->strings.n <= rr->value.n + 1)
		return NULL;
	hex_add(&b, rr->strings);
	return mem_str(m, buf_c(&b));
}

static void take(const struct dns_rr *rr, size_t n, const char *name,
		 uint16_t type, struct mem *m, struct records *out)
{
	for (size_t i = 0; i < n; i++) {
		struct record r = { .name = rr[i].name,
				    .type = rr[i].type,
				    .ttl = rr[i].ttl,
				    .value = rr[i].value,
				    .id = cuts(&rr[i], m) };
		if ((!name || strcmp(name, r.name) == 0) &&
		    (type == 0 || type == r.type))
			records_add(out, m, &r);
	}
}

static const struct dns_rr *cname_at(const struct dns_msg *x, const char *name)
{
	for (size_t i = 0; i < x->answer_n; i++)
		if (x->answer[i].type == DNS_CNAME &&
		    strcmp(x->answer[i].name, name) == 0)
			return &x->answer[i];
	return NULL;
}

/* RFC 4592 2.2.1: where nothing stands, a wildcard answers. Its CNAME is none
 * of this name's, and a record made here takes its place. */
static int is_wildcards(struct primary *p, const char *name,
			const struct dns_rr *cname, struct mem *m, bool *is,
			struct err *e)
{
	const char *dot = strchr(name, '.');
	struct dns_msg x;
	*is = false;
	if (!dot)
		return 0;
	const char *star = mem_fmt(m, "*%s", dot);
	if (strcmp(star, name) == 0)
		return 0;
	if (query(p, star, DNS_CNAME, m, &x, e) < 0)
		return -1;
	const struct dns_rr *at = cname_at(&x, star);
	*is = at && str_same(at->value, cname->value);
	return 0;
}

static int check(const struct primary *p, const struct dns_msg *x,
		 const char *zone, const char *name, struct err *e)
{
	const char *server = p->server[0].text;
	if (x->rcode != DNS_NOERROR && x->rcode != DNS_NXDOMAIN)
		return err_set(e,
			       x->rcode == DNS_SERVFAIL ? ERR_TEMP : ERR_AUTH,
			       "%s does not show %s: %s; is it the primary "
			       "of %s, and may this address or key ask it?",
			       server, name, dnsmsg_rcode_name(x->rcode), zone);
	if (!x->aa)
		return err_set(e, ERR_CONF,
			       "%s is not authoritative for %s: "
			       "give the primary server",
			       server, name);
	return 0;
}

static int list_one(struct primary *p, const char *zone, const char *name,
		    uint16_t type, struct mem *m, struct records *out,
		    struct err *e)
{
	struct dns_msg x;
	bool wild = false;
	if (query(p, name, type, m, &x, e) < 0 ||
	    check(p, &x, zone, name, e) < 0)
		return -1;
	const struct dns_rr *cname = cname_at(&x, name);
	if (cname && is_wildcards(p, name, cname, m, &wild, e) < 0)
		return -1;
	if (wild)
		return 0;
	if (cname && type != DNS_CNAME)
		return err_set(e, ERR_PERM,
			       "%s is a CNAME of %.*s and can hold nothing "
			       "else",
			       name, STR_FMT(cname->value));
	take(x.answer, x.answer_n, name, type, m, out);
	return 0;
}

int primary_list(struct primary *p, const char *zone, const char *name,
		 uint16_t type, struct mem *m, struct records *out,
		 struct err *e)
{
	if (name && type != 0)
		return list_one(p, zone, name, type, m, out, e);
	struct dns_ask a = ask_of(p, 0);
	struct dns_rrs all = { 0 };
	a.limit_ms = 0;
	if (dnsask_axfr(&a, zone, m, &all, e) < 0)
		return -1;
	take(all.at, all.n, name, type, m, out);
	return 0;
}

static int send_once(struct primary *p, const char *zone,
		     const struct change *c, bool tcp, struct err *e)
{
	AUTO(mem) struct mem m = { 0 };
	AUTO(buf) struct buf wire = { .max = UINT16_MAX };
	struct dns_ask a = ask_of(p, 0);
	struct dns_update u;
	struct dns_msg x;
	uint16_t id;
	rand_bytes(&id, sizeof(id));
	update_of(zone, c, &m, &u);
	if (dnsmsg_update(&wire, id, &u, e) < 0)
		return -1;
	a.tcp = tcp || wire.n > UDP_MAX;
	if (dnsask(&a, buf_get(&wire), &m, &x, e) < 0)
		return -1;
	struct update_context why = { p->server[0].text, zone, c->name,
				      p->key.name, c->type };
	return update_verdict(x.rcode, &why, e);
}

static int is_done(struct primary *p, const char *zone, const struct change *c,
		   bool *done, struct err *e)
{
	AUTO(mem) struct mem m = { 0 };
	struct records now = { 0 };
	if (primary_list(p, zone, c->name, c->type, &m, &now, e) < 0)
		return -1;
	*done = now.n == c->want.n;
	for (size_t i = 0; i < now.n && *done; i++)
		*done = records_find(&c->want, &now.at[i]) != NULL;
	return 0;
}

int primary_apply(struct primary *p, const char *zone, const struct change *c,
		  struct err *e)
{
	bool done = false;
	if (send_once(p, zone, c, false, e) == 0)
		return 0;
	if (e->kind != ERR_TEMP)
		return -1;
	log_say(LOG_REASON, "%s; reading %s before another try", e->msg,
		c->name);
	struct err lost = *e;
	if (is_done(p, zone, c, &done, e) < 0) {
		*e = e->kind == ERR_STOPPED ? *e : lost;
		return -1;
	}
	*e = (struct err){ 0 };
	return done ? 0 : send_once(p, zone, c, true, e);
}
