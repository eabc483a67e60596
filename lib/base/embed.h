/* Files that are part of the binary: conf.example/** and templates/**. The
 * build writes the table; paths are relative to the top of the tree
 * ("templates/opsmail-cron.timer"), sorted. */
#pragma once

#include <stddef.h>

#include "base/str.h"

struct embed {
	const char *path;
	struct str bytes;
};
extern const struct embed embed_all[];
extern const size_t embed_n;

/* NULL when there is no such file. */
const struct embed *embed_find(const char *path);
