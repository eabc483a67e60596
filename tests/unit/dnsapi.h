/* An API that says what a script tells it to: each line with the request it
 * expects. Credentials are whatever a descriptor asks for. */
#pragma once

#include <string.h>

#include "base/auto.h"
#include "dns/descriptor.h"
#include "net/http.h"
#include "tests/unit/test.h"

#define API_LOST -1

struct api_line {
	const char *expect; /* "GET https://host/path"; NULL ends */
	const char *sends;  /* in the body; NULL: not looked at */
	int status;
	const char *body;
	const char *headers; /* lines; NULL: none */
};
struct api {
	struct http http; /* first */
	const struct api_line *script;
	size_t at;
	struct mem mem;
	struct conf conf;
	struct conf_dns settings;
	struct dns dns;
	const char *seen; /* headers of the last request */
	bool once;        /* it must not go out again by itself */
};

static inline void api_close_http(struct http *h)
{
	(void)h; /* it lives in the test */
}

static inline int api_send(struct http *h, const struct http_request *q,
			   struct http_reply *r, struct err *e)
{
	struct api *a = (struct api *)(void *)h;
	const struct api_line *s = &a->script[a->at];
	const char *asked = mem_fmt(&a->mem, "%s %s", q->method, q->url);
	struct str rest, line;

	if (!s->expect || strcmp(asked, s->expect))
		fail_msg("step %zu: asked \"%s\", expected \"%s\"", a->at,
			 asked, s->expect ? s->expect : "no more");
	if (s->sends && !str_find(q->body, s->sends))
		fail_msg("step %zu: \"%.*s\" has no \"%s\"", a->at,
			 STR_FMT(q->body), s->sends);
	a->seen = "";
	for (size_t i = 0; i < q->headers_n; i++)
		a->seen = mem_fmt(&a->mem, "%s%s: %s\n", a->seen,
				  q->headers[i].name, q->headers[i].value);
	a->once = q->once;
	a->at++;
	if (s->status == API_LOST)
		return err_set(e, ERR_TEMP, "connection lost");
	r->status = s->status;
	rest = str_of(s->headers);
	while (str_line(&rest, &line))
		assert_int_equal(http_header_add(r, line), 0);
	buf_str(&r->body, s->body ? s->body : "");
	return 0;
}

/* A descriptor of the test's own. */
static inline const struct provider *api_parse(struct mem *m, const char *text)
{
	const struct descriptor *d;
	struct err e = { 0 };

	if (descriptor_parse(str_of(text), "x.yaml", m, &d, &e))
		fail_msg("%s", e.msg);
	return &d->provider;
}

/* Opens it with the first name of every credential set. */
static inline void api_open(struct api *a, const struct provider *p,
			    const struct api_line *script)
{
	struct credential *c = mem_array(&a->mem, p->fields_n + 1, sizeof(*c));
	struct err e = { 0 };

	for (size_t i = 0; i < p->fields_n; i++) {
		struct str rest = str_of(p->fields[i].names), word;

		if (p->fields[i].preset || !str_word(&rest, &word))
			continue;
		c[a->settings.credentials_n++] = (struct credential){
			.name = mem_dup(&a->mem, word.at, word.n),
			.value = { .kind = SECRET_INLINE,
				   .text = mem_fmt(&a->mem, "SECRET%zu", i),
				   .origin = "test" },
		};
	}
	a->http.send = api_send;
	a->http.close = api_close_http;
	a->script = script;
	a->settings.credentials = c;
	a->conf.dir = "/nonexistent";
	a->dns = (struct dns){ .conf = &a->conf, .settings = &a->settings };
	if (dns_open(&a->dns, p, &e))
		fail_msg("%s", e.msg);
	http_close(a->dns.http);
	a->dns.http = &a->http;
}

/* The script was played to its end. */
static inline void api_close(struct api *a)
{
	dns_close(&a->dns); /* it may have a last word to say */
	if (a->script && a->script[a->at].expect)
		fail_msg("step %zu: \"%s\" was not asked", a->at,
			 a->script[a->at].expect);
	mem_free(&a->mem);
}
