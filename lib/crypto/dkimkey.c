#include "crypto/dkimkey.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "crypto/ossl.h"

enum { RSA_LEAST = 1024, RSA_MOST = 8192, ED25519_BYTES = 32 };

AUTO_DEFINE(pkey_ctx, EVP_PKEY_CTX, EVP_PKEY_CTX_free)
AUTO_DEFINE(bio, BIO, BIO_free_all)
AUTO_DEFINE(info, PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free)

/* A key handle of libcrypto under a name of ours. */
static EVP_PKEY *pkey_of(const struct dkimkey *k)
{
	return (EVP_PKEY *)(void *)(uintptr_t)k;
}

static struct dkimkey *dkimkey_of(EVP_PKEY *p)
{
	return (struct dkimkey *)(void *)p;
}

void dkimkey_free(struct dkimkey *k)
{
	EVP_PKEY_free(pkey_of(k));
}

enum dkimkey_type dkimkey_kind(const struct dkimkey *k)
{
	return EVP_PKEY_is_a(pkey_of(k), "RSA") ? DKIMKEY_RSA : DKIMKEY_ED25519;
}

unsigned dkimkey_bits(const struct dkimkey *k)
{
	return (unsigned)EVP_PKEY_get_bits(pkey_of(k));
}

int dkimkey_make(enum dkimkey_type t, struct dkimkey **out, struct err *e)
{
	EVP_PKEY *p = t == DKIMKEY_RSA ?
			      EVP_RSA_gen(DKIMKEY_RSA_BITS) :
			      EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	*out = dkimkey_of(p);
	return p ? 0 : ossl_err(e, ERR_SYS, "cannot make a DKIM key");
}

static bool fits(EVP_PKEY *p)
{
	const int bits = EVP_PKEY_get_bits(p);
	return EVP_PKEY_is_a(p, "ED25519") ||
	       (EVP_PKEY_is_a(p, "RSA") && bits >= RSA_LEAST &&
		bits <= RSA_MOST);
}

/* Nobody is asked for a passphrase. */
static int no_passphrase(char *out, int room, int writing, void *user)
{
	(void)out, (void)room, (void)writing, (void)user;
	return -1;
}

int dkimkey_read(struct str pem, struct dkimkey **out, struct err *e)
{
	*out = NULL;
	if (pem.n > 1 << 16)
		return err_set(e, ERR_CONF, "too long for a key");
	AUTO(bio) BIO *b = BIO_new_mem_buf(pem.at, (int)pem.n);
	AUTO(pkey) EVP_PKEY *p =
		b ? PEM_read_bio_PrivateKey(b, NULL, no_passphrase, NULL) :
		    NULL;
	if (!p)
		return ossl_err(e, ERR_CONF,
				"no private key in PEM form without a "
				"passphrase");
	if (!fits(p))
		return err_set(e, ERR_CONF,
			       "DKIM takes RSA keys of %d to %d bits, and "
			       "Ed25519",
			       RSA_LEAST, RSA_MOST);
	*out = dkimkey_of(TAKE(p));
	return 0;
}

static EVP_PKEY *public_rsa(const unsigned char *at, size_t n)
{
	const unsigned char *end = at;
	EVP_PKEY *p = d2i_PUBKEY(NULL, &end, (long)n);
	if (!p) { /* the bare key, as some publish it */
		end = at;
		p = d2i_PublicKey(EVP_PKEY_RSA, NULL, &end, (long)n);
	}
	if (p && (end != at + n || !EVP_PKEY_is_a(p, "RSA"))) {
		EVP_PKEY_free(p);
		p = NULL;
	}
	ERR_clear_error();
	return p;
}

int dkimkey_read_public(enum dkimkey_type t, struct str der,
			struct dkimkey **out, struct err *e)
{
	const unsigned char *at = (const unsigned char *)der.at;
	*out = NULL;
	if (der.n > 1 << 14)
		return err_set(e, ERR_PERM, "the public key is too long");
	if (t == DKIMKEY_RSA)
		*out = dkimkey_of(public_rsa(at, der.n));
	else if (der.n == ED25519_BYTES)
		*out = dkimkey_of(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519,
							      NULL, at, der.n));
	return *out ? 0 :
		      err_set(e, ERR_PERM, "the public key is no %s key",
			      t == DKIMKEY_RSA ? "RSA" : "Ed25519");
}

