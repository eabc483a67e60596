/* A name that was let in is let in again, as itself. */
#include <assert.h>
#include <string.h>

#include "base/auto.h"
#include "base/idn.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	AUTO(mem) struct mem m = { 0 };
	struct err e = { 0 };
	const char *name, *again;

	if (idn_ascii(&m, (struct str){ (const char *)data, n }, &name, &e))
		return 0;
	assert(strlen(name) < IDN_NAME_MAX);
	assert(!idn_ascii(&m, str_of(name), &again, &e));
	assert(strcmp(name, again) == 0);
	(void)idn_shown(&m, name);
	return 0;
}
