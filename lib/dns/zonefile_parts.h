/* What the two formats made of strings and fields share. */
#pragma once

#include "base/buf.h"
#include "dns/record.h"

enum { ZONEFILE_FIELDS = 8 };
enum zonefile_quote { ZONEFILE_JS, ZONEFILE_YAML };

/* A value's fields, without quotes and escapes; how many there are (0: more
 * than fit). Text in m. */
size_t zonefile_fields(const struct record *r, struct mem *m,
		       struct str field[ZONEFILE_FIELDS]);
/* A quoted string; false, and nothing written, when it is no UTF-8. */
bool zonefile_quoted(struct buf *out, struct str s, enum zonefile_quote how);
/* "MARK name TYPE value" and a line end. */
void zonefile_comment(struct buf *out, const char *mark, const char *zone,
		      const struct record *r);
