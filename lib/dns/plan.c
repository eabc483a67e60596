#include "dns/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/b64.h"

enum { SHARE_MAX = 30, SHARE_FROM = 10 }; /* percent; records in the zone */

struct wish *plan_wish(struct wishes *w, struct mem *m, const struct wish *x)
{
	struct records copy = { 0 };

	w->at = mem_more(m, w->at, &w->room, w->n, sizeof(*w->at));
	struct wish *out = &w->at[w->n++];
	*out = *x;
	out->record = *records_add(&copy, m, &x->record);
	if (x->was.at)
		out->was.at = mem_dup(m, x->was.at, x->was.n);
	out->kind = mem_str(m, x->kind);
	out->owner = mem_str(m, x->owner);
	out->reason = mem_str(m, x->reason);
	return out;
}

const char *plan_word(enum plan_word w)
{
	static const char *const words[] = {
		[PLAN_CREATE] = "create",   [PLAN_UPDATE] = "update",
		[PLAN_DELETE] = "delete",   [PLAN_KEEP] = "unchanged",
		[PLAN_FOREIGN] = "foreign", [PLAN_CONFLICT] = "conflict",
	};

	return words[w];
}

size_t plan_changes(const struct plan *p)
{
	return p->count[PLAN_CREATE] + p->count[PLAN_UPDATE] +
	       p->count[PLAN_DELETE];
}

/* A value that is in the zone. */
struct value {
	const struct record *record;
	const struct journal_entry *ours; /* NULL: another's */
	bool used;                        /* some line speaks of it */
};
struct work {
	const struct plan_ask *q;
	struct mem *m;
	struct plan *out;
	struct value *live; /* by name and type */
	size_t live_n;
	bool *done; /* a wish is dealt with */
};
/* All that is wished for and all that is there at one name and type. */
struct set {
	const char *name;
	uint16_t type;
	struct value *at;
	size_t n;
};

static int by_key(const char *name, uint16_t type, const struct record *r)
{
	const int c = strcmp(name, r->name);

	return c ? c : (type > r->type) - (type < r->type);
}

static int by_record(const void *a, const void *b)
{
	const struct value *x = a, *y = b;
	const int c = by_key(x->record->name, x->record->type, y->record);

	/* Alike ones keep the order of the zone. */
	return c ? c : (x->record > y->record) - (x->record < y->record);
}

/* The first value that is not before name and type. */
static size_t lower(const struct work *w, const char *name, uint16_t type)
{
	size_t from = 0, to = w->live_n;

	while (from < to) {
		const size_t mid = from + (to - from) / 2;

		if (by_key(name, type, w->live[mid].record) > 0)
			from = mid + 1;
		else
			to = mid;
	}
	return from;
}

static struct set set_of(const struct work *w, const char *name, uint16_t type)
{
	struct set s = { .name = name, .type = type };
	const size_t from = lower(w, name, type);

	s.at = w->live + from;
	while (from + s.n < w->live_n &&
	       by_key(name, type, s.at[s.n].record) == 0)
		s.n++;
	return s;
}

/* What the journal calls ours, where it still is what it was. */
static void mark_ours(struct work *w)
{
	const struct journal_entries *ours = w->q->ours;

	for (size_t i = 0; i < ours->n; i++) {
		const struct journal_entry *x = &ours->at[i];
		const struct set s = set_of(w, x->record.name, x->record.type);

		if (w->q->owners &&
		    !conf_list_has(w->q->owners, str_of(x->owner)))
			continue;
		for (size_t k = 0; k < s.n; k++)
			if (!s.at[k].ours &&
			    record_alike(s.at[k].record, &x->record)) {
				s.at[k].ours = x;
				break;
			}
	}
}

static struct plan_line *add_line(const struct work *w, enum plan_word word,
				  const struct record *r)
{
	struct plan *p = w->out;

	p->at = mem_more(w->m, p->at, &p->room, p->n, sizeof(*p->at));
	p->at[p->n] = (struct plan_line){ .word = word, .record = *r };
	return &p->at[p->n++];
}

