/* One certificate, from what is wanted to what is live. Issue, install and
 * reload are three states: this does the first two and records them, so that a
 * run that is cut short goes on where it stopped and asks for nothing twice. */
#pragma once

#include "acme/account.h"
#include "acme/dns01.h"
#include "acme/store.h"

/* What jobs of one thread share: a kept connection, a directory, an account. */
struct issue_session {
	struct conf *conf; /* lent, read only from here on */
	struct conf *real; /* a dry run's: its store is apart, its DNS is the
			    * same as everybody's; NULL: conf */
	struct tell *tell;
	provider_finder *find;
	struct http *http;
	struct resolver *resolver;
	struct acme acme;
	struct account account;
	const char *server;  /* directory URL that is open; NULL: none */
	const char *ca_file; /* the http handle trusts it */
	int64_t pause_ms;    /* see struct acme; 0: its default */
	bool silent;         /* a CA was asked for a window in vain */
};
void issue_session_close(struct issue_session *s);
static inline void auto_issue_session(struct issue_session *s)
{
	issue_session_close(s);
}

struct issue_job {
	const struct conf_domain *domain;
	const char *name; /* certificate name: see issue_name */
	enum key_type key_type;
	bool force;           /* renew although it is not due */
	bool patient;         /* keep to the times after failures (the timer) */
	bool dry_run;         /* staging; nothing of it becomes live */
	int64_t lock_wait_ms; /* for another run that has this certificate */
	time_t now, next_wake;
};
enum issue_outcome {
	ISSUE_KEPT,  /* not due */
	ISSUE_LATER, /* failed lately and its time has not come, or is taken */
	ISSUE_DONE,  /* a new certificate is live */
	ISSUE_FAILED,
};
struct issue_result {
	enum issue_outcome outcome;
	const char *why;  /* in the arena given to issue_run */
	time_t not_after; /* of what is live; 0: nothing is */
	time_t next;      /* when it will be due, or tried again */
};
/* "example.org", and "example.org_rsa" for the RSA half of a pair. */
const char *issue_name(struct mem *m, const struct conf_domain *d, size_t i);
/* All names of the certificate: acme.names, else DOMAIN and *.DOMAIN. */
int issue_names(const struct conf_domain *d, struct mem *m,
		struct conf_list *out, struct err *e);
/* The DNS side of the job, to be freed. */
struct dns01 issue_dns01(const struct issue_session *s,
			 const struct issue_job *j);
/* 0: see out. -1: ISSUE_FAILED, recorded in the certificate's state with the
 * moment of the next try; an interruption is not recorded as a failure. */
int issue_run(struct issue_session *s, const struct issue_job *j, struct mem *m,
	      struct issue_result *out, struct err *e);
