#include "acme/order.h"

#include <string.h>

#include "base/b64.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/stop.h"
#include "base/str.h"
#include "crypto/jose.h"

enum {
	NAMES_MAX = 1000, /* identifiers and authorizations of one order */
	OFFERED_MAX = 256,
};

static enum acme_status status_of(const json_t *o)
{
	static const char *const name[ACME_UNKNOWN] = {
		[ACME_PENDING] = "pending",         [ACME_READY] = "ready",
		[ACME_PROCESSING] = "processing",   [ACME_VALID] = "valid",
		[ACME_INVALID] = "invalid",         [ACME_EXPIRED] = "expired",
		[ACME_DEACTIVATED] = "deactivated", [ACME_REVOKED] = "revoked",
	};
	struct str s = str_of(acme_text(o, "status"));
	int i = 0;
	while (i < ACME_UNKNOWN && !str_eq(s, name[i]))
		i++;
	return (enum acme_status)i;
}

/* Identifiers and authorizations come back in any order. */
static void read_names(struct mem *m, const json_t *list, struct order *o)
{
	size_t n = json_array_size(list);
	n = n < NAMES_MAX ? n : NAMES_MAX;
	o->names = mem_array(m, n + 1, sizeof(*o->names));
	o->names_n = 0;
	for (size_t i = 0; i < n; i++) {
		const char *s = acme_text(json_array_get(list, i), "value");
		if (s)
			o->names[o->names_n++] = mem_str(m, s);
	}
}

static int read_authz_urls(struct mem *m, const json_t *list, struct order *o)
{
	size_t n = json_array_size(list);
	if (n > NAMES_MAX)
		return -1;
	o->authz = mem_array(m, n + 1, sizeof(*o->authz));
	o->authz_n = 0;
	for (size_t i = 0; i < n; i++) {
		const char *s =
			acme_https(json_string_value(json_array_get(list, i)));
		if (!s)
			return -1;
		o->authz[o->authz_n++] = mem_str(m, s);
	}
	return 0;
}

/* An order as the server shows it; what an answer leaves out stays as it was. */
static int read_order(struct acme *a, const struct acme_reply *r,
		      const char *url, struct order *o, struct err *e)
{
	const json_t *j = acme_json(r, url, e);
	const char *expires = acme_text(j, "expires");
	if (!j)
		return -1;
	o->status = status_of(j);
	o->retry_at = http_retry_after(&r->http, clock_now());
	if (acme_url(j, "finalize"))
		o->finalize = mem_str(&a->mem, acme_url(j, "finalize"));
	if (acme_url(j, "certificate"))
		o->certificate = mem_str(&a->mem, acme_url(j, "certificate"));
	if (!expires || clock_parse(str_of(expires), &o->expires))
		o->expires = 0;
	acme_problem_read(json_object_get(j, "error"), &o->problem);
	read_names(&a->mem, json_object_get(j, "identifiers"), o);
	if (read_authz_urls(&a->mem, json_object_get(j, "authorizations"), o) ||
	    !o->finalize || o->status == ACME_UNKNOWN)
		return err_set(e, ERR_PERM,
			       "%s answered with an order that lacks its "
			       "status, finalize or authorizations",
			       url);
	return 0;
}

static int check_profile(const struct acme *a, const char *profile,
			 struct err *e)
{
	const struct acme_directory *d = &a->directory;
	AUTO(buf) struct buf list = { .max = 512 };
	for (size_t i = 0; i < d->profile_n; i++) {
		if (!strcmp(d->profile[i], profile))
			return 0;
		buf_fmt(&list, "%s%s", i ? ", " : "", d->profile[i]);
	}
	if (!d->profile_n)
		return err_set(e, ERR_CONF,
			       "acme.profile: %s offers no profiles; remove "
			       "the setting",
			       a->url);
	return err_set(e, ERR_CONF,
		       "acme.profile: %s has no profile \"%s\"; it has %s",
		       a->url, profile, buf_c(&list));
}

