#include "cmd/cmd.h"

#include <string.h>

#include "base/auto.h"
#include "base/fs.h"
#include "base/idn.h"
#include "cmd/password.h"
#include "cmd/place.h"
#include "conf/users.h"
#include "mail/alias.h"

/* One user of one file, for the length of a command. */
struct work {
	struct call *c;
	struct place place;
	struct place_address who;
	const char *path;
	struct users users;
	const struct user *is; /* as the file has him; NULL: it has not */
};

static int open_work(struct call *c, const char *text, struct work *w,
		     struct err *e)
{
	*w = (struct work){ .c = c };
	if (place_open(c, &w->place, e) ||
	    place_address(c, &w->place, text, &w->who, e))
		return -1;
	w->path = mem_fmt(&c->mem, "%s/users", w->who.folder);
	if (users_read(w->path, &w->users, e))
		return -1;
	w->is = users_find(&w->users, str_of(w->who.local));
	return 0;
}

static void close_work(struct work *w)
{
	chasquid_free(&w->place.conf);
	users_free(&w->users);
}

static int missing(const struct work *w, struct err *e)
{
	return err_set(e, ERR_MISSING,
		       "there is no user %s; opsmail user list %s",
		       w->who.shown,
		       fs_is_dir(w->who.folder) ? w->who.domain :
						  "shows who there is");
}

/* chasquid looks for the mail of j.doe under jdoe. */
static void warn_of_name(const struct work *w)
{
	const struct alias_rules rules = {
		w->place.conf.suffix_separators,
		w->place.conf.drop_characters,
	};
	const char *cleaned =
		alias_cleaned(&w->c->mem, str_of(w->who.local), &rules);

	if (strcmp(cleaned, w->who.local) != 0)
		out_warn(w->c->out,
			 "%s can log in, but chasquid would look for its mail "
			 "under %s: characters in \"%s\" and what follows one "
			 "of \"%s\" do not count in addresses",
			 w->who.shown, cleaned, rules.drop, rules.separators);
}

static int save(struct work *w, const struct user *u, const char *done,
		struct err *e)
{
	if (opt_flag(&w->c->opts, "dry-run")) {
		out_result(w->c->out, OUT_PLAIN, w->who.shown,
			   "would be %s in %s", done, w->path);
		return 0;
	}
	if (place_folder(w->c, &w->who, e) ||
	    users_change(w->path, u, USERS_PUT, e))
		return -1;
	out_result(w->c->out, OUT_OK, w->who.shown, "%s in %s", done, w->path);
	return 0;
}

static int set_password(struct work *w, const char *done, struct err *e)
{
	AUTO(secret) struct buf password = { 0 };
	struct user u;

	if (password_take(w->c, PASSWORD_NEW, w->who.shown, &password, e) ||
	    users_make(&w->c->mem, str_of(w->who.local), buf_get(&password), &u,
		       e))
		return -1;
	return save(w, &u, done, e);
}

static int add(struct work *w, struct err *e)
{
	struct user denied = { .scheme = USERS_DENIED };

	if (w->is)
		return err_set(e, ERR_USAGE,
			       "%s is there already; opsmail user passwd %s "
			       "gives another password",
			       w->who.shown, w->who.shown);
	if (opt_flag(&w->c->opts, "receive-only")) {
		if (opt_flag(&w->c->opts, "generate") ||
		    opt_text(&w->c->opts, "password-file"))
			return err_set(e, ERR_USAGE,
				       "--receive-only is for a user without "
				       "a password");
		/* The name is looked at where a password is made. */
		if (users_make(&w->c->mem, str_of(w->who.local), str_of(""),
			       &denied, e))
			return -1;
		denied.scheme = USERS_DENIED;
		return save(w, &denied, "added without a password", e);
	}
	return set_password(w, "added", e);
}