static struct plan_line *wish_line(const struct work *w, enum plan_word word,
				   const struct wish *x)
{
	struct plan_line *l = add_line(w, word, &x->record);

	l->kind = x->kind;
	l->owner = x->owner;
	l->reason = x->reason;
	return l;
}

/* A line about a value of ours that nobody wishes for, or one we take. */
static struct plan_line *value_line(const struct work *w, enum plan_word word,
				    struct value *v, const char *reason)
{
	struct plan_line *l = add_line(w, word, v->record);

	v->used = true;
	l->owner = v->ours ? v->ours->owner : NULL;
	l->reason = reason;
	return l;
}

static void conflict(const struct work *w, const struct wish *x,
		     const char *advice)
{
	wish_line(w, PLAN_CONFLICT, x)->advice = advice;
}

/* RFC 1034 3.6.2: beside a CNAME stands nothing. */
static bool cname_stands(const struct work *w, const struct wish *x)
{
	const char *name = x->record.name;
	char type[16];

	for (size_t i = lower(w, name, 0);
	     i < w->live_n && strcmp(w->live[i].record->name, name) == 0; i++) {
		const struct record *r = w->live[i].record;

		if (r->type == x->record.type ||
		    (r->type != DNS_CNAME && x->record.type != DNS_CNAME))
			continue;
		conflict(w, x,
			 mem_fmt(w->m,
				 "%s has a record of type %s, and a CNAME "
				 "stands alone at its name (RFC 1034 3.6.2): "
				 "remove it at the provider first",
				 name, dnsmsg_type_name(r->type, type)));
		return true;
	}
	return false;
}

/* "v=spf1", "v=DMARC1": what tells apart the texts at one name. */
static struct str version_of(struct str value)
{
	size_t n = 0;

	while (n < value.n && value.at[n] != ' ' && value.at[n] != ';')
		n++;
	return (struct str){ value.at, n };
}

/* Whether another's value speaks in the wish's slot. A TXT of another kind
 * does not, but where a DKIM key is looked for any text counts (RFC 6376
 * 3.6.2.2). */
static bool rival(const struct wish *x, const struct record *r)
{
	const struct str mine = version_of(x->record.value);

	if (x->record.type != DNS_TXT || str_eq(mine, "v=DKIM1") ||
	    !str_starts_i(mine, "v="))
		return true;
	return str_samei(mine, version_of(r->value));
}

static void update(const struct work *w, const struct wish *x, struct value *v)
{
	struct plan_line *l = wish_line(w, PLAN_UPDATE, x);

	v->used = true;
	l->old = *v->record;
	l->record.id = v->record->id;
	l->theirs = !v->ours;
	l->retired = v->ours || x->how == WISH_MERGED;
	if (v->ours)
		l->was = v->ours->was;
	else if (x->how == WISH_MERGED)
		l->was = v->record->value;
}

/* The value that a wish takes the place of; NULL: none. */
static struct value *replaced(const struct wish *x, const struct set *s)
{
	for (size_t i = 0; i < s->n; i++) {
		struct value *v = &s->at[i];

		if (v->used)
			continue;
		if (x->how == WISH_MERGED ? str_same(v->record->value, x->was) :
					    v->ours && rival(x, v->record))
			return v;
	}
	return NULL;
}

/* Values of others in a slot that has room for one voice. True when the wish
 * is settled by that. */
static bool take_over(const struct work *w, const struct wish *x,
		      const struct set *s)
{
	char type[16];
	const char *key = mem_fmt(w->m, "%s/%s", x->record.name,
				  dnsmsg_type_name(x->record.type, type));
	const bool may = w->q->take_over &&
			 conf_list_has(w->q->take_over, str_of(key));
	bool settled = false;

	for (size_t i = 0; i < s->n; i++) {
		struct value *v = &s->at[i];

		if (v->used || v->ours || !rival(x, v->record))
			continue;
		if (!may) {
			conflict(w, x,
				 mem_fmt(w->m,
					 "another value stands there that is "
					 "not ours: --take-over %s replaces it",
					 key));
			return true;
		}
		if (settled)
			value_line(w, PLAN_DELETE, v, "it was taken over")
				->theirs = true;
		else
			update(w, x, v);
		settled = true;
	}
	return settled;
}

