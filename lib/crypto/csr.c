#include "crypto/csr.h"

#include <openssl/err.h>
#include <string.h>

#include "base/auto.h"
#include "base/idn.h"
#include "crypto/hmac.h"
#include "crypto/ossl.h"
#include "crypto/pem.h"

/* A request of 100 names and an RSA key is under 16 KiB. */
enum { CN_MAX = 64, NAMES_MAX = 100, DER_MAX = 64 << 10 };

static int add_common_name(X509_REQ *req, const char *const *names, size_t n)
{
	X509_NAME *subject = X509_REQ_get_subject_name(req);

	for (size_t i = 0; i < n; i++) {
		if (strlen(names[i]) > CN_MAX)
			continue;
		return X509_NAME_add_entry_by_NID(
			       subject, NID_commonName, MBSTRING_UTF8,
			       (const unsigned char *)names[i], -1, -1,
			       0) == 1 ?
			       0 :
			       -1;
	}
	return 0;
}

static int push_name(GENERAL_NAMES *all, const char *name)
{
	GENERAL_NAME *one = GENERAL_NAME_new();
	ASN1_IA5STRING *text = ASN1_IA5STRING_new();

	if (!one || !text || ASN1_STRING_set(text, name, -1) != 1) {
		GENERAL_NAME_free(one);
		ASN1_IA5STRING_free(text);
		return -1;
	}
	GENERAL_NAME_set0_value(one, GEN_DNS, text);
	if (sk_GENERAL_NAME_push(all, one) > 0)
		return 0;
	GENERAL_NAME_free(one);
	return -1;
}

static int add_alt_names(X509_REQ *req, const char *const *names, size_t n)
{
	AUTO(general_names) GENERAL_NAMES *all = sk_GENERAL_NAME_new_null();
	AUTO(exts) STACK_OF(X509_EXTENSION) *exts = NULL;

	if (!all)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (push_name(all, names[i]))
			return -1;
	return X509V3_add1_i2d(&exts, NID_subject_alt_name, all, 0,
			       X509V3_ADD_DEFAULT) == 1 &&
			       X509_REQ_add_extensions(req, exts) == 1 ?
		       0 :
		       -1;
}

int csr_make(const struct key *k, const char *const *names, size_t n,
	     struct buf *der, struct err *e)
{
	AUTO(req) X509_REQ *req = X509_REQ_new();
	AUTO(der) unsigned char *bytes = NULL;

	if (n == 0)
		return err_set(e, ERR_CONF,
			       "a certificate needs one name at least");
	const EVP_MD *md = k->type == KEY_P384 ? EVP_sha384() : EVP_sha256();
	if (!req || add_common_name(req, names, n) ||
	    add_alt_names(req, names, n) ||
	    X509_REQ_set_pubkey(req, k->pkey) != 1 ||
	    X509_REQ_sign(req, k->pkey, md) <= 0)
		return ossl_err(e, ERR_SYS,
				"cannot make a certificate request");
	int len = i2d_X509_REQ(req, &bytes);
	if (len <= 0)
		return ossl_err(e, ERR_SYS,
				"cannot write a certificate request");
	buf_add(der, bytes, (size_t)len);
	return 0;
}

/* What stands in the text: the first request block, else all of it as DER. */
static int to_der(struct str text, struct buf *der)
{
	struct str rest = text;
	struct pem block;

	while (pem_next(&rest, &block))
		if (str_eq(block.label, "CERTIFICATE REQUEST") ||
		    str_eq(block.label, "NEW CERTIFICATE REQUEST"))
			return pem_bytes(&block, der);
	buf_view(der, text);
	return 0;
}

static bool has_name(const struct csr *c, const char *name)
{
	for (size_t i = 0; i < c->n; i++)
		if (strcmp(c->names[i], name) == 0)
			return true;
	return false;
}

static int add_name(struct csr *c, const ASN1_STRING *s, struct mem *m,
		    struct err *e)
{
	struct str text = { (const char *)ASN1_STRING_get0_data(s),
			    (size_t)ASN1_STRING_length(s) };
	const char *name;

	if (idn_ascii(m, text, &name, e))
		return err_at(e, "the certificate request");
	if (has_name(c, name))
		return 0;
	if (c->n == NAMES_MAX)
		return err_set(e, ERR_CONF,
			       "the certificate request has more than %d "
			       "names: make several of it",
			       NAMES_MAX);
	c->names[c->n++] = name;
	return 0;
}

