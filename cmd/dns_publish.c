/* opsmail dns plan and dns publish: what the DNS shall say, shown and made so.
 */
#include "cmd/dns_publish.h"

#include <string.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/fs.h"
#include "cmd/dkim.h"
#include "cmd/dns.h"
#include "dns/zonefile.h"
#include "providers/table.h"

enum { GLANCE_MS = 20000 };

/* ---- showing ---- */

static const char *value_text(const struct record *r, struct mem *m)
{
	AUTO(buf) struct buf b = { 0 };

	zonefile_value(&b, r);
	return mem_str(m, buf_c(&b));
}

static json_t *line_json(const struct zones_one *z, const struct plan_line *l,
			 struct mem *m)
{
	char type[16];

	return json_pack(
		"{s:s, s:s, s:s, s:s, s:s, s:I, s:s, s:s*, s:s*, s:s*, s:s*, "
		"s:s*, s:b}",
		"type", "change", "zone", z->name, "change", plan_word(l->word),
		"name", l->record.name, "rrtype",
		dnsmsg_type_name(l->record.type, type), "ttl",
		(json_int_t)l->record.ttl, "value", value_text(&l->record, m),
		"old", l->word == PLAN_UPDATE ? value_text(&l->old, m) : NULL,
		"kind", l->kind, "domain", l->owner, "reason", l->reason,
		"advice", l->advice, "theirs", l->theirs);
}

static enum out_state color_of(const struct plan_line *l)
{
	switch (l->word) {
	case PLAN_CREATE:
		return OUT_OK;
	case PLAN_UPDATE:
	case PLAN_DELETE:
		return OUT_WARN;
	case PLAN_CONFLICT:
		return OUT_FAIL;
	case PLAN_KEEP:
	case PLAN_FOREIGN:
		break;
	}
	return OUT_PLAIN;
}

static const char *reason_of(const struct plan_line *l, struct mem *m)
{
	const char *why = l->advice ? l->advice : l->reason ? l->reason : "";

	if (l->word != PLAN_UPDATE)
		return why;
	return mem_fmt(m, "was %s%s%s", value_text(&l->old, m),
		       *why ? "; " : "", why);
}

static void show_lines(struct call *c, const struct zones_one *z, bool full)
{
	static const struct out_column columns[] = {
		{ .title = "CHANGE" },
		{ .title = "NAME" },
		{ .title = "TTL", .right = true },
		{ .title = "TYPE" },
		{ .title = "VALUE" },
		{ .title = "WHY" },
	};
	struct out_table *t = NULL;

	for (size_t i = 0; i < z->plan.n; i++) {
		const struct plan_line *l = &z->plan.at[i];
		AUTO(buf) struct buf name = { 0 };
		char type[16];

		if (!full && (l->word == PLAN_KEEP || l->word == PLAN_FOREIGN))
			continue;
		if (!t)
			t = out_table(c->out, columns, 6);
		zonefile_name(&name, l->record.name, z->name);

		const struct out_cell cells[] = {
			{ .text = plan_word(l->word), .state = color_of(l) },
			{ .text = buf_c(&name) },
			{ .text = l->record.ttl ? mem_fmt(&c->mem, "%u",
							  l->record.ttl) :
						  "-" },
			{ .text = dnsmsg_type_name(l->record.type, type) },
			{ .text = value_text(&l->record, &c->mem) },
			{ .text = reason_of(l, &c->mem) },
		};

		out_row(t, line_json(z, l, &c->mem), cells);
	}
	if (t)
		out_table_end(t);
}

static void show_zone(struct call *c, const struct zones_one *z, bool full)
{
	const size_t *n = z->plan.count;

	if (!z->wishes.n && !plan_changes(&z->plan))
		return;
	out_line(c->out, "zone %s (%s)", z->name,
		 z->dns ? z->dns->provider->name : "by hand");
	if (!z->dns)
		out_warn(c->out,
			 "%s: %s; what is to be done there is yours: "
			 "`opsmail dns plan --format zone` prints it for a "
			 "person, and the plan says when it was done",
			 z->name, z->by_hand);
	show_lines(c, z, full);
	out_line(c->out,
		 "%s: %zu to create, %zu to update, %zu to delete, %zu in "
		 "conflict; %zu unchanged, %zu of others left alone",
		 z->name, n[PLAN_CREATE], n[PLAN_UPDATE], n[PLAN_DELETE],
		 n[PLAN_CONFLICT], n[PLAN_KEEP], n[PLAN_FOREIGN]);
	out_object(c->out,
		   json_pack("{s:s, s:s, s:s*, s:I, s:I, s:I, s:I, s:I, s:I, "
			     "s:s}",
			     "type", "zone", "name", z->name, "provider",
			     z->dns ? z->dns->provider->name : NULL, "create",
			     (json_int_t)n[PLAN_CREATE], "update",
			     (json_int_t)n[PLAN_UPDATE], "delete",
			     (json_int_t)n[PLAN_DELETE], "conflict",
			     (json_int_t)n[PLAN_CONFLICT], "unchanged",
			     (json_int_t)n[PLAN_KEEP], "foreign",
			     (json_int_t)n[PLAN_FOREIGN], "hash",
			     z->plan.hash));
}

