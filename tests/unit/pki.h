/* Certificates made on the spot, for tests of chains and of TLS. */
#pragma once

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "crypto/ossl.h"
#include "tests/unit/test.h"

struct recipe {
	const char *cn;
	const char *alt;       /* "DNS:a.example,IP:127.0.0.1" */
	const struct key *key; /* the subject's */
	X509 *issuer;          /* NULL: signs itself */
	const struct key *by;  /* who signs; NULL: key */
	bool ca;
	time_t from, until;
	uint64_t serial;
};

static inline void pki_extend(X509 *x, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;

	X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
	X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	assert_non_null(ext);
	assert_int_equal(X509_add_ext(x, ext, -1), 1);
	X509_EXTENSION_free(ext);
}

static inline X509 *pki_make(const struct recipe *r)
{
	X509 *x = X509_new();
	X509_NAME *name = X509_get_subject_name(x);
	X509 *issuer = r->issuer ? r->issuer : x;

	X509_set_version(x, X509_VERSION_3);
	ASN1_INTEGER_set_uint64(X509_get_serialNumber(x),
				r->serial ? r->serial : 0x8765432101);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
				   (const unsigned char *)r->cn, -1, -1, 0);
	X509_set_issuer_name(x, X509_get_subject_name(issuer));
	ASN1_TIME_set(X509_getm_notBefore(x), r->from);
	ASN1_TIME_set(X509_getm_notAfter(x), r->until);
	X509_set_pubkey(x, r->key->pkey);
	pki_extend(x, issuer, NID_basic_constraints,
		   r->ca ? "critical,CA:TRUE" : "CA:FALSE");
	pki_extend(x, issuer, NID_subject_key_identifier, "hash");
	pki_extend(x, issuer, NID_authority_key_identifier, "keyid");
	if (r->alt)
		pki_extend(x, issuer, NID_subject_alt_name, r->alt);
	assert_true(X509_sign(x, r->by ? r->by->pkey : r->key->pkey,
			      EVP_sha256()) > 0);
	return x;
}

static inline void pki_pem(struct buf *out, X509 *x)
{
	BIO *b = BIO_new(BIO_s_mem());
	char *at;

	assert_int_equal(PEM_write_bio_X509(b, x), 1);
	long n = BIO_get_mem_data(b, &at);
	buf_add(out, at, (size_t)n);
	BIO_free(b);
}
