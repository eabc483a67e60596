/* Signatures made with a private RSA key. */
#include <jansson.h>
#include <openssl/rsa.h>
#include <string.h>

#include "base/b64.h"
#include "crypto/ossl.h"
#include "crypto/sign_kit.h"

enum { SIGNATURE_MAX = 1024, JWT_LIFETIME = 3600 };

AUTO_DEFINE(json, json_t, json_decref)

enum scheme { PKCS1_SHA256, PKCS1_SHA512, PSS_SHA256 };

static int read_key(const struct sign_work *w, struct key **k, struct err *e)
{
	if (key_read(str_of(w->s->key), k, e))
		return err_at(e, "the key to sign with");
	if (EVP_PKEY_is_a((*k)->pkey, "RSA") != 1)
		return err_set(e, ERR_CONF,
			       "the key to sign with is no RSA key, and this "
			       "signature needs one");
	return 0;
}

/* RFC 8017 8.1 and 8.2; a salt as long as the digest (RFC 7518 3.5). */
static int sign(const struct sign_work *w, enum scheme scheme, struct str data,
		struct buf *out, struct err *e)
{
	const char *digest = scheme == PKCS1_SHA512 ? "SHA512" : "SHA256";
	unsigned char sig[SIGNATURE_MAX];
	size_t n = sizeof(sig);
	EVP_PKEY_CTX *padding = NULL; /* the digest context owns it */

	AUTO(key) struct key *k = NULL;
	if (read_key(w, &k, e))
		return -1;
	AUTO(mdctx) EVP_MD_CTX *c = EVP_MD_CTX_new();
	if (!c ||
	    EVP_DigestSignInit_ex(c, &padding, digest, NULL, NULL, k->pkey,
				  NULL) != 1 ||
	    (scheme == PSS_SHA256 &&
	     (EVP_PKEY_CTX_set_rsa_padding(padding, RSA_PKCS1_PSS_PADDING) !=
		      1 ||
	      EVP_PKEY_CTX_set_rsa_pss_saltlen(padding,
					       RSA_PSS_SALTLEN_DIGEST) != 1)) ||
	    EVP_DigestSign(c, sig, &n, (const unsigned char *)data.at,
			   data.n) != 1)
		return ossl_err(e, ERR_SYS, "cannot sign with this key");
	buf_add(out, sig, n);
	return 0;
}

static int sign_b64(const struct sign_work *w, enum scheme scheme,
		    struct str data, struct buf *out, struct err *e)
{
	AUTO(buf) struct buf raw = { 0 };

	if (sign(w, scheme, data, &raw, e))
		return -1;
	b64_add(out, buf_get(&raw));
	return 0;
}

/* Oracle, "Request signatures" (draft-cavage-http-signatures-08). */
int sign_oci_http_sig(struct sign_work *w, struct err *e)
{
	static const char *const bodied[] = { "POST", "PUT", "PATCH", NULL };
	AUTO(buf) struct buf target = { 0 };
	AUTO(buf) struct buf text = { 0 };
	AUTO(buf) struct buf value = { 0 };
	bool has_body = false;

	for (size_t i = 0; bodied[i]; i++)
		has_body |= strcmp(w->r->method, bodied[i]) == 0;
	sign_add_header(w, "x-date", sign_date(w, SIGN_HTTP));
	if (has_body && !sign_header(w, "content-type"))
		sign_add_header(w, "content-type", "application/json");
	if (has_body) {
		AUTO(buf) struct buf hash = { 0 };
		sign_hash_b64(HASH_SHA256, w->r->body, &hash);
		sign_add_header(w, "content-length",
				mem_fmt(&w->out->mem, "%zu", w->r->body.n));
		sign_add_header(w, "x-content-sha256", buf_c(&hash));
	}
	for (const char *c = w->r->method; *c; c++)
		buf_char(&target,
			 *c >= 'A' && *c <= 'Z' ? (char)(*c - 'A' + 'a') : *c);
	buf_fmt(&target, " %s%s", w->r->path, w->r->query_n ? "?" : "");
	sign_query_wire(w->r, &target);
	buf_fmt(&text, "x-date: %s\n(request-target): %s\nhost: %s",
		sign_header(w, "x-date"), buf_c(&target), w->r->host);
	if (has_body)
		buf_fmt(&text,
			"\ncontent-type: %s\ncontent-length: %s\n"
			"x-content-sha256: %s",
			sign_header(w, "content-type"),
			sign_header(w, "content-length"),
			sign_header(w, "x-content-sha256"));
	buf_fmt(&value,
		"Signature version=\"1\",keyId=\"%s\",algorithm=\"rsa-sha256\","
		"headers=\"x-date (request-target) host%s\",signature=\"",
		w->s->id,
		has_body ? " content-type content-length x-content-sha256" :
			   "");
	if (sign_b64(w, PKCS1_SHA256, buf_get(&text), &value, e))
		return -1;
	buf_char(&value, '"');
	sign_add_header(w, "Authorization", buf_c(&value));
	return 0;
}

