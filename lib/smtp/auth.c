#include "smtp/auth.h"

#include <string.h>

#include "base/auto.h"
#include "base/b64.h"

enum { USER_MAX = 512, PASSWORD_MAX = 4096 };

static const struct {
	const char *name;
	enum auth_mechanism mechanism;
	bool served;
} rows[] = {
	{ "PLAIN", AUTH_PLAIN, true },
	{ "LOGIN", AUTH_LOGIN, true },
	{ "XOAUTH2", AUTH_XOAUTH2, false },
};

const char *auth_name(enum auth_mechanism m)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].mechanism == m)
			return rows[i].name;
	return "";
}

enum auth_mechanism auth_find(struct str name)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].served && str_eqi(name, rows[i].name))
			return rows[i].mechanism;
	return AUTH_NONE;
}

/* A NUL within would end the name for some and not for others. */
static bool keep(struct buf *to, struct str bytes, size_t max)
{
	to->max = max;
	buf_clear(to);
	if (!bytes.n || memchr(bytes.at, '\0', bytes.n))
		return false;
	buf_view(to, bytes);
	return !to->full;
}

/* authzid NUL authcid NUL password: who acts and who logs in are one here. */
static enum auth_next plain(struct auth *a, struct str text)
{
	struct str act, user;

	if (!text.n || !memchr(text.at, '\0', text.n))
		return AUTH_BAD;
	str_cut(&text, '\0', &act);
	if (!str_cut(&text, '\0', &user) || !text.at)
		return AUTH_BAD;
	if (!user.n)
		user = act;
	if (act.n && !str_same(act, user))
		return AUTH_BAD;
	return keep(&a->user, user, USER_MAX) &&
			       keep(&a->password, text, PASSWORD_MAX) ?
		       AUTH_CHECK :
		       AUTH_BAD;
}

static enum auth_next login(struct auth *a, struct str text,
			    const char **challenge)
{
	if (a->named)
		return keep(&a->password, text, PASSWORD_MAX) ? AUTH_CHECK :
								AUTH_BAD;
	a->named = true;
	*challenge = "UGFzc3dvcmQ6"; /* Password: */
	return keep(&a->user, text, USER_MAX) ? AUTH_ASK : AUTH_BAD;
}

static enum auth_next decode(struct auth *a, struct str text,
			     const char **challenge)
{
	AUTO(secret) struct buf b = { .max = AUTH_LINE_MAX };

	if (b64_read(text, &b) < 0)
		return AUTH_BAD;
	if (a->mechanism == AUTH_PLAIN)
		return plain(a, buf_get(&b));
	return login(a, buf_get(&b), challenge);
}

enum auth_next auth_line(struct auth *a, struct str line,
			 const char **challenge)
{
	*challenge = "";
	if (str_eq(line, "*"))
		return AUTH_CANCEL;
	return decode(a, line, challenge);
}

enum auth_next auth_begin(struct auth *a, const struct str *initial,
			  const char **challenge)
{
	*challenge = a->mechanism == AUTH_LOGIN ? "VXNlcm5hbWU6" : "";
	if (!initial)
		return AUTH_ASK;
	if (str_eq(*initial, "="))
		return decode(a, STR_LIT(""), challenge);
	return decode(a, *initial, challenge);
}

void auth_free(struct auth *a)
{
	buf_wipe(&a->user);
	buf_wipe(&a->password);
	*a = (struct auth){ 0 };
}

void auth_plain(struct str user, struct str password, struct buf *out)
{
	AUTO(secret) struct buf b = { 0 };

	buf_char(&b, '\0');
	buf_view(&b, user);
	buf_char(&b, '\0');
	buf_view(&b, password);
	b64_add(out, buf_get(&b));
}

void auth_xoauth2(struct str user, struct str token, struct buf *out)
{
	AUTO(secret) struct buf b = { 0 };

	buf_str(&b, "user=");
	buf_view(&b, user);
	buf_str(&b, "\001auth=Bearer ");
	buf_view(&b, token);
	buf_str(&b, "\001\001");
	b64_add(out, buf_get(&b));
}
