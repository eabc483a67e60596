/* One SPF record out of what is there and what must be in it. Pure. */
#pragma once

#include "conf/conf.h"
#include "mail/spf.h"

/* `old` with those of the terms put in that it lacks, before its first "all",
 * else before its redirect, else at its end with "~all" behind. What was there
 * keeps its order, its case and its blanks, and its "all": one among the terms
 * counts only where `old` has no end. Empty `old`: a new record. When nothing
 * is lacking *out is `old`. ERR_PERM: `old` or a term cannot be read, and
 * which. */
int spfmerge_add(struct str old, const struct conf_list *terms, struct mem *m,
		 struct str *out, struct err *e);
/* What several records say together: each term once, "~all" where they end
 * differently, include in place of redirect. ERR_PERM as above. */
int spfmerge_join(const struct str *records, size_t n, struct mem *m,
		  struct str *out, struct err *e);
/* Whether the term stands there: case and a "+" make no difference. */
bool spfmerge_has(struct str record, const char *term);
