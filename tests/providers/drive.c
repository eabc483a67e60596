/* The real engine at the end of a pipe: a line of JSON says what to do with an
 * opened provider, a line of JSON says what became of it. Its requests go to
 * the mocks: every https://HOST/PATH is sent to http://127.0.0.1:$MOCK_PORT/PATH
 * with HOST in its Host header, after it was signed for HOST. Time does not pass
 * while it waits: sleeping moves its clock and is told in the reply.
 *
 *   {"op": "open", "provider": P, "creds": {NAME: VALUE}, "dir": DIR,
 *    "zone": Z, "resolver": "127.0.0.1:53", "skew": SECONDS}
 *   {"op": "onboard", ...}    as open: what to do for a credential it lacks
 *   {"op": "edit", "zone": Z, "owner": O, "add": [[name, type, ttl, value]...],
 *    "del": [...]}         zone: asked of the provider when it is not given
 *   {"op": "list", "zone": Z, "name": N, "type": T}    name and type: if given
 *   {"op": "zone", "name": N}    {"op": "zones"}    {"op": "show"}
 *   {"op": "sweep", "zone": Z, "owner": O}
 *   {"op": "close"}        the last word to the provider, if it wants one
		{ "ptr", ptr, false },
 *   {"op": "put", "tokens": [[name, value]...], "who": W} and {"op": "clear"}
 * A reply: {"ok": true...} or {"ok": false, "kind": "auth", "text": "..."}, with
 * "slept" in ms, "requests", and "told": what a person would be told. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acme/dns01.h"
#include "base/auto.h"
#include "base/clock.h"
#include "base/log.h"
#include "dns/descriptor.h"
#include "dns/edit.h"
#include "providers/table.h"

struct drive {
	struct tell tell; /* first */
	struct mem mem;
	struct conf conf;
	struct conf_dns settings;
	struct dns dns;
	struct resolver *resolver;
	struct dns01 acme;
	json_t *in, *out; /* the line at hand */
};
/* The real client, and where it is sent instead. */
struct seam {
	struct http http; /* first */
	struct http *real;
};

static int64_t slept_ms, skew_s;
static unsigned requests;

/* ---- what the linker puts in place of the library's (ld --wrap) ---- */
void __wrap_clock_sleep_ms(int64_t ms);
time_t __wrap_clock_now(void);
time_t __real_clock_now(void);
int64_t __wrap_clock_ms(void);
int64_t __real_clock_ms(void);
int __wrap_http_open(const struct http_options *o, struct http **out,
		     struct err *e);
int __real_http_open(const struct http_options *o, struct http **out,
		     struct err *e);

void __wrap_clock_sleep_ms(int64_t ms)
{
	slept_ms += ms > 0 ? ms : 0;
}

time_t __wrap_clock_now(void)
{
	return __real_clock_now() + (time_t)(slept_ms / 1000 + skew_s);
}

int64_t __wrap_clock_ms(void)
{
	return __real_clock_ms() + slept_ms;
}

static int send_to_mock(struct http *h, const struct http_request *q,
			struct http_reply *r, struct err *e)
{
	struct seam *s = (struct seam *)(void *)h;
	AUTO(mem) struct mem m = { 0 };
	struct http_request x = *q;
	struct http_header *all = mem_array(&m, q->headers_n + 1, sizeof(*all));
	const char *host = strstr(q->url, "://");
	size_t n;

	if (!host)
		return err_set(e, ERR_CONF, "\"%s\" is no URL", q->url);
	host += 3;
	n = strcspn(host, "/?");
	x.headers_n = 0;
	for (size_t i = 0; i < q->headers_n; i++)
		if (!str_samei(str_of(q->headers[i].name), str_of("Host")))
			all[x.headers_n++] = q->headers[i];
	all[x.headers_n++] =
		(struct http_header){ "Host", mem_dup(&m, host, n) };
	x.headers = all;
	x.url = mem_fmt(&m, "http://127.0.0.1:%s%s%s", getenv("MOCK_PORT"),
			host[n] == '/' ? "" : "/", host + n);
	requests++;
	return s->real->send(s->real, &x, r, e);
}

static void close_seam(struct http *h)
{
	struct seam *s = (struct seam *)(void *)h;

	http_close(s->real);
	free(s);
}

int __wrap_http_open(const struct http_options *o, struct http **out,
		     struct err *e)
{
	struct seam *s = calloc(1, sizeof(*s));

	if (!s || __real_http_open(o, &s->real, e)) {
		free(s);
		return -1;
	}
	s->http.send = send_to_mock;
	s->http.close = close_seam;
	*out = &s->http;
	return 0;
}

