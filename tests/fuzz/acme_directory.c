/* Any text as a directory: what is taken has the three places every CA has. */
#include <assert.h>

#include "tests/fuzz/acme_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct fuzz_ca ca;
	struct err e = { 0 };

	fuzz_open(&ca, data, n);
	if (!acme_open(&ca.acme, "https://ca.test/dir", &ca.http, &e)) {
		const struct acme_directory *d = &ca.acme.directory;

		assert(acme_https(d->new_nonce) && acme_https(d->new_account) &&
		       acme_https(d->new_order));
		for (size_t i = 0; i < d->profile_n; i++)
			assert(str_is_print(str_of(d->profile[i])));
	} else {
		assert(e.kind && e.msg[0]);
	}
	acme_close(&ca.acme);
	return 0;
}
