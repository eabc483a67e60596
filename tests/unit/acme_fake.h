/* A CA that says what a script tells it to: replies in order, each with the
 * request it expects. Requests are kept for a look inside. The directory is
 * served outside the script. */
#pragma once

#include <stdio.h>
#include <string.h>

#include "acme/client.h"
#include "base/b64.h"
#include "base/str.h"
#include "net/http.h"
#include "net/http_link.h"
#include "tests/unit/test.h"

#define CA "https://ca.test"
#define FAKE_LOST -1   /* no answer comes */
#define FAKE_NOTHING 0 /* ends a script */
#define PROBLEM(type, detail)                                \
	"{\"type\":\"urn:ietf:params:acme:error:" type "\"," \
	"\"detail\":\"" detail "\"}"

struct fake_reply {
	const char *expect; /* "POST /new-order" */
	int status;
	const char *body;    /* JSON when it begins with a brace */
	const char *headers; /* lines; "no nonce" leaves the nonce out */
};
struct fake {
	struct http http;
	struct acme acme;
	struct key *key;
	const struct fake_reply *script;
	const char *directory; /* its body */
	size_t at;             /* next line of the script */
	struct mem mem;
	const char *protected[64], *payload[64]; /* of each POST */
	size_t posts;
	unsigned nonces; /* given out */
};

#define FAKE_DIRECTORY                                                      \
	"{\"newNonce\":\"" CA "/new-nonce\",\"newAccount\":\"" CA           \
	"/new-account\",\"newOrder\":\"" CA                                 \
	"/new-order\",\"revokeCert\":\"" CA "/revoke\",\"keyChange\":\"" CA \
	"/key-change\","                                                    \
	"\"renewalInfo\":\"" CA "/ari\",\"meta\":{\"termsOfService\":\"" CA \
	"/terms\",\"profiles\":{\"classic\":\"90 d\",\"short\":\"6 d\"},"   \
	"\"caaIdentities\":[\"ca.test\"]}}"

static inline const char *fake_part(struct fake *f, const json_t *jws,
				    const char *name)
{
	AUTO(buf) struct buf text = { 0 };
	const char *s = json_string_value(json_object_get(jws, name));

	assert_non_null(s);
	if (*s)
		assert_int_equal(b64url_read(str_of(s), &text), 0);
	return mem_str(&f->mem, buf_c(&text));
}

static inline void fake_keep_post(struct fake *f, struct str body)
{
	AUTO(json) json_t *jws = json_loadb(body.at, body.n, 0, NULL);

	assert_non_null(jws);
	assert_true(f->posts < COUNT(f->payload));
	f->protected[f->posts] = fake_part(f, jws, "protected");
	f->payload[f->posts++] = fake_part(f, jws, "payload");
}

static inline void fake_header(struct http_reply *r, const char *line)
{
	assert_int_equal(http_header_add(r, str_of(line)), 0);
}

static inline void fake_answer(struct fake *f, const struct fake_reply *s,
			       struct http_reply *r)
{
	struct str rest = str_of(s->headers), line;
	const char *body = s->body ? s->body : "";
	bool nonce = true, typed = false;
	char given[64];

	r->status = s->status;
	while (str_line(&rest, &line)) {
		nonce = nonce && !str_eq(line, "no nonce");
		typed = typed || str_starts_i(line, "content-type:");
		if (!str_eq(line, "no nonce"))
			assert_int_equal(http_header_add(r, line), 0);
	}
	snprintf(given, sizeof(given), "replay-nonce: nonce%u", f->nonces + 1);
	if (nonce) {
		fake_header(r, given);
		f->nonces++;
	}
	if (!typed)
		fake_header(r,
			    *body != '{' ?
				    "Content-Type: text/html" :
			    s->status >= 400 ?
				    "content-type: application/problem+json" :
				    "Content-Type: application/json");
	buf_str(&r->body, body);
}

static inline int fake_send(struct http *h, const struct http_request *q,
			    struct http_reply *r, struct err *e)
{
	struct fake *f = (struct fake *)(void *)h;
	const struct fake_reply *s = &f->script[f->at];
	char asked[256];

	h->requests++;
	snprintf(asked, sizeof(asked), "%s %s", q->method, q->url + strlen(CA));
	if (!strcmp(asked, "GET /dir")) {
		fake_answer(f,
			    &(struct fake_reply){ "", 200, f->directory,
						  "no nonce" },
			    r);
		return 0;
	}
	if (!s->expect || strcmp(asked, s->expect) != 0)
		fail_msg("step %zu: asked \"%s\", expected \"%s\"", f->at,
			 asked, s->expect ? s->expect : "no more");
	f->at++;
	if (!strcmp(q->method, "POST"))
		fake_keep_post(f, q->body);
	if (s->status == FAKE_LOST)
		return err_set(e, ERR_TEMP, "ca.test: connection lost");
	fake_answer(f, s, r);
	return 0;
}

/* Opens it with an account that exists. */
static inline void fake_open(struct fake *f, const struct fake_reply *script)
{
	struct err e = { 0 };

	*f = (struct fake){ .http = { .send = fake_send },
			    .directory = FAKE_DIRECTORY,
			    .script = script,
			    .acme = { .pause_ms = 1 } };
	if (key_make(KEY_P256, &f->key, &e) ||
	    acme_open(&f->acme, CA "/dir", &f->http, &e))
		fail_msg("%s", e.msg);
	f->acme.key = f->key;
	f->acme.kid = CA "/account/1";
}

/* The script was played to its end. */
static inline void fake_close(struct fake *f)
{
	if (f->script && f->script[f->at].expect)
		fail_msg("step %zu: \"%s\" was not asked", f->at,
			 f->script[f->at].expect);
	acme_close(&f->acme);
	key_free(f->key);
	mem_free(&f->mem);
}

#define assert_says(e, text)                                                   \
	do {                                                                   \
		if (!strstr((e).msg, text))                                    \
			fail_msg("\"%s\" does not say \"%s\"", (e).msg, text); \
	} while (0)
#define assert_fine(call)                                 \
	do {                                              \
		if (call)                                 \
			fail_msg("%s: %s", #call, e.msg); \
	} while (0)
