#include "base/tell.h"

#include <stdarg.h>

#include "base/mem.h"

void tell(struct tell *t, enum tell_kind kind, const char *who, const char *fmt,
	  ...)
{
	struct mem m = { 0 };
	va_list ap;

	if (!t)
		return;
	va_start(ap, fmt);
	t->show(t, kind, who, mem_vfmt(&m, fmt, ap));
	va_end(ap);
	mem_free(&m);
}
