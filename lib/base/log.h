/* What -v and -vv show, on stderr. Library code speaks only here, never above
 * LOG_REASON; errors travel as struct err. */
#pragma once

#include "base/str.h"

enum log_level {
	LOG_QUIET, /* -q: nothing but problems */
	LOG_NORMAL,
	LOG_REASON, /* -v: why a step was taken */
	LOG_WIRE,   /* -vv: DNS answers and API calls, secrets masked */
};

void log_set(enum log_level at);
enum log_level log_level(void);

/* One line each; safe from several threads. Control bytes show as \xNN, and
 * every value given to log_hide as "***". */
void log_say(enum log_level at, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Registers a secret of 4 bytes or more by value, for the process's life, also
 * as it stands in a URL and in JSON. */
void log_hide(struct str secret);

struct buf;
/* Appends text with the same masking: every sink (log, error, JSON) uses it. */
void log_mask(struct buf *out, struct str text);
/* Appends text with what is no character, what a terminal would obey and what
 * turns text around as \xNN: LF and TAB too. */
void log_escape(struct buf *out, struct str text);
