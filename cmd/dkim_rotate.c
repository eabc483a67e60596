/* opsmail dkim rotate and revoke: one key after another through its life
 * (mail/rotate.h), as far as it goes now. */
#include <string.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/stop.h"
#include "cmd/dkim.h"
#include "cmd/dns.h"
#include "cmd/dns_publish.h"

enum { LOCK_MS = 60000 };

/* One domain's turn. */
struct turn {
	struct call *c;
	const struct conf_domain *d;
	struct keys k;
	struct publish_how how;
	struct resolver *plain; /* what the servers show, signed or not */
	bool by_hand;           /* a person writes the zone */
};

static int begin(struct call *c, const char *domain, struct turn *t,
		 struct err *e)
{
	struct conf_list *mine = MEM_NEW(&c->mem, struct conf_list);
	struct conf_domain *d;

	*t = (struct turn){ .c = c };
	if (conf_domain(c->conf, domain, &d, e))
		return -1;
	t->d = d;
	conf_list_once(mine, &c->mem, str_of(d->name));
	return keys_load(c->conf, d->name, clock_now(), &t->k, e) ||
			       resolver_open(c->conf->resolver, &t->plain, e) ||
			       cmd_publish_how(c, mine, &t->how, e) ?
		       -1 :
		       0;
}

static void end(struct turn *t)
{
	keys_free(&t->k);
	resolver_close(t->how.resolver);
	resolver_close(t->plain);
}

static struct rotate_step step_of(const struct turn *t, size_t i)
{
	return rotate_next(&t->k.keys, i, &rotate_default, clock_now());
}

/* ---- the records ---- */

/* A record that somebody published for a key of theirs is ours to revoke now:
 * we hold the key. */
static const struct conf_list *taken_up(struct turn *t)
{
	struct conf_list *l = MEM_NEW(&t->c->mem, struct conf_list);

	for (size_t i = 0; i < t->k.keys.n; i++) {
		const struct rotate_key *x = &t->k.keys.at[i];

		if (x->adopted && x->state >= ROTATE_REVOKED)
			conf_list_once(
				l, &t->c->mem,
				str_of(mem_fmt(&t->c->mem, "%s/TXT",
					       keys_name(&t->k, x->selector,
							 &t->c->mem))));
	}
	return l;
}

static bool is_ours(struct turn *t, const struct record *r)
{
	AUTO(mem) struct mem m = { 0 };

	for (size_t i = 0; i < t->k.keys.n && r->type == DNS_TXT; i++)
		if (!strcmp(r->name,
			    keys_name(&t->k, t->k.keys.at[i].selector, &m)))
			return true;
	return false;
}

/* What else the configuration wants is dns publish's matter. */
static size_t keep_ours(struct turn *t, struct publish *p, const char **bad)
{
	size_t n = 0;

	for (size_t i = 0; i < p->zones.n; i++) {
		struct plan *plan = &p->zones.at[i]->plan;

		for (size_t k = 0; k < plan->n; k++) {
			struct plan_line *l = &plan->at[k];

			if (!is_ours(t, &l->record))
				l->word = PLAN_FOREIGN;
			else if (l->word == PLAN_CONFLICT)
				*bad = mem_fmt(&t->c->mem, "%s: %s",
					       l->record.name, l->advice);
			n += publish_may(l, false);
		}
	}
	return n;
}

static bool zone_is_by_hand(struct publish *p, const char *domain)
{
	const char *name = mem_fmt(&p->zones.mem, "_domainkey.%s", domain);
	const struct zones_one *z = zones_find(&p->zones, name);

	return !z || !z->dns;
}

