/* MAIL and RCPT with their parameters (RFC 1870, 3461, 4954, 6152, 6531,
 * 8689). */
#include <string.h>

#include "base/auto.h"
#include "smtp/command.h"
#include "smtp/session_parts.h"

/* RFC 3461 4.2 and 4.4; an address in xtext can be three times as long. */
enum { ENVID_MAX = 100, ORCPT_MAX = 500, SIZE_DIGITS = 20 };

static bool is_lenient(const struct session *s)
{
	return s->conf->style == REPLY_CHASQUID;
}

static struct str kept(struct session *s, struct str text)
{
	return (struct str){ mem_dup(&s->mem, text.at, text.n), text.n };
}

static bool is_xtext(struct str text)
{
	AUTO(buf) struct buf b = { .max = ORCPT_MAX };

	return command_xtext(text, &b) == 0;
}

/* ---- parameters: REPLY_IDS means well ---- */
static enum reply_id on_size(struct session *s, struct str v)
{
	if (v.n > SIZE_DIGITS || str_num(v, UINT64_MAX, &s->mail->size) < 0)
		return REPLY_PARAMETER;
	if (s->conf->size_max && s->mail->size > s->conf->size_max)
		return REPLY_TOO_BIG;
	return REPLY_IDS;
}

static enum reply_id on_body(struct session *s, struct str v)
{
	s->mail->eight = str_eqi(v, "8BITMIME");
	return s->mail->eight || str_eqi(v, "7BIT") ? REPLY_IDS :
						      REPLY_PARAMETER;
}

static enum reply_id on_utf8(struct session *s, struct str v)
{
	(void)v;
	s->mail->utf8 = true;
	return REPLY_IDS;
}

static enum reply_id on_tls(struct session *s, struct str v)
{
	(void)v;
	if (!s->tls.version)
		return REPLY_PARAMETER; /* RFC 8689 2: only said under TLS */
	s->mail->require_tls = true;
	return REPLY_IDS;
}

static enum reply_id on_ret(struct session *s, struct str v)
{
	if (str_eqi(v, "FULL"))
		s->mail->ret = SESSION_RET_FULL;
	else if (str_eqi(v, "HDRS"))
		s->mail->ret = SESSION_RET_HDRS;
	else
		return REPLY_PARAMETER;
	return REPLY_IDS;
}

static enum reply_id on_envid(struct session *s, struct str v)
{
	if (v.n > ENVID_MAX || !is_xtext(v))
		return REPLY_PARAMETER;
	s->mail->envid = kept(s, v);
	return REPLY_IDS;
}

/* RFC 4954 5: whom nobody vouches for is as "<>", so it is not kept. */
static enum reply_id on_auth(struct session *s, struct str v)
{
	(void)s;
	return str_eq(v, "<>") || is_xtext(v) ? REPLY_IDS : REPLY_PARAMETER;
}

static enum reply_id on_notify(struct session *s, struct str v)
{
	static const struct {
		const char *name;
		unsigned bit;
	} words[] = {
		{ "NEVER", SESSION_NOTIFY_NEVER },
		{ "SUCCESS", SESSION_NOTIFY_SUCCESS },
		{ "FAILURE", SESSION_NOTIFY_FAILURE },
		{ "DELAY", SESSION_NOTIFY_DELAY },
	};
	unsigned all = 0;
	struct str word;

	while (str_cut(&v, ',', &word)) {
		unsigned bit = 0;

		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
			if (str_eqi(word, words[i].name))
				bit = words[i].bit;
		if (!bit || all & bit)
			return REPLY_PARAMETER;
		all |= bit;
	}
	if (all & SESSION_NOTIFY_NEVER && all != SESSION_NOTIFY_NEVER)
		return REPLY_PARAMETER;
	s->mail->rcpt[s->mail->n].notify = all;
	return REPLY_IDS;
}

/* "rfc822;joe@example.org"; RFC 6533 adds "utf-8;" with bytes of its own. */
static enum reply_id on_orcpt(struct session *s, struct str v)
{
	struct str address = v, type;

	str_cut(&address, ';', &type);
	if (!address.at || !address.n || !type.n || v.n > ORCPT_MAX)
		return REPLY_PARAMETER;
	if (!str_eqi(type, "utf-8") && !is_xtext(address))
		return REPLY_PARAMETER;
	s->mail->rcpt[s->mail->n].orcpt = kept(s, v);
	return REPLY_IDS;
}

enum value { NO_VALUE, VALUE };
struct param {
	const char *name;
	enum value value;
	enum reply_id (*take)(struct session *s, struct str value);
};
enum { PARAMS_MAX = 8 };
static const struct param of_mail[] = {
	{ "SIZE", VALUE, on_size },         { "BODY", VALUE, on_body },
	{ "SMTPUTF8", NO_VALUE, on_utf8 },  { "RET", VALUE, on_ret },
	{ "ENVID", VALUE, on_envid },       { "AUTH", VALUE, on_auth },
	{ "REQUIRETLS", NO_VALUE, on_tls }, { NULL, NO_VALUE, NULL },
};
static const struct param of_rcpt[] = {
	{ "NOTIFY", VALUE, on_notify },
	{ "ORCPT", VALUE, on_orcpt },
	{ NULL, NO_VALUE, NULL },
};

