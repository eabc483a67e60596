/* What the files of cmd/util share; nobody else includes it. */
#pragma once

#include <stdbool.h>

#include "base/buf.h"
#include "base/mem.h"

/* "--abc=def x -r" is --abc: def, $1: x, -r: "". */
struct util_arg {
	const char *key, *value;
};
struct util {
	struct mem mem;
	struct util_arg *args;
	size_t n, room;
	size_t words; /* how many stand without a dash */
	const char *dir;
	struct buf password;
	bool has_password;
};
/* The last value of that key, "" for one without; NULL: not given. */
const char *util_get(const struct util *u, const char *key);
/* The nth word, from 1; "" where there are fewer. */
const char *util_word(const struct util *u, size_t nth);

/* A sentence on stderr; 1, the exit status that goes with it. */
int util_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

int util_user_add(struct util *u);
int util_user_remove(struct util *u);
int util_authenticate(struct util *u);
int util_check_userdb(struct util *u);
int util_aliases_resolve(struct util *u);
int util_domaininfo_remove(struct util *u);
int util_print_config(struct util *u);
