/* What bash wrote after running a conf.sh. */
#include <stdlib.h>

#include "conf/env.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
	struct mem m = { 0 };
	struct env v = { 0 };
	struct err e = { 0 };
	int status = -1;

	if (!env_parse((struct str){ (const char *)at, n }, &m, &v, &status,
		       &e)) {
		if (status < 0 || status > 255)
			abort();
		for (size_t i = 0; i < v.n; i++)
			if (!v.at[i].values.n || !v.at[i].values.at[0])
				abort();
	}
	mem_free(&m);
	return 0;
}
