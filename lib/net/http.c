#include "net/http.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <errno.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/stop.h"
#include "net/http_link.h"
#include "net/http_log.h"
#include "net/http_roots.h"

#ifndef OPSMAIL_VERSION
#define OPSMAIL_VERSION "0"
#endif
#ifdef OPSMAIL_URL
#define AGENT "opsmail/" OPSMAIL_VERSION " (+" OPSMAIL_URL ")"
#else
#define AGENT "opsmail/" OPSMAIL_VERSION
#endif

enum {
	LIMIT_MS = 60000,
	CONNECT_MS = 20000,
	BODY_MAX = 1 << 20,
	HEAD_MAX = 64 << 10, /* bytes of all heads of one exchange */
	PLACE_MAX = 300,
};

struct client {
	struct http http; /* first: the handle is handed out as this */
	struct mem mem;   /* the client lives in it, too */
	CURL *curl;
	const char *ca_file, *bind;
	struct curl_slist *to;
	bool insecure;
	enum http_roots roots;
};

/* One request under way. */
struct exchange {
	const struct http_request *q;
	struct http_reply *r;
	struct curl_slist *list;
	size_t head;                /* bytes of head so far */
	const char *refused;        /* why we broke off */
	char place[PLACE_MAX];      /* host and port, in front of every error */
	char text[CURL_ERROR_SIZE]; /* curl's own words */
	bool plain;                 /* http:// to an address that is near */
	size_t sent;                /* bytes of a body that goes out once */
};

AUTO_DEFINE(url, CURLU, curl_url_cleanup)
AUTO_DEFINE(curl_text, char, curl_free)

/* What a relative reference means on the page base; NULL when nothing. */
static const char *resolve(const char *base, struct str target, struct mem *m)
{
	AUTO(url) CURLU *u = curl_url();
	AUTO(curl_text) char *out = NULL;

	if (!u || curl_url_set(u, CURLUPART_URL, base, 0) ||
	    curl_url_set(u, CURLUPART_URL, mem_dup(m, target.at, target.n),
			 0) ||
	    curl_url_get(u, CURLUPART_URL, &out, 0))
		return NULL;
	return mem_str(m, out);
}

static bool has_rel(struct str rels, const char *rel)
{
	struct str word;

	while (str_word(&rels, &word))
		if (str_eqi(word, rel))
			return true;
	return false;
}

const char *http_link(const struct http_reply *r, const char *base,
		      const char *rel, size_t nth, struct mem *m)
{
	const char *text;

	for (size_t i = 0; (text = http_header(r, "Link", i)) != NULL; i++) {
		struct str rest = str_of(text);
		struct http_link link;
		while (http_link_next(&rest, &link)) {
			if (link.anchored || !has_rel(link.rels, rel))
				continue;
			const char *url = resolve(base, link.target, m);
			if (url && nth-- == 0)
				return url;
		}
	}
	return NULL;
}

static size_t on_body(char *at, size_t size, size_t n, void *data)
{
	struct exchange *x = data;

	buf_add(&x->r->body, at, size * n);
	if (!x->r->body.full)
		return size * n;
	x->refused = "its answer is larger than we take";
	return 0;
}

/* curl sends anew on its own when a kept connection turns out to be dead, but
 * not what it must take from here, as it cannot go back. */
static size_t on_send(char *at, size_t size, size_t n, void *data)
{
	struct exchange *x = data;
	const size_t room = size * n, left = x->q->body.n - x->sent;
	const size_t part = left < room ? left : room;

	memcpy(at, x->q->body.at + x->sent, part);
	x->sent += part;
	return part;
}

static size_t on_header(char *at, size_t size, size_t n, void *data)
{
	struct exchange *x = data;
	struct str line = { at, size * n };

	x->head += line.n;
	if (x->head > HEAD_MAX) {
		x->refused = "the head of its answer is larger than we take";
		return 0;
	}
	if (str_starts(line, "HTTP/")) {
		/* The final answer follows those of 1xx: only it counts. */
		x->r->headers_n = 0;
	} else if (str_trim(line).n > 0 && http_header_add(x->r, line)) {
		x->refused = "the head of its answer is malformed";
		return 0;
	}
	return size * n;
}

