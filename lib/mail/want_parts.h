/* What the files of want_*.c share: the run over one domain. */
#pragma once

#include "mail/dmarc.h"
#include "mail/spfmerge.h"
#include "mail/want.h"

/* Something by its name: what has the same one stands together, and before what
 * stands below it. */
struct want_named {
	const char *name;
	const void *what;
};
struct want_names {
	struct want_named *at;
	size_t n;
};
struct want_index {
	struct want_names live; /* struct record */
	struct want_names ours; /* struct journal_entry */
	struct conf_list cuts;  /* names that others serve */
};
struct want_run {
	const struct want *w;
	const struct conf_domain *domain;
	const struct conf_mail *mail;
	struct facts *facts;
	struct mem *m;
	struct wishes *out;
	size_t first; /* where this run's wishes begin */
	struct want_notes *notes;
	struct want_index *index;     /* one a zone */
	const char *kind;             /* of the row at work */
	const struct want_zone *zone; /* the domain's */
	bool owns_host;               /* its records come with this domain */
	bool waits;                   /* facts are missing */
	bool receives;                /* the host is an MX of the domain */
	bool unsure;                  /* the judge got no answer to something */
	bool others;                  /* somebody else sends for it too */
	enum conf_policy dmarc_of_sub; /* what holds for names below it */
	struct conf_list addresses;    /* of w, each as inet_ntop writes it */
};

/* ---- want_zone.c: what is there ---- */
/* The nearest zone that holds the name; NULL where a name server elsewhere was
 * given it. */
const struct want_zone *want_zone_of(const struct want_run *r,
				     const char *name);
void want_index(struct want_run *r);
/* The records at a name, one a call: *at is 0 at first; NULL at the end. Type
 * DNS_ANY: all. */
const struct record *want_live(const struct want_run *r, const char *name,
			       uint16_t type, size_t *at);
/* What the journal says of it; NULL: another's. */
const struct journal_entry *want_ours(const struct want_run *r,
				      const struct record *rr);
/* A value there that is neither ours nor this one; NULL: none. */
const struct record *want_foreign(const struct want_run *r, const char *name,
				  uint16_t type, struct str value);
/* Something stands at the name or below it. */
bool want_exists(const struct want_run *r, const char *name);
/* The last field of an MX, SRV or CNAME value without its final dot. */
const char *want_target(const struct want_run *r, struct str value);

/* ---- want_wish.c: what is to be said ---- */
struct want_value {
	const char *name;
	uint16_t type;
	enum wish_how how;
	struct str value, was;
	const char *reason;
};
/* Wishes for it, or notes why that cannot be: false. */
bool want_wish(struct want_run *r, const struct want_value *v);
void want_say(struct want_run *r, enum want_level level, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Wishes for it unless another's value is there, which a note tells of. */
void want_offer(struct want_run *r, const struct want_value *v);

/* ---- want_judge.c: how it would be judged with the wishes fulfilled ---- */
/* False while facts are wanted: r->waits is set. */
bool want_judge(struct want_run *r, const struct spf_ask *q, struct spf *out);
/* Whether all our addresses pass for mail of that domain. */
bool want_passes(struct want_run *r, const char *domain);
/* The organizational domain. NULL while facts are wanted. */
const char *want_org(struct want_run *r, const char *domain);

/* ---- the kinds ---- */
void want_check(struct want_run *r);
void want_host(struct want_run *r);
void want_mx(struct want_run *r);
void want_spf(struct want_run *r);
void want_helo(struct want_run *r);
void want_dkim(struct want_run *r);
void want_smarthost(struct want_run *r);
void want_dmarc(struct want_run *r);
void want_tlsrpt(struct want_run *r);
void want_sts(struct want_run *r);
void want_tlsa(struct want_run *r);
void want_caa(struct want_run *r);
void want_srv(struct want_run *r);
void want_autoconfig(struct want_run *r);
void want_harden(struct want_run *r);

/* Terms that the smarthost needs in the domain's SPF record. */
void want_smarthost_terms(const struct want_run *r, struct conf_list *terms);
/* One SPF record at a name that is all ours: another's is merged into. */
bool want_spf_at(struct want_run *r, const char *name,
		 const struct conf_list *terms, const char *reason);
