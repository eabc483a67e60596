/* A change of one set of values, in whichever unit the API writes. */
#include <string.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/log.h"
#include "dns/descriptor_drive.h"
#include "dns/descriptor_parts.h"
#include "dns/journal.h"

enum { ACTION_POLLS = 60, ACTION_MS = 1000 };

/* Some APIs only promise, and say later whether they kept it. */
int descriptor_settle(struct descriptor_scope *s, const struct yaml *y,
		      json_t *reply, struct err *e)
{
	struct descriptor_scope at = *s;
	struct record action = { 0 };
	if (!y || !reply)
		return 0;
	for (int i = 0; i < ACTION_POLLS; i++) {
		AUTO(json) json_t *j = NULL;
		const struct descriptor_ask q = { .call = y };
		const char *status;
		at.item = reply;
		if (descriptor_make(&at, descriptor_word(y, "id", ""),
				    &action.id, e) < 0 ||
		    descriptor_make(&at, descriptor_word(y, "status", ""),
				    &status, e) < 0)
			return -1;
		if (!strcmp(status, descriptor_word(y, "done", "")))
			return 0;
		if (!strcmp(status, descriptor_word(y, "failed", "")))
			return err_set(e, ERR_PERM,
				       "%s accepted a change and then says "
				       "that it failed",
				       s->d->provider.name);
		at.item = NULL;
		at.record = &action;
		clock_sleep_ms(i ? ACTION_MS : 1);
		if (descriptor_send(&at, &q, &j, NULL, e) < 0)
			return -1;
		json_object_clear(reply);
		json_object_update(reply, j);
	}
	return err_set(e, ERR_TEMP, "%s: a change is still under way",
		       s->d->provider.name);
}

static int write_call(struct descriptor_scope *s, const struct yaml *call,
		      struct err *e)
{
	const struct descriptor_ask q = { .call = call,
					  .kind = DESCRIPTOR_WRITE };
	AUTO(json) json_t *j = NULL;
	if (descriptor_send(s, &q, &j, NULL, e) < 0)
		return -1;
	return descriptor_settle(s, yaml_get(s->d->root, "wait"), j, e);
}

static int write_one(struct descriptor_scope *s, const char *key, struct err *e)
{
	return write_call(s, yaml_get(s->d->root, key), e);
}

static int write_record(struct descriptor_scope *s, const struct yaml *call,
			const struct record *r, const char *id, struct err *e)
{
	struct record x = *r;
	struct records set = { .at = &x, .n = 1, .room = 1 };
	x.id = id;
	s->record = &x;
	s->set = &set;
	const int status = write_call(s, call, e);
	s->record = NULL;
	s->set = NULL;
	if (status < 0 && e->kind == ERR_MISSING &&
	    call == yaml_get(s->d->root, "delete")) {
		*e = (struct err){ 0 }; /* gone already */
		return 0;
	}
	return status;
}

/* New values first, so that a name is never without one; a change of one value
 * into another is one call where the API has it, which a CNAME needs. */
static int by_record(struct descriptor_scope *s, const struct change *c,
		     struct err *e)
{
	const struct yaml *root = s->d->root;
	const struct yaml *create = yaml_get(root, "create");
	const struct yaml *update = yaml_get(root, "update");
	const struct yaml *away = yaml_get(root, "delete");
	const size_t both = c->add.n < c->del.n ? c->add.n : c->del.n;
	const size_t pairs = update ? both : 0;
	const bool clear = !update && c->type == DNS_CNAME;
	for (size_t i = 0; clear && i < c->del.n; i++)
		if (write_record(s, away, &c->del.at[i], c->del.at[i].id, e) <
		    0)
			return -1;
	for (size_t i = 0; i < pairs; i++)
		if (write_record(s, update, &c->add.at[i], c->del.at[i].id, e) <
		    0)
			return -1;
	for (size_t i = pairs; i < c->add.n; i++)
		if (write_record(s, create, &c->add.at[i], NULL, e) < 0)
			return -1;
	for (size_t i = pairs; !clear && i < c->del.n; i++)
		if (write_record(s, away, &c->del.at[i], c->del.at[i].id, e) <
		    0)
			return -1;
	return 0;
}

