/* chasquid.conf of strangers: read, or a complaint; what is printed of it reads
 * back as the same. */
#include <stdlib.h>

#include "base/auto.h"
#include "conf/chasquid.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
	AUTO(buf) struct buf first = { 0 }, second = { 0 };
	struct str text = { (const char *)at, n };
	struct chasquid c, again;
	struct chasquid_address address;
	struct err e = { 0 };

	if (chasquid_parse(text, "f", str_of(""), &c, &e)) {
		if (e.kind != ERR_CONF)
			abort();
		chasquid_free(&c);
		return 0;
	}
	for (size_t i = 0; i < c.smtp.n; i++)
		(void)chasquid_address(&c.mem, c.smtp.at[i], &address, &e);
	chasquid_print(&c, "host", &first);
	if (chasquid_parse(buf_get(&first), "f", str_of(""), &again, &e))
		abort();
	chasquid_print(&again, "host", &second);
	if (!str_same(buf_get(&first), buf_get(&second)) ||
	    c.give_up_ns != again.give_up_ns)
		abort();
	chasquid_free(&c);
	chasquid_free(&again);
	return 0;
}
