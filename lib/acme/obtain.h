/* An order to its certificate (RFC 8555 7.4): the one under way or a new one,
 * its authorizations, the CSR, the chain. Each step is on disk before the next
 * is asked for, so that a new run finds where this one stopped. */
#pragma once

#include "acme/issue.h"
#include "crypto/csr.h"

struct obtain {
	struct issue_session *session;
	const struct issue_job *job;
	struct store_state *state;
	const struct conf_list *names;
	const struct csr *csr; /* from outside; NULL: we make it */
	const char *replaces; /* ARI id of the certificate that is live; NULL */
	struct mem *mem;      /* for what is handed out */
	bool by_dns;          /* out: what failed was the DNS, not the CA */
};
/* *key stays NULL with a CSR from outside. What the CA refuses for good
 * (ERR_PERM, ERR_MISSING) makes the order be forgotten; else, and whatever
 * goes wrong with the DNS, it is kept for the next run. */
int obtain_run(struct obtain *o, struct chain *chain, struct key **key,
	       struct err *e);
