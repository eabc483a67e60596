/* A stranger's datagram: answered or not, never with more than its limit. */
#include <assert.h>

#include "base/auto.h"
#include "dns/selfdns.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	AUTO(mem) struct mem m = { 0 };
	AUTO(buf) struct buf out = { 0 };
	struct err e = { 0 };
	struct str q = { (const char *)data, n };
	struct dns_msg x;
	struct selfdns_zone z = { "_acme-challenge.example.org",
				  "smtp.example.org",
				  { 0 } };
	struct record r = { .name = z.zone,
			    .type = DNS_TXT,
			    .ttl = 1,
			    .value = STR_LIT("0123456789abcdef0123456789abcdef"
					     "0123456789a") };

	records_add(&z.values, &m, &r);
	records_add(&z.values, &m, &r);
	for (size_t limit = 1232; limit < 70000; limit += 64303) {
		if (selfdns_answer(q, &z, 1, limit, &out, &e) < 0)
			continue;
		assert(out.n >= 12 && out.n <= limit);
		assert(out.at[2] & 0x80);
		assert(out.at[0] == q.at[0] && out.at[1] == q.at[1]);
		assert(dnsmsg_parse(buf_get(&out), &m, &x, &e) == 0 ||
		       !out.at[5]);
	}
	return 0;
}