static int read_alt_names(STACK_OF(X509_EXTENSION) * exts, struct mem *m,
			  struct csr *out, struct err *e)
{
	int found;
	AUTO(general_names) GENERAL_NAMES *all =
		X509V3_get_d2i(exts, NID_subject_alt_name, &found, NULL);

	if (!all && found != -1)
		return ossl_err(e, ERR_CONF,
				"the names of the certificate request cannot "
				"be read");
	for (int i = 0; i < sk_GENERAL_NAME_num(all); i++) {
		GENERAL_NAME *one = sk_GENERAL_NAME_value(all, i);
		if (one->type != GEN_DNS)
			return err_set(e, ERR_CONF,
				       "the certificate request asks for "
				       "something else than DNS names (an "
				       "address or a mail box): DNS-01 cannot "
				       "prove that; leave it out");
		if (add_name(out, one->d.dNSName, m, e))
			return -1;
	}
	return 0;
}

/* RFC 8555 7.4 counts the CN among the names that are asked for. */
static int read_common_names(X509_REQ *req, struct mem *m, struct csr *out,
			     struct err *e)
{
	X509_NAME *subject = X509_REQ_get_subject_name(req);
	int i = -1;

	while ((i = X509_NAME_get_index_by_NID(subject, NID_commonName, i)) >=
	       0) {
		X509_NAME_ENTRY *entry = X509_NAME_get_entry(subject, i);
		if (add_name(out, X509_NAME_ENTRY_get_data(entry), m, e))
			return -1;
	}
	return 0;
}

static int read_names(X509_REQ *req, struct mem *m, struct csr *out,
		      struct err *e)
{
	AUTO(exts) STACK_OF(X509_EXTENSION) *exts =
		X509_REQ_get_extensions(req);

	if (X509v3_get_ext_by_NID(exts, NID_tlsfeature, -1) >= 0)
		return err_set(e, ERR_CONF,
			       "the certificate request asks for OCSP "
			       "must-staple, which certificate authorities no "
			       "longer serve: make it again without");
	out->names = mem_array(m, NAMES_MAX, sizeof(*out->names));
	if (read_alt_names(exts, m, out, e) ||
	    read_common_names(req, m, out, e))
		return -1;
	if (out->n == 0)
		return err_set(e, ERR_CONF,
			       "the certificate request names no domain");
	return 0;
}

/* Its key and its signature; if the key is strong enough is the CA's say. */
static int read_key(X509_REQ *req, struct csr *out, struct err *e)
{
	EVP_PKEY *pkey = X509_REQ_get0_pubkey(req);
	unsigned char digest[HASH_MAX];
	AUTO(der) unsigned char *spki = NULL;

	if (!pkey || X509_REQ_verify(req, pkey) != 1)
		return ossl_err(e, ERR_CONF,
				"the signature of the certificate request is "
				"wrong");
	int n = i2d_X509_PUBKEY(X509_REQ_get_X509_PUBKEY(req), &spki);
	if (n <= 0)
		return ossl_err(e, ERR_CONF,
				"the key of the certificate request cannot be "
				"read");
	hash_of(HASH_SHA256, (struct str){ (const char *)spki, (size_t)n },
		digest);
	memcpy(out->spki_sha256, digest, KEY_SPKI_SHA256);
	return 0;
}

int csr_read(struct str text, struct mem *m, struct csr *out, struct err *e)
{
	AUTO(buf) struct buf der = { .max = DER_MAX };

	*out = (struct csr){ 0 };
	if (to_der(text, &der) || der.full)
		return err_set(e, ERR_CONF,
			       "the certificate request is damaged or too "
			       "large");
	const unsigned char *p = (const unsigned char *)der.at;
	const unsigned char *end = p + der.n;
	AUTO(req) X509_REQ *req = d2i_X509_REQ(NULL, &p, (long)der.n);
	if (!req || p != end)
		return ossl_err(e, ERR_CONF,
				"no certificate request in it, neither PEM "
				"nor DER");
	int bad = read_key(req, out, e) || read_names(req, m, out, e);
	ERR_clear_error();
	if (bad)
		return -1;
	out->der = (struct str){ mem_dup(m, der.at, der.n), der.n };
	return 0;
}
