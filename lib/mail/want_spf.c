/* SPF: one record at the domain, merged into what is there, with what is ours
 * alone behind an include. */
#include <string.h>

#include "mail/want_parts.h"

enum { TEXT_GOOD = 450 }; /* bytes that fit an answer without TCP */

/* The SPF records at a name. */
static size_t records_at(const struct want_run *r, const char *name,
			 struct str out[static 2], const struct record **first)
{
	const struct record *x;
	size_t n = 0;
	*first = NULL;
	for (size_t at = 0; (x = want_live(r, name, DNS_TXT, &at));) {
		if (!spf_is_record(x->value))
			continue;
		if (n == 0)
			*first = x;
		if (n < 2)
			out[n] = x->value;
		n++;
	}
	return n;
}

static void stop_many(struct want_run *r, const char *name,
		      const struct str records[static 2])
{
	struct str all;
	struct err e = { 0 };
	if (spfmerge_join(records, 2, r->m, &all, &e) < 0)
		want_say(r, WANT_STOP,
			 "%s has more than one SPF record, which receivers "
			 "take for an error, and one of them is wrong (%s): "
			 "leave one, then run this again",
			 name, e.msg);
	else
		want_say(r, WANT_STOP,
			 "%s has more than one SPF record, which receivers "
			 "take for an error: delete them but one, let that be "
			 "\"%.*s\", then run this again",
			 name, STR_FMT(all));
}

static void stop_wrong(struct want_run *r, const char *name,
		       const struct str *was, const struct err *e)
{
	if (was)
		want_say(r, WANT_STOP,
			 "the SPF record of %s cannot be read: %s; mend it "
			 "(\"%.*s\"), then run this again",
			 name, e->msg, STR_FMT(*was));
	else
		want_say(r, WANT_STOP,
			 "the SPF record of %s cannot be made: %s; mend spf in "
			 "opsmail.yaml",
			 name, e->msg);
}

/* The one SPF record of a name. */
struct own {
	const char *name;
	const struct record *live;        /* NULL: none */
	const struct journal_entry *ours; /* NULL: it is another's */
};

/* What ours was made from is what it is made from again: so a term that the
 * configuration does not have any more goes, and another's stays. */
static const struct str *base_of(const struct own *o)
{
	if (!o->live || (o->ours && !o->ours->was.at))
		return NULL;
	return o->ours ? &o->ours->was : &o->live->value;
}

static bool wish_text(struct want_run *r, const struct own *o, struct str text,
		      const char *reason)
{
	const bool merged = base_of(o) && !str_same(text, o->live->value);
	const struct want_value v = {
		.name = o->name,
		.type = DNS_TXT,
		.how = merged ? WISH_MERGED : WISH_ALONE,
		.value = text,
		.was = merged ? o->live->value : (struct str){ 0 },
		.reason = reason,
	};
	return want_wish(r, &v);
}

static bool merge(struct want_run *r, const struct own *o,
		  const struct conf_list *terms, const char *reason)
{
	const struct str *base = base_of(o);
	struct str text;
	struct err e = { 0 };
	if (spfmerge_add(base ? *base : (struct str){ 0 }, terms, r->m, &text,
			 &e) == 0)
		return wish_text(r, o, text, reason);
	stop_wrong(r, o->name, base, &e);
	return false;
}

/* False when there are several. */
static bool find(struct want_run *r, const char *name, struct own *out)
{
	struct str found[2];
	const struct record *x;
	const size_t n = records_at(r, name, found, &x);
	*out = (struct own){ .name = name, .live = x };
	out->ours = x ? want_ours(r, x) : NULL;
	if (n > 1)
		stop_many(r, name, found);
	return n < 2;
}

bool want_spf_at(struct want_run *r, const char *name,
		 const struct conf_list *terms, const char *reason)
{
	struct own o;
	if (!find(r, name, &o))
		return false;
	if (o.live && !o.ours && want_passes(r, name))
		return wish_text(r, &o, o.live->value, reason);
	return merge(r, &o, terms, reason);
}

/* Our addresses, written out or by the host's name. */
static void own_terms(const struct want_run *r, struct conf_list *terms)
{
	if (r->mail->spf.style == SPF_STYLE_A || !r->addresses.n)
		conf_list_add(terms, r->m, mem_fmt(r->m, "a:%s", r->w->host));
	else
		for (size_t i = 0; i < r->addresses.n; i++)
			conf_list_add(terms, r->m,
				      mem_fmt(r->m, "%s:%s",
					      strchr(r->addresses.at[i], ':') ?
						      "ip6" :
						      "ip4",
					      r->addresses.at[i]));
}

/* What the domain's record shall have; without `own` where the addresses pass
 * already. */
