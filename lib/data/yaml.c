#include "data/yaml.h"

#include <string.h>
#include <yaml.h>

#include "base/auto.h"

enum {
	DEPTH_MAX = 32,
	NODES_MAX = 100000,
	KEYS_MAX = 10000, /* in one map: each new key is compared with all */
	TEXT_MAX = 4 << 20,
};

/* An open list or map; `last` is its newest child, `key` a key that waits for
 * its value. */
struct open {
	struct yaml *node, *last;
	const char *key;
	int key_line, key_column;
};
struct reader {
	yaml_parser_t parser;
	const char *file;
	struct mem *m;
	struct open open[DEPTH_MAX];
	size_t depth, nodes;
	struct yaml *root;
	struct err *e;
};

static int wrong(const struct reader *r, yaml_mark_t at, const char *what)
{
	return err_set(r->e, ERR_CONF, "%s:%zu:%zu: %s", r->file, at.line + 1,
		       at.column + 1, what);
}

/* libyaml's sentences, with what a person may have meant. */
static int wrong_syntax(const struct reader *r)
{
	const yaml_parser_t *p = &r->parser;
	const char *what = p->problem ? p->problem : "is no YAML";
	const char *hint = "";

	if (p->error == YAML_READER_ERROR)
		return err_set(r->e, ERR_CONF,
			       "%s: byte %zu: %s; write the file in UTF-8",
			       r->file, p->problem_offset, what);
	if (strstr(what, "cannot start any token"))
		hint = "; indent with spaces, and put text that starts with "
		       "@ ` % in quotes";
	else if (strstr(what, "mapping values are not allowed"))
		hint = "; put text that holds \": \" in quotes";
	else if (strstr(what, "alphabetic or numeric character"))
		hint = "; put text that starts with * or & in quotes";
	return err_set(r->e, ERR_CONF, "%s:%zu:%zu: %s%s", r->file,
		       p->problem_mark.line + 1, p->problem_mark.column + 1,
		       what, hint);
}

static bool is_null(const yaml_event_t *ev)
{
	static const char *const words[] = { "", "~", "null", "Null", "NULL" };
	const char *text = (const char *)ev->data.scalar.value;

	if (ev->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(text, words[i]))
			return true;
	return false;
}

/* A node where the event stands. */
static int make(struct reader *r, const yaml_event_t *ev, enum yaml_kind kind,
		struct yaml **out)
{
	struct yaml *n;

	if (r->nodes++ >= NODES_MAX)
		return wrong(r, ev->start_mark, "has more than 100,000 values");
	n = MEM_NEW(r->m, struct yaml);
	n->kind = kind;
	n->line = (int)ev->start_mark.line + 1;
	n->column = (int)ev->start_mark.column + 1;
	*out = n;
	return 0;
}

/* Hangs a node under what is open, or makes it the root. */
static int hang(struct reader *r, const yaml_event_t *ev, struct yaml *n)
{
	struct open *o;

	if (!r->depth) {
		if (r->root)
			return wrong(r, ev->start_mark, "more than one value");
		r->root = n;
		return 0;
	}
	o = &r->open[r->depth - 1];
	if (o->node->kind == YAML_MAP) {
		if (!o->key)
			return wrong(r, ev->start_mark,
				     "a key must be text, not a list or a map");
		n->key = o->key;
		n->key_line = o->key_line;
		n->key_column = o->key_column;
		o->key = NULL;
	}
	if (o->last)
		o->last->next = n;
	else
		o->node->child = n;
	o->last = n;
	o->node->n++;
	return 0;
}

static int take_key(struct reader *r, const yaml_event_t *ev, const char *text)
{
	struct open *o = &r->open[r->depth - 1];
	const struct yaml *old;

	if (o->node->n == KEYS_MAX)
		return wrong(r, ev->start_mark, "has more than 10,000 keys");
	old = yaml_get(o->node, text);
	if (old)
		return err_set(
			r->e, ERR_CONF,
			"%s:%zu:%zu: \"%s\" stands here twice; the first "
			"is in line %d",
			r->file, ev->start_mark.line + 1,
			ev->start_mark.column + 1, text, old->key_line);
	o->key = text;
	o->key_line = (int)ev->start_mark.line + 1;
	o->key_column = (int)ev->start_mark.column + 1;
	return 0;
}

