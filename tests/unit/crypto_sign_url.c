#include "crypto/sign.h"

#include <string.h>

#include "tests/unit/test.h"

static void encodes(void **state)
{
	AUTO(buf) struct buf out = { 0 };

	(void)state;
	sign_encode(&out, str_of("AZaz09-._~ !*'();:@&=+$,/?#[]%\xc3\xa9\n"));
	assert_string_equal(buf_c(&out),
			    "AZaz09-._~%20%21%2A%27%28%29%3B%3A%40%26%3D%2B%24"
			    "%2C%2F%3F%23%5B%5D%25%C3%A9%0A");
}

/* A URL, its parts ("name=value" with '|' between), and as it is written. */
static void splits(void **state)
{
	static const struct {
		const char *url, *scheme, *host, *path, *query, *again;
	} table[] = {
		{ "https://a.example", "https", "a.example", "/", "",
		  "https://a.example/" },
		{ "http://a.example:8080?x", "http", "a.example:8080", "/",
		  "x=", "http://a.example:8080/?x=" },
		{ "https://[::1]:1/p/%41%2f/?a=b&a=c&&=d&e==f&g=%26+%2B",
		  "https", "[::1]:1", "/p/%41%2f/", "a=b|a=c|=d|e==f|g=& +",
		  "https://[::1]:1/p/%41%2f/?a=b&a=c&=d&e=%3Df&g=%26%20%2B" },
		{ "https://h//x/...", "https", "h", "//x/...", "",
		  "https://h//x/..." },
		{ "https://h/?", "https", "h", "/", "", "https://h/" },
		{ "https://h/?a?b", "https", "h", "/",
		  "a?b=", "https://h/?a%3Fb=" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		AUTO(mem) struct mem m = { 0 };
		AUTO(buf) struct buf query = { 0 };
		AUTO(buf) struct buf again = { 0 };
		struct sign_request r = { .method = "GET" };
		struct err e = { 0 };
		int rc = sign_url(str_of(table[i].url), &m, &r, &e);
		assert_string_equal(r.method, "GET");
		if (rc)
			fail_msg("%s: %s", table[i].url, e.msg);
		assert_string_equal(r.scheme, table[i].scheme);
		assert_string_equal(r.host, table[i].host);
		assert_string_equal(r.path, table[i].path);
		for (size_t j = 0; j < r.query_n; j++)
			buf_fmt(&query, "%s%s=%s", j ? "|" : "",
				r.query[j].name, r.query[j].value);
		assert_string_equal(buf_c(&query), table[i].query);
		sign_url_write(&r, NULL, &again);
		assert_string_equal(buf_c(&again), table[i].again);
	}
}

static void refuses(void **state)
{
	static const char *const table[] = {
		"https:///path",
		"https://",
		"https://:80/",
		"HTTPS://h/",
		"ftp://h/",
		"//h/",
		"",
		"https://user@h/",
		"https://user:pass@h/",
		"https://h%41/",
		"https://h/a b",
		"https://h/\xc3\xa9",
		"https://h/a\r\nHost: x",
		"https://h/%",
		"https://h/%4",
		"https://h/%zz",
		"https://h/%00",
		"https://h/?a=%00",
		"https://h/?%g0=a",
		"https://h/./a",
		"https://h/a/..",
		"https://h/a/%2e%2e/b",
		"https://h/.%2E",
		"https://h\\x/",
		"https://h/<>",
		"https://h/#fragment",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		AUTO(mem) struct mem m = { 0 };
		struct sign_request r = { 0 };
		struct err e = { 0 };
		if (sign_url(str_of(table[i]), &m, &r, &e) == 0)
			fail_msg("%s is taken", table[i]);
		assert_int_equal(e.kind, ERR_CONF);
	}
}

static void has_a_limit(void **state)
{
	AUTO(buf) struct buf url = { 0 };
	AUTO(mem) struct mem m = { 0 };
	struct sign_request r = { 0 };
	struct err e = { 0 };

	(void)state;
	buf_str(&url, "https://h/");
	while (url.n < 8192)
		buf_char(&url, 'a');
	assert_int_equal(sign_url(buf_get(&url), &m, &r, &e), 0);
	buf_char(&url, 'a');
	assert_int_equal(sign_url(buf_get(&url), &m, &r, &e), -1);
	assert_int_equal(e.kind, ERR_CONF);
}

static void writes_what_is_added(void **state)
{
	struct sign_pair own[] = { { "a b", "c/d" } };
	struct sign_pair added[] = { { "Nonce", "1&2" },
				     { "Signature", "x=" } };
	const struct sign_out out = { .query = added, .query_n = 2 };
	struct sign_request r = { .scheme = "https", .host = "h", .path = "/" };
	AUTO(buf) struct buf url = { 0 };

	(void)state;
	sign_url_write(&r, &out, &url);
	assert_string_equal(buf_c(&url),
			    "https://h/?Nonce=1%262&Signature=x%3D");
	buf_clear(&url);
	r.query = own;
	r.query_n = 1;
	sign_url_write(&r, &out, &url);
	assert_string_equal(
		buf_c(&url),
		"https://h/?a%20b=c%2Fd&Nonce=1%262&Signature=x%3D");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(encodes),
		cmocka_unit_test(splits),
		cmocka_unit_test(refuses),
		cmocka_unit_test(has_a_limit),
		cmocka_unit_test(writes_what_is_added),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
