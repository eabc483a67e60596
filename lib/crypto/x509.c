#include "crypto/x509.h"

#include <openssl/err.h>
#include <string.h>

#include "base/auto.h"
#include "base/b64.h"
#include "base/clock.h"
#include "crypto/hmac.h"
#include "crypto/ossl.h"
#include "crypto/pem.h"

/* A certificate of 100 long names is under 32 KiB. */
enum { CHAIN_MAX = 10, NAMES_MAX = 1000, DER_MAX = 64 << 10, SLACK = 3600 };

static int read_time(const ASN1_TIME *t, time_t *out)
{
	struct tm tm = { 0 };

	if (ASN1_TIME_to_tm(t, &tm) != 1)
		return -1;
	*out = timegm(&tm);
	return 0;
}

/* These names stand in sentences for people: nothing that moves a cursor. */
static const char *clean(char *text)
{
	for (char *c = text; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	return text;
}

/* The last CN as UTF-8, else the whole name on one line. */
static const char *name_text(X509_NAME *name, struct mem *m)
{
	int at = -1, next;

	while ((next = X509_NAME_get_index_by_NID(name, NID_commonName, at)) >=
	       0)
		at = next;
	if (at >= 0) {
		AUTO(der) unsigned char *text = NULL;
		ASN1_STRING *s =
			X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at));
		int n = ASN1_STRING_to_UTF8(&text, s);
		if (n >= 0)
			return clean(mem_dup(m, text, (size_t)n));
	}
	char *line = X509_NAME_oneline(name, NULL, 0);
	const char *kept = mem_str(m, line ? line : "");
	OPENSSL_free(line);
	return kept;
}

static int read_names(X509 *x, struct mem *m, struct cert *out, struct err *e)
{
	int found;
	AUTO(general_names) GENERAL_NAMES *all =
		X509_get_ext_d2i(x, NID_subject_alt_name, &found, NULL);

	if (!all && found != -1)
		return ossl_err(e, ERR_PERM,
				"the names of a certificate cannot be read");
	int n = sk_GENERAL_NAME_num(all);
	if (n > NAMES_MAX)
		return err_set(e, ERR_PERM, "a certificate of %d names", n);
	out->names = mem_array(m, n > 0 ? (size_t)n : 1, sizeof(*out->names));
	for (int i = 0; i < n; i++) {
		GENERAL_NAME *one = sk_GENERAL_NAME_value(all, i);
		if (one->type != GEN_DNS)
			continue;
		ASN1_STRING *s = one->d.dNSName;
		struct str text = { (const char *)ASN1_STRING_get0_data(s),
				    (size_t)ASN1_STRING_length(s) };
		if (!str_is_print(text))
			return err_set(e, ERR_PERM,
				       "a certificate holds a name that is "
				       "no DNS name");
		char *name = mem_dup(m, text.at, text.n);
		for (char *c = name; *c; c++)
			if (*c >= 'A' && *c <= 'Z')
				*c = (char)(*c | 0x20);
		out->names[out->names_n++] = name;
	}
	return 0;
}

/* The serial in hex, and RFC 9773 4.1: base64url(key identifier of the AKI)
 * "." base64url(content octets of the serial's DER INTEGER). */
static int read_ids(X509 *x, struct mem *m, struct cert *out)
{
	AUTO(der) unsigned char *der = NULL;
	const unsigned char *p;
	long n;
	int tag, class;
	AUTO(buf) struct buf text = { 0 };

	int size = i2d_ASN1_INTEGER(X509_get0_serialNumber(x), &der);
	p = der;
	if (size <= 0 ||
	    (ASN1_get_object(&p, &n, &tag, &class, size) & 0x80) != 0)
		return -1;
	struct str serial = { (const char *)p, (size_t)n };
	hex_add(&text, serial);
	out->serial = mem_str(m, buf_c(&text));

	const ASN1_OCTET_STRING *aki = X509_get0_authority_key_id(x);
	if (!aki)
		return 0;
	struct str id = { (const char *)ASN1_STRING_get0_data(aki),
			  (size_t)ASN1_STRING_length(aki) };
	buf_clear(&text);
	b64url_add(&text, id);
	buf_char(&text, '.');
	b64url_add(&text, serial);
	out->ari_id = mem_str(m, buf_c(&text));
	return 0;
}

