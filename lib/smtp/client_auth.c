/* AUTH (RFC 4954) on the way out. */
#include "base/auto.h"
#include "base/b64.h"
#include "smtp/client_parts.h"

static enum auth_mechanism choose(const struct client *c)
{
	if (c->conf->mechanism != AUTH_NONE)
		return c->conf->mechanism;
	if (client_can(c, CLIENT_AUTH_PLAIN))
		return AUTH_PLAIN;
	return client_can(c, CLIENT_AUTH_LOGIN) ? AUTH_LOGIN : AUTH_NONE;
}

static bool offers(const struct client *c, enum auth_mechanism m)
{
	switch (m) {
	case AUTH_PLAIN:
		return client_can(c, CLIENT_AUTH_PLAIN);
	case AUTH_LOGIN:
		return client_can(c, CLIENT_AUTH_LOGIN);
	case AUTH_XOAUTH2:
		return client_can(c, CLIENT_AUTH_XOAUTH2);
	default:
		return false;
	}
}

int client_login(struct client *c, struct buf *out, struct err *e)
{
	const enum auth_mechanism m = choose(c);
	const struct str user = str_of(c->conf->user);
	const struct str password = str_of(c->conf->password);

	if (!c->tls)
		return err_set(e, ERR_AUTH,
			       "it has no TLS, and the password is not sent in "
			       "clear: use a port with TLS");
	if (!offers(c, m))
		return err_set(e, ERR_AUTH, "it takes no login by %s",
			       m ? auth_name(m) : "PLAIN or LOGIN");
	buf_fmt(out, "AUTH %s", auth_name(m));
	if (m != AUTH_LOGIN)
		buf_char(out, ' ');
	if (m == AUTH_PLAIN)
		auth_plain(user, password, out);
	else if (m == AUTH_XOAUTH2)
		auth_xoauth2(user, password, out);
	buf_str(out, "\r\n");
	c->phase = CLIENT_IN_AUTH;
	c->named = false;
	return 0;
}

/* LOGIN asks for the name and then for the password; XOAUTH2 tells in a 334
 * what is wrong and wants an empty line before it says so. */
static int challenged(struct client *c, struct buf *out, struct err *e)
{
	const enum auth_mechanism m = choose(c);

	if (m == AUTH_PLAIN || (m == AUTH_XOAUTH2 && c->named))
		return client_refused(c, "it asks for more than a login has",
				      e);
	if (m == AUTH_LOGIN)
		b64_add(out,
			str_of(c->named ? c->conf->password : c->conf->user));
	buf_str(out, "\r\n");
	c->named = true;
	return 0;
}

int client_on_auth(struct client *c, struct buf *out, struct err *e)
{
	if (c->reply.code == 334)
		return challenged(c, out, e);
	if (c->reply.code / 100 == 2) {
		client_ready(c);
		return 0;
	}
	(void)client_refused(c, "it refuses the login", e);
	e->kind = c->reply.code >= 500 ? ERR_AUTH : ERR_TEMP;
	return -1;
}
