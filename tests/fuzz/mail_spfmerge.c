/* A term, and then SPF records, a line each: the term goes into the first, and
 * all are joined. What comes out can be read, has the term, and is the same
 * when it is done again. */
#include <stdlib.h>

#include "base/auto.h"
#include "mail/spfmerge.h"

enum { RECORDS = 8 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void reads(struct str text, struct mem *m)
{
	struct spf_record r;
	struct err e = { 0 };

	if (spf_parse(text, m, &r, &e) < 0)
		abort();
}

static void add(struct str old, const char *term, struct mem *m)
{
	const struct conf_list terms = { .at = &term, .n = 1 };
	struct str out, again;
	struct err e = { 0 };

	if (spfmerge_add(old, &terms, m, &out, &e) < 0)
		return;
	reads(out, m);
	if (spfmerge_add(out, &terms, m, &again, &e) < 0 ||
	    !str_same(out, again))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(mem) struct mem m = { 0 };
	struct str rest = { (const char *)data, size }, term, out;
	struct str records[RECORDS];
	struct err e = { 0 };
	size_t n = 0;

	if (!str_line(&rest, &term))
		return 0;
	while (n < RECORDS && str_line(&rest, &records[n]))
		n++;
	if (n == 0)
		return 0;
	add(records[0], mem_dup(&m, term.at, term.n), &m);
	add((struct str){ 0 }, mem_dup(&m, term.at, term.n), &m);
	(void)spfmerge_join(records, n, &m, &out, &e);
	return 0;
}
