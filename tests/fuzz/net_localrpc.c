/* The values of a local call: read, and read again as they are written. */
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "net/localrpc.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
	AUTO(mem) struct mem m = { 0 };
	AUTO(buf) struct buf form = { 0 };
	struct localrpc_values a, b;
	struct err e = { 0 };

	if (localrpc_parse((struct str){ (const char *)at, n }, &m, &a, &e))
		return 0;
	for (size_t i = 0; i < a.n; i++)
		localrpc_add(&form, a.at[i].key, a.at[i].value);
	if (localrpc_parse(buf_get(&form), &m, &b, &e) || a.n != b.n)
		abort();
	for (size_t i = 0; i < a.n; i++)
		if (strcmp(a.at[i].key, b.at[i].key) != 0 ||
		    strcmp(a.at[i].value, b.at[i].value) != 0)
			abort();
	return 0;
}
