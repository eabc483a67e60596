/* Numbers that come again: xorshift64 (Marsaglia 2003) from one seed. */
#pragma once

#include <stdint.h>

/* 0 to n - 1. */
static unsigned dice(unsigned n)
{
	static uint64_t x = 20261125;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return (unsigned)(x % n);
}
