/* A zone file: refused, or read; then without its first value and with another
 * it is refused, or reads as exactly that. */
#include <assert.h>
#include <string.h>

#include "base/auto.h"
#include "dns/zonetext.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static size_t count(const struct zonetext *z, const struct record *r)
{
	size_t sum = 0;
	for (size_t i = 0; i < z->n; i++)
		sum += z->at[i].record.type && record_same(&z->at[i].record, r);
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	AUTO(mem) struct mem m = { 0 };
	AUTO(buf) struct buf out = { 0 };
	struct zonetext z, again;
	struct err e = { 0 };
	struct record x = { .name = "t.ex.test",
			    .type = DNS_TXT,
			    .value = str_of("a \"new\" one;") };
	struct records add = { &x, 1, 1 }, del = { 0 };

	if (n > 20000 || zonetext_parse((struct str){ (const char *)data, n },
					"ex.test", &m, &z, &e))
		return 0;
	for (size_t i = 0; i < z.n && del.n == 0; i++)
		if (i != z.soa && z.at[i].record.type)
			records_add(&del, &m, &z.at[i].record);
	if (zonetext_edit(&z, &del, &add, 60, 1795564800, &out, &e))
		return 0;
	assert(!zonetext_parse(buf_get(&out), "ex.test", &m, &again, &e));
	assert(count(&again, &x) >= 1);
	assert(del.n == 0 || record_same(&del.at[0], &x) ||
	       count(&again, &del.at[0]) == 0);
	assert(again.n + (del.n ? count(&z, &del.at[0]) : 0) == z.n + 1);
	return 0;
}
