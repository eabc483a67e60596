#include <string.h>

#include "crypto/sign.h"
#include "crypto/sign_kit.h"

enum { URL_MAX = 8 * 1024 };

static bool is_unreserved(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
	       c == '~';
}

void sign_encode(struct buf *out, struct str plain)
{
	for (size_t i = 0; i < plain.n; i++) {
		unsigned char c = (unsigned char)plain.at[i];
		if (is_unreserved(c))
			buf_char(out, (char)c);
		else
			buf_fmt(out, "%%%02X", c);
	}
}

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' :
	       c >= 'a' && c <= 'f' ? c - 'a' + 10 :
	       c >= 'A' && c <= 'F' ? c - 'A' + 10 :
				      -1;
}

/* -1 where a %-code is wrong or is %00, which no C string can hold. */
static int decode(struct str s, bool plus, struct buf *out)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.at[i];
		if (c == '+' && plus)
			c = ' ';
		if (c == '%') {
			if (s.n - i < 3 || digit(s.at[i + 1]) < 0 ||
			    digit(s.at[i + 2]) < 0)
				return -1;
			c = (char)(digit(s.at[i + 1]) * 16 +
				   digit(s.at[i + 2]));
			i += 2;
		}
		if (!c)
			return -1;
		buf_char(out, c);
	}
	return 0;
}

void sign_path_text(struct str path, struct buf *out)
{
	struct str step;

	for (size_t i = 0; str_cut(&path, '/', &step); i++) {
		AUTO(buf) struct buf plain = { 0 };
		if (i > 0)
			buf_char(out, '/');
		(void)decode(step, false, &plain); /* sign_url has seen it */
		sign_encode(out, buf_get(&plain));
	}
}

void sign_query_wire(const struct sign_request *r, struct buf *out)
{
	for (size_t i = 0; i < r->query_n; i++) {
		if (i > 0)
			buf_char(out, '&');
		sign_encode(out, str_of(r->query[i].name));
		buf_char(out, '=');
		sign_encode(out, str_of(r->query[i].value));
	}
}

void sign_url_write(const struct sign_request *r, const struct sign_out *out,
		    struct buf *url)
{
	char mark = r->query_n ? '&' : '?';

	buf_fmt(url, "%s://%s%s", r->scheme, r->host, r->path);
	if (r->query_n)
		buf_char(url, '?');
	sign_query_wire(r, url);
	for (size_t i = 0; out && i < out->query_n; i++, mark = '&') {
		buf_char(url, mark);
		sign_encode(url, str_of(out->query[i].name));
		buf_char(url, '=');
		sign_encode(url, str_of(out->query[i].value));
	}
}

/* A name, an IPv4 address or an IPv6 one in brackets, and a port. */
static bool is_host(struct str host)
{
	for (size_t i = 0; i < host.n; i++)
		if (!is_unreserved((unsigned char)host.at[i]) &&
		    !strchr("[]:", host.at[i]))
			return false;
	return host.n > 0 && host.at[0] != ':';
}

static const char *text(struct mem *m, struct str s)
{
	return mem_dup(m, s.n ? s.at : "", s.n);
}

/* "." and ".." would be walked by the sender behind the signer's back, and an
 * identifier that is ".." would reach something else. */
static int read_path(struct str path, struct mem *m, struct sign_request *r,
		     struct err *e)
{
	struct str rest = path, step;

	while (str_cut(&rest, '/', &step)) {
		AUTO(buf) struct buf plain = { 0 };
		if (decode(step, false, &plain))
			return err_set(e, ERR_CONF,
				       "a path to sign has a wrong %%-code");
		if (str_eq(buf_get(&plain), ".") ||
		    str_eq(buf_get(&plain), ".."))
			return err_set(e, ERR_CONF,
				       "a path to sign has a step \".\" or "
				       "\"..\": that is never meant");
	}
	r->path = path.n ? text(m, path) : "/";
	return 0;
}

static int read_query(struct str query, struct mem *m, struct sign_request *r,
		      struct err *e)
{
	struct sign_pair *list = NULL;
	size_t n = 0, room = 0;
	struct str part;

	while (str_cut(&query, '&', &part)) {
		AUTO(buf) struct buf name = { 0 };
		AUTO(buf) struct buf value = { 0 };
		struct str left = { part.at, 0 };

		if (part.n == 0)
			continue;
		(void)str_cut(&part, '=', &left);
		if (decode(left, true, &name) || decode(part, true, &value))
			return err_set(e, ERR_CONF,
				       "a query to sign has a wrong %%-code");
		list = mem_more(m, list, &room, n, sizeof(*list));
		list[n].name = text(m, buf_get(&name));
		list[n++].value = text(m, buf_get(&value));
	}
	r->query = list;
	r->query_n = n;
	return 0;
}

/* RFC 3986 2: anything else must come as a %-code. */
static bool is_url(struct str url)
{
	static const char marks[] = "!$&'()*+,;=:@/?%[]";

	for (size_t i = 0; i < url.n; i++)
		if (!is_unreserved((unsigned char)url.at[i]) &&
		    (!url.at[i] || !strchr(marks, url.at[i])))
			return false;
	return true;
}

int sign_url(struct str url, struct mem *m, struct sign_request *r,
	     struct err *e)
{
	const char *scheme = str_starts(url, "https://") ? "https" :
			     str_starts(url, "http://")  ? "http" :
							   NULL;
	struct str rest, host, path = { NULL, 0 };
	size_t n = 0;

	if (!scheme || url.n > URL_MAX || !is_url(url))
		return err_set(
			e, ERR_CONF,
			"what is to be signed is no http or https URL of "
			"at most 8 KiB");
	rest = (struct str){ url.at + strlen(scheme) + 3,
			     url.n - strlen(scheme) - 3 };
	while (n < rest.n && rest.at[n] != '/' && rest.at[n] != '?')
		n++;
	host = (struct str){ rest.at, n };
	if (!is_host(host))
		return err_set(e, ERR_CONF,
			       "the URL to sign has no usable host: "
			       "\"%.*s\"",
			       (int)(host.n < 255 ? host.n : 255), host.at);
	rest = (struct str){ rest.at + n, rest.n - n };
	(void)str_cut(&rest, '?', &path);
	if (read_path(path, m, r, e) || read_query(rest, m, r, e))
		return -1;
	r->scheme = scheme;
	r->host = text(m, host);
	return 0;
}
