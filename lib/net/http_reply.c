#include "base/clock.h"
#include "net/http.h"

enum { HEADERS_MAX = 200, AHEAD_MAX = 31 * 86400 };

void http_reply_free(struct http_reply *r)
{
	buf_free(&r->body);
	mem_free(&r->mem);
	*r = (struct http_reply){ .body = { .max = r->body.max } };
}

/* Where RFC 9110 5.6.2 stops a token; enough to tell names from garbage. */
static bool is_token(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.at[i] <= ' ' || s.at[i] >= 0x7f || s.at[i] == ':')
			return false;
	return s.n > 0;
}

static bool is_value(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.at[i];
		if ((c < ' ' && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

int http_header_add(struct http_reply *r, struct str line)
{
	struct str value = str_trim(line), name;

	if (r->headers_n == HEADERS_MAX || !str_find(line, ":") ||
	    !str_cut(&value, ':', &name) || !is_token(name) ||
	    name.at != line.at)
		return -1;
	value = str_trim(value);
	if (!is_value(value))
		return -1;
	r->headers = mem_more(&r->mem, r->headers, &r->headers_room,
			      r->headers_n, sizeof(*r->headers));
	r->headers[r->headers_n++] = (struct http_header){
		mem_dup(&r->mem, name.at, name.n),
		mem_dup(&r->mem, value.at, value.n),
	};
	return 0;
}

const char *http_header(const struct http_reply *r, const char *name,
			size_t nth)
{
	for (size_t i = 0; i < r->headers_n; i++)
		if (str_eqi(str_of(r->headers[i].name), name) && nth-- == 0)
			return r->headers[i].value;
	return NULL;
}

static bool is_digits(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.at[i] < '0' || s.at[i] > '9')
			return false;
	return s.n > 0;
}

time_t http_retry_after(const struct http_reply *r, time_t now)
{
	struct str text = str_of(http_header(r, "Retry-After", 0));
	uint64_t seconds = AHEAD_MAX; /* also for what is too large to read */
	time_t then;

	if (is_digits(text)) {
		(void)str_num(text, AHEAD_MAX, &seconds);
		return now + (time_t)seconds;
	}
	if (clock_parse_http(text, &then))
		return 0;
	if (then < now)
		return now;
	return then > now + AHEAD_MAX ? now + AHEAD_MAX : then;
}

bool http_is_json(const struct http_reply *r)
{
	struct str rest = str_of(http_header(r, "Content-Type", 0));
	struct str type;

	if (!str_cut(&rest, ';', &type))
		return false;
	type = str_trim(type);
	if (str_eqi(type, "application/json"))
		return true;
	return type.n > 5 &&
	       str_eqi((struct str){ type.at + type.n - 5, 5 }, "+json");
}