static enum reply_id take(struct session *s, const struct param *rows,
			  const struct command_param *p, unsigned *seen)
{
	for (size_t i = 0; rows[i].name; i++) {
		if (!str_eqi(p->name, rows[i].name))
			continue;
		if (*seen & 1U << i || p->valued != (rows[i].value == VALUE))
			return REPLY_PARAMETER;
		*seen |= 1U << i;
		return rows[i].take(s, p->value);
	}
	return is_lenient(s) ? REPLY_IDS : REPLY_PARAMETER_UNKNOWN;
}

static enum reply_id params(struct session *s, const struct param *rows,
			    struct str rest)
{
	enum reply_id wrong = REPLY_IDS;
	struct command_param p;
	unsigned seen = 0;

	while (wrong == REPLY_IDS) {
		const enum command_params got = command_param(&rest, &p);

		if (got == COMMAND_NO_MORE)
			return REPLY_IDS;
		if (got == COMMAND_MALFORMED)
			return REPLY_PARAMETER;
		wrong = take(s, rows, &p, &seen);
	}
	return wrong;
}

/* ---- the commands ---- */
/* REPLY_IDS: a transaction may begin. */
static enum reply_id may_begin(const struct session *s)
{
	if (s->conf->must_login && !s->user && !s->trusted)
		return REPLY_AUTH_NEEDED;
	if (s->mail && !is_lenient(s))
		return REPLY_MAIL_ALREADY;
	if (s->conf->mail_max && s->mails >= s->conf->mail_max)
		return REPLY_MAIL_MAX;
	return REPLY_IDS;
}

static enum reply_id from(struct session *s, struct str *rest)
{
	switch (path_read(rest, &s->mem, &s->mail->from)) {
	case PATH_OK:
		return REPLY_IDS;
	case PATH_LONG:
		return REPLY_FROM_LONG;
	case PATH_NO_DOMAIN:
		return REPLY_FROM_NO_DOMAIN;
	case PATH_DOMAIN:
		return REPLY_FROM_DOMAIN;
	default:
		return REPLY_FROM_BAD;
	}
}

static enum reply_id begin(struct session *s, struct str rest)
{
	if (!command_word(&rest, "FROM:") || !str_trim(rest).n)
		return REPLY_MAIL_SYNTAX;
	enum reply_id wrong = may_begin(s);

	if (wrong != REPLY_IDS)
		return wrong;
	session_reset(s);
	s->mail = MEM_NEW(&s->mem, struct session_mail);
	wrong = from(s, &rest);
	if (wrong == REPLY_IDS)
		wrong = params(s, of_mail, rest);
	if (wrong != REPLY_IDS)
		return wrong;
	if (s->mail->from.utf8 && !s->mail->utf8 && !is_lenient(s))
		return REPLY_UTF8_NEEDED;
	return REPLY_IDS;
}

void session_mail_command(struct session *s, struct str rest, struct buf *out)
{
	const enum reply_id wrong = begin(s, rest);

	if (wrong == REPLY_IDS) {
		session_ask(s, SESSION_SENDER);
		return;
	}
	if (wrong != REPLY_MAIL_ALREADY && wrong != REPLY_MAIL_SYNTAX)
		session_reset(s);
	session_say(s, wrong, out);
}

/* RFC 5321 4.5.1: postmaster has no need of a domain. */
static enum reply_id to(struct session *s, struct str *rest, struct path *p)
{
	const enum path_fault fault = path_read(rest, &s->mem, p);

	if (fault == PATH_LONG)
		return REPLY_TO_LONG;
	if (fault == PATH_DOMAIN)
		return REPLY_TO_DOMAIN;
	if (fault == PATH_NO_DOMAIN && str_eqi(p->local, "postmaster"))
		return REPLY_IDS;
	return fault == PATH_OK && p->text.n ? REPLY_IDS : REPLY_TO_BAD;
}

static enum reply_id recipient(struct session *s, struct str rest)
{
	struct session_mail *m = s->mail;

	if (!command_word(&rest, "TO:") || !str_trim(rest).n)
		return REPLY_RCPT_SYNTAX;
	if (s->open)
		return REPLY_DATA_IN_BDAT;
	if (s->conf->rcpt_max && m->n >= s->conf->rcpt_max)
		return REPLY_RCPT_MAX;
	m->rcpt = mem_more(&s->mem, m->rcpt, &m->room, m->n, sizeof(*m->rcpt));
	m->rcpt[m->n] = (struct session_rcpt){ 0 };
	enum reply_id wrong = to(s, &rest, &m->rcpt[m->n].to);

	if (wrong == REPLY_IDS)
		wrong = params(s, of_rcpt, rest);
	if (wrong == REPLY_IDS && m->rcpt[m->n].to.utf8 && !m->utf8 &&
	    !is_lenient(s))
		wrong = REPLY_UTF8_NEEDED;
	return wrong;
}

void session_rcpt_command(struct session *s, struct str rest, struct buf *out)
{
	const enum reply_id wrong = recipient(s, rest);

	if (wrong == REPLY_IDS)
		session_ask(s, SESSION_RCPT);
	else
		session_say(s, wrong, out);
}
