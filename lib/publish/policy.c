#include "publish/policy.h"

#include <string.h>

#include "base/log.h"
#include "net/http.h"

enum { LIMIT_MS = 5000, POLICY_MAX = 64 << 10 }; /* RFC 8461 3.3 */

/* 0 with a reply of any status; 1: nothing came, e says why. */
static int get(const struct policy_ask *q, const char *url, const char *to,
	       struct http_reply *r, struct err *e)
{
	const struct http_options o = { .ca_file = q->conf->acme.ca_file,
					.to = to };
	const struct http_request request = { .method = "GET",
					      .url = url,
					      .limit_ms = LIMIT_MS };
	AUTO(http) struct http *h = NULL;

	if (http_open(&o, &h, e))
		return e->kind == ERR_STOPPED ? -1 : 1;
	if (h->send(h, &request, r, e) == 0)
		return 0;
	return e->kind == ERR_STOPPED ? -1 : 1;
}

/* As the DNS leads, or straight to the host where it leads nowhere yet. */
static int get_any(const struct policy_ask *q, const char *url,
		   struct http_reply *r, struct err *e)
{
	int status = get(q, url, NULL, r, e);

	for (size_t i = 0; status > 0 && i < q->addresses->n; i++) {
		struct err again = { 0 };

		http_reply_free(r);
		status = get(q, url, q->addresses->at[i], r, &again);
		if (status < 0)
			*e = again;
	}
	return status;
}

static const char *header(const struct http_reply *r, const char *name)
{
	for (size_t i = 0; i < r->headers_n; i++)
		if (str_eqi(str_of(r->headers[i].name), name))
			return r->headers[i].value;
	return "";
}

/* Servers that write CRLF serve the same policy. */
static const char *plain_lines(struct str body, struct mem *m)
{
	AUTO(buf) struct buf b = { .max = POLICY_MAX };
	struct str line;

	while (str_line(&body, &line)) {
		buf_view(&b, line);
		buf_char(&b, '\n');
	}
	return mem_dup(m, buf_c(&b), b.n);
}

int policy_sts(const struct policy_ask *q, struct mem *m, const char **text,
	       const char **why, struct err *e)
{
	const char *url = mem_fmt(
		m, "https://mta-sts.%s/.well-known/mta-sts.txt", q->domain);
	AUTO(http_reply) struct http_reply r = { .body.max = POLICY_MAX };
	int status = get_any(q, url, &r, e);

	*text = NULL;
	if (status < 0)
		return -1;
	if (status > 0)
		*why = mem_fmt(m, "%s: %s", url, e->msg);
	else if (r.status != 200)
		*why = mem_fmt(m, "%s answers %d (redirects do not count)", url,
			       r.status);
	else if (!str_starts_i(str_of(header(&r, "Content-Type")),
			       "text/plain"))
		*why = mem_fmt(m, "%s is of type %s, not text/plain", url,
			       header(&r, "Content-Type"));
	else
		*text = plain_lines(buf_get(&r.body), m);
	*e = (struct err){ 0 };
	return 0;
}

int policy_autoconfig(const struct policy_ask *q, bool *served, struct err *e)
{
	AUTO(mem) struct mem m = { 0 };
	AUTO(http_reply) struct http_reply r = { 0 };
	int status = get_any(
		q,
		mem_fmt(&m, "https://autoconfig.%s/mail/config-v1.1.xml",
			q->domain),
		&r, e);

	*served = status == 0 && r.status == 200;
	if (status < 0)
		return -1;
	*e = (struct err){ 0 };
	return 0;
}
