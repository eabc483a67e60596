#include "crypto/csr.h"

#include <string.h>

#include "crypto/pem.h"
#include "tests/unit/openssl.h"
#include "tests/unit/test.h"

static struct key *make(enum key_type t)
{
	struct err e = { 0 };
	struct key *k = NULL;

	assert_int_equal(key_make(t, &k, &e), 0);
	return k;
}

static void makes_what_it_reads(void **state)
{
	static const char *const names[] = { "example.org", "*.example.org",
					     "xn--bcher-kva.example" };
	(void)state;
	for (int i = KEY_P256; i <= KEY_RSA2048; i++) {
		AUTO(key) struct key *k = make((enum key_type)i);
		AUTO(buf) struct buf der = { 0 };
		unsigned char spki[KEY_SPKI_SHA256];
		struct mem m = { 0 };
		struct csr c;
		struct err e = { 0 };

		assert_int_equal(csr_make(k, names, 3, &der, &e), 0);
		assert_int_equal(csr_read(buf_get(&der), &m, &c, &e), 0);
		assert_int_equal(c.n, 3);
		for (size_t j = 0; j < 3; j++)
			assert_string_equal(c.names[j], names[j]);
		assert_true(str_same(c.der, buf_get(&der)));
		assert_int_equal(key_spki_sha256(k, spki, &e), 0);
		assert_memory_equal(spki, c.spki_sha256, sizeof(spki));
		mem_free(&m);
	}
}

static void needs_a_name(void **state)
{
	AUTO(key) struct key *k = make(KEY_P256);
	AUTO(buf) struct buf der = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(csr_make(k, NULL, 0, &der, &e), -1);
	assert_int_equal(e.kind, ERR_CONF);
}

/* 65 characters: too long for a CN. */
#define LONG_NAME \
	"a23456789.a23456789.a23456789.a23456789.a23456789.a23456789.12345"

static void agrees_with_openssl(void **state)
{
	static const char *const argv[] = { "openssl", "req",    "-inform",
					    "DER",     "-noout", "-text",
					    "-verify", NULL };
	static const struct {
		const char *names[3];
		const char *subject, *alt;
	} table[] = {
		{ { "example.org", "*.example.org" },
		  "Subject: CN = example.org\n",
		  "DNS:example.org, DNS:*.example.org\n" },
		{ { LONG_NAME, "short.example" },
		  "Subject: CN = short.example\n",
		  "DNS:" LONG_NAME ", DNS:short.example\n" },
		{ { LONG_NAME }, "Subject: \n", "DNS:" LONG_NAME "\n" },
	};
	(void)state;
	openssl_or_skip();
	for (size_t i = 0; i < COUNT(table); i++) {
		AUTO(key) struct key *k = make(i == 1 ? KEY_P384 : KEY_P256);
		AUTO(buf) struct buf der = { 0 };
		AUTO(buf) struct buf out = { 0 };
		struct err e = { 0 };
		size_t n = 0;

		while (n < 3 && table[i].names[n])
			n++;
		assert_int_equal(csr_make(k, table[i].names, n, &der, &e), 0);
		assert_int_equal(openssl_run(argv, buf_get(&der), &out), 0);
		assert_non_null(strstr(buf_c(&out), "verify OK"));
		assert_non_null(strstr(buf_c(&out), table[i].subject));
		assert_non_null(strstr(buf_c(&out), table[i].alt));
		assert_non_null(strstr(buf_c(&out), "Version: 1 (0x0)"));
		assert_null(strstr(buf_c(&out), "Key Usage"));
		assert_null(strstr(buf_c(&out), "TLS Feature"));
	}
}

