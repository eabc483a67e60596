/* Where mail for an address of ours goes: chasquid's aliases files, read and
 * edited, and the walk through them. All of it is pure; what only a hook or
 * another program knows is asked for, answered, and the walk done again.
 *
 * Local parts are in their PRECIS form and unquoted, domains are A-labels
 * (mail/addr.h). */
#pragma once

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "conf/users.h"

enum {
	ALIAS_FILE_MAX = 16 << 20,
	ALIAS_LINE_MAX = 64 << 10,
	ALIAS_DEPTH = 10,        /* aliases that lead to aliases */
	ALIAS_FOUND_MAX = 10000, /* recipients of one address, and steps */
};
enum alias_kind {
	ALIAS_EMAIL,
	ALIAS_PIPE,
	ALIAS_FORWARD, /* to the hosts in via, whatever the DNS says */
};
struct alias_target {
	enum alias_kind kind;
	const char *local, *domain; /* a local part "*" is the original's */
	const char *command;        /* PIPE: words, no shell, no quotes */
	const char *const *via;     /* FORWARD: tried in order */
	size_t via_n;
};
struct alias_targets {
	struct alias_target *at;
	size_t n, room;
};

/* What a local part is stripped of when it is looked up: each character of
 * `separators` begins a suffix, those of `drop` do not count before it. */
struct alias_rules {
	const char *separators, *drop;
};
/* Dropped characters gone before the suffix, which stays; and what is left
 * without suffix and dropped characters. Both in PRECIS form where that can
 * be. In m. */
const char *alias_dropped(struct mem *m, struct str local,
			  const struct alias_rules *r);
const char *alias_cleaned(struct mem *m, struct str local,
			  const struct alias_rules *r);

/* The right side of an alias, also what the hook prints; "" has none. What is
 * there without a domain is in `domain`. In m. ERR_CONF without a place. */
int alias_targets_parse(struct mem *m, struct str text, const char *domain,
			struct alias_targets *out, struct err *e);
/* "(email)", "(pipe)", "(forward)": chasquid's words. */
const char *alias_kind_name(enum alias_kind k);
/* As it would stand in a file: "a@b", "| c d", "a@b via c/d"; domains are
 * shown in Unicode. In m. */
const char *alias_target_text(struct mem *m, const struct alias_target *t);

struct alias {
	const char *name; /* dropped characters gone; "*" is the catch-all */
	struct alias_targets to;
	int line;
};
struct aliases {
	struct mem mem;
	struct alias *at; /* sorted by name; of a name given twice the last */
	size_t n, room;
};
/* ERR_CONF with file:line. */
int alias_parse(struct str text, const char *file, const char *domain,
		const struct alias_rules *r, struct aliases *out,
		struct err *e);
void alias_free(struct aliases *a);
const struct alias *alias_find(const struct aliases *a, const char *name);

/* ---- the walk ---- */
struct alias_domain {
	const char *name;              /* A-labels */
	const struct aliases *aliases; /* NULL: none */
	const struct users *users;     /* NULL: none */
};
enum alias_order {
	ALIAS_USERS_FIRST, /* joe+x is joe's mail also where a catch-all is */
	ALIAS_AS_CHASQUID, /* the catch-all takes it: only "joe+x" is looked
			    * for among the users */
};
struct alias_world {
	const struct alias_domain *at; /* sorted by name; localhost too */
	size_t n;
	struct alias_rules rules;
	enum alias_order order;
	bool hook;     /* there is an alias-resolve hook */
	bool fallback; /* users may be known elsewhere (dovecot) */
};
enum alias_asks_for {
	ALIAS_ASK_HOOK, /* what does hooks/alias-resolve print for it? */
	ALIAS_ASK_USER, /* does the other program know this user? */
};
struct alias_ask {
	enum alias_asks_for what;
	const char *local, *domain;
	bool answered, exists;   /* USER */
	struct alias_targets to; /* HOOK */
};
/* Kept from one round to the next; free the arena at the end. */
struct alias_asks {
	struct mem mem;
	struct alias_ask *at;
	size_t n, room;
};
/* ERR_TEMP when the hook's output is no right side. */
int alias_answer_hook(struct alias_asks *asks, struct alias_ask *a,
		      struct str output, struct err *e);
void alias_answer_user(struct alias_ask *a, bool exists);

enum alias_step {
	ALIAS_DONE,
	ALIAS_ASKS,   /* the last of the asks waits for its answer */
	ALIAS_FAILED, /* e says why */
};
/* All recipients of an address, each once, in the order of the files. local as
 * addr_normal gave it. An address of another domain is its own recipient, and
 * so is a local one that nobody has: delivery says so. In m. */
enum alias_step alias_resolve(const struct alias_world *w, const char *local,
			      const char *domain, struct alias_asks *asks,
			      struct mem *m, struct alias_targets *out,
			      struct err *e);
/* Whether mail to an address of one of our domains is taken. */
enum alias_step alias_exists(const struct alias_world *w, const char *local,
			     const char *domain, struct alias_asks *asks,
			     bool *is, struct err *e);
/* NULL: not one of ours. */
const struct alias_domain *alias_domain_find(const struct alias_world *w,
					     const char *domain);

/* ---- edits: a text with one alias changed, all else as it was ---- */
enum alias_edit {
	ALIAS_ADD,     /* to what the alias has, what is not there yet */
	ALIAS_REPLACE, /* instead of what it has */
	ALIAS_REMOVE,  /* these, or with none of them the whole alias */
};
struct alias_change {
	enum alias_edit how;
	const char *name;           /* left side as typed; "*" */
	const char *const *targets; /* right sides as typed */
	size_t n;
};
/* ERR_MISSING: nothing there to remove; ERR_USAGE: that cannot stand in such a
 * file. */
int alias_edit(struct str text, const char *file, const char *domain,
	       const struct alias_rules *r, const struct alias_change *c,
	       struct buf *out, struct err *e);