/* TransIP, "Authentication": the body of POST /auth, which holds the login
 * and a nonce, is signed as it is sent. */
int sign_rsa512_login(struct sign_work *w, struct err *e)
{
	AUTO(buf) struct buf value = { 0 };

	if (w->r->body.n == 0)
		return err_set(e, ERR_CONF,
			       "rsa512_login signs the body of a login, and "
			       "there is none");
	if (sign_b64(w, PKCS1_SHA512, w->r->body, &value, e))
		return -1;
	sign_add_header(w, "Signature", buf_c(&value));
	return 0;
}

/* Left out where there is no value; -1 when it is not UTF-8. */
static int put(json_t *o, const char *name, const char *value)
{
	return sign_is_set(value) ?
		       json_object_set_new(o, name, json_string(value)) :
		       0;
}

static int put_time(json_t *o, const char *name, time_t t)
{
	return json_object_set_new(o, name, json_integer((json_int_t)t));
}

static int add_json(const char *bytes, size_t n, void *out)
{
	buf_add(out, bytes, n);
	return 0;
}

static void add_part(const json_t *o, struct buf *out)
{
	AUTO(buf) struct buf text = { 0 };

	(void)json_dump_callback(o, add_json, &text, JSON_COMPACT);
	b64url_add(out, buf_get(&text));
}

/* RFC 7519 with the claims of RFC 7523 3, as Google ("Using OAuth 2.0 for
 * server to server applications") and Yandex want them. */
static int jwt(struct sign_work *w, const char *alg, enum scheme scheme,
	       struct err *e)
{
	AUTO(json) json_t *header = json_object();
	AUTO(json) json_t *claims = json_object();
	AUTO(buf) struct buf text = { 0 };
	AUTO(buf) struct buf sig = { 0 };
	const struct sign_secret *s = w->s;
	time_t end = w->now + (s->lifetime ? s->lifetime : JWT_LIFETIME);

	if (put(header, "alg", alg) || put(header, "typ", "JWT") ||
	    put(header, "kid", s->key_id) || put(claims, "iss", s->id) ||
	    put(claims, "scope", s->scope) || put(claims, "aud", s->audience) ||
	    put_time(claims, "exp", end) || put_time(claims, "iat", w->now) ||
	    put(claims, "sub", s->subject))
		return err_set(e, ERR_CONF,
			       "what a login token shall say is no UTF-8 text");
	add_part(header, &text);
	buf_char(&text, '.');
	add_part(claims, &text);
	if (sign(w, scheme, buf_get(&text), &sig, e))
		return -1;
	buf_char(&text, '.');
	b64url_add(&text, buf_get(&sig));
	w->out->text = mem_str(&w->out->mem, buf_c(&text));
	return 0;
}

int sign_jwt_rs256(struct sign_work *w, struct err *e)
{
	return jwt(w, "RS256", PKCS1_SHA256, e);
}

int sign_jwt_ps256(struct sign_work *w, struct err *e)
{
	return jwt(w, "PS256", PSS_SHA256, e);
}
