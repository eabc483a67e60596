#include "crypto/key.h"

#include <jansson.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <string.h>

#include "base/b64.h"
#include "base/mem.h"
#include "crypto/hmac.h"
#include "crypto/ossl.h"
#include "crypto/pem.h"

enum { RSA_LEAST = 2048, RSA_MOST = 8192, PEM_MOST = 16 << 10 };

static const struct kind {
	const char *name, *curve; /* NULL: RSA */
	unsigned bits;
} kinds[KEY_TYPES] = {
	[KEY_P256] = { "ecdsa-p256", "P-256", 256 },
	[KEY_P384] = { "ecdsa-p384", "P-384", 384 },
	[KEY_RSA2048] = { "rsa-2048", NULL, 2048 },
	[KEY_RSA3072] = { "rsa-3072", NULL, 3072 },
	[KEY_RSA4096] = { "rsa-4096", NULL, 4096 },
};

AUTO_DEFINE(info, PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free)
AUTO_DEFINE(build, OSSL_PARAM_BLD, OSSL_PARAM_BLD_free)
AUTO_DEFINE(params, OSSL_PARAM, OSSL_PARAM_free)
AUTO_DEFINE(pkey_ctx, EVP_PKEY_CTX, EVP_PKEY_CTX_free)
AUTO_DEFINE(json, json_t, json_decref)

const char *key_type_name(enum key_type t)
{
	return kinds[t].name;
}

int key_type_parse(struct str name, enum key_type *t, struct err *e)
{
	for (size_t i = 0; i < KEY_TYPES; i++) {
		if (!str_eqi(name, kinds[i].name))
			continue;
		*t = (enum key_type)i;
		return 0;
	}
	return err_set(e, ERR_CONF,
		       "unknown key type \"%.*s\": write one of ecdsa-p256, "
		       "ecdsa-p384, rsa-2048, rsa-3072, rsa-4096",
		       STR_FMT(name));
}

/* Which of ours is it? RSA of a size between ours counts as the one below. */
static int classify(EVP_PKEY *pkey, enum key_type *t, struct err *e)
{
	if (EVP_PKEY_is_a(pkey, "RSA")) {
		int bits = EVP_PKEY_get_bits(pkey);
		if (bits < RSA_LEAST || bits > RSA_MOST)
			return err_set(e, ERR_CONF,
				       "an RSA key of %d bits: 2048 to 8192 "
				       "are taken",
				       bits);
		*t = bits < 3072 ? KEY_RSA2048 :
		     bits < 4096 ? KEY_RSA3072 :
				   KEY_RSA4096;
		return 0;
	}
	char curve[64] = "";
	if (!EVP_PKEY_is_a(pkey, "EC") ||
	    EVP_PKEY_get_group_name(pkey, curve, sizeof(curve), NULL) != 1)
		return err_set(e, ERR_CONF,
			       "a key that is neither RSA nor ECDSA on a named "
			       "curve: certificate authorities take RSA, P-256 "
			       "and P-384");
	if (strcmp(curve, "prime256v1") == 0)
		*t = KEY_P256;
	else if (strcmp(curve, "secp384r1") == 0)
		*t = KEY_P384;
	else
		return err_set(e, ERR_CONF,
			       "an ECDSA key on %s: certificate authorities "
			       "take P-256 and P-384",
			       curve);
	return 0;
}

/* Takes a key in. EC keys are told to write themselves in the one form that
 * every authority takes, and must fit their public half; for RSA that check
 * costs a hundred signatures, and a bad one shows at the first signature. */
