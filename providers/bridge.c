#include "providers/bridge.h"

#include <stdlib.h>
#include <string.h>

#include "base/b64.h"
#include "base/clock.h"
#include "base/log.h"
#include "dns/zone.h"

enum {
	OUTPUT_MAX = 1 << 16,
	REPLY_MAX = 1 << 16,
	LIMIT_MS = 30000,
	TRIES = 4,
	PAUSE_S = 2,
	PATIENCE_S = 60,
	SHOWN_MAX = 300,
	HEADERS_MAX = 6,
};

int bridge_find_zone(struct dns *d, const char *name, const char **zone,
		     struct err *e)
{
	*zone = d->settings->zone;
	return *zone ? 0 : zone_cut(d->resolver, name, &d->mem, zone, e);
}

int bridge_apply(struct dns *d, const struct change *c, bridge_do *call,
		 struct err *e)
{
	if (c->type != DNS_TXT)
		return err_set(e, ERR_PERM, "%s carries TXT values only",
			       d->provider->name);
	for (size_t i = 0; i < c->del.n; i++)
		if (call(d, "cleanup", &c->del.at[i], e) < 0)
			return -1;
	for (size_t i = 0; i < c->add.n; i++)
		if (call(d, "present", &c->add.at[i], e) < 0)
			return -1;
	return 0;
}

const struct dns_challenge *bridge_challenge(const struct dns *d,
					     const struct record *r)
{
	for (size_t i = 0; i < d->challenges_n; i++)
		if (str_eq(r->value, d->challenges[i].value))
			return &d->challenges[i];
	return NULL;
}

void bridge_forgotten(struct dns *d, const struct record *r)
{
	tell(d->tell, TELL_STEP, d->who,
	     "the TXT value %.*s at %s is an earlier run's, whose token "
	     "nobody knows any more: if it is still there, remove it by hand",
	     STR_FMT(r->value), r->name);
}

void bridge_set(struct dns *d, struct bridge_env *v, const char *name,
		const char *value)
{
	const size_t n = strlen(name);
	for (size_t i = 0; i < v->n; i++)
		if (strncmp(v->at[i], name, n) == 0 && v->at[i][n] == '=')
			return;
	v->at = mem_more(&d->mem, v->at, &v->room, v->n, sizeof(*v->at));
	v->at[v->n++] = mem_fmt(&d->mem, "%s=%s", name, value);
	v->at = mem_more(&d->mem, v->at, &v->room, v->n, sizeof(*v->at));
	v->at[v->n] = NULL;
}

/* Fields were read before, and hidden where they are secrets. */
static bool is_field(const struct dns *d, const char *name)
{
	for (size_t i = 0; i < d->provider->fields_n; i++) {
		struct str rest = str_of(d->provider->fields[i].names), word;
		while (str_word(&rest, &word))
			if (str_eq(word, name))
				return true;
	}
	return false;
}

static int set_all(struct dns *d, struct bridge_env *v,
		   const struct credential *c, size_t n, struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		const char *text;
		if (is_field(d, c[i].name))
			continue;
		if (secret_read(&c[i].value, &d->mem, &text, e) < 0)
			return err_at(e, "%s", c[i].name);
		log_hide(str_of(text));
		bridge_set(d, v, c[i].name, text);
	}
	return 0;
}

static void set_fields(struct dns *d, struct bridge_env *v)
{
	for (size_t i = 0; i < d->provider->fields_n; i++) {
		struct str rest = str_of(d->provider->fields[i].names), word;
		if (d->values[i] && str_word(&rest, &word))
			bridge_set(d, v, mem_dup(&d->mem, word.at, word.n),
				   d->values[i]);
	}
}

int bridge_environment(struct dns *d, struct bridge_env *v, struct err *e)
{
	static const char *const ours[] = { "PATH", "LANG" };
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (getenv(ours[i]))
			bridge_set(d, v, ours[i], getenv(ours[i]));
	bridge_set(d, v, "PATH",
		   "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:"
		   "/sbin:/bin");
	set_fields(d, v);
	return set_all(d, v, d->settings->credentials,
		       d->settings->credentials_n, e) < 0 ||
			       set_all(d, v, d->conf->dns.credentials,
				       d->conf->dns.credentials_n, e) < 0 ||
			       set_all(d, v, d->conf->shell, d->conf->shell_n,
				       e) < 0 ?
		       -1 :
		       0;
}

static struct str last_line(struct str text)
{
	text = str_trim(text);
	size_t at = text.n;
	while (at > 0 && text.at[at - 1] != '\n')
		at--;
	return (struct str){ text.at + at, text.n - at };
}