/* ---- the words of a line ---- */
static const char *word(const struct drive *d, const char *key)
{
	return json_string_value(json_object_get(d->in, key));
}

static int records(struct drive *d, const char *key, struct records *out,
		   struct err *e)
{
	json_t *list = json_object_get(d->in, key), *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		struct record r = { .name = json_string_value(
					    json_array_get(one, 0)) };
		const char *type = json_string_value(json_array_get(one, 1));
		json_t *value = json_array_get(one, 3);

		r.ttl = (uint32_t)json_integer_value(json_array_get(one, 2));
		r.value = (struct str){ json_string_value(value),
					json_string_length(value) };
		if (!r.name || !type || !r.value.at ||
		    dnsmsg_type_parse(str_of(type), &r.type))
			return err_set(e, ERR_USAGE,
				       "\"%s\" holds no [name, type, ttl, "
				       "value]",
				       key);
		records_add(out, &d->mem, &r);
	}
	return 0;
}

/* The zone that was said, else the one that the provider finds. */
static int zone_of(struct drive *d, const char *name, const char **zone,
		   struct err *e)
{
	*zone = word(d, "zone");
	if (*zone)
		return 0;
	return d->dns.provider->find_zone(&d->dns, name, zone, e);
}

/* ---- what can be done ---- */
static void show_told(struct tell *t, enum tell_kind kind, const char *who,
		      const char *text)
{
	struct drive *d = (struct drive *)(void *)t;
	json_t *told = json_object_get(d->out, "told");

	(void)kind, (void)who;
	if (!told)
		json_object_set_new(d->out, "told", told = json_array());
	json_array_append_new(told, json_string(text));
}

/* The provider and its settings, as the line says them; NULL: a failure. */
static const struct provider *settle(struct drive *d, struct err *e)
{
	json_t *creds = json_object_get(d->in, "creds"), *value;
	const char *key, *where = word(d, "resolver");
	struct credential *c =
		mem_array(&d->mem, json_object_size(creds) + 1, sizeof(*c));

	d->tell.show = show_told;
	d->conf.dir = mem_str(&d->mem, word(d, "dir"));
	d->settings = (struct conf_dns){ .credentials = c };
	json_object_foreach(creds, key, value)
		c[d->settings.credentials_n++] = (struct credential){
			.name = mem_str(&d->mem, key),
			.value = { .kind = SECRET_INLINE,
				   .text = mem_str(&d->mem,
						   json_string_value(value)),
				   .origin = "the test" },
		};
	if (word(d, "zone"))
		d->settings.zone = mem_str(&d->mem, word(d, "zone"));
	skew_s = json_integer_value(json_object_get(d->in, "skew"));
	if (where && resolver_open(where, &d->resolver, e))
		return NULL;
	d->settings.provider = mem_str(&d->mem, word(d, "provider"));
	d->dns = (struct dns){ .conf = &d->conf,
			       .settings = &d->settings,
			       .resolver = d->resolver,
			       .tell = &d->tell,
			       .who = "test" };
	return provider_find(NULL, d->settings.provider, &d->mem, e);
}

static int open_it(struct drive *d, struct err *e)
{
	const struct provider *p = settle(d, e);

	return p ? dns_open(&d->dns, p, e) : -1;
}

/* What doctor does where a credential is missing. */
static int onboard(struct drive *d, struct err *e)
{
	const struct provider *p = settle(d, e);
	const char *text;

	if (!p || descriptor_onboard(&d->dns, p, &d->mem, &text, e))
		return -1;
	json_object_set_new(d->out, "text",
			    text ? json_string(text) : json_null());
	return 0;
}

static bool same_set(const struct record *a, const struct record *b)
{
	return a->type == b->type && !strcmp(a->name, b->name);
}

/* Takes out those of the first one's name and type. */
static void cut_set(struct drive *d, struct records *from,
		    const struct record *like, struct records *out)
{
	for (size_t i = 0; i < from->n; i++)
		if (from->at[i].type && same_set(&from->at[i], like)) {
			records_add(out, &d->mem, &from->at[i]);
			from->at[i].type = 0;
		}
}

static const struct record *left(const struct records *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->at[i].type)
			return &r->at[i];
	return NULL;
}

static int edit(struct drive *d, struct err *e)
{
	struct records add = { 0 }, del = { 0 };
	const char *owner = word(d, "owner");
	const struct record *next;

	if (records(d, "add", &add, e) || records(d, "del", &del, e))
		return -1;
	while ((next = left(&add)) || (next = left(&del))) {
		const struct record like = *next;
		struct records a = { 0 }, b = { 0 };
		struct edit x = { .dns = &d->dns,
				  .purpose = "test",
				  .owner = owner ? owner : "test" };

		cut_set(d, &add, &like, &a);
		cut_set(d, &del, &like, &b);
		if (zone_of(d, like.name, &x.zone, e) ||
		    edit_values(&x, &a, &b, e))
			return -1;
	}
	return 0;
}

