/* dns-01 for a whole order: all tokens up, one wait, all down. Where a name is
 * delegated by CNAME, the target's zone and provider are used. */
#pragma once

#include "acme/order.h"
#include "dns/edit.h"

/* One value: where it goes is found out by dns01_put. */
struct dns01_token {
	const char *at;    /* "_acme-challenge.example.org" */
	const char *value; /* TXT */
	const char *domain, *token, *key_auth; /* it is made of; or NULL */
	/* filled in: the last name after CNAMEs, its zone, who writes it */
	const char *fqdn, *zone;
	struct dns *dns;
	/* of writers that hold one value at a time: whose turn it is */
	size_t round;
};
struct dns01 {
	struct mem mem;
	const struct conf *conf;
	const struct conf_dns *settings; /* of the domain */
	provider_finder *find;
	struct resolver *resolver;
	struct tell *tell;
	const char *purpose; /* for the journal: "acme" */
	const char *who;     /* certificate name: for tell */
	const char *owner;   /* for the journal; NULL: who */
	int64_t limit_ms;    /* of the wait */
	struct dns01_token *token;
	size_t n;
	size_t round, rounds; /* the turn now; how many there are (out) */
	struct dns_session *session;
};
/* Whether the domain's provider is known and has its credentials: to be asked
 * before the CA is, whose limits count every order. No network. */
int dns01_check(struct dns01 *x, struct err *e);
/* Finds names and zones, writes all values (one write a name), waits until
 * every authoritative server shows all of them. Of the tokens whose turn is
 * x->round, that is: who has more rounds than one has each proven and cleared
 * before the next is put. */
int dns01_put(struct dns01 *x, struct err *e);
/* Takes away what the journal says is still ours for this certificate, in
 * every zone: this run's tokens and those of a crashed one. Runs to its end
 * although a stop was asked for. */
int dns01_clear(struct dns01 *x, struct err *e);
void dns01_free(struct dns01 *x);
static inline void auto_dns01(struct dns01 *x)
{
	dns01_free(x);
}
