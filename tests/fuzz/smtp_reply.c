/* What another server says, line by line. */
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "smtp/reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = { (const char *)data, size }, line;
	AUTO(reply) struct reply_got g = { 0 };
	AUTO(buf) struct buf shown = { 0 };
	struct err e = { 0 };

	while (str_line(&rest, &line) && reply_line(&g, line, &e) == 0) {
		if (g.code < 200 || g.code > 599 || g.lines > REPLY_LINES ||
		    g.text.n > REPLY_BYTES)
			abort();
		if (g.status[0] &&
		    (unsigned)(g.status[0] - '0') != g.code / 100)
			abort();
		buf_clear(&shown);
		reply_show(&g, &shown);
		for (size_t i = 0; i < shown.n; i++)
			if ((unsigned char)shown.at[i] < ' ')
				abort();
	}
	return 0;
}
