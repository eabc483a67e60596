/* Passwords of people: asked for on a terminal without echo, read from a file,
 * or made up. They never come from the command line, where all can see them. */
#pragma once

#include "base/buf.h"
#include "cmd/cmd.h"

enum { PASSWORD_MAX = 1024 };
enum password_use {
	PASSWORD_NEW,   /* asked for twice; may be made up */
	PASSWORD_CHECK, /* asked for once */
};

/* One line from the terminal `in`, the prompt on `out`. ERR_USAGE: it is none;
 * ERR_STOPPED: the answer was an interrupt. */
int password_ask(int in, int out, const char *prompt, struct buf *text,
		 struct err *e);
/* By --password-file, --generate, or asked for. One that was made up is shown
 * here, this once. text: AUTO(secret). */
int password_take(struct call *c, enum password_use use, const char *who,
		  struct buf *text, struct err *e);
