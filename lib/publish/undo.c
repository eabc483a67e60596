#include "publish/undo.h"

#include <string.h>

#include "base/auto.h"
#include "dns/edit.h"

static bool of_run(const struct journal_line *l, const char *id)
{
	return l->entry.id && !strcmp(l->entry.id, id) &&
	       !strcmp(l->entry.purpose, "publish");
}

int undo_last(const struct conf *c, struct mem *m, const char **id,
	      struct err *e)
{
	struct conf_list zones = { 0 };

	*id = NULL;
	if (journal_zones(c->dir, m, &zones, e))
		return -1;
	for (size_t i = 0; i < zones.n; i++) {
		struct journal_lines all = { 0 };

		if (journal_read(c->dir, zones.at[i], m, &all, e))
			return -1;
		/* Ids begin with the moment. */
		for (size_t k = 0; k < all.n; k++) {
			const char *x = all.at[k].entry.id;

			if (x && of_run(&all.at[k], x) &&
			    !str_ends(str_of(x), "-undo") &&
			    (!*id || strcmp(x, *id) > 0))
				*id = x;
		}
	}
	if (*id)
		return 0;
	return err_set(e, ERR_MISSING, "nothing was published yet");
}

static const struct record *any_of(const struct undo_set *s)
{
	return s->del.n ? s->del.at : s->mine.n ? s->mine.at : s->theirs.at;
}

static struct undo_set *set_for(struct undo *u, struct mem *m,
				const struct zones_one *z,
				const struct journal_entry *x)
{
	struct undo_set *s;

	for (size_t i = 0; i < u->n; i++) {
		const struct record *r = any_of(&u->at[i]);

		if (!strcmp(u->at[i].zone, z->name) &&
		    r->type == x->record.type &&
		    !strcmp(r->name, x->record.name))
			return &u->at[i];
	}
	u->at = mem_more(m, u->at, &u->room, u->n, sizeof(*u->at));
	s = &u->at[u->n++];
	*s = (struct undo_set){ .zone = z->name, .owner = x->owner };
	return s;
}

/* One line of the run, turned round. */
static void turn(struct undo *u, struct mem *m, const struct zones_one *z,
		 const struct journal_line *l)
{
	struct undo_set *s = set_for(u, m, z, &l->entry);
	const struct record *r = &l->entry.record;

	switch (l->op) {
	case JOURNAL_ADD:
		records_add(&s->del, m, r);
		if (!records_find_alike(&z->live, r) ||
		    !journal_has(&z->ours, r))
			s->skipped = "it is not as that run left it";
		break;
	case JOURNAL_DEL:
		records_add(&s->mine, m, r);
		break;
	case JOURNAL_TAKE:
		records_add(&s->theirs, m, r);
		break;
	}
}

/* "SELECTOR._domainkey.DOMAIN" of a key that signs: without its record its
 * mail would be refused. */
static int spare_keys(struct zones *z, struct undo *u, time_t now,
		      struct err *e)
{
	for (size_t d = 0; d < z->conf->domains_n; d++) {
		AUTO(keys) struct keys k = { 0 };

		if (keys_load(z->conf, z->conf->domains[d].name, now, &k, e))
			return -1;
		for (size_t i = 0; i < k.keys.n; i++) {
			const char *name =
				keys_name(&k, k.keys.at[i].selector, &z->mem);

			for (size_t n = 0; n < u->n; n++)
				if (k.keys.at[i].state == ROTATE_ACTIVE &&
				    u->at[n].del.n &&
				    !strcmp(u->at[n].del.at->name, name))
					u->at[n].skipped =
						"its key signs mail now: "
						"`opsmail dkim rotate` first";
		}
	}
	return 0;
}

int undo_look(struct zones *z, const char *id, time_t now, struct undo *out,
	      struct err *e)
{
	struct conf_list zones = { 0 };

	*out = (struct undo){ .id = id };
	if (journal_zones(z->conf->dir, &z->mem, &zones, e))
		return -1;
	for (size_t i = 0; i < zones.n; i++) {
		struct journal_lines all = { 0 };
		struct zones_one *one = NULL;

		if (journal_read(z->conf->dir, zones.at[i], &z->mem, &all, e))
			return -1;
		for (size_t k = 0; k < all.n; k++) {
			if (!of_run(&all.at[k], id))
				continue;
			if (!one && zones_add(z, zones.at[i], &one, e))
				return -1;
			turn(out, &z->mem, one, &all.at[k]);
		}
	}
	if (!out->n)
		return err_set(e, ERR_MISSING,
			       "no run %s is in the journals of %s/journal", id,
			       z->conf->dir);
	return spare_keys(z, out, now, e);
}

/* What is ours again is noted so, what was another's is not. */
static int apply_set(struct zones *z, const struct undo_set *s, const char *run,
		     struct err *e)
{
	const struct zones_one *one = zones_find(z, s->zone);
	struct edit x = { .dns = one->dns,
			  .zone = s->zone,
			  .purpose = "publish",
			  .owner = s->owner,
			  .id = run };

	if (!one->dns)
		return err_set(e, ERR_PERM,
			       "its provider is not ours to write any more");
	x.back = s->theirs.n > 0;
	if (edit_values(&x, x.back ? &s->theirs : &s->mine, &s->del, e))
		return -1;
	if (!x.back || !s->mine.n)
		return 0;
	x.back = false;
	return edit_values(&x, &s->mine, NULL, e);
}

int undo_apply(struct zones *z, const struct undo *u, const char *run,
	       size_t *done, struct err *e)
{
	*done = 0;
	for (size_t i = 0; i < u->n; i++) {
		const struct undo_set *s = &u->at[i];

		if (s->skipped)
			continue;
		if (apply_set(z, s, run, e)) {
			if (*done && e->kind != ERR_STOPPED)
				e->kind = ERR_PARTIAL;
			return err_at(e, "%s", s->zone);
		}
		*done += s->del.n > s->mine.n + s->theirs.n ?
				 s->del.n :
				 s->mine.n + s->theirs.n;
	}
	return 0;
}
