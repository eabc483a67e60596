#include "cmd/dkim.h"

#include <string.h>

#include "acme/reload.h"
#include "base/auto.h"
#include "base/clock.h"
#include "cmd/dns.h"
#include "conf/schema.h"

int cmd_dkim_reload(struct call *c, const char *domain, struct err *e)
{
	const struct conf_setting *server =
		schema_setting(c->conf, "mail_server");
	struct conf_domain *d;

	if (!server || strcmp(server->value, "chasquid") != 0)
		return 0;
	if (conf_domain(c->conf, domain, &d, e))
		return -1;

	struct reload_item item = {
		.name = d->name,
		.domain = d->name,
		.dir = mem_fmt(&c->mem, "%s/acme/live/%s", c->conf->dir,
			       d->name),
		.limit_ms = (int64_t)d->acme.reload_s * 1000,
	};

	reload_run(c->conf->dir, &item, 1, out_tell(c->out), &c->mem);
	if (item.status)
		return err_set(e, ERR_PARTIAL,
			       "the keys of %s are in place, but the mail "
			       "server was not told: %s; mend the script and "
			       "run again",
			       d->name, item.why);
	if (item.ran)
		out_result(c->out, OUT_OK, d->name,
			   "reloaded by %s/reload/%s.sh", c->conf->dir,
			   d->name);
	return 0;
}

static const char *next_wait(struct call *c, const struct keys *k, size_t i,
			     time_t when)
{
	static const char *const words[ROTATE_STATES] = {
		[ROTATE_PENDING] = "put to work",
		[ROTATE_ACTIVE] = "replaced",
		[ROTATE_RETIRING] = "revoked",
		[ROTATE_REVOKED] = "deleted",
		[ROTATE_GONE] = "",
	};
	const struct rotate_key *x = &k->keys.at[i];
	char text[CLOCK_TEXT];

	if (when) {
		clock_text(when, text);
		return mem_fmt(&c->mem, "%s from %.10s %.5s UTC",
			       words[x->state], text, text + 11);
	}
	switch (x->state) {
	case ROTATE_PENDING:
		return "put to work after an RSA key";
	case ROTATE_ACTIVE:
		return "revoked as soon as another is active";
	case ROTATE_RETIRING:
	case ROTATE_REVOKED:
	case ROTATE_GONE:
		break;
	}
	return "-";
}

const char *cmd_dkim_next(struct call *c, const struct keys *k, size_t i)
{
	const struct rotate_step s =
		rotate_next(&k->keys, i, &rotate_default, clock_now());

	switch (s.what) {
	case ROTATE_WAIT:
		return next_wait(c, k, i, s.when);
	case ROTATE_PUBLISH:
		return "publish its record";
	case ROTATE_LIVE:
		return "put it to work";
	case ROTATE_RETIRE:
		return "take it out of work";
	case ROTATE_REVOKE:
		return "revoke it";
	case ROTATE_DELETE:
		return "delete its record and destroy it";
	}
	return "-";
}

const char *cmd_dkim_kind(enum dkimkey_type t)
{
	return t == DKIMKEY_RSA ? "rsa" : "ed25519";
}

static const char *time_or_null(struct mem *m, time_t t)
{
	char text[CLOCK_TEXT];

	return t ? mem_str(m, clock_text(t, text)) : NULL;
}

/* Strings of a TXT record, as servers of names want them cut. */
static json_t *pieces(struct str value)
{
	json_t *list = json_array();

	do {
		const size_t n = value.n < 255 ? value.n : 255;

		json_array_append_new(list, json_stringn(value.at, n));
		value.at += n;
		value.n -= n;
	} while (value.n);
	return list;
}

/* What shall be published of it, or was. */
static struct str value_of(struct call *c, const struct keys *k,
			   const struct rotate_key *x)
{
	size_t n;
	const struct want_key *all = keys_wanted(k, &c->mem, &n);

	for (size_t i = 0; i < n; i++)
		if (!strcmp(all[i].selector, x->selector))
			return all[i].value;
	return str_of(x->record);
}

