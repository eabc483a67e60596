/* A blocking connection, in clear or in TLS, for the programs that lend the
 * cores of lib/smtp a socket so that strangers can speak with them. */
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/clock.h"

struct link {
	int fd;
	SSL *ssl; /* NULL: in clear */
};

static inline void auto_link(struct link *l)
{
	SSL_free(l->ssl);
	if (l->fd >= 0)
		close(l->fd);
}

static inline _Noreturn void die(const char *what)
{
	perror(what);
	exit(1);
}

/* All that is in b, which is then empty. */
static inline bool link_send(struct link *l, struct buf *b)
{
	bool good = true;

	for (size_t at = 0; good && at < b->n;) {
		const size_t left = b->n - at;
		const ssize_t n =
			l->ssl ? SSL_write(l->ssl, b->at + at, (int)left) :
				 send(l->fd, b->at + at, left, MSG_NOSIGNAL);

		good = n > 0;
		at += good ? (size_t)n : 0;
	}
	buf_clear(b);
	return good;
}

/* Until something can be read. False: it took too long. */
static inline bool link_wait(struct link *l, int64_t until)
{
	struct pollfd p = { .fd = l->fd, .events = POLLIN };
	int64_t ms = until == INT64_MAX ? 60000 : until - clock_ms();

	if (l->ssl && SSL_pending(l->ssl))
		return true;
	if (ms < 0)
		ms = 0;
	return poll(&p, 1, (int)(ms < 60000 ? ms : 60000)) > 0;
}

/* 0 at the end. */
static inline size_t link_recv(struct link *l, char *at, size_t n)
{
	const ssize_t got = l->ssl ? SSL_read(l->ssl, at, (int)n) :
				     recv(l->fd, at, n, 0);

	return got > 0 ? (size_t)got : 0;
}

/* 127.0.0.1:PORT */
static inline struct sockaddr_in link_local(const char *port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)strtoul(port, NULL, 10)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
}
