#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/stop.h"
#include "dns/selfdns.h"
#include "net/dnsask.h"
#include "net/sock.h"

enum {
	SOCKETS_MAX = 32,
	CONNS_MAX = 32,
	CONN_MS = 5000,  /* from the last whole question */
	CONN_ASKS = 100, /* questions on one connection */
	UDP_SIZE = 1232,
	ZONES_MAX = 2000,
	BURST = 64,   /* datagrams before the others get a turn */
	TURN_MS = 50, /* standing by: how often the lock is tried */
	FRESH_NS = 50000000,
	ADDRESSES_MAX = 16,
};

struct conn {
	int fd;
	int64_t until;
	unsigned asks;
	struct buf in, out;
};
struct selfdns {
	const struct conf *conf;
	struct mem mem;
	pthread_t thread;
	int stop, lock;
	int sock[SOCKETS_MAX]; /* udp, tcp, udp, tcp ... */
	size_t socks;
	struct conn conn[CONNS_MAX];
	size_t conns;
	/* what the folder says, and when that was read */
	struct mem zones_mem;
	struct selfdns_zone *zone;
	size_t zones;
	struct timespec stamp;
	bool fresh; /* the folder changed too lately to be remembered */
};

static const char *folder(struct selfdns *s)
{
	return mem_fmt(&s->mem, "%s/acme/self", s->conf->dir);
}

/* The values */

static void add_zone(struct selfdns *s, const char *name)
{
	struct selfdns_zone *z = &s->zone[s->zones];
	struct err e = { 0 };
	for (size_t i = 0; i < s->zones; i++)
		if (strcmp(s->zone[i].zone, name) == 0)
			return;
	z->zone = name;
	z->ns = s->conf->hostname ? s->conf->hostname : z->zone;
	if (s->zones < ZONES_MAX &&
	    selfdns_get(s->conf, z->zone, &s->zones_mem, &z->values, &e) == 0)
		s->zones++;
}

/* What is configured is answered for with and without values, so that the
 * delegation is never lame while we run. */
static void add_configured(struct selfdns *s)
{
	for (size_t i = 0; i < s->conf->domains_n; i++) {
		const struct conf_domain *d = &s->conf->domains[i];
		const char *by = d->dns.provider;
		if (by && (strcasecmp(by, "self") == 0 ||
			   strcasecmp(by, "embedded") == 0))
			add_zone(s, mem_fmt(&s->zones_mem, "_acme-challenge.%s",
					    d->name));
	}
}

static void read_zones(struct selfdns *s, const char *dir)
{
	struct err e = { 0 };
	struct fs_names names = { 0 };
	mem_free(&s->zones_mem);
	s->zones = 0;
	if (fs_list(dir, &s->zones_mem, &names, &e) < 0)
		names.n = 0;
	s->zone = mem_array(&s->zones_mem, names.n + s->conf->domains_n + 1,
			    sizeof(*s->zone));
	for (size_t i = 0; i < names.n; i++)
		if (names.at[i][0] != '.')
			add_zone(s, names.at[i]);
	add_configured(s);
}

/* Values change by a rename into the folder, so its date tells. A date that is
 * younger than the clock's grain may hide a second change: then no memory. */
static void refresh(struct selfdns *s)
{
	AUTO(mem) struct mem m = { 0 };
	const char *dir = mem_fmt(&m, "%s/acme/self", s->conf->dir);
	struct stat st;
	struct timespec now;
	if (stat(dir, &st) < 0)
		memset(&st, 0, sizeof(st));
	if (!s->fresh && st.st_mtim.tv_sec == s->stamp.tv_sec &&
	    st.st_mtim.tv_nsec == s->stamp.tv_nsec)
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	int64_t age = (int64_t)(now.tv_sec - st.st_mtim.tv_sec) * 1000000000 +
		      (now.tv_nsec - st.st_mtim.tv_nsec);
	s->fresh = age < FRESH_NS;
	s->stamp = st.st_mtim;
	read_zones(s, dir);
}

static int reply(struct selfdns *s, struct str question, size_t limit,
		 struct buf *out)
{
	struct err e = { 0 };
	refresh(s);
	return selfdns_answer(question, s->zone, s->zones, limit, out, &e);
}

