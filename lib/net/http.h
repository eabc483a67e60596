/* HTTPS by libcurl: the one door, and a seam that tests replace. One handle
 * keeps its connections alive and belongs to one thread. */
#pragma once

#include <stdint.h>
#include <time.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"

struct http_header {
	const char *name, *value;
};
struct http_request {
	const char *method; /* GET, HEAD, POST, PUT, PATCH, DELETE */
	const char *url;
	struct str body;
	const struct http_header *headers; /* Content-Type among them */
	size_t headers_n;
	int64_t limit_ms; /* whole exchange; 0: 60 s */
	/* Goes out once: when a kept connection ends without an answer, the
	 * caller is told and decides. */
	bool once;
	bool secret; /* bodies are credentials: no log shows them */
};
struct http_reply {
	int status;
	struct buf body; /* its max is the cap: set it before; 0: 1 MiB */
	struct http_header *headers; /* in order, names as sent */
	size_t headers_n, headers_room;
	struct mem mem; /* the headers live here */
};
void http_reply_free(struct http_reply *r); /* usable again afterwards */
static inline void auto_http_reply(struct http_reply *r)
{
	http_reply_free(r);
}

struct http {
	/* 0 with any status; -1 only when no answer came: ERR_TEMP (network,
	 * TLS of the far end: what, where, why), ERR_PERM (a body over the
	 * cap, malformed), ERR_CONF (the URL, an untrusted certificate: says
	 * which setting adds a CA), ERR_STOPPED. Redirects are not followed. */
	int (*send)(struct http *h, const struct http_request *q,
		    struct http_reply *r, struct err *e);
	void (*close)(struct http *h);
	unsigned requests, connections; /* so far */
};
struct http_options {
	const char *ca_file; /* trusted besides the system's; NULL: none */
	const char *bind;    /* source address; NULL: any */
	const char *to;      /* connect to this address whatever the URL's host;
			 * NULL: as the DNS says */
	bool insecure;       /* any certificate will do: warn aloud */
};
int http_open(const struct http_options *o, struct http **out, struct err *e);
void http_close(struct http *h);
AUTO_DEFINE(http, struct http, http_close)

/* Takes one line of a reply's head in ("Name: value"); -1 when it is none. What
 * a server sends comes this way, and what a test wants to have been sent. */
int http_header_add(struct http_reply *r, struct str line);
/* The nth header of that name (case-blind, from 0), or NULL. */
const char *http_header(const struct http_reply *r, const char *name,
			size_t nth);
/* Retry-After in seconds or as a date (RFC 9110 10.2.3) as a moment; 0 when
 * absent or senseless; never more than 31 days from now. */
time_t http_retry_after(const struct http_reply *r, time_t now);
/* Target of the nth Link with that relation (RFC 8288), made absolute against
 * base; NULL when there is none. */
const char *http_link(const struct http_reply *r, const char *base,
		      const char *rel, size_t nth, struct mem *m);
bool http_is_json(const struct http_reply *
			  r); /* application/json or anything ending in +json */