/* The record, as a value and as a zone file has it. */
static struct record record_of(struct call *c, const struct keys *k,
			       const struct rotate_key *x)
{
	return (struct record){
		.name = keys_name(k, x->selector, &c->mem),
		.type = DNS_TXT,
		.value = value_of(c, k, x),
	};
}

static const char *zone_line(struct call *c, const struct record *r)
{
	AUTO(buf) struct buf b = { 0 };

	buf_fmt(&b, "%s. 3600 IN TXT ", r->name);
	record_quote_txt(&b, r->value);
	return mem_str(&c->mem, buf_c(&b));
}

json_t *cmd_dkim_json(struct call *c, const struct keys *k,
		      const struct rotate_key *x)
{
	const struct record r = record_of(c, k, x);
	AUTO(buf) struct buf quoted = { 0 };

	record_quote_txt(&quoted, r.value);
	return json_pack(
		"{s:s, s:s, s:s, s:s, s:s, s:s?, s:s?, s:s?, s:b, s:b, s:s, "
		"s:s, s:s, s:s, s:o, s:s, s:s}",
		"type", "dkim", "domain", k->domain, "selector", x->selector,
		"kind", cmd_dkim_kind(x->type), "state", rotate_word(x->state),
		"made", time_or_null(&c->mem, x->made), "since",
		time_or_null(&c->mem, x->since), "seen",
		time_or_null(&c->mem, x->seen), "adopted", x->adopted,
		"revoked", x->leaked, "next",
		cmd_dkim_next(c, k, (size_t)(x - k->keys.at)), "name", r.name,
		"relative", mem_fmt(&c->mem, "%s._domainkey", x->selector),
		"value", r.value.at, "pieces", pieces(r.value), "quoted",
		buf_c(&quoted), "line", zone_line(c, &r));
}

/* ---- dkim show ---- */

static void show_all(struct call *c, const struct keys *k)
{
	static const struct out_column columns[] = {
		{ .title = "SELECTOR" }, { .title = "KIND" },
		{ .title = "STATE" },    { .title = "SINCE" },
		{ .title = "NEXT" },
	};
	struct out_table *t = out_table(c->out, columns, 5);

	for (size_t i = 0; i < k->keys.n; i++) {
		const struct rotate_key *x = &k->keys.at[i];
		char since[CLOCK_TEXT];

		clock_text(x->since, since);

		const struct out_cell cells[] = {
			{ .text = x->selector },
			{ .text = cmd_dkim_kind(x->type) },
			{ .text = rotate_word(x->state) },
			{ .text = mem_fmt(&c->mem, "%.10s", since) },
			{ .text = cmd_dkim_next(c, k, i) },
		};

		out_row(t, cmd_dkim_json(c, k, x), cells);
	}
	out_table_end(t);
}

/* Each panel asks for the name and the value in its own way. */
static void show_one(struct call *c, const struct keys *k,
		     const struct rotate_key *x)
{
	const struct record r = record_of(c, k, x);
	AUTO(buf) struct buf quoted = { 0 };

	record_quote_txt(&quoted, r.value);
	out_line(c->out, "%s: %s key, %s; next: %s", x->selector,
		 cmd_dkim_kind(x->type), rotate_word(x->state),
		 cmd_dkim_next(c, k, (size_t)(x - k->keys.at)));
	out_line(c->out, "Type, and name without and with the domain:");
	out_line(c->out, "  TXT");
	out_line(c->out, "  %s._domainkey", x->selector);
	out_line(c->out, "  %s.", r.name);
	out_line(c->out, "Value as one string:");
	out_line(c->out, "  %s", r.value.at);
	out_line(c->out, "Value as strings of at most 255 bytes:");
	out_line(c->out, "  %s", buf_c(&quoted));
	out_line(c->out, "Line of a zone file:");
	out_line(c->out, "  %s", zone_line(c, &r));
	out_object(c->out, cmd_dkim_json(c, k, x));
}

