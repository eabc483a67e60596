/* Complaints: gathered while the files are read, told together. */
#include <stdlib.h>
#include <string.h>

#include "conf/schema.h"

enum { COMPLAINTS_MAX = 20 };

static void complain(struct schema *s, int line, int column, const char *fmt,
		     va_list ap) __attribute__((format(printf, 4, 0)));
static void complain(struct schema *s, int line, int column, const char *fmt,
		     va_list ap)
{
	struct complaint *x;

	s->complaint = mem_more(&s->c->mem, s->complaint, &s->room,
				s->complaints, sizeof(*s->complaint));
	x = &s->complaint[s->complaints++];
	*x = (struct complaint){ line, column, mem_vfmt(&s->c->mem, fmt, ap) };
}

void schema_at_value(struct schema *s, const struct yaml *n, const char *fmt,
		     ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain(s, n->line, n->column, fmt, ap);
	va_end(ap);
}

void schema_at_key(struct schema *s, const struct yaml *n, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain(s, n->key_line, n->key_column, fmt, ap);
	va_end(ap);
}

void schema_complain(struct schema *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain(s, 0, 0, fmt, ap);
	va_end(ap);
}

static int by_place(const void *a, const void *b)
{
	const struct complaint *x = a, *y = b;

	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return (x->column > y->column) - (x->column < y->column);
}

static const char *sentence(const struct schema *s, const struct complaint *x)
{
	return x->line ? mem_fmt(&s->c->mem, "%s:%d:%d: %s", s->file, x->line,
				 x->column, x->text) :
			 x->text;
}

int schema_end(struct schema *s, struct err *e)
{
	struct buf all = { .max = sizeof(e->msg) - sizeof("\nand 10000 more") };
	size_t n = 0;

	if (!s->complaints)
		return 0;
	qsort(s->complaint, s->complaints, sizeof(*s->complaint), by_place);
	for (; n < s->complaints && n < COMPLAINTS_MAX; n++) {
		const char *line = sentence(s, &s->complaint[n]);

		if (n && all.n + 1 + strlen(line) > all.max)
			break;
		buf_fmt(&all, "%s%s", n ? "\n" : "", line);
	}
	if (n < s->complaints)
		err_set(e, ERR_CONF, "%s\nand %zu more", buf_c(&all),
			s->complaints - n);
	else
		err_set(e, ERR_CONF, "%s", buf_c(&all));
	buf_free(&all);
	return -1;
}
