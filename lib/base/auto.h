/* Handles that close themselves when they leave scope:
 *	AUTO(file) FILE *f = fopen(...);
 *	...
 *	*out = TAKE(f);            hands it over, nothing is closed
 * A header that owns a handle type adds its own with AUTO_DEFINE. */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define AUTO(name) __attribute__((cleanup(auto_##name)))

/* Defines auto_NAME for a pointer type whose release function takes it. */
#define AUTO_DEFINE(name, type, release)         \
	static inline void auto_##name(type **p) \
	{                                        \
		if (*p)                          \
			release(*p);             \
		*p = NULL;                       \
	}

#define TAKE(p)                           \
	__extension__({                   \
		__typeof__(p) taken_ = p; \
		p = NULL;                 \
		taken_;                   \
	})

AUTO_DEFINE(file, FILE, (void)fclose)

static inline void auto_free(void *p)
{
	free(*(void **)p);
}

static inline void auto_fd(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}
/* An int is handed over with FD_TAKE. */
#define FD_TAKE(fd)              \
	__extension__({          \
		int taken_ = fd; \
		fd = -1;         \
		taken_;          \
	})
