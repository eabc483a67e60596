#include "publish/keys.h"

#include <string.h>

#include "base/fs.h"
#include "mail/dkim.h"
#include "publish/keys_files.h"

static const enum dkimkey_type pair[] = { DKIMKEY_RSA, DKIMKEY_ED25519 };
enum { STATE_MAX = 8 << 20, LOCK_MS = 30000 };

void keys_free(struct keys *k)
{
	mem_free(&k->mem);
	*k = (struct keys){ 0 };
}

struct rotate_key *keys_find(const struct keys *k, const char *selector)
{
	for (size_t i = 0; i < k->keys.n; i++)
		if (str_eqi(str_of(k->keys.at[i].selector), selector))
			return &k->keys.at[i];
	return NULL;
}

const char *keys_path(const struct keys *k, const struct rotate_key *x,
		      struct mem *m)
{
	for (int p = 0; p < KEYS_PLACES; p++) {
		const char *path =
			keys_files_path(k, (enum keys_place)p, x->selector, m);

		if (fs_exists(path))
			return path;
	}
	return NULL;
}

static const char *state_path(const struct keys *k, struct mem *m)
{
	return mem_fmt(m, "%s/dkim/%s/state.json", k->conf->dir, k->domain);
}

static int read_state(struct keys *k, struct err *e)
{
	AUTO(buf) struct buf text = { .max = STATE_MAX };
	const char *path = state_path(k, &k->mem);
	struct err why = { 0 };

	if (fs_read(path, &text, &why)) {
		*e = why;
		return why.kind == ERR_MISSING ? 0 : -1;
	}
	if (keys_parse(buf_get(&text), k, e))
		return err_set(e, ERR_CONF,
			       "%s: %s; restore it from a backup, or move it "
			       "away: then the keys that sign are taken up "
			       "anew",
			       path, mem_str(&k->mem, e->msg));
	return 0;
}

static struct rotate_key *add(struct keys *k, const struct rotate_key *x)
{
	struct rotate_keys *all = &k->keys;

	all->at = mem_more(&k->mem, all->at, &all->room, all->n,
			   sizeof(*all->at));
	all->at[all->n] = *x;
	k->dirty = true;
	return &all->at[all->n++];
}

/* A key that stands where the mail server signs, or among the pending ones,
 * and is not known. */
static int adopt(struct keys *k, enum keys_place p, const char *selector,
		 time_t now, struct err *e)
{
	struct rotate_key x = {
		.selector = mem_str(&k->mem, selector),
		.state = p == KEYS_LIVE ? ROTATE_ACTIVE : ROTATE_PENDING,
		.made = now,
		.since = now,
		.adopted = p == KEYS_LIVE,
	};

	if (keys_files_record(keys_files_path(k, p, selector, &k->mem), &k->mem,
			      &x.type, &x.record, e))
		return -1;
	add(k, &x);
	return 0;
}

/* A file of a known name where signing keys stand. It may lack its move yet,
 * or hold another key than the one we know. */
static int check_live(struct keys *k, struct rotate_key *x, time_t now,
		      struct err *e)
{
	const char *path = keys_files_path(k, KEYS_LIVE, x->selector, &k->mem);
	enum dkimkey_type type;
	const char *record;

	if (keys_files_record(path, &k->mem, &type, &record, e))
		return -1;
	if (keys_files_same(record, str_of(x->record))) {
		if (x->state != ROTATE_PENDING)
			return 0;
	} else if (x->state != ROTATE_ACTIVE && x->state != ROTATE_PENDING) {
		return err_set(e, ERR_CONF,
			       "%s is a new key under the name of an old one, "
			       "which stays in caches: rename the file to a "
			       "selector that was never used",
			       path);
	} else {
		x->type = type;
		x->record = record;
		x->seen = x->ready = 0;
		x->made = now;
		x->adopted = true;
	}
	x->state = ROTATE_ACTIVE;
	x->since = now;
	k->dirty = true;
	return 0;
}

static int look_into(struct keys *k, enum keys_place p, time_t now,
		     struct err *e)
{
	struct conf_list names = { 0 };

	if (keys_files_list(k, p, &k->mem, &names, e))
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		struct rotate_key *x = keys_find(k, names.at[i]);

