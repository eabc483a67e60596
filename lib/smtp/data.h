/* Message bytes on the wire: dots taken away, line ends held to CR LF, the end
 * found where RFC 5321 4.5.2 has it and nowhere else. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

enum data_place { DATA_LINE, DATA_TEXT, DATA_CR, DATA_DOT, DATA_DOT_CR };
struct data {
	bool counted;        /* BDAT: no dots, the length says where it ends */
	bool high;           /* bytes above 127 were in it */
	bool nul;            /* as were NUL bytes */
	unsigned char place; /* enum data_place */
	uint32_t line;       /* bytes of the line so far, without its end */
	uint32_t longest;
	uint64_t n; /* bytes on the wire */
};
enum data_event {
	DATA_MORE,  /* all of *in was taken, and none of it is message */
	DATA_CHUNK, /* *chunk is message; it lies in what *in was */
	DATA_END,   /* the dot was read; *in holds what follows */
	DATA_BAD, /* a CR or an LF by itself: nothing after it can be trusted */
};
enum data_event data_scan(struct data *d, struct str *in, struct str *chunk);

/* The way out: lines that begin with a dot get another, and the line end of
 * what came before is kept in *place, at first DATA_LINE. */
void data_stuff(enum data_place *place, struct str bytes, struct buf *out);
/* The dot, after a line end where there was none. */
void data_end(enum data_place place, struct buf *out);
