#include "cmd/cmd.h"

#include <string.h>

#include "base/str.h"
#include "conf/schema.h"
#include "providers/table.h"

/* A key is itself or a section: "acme" has "acme.server". */
static bool belongs(const char *path, const char *key)
{
	size_t n = strlen(key);

	return str_starts(str_of(path), key) &&
	       (path[n] == 0 || path[n] == '.' || path[n] == '[');
}

static bool wanted(const struct call *c, const char *path)
{
	for (size_t i = 0; i < c->args_n; i++)
		if (belongs(path, c->args[i]))
			return true;
	return !c->args_n;
}

static int check_key(struct call *c, const char *key, struct err *e)
{
	const char **paths = NULL;
	size_t n = 0, room = 0, rows_n;
	const struct schema_row *rows = schema_rows(&rows_n);

	for (size_t i = 0; i < c->conf->settings_n; i++) {
		const char *path = c->conf->settings[i].path;

		if (belongs(path, key))
			return 0;
		paths = mem_more(&c->mem, paths, &room, n, sizeof(*paths));
		paths[n++] = path;
	}
	for (size_t i = 0; i < rows_n; i++) {
		if (belongs(rows[i].path, key))
			return err_set(e, ERR_MISSING,
				       "%s is not set and has no default", key);
		paths = mem_more(&c->mem, paths, &room, n, sizeof(*paths));
		paths[n++] = rows[i].path;
	}
	return err_set(e, ERR_USAGE, "there is no key \"%s\"%s", key,
		       opt_nearest(key, paths, n, &c->mem));
}

/* One key alone gives its bare value, for scripts. */
static bool show_bare(struct call *c)
{
	const struct conf_setting *s;

	if (c->args_n != 1 || opt_flag(&c->opts, "origin") || out_json(c->out))
		return false;
	s = schema_setting(c->conf, c->args[0]);
	if (s)
		out_line(c->out, "%s", s->value);
	return s != NULL;
}

int cmd_conf_show(struct call *c, struct err *e)
{
	static const struct out_column columns[] = {
		{ .title = "KEY" },
		{ .title = "VALUE" },
		{ .title = "ORIGIN" },
	};
	struct out_table *t;

	for (size_t i = 0; i < c->args_n; i++)
		if (check_key(c, c->args[i], e))
			return -1;
	if (show_bare(c))
		return 0;
	t = out_table(c->out, columns, opt_flag(&c->opts, "origin") ? 3 : 2);
	for (size_t i = 0; i < c->conf->settings_n; i++) {
		const struct conf_setting *s = &c->conf->settings[i];
		const struct out_cell cells[] = {
			{ .text = s->path },
			{ .text = s->value },
			{ .text = s->origin },
		};

		if (!wanted(c, s->path))
			continue;
		out_row(t,
			json_pack("{s:s, s:o, s:o, s:o}", "type", "setting",
				  "key", out_utf8(s->path), "value",
				  out_utf8(s->value), "origin",
				  out_utf8(s->origin)),
			cells);
	}
	out_table_end(t);
	return 0;
}

/* What can be known without asking anybody: the provider exists and every
 * credential it needs can be read. */
static int check_dns(struct call *c, const struct conf_dns *d, struct err *e)
{
	const struct provider *p =
		provider_find(c->conf, d->provider, &c->mem, e);

	for (size_t i = 0; p && i < p->fields_n; i++) {
		const struct dns_field *f = &p->fields[i];
		const char *value, *origin;

		if (conf_credential(c->conf, d, f->names, f->secret, &c->mem,
				    &value, &origin, e) == 0)
			continue;
		if (e->kind != ERR_MISSING || (f->required && !f->preset))
			return err_at(e, "%s", p->name);
	}
	return p ? 0 : -1;
}

static bool check_domain(struct call *c, const char *who,
			 const struct conf_dns *d)
{
	struct err e = { 0 };

	if (!d->provider) {
		out_result(c->out, OUT_WARN, who,
			   "no DNS provider is set: set dns.provider in "
			   "opsmail.yaml (opsmail dns providers lists them)");
		return true;
	}
	if (check_dns(c, d, &e)) {
		out_result(c->out, OUT_FAIL, who, "%s", e.msg);
		return false;
	}
	out_result(c->out, OUT_OK, who, "DNS by %s", d->provider);
	return true;
}

/* Mistakes in the files themselves are told by conf_read, all of them. */
int cmd_conf_check(struct call *c, struct err *e)
{
	const struct conf *k = c->conf;
	size_t bad = 0;

	out_result(c->out, OUT_OK, k->dir, "%s",
		   k->has_yaml && k->has_shell ? "opsmail.yaml and conf.sh" :
		   k->has_yaml                 ? "opsmail.yaml" :
						 "conf.sh");
	bad += !check_domain(c, "every domain", &k->dns);
	for (size_t i = 0; i < k->domains_n; i++)
		bad += !check_domain(c, k->domains[i].shown,
				     &k->domains[i].dns);
	if (!bad)
		return 0;
	return err_set(e, ERR_CONF, "%zu of %zu checks failed", bad,
		       k->domains_n + 1);
}
