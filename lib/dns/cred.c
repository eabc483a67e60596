#include "dns/cred.h"

#include <string.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/log.h"
#include "dns/cred_kit.h"

enum { FILE_MAX = 256 << 10, REPLY_MAX = 64 << 10, SHOWN_MAX = 200 };

const char cred_sources[] = "aws azure gcloud oci yandex";

static const struct {
	const char *name;
	int (*get)(const struct cred_world *w, struct cred *out, struct err *e);
} sources[] = {
	{ "aws", cred_aws },       { "azure", cred_azure },
	{ "gcloud", cred_gcloud }, { "oci", cred_oci },
	{ "yandex", cred_yandex },
};

bool cred_is_source(const char *name)
{
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++)
		if (!strcmp(name, sources[i].name))
			return true;
	return false;
}

const char *const *cred_member(const struct cred *c, struct str name)
{
	const struct {
		const char *name;
		const char *const *at;
	} rows[] = {
		{ "id", &c->id },           { "key", &c->key },
		{ "token", &c->token },     { "region", &c->region },
		{ "project", &c->project }, { "tenant", &c->tenant },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (str_eq(name, rows[i].name))
			return rows[i].at;
	return NULL;
}

int cred_get(const char *source, const struct cred_world *w, struct cred *out,
	     struct err *e)
{
	*out = (struct cred){ 0 };
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		if (strcmp(source, sources[i].name) != 0)
			continue;
		if (sources[i].get(w, out, e) < 0)
			return err_at(e, "credentials of %s", source);
		log_hide(str_of(out->key));
		log_hide(str_of(out->token));
		return 0;
	}
	return err_set(e, ERR_CONF, "no source of credentials is called \"%s\"",
		       source);
}

const char *cred_env(const struct cred_world *w, const char *name)
{
	const char *value = w->env(name);
	return value && *value ? mem_str(w->m, value) : NULL;
}

const char *cred_env_any(const struct cred_world *w, const char *const *names)
{
	const char *value = NULL;
	for (; *names && !value; names++)
		value = cred_env(w, *names);
	return value;
}

const char *cred_path(const struct cred_world *w, const char *path)
{
	const char *home = cred_env(w, "HOME");
	return path[0] == '~' && path[1] == '/' && home ?
		       mem_fmt(w->m, "%s%s", home, path + 1) :
		       path;
}

int cred_file(const struct cred_world *w, const char *path, struct str *out,
	      struct err *e)
{
	AUTO(secret) struct buf b = { .max = FILE_MAX };
	*out = (struct str){ 0 };
	if (fs_read(cred_path(w, path), &b, e) < 0) {
		if (e->kind != ERR_MISSING)
			return -1;
		*e = (struct err){ 0 };
		return 0;
	}
	*out = (struct str){ mem_dup(w->m, buf_c(&b), b.n), b.n };
	return 0;
}

/* "[name]", "key = value"; "#" and ";" begin comments at a line's start. */
const char *cred_ini(struct str text, const char *section, const char *key,
		     struct mem *m)
{
	struct str line, name;
	bool inside = false;
	while (str_line(&text, &line)) {
		line = str_trim(line);
		if (str_starts(line, "[") && str_ends(line, "]")) {
			line = (struct str){ line.at + 1, line.n - 2 };
			inside = str_eq(str_trim(line), section);
			continue;
		}
		if (!inside || !memchr(line.at ? line.at : "", '=', line.n) ||
		    str_starts(line, "#") || str_starts(line, ";"))
			continue;
		str_cut(&line, '=', &name);
		line = str_trim(line);
		if (str_eqi(str_trim(name), key) && line.n)
			return mem_dup(m, line.at, line.n);
	}
	return NULL;
}

void cred_form(struct buf *form, const char *name, const char *value)
{
	buf_fmt(form, "%s%s=", form->n ? "&" : "", name);
	sign_encode(form, str_of(value));
}

const char *cred_text(json_t *j, const char *key, struct mem *m)
{
	json_t *v = json_object_get(j, key);
	if (json_is_integer(v))
		return mem_fmt(m, "%" JSON_INTEGER_FORMAT,
			       json_integer_value(v));
	return json_is_string(v) && json_string_length(v) ?
		       mem_str(m, json_string_value(v)) :
		       NULL;
}

