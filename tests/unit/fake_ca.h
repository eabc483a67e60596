/* A world in memory for whole issuances: two CAs that keep orders and really
 * sign, a DNS provider, and a name server that shows what that one holds. */
#pragma once

#include <stdlib.h>
#include <string.h>

#include "acme/client.h"
#include "acme/issue.h"
#include "acme/order.h"
#include "base/b64.h"
#include "base/clock.h"
#include "base/fs.h"
#include "dns/provider.h"
#include "tests/unit/dnsfake.h"
#include "tests/unit/pki.h"
#include "tests/unit/test.h"

#define CA "https://ca.test"
#define OTHER "https://other.test"
#define PROBLEM "urn:ietf:params:acme:error:"
#define NOW ((time_t)1800000000)
#define DAY ((time_t)86400)
#define NAMES 4

enum fault {
	FAULT_NONE,
	KILLED_BEFORE, /* the request never left */
	KILLED_AFTER,  /* it was done, the reply came too late */
	FAULT_STOP,    /* an interruption: what is to be cleaned up can be */
	FAULT_BUSY,    /* 429 without a moment */
	FAULT_REFUSED,
	FAULT_GONE, /* 404 */
};
enum wrong { RIGHT_CHAIN, OTHER_KEY, MISSING_NAME, NO_URL };

struct ca_order {
	unsigned id;
	const char *name[NAMES], *status[NAMES]; /* of its authorizations */
	size_t n;
	const char *replaces;
	struct str pem;
};
struct ca {
	const char *url;
	struct key *key; /* signs */
	X509 *root;
	struct ca_order order[64];
	unsigned orders, issued, registered;
	bool down;      /* answers 429 to all */
	bool forgotten; /* knows no account */
	bool amnesia;   /* and forgets each at once */
	bool ari, reuse, refuses_proof;
	enum wrong wrong;
	time_t window; /* start of the renewal window; 0: none is told */
	unsigned asked_ari;
};
struct world {
	struct http http; /* first: send gets its address */
	struct mem mem;
	struct ca ca[2];
	unsigned requests, fail_at; /* the nth, or that one: */
	const char *fail_on;
	enum fault fault;
	bool dead;        /* after a kill nothing works any more */
	const char *last; /* "POST /new-order" */
	struct dnsfake dns;
	pthread_mutex_t lock; /* over the values */
	struct records values;
	unsigned applied;
	bool deaf_dns;    /* takes values and shows none */
	unsigned mute_at; /* the nth change is refused, and all later ones */
	char dir[40];
	struct conf conf;
	struct conf_domain domain;
	struct issue_job job;
	struct issue_result result;
	struct err err;
	struct tell tell;
	char said[8192];
};
static struct world *world;

/* The provider. */

static inline int fake_zone(struct dns *d, const char *name, const char **zone,
			    struct err *e)
{
	const char *at = strrchr(name, '.');

	(void)d;
	if (!at)
		return err_set(e, ERR_MISSING, "no zone for %s", name);
	while (at > name && at[-1] != '.')
		at--;
	*zone = at;
	return 0;
}

static inline int fake_list(struct dns *d, const char *zone, const char *name,
			    uint16_t type, struct mem *m, struct records *out,
			    struct err *e)
{
	(void)d;
	(void)zone;
	if (world->dead)
		return err_set(e, ERR_STOPPED, "dead");
	for (size_t i = 0; i < world->values.n; i++)
		if (!strcmp(world->values.at[i].name, name) &&
		    world->values.at[i].type == type)
			records_add(out, m, &world->values.at[i]);
	return 0;
}

static inline int fake_apply(struct dns *d, const char *zone,
			     const struct change *c, struct err *e)
{
	struct records after = { 0 };

	(void)d;
	(void)zone;
	if (world->dead)
		return err_set(e, ERR_STOPPED, "dead");
	if (world->mute_at && world->applied + 1 >= world->mute_at)
		return err_set(e, ERR_TEMP, "the provider is down");
	pthread_mutex_lock(&world->lock);
	world->applied++;
	for (size_t i = 0; i < world->values.n; i++)
		if (strcmp(world->values.at[i].name, c->name) != 0)
			records_add(&after, &world->mem, &world->values.at[i]);
	for (size_t i = 0; i < c->want.n; i++)
		records_add(&after, &world->mem, &c->want.at[i]);
	world->values = after;
	pthread_mutex_unlock(&world->lock);
	return 0;
}

