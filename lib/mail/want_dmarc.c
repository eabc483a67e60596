/* DMARC (RFC 9989): the ladder from none to reject, what another wrote, and
 * the leave to send reports elsewhere. */
#include <string.h>

#include "mail/want_parts.h"

enum { URIS_READ = 2 }; /* reporters may pass over more */

static const char *word(enum conf_policy p)
{
	static const char *const words[] = { "", "none", "quarantine",
					     "reject" };
	return words[p];
}

static enum conf_policy rung(struct want_run *r)
{
	if (r->mail->dmarc.p != POLICY_AUTO)
		return r->mail->dmarc.p;
	if (!r->w->proven) {
		want_say(r, WANT_INFO,
			 "DMARC of %s asks receivers for nothing yet: send a "
			 "message (`opsmail send`), and once it was seen to "
			 "pass, publish again",
			 r->domain->name);
		return POLICY_NONE;
	}
	if (!r->others)
		return POLICY_REJECT;
	want_say(r, WANT_INFO,
		 "others send for %s too, so DMARC asks for quarantine: set "
		 "dmarc.p: reject once the reports were clean for some weeks",
		 r->domain->name);
	return POLICY_QUARANTINE;
}

static void tag(struct want_run *r, const char **text, const char *name,
		const char *value)
{
	if (*value)
		*text = mem_fmt(r->m, "%s; %s=%s", *text, name, value);
}

static const char *joined(struct want_run *r, const struct conf_list *l)
{
	return l->n ? mem_join(r->m, l->at, l->n, ",") : "";
}

static struct conf_list rua_of(struct want_run *r)
{
	struct conf_list own = { 0 };
	if (r->mail->dmarc.rua.n)
		return r->mail->dmarc.rua;
	conf_list_add(&own, r->m,
		      mem_fmt(r->m, "mailto:dmarc@%s", r->domain->name));
	return own;
}

/* In the order that people are used to: p second (RFC 9989 leaves it free). */
static const char *render(struct want_run *r, const struct conf_list *rua)
{
	const struct conf_mail *mail = r->mail;
	const enum conf_policy p = rung(r);
	enum conf_policy np = mail->dmarc.np;
	const char *text = "v=DMARC1";
	if (np == POLICY_AUTO && mail->dmarc.p == POLICY_AUTO &&
	    mail->dmarc.sp == POLICY_AUTO && p == POLICY_REJECT)
		np = POLICY_REJECT;
	tag(r, &text, "p", word(p));
	tag(r, &text, "sp", word(mail->dmarc.sp));
	tag(r, &text, "np", word(np));
	tag(r, &text, "adkim", mail->dmarc.adkim == ALIGN_STRICT ? "s" : "");
	tag(r, &text, "aspf", mail->dmarc.aspf == ALIGN_STRICT ? "s" : "");
	tag(r, &text, "fo", mail->dmarc.ruf.n ? mail->dmarc.fo : "");
	tag(r, &text, "ruf", joined(r, &mail->dmarc.ruf));
	tag(r, &text, "rua", joined(r, rua));
	return text;
}

/* ---- what another wrote ---- */
static bool has_uri(struct str list, const char *uri, size_t *n)
{
	struct str one;
	bool has = false;
	for (*n = 0; str_cut(&list, ',', &one);) {
		one = str_trim(one);
		*n += one.n > 0;
		has = has || str_eqi(one, uri);
	}
	return has;
}

/* The record with our addresses for reports beside its own. */
static const char *with_rua(struct want_run *r, struct str text,
			    const struct conf_list *rua)
{
	struct dmarc_record d;
	struct err ignored = { 0 };
	const char *list;
	size_t n;
	if (dmarc_parse(text, &d, &ignored) < 0)
		return mem_dup(r->m, text.at, text.n);
	list = mem_dup(r->m, d.rua.at, d.rua.n);
	for (size_t i = 0; i < rua->n; i++)
		if (!has_uri(str_of(list), rua->at[i], &n) && n < URIS_READ)
			list = mem_fmt(r->m, "%s%s%s", list, n ? "," : "",
				       rua->at[i]);
	if (d.rua.n) {
		const char *end = d.rua.at + d.rua.n;
		return mem_fmt(r->m, "%.*s%s%.*s", (int)(d.rua.at - text.at),
			       text.at, list, (int)(text.at + text.n - end),
			       end);
	}
	text = str_trim(text);
	while (str_ends(text, ";") || str_ends(text, " "))
		text.n--;
	return mem_fmt(r->m, "%.*s; rua=%s", STR_FMT(text), list);
}

static void say_old_tags(struct want_run *r, struct str text)
{
	struct str one, name;
	while (str_cut(&text, ';', &one)) {
		if (!str_cut(&one, '=', &name))
			continue;
		name = str_trim(name);
		if (str_eqi(name, "pct") || str_eqi(name, "rf") ||
		    str_eqi(name, "ri"))
			want_say(r, WANT_INFO,
				 "the DMARC record of %s has %.*s, which RFC "
				 "9989 does not know any more: take it out",
				 r->domain->name, STR_FMT(name));
	}
}

/* Another's record keeps its policy, but for a policy that was set in words. */
static const char *beside(struct want_run *r, struct str theirs,
			  const struct conf_list *rua)
{
	struct dmarc_record d;
	struct err ignored = { 0 };
	const enum conf_policy p = r->mail->dmarc.p;
	dmarc_parse(theirs, &d, &ignored);
	say_old_tags(r, theirs);
	if (p != POLICY_AUTO && strcmp(dmarc_policy_word(d.p), word(p)) != 0)
		return render(r, rua);
	if (!r->mail->dmarc.rua.n && d.rua.n)
		return mem_dup(r->m, theirs.at, theirs.n);
	return with_rua(r, theirs, rua);
}

