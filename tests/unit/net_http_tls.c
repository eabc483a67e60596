#include "net/http.h"

#include <openssl/ssl.h>

#include "base/clock.h"
#include "base/fs.h"
#include "net/http_roots.h"
#include "tests/unit/pki.h"
#include "tests/unit/server.h"
#include "tests/unit/test.h"

static bool answer(struct server_conn *c, const char *head, struct str body)
{
	(void)body;
	if (strncmp(head, "GET /reset ", 11) == 0) {
		struct linger now = { .l_onoff = 1 };
		(void)setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &now,
				 sizeof(now));
		return false;
	}
	server_say(c, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
	return true;
}

static struct http *open_client(const struct http_options *o)
{
	struct http *h = NULL;
	struct err e = { 0 };

	assert_int_equal(http_open(o, &h, &e), 0);
	return h;
}

static int get(struct http *h, const struct server *s, const char *path,
	       struct http_reply *r, struct err *e)
{
	char url[200];
	struct http_request q = { .method = "GET", .url = url };

	(void)snprintf(url, sizeof(url), "https://127.0.0.1:%u%s", s->port,
		       path);
	return h->send(h, &q, r, e);
}

/* A private CA, and servers of all kinds below it. */
struct lab {
	struct key *key;
	X509 *root;
	char file[64]; /* the root, as PEM */
};

static int open_lab(void **state)
{
	struct lab *l = calloc(1, sizeof(*l));
	AUTO(buf) struct buf pem = { 0 };
	struct err e = { 0 };
	time_t now = clock_now();

	assert_int_equal(key_make(KEY_P256, &l->key, &e), 0);
	l->root = pki_make(&(struct recipe){ .cn = "Lab Root",
					     .key = l->key,
					     .ca = true,
					     .from = now - 3600,
					     .until = now + 86400 });
	pki_pem(&pem, l->root);
	(void)snprintf(l->file, sizeof(l->file), "/tmp/net_http.%d.pem",
		       (int)getpid());
	assert_int_equal(fs_write(l->file, buf_get(&pem), 0600, &e), 0);
	*state = l;
	return 0;
}

static int close_lab(void **state)
{
	struct lab *l = *state;

	unlink(l->file);
	key_free(l->key);
	X509_free(l->root);
	free(l);
	return 0;
}

static void serve_tls(struct server *s, const struct lab *l, const char *alt,
		      time_t from, time_t until)
{
	X509 *leaf = pki_make(&(struct recipe){ .cn = "leaf",
						.alt = alt,
						.key = l->key,
						.issuer = l->root,
						.by = l->key,
						.from = from,
						.until = until });

	*s = (struct server){ .answer = answer };
	s->tls = SSL_CTX_new(TLS_server_method());
	assert_int_equal(SSL_CTX_use_certificate(s->tls, leaf), 1);
	assert_int_equal(SSL_CTX_use_PrivateKey(s->tls, l->key->pkey), 1);
	X509_free(leaf);
	server_open(s);
}

static void trusts_the_extra_ca(void **state)
{
	struct lab *l = *state;
	struct server s;
	time_t now = clock_now();
	struct http_options o = { .ca_file = l->file };
	struct err e = { 0 };

	serve_tls(&s, l, "IP:127.0.0.1", now - 3600, now + 3600);
	struct http *h = open_client(&o);
	for (int i = 0; i < 3; i++) {
		AUTO(http_reply) struct http_reply r = { 0 };
		assert_int_equal(get(h, &s, "/hello", &r, &e), 0);
		assert_string_equal(buf_c(&r.body), "hello");
	}
	assert_int_equal(h->connections, 1);
	http_close(h);
	server_close(&s);
}

/* Of a stranger, for another name, long expired. */
static void takes_any_certificate_when_told(void **state)
{
	struct lab *l = *state;
	struct server s;
	time_t now = clock_now();
	const struct http_options o = { .insecure = true };
	AUTO(http_reply) struct http_reply r = { 0 };
	struct err e = { 0 };

	serve_tls(&s, l, "IP:127.0.0.2", now - 7200, now - 3600);
	struct http *h = open_client(&o);
	if (get(h, &s, "/hello", &r, &e))
		fail_msg("%s", e.msg);
	assert_string_equal(buf_c(&r.body), "hello");
	http_close(h);
	server_close(&s);
}

/* curl says goodbye on a connection that was reset: SIGPIPE is in the air. */
static void survives_a_reset(void **state)
{
	struct lab *l = *state;
	struct server s;
	time_t now = clock_now();
	struct http_options o = { .ca_file = l->file };
	struct err e = { 0 };
	AUTO(http_reply) struct http_reply r = { 0 };

	serve_tls(&s, l, "IP:127.0.0.1", now - 3600, now + 3600);
	struct http *h = open_client(&o);
	assert_int_equal(get(h, &s, "/reset", &r, &e), -1);
	assert_int_equal(e.kind, ERR_TEMP);
	assert_int_equal(get(h, &s, "/hello", &r, &e), 0);
	http_close(h);
	server_close(&s);
}

