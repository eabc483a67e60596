/* opsmail rdns: the names of the addresses that mail leaves from. */
#include "host/rdns.h"

#include <string.h>

#include "base/auto.h"
#include "cmd/cmd.h"
#include "net/ip.h"
#include "providers/table.h"

/* Without --wait: a server that is down is waited for, but for a while. */
enum { GLANCE_MS = 5000, FORWARD_MS = 15000 };

/* One command's work. */
struct work {
	struct call *call;
	struct rdns rdns;
	struct conf_list addresses;
	const char *want; /* the host's name */
	bool wait, restore;
};
/* One address and what becomes of it. */
struct job {
	struct rdns_view view;
	enum rdns_word word;
	const char *reason;
	const char *will; /* be there; "": the hoster's own or none */
	struct err why;   /* kind: it cannot be done */
	bool done;
};

static const char *listed(const struct conf_list *l, struct mem *m)
{
	return l->n ? mem_join(m, l->at, l->n, ", ") : "-";
}

static json_t *names_json(const struct conf_list *l)
{
	json_t *list = json_array();

	for (size_t i = 0; i < l->n; i++)
		json_array_append_new(list, out_utf8(l->at[i]));
	return list;
}

/* ---- opening ---- */
static int open_all(struct call *c, struct work *w, struct err *e)
{
	const struct conf_dns *settings = &c->conf->rdns;

	w->call = c;
	w->want = c->conf->hostname;
	w->wait = opt_flag(&c->opts, "wait");
	w->restore = opt_flag(&c->opts, "restore");
	w->rdns = (struct rdns){ .conf = c->conf, .tell = out_tell(c->out) };
	if (!c->args_n && rdns_addresses(c->conf, &c->mem, &w->addresses, e))
		return -1;
	if (c->args_n)
		w->addresses = (struct conf_list){ c->args, c->args_n, 0 };
	if (settings->provider) {
		w->rdns.provider =
			provider_find(c->conf, settings->provider, &c->mem, e);
		if (!w->rdns.provider)
			return -1;
	}
	return resolver_open(c->conf->resolver, &w->rdns.resolver, e) ||
			       rdns_open(&w->rdns, e) ?
		       -1 :
		       0;
}

static void close_all(struct work *w)
{
	rdns_close(&w->rdns);
	resolver_close(w->rdns.resolver);
}

/* ---- show ---- */
static enum out_state state_of(const struct work *w, const struct rdns_view *v,
			       const char **word)
{
	const bool live = conf_list_has(&v->live, str_of(w->want));

	*word = v->trouble                                ? "unknown" :
		live && v->live.n == 1 && v->confirmed    ? "ok" :
		live && !v->confirmed                     ? "one-way" :
		live                                      ? "several" :
		conf_list_has(&v->there, str_of(w->want)) ? "pending" :
		v->live.n                                 ? "other" :
							    "none";
	return !strcmp(*word, "ok") ? OUT_OK : OUT_WARN;
}

static json_t *view_json(const struct work *w, const struct rdns_view *v,
			 const char *state)
{
	return json_pack(
		"{s:s, s:s, s:s, s:o, s:o, s:o, s:s?, s:o, s:b, s:o, s:o, s:b, "
		"s:s, s:o}",
		"type", "ptr", "address", v->ip, "name", v->name, "target",
		out_utf8(v->target), "zone", out_utf8(v->zone), "live",
		names_json(&v->live), "provider",
		w->rdns.provider ? w->rdns.provider->name : NULL, "there",
		v->asked ? names_json(&v->there) : json_null(), "preset",
		v->preset, "ours", out_utf8(v->ours), "want", out_utf8(w->want),
		"forward_confirmed", v->confirmed, "state", state, "trouble",
		out_utf8(v->trouble));
}

static void show(const struct work *w, struct out_table *t,
		 const struct rdns_view *v)
{
	struct call *c = w->call;
	const char *word;
	const enum out_state state = state_of(w, v, &word);
	const struct out_cell cells[] = {
		{ .text = v->ip },
		{ .text = v->trouble ? "?" : listed(&v->live, &c->mem) },
		{ .text = !v->asked ? "?" :
			  v->preset ? mem_fmt(&c->mem, "%s (its own)",
					      listed(&v->there, &c->mem)) :
				      listed(&v->there, &c->mem) },
		{ .text = v->confirmed ? "yes" : "no" },
		{ .text = word, .state = state },
	};

	out_row(t, view_json(w, v, word), cells);
}