static json_t *wish_json(const struct order_wish *w, const char *replaces)
{
	json_t *o = json_object();
	json_t *ids = json_array();
	for (size_t i = 0; i < w->n; i++)
		json_array_append_new(ids,
				      json_pack("{s:s, s:s}", "type", "dns",
						"value", w->names[i]));
	json_object_set_new(o, "identifiers", ids);
	if (w->profile)
		json_object_set_new(o, "profile", json_string(w->profile));
	if (replaces)
		json_object_set_new(o, "replaces", json_string(replaces));
	return o;
}

/* Renewal information must never stop a renewal, and CAs differ in how they
 * refuse a certificate that was replaced before, was another account's or is
 * not theirs (RFC 9773 5: alreadyReplaced; also conflict, malformed, and a
 * test CA's serverInternal). So any refusal counts, but for those that say
 * what "replaces" has no part in. */
static bool minds_replaces(const struct acme_problem *p)
{
	static const char *const other[] = {
		"rateLimited",        "accountDoesNotExist",
		"rejectedIdentifier", "userActionRequired",
		"invalidProfile",     "externalAccountRequired",
	};
	for (size_t i = 0; i < sizeof(other) / sizeof(*other); i++)
		if (!strcmp(p->type, other[i]))
			return false;
	return p->status >= 400 && p->status != 429 && p->status != 503;
}

static int post_wish(struct acme *a, const struct order_wish *w,
		     struct acme_reply *r, struct err *e)
{
	const char *url = a->directory.new_order;
	const char *replaces = a->directory.renewal_info ? w->replaces : NULL;
	AUTO(json) json_t *first = wish_json(w, replaces);
	if (!acme_post(a, url, first, r, e))
		return 0;
	if (!replaces || !minds_replaces(&r->problem))
		return -1;
	log_say(LOG_REASON, "ordering again without \"replaces\": %s", e->msg);
	*e = (struct err){ 0 };
	AUTO(json) json_t *second = wish_json(w, NULL);
	return acme_post(a, url, second, r, e);
}

int order_new(struct acme *a, const struct order_wish *w, struct order *o,
	      struct err *e)
{
	AUTO(acme_reply) struct acme_reply r = { 0 };
	*o = (struct order){ 0 };
	if (w->profile && check_profile(a, w->profile, e))
		return -1;
	if (post_wish(a, w, &r, e))
		return -1;
	const char *url = a->directory.new_order;
	if (read_order(a, &r, url, o, e))
		return -1;
	o->url = mem_str(&a->mem,
			 acme_https(http_header(&r.http, "Location", 0)));
	if (o->url)
		return 0;
	return err_set(e, ERR_PERM,
		       "%s answered %d without the order's URL in Location",
		       url, r.http.status);
}

int order_read(struct acme *a, struct order *o, struct err *e)
{
	AUTO(acme_reply) struct acme_reply r = { 0 };
	if (acme_post(a, o->url, NULL, &r, e)) {
		if (r.problem.status == 403)
			e->kind = ERR_MISSING;
		return -1;
	}
	return read_order(a, &r, o->url, o, e);
}

/* RFC 8555 8.1: base64url, no padding. */
static bool is_token(const char *s)
{
	size_t n = s ? strlen(s) : 0;
	return n && n <= 512 &&
	       strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
			 "0123456789-_") == n;
}

/* Challenges of unknown shape are nobody's mistake: they are passed over. */
static void read_challenge(struct mem *m, const json_t *c, const char *type,
			   struct authz *z)
{
	const char *url = acme_url(c, "url");
	const char *token = acme_text(c, "token");
	const json_t *issuers = json_object_get(c, "issuer-domain-names");
	const char *issuer = json_string_value(json_array_get(issuers, 0));
	bool persist = !strcmp(type, "dns-persist-01");
	if (z->challenge_url || !url ||
	    !str_eq(str_of(acme_text(c, "type")), type))
		return;
	if (persist ? !issuer || !str_is_print(str_of(issuer)) :
		      !is_token(token))
		return;
	z->challenge_url = mem_str(m, url);
	z->token = persist ? NULL : mem_str(m, token);
	z->issuer = persist ? mem_str(m, issuer) : NULL;
	z->challenge_status = status_of(c);
	acme_problem_read(json_object_get(c, "error"), &z->problem);
}

