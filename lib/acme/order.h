/* Orders, authorizations, challenges (RFC 8555 7.4, 7.5). */
#pragma once

#include "acme/client.h"
#include "crypto/x509.h"

enum acme_status {
	ACME_PENDING,
	ACME_READY,
	ACME_PROCESSING,
	ACME_VALID,
	ACME_INVALID,
	ACME_EXPIRED,
	ACME_DEACTIVATED,
	ACME_REVOKED,
	ACME_UNKNOWN,
};
struct order {
	const char *url; /* from Location of newOrder: keep it */
	enum acme_status status;
	const char *finalize, *certificate; /* NULL: none yet */
	const char **authz;
	size_t authz_n;
	const char **names; /* identifiers, "*." included */
	size_t names_n;
	time_t expires;  /* 0: not told */
	time_t retry_at; /* Retry-After of the last answer; 0: not told */
	struct acme_problem problem; /* when invalid */
};
struct authz {
	const char *url;
	const char *name; /* without "*." */
	bool wildcard;
	enum acme_status status;
	/* the challenge of the wanted type; url NULL: not offered */
	const char *challenge_url, *token;
	enum acme_status challenge_status;
	const char *issuer;  /* dns-persist-01: issuer-domain-names[0] */
	const char *offered; /* "http-01 dns-01", for messages */
	struct acme_problem problem; /* of the challenge that failed */
};
struct order_wish {
	const char *const *names;
	size_t n;
	const char *profile; /* NULL: none; refused locally when not listed */
	const char *
		replaces; /* ARI id; dropped once when the CA will not have it */
};
/* All text in a->mem. */
int order_new(struct acme *a, const struct order_wish *w, struct order *o,
	      struct err *e);
/* o->url set. ERR_MISSING when the CA knows it no more or it is not ours. */
int order_read(struct acme *a, struct order *o, struct err *e);
int order_authz(struct acme *a, const char *url, const char *challenge_type,
		struct authz *z, struct err *e);
int order_answer(struct acme *a, const struct authz *z, struct err *e);
/* Polls the order until it leaves pending (or processing), or `limit_ms` is
 * over (ERR_TIMEOUT: run again, it will be resumed). Invalid: reads the
 * authorizations for the reason; ERR_PERM with type, detail and name. */
int order_wait_ready(struct acme *a, struct order *o, int64_t limit_ms,
		     struct err *e);
/* Polls one authorization of it until it is valid, as order_wait_ready. */
int order_wait_authz(struct acme *a, struct order *o, const char *url,
		     int64_t limit_ms, struct err *e);
/* Finalizes (orderNotReady: polls and tries again) and waits for valid. */
int order_finalize(struct acme *a, struct order *o, struct str csr_der,
		   int64_t limit_ms, struct err *e);
/* Downloads the chain (and alternates when `preferred` is set, choosing the
 * first that has that CN; none: the default one and *chosen false, which is
 * true in all other cases). */
int order_certificate(struct acme *a, const struct order *o,
		      const char *preferred, struct buf *pem, bool *chosen,
		      struct err *e);
int order_deactivate_authz(struct acme *a, const char *url, struct err *e);
/* Appends the key authorization (RFC 8555 8.1), and what DNS shows of it. */
int order_key_auth(const struct key *account, const char *token,
		   struct buf *out, struct err *e);
/* TXT value of dns-01 (RFC 8555 8.4): 43 characters. */
int order_dns01_value(const struct key *account, const char *token,
		      struct buf *out, struct err *e);
/* TXT value of dns-persist-01 for that issuer and account. */
void order_persist_value(const char *issuer, const char *account_url,
			 bool wildcard, struct buf *out);
/* revokeCert (7.6): by the account, or by the certificate's key when given.
 * alreadyRevoked is success. */
int order_revoke(struct acme *a, struct str cert_pem, const struct key *by,
		 int reason, struct err *e);
/* "unspecified" ... "superseded" of RFC 5280 5.3.1 that CAs take: 0 1 4 5. */
int order_reason_parse(const char *text, int *reason, struct err *e);
