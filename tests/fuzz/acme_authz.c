/* Any text as an authorization, for both challenges we answer. */
#include <assert.h>
#include <string.h>

#include "acme/order.h"

#include "tests/fuzz/acme_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char *const type[] = { "dns-01", "dns-persist-01" };
	struct fuzz_ca ca;

	fuzz_open(&ca, data, n);
	for (size_t i = 0; i < 2; i++) {
		struct authz z = { 0 };
		struct err e = { 0 };

		if (order_authz(&ca.acme, "https://ca.test/1", type[i], &z, &e))
			continue;
		assert(z.name && z.offered && z.status < ACME_UNKNOWN);
		if (z.challenge_url)
			assert(acme_https(z.challenge_url) &&
			       (i ? z.issuer && !z.token :
				    z.token && strlen(z.token)));
	}
	acme_close(&ca.acme);
	return 0;
}
