/* What authorizes requests: logins, words made for each request, signatures.
 * All is made anew each time a request goes out. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/rand.h"
#include "dns/descriptor_parts.h"

enum { EARLY_S = 30 }; /* a token is not used in its last moments */

const struct yaml *descriptor_auth(const struct descriptor_scope *s)
{
	const struct yaml *auth = descriptor_state_of(s)->auth;
	if (descriptor_state_of(s)->bare)
		return NULL;
	return descriptor_state_of(s)->signs_in ? yaml_get(auth, "login") :
						  auth;
}

/* ---- words ---- */
/* Of bytes that stay where they are until the request is over. */
static void lend(const struct descriptor_scope *s, const char *name,
		 struct str value)
{
	struct descriptor_let *x = MEM_NEW(s->m, struct descriptor_let);
	x->name = name;
	x->value = value;
	x->next = descriptor_state_of(s)->let;
	descriptor_state_of(s)->let = x;
}

static void word(const struct descriptor_scope *s, const char *name,
		 struct str value)
{
	lend(s, name,
	     (struct str){ mem_dup(s->m, value.at, value.n), value.n });
}

bool descriptor_let_get(const struct descriptor_scope *s, struct str name,
			struct str *out)
{
	for (const struct descriptor_let *x = descriptor_state_of(s)->let; x;
	     x = x->next)
		if (str_eq(name, x->name)) {
			*out = x->value;
			return true;
		}
	return false;
}

static const char *nonce(struct mem *m)
{
	AUTO(buf) struct buf b = { 0 };
	unsigned char raw[16];
	rand_bytes(raw, sizeof(raw));
	hex_add(&b, (struct str){ (const char *)raw, sizeof(raw) });
	return mem_str(m, buf_c(&b));
}

/* A random one (RFC 9562 5.4). */
static const char *uuid(struct mem *m)
{
	char *hex = mem_str(m, nonce(m));
	hex[12] = '4';
	hex[16] = "89ab"[hex[16] & 3];
	return mem_fmt(m, "%.8s-%.4s-%.4s-%.4s-%s", hex, hex + 8, hex + 12,
		       hex + 16, hex + 20);
}

static const char *rfc1123(struct mem *m, time_t now)
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct tm t;
	gmtime_r(&now, &t);
	return mem_fmt(m, "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT",
		       days + 3 * t.tm_wday, t.tm_mday, months + 3 * t.tm_mon,
		       t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec);
}

static void moment(const struct descriptor_scope *s)
{
	const time_t now = descriptor_now(s);
	char iso[CLOCK_TEXT];
	word(s, "now", str_of(mem_fmt(s->m, "%lld", (long long)now)));
	word(s, "now_ms", str_of(mem_fmt(s->m, "%lld000", (long long)now)));
	word(s, "now_iso", str_of(clock_text(now, iso)));
	word(s, "now_rfc1123", str_of(rfc1123(s->m, now)));
	word(s, "nonce", str_of(nonce(s->m)));
	word(s, "uuid", str_of(uuid(s->m)));
}

static void request(const struct descriptor_scope *s, const char *method,
		    struct str url, struct str body)
{
	struct str rest = url, host = { 0 }, query = { 0 };
	const char *at = str_find(url, "://");
	if (at)
		rest = (struct str){ at + 3,
				     url.n - (size_t)(at + 3 - url.at) };
	const char *slash = memchr(rest.at, '/', rest.n);
	host = (struct str){ rest.at,
			     slash ? (size_t)(slash - rest.at) : rest.n };
	struct str path = { rest.at + host.n, rest.n - host.n };
	const char *mark = memchr(path.at, '?', path.n);
	if (mark) {
		query = (struct str){ mark + 1,
				      path.n - (size_t)(mark + 1 - path.at) };
		path.n = (size_t)(mark - path.at);
	}
	word(s, "method", str_of(method));
	word(s, "host", host);
	word(s, "path", path);
	word(s, "url_query", query);
	lend(s, "body", body); /* it may be long */
}