/* The way back need not be the interface that the question came in by. */
static void any_interface(struct msghdr *h)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(h);
	struct in_pktinfo info;
	if (!c || c->cmsg_level != IPPROTO_IP || c->cmsg_type != IP_PKTINFO)
		return;
	memcpy(&info, CMSG_DATA(c), sizeof(info));
	info.ipi_ifindex = 0;
	memcpy(CMSG_DATA(c), &info, sizeof(info));
}

/* UDP: the answer leaves from the address that was asked, which a wildcard
 * socket on a host with several would not do by itself. */
static void datagrams(struct selfdns *s, int fd)
{
	AUTO(buf) struct buf out = { .max = UINT16_MAX };
	for (unsigned i = 0; i < BURST; i++) {
		char data[UDP_SIZE];
		_Alignas(struct cmsghdr) char control[256];
		struct sockaddr_storage from;
		struct iovec io = { data, sizeof(data) };
		struct msghdr h = { .msg_name = &from,
				    .msg_namelen = sizeof(from),
				    .msg_iov = &io,
				    .msg_iovlen = 1,
				    .msg_control = control,
				    .msg_controllen = sizeof(control) };
		ssize_t n = recvmsg(fd, &h, 0);
		if (n < 0)
			return;
		if (h.msg_flags & (MSG_TRUNC | MSG_CTRUNC) ||
		    reply(s, (struct str){ data, (size_t)n }, UDP_SIZE, &out) <
			    0)
			continue;
		any_interface(&h);
		io = (struct iovec){ out.at, out.n };
		h.msg_flags = 0;
		(void)sendmsg(fd, &h, MSG_NOSIGNAL);
	}
}

/* TCP */

static void drop(struct selfdns *s, size_t i)
{
	struct conn *c = &s->conn[i];
	close(c->fd);
	buf_free(&c->in);
	buf_free(&c->out);
	*c = s->conn[--s->conns];
}

/* When all places are taken the one that has idled longest makes room. */
static void welcome(struct selfdns *s, int fd)
{
	int c = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (c < 0)
		return;
	if (s->conns == CONNS_MAX) {
		size_t oldest = 0;
		for (size_t i = 1; i < s->conns; i++)
			if (s->conn[i].until < s->conn[oldest].until)
				oldest = i;
		drop(s, oldest);
	}
	s->conn[s->conns++] = (struct conn){
		.fd = c,
		.until = clock_ms() + CONN_MS,
		.in.max = UINT16_MAX + 2,
		.out.max = 4 * (UINT16_MAX + 2),
	};
}

/* Whole questions in c->in become answers in c->out. */
static int converse(struct selfdns *s, struct conn *c)
{
	AUTO(buf) struct buf out = { .max = UINT16_MAX };
	while (c->in.n >= 2) {
		const unsigned char *size = (const unsigned char *)c->in.at;
		size_t n = (size_t)size[0] << 8 | size[1];
		if (c->in.n < n + 2)
			return 0;
		if (++c->asks > CONN_ASKS ||
		    reply(s, (struct str){ c->in.at + 2, n }, UINT16_MAX,
			  &out) < 0)
			return -1;
		buf_char(&c->out, (char)(out.n >> 8));
		buf_char(&c->out, (char)(out.n & 0xff));
		buf_view(&c->out, buf_get(&out));
		buf_drop(&c->in, n + 2);
		c->until = clock_ms() + CONN_MS;
	}
	return c->out.full ? -1 : 0;
}

static int hear(struct selfdns *s, struct conn *c)
{
	char data[4096];
	ssize_t n = recv(c->fd, data, sizeof(data), 0);
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		return -1;
	if (n > 0)
		buf_add(&c->in, data, (size_t)n);
	return c->in.full ? -1 : converse(s, c);
}

static int speak(struct conn *c)
{
	ssize_t n = send(c->fd, c->out.at, c->out.n, MSG_NOSIGNAL);
	if (n < 0 && errno != EAGAIN && errno != EINTR)
		return -1;
	if (n > 0)
		buf_drop(&c->out, (size_t)n);
	return 0;
}

static void connections(struct selfdns *s, const struct pollfd *p)
{
	int64_t now = clock_ms();
	/* From the end: drop() moves the last one, seen already, into the gap. */
	for (size_t i = s->conns; i-- > 0;) {
		struct conn *c = &s->conn[i];
		int bad = now > c->until;
		if (!bad && p[i].revents & (POLLIN | POLLHUP | POLLERR))
			bad = hear(s, c) < 0;
		if (!bad && c->out.n > 0)
			bad = speak(c) < 0;
		if (bad)
			drop(s, i);
	}
}

