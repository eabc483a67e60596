/* Files of other clients: a setting, an account, a URL. */
#include "acme/import_parse.h"
#include "base/auto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const struct str text = { (const char *)data, n };
	AUTO(buf) struct buf value = { .max = 4096 };
	AUTO(mem) struct mem m = { 0 };
	struct import_parsed account;
	struct str host, path;

	if (!import_parse_value(text, "Le_API", &value) && !value.n)
		abort();
	if (import_parse_account(text, &m, &account) &&
	    (account.url || account.server))
		abort();
	if (!import_parse_url(text, &host, &path) && !host.n)
		abort();
	return 0;
}
