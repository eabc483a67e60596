/* SASL as far as mail needs it: PLAIN (RFC 4616), LOGIN, and XOAUTH2 for the
 * way out. Whether a login is right is not decided here. */
#pragma once

#include "base/buf.h"
#include "base/str.h"

enum auth_mechanism { AUTH_NONE, AUTH_PLAIN, AUTH_LOGIN, AUTH_XOAUTH2 };
const char *auth_name(enum auth_mechanism m); /* "PLAIN" */
/* Among those a server takes; AUTH_NONE: not one of them. */
enum auth_mechanism auth_find(struct str name);

enum { AUTH_LINE_MAX = 12288 }; /* RFC 4954 4 */

/* One login on its way. What it holds is wiped by auth_free. */
struct auth {
	enum auth_mechanism mechanism;
	struct buf user, password;
	bool named; /* LOGIN: the user was told */
};
enum auth_next {
	AUTH_ASK,    /* send *challenge (base64, may be empty) after "334 " */
	AUTH_CHECK,  /* user and password are there */
	AUTH_BAD,    /* not base64, or not what the mechanism asks for */
	AUTH_CANCEL, /* the client gave up with "*" */
};
/* The initial response that stands in the AUTH command, NULL when there is
 * none; "=" is an empty one (RFC 4954 4). */
enum auth_next auth_begin(struct auth *a, const struct str *initial,
			  const char **challenge);
enum auth_next auth_line(struct auth *a, struct str line,
			 const char **challenge);
void auth_free(struct auth *a);

/* ---- the way out: base64 of what a client says ---- */
void auth_plain(struct str user, struct str password, struct buf *out);
void auth_xoauth2(struct str user, struct str token, struct buf *out);
