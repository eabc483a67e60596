#include "base/mem.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Under ASan every object has its own block, so that overflows show. */
#if defined(__SANITIZE_ADDRESS__)
#define BLOCK 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define BLOCK 0
#endif
#endif
#ifndef BLOCK
#define BLOCK ((size_t)4096 - sizeof(struct mem_block))
#endif

struct mem_block {
	alignas(max_align_t) struct mem_block *next;
};

static _Noreturn void out_of_memory(void)
{
	fputs("opsmail: out of memory\n", stderr);
	abort();
}

static void *body(struct mem_block *b)
{
	return b + 1;
}

static struct mem_block *block_new(size_t n)
{
	struct mem_block *b;

	if (n > SIZE_MAX / 2)
		out_of_memory();
	b = calloc(1, sizeof(*b) + n);
	if (!b)
		out_of_memory();
	return b;
}

/* A large object stands behind the first block, which goes on being filled. */
static void *get_large(struct mem *m, size_t n)
{
	struct mem_block *b = block_new(n);

	if (m->first) {
		b->next = m->first->next;
		m->first->next = b;
	} else {
		m->first = b;
		m->used = m->room = 0;
	}
	return body(b);
}

void *mem_get(struct mem *m, size_t n)
{
	const size_t unit = alignof(max_align_t);
	size_t size = n ? n : 1;

	if (size > BLOCK / 4)
		return get_large(m, size);
	size = (size + unit - 1) / unit * unit;
	if (m->room - m->used < size) {
		struct mem_block *b = block_new(BLOCK);

		b->next = m->first;
		m->first = b;
		m->used = 0;
		m->room = BLOCK;
	}
	m->used += size;
	return (char *)body(m->first) + (m->used - size);
}

void *mem_array(struct mem *m, size_t n, size_t size)
{
	size_t all;

	if (__builtin_mul_overflow(n, size, &all))
		out_of_memory();
	return mem_get(m, all);
}

char *mem_dup(struct mem *m, const void *at, size_t n)
{
	if (n == SIZE_MAX)
		out_of_memory();
	char *copy = mem_get(m, n + 1);

	if (n)
		memcpy(copy, at, n);
	return copy;
}

char *mem_str(struct mem *m, const char *s)
{
	return s ? mem_dup(m, s, strlen(s)) : NULL;
}

char *mem_fmt(struct mem *m, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	char *text = mem_vfmt(m, fmt, ap);
	va_end(ap);
	return text;
}

char *mem_vfmt(struct mem *m, const char *fmt, va_list ap)
{
	va_list again;

	va_copy(again, ap);
	int n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0)
		out_of_memory();
	char *text = mem_get(m, (size_t)n + 1);

	(void)vsnprintf(text, (size_t)n + 1, fmt, ap);
	return text;
}

char *mem_join(struct mem *m, const char *const *words, size_t n,
	       const char *between)
{
	const size_t gap = strlen(between);
	size_t used = 0;

	for (size_t i = 0; i < n; i++)
		used += strlen(words[i]) + gap;
	char *all = mem_get(m, used + 1);
	char *at = all;

	for (size_t i = 0; i < n; i++) {
		if (i)
			at = mempcpy(at, between, gap);
		at = mempcpy(at, words[i], strlen(words[i]));
	}
	return all;
}

void *mem_more(struct mem *m, void *array, size_t *room, size_t n, size_t size)
{
	if (n < *room)
		return array;
	if (*room > SIZE_MAX / 2)
		out_of_memory();
	size_t more = *room ? *room * 2 : 8;
	void *grown = mem_array(m, more, size);

	if (n)
		memcpy(grown, array, n * size);
	*room = more;
	return grown;
}

void mem_free(struct mem *m)
{
	struct mem_block *next;

	for (struct mem_block *b = m->first; b; b = next) {
		next = b->next;
		free(b);
	}
	*m = (struct mem){ 0 };
}

void mem_wipe(void *at, size_t n)
{
	if (n)
		explicit_bzero(at, n);
}
