#include "base/acl.h"

#include <acl/libacl.h>
#include <errno.h>
#include <pwd.h>
#include <sys/acl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/log.h"
#include "base/mem.h"

static void release(void *acl)
{
	(void)acl_free(acl);
}

AUTO_DEFINE(acl, struct __acl_ext, release)

static int user_id(const char *name, uid_t *uid)
{
	struct passwd pw, *found = NULL;
	char text[4096];

	if (getpwnam_r(name, &pw, text, sizeof(text), &found) || !found)
		return -1;
	*uid = pw.pw_uid;
	return 0;
}

/* The next entry, or NULL; `which` is ACL_FIRST_ENTRY or ACL_NEXT_ENTRY. */
static acl_entry_t step(acl_t acl, int which)
{
	acl_entry_t entry = NULL;

	return acl_get_entry(acl, which, &entry) == 1 ? entry : NULL;
}

static bool is_tag(acl_entry_t entry, acl_tag_t tag)
{
	acl_tag_t is;

	return !acl_get_tag_type(entry, &is) && is == tag;
}

static acl_entry_t user_entry(acl_t acl, uid_t uid)
{
	acl_entry_t at;

	for (at = step(acl, ACL_FIRST_ENTRY); at;
	     at = step(acl, ACL_NEXT_ENTRY)) {
		uid_t *who = is_tag(at, ACL_USER) ? acl_get_qualifier(at) :
						    NULL;
		bool same = who && *who == uid;

		if (who)
			release(who);
		if (same)
			return at;
	}
	return NULL;
}

static int add_pass(acl_t *acl, uid_t uid, bool *changed)
{
	acl_entry_t entry = user_entry(*acl, uid);
	acl_permset_t perms;

	if (!entry) {
		if (acl_create_entry(acl, &entry) ||
		    acl_set_tag_type(entry, ACL_USER) ||
		    acl_set_qualifier(entry, &uid) ||
		    acl_get_permset(entry, &perms) || acl_clear_perms(perms))
			return -1;
	} else if (acl_get_permset(entry, &perms)) {
		return -1;
	}
	if (acl_get_perm(perms, ACL_EXECUTE) == 1)
		return 0;
	*changed = true;
	return acl_add_perm(perms, ACL_EXECUTE);
}

static int refused(const char *path, struct err *e)
{
	if (errno == ENOTSUP || errno == ENOSYS)
		return err_set(e, ERR_SYS,
			       "%s: this file system keeps no ACLs, so that "
			       "acme.readers cannot be served; move the folder "
			       "or leave acme.readers empty",
			       path);
	return err_sys(e, "%s: its ACL", path);
}

int acl_pass(const char *path, const char *const *users, size_t n,
	     struct err *e)
{
	AUTO(acl) acl_t acl = NULL;
	struct stat st;
	bool changed = false;
	size_t i;

	if (!n)
		return 0;
	if (stat(path, &st))
		return err_sys(e, "%s", path);
	if (st.st_mode & S_IXOTH)
		return 0;
	acl = acl_get_file(path, ACL_TYPE_ACCESS);
	if (!acl)
		return refused(path, e);
	for (i = 0; i < n; i++) {
		uid_t uid;

		if (user_id(users[i], &uid))
			continue;
		if (add_pass(&acl, uid, &changed))
			return refused(path, e);
	}
	if (!changed)
		return 0;
	if (acl_calc_mask(&acl) || acl_set_file(path, ACL_TYPE_ACCESS, acl))
		return refused(path, e);
	return 0;
}

static int drop_in(const char *path, acl_type_t type, const char *const *users,
		   size_t n, struct err *e)
{
	AUTO(acl) acl_t acl = acl_get_file(path, type);
	bool changed = false;
	size_t i;

	if (!acl)
		return errno == ENOTSUP || errno == ENOSYS ? 0 :
							     refused(path, e);
	for (i = 0; i < n; i++) {
		acl_entry_t entry;
		uid_t uid;

		if (user_id(users[i], &uid))
			continue;
		entry = user_entry(acl, uid);
		if (!entry)
			continue;
		if (acl_delete_entry(acl, entry))
			return refused(path, e);
		changed = true;
	}
	if (!changed)
		return 0;
	if (acl_calc_mask(&acl) || acl_set_file(path, type, acl))
		return refused(path, e);
	return 0;
}

int acl_drop(const char *path, const char *const *users, size_t n,
	     struct err *e)
{
	struct stat st;

	if (!n)
		return 0;
	if (lstat(path, &st))
		return err_sys(e, "%s", path);
	if (drop_in(path, ACL_TYPE_ACCESS, users, n, e))
		return -1;
	return S_ISDIR(st.st_mode) ?
		       drop_in(path, ACL_TYPE_DEFAULT, users, n, e) :
		       0;
}

static int clear_others(acl_t acl)
{
	acl_entry_t at;
	acl_permset_t perms;

	for (at = step(acl, ACL_FIRST_ENTRY); at;
	     at = step(acl, ACL_NEXT_ENTRY)) {
		if (is_tag(at, ACL_OTHER) &&
		    (acl_get_permset(at, &perms) || acl_clear_perms(perms)))
			return -1;
	}
	return 0;
}

int acl_keep(const char *from, const char *to, struct err *e)
{
	AUTO(acl) acl_t acl = NULL;
	struct stat old, new;

	if (stat(from, &old) || stat(to, &new))
		return err_sys(e, "%s: taking over its mode", from);
	if ((old.st_uid != new.st_uid || old.st_gid != new.st_gid) &&
	    chown(to, old.st_uid, old.st_gid)) {
		log_say(LOG_REASON, "%s: keeping its owner: not permitted", to);
		return 0;
	}
	acl = acl_get_file(from, ACL_TYPE_ACCESS);
	if (!acl && (errno == ENOTSUP || errno == ENOSYS)) {
		if (chmod(to, old.st_mode & 0770))
			return err_sys(e, "%s: its mode", to);
		return 0;
	}
	if (!acl || clear_others(acl) || acl_set_file(to, ACL_TYPE_ACCESS, acl))
		return refused(to, e);
	return 0;
}

int acl_like(const char *from, int fd)
{
	AUTO(acl) acl_t acl = NULL;
	struct stat old, new;

	if (stat(from, &old) || fstat(fd, &new))
		return -1;
	if ((old.st_uid != new.st_uid || old.st_gid != new.st_gid) &&
	    fchown(fd, old.st_uid, old.st_gid))
		return -1;
	acl = acl_get_file(from, ACL_TYPE_ACCESS);
	if (!acl)
		return errno == ENOTSUP || errno == ENOSYS ?
			       fchmod(fd, old.st_mode & 07777) :
			       -1;
	return acl_set_fd(fd, acl);
}
