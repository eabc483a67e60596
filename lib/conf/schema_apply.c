/* From the tree to the structs: every key finds its row, every value is
 * checked, stored and remembered as a setting. */
#include <assert.h>
#include <string.h>

#include "base/idn.h"
#include "conf/schema.h"
#include "conf/secret.h"

/* Where the walk stands: `path` as the rows spell it, `shown` with the
 * domain's name, `base` the struct that offsets count from. */
struct place {
	const char *path, *shown;
	void *base;
};

static struct mem *mem(const struct schema *s)
{
	return &s->c->mem;
}

static const char *origin_of(const struct schema *s, const struct yaml *n)
{
	return n->key ?
		       mem_fmt(mem(s), "%s:%d:%d", s->file, n->key_line,
			       n->key_column) :
		       mem_fmt(mem(s), "%s:%d:%d", s->file, n->line, n->column);
}

static const struct schema_row *row_of(const char *path)
{
	size_t n;
	const struct schema_row *rows = schema_rows(&n);

	for (size_t i = 0; i < n; i++)
		if (!strcmp(rows[i].path, path))
			return &rows[i];
	return NULL;
}

/* What may stand below a path, blank-separated; empty when nothing may. */
static const char *keys_below(struct mem *m, const char *path)
{
	struct buf words = { .max = 4096 };
	size_t n, skip = strlen(path);
	const struct schema_row *rows = schema_rows(&n);
	const char *last = "", *all;

	for (size_t i = 0; i < n; i++) {
		const char *rest = rows[i].path;
		const char *key;

		if (rows[i].type == SCHEMA_REFUSED ||
		    strncmp(rest, path, skip) || (skip && rest[skip] != '.'))
			continue;
		rest += skip ? skip + 1 : 0;
		key = mem_dup(m, rest, strcspn(rest, "."));
		if (!strcmp(key, last) || !strcmp(key, "*"))
			continue;
		buf_fmt(&words, " %s ", key);
		last = key;
	}
	all = mem_str(m, buf_c(&words));
	buf_free(&words);
	return all;
}

static void unknown_key(struct schema *s, const struct yaml *n,
			const struct place *in)
{
	const char *where = *in->shown ? mem_fmt(mem(s), " in %s", in->shown) :
					 "";
	const char *words = keys_below(mem(s), in->path);
	const char *near = schema_nearest(mem(s), n->key, words);

	if (near)
		schema_at_key(s, n,
			      "unknown key \"%s\"%s; did you "
			      "mean \"%s\"?",
			      n->key, where, near);
	else
		schema_at_key(s, n,
			      "unknown key \"%s\"%s; "
			      "opsmail.yaml(5) lists them all",
			      n->key, where);
}

/* A pair is one ECDSA and one RSA key: else servers could not choose. */
static bool store_key_type(struct conf_acme *a, uint32_t type)
{
	bool rsa = type >= KEY_RSA2048;

	if (a->key_types == 2 ||
	    (a->key_types == 1 && rsa == (a->key_type[0] >= KEY_RSA2048)))
		return false;
	a->key_type[a->key_types++] = (enum key_type)type;
	return true;
}

/* One checked value goes to its place; `first` starts a list anew. False when
 * the value does not go with those before it. */
static bool store(const struct schema *s, const struct schema_row *row,
		  void *base, const struct schema_value *v, bool first)
{
	void *at;

	if (row->at == SCHEMA_NOWHERE)
		return true;
	at = (char *)base + row->at;
	if (row->type == SCHEMA_KEY_TYPE) {
		if (first)
			((struct conf_acme *)at)->key_types = 0;
		return store_key_type(at, v->number);
	}
	if (row->shape == SCHEMA_ONE_OR_LIST) {
		if (first)
			*(struct conf_list *)at = (struct conf_list){ 0 };
		conf_list_add(at, mem(s), v->text);
	} else if (row->type == SCHEMA_SWITCH) {
		*(bool *)at = v->number;
	} else if (row->type == SCHEMA_DURATION || row->type == SCHEMA_ENUM) {
		*(uint32_t *)at = v->number;
	} else {
		*(const char **)at = v->text;
	}
	return true;
}

/* A password inside a URL is a secret too. */
static const char *without_password(struct mem *m, const char *text)
{
	const char *host = strstr(text, "://");
	const char *at = host ? strrchr(host, '@') : NULL;
	const char *colon =
		at ? memchr(host + 3, ':', (size_t)(at - host - 3)) : NULL;

	if (!colon)
		return text;
	return mem_fmt(m, "%.*s:***%s", (int)(colon - text), text, at);
}

