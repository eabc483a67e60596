#include "mail/dmarc.h"

#include <string.h>

enum { LABELS_MAX = 8, JUMP_TO = 7 }; /* RFC 9989 4.10 */

static const char *const policies[] = { "none", "quarantine", "reject" };

const char *dmarc_policy_word(enum dmarc_policy p)
{
	return policies[p];
}

const char *dmarc_word(enum dmarc_result r)
{
	static const char *const words[] = { "none", "pass", "fail",
					     "temperror" };
	return words[r];
}

bool dmarc_is_record(struct str value)
{
	struct str tag, name;
	if (!str_cut(&value, ';', &tag) || !str_cut(&tag, '=', &name))
		return false;
	return str_eqi(str_trim(name), "v") && str_eq(str_trim(tag), "DMARC1");
}

static bool policy(struct str word, enum dmarc_policy *out)
{
	for (size_t i = 0; i < sizeof(policies) / sizeof(policies[0]); i++)
		if (str_eqi(word, policies[i])) {
			*out = (enum dmarc_policy)i;
			return true;
		}
	return false;
}

/* Which of the three policies were given. */
struct given {
	bool p, sp, np;
};

static void take(struct str name, struct str value, struct given *has,
		 struct dmarc_record *out)
{
	if (str_eqi(name, "p"))
		has->p = policy(value, &out->p) || has->p;
	else if (str_eqi(name, "sp"))
		has->sp = policy(value, &out->sp) || has->sp;
	else if (str_eqi(name, "np"))
		has->np = policy(value, &out->np) || has->np;
	else if (str_eqi(name, "adkim"))
		out->strict_dkim = str_eqi(value, "s");
	else if (str_eqi(name, "aspf"))
		out->strict_spf = str_eqi(value, "s");
	else if (str_eqi(name, "psd"))
		out->psd = str_eqi(value, "y") ? 'y' :
			   str_eqi(value, "n") ? 'n' :
						 'u';
	else if (str_eqi(name, "t"))
		out->testing = str_eqi(value, "y");
	else if (str_eqi(name, "fo"))
		out->fo = value;
	else if (str_eqi(name, "rua"))
		out->rua = value;
	else if (str_eqi(name, "ruf"))
		out->ruf = value;
}

int dmarc_parse(struct str text, struct dmarc_record *out, struct err *e)
{
	struct given has = { 0 };
	struct str tag, name;
	*out = (struct dmarc_record){ .psd = 'u' };
	if (!dmarc_is_record(text))
		return err_set(e, ERR_PERM,
			       "no DMARC record: it does not begin with "
			       "\"v=DMARC1\"");
	while (str_cut(&text, ';', &tag))
		if (memchr(tag.at, '=', tag.n) && str_cut(&tag, '=', &name))
			take(str_trim(name), str_trim(tag), &has, out);
	out->sp = has.sp ? out->sp : out->p;
	out->np = has.np ? out->np : out->sp;
	return 0;
}

/* ---- the walk ---- */
static size_t labels(const char *name)
{
	size_t n = 1;
	for (; *name; name++)
		n += *name == '.';
	return n;
}

/* The next one to ask on the way up; NULL after the last. */
static const char *parent(const char *name)
{
	size_t n = labels(name);
	const size_t to = n > LABELS_MAX ? JUMP_TO : n - 1;
	if (to == 0)
		return NULL;
	for (; n > to; n--)
		name = strchr(name, '.') + 1;
	return name;
}

/* The one record at a name; two are as none. */
static bool record_at(const struct fact *f, struct dmarc_record *out)
{
	const struct str *only = NULL;
	struct err ignored = { 0 };
	for (size_t i = 0; i < f->n; i++) {
		if (!dmarc_is_record(f->values[i]))
			continue;
		if (only)
			return false;
		only = &f->values[i];
	}
	return only && dmarc_parse(*only, out, &ignored) == 0;
}

static const char *lowered(struct mem *m, const char *name)
{
	const size_t n = strlen(name);
	char *text = mem_dup(m, name, n && name[n - 1] == '.' ? n - 1 : n);
	for (char *c = text; *c; c++)
		*c = str_lower(*c);
	return text;
}

/* The records met on the way up. */
struct met {
	const char *own_at, *org, *psd_at;
	struct dmarc_record own, top, psd;
};

/* One step. False: the walk ends here. `below` is the name one label longer
 * than `at` towards the domain, NULL at the domain itself. */
static bool visit(const char *at, const char *below, const struct fact *f,
		  struct met *x)
{
	struct dmarc_record r;
	if (!record_at(f, &r))
		return true;
	if (!below) {
		x->own_at = at;
		x->own = r;
	} else if (r.psd == 'y') {
		x->psd_at = at;
		x->psd = r;
		if (!x->org || strcmp(x->org, below) != 0)
			x->top = (struct dmarc_record){ 0 };
		x->org = below;
		return false;
	}
	x->org = at;
	x->top = r;
	return r.psd != 'n';
}

/* The author's own record, else that of the organization, else that of the
 * public suffix (4.10.1). */
