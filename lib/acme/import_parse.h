/* Parsers of what other clients write. Pure. */
#pragma once

#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"

/* The value of a line KEY='value' (acme.sh), KEY="value" or key = value
 * (certbot), the last one when there are several. -1 when there is none. */
int import_parse_value(struct str text, const char *key, struct buf *out);

/* An account as certbot (regr.json), lego 4 or lego 5 (account.json) keep it:
 * its URL and, where told, its directory; NULL for what is not there. */
struct import_parsed {
	const char *url, *server;
};
int import_parse_account(struct str json, struct mem *m,
			 struct import_parsed *out);

/* Host (with its port) and path (without the first slash) of an https URL. */
int import_parse_url(struct str url, struct str *host, struct str *path);
