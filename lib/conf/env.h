/* conf.sh, the old shell file: bash runs it with nothing of ours around it,
 * and what it set is read back. */
#pragma once

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "conf/conf.h"

struct env_var {
	const char *name;
	struct conf_list values; /* one; several of a list */
	bool list, exported;
};
struct env {
	struct env_var *at;
	size_t n, room;
};

/* Runs dir/conf.sh, with the domain as $1 (NULL: empty), in a cleared
 * environment, in dir, without stdin, for 10 s at most. The caller has checked
 * that nobody else may write it. ERR_CONF with "file:line: what bash said" for
 * a syntax error (nothing ran then), an unknown command or an early end with a
 * status; file is how messages name it. */
int env_run(const char *dir, const char *file, const char *domain,
	    struct mem *m, struct env *out, struct err *e);

/* What the wrapper writes: twice a list of variables, before and after, each
 * NAME NUL FLAGS NUL COUNT NUL VALUE NUL..., ended by an empty name and the
 * exit status. Gives what the second holds and the first does not. Pure. */
int env_parse(struct str dump, struct mem *m, struct env *out, int *status,
	      struct err *e);

const struct env_var *env_find(const struct env *v, const char *name);
