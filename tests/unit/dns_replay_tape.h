/* Recordings as exchanges, and a provider that is opened on them: it hears what
 * was recorded and its requests are kept. */
#pragma once

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/b64.h"
#include "base/fs.h"
#include "data/yaml.h"
#include "dns/descriptor_parts.h"
#include "providers/table.h"
#include "tests/unit/dns_replay_rows.h"
#include "tests/unit/test.h"

struct spoken {                    /* one exchange of a recording */
	const char *method, *path; /* without base and query */
	const char *query, *sent, *got, *file;
	int status;
};
struct tape {
	struct http http; /* first */
	const struct row *row;
	struct mem mem;
	struct spoken *at;
	size_t n, room;
	const struct descriptor *d;
	struct conf conf;
	struct conf_dns settings;
	struct dns dns;
	const struct spoken *answer;      /* of the next request; NULL: "{}" */
	const char *method, *path, *body; /* our request */
	bool world; /* answers by path, from the first recordings alone */
	size_t lists, zones, writes, updates, others;
};

static const char *data_dir(struct mem *m)
{
	const char *env = getenv("OPSMAIL_DATA");
	return mem_fmt(m, "%s/cassettes", env ? env : "../shared/data");
}

/* Tags of Python say what we know: text is text. */
static struct str untagged(struct str text, struct mem *m)
{
	static const char *const tags[] = { "!!python/unicode", "!!binary" };
	char *copy = mem_dup(m, text.at, text.n), *at;

	for (size_t i = 0; i < COUNT(tags); i++)
		while ((at = strstr(copy, tags[i])))
			memset(at, ' ', strlen(tags[i]));
	return (struct str){ copy, text.n };
}

static const char *text_of(const struct yaml *y, struct mem *m)
{
	AUTO(buf) struct buf b = { .max = 1 << 20 };

	if (!y || y->kind != YAML_SCALAR)
		return "";
	if (!strchr("[{<", y->text[0]) &&
	    b64_read_lines(str_of(y->text), &b) == 0 && b.n)
		return mem_dup(m, buf_c(&b), b.n);
	return y->text;
}

static void add_exchange(struct tape *t, const struct yaml *y, const char *file)
{
	const struct yaml *q = yaml_get(y, "request"),
			  *r = yaml_get(y, "response");
	const char *uri = yaml_get(q, "uri")->text;
	const size_t base = strlen(t->row->base), n = strcspn(uri, "?");
	const struct yaml *body = yaml_get(r, "body");
	struct spoken s = { .method = yaml_get(q, "method")->text,
			    .file = file };

	if (strncmp(uri, t->row->base, base) != 0) {
		t->others++; /* another API of the vendor */
		return;
	}
	s.path = mem_dup(&t->mem, uri + base, n - base);
	while (str_ends(str_of(s.path), "//"))
		s.path = mem_dup(&t->mem, s.path, strlen(s.path) - 1);
	s.query = uri[n] ? uri + n + 1 : "";
	s.sent = text_of(yaml_get(q, "body"), &t->mem);
	s.got = text_of(yaml_get(body, "string") ? yaml_get(body, "string") :
						   body,
			&t->mem);
	s.status = (int)strtol(yaml_get(yaml_get(r, "status"), "code")->text,
			       NULL, 10);
	t->at = mem_more(&t->mem, t->at, &t->room, t->n, sizeof(*t->at));
	t->at[t->n++] = s;
}

static void read_file(struct tape *t, const char *path)
{
	AUTO(buf) struct buf b = { .max = 8 << 20 };
	struct yaml *root;
	struct err e = { 0 };

	if (fs_read(path, &b, &e) || yaml_parse(untagged(buf_get(&b), &t->mem),
						path, &t->mem, &root, &e))
		fail_msg("%s", e.msg);
	const struct yaml *all = yaml_get(root, "interactions");

	for (const struct yaml *y = all ? all->child : NULL; y; y = y->next)
		add_exchange(t, y, strrchr(path, '/') + 1);
}

