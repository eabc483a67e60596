#include "mail/facts.h"

#include <string.h>
#include <strings.h>

static struct fact *find(struct facts *f, const char *name, uint16_t type)
{
	for (struct fact *x = f->first; x; x = x->next)
		if (x->type == type && !strcmp(x->name, name))
			return x;
	return NULL;
}

static const char *plain(struct facts *f, const char *name)
{
	const size_t n = strlen(name);
	char *text =
		mem_dup(&f->mem, name, n > 1 && name[n - 1] == '.' ? n - 1 : n);
	for (char *c = text; *c; c++)
		*c = str_lower(*c);
	return text;
}

const struct fact *facts_look(struct facts *f, const char *name, uint16_t type)
{
	const char *at = plain(f, name);
	struct fact *x = find(f, at, type);
	if (!x) {
		x = MEM_NEW(&f->mem, struct fact);
		x->name = at;
		x->type = type;
		x->next = f->first;
		f->first = x;
		f->wanted++;
	}
	return x->kind == FACT_WANTED ? NULL : x;
}

struct fact *facts_next(struct facts *f)
{
	for (struct fact *x = f->first; x; x = x->next)
		if (x->kind == FACT_WANTED)
			return x;
	return NULL;
}

void facts_tell(struct facts *f, struct fact *x, enum fact_kind kind)
{
	if (x->kind == FACT_WANTED && kind != FACT_WANTED)
		f->wanted--;
	x->kind = kind;
}

void facts_value(struct facts *f, struct fact *x, struct str value)
{
	x->values = mem_more(&f->mem, x->values, &x->room, x->n,
			     sizeof(*x->values));
	x->values[x->n++] =
		(struct str){ mem_dup(&f->mem, value.at, value.n), value.n };
}

void facts_free(struct facts *f)
{
	mem_free(&f->mem);
	*f = (struct facts){ 0 };
}
