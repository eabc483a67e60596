/* An HTTP/1.1 server on the loopback for tests: a thread a connection, plain
 * or TLS, and an answer by the path that is asked for. */
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "tests/unit/test.h"

/* What a connection looks like to whoever answers. */
struct server_conn {
	int fd;
	SSL *ssl; /* NULL: plain */
};

struct server {
	int fd;
	unsigned port;
	SSL_CTX *tls; /* NULL: plain */
	/* Answers the request in `head` (a string); false closes. */
	bool (*answer)(struct server_conn *c, const char *head,
		       struct str body);
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t idle;
	unsigned accepted, active;
};

static inline void server_send(struct server_conn *c, const char *at, size_t n)
{
	if (c->ssl)
		(void)SSL_write(c->ssl, at, (int)n);
	else
		(void)send(c->fd, at, n, MSG_NOSIGNAL);
}

static inline void server_say(struct server_conn *c, const char *text)
{
	server_send(c, text, strlen(text));
}

static inline int server_read(struct server_conn *c, char *at, size_t n)
{
	return c->ssl ? SSL_read(c->ssl, at, (int)n) : (int)read(c->fd, at, n);
}

/* One request into b; false when the far end is gone. */
static inline bool server_request(struct server_conn *c, struct buf *b,
				  size_t *head)
{
	char at[4096];
	const char *end, *length;

	while (!(end = strstr(buf_c(b), "\r\n\r\n"))) {
		int n = server_read(c, at, sizeof(at));
		if (n <= 0)
			return false;
		buf_add(b, at, (size_t)n);
	}
	*head = (size_t)(end + 4 - buf_c(b));
	length = strcasestr(buf_c(b), "\r\nContent-Length:");
	size_t want = length && length < end ?
			      (size_t)strtoul(length + 17, NULL, 10) :
			      0;
	while (b->n < *head + want) {
		int n = server_read(c, at, sizeof(at));
		if (n <= 0)
			return false;
		buf_add(b, at, (size_t)n);
	}
	return true;
}

struct server_task {
	struct server *s;
	struct server_conn c;
};

static inline void server_serve(struct server *s, struct server_conn *c)
{
	bool more = true;

	while (more) {
		struct buf b = { 0 };
		size_t head = 0;
		more = server_request(c, &b, &head);
		if (more) {
			struct str body = { b.at + head, b.n - head };
			char *text = strndup(b.at, head);
			more = s->answer(c, text, body);
			free(text);
		}
		buf_free(&b);
	}
}

static inline void *server_connection(void *data)
{
	struct server_task *t = data;
	struct server *s = t->s;
	sigset_t pipe;

	/* Only here: a client that dies of SIGPIPE shall be seen. */
	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &pipe, NULL);
	if (s->tls) {
		t->c.ssl = SSL_new(s->tls);
		SSL_set_fd(t->c.ssl, t->c.fd);
	}
	if (!t->c.ssl || SSL_accept(t->c.ssl) == 1)
		server_serve(s, &t->c);
	SSL_free(t->c.ssl);
	close(t->c.fd);
	free(t);
	pthread_mutex_lock(&s->lock);
	s->active--;
	pthread_cond_signal(&s->idle);
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

static inline void *server_loop(void *data)
{
	struct server *s = data;
	int fd;

	while ((fd = accept(s->fd, NULL, NULL)) >= 0) {
		struct server_task *t = calloc(1, sizeof(*t));
		pthread_t thread;
		*t = (struct server_task){ s, { fd, NULL } };
		pthread_mutex_lock(&s->lock);
		s->accepted++;
		s->active++;
		pthread_mutex_unlock(&s->lock);
		pthread_create(&thread, NULL, server_connection, t);
		pthread_detach(thread);
	}
	return NULL;
}

static inline void server_open(struct server *s)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t n = sizeof(at);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(s->fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(s->fd, 16), 0);
	assert_int_equal(getsockname(s->fd, (struct sockaddr *)&at, &n), 0);
	s->port = ntohs(at.sin_port);
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->idle, NULL);
	assert_int_equal(pthread_create(&s->thread, NULL, server_loop, s), 0);
}

/* The clients have closed their handles before. */
static inline void server_close(struct server *s)
{
	shutdown(s->fd, SHUT_RDWR);
	pthread_join(s->thread, NULL);
	close(s->fd);
	pthread_mutex_lock(&s->lock);
	while (s->active > 0)
		pthread_cond_wait(&s->idle, &s->lock);
	pthread_mutex_unlock(&s->lock);
	pthread_mutex_destroy(&s->lock);
	pthread_cond_destroy(&s->idle);
	SSL_CTX_free(s->tls);
}