static int list(struct drive *d, struct err *e)
{
	struct records all = { 0 };
	const char *zone, *type = word(d, "type");
	uint16_t number = 0;
	json_t *out = json_array();

	json_object_set_new(d->out, "records", out);
	if (!d->dns.provider->list)
		return err_set(e, ERR_USAGE, "this provider lists nothing");
	if ((type && dnsmsg_type_parse(str_of(type), &number)) ||
	    zone_of(d, word(d, "name"), &zone, e) ||
	    d->dns.provider->list(&d->dns, zone, word(d, "name"), number,
				  &d->mem, &all, e))
		return -1;
	for (size_t i = 0; i < all.n; i++) {
		const struct record *r = &all.at[i];
		char text[16];
		json_t *value = json_stringn(r->value.at, r->value.n);

		json_array_append_new(
			out,
			json_pack("[s,s,i,o,s]", r->name,
				  dnsmsg_type_name(r->type, text), (int)r->ttl,
				  value ? value : json_string("(bytes)"),
				  r->id ? r->id : ""));
	}
	return 0;
}

static int find_zone(struct drive *d, struct err *e)
{
	const char *zone;

	if (d->dns.provider->find_zone(&d->dns, word(d, "name"), &zone, e))
		return -1;
	json_object_set_new(d->out, "zone", json_string(zone));
	return 0;
}

static int zones(struct drive *d, struct err *e)
{
	struct conf_list all = { 0 };
	json_t *out = json_array();

	json_object_set_new(d->out, "zones", out);
	if (!d->dns.provider->zones)
		return err_set(e, ERR_USAGE, "this provider lists no zones");
	if (d->dns.provider->zones(&d->dns, &d->mem, &all, e))
		return -1;
	for (size_t i = 0; i < all.n; i++)
		json_array_append_new(out, json_string(all.at[i]));
	return 0;
}

static int show(struct drive *d, struct err *e)
{
	const struct provider *p =
		provider_find(NULL, word(d, "provider"), &d->mem, e);
	json_t *fields = json_array();

	json_object_set_new(d->out, "fields", fields);
	if (!p)
		return -1;
	for (size_t i = 0; i < p->fields_n; i++) {
		const struct dns_field *f = &p->fields[i];

		json_array_append_new(fields,
				      json_pack("{s:s, s:b, s:b, s:b}", "names",
						f->names, "secret", f->secret,
						"required", f->required,
						"preset", f->preset != NULL));
	}
	json_object_set_new(d->out, "types",
			    p->types ? json_string(p->types) : json_null());
	json_object_set_new(d->out, "caps", json_integer(p->caps));
	json_object_set_new(
		d->out, "proof",
		json_string(descriptor_of(p) ?
				    descriptor_proof_word(descriptor_of(p)) :
				    "written in C"));
	return 0;
}

static int sweep(struct drive *d, struct err *e)
{
	const struct edit x = { .dns = &d->dns,
				.zone = word(d, "zone"),
				.purpose = "test",
				.owner = word(d, "owner") };
	size_t gone = 0;

	if (edit_sweep(&x, NULL, &gone, e))
		return -1;
	json_object_set_new(d->out, "gone", json_integer((json_int_t)gone));
	return 0;
}

/* Reverse DNS: what there is, after a change where one is asked for. */
static int ptr(struct drive *d, struct err *e)
{
	const struct dns_ptr_driver *p = d->dns.provider->ptr;
	const char *ip = word(d, "ip"), *name = word(d, "name");
	struct dns_ptr is;

	if (!p)
		return err_set(e, ERR_USAGE, "it sets no reverse DNS");
	json_object_set_new(d->out, "caps", json_integer(p->caps));
	if (json_is_true(json_object_get(d->in, "reset")))
		return p->reset(&d->dns, ip, e);
	if (name)
		return p->set(&d->dns, ip, name, e);
	if (p->get(&d->dns, ip, &d->mem, &is, e))
		return -1;
	json_object_set_new(d->out, "name",
			    is.name ? json_string(is.name) : json_null());
	json_object_set_new(d->out, "preset", json_boolean(is.preset));
	return 0;
}

