/* A client's address, its sender, and then the records that the DNS holds, a
 * line each: "A 192.0.2.1", "TXT v=spf1 ...". Every question is answered with
 * all lines of its type. */
#include <stdlib.h>

#include "base/auto.h"
#include "mail/spf.h"

enum { ROUNDS = 200 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void answer(struct facts *f, struct fact *x, struct str lines)
{
	struct str line, word;
	uint16_t type;

	while (str_line(&lines, &line))
		if (str_word(&line, &word) &&
		    dnsmsg_type_parse(word, &type) == 0 && type == x->type)
			facts_value(f, x, line);
	facts_tell(f, x, x->n ? FACT_FOUND : FACT_VOID);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(mem) struct mem m = { 0 };
	AUTO(facts) struct facts f = { 0 };
	struct str rest = { (const char *)data, size }, ip, from;
	struct spf_ask q = { .helo = "mail.example.org" };
	struct fact *x;
	struct spf out;

	if (!str_line(&rest, &ip) || !str_line(&rest, &from) ||
	    spf_ip_parse(mem_dup(&m, ip.at, ip.n), &q.ip) < 0)
		return 0;
	q.from = mem_dup(&m, from.at, from.n);
	for (int i = 0; !spf_check(&q, &f, &m, &out); i++) {
		if (i == ROUNDS)
			abort();
		while ((x = facts_next(&f)))
			answer(&f, x, rest);
	}
	if (out.lookups > SPF_LOOKUPS + 1 || !out.why)
		abort();
	return 0;
}