/* Sockets */

static int open_pair(struct selfdns *s, const struct dns_server *at)
{
	const struct sockaddr *sa = (const struct sockaddr *)&at->addr;
	int one = 1, v6 = sa->sa_family == AF_INET6;
	if (s->socks + 2 > SOCKETS_MAX) {
		errno = ENOSPC;
		return -1;
	}
	AUTO(fd) int udp = sock_listen(SOCK_DGRAM, sa, at->addr_n);
	if (udp < 0 || setsockopt(udp, v6 ? IPPROTO_IPV6 : IPPROTO_IP,
				  v6 ? IPV6_RECVPKTINFO : IP_PKTINFO, &one,
				  sizeof(one)) < 0)
		return -1;
	int tcp = sock_listen(SOCK_STREAM, sa, at->addr_n);
	if (tcp < 0)
		return -1;
	s->sock[s->socks++] = FD_TAKE(udp);
	s->sock[s->socks++] = tcp;
	return 0;
}

static int cannot(const char *text, struct err *e)
{
	if (errno == EADDRINUSE)
		return err_set(e, ERR_SYS,
			       "self: another program answers at "
			       "%s (ss -lunp shows which); stop it, or set "
			       "dns.listen to an address and port that are "
			       "free",
			       text);
	if (errno == EACCES)
		return err_set(e, ERR_SYS,
			       "self: %s may be opened by root "
			       "only; run as root or give CAP_NET_BIND_SERVICE",
			       text);
	return err_sys(e, "self: cannot listen at %s", text);
}

/* The port at all addresses, or, where somebody holds it at one of them (a stub
 * resolver on loopback), at those that the configuration names. */
static int open_port(struct selfdns *s, const char *port, struct err *e)
{
	static const char *const any[] = { "0.0.0.0", "[::]" };
	size_t before = s->socks;
	int why = EAFNOSUPPORT;
	for (size_t i = 0; i < 2; i++) {
		struct dns_server at;
		const char *text = mem_fmt(&s->mem, "%s%s", any[i], port);
		if (dnsask_server(str_of(text), &at, e) < 0)
			return err_at(e, "dns.listen");
		if (open_pair(s, &at) == 0)
			continue;
		if (errno != EAFNOSUPPORT && errno != EADDRNOTAVAIL)
			why = errno;
		for (size_t k = 0;
		     errno == EADDRINUSE && k < s->conf->addresses.n; k++) {
			const char *a = s->conf->addresses.at[k];
			bool v6 = strchr(a, ':') != NULL;
			text = mem_fmt(&s->mem, v6 ? "[%s]%s" : "%s%s", a,
				       port);
			if (v6 == (i == 1) &&
			    dnsask_server(str_of(text), &at, e) == 0)
				(void)open_pair(s, &at);
			errno = EADDRINUSE;
		}
	}
	errno = why;
	return s->socks > before ? 0 : cannot(port, e);
}

static int open_all(struct selfdns *s, struct err *e)
{
	const struct conf_list *l = &s->conf->self_listen;
	if (l->n == 0)
		return open_port(s, ":53", e);
	for (size_t i = 0; i < l->n; i++) {
		struct dns_server at;
		if (l->at[i][0] == ':') {
			if (open_port(s, l->at[i], e) < 0)
				return -1;
			continue;
		}
		if (dnsask_server(str_of(l->at[i]), &at, e) < 0)
			return err_at(e, "dns.listen");
		if (open_pair(s, &at) < 0)
			return cannot(l->at[i], e);
	}
	return 0;
}

static void close_all(struct selfdns *s)
{
	while (s->conns > 0)
		drop(s, s->conns - 1);
	for (size_t i = 0; i < s->socks; i++)
		close(s->sock[i]);
	s->socks = 0;
}

/* The thread */

static size_t fill(const struct selfdns *s, struct pollfd *p)
{
	size_t n = 0;
	for (size_t i = 0; i < s->conns; i++)
		p[n++] = (struct pollfd){ .fd = s->conn[i].fd,
					  .events = s->conn[i].out.n ? POLLOUT :
								       POLLIN };
	p[n++] = (struct pollfd){ .fd = s->stop, .events = POLLIN };
	for (size_t i = 0; i < s->socks; i++)
		p[n++] = (struct pollfd){ .fd = s->sock[i], .events = POLLIN };
	return n;
}