static int adopt(EVP_PKEY *pkey, struct key **out, struct err *e)
{
	enum key_type t = KEY_P256;

	if (classify(pkey, &t, e))
		return -1;
	if (kinds[t].curve) {
		AUTO(pkey_ctx) EVP_PKEY_CTX *c =
			EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
		if (EVP_PKEY_set_utf8_string_param(pkey,
						   OSSL_PKEY_PARAM_EC_ENCODING,
						   "named_curve") != 1 ||
		    EVP_PKEY_set_utf8_string_param(
			    pkey, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT,
			    "uncompressed") != 1 ||
		    !c || EVP_PKEY_pairwise_check(c) != 1)
			return ossl_err(e, ERR_CONF,
					"the two halves of the ECDSA key do "
					"not fit");
	}
	struct key *k = OPENSSL_zalloc(sizeof(*k));
	if (!k || EVP_PKEY_up_ref(pkey) != 1) {
		OPENSSL_free(k);
		return ossl_err(e, ERR_SYS, "cannot keep a key");
	}
	*k = (struct key){ pkey, t };
	*out = k;
	return 0;
}

int key_make(enum key_type t, struct key **out, struct err *e)
{
	AUTO(pkey) EVP_PKEY *pkey = kinds[t].curve ?
					    EVP_EC_gen(kinds[t].curve) :
					    EVP_RSA_gen(kinds[t].bits);

	if (!pkey)
		return ossl_err(e, ERR_SYS, "cannot make a key of type %s",
				kinds[t].name);
	return adopt(pkey, out, e);
}

static EVP_PKEY *from_pkcs8(const unsigned char *p, size_t n)
{
	AUTO(info) PKCS8_PRIV_KEY_INFO *info =
		d2i_PKCS8_PRIV_KEY_INFO(NULL, &p, (long)n);

	return info ? EVP_PKCS82PKEY(info) : NULL;
}

/* PKCS #8, SEC 1 or PKCS #1 by the label. NULL with ERR_NONE: another block. */
static EVP_PKEY *from_block(const struct pem *b, struct err *e)
{
	AUTO(secret) struct buf der = { .max = PEM_MOST };

	if (str_eq(b->label, "ENCRYPTED PRIVATE KEY") ||
	    (str_ends(b->label, " PRIVATE KEY") &&
	     str_find(b->body, "ENCRYPTED"))) {
		(void)err_set(e, ERR_CONF,
			      "the private key is encrypted: remove its "
			      "passphrase with openssl pkey -in OLD -out NEW");
		return NULL;
	}
	bool pkcs8 = str_eq(b->label, "PRIVATE KEY");
	bool ec = str_eq(b->label, "EC PRIVATE KEY");
	if (!pkcs8 && !ec && !str_eq(b->label, "RSA PRIVATE KEY"))
		return NULL;

	EVP_PKEY *pkey = NULL;
	if (pem_bytes(b, &der) == 0 && !der.full) {
		const unsigned char *p = (const unsigned char *)der.at;
		pkey = pkcs8 ? from_pkcs8(p, der.n) :
			       d2i_PrivateKey(ec ? EVP_PKEY_EC : EVP_PKEY_RSA,
					      NULL, &p, (long)der.n);
	}
	if (!pkey)
		(void)ossl_err(e, ERR_CONF, "the private key cannot be read");
	ERR_clear_error(); /* what OpenSSL tried before it found the way */
	return pkey;
}

int key_read(struct str pem, struct key **out, struct err *e)
{
	struct pem block;

	while (pem_next(&pem, &block)) {
		struct err why = { 0 };
		AUTO(pkey) EVP_PKEY *pkey = from_block(&block, &why);
		if (pkey)
			return adopt(pkey, out, e);
		if (why.kind != ERR_NONE) {
			*e = why;
			return -1;
		}
	}
	return err_set(e, ERR_CONF,
		       "no private key in it: a line \"-----BEGIN PRIVATE "
		       "KEY-----\" and its end are looked for");
}

/* One base64url member as a number; at least one byte, at most the largest
 * modulus. */
static int member(json_t *jwk, const char *name, struct buf *out, struct err *e)
{
	const char *text = json_string_value(json_object_get(jwk, name));

	out->max = RSA_MOST / 8 + 1;
	if (!text)
		return err_set(e, ERR_CONF, "the JWK lacks \"%s\"", name);
	if (b64url_read(str_of(text), out) || out->full || out->n == 0)
		return err_set(e, ERR_CONF,
			       "\"%s\" of the JWK is no base64url number of "
			       "sensible size",
			       name);
	return 0;
}

