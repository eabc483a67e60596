/* Values in and out of a zone, safely: one writer a zone, read-merge-write,
 * journal before the call, compare-and-swap where the provider has it, read
 * back afterwards. Foreign values of the same RRset stay byte for byte. */
#pragma once

#include "dns/journal.h"
#include "dns/provider.h"

struct edit {
	struct dns *dns;
	const char *zone;
	const char *purpose, *owner; /* for the journal */
	const char *id; /* of this run: what others had and del takes is noted,
			 * for undo; NULL: no note */
	bool back; /* what is added was another's and is again: not noted */
	struct str was; /* what the added value was made from: see journal.h */
};
/* Makes these values be there (add) and not be there (del); all of one name
 * and type. Already so: no call is made. ERR_CHANGED is retried inside with a
 * fresh read, up to 10 times with jitter. */
int edit_values(const struct edit *x, const struct records *add,
		const struct records *del, struct err *e);
/* Removes what the journal says is still ours for this owner, except `keep`. */
int edit_sweep(const struct edit *x, const struct records *keep, size_t *gone,
	       struct err *e);
