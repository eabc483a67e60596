/* Signatures made with the secret itself, or with one HMAC of it. */
#include <string.h>

#include "base/b64.h"
#include "crypto/sign_kit.h"

/* Akamai hashes no more of a body than its first 128 KiB. */
enum { EDGEGRID_BODY = 128 * 1024, BCE_LIFETIME = 1800 };

/* Alibaba, "RPC signature": all parameters are in the query, sorted, encoded,
 * and the whole encoded once more. */
int sign_aliyun_rpc1(struct sign_work *w, struct err *e)
{
	AUTO(buf) struct buf query = { 0 };
	AUTO(buf) struct buf text = { 0 };
	AUTO(buf) struct buf sig = { 0 };
	AUTO(secret) struct buf key = { 0 };

	if (w->r->body.n)
		return err_set(e, ERR_CONF,
			       "aliyun_rpc1 signs no body: put the parameters "
			       "into the query");
	sign_add_query(w, "AccessKeyId", w->s->id);
	sign_add_query(w, "SignatureMethod", "HMAC-SHA1");
	sign_add_query(w, "SignatureNonce", w->nonce);
	sign_add_query(w, "SignatureVersion", "1.0");
	sign_add_query(w, "Timestamp", sign_date(w, SIGN_ISO));
	if (sign_is_set(w->s->token))
		sign_add_query(w, "SecurityToken", w->s->token);
	sign_query_text(w, SIGN_BY_NAME, &query);
	buf_fmt(&text, "%s&%%2F&", w->r->method);
	sign_encode(&text, buf_get(&query));
	buf_fmt(&key, "%s&", w->s->key);
	sign_hmac_b64(HASH_SHA1, buf_get(&key), buf_get(&text), &sig);
	sign_add_query(w, "Signature", buf_c(&sig));
	return 0;
}

/* The canonical request that acs3 and huawei_sdk hash, and its hash. */
static void canonical_hash(struct sign_work *w, const char *path_end,
			   const struct sign_headers *h, struct buf *out)
{
	AUTO(buf) struct buf text = { 0 };

	buf_fmt(&text, "%s\n", w->r->method);
	sign_path_text(str_of(w->r->path), &text);
	buf_fmt(&text, "%s\n", path_end);
	sign_query_text(w, SIGN_BY_NAME, &text);
	buf_char(&text, '\n');
	sign_headers_text(h, &text);
	buf_char(&text, '\n');
	sign_headers_names(h, &text);
	buf_char(&text, '\n');
	sign_hash_hex(HASH_SHA256, w->r->body, &text);
	sign_hash_hex(HASH_SHA256, buf_get(&text), out);
}

/* Alibaba, "V3 request structure and signature". */
int sign_acs3(struct sign_work *w, struct err *e)
{
	static const char *const names[] = { "content-type", NULL };
	static const struct sign_rule rule = { names, "x-acs-", NULL };
	AUTO(buf) struct buf body = { 0 };
	AUTO(buf) struct buf text = { 0 };
	AUTO(buf) struct buf value = { 0 };
	struct sign_headers h;

	(void)e;
	sign_hash_hex(HASH_SHA256, w->r->body, &body);
	sign_add_header(w, "x-acs-content-sha256", buf_c(&body));
	sign_add_header(w, "x-acs-date", sign_date(w, SIGN_ISO));
	sign_add_header(w, "x-acs-signature-nonce", w->nonce);
	if (sign_is_set(w->s->token))
		sign_add_header(w, "x-acs-security-token", w->s->token);
	sign_headers(w, &rule, &h);
	buf_str(&text, "ACS3-HMAC-SHA256\n");
	canonical_hash(w, "", &h, &text);
	buf_fmt(&value,
		"ACS3-HMAC-SHA256 Credential=%s,SignedHeaders=", w->s->id);
	sign_headers_names(&h, &value);
	buf_str(&value, ",Signature=");
	sign_hmac_hex(HASH_SHA256, str_of(w->s->key), buf_get(&text), &value);
	sign_add_header(w, "Authorization", buf_c(&value));
	return 0;
}

/* Huawei, "API request signing guide": a path ends with a slash when signed. */
int sign_huawei_sdk(struct sign_work *w, struct err *e)
{
	static const struct sign_rule rule = { 0 };
	AUTO(buf) struct buf text = { 0 };
	AUTO(buf) struct buf value = { 0 };
	struct sign_headers h;
	const char *stamp = sign_date(w, SIGN_BASIC);

	(void)e;
	sign_add_header(w, "X-Sdk-Date", stamp);
	if (sign_is_set(w->s->token))
		sign_add_header(w, "X-Security-Token", w->s->token);
	sign_headers(w, &rule, &h);
	buf_fmt(&text, "SDK-HMAC-SHA256\n%s\n", stamp);
	canonical_hash(w, str_ends(str_of(w->r->path), "/") ? "" : "/", &h,
		       &text);
	buf_fmt(&value, "SDK-HMAC-SHA256 Access=%s, SignedHeaders=", w->s->id);
	sign_headers_names(&h, &value);
	buf_str(&value, ", Signature=");
	sign_hmac_hex(HASH_SHA256, str_of(w->s->key), buf_get(&text), &value);
	sign_add_header(w, "Authorization", buf_c(&value));
	return 0;
}

static void bce_headers(const struct sign_headers *h, struct buf *out)
{
	for (size_t i = 0; i < h->n; i++) {
		if (i > 0)
			buf_char(out, '\n');
		sign_encode(out, str_of(h->at[i].name));
		buf_char(out, ':');
		sign_encode(out, str_of(h->at[i].value));
	}
}

