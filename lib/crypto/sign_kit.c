#include "crypto/sign_kit.h"

#include <stdlib.h>
#include <string.h>

#include "base/b64.h"

bool sign_is_set(const char *s)
{
	return s && *s;
}

static void add(struct sign_out *out, struct sign_pair **list, size_t *n,
		size_t *room, struct sign_pair p)
{
	*list = mem_more(&out->mem, *list, room, *n, sizeof(**list));
	(*list)[(*n)++] = (struct sign_pair){ mem_str(&out->mem, p.name),
					      mem_str(&out->mem, p.value) };
}

void sign_add_header(struct sign_work *w, const char *name, const char *value)
{
	add(w->out, &w->out->headers, &w->out->headers_n, &w->out->headers_room,
	    (struct sign_pair){ name, value });
}

void sign_add_query(struct sign_work *w, const char *name, const char *value)
{
	add(w->out, &w->out->query, &w->out->query_n, &w->out->query_room,
	    (struct sign_pair){ name, value });
}

static const char *find(const struct sign_pair *at, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eqi(str_of(at[i].name), name))
			return at[i].value;
	return NULL;
}

static const char *trimmed(struct mem *m, const char *s)
{
	struct str value = str_trim(str_of(s));

	return mem_dup(m, value.n ? value.at : "", value.n);
}

/* What was added wins: it is put over the request's own when sent. */
const char *sign_header(struct sign_work *w, const char *name)
{
	const char *value = find(w->out->headers, w->out->headers_n, name);

	if (!value)
		value = find(w->r->headers, w->r->headers_n, name);
	return value ? trimmed(&w->out->mem, value) : NULL;
}

/* strftime would follow the locale. */
const char *sign_date(struct sign_work *w, enum sign_stamp form)
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct mem *m = &w->out->mem;
	struct tm t = { 0 };

	(void)gmtime_r(&w->now, &t); /* sign_by_name has seen the range */
	int year = t.tm_year + 1900, month = t.tm_mon + 1;

	switch (form) {
	case SIGN_DAY:
		return mem_fmt(m, "%04d%02d%02d", year, month, t.tm_mday);
	case SIGN_DAY_DASHED:
		return mem_fmt(m, "%04d-%02d-%02d", year, month, t.tm_mday);
	case SIGN_BASIC:
		return mem_fmt(m, "%04d%02d%02dT%02d%02d%02dZ", year, month,
			       t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec);
	case SIGN_ISO:
		return mem_fmt(m, "%04d-%02d-%02dT%02d:%02d:%02dZ", year, month,
			       t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec);
	case SIGN_HTTP:
		return mem_fmt(m, "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT",
			       days + 3 * t.tm_wday, t.tm_mday,
			       months + 3 * t.tm_mon, year, t.tm_hour, t.tm_min,
			       t.tm_sec);
	case SIGN_EDGEGRID:
		return mem_fmt(m, "%04d%02d%02dT%02d:%02d:%02d+0000", year,
			       month, t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec);
	}
	return "";
}

static const char *lower(struct mem *m, const char *s)
{
	char *copy = mem_str(m, s);

	for (char *c = copy; *c; c++)
		*c = str_lower(*c);
	return copy;
}

static bool is_in(const char *const *names, struct str name)
{
	for (; *names; names++)
		if (str_eqi(name, *names))
			return true;
	return false;
}

static bool is_signed(const struct sign_rule *rule, struct str name)
{
	static const char *const never[] = {
		"accept-encoding",
		"authorization",
		"connection",
		"content-length",
		"expect",
		"host",
		"presigned-expires",
		"range",
		"te",
		"transfer-encoding",
		"user-agent",
		"x-amzn-trace-id",
		NULL,
	};

	if (is_in(never, name) || (rule->except && str_eqi(name, rule->except)))
		return false;
	return !rule->only || is_in(rule->only, name) ||
	       (rule->prefix && str_starts_i(name, rule->prefix));
}

static int by_header(const void *a, const void *b)
{
	return strcmp(((const struct sign_pair *)a)->name,
		      ((const struct sign_pair *)b)->name);
}

static void take(struct sign_work *w, const struct sign_pair *p,
		 struct sign_headers *out)
{
	struct mem *m = &w->out->mem;

	out->at[out->n++] =
		(struct sign_pair){ lower(m, p->name), trimmed(m, p->value) };
}

void sign_headers(struct sign_work *w, const struct sign_rule *rule,
		  struct sign_headers *out)
{
	const struct sign_request *r = w->r;
	const struct sign_out *added = w->out;

