/* Templates for what is rendered into files: text with
 *	{{name}}                                    a value, escaped by the kind
 *	{{#if name}} ... {{else}} ... {{/if}}       not empty, or a list of items
 *	{{#each name}} ... {{/each}}                once an item; the item's names
 *	                                            come before those outside
 *	{{! a remark }}
 * on one line each. A line that holds nothing but one of the last three kinds
 * of tag vanishes. An unknown name, a list where a value is wanted, a tag that
 * does not close: errors with file:line:column. Pure. */
#pragma once

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

enum { TEMPLATE_DEPTH = 8, TEMPLATE_STEPS = 100000 };

enum template_kind {
	TEMPLATE_PLAIN,   /* as it is */
	TEMPLATE_SHELL,   /* one word, quoted where that matters: 'it'\''s' */
	TEMPLATE_JSON,    /* a whole string with its quotes */
	TEMPLATE_SYSTEMD, /* inside double quotes of a unit file */
	TEMPLATE_CRON,    /* as SHELL; crontab reads a bare % as a line end */
	TEMPLATE_XML,     /* XML and HTML, text and attributes */
};

struct template_set;
struct template_value {
	const char *name;
	const char *text; /* NULL: not set, so that {{#if}} is false */
	const struct template_set *items; /* of a list; items_n of them */
	size_t items_n;
};
struct template_set {
	const struct template_value *at;
	size_t n;
};

/* Appends to out, whose max is the limit. A value that the kind cannot hold (a
 * NUL never; a line end in a unit file or crontab) is an error too. */
int template_render(struct str text, const char *file, enum template_kind kind,
		    const struct template_set *values, struct buf *out,
		    struct err *e);

/* The embedded file of that path, rendered. */
int template_file(const char *path, enum template_kind kind,
		  const struct template_set *values, struct buf *out,
		  struct err *e);
