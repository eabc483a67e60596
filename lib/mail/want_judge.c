/* The judges of mail/spf.h and mail/dmarc.h on the zones as they would be. */
#include <string.h>

#include "mail/want_parts.h"

enum { CNAMES_MAX = 8, ROUNDS_MAX = 64 };

static struct fact *copy_to(struct facts *sim, struct fact *to,
			    const struct fact *from)
{
	for (size_t i = 0; i < from->n; i++)
		facts_value(sim, to, from->values[i]);
	facts_tell(sim, to, from->kind);
	return to;
}

/* Values that speak with one voice at a name: TXT that begin alike, and all of
 * another type. */
static bool same_voice(uint16_t type, struct str a, struct str b)
{
	struct str x, y;
	if (type != DNS_TXT)
		return true;
	if (spf_is_record(a) || spf_is_record(b))
		return spf_is_record(a) && spf_is_record(b);
	return str_cut(&a, ';', &x) && str_cut(&b, ';', &y) && str_samei(x, y);
}

static bool is_at(const struct record *x, const struct fact *f,
		  const char *name)
{
	return x->type == f->type && !strcmp(x->name, name);
}

/* Whether a wish takes the place of what is there. */
static bool is_replaced(const struct want_run *r, const struct fact *f,
			const char *name, struct str live)
{
	for (size_t i = r->first; i < r->out->n; i++) {
		const struct wish *w = &r->out->at[i];
		if (is_at(&w->record, f, name) && w->how != WISH_SHARED &&
		    same_voice(f->type, w->record.value, live))
			return true;
	}
	return false;
}

/* The values at a name, with the wishes fulfilled. */
static void gather(const struct want_run *r, struct facts *sim, struct fact *x,
		   const char *name)
{
	const struct record *live;
	for (size_t at = 0; (live = want_live(r, name, x->type, &at));)
		if (!is_replaced(r, x, name, live->value))
			facts_value(sim, x, live->value);
	for (size_t i = r->first; i < r->out->n; i++) {
		const struct wish *w = &r->out->at[i];
		if (is_at(&w->record, x, name) && w->how != WISH_GONE &&
		    !(w->how == WISH_SHARED &&
		      records_find_alike(want_zone_of(r, name)->live,
					 &w->record)))
			facts_value(sim, x, w->record.value);
	}
}

/* A name that is not there may still be answered by a wildcard. */
static bool has_wildcard(const struct want_run *r, const char *name)
{
	const struct want_zone *z = want_zone_of(r, name);
	const char *dot;
	while ((dot = strchr(name, '.')) && record_in_zone(dot + 1, z->name)) {
		name = dot + 1;
		if (want_exists(r, mem_fmt(r->m, "*.%s", name)))
			return true;
		if (want_exists(r, name))
			return false;
	}
	return false;
}

static const char *alias_of(const struct want_run *r, const char *name)
{
	size_t at = 0;
	const struct record *x = want_live(r, name, DNS_CNAME, &at);
	return x ? want_target(r, x->value) : NULL;
}

/* False while somebody must be asked. */
static bool answer(struct want_run *r, struct facts *sim, struct fact *x)
{
	const char *name = x->name;
	const char *next;
	for (int i = 0; i < CNAMES_MAX && x->type != DNS_CNAME &&
			want_zone_of(r, name) && (next = alias_of(r, name));
	     i++)
		name = next;
	if (want_zone_of(r, name)) {
		gather(r, sim, x, name);
		if (x->n ||
		    (!want_zone_of(r, name)->partial &&
		     (want_exists(r, name) || !has_wildcard(r, name)))) {
			facts_tell(sim, x, x->n ? FACT_FOUND : FACT_VOID);
			return true;
		}
	}
	const struct fact *known = facts_look(r->facts, name, x->type);
	if (!known) {
		r->waits = true;
		facts_tell(sim, x, FACT_TEMP);
		return false;
	}
	copy_to(sim, x, known);
	return true;
}

/* Answers all that is wanted; false when that cannot be. */
static bool answer_all(struct want_run *r, struct facts *sim)
{
	bool all = true;
	struct fact *x;
	while ((x = facts_next(sim)))
		all = answer(r, sim, x) && all;
	return all;
}

bool want_judge(struct want_run *r, const struct spf_ask *q, struct spf *out)
{
	AUTO(facts) struct facts sim = { 0 };
	for (int i = 0; i < ROUNDS_MAX; i++) {
		if (spf_check(q, &sim, r->m, out)) {
			r->unsure |= out->result == SPF_TEMPERROR;
			return true;
		}
		if (!answer_all(r, &sim))
			return false;
	}
	return true;
}

bool want_passes(struct want_run *r, const char *domain)
{
	for (size_t i = 0; i < r->addresses.n; i++) {
		struct spf_ask q = { .helo = r->w->host,
				     .from = mem_fmt(r->m, "postmaster@%s",
						     domain),
				     .receiver = r->w->host,
				     .now = r->w->now };
		struct spf out;
		if (spf_ip_parse(r->addresses.at[i], &q.ip) < 0 ||
		    !want_judge(r, &q, &out) || out.result != SPF_PASS)
			return false;
	}
	return r->addresses.n > 0;
}

const char *want_org(struct want_run *r, const char *domain)
{
	AUTO(facts) struct facts sim = { 0 };
	struct dmarc_walk walk;
	for (int i = 0; i < ROUNDS_MAX; i++) {
		if (dmarc_walk(domain, &sim, r->m, &walk))
			return mem_str(r->m, walk.org);
		if (!answer_all(r, &sim))
			return NULL;
	}
	return NULL;
}
