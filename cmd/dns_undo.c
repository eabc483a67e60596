/* opsmail dns undo: one run of publish, taken back. */
#include <string.h>

#include "base/clock.h"
#include "cmd/dns_publish.h"
#include "dns/zonefile.h"
#include "providers/table.h"
#include "publish/undo.h"

static void row(struct out_table *t, const struct undo_set *s,
		const struct record *r, const char *word)
{
	AUTO(buf) struct buf value = { 0 };
	char type[16];

	zonefile_value(&value, r);

	const struct out_cell cells[] = {
		{ .text = s->skipped ? "skip" : word },
		{ .text = r->name },
		{ .text = dnsmsg_type_name(r->type, type) },
		{ .text = buf_c(&value) },
		{ .text = s->skipped ? s->skipped : "" },
	};

	out_row(t,
		json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s*}", "type",
			  "undo", "change", word, "zone", s->zone, "name",
			  r->name, "rrtype", type, "value", buf_c(&value),
			  "skipped", s->skipped),
		cells);
}

static size_t show(struct call *c, const struct undo *u)
{
	static const struct out_column columns[] = {
		{ .title = "CHANGE" }, { .title = "NAME" }, { .title = "TYPE" },
		{ .title = "VALUE" },  { .title = "WHY" },
	};
	struct out_table *t = out_table(c->out, columns, 5);
	size_t n = 0;

	for (size_t i = 0; i < u->n; i++) {
		const struct undo_set *s = &u->at[i];

		for (size_t k = 0; k < s->mine.n; k++)
			row(t, s, &s->mine.at[k], "bring back");
		for (size_t k = 0; k < s->theirs.n; k++)
			row(t, s, &s->theirs.at[k], "bring back");
		for (size_t k = 0; k < s->del.n; k++)
			row(t, s, &s->del.at[k], "take away");
		n += !s->skipped;
	}
	out_table_end(t);
	return n;
}

static int undo(struct call *c, struct zones *z, struct err *e)
{
	const char *id = c->args_n ? c->args[0] : NULL;
	const time_t now = clock_now();
	struct undo u;
	bool yes = false;
	size_t done;

	if ((!id && undo_last(c->conf, &c->mem, &id, e)) ||
	    undo_look(z, id, now, &u, e))
		return -1;
	out_line(c->out, "run %s", id);
	if (!show(c, &u)) {
		out_line(c->out, "nothing to take back");
		return 0;
	}
	if (opt_flag(&c->opts, "dry-run"))
		return 0;
	if (out_ask(c->out, &yes, e, "Take run %s back?", id))
		return -1;
	if (!yes)
		return err_set(e, ERR_STOPPED, "nothing was written");
	if (undo_apply(z, &u, publish_id(now, "undo", &c->mem), &done, e))
		return -1;
	out_result(c->out, OUT_OK, NULL,
		   "%zu value%s of run %s taken back; `opsmail dns plan` shows "
		   "what the configuration wants",
		   done, done == 1 ? "" : "s", id);
	return 0;
}

int cmd_dns_undo(struct call *c, struct err *e)
{
	AUTO(resolver) struct resolver *r = NULL;
	struct zones z = { .conf = c->conf,
			   .find = provider_find,
			   .tell = out_tell(c->out) };
	int status;

	if (resolver_open_secure(c->conf->resolver, c->conf->trust_anchor, &r,
				 e))
		return -1;
	z.resolver = r;
	status = undo(c, &z, e);
	zones_free(&z);
	return status;
}
