#include "net/sock.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/types.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/stop.h"

/* A signal that another thread took would not wake our poll. */
enum { SLICE_MS = 100 };

int sock_wait(int fd, short events, int64_t until)
{
	for (;;) {
		if (stop_asked()) {
			errno = ECANCELED;
			return -1;
		}
		int64_t left = until - clock_ms();
		if (left < 0)
			left = 0;
		struct pollfd p = { .fd = fd, .events = events };
		int n = poll(&p, 1, left < SLICE_MS ? (int)left : SLICE_MS);
		if (n > 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return -1;
		if (n == 0 && left < SLICE_MS) {
			errno = ETIMEDOUT;
			return -1;
		}
	}
}

static int finish(int fd, int64_t until)
{
	if (sock_wait(fd, POLLOUT, until) < 0)
		return -1;
	int why = 0;
	socklen_t n = sizeof(why);
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &why, &n) < 0)
		return -1;
	errno = why;
	return why ? -1 : 0;
}

int sock_connect(int type, const struct sockaddr *to, socklen_t n,
		 int64_t until)
{
	AUTO(fd)
	int fd = socket(to->sa_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	int one = 1;
	if (type == SOCK_STREAM)
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one,
				 sizeof(one));
	if (connect(fd, to, n) < 0 &&
	    (errno != EINPROGRESS || finish(fd, until) < 0))
		return -1;
	return FD_TAKE(fd);
}

int sock_listen(int type, const struct sockaddr *at, socklen_t n)
{
	AUTO(fd)
	int fd = socket(at->sa_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	int one = 1;
	if (at->sa_family == AF_INET6 &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one)) < 0)
		return -1;
	/* On UDP the option would let two servers share the port unseen. */
	if (type == SOCK_STREAM &&
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0)
		return -1;
	if (bind(fd, at, n) < 0)
		return -1;
	if (type == SOCK_STREAM && listen(fd, 16) < 0)
		return -1;
	return FD_TAKE(fd);
}

int sock_send(int fd, const void *at, size_t n, int64_t until)
{
	const char *from = at;
	while (n > 0) {
		ssize_t done = send(fd, from, n, MSG_NOSIGNAL);
		if (done < 0 && errno != EAGAIN && errno != EINTR)
			return -1;
		if (done < 0 && sock_wait(fd, POLLOUT, until) < 0)
			return -1;
		if (done > 0) {
			from += done;
			n -= (size_t)done;
		}
	}
	return 0;
}

int sock_recv(int fd, void *at, size_t n, int64_t until)
{
	char *to = at;
	while (n > 0) {
		ssize_t done = recv(fd, to, n, 0);
		if (done == 0) {
			errno = ECONNRESET;
			return -1;
		}
		if (done < 0 && errno != EAGAIN && errno != EINTR)
			return -1;
		if (done < 0 && sock_wait(fd, POLLIN, until) < 0)
			return -1;
		if (done > 0) {
			to += done;
			n -= (size_t)done;
		}
	}
	return 0;
}
