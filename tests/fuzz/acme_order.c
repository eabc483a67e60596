/* Any text as an order, made and finalized. */
#include <assert.h>

#include "acme/order.h"

#include "tests/fuzz/acme_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char *const names[] = { "a.test" };
	const struct order_wish w = { .names = names, .n = 1 };
	struct fuzz_ca ca;
	struct order o = { 0 };
	struct err e = { 0 };

	fuzz_open(&ca, data, n);
	ca.more = "Location: https://ca.test/order/1";
	if (!order_new(&ca.acme, &w, &o, &e)) {
		assert(o.url && o.finalize && o.status < ACME_UNKNOWN);
		for (size_t i = 0; i < o.authz_n; i++)
			assert(acme_https(o.authz[i]));
		if (!order_finalize(&ca.acme, &o, STR_LIT("csr"), 3, &e))
			assert(o.status == ACME_VALID && o.certificate);
		else
			assert(e.kind && e.msg[0]);
	}
	acme_close(&ca.acme);
	return 0;
}
