/* YAML by libyaml, the one door: a tree of nodes that know where they stand.
 * One document; no anchors, aliases or tags; a key twice is an error. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

enum yaml_kind { YAML_NULL, YAML_SCALAR, YAML_LIST, YAML_MAP };
struct yaml {
	enum yaml_kind kind;
	int line, column;   /* from 1 */
	const char *text;   /* YAML_SCALAR: terminated UTF-8 without NUL */
	bool quoted;        /* "off" as text, not as a switch */
	struct yaml *child; /* first item or first value, else NULL */
	struct yaml *next;  /* its next sibling */
	const char *key;    /* in a map: its key, and where that stands */
	int key_line, key_column;
	size_t n; /* children */
};

/* Everything lives in m. Errors start with "file:line:column: ". At most 32
 * levels and 100,000 nodes. An empty file is a YAML_NULL root. */
int yaml_parse(struct str text, const char *file, struct mem *m,
	       struct yaml **root, struct err *e);
struct yaml *yaml_get(const struct yaml *map,
		      const char *key); /* NULL: no such */
