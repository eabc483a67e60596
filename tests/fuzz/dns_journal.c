/* A line of the journal: refused, or a whole entry. */
#include <assert.h>
#include <string.h>

#include "base/auto.h"
#include "dns/journal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	AUTO(mem) struct mem m = { 0 };
	struct journal_line l = { 0 };
	const struct journal_entry *x = &l.entry;

	if (journal_line((struct str){ (const char *)data, n }, &m, &l))
		return 0;
	assert(x->purpose && x->owner && x->record.name && x->record.type);
	assert(strlen(x->record.name) <= 253);
	assert(x->record.value.at);
	return 0;
}
