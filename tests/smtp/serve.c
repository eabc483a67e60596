/* lib/smtp's session behind a socket on 127.0.0.1, a thread a connection, for
 * strangers who speak SMTP to it. Messages are kept in a folder: N.env holds
 * the envelope, N.msg the trace field and the message.
 *
 *	serve [--chasquid] [--implicit] [--login] [--open] [--proxy]
 *	      [--cert FILE --key FILE] [--size N] [--dir DIR] PORT
 *
 * --open takes mail for everybody; else for local.test and from those who are
 * logged in as joe with "secret". Without --dir nothing is kept. */
#include <pthread.h>
#include <stdatomic.h>

#include "base/fs.h"
#include "smtp/session.h"
#include "smtp/trace.h"
#include "tests/smtp/link.h"

struct serve {
	struct session_conf conf;
	enum session_proxy proxy;
	bool relay; /* --open */
	const char *dir;
	SSL_CTX *ctx;
	atomic_uint count;
};
struct client {
	struct serve *serve;
	struct link link;
	struct session s;
	struct buf out, body;
	struct str in;
	char bytes[16384];
};

/* ---- answers ---- */
static const struct reply *on_login(const struct client *c)
{
	const bool good = str_eq(buf_get(&c->s.login->user), "joe") &&
			  str_eq(buf_get(&c->s.login->password), "secret");

	return good ? NULL : session_reply(&c->s, REPLY_AUTH_WRONG);
}

static const struct reply *on_rcpt(const struct client *c)
{
	const struct path *to = &session_rcpt(&c->s)->to;
	const bool local = !to->domain.n || str_eq(to->domain, "local.test");

	if (!local && !c->serve->relay && !c->s.user)
		return session_reply(&c->s, REPLY_RELAY);
	if (str_eq(to->local, "unknown"))
		return session_reply(&c->s, REPLY_TO_UNKNOWN);
	return NULL;
}

static void envelope(const struct session *s, struct buf *out)
{
	const struct session_mail *m = s->mail;

	buf_fmt(out, "from %.*s\n", STR_FMT(m->from.text));
	for (size_t i = 0; i < m->n; i++)
		buf_fmt(out, "to %.*s notify=%u orcpt=%.*s\n",
			STR_FMT(m->rcpt[i].to.text), m->rcpt[i].notify,
			STR_FMT(m->rcpt[i].orcpt));
	buf_fmt(out, "size %llu%s%s%s ret=%d envid=%.*s\n",
		(unsigned long long)m->size, m->utf8 ? " utf8" : "",
		m->eight ? " 8bit" : "", m->require_tls ? " requiretls" : "",
		(int)m->ret, STR_FMT(m->envid));
	buf_fmt(out, "user %s\n", s->user ? s->user : "");
}

static void received(const struct session *s, const char *id, struct buf *out)
{
	const struct session_mail *m = s->mail;
	const struct trace t = {
		.helo = s->helo,
		.peer = s->peer,
		.hide = s->user != NULL,
		.host = s->conf->host,
		.id = id,
		.esmtp = s->esmtp,
		.tls = s->tls.version != NULL,
		.login = s->user != NULL,
		.utf8 = m->utf8,
		.version = s->tls.version,
		.cipher = s->tls.cipher,
		.rcpt = m->n == 1 ? m->rcpt[0].to.text : (struct str){ "", 0 },
		.from = m->from.text,
		.port = "SMTP",
		.now = clock_now(),
		.style = s->conf->style,
	};

	trace_received(&t, out);
}

static const struct reply *on_commit(struct client *c)
{
	AUTO(buf) struct buf env = { 0 };
	AUTO(buf) struct buf msg = { .max = 1 << 30 };
	AUTO(mem) struct mem m = { 0 };
	struct err e = { 0 };
	const unsigned n = atomic_fetch_add(&c->serve->count, 1) + 1;
	const char *at = mem_fmt(&m, "%s/%u", c->serve->dir, n);

	if (!c->serve->dir)
		return NULL;
	envelope(&c->s, &env);
	received(&c->s, mem_fmt(&m, "%u", n), &msg);
	buf_view(&msg, buf_get(&c->body));
	if (fs_write(mem_fmt(&m, "%s.msg", at), buf_get(&msg), 0644, &e) ||
	    fs_write(mem_fmt(&m, "%s.env", at), buf_get(&env), 0644, &e)) {
		fprintf(stderr, "%s\n", e.msg);
		return session_reply(&c->s, REPLY_QUEUE);
	}
	return NULL;
}

static void answer(struct client *c, enum session_want want)
{
	const struct reply *r = NULL;

	switch (want) {
	case SESSION_LOGIN:
		r = on_login(c);
		break;
	case SESSION_RCPT:
		r = on_rcpt(c);
		break;
	case SESSION_OPEN:
		buf_clear(&c->body);
		break;
	case SESSION_COMMIT:
		r = on_commit(c);
		break;
	default:
		break;
	}
	session_answer(&c->s, r, &c->out, clock_ms());
}

/* ---- the connection ---- */
/* Before TLS no more is read than the PROXY header, whose end is known only
 * when it is there. */
