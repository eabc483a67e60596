#include "net/http.h"

#include <stdatomic.h>

#include "base/clock.h"
#include "base/stop.h"
#include "tests/unit/server.h"
#include "tests/unit/test.h"

#define OK "HTTP/1.1 200 OK\r\n"

/* Silent until the far end goes. */
static void wait_for_end(struct server_conn *c)
{
	char at[64];

	while (server_read(c, at, sizeof(at)) > 0)
		;
}

static void send_head_of(struct server_conn *c, size_t lines)
{
	server_say(c, OK "Content-Length: 0\r\n");
	for (size_t i = 0; i < lines; i++)
		server_say(c, "X-Many: 0123456789012345678901234567890123456789"
			      "01234567890123456789\r\n");
	server_say(c, "\r\n");
}

static void echo(struct server_conn *c, const char *head, struct str body)
{
	struct buf out = { 0 };

	buf_fmt(&out, OK "Content-Length: %zu\r\n\r\n%s", strlen(head) + body.n,
		head);
	buf_view(&out, body);
	server_send(c, out.at, out.n);
	buf_free(&out);
}

static const struct page {
	const char *path, *text;
	bool close;
} pages[] = {
	{ "/hello",
	  OK "Content-Length: 5\r\nReplay-Nonce: abc\r\n"
	     "Link: </a>;rel=up\r\nLINK: <b>; rel=\"alternate\"\r\n"
	     "Content-Type: Application/problem+JSON; charset=utf-8\r\n"
	     "X-Empty:\r\n\r\nhello",
	  false },
	{ "/early",
	  "HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\n" OK
	  "Content-Length: 0\r\nX-Late: 1\r\n\r\n",
	  false },
	{ "/problem",
	  "HTTP/1.1 429 Slow down\r\nRetry-After: 7\r\nContent-Length: 2\r\n"
	  "\r\n{}",
	  false },
	{ "/moved",
	  "HTTP/1.1 302 Found\r\nLocation: /hello\r\nContent-Length: 0\r\n"
	  "\r\n",
	  false },
	{ "/five", OK "Content-Length: 5\r\n\r\n12345", false },
	{ "/six", OK "Content-Length: 6\r\n\r\n123456", false },
	{ "/chunks",
	  OK "Transfer-Encoding: chunked\r\n\r\n4\r\n1234\r\n4\r\n5678\r\n"
	     "0\r\n\r\n",
	  false },
	{ "/folded", OK "A: b\r\n c\r\nContent-Length: 0\r\n\r\n", false },
	{ "/nocolon", OK "nonsense\r\nContent-Length: 0\r\n\r\n", false },
	{ "/control", OK "A: b\x01\r\nContent-Length: 0\r\n\r\n", false },
	{ "/garbage", "SSH-2.0-OpenSSH_9.2\r\n\r\n", true },
	{ "/drop", "", true },
	{ "/short", OK "Content-Length: 50\r\n\r\nabc", true },
};

static atomic_uint drops; /* requests that got no answer */

static bool answer(struct server_conn *c, const char *head, struct str body)
{
	const char *path = strchr(head, ' ') + 1;
	size_t n = strcspn(path, " ?");

	for (size_t i = 0; i < COUNT(pages); i++) {
		if (!str_eq((struct str){ path, n }, pages[i].path))
			continue;
		drops += strcmp(pages[i].path, "/drop") == 0;
		server_say(c, pages[i].text);
		return !pages[i].close;
	}
	if (strncmp(path, "/slow", n) == 0) {
		server_say(c, OK "Content-Length: 50\r\n\r\nabc");
		wait_for_end(c);
	} else if (strncmp(path, "/stop", n) == 0) {
		stop_ask();
		wait_for_end(c);
	} else if (strncmp(path, "/head-ok", n) == 0) {
		send_head_of(c, 190);
	} else if (strncmp(path, "/head-many", n) == 0) {
		send_head_of(c, 210);
	} else {
		echo(c, head, body);
	}
	return true;
}