static inline const struct provider *fake_find(const char *name, struct err *e)
{
	static const struct dns_field token[] = {
		{ .names = "FAKE_TOKEN", .required = true },
	};
	static const struct provider row = { .name = "fake",
					     .caps = DNS_CAN_LIST,
					     .fields = token,
					     .fields_n = 1,
					     .find_zone = fake_zone,
					     .list = fake_list,
					     .apply = fake_apply };

	if (!strcmp(name, "fake"))
		return &row;
	err_set(e, ERR_CONF, "no provider is called %s", name);
	return NULL;
}

static inline int fake_dns(struct dnsfake *f, struct str question, bool tcp,
			   struct buf *out)
{
	struct mem m = { 0 };
	struct err e = { 0 };
	struct dns_msg q, a;
	struct dnsfake_row rows[32] = {
		{ "a.test", DNS_SOA, "ns.a.test. h.a.test. 1 2 3 4 5" },
		{ "b.test", DNS_SOA, "ns.b.test. h.b.test. 1 2 3 4 5" },
		{ "_acme-challenge.alias.test", DNS_CNAME,
		  "_acme-challenge.b.test." },
	};
	size_t n = 3;

	(void)f;
	(void)tcp;
	assert_int_equal(dnsmsg_parse(question, &m, &q, &e), 0);
	pthread_mutex_lock(&world->lock);
	for (size_t i = 0; i < world->values.n && !world->deaf_dns; i++) {
		const struct record *r = &world->values.at[i];

		assert_true(n < COUNT(rows));
		rows[n++] = (struct dnsfake_row){ mem_str(&m, r->name), r->type,
						  mem_dup(&m, r->value.at,
							  r->value.n) };
	}
	pthread_mutex_unlock(&world->lock);
	dnsfake_lookup(rows, n, &q, &m, &a);
	assert_int_equal(dnsmsg_answer(&a, 65535, out, &e), 0);
	mem_free(&m);
	return 0;
}

static inline bool world_shows(const char *name, const char *value)
{
	for (size_t i = 0; i < world->values.n; i++)
		if (!strcmp(world->values.at[i].name, name) &&
		    (!value || str_eq(world->values.at[i].value, value)))
			return true;
	return false;
}

/* The CAs. */

static inline void ca_header(struct http_reply *r, const char *line)
{
	assert_int_equal(http_header_add(r, str_of(line)), 0);
}

static inline void ca_json(struct http_reply *r, int status, json_t *o)
{
	char *text = json_dumps(o, JSON_COMPACT);

	r->status = status;
	ca_header(r, status < 400 ? "Content-Type: application/json" :
				    "Content-Type: application/problem+json");
	buf_str(&r->body, text);
	free(text);
	json_decref(o);
}

static inline void ca_refuse(struct http_reply *r, int status, const char *type)
{
	ca_json(r, status,
		json_pack("{s:s, s:s}", "type",
			  mem_fmt(&world->mem, PROBLEM "%s", type), "detail",
			  "as the test wants"));
}

static inline const char *ca_status(const struct ca_order *o)
{
	const char *status = "ready";

	if (o->pem.n)
		return "valid";
	for (size_t i = 0; i < o->n; i++) {
		if (!strcmp(o->status[i], "invalid"))
			return "invalid";
		if (!strcmp(o->status[i], "pending"))
			status = "pending";
	}
	return status;
}

static inline const char *ca_place(const struct ca *ca, const char *kind,
				   unsigned id)
{
	return mem_fmt(&world->mem, "%s/%s/%u", ca->url, kind, id);
}

static inline void ca_show(const struct ca *ca, const struct ca_order *o,
			   int status, struct http_reply *r)
{
	json_t *names = json_array(), *authz = json_array();
	json_t *all;

	for (size_t i = 0; i < o->n; i++) {
		json_array_append_new(names,
				      json_pack("{s:s, s:s}", "type", "dns",
						"value", o->name[i]));
		json_array_append_new(
			authz, json_string(ca_place(ca, "authz",
						    o->id * 10 + (unsigned)i)));
	}
	all = json_pack("{s:s, s:s, s:o, s:o}", "status", ca_status(o),
			"finalize", ca_place(ca, "finalize", o->id),
			"identifiers", names, "authorizations", authz);
	if (o->pem.n && ca->wrong != NO_URL)
		json_object_set_new(all, "certificate",
				    json_string(ca_place(ca, "cert", o->id)));
	ca_header(r, mem_fmt(&world->mem, "Location: %s",
			     ca_place(ca, "order", o->id)));
	ca_json(r, status, all);
}

