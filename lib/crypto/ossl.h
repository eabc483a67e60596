/* What the files of this folder share of OpenSSL: its handles as AUTO types,
 * its error queue as one sentence, and what a struct key is. Nobody outside
 * lib/crypto and lib/net includes it. */
#pragma once

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/auto.h"
#include "base/err.h"
#include "base/str.h"
#include "crypto/key.h"

struct key {
	EVP_PKEY *pkey;
	enum key_type type;
};

/* Empties the error queue; its first entry, the cause, ends the sentence. */
int ossl_err(struct err *e, enum err_kind kind, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* One certificate of exactly these bytes; NULL for any other. */
X509 *ossl_cert(struct str der);

static inline void ossl_free(void *p)
{
	OPENSSL_free(p);
}
static inline void ossl_exts_free(STACK_OF(X509_EXTENSION) * s)
{
	sk_X509_EXTENSION_pop_free(s, X509_EXTENSION_free);
}

AUTO_DEFINE(pkey, EVP_PKEY, EVP_PKEY_free)
AUTO_DEFINE(mdctx, EVP_MD_CTX, EVP_MD_CTX_free)
AUTO_DEFINE(bignum, BIGNUM, BN_clear_free)
AUTO_DEFINE(ecdsa, ECDSA_SIG, ECDSA_SIG_free)
AUTO_DEFINE(x509, X509, X509_free)
AUTO_DEFINE(req, X509_REQ, X509_REQ_free)
AUTO_DEFINE(general_names, GENERAL_NAMES, GENERAL_NAMES_free)
AUTO_DEFINE(exts, STACK_OF(X509_EXTENSION), ossl_exts_free)
AUTO_DEFINE(der, unsigned char, ossl_free)