int cred_send(const struct cred_world *w, const struct cred_ask *q,
	      struct str *out, struct err *e)
{
	AUTO(http_reply) struct http_reply r = { .body = { .max = REPLY_MAX } };
	AUTO(buf) struct buf shown = { .max = SHOWN_MAX * 4 };
	const struct http_request sent = {
		.method = q->method,
		.url = q->url,
		.body = q->body,
		.headers = q->headers,
		.headers_n = q->headers_n,
		.limit_ms = q->limit_ms,
		.secret = true,
	};
	if (w->http->send(w->http, &sent, &r, e) < 0)
		return -1;
	struct str body = buf_get(&r.body);
	if (r.status >= 200 && r.status < 300) {
		*out = (struct str){
			mem_dup(w->m, body.at ? body.at : "", body.n), body.n
		};
		return 0;
	}
	if (body.n > SHOWN_MAX)
		body.n = SHOWN_MAX;
	log_escape(&shown, body);
	return err_set(e, r.status >= 500 ? ERR_TEMP : ERR_AUTH,
		       "%s is answered %d: %s", q->url, r.status,
		       buf_c(&shown));
}

/* A moment as seconds of 1970 or as RFC 3339. */
static int moment(const char *text, time_t *out)
{
	uint64_t n;
	if (str_num(str_of(text), INT32_MAX * 2ULL, &n) < 0)
		return clock_parse(str_of(text), out);
	*out = (time_t)n;
	return 0;
}

static json_t *object(struct str text)
{
	json_error_t why;
	return text.n ? json_loadb(text.at, text.n, 0, &why) : NULL;
}

static int three(json_t *j, const char *const *names, struct mem *m,
		 struct cred *c, struct err *e)
{
	const char *until = cred_text(j, names[3], m);
	c->id = cred_text(j, names[0], m);
	c->key = cred_text(j, names[1], m);
	c->token = cred_text(j, names[2], m);
	if (!c->id || !c->key || !c->token ||
	    (until && moment(until, &c->until) < 0))
		return err_set(e, ERR_AUTH,
			       "the answer holds no key, secret and token");
	return 0;
}

int cred_read_imds(struct str json, struct mem *m, struct cred *c,
		   struct err *e)
{
	static const char *const names[] = { "AccessKeyId", "SecretAccessKey",
					     "Token", "Expiration" };
	AUTO(cred_json) json_t *j = object(json);
	return three(j, names, m, c, e);
}

int cred_read_token(struct str json, time_t now, struct mem *m, struct cred *c,
		    struct err *e)
{
	AUTO(cred_json) json_t *j = object(json);
	const char *in = cred_text(j, "expires_in", m);
	const char *at = cred_text(j, "expires_on", m);
	uint64_t n = 0;
	c->token = cred_text(j, "access_token", m);
	if (!c->token) { /* Yandex's own words */
		c->token = cred_text(j, "iamToken", m);
		at = cred_text(j, "expiresAt", m);
	}
	if (!c->token || (at && moment(at, &c->until) < 0) ||
	    (!at && in && str_num(str_of(in), INT32_MAX, &n) < 0))
		return err_set(e, ERR_AUTH, "the answer holds no token");
	if (!at && in)
		c->until = now + (time_t)n;
	return 0;
}

int cred_read_key(struct str json, struct mem *m, struct cred_key *k,
		  struct err *e)
{
	AUTO(cred_json) json_t *j = object(json);
	*k = (struct cred_key){
		.pem = cred_text(j, "private_key", m),
		.owner = cred_text(j, "client_email", m),
		.id = cred_text(j, "private_key_id", m),
		.url = cred_text(j, "token_uri", m),
		.project = cred_text(j, "project_id", m),
	};
	if (!k->owner) { /* Yandex' own words */
		k->owner = cred_text(j, "service_account_id", m);
		k->id = cred_text(j, "id", m);
	}
	if (!k->pem || !k->owner)
		return err_set(e, ERR_CONF,
			       "this is no key of a service account: it lacks "
			       "its private_key or whose it is");
	if (k->url && !str_starts(str_of(k->url), "https://"))
		return err_set(e, ERR_CONF,
			       "this key wants to be shown to \"%s\", which is "
			       "no https:// URL",
			       k->url);
	return 0;
}
