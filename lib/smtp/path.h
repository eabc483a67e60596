/* The address in MAIL FROM and RCPT TO (RFC 5321 4.1.2, RFC 6531): the one
 * place that reads it. */
#pragma once

#include "base/mem.h"
#include "base/str.h"

enum { PATH_MAX_BYTES = 256 };
enum path_fault {
	PATH_OK,
	PATH_SYNTAX,    /* no address */
	PATH_LONG,      /* more than PATH_MAX_BYTES */
	PATH_NO_DOMAIN, /* nothing after the local part, which is filled in */
	PATH_DOMAIN,    /* no name for a domain */
};
struct path {
	struct str text;   /* local@domain, quotes as they were; empty: <> */
	struct str local;  /* as it was given, quotes and all */
	struct str domain; /* lower case, A-labels; or "[192.0.2.1]" */
	struct str given;  /* the domain as it was given */
	bool utf8;         /* bytes above 127 are in what was given */
};
/* Takes "<...>" or a bare address off the front of *s, blanks before it too. A
 * source route is dropped (RFC 5321 4.1.1.3). Lives in m. */
enum path_fault path_read(struct str *s, struct mem *m, struct path *out);
