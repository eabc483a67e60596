#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static size_t cap(const struct buf *b)
{
	return b->max ? b->max : BUF_MAX;
}

/* Secrets pass through buffers, so a block that is outgrown is wiped. */
static void grow(struct buf *b, size_t n)
{
	size_t room = b->room ? b->room : 64;

	while (room < n + 1)
		room *= 2;
	char *at = malloc(room);

	if (!at)
		abort();
	if (b->n)
		memcpy(at, b->at, b->n);
	mem_wipe(b->at, b->n);
	free(b->at);
	b->at = at;
	b->room = room;
}

/* Room for n more bytes, or for as many as the cap lets in. */
static size_t fit(struct buf *b, size_t n)
{
	size_t left = b->full || b->n > cap(b) ? 0 : cap(b) - b->n;

	if (n > left) {
		b->full = true;
		n = left;
	}
	if (n && b->room < b->n + n + 1)
		grow(b, b->n + n);
	return n;
}

void buf_add(struct buf *b, const void *at, size_t n)
{
	n = fit(b, n);
	if (!n)
		return;
	memcpy(b->at + b->n, at, n);
	b->n += n;
	b->at[b->n] = '\0';
}

void buf_str(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void buf_view(struct buf *b, struct str s)
{
	buf_add(b, s.at, s.n);
}

void buf_char(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void buf_fmt(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vfmt(b, fmt, ap);
	va_end(ap);
}

void buf_vfmt(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;

	va_copy(again, ap);
	int n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n <= 0)
		return;
	size_t want = (size_t)n, got = fit(b, want);

	if (!got)
		return;
	(void)vsnprintf(b->at + b->n, got + 1, fmt, ap);
	b->n += got;
}

void buf_cut(struct buf *b, size_t n)
{
	if (n >= b->n)
		return;
	b->n = n;
	b->at[n] = '\0';
}

void buf_drop(struct buf *b, size_t n)
{
	if (n >= b->n) {
		buf_cut(b, 0);
		return;
	}
	if (!n)
		return;
	memmove(b->at, b->at + n, b->n - n + 1);
	b->n -= n;
}

void buf_clear(struct buf *b)
{
	buf_cut(b, 0);
	b->full = false;
}

void buf_free(struct buf *b)
{
	free(b->at);
	*b = (struct buf){ .max = b->max };
}

void buf_wipe(struct buf *b)
{
	mem_wipe(b->at, b->room);
	buf_free(b);
}

struct str buf_get(const struct buf *b)
{
	return (struct str){ b->at, b->n };
}

const char *buf_c(const struct buf *b)
{
	return b->n ? b->at : "";
}
