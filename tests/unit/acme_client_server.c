#include "acme/client.h"

#include "tests/unit/acme_fake.h"

struct server {
	const char *text;
	enum key_type leaf;
	const char *url, *staging;
};

static void knows_its_cas(void **state)
{
	static const struct server table[] = {
		{ "letsencrypt", KEY_P256,
		  "https://acme-v02.api.letsencrypt.org/directory",
		  "https://acme-staging-v02.api.letsencrypt.org/directory" },
		{ "LetsEncrypt-Staging", KEY_RSA2048,
		  "https://acme-staging-v02.api.letsencrypt.org/directory",
		  "https://acme-staging-v02.api.letsencrypt.org/directory" },
		{ "zerossl", KEY_P256, "https://acme.zerossl.com/v2/DV90",
		  NULL },
		{ "google", KEY_P256,
		  "https://dv.acme-v02.api.pki.goog/directory",
		  "https://dv.acme-v02.test-api.pki.goog/directory" },
		{ "sslcom", KEY_P384, "https://acme.ssl.com/sslcom-dv-ecc",
		  NULL },
		{ "sslcom", KEY_RSA4096, "https://acme.ssl.com/sslcom-dv-rsa",
		  NULL },
		{ "https://127.0.0.1:14000/dir", KEY_P256,
		  "https://127.0.0.1:14000/dir", NULL },
		{ "https://acme-v02.api.letsencrypt.org/directory", KEY_P256,
		  "https://acme-v02.api.letsencrypt.org/directory",
		  "https://acme-staging-v02.api.letsencrypt.org/directory" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct err e = { 0 };
		const char *url = NULL;
		const char *staging = acme_server_staging(table[i].text);

		assert_fine(acme_server_url(table[i].text, table[i].leaf, &url,
					    &e));
		assert_string_equal(url, table[i].url);
		assert_true(
			str_same(str_of(staging), str_of(table[i].staging)));
	}
}

static void explains_unknown_cas(void **state)
{
	static const char *const table[][2] = {
		{ "letsencript", "did you mean letsencrypt?" },
		{ "buypass", "Buypass has stopped issuing" },
		{ "nonesuch", "no CA named \"nonesuch\"" },
		{ "http://ca.test/dir", "is no https URL" },
		{ "ftp://ca.test/dir", "is no https URL" },
		{ "https://ca.test/a b", "is no https URL" },
		{ "", "no CA named" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct err e = { 0 };
		const char *url = NULL;

		assert_int_equal(
			acme_server_url(table[i][0], KEY_P256, &url, &e), -1);
		assert_int_equal(e.kind, ERR_CONF);
		assert_says(e, table[i][1]);
	}
}

static void lists_every_preset_with_a_note(void **state)
{
	size_t n = 0;
	const struct acme_server *s = acme_servers(&n);

	(void)state;
	assert_true(n >= 7);
	for (size_t i = 0; i < n; i++) {
		assert_non_null(s[i].name);
		assert_non_null(s[i].note);
		assert_non_null(acme_https(s[i].url));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_its_cas),
		cmocka_unit_test(explains_unknown_cas),
		cmocka_unit_test(lists_every_preset_with_a_note),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