static void read_challenges(struct mem *m, const json_t *list, const char *type,
			    struct authz *z)
{
	AUTO(buf) struct buf offered = { .max = OFFERED_MAX };
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *c = json_array_get(list, i);
		const char *name = acme_text(c, "type");
		if (name)
			buf_fmt(&offered, "%s%s", offered.n ? " " : "", name);
		read_challenge(m, c, type, z);
		if (!*z->problem.type)
			acme_problem_read(json_object_get(c, "error"),
					  &z->problem);
	}
	z->offered = mem_str(m, buf_c(&offered));
}

int order_authz(struct acme *a, const char *url, const char *challenge_type,
		struct authz *z, struct err *e)
{
	AUTO(acme_reply) struct acme_reply r = { 0 };
	if (acme_post(a, url, NULL, &r, e))
		return -1;
	const json_t *j = acme_json(&r, url, e);
	if (!j)
		return -1;
	*z = (struct authz){
		.url = mem_str(&a->mem, url),
		.name = mem_str(&a->mem,
				acme_text(json_object_get(j, "identifier"),
					  "value")),
		.wildcard = json_is_true(json_object_get(j, "wildcard")),
		.status = status_of(j),
		.challenge_status = ACME_UNKNOWN,
	};
	read_challenges(&a->mem, json_object_get(j, "challenges"),
			challenge_type, z);
	if (!z->name || z->status == ACME_UNKNOWN)
		return err_set(e, ERR_PERM,
			       "%s answered with an authorization that lacks "
			       "its identifier or status",
			       url);
	return 0;
}

/* An answer whose reply was lost is given twice, and some servers refuse the
 * second: it is fine when the challenge has moved on. */
int order_answer(struct acme *a, const struct authz *z, struct err *e)
{
	AUTO(acme_reply) struct acme_reply r = { 0 };
	AUTO(json) json_t *nothing = json_object();
	if (!acme_post(a, z->challenge_url, nothing, &r, e))
		return 0;
	if (strcmp(r.problem.type, "malformed"))
		return err_at(e, "%s", z->name);
	struct err second = { 0 };
	struct authz now = { 0 };
	const char *type = z->token ? "dns-01" : "dns-persist-01";
	if (order_authz(a, z->url, type, &now, &second) ||
	    (now.status == ACME_PENDING &&
	     now.challenge_status != ACME_PROCESSING))
		return err_at(e, "%s", z->name);
	*e = (struct err){ 0 };
	return 0;
}

static int say_problem(const char *name, const struct acme_problem *p,
		       struct err *e)
{
	enum err_kind kind = strcmp(p->type, "serverInternal") ? ERR_PERM :
								 ERR_TEMP;
	return err_set(e, kind, "%s: the CA says %s: %s", name,
		       *p->type ? p->type : "invalid",
		       *p->detail ? p->detail : "no reason given");
}

/* RFC 8555 7.1.6: an invalid order seldom says why; the authorization does. */
static int say_invalid(struct acme *a, const struct order *o, struct err *e)
{
	for (size_t i = 0; i < o->authz_n && !*o->problem.type; i++) {
		struct authz z = { 0 };
		if (order_authz(a, o->authz[i], "", &z, e))
			return -1;
		if (z.status == ACME_INVALID)
			return say_problem(z.name, &z.problem, e);
		if (z.status != ACME_VALID && z.status != ACME_PENDING)
			return err_set(e, ERR_PERM,
				       "%s: its authorization was withdrawn "
				       "or has expired; run again",
				       z.name);
	}
	return say_problem(o->names_n ? o->names[0] : "order", &o->problem, e);
}

static int poll_once(struct acme *a, struct order *o, unsigned n,
		     int64_t deadline, struct err *e)
{
	int64_t left = deadline - clock_ms();
	if (left <= 0)
		return err_set(e, ERR_TIMEOUT,
			       "%s: the CA has not decided yet; run again "
			       "later, the order will be resumed",
			       o->url);
	acme_poll_pause(a, o->retry_at, n, left);
	if (stop_asked())
		return err_set(e, ERR_STOPPED, "stopped while waiting for %s",
			       o->url);
	return order_read(a, o, e);
}

