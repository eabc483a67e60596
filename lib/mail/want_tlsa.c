/* Who may vouch for the host: its keys by DANE (RFC 7672), the CAs by CAA (RFC
 * 8659, 8657). */
#include <string.h>

#include "mail/want_parts.h"

void want_tlsa(struct want_run *r)
{
	const struct want_zone *z = want_zone_of(r, r->w->host);
	const struct conf_list *spki = r->w->spki;
	if (!r->owns_host || !r->mail->tlsa || !spki || !spki->n || !z)
		return;
	if (!z->secure || !r->zone->secure) {
		want_say(r, WANT_INFO,
			 "%s is not signed by DNSSEC, so no TLSA records are "
			 "published: sign it at its provider, and put its DS "
			 "at the registrar",
			 z->secure ? r->zone->name : z->name);
		return;
	}
	for (size_t i = 0; i < spki->n; i++) {
		const struct want_value v = {
			.name = mem_fmt(r->m, "_25._tcp.%s", r->w->host),
			.type = DNS_TLSA,
			.how = WISH_ALONE,
			.value = str_of(mem_fmt(r->m, "3 1 1 %s", spki->at[i])),
			.reason = i ? "DANE: the next key of the host" :
				      "DANE: the key of the host",
		};
		want_wish(r, &v);
	}
}

static void only_our_account(struct want_run *r, const char *name)
{
	for (size_t i = 0; r->w->accounts && i < r->w->accounts->n; i++) {
		struct str rest = str_of(r->w->accounts->at[i]), ca, uri;
		if (!str_word(&rest, &ca) || !str_word(&rest, &uri))
			continue;
		const struct want_value v = {
			.name = name,
			.type = DNS_CAA,
			.how = WISH_SHARED,
			.value = str_of(mem_fmt(
				r->m, "0 issue \"%.*s; accounturi=%.*s\"",
				STR_FMT(ca), STR_FMT(uri))),
			.reason = "only this account may get a certificate",
		};
		want_wish(r, &v);
	}
}

/* An alias takes the CAA of where it leads. */
static bool is_alias(const struct want_run *r, const char *name)
{
	size_t at = 0;
	return want_live(r, name, DNS_CNAME, &at) != NULL;
}

static void at_apex(struct want_run *r)
{
	const char *name = r->domain->name;
	size_t at = 0;
	if (!want_live(r, name, DNS_CAA, &at))
		want_say(r, WANT_WARN,
			 "from the first CAA record at %s on, no other CA may "
			 "certify any name in it: if others do (a CDN, a web "
			 "hoster), set caa: host",
			 name);
	only_our_account(r, name);
}

void want_caa(struct want_run *r)
{
	const char *sts = mem_fmt(r->m, "mta-sts.%s", r->domain->name);
	if (r->mail->caa == CAA_OFF || !r->w->accounts || !r->w->accounts->n)
		return;
	if (r->owns_host)
		only_our_account(r, r->w->host);
	if (r->mail->mta_sts != STS_OFF && r->w->sts_id && !is_alias(r, sts))
		only_our_account(r, sts);
	if (r->mail->caa == CAA_APEX && strcmp(r->domain->name, r->w->host))
		at_apex(r);
}
