#include <string.h>

#include "acme/import.h"
#include "base/clock.h"
#include "base/idn.h"
#include "cmd/ssl.h"

/* What `ssl list` knows of a certificate, without asking anybody. */
struct row {
	const char *name;
	struct store_state state;
	struct store_live live;
	bool is_live;
	struct renew_due due;
	const char *names, *ca, *condition;
	enum out_state mark;
};

/* The host of the directory is what people call the CA by. */
static const char *ca_shown(struct mem *m, const char *server)
{
	size_t n;
	const struct acme_server *known = acme_servers(&n);
	struct str host;
	struct str rest;

	if (!server)
		return "-";
	for (size_t i = 0; i < n; i++)
		if (!strcmp(known[i].url, server))
			return known[i].name;
	rest = str_of(server);
	for (int slashes = 0; slashes < 3; slashes++)
		if (!str_cut(&rest, '/', &host))
			return server;
	return mem_dup(m, host.at, host.n);
}

static void judge(struct row *r, struct mem *m, time_t now)
{
	const struct store_state *st = &r->state;

	r->mark = OUT_FAIL;
	if (st->revoked_at)
		r->condition = "revoked";
	else if (r->is_live && r->live.chain.at[0].not_after <= now)
		r->condition = "expired";
	else if (st->failures)
		r->condition = mem_fmt(m, "failed %u time%s, next try %s",
				       st->failures,
				       st->failures == 1 ? "" : "s",
				       ssl_when(m, st->retry_at));
	else if (!r->is_live)
		r->condition = "not issued yet";
	else if (st->reload_failures)
		r->condition = "live, reload failed";
	else {
		r->mark = OUT_OK;
		r->condition = r->due.due ? "due" : "ok";
	}
}

static int row_read(struct call *c, const char *name, time_t now, struct row *r,
		    struct err *e)
{
	struct mem *m = &c->mem;

	r->name = name;
	if (store_state_read(c->conf->dir, name, &r->state, e))
		return -1;
	r->is_live = !store_read_live(c->conf->dir, name, m, &r->live, e);
	if (!r->is_live && e->kind != ERR_MISSING)
		return -1;
	if (r->is_live) {
		const struct cert *leaf = &r->live.chain.at[0];

		renew_when(leaf->not_before, leaf->not_after, &r->state.ari,
			   now, now, &r->due);
		r->names = mem_join(m, leaf->names, leaf->names_n, " ");
	} else {
		r->names = mem_join(m, r->state.order_names,
				    r->state.order_names_n, " ");
	}
	r->ca = ca_shown(m, r->state.server);
	judge(r, m, now);
	return 0;
}

static json_t *time_json(time_t t)
{
	char text[CLOCK_TEXT];

	return t ? json_string(clock_text(t, text)) : json_null();
}

static json_t *names_json(const struct row *r)
{
	json_t *list = json_array();

	for (size_t i = 0; r->is_live && i < r->live.chain.at[0].names_n; i++)
		json_array_append_new(list,
				      out_utf8(r->live.chain.at[0].names[i]));
	return list;
}

static json_t *row_json(const struct row *r)
{
	const struct store_state *st = &r->state;
	const struct cert *leaf = r->is_live ? &r->live.chain.at[0] : NULL;
	const bool reloaded = st->stamp && st->reloaded &&
			      !strcmp(st->stamp, st->reloaded);

	return json_pack(
		"{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, "
		"s:o, s:s, s:i, s:o, s:o, s:b, s:o}",
		"type", "certificate", "name", out_utf8(r->name), "domain",
		out_utf8(st->domain), "names", names_json(r), "server",
		out_utf8(st->server), "issuer",
		out_utf8(leaf ? leaf->issuer : NULL), "serial",
		out_utf8(leaf ? leaf->serial : NULL), "not_before",
		time_json(leaf ? leaf->not_before : 0), "not_after",
		time_json(leaf ? leaf->not_after : 0), "next_renewal",
		time_json(leaf ? r->due.at : 0), "why",
		out_utf8(leaf ? r->due.why : NULL), "provider",
		out_utf8(st->provider), "path",
		out_utf8(r->is_live ? r->live.dir : NULL), "state",
		r->condition, "failures", (int)st->failures, "failure",
		out_utf8(st->failure), "retry_at", time_json(st->retry_at),
		"reloaded", reloaded, "reload_failure",
		out_utf8(st->reload_failure));
}

