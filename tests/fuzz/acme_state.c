/* The state of a certificate, read and written again: what was read once must
 * come back the same. */
#include "acme/store.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void print(const struct store_state *s, struct str old, struct buf *out)
{
	struct err e = { 0 };

	if (store_state_print(s, old, out, &e))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const struct str text = { (const char *)data, n };
	AUTO(store_state) struct store_state s = { 0 };
	AUTO(store_state) struct store_state again = { 0 };
	AUTO(buf) struct buf first = { 0 };
	AUTO(buf) struct buf second = { 0 };
	AUTO(buf) struct buf over = { 0 };
	struct err e = { 0 };

	if (store_state_parse(text, &s, &e))
		return 0;
	print(&s, text, &over);
	print(&s, str_of(""), &first);
	if (store_state_parse(buf_get(&first), &again, &e))
		abort();
	print(&again, str_of(""), &second);
	if (!str_same(buf_get(&first), buf_get(&second)))
		abort();
	return 0;
}
