/* The CAs of the fake world: they answer struct http.send. */
#pragma once

#include "tests/unit/fake_world.h"

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
		ca->by_http ? "http-01" : "dns-01", "status", status, "url",
		ca_place(ca, "dns", id), "token", token, "type",
		ca->by_http ? "tls-alpn-01" : "dns-persist-01", "status",
		status, "url", ca_place(ca, "persist", id),
		"issuer-domain-names", "ca.test");

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
	if (f == FAULT_LATER)
		ca_header(r, "Retry-After: 172800");
	if (f == FAULT_BUSY || f == FAULT_LATER || ca->down)
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
