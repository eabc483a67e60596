/* POSIX ACLs: named users who may read a folder and what is made in it. */
#pragma once

#include <sys/types.h>

#include "base/err.h"

/* Gives each of users[n] read (and x on folders) on path, by an access ACL,
 * and on a folder also by a default ACL so that later files inherit it. Users
 * that this machine lacks are skipped (log). A file system without ACLs is
 * ERR_SYS saying so. n == 0 does nothing. */
int acl_readers(const char *path, const char *const *users, size_t n,
		struct err *e);

/* Lets users[n] pass through a folder (x alone, nothing is inherited), unless
 * everybody may. Same errors as acl_readers. */
int acl_pass(const char *path, const char *const *users, size_t n,
	     struct err *e);
/* Takes the entries of users[n] out of both ACLs of path; a file system
 * without ACLs has none, which is fine. */
int acl_drop(const char *path, const char *const *users, size_t n,
	     struct err *e);
/* Gives `to` the owner, group, mode and access ACL that an administrator gave
 * `from`, but nothing for others. Where we may not change the owner or group,
 * `to` stays as it is. */
int acl_keep(const char *from, const char *to, struct err *e);

/* fchmod for what was just made: where the folder's default ACL came down on
 * it, owner, group and others get what mode says and the named readers keep
 * their read (a plain fchmod would take it away). -1 with errno. */
int acl_mode(int fd, mode_t mode);
/* Gives the open file the owner, group, mode and access ACL of `from`, whole
 * and exact. -1 with errno. */
int acl_like(const char *from, int fd);