static int read_spki(X509 *x, struct cert *out)
{
	AUTO(der) unsigned char *der = NULL;
	unsigned char digest[HASH_MAX];

	int n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &der);
	if (n <= 0)
		return -1;
	hash_of(HASH_SHA256, (struct str){ (const char *)der, (size_t)n },
		digest);
	memcpy(out->spki_sha256, digest, KEY_SPKI_SHA256);
	return 0;
}

static int read_cert(struct str der, struct mem *m, struct cert *out,
		     struct err *e)
{
	AUTO(x509) X509 *x = ossl_cert(der);
	AUTO(buf) struct buf pem = { 0 };

	if (!x)
		return err_set(e, ERR_PERM, "a certificate cannot be read");
	if (read_names(x, m, out, e))
		return -1;
	if (read_time(X509_get0_notBefore(x), &out->not_before) ||
	    read_time(X509_get0_notAfter(x), &out->not_after) ||
	    read_ids(x, m, out) || read_spki(x, out))
		return ossl_err(e, ERR_PERM,
				"the dates, the serial or the key of a "
				"certificate cannot be read");
	out->subject = name_text(X509_get_subject_name(x), m);
	out->issuer = name_text(X509_get_issuer_name(x), m);
	out->is_ca = X509_check_ca(x) == 1;
	pem_add(&pem, "CERTIFICATE", der);
	out->pem = (struct str){ mem_dup(m, pem.at, pem.n), pem.n };
	ERR_clear_error(); /* optional parts that were absent or odd */
	return 0;
}

int chain_read(struct str pem, struct mem *m, struct chain *out, struct err *e)
{
	struct pem block;

	*out = (struct chain){ 0 };
	out->at = mem_array(m, CHAIN_MAX, sizeof(*out->at));
	while (pem_next(&pem, &block)) {
		AUTO(buf) struct buf der = { .max = DER_MAX };
		/* RFC 8555 7.4.2: a chain holds certificates, and what else a
		 * server slips in must not reach a file. */
		if (!str_eq(block.label, "CERTIFICATE"))
			return err_set(e, ERR_PERM,
				       "a block \"%.*s\" stands among the "
				       "certificates",
				       STR_FMT(block.label));
		if (out->n == CHAIN_MAX)
			return err_set(e, ERR_PERM,
				       "a chain of more than %d certificates",
				       CHAIN_MAX);
		if (pem_bytes(&block, &der) || der.full)
			return err_set(e, ERR_PERM,
				       "certificate %zu of the chain is "
				       "damaged or too large",
				       out->n + 1);
		if (read_cert(buf_get(&der), m, &out->at[out->n], e))
			return err_at(e, "certificate %zu of the chain",
				      out->n + 1);
		out->n++;
	}
	if (out->n == 0)
		return err_set(e, ERR_PERM, "no certificate in it");
	out->root_cn = out->at[out->n - 1].issuer;
	return 0;
}

int cert_der(struct str pem, struct buf *der, struct err *e)
{
	struct pem block;

	while (pem_next(&pem, &block)) {
		AUTO(buf) struct buf bytes = { .max = DER_MAX };
		if (!str_eq(block.label, "CERTIFICATE"))
			continue;
		AUTO(x509) X509 *x = NULL;
		if (pem_bytes(&block, &bytes) == 0 && !bytes.full)
			x = ossl_cert(buf_get(&bytes));
		if (!x)
			break;
		buf_view(der, buf_get(&bytes));
		return 0;
	}
	return err_set(e, ERR_CONF, "no certificate that can be read in it");
}

static X509 *open_cert(const struct cert *c)
{
	AUTO(buf) struct buf der = { .max = DER_MAX };
	struct err why = { 0 };

	return cert_der(c->pem, &der, &why) ? NULL : ossl_cert(buf_get(&der));
}

enum link {
	LINK_NONE, /* the upper one is no issuer of the lower one */
	LINK_SIGNED,
	LINK_FORGED, /* it has the issuer's name and not its key */
};

static enum link link_of(const struct cert *lower, const struct cert *upper)
{
	AUTO(x509) X509 *low = open_cert(lower);
	AUTO(x509) X509 *up = open_cert(upper);
	enum link found = LINK_NONE;

	if (low && up && X509_check_issued(up, low) == X509_V_OK)
		found = X509_verify(low, X509_get0_pubkey(up)) == 1 ?
				LINK_SIGNED :
				LINK_FORGED;
	ERR_clear_error();
	return found;
}

/* Looks behind position `at` for the one that signed it and swaps it there. */
static enum link find_issuer(struct chain *c, size_t at)
{
	enum link best = LINK_NONE;