static int on_progress(void *data, curl_off_t down, curl_off_t down_now,
		       curl_off_t up, curl_off_t up_now)
{
	(void)data, (void)down, (void)down_now, (void)up, (void)up_now;
	return stop_asked();
}

/* Beside the system's roots, wherever those come from. */
static CURLcode on_tls(CURL *curl, void *ctx, void *data)
{
	const struct client *c = data;

	(void)curl;
	return SSL_CTX_load_verify_file(ctx, c->ca_file) == 1 ?
		       CURLE_OK :
		       CURLE_SSL_CACERT_BADFILE;
}

/* What never leaves the machine, or only to who runs it: loopback, and where
 * clouds tell their machines who they are. */
static bool is_near(const char *host)
{
	struct in_addr v4;

	return strcmp(host, "[::1]") == 0 ||
	       strcmp(host, "169.254.169.254") == 0 ||
	       (inet_pton(AF_INET, host, &v4) == 1 &&
		ntohl(v4.s_addr) >> 24 == 127);
}

/* Looks at the URL: where it leads, and whether we go there. */
static int read_url(struct exchange *x, struct err *e)
{
	AUTO(url) CURLU *u = curl_url();
	AUTO(curl_text) char *scheme = NULL;
	AUTO(curl_text) char *host = NULL;
	AUTO(curl_text) char *port = NULL;
	AUTO(curl_text) char *user = NULL;
	AUTO(buf) struct buf shown = { 0 };

	http_log_url(&shown, x->q->url);
	if (!u || curl_url_set(u, CURLUPART_URL, x->q->url, 0) ||
	    curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) ||
	    curl_url_get(u, CURLUPART_HOST, &host, 0))
		return err_set(e, ERR_CONF,
			       "\"%s\" is no URL: write https://HOST/PATH",
			       buf_c(&shown));
	(void)curl_url_get(u, CURLUPART_PORT, &port, 0);
	(void)snprintf(x->place, sizeof(x->place), "%s%s%s", host,
		       port ? ":" : "", port ? port : "");
	if (curl_url_get(u, CURLUPART_USER, &user, 0) == 0)
		return err_set(e, ERR_CONF,
			       "a URL for %s holds a user name: credentials "
			       "belong into the credentials of the "
			       "configuration",
			       x->place);
	x->plain = strcmp(scheme, "http") == 0;
	if (strcmp(scheme, "https") != 0 && !(x->plain && is_near(host)))
		return err_set(e, ERR_CONF,
			       "%s: %s:// is not taken, only https:// (and "
			       "http:// to 127.0.0.1 or [::1])",
			       x->place, scheme);
	return 0;
}

static int push_line(struct exchange *x, const char *line, struct err *e)
{
	struct curl_slist *list = curl_slist_append(x->list, line);

	if (!list)
		return err_set(e, ERR_SYS, "cannot keep a header");
	x->list = list;
	return 0;
}

static int add_line(struct exchange *x, const char *name, const char *value,
		    struct err *e)
{
	AUTO(secret) struct buf line = { 0 };

	if (!str_is_print(str_of(name)) || !str_is_print(str_of(value)))
		return err_set(e, ERR_CONF,
			       "%s: the header %s holds something else than "
			       "printable ASCII: a line break perhaps",
			       x->place, name);
	/* "Name:" would tell curl to leave it out. */
	buf_fmt(&line, *value ? "%s: %s" : "%s;", name, value);
	return push_line(x, buf_c(&line), e);
}

static int add_lines(struct exchange *x, struct err *e)
{
	bool typed = x->q->body.n == 0;

	for (size_t i = 0; i < x->q->headers_n; i++) {
		const struct http_header *h = &x->q->headers[i];
		typed = typed || str_eqi(str_of(h->name), "Content-Type");
		if (add_line(x, h->name, h->value, e))
			return -1;
	}
	/* curl would call an untyped body a form, and ask before a long one. */
	return (typed || push_line(x, "Content-Type:", e) == 0) &&
			       push_line(x, "Expect:", e) == 0 ?
		       0 :
		       -1;
}

static void set_body(CURL *c, struct exchange *x)
{
	const struct http_request *q = x->q;

	(void)curl_easy_setopt(c, CURLOPT_POST, 1L);
	(void)curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE,
			       (curl_off_t)q->body.n);
	if (q->once && q->body.n > 0) {
		(void)curl_easy_setopt(c, CURLOPT_READFUNCTION, on_send);
		(void)curl_easy_setopt(c, CURLOPT_READDATA, x);
	} else {
		(void)curl_easy_setopt(c, CURLOPT_POSTFIELDS,
				       q->body.n ? q->body.at : "");
	}
}

