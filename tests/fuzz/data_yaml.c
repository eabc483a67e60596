/* YAML of strangers: a tree within its limits, or a complaint. */
#include <stdlib.h>

#include "data/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n);

static void check(const struct yaml *n, const struct yaml *parent, int depth)
{
	size_t children = 0;

	if (depth > 32 || n->line < 1 || n->column < 1 ||
	    (n->kind == YAML_SCALAR) != (n->text != NULL) ||
	    (parent && parent->kind == YAML_MAP) != (n->key != NULL))
		abort();
	for (const struct yaml *c = n->child; c; c = c->next) {
		check(c, n, depth + 1);
		children++;
	}
	if (children != n->n)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
	struct mem m = { 0 };
	struct err e = { 0 };
	struct yaml *root = NULL;

	if (!yaml_parse((struct str){ (const char *)at, n }, "f", &m, &root,
			&e))
		check(root, NULL, 0);
	else if (root || e.kind == ERR_NONE)
		abort();
	mem_free(&m);
	return 0;
}
