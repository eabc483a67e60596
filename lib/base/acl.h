/* POSIX ACLs: named users who may read a folder and what is made in it. */
#pragma once

#include "base/err.h"

/* Gives each of users[n] read (and x on folders) on path, by an access ACL,
 * and on a folder also by a default ACL so that later files inherit it. Users
 * that this machine lacks are skipped (log). A file system without ACLs is
 * ERR_SYS saying so. n == 0 does nothing. */
int acl_readers(const char *path, const char *const *users, size_t n,
		struct err *e);
