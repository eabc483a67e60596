/* DMARC (RFC 9989): records, the walk up the tree, alignment, policy. Pure:
 * see mail/facts.h. */
#pragma once

#include "mail/dkim.h"
#include "mail/spf.h"

enum dmarc_policy { DMARC_NONE, DMARC_QUARANTINE, DMARC_REJECT };
const char *dmarc_policy_word(enum dmarc_policy p); /* "quarantine" */

struct dmarc_record {
	enum dmarc_policy p, sp, np; /* what is not given is taken over */
	bool strict_dkim, strict_spf;
	char psd;            /* 'y', 'n', or 'u': not said */
	bool testing;        /* t=y: one step milder */
	struct str fo;       /* empty: "0" */
	struct str rua, ruf; /* URIs with commas between; empty: none */
};
/* Begins with v=DMARC1, as such records do: others at the name do not count. */
bool dmarc_is_record(struct str value);
/* Unknown tags are passed over, wrong values are as if they were not there.
 * ERR_PERM when it is no record. */
int dmarc_parse(struct str text, struct dmarc_record *out, struct err *e);

/* What the walk from a domain upward found (RFC 9989 4.10). */
struct dmarc_walk {
	const char *org;   /* the organizational domain */
	const char *where; /* whose record counts; NULL: nobody has one */
	struct dmarc_record record;
	bool temp; /* no answer: nothing can be said */
};
/* False while facts are wanted. Names live in m. */
bool dmarc_walk(const char *domain, struct facts *f, struct mem *m,
		struct dmarc_walk *out);

struct dmarc_ask {
	const char *from;       /* the domain of the From field */
	const struct spf *spf;  /* NULL: not looked at */
	const char *spf_domain; /* of MAIL FROM, or of HELO for a bounce */
	const struct dkim_verdicts *dkim;
};
enum dmarc_result {
	DMARC_NO_RECORD,
	DMARC_PASS,
	DMARC_FAIL,
	DMARC_TEMPERROR,
};
struct dmarc {
	enum dmarc_result result;
	enum dmarc_policy policy;      /* that was asked for */
	enum dmarc_policy disposition; /* for a message that fails */
	struct dmarc_walk walk;        /* from the author's domain */
	bool spf_aligned, dkim_aligned;
	const char *why; /* one sentence */
};
const char *dmarc_word(enum dmarc_result r); /* RFC 8601: "pass" */
bool dmarc_check(const struct dmarc_ask *q, struct facts *f, struct mem *m,
		 struct dmarc *out);
