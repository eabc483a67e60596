/* What is known of the DNS, for judges that do no I/O: SPF, DKIM, DMARC. A
 * judge looks facts up; what is not known yet is noted as wanted. Whoever runs
 * it asks for what is wanted, tells the answers, and runs it again from the
 * beginning until nothing is wanted: a judgement takes microseconds and some
 * ten questions, so starting over is cheaper than keeping its state. */
#pragma once

#include "dns/record.h"

enum fact_kind {
	FACT_WANTED, /* nobody has asked yet */
	FACT_FOUND,
	FACT_VOID, /* no such name, or no record of that type */
	FACT_TEMP, /* no answer: asking again later can help */
};
struct fact {
	const char *name; /* lower case, no final dot */
	uint16_t type;
	enum fact_kind kind;
	bool secure;        /* DNSSEC says so */
	bool no_name;       /* FACT_VOID: NXDOMAIN */
	struct str *values; /* as in struct record */
	size_t n, room;
	struct fact *next;
};
struct facts {
	struct mem mem;
	struct fact *first;
	size_t wanted; /* how many of them nobody has answered */
};
/* The fact when it is known; NULL when it is wanted, which is noted. */
const struct fact *facts_look(struct facts *f, const char *name, uint16_t type);
/* The first one that is wanted, or NULL. */
struct fact *facts_next(struct facts *f);
/* Answers one: FACT_FOUND with values to follow by facts_value. */
void facts_tell(struct facts *f, struct fact *x, enum fact_kind kind);
void facts_value(struct facts *f, struct fact *x, struct str value);
void facts_free(struct facts *f);
static inline void auto_facts(struct facts *f)
{
	facts_free(f);
}
