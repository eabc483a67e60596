/* Domain names at the border: Unicode in, A-labels (RFC 5891) inside. */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

#define IDN_NAME_MAX 254 /* 253 and the NUL */

/* Lower case, A-labels, no final dot; underscores and one leading "*." are
 * let through. *out lives in m. ERR_CONF says what is wrong with the name. */
int idn_ascii(struct mem *m, struct str name, const char **out, struct err *e);

/* For people: the U-label form; the name itself where that cannot be. */
const char *idn_shown(struct mem *m, const char *ascii);
