/* The providers, a row each. Only cmd includes this; lib receives a row. */
#pragma once

#include "dns/provider.h"

extern const struct provider rfc2136_provider, self_provider, exec_provider,
	manual_provider;
extern const struct provider *const provider_table[];
extern const size_t provider_n;

/* By name or alias, case-blind. ERR_CONF suggests the nearest name. */
const struct provider *provider_find(const char *name, struct err *e);
