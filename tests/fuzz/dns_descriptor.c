/* A descriptor of a stranger: refused with a place, or whole. */
#include <assert.h>
#include <string.h>

#include "base/auto.h"
#include "dns/descriptor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	AUTO(mem) struct mem m = { 0 };
	const struct descriptor *d;
	struct err e = { 0 };

	if (n > 1 << 16)
		return 0;
	if (descriptor_parse((struct str){ (const char *)data, n }, "x.yaml",
			     &m, &d, &e)) {
		assert(e.kind == ERR_CONF && !strncmp(e.msg, "x.yaml:", 7));
		return 0;
	}
	assert(d->provider.name && d->provider.types &&
	       descriptor_of(&d->provider));
	return 0;
}
