/* What the ssl commands share: certificates as jobs, side by side. */
#pragma once

#include "acme/issue.h"
#include "cmd/cmd.h"

/* One certificate of a run. */
struct ssl_job {
	struct issue_job job;
	struct issue_result result;
	struct mem mem; /* what the result points to */
	struct err err;
	int status; /* of issue_run */
};
struct ssl_batch {
	struct call *call;
	struct conf *conf; /* filled in by ssl_run: see there */
	struct ssl_job *at;
	size_t n, room;
	/* What waits was told when it failed: no mail every hour. */
	bool scheduled;
};
/* The domain's certificates: one, or the two of an ECDSA + RSA pair; only the
 * one called `name` unless that is NULL. `like` has the job's switches. */
int ssl_add(struct ssl_batch *b, const char *domain, const char *name,
	    const struct issue_job *like, struct err *e);
/* Runs all of them, up to eight at a time; says each one's outcome; runs the
 * reload scripts that are due. ERR_PARTIAL when some but not all failed;
 * ERR_STOPPED when some were not done because of a stop. */
int ssl_run(struct ssl_batch *b, struct err *e);
void ssl_batch_free(struct ssl_batch *b);
static inline void auto_ssl_batch(struct ssl_batch *b)
{
	ssl_batch_free(b);
}
/* All that are due: `ssl renew` without names, and the scheduled job. */
int ssl_renew_all(struct call *c, struct err *e);
/* "2027-02-20 11:03" in UTC. */
const char *ssl_when(struct mem *m, time_t t);