static inline void ca_order_new(struct ca *ca, const json_t *payload,
				struct http_reply *r)
{
	const json_t *ids = json_object_get(payload, "identifiers");
	struct ca_order *o = &ca->order[ca->orders];

	assert_true(ca->orders + 1 < COUNT(ca->order));
	*o = (struct ca_order){ .id = ca->orders++ };
	o->n = json_array_size(ids);
	assert_true(o->n <= NAMES);
	for (size_t i = 0; i < o->n; i++) {
		o->name[i] =
			mem_str(&world->mem,
				acme_text(json_array_get(ids, i), "value"));
		o->status[i] = ca->reuse ? "valid" : "pending";
	}
	o->replaces = mem_str(&world->mem, acme_text(payload, "replaces"));
	ca_show(ca, o, 201, r);
}

static inline const char *ca_bare(const char *name)
{
	return *name == '*' ? name + 2 : name;
}

static inline void ca_authz(const struct ca *ca, unsigned id,
			    struct http_reply *r)
{
	const struct ca_order *o = &ca->order[id / 10];
	const char *name = o->name[id % 10], *status = o->status[id % 10];
	const char *token = mem_fmt(&world->mem, "token-%u", id);
	json_t *list = json_pack(
		"[{s:s, s:s, s:s, s:s}, {s:s, s:s, s:s, s:[s]}]", "type",
		"dns-01", "status", status, "url", ca_place(ca, "dns", id),
		"token", token, "type", "dns-persist-01", "status", status,
		"url", ca_place(ca, "persist", id), "issuer-domain-names",
		"ca.test");

	ca_json(r, 200,
		json_pack("{s:s, s:{s:s, s:s}, s:b, s:o}", "status", status,
			  "identifier", "type", "dns", "value", ca_bare(name),
			  "wildcard", *name == '*', "challenges", list));
}

static inline const char *ca_wants(const struct ca *ca, unsigned id)
{
	struct account x = { 0 };
	struct err e = { 0 };
	struct buf value = { 0 };
	const char *text;
	const char *dir = mem_fmt(&world->mem, "%s/dir", ca->url);

	assert_int_equal(
		account_load(world->conf.dir, dir, &world->mem, &x, &e), 0);
	assert_int_equal(order_dns01_value(x.key,
					   mem_fmt(&world->mem, "token-%u", id),
					   &value, &e),
			 0);
	text = mem_str(&world->mem, buf_c(&value));
	buf_free(&value);
	account_free(&x);
	return text;
}

/* It looks into the zone at once, as no real one does. */
static inline void ca_prove(struct ca *ca, unsigned id, bool persist,
			    struct http_reply *r)
{
	struct ca_order *o = &ca->order[id / 10];
	const char *at =
		mem_fmt(&world->mem, "%s.%s",
			persist ? "_validation-persist" : "_acme-challenge",
			ca_bare(o->name[id % 10]));
	const char *want = persist ? NULL : ca_wants(ca, id);

	if (!strcmp(at, "_acme-challenge.alias.test"))
		at = "_acme-challenge.b.test";
	if (strcmp(o->status[id % 10], "pending")) {
		ca_refuse(r, 400, "malformed");
		return;
	}
	o->status[id % 10] = world_shows(at, want) && !ca->refuses_proof ?
				     "valid" :
				     "invalid";
	ca_json(r, 200, json_pack("{s:s}", "status", o->status[id % 10]));
}

static inline struct str ca_sign(struct ca *ca, const struct ca_order *o,
				 EVP_PKEY *subject)
{
	AUTO(buf) struct buf alt = { 0 };
	AUTO(buf) struct buf pem = { 0 };
	const struct key key = { .pkey = subject };
	const size_t n = o->n - (ca->wrong == MISSING_NAME);
	X509 *leaf;

	for (size_t i = 0; i < n; i++)
		buf_fmt(&alt, "%sDNS:%s", i ? "," : "", o->name[i]);
	leaf = pki_make(&(struct recipe){
		.cn = "leaf",
		.alt = buf_c(&alt),
		.key = ca->wrong == OTHER_KEY ? ca->key : &key,
		.issuer = ca->root,
		.by = ca->key,
		.from = world->job.now - 60,
		.until = world->job.now + 90 * DAY,
		.serial = 1000 + o->id,
	});
	pki_pem(&pem, leaf);
	pki_pem(&pem, ca->root);
	X509_free(leaf);
	return (struct str){ mem_dup(&world->mem, pem.at, pem.n), pem.n };
}