static void row_show(struct call *c, struct out_table *t, const struct row *r)
{
	struct mem *m = &c->mem;
	const struct out_cell cells[] = {
		{ .text = r->name },
		{ .text = r->names },
		{ .text = r->ca },
		{ .text = r->is_live ?
				  ssl_when(m, r->live.chain.at[0].not_after) :
				  "-" },
		{ .text = r->is_live ?
				  mem_fmt(m, "%s (%s)", ssl_when(m, r->due.at),
					  r->due.why) :
				  "-" },
		{ .text = r->state.provider ? r->state.provider : "-" },
		{ .text = r->condition, .state = r->mark },
	};

	out_row(t, row_json(r), cells);
}

/* The certificates of the domains that were asked for; without any, all. */
struct asked {
	const char **at; /* certificate names or domains */
	bool *found;
	size_t n;
};

static int asked_read(struct call *c, struct asked *a, struct err *e)
{
	a->n = c->args_n;
	a->at = mem_array(&c->mem, a->n + 1, sizeof(*a->at));
	a->found = mem_array(&c->mem, a->n + 1, sizeof(*a->found));
	for (size_t i = 0; i < a->n; i++)
		if (idn_ascii(&c->mem, str_of(c->args[i]), &a->at[i], e))
			return err_at(e, "%s", c->args[i]);
	return 0;
}

static bool is_asked(struct asked *a, const char *conf_dir, const char *name)
{
	AUTO(store_state) struct store_state st = { 0 };
	struct err ignored = { 0 };
	bool any = !a->n;

	if (a->n)
		(void)store_state_read(conf_dir, name, &st, &ignored);
	for (size_t i = 0; i < a->n; i++)
		if (!strcmp(a->at[i], name) ||
		    (st.domain && !strcmp(a->at[i], st.domain)))
			any = a->found[i] = true;
	return any;
}

static int all_found(const struct asked *a, struct err *e)
{
	for (size_t i = 0; i < a->n; i++)
		if (!a->found[i])
			return err_set(e, ERR_MISSING,
				       "there is no certificate of %s: "
				       "`opsmail ssl %s` gets one",
				       a->at[i], a->at[i]);
	return 0;
}

int cmd_ssl_list(struct call *c, struct err *e)
{
	static const struct out_column columns[] = {
		{ .title = "NAME" },    { .title = "NAMES" },
		{ .title = "CA" },      { .title = "EXPIRES (UTC)" },
		{ .title = "RENEWAL" }, { .title = "PROVIDER" },
		{ .title = "STATE" },
	};
	struct out_table *t;
	struct fs_names names = { 0 };
	const time_t now = clock_now();
	struct asked asked;
	size_t bad = 0;

	if (asked_read(c, &asked, e) ||
	    store_names(c->conf->dir, &c->mem, &names, e))
		return -1;
	t = out_table(c->out, columns, sizeof(columns) / sizeof(columns[0]));
	for (size_t i = 0; i < names.n; i++) {
		struct row r = { 0 };
		struct err why = { 0 };

		if (!is_asked(&asked, c->conf->dir, names.at[i]))
			continue;
		if (row_read(c, names.at[i], now, &r, &why)) {
			out_error(c->out, names.at[i], &why,
				  cmd_status(why.kind));
			bad++;
		} else {
			row_show(c, t, &r);
		}
		store_state_free(&r.state);
	}
	out_table_end(t);
	if (bad)
		return err_set(e, ERR_PARTIAL,
			       "%zu of %zu certificates could not be read", bad,
			       names.n);
	return all_found(&asked, e);
}

int cmd_ssl_import(struct call *c, struct err *e)
{
	struct import_count n = { 0 };
	const bool dry = opt_flag(&c->opts, "dry-run");

	for (size_t i = 0; i < c->args_n; i++)
		if (import_run(c->conf, c->args[i], dry, out_tell(c->out), &n,
			       e))
			return err_at(e, "%s", c->args[i]);
	out_result(c->out, OUT_OK, NULL,
		   "%s%u account%s and %u certificate%s taken over, %u left "
		   "alone",
		   dry ? "dry run: " : "", n.accounts,
		   n.accounts == 1 ? "" : "s", n.certificates,
		   n.certificates == 1 ? "" : "s", n.skipped);
	return 0;
}
