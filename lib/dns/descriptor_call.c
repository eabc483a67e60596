#include <string.h>
#include <strings.h>

#include "base/b64.h"
#include "base/clock.h"
#include "base/log.h"
#include "data/xmlrpc.h"
#include "dns/descriptor_parts.h"

enum {
	TRIES = 4,
	PAUSE_MS = 1000,      /* before the second try; then twice that */
	PATIENCE_MS = 120000, /* for one request that is put off */
	LOST_MAX = 3,         /* writes without a known outcome */
	REPLY_MAX = 32 << 20,
	HEADERS_MAX = 16,
};
static const char *const methods[] = { "get", "post", "put", "patch",
				       "delete" };

const char *descriptor_word(const struct yaml *map, const char *key,
			    const char *preset)
{
	const struct yaml *y = map ? yaml_get(map, key) : NULL;
	return y && y->text ? y->text : preset;
}

uint64_t descriptor_number(const struct yaml *map, const char *key,
			   uint64_t preset)
{
	uint64_t n = preset;
	const char *text = descriptor_word(map, key, NULL);
	if (text)
		str_num(str_of(text), INT32_MAX, &n);
	return n;
}

bool descriptor_is_call(const struct yaml *y)
{
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (yaml_get(y, methods[i]))
			return true;
	return false;
}

/* One request, ready to go out, perhaps more than once. */
struct sent {
	struct http_request q;
	struct http_header headers[HEADERS_MAX];
	struct buf url, body;
	const char *what; /* "GET https://..." without what a query holds */
};

static void auto_sent(struct sent *x)
{
	buf_wipe(&x->url);
	buf_wipe(&x->body);
}

static int add_query(const struct descriptor_scope *s, const struct yaml *y,
		     struct buf *url, struct err *e)
{
	for (y = y ? y->child : NULL; y; y = y->next) {
		AUTO(buf) struct buf v = { 0 };
		if (descriptor_text(s, y->text, DESCRIPTOR_PLAIN, &v, e) < 0)
			return -1;
		if (v.n == 0)
			continue;
		buf_char(url, strchr(buf_c(url), '?') ? '&' : '?');
		buf_fmt(url, "%s=", y->key);
		descriptor_percent(url, buf_get(&v));
	}
	return 0;
}

static int make_url(const struct descriptor_scope *s,
		    const struct descriptor_ask *q, const char *path,
		    struct sent *x, struct err *e)
{
	const char *base;
	if (q->url)
		buf_str(&x->url, q->url);
	else if (descriptor_is_whole(s, path)) {
		if (descriptor_text(s, path, DESCRIPTOR_URL, &x->url, e) < 0)
			return -1;
	} else if (descriptor_make(s, descriptor_word(s->d->root, "base", ""),
				   &base, e) < 0)
		return -1;
	else {
		buf_str(&x->url, base);
		if (str_ends(buf_get(&x->url), "/"))
			buf_cut(&x->url, x->url.n - 1);
		if (descriptor_text(s, path, DESCRIPTOR_URL, &x->url, e) < 0)
			return -1;
	}
	if (q->more && !q->in_body)
		buf_fmt(&x->url, "%c%s",
			strchr(buf_c(&x->url), '?') ? '&' : '?', q->more);
	const size_t shown = strcspn(buf_c(&x->url), "?");
	x->what = mem_fmt(s->m, "%s %.*s", x->q.method, (int)shown,
			  buf_c(&x->url));
	return 0;
}

static void header(struct sent *x, const char *name, const char *value)
{
	if (x->q.headers_n == HEADERS_MAX)
		return;
	x->headers[x->q.headers_n++] = (struct http_header){ name, value };
}

static int add_headers(const struct descriptor_scope *s, const struct yaml *y,
		       struct sent *x, struct err *e)
{
	for (y = y ? y->child : NULL; y; y = y->next) {
		const char *value;
		if (descriptor_make(s, y->text, &value, e) < 0)
			return -1;
		header(x, y->key, value);
	}
	return 0;
}

static int add_auth(const struct descriptor_scope *s, struct sent *x,
		    struct err *e)
{
	const struct yaml *auth = descriptor_auth(s);
	const char *basic = descriptor_word(auth, "basic", NULL), *pair;
	if (!descriptor_state_of(s)->signs_in &&
	    add_headers(s, yaml_get(auth, "headers"), x, e) < 0)
		return -1;
	if (!basic)
		return 0;
	AUTO(secret) struct buf b = { 0 };
	if (descriptor_make(s, basic, &pair, e) < 0)
		return -1;
	b64_add(&b, str_of(pair));
	log_hide(buf_get(&b));
	header(x, "Authorization", mem_fmt(s->m, "Basic %s", buf_c(&b)));
	return 0;
}