static int write_records(struct turn *t, struct publish *p, struct err *e)
{
	struct publish_run run = { 0 };
	const char *bad = NULL;
	const size_t n = keep_ours(t, p, &bad);

	if (bad)
		return err_set(e, ERR_PERM, "%s", bad);
	t->by_hand = zone_is_by_hand(p, t->d->name);
	if (t->by_hand) {
		tell(t->how.tell, TELL_TASK, t->d->shown,
		     "write the records that `opsmail dns plan %s` names into "
		     "the zone, then run this again",
		     t->d->name);
		return 0;
	}
	run.id = publish_id(t->how.now, p->hash, &t->c->mem);
	if (n && publish_apply(p, &run, e))
		return -1;
	if (n)
		out_result(t->c->out, OUT_OK, t->d->shown,
			   "published: %zu DKIM record%s, run %s", n,
			   n == 1 ? "" : "s", run.id);
	return keys_published(&t->k, clock_now(), e);
}

static int publish(struct turn *t, struct err *e)
{
	AUTO(publish) struct publish p = { 0 };
	AUTO(fd) int lock = -1;
	struct mem *m = &t->c->mem;

	t->how.now = clock_now();
	t->how.take_over = taken_up(t);
	if (fs_mkdir(mem_fmt(m, "%s/journal", t->c->conf->dir), 0700, e) ||
	    fs_lock(mem_fmt(m, "%s/journal/publish.lock", t->c->conf->dir),
		    LOCK_MS, &lock, e) ||
	    publish_look(&t->how, &p, e))
		return -1;
	if (p.domains[0].stopped)
		return err_set(e, ERR_CONF,
			       "what else is configured for %s cannot be "
			       "published: `opsmail dns plan %s` says why",
			       t->d->shown, t->d->name);
	return write_records(t, &p, e);
}

/* ---- putting to work ---- */

/* A key that would sign is tried first. What does not pass is not seen, then:
 * it is published and looked for again. */
static int try_next(struct turn *t, bool last, struct err *e)
{
	for (size_t i = 0; i < t->k.keys.n; i++) {
		const struct rotate_key *x = &t->k.keys.at[i];
		struct err why = { 0 };

		if (step_of(t, i).what != ROTATE_LIVE ||
		    keys_try(&t->k, x, t->plain, clock_now(), &why) == 0)
			continue;
		if (last) {
			*e = why;
			return err_at(e, "nothing was switched");
		}
		if (keys_seen(&t->k, x->selector, false, 0, clock_now(), e))
			return -1;
	}
	return 0;
}

static const char *describe(struct turn *t, const struct rotate_key *x)
{
	return mem_fmt(&t->c->mem, "%s key %s", cmd_dkim_kind(x->type),
		       x->selector);
}

static bool was(const struct conf_list *before, const struct rotate_key *x)
{
	for (size_t i = 0; i < before->n; i++)
		if (!strcmp(before->at[i], x->selector))
			return true;
	return false;
}

/* What came of it: each key that came into use is tried as it lies there now.
 */
static int prove(struct turn *t, const struct conf_list *before, struct err *e)
{
	for (size_t i = 0; i < t->k.keys.n; i++) {
		const struct rotate_key *x = &t->k.keys.at[i];

		if (x->state != ROTATE_ACTIVE || was(before, x))
			continue;
		if (keys_try(&t->k, x, t->plain, clock_now(), e))
			return -1;
		out_result(t->c->out, OUT_OK, t->d->shown,
			   "the %s signs from now on; a message signed with it "
			   "passes by the DNS",
			   describe(t, x));
	}
	return 0;
}

static int tell_server(struct turn *t, struct err *e)
{
	if (!t->k.reload)
		return 0;
	return cmd_dkim_reload(t->c, t->d->name, e) ||
			       keys_told(&t->k, clock_now(), e) ?
		       -1 :
		       0;
}

static int put_to_work(struct turn *t, bool last, struct err *e)
{
	struct conf_list before = { 0 };

	for (size_t i = 0; i < t->k.keys.n; i++)
		if (t->k.keys.at[i].state == ROTATE_ACTIVE)
			conf_list_once(&before, &t->c->mem,
				       str_of(t->k.keys.at[i].selector));
	if (try_next(t, last, e) ||
	    keys_advance(&t->k, &rotate_default, clock_now(), e) ||
	    tell_server(t, e))
		return -1;
	return prove(t, &before, e);
}