int bridge_run(const struct dns *d, const struct proc *p, const char *what,
	       struct err *e)
{
	AUTO(buf) struct buf out = { .max = OUTPUT_MAX };
	struct proc child = *p;
	child.merge = true;
	child.out = &out;
	int status = 0;
	const int failed = proc_run(&child, &status, e);
	struct str text = buf_get(&out), line;
	while (str_line(&text, &line))
		log_say(LOG_REASON, "%s: %.*s", d->provider->name,
			STR_FMT(line));
	if (failed < 0)
		return err_at(e, "%s: %s", d->provider->name, what);
	if (status == 0)
		return 0;
	line = last_line(buf_get(&out));
	if (line.n > SHOWN_MAX)
		line.n = SHOWN_MAX;
	return err_set(e, ERR_PERM, "%s: %s ends with status %d%s%.*s",
		       d->provider->name, what, status, line.n ? ": " : "",
		       STR_FMT(line));
}

const char *bridge_basic(struct dns *d, const char *user, const char *password)
{
	AUTO(secret) struct buf b = { 0 };
	b64_add(&b, str_of(mem_fmt(&d->mem, "%s:%s", user, password)));
	log_hide(buf_get(&b));
	return mem_fmt(&d->mem, "Basic %s", buf_c(&b));
}

static int refused(const struct dns *d, const struct bridge_post *q,
		   const struct http_reply *r, struct err *e)
{
	AUTO(buf) struct buf clean = { .max = 4 * SHOWN_MAX };
	struct str says = str_trim(buf_get(&r->body));
	const char *to = http_header(r, "Location", 0);
	const enum err_kind kind =
		r->status == 401 || r->status == 403 ? ERR_AUTH :
		r->status == 408 || r->status == 429 || r->status >= 500 ?
						       ERR_TEMP :
						       ERR_PERM;
	if (says.n > SHOWN_MAX)
		says.n = SHOWN_MAX;
	log_escape(&clean, says);
	err_set(e, kind, "%s: POST %s answers %d%s%s%s%s", d->provider->name,
		q->url, r->status, clean.n ? ": " : "", buf_c(&clean),
		to ? ", and leads to " : "", to ? to : "");
	if (kind == ERR_TEMP)
		e->until = http_retry_after(r, clock_now());
	return -1;
}

/* Whether it is worth another try, after the time that the server asks for. */
static bool put_off(const struct http_reply *r, unsigned tries)
{
	if ((r->status != 429 && r->status != 503) || tries == TRIES)
		return false;
	const time_t now = clock_now(), until = http_retry_after(r, now);
	const time_t pause = until > now ? until - now : PAUSE_S * tries;
	if (pause > PATIENCE_S)
		return false;
	clock_sleep_ms((int64_t)pause * 1000);
	return true;
}

int bridge_post(struct dns *d, const struct bridge_post *q, json_t **reply,
		struct err *e)
{
	const struct http_options options = { .ca_file = q->ca_file };
	struct http_header h[HEADERS_MAX] = {
		{ "Content-Type", "application/json" },
		{ "Accept", "application/json" }
	};
	AUTO(http_reply) struct http_reply r = { .body = { .max = REPLY_MAX } };
	AUTO(free) char *body = json_dumps(q->body, JSON_COMPACT);
	struct http_request ask = { .method = "POST",
				    .url = q->url,
				    .body = str_of(body),
				    .headers = h,
				    .headers_n = 2,
				    .limit_ms = q->limit_ms ? q->limit_ms :
							      LIMIT_MS };
	for (size_t i = 0; i < q->headers_n && ask.headers_n < HEADERS_MAX; i++)
		h[ask.headers_n++] = q->headers[i];
	if (!body)
		return err_set(e, ERR_PERM, "%s: the value is no UTF-8",
			       d->provider->name);
	if (!d->http && http_open(&options, &d->http, e) < 0)
		return err_at(e, "%s", d->provider->name);
	for (unsigned i = 1;; i++) {
		if (d->http->send(d->http, &ask, &r, e) < 0)
			return err_at(e, "%s", d->provider->name);
		if (!put_off(&r, i))
			break;
		http_reply_free(&r);
		r.body.max = REPLY_MAX;
	}
	if (r.status / 100 != 2)
		return refused(d, q, &r, e);
	if (reply)
		*reply = json_loadb(buf_c(&r.body), r.body.n, 0, NULL);
	return 0;
}