static void content(struct sent *x, const char *type)
{
	for (size_t i = 0; i < x->q.headers_n; i++)
		if (!strcasecmp(x->headers[i].name, "Content-Type"))
			return; /* the descriptor's own */
	header(x, "Content-Type", type);
}

/* "page=2&size=100" as members, numbers where they are numbers. */
static void page_members(const char *more, json_t *into, struct mem *m)
{
	bool fault;
	const char *key;
	json_t *v;
	uint64_t n;
	AUTO(json) json_t *all =
		descriptor_reply("form", str_of(more), m, &fault);
	json_object_foreach(all, key, v)
	{
		if (str_num(str_of(json_string_value(v)), INT32_MAX, &n) == 0)
			json_object_set_new(into, key,
					    json_integer((json_int_t)n));
		else
			json_object_set(into, key, v);
	}
}

static int json_body(const struct descriptor_scope *s, const struct yaml *y,
		     const struct yaml *auth, const char *more, struct sent *x,
		     struct err *e)
{
	AUTO(json) json_t *all = NULL, *own = NULL;
	if (y && descriptor_json(s, y, &all, e) < 0)
		return -1;
	if (auth && descriptor_json(s, auth, &own, e) < 0)
		return -1;
	if (!all)
		all = TAKE(own);
	else if (own)
		json_object_update(all, own);
	if (more && !all)
		all = json_object();
	if (more)
		page_members(more, all, s->m);
	char *text = all ? json_dumps(all, JSON_COMPACT) : NULL;
	if (text)
		buf_str(&x->body, text);
	free(text);
	content(x, "application/json");
	return 0;
}

static int other_body(const struct descriptor_scope *s, const struct yaml *call,
		      struct sent *x, struct err *e)
{
	const struct yaml *rpc = yaml_get(call, "xmlrpc");
	const struct yaml *xml = yaml_get(call, "xml");
	const struct yaml *tree = rpc ? yaml_get(rpc, "params") : xml;
	AUTO(json) json_t *j = NULL;
	const char *method = "";
	int status;
	content(x, tree ? "text/xml; charset=utf-8" : "text/plain");
	if (!rpc && !xml)
		return descriptor_text(s, descriptor_word(call, "text", ""),
				       DESCRIPTOR_PLAIN, &x->body, e);
	if ((tree && descriptor_json(s, tree, &j, e) < 0) ||
	    (rpc && descriptor_make(s, descriptor_word(rpc, "method", ""),
				    &method, e) < 0))
		return -1;
	status = rpc ? xmlrpc_write(method, j, &x->body, e) :
		       xml_write(j, &x->body, e);
	return status < 0 ? err_at(e, "%s", s->d->provider.name) : 0;
}

static bool has_body(const struct yaml *call)
{
	static const char *const kinds[] = { "form", "body", "xml", "xmlrpc",
					     "text" };
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (yaml_get(call, kinds[i]))
			return true;
	return false;
}

static int form_body(const struct descriptor_scope *s, const struct yaml *form,
		     const struct yaml *auth, const char *more, struct sent *x,
		     struct err *e)
{
	content(x, "application/x-www-form-urlencoded");
	if (descriptor_form_body(s, form, &x->body, e) < 0 ||
	    (auth && descriptor_form_body(s, auth, &x->body, e) < 0))
		return -1;
	if (more)
		buf_fmt(&x->body, "%s%s", x->body.n ? "&" : "", more);
	return 0;
}

