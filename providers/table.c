#include "providers/table.h"

#include <stdlib.h>
#include <string.h>

#include "base/embed.h"
#include "base/fs.h"
#include "dns/descriptor.h"

enum { FILE_MAX = 1 << 18, NEAR = 4 };

const struct provider *const provider_table[] = {
	&rfc2136_provider,  &self_provider,    &exec_provider,
	&httpreq_provider,  &acmedns_provider, &acmesh_provider,
	&zonefile_provider, &manual_provider,
};
const size_t provider_n = sizeof(provider_table) / sizeof(provider_table[0]);

static void add(struct provider_list *l, struct mem *m,
		const struct provider *p)
{
	for (size_t i = 0; i < l->n; i++)
		if (!strcmp(l->at[i]->name, p->name))
			return; /* the user's own came first */
	l->at = mem_more(m, l->at, &l->room, l->n, sizeof(*l->at));
	l->at[l->n++] = p;
}

/* A descriptor is found by its file's name, so that must be its own. */
static int parse(struct str text, const char *path, struct mem *m,
		 const struct provider **out, struct err *e)
{
	const struct descriptor *d;
	const char *base = strrchr(path, '/');
	if (descriptor_parse(text, path, m, &d, e) < 0)
		return -1;
	*out = &d->provider;
	return base && !strcmp(base + 1, mem_fmt(m, "%s.yaml", (*out)->name)) ?
		       0 :
		       err_set(e, ERR_CONF,
			       "%s: its name is \"%s\": call the file %s.yaml",
			       path, (*out)->name, (*out)->name);
}

static int read_own(const char *path, struct mem *m,
		    const struct provider **out, struct err *e)
{
	AUTO(buf) struct buf b = { .max = FILE_MAX };
	if (fs_check_safe(path, e) < 0 || fs_read(path, &b, e) < 0)
		return -1;
	return parse(buf_get(&b), path, m, out, e);
}

static int add_own(const struct conf *c, struct mem *m,
		   struct provider_list *out, struct err *e)
{
	struct fs_names names = { 0 };
	const char *dir = c && c->dir ? mem_fmt(m, "%s/providers", c->dir) :
					NULL;
	if (!dir || !fs_is_dir(dir))
		return 0;
	if (fs_list(dir, m, &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		const struct provider *p;
		if (!str_ends(str_of(names.at[i]), ".yaml"))
			continue;
		if (read_own(mem_fmt(m, "%s/%s", dir, names.at[i]), m, &p, e) <
		    0)
			return -1;
		add(out, m, p);
	}
	return 0;
}

static int add_embedded(struct mem *m, struct provider_list *out, struct err *e)
{
	for (size_t i = 0; i < embed_n; i++) {
		const struct provider *p;
		struct str path = str_of(embed_all[i].path);
		if (!str_starts(path, "providers/"))
			continue;
		if (parse(embed_all[i].bytes, embed_all[i].path, m, &p, e) < 0)
			return -1;
		add(out, m, p);
	}
	return 0;
}

static int by_name(const void *a, const void *b)
{
	const struct provider *const *x = a, *const *y = b;
	return strcmp((*x)->name, (*y)->name);
}

int provider_all(const struct conf *c, struct mem *m, struct provider_list *out,
		 struct err *e)
{
	if (add_own(c, m, out, e) < 0)
		return -1;
	for (size_t i = 0; i < provider_n; i++)
		add(out, m, provider_table[i]);
	if (add_embedded(m, out, e) < 0)
		return -1;
	qsort(out->at, out->n, sizeof(*out->at), by_name);
	return 0;
}

/* Distance to the nearest of a provider's names; 0 is a hit. */
static unsigned distance(const struct provider *p, struct str name,
			 struct str *nearest)
{
	struct str rest = str_of(p->aliases), word = str_of(p->name);
	unsigned best = NEAR;
	do {
		unsigned n = str_eqi(word, "") ?
				     best :
			     str_samei(word, name) ?
				     0 :
				     1 + str_distance(word, name, best - 1);
		if (n < best) {
			best = n;
			*nearest = word;
		}
	} while (best > 0 && str_word(&rest, &word));
	return best;
}

/* The short way, for the file that has the name: another descriptor that is
 * broken is no reason to fail. */
static int exact(const struct conf *c, const char *name, struct mem *m,
		 const struct provider **out, struct err *e)
{
	const char *path = mem_fmt(m, "providers/%s.yaml", name);
	const struct embed *x = embed_find(path);
	*out = NULL;
	if (strchr(name, '/') || !*name)
		return 0;
	if (c && c->dir) {
		const char *own = mem_fmt(m, "%s/%s", c->dir, path);
		if (fs_exists(own))
			return read_own(own, m, out, e);
	}
	return x ? parse(x->bytes, x->path, m, out, e) : 0;
}

const struct provider *provider_find(const struct conf *c, const char *name,
				     struct mem *m, struct err *e)
{
	struct str nearest = { 0 };
	struct provider_list all = { 0 };
	const struct provider *p;
	unsigned best = NEAR;
	if (exact(c, name, m, &p, e) < 0)
		return NULL;
	if (p)
		return p;
	for (size_t i = 0; i < provider_n; i++)
		if (distance(provider_table[i], str_of(name), &nearest) == 0)
			return provider_table[i];
	if (provider_all(c, m, &all, e) < 0)
		return NULL;
	nearest = (struct str){ 0 };
	for (size_t i = 0; i < all.n; i++) {
		struct str word = { 0 };
		unsigned n = distance(all.at[i], str_of(name), &word);
		if (n == 0)
			return all.at[i];
		if (n < best) {
			best = n;
			nearest = word;
		}
	}
	err_set(e, ERR_CONF,
		"no DNS provider is called \"%s\"%s%.*s%s; see "
		"opsmail dns providers",
		name, nearest.n ? ": did you mean " : "", STR_FMT(nearest),
		nearest.n ? "?" : "");
	return NULL;
}
