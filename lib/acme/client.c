#include "acme/client.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/stop.h"
#include "base/str.h"
#include "crypto/jose.h"

enum {
	TRIES = 5,        /* at a lost connection or 5xx without Retry-After */
	NONCE_TRIES = 20, /* at least, and for NONCE_MS */
	NONCE_QUICK = 5,  /* rejections answered without a pause */
	NONCE_MS = 30000,
	NONCE_PAUSE_MS = 100,
	WAITS = 20, /* pauses that the server asked for, in one call */
	PATIENCE_MS = 120000,
	PAUSE_MS = 50,
	PAUSE_MAX_MS = 5000,
	NAMES_MAX = 64, /* profiles, CAA identities */
	URL_MAX = 2048,
	NONCE_MAX = 512,
};

/* One request until it succeeds or is given up. */
struct job {
	const char *method, *url;
	const struct key *key; /* NULL: not signed */
	const char *kid;       /* NULL: its jwk */
	struct str payload;
};
struct tries {
	unsigned failed; /* lost connections and 5xx */
	unsigned nonces; /* badNonce */
	unsigned waits;  /* Retry-After obeyed */
	int64_t start, waited;
};

void acme_reply_free(struct acme_reply *r)
{
	http_reply_free(&r->http);
	json_decref(r->json);
	r->json = NULL;
	r->problem = (struct acme_problem){ 0 };
}

