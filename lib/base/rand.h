/* Randomness from the kernel (getrandom); never fails, never predictable. */
#pragma once

#include <stddef.h>
#include <stdint.h>

void rand_bytes(void *at, size_t n);
uint32_t rand_below(uint32_t n); /* 0 .. n-1 without bias; n > 0 */
uint64_t rand_between(uint64_t lo, uint64_t hi); /* both ends included */