		if (!x             ? adopt(k, p, names.at[i], now, e) :
		    p == KEYS_LIVE ? check_live(k, x, now, e) :
				     0)
			return -1;
	}
	return 0;
}

/* Somebody took the file away: nothing signs with it any more. */
static void miss(struct keys *k, time_t now)
{
	AUTO(mem) struct mem m = { 0 };

	for (size_t i = 0; i < k->keys.n; i++) {
		struct rotate_key *x = &k->keys.at[i];

		if ((x->state != ROTATE_ACTIVE && x->state != ROTATE_PENDING) ||
		    keys_path(k, x, &m))
			continue;
		x->state = x->state == ROTATE_ACTIVE ? ROTATE_RETIRING :
						       ROTATE_GONE;
		x->since = now;
		k->dirty = true;
	}
}

int keys_load(const struct conf *conf, const char *domain, time_t now,
	      struct keys *out, struct err *e)
{
	*out = (struct keys){ .conf = conf };
	if (record_check_zone(domain, e))
		return -1;
	out->domain = mem_str(&out->mem, domain);
	if (read_state(out, e) || look_into(out, KEYS_LIVE, now, e) ||
	    look_into(out, KEYS_PENDING, now, e)) {
		keys_free(out);
		return -1;
	}
	miss(out, now);
	return 0;
}

static int save(struct keys *k, struct err *e)
{
	AUTO(mem) struct mem m = { 0 };
	AUTO(buf) struct buf text = { .max = STATE_MAX };

	if (keys_print(k, &text, e) ||
	    fs_write(state_path(k, &m), buf_get(&text), 0600, e))
		return -1;
	k->dirty = false;
	return 0;
}

/* Each file to where its state says. New keys come in before old ones go. */
static int settle(const struct keys *k, struct err *e)
{
	static const enum rotate_state order[] = {
		ROTATE_PENDING, ROTATE_ACTIVE, ROTATE_RETIRING,
		ROTATE_REVOKED, ROTATE_GONE,
	};
	static const enum keys_place place[] = {
		[ROTATE_PENDING] = KEYS_PENDING,
		[ROTATE_ACTIVE] = KEYS_LIVE,
		[ROTATE_RETIRING] = KEYS_RETIRED,
		[ROTATE_REVOKED] = KEYS_RETIRED,
	};

	for (size_t s = 0; s < ROTATE_STATES; s++)
		for (size_t i = 0; i < k->keys.n; i++) {
			const struct rotate_key *x = &k->keys.at[i];

			if (x->state != order[s])
				continue;
			if (x->state == ROTATE_GONE ?
				    keys_files_shred(k, x, e) :
				    keys_files_move(k, x->selector,
						    place[x->state], e))
				return -1;
		}
	return 0;
}

/* Takes the lock, and reads what others may have changed. */
static int begin(struct keys *k, time_t now, int *lock, struct err *e)
{
	AUTO(mem) struct mem m = { 0 };
	const char *folder = mem_fmt(&m, "%s/dkim/%s", k->conf->dir, k->domain);
	struct keys fresh;

	if (fs_mkdir(folder, 0700, e) ||
	    fs_lock(mem_fmt(&m, "%s/lock", folder), LOCK_MS, lock, e) ||
	    keys_load(k->conf, k->domain, now, &fresh, e))
		return -1;
	keys_free(k);
	*k = fresh;
	if ((k->dirty && save(k, e)) || keys_files_sweep(k, e))
		return -1;
	return settle(k, e);
}

/* A name that no key of the domain ever had: the day, the kind, and letters. */
static const char *new_selector(const struct keys *k, enum dkimkey_type t,
				time_t now, struct mem *m)
{
	AUTO(mem) struct mem paths = { 0 };
	struct tm day;
	const char *first, *name;

	gmtime_r(&now, &day);
	first = mem_fmt(m, "%04d%02d%02d%c", day.tm_year + 1900, day.tm_mon + 1,
			day.tm_mday, t == DKIMKEY_RSA ? 'r' : 'e');
	name = first;
	for (unsigned i = 0;; i++) {
		const struct rotate_key x = { .selector = name };

		if (!keys_find(k, name) && !keys_path(k, &x, &paths))
			return name;
		name = i < 26 ? mem_fmt(m, "%s%c", first, 'a' + (int)i) :
				mem_fmt(m, "%sz%u", first, i);
	}
}

