/* A chain from a server: read, sorted, checked; each of its certificates is
 * read again from its own PEM. */
#include <assert.h>
#include <string.h>

#include "crypto/x509.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char *const names[] = { "example.org" };
	AUTO(mem) struct mem m = { 0 };
	struct chain c, one;
	struct err e = { 0 };

	if (chain_read((struct str){ (const char *)data, n }, &m, &c, &e)) {
		assert(e.kind == ERR_PERM);
		return 0;
	}
	assert(c.n >= 1 && c.n <= 10);
	for (size_t i = 0; i < c.n; i++) {
		assert(chain_read(c.at[i].pem, &m, &one, &e) == 0);
		assert(one.n == 1 && str_same(one.at[0].pem, c.at[i].pem));
		assert(strcmp(one.at[0].serial, c.at[i].serial) == 0);
	}
	(void)chain_check(&c, c.at[0].spki_sha256, names, 1, 1800000000, &e);
	if (chain_sort(&c, &m, &e) == 0)
		assert(c.n >= 1);
	(void)chain_has_cn(&c, "x");
	return 0;
}