static void set_method(CURL *c, struct exchange *x)
{
	const struct http_request *q = x->q;
	const char *m = q->method;

	if (strcmp(m, "HEAD") == 0) {
		(void)curl_easy_setopt(c, CURLOPT_NOBODY, 1L);
		return;
	}
	if (q->body.n > 0 || (m[0] == 'P')) /* POST, PUT and PATCH have one */
		set_body(c, x);
	if (q->once && q->body.n == 0)
		(void)curl_easy_setopt(c, CURLOPT_FRESH_CONNECT, 1L);
	if (strcmp(m, "GET") != 0 && strcmp(m, "POST") != 0)
		(void)curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, m);
}

static void set_trust(const struct client *c)
{
	if (c->roots != HTTP_ROOTS_BUNDLE) {
		(void)curl_easy_setopt(c->curl, CURLOPT_CAINFO, NULL);
		(void)curl_easy_setopt(
			c->curl, CURLOPT_CAPATH,
			c->roots == HTTP_ROOTS_FOLDER ? HTTP_ROOTS_PATH : NULL);
	}
	if (c->ca_file) {
		(void)curl_easy_setopt(c->curl, CURLOPT_SSL_CTX_FUNCTION,
				       on_tls);
		(void)curl_easy_setopt(c->curl, CURLOPT_SSL_CTX_DATA, c);
	}
	(void)curl_easy_setopt(c->curl, CURLOPT_SSL_VERIFYPEER,
			       c->insecure ? 0L : 1L);
	(void)curl_easy_setopt(c->curl, CURLOPT_SSL_VERIFYHOST,
			       c->insecure ? 0L : 2L);
	(void)curl_easy_setopt(c->curl, CURLOPT_SSLVERSION,
			       (long)CURL_SSLVERSION_TLSv1_2);
}

static void set_protocols(CURL *c, bool plain)
{
	/* The string form that replaces it came with libcurl 7.85, after
	 * what we may count on. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
	(void)curl_easy_setopt(c, CURLOPT_PROTOCOLS,
			       (long)(plain ? CURLPROTO_HTTP :
					      CURLPROTO_HTTPS));
#pragma GCC diagnostic pop
	/* What goes to this machine in clear must not go through a proxy. */
	if (plain)
		(void)curl_easy_setopt(c, CURLOPT_PROXY, "");
}

static void set_limits(CURL *c, struct exchange *x)
{
	int64_t limit = x->q->limit_ms > 0 ? x->q->limit_ms : LIMIT_MS;

	(void)curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)limit);
	(void)curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS,
			       (long)(limit < CONNECT_MS ? limit : CONNECT_MS));
	(void)curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
	(void)curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress);
	(void)curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
	(void)curl_easy_setopt(c, CURLOPT_WRITEDATA, x);
	(void)curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
	(void)curl_easy_setopt(c, CURLOPT_HEADERDATA, x);
	(void)curl_easy_setopt(c, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
}

/* A reset keeps connections, TLS sessions and the DNS cache. A setting that
 * fails here is one that this libcurl was built without: the exchange itself
 * then fails and says so. */
static void set_all(const struct client *c, struct exchange *x)
{
	curl_easy_reset(c->curl);
	(void)curl_easy_setopt(c->curl, CURLOPT_ERRORBUFFER, x->text);
	(void)curl_easy_setopt(c->curl, CURLOPT_URL, x->q->url);
	(void)curl_easy_setopt(c->curl, CURLOPT_PATH_AS_IS, 1L);
	(void)curl_easy_setopt(c->curl, CURLOPT_USERAGENT, AGENT);
	(void)curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, x->list);
	(void)curl_easy_setopt(c->curl, CURLOPT_HTTP_VERSION,
			       (long)CURL_HTTP_VERSION_2TLS);
	if (c->bind)
		(void)curl_easy_setopt(c->curl, CURLOPT_INTERFACE, c->bind);
	if (c->to)
		(void)curl_easy_setopt(c->curl, CURLOPT_CONNECT_TO, c->to);
	set_method(c->curl, x);
	set_trust(c);
	set_protocols(c->curl, x->plain);
	set_limits(c->curl, x);
}

