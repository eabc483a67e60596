/* Growing bytes with a cap that is set at birth: struct buf b = { .max = N }.
 * The caller owns it and lends it. What would pass the cap is dropped,
 * as is all that comes after, and `full` is set: look at it once at the end. */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct buf {
	char *at; /* a NUL follows that n does not count; NULL when empty */
	size_t n, room, max; /* max 0 means BUF_MAX */
	bool full;
};
#define BUF_MAX ((size_t)16 << 20)

void buf_add(struct buf *b, const void *at, size_t n);
void buf_str(struct buf *b, const char *s);
void buf_view(struct buf *b, struct str s);
void buf_char(struct buf *b, char c);
void buf_fmt(struct buf *b, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void buf_vfmt(struct buf *b, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));
void buf_cut(struct buf *b, size_t n);  /* keeps the first n bytes */
void buf_drop(struct buf *b, size_t n); /* removes the first n bytes */
void buf_clear(struct buf *b);          /* n = 0, room stays */
void buf_free(struct buf *b);           /* max stays */
void buf_wipe(struct buf *b);           /* overwritten, then freed */
struct str buf_get(const struct buf *b);
const char *buf_c(const struct buf *b); /* "" when empty, never NULL */

static inline void auto_buf(struct buf *b)
{
	buf_free(b);
}
static inline void auto_secret(struct buf *b)
{
	buf_wipe(b);
}
