/* What a smarthost needs to send for the domain: a preset is a row. */
#include <string.h>

#include "mail/want_parts.h"

struct preset {
	const char *name;
	const char *verification; /* label of the TXT record */
	const char *spf;          /* whom to include */
	const char *dkim;         /* a token's CNAME leads to TOKEN.this */
	const char *selector;     /* of a bare DKIM record, with the region */
	const char *bounces;      /* MX of mail_from, with the region */
};
static const struct preset presets[] = {
	{ .name = "ses",
	  .verification = "_amazonses",
	  .spf = "amazonses.com",
	  .dkim = "dkim.amazonses.com",
	  .bounces = "10 feedback-smtp.%s.amazonses.com." },
	{ .name = "directmail",
	  .verification = "aliyundm",
	  .spf = "spf1.dm.aliyun.com",
	  .selector = "aliyun-%s" },
};

static const struct preset *preset_of(const struct want_run *r)
{
	for (size_t i = 0; i < sizeof(presets) / sizeof(presets[0]); i++)
		if (r->mail->smarthost &&
		    !strcmp(r->mail->smarthost, presets[i].name))
			return &presets[i];
	return NULL;
}

/* With a name of their own for bounces, the domain's record is not looked at
 * for what they send. */
static bool has_bounces(const struct want_run *r, const struct preset *p)
{
	return p->bounces && r->mail->records.mail_from &&
	       r->mail->records.region;
}

void want_smarthost_terms(const struct want_run *r, struct conf_list *terms)
{
	const struct preset *p = preset_of(r);
	if (p && !has_bounces(r, p))
		conf_list_add(terms, r->m, mem_fmt(r->m, "include:%s", p->spf));
}

/* The one "%s" of a row takes the region's place. */
static const char *in_region(struct want_run *r, const char *text)
{
	const char *mark = strstr(text, "%s");
	return mem_fmt(r->m, "%.*s%s%s", (int)(mark - text), text,
		       r->mail->records.region, mark + 2);
}

static void text_at(struct want_run *r, const char *label, const char *text,
		    enum wish_how how, const char *reason)
{
	const struct want_value v = {
		.name = mem_fmt(r->m, "%s.%s", label, r->domain->name),
		.type = DNS_TXT,
		.how = how,
		.value = str_of(text),
		.reason = reason,
	};
	want_wish(r, &v);
}

/* A token, or all of its target: in some regions that is another. */
static void alias_to(struct want_run *r, const char *token, const char *where)
{
	const size_t label = strcspn(token, ".");
	const struct want_value v = {
		.name = mem_fmt(r->m, "%.*s._domainkey.%s", (int)label, token,
				r->domain->name),
		.type = DNS_CNAME,
		.how = WISH_ALONE,
		.value = str_of(token[label] ?
					mem_fmt(r->m, "%s.", token) :
					mem_fmt(r->m, "%s.%s.", token, where)),
		.reason = "DKIM key of the smarthost",
	};
	want_wish(r, &v);
}

/* "v=DKIM1; k=..." without a selector in front. */
static bool is_bare(const char *text)
{
	return strcspn(text, "=") == 1;
}

static void key(struct want_run *r, const struct preset *p, const char *text)
{
	const char *reason = "DKIM key of the smarthost";
	const char *record = strchr(text, '=');
	const char *selector = NULL;
	if (!record && p->dkim) {
		alias_to(r, text, p->dkim);
		return;
	}
	if (record && !is_bare(text))
		selector = mem_dup(r->m, text, (size_t)(record - text));
	else if (record && p->selector && r->mail->records.region)
		selector = in_region(r, p->selector);
	if (!selector) {
		want_say(r, WANT_WARN,
			 "smarthost_records.dkim of %s: \"%s\" is neither a "
			 "token of %s nor SELECTOR=RECORD; copy it from its "
			 "page (and set smarthost_records.region)",
			 r->domain->name, text, p->name);
		return;
	}
	text_at(r, mem_fmt(r->m, "%s._domainkey", selector),
		is_bare(text) ? text : record + 1, WISH_ALONE, reason);
}

static void bounces(struct want_run *r, const struct preset *p)
{
	const char *name = r->mail->records.mail_from;
	const struct want_value mx = {
		.name = name,
		.type = DNS_MX,
		.how = WISH_ALONE,
		.value = str_of(in_region(r, p->bounces)),
		.reason = "bounces go to the smarthost",
	};
	const struct want_value spf = {
		.name = name,
		.type = DNS_TXT,
		.how = WISH_ALONE,
		.value =
			str_of(mem_fmt(r->m, "v=spf1 include:%s ~all", p->spf)),
		.reason = "the smarthost sends under this name",
	};
	if (!record_in_zone(name, r->domain->name) ||
	    !strcmp(name, r->domain->name)) {
		want_say(r, WANT_WARN,
			 "smarthost_records.mail_from of %s must be a name "
			 "below it, such as bounce.%s",
			 r->domain->name, r->domain->name);
		return;
	}
	want_wish(r, &mx);
	want_wish(r, &spf);
}

static void own_mx(struct want_run *r)
{
	const struct want_value v = {
		.name = r->domain->name,
		.type = DNS_MX,
		.how = WISH_SHARED,
		.value = str_of(mem_fmt(r->m, "10 %s.", r->mail->records.mx)),
		.reason = "bounces go to the smarthost",
	};
	want_wish(r, &v);
}

void want_smarthost(struct want_run *r)
{
	const struct preset *p = preset_of(r);
	if (!p && r->mail->smarthost && !strstr(r->mail->smarthost, "://"))
		want_say(r, WANT_WARN,
			 "smarthost of %s: \"%s\" is neither a URL nor one of "
			 "ses and directmail, so no records are made for it",
			 r->domain->name, r->mail->smarthost);
	if (!p)
		return;
	if (r->mail->records.verification)
		text_at(r, p->verification, r->mail->records.verification,
			WISH_SHARED,
			"the smarthost knows that the domain is yours");
	for (size_t i = 0; i < r->mail->records.dkim.n; i++)
		key(r, p, r->mail->records.dkim.at[i]);
	if (!r->mail->records.dkim.n)
		want_say(r, WANT_WARN,
			 "%s signs nothing for %s until you publish its DKIM "
			 "keys: copy them from its page into "
			 "smarthost_records.dkim",
			 p->name, r->domain->name);
	if (r->mail->records.mx)
		own_mx(r);
	if (has_bounces(r, p))
		bounces(r, p);
	else if (p->bounces && r->mail->records.mail_from)
		want_say(r, WANT_WARN,
			 "smarthost_records.mail_from of %s needs "
			 "smarthost_records.region, such as eu-west-1",
			 r->domain->name);
}