static int take_scalar(struct reader *r, const yaml_event_t *ev)
{
	size_t n = ev->data.scalar.length;
	const char *text = (const char *)ev->data.scalar.value;
	const struct open *o = r->depth ? &r->open[r->depth - 1] : NULL;
	struct yaml *node;

	if (ev->data.scalar.anchor || ev->data.scalar.tag)
		return wrong(r, ev->start_mark,
			     "anchors (&) and tags (!) are "
			     "not accepted; put the text in quotes");
	if (memchr(text, 0, n))
		return wrong(r, ev->start_mark, "holds a NUL byte");
	if (o && o->node->kind == YAML_MAP && !o->key)
		return take_key(r, ev, mem_dup(r->m, text, n));
	if (make(r, ev, is_null(ev) ? YAML_NULL : YAML_SCALAR, &node))
		return -1;
	if (node->kind == YAML_SCALAR)
		node->text = mem_dup(r->m, text, n);
	node->quoted = ev->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	return hang(r, ev, node);
}

static int take_start(struct reader *r, const yaml_event_t *ev)
{
	bool map = ev->type == YAML_MAPPING_START_EVENT;
	bool marked = map ? ev->data.mapping_start.anchor ||
				      ev->data.mapping_start.tag :
			    ev->data.sequence_start.anchor ||
				      ev->data.sequence_start.tag;
	struct yaml *node;

	if (marked)
		return wrong(r, ev->start_mark,
			     "anchors (&) and tags (!) are not accepted");
	if (r->depth == DEPTH_MAX)
		return wrong(r, ev->start_mark, "is nested more than 32 deep");
	if (make(r, ev, map ? YAML_MAP : YAML_LIST, &node) || hang(r, ev, node))
		return -1;
	r->open[r->depth++] = (struct open){ .node = node };
	return 0;
}

static int take(struct reader *r, const yaml_event_t *ev)
{
	switch (ev->type) {
	case YAML_SCALAR_EVENT:
		return take_scalar(r, ev);
	case YAML_SEQUENCE_START_EVENT:
	case YAML_MAPPING_START_EVENT:
		return take_start(r, ev);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		r->depth--;
		return 0;
	case YAML_ALIAS_EVENT:
		return wrong(r, ev->start_mark,
			     "an alias (*name) is not "
			     "accepted; put text that starts with * in quotes");
	case YAML_DOCUMENT_START_EVENT:
		if (r->root)
			return wrong(r, ev->start_mark,
				     "a second document (---) is not accepted");
		return 0;
	default:
		return 0;
	}
}

static int read_all(struct reader *r)
{
	yaml_event_type_t type = YAML_NO_EVENT;

	while (type != YAML_STREAM_END_EVENT) {
		yaml_event_t ev;
		int got;

		if (!yaml_parser_parse(&r->parser, &ev))
			return wrong_syntax(r);
		type = ev.type;
		got = take(r, &ev);
		yaml_event_delete(&ev);
		if (got)
			return -1;
	}
	if (!r->root) {
		r->root = MEM_NEW(r->m, struct yaml);
		r->root->line = r->root->column = 1;
	}
	return 0;
}

int yaml_parse(struct str text, const char *file, struct mem *m,
	       struct yaml **root, struct err *e)
{
	struct reader r = { .file = file, .m = m, .e = e };
	int got;

	if (text.n > TEXT_MAX)
		return err_set(e, ERR_CONF, "%s: is larger than 4 MiB", file);
	if (!yaml_parser_initialize(&r.parser))
		return err_set(e, ERR_SYS, "%s: not enough memory", file);
	yaml_parser_set_input_string(
		&r.parser, (const unsigned char *)(text.n ? text.at : ""),
		text.n);
	got = read_all(&r);
	yaml_parser_delete(&r.parser);
	if (!got)
		*root = r.root;
	return got;
}

struct yaml *yaml_get(const struct yaml *map, const char *key)
{
	if (!map || map->kind != YAML_MAP)
		return NULL;
	for (struct yaml *n = map->child; n; n = n->next)
		if (!strcmp(n->key, key))
			return n;
	return NULL;
}
