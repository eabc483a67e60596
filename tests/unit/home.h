/* A folder of one's own for a test of files. */
#pragma once

#include <sys/stat.h>

#include "base/fs.h"
#include "base/mem.h"

struct home {
	struct mem mem;
	const char *dir;
};

static int home_make(void **state)
{
	struct home *h = calloc(1, sizeof(*h));
	char path[] = "/tmp/opsmail-test-XXXXXX";

	if (!h || !mkdtemp(path))
		return -1;
	h->dir = mem_str(&h->mem, path);
	*state = h;
	return 0;
}

static int home_drop(void **state)
{
	struct home *h = *state;
	struct err e = { 0 };
	int rc = fs_remove_tree(h->dir, &e);

	mem_free(&h->mem);
	free(h);
	return rc;
}

/* A path below it. */
static inline const char *home_path(struct home *h, const char *name)
{
	return mem_fmt(&h->mem, "%s/%s", h->dir, name);
}

static inline mode_t home_mode(const char *path)
{
	struct stat st;

	return lstat(path, &st) ? 0 : st.st_mode & 07777;
}
