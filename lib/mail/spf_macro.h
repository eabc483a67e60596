/* Macro strings of SPF (RFC 7208 7). */
#pragma once

#include "mail/spf.h"

bool spf_macro_is_string(struct str s);
/* A domain-spec: a macro string that ends in a top label or a macro. */
bool spf_macro_is_domain(struct str s);

struct spf_macro {
	const struct spf_ask *ask;
	const char *sender, *domain;
	const char *client; /* %{p}: its proven name, or "unknown" */
	bool explains;      /* %{c} %{r} %{t} are known too */
};
/* Whether it speaks of %{p}, which costs questions. */
bool spf_macro_wants_client(const char *s);
/* In m. A domain (not an explanation) loses labels on its left until it is at
 * most 253 bytes long. */
const char *spf_macro_expand(const struct spf_macro *x, const char *s,
			     struct mem *m);