static int make(struct keys *k, enum dkimkey_type t, bool due, time_t now,
		struct err *e)
{
	AUTO(dkimkey) struct dkimkey *key = NULL;
	AUTO(buf) struct buf record = { 0 };
	struct rotate_key x = {
		.selector = new_selector(k, t, now, &k->mem),
		.type = t,
		.state = ROTATE_PENDING,
		.made = now,
		.since = now,
		.due = due,
	};

	if (dkimkey_make(t, &key, e) || dkim_record_write(key, &record, e) ||
	    keys_files_write(k, x.selector, key, e))
		return -1;
	x.record = mem_str(&k->mem, buf_c(&record));
	add(k, &x);
	k->unpublished = true;
	return save(k, e);
}

static bool has(const struct keys *k, enum dkimkey_type t,
		enum rotate_state state, bool adopted)
{
	for (size_t i = 0; i < k->keys.n; i++)
		if (k->keys.at[i].type == t && k->keys.at[i].state == state &&
		    k->keys.at[i].adopted >= adopted)
			return true;
	return false;
}

static bool in_use(const struct keys *k, enum dkimkey_type t)
{
	return has(k, t, ROTATE_PENDING, false) ||
	       has(k, t, ROTATE_ACTIVE, false);
}

/* Somebody's own key is let be, also when it is the only one. */
int keys_ensure(struct keys *k, time_t now, struct err *e)
{
	AUTO(fd) int lock = -1;

	if (begin(k, now, &lock, e))
		return -1;
	if (has(k, DKIMKEY_RSA, ROTATE_ACTIVE, true) ||
	    has(k, DKIMKEY_ED25519, ROTATE_ACTIVE, true))
		return 0;
	for (size_t i = 0; i < 2; i++)
		if (!in_use(k, pair[i]) && make(k, pair[i], false, now, e))
			return -1;
	return 0;
}

int keys_make(struct keys *k, bool due, time_t now, struct err *e)
{
	AUTO(fd) int lock = -1;

	if (begin(k, now, &lock, e))
		return -1;
	for (size_t i = 0; i < 2; i++)
		if (!has(k, pair[i], ROTATE_PENDING, false) &&
		    make(k, pair[i], due, now, e))
			return -1;
	for (size_t i = 0; i < k->keys.n; i++)
		if (k->keys.at[i].state == ROTATE_PENDING)
			k->keys.at[i].due |= due;
	return due ? save(k, e) : 0;
}

int keys_revoke(struct keys *k, const char *selector, time_t now, struct err *e)
{
	AUTO(mem) struct mem m = { 0 };
	AUTO(fd) int lock = -1;
	const char *name = mem_str(&m, selector); /* reading anew frees texts */
	struct rotate_key *x;

	if (begin(k, now, &lock, e))
		return -1;
	x = keys_find(k, name);
	if (!x)
		return err_set(e, ERR_MISSING,
			       "%s has no DKIM key %s: `opsmail dkim show %s` "
			       "lists them",
			       k->domain, name, k->domain);
	if (x->state == ROTATE_REVOKED || x->state == ROTATE_GONE)
		return err_set(e, ERR_PERM, "the DKIM key %s of %s is %s",
			       x->selector, k->domain, rotate_word(x->state));
	const enum dkimkey_type t = x->type;

	x->leaked = true;
	for (size_t i = 0; i < k->keys.n; i++)
		k->keys.at[i].due |= k->keys.at[i].state == ROTATE_PENDING &&
				     k->keys.at[i].type == t &&
				     !k->keys.at[i].leaked;
	if (save(k, e))
		return -1;
	if (x->state != ROTATE_ACTIVE || has(k, t, ROTATE_PENDING, false))
		return 0;
	return make(k, t, true, now, e);
}

int keys_seen(struct keys *k, const char *selector, bool everywhere,
	      time_t negative, time_t now, struct err *e)
{
	AUTO(mem) struct mem m = { 0 };
	AUTO(fd) int lock = -1;
	const char *name = mem_str(&m, selector);
	struct rotate_key *x;
	time_t before;

	if (begin(k, now, &lock, e))
		return -1;
	x = keys_find(k, name);
	if (!x)
		return 0;
	before = x->seen;
	rotate_see(x, everywhere, now, negative);
	return x->seen == before ? 0 : save(k, e);
}