static int by_set(struct descriptor_scope *s, const struct change *c,
		  struct err *e)
{
	const bool drop = c->want.n == 0 && yaml_get(s->d->root, "delete");
	const bool fresh = c->is.n == 0 && yaml_get(s->d->root, "create");
	s->set = &c->want;
	s->set_id = c->is.n ? c->is.at[0].id : NULL;
	return write_one(s, drop ? "delete" : fresh ? "create" : "put", e);
}

static int by_delta(struct descriptor_scope *s, const struct change *c,
		    struct err *e)
{
	s->set = &c->add;
	if (c->add.n && write_one(s, "add", e) < 0)
		return -1;
	s->set = &c->del;
	return c->del.n ? write_one(s, "remove", e) : 0;
}

/* One call with both sides, by $add, $del, $is and $want. */
static int by_change(struct descriptor_scope *s, const struct change *c,
		     struct err *e)
{
	s->change = c;
	s->set = &c->want;
	return write_one(s, "change", e);
}

/* One place for one text: another's is not thrown out of it. */
static int by_slot(struct descriptor_scope *s, const struct change *c,
		   struct err *e)
{
	const struct yaml *slot = yaml_get(s->d->root, "slot");
	const struct record *r = c->add.n ? &c->add.at[0] : NULL;
	if (c->type != DNS_TXT || c->want.n > 1)
		return err_set(e, ERR_PERM,
			       "%s holds one TXT value at a time, and %s %s",
			       s->d->provider.name, c->name,
			       c->type != DNS_TXT ? "is asked to hold another "
						    "type" :
						    "would have two");
	if (!r && c->del.n == 0)
		return 0;
	if (!r)
		r = &c->del.at[0];
	return write_record(s, yaml_get(slot, c->add.n ? "set" : "clear"), r,
			    r->id, e);
}

/* Values of some types may be changed only in some states of the zone: the
 * last list said which that is. */
static int suits(const struct descriptor_scope *s, struct err *e)
{
	const char *kept = descriptor_state_of(s)->kept;
	char type[16];
	dnsmsg_type_name(s->type, type);
	const char *only = descriptor_word(
		yaml_get(yaml_get(s->d->root, "audit"), "only"), type, NULL);
	kept = kept ? kept : "";
	if (!only || descriptor_one_of(kept, only))
		return 0;
	return err_set(e, ERR_PERM,
		       "%s: %s is set to \"%s\" there, and %s are changed only "
		       "under %s: set that there first",
		       s->d->provider.name, s->zone, kept, type, only);
}

/* ---- whole zones and names ---- */
static int gone(const struct descriptor_scope *s, const char *what,
		enum err_kind kind, struct err *e)
{
	return err_set(e, kind,
		       "%s writes a whole zone at once, and the list of %s %s; "
		       "nothing is written on such ground",
		       s->d->provider.name, s->zone, what);
}

/* Values of ours that nobody took away, but for those that are made now. */
static int has_ours(const struct descriptor_scope *s, const struct change *c,
		    const struct records *now, struct err *e)
{
	struct journal_entries ours = { 0 };
	const char *dir = s->dns->conf->dir;
	if (journal_open_entries(dir, s->zone, NULL, NULL, s->m, &ours, e) < 0)
		return -1;
	for (size_t i = 0; i < ours.n; i++) {
		const struct record *r = &ours.at[i].record;
		if (!records_find(now, r) && !records_find(&c->add, r))
			return gone(s,
				    mem_fmt(s->m,
					    "lacks a value at %s which %s/"
					    "journal says %s made there",
					    r->name, dir, ours.at[i].owner),
				    ERR_TEMP, e);
	}
	return 0;
}

/* The list that a whole is made of has all that is known to be there: what was
 * read a moment ago, and what the journal has. */