int cmd_rdns_show(struct call *c, struct err *e)
{
	struct work w = { 0 };
	int status = open_all(c, &w, e);
	const struct provider *p = w.rdns.provider;
	const struct out_column columns[] = {
		{ .title = "ADDRESS" },
		{ .title = "PTR" },
		{ .title = p ? mem_fmt(&c->mem, "AT %s", p->name) : "AT API" },
		{ .title = "BACK" },
		{ .title = "STATE" },
	};
	struct out_table *t = status ? NULL : out_table(c->out, columns, 5);

	for (size_t i = 0; i < w.addresses.n && t; i++) {
		struct rdns_view v;
		struct err why = { 0 };

		if (rdns_look(&w.rdns, w.addresses.at[i], &c->mem, &v, &why)) {
			status = -1;
			*e = why;
			(void)err_at(e, "%s", w.addresses.at[i]);
			if (!v.name || why.kind == ERR_STOPPED)
				break;
		}
		show(&w, t, &v);
		if (v.trouble)
			out_warn(c->out, "%s: %s", v.ip, v.trouble);
	}
	if (t)
		out_table_end(t);
	close_all(&w);
	return status ? -1 : 0;
}

/* ---- set: the plan ---- */
/* What was there before any of ours, while ours is still there. */
static void plan_restore(struct work *w, struct job *j)
{
	struct call *c = w->call;
	const char *was = rdns_before(c->conf, j->view.ip, &c->mem, &j->why);

	j->word = was && (!j->view.there.n ||
			  conf_list_has(&j->view.there, str_of(j->view.ours))) ?
			  RDNS_SET :
			  RDNS_KEEP;
	j->reason = !was                 ? "no name of ours" :
		    j->word == RDNS_KEEP ? "not ours any more" :
					   "what was there before";
	j->will = was ? was : "";
}

static bool takes_over(struct call *c, const char *address)
{
	const char *given;
	struct ip a, b;

	for (size_t i = 0; (given = opt_nth(&c->opts, "take-over", i)); i++)
		if (ip_parse(str_of(given), &a) == 0 &&
		    ip_parse(str_of(address), &b) == 0 && ip_same(&a, &b))
			return true;
	return false;
}

static int plan(struct work *w, const char *address, struct job *j,
		struct err *e)
{
	struct call *c = w->call;
	const int64_t limit =
		w->wait && !opt_flag(&c->opts, "dry-run") ?
			(int64_t)c->conf->acme.propagation_s * 1000 :
			FORWARD_MS;

	if (rdns_look(&w->rdns, address, &c->mem, &j->view, &j->why)) {
		j->view.ip = address;
		j->word = RDNS_FOREIGN;
		j->reason = "it cannot be asked";
		if (j->why.kind != ERR_STOPPED)
			return 0;
		*e = j->why;
		return -1;
	}
	j->will = w->want;
	if (w->restore) {
		plan_restore(w, j);
		return 0;
	}
	j->word = rdns_decide(&j->view, w->want, takes_over(c, j->view.ip),
			      &j->reason);
	if (j->word == RDNS_FOREIGN)
		(void)err_set(&j->why, ERR_PERM,
			      "%s has the name %s, which somebody chose; to "
			      "replace it: opsmail rdns set --take-over %s",
			      j->view.ip, listed(&j->view.there, &c->mem),
			      j->view.ip);
	if (j->word != RDNS_SET)
		return 0;
	if (rdns_forward(&w->rdns, w->want, j->view.ip, limit, &j->why) == 0)
		return 0;
	if (j->why.kind == ERR_STOPPED) {
		*e = j->why;
		return -1;
	}
	j->reason = "the name does not lead to it yet";
	return 0;
}

static const char *word_of(const struct job *j)
{
	return j->why.kind          ? "blocked" :
	       j->word == RDNS_KEEP ? "keep" :
	       j->word == RDNS_SET  ? "set" :
				      "blocked";
}

static void show_plan(struct work *w, const struct job *jobs)
{
	static const struct out_column columns[] = {
		{ .title = "DO" },  { .title = "ADDRESS" },
		{ .title = "IS" },  { .title = "WILL BE" },
		{ .title = "WHY" },
	};
	struct call *c = w->call;
	struct out_table *t = out_table(c->out, columns, 5);

	for (size_t i = 0; i < w->addresses.n; i++) {
		const struct job *j = &jobs[i];
		const char *is = listed(&j->view.there, &c->mem);
		const bool set = j->word == RDNS_SET && !j->why.kind;
		const char *will = !set     ? is :
				   *j->will ? j->will :
					      "the hoster's own";
		const struct out_cell cells[] = {
			{ .text = word_of(j),
			  .state = j->why.kind ? OUT_FAIL : OUT_PLAIN },
			{ .text = j->view.ip },
			{ .text = is },
			{ .text = will },
			{ .text = j->reason },
		};

		out_row(t,
			json_pack("{s:s, s:s, s:o, s:o, s:o, s:s}", "type",
				  "change", "word", word_of(j), "address",
				  out_utf8(j->view.ip), "is",
				  names_json(&j->view.there), "will_be",
				  out_utf8(will), "reason", j->reason),
			cells);
	}
	out_table_end(t);
}