/* What is wished for and not there. */
static void make(const struct work *w, const struct wish *x,
		 const struct set *s)
{
	struct value *old;

	if (cname_stands(w, x) || (x->how == WISH_ALONE && take_over(w, x, s)))
		return;
	old = replaced(x, s);
	if (old)
		update(w, x, old);
	else if (x->how == WISH_MERGED)
		conflict(w, x, "what it was made from is gone: run this again");
	else
		wish_line(w, PLAN_CREATE, x);
}

/* A value of ours that goes: for good, or back to what it was made from. `by`
 * retires it; NULL: nobody wishes for it. */
static void unmake(const struct work *w, struct value *v, const struct wish *by)
{
	const struct str was = v->ours->was;

	if (!was.at) {
		struct plan_line *gone = value_line(
			w, PLAN_DELETE, v,
			by ? by->reason : "the configuration does not want it");

		gone->retired = by != NULL;
		gone->kind = by ? by->kind : NULL;
		return;
	}
	struct plan_line *l = value_line(w, PLAN_UPDATE, v,
					 "the configuration does not want our "
					 "part of it");

	l->old = *v->record;
	l->record.value = was;
	l->retired = true;
	l->back = true;
}

static void keep(const struct work *w, const struct wish *x, struct value *v)
{
	v->used = true;
	/* As it is, so that what is shown is what stands there. */
	wish_line(w, PLAN_KEEP, x)->record = *v->record;
}

static void find_kept(const struct work *w, const struct wish *x,
		      const struct set *s, bool *done)
{
	for (size_t i = 0; i < s->n && !*done; i++) {
		struct value *v = &s->at[i];

		if (v->used || !record_alike(v->record, &x->record))
			continue;
		*done = true;
		if (x->how != WISH_GONE)
			keep(w, x, v);
		else if (v->ours)
			unmake(w, v, x);
	}
	*done = *done || x->how == WISH_GONE;
}

/* All wishes of one name and type at once: first what is there already, then
 * what takes a place, at last what of ours is left over. */
static void one_set(const struct work *w, size_t first)
{
	const struct wishes *all = w->q->wishes;
	const struct record *key = &all->at[first].record;
	const struct set s = set_of(w, key->name, key->type);
	bool *mine = mem_array(w->m, all->n - first, sizeof(bool));

	for (size_t i = first; i < all->n; i++) {
		const struct record *r = &all->at[i].record;

		mine[i - first] = !w->done[i] &&
				  by_key(key->name, key->type, r) == 0;
		if (mine[i - first])
			find_kept(w, &all->at[i], &s, &w->done[i]);
	}
	for (size_t i = first; i < all->n; i++)
		if (mine[i - first] && !w->done[i]) {
			make(w, &all->at[i], &s);
			w->done[i] = true;
		}
	for (size_t i = 0; i < s.n; i++)
		if (!s.at[i].used && !s.at[i].ours)
			value_line(w, PLAN_FOREIGN, &s.at[i], "not ours");
}

static void read_live(struct work *w)
{
	const struct records *live = w->q->live;

	w->live = mem_array(w->m, live->n + 1, sizeof(*w->live));
	w->live_n = live->n;
	for (size_t i = 0; i < live->n; i++)
		w->live[i].record = &live->at[i];
	qsort(w->live, w->live_n, sizeof(*w->live), by_record);
	mark_ours(w);
}

/* Lines sorted by what is done first. */
static int by_word(const void *a, const void *b)
{
	const struct plan_line *const *x = a, *const *y = b;

	if ((*x)->word != (*y)->word)
		return (int)(*x)->word - (int)(*y)->word;
	return (*x > *y) - (*x < *y);
}

