/* Vendor request signatures by name, so that a descriptor can say
 * `sign: aws4`. Pure: a request, a secret, the time and a nonce go in, the
 * headers and query parameters to add come out; nothing is sent.
 *
 * What each was compared with, byte for byte, by tests/unit/crypto_sign_*.c:
 *	aws4          Amazon's test suite; npm aws4
 *	aliyun_rpc1   Alibaba's documented example; npm @alicloud/openapi-util
 *	acs3          Alibaba's documented example; npm @alicloud/openapi-util
 *	tc3           Tencent's documented example; npm tencentcloud-sdk
 *	huawei_sdk    Huawei's documented example; npm huaweicloud-sdk-core
 *	ovh1          npm ovh
 *	active24      Python's hmac; lego's requests, by the mock
 *	edgegrid      npm akamai-edgegrid
 *	oci_http_sig  npm oci-common
 *	jwt_rs256     npm jws, which google-auth-library signs with
 *	jwt_ps256     npm jsonwebtoken, which Yandex' SDK signs with; salted, so
 *	              each side's token is verified by the other's means
 *	rsa512_login  npm node-forge over the scheme of TransIP's documentation
 *	bce1          npm @baiducloud/sdk
 *	jdcloud2      JD's own signer for Node
 *	volc          npm @volcengine/openapi */
#pragma once

#include <time.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"

struct sign_pair {
	const char *name, *value;
};

/* Header names in any case, none twice. Query pairs are plain text, sent in
 * this order as sign_url_write writes them: several vendors sign the bytes
 * that travel. */
struct sign_request {
	const char *method; /* "GET" */
	const char *scheme; /* "https" */
	const char *host; /* as in the Host header, with a port that is sent */
	const char *path; /* as it travels: begins with '/', %-encoded */
	const struct sign_pair *query;
	size_t query_n;
	const struct sign_pair *headers;
	size_t headers_n;
	struct str body;
};

enum sign_member {
	SIGN_ID = 1 << 0,
	SIGN_KEY = 1 << 1,
	SIGN_TOKEN = 1 << 2,
	SIGN_REGION = 1 << 3,
	SIGN_SERVICE = 1 << 4,
	SIGN_KEY_ID = 1 << 5,
	SIGN_AUDIENCE = 1 << 6,
	SIGN_SCOPE = 1 << 7,
	SIGN_SUBJECT = 1 << 8,
	SIGN_PEM = 1 << 9,    /* `key` is an RSA private key as PEM */
	SIGN_NONCE = 1 << 10, /* a nonce that was never used before */
};

/* What a signer does not take is ignored. NULL and "" both mean: not set. */
struct sign_secret {
	const char *id;    /* access key, application key, client token, OCI's
	                    tenancy/user/fingerprint, issuer of a JWT */
	const char *key;   /* the shared secret or a private key */
	const char *token; /* session token, consumer key, access token */
	const char *region, *service;
	const char *key_id, *audience, *scope, *subject; /* of a JWT */
	time_t delta;    /* ovh1: the server's clock less ours */
	time_t lifetime; /* JWT and bce1, in seconds; 0: the vendor's own */
};

/* Its arena owns all of it; secrets are not in it, but signatures are. */
struct sign_out {
	struct mem mem;
	struct sign_pair *headers; /* to add, or to put over one of that name */
	size_t headers_n, headers_room;
	struct sign_pair *query; /* to append */
	size_t query_n, query_room;
	const char *text; /* the JWT, for a login request; else NULL */
};
void sign_out_free(struct sign_out *out);
static inline void auto_sign_out(struct sign_out *out)
{
	sign_out_free(out);
}

struct sign_work;
struct sign_kind {
	const char *name, *title;
	unsigned needs, takes; /* enum sign_member; takes: optional ones */
	int (*sign)(struct sign_work *w, struct err *e);
};
const struct sign_kind *sign_find(const char *name); /* NULL: unknown */
const struct sign_kind *sign_table(size_t *n);       /* for help and lint */
/* What a bit is called in descriptors and sentences: "region". */
const char *sign_member_name(enum sign_member bit);

/* ERR_CONF names what is missing, or what cannot be signed: line breaks in
 * headers, a header twice, a path with "." or ".." steps, a wrong key. `out`
 * is { 0 } before and is freed by the caller in every case. nonce may be NULL
 * where the row does not need one. */
int sign_by_name(const char *name, const struct sign_request *r,
		 const struct sign_secret *s, time_t now, const char *nonce,
		 struct sign_out *out, struct err *e);

/* Splits an absolute http or https URL into scheme, host, path and decoded
 * query of *r, which keeps its other members. Refused with ERR_CONF: user
 * names, fragments, spaces and other bytes that do not belong in a URL, wrong
 * %-codes, %00, "." and ".." steps, more than 8 KiB. */
int sign_url(struct str url, struct mem *m, struct sign_request *r,
	     struct err *e);
/* The URL of a request with what a signature adds (out may be NULL). */
void sign_url_write(const struct sign_request *r, const struct sign_out *out,
		    struct buf *url);
/* RFC 3986 2.3: all but A-Z a-z 0-9 - . _ ~ becomes %XX. */
void sign_encode(struct buf *out, struct str plain);
