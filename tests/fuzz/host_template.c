/* The first byte chooses the kind; the rest is the template. */
#include "host/template.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
	static const struct template_value item[] = { { "c", "d'\"<%\\", NULL,
							0 } };
	static const struct template_set items[] = { { item, 1 }, { item, 1 } };
	static const struct template_value values[] = {
		{ "a", "x\ny", NULL, 0 },
		{ "b", NULL, NULL, 0 },
		{ "l", NULL, items, 2 },
		{ "e", NULL, items, 0 },
	};
	static const struct template_set set = { values, 4 };
	struct buf out = { .max = 1 << 16 };
	struct err e = { 0 };

	if (!n)
		return 0;
	(void)template_render((struct str){ (const char *)at + 1, n - 1 }, "t",
			      (enum template_kind)(*at % 6), &set, &out, &e);
	buf_free(&out);
	return 0;
}