static void judges_certificates(void **state)
{
	struct lab *l = *state;
	time_t now = clock_now();
	const struct {
		const char *alt;
		time_t from, until;
		bool trusted;
		enum err_kind kind;
		const char *why;
	} table[] = {
		{ "IP:127.0.0.1", now - 3600, now + 3600, false, ERR_CONF,
		  "set acme.ca_file to its root" },
		{ "IP:127.0.0.2,DNS:localhost", now - 3600, now + 3600, true,
		  ERR_CONF, "is for another name" },
		{ "IP:127.0.0.1", now - 7200, now - 3600, true, ERR_TEMP,
		  "has expired; this machine's clock says 2" },
		{ "IP:127.0.0.1", now + 3600, now + 7200, true, ERR_TEMP,
		  "is not valid yet; this machine's clock says 2" },
	};
	for (size_t i = 0; i < COUNT(table); i++) {
		struct server s;
		struct http_options o = { .ca_file = table[i].trusted ?
							     l->file :
							     NULL };
		struct err e = { 0 };
		AUTO(http_reply) struct http_reply r = { 0 };

		serve_tls(&s, l, table[i].alt, table[i].from, table[i].until);
		struct http *h = open_client(&o);
		assert_int_equal(get(h, &s, "/hello", &r, &e), -1);
		assert_int_equal(e.kind, table[i].kind);
		assert_non_null(strstr(e.msg, table[i].why));
		http_close(h);
		server_close(&s);
	}
}

static void wants_tls_1_2(void **state)
{
	struct lab *l = *state;
	struct server s;
	time_t now = clock_now();
	struct http_options o = { .ca_file = l->file };
	struct err e = { 0 };
	AUTO(http_reply) struct http_reply r = { 0 };

	serve_tls(&s, l, "IP:127.0.0.1", now - 3600, now + 3600);
	SSL_CTX_set_security_level(s.tls, 0);
	SSL_CTX_set_min_proto_version(s.tls, TLS1_VERSION);
	SSL_CTX_set_max_proto_version(s.tls, TLS1_1_VERSION);
	struct http *h = open_client(&o);
	assert_int_equal(get(h, &s, "/hello", &r, &e), -1);
	assert_int_equal(e.kind, ERR_TEMP);
	assert_non_null(strstr(e.msg, "TLS handshake failed"));
	http_close(h);
	SSL_CTX_set_max_proto_version(s.tls, TLS1_2_VERSION);
	h = open_client(&o);
	assert_int_equal(get(h, &s, "/hello", &r, &e), 0);
	http_close(h);
	server_close(&s);
}

static void reads_the_ca_file_at_once(void **state)
{
	struct lab *l = *state;
	struct http *h = NULL;
	struct err e = { 0 };
	struct http_options o = { .ca_file = "/nowhere/root.pem" };

	assert_int_equal(http_open(&o, &h, &e), -1);
	assert_int_equal(e.kind, ERR_MISSING);
	assert_non_null(strstr(e.msg, "/nowhere/root.pem"));
	assert_int_equal(fs_write(l->file, str_of("no PEM"), 0600, &e), 0);
	o.ca_file = l->file;
	assert_int_equal(http_open(&o, &h, &e), -1);
	assert_int_equal(e.kind, ERR_CONF);
	assert_non_null(strstr(e.msg, l->file));
	assert_null(h);
}

/* A folder counts as hashed by its names alone. */
static void finds_roots(void **state)
{
	static const struct {
		const char *name;
		bool hashed;
	} table[] = {
		{ "ca.pem", false },     { "0123456.0", false },
		{ "ABCDEF01.0", false }, { "0123abcd.pem", false },
		{ "0123abcd.r", false }, { "0123abcd.0", true },
	};
	char folder[] = "/tmp/net_http_tls.XXXXXX";
	struct err e = { 0 };
	enum http_roots without = http_roots_find("/nowhere");

	(void)state;
	assert_int_not_equal(without, HTTP_ROOTS_FOLDER);
	assert_non_null(mkdtemp(folder));
	for (size_t i = 0; i < COUNT(table); i++) {
		char path[100];
		(void)snprintf(path, sizeof(path), "%s/%s", folder,
			       table[i].name);
		assert_int_equal(fs_write(path, str_of(""), 0600, &e), 0);
		assert_int_equal(http_roots_find(folder),
				 table[i].hashed ? HTTP_ROOTS_FOLDER : without);
	}
	assert_int_equal(fs_remove_tree(folder, &e), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(trusts_the_extra_ca),
		cmocka_unit_test(takes_any_certificate_when_told),
		cmocka_unit_test(survives_a_reset),
		cmocka_unit_test(judges_certificates),
		cmocka_unit_test(wants_tls_1_2),
		cmocka_unit_test(reads_the_ca_file_at_once),
		cmocka_unit_test(finds_roots),
	};

	unsetenv("https_proxy");
	unsetenv("HTTPS_PROXY");
	unsetenv("ALL_PROXY");
	unsetenv("all_proxy");
	return cmocka_run_group_tests(tests, open_lab, close_lab);
}