static int is_whole(const struct descriptor_scope *s, const struct change *c,
		    const struct records *now, bool zone, struct err *e)
{
	size_t there = 0;
	for (size_t i = 0; i < now->n; i++)
		if (now->at[i].type == c->type &&
		    !strcmp(now->at[i].name, c->name)) {
			there++;
			if (!records_find(&c->is, &now->at[i]))
				return gone(s, "changed meanwhile", ERR_CHANGED,
					    e);
		}
	if (there != c->is.n)
		return gone(s, "changed meanwhile", ERR_CHANGED, e);
	if (!zone)
		return 0;
	if (now->n == 0)
		return gone(s,
			    "is empty (if that is so, make one record there "
			    "by hand)",
			    ERR_PERM, e);
	if (descriptor_shrunk(s, now))
		return gone(s, "lost entries since it was last read",
			    ERR_CHANGED, e);
	return has_ours(s, c, now, e);
}

/* An entry that does not come back as it is when all of them are written. */
static const struct record *loser(const struct descriptor_scope *s,
				  const struct descriptor_zone_read *now,
				  const struct yaml *when)
{
	for (size_t i = 0; i < now->records.n; i++)
		if (descriptor_one_of(
			    descriptor_show(descriptor_path(now->items[i],
							    when->key),
					    s->m),
			    when->text))
			return &now->records.at[i];
	return NULL;
}

static int loses_none(const struct descriptor_scope *s,
		      const struct descriptor_zone_read *now, struct err *e)
{
	const struct yaml *loses =
		yaml_get(yaml_get(s->d->root, "put"), "loses");
	for (const struct yaml *y = loses ? loses->child : NULL; y;
	     y = y->next) {
		const struct record *r = loser(s, now, y);
		if (r)
			return gone(s,
				    mem_fmt(s->m,
					    "has an entry at %s whose \"%s\" "
					    "(%s) would be lost",
					    r->name, y->key, y->text),
				    ERR_PERM, e);
	}
	return 0;
}

/* What one call of the API writes, where that is more than a set. */
enum whole { WHOLE_ZONE, WHOLE_NAME, WHOLE_OWNER };

/* What follows the two labels of a service. */
static const char *owner_of(const char *name)
{
	for (int i = 0; i < 2 && *name; i++) {
		name += strcspn(name, ".");
		name += *name == '.';
	}
	return name;
}

static int read_whole(struct descriptor_scope *s, const struct change *c,
		      enum whole unit, struct descriptor_zone_read *now,
		      struct err *e)
{
	const char *owner = owner_of(c->name);
	struct records *r = &now->records;
	const bool owned = unit == WHOLE_OWNER;
	size_t n = 0;
	if (descriptor_read(s, unit == WHOLE_NAME ? c->name : NULL,
			    owned ? c->type : 0, !owned, now, e) < 0)
		return -1;
	for (size_t i = 0; i < r->n; i++) {
		if (owned && strcmp(owner_of(r->at[i].name), owner) != 0)
			continue;
		r->at[n] = r->at[i];
		now->items[n++] = now->items[i];
	}
	r->n = n;
	return is_whole(s, c, r, unit == WHOLE_ZONE, e);
}

static int by_whole(struct descriptor_scope *s, const struct change *c,
		    enum whole unit, struct err *e)
{
	AUTO(descriptor_zone_read) struct descriptor_zone_read now = { 0 };
	struct descriptor_zone_read all = { 0 };
	struct descriptor_state *st = s->dns->state;
	if (read_whole(s, c, unit, &now, e) < 0 || suits(s, e) < 0 ||
	    loses_none(s, &now, e) < 0)
		return -1;
	for (size_t i = 0; i < now.records.n; i++) {
		const struct record *r = &now.records.at[i];
		if (records_find(&c->del, r))
			continue;
		all.items = mem_more(s->m, all.items, &all.room, all.records.n,
				     sizeof(*all.items));
		all.items[all.records.n] = now.items[i];
		records_add(&all.records, s->m, r);
	}
	for (size_t i = 0; i < c->add.n; i++) {
		all.items = mem_more(s->m, all.items, &all.room, all.records.n,
				     sizeof(*all.items));
		all.items[all.records.n] = NULL;
		records_add(&all.records, s->m, &c->add.at[i])->ttl = s->ttl;
	}
	const bool drop = all.records.n == 0 && yaml_get(s->d->root, "delete");
	st->seen.zone = NULL; /* it is another one now */
	s->whole = true;
	s->set = &all.records;
	s->items = all.items;

