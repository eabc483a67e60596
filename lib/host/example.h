/* The first configuration: conf.example, rendered for where it will stand. */
#pragma once

#include "base/err.h"
#include "base/mem.h"

/* conf_create with the embedded conf.example, each file rendered as a template
 * with these names: conf_dir. */
int example_create(const char *dir, struct mem *m, const char **edit,
		   struct err *e);