static inline void ca_finalize(struct ca *ca, struct ca_order *o,
			       const json_t *payload, struct http_reply *r)
{
	AUTO(buf) struct buf der = { 0 };
	const unsigned char *at;
	X509_REQ *req;

	if (strcmp(ca_status(o), "ready")) {
		ca_refuse(r, 403, "orderNotReady");
		return;
	}
	assert_int_equal(b64url_read(str_of(acme_text(payload, "csr")), &der),
			 0);
	at = (const unsigned char *)der.at;
	req = d2i_X509_REQ(NULL, &at, (long)der.n);
	assert_non_null(req);
	o->pem = ca_sign(ca, o, X509_REQ_get0_pubkey(req));
	X509_REQ_free(req);
	ca->issued++;
	ca_show(ca, o, 200, r);
}

static inline void ca_directory(const struct ca *ca, struct http_reply *r)
{
	const char *u = ca->url;
	struct mem *m = &world->mem;
	json_t *o = json_pack("{s:s, s:s, s:s}", "newNonce",
			      mem_fmt(m, "%s/new-nonce", u), "newAccount",
			      mem_fmt(m, "%s/new-account", u), "newOrder",
			      mem_fmt(m, "%s/new-order", u));

	if (ca->ari)
		json_object_set_new(o, "renewalInfo",
				    json_string(mem_fmt(m, "%s/ari", u)));
	ca_json(r, 200, o);
}

static inline void ca_window(struct ca *ca, struct http_reply *r)
{
	char from[CLOCK_TEXT], to[CLOCK_TEXT];

	ca->asked_ari++;
	clock_text(ca->window, from);
	clock_text(ca->window + DAY, to);
	ca_json(r, 200,
		json_pack("{s:{s:s, s:s}}", "suggestedWindow", "start", from,
			  "end", to));
}

static inline void ca_account(struct ca *ca, struct http_reply *r)
{
	ca->registered++;
	ca->forgotten = ca->amnesia;
	ca_header(r, mem_fmt(&world->mem, "Location: %s/account/1", ca->url));
	ca_json(r, 201, json_pack("{s:s}", "status", "valid"));
}

static inline json_t *ca_part(const json_t *jws, const char *name)
{
	AUTO(buf) struct buf text = { 0 };
	const char *s = acme_text(jws, name);

	assert_non_null(s);
	if (*s)
		assert_int_equal(b64url_read(str_of(s), &text), 0);
	return json_loadb(text.n ? text.at : "", text.n, 0, NULL);
}

static inline void ca_post(struct ca *ca, const char *path,
			   const json_t *payload, struct http_reply *r)
{
	const char *slash = strrchr(path, '/');
	const unsigned id = (unsigned)strtoul(slash + 1, NULL, 10);
	const struct str kind = { path, (size_t)(slash - path) };

	if (!strcmp(path, "/new-account"))
		ca_account(ca, r);
	else if (ca->forgotten || ca->amnesia)
		ca_refuse(r, 400, "accountDoesNotExist");
	else if (!strcmp(path, "/new-order"))
		ca_order_new(ca, payload, r);
	else if (str_eq(kind, "/order"))
		ca_show(ca, &ca->order[id], 200, r);
	else if (str_eq(kind, "/authz"))
		ca_authz(ca, id, r);
	else if (str_eq(kind, "/dns") || str_eq(kind, "/persist"))
		ca_prove(ca, id, str_eq(kind, "/persist"), r);
	else if (str_eq(kind, "/finalize"))
		ca_finalize(ca, &ca->order[id], payload, r);
	else if (str_eq(kind, "/cert")) {
		r->status = 200;
		ca_header(r, "Content-Type: application/pem-certificate-chain");
		buf_view(&r->body, ca->order[id].pem);
	} else
		fail_msg("POST %s", path);
}