static int say_untrusted(const struct client *c, const struct exchange *x,
			 struct err *e)
{
	long verdict = X509_V_OK;
	char clock[CLOCK_TEXT];

	(void)curl_easy_getinfo(c->curl, CURLINFO_SSL_VERIFYRESULT, &verdict);
	(void)clock_text(clock_now(), clock);
	switch (verdict) {
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return err_set(e, ERR_TEMP,
			       "%s: its certificate is not valid yet; this "
			       "machine's clock says %s: set the clock if that "
			       "is wrong",
			       x->place, clock);
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return err_set(e, ERR_TEMP,
			       "%s: its certificate, or one above it, has "
			       "expired; this machine's clock says %s: set the "
			       "clock if that is wrong, else the server needs "
			       "a new certificate",
			       x->place, clock);
	case X509_V_OK:
	case X509_V_ERR_UNSPECIFIED: /* curl compares names before it asks */
		return err_set(e, ERR_CONF,
			       "%s: its certificate is for another name (%s): "
			       "check the URL",
			       x->place, x->text);
	default:
		return err_set(
			e, ERR_CONF,
			"%s: its certificate is not trusted (%s); %s", x->place,
			X509_verify_cert_error_string(verdict),
			c->roots == HTTP_ROOTS_NONE && !c->ca_file ?
				"this machine trusts nobody: install the "
				"package ca-certificates" :
				"if this is a private CA, set acme.ca_file to "
				"its root");
	}
}

static int say_unreached(const struct client *c, const struct exchange *x,
			 struct err *e)
{
	long number = 0;

	(void)curl_easy_getinfo(c->curl, CURLINFO_OS_ERRNO, &number);
	if (number == ECONNREFUSED)
		return err_set(e, ERR_TEMP,
			       "%s: connection refused: nothing listens there, "
			       "or a firewall forbids it",
			       x->place);
	return err_set(e, ERR_TEMP, "%s: cannot connect: %s", x->place,
		       number ? strerror((int)number) : x->text);
}

static int say_late(const struct client *c, const struct exchange *x,
		    struct err *e)
{
	curl_off_t ready = 0, total = 0;

	/* 0 while the connection was still being made. */
	(void)curl_easy_getinfo(c->curl, CURLINFO_PRETRANSFER_TIME_T, &ready);
	(void)curl_easy_getinfo(c->curl, CURLINFO_TOTAL_TIME_T, &total);
	return err_set(e, ERR_TEMP, "%s: no %s within %.1f seconds", x->place,
		       ready ? "whole answer" : "connection",
		       (double)total / 1e6);
}

/* curl's verdict as a sentence of ours. */
static int say_why(const struct client *c, const struct exchange *x,
		   CURLcode code, struct err *e)
{
	const char *text = x->text[0] ? x->text : curl_easy_strerror(code);

	switch ((int)code) {
	case CURLE_ABORTED_BY_CALLBACK:
		return err_set(e, ERR_STOPPED, "%s: stopped", x->place);
	case CURLE_COULDNT_RESOLVE_HOST:
		return err_set(e, ERR_TEMP,
			       "%s: no address is found for this name: check "
			       "its spelling and the name servers in "
			       "/etc/resolv.conf",
			       x->place);
	case CURLE_COULDNT_RESOLVE_PROXY:
		return err_set(e, ERR_TEMP,
			       "%s: no address is found for the proxy: check "
			       "the variable https_proxy",
			       x->place);
	case CURLE_COULDNT_CONNECT:
		return say_unreached(c, x, e);
	case CURLE_OPERATION_TIMEDOUT:
		return say_late(c, x, e);
	case CURLE_SEND_FAIL_REWIND:
		return err_set(e, ERR_TEMP,
			       "%s: the connection ended before an answer came",
			       x->place);
	case CURLE_PEER_FAILED_VERIFICATION:
		return say_untrusted(c, x, e);
	case CURLE_SSL_CACERT_BADFILE:
		return err_set(e, ERR_CONF, "%s: cannot use the CA file %s",
			       x->place, c->ca_file ? c->ca_file : "");
	case CURLE_INTERFACE_FAILED:
		return err_set(e, ERR_CONF,
			       "%s: cannot send from the address %s", x->place,
			       c->bind ? c->bind : "");
	case CURLE_WRITE_ERROR:
	case CURLE_WEIRD_SERVER_REPLY:
	case CURLE_UNSUPPORTED_PROTOCOL:
		return err_set(e, ERR_PERM, "%s: %s", x->place,
			       x->refused ? x->refused : text);
	case CURLE_SSL_CONNECT_ERROR:
		return err_set(e, ERR_TEMP, "%s: the TLS handshake failed: %s",
			       x->place, text);
	default:
		return err_set(e, ERR_TEMP, "%s: %s", x->place, text);
	}
}

