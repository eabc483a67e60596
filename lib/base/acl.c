#include "base/acl.h"

#include <acl/libacl.h>
#include <errno.h>
#include <pwd.h>
#include <stdbool.h>
#include <string.h>
#include <sys/acl.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "base/auto.h"
#include "base/log.h"

static void auto_acl(acl_t *a)
{
	if (*a)
		acl_free(*a);
}

static bool user_id(const char *name, uid_t *uid)
{
	char text[4096];
	struct passwd pw, *found = NULL;

	if (getpwnam_r(name, &pw, text, sizeof(text), &found) || !found)
		return false;
	*uid = pw.pw_uid;
	return true;
}

static int permit(acl_entry_t entry, bool read, bool search)
{
	acl_permset_t set;

	if (acl_get_permset(entry, &set) || acl_clear_perms(set) ||
	    (read && acl_add_perm(set, ACL_READ)) ||
	    (search && acl_add_perm(set, ACL_EXECUTE)))
		return -1;
	return acl_set_permset(entry, set);
}

static bool is_user(acl_entry_t entry, uid_t uid)
{
	acl_tag_t tag;

	if (acl_get_tag_type(entry, &tag) || tag != ACL_USER)
		return false;
	uid_t *of = acl_get_qualifier(entry);
	bool same = of && *of == uid;

	if (of)
		acl_free(of);
	return same;
}

static int add_user(acl_t *a, uid_t uid, bool search)
{
	acl_entry_t entry;

	for (int rc = acl_get_entry(*a, ACL_FIRST_ENTRY, &entry); rc == 1;
	     rc = acl_get_entry(*a, ACL_NEXT_ENTRY, &entry))
		if (is_user(entry, uid))
			return permit(entry, true, search);
	if (acl_create_entry(a, &entry) || acl_set_tag_type(entry, ACL_USER) ||
	    acl_set_qualifier(entry, &uid))
		return -1;
	return permit(entry, true, search);
}

/* The ACL that is there, or for a default ACL that is not yet there one that
 * says what the owner alone may do. */
static acl_t start(const char *path, acl_type_t type)
{
	acl_t a = acl_get_file(path, type);

	if (a && type == ACL_TYPE_DEFAULT && acl_entries(a) == 0) {
		acl_free(a);
		a = acl_from_mode(0700);
	}
	return a;
}

static int grant(const char *path, acl_type_t type, const uid_t *uids, size_t n,
		 bool search)
{
	AUTO(acl) acl_t a = start(path, type);

	if (!a)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (add_user(&a, uids[i], search))
			return -1;
	return acl_calc_mask(&a) ? -1 : acl_set_file(path, type, a);
}

#define USERS_MAX 64

int acl_readers(const char *path, const char *const *users, size_t n,
		struct err *e)
{
	uid_t uids[USERS_MAX];
	struct stat st;
	size_t known = 0;

	if (n > USERS_MAX)
		return err_set(e, ERR_CONF, "more than %d readers", USERS_MAX);
	for (size_t i = 0; i < n; i++) {
		if (user_id(users[i], &uids[known]))
			known++;
		else
			log_say(LOG_REASON, "%s: no user %s here, skipped",
				path, users[i]);
	}
	if (!known)
		return 0;
	if (stat(path, &st))
		return err_sys(e, "%s", path);
	bool dir = S_ISDIR(st.st_mode);

	if (!grant(path, ACL_TYPE_ACCESS, uids, known, dir) &&
	    (!dir || !grant(path, ACL_TYPE_DEFAULT, uids, known, true)))
		return 0;
	if (errno == EOPNOTSUPP)
		return err_set(e, ERR_SYS,
			       "%s: this file system has no ACLs, so the "
			       "readers cannot be let in",
			       path);
	return err_sys(e, "%s: setting its ACL", path);
}

static int set_class(acl_entry_t entry, acl_tag_t tag, mode_t mode)
{
	acl_permset_t set;
	mode_t bits = tag == ACL_USER_OBJ  ? mode >> 6 :
		      tag == ACL_GROUP_OBJ ? mode >> 3 :
					     mode;

	if (tag == ACL_MASK) /* named readers keep what they were given */
		bits = (mode >> 3) | (mode >> 6 & 05);
	else if (tag != ACL_USER_OBJ && tag != ACL_GROUP_OBJ &&
		 tag != ACL_OTHER)
		return 0;
	if (acl_get_permset(entry, &set) || acl_clear_perms(set) ||
	    ((bits & 04) && acl_add_perm(set, ACL_READ)) ||
	    ((bits & 02) && acl_add_perm(set, ACL_WRITE)) ||
	    ((bits & 01) && acl_add_perm(set, ACL_EXECUTE)))
		return -1;
	return acl_set_permset(entry, set);
}

int acl_mode(int fd, mode_t mode)
{
	acl_entry_t entry;
	acl_tag_t tag;

	if (fgetxattr(fd, "system.posix_acl_access", NULL, 0) <= 0)
		return fchmod(fd, mode);
	AUTO(acl) acl_t a = acl_get_fd(fd);

	if (!a)
		return -1;
	for (int rc = acl_get_entry(a, ACL_FIRST_ENTRY, &entry); rc == 1;
	     rc = acl_get_entry(a, ACL_NEXT_ENTRY, &entry))
		if (acl_get_tag_type(entry, &tag) ||
		    set_class(entry, tag, mode))
			return -1;
	return acl_set_fd(fd, a);
}