static void take_texts(struct schema *s, const struct schema_row *row,
		       const struct yaml *n, const struct place *p)
{
	const struct yaml *item = n->kind == YAML_LIST ? n->child : n;
	struct buf shown = { .max = 1 << 20 };
	bool first = true;

	for (; item; item = n->kind == YAML_LIST ? item->next : NULL) {
		struct schema_value v;
		const char *why;

		if (item->kind != YAML_SCALAR) {
			schema_at_value(s, item, "%s: text is wanted here",
					p->shown);
		} else if (schema_check(row, item->text, s->c->dir, mem(s), &v,
					&why)) {
			schema_at_value(s, item, "%s: %s", p->shown, why);
		} else if (!store(s, row, p->base, &v, first)) {
			schema_at_value(s, item,
					"%s: a pair is one ECDSA "
					"and one RSA key",
					p->shown);
		} else {
			buf_fmt(&shown, "%s%s", first ? "" : ", ",
				without_password(mem(s), v.text));
			first = false;
		}
	}
	schema_add_setting(s->c, p->shown, buf_c(&shown), origin_of(s, n));
	buf_free(&shown);
}

static void take_secret(struct schema *s, const struct schema_row *row,
			const struct yaml *n, const struct place *p)
{
	struct secret sec;
	const char *why;

	if (secret_parse(n, origin_of(s, n), s->c->dir, mem(s), &sec, &why)) {
		schema_at_value(s, n, "%s: %s", p->shown, why);
		return;
	}
	if (row->at != SCHEMA_NOWHERE)
		*(struct secret *)(void *)((char *)p->base + row->at) = sec;
	schema_add_setting(s->c, p->shown, secret_shown(&sec, mem(s)),
			   sec.origin);
}

static void add_credential(struct schema *s, struct conf_dns *d,
			   const char *name, const struct secret *sec)
{
	d->credentials = mem_more(mem(s), d->credentials, &d->credentials_room,
				  d->credentials_n, sizeof(*d->credentials));
	d->credentials[d->credentials_n++] =
		(struct credential){ .name = name, .value = *sec };
}