static void sort(const struct work *w)
{
	struct plan *p = w->out;
	const struct plan_line **order =
		mem_array(w->m, p->n + 1, sizeof(*order));
	struct plan_line *at = mem_array(w->m, p->n + 1, sizeof(*at));

	for (size_t i = 0; i < p->n; i++)
		order[i] = &p->at[i];
	qsort(order, p->n, sizeof(*order), by_word);
	for (size_t i = 0; i < p->n; i++)
		at[i] = *order[i];
	p->at = at;
	p->room = p->n + 1;
}

static void count(const struct work *w)
{
	struct plan *p = w->out;

	p->there = w->live_n;
	for (size_t i = 0; i < p->n; i++)
		p->count[p->at[i].word]++;
	p->count[PLAN_FOREIGN] = 0;
	for (size_t i = 0; i < w->live_n; i++)
		p->count[PLAN_FOREIGN] += !w->live[i].ours && !w->live[i].used;
	/* Those in the sets that we touch have a line, and are used. */
	for (size_t i = 0; i < p->n; i++)
		p->count[PLAN_FOREIGN] += p->at[i].word == PLAN_FOREIGN;
}

static void hash_record(struct hash_run *h, const struct record *r)
{
	char type[16];

	hash_add(h, str_of(r->name ? r->name : ""));
	hash_add(h, str_of(dnsmsg_type_name(r->type, type)));
	hash_add(h, r->value);
	hash_add(h, STR_LIT("\n"));
}

void plan_seal(struct hash_run *h, char out[static 17])
{
	AUTO(buf) struct buf hex = { 0 };
	unsigned char d[HASH_MAX];

	hash_end(h, d);
	hex_add(&hex, (struct str){ (const char *)d, 8 });
	memcpy(out, buf_c(&hex), 17);
}

/* What stands beside a change is part of what was agreed to. */
static void hash(const struct work *w)
{
	struct hash_run *h = hash_begin(HASH_SHA256);
	struct plan *p = w->out;

	hash_add(h, str_of(p->zone));
	for (size_t i = 0; i < p->n; i++) {
		hash_add(h, str_of(plan_word(p->at[i].word)));
		hash_record(h, &p->at[i].record);
		hash_record(h, &p->at[i].old);
	}
	plan_seal(h, p->hash);
}

void plan_make(const struct plan_ask *q, struct mem *m, struct plan *out)
{
	struct work w = { .q = q, .m = m, .out = out };

	*out = (struct plan){ .zone = q->zone };
	w.done = mem_array(m, q->wishes->n + 1, sizeof(bool));
	read_live(&w);
	for (size_t i = 0; i < q->wishes->n; i++)
		if (!w.done[i])
			one_set(&w, i);
	for (size_t i = 0; i < w.live_n; i++)
		if (w.live[i].ours && !w.live[i].used)
			unmake(&w, &w.live[i], NULL);
	sort(&w);
	count(&w);
	hash(&w);
}

int plan_check(const struct plan *p, struct err *e)
{
	const size_t moved = p->count[PLAN_UPDATE] + p->count[PLAN_DELETE];
	char type[16];

	for (size_t i = 0; i < p->n; i++) {
		const struct record *r = &p->at[i].record;

		if (p->at[i].word <= PLAN_DELETE &&
		    (r->type == DNS_SOA || r->type == DNS_NS) &&
		    strcmp(r->name, p->zone) == 0)
			return err_set(
				e, ERR_PERM,
				"%s: the plan changes the zone's own %s "
				"record; when that is meant, say --force",
				p->zone, dnsmsg_type_name(r->type, type));
	}
	if (p->there >= SHARE_FROM && moved * 100 > p->there * SHARE_MAX)
		return err_set(e, ERR_PERM,
			       "%s: the plan changes or removes %zu of %zu "
			       "records, more than %d %%: that looks like a "
			       "mistake; when it is meant, say --force",
			       p->zone, moved, p->there, SHARE_MAX);
	return 0;
}
