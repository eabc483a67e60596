#include "cmd/cmd.h"

#include <string.h>

#include "base/auto.h"
#include "base/fs.h"
#include "base/idn.h"
#include "cmd/place.h"
#include "mail/addr.h"
#include "relay/local.h"

enum { LOCK_MS = 10000 };

/* One alias of one file, for the length of a command. */
struct work {
	struct call *c;
	struct place place;
	struct alias_rules rules;
	struct place_address who;
	const char *path;
};

static int open_work(struct call *c, struct work *w, struct err *e)
{
	*w = (struct work){ .c = c };
	if (place_open(c, &w->place, e) ||
	    place_address(c, &w->place, c->args[0], &w->who, e))
		return -1;
	w->rules = (struct alias_rules){ w->place.conf.suffix_separators,
					 w->place.conf.drop_characters };
	w->path = mem_fmt(&c->mem, "%s/aliases", w->who.folder);
	return 0;
}

static int read_text(const char *path, struct buf *text, struct err *e)
{
	struct err why = { 0 };

	text->max = ALIAS_FILE_MAX;
	if (!fs_read(path, text, &why) || why.kind == ERR_MISSING)
		return 0;
	*e = why;
	return -1;
}

static int write_change(struct work *w, const struct alias_change *change,
			bool dry, bool *changed, struct err *e)
{
	AUTO(buf) struct buf old = { 0 }, new = { .max = ALIAS_FILE_MAX };
	AUTO(fd) int lock = -1;

	if (!dry && fs_lock_folder(w->who.folder, LOCK_MS, &lock, e))
		return -1;
	if (read_text(w->path, &old, e) ||
	    alias_edit(buf_get(&old), w->path, w->who.domain, &w->rules, change,
		       &new, e))
		return -1;
	*changed = !str_same(buf_get(&old), buf_get(&new));
	return !dry && *changed ? fs_rewrite(w->path, buf_get(&new), 0644, e) :
				  0;
}

static int edit(struct work *w, enum alias_edit how, struct err *e)
{
	struct call *c = w->c;
	const struct alias_change change = {
		.how = how,
		.name = w->who.local,
		.targets = c->args + 1,
		.n = c->args_n - 1,
	};
	bool dry = opt_flag(&c->opts, "dry-run"), changed;

	if (!dry && how != ALIAS_REMOVE && place_folder(c, &w->who, e))
		return -1;
	if (how == ALIAS_REMOVE && !fs_is_dir(w->who.folder))
		return err_set(e, ERR_MISSING, "%s is no domain of ours",
			       w->who.domain);
	if (write_change(w, &change, dry, &changed, e))
		return -1;
	if (!changed)
		out_result(c->out, OUT_SKIP, w->who.shown, "is so already");
	else
		out_result(c->out, dry ? OUT_PLAIN : OUT_OK, w->who.shown,
			   "%s%s %s", dry ? "would be " : "",
			   how == ALIAS_REMOVE ? "removed from" : "written to",
			   w->path);
	return 0;
}

static int change(struct call *c, enum alias_edit how, struct err *e)
{
	struct work w;
	int rc = open_work(c, &w, e) || edit(&w, how, e) ? -1 : 0;

	chasquid_free(&w.place.conf);
	return rc;
}

int cmd_alias_add(struct call *c, struct err *e)
{
	return change(c,
		      opt_flag(&c->opts, "replace") ? ALIAS_REPLACE : ALIAS_ADD,
		      e);
}

int cmd_alias_remove(struct call *c, struct err *e)
{
	return change(c, ALIAS_REMOVE, e);
}

static json_t *target_json(struct call *c, const struct alias_target *t)
{
	static const char *const kinds[] = {
		[ALIAS_EMAIL] = "email",
		[ALIAS_PIPE] = "pipe",
		[ALIAS_FORWARD] = "forward",
	};
	json_t *o = json_pack("{s:s}", "kind", kinds[t->kind]), *via;

	if (t->kind == ALIAS_PIPE) {
		json_object_set_new(o, "command", out_utf8(t->command));
		return o;
	}
	json_object_set_new(o, "address",
			    out_utf8(mem_fmt(&c->mem, "%s@%s", t->local,
					     idn_shown(&c->mem, t->domain))));
	if (t->kind == ALIAS_EMAIL)
		return o;
	via = json_array();
	for (size_t i = 0; i < t->via_n; i++)
		json_array_append_new(via, out_utf8(t->via[i]));
	json_object_set_new(o, "via", via);
	return o;
}

static void list_alias(struct call *c, struct out_table *t, const char *shown,
		       const struct alias *a)
{
	const char *who = mem_fmt(&c->mem, "%s@%s", a->name, shown);
	const char **to = mem_array(&c->mem, a->to.n + 1, sizeof(*to));
	json_t *targets = json_array();

	for (size_t i = 0; i < a->to.n; i++) {
		to[i] = alias_target_text(&c->mem, &a->to.at[i]);
		json_array_append_new(targets, target_json(c, &a->to.at[i]));
	}
	const struct out_cell cells[] = {
		{ .text = who },
		{ .text = mem_join(&c->mem, to, a->to.n, ", ") },
	};

	out_row(t,
		json_pack("{s:s, s:o, s:o}", "type", "alias", "alias",
			  out_utf8(who), "to", targets),
		cells);
}

