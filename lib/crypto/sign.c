#include "crypto/sign.h"

#include <string.h>

#include "crypto/sign_kit.h"

/* 9999-12-31T23:59:59Z: later years do not fit the vendors' formats. */
#define TIME_LAST ((time_t)253402300799)
enum {
	FIELD_MAX = 64 * 1024,
	METHOD_MAX = 32,
	PAIRS_MAX = 1000,
	TEXT_MAX = 1024 * 1024,
	BODY_MAX = 8 * 1024 * 1024,
	LIFETIME_MAX = 366 * 86400,
};

#define SHARED (SIGN_ID | SIGN_KEY)
#define SCOPED (SHARED | SIGN_REGION | SIGN_SERVICE)

static const struct sign_kind kinds[] = {
	{ "acs3", "Alibaba Cloud ACS3-HMAC-SHA256", SHARED | SIGN_NONCE,
	  SIGN_TOKEN, sign_acs3 },
	{ "active24", "Active24 and Websupport, HMAC-SHA1", SHARED, 0,
	  sign_active24 },
	{ "aliyun_rpc1", "Alibaba Cloud RPC, HMAC-SHA1", SHARED | SIGN_NONCE,
	  SIGN_TOKEN, sign_aliyun_rpc1 },
	{ "aws4", "AWS Signature Version 4", SCOPED, SIGN_TOKEN, sign_aws4 },
	{ "bce1", "Baidu BCE v1", SHARED, SIGN_TOKEN, sign_bce1 },
	{ "edgegrid", "Akamai EG1-HMAC-SHA256",
	  SHARED | SIGN_TOKEN | SIGN_NONCE, 0, sign_edgegrid },
	{ "huawei_sdk", "Huawei SDK-HMAC-SHA256", SHARED, SIGN_TOKEN,
	  sign_huawei_sdk },
	{ "jdcloud2", "JDCLOUD2-HMAC-SHA256", SCOPED | SIGN_NONCE, SIGN_TOKEN,
	  sign_jdcloud2 },
	{ "jwt_ps256", "JSON Web Token, RSASSA-PSS and SHA-256",
	  SIGN_ID | SIGN_KEY | SIGN_PEM | SIGN_AUDIENCE,
	  SIGN_KEY_ID | SIGN_SCOPE | SIGN_SUBJECT, sign_jwt_ps256 },
	{ "jwt_rs256", "JSON Web Token, RSA and SHA-256",
	  SIGN_ID | SIGN_KEY | SIGN_PEM | SIGN_AUDIENCE,
	  SIGN_KEY_ID | SIGN_SCOPE | SIGN_SUBJECT, sign_jwt_rs256 },
	{ "oci_http_sig", "Oracle HTTP signature, RSA and SHA-256",
	  SIGN_ID | SIGN_KEY | SIGN_PEM, 0, sign_oci_http_sig },
	{ "ovh1", "OVH $1$, SHA-1", SHARED | SIGN_TOKEN, 0, sign_ovh1 },
	{ "rsa512_login", "TransIP login, RSA and SHA-512", SIGN_KEY | SIGN_PEM,
	  0, sign_rsa512_login },
	{ "tc3", "Tencent TC3-HMAC-SHA256", SHARED | SIGN_SERVICE, SIGN_TOKEN,
	  sign_tc3 },
	{ "volc", "Volcengine HMAC-SHA256", SCOPED, SIGN_TOKEN, sign_volc },
};
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

const struct sign_kind *sign_table(size_t *n)
{
	*n = KINDS;
	return kinds;
}

const struct sign_kind *sign_find(const char *name)
{
	for (size_t i = 0; i < KINDS; i++)
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	return NULL;
}

const char *sign_member_name(enum sign_member bit)
{
	switch (bit) {
	case SIGN_ID:
		return "id";
	case SIGN_KEY:
		return "key";
	case SIGN_TOKEN:
		return "token";
	case SIGN_REGION:
		return "region";
	case SIGN_SERVICE:
		return "service";
	case SIGN_KEY_ID:
		return "key_id";
	case SIGN_AUDIENCE:
		return "audience";
	case SIGN_SCOPE:
		return "scope";
	case SIGN_SUBJECT:
		return "subject";
	case SIGN_PEM:
		return "pem";
	case SIGN_NONCE:
		return "nonce";
	}
	return "?";
}

void sign_out_free(struct sign_out *out)
{
	mem_free(&out->mem);
	*out = (struct sign_out){ 0 };
}

/* The member behind a bit; for SIGN_PEM there is none but `key`. */
static const char *member(const struct sign_work *w, enum sign_member bit)
{
	const struct sign_secret *s = w->s;

	switch (bit) {
	case SIGN_ID:
		return s->id;
	case SIGN_KEY:
	case SIGN_PEM:
		return s->key;
	case SIGN_TOKEN:
		return s->token;
	case SIGN_REGION:
		return s->region;
	case SIGN_SERVICE:
		return s->service;
	case SIGN_KEY_ID:
		return s->key_id;
	case SIGN_AUDIENCE:
		return s->audience;
	case SIGN_SCOPE:
		return s->scope;
	case SIGN_SUBJECT:
		return s->subject;
	case SIGN_NONCE:
		return w->nonce;
	}
	return NULL;
}