/* A page that follows is the recorded one of the same address. */
static const struct spoken *next_page(struct tape *t, const char *url)
{
	const size_t base = strlen(t->row->base);

	for (size_t i = 0; i < t->n; i++) {
		const struct spoken *s = &t->at[i];
		const size_t n = strlen(s->path);

		if (*s->query && !strncmp(url, t->row->base, base) &&
		    !strncmp(url + base, s->path, n) && url[base + n] == '?' &&
		    !strcmp(url + base + n + 1, s->query))
			return s;
	}
	return NULL;
}

/* Our path without our base: the rest must be as recorded. */
static inline const char *after_base(struct tape *t, const char *url)
{
	struct descriptor_scope s = { .dns = &t->dns, .d = t->d, .m = &t->mem };
	const char *base;
	struct err e = { 0 };

	assert_int_equal(
		descriptor_make(&s, descriptor_word(t->d->root, "base", ""),
				&base, &e),
		0);
	assert_int_equal(strncmp(url, base, strlen(base)), 0);
	return url + strlen(base);
}

static const struct spoken *by_path(struct tape *t, const char *method,
				    const char *url)
{
	const char *path =
		after_base(t, mem_dup(&t->mem, url, strcspn(url, "?")));

	for (size_t i = 0; i < t->n; i++) {
		const struct spoken *s = &t->at[i];
		struct str theirs = str_of(s->path);

		if (str_ends(theirs, "/") && !str_ends(str_of(path), "/"))
			theirs.n--;
		if (!strcmp(s->method, method) && str_eq(theirs, path) &&
		    strstr(s->file, "provider_authenticate.yaml"))
			return s;
	}
	return NULL;
}

static int play(struct http *h, const struct http_request *q,
		struct http_reply *r, struct err *e __attribute__((unused)))
{
	struct tape *t = (struct tape *)(void *)h;
	const struct spoken *s = t->world  ? by_path(t, q->method, q->url) :
				 t->answer ? t->answer :
					     next_page(t, q->url);

	t->method = mem_str(&t->mem, q->method);
	t->path = mem_dup(&t->mem, q->url, strcspn(q->url, "?"));
	t->body = mem_dup(&t->mem, q->body.at, q->body.n);
	r->status = s ? s->status : t->world ? 404 : 200;
	buf_str(&r->body, s ? s->got : "{}");
	t->answer = NULL;
	((struct descriptor_state *)t->dns.state)->last_ms = 0; /* no pace */
	return 0;
}

static void no_close(struct http *h)
{
	(void)h;
}

/* As if the zone had been found. */
static void know_zone(struct tape *t)
{
	struct descriptor_state *st = t->dns.state;
	struct descriptor_zone *z =
		MEM_NEW(&t->dns.mem, struct descriptor_zone);

	z->name = t->row->zone;
	z->id = *t->row->id ? t->row->id : t->row->zone;
	st->zones = z;
	st->all_zones = true;
	st->account = t->row->account;
}

static void open_tape(struct tape *t)
{
	struct err e = { 0 };
	const struct provider *p =
		provider_find(NULL, t->row->provider, &t->mem, &e);
	struct credential *c = mem_array(&t->mem, 8, sizeof(*c));

	if (!p)
		fail_msg("%s", e.msg);
	for (size_t i = 0; i < p->fields_n; i++) {
		struct str rest = str_of(p->fields[i].names), word;

		if (p->fields[i].preset || !str_word(&rest, &word))
			continue;
		c[t->settings.credentials_n++] = (struct credential){
			.name = mem_dup(&t->mem, word.at, word.n),
			.value = { .kind = SECRET_INLINE,
				   .text = "http://secret",
				   .origin = "test" },
		};
	}
	t->d = descriptor_of(p);
	t->settings.credentials = c;
	t->conf.dir = "/nonexistent";
	t->http.send = play;
	t->http.close = no_close;
	t->dns = (struct dns){ .conf = &t->conf, .settings = &t->settings };
	if (dns_open(&t->dns, p, &e))
		fail_msg("%s", e.msg);
	http_close(t->dns.http);
	t->dns.http = &t->http;
	know_zone(t);
}