/* Baidu, "generating an authentication string": the key of the signature is
 * the text of an HMAC over what precedes it in the header. */
int sign_bce1(struct sign_work *w, struct err *e)
{
	static const char *const names[] = { "content-md5", "content-type",
					     NULL };
	static const struct sign_rule rule = { names, "x-bce-", NULL };
	AUTO(secret) struct buf key = { 0 };
	AUTO(buf) struct buf text = { 0 };
	AUTO(buf) struct buf value = { 0 };
	struct sign_headers h;
	const char *stamp = sign_date(w, SIGN_ISO);

	(void)e;
	sign_add_header(w, "x-bce-date", stamp);
	if (sign_is_set(w->s->token))
		sign_add_header(w, "x-bce-security-token", w->s->token);
	sign_headers(w, &rule, &h);
	buf_fmt(&value, "bce-auth-v1/%s/%s/%lld", w->s->id, stamp,
		(long long)(w->s->lifetime ? w->s->lifetime : BCE_LIFETIME));
	sign_hmac_hex(HASH_SHA256, str_of(w->s->key), buf_get(&value), &key);
	buf_fmt(&text, "%s\n", w->r->method);
	sign_path_text(str_of(w->r->path), &text);
	buf_char(&text, '\n');
	sign_query_text(w, SIGN_BY_LINE, &text);
	buf_char(&text, '\n');
	bce_headers(&h, &text);
	buf_char(&value, '/');
	sign_headers_names(&h, &value);
	buf_char(&value, '/');
	sign_hmac_hex(HASH_SHA256, buf_get(&key), buf_get(&text), &value);
	sign_add_header(w, "Authorization", buf_c(&value));
	return 0;
}

/* OVH, "First steps with the API". The server's clock counts: its distance
 * comes from GET /auth/time. */
int sign_ovh1(struct sign_work *w, struct err *e)
{
	AUTO(secret) struct buf text = { 0 };
	AUTO(buf) struct buf sig = { 0 };
	time_t there = w->now + w->s->delta;
	const char *stamp = mem_fmt(&w->out->mem, "%lld", (long long)there);

	(void)e;
	buf_fmt(&text, "%s+%s+%s+", w->s->key, w->s->token, w->r->method);
	sign_url_write(w->r, NULL, &text);
	buf_char(&text, '+');
	buf_view(&text, w->r->body);
	buf_fmt(&text, "+%s", stamp);
	buf_str(&sig, "$1$");
	sign_hash_hex(HASH_SHA1, buf_get(&text), &sig);
	sign_add_header(w, "X-Ovh-Application", w->s->id);
	sign_add_header(w, "X-Ovh-Consumer", w->s->token);
	sign_add_header(w, "X-Ovh-Timestamp", stamp);
	sign_add_header(w, "X-Ovh-Signature", buf_c(&sig));
	return 0;
}

/* https://rest.active24.cz/v2/docs/intro: the signature is the password. */
int sign_active24(struct sign_work *w, struct err *e)
{
	AUTO(buf) struct buf text = { 0 };
	AUTO(buf) struct buf login = { 0 };
	AUTO(buf) struct buf basic = { 0 };

	(void)e;
	buf_fmt(&text, "%s %s %lld", w->r->method, w->r->path,
		(long long)w->now);
	buf_fmt(&login, "%s:", w->s->id);
	sign_hmac_hex(HASH_SHA1, str_of(w->s->key), buf_get(&text), &login);
	buf_str(&basic, "Basic ");
	b64_add(&basic, buf_get(&login));
	sign_add_header(w, "Authorization", buf_c(&basic));
	sign_add_header(w, "Date", sign_date(w, SIGN_ISO));
	return 0;
}

static void edgegrid_body(const struct sign_request *r, struct buf *out)
{
	struct str body = r->body;

	if (strcmp(r->method, "POST") != 0 || body.n == 0)
		return;
	if (body.n > EDGEGRID_BODY)
		body.n = EDGEGRID_BODY;
	sign_hash_b64(HASH_SHA256, body, out);
}

/* Akamai, "Authenticate with EdgeGrid". No API of theirs that we call wants
 * headers signed, and bodies count with POST alone. */
int sign_edgegrid(struct sign_work *w, struct err *e)
{
	const char *stamp = sign_date(w, SIGN_EDGEGRID);
	AUTO(secret) struct buf key = { 0 };
	AUTO(buf) struct buf text = { 0 };
	AUTO(buf) struct buf value = { 0 };

	(void)e;
	buf_fmt(&value,
		"EG1-HMAC-SHA256 client_token=%s;access_token=%s;timestamp=%s;"
		"nonce=%s;",
		w->s->id, w->s->token, stamp, w->nonce);
	buf_fmt(&text, "%s\t%s\t%s\t%s", w->r->method, w->r->scheme, w->r->host,
		w->r->path);
	if (w->r->query_n)
		buf_char(&text, '?');
	sign_query_wire(w->r, &text);
	buf_str(&text, "\t\t");
	edgegrid_body(w->r, &text);
	buf_char(&text, '\t');
	buf_view(&text, buf_get(&value));
	sign_hmac_b64(HASH_SHA256, str_of(w->s->key), str_of(stamp), &key);
	buf_str(&value, "signature=");
	sign_hmac_b64(HASH_SHA256, buf_get(&key), buf_get(&text), &value);
	sign_add_header(w, "Authorization", buf_c(&value));
	return 0;
}