static void serve(struct selfdns *s)
{
	struct pollfd p[CONNS_MAX + 1 + SOCKETS_MAX];
	for (;;) {
		size_t conns = s->conns, n = fill(s, p);
		int ready = poll(p, n, conns ? 1000 : -1);
		if (ready < 0 && errno != EINTR)
			return;
		if (ready < 0)
			continue;
		if (p[conns].revents)
			return;
		connections(s, p);
		for (size_t i = conns + 1; i < n; i++) {
			size_t k = i - conns - 1;
			if (!p[i].revents)
				continue;
			if (k % 2 == 0)
				datagrams(s, s->sock[k]);
			else
				welcome(s, s->sock[k]);
		}
	}
}

/* Pauses for a turn; false when told to stop. */
static bool goes_on(const struct selfdns *s)
{
	struct pollfd p = { .fd = s->stop, .events = POLLIN };
	return poll(&p, 1, TURN_MS) <= 0;
}

/* Until the lock is ours, and then until the port is. */
static bool stand_by(struct selfdns *s)
{
	const char *path = mem_fmt(&s->mem, "%s/.lock", folder(s));
	struct err e = { 0 };
	while (s->lock < 0 && fs_lock(path, 0, &s->lock, &e) < 0)
		if (!goes_on(s))
			return false;
	while (open_all(s, &e) < 0) {
		log_say(LOG_REASON, "%s", e.msg);
		close_all(s);
		if (!goes_on(s))
			return false;
	}
	return true;
}

static void *run(void *data)
{
	struct selfdns *s = data;
	if (s->socks > 0 || stand_by(s))
		serve(s);
	return NULL;
}

static void release(struct selfdns *s)
{
	close_all(s);
	if (s->lock >= 0)
		close(s->lock);
	if (s->stop >= 0)
		close(s->stop);
	mem_free(&s->zones_mem);
	mem_free(&s->mem);
	free(s);
}

static int prepare(struct selfdns *s, struct err *e)
{
	s->stop = eventfd(0, EFD_CLOEXEC);
	if (s->stop < 0)
		return err_sys(e, "self: eventfd");
	if (fs_mkdir(folder(s), 0700, e) < 0)
		return -1;
	if (fs_lock(mem_fmt(&s->mem, "%s/.lock", folder(s)), 0, &s->lock, e) <
	    0) {
		if (e->kind != ERR_TEMP)
			return -1;
		log_say(LOG_REASON, "self: another opsmail answers; standing "
				    "by");
		*e = (struct err){ 0 };
		return 0;
	}
	return open_all(s, e);
}

/* Signals are for the threads that wait for something to end. */
static int launch(struct selfdns *s)
{
	sigset_t all, old;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	int why = pthread_create(&s->thread, NULL, run, s);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return why;
}

int selfdns_start(const struct conf *c, struct selfdns **out, struct err *e)
{
	struct selfdns *s = calloc(1, sizeof(*s));
	if (!s)
		abort();
	*s = (struct selfdns){
		.conf = c, .stop = -1, .lock = -1, .fresh = true
	};
	if (prepare(s, e) == 0) {
		int why = launch(s);
		if (why == 0) {
			*out = s;
			return 0;
		}
		errno = why;
		err_sys(e, "self: thread");
	}
	release(s);
	return -1;
}

void selfdns_stop(struct selfdns *s)
{
	if (!s)
		return;
	uint64_t one = 1;
	if (write(s->stop, &one, sizeof(one)) < 0)
		log_say(LOG_REASON, "self: eventfd: %s", strerror(errno));
	pthread_join(s->thread, NULL);
	release(s);
}

int selfdns_run(const struct conf *c, struct tell *t, struct err *e)
{
	AUTO(mem) struct mem m = { 0 };
	struct selfdns *s = NULL;
	if (selfdns_start(c, &s, e) < 0)
		return -1;
	for (size_t i = 0; i < c->domains_n; i++) {
		const char *d = c->domains[i].name;
		tell(t, TELL_TASK, d,
		     "to delegate the challenges of %s to "
		     "this server, its zone needs:\n%s",
		     d,
		     selfdns_delegation(c, mem_fmt(&m, "_acme-challenge.%s", d),
					&m));
	}
	tell(t, TELL_STEP, c->hostname,
	     "answering challenge questions until "
	     "stopped");
	while (!stop_asked())
		clock_sleep_ms(1000);
	selfdns_stop(s);
	return 0;
}