static inline void ca_answer(struct ca *ca, const struct http_request *q,
			     const char *path, struct http_reply *r)
{
	if (strcmp(path, "/dir") != 0)
		ca_header(r, mem_fmt(&world->mem, "Replay-Nonce: nonce%u",
				     world->requests));
	if (!strcmp(path, "/dir"))
		ca_directory(ca, r);
	else if (!strcmp(q->method, "HEAD"))
		r->status = 200;
	else if (!strncmp(path, "/ari/", 5))
		ca_window(ca, r);
	else {
		AUTO(json) json_t *jws =
			json_loadb(q->body.at, q->body.n, 0, NULL);
		AUTO(json) json_t *payload = ca_part(jws, "payload");

		ca_post(ca, path, payload, r);
	}
}

static inline int world_send(struct http *h, const struct http_request *q,
			     struct http_reply *r, struct err *e)
{
	struct ca *ca = &world->ca[str_starts_i(str_of(q->url), OTHER)];
	const char *path = q->url + strlen(ca->url);
	enum fault f = FAULT_NONE;

	h->requests++;
	world->last = mem_fmt(&world->mem, "%s %s", q->method, path);
	if (++world->requests == world->fail_at ||
	    (world->fail_on && !strcmp(world->last, world->fail_on)))
		f = world->fault;
	if (f == KILLED_BEFORE)
		world->dead = true;
	if (world->dead || f == FAULT_STOP)
		return err_set(e, ERR_STOPPED, "killed");
	if (f == FAULT_BUSY || ca->down)
		ca_refuse(r, 429, "rateLimited");
	else if (f == FAULT_REFUSED)
		ca_refuse(r, 403, "rejectedIdentifier");
	else if (f == FAULT_GONE)
		ca_refuse(r, 404, "malformed");
	else
		ca_answer(ca, q, path, r);
	if (f != KILLED_AFTER)
		return 0;
	world->dead = true;
	http_reply_free(r);
	return err_set(e, ERR_STOPPED, "killed");
}

static inline void world_tell(struct tell *t, enum tell_kind kind,
			      const char *who, const char *text)
{
	const size_t n = strlen(world->said);

	(void)t;
	if (kind != TELL_LIVE)
		snprintf(world->said + n, sizeof(world->said) - n, "%s: %s\n",
			 who, text);
}

static inline void world_keep(struct http *h)
{
	(void)h;
}

/* The world. */

static inline void ca_start(struct ca *ca, const char *url)
{
	struct err e = { 0 };

	ca->url = url;
	ca->ari = true;
	assert_int_equal(key_make(KEY_P256, &ca->key, &e), 0);
	ca->root = pki_make(&(struct recipe){ .cn = url,
					      .key = ca->key,
					      .ca = true,
					      .from = NOW - 1000 * DAY,
					      .until = NOW + 3650 * DAY });
}

static inline void world_conf(struct world *w)
{
	static const char *servers[] = { CA "/dir", OTHER "/dir" };

	w->domain = (struct conf_domain){
		.name = "a.test",
		.shown = "a.test",
		.acme = { .server = { servers, 1, 2 },
			  .key_type = { KEY_P256, KEY_RSA2048 },
			  .key_types = 1,
			  .account_key_type = KEY_P256,
			  .reuse_key = true,
			  .propagation_s = 5,
			  .reload_s = 5 },
		.dns = { .owner = "a.test", .provider = "fake" },
	};
	w->conf = (struct conf){ .dir = w->dir,
				 .email = "ops@a.test",
				 .resolver = w->dns.text,
				 .domains = &w->domain,
				 .domains_n = 1 };
	w->job = (struct issue_job){ .domain = &w->domain,
				     .name = "a.test",
				     .key_type = KEY_P256,
				     .now = NOW,
				     .next_wake = NOW };
}

