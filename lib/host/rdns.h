/* Reverse DNS of the addresses that mail leaves from: what DNS and the hoster
 * say, what is to be done about it, and doing it.
 *
 * The forward name comes first: a PTR is set only when every authority of the
 * host's zone shows the address, since most hosters refuse it before, and
 * receivers look both ways. A name that somebody chose is not replaced unasked;
 * what it was is in conf/journal/rdns.jsonl before the call that replaces it.
 */
#pragma once

#include "dns/provider.h"

#define RDNS_JOURNAL "rdns"

struct rdns {
	/* the caller's */
	const struct conf *conf;
	struct resolver *resolver;
	struct tell *tell;
	const struct provider *provider; /* NULL: nobody is asked, DNS alone */
	/* rdns_open's */
	const struct dns_ptr_driver *driver; /* NULL: our own reverse zone */
	struct dns dns;
	bool opened;
};
/* ERR_AUTH names the credentials that are missing. A provider without calls
 * for PTR, and any when rdns.zone is set, holds a reverse zone of our own. */
int rdns_open(struct rdns *r, struct err *e);
void rdns_close(struct rdns *r);

/* What is known of one address. */
struct rdns_view {
	const char *ip;         /* as ip_text writes it */
	const char *name;       /* "10.2.0.192.in-addr.arpa" */
	const char *target;     /* where its PTR stands: the end of CNAMEs (RFC
			     * 2317), else the name itself */
	const char *zone;       /* that holds target; NULL: none was found */
	struct conf_list live;  /* the names that its servers tell */
	const char *trouble;    /* why DNS tells nothing; NULL: it did */
	bool confirmed;         /* a live name has this address */
	bool asked;             /* whoever sets it could be asked: */
	struct conf_list there; /* the names that it has there */
	bool preset;            /* the hoster's own */
	const char *ours;       /* the name we gave it last; NULL: none */
};
/* Where the API fails, what DNS says is there all the same. */
int rdns_look(struct rdns *r, const char *text, struct mem *m,
	      struct rdns_view *out, struct err *e);

enum rdns_word {
	RDNS_KEEP,    /* it is so already: no call */
	RDNS_SET,     /* none, the hoster's own, or ours */
	RDNS_FOREIGN, /* somebody chose another: --take-over */
};
/* Pure. `take_over` turns FOREIGN into SET. *reason: a phrase for people. */
enum rdns_word rdns_decide(const struct rdns_view *v, const char *want,
			   bool take_over, const char **reason);
/* The forward name has the address at every authority of its zone, now or
 * within limit_ms: else ERR_TIMEOUT, which says what is to be done. */
int rdns_forward(const struct rdns *r, const char *host, const char *text,
		 int64_t limit_ms, struct err *e);
/* Journal, call, and reading back; `v` was looked at just before. */
int rdns_set(struct rdns *r, const struct rdns_view *v, const char *want,
	     struct err *e);
/* The name that a PTR of ours replaced, "" for the hoster's own or none; NULL:
 * we set none. */
const char *rdns_before(const struct conf *c, const char *ip, struct mem *m,
			struct err *e);
/* Brings that back. ERR_CHANGED when the name is not ours any more. */
int rdns_restore(struct rdns *r, const struct rdns_view *v, struct err *e);
/* Every server of the reverse zone shows it within limit_ms: else ERR_TIMEOUT
 * with what each says. */
int rdns_prove(const struct rdns *r, const struct rdns_view *v,
	       const char *want, int64_t limit_ms, struct err *e);
/* The addresses that PTR records are for: `addresses` of the configuration,
 * else what the kernel would send from; in m. ERR_CONF where those are private,
 * since then only a person knows. */
int rdns_addresses(const struct conf *c, struct mem *m, struct conf_list *out,
		   struct err *e);
