/* Judging a client by SPF (RFC 7208 4 and 5). */
#include <arpa/inet.h>
#include <string.h>

#include "mail/spf_macro.h"

enum { NAMES_MAX = 10 }; /* of an MX or a PTR (4.6.4) */

struct check {
	const struct spf_ask *ask;
	struct facts *facts;
	struct mem *m;
	struct spf *out;
	const char *sender;
	bool wants;            /* facts are missing: the rest is no matter */
	enum spf_result error; /* what a failing term makes of it all */
};
enum match { NO, YES, FAILED };

static enum match failed(struct check *c, enum spf_result r, const char *why)
{
	c->error = r;
	c->out->why = why;
	return FAILED;
}

static const struct fact *look(struct check *c, const char *name, uint16_t type)
{
	const struct fact *f = facts_look(c->facts, name, type);
	c->wants = c->wants || !f;
	return f;
}

/* One term that asks the DNS; FAILED when it is one too many. */
static enum match spend(struct check *c)
{
	if (++c->out->lookups <= SPF_LOOKUPS)
		return NO;
	return failed(c, SPF_PERMERROR,
		      mem_fmt(c->m, "more than %d terms that ask the DNS",
			      SPF_LOOKUPS));
}

/* Takes what a term's question led to. FAILED also while it is not known. */
static enum match weigh(struct check *c, const struct fact *f)
{
	if (!f)
		return FAILED;
	if (f->kind == FACT_TEMP)
		return failed(c, SPF_TEMPERROR,
			      mem_fmt(c->m, "no answer about %s", f->name));
	if (f->kind == FACT_VOID && ++c->out->voids > SPF_VOIDS)
		return failed(c, SPF_PERMERROR,
			      mem_fmt(c->m,
				      "more than %d questions that lead to "
				      "nothing",
				      SPF_VOIDS));
	return f->kind == FACT_FOUND ? YES : NO;
}

/* Labels of 1 to 63 bytes, at least two of them. */
static bool is_domain(const char *name)
{
	const size_t n = strlen(name);
	struct str rest = { name, n && name[n - 1] == '.' ? n - 1 : n }, label;
	size_t labels = 0;
	if (rest.n == 0 || rest.n > 253 || strchr(name, '['))
		return false;
	for (; str_cut(&rest, '.', &label); labels++)
		if (label.n == 0 || label.n > 63)
			return false;
	return labels > 1;
}

static bool same_net(const struct spf_ip *a, const struct spf_ip *b,
		     unsigned bits)
{
	const size_t whole = bits / 8;
	const unsigned mask = 0xff00U >> (bits % 8) & 0xffU;
	return a->v6 == b->v6 && memcmp(a->at, b->at, whole) == 0 &&
	       (mask == 0 || ((a->at[whole] ^ b->at[whole]) & mask) == 0);
}

static bool holds(const struct check *c, const struct fact *f,
		  const struct spf_term *t)
{
	for (size_t i = 0; i < f->n; i++) {
		struct spf_ip ip = { .v6 = f->type == DNS_AAAA };
		const char *text =
			mem_dup(c->m, f->values[i].at, f->values[i].n);
		if (inet_pton(ip.v6 ? AF_INET6 : AF_INET, text, ip.at) == 1 &&
		    same_net(&ip, &c->ask->ip, ip.v6 ? t->bits6 : t->bits4))
			return true;
	}
	return false;
}

static uint16_t family(const struct check *c)
{
	return c->ask->ip.v6 ? DNS_AAAA : DNS_A;
}

/* ---- %{p} and ptr: names of the client that lead back to it (5.5) ---- */

static const char *reverse_name(const struct spf_ip *ip, struct mem *m)
{
	const char *all = ip->v6 ? "ip6.arpa" : "in-addr.arpa";
	for (size_t i = 0; i < (ip->v6 ? 16 : 4); i++)
		all = ip->v6 ? mem_fmt(m, "%x.%x.%s", ip->at[i] & 15U,
				       ip->at[i] >> 4, all) :
			       mem_fmt(m, "%u.%s", ip->at[i], all);
	return all;
}

static const struct fact *names_of_client(struct check *c)
{
	return look(c, reverse_name(&c->ask->ip, c->m), DNS_PTR);
}

/* 2: the name is the domain's own, 1: below it, 0: proven but elsewhere; -1:
 * it does not lead back, or nobody knows yet. */
static int nearness(struct check *c, struct str ptr, const char *domain)
{
	static const struct spf_term whole = { .bits4 = 32, .bits6 = 128 };
	char *name = mem_dup(c->m, ptr.at, ptr.n);
	const size_t n = strlen(name);
	if (n > 1 && name[n - 1] == '.')
		name[n - 1] = 0;
	const struct fact *f = look(c, name, family(c));
	if (!f || !holds(c, f, &whole))
		return -1;
	if (str_eqi(str_of(name), domain))
		return 2;
	const char *lower = name;
	const size_t d = strlen(domain), len = strlen(lower);
	return len > d && lower[len - d - 1] == '.' &&
	       str_eqi(str_of(lower + len - d), domain);
}

