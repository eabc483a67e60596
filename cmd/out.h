/* What the program says. Results go to stdout, all else to stderr. With --json
 * stdout is one JSON object a line and nothing else: first
 * {"type":"version","schema":"1.0",...}, then what the command sends, steps
 * {"type":"step"}, tasks {"type":"task"}, warnings and errors.
 *
 * Every text is masked (base/log.h) and its control bytes are shown as \xNN;
 * colours follow --color, NO_COLOR, CLICOLOR_FORCE, TERM and the terminal, and
 * never carry meaning alone. Safe from several threads. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/tell.h"

enum out_color { OUT_AUTO, OUT_ALWAYS, OUT_NEVER };
struct out_how {
	enum out_color color;
	bool json;
	bool quiet; /* only problems and what a person must do */
	bool yes;   /* --yes: out_ask does not ask */
	bool utf8;  /* the locale is UTF-8: glyphs may be */
};
struct out;
struct out *out_open(const struct out_how *how, int fd_out, int fd_err);
/* ERR_SYS when a result could not be written; without a sentence when it was a
 * pipe whose reader left, which it knows. */
int out_failed(const struct out *o, struct err *e);
void out_close(struct out *o);

bool out_json(const struct out *o);
/* Give this to jobs; it lives as long as o. */
struct tell *out_tell(struct out *o);

/* A line of the result; nothing with --json. */
void out_line(struct out *o, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Result text as it is, many lines (a zone file, a script); nothing with
 * --json, and neither masked nor escaped: not for what came from a network. */
void out_text(struct out *o, const char *text);
/* An object of the result, reference taken; nothing without --json. It begins
 * with "type". json_pack gives NULL for text that is no UTF-8: that is a
 * programming error here, so pass bytes of others through out_utf8. */
void out_object(struct out *o, json_t *object);
/* Text as a JSON string whatever its bytes; NULL gives null. */
json_t *out_utf8(const char *text);

enum out_state { OUT_PLAIN, OUT_OK, OUT_WARN, OUT_FAIL, OUT_SKIP };
/* One thing done or not done: "ok    example.org: certificate until ..." on
 * stdout; with --json {"type":"result","state":"ok","who":...,"text":...}.
 * With -q only OUT_WARN and OUT_FAIL show. who may be NULL. */
void out_result(struct out *o, enum out_state s, const char *who,
		const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* "warning: ..." on stderr; with --json {"type":"warning","text":...}. */
void out_warn(struct out *o, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* The one error sentence: "opsmail: ..."; with --json {"type":"error",...} on
 * stdout as well. For main, and for the domains of a job that goes on: then
 * `who` is set. */
void out_error(struct out *o, const char *who, const struct err *e, int status);

/* A table: all rows are printed by out_table_end, as wide as they need to be
 * (on a terminal the last column wraps). With --json a row is its object. */
struct out_column {
	const char *title;
	bool right;
};
struct out_cell {
	const char *text;     /* NULL: "" (or the word of its state) */
	enum out_state state; /* colour and glyph; OUT_PLAIN: none */
};
struct out_table;
struct out_table *out_table(struct out *o, const struct out_column *columns,
			    size_t n);
/* The object's reference is taken; NULL: the row has no JSON form. cells: as
 * many as there are columns; copied. */
void out_row(struct out_table *t, json_t *object, const struct out_cell *cells);
void out_table_end(struct out_table *t); /* prints and frees */

/* Yes or no, default no. *yes is true at once with --yes; without a terminal
 * ERR_USAGE that names --yes. */
int out_ask(struct out *o, bool *yes, struct err *e, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