static void choose(const char *domain, const struct met *x,
		   struct dmarc_walk *out)
{
	out->org = x->org ? x->org : domain;
	if (x->own_at) {
		out->where = x->own_at;
		out->record = x->own;
	} else if (x->top.psd) {
		out->where = x->org;
		out->record = x->top;
	} else if (x->psd_at) {
		out->where = x->psd_at;
		out->record = x->psd;
	}
}

/* The name one label longer than `at`, of which `domain` is at or below. */
static const char *one_below(const char *domain, const char *at)
{
	const char *start = domain + strlen(domain) - strlen(at);
	if (start == domain)
		return NULL;
	for (start--; start > domain && start[-1] != '.'; start--)
		;
	return start;
}

bool dmarc_walk(const char *domain, struct facts *f, struct mem *m,
		struct dmarc_walk *out)
{
	struct met x = { 0 };
	*out = (struct dmarc_walk){ 0 };
	domain = lowered(m, domain);
	for (const char *at = domain; at; at = parent(at)) {
		const struct fact *one =
			facts_look(f, mem_fmt(m, "_dmarc.%s", at), DNS_TXT);
		if (!one)
			return false;
		if (one->kind == FACT_TEMP) {
			out->temp = true;
			break;
		}
		if (!visit(at, one_below(domain, at), one, &x))
			break;
	}
	choose(domain, &x, out);
	return true;
}

/* ---- alignment ---- */
struct judge {
	const struct dmarc_ask *ask;
	struct facts *facts;
	struct mem *m;
	struct dmarc *out;
	bool wants;
};

static bool aligned(struct judge *j, const char *domain, bool strict)
{
	struct dmarc_walk other;
	if (str_eqi(str_of(domain), j->ask->from))
		return true;
	if (strict)
		return false;
	if (!dmarc_walk(domain, j->facts, j->m, &other)) {
		j->wants = true;
		return false;
	}
	return str_eqi(str_of(other.org), j->out->walk.org);
}

static void by_spf(struct judge *j)
{
	const struct dmarc_ask *q = j->ask;
	if (q->spf && q->spf->result == SPF_PASS && q->spf_domain)
		j->out->spf_aligned = aligned(j, q->spf_domain,
					      j->out->walk.record.strict_spf);
}

static void by_dkim(struct judge *j)
{
	const struct dkim_verdicts *v = j->ask->dkim;
	for (size_t i = 0; v && i < v->n && !j->out->dkim_aligned; i++)
		if (v->at[i].result == DKIM_PASS)
			j->out->dkim_aligned = aligned(
				j,
				mem_dup(j->m, v->at[i].signature.domain.at,
					v->at[i].signature.domain.n),
				j->out->walk.record.strict_dkim);
}

/* Whether the author's domain does not exist at all (RFC 8020). */
static bool no_such_name(struct judge *j)
{
	const struct fact *x = facts_look(j->facts, j->ask->from, DNS_A);
	j->wants = j->wants || !x;
	return x && x->kind == FACT_VOID && x->no_name;
}

static enum dmarc_policy asked_for(struct judge *j)
{
	const struct dmarc_walk *w = &j->out->walk;
	if (str_eqi(str_of(w->where), j->ask->from))
		return w->record.p;
	return no_such_name(j) ? w->record.np : w->record.sp;
}

static bool has_temp(const struct dmarc_ask *q)
{
	if (q->spf && q->spf->result == SPF_TEMPERROR)
		return true;
	for (size_t i = 0; q->dkim && i < q->dkim->n; i++)
		if (q->dkim->at[i].result == DKIM_TEMPERROR)
			return true;
	return false;
}

static void conclude(struct judge *j)
{
	struct dmarc *out = j->out;
	const char *from = j->ask->from;
	out->policy = asked_for(j);
	if (out->spf_aligned || out->dkim_aligned) {
		out->result = DMARC_PASS;
		out->why = mem_fmt(j->m, "%s is aligned with %s",
				   out->dkim_aligned ? "a signature" : "SPF",
				   from);
		return;
	}
	out->result = has_temp(j->ask) ? DMARC_TEMPERROR : DMARC_FAIL;
	out->disposition = out->policy;
	if (out->walk.record.testing && out->disposition != DMARC_NONE)
		out->disposition--;
	if (out->result == DMARC_TEMPERROR)
		out->disposition = DMARC_NONE;
	out->why = mem_fmt(j->m,
			   "neither SPF nor a signature is aligned with "
			   "%s, and %s asks for %s",
			   from, out->walk.where,
			   dmarc_policy_word(out->policy));
}

bool dmarc_check(const struct dmarc_ask *q, struct facts *f, struct mem *m,
		 struct dmarc *out)
{
	struct judge j = { q, f, m, out, false };
	*out = (struct dmarc){ .why = "" };
	if (!dmarc_walk(q->from, f, m, &out->walk))
		return false;
	if (!out->walk.where) {
		out->result = out->walk.temp ? DMARC_TEMPERROR :
					       DMARC_NO_RECORD;
		out->why = mem_fmt(m, "%s has no DMARC record", q->from);
		return true;
	}
	by_spf(&j);
	by_dkim(&j);
	conclude(&j);
	return !j.wants;
}
