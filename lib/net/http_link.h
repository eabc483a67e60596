/* The grammar of Link headers (RFC 8288 3), which http.c resolves to URLs. */
#pragma once

#include "base/str.h"

struct http_link {
	struct str target; /* as sent, perhaps relative */
	struct str rels;   /* relations, separated by spaces */
	bool anchored;     /* it speaks of another page than the one asked */
};

/* The next link of a header's value; false at its end or where none is. */
bool http_link_next(struct str *value, struct http_link *out);
