#include "crypto/jose.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <string.h>

#include "base/auto.h"
#include "base/b64.h"
#include "crypto/ossl.h"

AUTO_DEFINE(json, json_t, json_decref)

/* The largest coordinate or modulus, in bytes: an RSA key of 8192 bits. */
enum { NUMBER_MAX = 1024, CURVE_MAX = 48 };

static const struct algorithm {
	const char *name, *crv; /* NULL: RSA */
	enum hash hash;
	const char *digest;
	int size; /* of a coordinate, RFC 7518 3.4 */
} algorithms[KEY_TYPES] = {
	[KEY_P256] = { "ES256", "P-256", HASH_SHA256, "SHA256", 32 },
	[KEY_P384] = { "ES384", "P-384", HASH_SHA384, "SHA384", 48 },
	[KEY_RSA2048] = { "RS256", NULL, HASH_SHA256, "SHA256", 0 },
	[KEY_RSA3072] = { "RS256", NULL, HASH_SHA256, "SHA256", 0 },
	[KEY_RSA4096] = { "RS256", NULL, HASH_SHA256, "SHA256", 0 },
};

const char *jose_alg(const struct key *k)
{
	return algorithms[k->type].name;
}

/* A number of the public key as base64url, `size` bytes wide (0: as needed). */
static int add_number(const struct key *k, const char *param, int size,
		      struct buf *out)
{
	AUTO(bignum) BIGNUM *n = NULL;
	unsigned char bytes[NUMBER_MAX];

	if (EVP_PKEY_get_bn_param(k->pkey, param, &n) != 1)
		return -1;
	if (size == 0)
		size = BN_num_bytes(n);
	if (size > NUMBER_MAX || BN_bn2binpad(n, bytes, size) != size)
		return -1;
	b64url_add(out, (struct str){ (const char *)bytes, (size_t)size });
	return 0;
}

int jose_jwk(const struct key *k, struct buf *out, struct err *e)
{
	const struct algorithm *a = &algorithms[k->type];
	const char *first = a->crv ? OSSL_PKEY_PARAM_EC_PUB_X :
				     OSSL_PKEY_PARAM_RSA_E;
	const char *second = a->crv ? OSSL_PKEY_PARAM_EC_PUB_Y :
				      OSSL_PKEY_PARAM_RSA_N;

	if (a->crv)
		buf_fmt(out, "{\"crv\":\"%s\",\"kty\":\"EC\",\"x\":\"", a->crv);
	else
		buf_str(out, "{\"e\":\"");
	int bad = add_number(k, first, a->size, out);
	buf_str(out, a->crv ? "\",\"y\":\"" : "\",\"kty\":\"RSA\",\"n\":\"");
	bad |= add_number(k, second, a->size, out);
	buf_str(out, "\"}");
	if (bad)
		return ossl_err(e, ERR_SYS, "cannot write a public key");
	return 0;
}

int jose_thumbprint(const struct key *k, struct buf *out, struct err *e)
{
	AUTO(buf) struct buf jwk = { 0 };
	unsigned char digest[HASH_MAX];

	if (jose_jwk(k, &jwk, e))
		return -1;
	hash_of(HASH_SHA256, buf_get(&jwk), digest);
	b64url_add(out, (struct str){ (const char *)digest, 32 });
	return 0;
}

/* OpenSSL speaks DER, JOSE r and s side by side (RFC 7518 3.4). */
static int ecdsa_to_raw(const unsigned char *der, size_t n, int size,
			struct buf *out)
{
	unsigned char raw[2 * CURVE_MAX];

	AUTO(ecdsa) ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &der, (long)n);
	if (!sig || BN_bn2binpad(ECDSA_SIG_get0_r(sig), raw, size) != size ||
	    BN_bn2binpad(ECDSA_SIG_get0_s(sig), raw + size, size) != size)
		return -1;
	buf_add(out, raw, 2 * (size_t)size);
	return 0;
}

