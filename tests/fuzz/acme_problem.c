/* Any text as a problem document: one printable sentence comes out of it. */
#include <assert.h>
#include <string.h>

#include "tests/fuzz/acme_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_line(const char *s)
{
	for (; *s; s++)
		assert((unsigned char)*s >= 0x20 && *s != 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct fuzz_ca ca;
	struct err e = { 0 };
	AUTO(acme_reply) struct acme_reply r = { 0 };

	fuzz_open(&ca, data, n);
	ca.status = 403;
	ca.type = "Content-Type: application/problem+json";
	ca.more = "Link: <https://ca.test/terms>;rel=\"terms-of-service\"";
	assert(acme_get(&ca.acme, "https://ca.test/x", &r, &e) == -1);
	assert(e.kind && e.msg[0]);
	check_line(e.msg);
	check_line(r.problem.type);
	check_line(r.problem.detail);
	acme_close(&ca.acme);
	return 0;
}