static void session(const struct descriptor_scope *s)
{
	word(s, "session", str_of(descriptor_state_of(s)->token));
	word(s, "cookie", str_of(descriptor_state_of(s)->cookie));
}

/* ---- sources ---- */
static const char *env(const char *name)
{
	return getenv(name);
}

int descriptor_find_source(const struct descriptor_scope *s, struct err *e)
{
	struct descriptor_state *st = descriptor_state_of(s);
	const char *name = descriptor_word(st->auth, "source", NULL);
	const time_t now = clock_now();
	const struct cred_world w = {
		.http = s->dns->http, .env = env, .now = now, .m = &s->dns->mem
	};
	if (!name || (st->source_known && (st->source.until == 0 ||
					   now + EARLY_S < st->source.until)))
		return 0;
	st->source_known = false;
	if (cred_get(name, &w, &st->source, e) < 0)
		return err_at(e, "%s", s->d->provider.name);
	st->source_known = true;
	return 0;
}

/* ---- logins ---- */
bool descriptor_forget_token(const struct descriptor_scope *s)
{
	struct descriptor_state *st = descriptor_state_of(s);
	const bool had = st->token && !st->signs_in && !st->bare;
	if (had)
		st->token = NULL;
	return had;
}

static int read_token(const struct descriptor_scope *s, json_t *reply,
		      const char *from_header, struct err *e)
{
	const struct yaml *login =
		yaml_get(descriptor_state_of(s)->auth, "login");
	struct descriptor_scope at = *s;
	const char *expires, *token = from_header;
	uint64_t n = descriptor_number(login, "lifetime", 0);
	at.m = &s->dns->mem;
	at.item = reply;
	if ((!token && descriptor_make(&at, descriptor_word(login, "token", ""),
				       &token, e) < 0) ||
	    descriptor_make(&at, descriptor_word(login, "expires", ""),
			    &expires, e) < 0)
		return -1;
	if (!*token && !yaml_get(login, "cookies"))
		return err_set(e, ERR_AUTH,
			       "%s: the login went well and gave no token",
			       s->d->provider.name);
	str_num(str_of(expires), INT64_MAX, &n);
	descriptor_state_of(s)->token = mem_str(at.m, token);
	log_hide(str_of(token));
	descriptor_state_of(s)->token_until = n == 0 ? 0 :
					      n > 1000000000U ?
						       (time_t)n :
						       clock_now() + (time_t)n;
	return 0;
}

int descriptor_login(const struct descriptor_scope *s, struct err *e)
{
	struct descriptor_state *st = descriptor_state_of(s);
	const struct yaml *login = yaml_get(st->auth, "login");
	const char *header = NULL, *cookie = NULL;
	AUTO(json) json_t *j = NULL;
	if (!login || st->signs_in || st->bare ||
	    (st->token &&
	     (st->token_until == 0 || clock_now() + EARLY_S < st->token_until)))
		return 0;
	const struct descriptor_ask q = {
		.call = login,
		.kind = DESCRIPTOR_READ,
		.header = descriptor_word(login, "token_header", NULL),
		.value = &header,
		.cookie = &cookie,
	};
	st->signs_in = true;
	const int status = descriptor_send(s, &q, &j, NULL, e);
	st->signs_in = false;
	if (status < 0)
		return -1;
	st->cookie = cookie ? mem_str(&s->dns->mem, cookie) : NULL;
	log_hide(str_of(st->cookie));
	return read_token(s, j, header, e);
}

/* ---- signatures ---- */

/* What auth.with gives for one member; "" when it does not. */
static int given(const struct descriptor_scope *s, enum sign_member bit,
		 const char **out, struct err *e)
{
	const struct yaml *with = yaml_get(descriptor_auth(s), "with");
	return descriptor_make(
		s, descriptor_word(with, sign_member_name(bit), ""), out, e);
}