/* What people must know; *stopped: how many domains cannot be published. */
static void show_notes(struct call *c, const struct publish *p, size_t *stopped)
{
	static const enum out_state states[] = {
		[WANT_INFO] = OUT_PLAIN, [WANT_WARN] = OUT_WARN, [WANT_STOP] = OUT_FAIL
	};

	*stopped = 0;
	for (size_t i = 0; i < p->n; i++) {
		const struct publish_domain *d = &p->domains[i];

		*stopped += d->stopped;
		for (size_t k = 0; k < d->notes.n; k++)
			out_result(c->out, states[d->notes.at[k].level],
				   d->domain->shown, "%s: %s",
				   d->notes.at[k].kind, d->notes.at[k].text);
		if (!d->keys.keys.n)
			out_result(c->out, OUT_PLAIN, d->domain->shown,
				   "dkim: `dns publish` makes the first keys "
				   "(or `opsmail dkim keygen %s`, to see their "
				   "records in this plan)",
				   d->domain->name);
	}
}

static size_t conflicts(const struct publish *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->zones.n; i++)
		n += p->zones.at[i]->plan.count[PLAN_CONFLICT];
	return n;
}

static void show_end(struct call *c, const struct publish *p)
{
	const size_t n = publish_changes(p);

	if (!n && !conflicts(p))
		out_line(c->out, "no changes");
	else
		out_line(c->out, "plan %s: %zu change%s", p->hash, n,
			 n == 1 ? "" : "s");
	out_object(c->out, json_pack("{s:s, s:s, s:I, s:I}", "type", "plan",
				     "hash", p->hash, "changes", (json_int_t)n,
				     "conflicts", (json_int_t)conflicts(p)));
}

static void show(struct call *c, const struct publish *p, size_t *stopped)
{
	const bool full = opt_flag(&c->opts, "full");

	for (size_t i = 0; i < p->zones.n; i++)
		show_zone(c, p->zones.at[i], full);
	show_notes(c, p, stopped);
	show_end(c, p);
}

/* ---- what it is all made from ---- */

static int named(struct call *c, struct conf_list *out, struct err *e)
{
	for (size_t i = 0; i < c->args_n; i++) {
		struct conf_domain *d;

		if (conf_domain(c->conf, c->args[i], &d, e))
			return -1;
		conf_list_once(out, &c->mem, str_of(d->name));
	}
	return 0;
}

/* NAME/TYPE, in the form that plans have it. */
static int taken(struct call *c, struct conf_list *out, struct err *e)
{
	const char *given;

	for (size_t i = 0; (given = opt_nth(&c->opts, "take-over", i)); i++) {
		const char *slash = strrchr(given, '/');
		uint16_t type;
		char name[16];

		if (!slash || dnsmsg_type_parse(str_of(slash + 1), &type))
			return err_set(e, ERR_USAGE,
				       "--take-over wants NAME/TYPE, as in "
				       "_dmarc.example.org/TXT, not \"%s\"",
				       given);
		conf_list_once(out, &c->mem,
			       str_of(mem_fmt(&c->mem, "%.*s/%s",
					      (int)(slash - given), given,
					      dnsmsg_type_name(type, name))));
	}
	return 0;
}

int cmd_publish_how(struct call *c, const struct conf_list *domains,
		    struct publish_how *how, struct err *e)
{
	struct conf_list *none = MEM_NEW(&c->mem, struct conf_list);

	*how = (struct publish_how){
		.conf = c->conf,
		.find = provider_find,
		.tell = out_tell(c->out),
		.domains = domains,
		.take_over = none,
		.spki = none,
		.accounts = none,
		.now = clock_now(),
	};
	if (cmd_machine(c, how, e))
		return -1;
	return resolver_open_secure(c->conf->resolver, c->conf->trust_anchor,
				    &how->resolver, e);
}

