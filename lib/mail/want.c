#include "mail/want.h"

#include <arpa/inet.h>
#include <string.h>

#include "mail/want_parts.h"

/* In this order: what is judged later sees what was wished for before, and the
 * plan writes in it, but for MX (see mx_last). */
static const struct {
	const char *name;
	void (*make)(struct want_run *r);
} kinds[] = {
	{ "zone", want_check },
	{ "host", want_host },
	{ "mx", want_mx },
	{ "spf", want_spf },
	{ "helo", want_helo },
	{ "dkim", want_dkim },
	{ "smarthost", want_smarthost },
	{ "dmarc", want_dmarc },
	{ "tls-rpt", want_tlsrpt },
	{ "mta-sts", want_sts },
	{ "tlsa", want_tlsa },
	{ "caa", want_caa },
	{ "srv", want_srv },
	{ "autoconfig", want_autoconfig },
	{ "harden", want_harden },
};

void want_dkim(struct want_run *r)
{
	for (size_t i = 0; i < r->w->keys_n; i++) {
		const struct want_key *k = &r->w->keys[i];
		const struct want_value v = {
			.name = mem_fmt(r->m, "%s._domainkey.%s", k->selector,
					r->domain->name),
			.type = DNS_TXT,
			.how = k->gone ? WISH_GONE : WISH_ALONE,
			.value = k->value,
			.reason = mem_fmt(r->m, "DKIM key, %s", k->state),
		};
		want_wish(r, &v);
	}
}

/* The host's records come with the domain that the host is nearest below, else
 * with the first. */
static bool owns_host(const struct want *w)
{
	const struct conf *c = w->conf;
	const char *owner = c->domains_n ? c->domains[0].name : w->domain->name;
	size_t nearest = 0;
	for (size_t i = 0; i < c->domains_n; i++) {
		const char *name = c->domains[i].name;
		if (record_in_zone(w->host, name) && strlen(name) > nearest) {
			nearest = strlen(name);
			owner = name;
		}
	}
	return !strcmp(owner, w->domain->name);
}

/* Addresses as the DNS shows them (RFC 5952). */
static void plain_addresses(struct want_run *r)
{
	const struct conf_list *l = r->w->addresses;
	for (size_t i = 0; l && i < l->n; i++) {
		struct spf_ip ip;
		char text[INET6_ADDRSTRLEN];
		if (spf_ip_parse(l->at[i], &ip) == 0 &&
		    inet_ntop(ip.v6 ? AF_INET6 : AF_INET, ip.at, text,
			      sizeof(text)))
			conf_list_add(&r->addresses, r->m, mem_str(r->m, text));
	}
}

static struct want_run begin(const struct want *w, struct facts *f,
			     struct mem *m, struct wishes *out,
			     struct want_notes *notes)
{
	struct want_run r = {
		.w = w,
		.domain = w->domain,
		.mail = &w->domain->mail,
		.facts = f,
		.m = m,
		.out = out,
		.first = out->n,
		.notes = notes,
		.kind = "zone",
		.owns_host = owns_host(w),
	};
	want_index(&r);
	r.zone = want_zone_of(&r, w->domain->name);
	plain_addresses(&r);
	return r;
}

/* Mail comes once all that judges it is there. */
static void mx_last(struct want_run *r)
{
	struct wishes mx = { 0 };
	size_t n = r->first;
	for (size_t i = r->first; i < r->out->n; i++)
		if (!strcmp(r->out->at[i].kind, "mx"))
			plan_wish(&mx, r->m, &r->out->at[i]);
		else
			r->out->at[n++] = r->out->at[i];
	for (size_t i = 0; i < mx.n; i++)
		r->out->at[n++] = mx.at[i];
}

bool want_domain(const struct want *w, struct facts *f, struct mem *m,
		 struct wishes *out, struct want_notes *notes)
{
	const size_t notes_before = notes->n;
	struct want_run r = begin(w, f, m, out, notes);
	if (!r.zone) {
		want_say(&r, WANT_STOP,
			 "no zone that can be written holds %s: see `opsmail "
			 "dns zones`, and set dns.provider and dns.zone for it",
			 w->domain->name);
		return true;
	}
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		r.kind = kinds[i].name;
		kinds[i].make(&r);
	}
	mx_last(&r);
	if (!r.waits)
		return true;
	out->n = r.first;
	notes->n = notes_before;
	return false;
}

void want_mx_hosts(const struct want *w, struct mem *m, struct conf_list *out)
{
	struct wishes wishes = { 0 };
	struct want_notes notes = { 0 };
	AUTO(facts) struct facts f = { 0 };
	struct want_run r = begin(w, &f, m, &wishes, &notes);
	const struct record *x;
	if (r.zone)
		want_mx(&r);
	for (size_t at = 0;
	     r.zone && (x = want_live(&r, w->domain->name, DNS_MX, &at));)
		if (!str_ends(x->value, " ."))
			conf_list_add(out, m, want_target(&r, x->value));
	for (size_t i = 0; i < wishes.n; i++) {
		const struct record *y = &wishes.at[i].record;
		const char *host = want_target(&r, y->value);
		bool there = false;
		for (size_t k = 0; k < out->n; k++)
			there = there || !strcmp(out->at[k], host);
		if (!there)
			conf_list_add(out, m, host);
	}
}