static EVP_PKEY *from_params(const char *type, OSSL_PARAM_BLD *b)
{
	EVP_PKEY *pkey = NULL;

	AUTO(params) OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(b);
	AUTO(pkey_ctx) EVP_PKEY_CTX *c =
		EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	if (!params || !c || EVP_PKEY_fromdata_init(c) != 1 ||
	    EVP_PKEY_fromdata(c, &pkey, EVP_PKEY_KEYPAIR, params) != 1)
		return NULL;
	return pkey;
}

static BIGNUM *number(const struct buf *b)
{
	return BN_bin2bn((const unsigned char *)b->at, (int)b->n, NULL);
}

static int ec_from_jwk(json_t *jwk, EVP_PKEY **out, struct err *e)
{
	const char *crv = json_string_value(json_object_get(jwk, "crv"));
	AUTO(buf) struct buf x = { 0 };
	AUTO(buf) struct buf y = { 0 };
	AUTO(secret) struct buf d = { 0 };

	bool p384 = crv && strcmp(crv, "P-384") == 0;
	if (!crv || (!p384 && strcmp(crv, "P-256") != 0))
		return err_set(e, ERR_CONF,
			       "the JWK is on another curve than P-256 and "
			       "P-384");
	if (member(jwk, "x", &x, e) || member(jwk, "y", &y, e) ||
	    member(jwk, "d", &d, e))
		return -1;
	/* RFC 7518 6.2.1: the full size of the curve, leading zeros too. */
	size_t size = p384 ? 48 : 32;
	if (x.n != size || y.n != size || d.n != size)
		return err_set(e, ERR_CONF,
			       "a number of the JWK has another size than its "
			       "curve %s",
			       crv);

	AUTO(buf) struct buf point = { 0 };
	buf_char(&point, 4); /* uncompressed, SEC 1 2.3.3 */
	buf_view(&point, buf_get(&x));
	buf_view(&point, buf_get(&y));
	AUTO(bignum) BIGNUM *secret = number(&d);
	AUTO(build) OSSL_PARAM_BLD *b = OSSL_PARAM_BLD_new();
	if (b && secret &&
	    OSSL_PARAM_BLD_push_utf8_string(b, OSSL_PKEY_PARAM_GROUP_NAME, crv,
					    0) &&
	    OSSL_PARAM_BLD_push_octet_string(b, OSSL_PKEY_PARAM_PUB_KEY,
					     point.at, point.n) &&
	    OSSL_PARAM_BLD_push_BN(b, OSSL_PKEY_PARAM_PRIV_KEY, secret))
		*out = from_params("EC", b);
	return 0;
}

static const struct rsa_member {
	const char *jwk, *ossl;
} rsa_members[] = {
	{ "n", OSSL_PKEY_PARAM_RSA_N },
	{ "e", OSSL_PKEY_PARAM_RSA_E },
	{ "d", OSSL_PKEY_PARAM_RSA_D },
	{ "p", OSSL_PKEY_PARAM_RSA_FACTOR1 },
	{ "q", OSSL_PKEY_PARAM_RSA_FACTOR2 },
	{ "dp", OSSL_PKEY_PARAM_RSA_EXPONENT1 },
	{ "dq", OSSL_PKEY_PARAM_RSA_EXPONENT2 },
	{ "qi", OSSL_PKEY_PARAM_RSA_COEFFICIENT1 },
};
enum { RSA_MEMBERS = sizeof(rsa_members) / sizeof(*rsa_members) };