/* From the command line to a plan. */
struct job {
	struct conf_list domains, take_over;
	struct publish_how how;
	struct publish publish;
};

static int begin(struct call *c, struct job *j, struct err *e)
{
	*j = (struct job){ 0 };
	if (named(c, &j->domains, e) || taken(c, &j->take_over, e) ||
	    cmd_publish_how(c, &j->domains, &j->how, e))
		return -1;
	j->how.take_over = &j->take_over;
	return 0;
}

static void end(struct job *j)
{
	publish_free(&j->publish);
	resolver_close(j->how.resolver);
}

/* ---- dns plan ---- */

/* The records that shall be there, for other programs. */
static int print_as(struct call *c, const struct publish *p, const char *format,
		    struct err *e)
{
	for (size_t i = 0; i < p->zones.n; i++) {
		const struct zones_one *z = p->zones.at[i];
		struct records want = { 0 };

		for (size_t k = 0; k < z->plan.n; k++) {
			struct record r = z->plan.at[k].record;

			if (z->plan.at[k].word == PLAN_CREATE ||
			    z->plan.at[k].word == PLAN_UPDATE ||
			    z->plan.at[k].word == PLAN_KEEP) {
				if (zonefile_check(z->name, &r, &c->mem, e))
					return -1;
				records_add(&want, &c->mem, &r);
			}
		}
		zonefile_sort(&want);
		if (want.n &&
		    cmd_dns_print(c, z->name,
				  z->dns ? z->dns->provider->name : "none",
				  format, &want, e))
			return -1;
	}
	return 0;
}

int cmd_dns_plan(struct call *c, struct err *e)
{
	const char *format = opt_text(&c->opts, "format");
	struct job j;
	size_t stopped;
	int status = -1;

	if (begin(c, &j, e) == 0 && publish_look(&j.how, &j.publish, e) == 0) {
		status = 0;
		if (format && strcmp(format, "table") != 0)
			status = print_as(c, &j.publish, format, e);
		else
			show(c, &j.publish, &stopped);
		if (status == 0 && opt_flag(&c->opts, "detailed-exitcode") &&
		    publish_changes(&j.publish)) {
			e->kind = ERR_PENDING;
			status = -1;
		}
	}
	end(&j);
	return status;
}

/* ---- dns publish ---- */

/* Keys before the plan: their records are a part of it, and those whose time
 * has come move on first. */
static int first_keys(struct call *c, const struct job *j, struct err *e)
{
	for (size_t i = 0; i < c->conf->domains_n; i++) {
		const char *name = c->conf->domains[i].name;
		AUTO(keys) struct keys k = { 0 };
		const bool mine = !j->domains.n ||
				  conf_list_has(&j->domains, str_of(name));

		if (mine && (keys_load(c->conf, name, j->how.now, &k, e) ||
			     keys_ensure(&k, j->how.now, e) ||
			     keys_advance(&k, &rotate_default, j->how.now, e)))
			return err_at(e, "%s", name);
	}
	return 0;
}

static int expected(struct call *c, const struct publish *p, struct err *e)
{
	const char *hash = opt_text(&c->opts, "expect");

	if (!hash || !strcmp(hash, p->hash))
		return 0;
	return err_set(e, ERR_CHANGED,
		       "the plan is %s, not %s: nothing was written; look at "
		       "`opsmail dns plan` again",
		       p->hash, hash);
}

/* Zones whose plan looks like a mistake. */
static int plausible(struct call *c, const struct publish *p, struct err *e)
{
	for (size_t i = 0; i < p->zones.n && !opt_flag(&c->opts, "force"); i++)
		if (p->zones.at[i]->dns && plan_check(&p->zones.at[i]->plan, e))
			return -1;
	return 0;
}

/* What would be done by us: the rest is a person's, or not allowed. */
static size_t doable(const struct publish *p, bool allow_delete)
{
	size_t n = 0;

	for (size_t i = 0; i < p->zones.n; i++) {
		const struct zones_one *z = p->zones.at[i];

		for (size_t k = 0; z->dns && k < z->plan.n; k++)
			n += publish_may(&z->plan.at[k], allow_delete);
	}
	return n;
}

static void say_rest(struct call *c, const struct publish *p, size_t kept)
{
	if (kept)
		out_warn(c->out,
			 "%zu value%s of ours that nobody wants stay%s: "
			 "--allow-delete removes them",
			 kept, kept == 1 ? "" : "s", kept == 1 ? "s" : "");
	if (conflicts(p))
		out_warn(c->out,
			 "%zu value%s could not be written beside what others "
			 "have there: see the plan",
			 conflicts(p), conflicts(p) == 1 ? "" : "s");
}

