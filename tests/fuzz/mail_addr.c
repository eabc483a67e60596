/* Addresses of strangers: what is taken keeps to the limits, is printed as
 * what reads back the same, and its normal form is its own. */
#include <stdlib.h>

#include "base/auto.h"
#include "mail/addr.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
	AUTO(mem) struct mem m = { 0 };
	AUTO(buf) struct buf out = { 0 };
	struct str text = { (const char *)at, n };
	struct addr a, b;
	const char *local, *domain;
	struct err e = { 0 };

	a = addr_split(text);
	(void)addr_normal(&m, &a, &b, &e);
	if (addr_parse(text, &a))
		return 0;
	if (a.local.n > ADDR_LOCAL_MAX || a.local.n + a.domain.n + 1 != n)
		abort();
	addr_add(&out, addr_unquoted(&m, a.local), a.domain);
	if (addr_parse(buf_get(&out), &b) ||
	    !str_same(addr_unquoted(&m, a.local), addr_unquoted(&m, b.local)))
		abort();
	if (addr_normal(&m, &a, &b, &e))
		return 0;
	if (addr_local(&m, b.local, &local) || !str_eq(b.local, local) ||
	    addr_domain(&m, b.domain, &domain, &e) || !str_eq(b.domain, domain))
		abort();
	return 0;
}
