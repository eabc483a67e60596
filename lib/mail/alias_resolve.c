#include "mail/alias.h"

#include <stdlib.h>
#include <string.h>

#include "base/auto.h"

/* One round: it ends at the first question that has no answer yet. */
struct walk {
	const struct alias_world *w;
	struct alias_asks *asks;
	struct mem *m;
	struct alias_targets *out;
	size_t steps;
	struct err *e;
};

static int is_name(const void *name, const void *d)
{
	return strcmp(name, ((const struct alias_domain *)d)->name);
}

const struct alias_domain *alias_domain_find(const struct alias_world *w,
					     const char *domain)
{
	return w->n ? bsearch(domain, w->at, w->n, sizeof(*w->at), is_name) :
		      NULL;
}

/* The question, put if it is new; NULL while it waits for its answer. */
static struct alias_ask *ask(struct walk *k, enum alias_asks_for what,
			     const char *local, const char *domain)
{
	struct alias_asks *all = k->asks;
	struct alias_ask *a;

	for (size_t i = 0; i < all->n; i++) {
		a = &all->at[i];
		if (a->what == what && strcmp(a->local, local) == 0 &&
		    strcmp(a->domain, domain) == 0)
			return a->answered ? a : NULL;
	}
	all->at = mem_more(&all->mem, all->at, &all->room, all->n,
			   sizeof(*all->at));
	a = &all->at[all->n++];
	*a = (struct alias_ask){
		.what = what,
		.local = mem_str(&all->mem, local),
		.domain = mem_str(&all->mem, domain),
	};
	return NULL;
}

int alias_answer_hook(struct alias_asks *asks, struct alias_ask *a,
		      struct str output, struct err *e)
{
	if (alias_targets_parse(&asks->mem, output, a->domain, &a->to, e)) {
		e->kind = ERR_TEMP;
		return err_at(e, "hooks/alias-resolve %s@%s", a->local,
			      a->domain);
	}
	a->answered = true;
	return 0;
}

void alias_answer_user(struct alias_ask *a, bool exists)
{
	a->exists = exists;
	a->answered = true;
}

static enum alias_step fail(struct walk *k, const char *local,
			    const char *domain, const char *why)
{
	err_set(k->e, ERR_CONF, "%s@%s: %s", local, domain, why);
	return ALIAS_FAILED;
}

static void add(struct alias_targets *to, struct mem *m,
		const struct alias_target *t)
{
	to->at = mem_more(m, to->at, &to->room, to->n, sizeof(*to->at));
	to->at[to->n++] = *t;
}

/* What the file has for it, with what the hook says behind. */
static enum alias_step lookup(struct walk *k, const struct alias_domain *d,
			      const char *local, struct alias_targets *to)
{
	const struct alias *a = alias_find(
		d->aliases, alias_dropped(k->m, str_of(local), &k->w->rules));

	*to = (struct alias_targets){ 0 };
	if (++k->steps > ALIAS_FOUND_MAX)
		return fail(k, local, d->name, "its aliases lead too far");
	for (size_t i = 0; a && i < a->to.n; i++)
		add(to, k->m, &a->to.at[i]);
	if (!k->w->hook)
		return ALIAS_DONE;
	const struct alias_ask *hook = ask(k, ALIAS_ASK_HOOK, local, d->name);

	if (!hook)
		return ALIAS_ASKS;
	for (size_t i = 0; i < hook->to.n; i++)
		add(to, k->m, &hook->to.at[i]);
	return ALIAS_DONE;
}

static enum alias_step user_exists(struct walk *k, const struct alias_domain *d,
				   const char *local, bool *exists)
{
	*exists = d->users && users_find(d->users, str_of(local));
	if (*exists || !k->w->fallback)
		return ALIAS_DONE;
	const struct alias_ask *other = ask(k, ALIAS_ASK_USER, local, d->name);

	if (!other)
		return ALIAS_ASKS;
	*exists = other->exists;
	return ALIAS_DONE;
}

/* The user whose mail it is: *name, NULL when there is none. */
static enum alias_step find_user(struct walk *k, const struct alias_domain *d,
				 const char *local, const char *cleaned,
				 const char **name)
{
	bool exists = false;
	enum alias_step s = ALIAS_DONE;

	*name = NULL;
	if (k->w->order == ALIAS_USERS_FIRST)
		s = user_exists(k, d, cleaned, &exists);
	if (s == ALIAS_DONE && exists)
		*name = cleaned;
	if (s != ALIAS_DONE || exists ||
	    (strcmp(local, cleaned) == 0 && k->w->order == ALIAS_USERS_FIRST))
		return s;
	s = user_exists(k, d, local, &exists);
	if (s == ALIAS_DONE && exists)
		*name = k->w->order == ALIAS_USERS_FIRST ? local : cleaned;
	return s;
}