static int push_rsa(OSSL_PARAM_BLD *b, json_t *jwk, BIGNUM **at, struct err *e)
{
	for (size_t i = 0; i < RSA_MEMBERS; i++) {
		AUTO(secret) struct buf bytes = { 0 };
		if (member(jwk, rsa_members[i].jwk, &bytes, e))
			return -1;
		at[i] = number(&bytes);
		if (!b || !at[i] ||
		    !OSSL_PARAM_BLD_push_BN(b, rsa_members[i].ossl, at[i]))
			return ossl_err(e, ERR_SYS, "cannot keep a key");
	}
	return 0;
}

static int rsa_from_jwk(json_t *jwk, EVP_PKEY **out, struct err *e)
{
	BIGNUM *at[RSA_MEMBERS] = { 0 }; /* the builder borrows them */

	AUTO(build) OSSL_PARAM_BLD *b = OSSL_PARAM_BLD_new();
	int bad = push_rsa(b, jwk, at, e);
	/* The size first: to check a key of many bits takes long. */
	if (!bad &&
	    (BN_num_bits(at[0]) < RSA_LEAST || BN_num_bits(at[0]) > RSA_MOST))
		bad = err_set(e, ERR_CONF,
			      "an RSA key of %d bits: 2048 to 8192 are taken",
			      BN_num_bits(at[0]));
	if (!bad)
		*out = from_params("RSA", b);
	for (size_t i = 0; i < RSA_MEMBERS; i++)
		BN_clear_free(at[i]);
	return bad;
}

int key_read_jwk(struct str json, struct key **out, struct err *e)
{
	AUTO(json) json_t *jwk =
		json_loadb(json.at, json.n, JSON_REJECT_DUPLICATES, NULL);
	const char *kty = json_string_value(json_object_get(jwk, "kty"));

	AUTO(pkey) EVP_PKEY *pkey = NULL;
	if (kty && strcmp(kty, "EC") == 0) {
		if (ec_from_jwk(jwk, &pkey, e))
			return -1;
	} else if (kty && strcmp(kty, "RSA") == 0) {
		if (rsa_from_jwk(jwk, &pkey, e))
			return -1;
	} else {
		return err_set(e, ERR_CONF,
			       "no JWK with \"kty\" EC or RSA in it");
	}

	/* Its numbers come one by one, so a wrong copy is likelier than in
	 * PEM, and it happens once, at an import: check all of them. */
	AUTO(pkey_ctx) EVP_PKEY_CTX *c =
		pkey ? EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL) : NULL;
	if (!c || EVP_PKEY_check(c) != 1)
		return ossl_err(e, ERR_CONF,
				"the numbers of the JWK make no key");
	return adopt(pkey, out, e);
}

int key_write(const struct key *k, struct buf *pem, struct err *e)
{
	AUTO(info) PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(k->pkey);
	unsigned char *der = NULL;

	int n = info ? i2d_PKCS8_PRIV_KEY_INFO(info, &der) : -1;
	if (n <= 0)
		return ossl_err(e, ERR_SYS, "cannot write a private key");
	pem_add(pem, "PRIVATE KEY",
		(struct str){ (const char *)der, (size_t)n });
	OPENSSL_clear_free(der, (size_t)n);
	return 0;
}

enum key_type key_kind(const struct key *k)
{
	return k->type;
}

bool key_same(const struct key *a, const struct key *b)
{
	return EVP_PKEY_eq(a->pkey, b->pkey) == 1;
}

int key_spki_sha256(const struct key *k, unsigned char out[KEY_SPKI_SHA256],
		    struct err *e)
{
	AUTO(der) unsigned char *der = NULL;
	unsigned char digest[HASH_MAX];

	int n = i2d_PUBKEY(k->pkey, &der);
	if (n <= 0)
		return ossl_err(e, ERR_SYS, "cannot write a public key");
	hash_of(HASH_SHA256, (struct str){ (const char *)der, (size_t)n },
		digest);
	memcpy(out, digest, KEY_SPKI_SHA256);
	return 0;
}

void key_free(struct key *k)
{
	if (!k)
		return;
	EVP_PKEY_free(k->pkey);
	OPENSSL_free(k);
}