/* A whole challenge: CNAMEs, the write, and the wait until DNS shows it. */
static int put(struct drive *d, struct err *e)
{
	json_t *tokens = json_object_get(d->in, "tokens"), *one;
	size_t i;

	dns01_free(&d->acme);
	d->acme = (struct dns01){ .conf = &d->conf,
				  .settings = &d->settings,
				  .find = provider_find,
				  .resolver = d->resolver,
				  .tell = &d->tell,
				  .purpose = "acme",
				  .who = mem_str(&d->mem, word(d, "who")),
				  .limit_ms = 60000 };
	d->acme.token = mem_array(&d->mem, json_array_size(tokens),
				  sizeof(*d->acme.token));
	json_array_foreach(tokens, i, one)
	{
		struct dns01_token *t = &d->acme.token[d->acme.n++];

		t->at = mem_str(&d->mem,
				json_string_value(json_array_get(one, 0)));
		t->value = mem_str(&d->mem,
				   json_string_value(json_array_get(one, 1)));
	}
	return dns01_put(&d->acme, e);
}

static int clear(struct drive *d, struct err *e)
{
	return dns01_clear(&d->acme, e);
}

static void close_all(struct drive *d)
{
	dns01_free(&d->acme);
	dns_close(&d->dns);
	resolver_close(d->resolver);
	mem_free(&d->mem);
	*d = (struct drive){ 0 };
}

static int close_it(struct drive *d, struct err *e)
{
	(void)e;
	dns_close(&d->dns);
	return 0;
}

/* ---- the pipe ---- */
static const char *kind_word(enum err_kind kind)
{
	static const char *const words[] = {
		[ERR_NONE] = "none",       [ERR_USAGE] = "usage",
		[ERR_CONF] = "conf",       [ERR_SYS] = "sys",
		[ERR_TEMP] = "temp",       [ERR_PERM] = "perm",
		[ERR_MISSING] = "missing", [ERR_CHECK] = "check",
		[ERR_AUTH] = "auth",       [ERR_PARTIAL] = "partial",
		[ERR_TIMEOUT] = "timeout", [ERR_CHANGED] = "changed",
		[ERR_STOPPED] = "stopped",
	};

	return words[kind];
}

static int one_line(struct drive *d, struct err *e)
{
	static const struct {
		const char *op;
		int (*run)(struct drive *d, struct err *e);
		bool closed; /* needs no opened provider */
	} rows[] = {
		{ "open", open_it, true },    { "show", show, true },
		{ "edit", edit, false },      { "list", list, false },
		{ "zone", find_zone, false }, { "zones", zones, false },
		{ "sweep", sweep, false },    { "put", put, false },
		{ "clear", clear, false },    { "onboard", onboard, true },
		{ "close", close_it, true },  { "ptr", ptr, false },
	};
	const char *op = word(d, "op");

	for (size_t i = 0; op && i < sizeof(rows) / sizeof(*rows); i++)
		if (!strcmp(op, rows[i].op))
			return rows[i].closed || d->dns.provider ?
				       rows[i].run(d, e) :
				       err_set(e, ERR_USAGE, "not opened");
	return err_set(e, ERR_USAGE, "no such op: %s", op ? op : "(none)");
}

static void answer(struct drive *d, const char *line)
{
	struct err e = { 0 };
	AUTO(json) json_t *in = json_loads(line, 0, NULL);
	AUTO(json) json_t *out = json_object();
	const unsigned asked = requests;
	const char *op = json_string_value(json_object_get(in, "op"));

	if (op && (!strcmp(op, "open") || !strcmp(op, "onboard"))) {
		/* and the time is what it is */
		close_all(d);
		slept_ms = skew_s = 0;
	}
	d->in = in;

	const int64_t slept = slept_ms;

	d->out = out;

	const int status = one_line(d, &e);

	json_object_set_new(out, "ok", json_boolean(status == 0));
	if (status) {
		json_object_set_new(out, "kind",
				    json_string(kind_word(e.kind)));
		json_object_set_new(out, "text", json_string_nocheck(e.msg));
	}
	json_object_set_new(out, "slept", json_integer(slept_ms - slept));
	json_object_set_new(out, "requests",
			    json_integer((json_int_t)(requests - asked)));
	AUTO(free) char *text =
		json_dumps(out, JSON_COMPACT | JSON_ENSURE_ASCII);
	(void)printf("%s\n", text ? text : "{\"ok\":false,\"kind\":\"sys\"}");
	(void)fflush(stdout);
}

int main(void)
{
	struct drive d = { 0 };
	AUTO(free) char *line = NULL;
	size_t room = 0;

	if (!getenv("MOCK_PORT")) {
		(void)fprintf(stderr, "MOCK_PORT is not set: say where the "
				      "mocks listen\n");
		return 64;
	}
	if (getenv("DRIVE_LOG"))
		log_set(LOG_WIRE);
	while (getline(&line, &room, stdin) > 0)
		answer(&d, line);
	close_all(&d);
	return 0;
}
