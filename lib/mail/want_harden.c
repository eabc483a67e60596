/* Names that have an address and no mail say so (RFC 7505). */
#include <string.h>

#include "mail/want_parts.h"

static const char no_mx[] = "0 .", no_spf[] = "v=spf1 -all";

/* Mail of its own, be it of another domain of ours. */
static bool has_mail(const struct want_run *r, const char *name)
{
	const struct conf *c = r->w->conf;
	const struct record *x;
	for (size_t i = 0; i < c->domains_n; i++)
		if (record_in_zone(name, c->domains[i].name) &&
		    record_in_zone(c->domains[i].name, r->domain->name) &&
		    strcmp(c->domains[i].name, r->domain->name) != 0)
			return true;
	for (size_t at = 0; (x = want_live(r, name, DNS_MX, &at));)
		if (!str_eq(x->value, no_mx))
			return true;
	for (size_t at = 0; (x = want_live(r, name, DNS_TXT, &at));)
		if (spf_is_record(x->value) && !str_eq(x->value, no_spf))
			return true;
	return false;
}

/* Something else that was wished for stands there. */
static bool is_wished(const struct want_run *r, size_t until, const char *name)
{
	for (size_t i = r->first; i < until; i++)
		if (!strcmp(r->out->at[i].record.name, name))
			return true;
	return false;
}

static bool is_silent(const struct want_run *r, size_t until,
		      const struct record *x)
{
	return (x->type == DNS_A || x->type == DNS_AAAA) &&
	       strcmp(x->name, r->domain->name) != 0 &&
	       strcmp(x->name, r->w->host) != 0 &&
	       record_in_zone(x->name, r->domain->name) &&
	       !strchr(x->name, '*') && *x->name != '_' &&
	       want_zone_of(r, x->name) && !is_wished(r, until, x->name) &&
	       !has_mail(r, x->name) && !want_ours(r, x);
}

static void silence(struct want_run *r, const char *name)
{
	const struct want_value all[] = {
		{ name,
		  DNS_MX,
		  WISH_ALONE,
		  str_of(no_mx),
		  { 0 },
		  "the name takes no mail" },
		{ name,
		  DNS_TXT,
		  WISH_ALONE,
		  str_of(no_spf),
		  { 0 },
		  "the name sends no mail" },
		{ mem_fmt(r->m, "_dmarc.%s", name),
		  DNS_TXT,
		  WISH_ALONE,
		  STR_LIT("v=DMARC1; p=reject"),
		  { 0 },
		  "the name sends no mail" },
	};
	const size_t n = r->dmarc_of_sub == POLICY_REJECT ? 2 : 3;
	for (size_t i = 0; i < n; i++)
		want_wish(r, &all[i]);
}

void want_harden(struct want_run *r)
{
	const struct want_names *x = &r->index[r->zone - r->w->zones].live;
	const size_t until = r->out->n;
	const char *last = "";
	for (size_t i = 0; r->mail->harden && i < x->n; i++) {
		if (!strcmp(x->at[i].name, last) ||
		    !is_silent(r, until, x->at[i].what))
			continue;
		last = x->at[i].name;
		silence(r, last);
	}
}