/* Requests of the openssl command: what it asks for, and our answer. */
static void reads_foreign(void **state)
{
	static const struct {
		const char *subject, *ext;
		const char *names[4];
		const char *why; /* NULL: taken */
	} table[] = {
		{ "/CN=Example.ORG",
		  "subjectAltName=DNS:*.Example.org",
		  { "*.example.org", "example.org" },
		  NULL },
		{ "/CN=example.org",
		  "keyUsage=digitalSignature",
		  { "example.org" },
		  NULL },
		{ "/O=x",
		  "subjectAltName=DNS:a.example,DNS:A.example",
		  { "a.example" },
		  NULL },
		{ "/O=x",
		  "subjectAltName=DNS:a.example,IP:127.0.0.1",
		  { NULL },
		  "something else than DNS names" },
		{ "/O=x",
		  "subjectAltName=email:a@b.example",
		  { NULL },
		  "something else than DNS names" },
		{ "/CN=a.example",
		  "tlsfeature=status_request",
		  { NULL },
		  "must-staple" },
		{ "/O=x",
		  "keyUsage=digitalSignature",
		  { NULL },
		  "names no domain" },
		{ "/CN=My Server",
		  "subjectAltName=DNS:a.example",
		  { NULL },
		  "the certificate request" },
	};
	(void)state;
	openssl_or_skip();
	for (size_t i = 0; i < COUNT(table); i++) {
		const char *const argv[] = { "openssl",
					     "req",
					     "-new",
					     "-newkey",
					     "ec",
					     "-pkeyopt",
					     "ec_paramgen_curve:P-256",
					     "-nodes",
					     "-keyout",
					     "/dev/null",
					     "-subj",
					     table[i].subject,
					     "-addext",
					     table[i].ext,
					     NULL };
		AUTO(buf) struct buf pem = { 0 };
		struct mem m = { 0 };
		struct csr c;
		struct err e = { 0 };

		assert_int_equal(openssl_run(argv, str_of(NULL), &pem), 0);
		int rc = csr_read(buf_get(&pem), &m, &c, &e);
		assert_int_equal(rc, table[i].why ? -1 : 0);
		if (table[i].why) {
			assert_int_equal(e.kind, ERR_CONF);
			assert_non_null(strstr(e.msg, table[i].why));
		}
		for (size_t j = 0; rc == 0 && j < c.n; j++)
			assert_string_equal(c.names[j], table[i].names[j]);
		if (rc == 0)
			assert_null(table[i].names[c.n]);
		mem_free(&m);
	}
}

static void refuses_damage(void **state)
{
	static const char *const names[] = { "example.org" };
	AUTO(key) struct key *k = make(KEY_P256);
	AUTO(buf) struct buf der = { 0 };
	AUTO(buf) struct buf pem = { 0 };
	struct mem m = { 0 };
	struct csr c;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(csr_make(k, names, 1, &der, &e), 0);
	pem_add(&pem, "NEW CERTIFICATE REQUEST", buf_get(&der));
	assert_int_equal(csr_read(buf_get(&pem), &m, &c, &e), 0);
	/* Another name than the one that was signed. */
	char *at = memmem(der.at, der.n, "example", 7);
	at[0] = 'E' + 1;
	assert_int_equal(csr_read(buf_get(&der), &m, &c, &e), -1);
	assert_non_null(strstr(e.msg, "signature"));
	at[0] = 'e';
	buf_char(&der, 0);
	assert_int_equal(csr_read(buf_get(&der), &m, &c, &e), -1);
	assert_non_null(strstr(e.msg, "no certificate request"));
	assert_int_equal(csr_read(str_of(NULL), &m, &c, &e), -1);
	assert_int_equal(e.kind, ERR_CONF);
	buf_clear(&pem);
	pem_add(&pem, "CERTIFICATE REQUEST", str_of("abc"));
	assert_int_equal(csr_read(buf_get(&pem), &m, &c, &e), -1);
	AUTO(buf) struct buf big = { 0 };
	while (big.n < 80000)
		buf_str(&big, "0123456789");
	assert_int_equal(csr_read(buf_get(&big), &m, &c, &e), -1);
	assert_non_null(strstr(e.msg, "too large"));
	mem_free(&m);
}

static void counts_names(void **state)
{
	const char *names[101];
	AUTO(key) struct key *k = make(KEY_P256);
	struct mem m = { 0 };
	struct csr c;
	struct err e = { 0 };

	(void)state;
	for (int i = 0; i < 101; i++)
		names[i] = mem_fmt(&m, "n%d.example.org", i);
	for (size_t n = 100; n <= 101; n++) {
		AUTO(buf) struct buf der = { 0 };
		assert_int_equal(csr_make(k, names, n, &der, &e), 0);
		assert_int_equal(csr_read(buf_get(&der), &m, &c, &e),
				 n == 100 ? 0 : -1);
	}
	assert_non_null(strstr(e.msg, "more than 100"));
	mem_free(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(makes_what_it_reads),
		cmocka_unit_test(needs_a_name),
		cmocka_unit_test(agrees_with_openssl),
		cmocka_unit_test(reads_foreign),
		cmocka_unit_test(refuses_damage),
		cmocka_unit_test(counts_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
