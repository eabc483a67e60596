#include "dns/edit.h"

#include <string.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/rand.h"

enum { TRIES = 10, LOCK_MS = 120000, TTL = 60 };

/* One call's work: what was asked for, and what was found. */
struct work {
	const struct edit *x;
	const struct records *add, *del;
	struct mem *m;
	const char *name;
	uint16_t type;
	bool lists;
};

static const struct record *first(const struct records *add,
				  const struct records *del)
{
	return add->n ? &add->at[0] : del->n ? &del->at[0] : NULL;
}

static int one_set(const struct records *r, const struct record *like,
		   const char *zone, struct err *e)
{
	for (size_t i = 0; i < r->n; i++) {
		if (r->at[i].type != like->type ||
		    strcmp(r->at[i].name, like->name) != 0)
			return err_set(e, ERR_PERM,
				       "%s and %s cannot be "
				       "changed in one step",
				       like->name, r->at[i].name);
		if (!record_in_zone(r->at[i].name, zone))
			return err_set(e, ERR_PERM, "%s is not in the zone %s",
				       r->at[i].name, zone);
	}
	return 0;
}

/* What is there, what shall be there, and the way between them. Without a list
 * the provider is told everything and knows best. */
static void plan(const struct work *w, struct change *c)
{
	for (size_t i = 0; i < w->add->n; i++)
		if (!records_find_alike(&c->is, &w->add->at[i]) &&
		    !records_find(&c->add, &w->add->at[i]))
			records_add(&c->add, w->m, &w->add->at[i]);
	for (size_t i = 0; i < w->del->n; i++) {
		const struct record *x = &w->del->at[i];
		const struct record *there =
			w->lists ? records_find_alike(&c->is, x) : x;
		if (there && !records_find_alike(w->add, x) &&
		    !records_find(&c->del, x))
			records_add(&c->del, w->m, there);
	}
	for (size_t i = 0; i < c->is.n; i++)
		if (!records_find(&c->del, &c->is.at[i]))
			records_add(&c->want, w->m, &c->is.at[i]);
	for (size_t i = 0; i < c->add.n; i++)
		records_add(&c->want, w->m, &c->add.at[i]);
	c->ttl = c->is.n                      ? c->is.at[0].ttl :
		 c->add.n && c->add.at[0].ttl ? c->add.at[0].ttl :
						TTL;
}

static int look(const struct work *w, struct records *is, struct err *e)
{
	if (!w->lists)
		return 0;
	return w->x->dns->provider->list(w->x->dns, w->x->zone, w->name,
					 w->type, w->m, is, e);
}

static int note(const struct work *w, enum journal_op op,
		const struct record *r, struct err *e)
{
	const struct journal_entry x = {
		.purpose = w->x->purpose,
		.owner = w->x->owner,
		.record = *r,
		.id = w->x->id,
		.was = op == JOURNAL_ADD ? w->x->was : (struct str){ 0 },
	};
	return journal_write(w->x->dns->conf->dir, w->x->zone, op, &x, e);
}

static int ours(const struct work *w, struct journal_entries *open,
		struct err *e)
{
	return journal_open_entries(w->x->dns->conf->dir, w->x->zone,
				    w->x->purpose, w->x->owner, w->m, open, e);
}

/* Before the call. Values that another run left behind may be asked for again:
 * they are in the journal already and need no second line. */
static int note_change(const struct work *w, const struct change *c,
		       struct err *e)
{
	struct journal_entries open = { 0 };
	if (ours(w, &open, e) < 0)
		return -1;
	for (size_t i = 0; !w->x->back && i < c->add.n; i++)
		if (!journal_has(&open, &c->add.at[i]) &&
		    note(w, JOURNAL_ADD, &c->add.at[i], e) < 0)
			return -1;
	for (size_t i = 0; w->x->id && i < c->del.n; i++)
		if (!journal_has(&open, &c->del.at[i]) &&
		    note(w, JOURNAL_TAKE, &c->del.at[i], e) < 0)
			return -1;
	return 0;
}

static int note_gone(const struct work *w, struct err *e)
{
	struct journal_entries open = { 0 };
	if (w->del->n == 0)
		return 0;
	if (ours(w, &open, e) < 0)
		return -1;
	for (size_t i = 0; i < open.n; i++)
		if (records_find_alike(w->del, &open.at[i].record) &&
		    note(w, JOURNAL_DEL, &open.at[i].record, e) < 0)
			return -1;
	return 0;
}

