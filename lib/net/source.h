/* Which address the kernel would put into what this machine sends. */
#pragma once

#include "base/err.h"
#include "net/ip.h"

/* Of IPv4 (4) or IPv6 (16 bytes) by the routes of now: ERR_MISSING when it
 * would send nothing at all. No packet goes out. */
int source_address(unsigned bytes, struct ip *out, struct err *e);