int cmd_user_add(struct call *c, struct err *e)
{
	struct work w;
	int rc = open_work(c, c->args[0], &w, e) || add(&w, e) ? -1 : 0;

	if (!rc)
		warn_of_name(&w);
	close_work(&w);
	return rc;
}

int cmd_user_passwd(struct call *c, struct err *e)
{
	struct work w;
	int rc = open_work(c, c->args[0], &w, e);

	if (!rc)
		rc = w.is ? set_password(&w, "has a new password", e) :
			    missing(&w, e);
	close_work(&w);
	return rc;
}

static int authenticate(struct work *w, struct err *e)
{
	AUTO(secret) struct buf password = { 0 };

	if (password_take(w->c, PASSWORD_CHECK, w->who.shown, &password, e))
		return -1;
	if (!w->is)
		return missing(w, e);
	if (w->is->scheme == USERS_DENIED)
		return err_set(e, ERR_AUTH,
			       "%s has no password: it receives only",
			       w->who.shown);
	if (!users_check(w->is, buf_get(&password)))
		return err_set(e, ERR_AUTH,
			       "that is not the password of %s; opsmail user "
			       "passwd %s gives another",
			       w->who.shown, w->who.shown);
	out_result(w->c->out, OUT_OK, w->who.shown, "the password is right");
	return 0;
}

int cmd_user_auth(struct call *c, struct err *e)
{
	struct work w;
	int rc = open_work(c, c->args[0], &w, e) || authenticate(&w, e) ? -1 :
									  0;

	close_work(&w);
	return rc;
}

static int drop(struct work *w, struct err *e)
{
	if (!w->is)
		return missing(w, e);
	if (opt_flag(&w->c->opts, "dry-run")) {
		out_result(w->c->out, OUT_PLAIN, w->who.shown,
			   "would be removed from %s", w->path);
		return 0;
	}
	if (users_change(w->path, w->is, USERS_DROP, e))
		return -1;
	out_result(w->c->out, OUT_OK, w->who.shown, "removed from %s", w->path);
	return 0;
}

int cmd_user_remove(struct call *c, struct err *e)
{
	for (size_t i = 0; i < c->args_n; i++) {
		struct work w;
		int rc = open_work(c, c->args[i], &w, e) || drop(&w, e) ? -1 :
									  0;

		close_work(&w);
		if (rc)
			return -1;
	}
	return 0;
}

static int list_domain(struct call *c, const struct chasquid_domain *d,
		       struct out_table *t, struct err *e)
{
	const char *shown = idn_shown(&c->mem, d->name);
	struct users users;

	if (users_read(mem_fmt(&c->mem, "%s/users", d->folder), &users, e)) {
		users_free(&users);
		return -1;
	}
	if (users.strange)
		out_warn(c->out, "%s: chasquid would not read this file",
			 users.strange);
	for (size_t i = 0; i < users.n; i++) {
		const struct user *u = &users.at[i];
		const char *who = mem_fmt(&c->mem, "%s@%s", u->name, shown);
		const char *scheme = users_scheme_name(u->scheme);
		const struct out_cell cells[] = {
			{ .text = who },
			{ .text = scheme },
		};

		out_row(t,
			json_pack("{s:s, s:o, s:s}", "type", "user", "address",
				  out_utf8(who), "scheme", scheme),
			cells);
	}
	users_free(&users);
	return 0;
}

int cmd_user_list(struct call *c, struct err *e)
{
	static const struct out_column columns[] = {
		{ .title = "USER" },
		{ .title = "PASSWORD" },
	};
	struct place p;
	struct chasquid_domains all;
	struct out_table *t;
	int rc = place_open(c, &p, e) || place_domains(c, &p, &all, e) ? -1 : 0;

	chasquid_free(&p.conf);
	if (rc)
		return -1;
	t = out_table(c->out, columns, 2);
	for (size_t i = 0; i < all.n && !rc; i++)
		rc = list_domain(c, &all.at[i], t, e);
	out_table_end(t);
	return rc;
}