/* ---- waiting ---- */

/* The last moment that a key waits for which is to take another's place. */
static time_t caches_until(const struct turn *t)
{
	time_t until = 0;

	for (size_t i = 0; i < t->k.keys.n; i++) {
		const struct rotate_key *x = &t->k.keys.at[i];
		const struct rotate_step s = step_of(t, i);

		if (x->state == ROTATE_PENDING && x->due && x->seen &&
		    s.what == ROTATE_WAIT && s.when > until)
			until = s.when;
	}
	return until;
}

/* As long as a resolver may remember that the record was not there. */
static int wait_caches(struct turn *t, time_t limit, struct err *e)
{
	const time_t until = caches_until(t);
	char text[CLOCK_TEXT];

	if (until > clock_now() + limit) {
		clock_text(until, text);
		out_result(t->c->out, OUT_SKIP, t->d->shown,
			   "until %.10s %.5s UTC resolvers may remember that "
			   "the new records were not there: run this again "
			   "then",
			   text, text + 11);
		return 0;
	}
	while (clock_now() < until) {
		tell(t->how.tell, TELL_LIVE, t->d->shown,
		     "%lld s until no resolver remembers that the records were "
		     "not there",
		     (long long)(until - clock_now()));
		clock_sleep_ms(1000);
		if (stop_asked())
			return err_set(e, ERR_STOPPED,
				       "stopped; run it again to go on");
	}
	return 0;
}

/* Until every server shows them; a person's zone is only looked at. */
static int wait_servers(struct turn *t, time_t limit, struct err *e)
{
	const struct wait w = {
		.resolver = t->plain,
		.tell = t->how.tell,
		.who = t->d->shown,
		.limit_ms = t->by_hand ? 0 : (int64_t)limit * 1000,
	};
	struct err late = { 0 };

	if (keys_look(&t->k, &w, clock_now(), &late) == 0)
		return 0;
	if (t->by_hand && late.kind == ERR_TIMEOUT)
		return 0;
	*e = late;
	return -1;
}

static int turn(struct turn *t, struct err *e)
{
	const time_t limit = (time_t)t->d->acme.propagation_s;

	if (put_to_work(t, false, e) || publish(t, e) ||
	    wait_servers(t, limit, e) || wait_caches(t, limit, e) ||
	    put_to_work(t, true, e))
		return -1;
	return t->k.unpublished && !t->by_hand ? publish(t, e) : 0;
}

/* ---- the commands ---- */

static void say_keys(struct turn *t, enum out_state s, const char *front)
{
	for (size_t i = 0; i < t->k.keys.n; i++) {
		const struct rotate_key *x = &t->k.keys.at[i];

		if (x->state == ROTATE_GONE)
			continue;
		out_result(t->c->out, s, t->d->shown, "%s%s is %s; next: %s",
			   front, describe(t, x), rotate_word(x->state),
			   cmd_dkim_next(t->c, &t->k, i));
		out_object(t->c->out, cmd_dkim_json(t->c, &t->k, x));
	}
}

static int no_keys(const struct turn *t, struct err *e)
{
	return err_set(e, ERR_MISSING,
		       "%s has no DKIM key to rotate: `opsmail dns publish` "
		       "makes and publishes the first ones",
		       t->d->shown);
}

static int rotate(struct call *c, const char *domain, struct err *e)
{
	const bool now = opt_flag(&c->opts, "now");
	const bool dry = opt_flag(&c->opts, "dry-run");
	struct turn t;
	int status = begin(c, domain, &t, e);

	if (status == 0 && !t.k.keys.n)
		status = no_keys(&t, e);
	if (status == 0 && dry && now)
		out_result(c->out, OUT_OK, t.d->shown,
			   "dry run: pending keys, made where there are none, "
			   "would take the places of the active ones");
	if (status == 0 && !dry && now)
		status = keys_make(&t.k, true, clock_now(), e);
	if (status == 0 && !dry)
		status = turn(&t, e);
	if (status == 0)
		say_keys(&t, OUT_OK, dry ? "dry run: the " : "the ");
	end(&t);
	return status;
}

