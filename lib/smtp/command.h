/* A command line in pieces (RFC 5321 4.1): verb, path, parameters. */
#pragma once

#include "base/buf.h"
#include "base/str.h"

/* The line without its end. False when control characters are in it. */
bool command_read(struct str line, struct str *verb, struct str *rest);
/* Takes "FROM:" or "TO:" off the front. False: it is not there. */
bool command_word(struct str *rest, const char *word);

/* The next "NAME=value" or "NAME" (RFC 5321 4.1.2 esmtp-param). */
struct command_param {
	struct str name, value;
	bool valued; /* a '=' was there */
};
enum command_params {
	COMMAND_NO_MORE,
	COMMAND_PARAM,
	COMMAND_MALFORMED,
};
enum command_params command_param(struct str *rest, struct command_param *out);

/* xtext (RFC 3461 4). -1 when it is none, or not printable once read. */
int command_xtext(struct str text, struct buf *out);
void command_xtext_add(struct str bytes, struct buf *out);
