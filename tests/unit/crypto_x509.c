#include "crypto/x509.h"

#include <string.h>

#include "base/b64.h"
#include "tests/unit/pki.h"
#include "tests/unit/test.h"

/* A moment for all of it, and a root, an intermediate and a leaf around it. */
enum { NOW = 1800000000, DAY = 86400 };

static const char *const names[] = { "example.org", "*.example.org" };

struct pki {
	struct key *root_key, *mid_key, *leaf_key, *other_key;
	X509 *root, *mid, *leaf;
};

static struct key *make_key(void)
{
	struct err e = { 0 };
	struct key *k = NULL;

	assert_int_equal(key_make(KEY_P256, &k, &e), 0);
	return k;
}

static struct recipe root_recipe(const struct pki *p)
{
	return (struct recipe){ .cn = "Lab Root",
				.key = p->root_key,
				.ca = true,
				.from = NOW - 100 * DAY,
				.until = NOW + 100 * DAY };
}
static struct recipe mid_recipe(const struct pki *p)
{
	return (struct recipe){ .cn = "Lab Intermediate",
				.key = p->mid_key,
				.issuer = p->root,
				.by = p->root_key,
				.ca = true,
				.from = NOW - 50 * DAY,
				.until = NOW + 50 * DAY };
}
static struct recipe leaf_recipe(const struct pki *p)
{
	return (struct recipe){ .cn = "example.org",
				.alt = "DNS:Example.org,DNS:*.example.org,"
				       "IP:127.0.0.1",
				.key = p->leaf_key,
				.issuer = p->mid,
				.by = p->mid_key,
				.from = NOW - DAY,
				.until = NOW + 89 * DAY };
}

static int set_up(void **state)
{
	struct pki *p = calloc(1, sizeof(*p));

	p->root_key = make_key();
	p->mid_key = make_key();
	p->leaf_key = make_key();
	p->other_key = make_key();
	struct recipe r = root_recipe(p);
	p->root = pki_make(&r);
	r = mid_recipe(p);
	p->mid = pki_make(&r);
	r = leaf_recipe(p);
	p->leaf = pki_make(&r);
	*state = p;
	return 0;
}

static int tear_down(void **state)
{
	struct pki *p = *state;

	key_free(p->root_key);
	key_free(p->mid_key);
	key_free(p->leaf_key);
	key_free(p->other_key);
	X509_free(p->root);
	X509_free(p->mid);
	X509_free(p->leaf);
	free(p);
	return 0;
}

static int read_all(struct mem *m, struct chain *c, X509 *const *at, size_t n)
{
	AUTO(buf) struct buf pem = { 0 };
	struct err e = { 0 };

	for (size_t i = 0; i < n; i++)
		pki_pem(&pem, at[i]);
	return chain_read(buf_get(&pem), m, c, &e);
}

static void reads_a_chain(void **state)
{
	struct pki *p = *state;
	struct mem m = { 0 };
	struct chain c;
	unsigned char spki[KEY_SPKI_SHA256];
	struct err e = { 0 };
	X509 *const all[] = { p->leaf, p->mid };

	assert_int_equal(read_all(&m, &c, all, 2), 0);
	assert_int_equal(c.n, 2);
	assert_string_equal(c.root_cn, "Lab Root");
	const struct cert *leaf = &c.at[0];
	assert_int_equal(leaf->names_n, 2);
	assert_string_equal(leaf->names[0], "example.org");
	assert_string_equal(leaf->names[1], "*.example.org");
	assert_string_equal(leaf->subject, "example.org");
	assert_string_equal(leaf->issuer, "Lab Intermediate");
	assert_string_equal(leaf->serial, "008765432101");
	assert_int_equal(leaf->not_before, NOW - DAY);
	assert_int_equal(leaf->not_after, NOW + 89 * DAY);
	assert_false(leaf->is_ca);
	assert_true(c.at[1].is_ca);
	assert_int_equal(key_spki_sha256(p->leaf_key, spki, &e), 0);
	assert_memory_equal(spki, leaf->spki_sha256, sizeof(spki));
	assert_true(cert_has_name(leaf, "*.example.org"));
	assert_false(cert_has_name(leaf, "a.example.org"));
	assert_true(chain_has_cn(&c, "Lab Root"));
	assert_true(chain_has_cn(&c, "Lab Intermediate"));
	assert_false(chain_has_cn(&c, "lab root"));

	AUTO(buf) struct buf want = { 0 };
	pki_pem(&want, p->leaf);
	assert_true(str_same(leaf->pem, buf_get(&want)));
	AUTO(buf) struct buf der = { 0 };
	AUTO(der) unsigned char *bytes = NULL;
	int n = i2d_X509(p->leaf, &bytes);
	assert_int_equal(cert_der(leaf->pem, &der, &e), 0);
	assert_int_equal(der.n, n);
	assert_memory_equal(der.at, bytes, der.n);
	assert_int_equal(cert_der(str_of("x"), &der, &e), -1);
	assert_int_equal(e.kind, ERR_CONF);
	mem_free(&m);
}

