#include "net/dnsask.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/rand.h"
#include "base/stop.h"
#include "net/sock.h"

enum {
	HEADER = 12,
	LIMIT_MS = 5000,
	AXFR_LIMIT_MS = 60000,
	DNS_PORT = 53,
	AXFR_RECORDS_MAX = 1 << 20,
	SLICE_MS = 100,
};

/* "192.0.2.1", "[2001:db8::1]:53", "192.0.2.1@53": the parts. */
static int split(struct str text, struct str *host, uint64_t *port)
{
	struct str number = { 0 };
	const char *at = str_find(text, "@");
	*host = text;
	*port = DNS_PORT;
	if (at) {
		host->n = (size_t)(at - text.at);
		number = (struct str){ at + 1, text.n - host->n - 1 };
	} else if (str_starts(text, "[")) {
		const char *end = str_find(text, "]");
		if (!end)
			return -1;
		size_t n = (size_t)(end - text.at);
		*host = (struct str){ text.at + 1, n - 1 };
		number = (struct str){ end + 1, text.n - n - 1 };
		if (number.n > 0 && *number.at != ':')
			return -1;
	} else {
		const char *colon = str_find(text, ":");
		size_t n = colon ? (size_t)(colon - text.at) : text.n;
		struct str rest = { text.at + n, text.n - n };
		if (colon &&
		    !str_find((struct str){ colon + 1, rest.n - 1 }, ":")) {
			host->n = n;
			number = rest;
		}
	}
	if (str_starts(number, ":")) {
		number.at++;
		number.n--;
	}
	if (number.n > 0 && str_num(number, UINT16_MAX, port) < 0)
		return -1;
	return *port > 0 ? 0 : -1;
}