/* Read back before anything is called done. */
static int prove(const struct work *w, struct err *e)
{
	struct records is = { 0 };
	if (!w->lists)
		return 0;
	if (look(w, &is, e) < 0)
		return -1;
	for (size_t i = 0; i < w->add->n; i++)
		if (!records_find_alike(&is, &w->add->at[i]))
			return err_set(e, ERR_CHANGED,
				       "%s accepted a value at "
				       "%s and does not show it",
				       w->x->dns->provider->name, w->name);
	for (size_t i = 0; i < w->del->n; i++)
		if (records_find_alike(&is, &w->del->at[i]) &&
		    !records_find_alike(w->add, &w->del->at[i]))
			return err_set(e, ERR_CHANGED,
				       "%s did not remove a "
				       "value at %s",
				       w->x->dns->provider->name, w->name);
	return 0;
}

/* What was refused is not there, or was done in part: only what can be seen
 * stays ours, or a zone that is written whole would be held to lack it. */
static void note_refused(const struct work *w, const struct change *c)
{
	struct records is = { 0 };
	struct err ignored = { 0 };
	if (!w->lists || look(w, &is, &ignored) < 0)
		return; /* it stays noted, which is safe */
	for (size_t i = 0; i < c->add.n; i++)
		if (!records_find_alike(&is, &c->add.at[i]) &&
		    note(w, JOURNAL_DEL, &c->add.at[i], &ignored) < 0)
			log_say(LOG_REASON, "%s", ignored.msg);
}

static int attempt(const struct work *w, struct err *e)
{
	struct change c = { .name = w->name, .type = w->type };
	if (look(w, &c.is, e) < 0)
		return -1;
	plan(w, &c);
	if (c.add.n == 0 && c.del.n == 0)
		return 0;
	if (note_change(w, &c, e) < 0)
		return -1;
	log_say(LOG_REASON, "%s: %zu there, adding %zu, removing %zu", w->name,
		c.is.n, c.add.n, c.del.n);
	if (w->x->dns->provider->apply(w->x->dns, w->x->zone, &c, e) == 0)
		return prove(w, e);
	if (e->kind == ERR_PERM)
		note_refused(w, &c);
	return -1;
}

static int locked(const struct work *w, struct err *e)
{
	for (unsigned i = 1;; i++) {
		if (attempt(w, e) == 0)
			return note_gone(w, e);
		if (e->kind != ERR_CHANGED || i == TRIES)
			return -1;
		log_say(LOG_REASON, "%s; reading again", e->msg);
		clock_sleep_ms(5 + (int64_t)rand_below(20 * i));
		*e = (struct err){ 0 };
	}
}

int edit_values(const struct edit *x, const struct records *add,
		const struct records *del, struct err *e)
{
	static const struct records none;
	AUTO(mem) struct mem m = { 0 };
	struct work w = { .x = x,
			  .add = add ? add : &none,
			  .del = del ? del : &none,
			  .m = &m };
	const struct record *like = first(w.add, w.del);
	const char *dir = x->dns->conf->dir, *path;
	if (!like)
		return 0;
	w.name = like->name;
	w.type = like->type;
	w.lists = x->dns->provider->list != NULL;
	if (one_set(w.add, like, x->zone, e) < 0 ||
	    one_set(w.del, like, x->zone, e) < 0 ||
	    journal_path(dir, x->zone, "lock", &m, &path, e) < 0 ||
	    fs_mkdir(mem_fmt(&m, "%s/journal", dir), 0700, e) < 0)
		return -1;
	AUTO(fd) int lock = -1;
	if (fs_lock(path, LOCK_MS, &lock, e) < 0)
		return err_at(e, "%s", x->zone);
	return locked(&w, e) < 0 ? err_at(e, "%s", x->zone) : 0;
}

int edit_sweep(const struct edit *x, const struct records *keep, size_t *gone,
	       struct err *e)
{
	static const struct records none;
	AUTO(mem) struct mem m = { 0 };
	struct journal_entries open = { 0 };
	*gone = 0;
	if (journal_open_entries(x->dns->conf->dir, x->zone, x->purpose,
				 x->owner, &m, &open, e) < 0)
		return -1;
	for (size_t i = 0; i < open.n; i++) {
		struct records set = { 0 };
		for (size_t k = i; k < open.n; k++) {
			struct record *r = &open.at[k].record;
			if (r->type == 0 ||
			    records_find(keep ? keep : &none, r) ||
			    (set.n && (r->type != set.at[0].type ||
				       strcmp(r->name, set.at[0].name) != 0)))
				continue;
			records_add(&set, &m, r);
			r->type = 0; /* taken */
		}
		if (edit_values(x, NULL, &set, e) < 0)
			return -1;
		*gone += set.n;
	}
	return 0;
}
