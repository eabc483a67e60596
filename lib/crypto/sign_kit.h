/* What the signers share: canonical forms, digests as text, dates, and what
 * they put out. For lib/crypto/sign*.c alone. */
#pragma once

#include "crypto/hmac.h"
#include "crypto/sign.h"

struct sign_work {
	const struct sign_request *r;
	const struct sign_secret *s;
	time_t now;
	const char *nonce;
	struct sign_out *out;
};

/* Rows of the table in sign.c, by file. */
int sign_aws4(struct sign_work *w, struct err *e); /* sign_derived.c */
int sign_jdcloud2(struct sign_work *w, struct err *e);
int sign_volc(struct sign_work *w, struct err *e);
int sign_tc3(struct sign_work *w, struct err *e);
int sign_aliyun_rpc1(struct sign_work *w, struct err *e); /* sign_plain.c */
int sign_acs3(struct sign_work *w, struct err *e);
int sign_huawei_sdk(struct sign_work *w, struct err *e);
int sign_bce1(struct sign_work *w, struct err *e);
int sign_ovh1(struct sign_work *w, struct err *e);
int sign_active24(struct sign_work *w, struct err *e);
int sign_edgegrid(struct sign_work *w, struct err *e);
int sign_oci_http_sig(struct sign_work *w, struct err *e); /* sign_rsa.c */
int sign_rsa512_login(struct sign_work *w, struct err *e);
int sign_jwt_rs256(struct sign_work *w, struct err *e);
int sign_jwt_ps256(struct sign_work *w, struct err *e);

bool sign_is_set(const char *s);
void sign_add_header(struct sign_work *w, const char *name, const char *value);
void sign_add_query(struct sign_work *w, const char *name, const char *value);
/* What was added, else the request's own, blanks around it dropped; NULL: no
 * such header. */
const char *sign_header(struct sign_work *w, const char *name);

/* `now` in UTC, in the vendors' forms. */
enum sign_stamp {
	SIGN_DAY,        /* 20260921 */
	SIGN_DAY_DASHED, /* 2026-09-21 */
	SIGN_BASIC,      /* 20260921T141320Z */
	SIGN_ISO,        /* 2026-09-21T14:13:20Z */
	SIGN_HTTP,       /* Mon, 21 Sep 2026 14:13:20 GMT */
	SIGN_EDGEGRID    /* 20260921T14:13:20+0000 */
};
const char *sign_date(struct sign_work *w, enum sign_stamp form);

/* Which headers are signed: these and those that begin so, or all but one,
 * and never those that libcurl or a proxy writes anew. Host always. */
struct sign_rule {
	const char *const *only; /* ends with NULL; NULL: all */
	const char *prefix;      /* beside `only` */
	const char *except;
};
struct sign_headers {
	struct sign_pair *at; /* lower case, sorted, values trimmed */
	size_t n;
};
void sign_headers(struct sign_work *w, const struct sign_rule *rule,
		  struct sign_headers *out);
void sign_headers_names(const struct sign_headers *h, struct buf *out);
/* "name:value\n" each; folded: blanks inside a value are one blank. */
void sign_headers_text(const struct sign_headers *h, struct buf *out);
void sign_headers_folded(const struct sign_headers *h, struct buf *out);

enum sign_order {
	SIGN_BY_NAME,    /* plain names, then plain values */
	SIGN_BY_ENCODED, /* encoded names, then encoded values */
	SIGN_BY_LINE,    /* "name=value", encoded */
};
void sign_query_text(struct sign_work *w, enum sign_order order,
		     struct buf *out);
/* What travels behind '?', without what was added. */
void sign_query_wire(const struct sign_request *r, struct buf *out);
/* The path with each %-code decoded and encoded anew. */
void sign_path_text(struct str path, struct buf *out);

void sign_hash_hex(enum hash h, struct str data, struct buf *out);
void sign_hash_b64(enum hash h, struct str data, struct buf *out);
void sign_hmac_hex(enum hash h, struct str key, struct str data,
		   struct buf *out);
void sign_hmac_b64(enum hash h, struct str key, struct str data,
		   struct buf *out);
