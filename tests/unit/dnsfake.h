/* A name server of the test's own on loopback: UDP and TCP at one free port, in
 * a thread. What it answers is the test's function. */
#pragma once

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "dns/record.h"
#include "tests/unit/test.h"

struct dnsfake {
	/* Fills out, or returns -1 for silence. */
	int (*answer)(struct dnsfake *f, struct str question, bool tcp,
		      struct buf *out);
	void *data;
	atomic_uint asked; /* how often */
	int udp, tcp;
	atomic_bool stop;
	pthread_t thread;
	char text[32]; /* "127.0.0.1:PORT" */
};

static void dnsfake_udp(struct dnsfake *f)
{
	char data[65535];
	struct sockaddr_storage from;
	socklen_t from_n = sizeof(from);
	struct buf out = { 0 };
	ssize_t n = recvfrom(f->udp, data, sizeof(data), 0,
			     (struct sockaddr *)&from, &from_n);

	if (n < 0)
		return;
	f->asked++;
	if (f->answer(f, (struct str){ data, (size_t)n }, false, &out) == 0)
		(void)sendto(f->udp, out.at, out.n, 0, (struct sockaddr *)&from,
			     from_n);
	buf_free(&out);
}

/* One question a connection; the answer may hold several framed messages, the
 * first without its length. */
static void dnsfake_tcp(struct dnsfake *f)
{
	unsigned char size[2], data[65535];
	struct buf out = { 0 };
	int c = accept(f->tcp, NULL, NULL);

	if (recv(c, size, 2, MSG_WAITALL) == 2) {
		size_t n = (size_t)size[0] << 8 | size[1];

		f->asked++;
		if (recv(c, data, n, MSG_WAITALL) == (ssize_t)n &&
		    f->answer(f, (struct str){ (char *)data, n }, true, &out) ==
			    0) {
			size[0] = (unsigned char)(out.n >> 8);
			size[1] = (unsigned char)out.n;
			if (out.n < 65536)
				(void)send(c, size, 2, MSG_NOSIGNAL);
			(void)send(c, out.at, out.n, MSG_NOSIGNAL);
		}
	}
	buf_free(&out);
	close(c);
}

static void *dnsfake_run(void *data)
{
	struct dnsfake *f = data;

	while (!f->stop) {
		struct pollfd p[2] = { { .fd = f->udp, .events = POLLIN },
				       { .fd = f->tcp, .events = POLLIN } };

		if (poll(p, 2, 20) <= 0)
			continue;
		if (p[0].revents)
			dnsfake_udp(f);
		if (p[1].revents)
			dnsfake_tcp(f);
	}
	return NULL;
}

static void dnsfake_start(struct dnsfake *f)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(a);

	/* Free for UDP need not be free for TCP. */
	for (int bound = 0; !bound;) {
		a.sin_port = 0;
		f->udp = socket(AF_INET, SOCK_DGRAM, 0);
		f->tcp = socket(AF_INET, SOCK_STREAM, 0);
		assert_int_equal(bind(f->udp, (struct sockaddr *)&a, n), 0);
		assert_int_equal(getsockname(f->udp, (struct sockaddr *)&a, &n),
				 0);
		bound = bind(f->tcp, (struct sockaddr *)&a, n) == 0 &&
			listen(f->tcp, 16) == 0;
		if (!bound) {
			close(f->udp);
			close(f->tcp);
		}
	}
	snprintf(f->text, sizeof(f->text), "127.0.0.1:%u", ntohs(a.sin_port));
	f->asked = 0;
	f->stop = false;
	assert_int_equal(pthread_create(&f->thread, NULL, dnsfake_run, f), 0);
}

static void dnsfake_stop(struct dnsfake *f)
{
	f->stop = true;
	pthread_join(f->thread, NULL);
	close(f->udp);
	close(f->tcp);
}

/* A small zone: what is asked for by name and type. A CNAME at the name is
 * answered with it, and followed inside the table. */
struct dnsfake_row {
	const char *name;
	uint16_t type;
	const char *value;
};
static inline void dnsfake_lookup(const struct dnsfake_row *row, size_t n,
				  const struct dns_msg *q, struct mem *m,
				  struct dns_msg *a)
{
	const char *at = q->qname;

	*a = (struct dns_msg){ .id = q->id,
			       .qr = true,
			       .aa = true,
			       .ra = true,
			       .rd = q->rd,
			       .qname = q->qname,
			       .qtype = q->qtype,
			       .qclass = q->qclass,
			       .edns = q->edns,
			       .rcode = DNS_NXDOMAIN };
	a->answer = mem_array(m, n + 1, sizeof(*a->answer));
	a->authority = mem_array(m, n + 1, sizeof(*a->authority));
	for (size_t i = 0, hops = 0; i < n && hops < 9; i++) {
		struct dns_rr rr = { .name = row[i].name,
				     .type = row[i].type,
				     .class = DNS_IN,
				     .ttl = 1,
				     .value = str_of(row[i].value) };

		if (strcmp(row[i].name, at) != 0)
			continue;
		a->rcode = DNS_NOERROR;
		if (row[i].type == q->qtype)
			a->answer[a->answer_n++] = rr;
		if (row[i].type != DNS_CNAME || q->qtype == DNS_CNAME)
			continue;
		a->answer[a->answer_n++] = rr;
		at = mem_dup(m, row[i].value, strlen(row[i].value) - 1);
		i = (size_t)-1;
		hops++;
	}
	for (size_t i = 0; i < n && a->answer_n == 0; i++)
		if (row[i].type == DNS_SOA && a->authority_n == 0 &&
		    strstr(q->qname, row[i].name))
			a->authority[a->authority_n++] =
				(struct dns_rr){ .name = row[i].name,
						 .type = DNS_SOA,
						 .class = DNS_IN,
						 .ttl = 1,
						 .value =
							 str_of(row[i].value) };
}

/* Answers from these rows and from all records, as somebody may change them:
 * under their lock. */
static inline int dnsfake_show(struct str question,
			       const struct dnsfake_row *fixed, size_t n,
			       const struct records *live,
			       pthread_mutex_t *lock, struct buf *out)
{
	struct mem m = { 0 };
	struct err e = { 0 };
	struct dns_msg q, a;

	assert_int_equal(dnsmsg_parse(question, &m, &q, &e), 0);
	pthread_mutex_lock(lock);
	const size_t all = n + (live ? live->n : 0);
	struct dnsfake_row *rows = mem_array(&m, all + 1, sizeof(*rows));

	memcpy(rows, fixed, n * sizeof(*rows));
	for (size_t i = n; i < all; i++) {
		const struct record *r = &live->at[i - n];

		rows[i] = (struct dnsfake_row){ mem_str(&m, r->name), r->type,
						mem_dup(&m, r->value.at,
							r->value.n) };
	}
	pthread_mutex_unlock(lock);
	dnsfake_lookup(rows, all, &q, &m, &a);
	assert_int_equal(dnsmsg_answer(&a, 65535, out, &e), 0);
	mem_free(&m);
	return 0;
}
