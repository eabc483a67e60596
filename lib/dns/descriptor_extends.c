/* A descriptor that is like another but for some keys. */
#include <string.h>

#include "base/embed.h"
#include "dns/descriptor_parts.h"

enum { CHAIN_MAX = 4 };

/* What says who somebody is, and what was run, is not handed down. */
static const char *const kept[] = { "name",    "aliases", "proof",
				    "extends", "ptr",     NULL };
/* Maps that are taken over member by member. */
static const char *const merged[] = { "creds", "codec", "ttl", "rate",
				      "reply", "audit", NULL };

static bool among(const char *key, const char *const *all)
{
	for (; *all; all++)
		if (!strcmp(*all, key))
			return true;
	return false;
}

static void append(struct yaml *map, struct yaml ***end, const struct yaml *y,
		   struct mem *m)
{
	struct yaml *one = MEM_NEW(m, struct yaml);
	*one = *y;
	one->next = NULL;
	**end = one;
	*end = &one->next;
	map->n++;
}

/* The base's members in their order, the own ones in their place; "key: ~"
 * takes one away. */
static struct yaml *join(const struct yaml *base, const struct yaml *own,
			 bool top, struct mem *m)
{
	struct yaml *all = MEM_NEW(m, struct yaml);
	struct yaml **end = &all->child;
	*all = *own;
	all->child = NULL;
	all->n = 0;
	for (const struct yaml *y = base->child; y; y = y->next) {
		const struct yaml *mine = yaml_get(own, y->key);
		struct yaml both = mine ? *mine : *y;
		if ((top && !mine && among(y->key, kept)) ||
		    (mine && mine->kind == YAML_NULL))
			continue;
		if (top && mine && among(y->key, merged) &&
		    mine->kind == YAML_MAP && y->kind == YAML_MAP)
			both = *join(y, mine, false, m);
		append(all, &end, &both, m);
	}
	for (const struct yaml *y = own->child; y; y = y->next)
		if (!yaml_get(base, y->key))
			append(all, &end, y, m);
	return all;
}

static int built_in(const struct yaml *name, const char *file, struct mem *m,
		    struct yaml **out, struct err *e)
{
	const char *path =
		mem_fmt(m, "providers/%s.yaml", name->text ? name->text : "");
	for (size_t i = 0; i < embed_n; i++)
		if (!strcmp(embed_all[i].path, path))
			return yaml_parse(embed_all[i].bytes, path, m, out, e);
	return err_set(e, ERR_CONF,
		       "%s:%d:%d: no built-in descriptor is called \"%s\"",
		       file, name->line, name->column,
		       name->text ? name->text : "");
}

int descriptor_extend(struct yaml *own, const char *file, struct mem *m,
		      struct yaml **out, struct err *e)
{
	const struct yaml *name =
		own->kind == YAML_MAP ? yaml_get(own, "extends") : NULL;
	*out = own;
	for (int i = 0; name; i++) {
		struct yaml *base;
		if (i == CHAIN_MAX)
			return err_set(e, ERR_CONF,
				       "%s:%d:%d: extends goes on for more "
				       "than %d descriptors",
				       file, name->line, name->column,
				       CHAIN_MAX);
		if (built_in(name, file, m, &base, e) < 0)
			return -1;
		*out = join(base, *out, true, m);
		name = yaml_get(base, "extends");
	}
	return 0;
}
