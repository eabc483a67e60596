/* What a metadata service, a token endpoint or a file may hold. The first byte
 * says which. */
#include <assert.h>

#include "base/auto.h"
#include "dns/cred.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	AUTO(mem) struct mem m = { 0 };
	struct cred c = { 0 };
	struct cred_key k = { 0 };
	struct err e = { 0 };

	if (n == 0)
		return 0;
	const struct str text = { (const char *)data + 1, n - 1 };
	switch (data[0] % 5) {
	case 0:
		if (cred_read_imds(text, &m, &c, &e) == 0)
			assert(c.id && c.key && c.token);
		break;
	case 1:
		if (cred_read_sts(text, &m, &c, &e) == 0)
			assert(c.id && c.key && c.token);
		break;
	case 2:
		if (cred_read_token(text, 1700000000, &m, &c, &e) == 0)
			assert(c.token);
		break;
	case 3:
		if (cred_read_key(text, &m, &k, &e) == 0)
			assert(k.pem && k.owner);
		break;
	default:
		(void)cred_ini(text, "default", "region", &m);
	}
	return 0;
}
