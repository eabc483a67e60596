/* A line of bytes that choose the configuration, then the records of a zone, a
 * line each: "NAME TYPE VALUE", a "!" before those that are ours. Whatever
 * stands there, once the plan is carried out there is nothing left to do, and
 * what was another's is still there, or is what ours was made from. One turn
 * more is for ours that gives way to an alias: it must be gone before. */
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "mail/want.h"

enum { LINES = 64, ROUNDS = 200, TURNS = 3 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct world {
	struct mem m;
	struct conf conf;
	struct conf_domain domain;
	struct want want;
	struct want_zone zone;
	struct records live, others;
	struct journal_entries ours;
	struct facts facts;
};

static const char *const addresses[] = { "192.0.2.1", "2001:db8::1" };
static const char *const includes[] = { "a.net", "x.org" };

/* A list that says what it needs to: the struct has no const in it. */
static struct conf_list list_of(struct mem *m, const char *const *at, size_t n)
{
	struct conf_list l = { .at = mem_array(m, n + 1, sizeof(*l.at)),
			       .n = n };

	for (size_t i = 0; i < n; i++)
		l.at[i] = at[i];
	return l;
}

static void configure(struct world *w, struct str bits)
{
	struct conf_mail *mail = &w->domain.mail;
	unsigned char b[8] = { 0 };

	memcpy(b, bits.at, bits.n < sizeof(b) ? bits.n : sizeof(b));
	mail->receive = b[0] % 4U;
	mail->spf.style = b[1] % 2U;
	mail->spf.include = list_of(&w->m, includes, b[1] / 2U % 3U);
	mail->dmarc.p = b[2] % 4U;
	mail->dmarc.sp = b[2] / 4U % 4U;
	mail->dmarc.fo = "1";
	mail->mta_sts = b[3] % 4U;
	mail->caa = b[3] / 4U % 3U;
	mail->smarthost = b[4] & 1 ? "ses" : NULL;
	mail->tlsa = mail->srv = mail->autoconfig = true;
	mail->harden = b[4] & 2;
	w->want.autoconfig = b[4] & 4;
	w->want.proven = b[4] & 8;
	w->want.sts_id = b[4] & 16 ? "abc" : NULL;
	w->zone.secure = b[4] & 32;
	w->zone.partial = b[4] & 64;
	w->conf.addresses = list_of(&w->m, addresses, b[5] % 3U);
	w->want.host = b[6] & 1 ? "x.org" : "smtp.x.org";
	w->want.spki = b[6] & 2 ? &w->conf.addresses : NULL;
}

static void own(struct world *w, const struct record *x, struct str was)
{
	struct journal_entries *o = &w->ours;

	o->at = mem_more(&w->m, o->at, &o->room, o->n, sizeof(*o->at));
	o->at[o->n++] = (struct journal_entry){
		.purpose = "publish", .owner = "x.org", .record = *x, .was = was
	};
}

static void record(struct world *w, struct str line)
{
	struct str name, type;
	struct record x = { 0 };
	const bool is_own = str_starts(line, "!");

	line.at += is_own;
	line.n -= is_own;
	if (!str_cut(&line, ' ', &name) || !str_cut(&line, ' ', &type) ||
	    dnsmsg_type_parse(type, &x.type) < 0 || !str_is_print(name) ||
	    line.n == 0)
		return;
	x.name = mem_dup(&w->m, name.at, name.n);
	x.value = line;
	if (!record_in_zone(x.name, "x.org") ||
	    records_find_alike(&w->live, &x))
		return;
	records_add(&w->live, &w->m, &x);
	if (is_own)
		own(w, &x, (struct str){ 0 });
	else
		records_add(&w->others, &w->m, &x);
}

/* False when the domain may not be published. */
static bool run(struct world *w, struct wishes *out)
{
	struct want_notes notes = { 0 };
	struct fact *f;

	for (int i = 0; !want_domain(&w->want, &w->facts, &w->m, out, &notes);
	     i++) {
		if (i == ROUNDS || out->n || notes.n)
			abort();
		while ((f = facts_next(&w->facts)))
			facts_tell(&w->facts, f, FACT_VOID);
	}
	for (size_t i = 0; i < notes.n; i++)
		if (notes.at[i].level == WANT_STOP)
			return false;
	return true;
}

static bool goes(const struct plan *p, const struct record *x)
{
	for (size_t i = 0; i < p->n; i++)
		if ((p->at[i].word == PLAN_DELETE &&
		     record_same(&p->at[i].record, x)) ||
		    (p->at[i].word == PLAN_UPDATE &&
		     record_same(&p->at[i].old, x)))
			return true;
	return false;
}

static void fulfil(struct world *w, const struct plan *p)
{
	struct records after = { 0 };

	for (size_t i = 0; i < w->live.n; i++)
		if (!goes(p, &w->live.at[i]))
			records_add(&after, &w->m, &w->live.at[i]);
	for (size_t i = 0; i < p->n; i++)
		if (p->at[i].word == PLAN_CREATE ||
		    p->at[i].word == PLAN_UPDATE) {
			records_add(&after, &w->m, &p->at[i].record);
			own(w, &p->at[i].record, p->at[i].was);
		}
	w->live = after;
}

/* Of an SPF record ours may be made: then it is what it was made from. */
static void keeps_others(struct world *w)
{
	for (size_t i = 0; i < w->others.n; i++) {
		const struct record *x = &w->others.at[i];
		bool kept = records_find(&w->live, x);

		for (size_t k = 0; k < w->ours.n && !kept; k++)
			kept = str_same(w->ours.at[k].was, x->value);
		if (!kept)
			abort();
	}
}

static void turn(struct world *w, bool last)
{
	struct wishes wishes = { 0 };
	struct plan p = { 0 };
	const struct plan_ask q = { .zone = "x.org",
				    .live = &w->live,
				    .ours = &w->ours,
				    .wishes = &wishes };

	if (!run(w, &wishes))
		return;
	plan_make(&q, &w->m, &p);
	if (last && plan_changes(&p))
		abort();
	fulfil(w, &p);
	keeps_others(w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct world w = { .domain.name = "x.org" };
	struct str rest = { (const char *)data, size }, line;

	w.conf.domains = &w.domain;
	w.conf.domains_n = 1;
	w.want = (struct want){ .conf = &w.conf,
				.domain = &w.domain,
				.zones = &w.zone,
				.zones_n = 1,
				.addresses = &w.conf.addresses };
	w.zone = (struct want_zone){ .name = "x.org",
				     .live = &w.live,
				     .ours = &w.ours };
	if (!str_line(&rest, &line))
		return 0;
	configure(&w, line);
	for (int i = 0; i < LINES && str_line(&rest, &line); i++)
		record(&w, line);
	for (int i = 0; i < TURNS; i++)
		turn(&w, i == TURNS - 1);
	facts_free(&w.facts);
	mem_free(&w.m);
	return 0;
}
