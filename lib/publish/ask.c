#include "publish/ask.h"

#include "base/auto.h"
#include "base/log.h"

static void tell_fact(struct facts *f, struct fact *x, const struct question *q)
{
	const struct answer *a = &q->answer;

	if (q->status < 0) {
		log_say(LOG_REASON, "%s", q->why);
		facts_tell(f, x, FACT_TEMP);
		return;
	}
	facts_tell(f, x, a->n ? FACT_FOUND : FACT_VOID);
	x->secure = a->secure;
	x->no_name = a->rcode == DNS_NXDOMAIN;
	for (size_t i = 0; i < a->n; i++)
		facts_value(f, x, a->value[i]);
}

int ask_facts(struct resolver *r, struct facts *f, struct err *e)
{
	AUTO(mem) struct mem m = { 0 };
	struct question *q = mem_array(&m, f->wanted + 1, sizeof(*q));
	struct fact **of = mem_array(&m, f->wanted + 1, sizeof(struct fact *));
	size_t n = 0;

	for (struct fact *x = f->first; x; x = x->next)
		if (x->kind == FACT_WANTED) {
			of[n] = x;
			q[n++] = (struct question){ .name = x->name,
						    .type = x->type };
		}
	if (resolve_all(r, q, n, &m, e))
		return -1;
	for (size_t i = 0; i < n; i++)
		tell_fact(f, of[i], &q[i]);
	return 0;
}
