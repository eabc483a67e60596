#include <string.h>

#include "base/clock.h"
#include "base/idn.h"
#include "cmd/ssl.h"

/* The CA that a command is about: --server, else the configured first one. */
struct desk {
	struct conf_acme settings;
	const char *url;
	struct http *http;
	struct acme acme;
	struct account account;
};

static void desk_close(struct desk *d)
{
	acme_close(&d->acme);
	account_free(&d->account);
	http_close(d->http);
}
static inline void auto_desk(struct desk *d)
{
	desk_close(d);
}

static int desk_server(struct call *c, const struct conf_acme *settings,
		       const char *server, struct desk *d, struct err *e)
{
	d->settings = *settings;
	if (!server && !d->settings.server.n)
		return err_set(e, ERR_CONF, "acme.server is empty");
	if (!server)
		server = d->settings.server.at[0];
	d->acme.tell = out_tell(c->out);
	return acme_server_url(server, d->settings.key_type[0], &d->url, e);
}

static int desk_open(struct call *c, const struct conf_acme *settings,
		     const char *server, struct desk *d, struct err *e)
{
	const struct http_options o = { .ca_file = settings->ca_file };

	if (desk_server(c, settings, server, d, e) ||
	    http_open(&o, &d->http, e))
		return -1;
	d->acme.who = d->url;
	return acme_open(&d->acme, d->url, d->http, e);
}

/* Commands about an account never make one by the way. */
static int desk_account(struct call *c, struct desk *d, struct err *e)
{
	struct account there = { 0 };
	int status;

	status = account_load(c->conf->dir, d->url, &c->mem, &there, e);
	account_free(&there);
	if (status)
		return -1;
	return account_open(&d->acme, c->conf, &d->settings, &d->account, e);
}

static int show_one(struct call *c, const struct desk *d, struct err *e)
{
	struct account x = { 0 };

	if (account_load(c->conf->dir, d->url, &c->mem, &x, e))
		return -1;
	out_line(c->out, "server   %s", d->url);
	out_line(c->out, "account  %s", x.url ? x.url : "not registered yet");
	out_line(c->out, "key      %s, in %s", key_type_name(key_kind(x.key)),
		 x.dir);
	if (x.url)
		out_line(c->out,
			 "for CAA  0 issue \"CA-DOMAIN; accounturi=%s; "
			 "validationmethods=dns-01\"",
			 x.url);
	out_object(c->out,
		   json_pack("{s:s, s:o, s:o, s:s, s:o}", "type", "account",
			     "server", out_utf8(d->url), "url", out_utf8(x.url),
			     "key_type", key_type_name(key_kind(x.key)),
			     "folder", out_utf8(x.dir)));
	account_free(&x);
	return 0;
}

int cmd_ssl_account_show(struct call *c, struct err *e)
{
	AUTO(desk) struct desk d = { 0 };

	if (desk_server(c, &c->conf->acme, opt_text(&c->opts, "server"), &d, e))
		return -1;
	return show_one(c, &d, e);
}

int cmd_ssl_account_update(struct call *c, struct err *e)
{
	AUTO(desk) struct desk d = { 0 };
	const char *email = c->conf->email;

	if (desk_open(c, &c->conf->acme, opt_text(&c->opts, "server"), &d, e) ||
	    desk_account(c, &d, e) ||
	    account_contact(&d.acme, &d.account, email, e))
		return -1;
	out_result(c->out, OUT_OK, NULL, "the CA has %s as contact",
		   email ? email : "nobody");
	return 0;
}

int cmd_ssl_account_rollover(struct call *c, struct err *e)
{
	AUTO(desk) struct desk d = { 0 };

	if (desk_open(c, &c->conf->acme, opt_text(&c->opts, "server"), &d, e) ||
	    desk_account(c, &d, e) ||
	    account_rollover(&d.acme, &d.account, d.settings.account_key_type,
			     e))
		return -1;
	out_result(c->out, OUT_OK, NULL,
		   "%s has a new key; its URL is the same", d.account.url);
	return 0;
}

int cmd_ssl_account_deactivate(struct call *c, struct err *e)
{
	AUTO(desk) struct desk d = { 0 };
	bool yes = false;

	if (desk_open(c, &c->conf->acme, opt_text(&c->opts, "server"), &d, e) ||
	    desk_account(c, &d, e))
		return -1;
	if (out_ask(c->out, &yes, e,
		    "Deactivate %s for good? Its certificates stay valid, but "
		    "it can renew none of them.",
		    d.account.url))
		return -1;
	if (!yes) {
		out_result(c->out, OUT_SKIP, NULL, "nothing was done");
		return 0;
	}
	if (account_deactivate(&d.acme, &d.account, e))
		return -1;
	out_result(c->out, OUT_OK, NULL, "%s is deactivated", d.account.url);
	return 0;
}

/* The CA that issued it is asked, whatever is configured now. */
static int revoke_one(struct call *c, const char *name, int reason, bool by_key,
		      const struct conf_acme *settings, struct err *e)
{
	AUTO(desk) struct desk d = { 0 };
	AUTO(store_state) struct store_state st = { 0 };
	AUTO(key) struct key *key = NULL;
	AUTO(fd) int lock = -1;
	struct store_live live = { 0 };
	bool yes = false;

	if (store_lock(c->conf->dir, name, 0, &lock, e) ||
	    store_state_read(c->conf->dir, name, &st, e) ||
	    store_read_live(c->conf->dir, name, &c->mem, &live, e) ||
	    (by_key && store_live_key(c->conf->dir, name, &key, e)) ||
	    desk_open(c, settings, st.server, &d, e) ||
	    (!by_key && desk_account(c, &d, e)))
		return -1;
	if (out_ask(c->out, &yes, e,
		    "Revoke the certificate of %s that is live (serial %s)?",
		    name, live.chain.at[0].serial))
		return -1;
	if (!yes) {
		out_result(c->out, OUT_SKIP, name, "nothing was revoked");
		return 0;
	}
	if (order_revoke(&d.acme, live.chain.at[0].pem, key, reason, e))
		return -1;
	/* An order under way may be for the same key: it and the key go too. */
	st.revoked_at = clock_now();
	st.order_url = NULL;
	st.order_server = NULL;
	st.order_names_n = 0;
	st.order_started = 0;
	if (store_state_write(c->conf->dir, name, &st, e) ||
	    store_tidy(c->conf->dir, name, &st, e))
		return -1;
	out_result(c->out, OUT_OK, name,
		   "revoked; `opsmail ssl renew` gets a new one");
	return 0;
}

int cmd_ssl_revoke(struct call *c, struct err *e)
{
	const char *reason = opt_text(&c->opts, "reason");
	const bool by_key = opt_flag(&c->opts, "by-key");
	int code = 0;

	if (reason && order_reason_parse(reason, &code, e))
		return -1;
	for (size_t i = 0; i < c->args_n; i++) {
		AUTO(store_state) struct store_state st = { 0 };
		struct conf_domain *d;
		const char *name;

		if (idn_ascii(&c->mem, str_of(c->args[i]), &name, e) ||
		    store_state_read(c->conf->dir, name, &st, e) ||
		    conf_domain(c->conf, st.domain ? st.domain : name, &d, e) ||
		    revoke_one(c, name, code, by_key, &d->acme, e))
			return err_at(e, "%s", c->args[i]);
	}
	return 0;
}
