/* An update made of hostile names and values is refused, or comes back from
 * the parser as it went in. */
#include <assert.h>
#include <string.h>

#include "base/auto.h"
#include "dns/update.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static struct str part(struct str *rest)
{
	struct str out = { 0 };

	(void)str_cut(rest, '\n', &out);
	return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	AUTO(mem) struct mem m = { 0 };
	AUTO(buf) struct buf w = { 0 };
	struct err e = { 0 };
	struct dns_msg x;
	struct dns_update u;
	struct str rest = { (const char *)data, n };
	struct str zone = part(&rest), name = part(&rest), id = part(&rest);
	struct change c = { .name = mem_dup(&m, name.at, name.n),
			    .type = DNS_TXT };

	for (unsigned i = 0; i < 20 && rest.n > 0; i++) {
		struct record r = { .name = c.name,
				    .type = DNS_TXT,
				    .value = part(&rest) };

		if (i == 0)
			r.id = mem_dup(&m, id.at, id.n);
		records_add(i % 3 == 0 ? &c.is :
			    i % 3 == 1 ? &c.add :
					 &c.del,
			    &m, &r);
	}
	update_of(mem_dup(&m, zone.at, zone.n), &c, &m, &u);
	if (dnsmsg_update(&w, 1, &u, &e) < 0 ||
	    dnsmsg_parse(buf_get(&w), &m, &x, &e) < 0)
		return 0;
	assert(x.opcode == 5);
	assert(x.answer_n == u.prereq_n && x.authority_n == u.change_n);
	for (size_t i = 0; i < x.authority_n; i++)
		if (u.change[i].class == DNS_IN)
			assert(str_same(x.authority[i].value,
					u.change[i].value));
	return 0;
}