static bool same_target(const struct alias_target *a,
			const struct alias_target *b)
{
	if (a->kind != b->kind || a->via_n != b->via_n)
		return false;
	if (a->kind == ALIAS_PIPE)
		return strcmp(a->command, b->command) == 0;
	for (size_t i = 0; i < a->via_n; i++)
		if (strcmp(a->via[i], b->via[i]) != 0)
			return false;
	return strcmp(a->local, b->local) == 0 &&
	       strcmp(a->domain, b->domain) == 0;
}

static enum alias_step found(struct walk *k, const struct alias_target *t)
{
	for (size_t i = 0; i < k->out->n; i++)
		if (same_target(&k->out->at[i], t))
			return ALIAS_DONE;
	add(k->out, k->m, t);
	return ALIAS_DONE;
}

static enum alias_step found_email(struct walk *k, const char *local,
				   const char *domain)
{
	const struct alias_target t = {
		.kind = ALIAS_EMAIL,
		.local = mem_str(k->m, local),
		.domain = mem_str(k->m, domain),
	};

	return found(k, &t);
}

static enum alias_step resolve(struct walk *k, const char *local,
			       const char *domain, int depth);

/* Pipes and forwards are final. */
static enum alias_step follow(struct walk *k, const struct alias_targets *to,
			      const char *local, int depth)
{
	enum alias_step s = ALIAS_DONE;

	for (size_t i = 0; i < to->n && s == ALIAS_DONE; i++) {
		struct alias_target t = to->at[i];

		if (t.kind != ALIAS_PIPE && strcmp(t.local, "*") == 0)
			t.local = local;
		s = t.kind == ALIAS_EMAIL ?
			    resolve(k, t.local, t.domain, depth + 1) :
			    found(k, &t);
	}
	return s;
}

static enum alias_step resolve(struct walk *k, const char *local,
			       const char *domain, int depth)
{
	const struct alias_domain *d = alias_domain_find(k->w, domain);
	const char *cleaned, *user;
	struct alias_targets to;
	enum alias_step s;

	if (depth >= ALIAS_DEPTH)
		return fail(k, local, domain, "recursion limit exceeded");
	if (!d)
		return found_email(k, local, domain);
	s = lookup(k, d, local, &to);
	if (s != ALIAS_DONE || to.n)
		return s == ALIAS_DONE ? follow(k, &to, local, depth) : s;
	cleaned = alias_cleaned(k->m, str_of(local), &k->w->rules);
	s = lookup(k, d, cleaned, &to);
	if (s != ALIAS_DONE || to.n)
		return s == ALIAS_DONE ? follow(k, &to, local, depth) : s;
	s = find_user(k, d, local, cleaned, &user);
	if (s != ALIAS_DONE || user)
		return s == ALIAS_DONE ? found_email(k, user, domain) : s;
	s = lookup(k, d, "*", &to);
	if (s != ALIAS_DONE)
		return s;
	return to.n ? follow(k, &to, local, depth) :
		      found_email(k, cleaned, domain);
}

enum alias_step alias_resolve(const struct alias_world *w, const char *local,
			      const char *domain, struct alias_asks *asks,
			      struct mem *m, struct alias_targets *out,
			      struct err *e)
{
	struct walk k = { .w = w, .asks = asks, .m = m, .out = out, .e = e };
	enum alias_step s;

	*out = (struct alias_targets){ 0 };
	s = resolve(&k, local, domain, 0);
	if (s != ALIAS_DONE)
		*out = (struct alias_targets){ 0 };
	return s;
}

static enum alias_step exists(struct walk *k, const struct alias_domain *d,
			      const char *local, bool *is)
{
	const char *cleaned = alias_cleaned(k->m, str_of(local), &k->w->rules);
	const char *const names[] = { local, cleaned, "*" };
	struct alias_targets to;
	const char *user;
	enum alias_step s;

	for (size_t i = 0; i < 3; i++) {
		s = lookup(k, d, names[i], &to);
		*is = to.n;
		if (s != ALIAS_DONE || *is)
			return s;
	}
	if (k->w->order == ALIAS_AS_CHASQUID)
		return user_exists(k, d, cleaned, is);
	s = find_user(k, d, local, cleaned, &user);
	*is = user != NULL;
	return s;
}

enum alias_step alias_exists(const struct alias_world *w, const char *local,
			     const char *domain, struct alias_asks *asks,
			     bool *is, struct err *e)
{
	AUTO(mem) struct mem m = { 0 };
	struct walk k = { .w = w, .asks = asks, .m = &m, .e = e };
	const struct alias_domain *d = alias_domain_find(w, domain);

	*is = false;
	return d ? exists(&k, d, local, is) : ALIAS_DONE;
}
