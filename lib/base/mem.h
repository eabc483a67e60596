/* An arena: everything it hands out dies with it in one call. Out of memory
 * ends the process, since every input has a cap. */
#pragma once

#include <stdarg.h>
#include <stddef.h>

struct mem_block;
struct mem {
	struct mem_block *first;
	size_t used, room;
};

/* Zeroed, aligned for any type, never NULL. */
void *mem_get(struct mem *m, size_t n);
void *mem_array(struct mem *m, size_t n, size_t size);  /* overflow checked */
char *mem_dup(struct mem *m, const void *at, size_t n); /* n bytes and a NUL */
char *mem_str(struct mem *m, const char *s);            /* NULL stays NULL */
char *mem_fmt(struct mem *m, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
char *mem_vfmt(struct mem *m, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));

/* The words with `between` between them; "" for none. */
char *mem_join(struct mem *m, const char *const *words, size_t n,
	       const char *between);

/* Room for one more in an array that grows by doubling inside the arena:
 * x = mem_more(m, x, &room, n, sizeof(*x)) before x[n] is written. */
void *mem_more(struct mem *m, void *array, size_t *room, size_t n, size_t size);

void mem_free(struct mem *m);      /* all of it; m is empty and usable again */
void mem_wipe(void *at, size_t n); /* for secrets; the compiler keeps it */

#define MEM_NEW(m, type) ((type *)mem_get((m), sizeof(type)))

static inline void auto_mem(struct mem *m)
{
	mem_free(m);
}