/* ---- set: doing it ---- */
/* What the world sees of it: at once, soon, or after --wait. */
static void prove(struct work *w, struct job *j)
{
	struct call *c = w->call;
	const struct dns_ptr_driver *p = w->rdns.driver;
	const int64_t limit =
		w->wait ? (int64_t)c->conf->acme.propagation_s * 1000 :
			  GLANCE_MS;
	const bool hand = p && p->caps & DNS_PTR_BY_HAND;
	struct err e = { 0 };

	if (hand && !w->wait) {
		out_result(c->out, OUT_WARN, j->view.ip,
			   "to be entered by hand; opsmail rdns show tells "
			   "when it is seen");
	} else if (rdns_prove(&w->rdns, &j->view, j->will, limit, &e) == 0) {
		out_result(c->out, OUT_OK, j->view.ip,
			   "all servers of %s show %s", j->view.zone, j->will);
	} else if (w->wait || e.kind != ERR_TIMEOUT) {
		j->why = e;
	} else {
		out_result(c->out, OUT_WARN, j->view.ip,
			   "%s has %s; the servers of %s do not show it yet%s%s"
			   " (opsmail rdns show tells when they do)",
			   w->rdns.provider->name, j->will,
			   j->view.zone ? j->view.zone : "the reverse zone",
			   p && p->slow ? ", which takes " : "",
			   p && p->slow ? p->slow : "");
	}
}

static void do_one(struct work *w, struct job *j)
{
	struct call *c = w->call;

	if (w->restore) {
		if (rdns_restore(&w->rdns, &j->view, &j->why))
			return;
		j->done = true;
		if (*j->will)
			prove(w, j);
		else
			out_result(c->out, OUT_OK, j->view.ip,
				   "it has the hoster's own name again");
		return;
	}
	if (rdns_set(&w->rdns, &j->view, w->want, &j->why))
		return;
	j->done = true;
	prove(w, j);
}

/* One failure does not keep the others from being done; all are told. */
static int sum_up(struct work *w, struct job *jobs, struct err *e)
{
	size_t done = 0, bad = 0, first = 0;

	for (size_t i = 0; i < w->addresses.n; i++) {
		done += jobs[i].done || !jobs[i].why.kind;
		if (!jobs[i].why.kind)
			continue;
		first = bad++ ? first : i;
		if (w->addresses.n > 1)
			out_result(w->call->out, OUT_FAIL, jobs[i].view.ip,
				   "%s", jobs[i].why.msg);
	}
	if (!bad)
		return 0;
	if (w->addresses.n == 1) {
		*e = jobs[first].why;
		return -1;
	}
	return err_set(e,
		       done && jobs[first].why.kind != ERR_TIMEOUT ?
			       ERR_PARTIAL :
			       jobs[first].why.kind,
		       "%zu of %zu addresses do not have their name yet; the "
		       "same command continues",
		       bad, w->addresses.n);
}

static int set_all(struct work *w, struct job *jobs, struct err *e)
{
	struct call *c = w->call;
	size_t n = 0;
	bool yes = true;

	for (size_t i = 0; i < w->addresses.n; i++)
		if (plan(w, w->addresses.at[i], &jobs[i], e))
			return -1;
	show_plan(w, jobs);
	for (size_t i = 0; i < w->addresses.n; i++)
		n += jobs[i].word == RDNS_SET && !jobs[i].why.kind;
	if (opt_flag(&c->opts, "dry-run") || !n)
		return sum_up(w, jobs, e);
	if (out_ask(c->out, &yes, e, "Change %zu PTR record%s at %s?", n,
		    n == 1 ? "" : "s", w->rdns.provider->name))
		return -1;
	if (!yes) {
		out_result(c->out, OUT_SKIP, NULL, "nothing was done");
		return 0;
	}
	for (size_t i = 0; i < w->addresses.n; i++)
		if (jobs[i].word == RDNS_SET && !jobs[i].why.kind)
			do_one(w, &jobs[i]);
	return sum_up(w, jobs, e);
}

static int may_set(const struct work *w, struct err *e)
{
	const char *dir = w->call->conf->dir;

	if (!w->rdns.provider)
		return err_set(e, ERR_CONF,
			       "who sets reverse DNS is not known: set "
			       "rdns.provider in %s/opsmail.yaml to whoever "
			       "the addresses are rented from (`opsmail dns "
			       "providers` tells who has \"reverse DNS\"), or "
			       "to manual",
			       dir);
	if (!w->want)
		return err_set(e, ERR_CONF,
			       "the host's name is not known: set hostname in "
			       "%s/opsmail.yaml",
			       dir);
	return 0;
}

int cmd_rdns_set(struct call *c, struct err *e)
{
	struct work w = { 0 };
	int status = open_all(c, &w, e);

	if (!status)
		status = may_set(&w, e);
	if (!status)
		status = set_all(&w,
				 mem_array(&c->mem, w.addresses.n + 1,
					   sizeof(struct job)),
				 e);
	close_all(&w);
	return status ? -1 : 0;
}