/* RFC 9773 appendix A and 4.1. */
static void names_renewal_info(void **state)
{
	static const char pem[] =
		"-----BEGIN CERTIFICATE-----\n"
		"MIIBQzCB66ADAgECAgUAh2VDITAKBggqhkjOPQQDAjAVMRMwEQYDVQQDEwpFeGFt\n"
		"cGxlIENBMCIYDzAwMDEwMTAxMDAwMDAwWhgPMDAwMTAxMDEwMDAwMDBaMBYxFDAS\n"
		"BgNVBAMTC2V4YW1wbGUuY29tMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEeBZu\n"
		"7cbpAYNXZLbbh8rNIzuOoqOOtmxA1v7cRm//AwyMwWxyHz4zfwmBhcSrf47NUAFf\n"
		"qzLQ2PPQxdTXREYEnKMjMCEwHwYDVR0jBBgwFoAUaYhba4dGQEHhs3uEe6CuLN4B\n"
		"yNQwCgYIKoZIzj0EAwIDRwAwRAIge09+S5TZAlw5tgtiVvuERV6cT4mfutXIlwTb\n"
		"+FYN/8oCIClDsqBklhB9KAelFiYt9+6FDj3z4KGVelYM5MdsO3pK\n"
		"-----END CERTIFICATE-----\n";
	struct mem m = { 0 };
	struct chain c;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(chain_read(STR_LIT(pem), &m, &c, &e), 0);
	assert_string_equal(c.at[0].ari_id,
			    "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE");
	assert_string_equal(c.at[0].serial, "0087654321");
	assert_int_equal(c.at[0].names_n, 0);
	assert_string_equal(c.at[0].issuer, "Example CA");
	mem_free(&m);
}

static void lacks_renewal_info_without_aki(void **state)
{
	struct pki *p = *state;
	X509 *x = X509_dup(p->leaf);
	struct mem m = { 0 };
	struct chain c;

	int at = X509_get_ext_by_NID(x, NID_authority_key_identifier, -1);
	X509_EXTENSION_free(X509_delete_ext(x, at));
	assert_true(X509_sign(x, p->mid_key->pkey, EVP_sha256()) > 0);
	assert_int_equal(read_all(&m, &c, &x, 1), 0);
	assert_null(c.at[0].ari_id);
	X509_free(x);
	mem_free(&m);
}

#define BLOCK(label, text) \
	"-----BEGIN " label "-----\n" text "\n-----END " label "-----\n"