static int list_domain(struct call *c, const struct alias_rules *rules,
		       const struct chasquid_domain *d, struct out_table *t,
		       struct err *e)
{
	AUTO(buf) struct buf text = { 0 };
	const char *path = mem_fmt(&c->mem, "%s/aliases", d->folder);
	struct aliases aliases = { 0 };
	int rc = read_text(path, &text, e) ||
				 alias_parse(buf_get(&text), path, d->name,
					     rules, &aliases, e) ?
			 -1 :
			 0;

	for (size_t i = 0; i < aliases.n && !rc; i++)
		list_alias(c, t, idn_shown(&c->mem, d->name), &aliases.at[i]);
	alias_free(&aliases);
	return rc;
}

static int list(struct call *c, const struct place *p, struct err *e)
{
	static const struct out_column columns[] = {
		{ .title = "ALIAS" },
		{ .title = "TO" },
	};
	const struct alias_rules rules = { p->conf.suffix_separators,
					   p->conf.drop_characters };
	struct chasquid_domains all;
	struct out_table *t;
	int rc = 0;

	if (place_domains(c, p, &all, e))
		return -1;
	t = out_table(c->out, columns, 2);
	for (size_t i = 0; i < all.n && !rc; i++)
		rc = list_domain(c, &rules, &all.at[i], t, e);
	out_table_end(t);
	return rc;
}

int cmd_alias_list(struct call *c, struct err *e)
{
	struct place p;
	int rc = place_open(c, &p, e) || list(c, &p, e) ? -1 : 0;

	chasquid_free(&p.conf);
	return rc;
}

/* The hook is run; whether dovecot knows a user is not asked here. */
static int answer(const struct local *l, struct alias_asks *asks, struct err *e)
{
	struct alias_ask *last = &asks->at[asks->n - 1];

	if (last->what == ALIAS_ASK_HOOK)
		return local_hook(l, asks, e);
	alias_answer_user(last, false);
	return 0;
}

/* Where mail to it goes, and whether it is taken at all; a remote address is,
 * by whoever has it. */
static int walk(struct call *c, const struct local *l, const struct addr *a,
		struct alias_targets *to, bool *taken, struct err *e)
{
	struct alias_asks asks = { 0 };
	const char *local = a->local.at, *domain = a->domain.at;
	enum alias_step s;
	int rc = 0;

	while (!rc && (s = alias_resolve(&l->world, local, domain, &asks,
					 &c->mem, to, e)) != ALIAS_DONE)
		rc = s == ALIAS_FAILED ? -1 : answer(l, &asks, e);
	*taken = !alias_domain_find(&l->world, domain);
	while (!rc && !*taken &&
	       (s = alias_exists(&l->world, local, domain, &asks, taken, e)) !=
		       ALIAS_DONE)
		rc = s == ALIAS_FAILED ? -1 : answer(l, &asks, e);
	mem_free(&asks.mem);
	return rc;
}

static int resolve(struct call *c, const struct local *l, const char *text,
		   struct out_table *t, struct err *e)
{
	struct addr a = addr_split(str_of(text)), normal;
	struct alias_targets to;
	bool taken;

	if (!a.domain.n)
		return err_set(e, ERR_USAGE, "\"%s\" is no address", text);
	if (addr_normal(&c->mem, &a, &normal, e)) {
		e->kind = ERR_USAGE;
		return -1;
	}
	if (walk(c, l, &normal, &to, &taken, e))
		return -1;
	for (size_t i = 0; i < to.n; i++) {
		const struct out_cell cells[] = {
			{ .text = text },
			{ .text = alias_target_text(&c->mem, &to.at[i]) },
		};
		json_t *o = target_json(c, &to.at[i]);

		json_object_set_new(o, "type", json_string("recipient"));
		json_object_set_new(o, "of", out_utf8(text));
		out_row(t, o, cells);
	}
	if (!taken)
		out_warn(c->out, "%s: nobody has this address%s", text,
			 l->world.fallback ? ", unless dovecot knows it" : "");
	return 0;
}

static int resolve_all(struct call *c, const struct local *l, struct err *e)
{
	static const struct out_column columns[] = {
		{ .title = "ADDRESS" },
		{ .title = "GOES TO" },
	};
	struct out_table *t = out_table(c->out, columns, 2);
	int rc = 0;

	for (size_t i = 0; i < c->args_n && !rc; i++)
		rc = resolve(c, l, c->args[i], t, e);
	out_table_end(t);
	return rc;
}

int cmd_alias_resolve(struct call *c, struct err *e)
{
	struct place p;
	struct local l = { 0 };
	int rc = place_open(c, &p, e) || local_read(p.dir, &p.conf, &l, e) ||
				 resolve_all(c, &l, e) ?
			 -1 :
			 0;

	chasquid_free(&p.conf);
	local_free(&l);
	return rc;
}