static int open_plain(void **state)
{
	struct server *s = calloc(1, sizeof(*s));

	s->answer = answer;
	server_open(s);
	*state = s;
	return 0;
}

static int close_plain(void **state)
{
	server_close(*state);
	free(*state);
	return 0;
}

static struct http *open_client(const struct http_options *o)
{
	struct http *h = NULL;
	struct err e = { 0 };

	assert_int_equal(http_open(o, &h, &e), 0);
	return h;
}

/* GET of a path of the server with everything by default. */
static int get(struct http *h, const struct server *s, const char *path,
	       struct http_reply *r, struct err *e)
{
	char url[200];
	struct http_request q = { .method = "GET", .url = url };

	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%u%s", s->port,
		       path);
	return h->send(h, &q, r, e);
}

static void keeps_its_connection(void **state)
{
	struct server *s = *state;
	struct http_options o = { 0 };
	AUTO(http) struct http *h = open_client(&o);
	AUTO(http_reply) struct http_reply r = { 0 };
	struct err e = { 0 };
	unsigned before = s->accepted;

	for (int i = 0; i < 3; i++) {
		assert_int_equal(get(h, s, "/hello", &r, &e), 0);
		assert_int_equal(r.status, 200);
		assert_string_equal(buf_c(&r.body), "hello");
	}
	assert_int_equal(h->requests, 3);
	assert_int_equal(h->connections, 1);
	assert_int_equal(s->accepted - before, 1);
}

/* A kept connection that dies under a request: sent anew, but not what must go
 * out once. */
static void sends_once(void **state)
{
	static const struct {
		const char *body;
		bool once;
		unsigned drops;
	} rows[] = {
		{ "{}", false, 2 },
		{ "{}", true, 1 },
		{ "", true, 1 },
	};
	struct server *s = *state;
	struct http_options o = { 0 };

	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO(http) struct http *h = open_client(&o);
		AUTO(http_reply) struct http_reply r = { 0 };
		struct err e = { 0 };
		char url[200];
		const unsigned before = drops;
		const struct http_request q = { .method = "POST",
						.url = url,
						.body = str_of(rows[i].body),
						.once = rows[i].once };

		(void)snprintf(url, sizeof(url), "http://127.0.0.1:%u/drop",
			       s->port);
		assert_int_equal(get(h, s, "/hello", &r, &e), 0);
		assert_int_equal(h->send(h, &q, &r, &e), -1);
		assert_int_equal(e.kind, ERR_TEMP);
		assert_int_equal(drops - before, rows[i].drops);
		if (rows[i].once && *rows[i].body)
			assert_non_null(strstr(e.msg, "before an answer"));
	}
}

static void reads_headers(void **state)
{
	struct http_options o = { 0 };
	AUTO(http) struct http *h = open_client(&o);
	AUTO(http_reply) struct http_reply r = { 0 };
	struct err e = { 0 };
	struct mem m = { 0 };

	assert_int_equal(get(h, *state, "/hello", &r, &e), 0);
	assert_string_equal(http_header(&r, "replay-nonce", 0), "abc");
	assert_null(http_header(&r, "replay-nonce", 1));
	assert_string_equal(http_header(&r, "X-Empty", 0), "");
	assert_string_equal(http_link(&r, "https://ca/x/y", "alternate", 0, &m),
			    "https://ca/x/b");
	assert_true(http_is_json(&r));
	/* Headers of an interim answer are not those of the answer. */
	assert_int_equal(get(h, *state, "/early", &r, &e), 0);
	assert_int_equal(r.status, 200);
	assert_null(http_header(&r, "X-Early", 0));
	assert_string_equal(http_header(&r, "X-Late", 0), "1");
	assert_null(http_header(&r, "replay-nonce", 0));
	mem_free(&m);
}