/* Names reach programs as environment variables. */
static bool is_variable(const char *name)
{
	return *name && !(*name >= '0' && *name <= '9') &&
	       !name[strspn(name, "abcdefghijklmnopqrstuvwxyz_"
				  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")];
}

static void take_credentials(struct schema *s, const struct schema_row *row,
			     const struct yaml *map, const struct place *p)
{
	struct conf_dns unused = { 0 };
	struct conf_dns *d = row->at == SCHEMA_NOWHERE ?
				     &unused :
				     (void *)((char *)p->base + row->at);

	for (const struct yaml *n = map->child; n; n = n->next) {
		const char *shown = mem_fmt(mem(s), "%s.%s", p->shown, n->key);
		struct secret sec;
		const char *why;

		if (!is_variable(n->key)) {
			schema_at_key(s, n,
				      "%s: \"%s\" is no name of "
				      "a credential, such as CF_Token",
				      p->shown, n->key);
		} else if (secret_parse(n, origin_of(s, n), s->c->dir, mem(s),
					&sec, &why)) {
			schema_at_value(s, n, "%s: %s", shown, why);
		} else {
			add_credential(s, d, n->key, &sec);
			schema_add_setting(s->c, shown,
					   secret_shown(&sec, mem(s)),
					   sec.origin);
		}
	}
}

/* NAME: ADDRESS or [ADDRESS...]; a left side is a local part or "*". */
static void take_aliases(struct schema *s, const struct yaml *map,
			 const struct place *p)
{
	static const struct schema_row to = { .type = SCHEMA_TEXT,
					      .shape = SCHEMA_ONE_OR_LIST,
					      .at = SCHEMA_NOWHERE };

	for (const struct yaml *n = map->child; n; n = n->next) {
		struct place below = { .shown = mem_fmt(mem(s), "%s.%s",
							p->shown, n->key) };

		if (!*n->key || strpbrk(n->key, "@ \t\r\n:"))
			schema_at_key(s, n,
				      "%s: \"%s\" is no local "
				      "part; write what stands before the @",
				      p->shown, n->key);
		else
			take_texts(s, &to, n, &below);
	}
}

/* {url: URL, password: SECRET}; as plain text it came to take_texts. */
static void take_smarthost(struct schema *s, const struct schema_row *row,
			   const struct yaml *map, const struct place *p)
{
	static const struct schema_row password = { .type = SCHEMA_SECRET,
						    .at = SCHEMA_NOWHERE };

	for (const struct yaml *n = map->child; n; n = n->next) {
		struct place below = { .shown = mem_fmt(mem(s), "%s.%s",
							p->shown, n->key) };

		if (!strcmp(n->key, "url"))
			take_texts(s, row, n, &below);
		else if (!strcmp(n->key, "password"))
			take_secret(s, &password, n, &below);
		else
			schema_at_key(s, n,
				      "unknown key \"%s\" in "
				      "%s; it has url and password",
				      n->key, p->shown);
	}
}

static bool is_map_type(enum schema_type t)
{
	return t == SCHEMA_CREDENTIALS || t == SCHEMA_ALIASES;
}

static void take(struct schema *s, const struct schema_row *row,
		 const struct yaml *n, const struct place *p)
{
	if (row->type == SCHEMA_REFUSED)
		schema_at_key(s, n, "%s: %s", p->shown, row->help);
	else if (is_map_type(row->type) && n->kind == YAML_NULL)
		return;
	else if (n->kind == YAML_NULL)
		schema_at_key(s, n,
			      "%s has no value; give one or "
			      "remove the line",
			      p->shown);
	else if (row->type == SCHEMA_SECRET)
		take_secret(s, row, n, p);
	else if (is_map_type(row->type) && n->kind != YAML_MAP)
		schema_at_value(s, n,
				"%s must be a map: a line "
				"\"name: value\" for each",
				p->shown);
	else if (row->type == SCHEMA_CREDENTIALS)
		take_credentials(s, row, n, p);
	else if (row->type == SCHEMA_ALIASES)
		take_aliases(s, n, p);
	else if (row->type == SCHEMA_SMARTHOST && n->kind == YAML_MAP)
		take_smarthost(s, row, n, p);
	else if (row->shape == SCHEMA_ONE && n->kind != YAML_SCALAR)
		schema_at_value(s, n, "%s takes one value, not a %s", p->shown,
				n->kind == YAML_LIST ? "list" : "map");
	else
		take_texts(s, row, n, p);
}

static bool needs_map(struct schema *s, const struct yaml *n, const char *shown)
{
	if (n->kind == YAML_SCALAR || n->kind == YAML_LIST)
		schema_at_value(s, n,
				"%s must be a map: put its keys "
				"below it, indented",
				shown);
	return n->kind == YAML_MAP;
}

/* Keys of a map, each to its row. As deep as the rows are, no deeper. */
static void walk(struct schema *s, const struct yaml *map,
		 const struct place *in)
{
	const char *dot = *in->path ? "." : "";

	for (const struct yaml *n = map->child; n; n = n->next) {
		struct place p = {
			.path = mem_fmt(mem(s), "%s%s%s", in->path, dot,
					n->key),
			.shown = mem_fmt(mem(s), "%s%s%s", in->shown, dot,
					 n->key),
			.base = in->base,
		};
		const struct schema_row *row = row_of(p.path);

		if (!strcmp(p.path, "domains"))
			continue;
		if (strpbrk(n->key, ".*"))
			unknown_key(s, n, in);
		else if (row)
			take(s, row, n, &p);
		else if (!*keys_below(mem(s), p.path))
			unknown_key(s, n, in);
		else if (needs_map(s, n, p.shown))
			walk(s, n, &p);
	}
}

void schema_globals(struct schema *s, const struct yaml *root)
{
	struct place top = { .path = "", .shown = "", .base = s->c };

	if (needs_map(s, root, "the file"))
		walk(s, root, &top);
}

static struct conf_domain *same_domain(struct conf *c, const char *name)
{
	for (size_t i = 0; i < c->domains_n; i++)
		if (!strcmp(c->domains[i].name, name))
			return &c->domains[i];
	return NULL;
}

static void take_domain(struct schema *s, const struct yaml *n)
{
	struct err e = { 0 };
	struct place p = { .path = "domains.*" };
	const char *name;

	if (idn_ascii(mem(s), str_of(n->key), &name, &e) || *name == '*') {
		schema_at_key(s, n, "domains: %s",
			      *e.msg ? e.msg :
				       mem_fmt(mem(s),
					       "\"%s\": write the "
					       "domain alone; *.DOMAIN comes "
					       "with it",
					       n->key));
		return;
	}
	if (same_domain(s->c, name)) {
		schema_at_key(s, n,
			      "domains: \"%s\" is %s, which "
			      "stands here already",
			      n->key, name);
		return;
	}
	p.base = schema_domain(s->c, name, n->key);
	p.shown = mem_fmt(mem(s), "domains.%s", name);
	if (needs_map(s, n, p.shown))
		walk(s, n, &p);
}

void schema_domains(struct schema *s, const struct yaml *root)
{
	const struct yaml *domains = yaml_get(root, "domains");

	if (!domains || !needs_map(s, domains, "domains"))
		return;
	for (const struct yaml *n = domains->child; n; n = n->next)
		take_domain(s, n);
}

struct conf_domain *schema_domain(struct conf *c, const char *name,
				  const char *shown)
{
	struct conf_domain *d;

	c->domains = mem_more(&c->mem, c->domains, &c->domains_room,
			      c->domains_n, sizeof(*d));
	d = &c->domains[c->domains_n++];
	*d = (struct conf_domain){
		.name = name,
		.shown = mem_str(&c->mem, shown),
		.acme = c->acme,
		.dns = { .owner = name,
			 .provider = c->dns.provider,
			 .zone = c->dns.zone,
			 .alias = c->dns.alias },
		.mail = { .receive = RECEIVE_UNSET,
			  .dmarc.fo = "1",
			  .tlsa = true,
			  .srv = true,
			  .autoconfig = true },
	};
	return d;
}

void schema_set(struct schema *s, const char *path, const char *text,
		const char *origin)
{
	const struct schema_row *row = row_of(path);
	struct schema_value v;
	const char *why;

	assert(row);
	if (schema_setting(s->c, path))
		return;
	if (schema_check(row, text, s->c->dir, mem(s), &v, &why)) {
		schema_complain(s, "%s: %s: %s", origin, path, why);
		return;
	}
	store(s, row, s->c, &v, true);
	schema_add_setting(s->c, path, v.text, origin);
}

void schema_defaults(struct schema *s)
{
	size_t n;
	const struct schema_row *rows = schema_rows(&n);

	for (size_t i = 0; i < n; i++)
		if (rows[i].preset && !strchr(rows[i].path, '*'))
			schema_set(s, rows[i].path, rows[i].preset, "default");
}

static void keep(struct conf *c, const char *name, const char *domain,
		 const struct secret *sec)
{
	const char *shown = mem_fmt(&c->mem, "%s%s%sdns.credentials.%s",
				    domain ? "domains." : "",
				    domain ? domain : "", domain ? "." : "",
				    name);

	c->kept = mem_more(&c->mem, c->kept, &c->kept_room, c->kept_n,
			   sizeof(*c->kept));
	c->kept[c->kept_n++] = (struct credential){ name, *sec, domain };
	if (!schema_setting(c, shown))
		schema_add_setting(c, shown, secret_shown(sec, &c->mem),
				   sec->origin);
}

static void take_kept(struct schema *s, const struct yaml *n,
		      const char *domain)
{
	struct secret sec;
	const char *why;

	if (!is_variable(n->key))
		schema_at_key(s, n,
			      "\"%s\" is no name of a "
			      "credential, such as CF_Token",
			      n->key);
	else if (secret_parse(n, origin_of(s, n), s->c->dir, mem(s), &sec,
			      &why))
		schema_at_value(s, n, "%s: %s", n->key, why);
	else
		keep(s->c, n->key, domain, &sec);
}

static void take_section(struct schema *s, const struct yaml *map)
{
	struct err e = { 0 };
	const char *domain;

	if (idn_ascii(mem(s), str_of(map->key), &domain, &e)) {
		schema_at_key(s, map, "%s", e.msg);
		return;
	}
	for (const struct yaml *n = map->child; n; n = n->next)
		take_kept(s, n, domain);
}

void schema_secrets(struct schema *s, const struct yaml *root)
{
	if (!needs_map(s, root, "the file"))
		return;
	for (const struct yaml *n = root->child; n; n = n->next)
		if (n->kind == YAML_MAP && !is_variable(n->key))
			take_section(s, n);
		else
			take_kept(s, n, NULL);
}
