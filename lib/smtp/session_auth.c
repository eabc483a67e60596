/* AUTH (RFC 4954). */
#include <stdlib.h>

#include "smtp/session_parts.h"

static void forget(struct session *s)
{
	if (s->login)
		auth_free(s->login);
	free(s->login);
	s->login = NULL;
	s->mode = SESSION_IN_COMMAND;
}

static void go_on(struct session *s, enum auth_next next, const char *challenge,
		  struct buf *out)
{
	switch (next) {
	case AUTH_ASK:
		s->mode = SESSION_IN_LOGIN;
		buf_fmt(out, "334 %s\r\n", challenge);
		break;
	case AUTH_CHECK:
		s->mode = SESSION_IN_COMMAND;
		session_ask(s, SESSION_LOGIN);
		break;
	default:
		forget(s);
		session_say(s,
			    next == AUTH_CANCEL ? REPLY_AUTH_CANCELLED :
						  REPLY_AUTH_DECODE,
			    out);
		break;
	}
}

static bool refused(struct session *s, struct buf *out)
{
	enum reply_id why;

	if (!s->conf->login)
		why = REPLY_AUTH_NOT_HERE;
	else if (!s->tls.version)
		why = REPLY_AUTH_NO_TLS;
	else if (s->user)
		why = REPLY_AUTH_ALREADY;
	else if (s->mail)
		why = REPLY_AUTH_IN_MAIL;
	else
		return false;
	session_say(s, why, out);
	return true;
}

void session_auth_command(struct session *s, struct str rest, struct buf *out)
{
	struct str name = { 0 }, initial;
	const char *challenge;

	if (refused(s, out))
		return;
	(void)str_word(&rest, &name);
	const enum auth_mechanism m = auth_find(name);

	if (!m) {
		session_say(s, REPLY_AUTH_MECHANISM, out);
		return;
	}
	const bool given = str_word(&rest, &initial);

	if (str_trim(rest).n) {
		session_say(s, REPLY_ARGUMENT, out);
		return;
	}
	s->login = calloc(1, sizeof(*s->login));
	if (!s->login)
		abort();
	s->login->mechanism = m;
	const enum auth_next next =
		auth_begin(s->login, given ? &initial : NULL, &challenge);

	go_on(s, next, challenge, out);
}

void session_auth_line(struct session *s, struct str line, struct buf *out)
{
	const char *challenge;

	const enum auth_next next = auth_line(s->login, line, &challenge);

	go_on(s, next, challenge, out);
}

void session_login_yes(struct session *s, const struct reply *r,
		       struct buf *out)
{
	session_set(&s->user, buf_get(&s->login->user));
	forget(s);
	session_say_reply(s, r ? r : session_reply(s, REPLY_AUTH_OK), out);
}

void session_login_no(struct session *s, const struct reply *r, struct buf *out)
{
	forget(s);
	if (r->code >= 500 && ++s->wrong_logins >= s->conf->login_max)
		session_last(s, REPLY_TOO_MANY_ERRORS, out);
	else
		session_say_reply(s, r, out);
}
