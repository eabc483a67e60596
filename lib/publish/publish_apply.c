/* The writing half of publishing. */
#include <string.h>

#include "base/auto.h"
#include "base/log.h"
#include "dns/edit.h"
#include "dns/wait.h"
#include "publish/publish.h"

bool publish_may(const struct plan_line *l, bool allow_delete)
{
	switch (l->word) {
	case PLAN_CREATE:
	case PLAN_UPDATE:
		return true;
	case PLAN_DELETE:
		return l->retired || l->theirs || allow_delete;
	case PLAN_KEEP:
	case PLAN_FOREIGN:
	case PLAN_CONFLICT:
		break;
	}
	return false;
}

static bool same_set(const struct record *a, const struct record *b)
{
	return a->type == b->type && !strcmp(a->name, b->name);
}

/* One call's work: all that changes at one name and type. */
struct job {
	struct publish *p;
	struct publish_run *run;
	struct zones_one *one;
	bool *done; /* a line */
};

/* A set with nothing but deletes waits until all else is there. */
static bool only_goes(const struct job *j, const struct record *set)
{
	const struct plan *plan = &j->one->plan;

	for (size_t i = 0; i < plan->n; i++)
		if (plan->at[i].word < PLAN_DELETE &&
		    same_set(&plan->at[i].record, set))
			return false;
	return true;
}

static void gather(const struct job *j, size_t first, struct edit *x,
		   struct records *add, struct records *del)
{
	const struct plan *plan = &j->one->plan;
	struct mem *m = &j->p->zones.mem;

	for (size_t i = first; i < plan->n; i++) {
		const struct plan_line *l = &plan->at[i];

		if (!same_set(&l->record, &plan->at[first].record) ||
		    l->back != plan->at[first].back ||
		    !publish_may(l, j->run->allow_delete))
			continue;
		j->done[i] = true;
		if (l->word == PLAN_DELETE)
			records_add(del, m, &l->record);
		else
			records_add(add, m, &l->record);
		if (l->word == PLAN_UPDATE)
			records_add(del, m, &l->old);
		x->back = l->back;
		if (l->was.at)
			x->was = l->was;
		if (!x->owner)
			x->owner = l->owner;
	}
}

static int write_set(const struct job *j, size_t first, struct err *e)
{
	struct edit x = { .dns = j->one->dns,
			  .zone = j->one->name,
			  .purpose = "publish",
			  .id = j->run->id };
	const struct record *set = &j->one->plan.at[first].record;
	struct records add = { 0 }, del = { 0 };
	char type[16];

	gather(j, first, &x, &add, &del);
	tell(j->p->how.tell, TELL_STEP, j->one->name, "%s %s (%s)",
	     dnsmsg_type_name(set->type, type), set->name,
	     j->one->dns->provider->name);
	if (edit_values(&x, &add, &del, e))
		return err_at(e, "%s %s", type, set->name);
	j->run->done += add.n > del.n ? add.n : del.n;
	return 0;
}

static int write_zone(const struct job *j, bool going, struct err *e)
{
	const struct plan *plan = &j->one->plan;

	for (size_t i = 0; i < plan->n; i++) {
		const struct plan_line *l = &plan->at[i];

		if (j->done[i] || !publish_may(l, j->run->allow_delete) ||
		    only_goes(j, &l->record) != going)
			continue;
		if (write_set(j, i, e))
			return err_at(e, "%s", j->one->name);
	}
	return 0;
}

static void count_kept(struct publish *p, struct publish_run *run)
{
	for (size_t i = 0; i < p->zones.n; i++) {
		const struct plan *plan = &p->zones.at[i]->plan;

		for (size_t k = 0; k < plan->n; k++)
			run->kept +=
				plan->at[k].word == PLAN_DELETE &&
				!publish_may(&plan->at[k], run->allow_delete);
	}
}

static bool may_write(const struct zones_one *one, bool allow_delete)
{
	for (size_t i = 0; one->dns && i < one->plan.n; i++)
		if (publish_may(&one->plan.at[i], allow_delete))
			return true;
	return false;
}

static int write_zones(struct publish *p, struct publish_run *run, bool **done,
		       bool going, struct err *e)
{
	for (size_t i = 0; i < p->zones.n; i++) {
		struct job j = { p, run, p->zones.at[i], done[i] };

		if (may_write(j.one, run->allow_delete) &&
		    write_zone(&j, going, e))
			return -1;
	}
	return 0;
}

int publish_apply(struct publish *p, struct publish_run *run, struct err *e)
{
	struct mem *m = &p->zones.mem;
	bool **done = mem_array(m, p->zones.n + 1, sizeof(*done));

	count_kept(p, run);
	for (size_t i = 0; i < p->zones.n; i++) {
		const struct zones_one *one = p->zones.at[i];

		done[i] = mem_array(m, one->plan.n + 1, sizeof(bool));
		if (may_write(one, run->allow_delete) &&
		    zones_export(&p->zones, one, p->how.now, e))
			return -1;
	}
	if (write_zones(p, run, done, false, e) == 0 &&
	    write_zones(p, run, done, true, e) == 0)
		return 0;
	if (run->done && e->kind != ERR_STOPPED) {
		e->kind = ERR_PARTIAL;
		return err_at(e, "%zu changes were made, then", run->done);
	}
	return -1;
}

/* ---- and its proof ---- */

/* What shall be seen: all that is wished for and could be written. */
static void expected(const struct zones_one *one, struct mem *m,
		     struct records *out)
{
	for (size_t i = 0; i < one->plan.n; i++)
		if (one->plan.at[i].word <= PLAN_UPDATE ||
		    one->plan.at[i].word == PLAN_KEEP)
			records_add(out, m, &one->plan.at[i].record);
}

/* A timeout is kept for the end: what else can be done is done. */
static int later(struct err *late, struct err *e)
{
	if (e->kind != ERR_TIMEOUT)
		return -1;
	*late = *e;
	*e = (struct err){ 0 };
	return 0;
}

/* The keys look for themselves: a step of theirs wants more than one look. */
static int tell_keys(struct publish *p, const struct wait *like,
		     struct err *late, struct err *e)
{
	for (size_t d = 0; d < p->n; d++) {
		struct keys *k = &p->domains[d].keys;
		struct wait w = *like;

		w.who = k->domain;
		if (p->domains[d].stopped)
			continue;
		if ((keys_look(k, &w, p->how.now, e) && later(late, e)) ||
		    keys_advance(k, &rotate_default, p->how.now, e))
			return -1;
	}
	return 0;
}

int publish_wait(struct publish *p, int64_t limit_ms, struct err *e)
{
	struct err late = { 0 };
	struct wait w = { .resolver = p->how.resolver,
			  .tell = p->how.tell,
			  .limit_ms = limit_ms };

	for (size_t i = 0; i < p->zones.n; i++) {
		const struct zones_one *one = p->zones.at[i];
		struct records seen = { 0 };

		expected(one, &p->zones.mem, &seen);
		w.who = one->name;
		if (!one->dns || !seen.n ||
		    wait_visible(&w, one->name, &seen, e) == 0)
			continue;
		if (later(&late, e))
			return -1;
		w.limit_ms = 0;
	}
	if (tell_keys(p, &w, &late, e))
		return -1;
	if (!late.kind)
		return 0;
	*e = late;
	return -1;
}
