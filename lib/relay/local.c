#include "relay/local.h"

#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/fs.h"
#include "base/idn.h"
#include "base/proc.h"

enum { HOOK_MS = 5000 };
#define HOOK "hooks/alias-resolve"

static int read_aliases(const char *path, const char *domain,
			const struct alias_rules *r, struct aliases *out,
			struct err *e)
{
	AUTO(buf) struct buf text = { .max = ALIAS_FILE_MAX };
	struct err why = { 0 };

	if (fs_read(path, &text, &why) && why.kind != ERR_MISSING) {
		*e = why;
		return -1;
	}
	return alias_parse(buf_get(&text), path, domain, r, out, e);
}

static int read_domain(struct local *l, const struct chasquid_domain *d,
		       size_t i, struct alias_domain *out, struct err *e)
{
	struct local_domain *mine = &l->at[i];

	mine->folder = d->folder;
	*out = (struct alias_domain){ d->name, &mine->aliases, &mine->users };
	if (!d->folder)
		return 0;
	return users_read(mem_fmt(&l->mem, "%s/users", d->folder), &mine->users,
			  e) || read_aliases(mem_fmt(&l->mem, "%s/aliases",
						     d->folder),
					     d->name, &l->world.rules,
					     &mine->aliases, e) ?
		       -1 :
		       0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct chasquid_domain *)a)->name,
		      ((const struct chasquid_domain *)b)->name);
}

/* Mail to localhost must never look for a way out. */
static void add_localhost(struct mem *m, struct chasquid_domains *all)
{
	for (size_t i = 0; i < all->n; i++)
		if (strcmp(all->at[i].name, "localhost") == 0)
			return;
	all->at = mem_more(m, all->at, &all->room, all->n, sizeof(*all->at));
	all->at[all->n++] = (struct chasquid_domain){ .name = "localhost" };
	qsort(all->at, all->n, sizeof(*all->at), by_name);
}

static int read_all(struct local *l, struct err *e)
{
	struct chasquid_domains all;
	struct alias_domain *domains;

	if (chasquid_domains(l->dir, &l->mem, &all, e))
		return -1;
	add_localhost(&l->mem, &all);
	l->at = mem_array(&l->mem, all.n, sizeof(*l->at));
	domains = mem_array(&l->mem, all.n, sizeof(*domains));
	l->world.at = domains;
	for (; l->n < all.n; l->world.n = ++l->n)
		if (read_domain(l, &all.at[l->n], l->n, &domains[l->n], e)) {
			l->n++; /* what it has is freed with the others */
			return -1;
		}
	return 0;
}

int local_read(const char *dir, const struct chasquid *c, struct local *out,
	       struct err *e)
{
	AUTO(free) char *whole = realpath(dir, NULL);

	*out = (struct local){ 0 };
	if (!whole)
		return err_sys(e, "%s", dir);
	out->dir = mem_str(&out->mem, whole);
	out->world = (struct alias_world){
		.rules = { mem_str(&out->mem, c->suffix_separators),
			   mem_str(&out->mem, c->drop_characters) },
		.hook = fs_exists(mem_fmt(&out->mem, "%s/" HOOK, whole)),
		.fallback = c->dovecot_auth,
	};
	return read_all(out, e);
}

void local_free(struct local *l)
{
	for (size_t i = 0; i < l->n; i++) {
		users_free(&l->at[i].users);
		alias_free(&l->at[i].aliases);
	}
	mem_free(&l->mem);
	*l = (struct local){ 0 };
}

int local_hook(const struct local *l, struct alias_asks *asks, struct err *e)
{
	AUTO(mem) struct mem m = { 0 };
	AUTO(buf) struct buf text = { .max = ALIAS_LINE_MAX };
	struct alias_ask *a = &asks->at[asks->n - 1];
	const char *const argv[] = {
		mem_fmt(&m, "%s/" HOOK, l->dir),
		mem_fmt(&m, "%s@%s", a->local, idn_shown(&m, a->domain)),
		NULL,
	};
	const struct proc p = {
		.argv = argv,
		.dir = l->dir,
		.limit_ms = HOOK_MS,
		.out = &text,
	};
	int status;

	if (fs_check_safe(argv[0], e))
		return -1;
	if (proc_run(&p, &status, e)) {
		e->kind = ERR_TEMP;
		return err_at(e, HOOK " %s", argv[1]);
	}
	if (status)
		return err_set(e, ERR_TEMP, HOOK " %s: exit status %d", argv[1],
			       status);
	return alias_answer_hook(asks, a, buf_get(&text), e);
}
