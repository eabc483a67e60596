#include "base/rand.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/types.h>

void rand_bytes(void *at, size_t n)
{
	char *to = at;

	while (n) {
		ssize_t got = getrandom(to, n, 0);

		if (got < 0 && errno != EINTR)
			abort();
		if (got > 0) {
			to += got;
			n -= (size_t)got;
		}
	}
}

/* A mask and a second throw where it falls outside: no bias, and two throws
 * at most on average. */
static uint64_t up_to(uint64_t top)
{
	uint64_t mask = top ? UINT64_MAX >> __builtin_clzll(top) : 0, n;

	do {
		rand_bytes(&n, sizeof(n));
		n &= mask;
	} while (n > top);
	return n;
}

uint32_t rand_below(uint32_t n)
{
	return n ? (uint32_t)up_to(n - 1) : 0;
}

uint64_t rand_between(uint64_t lo, uint64_t hi)
{
	return lo < hi ? lo + up_to(hi - lo) : lo;
}
