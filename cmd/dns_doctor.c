/* opsmail dns doctor: from the provider's name to what the world sees, by
 * reading alone. */
#include <string.h>

#include "base/auto.h"
#include "cmd/dns.h"
#include "dns/descriptor.h"
#include "dns/zone.h"

/* One domain looked at. */
struct visit {
	struct call *call;
	struct resolver *resolver;
	const struct conf_domain *domain;
	struct dns dns;
	const char *zone;
	struct records records;
	size_t *all, *bad;
	enum err_kind *worst;
	struct conf_list *asked; /* whom a credential was asked of */
};

static void good(struct visit *v, const char *text)
{
	(*v->all)++;
	out_result(v->call->out, OUT_OK, v->domain->shown, "%s", text);
}

/* Refused credentials are told from all else, as a person must act. */
static int bad(struct visit *v, const struct err *e)
{
	(*v->all)++;
	(*v->bad)++;
	if (*v->worst != ERR_AUTH && *v->worst != ERR_STOPPED)
		*v->worst = e->kind == ERR_AUTH || e->kind == ERR_STOPPED ?
				    e->kind :
				    ERR_CHECK;
	out_result(v->call->out, OUT_FAIL, v->domain->shown, "%s", e->msg);
	return -1;
}

static const char *listed(const struct conf_list *l, struct mem *m)
{
	return mem_join(m, l->at, l->n, ", ");
}

/* Once a run: each time it is another one. */
static void onboard(struct visit *v, const struct provider *p)
{
	struct call *c = v->call;
	struct dns d = { .conf = c->conf,
			 .settings = &v->domain->dns,
			 .tell = out_tell(c->out),
			 .who = v->domain->shown };
	const size_t n = v->asked->n;
	struct err e = { 0 };
	const char *text;

	conf_list_once(v->asked, &c->mem, str_of(p->name));
	if (v->asked->n == n)
		return;
	if (descriptor_onboard(&d, p, &c->mem, &text, &e))
		out_result(c->out, OUT_WARN, v->domain->shown, "%s", e.msg);
	else if (text)
		out_result(c->out, OUT_WARN, v->domain->shown, "%s", text);
}

static int credentials(struct visit *v)
{
	struct call *c = v->call;
	struct err e = { 0 };
	const struct conf_dns *settings = &v->domain->dns;
	const struct provider *p =
		cmd_dns_provider_of(c, settings, v->domain->shown, &e);

	v->dns = (struct dns){ .conf = c->conf, .settings = settings };
	if (!p || dns_check(&v->dns, p, &e)) {
		(void)bad(v, &e);
		if (p && e.kind == ERR_AUTH)
			onboard(v, p);
		return -1;
	}
	good(v,
	     mem_fmt(&c->mem, "%s has the credentials that it needs", p->name));
	if (provider_reads(p))
		return 0;
	out_result(c->out, OUT_SKIP, v->domain->shown,
		   "%s shows no zone to look at; opsmail ssl --dry-run %s "
		   "tries it",
		   p->name, v->domain->shown);
	return -1;
}

static int whole_zone(struct visit *v)
{
	struct mem *m = &v->call->mem;
	struct err e = { 0 };

	if (cmd_dns_open(v->call, &v->domain->dns, v->domain->shown,
			 v->resolver, &v->dns, &e) ||
	    v->dns.provider->find_zone(&v->dns, v->domain->name, &v->zone, &e))
		return bad(v, &e);
	if (v->dns.provider->list(&v->dns, v->zone, NULL, 0, m, &v->records,
				  &e)) {
		err_at(&e, "reading the zone %s", v->zone);
		return bad(v, &e);
	}
	good(v, mem_fmt(m, "%s shows the zone %s: %zu records",
			v->dns.provider->name, v->zone, v->records.n));
	return 0;
}

/* The zone that the world sees is the one that would be written to. */
static int same_cut(struct visit *v)
{
	struct mem *m = &v->call->mem;
	struct err e = { 0 };
	const char *cut;

	if (zone_cut(v->resolver, v->domain->name, m, &cut, &e))
		return bad(v, &e);
	if (strcmp(cut, v->zone) == 0)
		return 0;
	err_set(&e, ERR_CHECK,
		"the public DNS has it in the zone %s, %s in %s: delegate %s, "
		"or set dns.provider to who serves %s",
		cut, v->dns.provider->name, v->zone, v->zone, cut);
	return bad(v, &e);
}

