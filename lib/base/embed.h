/* Files that are part of the binary: the folders conf.example and templates,
 * the manuals, the provider descriptors. The build writes the table (see
 * EMBED in the Makefile); paths are relative to the top of the tree
 * ("templates/opsmail-cron.timer"), sorted. A NUL stands behind the bytes. */
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
