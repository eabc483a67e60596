/* Verifying (RFC 6376 6). */
#include "mail/dkim.h"

#include <string.h>

#include "base/auto.h"

const struct dkim_trust dkim_trust_now = { .rsa_bits = 1024 };

struct verifier {
	const struct header *h;
	const struct dkim_trust *trust;
	struct facts *facts;
	time_t now;
	struct mem *m;
};

const char *dkim_word(enum dkim_result r)
{
	static const char *const words[] = {
		"none",    "pass",      "fail",      "policy",
		"neutral", "temperror", "permerror",
	};
	return words[r];
}

static void verdict(struct dkim_verdict *v, enum dkim_result r, const char *why)
{
	v->result = r;
	v->why = why;
}

static void check_key(const struct verifier *x, struct dkim_verdict *v,
		      const struct dkimkey *k)
{
	const struct dkim_signature *s = &v->signature;
	unsigned char digest[HASH_MAX];
	const size_t n = hash_size(s->hash);
	v->bits = dkimkey_bits(k);
	if (dkimkey_kind(k) == DKIMKEY_RSA && v->bits < x->trust->rsa_bits) {
		verdict(v, DKIM_POLICY,
			mem_fmt(x->m, "an RSA key of %u bits is too short",
				v->bits));
		return;
	}
	dkim_head_hash(x->h, s->head, s->headers, s->field, s->hash, digest);
	if (dkimkey_verify(k, s->hash, (struct str){ (char *)digest, n }, s->b))
		verdict(v, DKIM_PASS, "");
	else
		verdict(v, DKIM_FAIL,
			"the header is not what was signed, or not with this "
			"key");
}

static bool among(struct str list, const char *word)
{
	struct str one;
	while (str_cut(&list, ':', &one))
		if (str_eqi(str_trim(one), word))
			return true;
	return false;
}

/* Why a key record cannot serve this signature; NULL: it can. */
static const char *unfit(const struct dkim_record *r,
			 const struct dkim_signature *s)
{
	if (r->p.n == 0)
		return "the key is revoked";
	if (r->key != s->key)
		return "the key is of another kind";
	if (r->hashes.n &&
	    !among(r->hashes, s->hash == HASH_SHA1 ? "sha1" : "sha256"))
		return "the key is not for this digest";
	if (!r->email)
		return "the key is not for mail";
	if (r->strict && !str_samei(s->identity, s->domain))
		return "the key does not sign for subdomains";
	return NULL;
}

static void try_record(const struct verifier *x, struct str text,
		       struct dkim_verdict *v)
{
	struct dkim_record r;
	struct err e = { 0 };
	AUTO(dkimkey) struct dkimkey *k = NULL;
	const char *why;
	if (dkim_record_read(text, x->m, &r, &e) < 0)
		why = mem_fmt(x->m, "the key record cannot be read: %s", e.msg);
	else if (!(why = unfit(&r, &v->signature)) &&
		 dkimkey_read_public(r.key, r.p, &k, &e) < 0)
		why = mem_str(x->m, e.msg);
	v->testing = r.testing;
	if (why)
		verdict(v, DKIM_PERMERROR, why);
	else
		check_key(x, v, k);
}

/* Several records are undefined by the RFC: one that fits will do, and else
 * one that could be tried says more than one that could not. */
static bool by_records(const struct verifier *x, struct dkim_verdict *v)
{
	const struct dkim_signature *s = &v->signature;
	const char *name = mem_fmt(x->m, "%.*s._domainkey.%.*s",
				   STR_FMT(s->selector), STR_FMT(s->domain));
	const struct fact *f = facts_look(x->facts, name, DNS_TXT);
	if (!f)
		return false;
	if (f->kind == FACT_TEMP)
		verdict(v, DKIM_TEMPERROR,
			mem_fmt(x->m, "no answer about %s", name));
	else
		verdict(v, DKIM_PERMERROR,
			mem_fmt(x->m, "%s has no key", name));
	for (size_t i = 0; i < f->n && v->result != DKIM_PASS; i++) {
		struct dkim_verdict one = *v;
		try_record(x, f->values[i], &one);
		if (i == 0 || one.result != DKIM_PERMERROR)
			*v = one;
	}
	return true;
}

/* What needs no key: cheap, and most forgeries end here. False: decided. */
static bool before_key(const struct verifier *x, struct dkim_verdict *v)
{
	const struct dkim_signature *s = &v->signature;
	unsigned char digest[HASH_MAX];
	uint64_t all;
	if (s->hash == HASH_SHA1 && !x->trust->sha1) {
		verdict(v, DKIM_POLICY, "rsa-sha1 is no longer trusted");
		return false;
	}
	if (s->expires && s->expires < x->now) {
		verdict(v, DKIM_POLICY, "the signature has expired");
		return false;
	}
	dkim_body_hash(s->body, x->h->body, s->hash,
		       s->limited ? s->limit : UINT64_MAX, digest, &all);
	v->partial = s->limited && s->limit < all;
	if (s->limited && s->limit > all) {
		verdict(v, DKIM_FAIL,
			"the body is shorter than what was "
			"signed");
		return false;
	}
	if (s->bh.n == hash_size(s->hash) && !memcmp(s->bh.at, digest, s->bh.n))
		return true;
	verdict(v, DKIM_FAIL, "the body is not what was signed");
	return false;
}

bool dkim_verify(const struct header *h, const struct dkim_trust *trust,
		 struct facts *f, time_t now, struct mem *m,
		 struct dkim_verdicts *out)
{
	const struct verifier x = { h, trust, f, now, m };
	bool known = true;
	*out = (struct dkim_verdicts){ 0 };
	for (size_t i = 0; i < h->n && out->n < DKIM_SIGNATURES; i++) {
		struct dkim_verdict *v = &out->at[out->n];
		struct err e = { 0 };
		if (!header_is(&h->at[i], "DKIM-Signature"))
			continue;
		out->n++;
		if (dkim_signature_read(&h->at[i], m, &v->signature, &e) < 0)
			verdict(v, DKIM_NEUTRAL, mem_str(m, e.msg));
		else if (before_key(&x, v))
			known = by_records(&x, v) && known;
		out->passed += v->result == DKIM_PASS;
	}
	return known;
}
