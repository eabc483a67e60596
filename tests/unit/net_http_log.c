#include "net/http_log.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/log.h"
#include "tests/unit/test.h"

/* What `say` writes to stderr. */
static void capture(void (*say)(void), struct buf *out)
{
	char path[64];
	struct err e = { 0 };

	(void)snprintf(path, sizeof(path), "/tmp/net_http_log.%d",
		       (int)getpid());
	int kept = dup(STDERR_FILENO);
	int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
	assert_true(fd >= 0 && kept >= 0);
	(void)fflush(stderr);
	assert_true(dup2(fd, STDERR_FILENO) >= 0);
	say();
	(void)fflush(stderr);
	assert_true(dup2(kept, STDERR_FILENO) >= 0);
	close(fd);
	close(kept);
	assert_int_equal(fs_read(path, out, &e), 0);
	unlink(path);
}

static void say_exchange(void)
{
	static const struct http_header sent[] = {
		{ "Authorization", "Bearer geheim1" },
		{ "X-Auth-Key", "geheim2" },
		{ "x-api-token", "geheim3" },
		{ "Content-Type", "application/jose+json" },
	};
	struct http_request q = {
		.method = "POST",
		.url = "https://api.example/x?zone=a&access_key=geheim4&"
		       "Signature=geheim5&page=2",
		.body = STR_LIT("{\"password\": \"geheim6\"}"),
		.headers = sent,
		.headers_n = 4,
	};
	AUTO(http_reply) struct http_reply r = { .status = 201 };

	log_hide(str_of("geheim6")); /* as whoever read the secret does */
	(void)http_header_add(&r, str_of("Set-Cookie: id=geheim7"));
	(void)http_header_add(&r, str_of("Location: https://ca/acct/1"));
	for (int i = 0; i < 300; i++)
		buf_str(&r.body, "0123456789");
	buf_str(&r.body, "the end");
	http_log_request(&q);
	http_log_reply(&q, &r, 12);
}

static void say_login(void)
{
	const struct http_request q = { .method = "POST",
					.url = "https://api.example/login",
					.body = STR_LIT("user=a&word=geheim8"),
					.secret = true };
	AUTO(http_reply) struct http_reply r = { .status = 200 };

	buf_str(&r.body, "{\"t\": \"geheim9\"}");
	http_log_request(&q);
	http_log_reply(&q, &r, 1);
}

/* Nobody has read those yet, so that none is known to be hidden. */
static void hides_logins(void **state)
{
	AUTO(buf) struct buf out = { 0 };

	(void)state;
	log_set(LOG_WIRE);
	capture(say_login, &out);
	assert_non_null(strstr(buf_c(&out), "> ***\n"));
	assert_non_null(strstr(buf_c(&out), "< ***\n"));
	assert_null(strstr(buf_c(&out), "geheim"));
}

static void hides_secrets(void **state)
{
	AUTO(buf) struct buf out = { 0 };

	(void)state;
	log_set(LOG_WIRE);
	capture(say_exchange, &out);
	assert_null(strstr(buf_c(&out), "geheim"));
	assert_non_null(strstr(buf_c(&out), "> POST https://api.example/x?"
					    "zone=a&access_key=***&"
					    "Signature=***&page=2"));
	assert_non_null(strstr(buf_c(&out), "> Authorization: ***\n"));
	assert_non_null(
		strstr(buf_c(&out), "> Content-Type: application/jose+json\n"));
	assert_non_null(strstr(buf_c(&out), "> {\"password\": \"***\"}"));
	assert_non_null(strstr(buf_c(&out), "< 201 (3007 bytes, 12 ms)"));
	assert_non_null(strstr(buf_c(&out), "< Location: https://ca/acct/1"));
	assert_non_null(strstr(buf_c(&out), "0123456789 ..."));
	assert_null(strstr(buf_c(&out), "the end"));
}

static void says_nothing_below_wire(void **state)
{
	AUTO(buf) struct buf out = { 0 };

	(void)state;
	log_set(LOG_REASON);
	capture(say_exchange, &out);
	assert_int_equal(out.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hides_secrets),
		cmocka_unit_test(hides_logins),
		cmocka_unit_test(says_nothing_below_wire),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
