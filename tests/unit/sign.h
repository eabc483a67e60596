/* Requests as text, the signatures that others made of them, and what one
 * changed byte does to them. */
#pragma once

#include <string.h>

#include "crypto/key.h"
#include "crypto/sign.h"
#include "tests/unit/test.h"
#include "tests/unit/vectors.h"

#define SIGN_NOW 1790000000 /* 2026-09-21T14:13:20Z */

/* What a changed byte is tried in. */
enum {
	IN_KEY = 1,
	IN_BODY = 2,
	IN_URL = 4,
	IN_TIME = 8,
	IN_NONCE = 16,
	IN_HEADER = 32,
	IN_METHOD = 64,
	IN_MOST = IN_KEY | IN_BODY | IN_URL | IN_TIME | IN_METHOD
};

struct vector {
	const char *source; /* who made it */
	const char *name, *method, *url, *body;
	struct sign_pair headers[4];
	struct sign_secret secret;
	time_t now; /* 0: SIGN_NOW */
	const char *nonce;
	unsigned covers;
	const char *where; /* header, "?parameter", or "text" */
	const char *want;  /* all of it, or its end after "..." */
};

/* RFC 7515 A.2.1's key as PEM; the buffer owns it. */
static inline const char *sign_test_pem(struct buf *pem)
{
	AUTO(key) struct key *k = NULL;
	struct err e = { 0 };

	assert_int_equal(key_read_jwk(str_of(RFC7515_RSA), &k, &e), 0);
	assert_int_equal(key_write(k, pem, &e), 0);
	return buf_c(pem);
}

/* A vector made ready; what is in it may be changed before it is signed. */
struct trial {
	struct mem mem;
	struct sign_request r;
	struct sign_secret secret;
	struct sign_pair headers[4];
	time_t now;
	const char *method, *nonce, *body;
};

static inline void trial_free(struct trial *t)
{
	mem_free(&t->mem);
}

static inline void trial_make(const struct vector *v, struct trial *t)
{
	struct err e = { 0 };

	memset(t, 0, sizeof(*t));
	if (sign_url(str_of(v->url), &t->mem, &t->r, &e))
		fail_msg("%s: %s", v->source, e.msg);
	memcpy(t->headers, v->headers, sizeof(t->headers));
	while (t->r.headers_n < COUNT(t->headers) &&
	       t->headers[t->r.headers_n].name)
		t->r.headers_n++;
	t->secret = v->secret;
	t->now = v->now ? v->now : SIGN_NOW;
	t->method = v->method;
	t->nonce = v->nonce;
	t->body = v->body;
}

/* The place where the signature is; NULL when refused. */
static inline const char *trial_sign(const struct vector *v, struct trial *t,
				     struct sign_out *out, struct err *e)
{
	t->r.method = t->method;
	t->r.headers = t->headers;
	t->r.body = str_of(t->body);
	if (sign_by_name(v->name, &t->r, &t->secret, t->now, t->nonce, out, e))
		return NULL;
	if (strcmp(v->where, "text") == 0)
		return out->text;
	bool query = v->where[0] == '?';
	const struct sign_pair *at = query ? out->query : out->headers;
	size_t n = query ? out->query_n : out->headers_n;
	for (size_t i = 0; i < n; i++)
		if (strcmp(at[i].name, v->where + query) == 0)
			return at[i].value;
	fail_msg("%s: nothing in %s", v->source, v->where);
	return NULL;
}

static inline const char *flipped(struct mem *m, const char *s)
{
	char *copy = mem_str(m, s);

	copy[strlen(copy) - 1] ^= 1;
	return copy;
}

static inline void flip(struct trial *t, unsigned where)
{
	struct sign_pair *query;
	size_t last = t->r.headers_n ? t->r.headers_n - 1 : 0;

	switch (where) {
	case IN_KEY:
		t->secret.key = flipped(&t->mem, t->secret.key);
		break;
	case IN_BODY:
		t->body = t->body ? flipped(&t->mem, t->body) : "x";
		break;
	case IN_URL:
		if (t->r.query_n == 0) {
			t->r.path = mem_fmt(&t->mem, "%sx", t->r.path);
			break;
		}
		query = mem_array(&t->mem, t->r.query_n, sizeof(*query));
		memcpy(query, t->r.query, t->r.query_n * sizeof(*query));
		query[0].value = *query[0].value ?
					 flipped(&t->mem, query[0].value) :
					 "x";
		t->r.query = query;
		break;
	case IN_TIME:
		t->now++;
		break;
	case IN_NONCE:
		t->nonce = flipped(&t->mem, t->nonce);
		break;
	case IN_HEADER:
		t->headers[last].value =
			flipped(&t->mem, t->headers[last].value);
		break;
	default:
		t->method = "DELETE";
	}
}

static inline void assert_signs(const struct vector *v)
{
	AUTO(sign_out) struct sign_out out = { 0 };
	struct err e = { 0 };
	struct trial t;
	const char *got, *want = v->want;

	trial_make(v, &t);
	got = trial_sign(v, &t, &out, &e);
	if (!got)
		fail_msg("%s: %s", v->source, e.msg);
	if (strncmp(want, "...", 3) == 0) {
		want += 3;
		assert_true(strlen(got) > strlen(want));
		assert_string_equal(got + strlen(got) - strlen(want), want);
	} else {
		assert_string_equal(got, want);
	}
	for (unsigned bit = 1; bit <= IN_METHOD; bit <<= 1) {
		AUTO(sign_out) struct sign_out other = { 0 };
		struct trial changed;
		if (!(v->covers & bit))
			continue;
		trial_make(v, &changed);
		flip(&changed, bit);
		const char *now = trial_sign(v, &changed, &other, &e);
		if (!now || strcmp(now, got) == 0)
			fail_msg("%s: a change of %u is not seen", v->source,
				 bit);
		trial_free(&changed);
	}
	trial_free(&t);
}
