/* What a provider calls a record: "NAME TYPE VALUE". All that passes is
 * printable in every format, and one line is one record. */
#include <stdlib.h>
#include <string.h>

#include "dns/zonefile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct buf *b)
{
	for (size_t i = 0; i < b->n; i++)
		if ((b->at[i] < 0x20 || b->at[i] > 0x7e) && b->at[i] != '\n' &&
		    b->at[i] != '\t')
			abort();
}

static size_t lines(const struct buf *b)
{
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++)
		n += b->at[i] == '\n';
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mem m = { 0 };
	struct err e = { 0 };
	struct buf b[3] = { 0 };
	struct str rest = { (const char *)data, size }, name, type;
	struct record x = { .ttl = 60 };
	struct records r = { .at = &x, .n = 1, .room = 1 };

	if (str_word(&rest, &name) && str_word(&rest, &type) &&
	    dnsmsg_type_parse(type, &x.type) == 0) {
		x.name = mem_dup(&m, name.at, name.n);
		x.value = rest;
		if (zonefile_check("ex.test", &x, &m, &e) == 0) {
			zonefile_print(&b[0], "ex.test", &r);
			zonefile_dnscontrol(&b[1], "ex.test", "p", &r);
			zonefile_octodns(&b[2], "ex.test", &r);
			if (lines(&b[0]) != 2 || lines(&b[1]) != 6)
				abort();
		}
	}
	for (size_t i = 0; i < 3; i++) {
		check(&b[i]);
		buf_free(&b[i]);
	}
	mem_free(&m);
	return 0;
}
