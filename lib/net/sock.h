/* Sockets with deadlines: non-blocking underneath, waiting in one place, and a
 * signal to stop ends every wait. Deadlines are moments of clock_ms(). */
#pragma once

#include <stdint.h>
#include <sys/socket.h>

/* Ready for these poll events: 0; else -1 with errno ETIMEDOUT, or ECANCELED
 * when we were asked to stop. */
int sock_wait(int fd, short events, int64_t until);

/* A connected socket, non-blocking, closed on exec: the kernel drops what other
 * addresses send and reports a refusal. -1 with errno. */
int sock_connect(int type, const struct sockaddr *to, socklen_t n,
		 int64_t until);
/* Bound, and listening when it is a stream; IPv6 sockets take IPv6 only. */
int sock_listen(int type, const struct sockaddr *at, socklen_t n);

/* All of it, or -1 with errno (ECONNRESET at the end of the stream). */
int sock_send(int fd, const void *at, size_t n, int64_t until);
int sock_recv(int fd, void *at, size_t n, int64_t until);
