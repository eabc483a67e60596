/* Any text as renewal information: a window that is in order, or none. */
#include <assert.h>

#include "acme/renew.h"

#include "tests/fuzz/acme_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const time_t now = 1796205600;
	struct str text = { (const char *)data, n };
	struct mem m = { 0 };
	struct renew_ari x = { 0 };
	struct renew_due due;
	struct err e = { 0 };
	uint32_t random = n ? data[0] * 0x01010101U : 0;

	if (renew_ari_read(text, 0, now, random, &m, &x, &e))
		assert(!x.start && !x.end && !x.moment && !x.why);
	else
		assert(x.start < x.end && x.moment >= x.start &&
		       x.moment <= x.end);
	assert(x.ask_after > now && x.ask_after <= now + 86400);
	renew_when(now - 86400, now + 86400, &x, now, 0, &due);
	assert(due.why && due.at <= now + 86400);
	mem_free(&m);
	return 0;
}
