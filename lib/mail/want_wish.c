/* Wishes and notes, and what keeps a wish from being one. */
#include <string.h>

#include "mail/want_parts.h"

enum { TTL_SETTING_UP = 300, TTL_SETTLED = 3600 };

void want_say(struct want_run *r, enum want_level level, const char *fmt, ...)
{
	struct want_notes *notes = r->notes;
	va_list ap;
	va_start(ap, fmt);
	const char *text = mem_vfmt(r->m, fmt, ap);
	va_end(ap);
	for (size_t i = 0; i < notes->n; i++)
		if (!strcmp(notes->at[i].text, text))
			return;
	notes->at = mem_more(r->m, notes->at, &notes->room, notes->n,
			     sizeof(*notes->at));
	notes->at[notes->n++] = (struct want_note){ level, r->kind, text };
}

/* As a person types it at a provider's page. */
static const char *by_hand(const struct want_run *r, const struct want_value *v)
{
	char type[16];
	dnsmsg_type_name(v->type, type);
	return mem_fmt(r->m, "%s %s %.*s", v->name, type, STR_FMT(v->value));
}

static bool among(const char *words, const char *word)
{
	struct str rest = str_of(words), one;
	while (str_word(&rest, &one))
		if (str_eqi(one, word))
			return true;
	return false;
}

/* Whether it is there although we cannot write it. */
static bool is_there(struct want_run *r, const struct want_value *v)
{
	const struct fact *f = facts_look(r->facts, v->name, v->type);
	r->waits = r->waits || !f;
	for (size_t i = 0; f && i < f->n; i++) {
		const struct record there = { .name = v->name,
					      .type = v->type,
					      .value = f->values[i] };
		const struct record own = { .name = v->name,
					    .type = v->type,
					    .value = v->value };
		if (record_alike(&there, &own))
			return true;
	}
	return !f;
}

/* Beside a CNAME nothing else can stand (RFC 1034 3.6.2). */
static bool hits_cname(struct want_run *r, const struct want_value *v)
{
	size_t at = 0;
	const struct record *x = want_live(r, v->name, DNS_CNAME, &at);
	const bool host = !strcmp(v->name, r->w->host);
	if (!x || v->type == DNS_CNAME)
		return false;
	if (!strcmp(v->name, r->domain->name))
		return true; /* of the domain itself want_check has told */
	want_say(r, host ? WANT_STOP : WANT_WARN,
		 "%s is an alias (CNAME) of %s, and no other record can stand "
		 "beside it: %s, then run this again",
		 v->name, want_target(r, x->value),
		 host ? "put A and AAAA records in its place" :
			"remove it, or publish the record where it leads");
	return true;
}

/* A CNAME stands alone. */
static bool is_taken(struct want_run *r, const struct want_value *v)
{
	const struct record *x;
	char type[16];
	for (size_t at = 0; v->type == DNS_CNAME &&
			    (x = want_live(r, v->name, DNS_ANY, &at));) {
		if (x->type == DNS_CNAME)
			continue;
		want_say(r, WANT_WARN,
			 "%s has a record of type %s, beside which no alias "
			 "(CNAME) of %s can stand: remove it, then run this "
			 "again",
			 v->name, dnsmsg_type_name(x->type, type),
			 want_target(r, v->value));
		return true;
	}
	return false;
}

static bool fits(struct want_run *r, const struct want_zone *z,
		 const struct want_value *v)
{
	char type[16];
	dnsmsg_type_name(v->type, type);
	if (z->types && !among(z->types, type)) {
		if (!is_there(r, v))
			want_say(r, WANT_WARN,
				 "the provider of %s writes no %s records by "
				 "its API: add %s at its page, by hand",
				 z->name, type, by_hand(r, v));
		return false;
	}
	if (v->type == DNS_TXT && z->txt_max && v->value.n > z->txt_max) {
		want_say(r, WANT_STOP,
			 "the record at %s has %zu bytes and the provider of "
			 "%s takes %zu: %s",
			 v->name, v->value.n, z->name, z->txt_max,
			 !strcmp(r->kind, "dkim") ?
				 "make a smaller key (RSA-2048 at most), or "
				 "give _domainkey to other name servers" :
				 "shorten what the configuration puts there");
		return false;
	}
	if (v->type == DNS_MX && z->no_null_mx && str_ends(v->value, " .")) {
		want_say(r, WANT_INFO,
			 "the provider of %s takes no MX \"0 .\", so names "
			 "without mail say so by SPF and DMARC alone",
			 z->name);
		return false;
	}
	return !hits_cname(r, v) && !is_taken(r, v);
}

bool want_wish(struct want_run *r, const struct want_value *v)
{
	const struct want_zone *z = want_zone_of(r, v->name);
	if (v->how == WISH_GONE && !z)
		return false;
	if (!z) {
		if (!is_there(r, v))
			want_say(r, WANT_WARN,
				 "no zone that can be written from here holds "
				 "%s: have this record added where it is: %s",
				 v->name, by_hand(r, v));
		return false;
	}
	if (v->how != WISH_GONE && !fits(r, z, v))
		return false;
	const struct wish x = {
		.record = { .name = v->name,
			    .type = v->type,
			    .ttl = r->w->settled ? TTL_SETTLED : TTL_SETTING_UP,
			    .value = v->value },
		.how = v->how,
		.was = v->was,
		.kind = r->kind,
		.owner = r->domain->name,
		.reason = v->reason,
	};
	plan_wish(r->out, r->m, &x);
	return true;
}

void want_offer(struct want_run *r, const struct want_value *v)
{
	const struct record *x = want_foreign(r, v->name, v->type, v->value);
	if (!x && v->type != DNS_CNAME)
		x = want_foreign(r, v->name, DNS_CNAME, v->value);
	if (!x) {
		want_wish(r, v);
		return;
	}
	want_say(r, WANT_INFO,
		 "%s has \"%.*s\" already, which is left alone: remove it if "
		 "it should be \"%.*s\"",
		 v->name, STR_FMT(x->value), STR_FMT(v->value));
}
