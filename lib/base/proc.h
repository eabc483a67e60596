/* Children: own process group, own environment, a time limit, capped output. */
#pragma once

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

struct proc {
	const char *const *argv; /* argv[0]: a path, or looked for in PATH */
	const char *const *env;  /* NULL-ended "K=V"; NULL: ours */
	const char *dir;         /* NULL: ours */
	struct str input;        /* given on stdin; empty: /dev/null */
	int64_t limit_ms;        /* 0: none; past it the group gets SIGTERM, 2 s
				  * later SIGKILL */
	bool merge;              /* stderr goes into out too */
	struct buf *out;         /* NULL: dropped; so is what passes its max */
	struct buf *errs;        /* stderr; NULL: dropped (unless merge) */
};

/* Runs it to its end. 0 with *status the exit status (128 + signal when
 * killed); -1 ERR_SYS when it cannot be started, ERR_TIMEOUT at the limit.
 * A child that lives on in the group, or holds the pipes open, is ended. */
int proc_run(const struct proc *p, int *status, struct err *e);
