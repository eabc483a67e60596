/* Mail addresses: what SMTP lets one be (RFC 5321 4.1.2, with RFC 6531's
 * UTF-8), and the form in which they are compared. Pure. */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

enum {
	ADDR_LOCAL_MAX = 64, /* RFC 5321 4.5.3.1 */
	ADDR_MAX = 254,      /* a path of 256 without its brackets */
};

/* Views of a text, or text in an arena: the function says which. */
struct addr {
	struct str local;
	struct str domain; /* "[192.0.2.1]" for a literal */
};

/* A whole Mailbox: views of it as written, a quoted local part with its
 * quotes. What is wrong with it, or NULL. */
const char *addr_parse(struct str text, struct addr *out);
/* At the first "@", with nothing looked at, as chasquid does; without one all
 * is local part and the domain empty. */
struct addr addr_split(struct str text);

/* A local part without its quotes and backslashes; one without quotes as it
 * is. In m. */
struct str addr_unquoted(struct mem *m, struct str local);
/* The form that is compared: PRECIS UsernameCaseMapped of the unquoted text.
 * What is wrong with it, or NULL. */
const char *addr_local(struct mem *m, struct str unquoted, const char **out);
/* A-labels in lower case; a literal in lower case; "" stays so. ERR_CONF. */
int addr_domain(struct mem *m, struct str domain, const char **out,
		struct err *e);
/* Both, of what addr_parse or addr_split gave; the local part unquoted. */
int addr_normal(struct mem *m, const struct addr *a, struct addr *out,
		struct err *e);

/* "local@domain" appended, the local part in quotes where it needs them. */
void addr_add(struct buf *out, struct str unquoted, struct str domain);