	out->n = 0;
	out->at = mem_array(&w->out->mem, r->headers_n + added->headers_n + 1,
			    sizeof(*out->at));
	take(w, &(struct sign_pair){ "host", r->host }, out);
	for (size_t i = 0; i < added->headers_n; i++)
		if (is_signed(rule, str_of(added->headers[i].name)))
			take(w, &added->headers[i], out);
	for (size_t i = 0; i < r->headers_n; i++)
		if (is_signed(rule, str_of(r->headers[i].name)) &&
		    !find(added->headers, added->headers_n, r->headers[i].name))
			take(w, &r->headers[i], out);
	qsort(out->at, out->n, sizeof(*out->at), by_header);
}

void sign_headers_names(const struct sign_headers *h, struct buf *out)
{
	for (size_t i = 0; i < h->n; i++) {
		if (i > 0)
			buf_char(out, ';');
		buf_str(out, h->at[i].name);
	}
}

void sign_headers_text(const struct sign_headers *h, struct buf *out)
{
	for (size_t i = 0; i < h->n; i++)
		buf_fmt(out, "%s:%s\n", h->at[i].name, h->at[i].value);
}

void sign_headers_folded(const struct sign_headers *h, struct buf *out)
{
	for (size_t i = 0; i < h->n; i++) {
		struct str value = str_of(h->at[i].value), word;
		bool first = true;

		buf_fmt(out, "%s:", h->at[i].name);
		while (str_word(&value, &word)) {
			if (!first)
				buf_char(out, ' ');
			buf_view(out, word);
			first = false;
		}
		buf_char(out, '\n');
	}
}

struct query {
	struct sign_pair plain, coded;
	const char *line;
};

static int by_name(const void *a, const void *b)
{
	const struct query *x = a, *y = b;
	int order = strcmp(x->plain.name, y->plain.name);

	return order ? order : strcmp(x->plain.value, y->plain.value);
}

static int by_encoded(const void *a, const void *b)
{
	const struct query *x = a, *y = b;
	int order = strcmp(x->coded.name, y->coded.name);

	return order ? order : strcmp(x->coded.value, y->coded.value);
}

static int by_line(const void *a, const void *b)
{
	return strcmp(((const struct query *)a)->line,
		      ((const struct query *)b)->line);
}

static const char *coded(struct mem *m, const char *plain)
{
	AUTO(buf) struct buf b = { 0 };

	sign_encode(&b, str_of(plain));
	return mem_str(m, buf_c(&b));
}

static void fill(struct mem *m, struct sign_pair p, struct query *out)
{
	out->plain = p;
	out->coded.name = coded(m, p.name);
	out->coded.value = coded(m, p.value);
	out->line = mem_fmt(m, "%s=%s", out->coded.name, out->coded.value);
}

void sign_query_text(struct sign_work *w, enum sign_order order,
		     struct buf *out)
{
	AUTO(mem) struct mem m = { 0 };
	size_t n = w->r->query_n;
	struct query *list =
		mem_array(&m, n + w->out->query_n + 1, sizeof(*list));

	for (size_t i = 0; i < n; i++)
		fill(&m, w->r->query[i], &list[i]);
	for (size_t i = 0; i < w->out->query_n; i++)
		fill(&m, w->out->query[i], &list[n++]);
	qsort(list, n, sizeof(*list),
	      order == SIGN_BY_NAME ? by_name :
	      order == SIGN_BY_LINE ? by_line :
				      by_encoded);
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_char(out, '&');
		buf_str(out, list[i].line);
	}
}

static struct str bytes(const unsigned char *at, enum hash h)
{
	return (struct str){ (const char *)at, hash_size(h) };
}

void sign_hash_hex(enum hash h, struct str data, struct buf *out)
{
	unsigned char digest[HASH_MAX];

	hash_of(h, data, digest);
	hex_add(out, bytes(digest, h));
}

void sign_hash_b64(enum hash h, struct str data, struct buf *out)
{
	unsigned char digest[HASH_MAX];

	hash_of(h, data, digest);
	b64_add(out, bytes(digest, h));
}

void sign_hmac_hex(enum hash h, struct str key, struct str data,
		   struct buf *out)
{
	unsigned char mac[HASH_MAX];

	hmac_of(h, key, data, mac);
	hex_add(out, bytes(mac, h));
	mem_wipe(mac, sizeof(mac));
}

void sign_hmac_b64(enum hash h, struct str key, struct str data,
		   struct buf *out)
{
	unsigned char mac[HASH_MAX];

	hmac_of(h, key, data, mac);
	b64_add(out, bytes(mac, h));
	mem_wipe(mac, sizeof(mac)); /* some macs are keys of others */
}
