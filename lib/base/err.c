#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

/* Copies what fits; a cut sentence ends in "..." and never inside a UTF-8
 * character. */
static void keep(struct err *e, const char *text)
{
	size_t n = strlen(text), max = sizeof(e->msg) - 1;

	if (n <= max) {
		memcpy(e->msg, text, n + 1);
		return;
	}
	n = max - 3;
	while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80)
		n--;
	memcpy(e->msg, text, n);
	memcpy(e->msg + n, "...", 4);
}

int(err_set)(struct err *e, enum err_kind kind, const char *fmt, ...)
{
	struct mem m = { 0 };
	va_list ap;

	va_start(ap, fmt);
	keep(e, mem_vfmt(&m, fmt, ap)); /* an argument may be e->msg itself */
	va_end(ap);
	mem_free(&m);
	e->kind = kind;
	e->until = 0;
	return -1;
}

int(err_at)(struct err *e, const char *fmt, ...)
{
	struct mem m = { 0 };
	va_list ap;
	const char *where;

	va_start(ap, fmt);
	where = mem_vfmt(&m, fmt, ap);
	va_end(ap);
	keep(e, mem_fmt(&m, "%s%s%s", where, *e->msg ? ": " : "", e->msg));
	mem_free(&m);
	return -1;
}

int(err_sys)(struct err *e, const char *fmt, ...)
{
	int number = errno;
	struct mem m = { 0 };
	va_list ap;

	va_start(ap, fmt);
	const char *what = mem_vfmt(&m, fmt, ap);
	va_end(ap);
	err_set(e, ERR_SYS, "%s: %s", what, strerror(number));
	mem_free(&m);
	errno = number;
	return -1;
}
