/* The ACME conversation (RFC 8555 6): directory, nonces, signed posts, problem
 * documents. Retries of badNonce, 5xx and lost connections are made here and
 * nowhere else. One per thread; a kept connection. */
#pragma once

#include <jansson.h>

#include "base/auto.h"
#include "base/mem.h"
#include "base/tell.h"
#include "crypto/key.h"
#include "net/http.h"

AUTO_DEFINE(json, json_t, json_decref)

struct acme_directory { /* NULL: not offered */
	const char *new_nonce, *new_account, *new_order, *revoke_cert,
		*key_change, *renewal_info;
	const char *terms, *website;
	bool eab_required;
	const char **profile; /* names in meta.profiles */
	size_t profile_n;
	const char **caa; /* meta.caaIdentities */
	size_t caa_n;
};
struct acme {
	struct mem mem;
	struct http *http; /* lent */
	struct tell *tell;
	const char *who;
	const char *url; /* the directory's */
	struct acme_directory directory;
	struct key *key;     /* lent: the account's */
	const char *kid;     /* account URL, NULL before registration */
	const char *nonce;   /* the last one given to us, NULL: none */
	int64_t patience_ms; /* what Retry-After may make us wait; 0: 120 s */
	int64_t pause_ms;    /* first one of polls (0: 50); fourfold: retries */
};
/* Reads the directory. http, tell, who and the two times may be set before.
 * ERR_CONF when what is there is no ACME directory. */
int acme_open(struct acme *a, const char *url, struct http *h, struct err *e);
void acme_close(struct acme *a);
static inline void auto_acme(struct acme *a)
{
	acme_close(a);
}

/* What the server said, as data (RFC 7807, RFC 8555 6.7). */
struct acme_problem {
	char type[64];    /* "rateLimited", without the URN prefix; or "" */
	char detail[512]; /* detail and the subproblems, one line */
	int status;
	time_t retry_at; /* from Retry-After; 0: not told */
};
/* A problem document, or the "error" member of an order or a challenge; one
 * that is none leaves *p empty. */
void acme_problem_read(const json_t *doc, struct acme_problem *p);

struct acme_reply {
	struct http_reply http;
	json_t *json; /* NULL when the body is none; owned */
	struct acme_problem problem;
};
void acme_reply_free(struct acme_reply *r);
static inline void auto_acme_reply(struct acme_reply *r)
{
	acme_reply_free(r);
}

/* Signed POST; payload NULL is POST-as-GET. 0 only for 2xx. Else -1 with the
 * problem both in r->problem and as a sentence: ERR_TEMP (5xx, 429 with
 * e->until, network), ERR_AUTH (unauthorized account, EAB), ERR_MISSING (404,
 * accountDoesNotExist: see account_again), ERR_PERM. */
int acme_post(struct acme *a, const char *url, json_t *payload,
	      struct acme_reply *r, struct err *e);
/* As acme_post, signed by another key with its jwk in place of the account
 * (newAccount; revokeCert by certificate key). */
int acme_post_jwk(struct acme *a, const char *url, const struct key *k,
		  json_t *payload, struct acme_reply *r, struct err *e);
/* Plain GET of JSON (renewalInfo); status other than 2xx is -1 as above. */
int acme_get(struct acme *a, const char *url, struct acme_reply *r,
	     struct err *e);
/* The object a 2xx reply holds, lent; NULL and a sentence when it is none. */
json_t *acme_json(const struct acme_reply *r, const char *url, struct err *e);
/* Text of a member, lent; NULL when it is no text. */
const char *acme_text(const json_t *object, const char *name);
/* s when it is a plain https URL, else NULL; the same for a member. */
const char *acme_https(const char *s);
const char *acme_url(const json_t *object, const char *name);
/* Sleeps before the n-th poll (from 0), at most left_ms: until retry_at when
 * told, else 50 ms, 100 ms, ... doubling to 5 s. */
void acme_poll_pause(const struct acme *a, time_t retry_at, unsigned n,
		     int64_t left_ms);

/* "letsencrypt" and friends, or the URL itself. ERR_CONF suggests the nearest
 * name. */
int acme_server_url(const char *server, enum key_type leaf, const char **url,
		    struct err *e);
/* URL of the staging twin of a preset or its URL (--dry-run), or NULL. */
const char *acme_server_staging(const char *server);
/* Rows for help and manual: name, URL, note. n by reference. */
struct acme_server {
	const char *name, *url, *staging, *note;
	const char *url_rsa; /* NULL: url takes RSA leaves too */
	const char *
		eab; /* where its EAB credentials come from; NULL: needs none */
};
const struct acme_server *acme_servers(size_t *n);
