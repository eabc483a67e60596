/* What the files of cmd/out share; nobody else includes it. */
#pragma once

#include <pthread.h>

#include "base/buf.h"
#include "cmd/out.h"

/* The line at the bottom of a terminal that says what is being waited for. */
struct out_live {
	pthread_t thread;
	bool running, ending;
	pthread_cond_t wake;
	bool waiting;
	struct buf who, text; /* what for */
	int64_t since;        /* when it began */
	bool drawn;
};
struct out {
	struct tell tell; /* first: out_tell hands it out */
	struct out_how how;
	int fd[2]; /* results, the rest */
	bool tty[2], colored[2];
	int failed; /* errno of the first result that was not written */
	pthread_mutex_t lock;
	struct out_live live;
};
enum out_stream { OUT_RESULTS, OUT_REST };

/* Holding the lock. */
void out_write(struct out *o, enum out_stream to, struct str bytes);
void out_live_erase(struct out *o);
void out_live_set(struct out *o, const char *who, const char *text);
void out_live_clear(struct out *o);
void out_live_end(struct out *o); /* takes the lock itself */
void out_tell_show(struct tell *t, enum tell_kind kind, const char *who,
		   const char *text);
/* Masked and spelled out. */
void out_clean(struct buf *b, struct str text);

struct out_mark {
	const char *name; /* JSON */
	const char *word; /* people */
	const char *glyph, *ascii;
	const char *color; /* of libsmartcols */
	const char *escape;
};
const struct out_mark *out_mark(enum out_state s);
int out_width(const struct out *o, enum out_stream of); /* 0: no terminal */