static void gives_any_status(void **state)
{
	struct http_options o = { 0 };
	AUTO(http) struct http *h = open_client(&o);
	AUTO(http_reply) struct http_reply r = { 0 };
	struct err e = { 0 };

	assert_int_equal(get(h, *state, "/problem", &r, &e), 0);
	assert_int_equal(r.status, 429);
	assert_string_equal(buf_c(&r.body), "{}");
	assert_int_equal(http_retry_after(&r, 1000), 1007);
	assert_int_equal(get(h, *state, "/moved", &r, &e), 0);
	assert_int_equal(r.status, 302);
	assert_string_equal(http_header(&r, "location", 0), "/hello");
}

static void sends_methods(void **state)
{
	static const struct {
		const char *method, *body, *line, *has, *lacks;
	} table[] = {
		{ "GET", NULL, "GET /echo/../x HTTP/1.1\r\n", "Accept: */*",
		  "Content-Length" },
		{ "POST", "{}", "POST /echo/../x HTTP/1.1\r\n",
		  "Content-Length: 2\r\n", "urlencoded" },
		{ "POST", NULL, "POST /echo/../x HTTP/1.1\r\n",
		  "Content-Length: 0\r\n", "Expect" },
		{ "PUT", "a", "PUT /echo/../x HTTP/1.1\r\n",
		  "Content-Length: 1\r\n", "urlencoded" },
		{ "PATCH", "a", "PATCH /echo/../x HTTP/1.1\r\n",
		  "Content-Length: 1\r\n", "urlencoded" },
		{ "DELETE", NULL, "DELETE /echo/../x HTTP/1.1\r\n",
		  "User-Agent: opsmail/", "Content-Length" },
		{ "DELETE", "a", "DELETE /echo/../x HTTP/1.1\r\n",
		  "Content-Length: 1\r\n", "urlencoded" },
	};
	struct server *s = *state;
	struct http_options o = { 0 };
	AUTO(http) struct http *h = open_client(&o);
	char url[100];

	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%u/echo/../x",
		       s->port);
	for (size_t i = 0; i < COUNT(table); i++) {
		AUTO(http_reply) struct http_reply r = { 0 };
		struct err e = { 0 };
		struct http_request q = { .method = table[i].method,
					  .url = url,
					  .body = str_of(table[i].body) };
		assert_int_equal(h->send(h, &q, &r, &e), 0);
		assert_true(str_starts(buf_get(&r.body), table[i].line));
		assert_non_null(strstr(buf_c(&r.body), table[i].has));
		assert_null(strstr(buf_c(&r.body), table[i].lacks));
		if (table[i].body)
			assert_true(str_ends(buf_get(&r.body), table[i].body));
	}
	assert_int_equal(h->connections, 1);
}

static void sends_headers(void **state)
{
	static const struct http_header headers[] = {
		{ "Content-Type", "application/jose+json" },
		{ "X-Empty", "" },
		{ "Accept", "application/pem-certificate-chain" },
	};
	static const struct http_header bad[] = {
		{ "X-Token", "abc\r\nX-Evil: 1" },
		{ "X-Token\r\nX-Evil", "1" },
	};
	struct server *s = *state;
	struct http_options o = { 0 };
	AUTO(http) struct http *h = open_client(&o);
	AUTO(http_reply) struct http_reply r = { 0 };
	struct err e = { 0 };
	char url[100];
	struct http_request q = { .method = "POST",
				  .url = url,
				  .body = STR_LIT("a\0b"),
				  .headers = headers,
				  .headers_n = COUNT(headers) };

	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%u/echo", s->port);
	assert_int_equal(h->send(h, &q, &r, &e), 0);
	for (size_t i = 0; i < COUNT(headers); i++) {
		char line[100];
		(void)snprintf(line, sizeof(line), "\r\n%s:%s%s\r\n",
			       headers[i].name, *headers[i].value ? " " : "",
			       headers[i].value);
		assert_non_null(strstr(buf_c(&r.body), line));
	}
	assert_null(strstr(buf_c(&r.body), "*/*"));
	for (size_t i = 0; i < COUNT(bad); i++) {
		q.headers = &bad[i];
		q.headers_n = 1;
		assert_int_equal(h->send(h, &q, &r, &e), -1);
		assert_int_equal(e.kind, ERR_CONF);
		assert_null(strstr(e.msg, "abc"));
	}
}