int dkimkey_write(const struct dkimkey *k, struct buf *pem, struct err *e)
{
	AUTO(bio) BIO *b = BIO_new(BIO_s_secmem());
	AUTO(info) PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(pkey_of(k));
	char *at;
	if (!b || !info || PEM_write_bio_PKCS8_PRIV_KEY_INFO(b, info) != 1)
		return ossl_err(e, ERR_SYS, "cannot write a DKIM key");
	const long n = BIO_get_mem_data(b, &at);
	buf_add(pem, at, (size_t)n);
	return 0;
}

int dkimkey_public(const struct dkimkey *k, struct buf *out, struct err *e)
{
	unsigned char raw[ED25519_BYTES];
	size_t n = sizeof(raw);
	if (dkimkey_kind(k) == DKIMKEY_ED25519) {
		if (EVP_PKEY_get_raw_public_key(pkey_of(k), raw, &n) != 1)
			return ossl_err(e, ERR_SYS, "no public key");
		buf_add(out, raw, n);
		return 0;
	}
	AUTO(der) unsigned char *der = NULL;
	const int len = i2d_PUBKEY(pkey_of(k), &der);
	if (len < 0)
		return ossl_err(e, ERR_SYS, "no public key");
	buf_add(out, der, (size_t)len);
	return 0;
}

static const EVP_MD *md_of(enum hash h)
{
	return h == HASH_SHA1 ? EVP_sha1() : EVP_sha256();
}

/* RSA: the digest is given, the padding names its algorithm. */
static EVP_PKEY_CTX *rsa_context(const struct dkimkey *k, enum hash h,
				 bool signs)
{
	AUTO(pkey_ctx)
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new(pkey_of(k), NULL);
	if (!c ||
	    (signs ? EVP_PKEY_sign_init(c) : EVP_PKEY_verify_init(c)) != 1 ||
	    EVP_PKEY_CTX_set_rsa_padding(c, RSA_PKCS1_PADDING) != 1 ||
	    EVP_PKEY_CTX_set_signature_md(c, md_of(h)) != 1)
		return NULL;
	return TAKE(c);
}

int dkimkey_sign(const struct dkimkey *k, enum hash h, struct str digest,
		 struct buf *out, struct err *e)
{
	unsigned char sig[RSA_MOST / 8];
	size_t n = sizeof(sig);
	const unsigned char *at = (const unsigned char *)digest.at;
	int ok = 0;
	if (dkimkey_kind(k) == DKIMKEY_ED25519) {
		AUTO(mdctx) EVP_MD_CTX *c = EVP_MD_CTX_new();
		ok = c &&
		     EVP_DigestSignInit(c, NULL, NULL, NULL, pkey_of(k)) == 1 &&
		     EVP_DigestSign(c, sig, &n, at, digest.n) == 1;
	} else {
		AUTO(pkey_ctx) EVP_PKEY_CTX *c = rsa_context(k, h, true);
		ok = c && EVP_PKEY_sign(c, sig, &n, at, digest.n) == 1;
	}
	if (!ok)
		return ossl_err(e, ERR_SYS, "cannot sign");
	buf_add(out, sig, n);
	return 0;
}

bool dkimkey_verify(const struct dkimkey *k, enum hash h, struct str digest,
		    struct str signature)
{
	const unsigned char *at = (const unsigned char *)digest.at;
	const unsigned char *sig = (const unsigned char *)signature.at;
	bool ok;
	if (dkimkey_kind(k) == DKIMKEY_ED25519) {
		AUTO(mdctx) EVP_MD_CTX *c = EVP_MD_CTX_new();
		ok = c &&
		     EVP_DigestVerifyInit(c, NULL, NULL, NULL, pkey_of(k)) ==
			     1 &&
		     EVP_DigestVerify(c, sig, signature.n, at, digest.n) == 1;
	} else {
		AUTO(pkey_ctx) EVP_PKEY_CTX *c = rsa_context(k, h, false);
		ok = c &&
		     EVP_PKEY_verify(c, sig, signature.n, at, digest.n) == 1;
	}
	ERR_clear_error();
	return ok;
}
