/* What a decoder takes, its encoder gives back. */
#include <assert.h>

#include "base/auto.h"
#include "base/b64.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void same(struct str text, int (*read)(struct str, struct buf *),
		 void (*add)(struct buf *, struct str))
{
	AUTO(buf) struct buf bytes = { 0 };
	AUTO(buf) struct buf again = { 0 };

	if (read(text, &bytes)) {
		assert(bytes.n == 0);
		return;
	}
	add(&again, buf_get(&bytes));
	assert(str_samei(buf_get(&again), text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str text = { (const char *)data, n };
	AUTO(buf) struct buf out = { 0 };

	same(text, b64_read, b64_add);
	same(text, b64url_read, b64url_add);
	same(text, hex_read, hex_add);
	(void)b64_read_lines(text, &out);
	b32_add(&out, text);
	return 0;
}
