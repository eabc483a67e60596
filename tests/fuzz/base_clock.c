/* A date that was read is written and read as the same second. */
#include <assert.h>

#include "base/clock.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str text = { (const char *)data, n };
	char out[CLOCK_TEXT];
	time_t t, again;

	if (!clock_parse_http(text, &t))
		(void)clock_text(t, out);
	if (clock_parse(text, &t))
		return 0;
	if (!clock_parse(str_of(clock_text(t, out)), &again))
		assert(again == t);
	else /* only an offset at the rim of the years reaches beyond */
		assert(t < -62167219200 || t > 253402300799);
	return 0;
}
