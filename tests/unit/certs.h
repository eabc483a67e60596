/* Certificates made on the spot for tests: a root and a leaf signed by it. */
#pragma once

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/buf.h"
#include "base/mem.h"
#include "crypto/key.h"
#include "crypto/x509.h"

struct test_leaf {
	const struct key *key;
	const char *const *names;
	size_t n;
	time_t from, to;
};

static EVP_PKEY *test_pkey(const struct key *k)
{
	AUTO(secret) struct buf pem = { 0 };
	struct err e = { 0 };
	BIO *bio;
	EVP_PKEY *out;

	assert_int_equal(key_write(k, &pem, &e), 0);
	bio = BIO_new_mem_buf(buf_c(&pem), (int)pem.n);
	out = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
	BIO_free(bio);
	assert_non_null(out);
	return out;
}

static X509 *test_bare(const char *cn, const char *issuer, EVP_PKEY *key,
		       time_t from, time_t to)
{
	static long serial = 1000;
	X509 *x = X509_new();
	X509_NAME *name = X509_get_subject_name(x);

	X509_set_version(x, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(x), ++serial);
	ASN1_TIME_set(X509_getm_notBefore(x), from);
	ASN1_TIME_set(X509_getm_notAfter(x), to);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
				   (const unsigned char *)cn, -1, -1, 0);
	name = X509_NAME_new();
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
				   (const unsigned char *)issuer, -1, -1, 0);
	X509_set_issuer_name(x, name);
	X509_NAME_free(name);
	X509_set_pubkey(x, key);
	return x;
}

static void test_extend(X509 *x, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *ext;

	X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
	ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	assert_non_null(ext);
	X509_add_ext(x, ext, -1);
	X509_EXTENSION_free(ext);
}

static void test_print(X509 *x, struct buf *out)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *at;
	long n;

	PEM_write_bio_X509(bio, x);
	n = BIO_get_mem_data(bio, &at);
	buf_add(out, at, (size_t)n);
	BIO_free(bio);
}

/* PEM of the leaf and its root, in m. */
static struct str test_chain(const struct test_leaf *want, struct mem *m)
{
	EVP_PKEY *ca = EVP_EC_gen("P-256"), *key = test_pkey(want->key);
	X509 *root =
		test_bare("Test Root", "Test Root", ca, want->from, want->to);
	X509 *leaf = test_bare(want->names[0], "Test Root", key, want->from,
			       want->to);
	AUTO(buf) struct buf text = { 0 };
	AUTO(buf) struct buf san = { 0 };

	for (size_t i = 0; i < want->n; i++)
		buf_fmt(&san, "%sDNS:%s", i ? "," : "", want->names[i]);
	test_extend(root, root, NID_basic_constraints, "critical,CA:TRUE");
	test_extend(root, root, NID_subject_key_identifier, "hash");
	test_extend(leaf, root, NID_authority_key_identifier, "keyid");
	test_extend(leaf, root, NID_subject_alt_name, buf_c(&san));
	assert_true(X509_sign(root, ca, EVP_sha256()) > 0);
	assert_true(X509_sign(leaf, ca, EVP_sha256()) > 0);
	test_print(leaf, &text);
	test_print(root, &text);
	X509_free(root);
	X509_free(leaf);
	EVP_PKEY_free(ca);
	EVP_PKEY_free(key);
	return (struct str){ mem_dup(m, text.at, text.n), text.n };
}