static int poll_while(struct acme *a, struct order *o, enum acme_status s,
		      int64_t deadline, struct err *e)
{
	for (unsigned n = 0; o->status == s; n++)
		if (poll_once(a, o, n, deadline, e))
			return -1;
	return o->status > ACME_VALID ? say_invalid(a, o, e) : 0;
}

int order_wait_ready(struct acme *a, struct order *o, int64_t limit_ms,
		     struct err *e)
{
	return poll_while(a, o, ACME_PENDING, clock_ms() + limit_ms, e);
}

int order_wait_authz(struct acme *a, struct order *o, const char *url,
		     int64_t limit_ms, struct err *e)
{
	const int64_t deadline = clock_ms() + limit_ms;
	for (unsigned n = 0;; n++) {
		struct authz z = { 0 };
		if (order_authz(a, url, "", &z, e))
			return -1;
		if (z.status == ACME_VALID)
			return 0;
		if (z.status != ACME_PENDING)
			return say_invalid(a, o, e);
		if (poll_once(a, o, n, deadline, e))
			return -1;
	}
}

/* The answer to a first, lost request may have been "processing" already, and
 * orderNotReady then means just that: the order itself knows. */
static int finalize_once(struct acme *a, struct order *o, json_t *csr,
			 struct err *e)
{
	AUTO(acme_reply) struct acme_reply r = { 0 };
	if (!acme_post(a, o->finalize, csr, &r, e))
		return read_order(a, &r, o->finalize, o, e);
	if (strcmp(r.problem.type, "orderNotReady"))
		return -1;
	*e = (struct err){ 0 };
	return order_read(a, o, e);
}

int order_finalize(struct acme *a, struct order *o, struct str csr_der,
		   int64_t limit_ms, struct err *e)
{
	int64_t deadline = clock_ms() + limit_ms;
	AUTO(buf) struct buf text = { 0 };
	b64url_add(&text, csr_der);
	AUTO(json) json_t *csr = json_pack("{s:s}", "csr", buf_c(&text));
	for (unsigned n = 0; o->status != ACME_VALID; n++) {
		if (poll_while(a, o, ACME_PENDING, deadline, e))
			return -1;
		if (n && o->status == ACME_READY &&
		    poll_once(a, o, n, deadline, e))
			return -1;
		if (o->status == ACME_READY && finalize_once(a, o, csr, e))
			return -1;
		if (poll_while(a, o, ACME_PROCESSING, deadline, e))
			return -1;
	}
	if (!o->certificate)
		return err_set(e, ERR_TEMP,
			       "%s is valid but names no certificate", o->url);
	return 0;
}

int order_deactivate_authz(struct acme *a, const char *url, struct err *e)
{
	AUTO(acme_reply) struct acme_reply r = { 0 };
	AUTO(json) json_t *p = json_pack("{s:s}", "status", "deactivated");
	return acme_post(a, url, p, &r, e);
}

int order_key_auth(const struct key *account, const char *token,
		   struct buf *out, struct err *e)
{
	buf_fmt(out, "%s.", token);
	return jose_thumbprint(account, out, e);
}

int order_dns01_value(const struct key *account, const char *token,
		      struct buf *out, struct err *e)
{
	AUTO(buf) struct buf text = { .max = 4096 };
	unsigned char sum[HASH_MAX];
	if (order_key_auth(account, token, &text, e))
		return -1;
	hash_of(HASH_SHA256, buf_get(&text), sum);
	b64url_add(out,
		   (struct str){ (const char *)sum, hash_size(HASH_SHA256) });
	return 0;
}

void order_persist_value(const char *issuer, const char *account_url,
			 bool wildcard, struct buf *out)
{
	buf_fmt(out, "%s; accounturi=%s%s", issuer, account_url,
		wildcard ? "; policy=wildcard" : "");
}
