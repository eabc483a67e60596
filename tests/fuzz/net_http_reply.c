/* The head of an answer, line by line, and what is read out of its values. */
#include <assert.h>
#include <string.h>

#include "net/http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	enum { NOW = 1800000000, MONTH = 31 * 86400 };
	struct str rest = { (const char *)data, n }, line;
	AUTO(http_reply) struct http_reply r = { 0 };
	AUTO(mem) struct mem m = { 0 };

	while (str_line(&rest, &line))
		(void)http_header_add(&r, line);
	for (size_t i = 0; i < r.headers_n; i++)
		assert(*r.headers[i].name &&
		       !strpbrk(r.headers[i].name, ": \r\n") &&
		       !strpbrk(r.headers[i].value, "\r\n"));
	time_t t = http_retry_after(&r, NOW);
	assert(t == 0 || (t >= NOW && t <= NOW + MONTH));
	(void)http_is_json(&r);
	for (size_t i = 0; i < 20; i++) {
		const char *url =
			http_link(&r, "https://ca/x/y", "alternate", i, &m);
		if (!url)
			break;
		assert(strstr(url, ":"));
	}
	return 0;
}