int cmd_dkim_rotate(struct call *c, struct err *e)
{
	for (size_t i = 0; i < c->args_n; i++)
		if (rotate(c, c->args[i], e))
			return err_at(e, "%s", c->args[i]);
	return 0;
}

/* --domain, or the one configured domain that has such a key. */
static int domain_of(struct call *c, const char *selector, const char **out,
		     struct err *e)
{
	const char *found = NULL;
	size_t n = 0;

	*out = opt_text(&c->opts, "domain");
	for (size_t i = 0; !*out && i < c->conf->domains_n; i++) {
		AUTO(keys) struct keys k = { 0 };

		if (keys_load(c->conf, c->conf->domains[i].name, clock_now(),
			      &k, e))
			return -1;
		if (keys_find(&k, selector)) {
			found = c->conf->domains[i].name;
			n++;
		}
	}
	if (*out)
		return 0;
	*out = found;
	if (n == 1)
		return 0;
	return err_set(e, ERR_USAGE,
		       n ? "several domains have a DKIM key %s: say which by "
			   "--domain" :
			   "no configured domain has a DKIM key %s: `opsmail "
			   "dkim show DOMAIN` lists them",
		       selector);
}

static int ask(struct turn *t, const struct rotate_key *x, bool *yes,
	       struct err *e)
{
	return out_ask(t->c->out, yes, e,
		       x->state == ROTATE_ACTIVE ?
			       "Replace the %s of %s and revoke it at once?" :
			       "Revoke the %s of %s at once?",
		       describe(t, x), t->d->shown);
}

/* It is out as soon as there is another; that may take longer than we wait. */
static int outcome(struct turn *t, const char *selector, struct err *e)
{
	const struct rotate_key *x = keys_find(&t->k, selector);

	if (x && x->state < ROTATE_REVOKED)
		return err_set(
			e, ERR_TIMEOUT,
			"the DKIM key %s of %s is not revoked yet, since "
			"nothing else can sign: run `opsmail dkim rotate "
			"%s` again",
			selector, t->d->shown, t->d->name);
	return 0;
}

static int revoke_one(struct turn *t, const char *selector, struct err *e)
{
	const struct rotate_key *x = keys_find(&t->k, selector);
	bool yes = false;

	if (!x)
		return err_set(e, ERR_MISSING,
			       "%s has no DKIM key %s: `opsmail dkim show %s` "
			       "lists them",
			       t->d->shown, selector, t->d->name);
	if (opt_flag(&t->c->opts, "dry-run")) {
		out_result(t->c->out, OUT_OK, t->d->shown,
			   "dry run: the %s, %s, would be revoked%s",
			   describe(t, x), rotate_word(x->state),
			   x->state == ROTATE_ACTIVE ?
				   " as soon as another has its place" :
				   "");
		return 0;
	}
	if (ask(t, x, &yes, e))
		return -1;
	if (!yes)
		return err_set(e, ERR_STOPPED, "nothing was revoked");
	if (keys_revoke(&t->k, selector, clock_now(), e) || turn(t, e))
		return -1;
	say_keys(t, OUT_OK, "the ");
	return outcome(t, selector, e);
}

int cmd_dkim_revoke(struct call *c, struct err *e)
{
	const char *domain;
	struct turn t = { 0 };
	int status;

	if (domain_of(c, c->args[0], &domain, e))
		return -1;
	status = begin(c, domain, &t, e);
	if (status == 0)
		status = revoke_one(&t, c->args[0], e);
	end(&t);
	return status;
}
