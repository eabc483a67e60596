/* chasquid's local RPC: a line each way over a Unix socket. "Method k=v&k=v"
 * asks, "200 k=v&k=v" or "500 what went wrong" answers; keys and values are as
 * in URLs. */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

enum { LOCALRPC_LINE_MAX = 1 << 20, LOCALRPC_LIMIT_S = 5 };
struct localrpc_value {
	const char *key, *value;
};
struct localrpc_values {
	struct localrpc_value *at; /* in the order of the line */
	size_t n, room;
};

/* "&key=value" appended, without the & where it is the first. */
void localrpc_add(struct buf *form, const char *key, const char *value);
/* In m. ERR_PERM: not of that form, or with a NUL. */
int localrpc_parse(struct str form, struct mem *m, struct localrpc_values *out,
		   struct err *e);

/* Asks who listens on path, with one value. ERR_MISSING: nobody does; ERR_PERM:
 * the sentence is the other side's, word for word; ERR_TEMP: it does not answer
 * in 5 seconds, or not like that. */
int localrpc_call(const char *path, const char *method, const char *key,
		  const char *value, struct mem *m, struct localrpc_values *out,
		  struct err *e);
