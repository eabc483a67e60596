#include "cmd/util_parts.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/fs.h"
#include "base/precis.h"
#include "cmd/password.h"
#include "conf/users.h"
#include "mail/addr.h"

/* The user that the second word names, and the file he is in. */
struct work {
	struct util *u;
	const char *name; /* PRECIS form */
	const char *folder, *path;
	struct users users;
};

enum make { MAKE, FIND };

static int load(struct work *w)
{
	struct err e = { 0 };

	if (users_read(w->path, &w->users, &e))
		return util_fail("Error loading database: %s", e.msg);
	if (w->users.strange)
		return util_fail("Error loading database: %s",
				 w->users.strange);
	return 0;
}

static int make_folder(const char *folder)
{
	struct err e = { 0 };

	if (fs_exists(folder))
		return 0;
	(void)puts("Creating database");
	if (fs_mkdir(folder, 0755, &e))
		return util_fail("Error creating database dir: %s", e.msg);
	return 0;
}

/* The folder is named as the domain was typed, which is how chasquid looks for
 * it. */
static int open_work(struct util *u, enum make how, struct work *w)
{
	struct addr a = addr_split(str_of(util_word(u, 2)));

	*w = (struct work){ .u = u };
	if (!a.domain.n)
		return util_fail("Domain missing, username should be of the "
				 "form 'user@domain'");
	w->folder =
		mem_fmt(&u->mem, "%s/domains/%.*s", u->dir, STR_FMT(a.domain));
	w->path = mem_fmt(&u->mem, "%s/users", w->folder);
	if ((how == MAKE && make_folder(w->folder)) || load(w))
		return 1;
	if (precis_username(&u->mem, a.local, &w->name))
		return util_fail("Error normalizing user: precis: disallowed "
				 "rune encountered");
	return 0;
}

static int ask(const char *prompt, struct buf *text)
{
	struct err e = { 0 };

	(void)fflush(stdout);
	if (!isatty(STDIN_FILENO)) {
		(void)printf("%s\n", prompt);
		return util_fail("Error reading password: inappropriate ioctl "
				 "for device");
	}
	return password_ask(STDIN_FILENO, STDOUT_FILENO, prompt, text, &e) ?
		       util_fail("Error reading password: %s", e.msg) :
		       0;
}

static int get_password(struct util *u)
{
	AUTO(secret) struct buf again = { 0 };

	if (u->has_password)
		return 0;
	if (ask("Password: ", &u->password) ||
	    ask("Confirm password: ", &again))
		return 1;
	return str_same(buf_get(&u->password), buf_get(&again)) ?
		       0 :
		       util_fail("Passwords don't match");
}

static int write_user(struct work *w, const struct user *x, enum users_edit how)
{
	struct err e = { 0 };

	if (users_change(w->path, x, how, &e))
		return util_fail("Error writing database: %s", e.msg);
	(void)puts(how == USERS_PUT ? "Added user" : "Removed user");
	return 0;
}

static int add(struct work *w)
{
	struct user x = { .name = w->name, .scheme = USERS_DENIED };
	struct err e = { 0 };
	bool denied = util_get(w->u, "--receive_only");

	if (denied && w->u->has_password)
		return util_fail("Cannot specify both --receive_only and "
				 "--password");
	if (!denied && get_password(w->u))
		return 1;
	if (!denied && users_make(&w->u->mem, str_of(w->name),
				  buf_get(&w->u->password), &x, &e))
		return util_fail("Error adding user: invalid username");
	return write_user(w, &x, USERS_PUT);
}

int util_user_add(struct util *u)
{
	struct work w;
	int status = open_work(u, MAKE, &w) || add(&w);

	users_free(&w.users);
	return status;
}

int util_user_remove(struct util *u)
{
	struct work w;
	int status = open_work(u, FIND, &w);
	const struct user *is = status ? NULL :
					 users_find(&w.users, str_of(w.name));

	if (!status)
		status = is ? write_user(&w, is, USERS_DROP) :
			      util_fail("Unknown user");
	users_free(&w.users);
	return status;
}

static int try(struct work *w)
{
	const struct user *is = users_find(&w->users, str_of(w->name));

	if (get_password(w->u))
		return 1;
	if (!users_check(is, buf_get(&w->u->password)))
		return util_fail("Authentication failed");
	(void)puts("Authentication succeeded");
	return 0;
}

int util_authenticate(struct util *u)
{
	struct work w;
	int status = open_work(u, FIND, &w) || try(&w);

	users_free(&w.users);
	return status;
}

int util_check_userdb(struct util *u)
{
	struct work w = { .u = u };
	int status;

	w.path = mem_fmt(&u->mem, "%s/domains/%s/users", u->dir,
			 util_word(u, 2));
	if (!fs_exists(w.path))
		return util_fail("Error: file \"%s\" does not exist", w.path);
	status = load(&w);
	if (!status)
		(void)printf("Database loaded (%zu users)\n", w.users.n);
	users_free(&w.users);
	return status;
}
