/* PRECIS, the UsernameCaseMapped profile (RFC 8264, RFC 8265 3.3): the one form
 * of a user's name in which it is stored and compared. Width and case are
 * mapped, then NFC; a final sigma is lower-cased as any other. Pure. */
#pragma once

#include "base/mem.h"
#include "base/str.h"

#define PRECIS_MAX 1024 /* bytes of a name before it is mapped */

/* *out lives in m. What is wrong with the name, or NULL; "" is fine. */
const char *precis_username(struct mem *m, struct str name, const char **out);
