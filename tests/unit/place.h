/* A folder of its own for tests that need files. */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fs.h"
#include "base/mem.h"

#include "tests/unit/test.h"

struct place {
	struct mem m;
	char dir[32]; /* absolute, mode 0700 */
	char home[4096];
};

static inline void place_open(struct place *p)
{
	static const char name[] = "/tmp/opsmail-unit-XXXXXX";

	*p = (struct place){ 0 };
	memcpy(p->dir, name, sizeof(name));
	assert_non_null(mkdtemp(p->dir));
	assert_non_null(getcwd(p->home, sizeof(p->home)));
}

static inline void place_close(struct place *p)
{
	struct err e = { 0 };

	assert_int_equal(chdir(p->home), 0);
	assert_int_equal(fs_remove_tree(p->dir, &e), 0);
	mem_free(&p->m);
}

static inline const char *place_path(struct place *p, const char *name)
{
	return mem_fmt(&p->m, "%s/%s", p->dir, name);
}

static inline void place_put(struct place *p, const char *name,
			     const char *text, mode_t mode)
{
	const char *path = place_path(p, name);
	struct err e = { 0 };

	assert_int_equal(fs_mkdir(mem_dup(&p->m, path,
					  (size_t)(strrchr(path, '/') - path)),
				  0700, &e),
			 0);
	assert_int_equal(fs_write(path, str_of(text), mode, &e), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static inline const char *place_get(struct place *p, const char *name)
{
	struct buf b = { 0 };
	struct err e = { 0 };
	const char *text = NULL;

	if (!fs_read(place_path(p, name), &b, &e))
		text = mem_str(&p->m, buf_c(&b));
	buf_free(&b);
	return text;
}
