/* MTA-STS (RFC 8461) and reports on TLS (RFC 8460). */
#include <string.h>

#include "base/auto.h"
#include "base/b64.h"
#include "crypto/hmac.h"
#include "mail/want_parts.h"

enum { ID_BYTES = 10, AGE_TESTING = 86400, AGE_ENFORCE = 604800 };

const char *want_sts_policy(enum conf_sts mode, const struct conf_list *mx,
			    struct mem *m)
{
	static const char *const words[] = {
		[STS_OFF] = "none",
		[STS_TESTING] = "testing",
		[STS_ENFORCE] = "enforce",
		[STS_NONE] = "none",
	};
	const char *all = mem_fmt(m, "version: STSv1\nmode: %s\n", words[mode]);
	for (size_t i = 0; i < mx->n; i++)
		all = mem_fmt(m, "%smx: %s\n", all, mx->at[i]);
	return mem_fmt(m, "%smax_age: %d\n", all,
		       mode == STS_ENFORCE ? AGE_ENFORCE : AGE_TESTING);
}

const char *want_sts_id(struct str policy, struct mem *m)
{
	AUTO(buf) struct buf hex = { 0 };
	unsigned char sum[HASH_MAX];
	hash_of(HASH_SHA256, policy, sum);
	hex_add(&hex, (struct str){ (const char *)sum, ID_BYTES });
	return mem_str(m, buf_c(&hex));
}

/* The name that answers by HTTPS, unless somebody gave it a place already. */
static void policy_host(struct want_run *r, const char *name)
{
	size_t a = 0, aaaa = 0;
	for (size_t i = 0; i < r->addresses.n; i++) {
		const char *text = r->addresses.at[i];
		const bool v6 = strchr(text, ':');
		const struct want_value v = {
			.name = name,
			.type = v6 ? DNS_AAAA : DNS_A,
			.how = WISH_ALONE,
			.value = str_of(text),
			.reason = "the MTA-STS policy is served here",
		};
		if (want_foreign(r, name, v.type, v.value) ||
		    want_live(r, name, DNS_CNAME, v6 ? &aaaa : &a))
			continue;
		want_wish(r, &v);
	}
}

/* Who has read a policy holds to it until max_age is over (RFC 8461 2). */
static void say_too_soon(struct want_run *r)
{
	const char *name = mem_fmt(r->m, "_mta-sts.%s", r->domain->name);
	const struct record *x;
	for (size_t at = 0; (x = want_live(r, name, DNS_TXT, &at));)
		if (want_ours(r, x))
			want_say(r, WANT_WARN,
				 "the MTA-STS policy of %s is remembered by "
				 "those who read it: set mta_sts: none, "
				 "publish, and set it to off once the old "
				 "max_age is over",
				 r->domain->name);
}

void want_sts(struct want_run *r)
{
	const char *domain = r->domain->name;
	if (r->mail->mta_sts == STS_OFF) {
		say_too_soon(r);
		return;
	}
	if (!r->w->sts_id) {
		want_say(r, WANT_WARN,
			 "the MTA-STS policy of %s was not seen at "
			 "https://mta-sts.%s/.well-known/mta-sts.txt, so its "
			 "records wait: serve it there, then run this again",
			 domain, domain);
		return;
	}
	const struct want_value v = {
		.name = mem_fmt(r->m, "_mta-sts.%s", domain),
		.type = DNS_TXT,
		.how = WISH_ALONE,
		.value = str_of(mem_fmt(r->m, "v=STSv1; id=%s;", r->w->sts_id)),
		.reason = "there is an MTA-STS policy, this one",
	};
	policy_host(r, mem_fmt(r->m, "mta-sts.%s", domain));
	want_wish(r, &v);
}

static void reports(struct want_run *r, const char *about, const char *to,
		    const char *reason)
{
	const struct want_value v = {
		.name = mem_fmt(r->m, "_smtp._tls.%s", about),
		.type = DNS_TXT,
		.how = WISH_ALONE,
		.value = str_of(mem_fmt(r->m, "v=TLSRPTv1; rua=%s", to)),
		.reason = reason,
	};
	want_offer(r, &v);
}

/* At the domain for MTA-STS, at the host for DANE. */
void want_tlsrpt(struct want_run *r)
{
	const struct conf_list *list = &r->mail->tls_rpt;
	const char *to =
		list->n ? mem_join(r->m, list->at, list->n, ",") :
			  mem_fmt(r->m, "mailto:tlsrpt@%s", r->domain->name);
	if (!r->receives && !list->n)
		return; /* the mail of others: their TLS */
	reports(r, r->domain->name, to, "where reports on TLS go");
	if (r->owns_host && strcmp(r->w->host, r->domain->name) != 0)
		reports(r, r->w->host, to, "where reports on DANE go");
}