/* HEAD promises a body and sends none: pebble's newNonce does that. */
static void asks_for_heads(void **state)
{
	struct server *s = *state;
	struct http_options o = { 0 };
	AUTO(http) struct http *h = open_client(&o);
	AUTO(http_reply) struct http_reply r = { 0 };
	struct err e = { 0 };
	char url[100];
	struct http_request q = { .method = "HEAD", .url = url };

	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%u/moved", s->port);
	assert_int_equal(h->send(h, &q, &r, &e), 0);
	assert_int_equal(r.status, 302);
	assert_int_equal(r.body.n, 0);
	assert_int_equal(get(h, s, "/hello", &r, &e), 0);
	assert_int_equal(h->connections, 1);
}

struct failure {
	const char *path;
	size_t max;
	enum err_kind kind; /* ERR_NONE: fine */
	const char *why;
};

static void refuses_answers(void **state)
{
	static const struct failure table[] = {
		{ "/five", 5, ERR_NONE, NULL },
		{ "/six", 5, ERR_PERM, "larger than we take" },
		{ "/chunks", 8, ERR_NONE, NULL },
		{ "/chunks", 7, ERR_PERM, "larger than we take" },
		{ "/head-ok", 0, ERR_NONE, NULL },
		{ "/head-many", 0, ERR_PERM, "malformed" },
		{ "/folded", 0, ERR_PERM, "malformed" },
		{ "/nocolon", 0, ERR_PERM, "Header without colon" },
		{ "/control", 0, ERR_PERM, "malformed" },
		{ "/garbage", 0, ERR_PERM, "HTTP/0.9" },
		{ "/drop", 0, ERR_TEMP, "Empty reply" },
		{ "/short", 0, ERR_TEMP, "47 bytes remaining" },
	};
	struct http_options o = { 0 };
	AUTO(http) struct http *h = open_client(&o);

	for (size_t i = 0; i < COUNT(table); i++) {
		AUTO(http_reply) struct http_reply r = {
			.body = { .max = table[i].max }
		};
		struct err e = { 0 };
		int rc = get(h, *state, table[i].path, &r, &e);
		assert_int_equal(rc, table[i].kind == ERR_NONE ? 0 : -1);
		assert_int_equal(e.kind, table[i].kind);
		if (rc)
			assert_non_null(strstr(e.msg, table[i].why));
		if (rc)
			assert_memory_equal(e.msg, "127.0.0.1:", 10);
		/* And the handle is as good as new. */
		assert_int_equal(get(h, *state, "/hello", &r, &e), 0);
	}
}

static void gives_up_in_time(void **state)
{
	struct server *s = *state;
	struct http_options o = { 0 };
	AUTO(http) struct http *h = open_client(&o);
	AUTO(http_reply) struct http_reply r = { 0 };
	struct err e = { 0 };
	char url[100];
	struct http_request q = { .method = "GET",
				  .url = url,
				  .limit_ms = 150 };

	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%u/slow", s->port);
	int64_t start = clock_ms();
	assert_int_equal(h->send(h, &q, &r, &e), -1);
	int64_t took = clock_ms() - start;
	assert_in_range(took, 140, 5000);
	assert_int_equal(e.kind, ERR_TEMP);
	assert_non_null(strstr(e.msg, "no whole answer within 0."));
}