/* The best of the client's names, and how near it is; NULL: none. */
static const char *client_name(struct check *c, const char *domain, int *near)
{
	const struct fact *f = names_of_client(c);
	const char *best = NULL;
	*near = -1;
	for (size_t i = 0; f && i < f->n && i < NAMES_MAX; i++) {
		const int n = nearness(c, f->values[i], domain);
		if (n <= *near)
			continue;
		*near = n;
		best = mem_dup(c->m, f->values[i].at, f->values[i].n);
	}
	return best;
}

static const char *expand(struct check *c, const char *text, const char *domain,
			  bool explains)
{
	struct spf_macro x = { .ask = c->ask,
			       .sender = c->sender,
			       .domain = domain,
			       .client = "unknown",
			       .explains = explains };
	int near;
	if (spf_macro_wants_client(text)) {
		const char *name = client_name(c, domain, &near);
		struct str s = str_of(name ? name : x.client);
		if (str_ends(s, "."))
			s.n--;
		x.client = mem_dup(c->m, s.at, s.n);
	}
	return spf_macro_expand(&x, text, c->m);
}

/* ---- mechanisms ---- */
static enum spf_result judge(struct check *c, const char *domain);

static enum match include(struct check *c, const char *target)
{
	const char *domain = c->out->domain;
	const struct str term = c->out->term;
	const enum spf_result r = judge(c, target);
	c->out->domain = domain;
	c->out->term = term;
	switch (r) {
	case SPF_PASS:
		return YES;
	case SPF_TEMPERROR:
		return failed(c, r, c->out->why);
	case SPF_PERMERROR:
		return failed(c, r,
			      mem_fmt(c->m, "in %s: %s", target, c->out->why));
	case SPF_NONE:
		return failed(c, SPF_PERMERROR,
			      mem_fmt(c->m,
				      "%s, which is included, has no "
				      "SPF record",
				      target));
	default:
		return NO;
	}
}

static enum match addresses(struct check *c, const struct spf_term *t,
			    const char *target)
{
	const struct fact *f = look(c, target, family(c));
	const enum match found = weigh(c, f);
	if (found != YES)
		return found;
	return holds(c, f, t) ? YES : NO;
}

/* Where an MX value's host begins; "0 ." has none. */
static const char *host_of(struct check *c, struct str mx)
{
	struct str rest = mx, word;
	str_word(&rest, &word);
	return str_word(&rest, &word) && !str_eq(word, ".") ?
		       mem_dup(c->m, word.at, word.n) :
		       NULL;
}

static enum match exchangers(struct check *c, const struct spf_term *t,
			     const char *target)
{
	const struct fact *mx = look(c, target, DNS_MX);
	const enum match found = weigh(c, mx);
	bool waits = false, temp = false, yes = false;
	if (found != YES)
		return found;
	if (mx->n > NAMES_MAX)
		return failed(c, SPF_PERMERROR,
			      mem_fmt(c->m, "%s has more than %d MX records",
				      target, NAMES_MAX));
	for (size_t i = 0; i < mx->n; i++) { /* all are asked for at once */
		const char *host = host_of(c, mx->values[i]);
		const struct fact *f = host ? look(c, host, family(c)) : NULL;
		waits = waits || (host && !f);
		temp = temp || (f && f->kind == FACT_TEMP);
		yes = yes || (f && holds(c, f, t));
	}
	if (waits)
		return FAILED;
	if (temp && !yes)
		return failed(c, SPF_TEMPERROR,
			      mem_fmt(c->m, "no answer about an MX of %s",
				      target));
	return yes ? YES : NO;
}

static enum match pointers(struct check *c, const char *target)
{
	const struct fact *f = names_of_client(c);
	int near;
	if (!f)
		return FAILED;
	if (f->kind == FACT_TEMP) /* no reason to fail (5.5) */
		return NO;
	const enum match found = weigh(c, f);
	if (found != YES)
		return found;
	client_name(c, target, &near);
	return near > 0 ? YES : NO;
}

static enum match exists(struct check *c, const char *target)
{
	return weigh(c, look(c, target, DNS_A));
}

static enum match matches(struct check *c, const struct spf_term *t,
			  const char *domain)
{
	const char *target = domain;
	if (t->kind == SPF_ALL)
		return YES;
	if (t->kind == SPF_IP4 || t->kind == SPF_IP6)
		return same_net(&t->ip, &c->ask->ip,
				t->ip.v6 ? t->bits6 : t->bits4) ?
			       YES :
			       NO;
	if (spend(c) == FAILED)
		return FAILED;
	if (t->domain)
		target = expand(c, t->domain, domain, false);
	if (c->wants)
		return FAILED;
	if (t->kind == SPF_INCLUDE)
		return include(c, target);
	if (!is_domain(target)) /* leads nowhere (4.8) */
		return NO;
	if (t->kind == SPF_A)
		return addresses(c, t, target);
	if (t->kind == SPF_MX)
		return exchangers(c, t, target);
	return t->kind == SPF_PTR ? pointers(c, target) : exists(c, target);
}

/* ---- records ---- */

