/* DKIM (RFC 6376, 8301, 8463, 8616): signing, verifying, key records. Pure:
 * keys in the DNS come as facts (mail/facts.h). Messages have CRLF ends. */
#pragma once

#include <time.h>

#include "crypto/dkimkey.h"
#include "mail/facts.h"
#include "mail/header.h"

enum dkim_canon { DKIM_SIMPLE, DKIM_RELAXED };

/* "a=b; c=d" (RFC 6376 3.2); a tag twice is an error. */
struct dkim_tag {
	struct str name, value; /* white space around is gone */
	struct dkim_tag *next;
};
int dkim_tags(struct str text, struct mem *m, struct dkim_tag **out,
	      struct err *e);
struct str dkim_tag_get(const struct dkim_tag *tags, const char *name,
			bool *there);

/* One DKIM-Signature field. */
struct dkim_signature {
	const struct header_field *field;
	enum dkimkey_type key;
	enum hash hash;
	struct str b, bh;                      /* decoded */
	struct str domain, selector, identity; /* i= after its '@' */
	struct str headers; /* h=, names with colons between */
	enum dkim_canon head, body;
	bool limited; /* l= is given */
	uint64_t limit;
	time_t made, expires; /* 0: not given */
};
/* ERR_PERM says which tag is wrong. */
int dkim_signature_read(const struct header_field *f, struct mem *m,
			struct dkim_signature *out, struct err *e);

/* A key record. */
struct dkim_record {
	enum dkimkey_type key;
	struct str p;         /* decoded; empty: revoked */
	struct str hashes;    /* h=; empty: all */
	bool testing, strict; /* t=y, t=s */
	bool email;           /* s= lets it sign mail */
};
int dkim_record_read(struct str text, struct mem *m, struct dkim_record *out,
		     struct err *e);
/* "v=DKIM1; k=rsa; h=sha256; p=...": one value, cut by nobody. */
int dkim_record_write(const struct dkimkey *k, struct buf *out, struct err *e);

enum dkim_result {
	DKIM_NONE,
	DKIM_PASS,
	DKIM_FAIL,    /* the signature does not fit */
	DKIM_POLICY,  /* it fits, or might, and is not to be trusted */
	DKIM_NEUTRAL, /* it cannot be read */
	DKIM_TEMPERROR,
	DKIM_PERMERROR, /* no key, or no usable one */
};
const char *dkim_word(enum dkim_result r); /* RFC 8601 2.7.1 */
enum { DKIM_SIGNATURES = 5 }; /* of one message: the others are not looked at */
struct dkim_verdict {
	enum dkim_result result;
	struct dkim_signature signature;
	const char *why; /* one sentence; "" for a pass */
	bool testing;
	unsigned bits;
	bool partial; /* l= left a part of the body unsigned */
};
struct dkim_verdicts {
	struct dkim_verdict at[DKIM_SIGNATURES];
	size_t n;
	size_t passed;
};
/* Which old signatures still count. */
struct dkim_trust {
	unsigned rsa_bits; /* at least */
	bool sha1;
};
extern const struct dkim_trust dkim_trust_now; /* RFC 8301 */
/* False while facts are wanted. */
bool dkim_verify(const struct header *h, const struct dkim_trust *trust,
		 struct facts *f, time_t now, struct mem *m,
		 struct dkim_verdicts *out);

/* What to sign with, and how. */
struct dkim_signer {
	const struct dkimkey *key;
	const char *domain, *selector;
	const char *identity; /* i=; NULL: @domain */
	time_t now;
	time_t lifetime; /* x=; 0: none */
};
/* Appends one whole field, "DKIM-Signature: ...\r\n", relaxed/relaxed. From is
 * signed once more than it is there, as is what must not be added. */
int dkim_sign(const struct dkim_signer *s, const struct header *h,
	      struct buf *out, struct err *e);

/* ---- canonical forms (3.4), for ARC too ---- */
void dkim_canon_field(enum dkim_canon c, const struct header_field *f,
		      struct buf *out);
/* The body's digest; at most `limit` canonical bytes of it. *all: how many
 * there are. */
void dkim_body_hash(enum dkim_canon c, struct str body, enum hash h,
		    uint64_t limit, unsigned char out[static HASH_MAX],
		    uint64_t *all);
/* The digest that a signature signs: the named fields, then `own` with its
 * b= emptied. */
void dkim_head_hash(const struct header *h, enum dkim_canon c, struct str names,
		    const struct header_field *own, enum hash hash,
		    unsigned char out[static HASH_MAX]);
