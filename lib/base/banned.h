/* Force-included: what must not be called becomes a compile error. System
 * headers come first, since some of them name these. */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#undef sprintf
#undef vsprintf
#undef strcpy
#undef strcat
#undef strncpy
#undef strncat
#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf strtok atoi \
	atol atoll gets gmtime localtime mktemp tmpnam system popen