static int no_key(const struct keys *k, const char *selector, struct err *e)
{
	if (selector)
		return err_set(e, ERR_MISSING,
			       "%s has no DKIM key %s: `opsmail dkim show %s` "
			       "lists them",
			       k->domain, selector, k->domain);
	return err_set(e, ERR_MISSING,
		       "%s has no DKIM key: `opsmail dkim keygen %s` makes "
		       "some, `opsmail dns publish` makes and publishes them",
		       k->domain, k->domain);
}

int cmd_dkim_show(struct call *c, struct err *e)
{
	const char *selector = c->args_n > 1 ? c->args[1] : NULL;
	AUTO(keys) struct keys k = { 0 };
	const struct rotate_key *x;
	struct conf_domain *d;

	if (conf_domain(c->conf, c->args[0], &d, e) ||
	    keys_load(c->conf, d->name, clock_now(), &k, e))
		return -1;
	x = selector ? keys_find(&k, selector) : k.keys.at;
	if (!k.keys.n || !x)
		return no_key(&k, selector, e);
	if (selector)
		show_one(c, &k, x);
	else
		show_all(c, &k);
	return 0;
}

/* ---- dkim keygen ---- */

static bool is_new(const struct conf_list *before, const char *selector)
{
	for (size_t i = 0; i < before->n; i++)
		if (!strcmp(before->at[i], selector))
			return false;
	return true;
}

/* Those that are pending, new or not. */
static void say_pending(struct call *c, const struct keys *k, const char *shown,
			const struct conf_list *before)
{
	for (size_t i = 0; i < k->keys.n; i++) {
		const struct rotate_key *x = &k->keys.at[i];

		if (x->state != ROTATE_PENDING)
			continue;
		out_result(c->out, OUT_OK, shown,
			   "%s key %s %s; `opsmail dns publish %s` publishes "
			   "its record",
			   cmd_dkim_kind(x->type), x->selector,
			   is_new(before, x->selector) ? "made" :
							 "is pending already",
			   k->domain);
		out_object(c->out, cmd_dkim_json(c, k, x));
	}
}

static void say_would(struct call *c, const struct keys *k, const char *shown)
{
	static const enum dkimkey_type pair[] = { DKIMKEY_RSA,
						  DKIMKEY_ED25519 };

	for (size_t t = 0; t < 2; t++) {
		const char *pending = NULL;

		for (size_t i = 0; i < k->keys.n; i++)
			if (k->keys.at[i].type == pair[t] &&
			    k->keys.at[i].state == ROTATE_PENDING)
				pending = k->keys.at[i].selector;
		if (pending)
			out_result(c->out, OUT_OK, shown,
				   "%s key %s is pending already",
				   cmd_dkim_kind(pair[t]), pending);
		else
			out_result(c->out, OUT_OK, shown,
				   "dry run: an %s key would be made",
				   cmd_dkim_kind(pair[t]));
	}
}

static int keygen(struct call *c, const char *name, struct err *e)
{
	AUTO(keys) struct keys k = { 0 };
	struct conf_list before = { 0 };
	const time_t now = clock_now();
	struct conf_domain *d;

	if (conf_domain(c->conf, name, &d, e) ||
	    keys_load(c->conf, d->name, now, &k, e))
		return -1;
	if (opt_flag(&c->opts, "dry-run")) {
		say_would(c, &k, d->shown);
		return 0;
	}
	for (size_t i = 0; i < k.keys.n; i++)
		conf_list_once(&before, &c->mem, str_of(k.keys.at[i].selector));
	if (keys_make(&k, false, now, e))
		return err_at(e, "%s", d->shown);
	say_pending(c, &k, d->shown, &before);
	return 0;
}

int cmd_dkim_keygen(struct call *c, struct err *e)
{
	for (size_t i = 0; i < c->args_n; i++)
		if (keygen(c, c->args[i], e))
			return -1;
	return 0;
}
