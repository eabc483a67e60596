#include "base/embed.h"

#include <string.h>

const struct embed *embed_find(const char *path)
{
	for (size_t i = 0; i < embed_n; i++)
		if (!strcmp(embed_all[i].path, path))
			return &embed_all[i];
	return NULL;
}
