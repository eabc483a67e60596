/* An aliases file of strangers behind a line with an address: read, or a
 * complaint; the walk ends; an edit leaves what reads back, and nothing but
 * one alias changes. */
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "mail/alias.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n);

static const struct alias_rules rules = { "+-", "._" };

static void walk(const struct aliases *a, const char *local)
{
	AUTO(mem) struct mem m = { 0 };
	const struct alias_domain d = { "dom", a, NULL };
	const struct alias_world w = { .at = &d, .n = 1, .rules = rules };
	struct alias_asks asks = { 0 };
	struct alias_targets to;
	struct err e = { 0 };
	enum alias_step s;
	bool is;

	s = alias_resolve(&w, local, "dom", &asks, &m, &to, &e);
	if (s == ALIAS_ASKS || (s == ALIAS_DONE) != (to.n > 0))
		abort();
	if (alias_exists(&w, local, "dom", &asks, &is, &e) != ALIAS_DONE)
		abort();
}

static void change(struct str text, const struct aliases *before)
{
	static const char *const target = "x@y.example";
	const struct alias_change put = { ALIAS_REPLACE, "bob", &target, 1 };
	const struct alias_change drop = { ALIAS_REMOVE, "bob", NULL, 0 };
	AUTO(buf) struct buf with = { 0 }, without = { 0 };
	struct aliases a;
	struct err e = { 0 };

	if (alias_edit(text, "f", "dom", &rules, &put, &with, &e) ||
	    alias_parse(buf_get(&with), "f", "dom", &rules, &a, &e))
		abort();
	if (!alias_find(&a, "bob") ||
	    a.n != before->n + !alias_find(before, "bob"))
		abort();
	alias_free(&a);
	if (alias_edit(buf_get(&with), "f", "dom", &rules, &drop, &without,
		       &e) ||
	    alias_parse(buf_get(&without), "f", "dom", &rules, &a, &e))
		abort();
	if (alias_find(&a, "bob") ||
	    a.n + (alias_find(before, "bob") != NULL) != before->n)
		abort();
	alias_free(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
	AUTO(mem) struct mem m = { 0 };
	struct str text = { (const char *)at, n }, line;
	struct aliases a;
	struct err e = { 0 };

	if (!str_line(&text, &line))
		return 0;
	if (!alias_parse(text, "f", "dom", &rules, &a, &e)) {
		walk(&a, mem_dup(&m, line.at, line.n));
		change(text, &a);
	} else if (e.kind != ERR_CONF) {
		abort();
	}
	alias_free(&a);
	return 0;
}
