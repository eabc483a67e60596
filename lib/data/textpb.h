/* Protobuf's text format as far as chasquid's files use it: a tree of fields
 * that know where they stand, then a look at what a message may hold, a row a
 * field. What Go's prototext takes is taken, what it refuses is refused. Pure;
 * at most 32 levels, 16 MiB and 1,000,000 fields. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

enum textpb_kind { TEXTPB_STRING, TEXTPB_WORD, TEXTPB_MESSAGE };
struct textpb {
	enum textpb_kind kind;
	const char *name; /* "" for the whole text; "[a.b]" for an extension */
	int line, column; /* of its value where it is one of a list, else of its
			   * name; from 1, columns in characters */
	bool listed;      /* written name: [...] */
	struct str text;  /* STRING: its bytes, escapes undone; WORD: as is */
	struct str source; /* all of the field, as it stands in the text, with
			    * the comma behind it; a list's fields share it */
	struct str value;  /* the value alone, as it stands there */
	int64_t number;    /* by textpb_check: integers, enums, 0 or 1 */
	struct textpb *child, *next;
};

/* Everything lives in m, text included in it must live as long. Errors start
 * with "file:line:column: ". */
int textpb_parse(struct str text, const char *file, struct mem *m,
		 struct textpb **root, struct err *e);

enum textpb_type {
	TEXTPB_TEXT,  /* UTF-8 */
	TEXTPB_BYTES, /* any bytes */
	TEXTPB_BOOL,
	TEXTPB_INT32,
	TEXTPB_INT64,
	TEXTPB_UINT32,
	TEXTPB_UINT64, /* above INT64_MAX: refused */
	TEXTPB_ENUM,
	TEXTPB_INSIDE, /* a message */
};
struct textpb_rows;
struct textpb_row {
	const char *name;
	enum textpb_type type;
	bool many;         /* repeated; else once */
	const char *words; /* ENUM: names of 0, 1, 2..., blank-separated */
	const struct textpb_rows *inside; /* INSIDE: what it may hold */
};
struct textpb_rows {
	const struct textpb_row *at;
	size_t n;
};
#define TEXTPB_ROWS(array)                                  \
	{                                                   \
		(array), sizeof(array) / sizeof((array)[0]) \
	}

enum textpb_strange {
	TEXTPB_REFUSE, /* a field that is in no row is an error */
	TEXTPB_ALLOW,  /* it is left alone, with all that is in it */
};
/* Fills `number` below msg; ERR_CONF with its place for a field that is in no
 * row, stands twice, or has a value of another type. */
int textpb_check(const struct textpb *msg, const struct textpb_rows *rows,
		 const char *file, enum textpb_strange how, struct err *e);

/* The last field of that name; NULL: none. */
const struct textpb *textpb_get(const struct textpb *msg, const char *name);

/* A line each, as chasquid writes them: two blanks a level. */
void textpb_add_text(struct buf *out, int level, const char *name,
		     struct str value);
void textpb_add_word(struct buf *out, int level, const char *name,
		     const char *word);
void textpb_add_number(struct buf *out, int level, const char *name, int64_t n);
void textpb_open(struct buf *out, int level, const char *name);
void textpb_close(struct buf *out, int level);