int keys_reword(struct keys *k, const char *selector, const char *record,
		time_t now, struct err *e)
{
	AUTO(mem) struct mem m = { 0 };
	AUTO(fd) int lock = -1;
	const char *name = mem_str(&m, selector), *text = mem_str(&m, record);
	struct rotate_key *x;

	if (begin(k, now, &lock, e))
		return -1;
	x = keys_find(k, name);
	if (!x || !strcmp(x->record, text) ||
	    !keys_files_same(x->record, str_of(text)))
		return 0;
	x->record = mem_str(&k->mem, text);
	return save(k, e);
}

/* One step that is due now; false: there is none. */
static bool step(struct keys *k, const struct rotate_how *how, time_t now)
{
	for (size_t i = 0; i < k->keys.n; i++) {
		struct rotate_step s = rotate_next(&k->keys, i, how, now);

		if (s.what == ROTATE_WAIT || s.what == ROTATE_PUBLISH)
			continue;
		k->reload |= s.what == ROTATE_LIVE || s.what == ROTATE_RETIRE;
		k->unpublished |= s.what == ROTATE_REVOKE ||
				  s.what == ROTATE_DELETE;
		rotate_do(&k->keys, i, s.what, now);
		return true;
	}
	return false;
}

int keys_advance(struct keys *k, const struct rotate_how *how, time_t now,
		 struct err *e)
{
	AUTO(fd) int lock = -1;

	if (begin(k, now, &lock, e))
		return -1;
	while (step(k, how, now))
		if (save(k, e) || settle(k, e))
			return -1;
	for (size_t i = 0; i < 2; i++)
		if (rotate_wants(&k->keys, pair[i], how, now) &&
		    make(k, pair[i], true, now, e))
			return -1;
	return 0;
}

int keys_told(struct keys *k, time_t now, struct err *e)
{
	AUTO(fd) int lock = -1;

	if (begin(k, now, &lock, e))
		return -1;
	if (!k->reload)
		return 0;
	k->reload = false;
	return save(k, e);
}

/* The same records, in the same order. */
static bool same_wanted(const struct keys *a, const struct keys *b)
{
	AUTO(mem) struct mem m = { 0 };
	size_t n, other;
	const struct want_key *x = keys_wanted(a, &m, &n);
	const struct want_key *y = keys_wanted(b, &m, &other);

	for (size_t i = 0; i < n && n == other; i++)
		if (strcmp(x[i].selector, y[i].selector) != 0 ||
		    !str_same(x[i].value, y[i].value))
			return false;
	return n == other;
}

int keys_published(struct keys *k, time_t now, struct err *e)
{
	AUTO(keys) struct keys before = *k;
	AUTO(fd) int lock = -1;

	*k = (struct keys){ .conf = before.conf, .domain = before.domain };
	if (begin(k, now, &lock, e)) {
		keys_free(k);
		*k = before;
		before = (struct keys){ 0 };
		return -1;
	}
	if (!k->unpublished || !same_wanted(k, &before))
		return 0;
	k->unpublished = false;
	return save(k, e);
}

static const struct str revoked = STR_LIT("v=DKIM1; p=");

const struct want_key *keys_wanted(const struct keys *k, struct mem *m,
				   size_t *n)
{
	struct want_key *all = mem_array(m, 2 * k->keys.n + 1, sizeof(*all));

	*n = 0;
	for (size_t i = 0; i < k->keys.n; i++) {
		const struct rotate_key *x = &k->keys.at[i];
		const struct str whole = str_of(mem_str(m, x->record));
		struct want_key w = { .selector = mem_str(m, x->selector),
				      .value = x->state < ROTATE_REVOKED ?
						       whole :
						       revoked,
				      .state = rotate_word(x->state),
				      .gone = x->state == ROTATE_GONE };

		all[(*n)++] = w;
		w.value = whole;
		if (w.gone) /* it may never have been revoked in the DNS */
			all[(*n)++] = w;
	}
	return all;
}
