/* A request from outside is refused, or its DER is read as the same names. */
#include <assert.h>
#include <string.h>

#include "crypto/csr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	AUTO(mem) struct mem m = { 0 };
	struct csr c, again;
	struct err e = { 0 };

	if (csr_read((struct str){ (const char *)data, n }, &m, &c, &e)) {
		assert(e.kind != ERR_NONE);
		return 0;
	}
	assert(c.n > 0);
	assert(csr_read(c.der, &m, &again, &e) == 0);
	assert(again.n == c.n && str_same(again.der, c.der));
	for (size_t i = 0; i < c.n; i++)
		assert(strcmp(c.names[i], again.names[i]) == 0);
	return 0;
}
