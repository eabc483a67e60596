/* A domain, and then the records that every name has, a line each. */
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "mail/dmarc.h"

enum { QUESTIONS = 8 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(mem) struct mem m = { 0 };
	AUTO(facts) struct facts f = { 0 };
	struct str rest = { (const char *)data, size }, domain, line;
	struct dmarc_walk w;
	struct fact *x;
	int n = 0;

	if (!str_line(&rest, &domain) || domain.n > 300)
		return 0;
	const char *name = mem_dup(&m, domain.at, domain.n);
	while (!dmarc_walk(name, &f, &m, &w))
		for (; (x = facts_next(&f)); n++) {
			struct str all = rest;
			while (str_line(&all, &line))
				facts_value(&f, x, line);
			facts_tell(&f, x, x->n ? FACT_FOUND : FACT_VOID);
		}
	if (n > QUESTIONS || strlen(w.org) > strlen(name))
		abort();
	return 0;
}
