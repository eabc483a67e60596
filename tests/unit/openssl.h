/* The openssl command as a second opinion; tests skip where it is missing. */
#pragma once

#include <string.h>

#include "base/proc.h"
#include "tests/unit/test.h"

/* Runs it with input on stdin; out gets both streams. 0 as its exit status. */
static inline int openssl_run(const char *const *argv, struct str input,
			      struct buf *out)
{
	int status = -1;
	struct err e = { 0 };
	struct proc p = { .argv = argv,
			  .input = input,
			  .limit_ms = 20000,
			  .merge = true,
			  .out = out };

	return proc_run(&p, &status, &e) ? -1 : status;
}

static inline void openssl_or_skip(void)
{
	struct buf out = { 0 };
	const char *const argv[] = { "openssl", "version", NULL };
	int status = openssl_run(argv, str_of(NULL), &out);

	buf_free(&out);
	if (status != 0)
		skip();
}