static void refuses_urls(void **state)
{
	static const struct {
		const char *url, *why;
	} table[] = {
		{ "", "is no URL" },
		{ "ca.example/dir", "is no URL" },
		{ "https://", "is no URL" },
		{ "http://ca.example/dir", "http:// is not taken" },
		{ "http://localhost/dir", "http:// is not taken" },
		{ "http://127.0.0.1.example/", "http:// is not taken" },
		{ "http://128.0.0.1/", "http:// is not taken" },
		{ "ftp://ca.example/dir", "ftp:// is not taken" },
		{ "file:///etc/passwd", "is no URL" },
		{ "https://me:geheim@ca.example/", "holds a user name" },
		{ "x?token=geheim", "is no URL" },
	};
	struct http_options o = { 0 };
	AUTO(http) struct http *h = open_client(&o);

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		AUTO(http_reply) struct http_reply r = { 0 };
		struct err e = { 0 };
		struct http_request q = { .method = "GET",
					  .url = table[i].url };
		assert_int_equal(h->send(h, &q, &r, &e), -1);
		assert_int_equal(e.kind, ERR_CONF);
		assert_non_null(strstr(e.msg, table[i].why));
		assert_null(strstr(e.msg, "geheim"));
	}
	assert_int_equal(h->requests, 0);
}

static void says_who_is_not_there(void **state)
{
	static const struct {
		const char *url, *why;
		enum err_kind kind;
	} table[] = {
		/* Nothing listens on port 1 of the loopback. */
		{ "https://127.0.0.1:1/", "127.0.0.1:1: connection refused",
		  ERR_TEMP },
		{ "https://nowhere.invalid/",
		  "nowhere.invalid: no address is found", ERR_TEMP },
	};
	struct http_options o = { 0 };
	AUTO(http) struct http *h = open_client(&o);

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		AUTO(http_reply) struct http_reply r = { 0 };
		struct err e = { 0 };
		struct http_request q = { .method = "GET",
					  .url = table[i].url };
		assert_int_equal(h->send(h, &q, &r, &e), -1);
		assert_int_equal(e.kind, table[i].kind);
		assert_non_null(strstr(e.msg, table[i].why));
	}
	struct http_options bound = { .bind = "192.0.2.1" };
	AUTO(http) struct http *b = open_client(&bound);
	AUTO(http_reply) struct http_reply r = { 0 };
	struct err e = { 0 };
	struct http_request q = { .method = "GET",
				  .url = "https://127.0.0.1:1/" };
	assert_int_equal(b->send(b, &q, &r, &e), -1);
	assert_int_equal(e.kind, ERR_CONF);
	assert_non_null(strstr(e.msg, "192.0.2.1"));
}

/* The last test: nobody takes the wish to stop back. */
static void stops(void **state)
{
	struct http_options o = { 0 };
	AUTO(http) struct http *h = open_client(&o);
	AUTO(http_reply) struct http_reply r = { 0 };
	struct err e = { 0 };

	int64_t start = clock_ms();
	assert_int_equal(get(h, *state, "/stop", &r, &e), -1);
	assert_int_equal(e.kind, ERR_STOPPED);
	assert_in_range(clock_ms() - start, 0, 5000);
	unsigned sent = h->requests;
	assert_int_equal(get(h, *state, "/hello", &r, &e), -1);
	assert_int_equal(e.kind, ERR_STOPPED);
	assert_int_equal(h->requests, sent);
	/* Cleaning up goes on. */
	stop_shield();
	assert_int_equal(get(h, *state, "/hello", &r, &e), 0);
	stop_unshield();
}

int main(void)
{
	const struct CMUnitTest plain[] = {
		cmocka_unit_test(keeps_its_connection),
		cmocka_unit_test(sends_once),
		cmocka_unit_test(reads_headers),
		cmocka_unit_test(gives_any_status),
		cmocka_unit_test(sends_methods),
		cmocka_unit_test(sends_headers),
		cmocka_unit_test(asks_for_heads),
		cmocka_unit_test(refuses_answers),
		cmocka_unit_test(gives_up_in_time),
		cmocka_unit_test(refuses_urls),
		cmocka_unit_test(says_who_is_not_there),
	};
	const struct CMUnitTest last[] = { cmocka_unit_test(stops) };

	unsetenv("https_proxy");
	unsetenv("http_proxy");
	unsetenv("HTTPS_PROXY");
	unsetenv("ALL_PROXY");
	unsetenv("all_proxy");
	return cmocka_run_group_tests(plain, open_plain, close_plain) +
	       cmocka_run_group_tests(last, open_plain, close_plain);
}
