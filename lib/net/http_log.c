#include "net/http_log.h"

#include "base/auto.h"
#include "base/log.h"

enum { SHOWN_MAX = 2000 }; /* of a body */

/* Does the name of a header or parameter say that its value is a secret? */
static bool is_secret(struct str name)
{
	static const char *const parts[] = { "auth", "cookie", "key",  "token",
					     "pass", "secret", "sign", "cred" };
	char low[64];
	size_t n = name.n < sizeof(low) ? name.n : sizeof(low);

	for (size_t i = 0; i < n; i++)
		low[i] = (char)(name.at[i] | 0x20);
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (str_find((struct str){ low, n }, parts[i]))
			return true;
	return false;
}

void http_log_url(struct buf *out, const char *url)
{
	struct str rest = str_of(url), part, name;

	(void)str_cut(&rest, '?', &part);
	buf_view(out, part);
	char sep = '?';
	while (str_cut(&rest, '&', &part)) {
		struct str value = part;
		(void)str_cut(&value, '=', &name);
		buf_char(out, sep);
		if (is_secret(name))
			buf_fmt(out, "%.*s=***", STR_FMT(name));
		else
			buf_view(out, part);
		sep = '&';
	}
}

static void log_headers(const char *mark, const struct http_header *at,
			size_t n)
{
	for (size_t i = 0; i < n; i++)
		log_say(LOG_WIRE, "%s %s: %s", mark, at[i].name,
			is_secret(str_of(at[i].name)) ? "***" : at[i].value);
}

static void log_body(const char *mark, const struct http_request *q,
		     struct str body)
{
	size_t n = body.n < SHOWN_MAX ? body.n : SHOWN_MAX;

	if (n > 0 && q->secret)
		log_say(LOG_WIRE, "%s ***", mark);
	else if (n > 0)
		log_say(LOG_WIRE, "%s %.*s%s", mark, (int)n, body.at,
			n < body.n ? " ..." : "");
}

void http_log_request(const struct http_request *q)
{
	AUTO(buf) struct buf url = { 0 };

	if (log_level() < LOG_WIRE)
		return;
	http_log_url(&url, q->url);
	log_say(LOG_WIRE, "> %s %s (%zu bytes)", q->method, buf_c(&url),
		q->body.n);
	log_headers(">", q->headers, q->headers_n);
	log_body(">", q, q->body);
}

void http_log_reply(const struct http_request *q, const struct http_reply *r,
		    int64_t ms)
{
	if (log_level() < LOG_WIRE)
		return;
	log_say(LOG_WIRE, "< %d (%zu bytes, %lld ms)", r->status, r->body.n,
		(long long)ms);
	log_headers("<", r->headers, r->headers_n);
	log_body("<", q, buf_get(&r->body));
}