static int ecdsa_from_raw(struct str raw, int size, unsigned char **der)
{
	AUTO(ecdsa) ECDSA_SIG *sig = ECDSA_SIG_new();
	const unsigned char *at = (const unsigned char *)raw.at;

	if (!sig || raw.n != 2 * (size_t)size)
		return -1;
	AUTO(bignum) BIGNUM *r = BN_bin2bn(at, size, NULL);
	AUTO(bignum) BIGNUM *s = BN_bin2bn(at + size, size, NULL);
	if (!r || !s || ECDSA_SIG_set0(sig, r, s) != 1)
		return -1;
	(void)TAKE(r);
	(void)TAKE(s);
	return i2d_ECDSA_SIG(sig, der);
}

static int sign(const struct key *k, struct str data, struct buf *raw,
		struct err *e)
{
	const struct algorithm *a = &algorithms[k->type];
	unsigned char out[NUMBER_MAX];
	size_t n = sizeof(out);

	AUTO(mdctx) EVP_MD_CTX *c = EVP_MD_CTX_new();
	if (!c ||
	    EVP_DigestSignInit_ex(c, NULL, a->digest, NULL, NULL, k->pkey,
				  NULL) != 1 ||
	    EVP_DigestSign(c, out, &n, (const unsigned char *)data.at,
			   data.n) != 1)
		return ossl_err(e, ERR_SYS, "cannot sign with this key");
	if (!a->crv)
		buf_add(raw, out, n);
	else if (ecdsa_to_raw(out, n, a->size, raw))
		return ossl_err(e, ERR_SYS, "cannot sign with this key");
	return 0;
}

static int verify(const struct key *k, struct str data, struct str raw)
{
	const struct algorithm *a = &algorithms[k->type];
	AUTO(der) unsigned char *der = NULL;
	const unsigned char *sig = (const unsigned char *)raw.at;
	size_t n = raw.n;

	if (a->crv) {
		int len = ecdsa_from_raw(raw, a->size, &der);
		if (len <= 0)
			return -1;
		sig = der;
		n = (size_t)len;
	}
	AUTO(mdctx) EVP_MD_CTX *c = EVP_MD_CTX_new();
	bool good = c &&
		    EVP_DigestVerifyInit_ex(c, NULL, a->digest, NULL, NULL,
					    k->pkey, NULL) == 1 &&
		    EVP_DigestVerify(c, sig, n, (const unsigned char *)data.at,
				     data.n) == 1;
	ERR_clear_error();
	return good ? 0 : -1;
}

/* Puts "name":value in, unless value is NULL; -1 when it is not UTF-8. */
static int put(json_t *o, const char *name, const char *value)
{
	return value ? json_object_set_new(o, name, json_string(value)) : 0;
}

static int add_json(const char *bytes, size_t n, void *out)
{
	buf_add(out, bytes, n);
	return 0;
}

/* Appends base64url(header). */
static int add_protected(json_t *header, struct buf *out)
{
	AUTO(buf) struct buf text = { 0 };

	if (json_dump_callback(header, add_json, &text,
			       JSON_COMPACT | JSON_SORT_KEYS))
		return -1;
	b64url_add(out, buf_get(&text));
	return 0;
}

/* RFC 7515 7.2.2 from "PROTECTED.PAYLOAD" and the bytes of the signature. */
static void add_flattened(struct str input, struct str sig, struct buf *out)
{
	struct str first;

	(void)str_cut(&input, '.', &first);
	buf_fmt(out, "{\"protected\":\"%.*s\",\"payload\":\"%.*s\",",
		STR_FMT(first), STR_FMT(input));
	buf_str(out, "\"signature\":\"");
	b64url_add(out, sig);
	buf_str(out, "\"}");
}

static int header_bad(struct err *e)
{
	return err_set(e, ERR_PERM,
		       "a URL or nonce for a signed request is not UTF-8 text");
}