/* libcurl before 7.86 lets OpenSSL write into sockets that the far end has
 * reset, and with NOSIGNAL it does not shield us from what follows. */
static void hold_pipe(sigset_t *before)
{
	sigset_t pipe;

	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	(void)pthread_sigmask(SIG_BLOCK, &pipe, before);
}

static void let_pipe(const sigset_t *before)
{
	static const struct timespec at_once = { 0 };
	sigset_t pipe;

	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	if (!sigismember(before, SIGPIPE))
		while (sigtimedwait(&pipe, NULL, &at_once) == SIGPIPE)
			;
	(void)pthread_sigmask(SIG_SETMASK, before, NULL);
}

static int perform(struct client *c, struct exchange *x, struct err *e)
{
	long status = 0, connects = 0;
	int64_t start = clock_ms();
	sigset_t before;

	set_all(c, x);
	http_log_request(x->q);
	c->http.requests++;
	hold_pipe(&before);
	CURLcode code = curl_easy_perform(c->curl);
	let_pipe(&before);
	(void)curl_easy_getinfo(c->curl, CURLINFO_NUM_CONNECTS, &connects);
	c->http.connections += (unsigned)connects;
	if (code != CURLE_OK)
		return say_why(c, x, code, e);
	(void)curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &status);
	x->r->status = (int)status;
	http_log_reply(x->q, x->r, clock_ms() - start);
	return 0;
}

static int send_by_curl(struct http *h, const struct http_request *q,
			struct http_reply *r, struct err *e)
{
	struct client *c = (struct client *)h;
	struct exchange x = { .q = q, .r = r };

	http_reply_free(r);
	if (r->body.max == 0)
		r->body.max = BODY_MAX;
	if (read_url(&x, e))
		return -1;
	if (stop_asked())
		return err_set(e, ERR_STOPPED, "%s: stopped", x.place);
	int bad = add_lines(&x, e) || perform(c, &x, e);
	curl_slist_free_all(x.list);
	return bad ? -1 : 0;
}

static void close_curl(struct http *h)
{
	struct client *c = (struct client *)h;
	struct mem mem = c->mem;
	sigset_t before;

	hold_pipe(&before);
	curl_easy_cleanup(c->curl);
	let_pipe(&before);
	curl_slist_free_all(c->to);
	mem_free(&mem);
}

static void start_curl(void)
{
	(void)curl_global_init(CURL_GLOBAL_DEFAULT);
}

int http_open(const struct http_options *o, struct http **out, struct err *e)
{
	/* Before libcurl 7.84 two threads must not do this at once. */
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct mem mem = { 0 };

	if (o->ca_file && http_roots_check(o->ca_file, e))
		return -1;
	(void)pthread_once(&once, start_curl);
	CURL *curl = curl_easy_init();
	if (!curl)
		return err_set(e, ERR_SYS, "libcurl cannot be started");
	struct client *c = MEM_NEW(&mem, struct client);
	*c = (struct client){
		.http = { .send = send_by_curl, .close = close_curl },
		.curl = curl,
		.ca_file = mem_str(&mem, o->ca_file),
		.bind = mem_str(&mem, o->bind),
		.insecure = o->insecure,
		.roots = http_roots_find(HTTP_ROOTS_PATH),
	};
	const bool v6 = o->to && strchr(o->to, ':');
	if (o->to) /* ::HOST: is curl's */
		c->to = curl_slist_append(
			NULL, mem_fmt(&mem, v6 ? "::[%s]:" : "::%s:", o->to));
	c->mem = mem;
	*out = &c->http;
	return 0;
}

void http_close(struct http *h)
{
	if (h)
		h->close(h);
}
