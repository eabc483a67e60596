/* Secrets: how they are written, shown, fetched. secret_read is in conf.h. */
#pragma once

#include "conf/conf.h"
#include "data/yaml.h"

/* Text, {file: PATH} or {command: [ARG...]}. A path is relative to dir.
 * 0, or -1 with the reason in *why. */
int secret_parse(const struct yaml *n, const char *origin, const char *dir,
		 struct mem *m, struct secret *s, const char **why);
/* "***", "file:/path" or "command:program". */
const char *secret_shown(const struct secret *s, struct mem *m);
/* As secret_read, but the text is not hidden from the log: user names and
 * regions travel as credentials too. */
int secret_fetch(const struct secret *s, struct mem *m, const char **text,
		 struct err *e);