int dnsask_server(struct str text, struct dns_server *out, struct err *e)
{
	struct str host;
	uint64_t port;
	char ip[INET6_ADDRSTRLEN];
	memset(out, 0, sizeof(*out));
	struct sockaddr_in *v4 = (struct sockaddr_in *)&out->addr;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&out->addr;
	int good = split(text, &host, &port) == 0 && host.n > 0 &&
		   host.n < sizeof(ip);
	if (good) {
		memcpy(ip, host.at, host.n);
		ip[host.n] = '\0';
	}
	if (good && inet_pton(AF_INET, ip, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons((uint16_t)port);
		out->addr_n = sizeof(*v4);
	} else if (good && inet_pton(AF_INET6, ip, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons((uint16_t)port);
		out->addr_n = sizeof(*v6);
	} else {
		return err_set(e, ERR_CONF,
			       "\"%.*s\" is no server address; "
			       "write 192.0.2.1, 192.0.2.1:5353 or "
			       "[2001:db8::1]:5353",
			       STR_FMT(text));
	}
	bool plain = port == DNS_PORT;
	const char *open = out->addr.ss_family == AF_INET6 && !plain ? "[" : "";
	snprintf(out->text, sizeof(out->text), "%s%s%s", open, ip,
		 *open ? "]" : "");
	size_t n = strlen(out->text);
	if (!plain)
		snprintf(out->text + n, sizeof(out->text) - n, ":%u",
			 (unsigned)port);
	return 0;
}

static const char *why(int error)
{
	switch (error) {
	case ETIMEDOUT:
		return "timeout";
	case ECONNREFUSED:
		return "connection refused";
	case ECONNRESET:
		return "connection closed";
	case ENETUNREACH:
	case EHOSTUNREACH:
		return "network unreachable";
	default:
		return strerror(error);
	}
}

static int failed(const struct dns_ask *a, const char *how, struct err *e)
{
	int error = errno;
	if (error == ECANCELED)
		return err_set(e, ERR_STOPPED, "stopped while %s was asked",
			       a->server->text);
	return err_set(e, ERR_TEMP, "no answer from %s by %s: %s",
		       a->server->text, how, why(error));
}

/* The answer to this question: id, kind, and the question repeated (which some
 * servers leave out of refusals and of answers to updates). */
static bool matches(struct str reply, struct str asked)
{
	if (reply.n < HEADER || memcmp(reply.at, asked.at, 2) != 0 ||
	    !(reply.at[2] & 0x80) || ((reply.at[2] ^ asked.at[2]) & 0x78))
		return false;
	if (!reply.at[4] && !reply.at[5])
		return (reply.at[3] & 15) || (reply.at[2] & 0x78);
	size_t n = HEADER;
	while (n < asked.n && asked.at[n])
		n += (size_t)(unsigned char)asked.at[n] + 1;
	n += 5;
	if (n > asked.n || n > reply.n)
		return false;
	for (size_t i = HEADER; i < n; i++)
		if (str_lower(reply.at[i]) != str_lower(asked.at[i]))
			return false;
	return true;
}

static bool is_cut(struct str reply)
{
	return reply.at[2] & 2;
}

/* One datagram that answers; others are dropped. */
static int receive(int fd, struct str asked, struct buf *reply, int64_t until)
{
	char data[UINT16_MAX];
	for (;;) {
		ssize_t n = recv(fd, data, sizeof(data), 0);
		if (n >= 0 && matches((struct str){ data, (size_t)n }, asked)) {
			buf_clear(reply);
			buf_add(reply, data, (size_t)n);
			return 0;
		}
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return -1;
		if (n < 0 && sock_wait(fd, POLLIN, until) < 0)
			return -1;
	}
}

/* A question may be repeated; an update must not be made twice unseen. */
static int by_udp(const struct dns_ask *a, struct str wire, int64_t limit,
		  struct buf *reply, struct err *e)
{
	bool again = !(wire.at[2] & 0x78);
	int64_t now = clock_ms(), until = now + limit;
	AUTO(fd) int fd = sock_connect(
		SOCK_DGRAM, (const struct sockaddr *)&a->server->addr,
		a->server->addr_n, until);
	if (fd < 0 || sock_send(fd, wire.at, wire.n, until) < 0)
		return failed(a, "UDP", e);
	if (receive(fd, wire, reply, again ? now + limit / 3 : until) == 0)
		return 0;
	if (!again || errno != ETIMEDOUT ||
	    sock_send(fd, wire.at, wire.n, until) < 0 ||
	    receive(fd, wire, reply, until) < 0)
		return failed(a, "UDP", e);
	return 0;
}

static int tcp_put(int fd, struct str wire, int64_t until)
{
	AUTO(buf) struct buf b = { .max = UINT16_MAX + 2 };
	buf_char(&b, (char)(wire.n >> 8));
	buf_char(&b, (char)(wire.n & 0xff));
	buf_view(&b, wire);
	return sock_send(fd, b.at, b.n, until);
}

static int tcp_get(int fd, struct buf *reply, int64_t until)
{
	char data[UINT16_MAX];
	unsigned char size[2];
	if (sock_recv(fd, size, 2, until) < 0)
		return -1;
	size_t n = (size_t)size[0] << 8 | size[1];
	if (sock_recv(fd, data, n, until) < 0)
		return -1;
	buf_clear(reply);
	buf_add(reply, data, n);
	return 0;
}

static int by_tcp(const struct dns_ask *a, struct str wire, int64_t limit,
		  struct buf *reply, struct err *e)
{
	int64_t until = clock_ms() + limit;
	AUTO(fd) int fd = sock_connect(
		SOCK_STREAM, (const struct sockaddr *)&a->server->addr,
		a->server->addr_n, until);
	if (fd < 0 || tcp_put(fd, wire, until) < 0 ||
	    tcp_get(fd, reply, until) < 0)
		return failed(a, "TCP", e);
	if (!matches(buf_get(reply), wire))
		return err_set(e, ERR_TEMP,
			       "%s sent by TCP what answers "
			       "another question",
			       a->server->text);
	return 0;
}

/* An error without a signature is believed: it can only make us fail. */
static int verify(const struct dns_ask *a, struct str reply, struct buf *mac,
		  bool rest, struct err *e)
{
	if (!a->key || (!rest && (reply.at[3] & 15) && !tsig_signed(reply)))
		return 0;
	if (tsig_check(reply, a->key, clock_now(), mac, rest, e) < 0)
		return err_at(e, "%s", a->server->text);
	return 0;
}

static int prepare(const struct dns_ask *a, struct str wire, struct buf *out,
		   struct buf *mac, struct err *e)
{
	if (wire.n < HEADER)
		return err_set(e, ERR_PERM, "no DNS message to send");
	buf_view(out, wire);
	return a->key ? tsig_sign(out, a->key, clock_now(), mac, e) : 0;
}

int dnsask(const struct dns_ask *a, struct str wire, struct mem *m,
	   struct dns_msg *out, struct err *e)
{
	AUTO(buf) struct buf ask = { .max = UINT16_MAX };
	AUTO(buf) struct buf reply = { .max = UINT16_MAX };
	AUTO(buf) struct buf mac = { 0 };
	int64_t limit = a->limit_ms ? a->limit_ms : LIMIT_MS;
	if (prepare(a, wire, &ask, &mac, e) < 0)
		return -1;
	struct str sent = buf_get(&ask);
	if (!a->tcp && by_udp(a, sent, limit, &reply, e) < 0)
		return -1;
	if ((a->tcp || is_cut(buf_get(&reply))) &&
	    by_tcp(a, sent, limit, &reply, e) < 0)
		return -1;
	if (verify(a, buf_get(&reply), &mac, false, e) < 0)
		return -1;
	if (dnsmsg_parse(buf_get(&reply), m, out, e) < 0)
		return err_at(e, "%s", a->server->text);
	log_say(LOG_WIRE, "%s: %s: %s, %zu answers", a->server->text,
		out->qname, dnsmsg_rcode_name(out->rcode), out->answer_n);
	return 0;
}

static uint16_t fresh_id(void)
{
	uint16_t id;
	rand_bytes(&id, sizeof(id));
	return id;
}

int dnsask_query(const struct dns_ask *a, const char *name, uint16_t type,
		 bool rd, struct mem *m, struct dns_msg *out, struct err *e)
{
	AUTO(buf) struct buf wire = { .max = UINT16_MAX };
	if (dnsmsg_query(&wire, fresh_id(), name, type, rd, e) < 0)
		return -1;
	return dnsask(a, buf_get(&wire), m, out, e);
}

/* Adds one message's records; *soas counts the zone's SOA at both ends. */
static int gather(const struct dns_msg *x, const char *zone, struct mem *m,
		  struct dns_rrs *out, unsigned *soas, struct err *e)
{
	for (size_t i = 0; i < x->answer_n && *soas < 2; i++) {
		const struct dns_rr *rr = &x->answer[i];
		bool soa = rr->type == DNS_SOA && !strcmp(rr->name, zone);
		if (*soas == 0 && !soa)
			return err_set(e, ERR_PERM,
				       "the transfer of %s does "
				       "not begin with its SOA",
				       zone);
		*soas += soa;
		if (*soas == 2)
			return 0;
		if (out->n == AXFR_RECORDS_MAX)
			return err_set(e, ERR_PERM,
				       "%s holds more than %d "
				       "records",
				       zone, AXFR_RECORDS_MAX);
		out->at = mem_more(m, out->at, &out->room, out->n,
				   sizeof(*out->at));
		out->at[out->n++] = *rr;
	}
	return 0;
}

static int transfer(const struct dns_ask *a, int fd, struct str sent,
		    struct buf *mac, const char *zone, struct mem *m,
		    struct dns_rrs *out, struct err *e)
{
	AUTO(buf) struct buf reply = { .max = UINT16_MAX };
	int64_t until =
		clock_ms() + (a->limit_ms ? a->limit_ms : AXFR_LIMIT_MS);
	struct dns_msg x;
	unsigned soas = 0;
	for (bool rest = false; soas < 2; rest = true) {
		if (tcp_get(fd, &reply, until) < 0)
			return failed(a, "TCP", e);
		struct str got = buf_get(&reply);
		if (got.n < HEADER || memcmp(got.at, sent.at, 2) != 0)
			return err_set(e, ERR_PERM, "%s sent what is no answer",
				       a->server->text);
		if (verify(a, got, mac, rest, e) < 0)
			return -1;
		if (dnsmsg_parse(got, m, &x, e) < 0)
			return err_at(e, "%s", a->server->text);
		if (x.rcode != DNS_NOERROR)
			return err_set(e,
				       x.rcode == DNS_SERVFAIL ? ERR_TEMP :
								 ERR_AUTH,
				       "%s refuses to transfer %s: %s"
				       "; allow it there for this key or "
				       "address",
				       a->server->text, zone,
				       dnsmsg_rcode_name(x.rcode));
		if (x.answer_n == 0)
			return err_set(e, ERR_PERM,
				       "%s broke off the transfer "
				       "of %s",
				       a->server->text, zone);
		if (gather(&x, zone, m, out, &soas, e) < 0)
			return err_at(e, "%s", a->server->text);
	}
	if (a->key && mac->n != tsig_mac_size(a->key))
		return err_set(e, ERR_AUTH,
			       "%s: the end of the transfer is "
			       "not signed",
			       a->server->text);
	return 0;
}

int dnsask_axfr(const struct dns_ask *a, const char *zone, struct mem *m,
		struct dns_rrs *out, struct err *e)
{
	AUTO(buf) struct buf wire = { .max = UINT16_MAX };
	AUTO(buf) struct buf ask = { .max = UINT16_MAX };
	AUTO(buf) struct buf mac = { 0 };
	if (dnsmsg_query(&wire, fresh_id(), zone, DNS_AXFR, false, e) < 0 ||
	    prepare(a, buf_get(&wire), &ask, &mac, e) < 0)
		return -1;
	int64_t until = clock_ms() + LIMIT_MS;
	AUTO(fd) int fd = sock_connect(
		SOCK_STREAM, (const struct sockaddr *)&a->server->addr,
		a->server->addr_n, until);
	if (fd < 0 || tcp_put(fd, buf_get(&ask), until) < 0)
		return failed(a, "TCP", e);
	return transfer(a, fd, buf_get(&ask), &mac, zone, m, out, e);
}

/* Many at once */

struct round {
	struct dns_poll *p;
	struct pollfd *fd;
	struct buf *wire; /* one each, since ids differ */
	bool *cut;
	size_t n, open;
	struct mem *m;
};

static void settle(struct round *r, size_t i, const char *because)
{
	if (because)
		snprintf(r->p[i].why, sizeof(r->p[i].why), "%s", because);
	close(r->fd[i].fd);
	r->fd[i].fd = -1;
	r->open--;
}

static void start(struct round *r, size_t i)
{
	struct dns_poll *p = &r->p[i];
	p->ok = false;
	snprintf(p->why, sizeof(p->why), "timeout");
	struct str w = buf_get(&r->wire[i]);
	int fd = sock_connect(SOCK_DGRAM, (struct sockaddr *)&p->server.addr,
			      p->server.addr_n, 0);
	r->fd[i] = (struct pollfd){ .fd = fd, .events = POLLIN };
	if (fd < 0) {
		snprintf(p->why, sizeof(p->why), "%s", why(errno));
		return;
	}
	r->open++;
	if (send(fd, w.at, w.n, MSG_NOSIGNAL) < 0)
		settle(r, i, why(errno));
}

/* Something arrived: the answer, a refusal, or somebody else's bytes. */
static void arrived(struct round *r, size_t i)
{
	struct err e = { 0 };
	AUTO(buf) struct buf reply = { .max = UINT16_MAX };
	struct str asked = buf_get(&r->wire[i]);
	if (receive(r->fd[i].fd, asked, &reply, 0) < 0) {
		if (errno != ETIMEDOUT && errno != ECANCELED)
			settle(r, i, why(errno));
		return;
	}
	if (is_cut(buf_get(&reply))) {
		r->cut[i] = true;
		settle(r, i, NULL);
		return;
	}
	r->p[i].ok = dnsmsg_parse(buf_get(&reply), r->m, &r->p[i].msg, &e) == 0;
	settle(r, i, r->p[i].ok ? NULL : e.msg);
}

static int collect(struct round *r, int64_t until, struct err *e)
{
	while (r->open > 0) {
		int64_t left = until - clock_ms();
		if (stop_asked())
			return err_set(e, ERR_STOPPED, "stopped");
		if (left <= 0)
			return 0;
		int n = poll(r->fd, r->n,
			     left < SLICE_MS ? (int)left : SLICE_MS);
		if (n < 0 && errno != EINTR)
			return err_sys(e, "poll");
		for (size_t i = 0; n > 0 && i < r->n; i++)
			if (r->fd[i].fd >= 0 && r->fd[i].revents)
				arrived(r, i);
	}
	return 0;
}

static void once_more(struct round *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->fd[i].fd >= 0)
			(void)send(r->fd[i].fd, r->wire[i].at, r->wire[i].n,
				   MSG_NOSIGNAL);
}

static void by_stream(struct round *r, const char *name, uint16_t type, bool rd,
		      int64_t until)
{
	for (size_t i = 0; i < r->n; i++) {
		struct err e = { 0 };
		struct dns_poll *p = &r->p[i];
		if (!r->cut[i])
			continue;
		int64_t left = until - clock_ms();
		struct dns_ask a = { .server = &p->server,
				     .tcp = true,
				     .limit_ms = left < SLICE_MS * 10 ?
							 SLICE_MS * 10 :
							 left };
		p->ok = dnsask_query(&a, name, type, rd, r->m, &p->msg, &e) ==
			0;
		if (!p->ok)
			snprintf(p->why, sizeof(p->why), "%.*s",
				 (int)sizeof(p->why) - 1, e.msg);
	}
}

static void finish(struct round *r)
{
	for (size_t i = 0; i < r->n; i++) {
		if (r->fd[i].fd >= 0)
			settle(r, i, NULL);
		buf_free(&r->wire[i]);
	}
}

int dnsask_all(struct dns_poll *p, size_t n, const char *name, uint16_t type,
	       bool rd, int64_t limit_ms, struct mem *m, struct err *e)
{
	struct round r = { .p = p, .n = n, .m = m };
	r.fd = mem_array(m, n, sizeof(*r.fd));
	r.wire = mem_array(m, n, sizeof(*r.wire));
	r.cut = mem_array(m, n, sizeof(*r.cut));
	int64_t now = clock_ms();
	int status = 0;
	for (size_t i = 0; i < n; i++)
		r.fd[i].fd = -1;
	for (size_t i = 0; i < n && status == 0; i++) {
		r.wire[i].max = UINT16_MAX;
		status =
			dnsmsg_query(&r.wire[i], fresh_id(), name, type, rd, e);
		if (status == 0)
			start(&r, i);
	}
	if (status == 0)
		status = collect(&r, now + limit_ms / 3, e);
	if (status == 0) {
		once_more(&r);
		status = collect(&r, now + limit_ms, e);
	}
	finish(&r);
	if (status == 0)
		by_stream(&r, name, type, rd, now + limit_ms);
	return status;
}
