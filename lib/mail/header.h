/* A message cut into header fields and body (RFC 5322 2). Views, no copies. */
#pragma once

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

struct header_field {
	struct str name;  /* without the colon and blanks before it */
	struct str value; /* what follows the colon, folded, no last CRLF */
	struct str raw;   /* all of it with its CRLF */
};
struct header {
	struct header_field *at;
	size_t n, room;
	struct str body; /* after the empty line; may be empty */
};
/* ERR_PERM with the line's number for what is no header. Lines end with CRLF
 * or LF; the last one may lack it. */
int header_parse(struct str message, struct mem *m, struct header *out,
		 struct err *e);
bool header_is(const struct header_field *f, const char *name);
/* The nth of that name from the bottom up, from 0; NULL: there are fewer. */
const struct header_field *header_last(const struct header *h, struct str name,
				       size_t nth);
