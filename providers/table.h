/* The providers: those written in C, a row each, and the descriptors: built in
 * (providers/NAME.yaml) and the user's own (conf/providers/NAME.yaml, which
 * win). Only cmd includes this; lib receives a provider. */
#pragma once

#include "dns/provider.h"

extern const struct provider rfc2136_provider, self_provider, exec_provider,
	httpreq_provider, acmedns_provider, acmesh_provider, zonefile_provider,
	manual_provider;
extern const struct provider *const provider_table[];
extern const size_t provider_n;

struct provider_list {
	const struct provider **at;
	size_t n, room;
};
/* By name or alias, case-blind; a descriptor lives in m. `c` says where the
 * user's own are; NULL: there are none. ERR_CONF suggests the nearest name, or
 * says what is wrong with a descriptor. */
const struct provider *provider_find(const struct conf *c, const char *name,
				     struct mem *m, struct err *e);
/* All of them, by name. */
int provider_all(const struct conf *c, struct mem *m, struct provider_list *out,
		 struct err *e);
