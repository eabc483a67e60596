/* Errors: one sentence, written by the leaf, placed by the middle, printed
 * once by cmd/main.c. Functions that may fail return 0 or -1 and take a
 * struct err last. */
#pragma once

#include <time.h>

/* A kind exists only where callers branch on it or an exit status hangs on
 * it. */
enum err_kind {
	ERR_NONE,
	ERR_USAGE,   /* the command line is wrong: exit 64 */
	ERR_CONF,    /* the configuration is wrong: exit 1 */
	ERR_SYS,     /* this machine refused: exit 1 */
	ERR_TEMP,    /* trying again later can work: exit 1 */
	ERR_PERM,    /* the far end said no for good: exit 1 */
	ERR_MISSING, /* it is not there: exit 1 */
	ERR_PENDING, /* there is something to do, as was asked for: exit 2 */
	ERR_CHECK,   /* what was looked into is not as it must be: exit 3 */
	ERR_AUTH,    /* credentials missing or refused: exit 4 */
	ERR_PARTIAL, /* some of it was done, a new run continues: exit 5 */
	ERR_TIMEOUT, /* waited as long as allowed, all is well so far: exit 6 */
	ERR_CHANGED, /* somebody changed it since we read it: read again */
	ERR_STOPPED, /* SIGINT or SIGTERM, after cleaning up: exit 130 */
};

/* One per command or thread, on its stack; { 0 } is a valid empty one. */
struct err {
	enum err_kind kind;
	time_t until;   /* no use in trying before this moment; 0 = not told */
	char msg[4096]; /* always terminated; cut with "..." when too long */
};

/* Both return -1, so that `return err_set(...)` reads well. err_set replaces
 * what was there (also `until`); err_at puts where we were in front of the
 * sentence: "example.org: " + "refused". */
int err_set(struct err *e, enum err_kind kind, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
int err_at(struct err *e, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* As err_set with ERR_SYS and ": " + strerror(errno) behind it. */
int err_sys(struct err *e, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Readers of code, compilers among them, see here that the result is -1. */
#define ERR_FAILED(call)    \
	__extension__({     \
		(void)call; \
		-1;         \
	})
#define err_set(...) ERR_FAILED(err_set(__VA_ARGS__))
#define err_at(...) ERR_FAILED(err_at(__VA_ARGS__))
#define err_sys(...) ERR_FAILED(err_sys(__VA_ARGS__))