static int secret_of(const struct descriptor_scope *s, struct sign_secret *out,
		     struct err *e)
{
	const struct {
		enum sign_member bit;
		const char **to;
	} rows[] = {
		{ SIGN_ID, &out->id },
		{ SIGN_KEY, &out->key },
		{ SIGN_TOKEN, &out->token },
		{ SIGN_REGION, &out->region },
		{ SIGN_SERVICE, &out->service },
		{ SIGN_KEY_ID, &out->key_id },
		{ SIGN_AUDIENCE, &out->audience },
		{ SIGN_SCOPE, &out->scope },
		{ SIGN_SUBJECT, &out->subject },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (given(s, rows[i].bit, rows[i].to, e) < 0)
			return -1;
	return 0;
}

/* A token that is signed here, for the login to show: the word {jwt}. */
static int make_jwt(const struct descriptor_scope *s, struct err *e)
{
	const char *name = descriptor_word(descriptor_auth(s), "sign", "");
	const struct sign_request none = {
		.method = "POST", .scheme = "https", .host = "-", .path = "/"
	};
	struct sign_secret secret = { 0 };
	AUTO(sign_out) struct sign_out out = { 0 };
	if (!str_starts(str_of(name), "jwt_"))
		return 0;
	if (secret_of(s, &secret, e) < 0 ||
	    sign_by_name(name, &none, &secret, descriptor_now(s), nonce(s->m),
			 &out, e) < 0)
		return err_at(e, "%s", s->d->provider.name);
	word(s, "jwt", str_of(out.text));
	return 0;
}

int descriptor_let(const struct descriptor_scope *s, const char *method,
		   struct str url, struct str body, struct err *e)
{
	const struct yaml *let = yaml_get(descriptor_auth(s), "let");
	struct str old;
	if (!descriptor_let_get(s, STR_LIT("now"), &old))
		moment(s);
	session(s);
	request(s, method, url, body);
	if (make_jwt(s, e) < 0)
		return -1;
	for (const struct yaml *y = let ? let->child : NULL; y; y = y->next) {
		AUTO(secret) struct buf b = { 0 };
		if (descriptor_text(s, y->text, DESCRIPTOR_PLAIN, &b, e) < 0)
			return -1;
		word(s, y->key, buf_get(&b));
	}
	return 0;
}

/* The headers with those of the signature put over them. */
static void merge(struct descriptor_signed *x, const struct http_request *q)
{
	size_t n = 0;
	for (size_t i = 0; i < q->headers_n; i++) {
		bool over = false;
		for (size_t k = 0; k < x->sign.headers_n; k++)
			over = over || !strcasecmp(x->sign.headers[k].name,
						   q->headers[i].name);
		if (!over)
			x->headers[n++] = q->headers[i];
	}
	for (size_t k = 0; k < x->sign.headers_n && n < DESCRIPTOR_HEADERS; k++)
		x->headers[n++] =
			(struct http_header){ x->sign.headers[k].name,
					      x->sign.headers[k].value };
	x->q.headers = x->headers;
	x->q.headers_n = n;
}

int descriptor_sign(const struct descriptor_scope *s,
		    const struct http_request *q, struct descriptor_signed *x,
		    struct err *e)
{
	const char *name = descriptor_word(descriptor_auth(s), "sign", NULL);
	struct sign_secret secret = { 0 };
	struct sign_request r = { .method = q->method, .body = q->body };
	struct sign_pair *pairs =
		mem_array(s->m, q->headers_n + 1, sizeof(*pairs));
	x->q = *q;
	if (!name || str_starts(str_of(name), "jwt_"))
		return 0;
	for (size_t i = 0; i < q->headers_n; i++)
		pairs[i] = (struct sign_pair){ q->headers[i].name,
					       q->headers[i].value };
	r.headers = pairs;
	r.headers_n = q->headers_n;
	if (secret_of(s, &secret, e) < 0 ||
	    sign_url(str_of(q->url), s->m, &r, e) < 0 ||
	    sign_by_name(name, &r, &secret, descriptor_now(s), nonce(s->m),
			 &x->sign, e) < 0)
		return err_at(e, "%s", s->d->provider.name);
	sign_url_write(&r, &x->sign, &x->url);
	x->q.url = buf_c(&x->url);
	merge(x, q);
	return 0;
}

void descriptor_signed_free(struct descriptor_signed *x)
{
	sign_out_free(&x->sign);
	buf_wipe(&x->url);
}
