/* What is wrong in the zone before anything is written. */
#include <string.h>

#include "mail/want_parts.h"

static void apex_alias(struct want_run *r)
{
	size_t at = 0;
	const char *name = r->domain->name;
	const struct record *x = want_live(r, name, DNS_CNAME, &at);
	if (x)
		want_say(r, WANT_STOP,
			 "%s is an alias (CNAME) of %s, and beside that it can "
			 "have neither MX nor SPF: put A and AAAA records in "
			 "its place (some providers have an ALIAS type), then "
			 "run this again",
			 name, want_target(r, x->value));
}

/* A wildcard answers for every name that is not there (RFC 4592). */
static void wildcard(struct want_run *r, const struct record *x)
{
	const bool alias = x->type == DNS_CNAME;
	if (strncmp(x->name, "*.", 2) != 0 || (!alias && x->type != DNS_TXT) ||
	    !record_in_zone(r->domain->name, x->name + 2))
		return;
	want_say(r, WANT_WARN,
		 "%s %s answers for _dmarc, _mta-sts and every DKIM key that "
		 "is not there (\"%.*s\"), at subdomains too: what is "
		 "published here stands before it, for the rest delete it or "
		 "name the hosts that need it",
		 x->name, alias ? "CNAME" : "TXT", STR_FMT(x->value));
}

/* "smtp.example.org.example.org.": the zone came behind a name that had it. */
static void doubled(struct want_run *r, const struct record *x)
{
	const char *zone = r->zone->name;
	const char *twice = mem_fmt(r->m, ".%s.%s", zone, zone);
	const char *target;
	if (x->type != DNS_MX && x->type != DNS_CNAME && x->type != DNS_SRV)
		return;
	target = want_target(r, x->value);
	if (!str_ends(str_of(target), twice))
		return;
	const size_t n = strlen(target) - strlen(zone) - 1;
	want_say(r, WANT_STOP,
		 "%s leads to %s: its provider puts the zone behind names "
		 "without a final dot; write it as \"%.*s.\" there, then run "
		 "this again",
		 x->name, target, (int)n, target);
}

/* Texts that no receiver reads where they are. */
static void useless(struct want_run *r)
{
	enum { SPF_TYPE = 99 }; /* RFC 7208 3.1 ended it */
	const char *name = r->domain->name;
	const struct record *x;
	for (size_t at = 0; (x = want_live(r, name, DNS_ANY, &at));)
		if (x->type == SPF_TYPE)
			want_say(r, WANT_WARN,
				 "%s has a record of type SPF (99), which "
				 "nobody reads any more: delete it, SPF is TXT",
				 name);
		else if (x->type == DNS_TXT && dmarc_is_record(x->value))
			want_say(r, WANT_WARN,
				 "the DMARC record at %s has no effect there: "
				 "delete it, the one at _dmarc.%s counts",
				 name, name);
		else if (x->type == DNS_TXT &&
			 str_starts_i(x->value, "spf2.0/"))
			want_say(r, WANT_WARN,
				 "%s has a Sender-ID record (spf2.0), which "
				 "nobody reads any more: delete it",
				 name);
}

void want_check(struct want_run *r)
{
	apex_alias(r);
	useless(r);
	for (size_t i = 0; i < r->zone->live->n; i++) {
		wildcard(r, &r->zone->live->at[i]);
		doubled(r, &r->zone->live->at[i]);
	}
}