static void apex_terms(const struct want_run *r, const char *own,
		       struct conf_list *terms)
{
	const struct conf_mail *mail = r->mail;
	for (size_t i = 0; i < mail->spf.terms.n; i++)
		conf_list_add(terms, r->m, mail->spf.terms.at[i]);
	if (own)
		conf_list_add(terms, r->m, own);
	for (size_t i = 0; i < mail->spf.include.n; i++)
		conf_list_add(terms, r->m,
			      mem_fmt(r->m, "include:%s",
				      mail->spf.include.at[i]));
	want_smarthost_terms(r, terms);
}

/* Somebody whom a term lets in, and who is not us. */
static bool lets_others_in(const struct want_run *r, struct str text,
			   const char *own)
{
	struct spf_record s;
	struct err e = { 0 };
	struct conf_list friends = { 0 };
	conf_list_add(&friends, r->m, own);
	want_smarthost_terms(r, &friends);
	const struct str known =
		str_of(mem_join(r->m, friends.at, friends.n, " "));
	if (spf_parse(text, r->m, &s, &e) < 0)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		const struct spf_term *t = &s.terms[i];
		if ((t->kind == SPF_INCLUDE &&
		     !spfmerge_has(known,
				   mem_dup(r->m, t->text.at, t->text.n))) ||
		    t->kind == SPF_EXISTS || t->kind == SPF_PTR)
			return true;
	}
	return s.redirect != NULL;
}

/* A client that nobody lists: the whole record is gone through. */
static void count_for(struct want_run *r, const char *client, struct str text)
{
	struct spf_ask q = { .helo = r->w->host,
			     .from = mem_fmt(r->m, "postmaster@%s",
					     r->domain->name),
			     .receiver = r->w->host,
			     .now = r->w->now };
	struct spf out;
	spf_ip_parse(client, &q.ip);
	if (!want_judge(r, &q, &out))
		return;
	if (out.result == SPF_PERMERROR)
		want_say(r, WANT_STOP,
			 "receivers take the SPF record of %s for an error "
			 "when the client has %s: %s; take out includes that "
			 "nobody needs any more, and a and mx, which are "
			 "rarely needed: \"%.*s\"",
			 r->domain->name, q.ip.v6 ? "IPv6" : "IPv4", out.why,
			 STR_FMT(text));
	else if (out.result == SPF_TEMPERROR)
		want_say(r, WANT_WARN,
			 "whether receivers can follow the SPF record of %s is "
			 "not known: %s; run this again later",
			 r->domain->name, out.why);
	else if (out.result == SPF_PASS)
		want_say(r, WANT_WARN,
			 "the SPF record of %s lets everybody send: let it end "
			 "with ~all",
			 r->domain->name);
}

static void review(struct want_run *r, struct str text)
{
	const char *name = r->domain->name;
	count_for(r, "240.0.0.1", text);
	count_for(r, "100::1", text);
	if (text.n > TEXT_GOOD)
		want_say(r, WANT_WARN,
			 "the SPF record of %s has %zu bytes, and above %d "
			 "some receivers get no whole answer: take out what "
			 "nobody needs any more",
			 name, text.n, TEXT_GOOD);
	if (spfmerge_has(text, "?all"))
		want_say(r, WANT_WARN,
			 "the SPF record of %s ends with ?all, which says "
			 "nothing about others: let it end with ~all",
			 name);
	if (spfmerge_has(text, "ptr"))
		want_say(r, WANT_WARN,
			 "the SPF record of %s has ptr, which is slow and "
			 "which many receivers pass over: take it out",
			 name);
	if (r->addresses.n && !want_passes(r, name) && !r->waits && !r->unsure)
		want_say(r, WANT_WARN,
			 "mail of %s from the addresses of this host does not "
			 "pass SPF even so: a term before the end of \"%.*s\" "
			 "forbids them; take it out",
			 name, STR_FMT(text));
}

/* Another's words let our addresses in without us. */
static bool is_enough(struct want_run *r, const struct own *o, const char *own)
{
	return base_of(o) && !spfmerge_has(o->live->value, own) &&
	       want_passes(r, o->name);
}

void want_spf(struct want_run *r)
{
	const char *below = mem_fmt(r->m, "_spf.%s", r->domain->name);
	const char *own = mem_fmt(r->m, "include:%s", below);
	struct conf_list terms = { 0 }, apex = { 0 };
	struct own o;
	if (!find(r, r->domain->name, &o))
		return;
	const bool enough = is_enough(r, &o, own);
	own_terms(r, &terms);
	if (!enough)
		want_spf_at(r, below, &terms, "the addresses mail leaves from");
	apex_terms(r, enough ? NULL : own, &apex);
	if (!merge(r, &o, &apex, "who may send for the domain"))
		return;
	const struct str text = r->out->at[r->out->n - 1].record.value;
	r->others = r->others || lets_others_in(r, text, own);
	review(r, text);
}
