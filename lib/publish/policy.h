/* What a mail domain serves over HTTPS, and what may be said of it in the DNS
 * only once it is served: the MTA-STS policy (RFC 8461), autoconfig. */
#pragma once

#include "conf/conf.h"

struct policy_ask {
	const struct conf *conf;
	const struct conf_list *addresses; /* of the host: where the DNS does
					    * not know the name yet */
	const char *domain;
};
/* The policy's text, LF at its line ends, in m; NULL when it is not served, and
 * *why says what was seen. ERR_STOPPED alone fails. */
int policy_sts(const struct policy_ask *q, struct mem *m, const char **text,
	       const char **why, struct err *e);
/* Whether a mail program that looks for its settings finds some. */
int policy_autoconfig(const struct policy_ask *q, bool *served, struct err *e);
