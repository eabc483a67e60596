#include "tests/unit/sign.h"

/* Every row is found by its name, in order, and says all of itself. */
static void table_is_whole(void **state)
{
	size_t n;
	const struct sign_kind *k = sign_table(&n);

	(void)state;
	assert_int_equal(n, 15);
	for (size_t i = 0; i < n; i++) {
		assert_ptr_equal(sign_find(k[i].name), &k[i]);
		assert_true(k[i].title[0]);
		assert_int_equal(k[i].needs & k[i].takes, 0);
		assert_true(k[i].needs & SIGN_KEY);
		if (i > 0)
			assert_true(strcmp(k[i - 1].name, k[i].name) < 0);
	}
	assert_null(sign_find("aws"));
	assert_null(sign_find(""));
}

static void members_have_names(void **state)
{
	(void)state;
	for (unsigned bit = SIGN_ID; bit <= SIGN_NONCE; bit <<= 1)
		for (unsigned other = SIGN_ID; other < bit; other <<= 1)
			assert_string_not_equal(
				sign_member_name((enum sign_member)bit),
				sign_member_name((enum sign_member)other));
	assert_string_equal(sign_member_name(SIGN_KEY_ID), "key_id");
}

static const struct vector plain = {
	.source = "a request that can be signed",
	.name = "edgegrid",
	.method = "GET",
	.url = "https://host.example/path",
	.headers = { { "Accept", "application/json" } },
	.secret = { .id = "id", .key = "key", .token = "token" },
	.nonce = "nonce",
	.where = "Authorization",
};

static void assert_refused(const struct vector *v, struct trial *t,
			   const char *why)
{
	AUTO(sign_out) struct sign_out out = { 0 };
	struct err e = { 0 };

	assert_null(trial_sign(v, t, &out, &e));
	assert_int_equal(e.kind, ERR_CONF);
	if (!strstr(e.msg, why))
		fail_msg("\"%s\" is not in: %s", why, e.msg);
	trial_free(t);
}

/* What every row needs is missed when it is not there, by its name. */
static void misses_what_is_needed(void **state)
{
	size_t n;
	const struct sign_kind *k = sign_table(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		struct vector v = plain;
		struct trial t;
		v.name = k[i].name;
		v.secret = (struct sign_secret){ .id = "i",
						 .key = "k",
						 .token = "t",
						 .region = "r",
						 .service = "s",
						 .audience = "a" };
		if (k[i].needs & SIGN_ID) {
			trial_make(&v, &t);
			t.secret.id = "";
			assert_refused(&v, &t, "\"id\"");
		}
		if (k[i].needs & SIGN_TOKEN) {
			trial_make(&v, &t);
			t.secret.token = NULL;
			assert_refused(&v, &t, "\"token\"");
		}
		if (k[i].needs & SIGN_REGION) {
			trial_make(&v, &t);
			t.secret.region = NULL;
			assert_refused(&v, &t, "\"region\"");
		}
		if (k[i].needs & SIGN_SERVICE) {
			trial_make(&v, &t);
			t.secret.service = NULL;
			assert_refused(&v, &t, "\"service\"");
		}
		if (k[i].needs & SIGN_NONCE) {
			trial_make(&v, &t);
			t.nonce = NULL;
			assert_refused(&v, &t, "\"nonce\"");
		}
		if (k[i].needs & SIGN_AUDIENCE) {
			trial_make(&v, &t);
			t.secret.audience = NULL;
			assert_refused(&v, &t, "\"audience\"");
		}
		trial_make(&v, &t);
		t.secret.key = NULL;
		assert_refused(&v, &t, "\"key\"");
	}
}

static void refuses_what_breaks_lines(void **state)
{
	struct trial t;

	(void)state;
	trial_make(&plain, &t);
	t.headers[0].value = "a\r\nX-Evil: 1";
	assert_refused(&plain, &t, "line break");
	trial_make(&plain, &t);
	t.headers[0].name = "a:b";
	assert_refused(&plain, &t, "wrong name");
	trial_make(&plain, &t);
	t.headers[0].name = "";
	assert_refused(&plain, &t, "wrong name");
	trial_make(&plain, &t);
	t.headers[1] = (struct sign_pair){ "aCCept", "x" };
	t.r.headers_n = 2;
	assert_refused(&plain, &t, "twice");
	trial_make(&plain, &t);
	t.secret.id = "id\n";
	assert_refused(&plain, &t, "\"id\"");
	trial_make(&plain, &t);
	t.secret.token = "a\x7f";
	assert_refused(&plain, &t, "\"token\"");
	trial_make(&plain, &t);
	t.nonce = "a\r";
	assert_refused(&plain, &t, "\"nonce\"");
	trial_make(&plain, &t);
	t.method = "GET /";
	assert_refused(&plain, &t, "method");
	trial_make(&plain, &t);
	t.method = "";
	assert_refused(&plain, &t, "method");
}

static void refuses_parts_that_hold_others(void **state)
{
	struct trial t;

	(void)state;
	trial_make(&plain, &t);
	t.r.host = "host.example/other";
	assert_refused(&plain, &t, "more than its name says");
	trial_make(&plain, &t);
	t.r.path = "/path?a=b";
	assert_refused(&plain, &t, "more than its name says");
	trial_make(&plain, &t);
	t.r.path = "path";
	assert_refused(&plain, &t, "more than its name says");
	trial_make(&plain, &t);
	t.r.path = "/a/%2e%2E/b";
	assert_refused(&plain, &t, "\"..\"");
	trial_make(&plain, &t);
	t.r.scheme = "ftp";
	assert_refused(&plain, &t, "URL");
}