/* Printable ASCII and UTF-8, so that no value ends a header's line. */
static bool is_line(const char *s)
{
	for (; *s; s++)
		if (((unsigned char)*s < 0x20 && *s != '\t') || *s == 0x7f)
			return false;
	return true;
}

static int check_secret(const struct sign_kind *k, const struct sign_work *w,
			struct err *e)
{
	for (unsigned bit = SIGN_ID; bit <= SIGN_NONCE; bit <<= 1) {
		const char *value = member(w, (enum sign_member)bit);
		const char *name = sign_member_name((enum sign_member)bit);

		if ((k->needs & bit) && !sign_is_set(value))
			return err_set(e, ERR_CONF,
				       "the signature %s needs a value for "
				       "\"%s\", and there is none",
				       k->name, name);
		if (value && strlen(value) > FIELD_MAX)
			return err_set(e, ERR_CONF,
				       "\"%s\" for the signature %s is longer "
				       "than 64 KiB",
				       name, k->name);
		/* Keys are never sent, and those of PEM have lines. */
		if (value && !(bit & (SIGN_KEY | SIGN_PEM)) && !is_line(value))
			return err_set(e, ERR_CONF,
				       "\"%s\" for the signature %s has a line "
				       "break or another control character",
				       name, k->name);
	}
	return 0;
}

/* RFC 9110 5.6.2, for methods and names of headers. */
static bool is_token(const char *s)
{
	static const char marks[] = "!#$%&'*+-.^_`|~";

	for (const char *at = s; *at; at++)
		if (!(*at >= 'a' && *at <= 'z') &&
		    !(*at >= 'A' && *at <= 'Z') &&
		    !(*at >= '0' && *at <= '9') && !strchr(marks, *at))
			return false;
	return *s;
}

static int check_headers(const struct sign_request *r, struct err *e)
{
	for (size_t i = 0; i < r->headers_n; i++) {
		const struct sign_pair *h = &r->headers[i];

		if (!is_token(h->name) || !is_line(h->value))
			return err_set(e, ERR_CONF,
				       "a header of the request to sign has a "
				       "line break or a wrong name");
		for (size_t j = 0; j < i; j++)
			if (str_samei(str_of(h->name),
				      str_of(r->headers[j].name)))
				return err_set(
					e, ERR_CONF,
					"the header %s is in the request "
					"to sign twice: give it once",
					h->name);
	}
	return 0;
}

/* What canonical forms hold at most is bounded, so that no buffer of theirs
 * is ever cut short and signed. */
static int check_size(const struct sign_request *r, struct err *e)
{
	size_t n = r->body.n > BODY_MAX || r->headers_n > PAIRS_MAX ||
				   r->query_n > PAIRS_MAX ?
			   TEXT_MAX + 1 :
			   0;

	for (size_t i = 0; n <= TEXT_MAX && i < r->headers_n; i++)
		n += strlen(r->headers[i].name) + strlen(r->headers[i].value);
	for (size_t i = 0; n <= TEXT_MAX && i < r->query_n; i++)
		n += strlen(r->query[i].name) + strlen(r->query[i].value);
	if (n > TEXT_MAX)
		return err_set(e, ERR_CONF,
			       "the request is too large to sign: 1000 headers "
			       "and parameters, 1 MiB of them and a body of 8 "
			       "MiB are the most");
	return 0;
}

static int check_request(const struct sign_request *r, struct err *e)
{
	struct sign_request parts = { 0 };
	AUTO(mem) struct mem m = { 0 };
	AUTO(buf) struct buf url = { 0 };

	if (!is_token(r->method) || strlen(r->method) > METHOD_MAX)
		return err_set(e, ERR_CONF, "no HTTP method to sign");
	buf_fmt(&url, "%s://%s%s", r->scheme, r->host, r->path);
	if (sign_url(buf_get(&url), &m, &parts, e) || check_size(r, e))
		return -1;
	if (strcmp(parts.host, r->host) != 0 ||
	    strcmp(parts.path, r->path) != 0)
		return err_set(e, ERR_CONF,
			       "the host or the path to sign holds more than "
			       "its name says");
	return check_headers(r, e);
}

int sign_by_name(const char *name, const struct sign_request *r,
		 const struct sign_secret *s, time_t now, const char *nonce,
		 struct sign_out *out, struct err *e)
{
	struct sign_work w = { r, s, now, nonce, out };
	const struct sign_kind *k = sign_find(name);

	if (!k)
		return err_set(e, ERR_CONF,
			       "there is no signature named \"%s\"", name);
	if (now < 0 || now > TIME_LAST || s->delta < -TIME_LAST ||
	    s->delta > TIME_LAST || s->lifetime < 0 ||
	    s->lifetime > LIFETIME_MAX)
		return err_set(e, ERR_CONF,
			       "the clock or a lifetime is out of range: "
			       "nothing can be signed");
	if (check_secret(k, &w, e) || check_request(r, e))
		return -1;
	return k->sign(&w, e);
}
