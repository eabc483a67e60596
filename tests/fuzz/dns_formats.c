/* What APIs answer in: the first byte chooses the format, the rest is read. */
#include <assert.h>

#include "dns/descriptor_parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
	static const char *const formats[] = { "json",   "xml",   "xmlrpc",
					       "form",   "lines", "text",
					       "headed", "soap" };
	AUTO(mem) struct mem m = { 0 };
	bool fault;

	if (n == 0 || n > 1 << 16)
		return 0;
	const char *format = formats[at[0] % 8];
	AUTO(json) json_t *j = descriptor_reply(
		format, (struct str){ (const char *)at + 1, n - 1 }, &m,
		&fault);
	if (!j)
		return 0;
	char *text = json_dumps(j, JSON_COMPACT | JSON_ENCODE_ANY);

	assert(text); /* a whole tree of UTF-8 */
	free(text);
	AUTO(json) json_t *list = descriptor_several(j, true);
	AUTO(json) json_t *parts =
		descriptor_split(descriptor_path(j, "property.rr.0"), at[0]);
	AUTO(json) json_t *words =
		descriptor_split(descriptor_path(j, "lines.0"), 9);

	assert(!list || json_is_array(list));
	assert(!words || !json_is_array(words) || json_array_size(words) <= 9);
	assert(!parts || json_array_size(parts) <= at[0] ||
	       !json_is_string(descriptor_path(j, "property.rr.0")));
	return 0;
}