static int make_body(const struct descriptor_scope *s, const struct yaml *call,
		     const char *more, struct sent *x, struct err *e)
{
	const struct yaml *auth =
		descriptor_state_of(s)->signs_in ? NULL : descriptor_auth(s);
	const struct yaml *form = yaml_get(call, "form");
	const struct yaml *body = yaml_get(call, "body");
	const struct yaml *root = s->d->root,
			  *create = yaml_get(root, "create");
	if (!has_body(call) && (call == yaml_get(root, "update") ||
				(create && call == yaml_get(root, "put"))))
		return make_body(s, create, more, x, e);
	auth = auth ? yaml_get(auth, "body") : NULL;
	x->body.max = REPLY_MAX;
	if (form && strcmp(x->q.method, "GET") == 0)
		return descriptor_form_query(s, form, &x->url, e);
	if (form)
		return form_body(s, form, auth, more, x, e);
	if (yaml_get(call, "xml") || yaml_get(call, "xmlrpc") ||
	    yaml_get(call, "text"))
		return other_body(s, call, x, e);
	if (body || more || (auth && strcmp(x->q.method, "GET") != 0))
		return json_body(s, body, auth, more, x, e);
	return 0;
}

/* Whether it does no more when it is done twice. A PUT that makes one value
 * beside others makes a second one, and a nonce that was seen is refused. */
static bool repeatable(const struct descriptor_scope *s,
		       const struct descriptor_ask *q, const struct sent *x)
{
	const struct yaml *root = s->d->root;
	const struct sign_kind *kind =
		sign_find(descriptor_word(descriptor_auth(s), "sign", ""));
	if (kind && kind->needs & SIGN_NONCE)
		return false;
	if (strcmp(x->q.method, "PUT") == 0)
		return q->call != yaml_get(root, "create") ||
		       yaml_get(root, "put");
	return strcmp(x->q.method, "DELETE") == 0;
}

static int make(const struct descriptor_scope *s,
		const struct descriptor_ask *q, struct sent *x, struct err *e)
{
	const char *path = q->path;
	char *method = NULL;
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (yaml_get(q->call, methods[i])) {
			method = mem_str(s->m, methods[i]);
			path = path ? path :
				      descriptor_word(q->call, methods[i], "");
		}
	for (char *c = method; c && *c; c++)
		*c = (char)(*c - 'a' + 'A');
	x->q.method = method ? method : "GET";
	header(x, "Accept",
	       strcmp(descriptor_format(s, q->call), "json") ?
		       "*/*" :
		       "application/json");
	descriptor_state_of(s)->let = NULL;
	/* twice, since the body may hold words, and words speak of the body */
	if (make_url(s, q, path, x, e) < 0 ||
	    descriptor_let(s, x->q.method, buf_get(&x->url), (struct str){ 0 },
			   e) < 0 ||
	    make_body(s, q->call, q->in_body ? q->more : NULL, x, e) < 0 ||
	    descriptor_let(s, x->q.method, buf_get(&x->url), buf_get(&x->body),
			   e) < 0 ||
	    (!q->url && add_query(s, yaml_get(descriptor_auth(s), "query"),
				  &x->url, e) < 0) ||
	    add_auth(s, x, e) < 0 ||
	    add_headers(s, yaml_get(q->call, "headers"), x, e) < 0)
		return -1;
	x->q.url = buf_c(&x->url);
	x->q.body = buf_get(&x->body);
	x->q.headers = x->headers;
	x->q.secret = descriptor_state_of(s)->signs_in;
	x->q.once = q->kind == DESCRIPTOR_WRITE && !repeatable(s, q, x);
	return 0;
}

/* Not faster than the provider lets us. */
static void pace(const struct descriptor_scope *s)
{
	const struct yaml *rate = yaml_get(s->d->root, "rate");
	const int64_t gap =
		(int64_t)(rate ? descriptor_number(rate, "interval_ms", 0) : 0);
	const int64_t due = descriptor_state_of(s)->last_ms + gap - clock_ms();
	if (gap > 0 && descriptor_state_of(s)->last_ms && due > 0)
		clock_sleep_ms(due);
	descriptor_state_of(s)->last_ms = clock_ms();
}

static int64_t pause_ms(const struct descriptor_scope *s, unsigned nth)
{
	const struct yaml *rate = yaml_get(s->d->root, "rate");
	return (int64_t)(rate ? descriptor_number(rate, "pause_ms", PAUSE_MS) :
				PAUSE_MS)
	       << nth;
}

/* Whether to try again: sleeps if so. A moment the provider names is kept to
 * as long as it is within our patience. */