int jose_sign(const struct key *k, const struct jose_header *h,
	      struct str payload, struct buf *out, struct err *e)
{
	AUTO(json) json_t *header = json_object();
	AUTO(buf) struct buf input = { 0 };
	AUTO(buf) struct buf sig = { 0 };

	if (put(header, "alg", jose_alg(k)) || put(header, "kid", h->kid) ||
	    put(header, "nonce", h->nonce) || put(header, "url", h->url))
		return header_bad(e);
	if (!h->kid) {
		AUTO(buf) struct buf jwk = { 0 };
		if (jose_jwk(k, &jwk, e))
			return -1;
		if (json_object_set_new(header, "jwk",
					json_loadb(jwk.at, jwk.n, 0, NULL)))
			return header_bad(e);
	}
	if (add_protected(header, &input))
		return header_bad(e);
	buf_char(&input, '.');
	b64url_add(&input, payload);
	if (sign(k, buf_get(&input), &sig, e))
		return -1;
	add_flattened(buf_get(&input), buf_get(&sig), out);
	return 0;
}

int jose_eab(const struct key *account, const char *kid, struct str mac_key,
	     enum hash alg, const char *url, struct buf *out, struct err *e)
{
	AUTO(json) json_t *header = json_object();
	AUTO(buf) struct buf input = { 0 };
	AUTO(buf) struct buf jwk = { 0 };
	unsigned char mac[HASH_MAX];

	const char *name = alg == HASH_SHA512 ? "HS512" :
			   alg == HASH_SHA384 ? "HS384" :
						"HS256";
	if (put(header, "alg", name) || put(header, "kid", kid) ||
	    put(header, "url", url) || add_protected(header, &input))
		return err_set(e, ERR_CONF,
			       "the key id of the external account binding is "
			       "not UTF-8 text");
	if (jose_jwk(account, &jwk, e))
		return -1;
	buf_char(&input, '.');
	b64url_add(&input, buf_get(&jwk));
	hmac_of(alg, mac_key, buf_get(&input), mac);
	add_flattened(buf_get(&input),
		      (struct str){ (const char *)mac, hash_size(alg) }, out);
	return 0;
}

/* The header says the key's algorithm and nothing that we would have to
 * understand (RFC 7515 4.1.11). */
static bool header_fits(const struct key *k, struct str protected)
{
	AUTO(buf) struct buf text = { 0 };

	if (b64url_read(protected, &text))
		return false;
	AUTO(json) json_t *h =
		json_loadb(text.at, text.n, JSON_REJECT_DUPLICATES, NULL);
	const char *alg = json_string_value(json_object_get(h, "alg"));
	return alg && strcmp(alg, jose_alg(k)) == 0 &&
	       !json_object_get(h, "crit");
}

int jose_check(const struct key *k, struct str jws, struct buf *payload,
	       struct err *e)
{
	AUTO(json) json_t *o =
		json_loadb(jws.at, jws.n, JSON_REJECT_DUPLICATES, NULL);
	const char *protected =
		json_string_value(json_object_get(o, "protected"));
	const char *body = json_string_value(json_object_get(o, "payload"));
	const char *text = json_string_value(json_object_get(o, "signature"));
	AUTO(buf) struct buf input = { 0 };
	AUTO(buf) struct buf sig = { 0 };

	if (!protected || !body || !text)
		return err_set(e, ERR_PERM, "no flattened JWS");
	if (!header_fits(k, str_of(protected)))
		return err_set(e, ERR_PERM,
			       "the header of the JWS does not fit the key");
	buf_fmt(&input, "%s.%s", protected, body);
	if (b64url_read(str_of(text), &sig) ||
	    verify(k, buf_get(&input), buf_get(&sig)))
		return err_set(e, ERR_PERM,
			       "the signature of the JWS is wrong");
	if (b64url_read(str_of(body), payload))
		return err_set(e, ERR_PERM,
			       "the payload of the JWS is no base64url");
	return 0;
}