static void refuses_what_is_too_large(void **state)
{
	AUTO(buf) struct buf big = { 0 };
	struct trial t;

	(void)state;
	for (size_t i = 0; i < 65537; i++)
		buf_char(&big, 'x');
	trial_make(&plain, &t);
	t.secret.id = buf_c(&big);
	assert_refused(&plain, &t, "64 KiB");
	while (big.n <= 1024 * 1024)
		buf_char(&big, 'x');
	trial_make(&plain, &t);
	t.headers[0].value = buf_c(&big);
	assert_refused(&plain, &t, "too large");
	while (big.n <= 8 * 1024 * 1024)
		buf_view(&big, (struct str){ "0123456789abcdef", 16 });
	trial_make(&plain, &t);
	t.body = buf_c(&big);
	assert_refused(&plain, &t, "too large");
}

static void refuses_wrong_times(void **state)
{
	struct trial t;

	(void)state;
	trial_make(&plain, &t);
	t.now = -1;
	assert_refused(&plain, &t, "clock");
	trial_make(&plain, &t);
	t.now = (time_t)253402300800;
	assert_refused(&plain, &t, "clock");
	trial_make(&plain, &t);
	t.secret.lifetime = -1;
	assert_refused(&plain, &t, "lifetime");
}

static void refuses_wrong_keys(void **state)
{
	AUTO(secret) struct buf pem = { 0 };
	AUTO(key) struct key *k = NULL;
	struct err e = { 0 };
	struct vector v = plain;
	struct trial t;

	(void)state;
	v.name = "oci_http_sig";
	trial_make(&v, &t);
	assert_refused(&v, &t, "no private key in it");
	assert_int_equal(key_read_jwk(str_of(RFC7515_EC), &k, &e), 0);
	assert_int_equal(key_write(k, &pem, &e), 0);
	trial_make(&v, &t);
	t.secret.key = buf_c(&pem);
	assert_refused(&v, &t, "no RSA key");
	v.name = "jwt_rs256";
	trial_make(&v, &t);
	t.secret.audience = "\xc0";
	assert_refused(&v, &t, "UTF-8");
}

static void refuses_what_a_signer_cannot(void **state)
{
	struct vector v = plain;
	struct trial t;

	(void)state;
	v.name = "aws5";
	trial_make(&v, &t);
	assert_refused(&v, &t, "aws5");
	v.name = "aliyun_rpc1";
	v.body = "a=b";
	trial_make(&v, &t);
	assert_refused(&v, &t, "body");
	v.name = "rsa512_login";
	v.body = NULL;
	trial_make(&v, &t);
	assert_refused(&v, &t, "body");
}

/* What a sender or a proxy writes anew is not signed; what is added goes over
 * the request's own header. */
static void leaves_out_what_changes(void **state)
{
	AUTO(sign_out) struct sign_out one = { 0 };
	AUTO(sign_out) struct sign_out two = { 0 };
	struct vector v = plain;
	struct err e = { 0 };
	struct trial t;

	(void)state;
	v.name = "aws4";
	v.secret.region = v.secret.service = "x";
	trial_make(&v, &t);
	const char *first = trial_sign(&v, &t, &one, &e);
	t.headers[1] = (struct sign_pair){ "User-Agent", "a" };
	t.headers[2] = (struct sign_pair){ "Content-Length", "0" };
	t.headers[3] = (struct sign_pair){ "x-amz-date", "yesterday" };
	t.r.headers_n = 4;
	const char *second = trial_sign(&v, &t, &two, &e);
	assert_non_null(first);
	assert_string_equal(first, second);
	trial_free(&t);
}

/* The order of parameters does not matter where they are sorted. */
static void sorts_parameters(void **state)
{
	static const char *const names[] = { "aws4", "aliyun_rpc1",
					     "acs3", "huawei_sdk",
					     "bce1", "jdcloud2",
					     "volc" };

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		AUTO(sign_out) struct sign_out one = { 0 };
		AUTO(sign_out) struct sign_out two = { 0 };
		struct vector v = plain, w;
		struct err e = { 0 };
		struct trial t, u;
		v.name = names[i];
		v.where = i == 1 ? "?Signature" : "Authorization";
		v.secret.region = v.secret.service = "x";
		w = v;
		v.url = "https://host.example/?b=2&a=2&a=1&a-b=%7e&a%5B=3";
		w.url = "https://host.example/?a=1&a[=3&a-b=~&b=2&a=2";
		trial_make(&v, &t);
		trial_make(&w, &u);
		const char *first = trial_sign(&v, &t, &one, &e);
		assert_non_null(first);
		assert_string_equal(first, trial_sign(&w, &u, &two, &e));
		trial_free(&t);
		trial_free(&u);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table_is_whole),
		cmocka_unit_test(members_have_names),
		cmocka_unit_test(misses_what_is_needed),
		cmocka_unit_test(refuses_what_breaks_lines),
		cmocka_unit_test(refuses_parts_that_hold_others),
		cmocka_unit_test(refuses_what_is_too_large),
		cmocka_unit_test(refuses_wrong_times),
		cmocka_unit_test(refuses_wrong_keys),
		cmocka_unit_test(refuses_what_a_signer_cannot),
		cmocka_unit_test(leaves_out_what_changes),
		cmocka_unit_test(sorts_parameters),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