static bool again(const struct descriptor_scope *s, const struct http_reply *r,
		  unsigned tries, int64_t *waited, struct err *e)
{
	const time_t now = clock_now(), until = http_retry_after(r, now);
	int64_t ms = pause_ms(s, tries);
	if (until)
		ms = until > now ? (int64_t)(until - now) * 1000 : 1;
	if (tries + 1 >= TRIES || *waited + ms > PATIENCE_MS) {
		e->until = until;
		return false;
	}
	*waited += ms;
	log_say(LOG_REASON, "%s: answer %d; trying again in %lld ms",
		s->d->provider.name, r->status, (long long)ms);
	clock_sleep_ms(ms);
	return true;
}

/* The request went out and nobody knows what became of it: reading again
 * decides. Not for ever. */
static int lost(const struct descriptor_scope *s, struct err *e)
{
	struct descriptor_state *st = descriptor_state_of(s);
	if (e->kind != ERR_TEMP || !s->d->provider.list || st->lost >= LOST_MAX)
		return -1;
	clock_sleep_ms(pause_ms(s, st->lost++));
	e->kind = ERR_CHANGED;
	return -1;
}

/* What else an answer tells beside its body. */
static void keep(const struct descriptor_scope *s,
		 const struct descriptor_ask *q, const struct http_reply *r,
		 const struct sent *x, const char **next)
{
	const char *set;
	if (next)
		*next = http_link(r, buf_c(&x->url), "next", 0, s->m);
	if (q->header)
		*q->value = mem_str(s->m, http_header(r, q->header, 0));
	for (size_t i = 0; q->cookie && (set = http_header(r, "Set-Cookie", i));
	     i++)
		*q->cookie = mem_fmt(s->m, "%s%s%.*s",
				     *q->cookie ? *q->cookie : "",
				     *q->cookie ? "; " : "",
				     (int)strcspn(set, ";"), set);
}

/* A request is made anew for each try: its time and nonces are part of it. */
static int once(const struct descriptor_scope *s,
		const struct descriptor_ask *q, struct http_reply *r,
		enum descriptor_verdict *v, json_t **out, const char **next,
		struct err *e)
{
	AUTO(sent) struct sent x = { 0 };
	AUTO(descriptor_signed) struct descriptor_signed signed_ = { 0 };
	*v = DESCRIPTOR_REFUSED;
	if (make(s, q, &x, e) < 0 || descriptor_sign(s, &x.q, &signed_, e) < 0)
		return -1;
	*v = DESCRIPTOR_BROKEN;
	pace(s);
	if (s->dns->http->send(s->dns->http, &signed_.q, r, e) < 0)
		return err_at(e, "%s", s->d->provider.name);
	descriptor_see_clock(s, r);
	if (descriptor_answer(s, q, x.what, r, v, out, e) < 0)
		return -1;
	keep(s, q, r, &x, next);
	return 0;
}

/* A write is sent again only where the provider said that it did nothing. */
static int exchange(const struct descriptor_scope *s,
		    const struct descriptor_ask *q, json_t **out,
		    const char **next, struct err *e)
{
	AUTO(http_reply) struct http_reply r = { 0 };
	int64_t waited = 0;
	for (unsigned tries = 0;; tries++) {
		enum descriptor_verdict v;
		http_reply_free(&r);
		r.body.max = REPLY_MAX;
		*e = (struct err){ 0 };
		const int status = once(s, q, &r, &v, out, next, e);
		descriptor_state_of(s)->let =
			NULL; /* its words die with the scope */
		if (status == 0)
			return 0;
		if (e->kind != ERR_TEMP)
			return -1;
		if (q->kind == DESCRIPTOR_WRITE && v == DESCRIPTOR_BROKEN)
			return lost(s, e);
		if (!again(s, &r, tries, &waited, e))
			return -1;
	}
}

int descriptor_send(const struct descriptor_scope *s,
		    const struct descriptor_ask *q, json_t **out,
		    const char **next, struct err *e)
{
	*out = NULL;
	if (descriptor_find_source(s, e) < 0 ||
	    descriptor_ask_clock(s, e) < 0 || descriptor_login(s, e) < 0)
		return -1;
	int status = exchange(s, q, out, next, e);
	if (status < 0 && descriptor_mend_clock(s, e))
		status = exchange(s, q, out, next, e);
	/* a token that ran out early: refused, so nothing was done */
	if (status < 0 && e->kind == ERR_AUTH && descriptor_forget_token(s)) {
		*e = (struct err){ 0 };
		status = descriptor_login(s, e) < 0 ?
				 -1 :
				 exchange(s, q, out, next, e);
	}
	if (status < 0)
		descriptor_blame_clock(s, e);
	return status;
}
