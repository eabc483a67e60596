/* Files: whole, atomic, with the modes we mean. A writer never follows a
 * symlink in the last part of a path and never leaves half a file behind. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

/* Appends the file to out, whose max is the limit. ERR_MISSING when absent. */
int fs_read(const char *path, struct buf *out, struct err *e);

/* Temp file beside it (O_EXCL, mode), write, fsync, rename, fsync of the
 * folder. A full disk leaves the old file as it was and no temp file; a kill
 * in between may leave ".opsmail-*.tmp". */
int fs_write(const char *path, struct str bytes, mode_t mode, struct err *e);

/* The same for a file that another program reads too: one that is there keeps
 * its owner, group, mode and access ACL, a new one has mode and, when root
 * makes it, the owner and group of its folder. */
int fs_rewrite(const char *path, struct str bytes, mode_t mode, struct err *e);

/* The same, but refuses (ERR_SYS "File exists") where something is. */
int fs_write_new(const char *path, struct str bytes, mode_t mode,
		 struct err *e);

/* A file in a folder that nobody looks into yet: written in place, not synced.
 * It must not be there. The caller syncs it, and then the folder. */
int fs_fill(const char *path, struct str bytes, mode_t mode, struct err *e);

/* fsync of a file or a folder. */
int fs_sync(const char *path, struct err *e);

/* O_APPEND of one whole line (LF added) and fdatasync; created with mode. */
int fs_append(const char *path, struct str line, mode_t mode, struct err *e);

/* Symlink `path` -> `target` made to point there by one rename. */
int fs_point(const char *path, const char *target, struct err *e);

/* mkdir -p; new folders get mode and are fsynced into their parents. */
int fs_mkdir(const char *path, mode_t mode, struct err *e);
int fs_remove(const char *path, struct err *e); /* a file; absent is fine */
int fs_remove_tree(const char *path,
		   struct err *e); /* never follows symlinks */
bool fs_exists(const char *path);  /* also a dangling symlink */
bool fs_is_dir(const char *path);

/* Removes the temp files that writers of this folder left who were killed: they
 * are told by their process, which is no more. An absent folder is fine. */
int fs_sweep(const char *path, struct err *e);
/* The name of such a file, for those who make one by themselves. */
enum { FS_TEMP_NAME = 48 };
void fs_temp_name(char out[static FS_TEMP_NAME]);

/* Names in a folder without . and .., sorted; ERR_MISSING when absent. */
struct fs_names {
	const char **at;
	size_t n, room;
};
int fs_list(const char *path, struct mem *m, struct fs_names *out,
	    struct err *e);
/* The same, but a folder that is absent has no names. */
int fs_list_maybe(const char *path, struct mem *m, struct fs_names *out,
		  struct err *e);

/* Refuses (ERR_CONF, naming the path, the owner or mode, and the chmod or
 * chown that mends it) unless path and every parent belong to root or to the
 * caller (under sudo also to who called it) and nobody else may write; a
 * sticky parent such as /tmp will do. Symlinks are followed and checked. */
int fs_check_safe(const char *path, struct err *e);

/* Exclusive flock on a file that is created 0600 and stays: freed by the
 * kernel when we die. Waits up to wait_ms (0: not at all), then ERR_TEMP
 * naming the pid that holds it. Close the fd to let go. */
int fs_lock(const char *path, int64_t wait_ms, int *fd, struct err *e);
/* The same on a folder itself, where no file may be left; the error names no
 * pid. */
int fs_lock_folder(const char *path, int64_t wait_ms, int *fd, struct err *e);