const char *acme_text(const json_t *object, const char *name)
{
	const char *s = json_string_value(json_object_get(object, name));
	for (const char *p = s; p && *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return NULL;
	return s;
}

const char *acme_https(const char *s)
{
	struct str v = str_of(s);
	return str_starts_i(v, "https://") && v.n <= URL_MAX &&
			       str_is_print(v) && !str_find(v, " ") ?
		       s :
		       NULL;
}

const char *acme_url(const json_t *object, const char *name)
{
	return acme_https(acme_text(object, name));
}

/* RFC 8555 6.5.1: a nonce that cannot be one is ignored. What could break out
 * of a JSON string is the only thing we cannot live with. */
static void keep_nonce(struct acme *a, const struct http_reply *r)
{
	struct str n = str_of(http_header(r, "Replay-Nonce", 0));
	if (n.n && n.n <= NONCE_MAX && str_is_print(n) && !str_find(n, "\"") &&
	    !str_find(n, "\\") && !str_find(n, " "))
		a->nonce = mem_dup(&a->mem, n.at, n.n);
}

static const char *content_type(const struct acme_reply *r)
{
	const char *type = http_header(&r->http, "Content-Type", 0);
	return type && str_is_print(str_of(type)) ? type : "no content type";
}

json_t *acme_json(const struct acme_reply *r, const char *url, struct err *e)
{
	if (json_is_object(r->json))
		return r->json;
	err_set(e, ERR_TEMP,
		"%s answered %d with %s where a JSON object was expected", url,
		r->http.status, r->json ? "other JSON" : content_type(r));
	return NULL;
}

static enum err_kind problem_kind(const struct acme_problem *p)
{
	static const struct {
		const char *type;
		enum err_kind kind;
	} known[] = {
		{ "accountDoesNotExist", ERR_MISSING },
		{ "badNonce", ERR_TEMP },
		{ "externalAccountRequired", ERR_AUTH },
		{ "rateLimited", ERR_TEMP },
		{ "serverInternal", ERR_TEMP },
		{ "unauthorized", ERR_AUTH },
		{ "userActionRequired", ERR_AUTH },
	};
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (!strcmp(p->type, known[i].type))
			return known[i].kind;
	if (p->status >= 500 || p->status == 429 || p->status == 408)
		return ERR_TEMP;
	if (p->status == 404 || p->status == 410)
		return ERR_MISSING;
	return p->status == 401 ? ERR_AUTH : ERR_PERM;
}

static bool rate_limited(const struct acme_problem *p)
{
	return p->status == 429 || !strcmp(p->type, "rateLimited");
}

static int complain_bare(const struct acme_reply *r, const char *url,
			 struct err *e)
{
	const char *to = http_header(&r->http, "Location", 0);
	if (r->http.status / 100 == 3 && to && str_is_print(str_of(to)))
		return err_set(e, ERR_PERM,
			       "%s answered %d and points to %.200s, which "
			       "ACME does not follow",
			       url, r->http.status, to);
	return err_set(e, problem_kind(&r->problem),
		       "%s answered %d with %s and no problem document", url,
		       r->http.status, content_type(r));
}

/* The sentence for an answer that is no success, with the moment from which
 * on trying again makes sense. */
static int complain(const struct acme_reply *r, const char *url, struct err *e)
{
	const struct acme_problem *p = &r->problem;
	char until[CLOCK_TEXT], tail[128];
	if (!*p->type && !*p->detail)
		complain_bare(r, url, e);
	else
		err_set(e, problem_kind(p), "%s answered %d %s: %s", url,
			p->status, p->type, p->detail);
	if (e->kind != ERR_TEMP || !p->retry_at)
		return -1;
	e->until = p->retry_at;
	snprintf(tail, sizeof(tail), "; %s until %s",
		 rate_limited(p) ? "rate limited" : "unavailable",
		 clock_text(p->retry_at, until));
	size_t n = strlen(e->msg);
	size_t most = sizeof(e->msg) - 1 - strlen(tail);
	snprintf(e->msg + (n < most ? n : most), strlen(tail) + 1, "%s", tail);
	return -1;
}

/* RFC 8555 7.3.3: the terms to agree to come as a link. */
static void add_terms(struct acme *a, struct acme_reply *r, const char *url)
{
	struct acme_problem *p = &r->problem;
	size_t n = strlen(p->detail);
	const char *terms =
		http_link(&r->http, url, "terms-of-service", 0, &a->mem);
	if (!strcmp(p->type, "userActionRequired") && terms &&
	    str_is_print(str_of(terms)))
		snprintf(p->detail + n, sizeof(p->detail) - n,
			 "; the terms are at %s", terms);
}

static int judge(struct acme *a, struct acme_reply *r, const char *url,
		 struct err *e)
{
	const struct buf *body = &r->http.body;
	bool json = body->n && http_is_json(&r->http);
	if (json)
		r->json = json_loadb(body->at, body->n, 0, NULL);
	if (r->http.status / 100 == 2) {
		if (json && !r->json)
			return err_set(e, ERR_TEMP,
				       "%s answered %d with broken JSON", url,
				       r->http.status);
		return 0;
	}
	acme_problem_read(r->json, &r->problem);
	r->problem.status = r->http.status;
	r->problem.retry_at = http_retry_after(&r->http, clock_now());
	add_terms(a, r, url);
	return complain(r, url, e);
}

static int exchange(struct acme *a, const char *method, const char *url,
		    struct str body, struct acme_reply *r, struct err *e)
{
	const struct http_header type = { "Content-Type",
					  "application/jose+json" };
	const struct http_request q = {
		.method = method,
		.url = url,
		.body = body,
		.headers = &type,
		.headers_n = body.n ? 1 : 0,
	};
	acme_reply_free(r);
	if (a->http->send(a->http, &q, &r->http, e))
		return e->kind == ERR_PERM ? err_at(e, "%s", url) : -1;
	keep_nonce(a, &r->http);
	return judge(a, r, url, e);
}

static int fetch_nonce(struct acme *a, struct acme_reply *r, struct err *e)
{
	const char *url = a->directory.new_nonce;
	if (exchange(a, "HEAD", url, (struct str){ 0 }, r, e))
		return -1;
	if (!a->nonce)
		return err_set(e, ERR_TEMP,
			       "%s answered %d without a Replay-Nonce", url,
			       r->http.status);
	return 0;
}

/* A nonce is used up by the attempt, whatever becomes of it. */
static int attempt(struct acme *a, const struct job *j, struct acme_reply *r,
		   struct err *e)
{
	AUTO(buf) struct buf body = { .max = 1 << 20 };
	if (!j->key)
		return exchange(a, j->method, j->url, buf_get(&body), r, e);
	if (!a->nonce && fetch_nonce(a, r, e))
		return -1;
	const struct jose_header h = { j->url, a->nonce, j->kid };
	a->nonce = NULL;
	if (jose_sign(j->key, &h, j->payload, &body, e))
		return -1;
	if (body.full)
		return err_set(e, ERR_PERM, "%s: the request is too large",
			       j->url);
	return exchange(a, j->method, j->url, buf_get(&body), r, e);
}

static int64_t pause_ms(const struct acme *a, unsigned n)
{
	int64_t ms = a->pause_ms ? a->pause_ms : PAUSE_MS;
	for (; n && ms < PAUSE_MAX_MS; n--)
		ms *= 2;
	return ms < PAUSE_MAX_MS ? ms : PAUSE_MAX_MS;
}

static bool nonce_again(struct tries *t)
{
	t->nonces++;
	if (t->nonces >= NONCE_TRIES && clock_ms() - t->start > NONCE_MS)
		return false;
	if (t->nonces > NONCE_QUICK)
		clock_sleep_ms(t->nonces < NONCE_PAUSE_MS ? t->nonces :
							    NONCE_PAUSE_MS);
	return true;
}

/* The server said when to come back: never earlier, and only when that is
 * within our patience. */
static bool wait_again(struct acme *a, struct tries *t, time_t until)
{
	int64_t patience = a->patience_ms ? a->patience_ms : PATIENCE_MS;
	int64_t ms = ((int64_t)until - clock_now()) * 1000;
	int64_t least = pause_ms(a, 2 + t->waits);
	ms = ms < least ? least : ms;
	if (ms > patience - t->waited || ++t->waits > WAITS)
		return false;
	t->waited += ms;
	tell(a->tell, TELL_LIVE, a->who, "the CA asks to wait %lld s",
	     (long long)(ms + 999) / 1000);
	clock_sleep_ms(ms);
	return true;
}

static bool again(struct acme *a, struct tries *t, const struct acme_reply *r,
		  const struct err *e)
{
	log_say(LOG_REASON, "%s", e->msg);
	if (!strcmp(r->problem.type, "badNonce"))
		return nonce_again(t);
	if (e->kind != ERR_TEMP)
		return false;
	if (r->problem.retry_at)
		return wait_again(a, t, r->problem.retry_at);
	if (rate_limited(&r->problem) || ++t->failed >= TRIES)
		return false;
	clock_sleep_ms(pause_ms(a, 1 + t->failed));
	return true;
}

static int converse(struct acme *a, const struct job *j, struct acme_reply *r,
		    struct err *e)
{
	struct tries t = { .start = clock_ms() };
	while (attempt(a, j, r, e)) {
		if (!again(a, &t, r, e))
			return -1;
		if (stop_asked())
			return err_set(e, ERR_STOPPED,
				       "stopped while talking "
				       "to %s",
				       j->url);
	}
	if (t.failed || t.nonces || t.waits)
		*e = (struct err){ 0 };
	return 0;
}

static int post(struct acme *a, const struct job *j, json_t *payload,
		struct acme_reply *r, struct err *e)
{
	AUTO(free) char *text = payload ? json_dumps(payload, JSON_COMPACT) :
					  NULL;
	struct job full = *j;
	if (payload && !text)
		return err_set(e, ERR_PERM, "%s: the payload is no JSON",
			       j->url);
	full.method = "POST";
	full.payload = str_of(text);
	return converse(a, &full, r, e);
}

int acme_post(struct acme *a, const char *url, json_t *payload,
	      struct acme_reply *r, struct err *e)
{
	const struct job j = { .url = url, .key = a->key, .kid = a->kid };
	if (!a->key || !a->kid)
		return err_set(e, ERR_MISSING, "%s: there is no account yet",
			       a->url);
	return post(a, &j, payload, r, e);
}

int acme_post_jwk(struct acme *a, const char *url, const struct key *k,
		  json_t *payload, struct acme_reply *r, struct err *e)
{
	const struct job j = { .url = url, .key = k };
	return post(a, &j, payload, r, e);
}

int acme_get(struct acme *a, const char *url, struct acme_reply *r,
	     struct err *e)
{
	const struct job j = { .method = "GET", .url = url };
	return converse(a, &j, r, e);
}

void acme_poll_pause(const struct acme *a, time_t retry_at, unsigned n,
		     int64_t left_ms)
{
	int64_t ms = pause_ms(a, n);
	if (retry_at > clock_now())
		ms = ((int64_t)retry_at - clock_now()) * 1000;
	if (ms > left_ms)
		ms = left_ms;
	if (ms > 0)
		clock_sleep_ms(ms);
}

static const char *keep_url(struct acme *a, const json_t *object,
			    const char *name)
{
	return mem_str(&a->mem, acme_url(object, name));
}

static void read_profiles(struct acme *a, json_t *profiles)
{
	struct acme_directory *d = &a->directory;
	size_t n = json_object_size(profiles);
	void *at = json_object_iter(profiles);
	d->profile = mem_array(&a->mem, n < NAMES_MAX ? n + 1 : NAMES_MAX,
			       sizeof(*d->profile));
	for (; at && d->profile_n < NAMES_MAX;
	     at = json_object_iter_next(profiles, at)) {
		const char *name = json_object_iter_key(at);
		if (str_is_print(str_of(name)))
			d->profile[d->profile_n++] = mem_str(&a->mem, name);
	}
}

static void read_caa(struct acme *a, const json_t *list)
{
	struct acme_directory *d = &a->directory;
	size_t n = json_array_size(list);
	d->caa = mem_array(&a->mem, NAMES_MAX, sizeof(*d->caa));
	for (size_t i = 0; i < n && d->caa_n < NAMES_MAX; i++) {
		const char *name = json_string_value(json_array_get(list, i));
		if (name && str_is_print(str_of(name)))
			d->caa[d->caa_n++] = mem_str(&a->mem, name);
	}
}

static int read_directory(struct acme *a, const json_t *o, struct err *e)
{
	const json_t *meta = json_object_get(o, "meta");
	struct acme_directory *d = &a->directory;
	*d = (struct acme_directory){
		.new_nonce = keep_url(a, o, "newNonce"),
		.new_account = keep_url(a, o, "newAccount"),
		.new_order = keep_url(a, o, "newOrder"),
		.revoke_cert = keep_url(a, o, "revokeCert"),
		.key_change = keep_url(a, o, "keyChange"),
		.renewal_info = keep_url(a, o, "renewalInfo"),
		.terms = mem_str(&a->mem, acme_text(meta, "termsOfService")),
		.website = mem_str(&a->mem, acme_text(meta, "website")),
		.eab_required = json_is_true(
			json_object_get(meta, "externalAccountRequired")),
	};
	read_profiles(a, json_object_get(meta, "profiles"));
	read_caa(a, json_object_get(meta, "caaIdentities"));
	if (!d->new_nonce || !d->new_account || !d->new_order)
		return err_set(e, ERR_CONF,
			       "%s is no ACME directory: newNonce, newAccount "
			       "or newOrder is missing; check acme.server",
			       a->url);
	return 0;
}

int acme_open(struct acme *a, const char *url, struct http *h, struct err *e)
{
	AUTO(acme_reply) struct acme_reply r = { 0 };
	a->http = h;
	a->url = mem_str(&a->mem, url);
	if (acme_get(a, url, &r, e)) {
		if (e->kind != ERR_PERM && e->kind != ERR_MISSING &&
		    e->kind != ERR_AUTH)
			return -1;
		e->kind = ERR_CONF;
		return err_at(e, "no ACME directory, check acme.server");
	}
	const json_t *o = acme_json(&r, url, e);
	if (!o) {
		e->kind = ERR_CONF;
		return err_at(e, "no ACME directory, check acme.server");
	}
	return read_directory(a, o, e);
}

void acme_close(struct acme *a)
{
	mem_free(&a->mem);
	*a = (struct acme){ 0 };
}