static void refuses_text(void **state)
{
	static const struct {
		const char *text, *why;
	} table[] = {
		{ "", "no certificate" },
		{ "<html>", "no certificate" },
		{ BLOCK("CERTIFICATE", "AAAA"), "certificate 1" },
		{ BLOCK("CERTIFICATE", "!!"), "certificate 1" },
		{ BLOCK("CERTIFICATE", ""), "certificate 1" },
		{ BLOCK("PRIVATE KEY", "AAAA"), "\"PRIVATE KEY\"" },
		{ BLOCK("X509 CRL", "AAAA"), "\"X509 CRL\"" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct mem m = { 0 };
		struct chain c;
		struct err e = { 0 };
		assert_int_equal(chain_read(str_of(table[i].text), &m, &c, &e),
				 -1);
		assert_int_equal(e.kind, ERR_PERM);
		assert_non_null(strstr(e.msg, table[i].why));
		mem_free(&m);
	}
}

static void counts_certificates(void **state)
{
	struct pki *p = *state;
	struct mem m = { 0 };
	struct chain c;
	X509 *all[11];

	for (size_t i = 0; i < COUNT(all); i++)
		all[i] = p->mid;
	assert_int_equal(read_all(&m, &c, all, 10), 0);
	assert_int_equal(read_all(&m, &c, all, 11), -1);
	mem_free(&m);
}

/* What stands behind the leaf's DER, or a key slipped in, is no chain. */
static void refuses_what_follows(void **state)
{
	struct pki *p = *state;
	AUTO(buf) struct buf pem = { 0 };
	AUTO(buf) struct buf der = { 0 };
	struct mem m = { 0 };
	struct chain c;
	struct err e = { 0 };

	pki_pem(&pem, p->leaf);
	assert_int_equal(cert_der(buf_get(&pem), &der, &e), 0);
	buf_char(&der, 0);
	AUTO(buf) struct buf longer = { 0 };
	buf_str(&longer, "-----BEGIN CERTIFICATE-----\n");
	b64_add(&longer, buf_get(&der));
	buf_str(&longer, "\n-----END CERTIFICATE-----\n");
	assert_int_equal(chain_read(buf_get(&longer), &m, &c, &e), -1);
	assert_int_equal(cert_der(buf_get(&longer), &der, &e), -1);
	assert_int_equal(key_write(p->leaf_key, &pem, &e), 0);
	assert_int_equal(chain_read(buf_get(&pem), &m, &c, &e), -1);
	assert_non_null(strstr(e.msg, "PRIVATE KEY"));
	mem_free(&m);
}

/* What moves a cursor must not reach a terminal. */
static void cleans_names(void **state)
{
	struct pki *p = *state;
	struct recipe r = leaf_recipe(p);
	struct mem m = { 0 };
	struct chain c;

	r.cn = "a\x1b[2Jb\nc";
	X509 *x = pki_make(&r);
	assert_int_equal(read_all(&m, &c, &x, 1), 0);
	assert_string_equal(c.at[0].subject, "a?[2Jb?c");
	X509_free(x);
	mem_free(&m);
}

static void sorts(void **state)
{
	struct pki *p = *state;
	struct recipe r = root_recipe(p);
	r.cn = "Foreign Root";
	r.key = p->other_key;
	X509 *foreign = pki_make(&r);
	const struct {
		X509 *in[4];
		size_t n, left; /* 0: refused */
		const char *last, *why;
	} table[] = {
		{ { p->leaf, p->mid }, 2, 2, "Lab Intermediate", NULL },
		{ { p->leaf, p->root, p->mid }, 3, 3, "Lab Root", NULL },
		{ { p->leaf, foreign, p->mid }, 3, 2, "Lab Intermediate", NULL },
		{ { p->leaf, p->mid, p->mid, p->root }, 4, 3, "Lab Root", NULL },
		{ { p->leaf }, 1, 1, "example.org", NULL },
		{ { p->root }, 1, 1, "Lab Root", NULL },
		{ { p->leaf, p->root }, 2, 0, NULL, "is missing" },
		{ { p->leaf, foreign }, 2, 0, NULL, "is missing" },
		{ { p->leaf, p->leaf }, 2, 0, NULL, "is missing" },
	};
	for (size_t i = 0; i < COUNT(table); i++) {
		struct mem m = { 0 };
		struct chain c;
		struct err e = { 0 };
		assert_int_equal(read_all(&m, &c, table[i].in, table[i].n), 0);
		assert_int_equal(chain_sort(&c, &m, &e),
				 table[i].left ? 0 : -1);
		if (table[i].left) {
			assert_int_equal(c.n, table[i].left);
			assert_string_equal(c.at[c.n - 1].subject,
					    table[i].last);
			assert_string_equal(c.root_cn, c.at[c.n - 1].issuer);
		} else {
			assert_int_equal(e.kind, ERR_PERM);
			assert_non_null(strstr(e.msg, table[i].why));
		}
		mem_free(&m);
	}
	X509_free(foreign);
}

/* A certificate with the issuer's name and identifiers and another key. */
static void sort_refuses_forged(void **state)
{
	struct pki *p = *state;
	struct recipe r = leaf_recipe(p);
	struct mem m = { 0 };
	struct chain c;
	struct err e = { 0 };

	r.by = p->other_key; /* names mid as its issuer, signed by another */
	X509 *forged = pki_make(&r);
	X509 *const all[] = { forged, p->mid };
	assert_int_equal(read_all(&m, &c, all, 2), 0);
	assert_int_equal(chain_sort(&c, &m, &e), -1);
	assert_non_null(strstr(e.msg, "is not signed by"));
	struct chain none = { 0 };
	assert_int_equal(chain_sort(&none, &m, &e), -1);
	X509_free(forged);
	mem_free(&m);
}

struct check {
	X509 *in[3];
	size_t n;
	const struct key *key;
	const char *name; /* instead of the two names */
	time_t now;
	const char *why; /* NULL: fit to install */
};

static void check_one(const struct check *t)
{
	struct mem m = { 0 };
	struct chain c;
	unsigned char spki[KEY_SPKI_SHA256];
	struct err e = { 0 };

	assert_int_equal(read_all(&m, &c, t->in, t->n), 0);
	assert_int_equal(key_spki_sha256(t->key, spki, &e), 0);
	int rc = t->name ? chain_check(&c, spki, &t->name, 1, t->now, &e) :
			   chain_check(&c, spki, names, 2, t->now, &e);
	assert_int_equal(rc, t->why ? -1 : 0);
	if (t->why) {
		assert_int_equal(e.kind, ERR_PERM);
		assert_non_null(strstr(e.msg, t->why));
	}
	mem_free(&m);
}

static void checks(void **state)
{
	struct pki *p = *state;
	struct recipe r = leaf_recipe(p);
	r.by = p->other_key;
	X509 *forged = pki_make(&r);
	r = mid_recipe(p);
	r.until = NOW - DAY;
	X509 *old_mid = pki_make(&r);
	r = mid_recipe(p);
	r.ca = false;
	X509 *weak_mid = pki_make(&r);
	r = leaf_recipe(p);
	r.ca = true;
	X509 *leaf_ca = pki_make(&r);
	const struct key *k = p->leaf_key;
	const struct check table[] = {
		{ { p->leaf, p->mid }, 2, k, NULL, NOW, NULL },
		{ { p->leaf, p->mid, p->root }, 3, k, NULL, NOW, NULL },
		{ { p->leaf }, 1, k, NULL, NOW, NULL },
		{ { p->leaf, p->mid }, 2, k, "example.org", NOW, NULL },
		{ { p->leaf, p->mid },
		  2,
		  p->other_key,
		  NULL,
		  NOW,
		  "another key" },
		{ { p->leaf, p->mid },
		  2,
		  k,
		  "www.example.org",
		  NOW,
		  "lacks the name www.example.org" },
		/* An hour of slack at its start, none at its end. */
		{ { p->leaf, p->mid }, 2, k, NULL, NOW - DAY - 3600, NULL },
		{ { p->leaf, p->mid },
		  2,
		  k,
		  NULL,
		  NOW - DAY - 3601,
		  "valid only from" },
		{ { p->leaf }, 1, k, NULL, NOW + 89 * DAY - 1, NULL },
		{ { p->leaf }, 1, k, NULL, NOW + 89 * DAY, "expired at" },
		{ { p->leaf, p->mid },
		  2,
		  k,
		  NULL,
		  NOW + 60 * DAY,
		  "\"Lab Intermediate\" expired at" },
		{ { p->leaf, old_mid },
		  2,
		  k,
		  NULL,
		  NOW,
		  "\"Lab Intermediate\" expired at" },
		{ { p->leaf, p->root }, 2, k, NULL, NOW, "is not signed by" },
		{ { p->leaf, p->root, p->mid },
		  3,
		  k,
		  NULL,
		  NOW,
		  "is not signed by" },
		{ { forged, p->mid }, 2, k, NULL, NOW, "is not signed by" },
		{ { p->leaf, weak_mid },
		  2,
		  k,
		  NULL,
		  NOW,
		  "no authority's certificate" },
		{ { leaf_ca, p->mid }, 2, k, NULL, NOW, "comes first" },
	};
	for (size_t i = 0; i < COUNT(table); i++)
		check_one(&table[i]);

	struct chain none = { 0 };
	unsigned char spki[KEY_SPKI_SHA256] = { 0 };
	struct err e = { 0 };
	assert_int_equal(chain_check(&none, spki, names, 2, NOW, &e), -1);
	X509_free(forged);
	X509_free(old_mid);
	X509_free(weak_mid);
	X509_free(leaf_ca);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_a_chain),
		cmocka_unit_test(names_renewal_info),
		cmocka_unit_test(lacks_renewal_info_without_aki),
		cmocka_unit_test(refuses_text),
		cmocka_unit_test(counts_certificates),
		cmocka_unit_test(refuses_what_follows),
		cmocka_unit_test(cleans_names),
		cmocka_unit_test(sorts),
		cmocka_unit_test(sort_refuses_forged),
		cmocka_unit_test(checks),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