	for (size_t i = at + 1; i < c->n; i++) {
		enum link found = link_of(&c->at[at], &c->at[i]);
		if (found == LINK_SIGNED) {
			struct cert one = c->at[i];
			c->at[i] = c->at[at + 1];
			c->at[at + 1] = one;
			return LINK_SIGNED;
		}
		if (found == LINK_FORGED)
			best = LINK_FORGED;
	}
	return best;
}

int chain_sort(struct chain *c, struct mem *m, struct err *e)
{
	(void)m; /* nothing new is made: the same certificates change places */
	size_t n = 1;

	if (c->n == 0)
		return err_set(e, ERR_PERM, "a chain without certificates");
	for (; n < c->n; n++) {
		enum link found = find_issuer(c, n - 1);
		if (found == LINK_FORGED)
			return err_set(e, ERR_PERM,
				       "\"%s\" is not signed by the "
				       "certificate \"%s\" of its chain",
				       c->at[n - 1].subject,
				       c->at[n - 1].issuer);
		if (found == LINK_NONE)
			break;
	}
	if (n == 1 && c->n > 1)
		return err_set(e, ERR_PERM,
			       "\"%s\", which signed \"%s\", is missing in "
			       "the chain",
			       c->at[0].issuer, c->at[0].subject);
	c->n = n;
	c->root_cn = c->at[n - 1].issuer;
	return 0;
}

static int check_dates(const struct cert *c, time_t now, struct err *e)
{
	char then[CLOCK_TEXT], clock[CLOCK_TEXT];

	(void)clock_text(now, clock);
	if (c->not_before > now + SLACK)
		return err_set(e, ERR_PERM,
			       "the certificate \"%s\" is valid only from %s "
			       "on; this machine's clock says %s",
			       c->subject, clock_text(c->not_before, then),
			       clock);
	if (c->not_after <= now)
		return err_set(e, ERR_PERM,
			       "the certificate \"%s\" expired at %s; this "
			       "machine's clock says %s",
			       c->subject, clock_text(c->not_after, then),
			       clock);
	return 0;
}

static int check_leaf(const struct cert *leaf, const unsigned char *spki_sha256,
		      const char *const *names, size_t n, struct err *e)
{
	if (memcmp(leaf->spki_sha256, spki_sha256, KEY_SPKI_SHA256) != 0)
		return err_set(e, ERR_PERM,
			       "the certificate \"%s\" is for another key than "
			       "ours",
			       leaf->subject);
	if (leaf->is_ca)
		return err_set(e, ERR_PERM,
			       "\"%s\" comes first in the chain and is an "
			       "authority's certificate, not a server's",
			       leaf->subject);
	for (size_t i = 0; i < n; i++)
		if (!cert_has_name(leaf, names[i]))
			return err_set(e, ERR_PERM,
				       "the certificate \"%s\" lacks the name "
				       "%s",
				       leaf->subject, names[i]);
	return 0;
}

int chain_check(const struct chain *c, const unsigned char *spki_sha256,
		const char *const *names, size_t n, time_t now, struct err *e)
{
	if (c->n == 0)
		return err_set(e, ERR_PERM, "a chain without certificates");
	if (check_leaf(&c->at[0], spki_sha256, names, n, e))
		return -1;
	for (size_t i = 0; i < c->n; i++) {
		const struct cert *one = &c->at[i];
		if (check_dates(one, now, e))
			return -1;
		if (i == 0)
			continue;
		if (!one->is_ca)
			return err_set(e, ERR_PERM,
				       "\"%s\" stands in the chain and is no "
				       "authority's certificate",
				       one->subject);
		if (link_of(one - 1, one) != LINK_SIGNED)
			return err_set(e, ERR_PERM,
				       "\"%s\" is not signed by \"%s\", which "
				       "follows it in the chain",
				       one[-1].subject, one->subject);
	}
	return 0;
}

bool chain_has_cn(const struct chain *c, const char *cn)
{
	for (size_t i = 0; i < c->n; i++)
		if (strcmp(c->at[i].subject, cn) == 0 ||
		    strcmp(c->at[i].issuer, cn) == 0)
			return true;
	return false;
}

bool cert_has_name(const struct cert *c, const char *name)
{
	for (size_t i = 0; i < c->names_n; i++)
		if (strcmp(c->names[i], name) == 0)
			return true;
	return false;
}
