/* The state of DKIM keys, read and written again: what was read once must come
 * back the same, and every record that would be published is one. */
#include "mail/dkim.h"
#include "publish/keys.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_records(const struct keys *k)
{
	AUTO(mem) struct mem m = { 0 };
	size_t n;
	const struct want_key *want = keys_wanted(k, &m, &n);

	for (size_t i = 0; i < n; i++) {
		struct dkim_record r;
		struct err e = { 0 };

		if (dkim_record_read(want[i].value, &m, &r, &e))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	AUTO(keys) struct keys k = { 0 };
	AUTO(keys) struct keys again = { 0 };
	AUTO(buf) struct buf first = { 0 };
	AUTO(buf) struct buf second = { 0 };
	struct err e = { 0 };

	if (keys_parse((struct str){ (const char *)data, n }, &k, &e))
		return 0;
	check_records(&k);
	if (keys_print(&k, &first, &e) ||
	    keys_parse(buf_get(&first), &again, &e) ||
	    keys_print(&again, &second, &e) ||
	    !str_same(buf_get(&first), buf_get(&second)))
		abort();
	return 0;
}
