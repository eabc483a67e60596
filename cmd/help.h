/* Help, printed from the rows; 80 columns. */
#pragma once

#include "base/buf.h"
#include "cmd/cmd.h"

/* All commands (no words), those of a noun ("dns"), or one ("ssl list").
 * ERR_USAGE with the nearest when there is none. */
int help_text(const char *const *words, size_t n, struct buf *out,
	      struct err *e);
/* For programs, a line each, fields by TAB: "command PHRASE ARGS ABOUT" and
 * "option PHRASE -L --NAME ARG HELP"; global options have the phrase "". */
void help_rows(struct buf *out);
/* The row's command as JSON: phrase, args, about, options. */
json_t *help_json(const struct cmd *c);