/* The one SPF record of a domain, or the result that stands in its place. */
static enum spf_result find(struct check *c, const char *domain,
			    struct spf_record *out)
{
	const struct fact *f = is_domain(domain) ? look(c, domain, DNS_TXT) :
						   NULL;
	const struct str *only = NULL;
	struct err e = { 0 };
	if (!f || f->kind == FACT_VOID)
		return SPF_NONE;
	if (f->kind == FACT_TEMP) {
		failed(c, SPF_TEMPERROR,
		       mem_fmt(c->m, "no answer about %s", domain));
		return SPF_TEMPERROR;
	}
	for (size_t i = 0; i < f->n; i++) {
		if (!spf_is_record(f->values[i]))
			continue;
		if (only) {
			failed(c, SPF_PERMERROR,
			       mem_fmt(c->m, "%s has more than one SPF record",
				       domain));
			return SPF_PERMERROR;
		}
		only = &f->values[i];
	}
	if (!only)
		return SPF_NONE;
	if (spf_parse(*only, c->m, out, &e) == 0)
		return SPF_PASS;
	failed(c, SPF_PERMERROR, mem_fmt(c->m, "%s: %s", domain, e.msg));
	return SPF_PERMERROR;
}

static bool is_explanation(struct str s)
{
	struct str word;
	while (str_cut(&s, ' ', &word))
		if (!spf_macro_is_string(word))
			return false;
	return true;
}

/* The words of the domain's owner: never a reason to fail (6.2). */
static const char *explanation(struct check *c, const struct spf_record *r,
			       const char *domain)
{
	const char *target = r->exp ? expand(c, r->exp, domain, false) : "";
	const struct fact *f = is_domain(target) ? look(c, target, DNS_TXT) :
						   NULL;
	if (!f || f->n != 1 || !is_explanation(f->values[0]))
		return NULL;
	const char *text =
		expand(c, mem_dup(c->m, f->values[0].at, f->values[0].n),
		       domain, true);
	return str_is_print(str_of(text)) ? text : NULL;
}

static enum spf_result by_qualifier(char q)
{
	return q == '+' ? SPF_PASS :
	       q == '-' ? SPF_FAIL :
	       q == '~' ? SPF_SOFTFAIL :
			  SPF_NEUTRAL;
}

static enum spf_result redirected(struct check *c, const struct spf_record *r,
				  const char *domain)
{
	if (spend(c) == FAILED)
		return c->error;
	const char *target = expand(c, r->redirect, domain, false);
	if (c->wants)
		return SPF_TEMPERROR;
	const enum spf_result result = judge(c, target);
	if (result != SPF_NONE)
		return result;
	failed(c, SPF_PERMERROR,
	       mem_fmt(c->m, "%s, which is redirected to, has no SPF record",
		       target));
	return SPF_PERMERROR;
}

/* check_host() of RFC 7208 4. Its depth is bounded by SPF_LOOKUPS. */
static enum spf_result judge(struct check *c, const char *domain)
{
	struct spf_record r;
	enum spf_result status = find(c, domain, &r);
	if (status != SPF_PASS)
		return status;
	for (size_t i = 0; i < r.n; i++) {
		const enum match m = matches(c, &r.terms[i], domain);
		if (m == FAILED || c->wants)
			return c->error;
		if (m == NO)
			continue;
		status = by_qualifier(r.terms[i].qualifier);
		c->out->domain = domain;
		c->out->term = r.terms[i].text;
		c->out->explain =
			status == SPF_FAIL ? explanation(c, &r, domain) : NULL;
		return status;
	}
	c->out->domain = domain;
	c->out->term = (struct str){ 0 };
	return r.redirect ? redirected(c, &r, domain) : SPF_NEUTRAL;
}

static const char *sender_of(const struct spf_ask *q, struct mem *m)
{
	const char *at = strrchr(q->from, '@');
	if (!*q->from)
		return mem_fmt(m, "postmaster@%s", q->helo);
	if (!at || at == q->from)
		return mem_fmt(m, "postmaster@%s", at ? at + 1 : q->from);
	return q->from;
}

static const char *sentence(const struct check *c, const char *domain)
{
	const struct spf *s = c->out;
	switch (s->result) {
	case SPF_NONE:
		return mem_fmt(c->m, "%s has no SPF record", domain);
	case SPF_TEMPERROR:
	case SPF_PERMERROR:
		return s->why;
	default:
		return s->term.n ? mem_fmt(c->m, "\"%.*s\" of %s matches",
					   STR_FMT(s->term), s->domain) :
				   mem_fmt(c->m, "no term of %s matches",
					   s->domain);
	}
}

bool spf_check(const struct spf_ask *q, struct facts *f, struct mem *m,
	       struct spf *out)
{
	struct check c = { .ask = q,
			   .facts = f,
			   .m = m,
			   .out = out,
			   .sender = sender_of(q, m),
			   .error = SPF_TEMPERROR };
	*out = (struct spf){ .why = "" };
	const char *domain = strrchr(c.sender, '@') + 1;
	out->domain = domain;
	out->result = judge(&c, domain);
	if (c.wants)
		return false;
	out->why = sentence(&c, domain);
	return true;
}
