/* Where things lie below conf/acme; shared by the files of the store alone. */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

/* conf/acme/KIND/NAME + suffix; name "" gives conf/acme/KIND. */
const char *store_path(struct mem *m, const char *conf_dir, const char *kind,
		       const char *name, const char *suffix);
/* A name becomes part of paths: letters, digits, '-', '.', '_' and '*', no dot
 * in front, at most 253 and "_rsa". Else ERR_USAGE. */
int store_name_check(const char *name, struct err *e);
/* "20261125T021330Z", or with "-001" behind it. */
bool store_is_stamp(struct str s);
/* The stamp that live/NAME points to, in m: ERR_MISSING when there is no link,
 * ERR_CONF when something else stands there. */
int store_live_stamp(const char *conf_dir, const char *name, struct mem *m,
		     const char **stamp, struct err *e);
