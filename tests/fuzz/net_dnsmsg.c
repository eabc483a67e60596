/* A hostile message is refused, or says what can be written again. */
#include <assert.h>
#include <string.h>

#include "base/auto.h"
#include "net/dnsmsg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void is_clean(const struct dns_rr *rr, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(rr[i].name);

		assert(len > 0);
		assert(len == 1 || rr[i].name[len - 1] != '.' ||
		       rr[i].name[len - 2] == '\\');
		for (const char *c = rr[i].name; *c; c++)
			assert(*c < 'A' || *c > 'Z');
	}
}

/* Types that we write ourselves; of others libldns leaks what it cannot read
 * from text (CERT with algorithm 0). */
static bool is_ours(const struct dns_rr *rr, size_t n)
{
	for (size_t i = 0; i < n; i++)
		switch (rr[i].type) {
		case DNS_A:
		case DNS_NS:
		case DNS_CNAME:
		case DNS_SOA:
		case DNS_PTR:
		case DNS_MX:
		case DNS_TXT:
		case DNS_AAAA:
		case DNS_SRV:
		case DNS_TLSA:
		case DNS_CAA:
			break;
		default:
			return false;
		}
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	AUTO(mem) struct mem m = { 0 };
	AUTO(buf) struct buf again = { 0 };
	struct err e = { 0 };
	struct dns_msg x, y;

	if (dnsmsg_parse((struct str){ (const char *)data, n }, &m, &x, &e)) {
		assert(e.kind == ERR_PERM);
		return 0;
	}
	is_clean(x.answer, x.answer_n);
	is_clean(x.authority, x.authority_n);
	is_clean(x.additional, x.additional_n);
	if (!is_ours(x.answer, x.answer_n) ||
	    !is_ours(x.authority, x.authority_n) ||
	    !is_ours(x.additional, x.additional_n))
		return 0;
	if (dnsmsg_answer(&x, 65535, &again, &e) == 0)
		assert(dnsmsg_parse(buf_get(&again), &m, &y, &e) == 0);
	if (dnsmsg_answer(&x, 512, &again, &e) == 0)
		assert(again.n <= 512);
	return 0;
}