/* ---- leave to send reports elsewhere (RFC 9990 4) ---- */

/* The domain of "mailto:a@b!10m"; NULL for others. */
static const char *domain_of(struct want_run *r, struct str uri)
{
	const char *at = memchr(uri.at, '@', uri.n);
	if (!str_starts_i(uri, "mailto:") || !at)
		return NULL;
	char *name = mem_dup(r->m, at + 1, (size_t)(uri.at + uri.n - at - 1));
	name[strcspn(name, "!?")] = 0;
	for (char *c = name; *c; c++)
		*c = str_lower(*c);
	return *name ? name : NULL;
}

static bool is_known(struct want_run *r, const char *name)
{
	const struct fact *f = facts_look(r->facts, name, DNS_TXT);
	r->waits = r->waits || !f;
	for (size_t i = 0; f && i < f->n; i++)
		if (dmarc_is_record(f->values[i]))
			return true;
	return !f;
}

static void allow(struct want_run *r, struct str uri)
{
	const char *to = domain_of(r, uri);
	const bool own = to && !strcmp(to, r->domain->name);
	const char *org = to && !own ? want_org(r, r->domain->name) : NULL;
	const char *their_org = org ? want_org(r, to) : NULL;
	if (!their_org || !strcmp(org, their_org))
		return;
	const struct want_value v = {
		.name = mem_fmt(r->m, "%s._report._dmarc.%s", r->domain->name,
				to),
		.type = DNS_TXT,
		.how = WISH_ALONE,
		.value = STR_LIT("v=DMARC1;"),
		.reason = "it may get reports about the domain",
	};
	size_t at = 0;
	if (want_live(r, mem_fmt(r->m, "*._report._dmarc.%s", to), DNS_TXT,
		      &at))
		return;
	if (want_zone_of(r, v.name))
		want_wish(r, &v);
	else if (!is_known(r, v.name))
		want_say(r, WANT_WARN,
			 "reports about %s are not sent to %s until that "
			 "domain allows it: have this record added there: %s "
			 "TXT \"v=DMARC1;\"",
			 r->domain->name, to, v.name);
}

static void allow_all(struct want_run *r, struct str text)
{
	struct dmarc_record d;
	struct err ignored = { 0 };
	struct str one;
	if (dmarc_parse(text, &d, &ignored) < 0)
		return;
	const struct str lists[] = { d.rua, d.ruf };
	for (size_t i = 0; i < 2; i++)
		for (struct str rest = lists[i]; str_cut(&rest, ',', &one);)
			allow(r, str_trim(one));
	r->dmarc_of_sub = (enum conf_policy)(d.sp + POLICY_NONE);
}

/* The DMARC records at a name, ours and others'. */
struct there {
	const struct record *ours, *theirs;
	size_t n;
};

static struct there there_at(const struct want_run *r, const char *name)
{
	struct there t = { 0 };
	const struct record *x;
	for (size_t at = 0; (x = want_live(r, name, DNS_TXT, &at));) {
		if (!dmarc_is_record(x->value))
			continue;
		*(want_ours(r, x) ? &t.ours : &t.theirs) = x;
		t.n++;
	}
	return t;
}

/* One that was taken over and already says as much, with reports to us: its
 * other words stay. */
static bool is_good(struct want_run *r, struct str text,
		    const struct conf_list *rua)
{
	struct dmarc_record d;
	struct err ignored = { 0 };
	size_t n;
	if (r->mail->dmarc.p != POLICY_AUTO ||
	    dmarc_parse(text, &d, &ignored) < 0 ||
	    d.p + POLICY_NONE < (unsigned)rung(r))
		return false;
	for (size_t i = 0; i < rua->n; i++)
		if (!has_uri(d.rua, rua->at[i], &n))
			return false;
	return r->mail->dmarc.ruf.n == 0 && r->mail->dmarc.sp == POLICY_AUTO &&
	       r->mail->dmarc.np == POLICY_AUTO;
}

static const char *choose(struct want_run *r, const struct there *t,
			  const struct conf_list *rua)
{
	if (t->theirs)
		return beside(r, t->theirs->value, rua);
	if (t->ours && is_good(r, t->ours->value, rua))
		return mem_dup(r->m, t->ours->value.at, t->ours->value.n);
	return render(r, rua);
}

void want_dmarc(struct want_run *r)
{
	const char *name = mem_fmt(r->m, "_dmarc.%s", r->domain->name);
	const struct conf_list rua = rua_of(r);
	const struct there t = there_at(r, name);
	if (t.n > 1)
		want_say(r, WANT_STOP,
			 "%s has more than one DMARC record, which is as good "
			 "as none: delete them but one, then run this again",
			 name);
	const struct want_value v = {
		.name = name,
		.type = DNS_TXT,
		.how = WISH_ALONE,
		.value = str_of(choose(r, &t, &rua)),
		.reason = "what receivers do with mail that is not ours",
	};
	want_wish(r, &v);
	allow_all(r, v.value);
	if (!r->receives && !r->mail->dmarc.rua.n &&
	    str_find(v.value, rua.at[0]))
		want_say(r, WANT_INFO,
			 "reports about %s go to %s: make that mailbox where "
			 "the domain gets its mail, or set dmarc.rua",
			 r->domain->name, rua.at[0]);
}
