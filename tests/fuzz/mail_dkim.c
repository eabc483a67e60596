/* Key records, a line each, up to an empty line; then a message. Every
 * selector has all the records. */
#include <stdlib.h>

#include "base/auto.h"
#include "mail/dkim.h"

enum { ROUNDS = 20, NOW = 1700000000 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void answer(struct facts *f, struct fact *x, struct str zone)
{
	struct str line;

	while (str_line(&zone, &line))
		facts_value(f, x, line);
	facts_tell(f, x, x->n ? FACT_FOUND : FACT_VOID);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(mem) struct mem m = { 0 };
	AUTO(facts) struct facts f = { 0 };
	struct str zone = { (const char *)data, size }, rest = zone;
	const char *gap = str_find(rest, "\n\n");
	struct dkim_verdicts v;
	struct header h;
	struct err e = { 0 };
	struct fact *x;

	if (gap) {
		zone.n = (size_t)(gap - zone.at);
		rest = (struct str){ gap + 2, size - zone.n - 2 };
	}
	if (header_parse(rest, &m, &h, &e) < 0)
		return 0;
	for (int i = 0; !dkim_verify(&h, &dkim_trust_now, &f, NOW, &m, &v);
	     i++) {
		if (i == ROUNDS)
			abort();
		while ((x = facts_next(&f)))
			answer(&f, x, zone);
	}
	if (v.n > DKIM_SIGNATURES || v.passed > v.n)
		abort();
	return 0;
}