	const int status = write_one(s, drop ? "delete" : "put", e);

	s->whole = false;
	s->set = NULL;
	s->items = NULL;
	return status;
}

/* ---- around a write ---- */
static int write_in_unit(struct descriptor_scope *s, const struct change *c,
			 struct err *e)
{
	const struct yaml *put = yaml_get(s->d->root, "put");
	const char *unit = descriptor_word(put, "unit", "set");
	if (put && strcmp(unit, "set") != 0)
		return by_whole(s, c,
				strcmp(unit, "zone") ? WHOLE_NAME : WHOLE_ZONE,
				e);
	if (put && descriptor_is_owned(s->d, c->type))
		return by_whole(s, c, WHOLE_OWNER, e);
	if (suits(s, e) < 0)
		return -1;
	if (yaml_get(s->d->root, "slot"))
		return by_slot(s, c, e);
	if (yaml_get(s->d->root, "change"))
		return by_change(s, c, e);
	if (put)
		return by_set(s, c, e);
	if (yaml_get(s->d->root, "add"))
		return by_delta(s, c, e);
	return by_record(s, c, e);
}

/* What a failed change left half done is undone where the API can; the first
 * error is the one that matters. */
static void undo(struct descriptor_scope *s)
{
	struct err ignored = { 0 };
	if (yaml_get(s->d->root, "rollback") &&
	    write_one(s, "rollback", &ignored) < 0)
		log_say(LOG_REASON, "%s", ignored.msg);
}

static int staged_path(const struct descriptor_scope *s, const char **out,
		       struct err *e)
{
	return journal_path(s->dns->conf->dir, s->zone, "staged", s->m, out, e);
}

/* What an earlier run wrote and did not commit is committed before it is taken
 * for what the world sees: a list shows it either way. */
int descriptor_commit(struct descriptor_scope *s, struct err *e)
{
	const char *path;
	if (!yaml_get(s->d->root, "commit"))
		return 0;
	if (staged_path(s, &path, e) < 0)
		return -1;
	if (!fs_exists(path))
		return 0;
	return write_one(s, "commit", e) < 0 ? -1 : fs_remove(path, e);
}

static int write_all(struct descriptor_scope *s, const struct change *c,
		     struct err *e)
{
	const struct yaml *root = s->d->root;
	if (c->is.n == 0 && c->add.n && yaml_get(root, "before") &&
	    write_one(s, "before", e) < 0)
		return -1;
	const char *path;
	if (yaml_get(root, "commit") &&
	    (staged_path(s, &path, e) < 0 ||
	     fs_write(path, STR_LIT(""), 0600, e) < 0))
		return -1;
	struct descriptor_scope at = *s;
	if (write_in_unit(&at, c, e) < 0) {
		undo(s);
		return -1;
	}
	return descriptor_commit(s, e);
}

int descriptor_apply(struct dns *d, const char *zone, const struct change *c,
		     struct err *e)
{
	AUTO(mem) struct mem m = { 0 };
	struct descriptor_scope s = descriptor_scope_of(d, &m);
	if (descriptor_audit(s.d, c, &m, e) < 0 ||
	    descriptor_identify(d, zone, &s, e) < 0)
		return -1;
	s.name = c->name;
	s.type = c->type;
	s.ttl = c->ttl || !c->is.n ? descriptor_ttl(s.d, c->ttl) : 0;
	if (c->ttl && s.ttl != c->ttl)
		tell(d->tell, TELL_STEP, d->who,
		     "%s: a TTL of %u becomes %u, as %s wants", c->name, c->ttl,
		     s.ttl, d->provider->name);
	return write_all(&s, c, e);
}