static inline int world_open(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	if (!w)
		return -1;
	world = w;
	*state = w;
	/* In memory where that can be: what is tested here is not the disk. */
	snprintf(w->dir, sizeof(w->dir), "%s/opsmail-world-XXXXXX",
		 access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
	if (!mkdtemp(w->dir) || setenv("FAKE_TOKEN", "secret", 1))
		return -1;
	w->tell.show = world_tell;
	w->http = (struct http){ .send = world_send, .close = world_keep };
	pthread_mutex_init(&w->lock, NULL);
	w->dns.answer = fake_dns;
	dnsfake_start(&w->dns);
	ca_start(&w->ca[0], CA);
	ca_start(&w->ca[1], OTHER);
	world_conf(w);
	return 0;
}

static inline int world_close(void **state)
{
	struct world *w = *state;
	struct err e = { 0 };
	int status;

	dnsfake_stop(&w->dns);
	status = fs_remove_tree(w->dir, &e);
	for (size_t i = 0; i < COUNT(w->ca); i++) {
		key_free(w->ca[i].key);
		X509_free(w->ca[i].root);
	}
	pthread_mutex_destroy(&w->lock);
	mem_free(&w->mem);
	free(w);
	return status;
}

/* The CA and the DNS start afresh, and so does the folder. */
static inline void world_again(struct world *w)
{
	struct err e = { 0 };

	assert_int_equal(fs_remove_tree(w->dir, &e), 0);
	assert_int_equal(fs_mkdir(w->dir, 0700, &e), 0);
	w->ca[0].orders = w->ca[0].issued = w->ca[0].registered = 0;
	w->ca[1].orders = w->ca[1].issued = w->ca[1].registered = 0;
	pthread_mutex_lock(&w->lock);
	w->values = (struct records){ 0 };
	pthread_mutex_unlock(&w->lock);
	w->dead = false;
	w->fail_at = 0;
}

/* One process's life: a session of its own. */
static inline int world_run(struct world *w)
{
	struct issue_session s = { .conf = &w->conf,
				   .tell = &w->tell,
				   .find = fake_find,
				   .http = &w->http,
				   .pause_ms = 1 };
	int status;

	w->requests = 0;
	w->applied = 0;
	*w->said = 0;
	w->err = (struct err){ 0 };
	status = issue_run(&s, &w->job, &w->mem, &w->result, &w->err);
	issue_session_close(&s);
	return status;
}

/* The same, killed at its nth request. */
static inline int world_fail(struct world *w, unsigned n, enum fault f)
{
	int status;

	w->fail_at = n;
	w->fault = f;
	status = world_run(w);
	w->fail_at = 0;
	w->dead = false;
	return status;
}

/* The same at every request like this one. */
static inline int world_fail_on(struct world *w, const char *request,
				enum fault f)
{
	int status;

	w->fail_on = request;
	status = world_fail(w, 0, f);
	w->fail_on = NULL;
	return status;
}

static inline struct store_state world_state(struct world *w)
{
	struct store_state s = { 0 };
	struct err e = { 0 };

	assert_int_equal(store_state_read(w->dir, w->job.name, &s, &e), 0);
	return s;
}

/* The live pair fits; the serial of its leaf. */
static inline const char *world_live(struct world *w)
{
	struct store_live live;
	struct err e = { 0 };
	struct key *key = NULL;
	unsigned char spki[KEY_SPKI_SHA256];

	if (store_read_live(w->dir, w->job.name, &w->mem, &live, &e))
		return NULL;
	assert_int_equal(store_live_key(w->dir, w->job.name, &key, &e), 0);
	assert_int_equal(key_spki_sha256(key, spki, &e), 0);
	key_free(key);
	assert_memory_equal(spki, live.chain.at[0].spki_sha256, sizeof(spki));
	return live.chain.at[0].serial;
}

#define assert_says(e, text)                                                   \
	do {                                                                   \
		if (!strstr((e).msg, text))                                    \
			fail_msg("\"%s\" does not say \"%s\"", (e).msg, text); \
	} while (0)
#define assert_told(w, text)                                          \
	do {                                                          \
		if (!strstr((w)->said, text))                         \
			fail_msg("\"%s\" was not told in:\n%s", text, \
				 (w)->said);                          \
	} while (0)
#define assert_fails(call, w, what)                                  \
	do {                                                         \
		assert_int_equal(call, -1);                          \
		if ((w)->err.kind != (what))                         \
			fail_msg("%s: kind %d", (w)->err.msg,        \
				 (int)(w)->err.kind);                \
		assert_int_equal((w)->result.outcome, ISSUE_FAILED); \
	} while (0)
#define assert_runs(w, what)                                 \
	do {                                                 \
		if (world_run(w))                            \
			fail_msg("%s", (w)->err.msg);        \
		assert_int_equal((w)->result.outcome, what); \
	} while (0)