static int same_servers(struct visit *v)
{
	struct mem *m = &v->call->mem;
	struct conf_list ours = { 0 }, world = { 0 };
	struct answer a;
	struct err e = { 0 };

	if (resolve(v->resolver, v->zone, DNS_NS, m, &a, &e))
		return bad(v, &e);
	for (size_t i = 0; i < a.n; i++)
		conf_list_once(&world, m, a.value[i]);
	for (size_t i = 0; i < v->records.n; i++)
		if (v->records.at[i].type == DNS_NS &&
		    !strcmp(v->records.at[i].name, v->zone))
			conf_list_once(&ours, m, v->records.at[i].value);
	if (!ours.n) {
		out_result(v->call->out, OUT_SKIP, v->domain->shown,
			   "%s does not show the zone's servers; the public "
			   "DNS names %s",
			   v->dns.provider->name, listed(&world, m));
		return 0;
	}
	cmd_dns_sort(&world);
	cmd_dns_sort(&ours);
	if (strcmp(listed(&ours, m), listed(&world, m)) == 0) {
		good(v, mem_fmt(m, "served by %s, as the zone says",
				listed(&world, m)));
		return 0;
	}
	err_set(&e, ERR_CHECK,
		"the public DNS names the servers %s, the zone at %s %s: name "
		"the latter at the registrar, or set dns.provider to who runs "
		"the former",
		world.n ? listed(&world, m) : "(none)", v->dns.provider->name,
		listed(&ours, m));
	return bad(v, &e);
}

/* The serial may lag behind for a while; another primary is another zone. */
static void same_soa(struct visit *v)
{
	struct mem *m = &v->call->mem;
	struct answer a;
	struct err e = { 0 };
	struct str part[2][3];
	const struct record *soa = NULL;

	for (size_t i = 0; i < v->records.n && !soa; i++)
		if (v->records.at[i].type == DNS_SOA)
			soa = &v->records.at[i];
	if (!soa)
		return;
	if (resolve(v->resolver, v->zone, DNS_SOA, m, &a, &e)) {
		(void)bad(v, &e);
		return;
	}

	struct str rest[2] = { soa->value,
			       a.n ? a.value[0] : (struct str){ 0 } };

	for (size_t i = 0; i < 6; i++)
		if (!str_word(&rest[i / 3], &part[i / 3][i % 3]))
			part[i / 3][i % 3] = (struct str){ 0 };
	if (!str_same(part[0][0], part[1][0])) {
		err_set(&e, ERR_CHECK,
			"the public DNS names \"%.*s\" as the primary of %s, "
			"%s \"%.*s\": these are two zones; set dns.provider to "
			"who serves the public one",
			STR_FMT(part[1][0]), v->zone, v->dns.provider->name,
			STR_FMT(part[0][0]));
		(void)bad(v, &e);
	} else if (!str_same(part[0][2], part[1][2])) {
		out_result(v->call->out, OUT_WARN, v->domain->shown,
			   "serial %.*s in public, %.*s at %s: changes are on "
			   "their way, or a server no longer follows; run this "
			   "again in an hour",
			   STR_FMT(part[1][2]), STR_FMT(part[0][2]),
			   v->dns.provider->name);
	} else {
		good(v, mem_fmt(m, "serial %.*s here and in public",
				STR_FMT(part[0][2])));
	}
}

static bool writes(const struct provider *p, struct str type)
{
	struct str rest = str_of(p->types), word;

	while (str_word(&rest, &word))
		if (str_same(word, type))
			return true;
	return !p->types;
}

static void types(struct visit *v)
{
	const struct provider *p = v->dns.provider;
	struct str rest = str_of("A AAAA CNAME MX TXT SRV CAA TLSA"), type;
	struct conf_list lacking = { 0 };

	while (str_word(&rest, &type))
		if (!writes(p, type))
			conf_list_once(&lacking, &v->call->mem, type);
	if (!lacking.n)
		good(v,
		     mem_fmt(&v->call->mem,
			     "%s writes all types that mail needs", p->name));
	else
		out_result(v->call->out, OUT_WARN, v->domain->shown,
			   "%s cannot write %s: make those by hand where they "
			   "are wanted",
			   p->name, listed(&lacking, &v->call->mem));
}

static void visit(struct visit *v)
{
	if (credentials(v))
		return;
	if (whole_zone(v) == 0) {
		if (same_cut(v) == 0 && same_servers(v) == 0)
			same_soa(v);
		types(v);
	}
	dns_close(&v->dns);
}

int cmd_dns_doctor(struct call *c, struct err *e)
{
	AUTO(resolver) struct resolver *r = NULL;
	const size_t n = c->args_n ? c->args_n : c->conf->domains_n;
	size_t all = 0, failed = 0;
	enum err_kind worst = ERR_NONE;
	struct conf_list asked = { 0 };

	if (!n)
		return err_set(e, ERR_CONF,
			       "no domain is in %s/opsmail.yaml: name one "
			       "(opsmail dns doctor DOMAIN)",
			       c->conf->dir);
	if (resolver_open(c->conf->resolver, &r, e))
		return -1;
	for (size_t i = 0; i < n && worst != ERR_STOPPED; i++) {
		struct conf_domain *d;
		struct visit v = { .call = c,
				   .resolver = r,
				   .all = &all,
				   .bad = &failed,
				   .worst = &worst,
				   .asked = &asked };

		if (conf_domain(c->conf,
				c->args_n ? c->args[i] :
					    c->conf->domains[i].name,
				&d, e))
			return -1;
		v.domain = d;
		visit(&v);
	}
	if (!failed)
		return 0;
	return err_set(e, worst, "%zu of %zu checks failed", failed, all);
}