static int write_it(struct call *c, struct job *j, struct err *e)
{
	struct publish *p = &j->publish;
	struct publish_run run = {
		.id = publish_id(j->how.now, p->hash, &c->mem),
		.allow_delete = opt_flag(&c->opts, "allow-delete"),
	};

	if (publish_look_again(p, e) || publish_apply(p, &run, e))
		return -1;
	out_result(c->out, OUT_OK, NULL,
		   "published: %zu change%s, run %s (`opsmail dns undo %s` "
		   "takes %s back)",
		   run.done, run.done == 1 ? "" : "s", run.id, run.id,
		   run.done == 1 ? "it" : "them");
	out_object(c->out,
		   json_pack("{s:s, s:s, s:I, s:I}", "type", "published", "id",
			     run.id, "done", (json_int_t)run.done, "kept",
			     (json_int_t)run.kept));
	say_rest(c, p, run.kept);
	return 0;
}

int cmd_publish_tell(struct call *c, struct keys *k, time_t now, struct err *e)
{
	if (!k->reload)
		return 0;
	return cmd_dkim_reload(c, k->domain, e) || keys_told(k, now, e) ? -1 :
									  0;
}

static int tell_servers(struct call *c, struct publish *p, struct err *e)
{
	for (size_t i = 0; i < p->n; i++)
		if (cmd_publish_tell(c, &p->domains[i].keys, p->how.now, e))
			return -1;
	return 0;
}

int cmd_publish_wait(struct call *c, struct publish *p, int64_t limit_ms,
		     struct err *e)
{
	struct err late = { 0 };

	if (publish_wait(p, limit_ms, &late) && late.kind != ERR_TIMEOUT) {
		*e = late;
		return -1;
	}
	if (tell_servers(c, p, e))
		return -1;
	if (!late.kind)
		return 0;
	*e = late;
	return -1;
}

/* Without --wait a short look: what is not seen yet is said, and is no fault.
 */
static int prove(struct call *c, struct job *j, struct err *e)
{
	const bool wait = opt_flag(&c->opts, "wait");
	const int64_t limit =
		wait ? (int64_t)c->conf->acme.propagation_s * 1000 : GLANCE_MS;

	if (cmd_publish_wait(c, &j->publish, limit, e) == 0) {
		out_result(c->out, OUT_OK, NULL,
			   "every authoritative server shows it");
		return 0;
	}
	if (wait || e->kind != ERR_TIMEOUT)
		return -1;
	out_warn(c->out,
		 "%s; `opsmail dns publish --wait` waits until all servers "
		 "have it",
		 e->msg);
	*e = (struct err){ 0 };
	return 0;
}

static int publish_it(struct call *c, struct job *j, struct err *e)
{
	const bool dry = opt_flag(&c->opts, "dry-run");
	struct publish *p = &j->publish;
	size_t stopped = 0, n;
	bool yes = false;

	if ((!dry && first_keys(c, j, e)) || publish_look(&j->how, p, e))
		return -1;
	show(c, p, &stopped);
	n = doable(p, opt_flag(&c->opts, "allow-delete"));
	if (expected(c, p, e) || (n && plausible(c, p, e)))
		return -1;
	if (n && !dry) {
		if (out_ask(c->out, &yes, e, "Write %zu change%s?", n,
			    n == 1 ? "" : "s"))
			return -1;
		if (!yes)
			return err_set(e, ERR_STOPPED, "nothing was written");
		if (write_it(c, j, e))
			return -1;
	} else if (!dry) {
		say_rest(c, p, p->zones.n ? publish_changes(p) - n : 0);
	}
	if (!dry && prove(c, j, e))
		return -1;
	if (stopped)
		return err_set(e, ERR_CONF,
			       "%zu domain%s could not be published: see above",
			       stopped, stopped == 1 ? "" : "s");
	return 0;
}

int cmd_dns_publish(struct call *c, struct err *e)
{
	AUTO(fd) int lock = -1;
	struct job j;
	int status = -1;

	if (fs_mkdir(mem_fmt(&c->mem, "%s/journal", c->conf->dir), 0700, e) ||
	    fs_lock(mem_fmt(&c->mem, "%s/journal/publish.lock", c->conf->dir),
		    0, &lock, e))
		return -1;
	if (begin(c, &j, e) == 0)
		status = publish_it(c, &j, e);
	end(&j);
	return status;
}