static bool more(struct client *c)
{
	const bool careful = c->serve->conf.implicit_tls && !c->link.ssl;

	if (!link_wait(&c->link, session_deadline(&c->s))) {
		session_end(&c->s, session_reply(&c->s, REPLY_TIMEOUT),
			    &c->out);
		return true;
	}
	const size_t n =
		link_recv(&c->link, c->bytes, careful ? 1 : sizeof(c->bytes));

	c->in = (struct str){ c->bytes, n };
	return n > 0;
}

static void tls(struct client *c)
{
	struct session_tls now;

	c->link.ssl = SSL_new(c->serve->ctx);
	SSL_set_fd(c->link.ssl, c->link.fd);
	if (SSL_accept(c->link.ssl) != 1) {
		session_tls(&c->s, NULL, clock_ms());
		return;
	}
	now.version = SSL_get_version(c->link.ssl);
	now.cipher = SSL_get_cipher_name(c->link.ssl);
	session_tls(&c->s, &now, clock_ms());
}

static void linger(struct client *c)
{
	if (c->link.ssl)
		SSL_shutdown(c->link.ssl);
	shutdown(c->link.fd, SHUT_WR);
	for (int64_t until = clock_ms() + 1000; link_wait(&c->link, until);)
		if (recv(c->link.fd, c->bytes, sizeof(c->bytes), 0) <= 0)
			return;
}

static bool turn(struct client *c)
{
	const enum session_want want =
		session_step(&c->s, &c->in, &c->out, clock_ms());

	switch (want) {
	case SESSION_MORE:
		return link_send(&c->link, &c->out) && more(c);
	case SESSION_WRITE:
		return link_send(&c->link, &c->out);
	case SESSION_BYTES:
		buf_view(&c->body, c->s.chunk);
		return true;
	case SESSION_DROP:
		buf_clear(&c->body);
		return true;
	case SESSION_TLS:
		if (!link_send(&c->link, &c->out))
			return false;
		tls(c);
		return true;
	case SESSION_CLOSE:
		if (link_send(&c->link, &c->out))
			linger(c);
		return false;
	default:
		answer(c, want);
		return true;
	}
}

static void *talk(void *arg)
{
	struct client *c = arg;

	while (turn(c))
		;
	session_free(&c->s);
	buf_free(&c->out);
	buf_free(&c->body);
	auto_link(&c->link);
	free(c);
	return NULL;
}

static void take(struct serve *serve, int fd, const struct sockaddr_in *from)
{
	struct client *c = calloc(1, sizeof(*c));
	struct peer peer = { .version = 4, .port = ntohs(from->sin_port) };
	pthread_attr_t attr;
	pthread_t thread;
	const int on = 1;

	if (!c)
		abort();
	memcpy(peer.ip, &from->sin_addr, 4);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	c->serve = serve;
	c->link.fd = fd;
	c->body.max = 1 << 30;
	session_open(&c->s, &serve->conf, &peer, serve->proxy, clock_ms());
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, 256 << 10);
	if (pthread_create(&thread, &attr, talk, c))
		abort();
	pthread_attr_destroy(&attr);
}

static SSL_CTX *context(const char *cert, const char *key)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

	if (!ctx || SSL_CTX_use_certificate_chain_file(ctx, cert) != 1 ||
	    SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1) {
		ERR_print_errors_fp(stderr);
		exit(1);
	}
	return ctx;
}

static const char *options(struct serve *s, char **argv)
{
	const char *cert = NULL, *key = NULL;

	for (; *argv && str_starts(str_of(*argv), "--"); argv++) {
		const struct str o = str_of(*argv + 2);

		if (str_eq(o, "chasquid"))
			s->conf.style = REPLY_CHASQUID;
		else if (str_eq(o, "implicit"))
			s->conf.implicit_tls = true;
		else if (str_eq(o, "login"))
			s->conf.must_login = true;
		else if (str_eq(o, "open"))
			s->relay = true;
		else if (str_eq(o, "proxy"))
			s->proxy = SESSION_PROXY;
		else if (str_eq(o, "cert") && argv[1])
			cert = *++argv;
		else if (str_eq(o, "key") && argv[1])
			key = *++argv;
		else if (str_eq(o, "dir") && argv[1])
			s->dir = *++argv;
		else if (str_eq(o, "size") && argv[1])
			s->conf.size_max = strtoull(*++argv, NULL, 10);
		else
			return NULL;
	}
	if (cert && key) {
		s->ctx = context(cert, key);
		s->conf.starttls = s->conf.login = true;
	}
	return *argv;
}

int main(int argc, char **argv)
{
	struct serve s = { .conf = session_defaults };
	const int on = 1;

	(void)argc;
	s.conf.host = "mx.test";
	const char *port = options(&s, argv + 1);

	if (!port) {
		fprintf(stderr, "usage: serve [OPTIONS] PORT\n");
		return 64;
	}
	signal(SIGPIPE, SIG_IGN);
	const struct sockaddr_in at = link_local(port);
	const int fd = socket(AF_INET, SOCK_STREAM, 0);

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (fd < 0 || bind(fd, (const void *)&at, sizeof(at)) ||
	    listen(fd, 1024))
		die("serve");
	for (;;) {
		struct sockaddr_in from = { 0 };
		socklen_t n = sizeof(from);
		const int one = accept(fd, (void *)&from, &n);

		if (one >= 0)
			take(&s, one, &from);
	}
}
