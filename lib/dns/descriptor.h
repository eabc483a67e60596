/* providers/NAME.yaml as a provider: data says what an API looks like, this
 * interpreter has the paging, zone choice, codecs, retries and errors that are
 * the same everywhere. providers/README.md describes the format. */
#pragma once

#include "dns/provider.h"

/* What was run against it, and nothing more. */
enum descriptor_proof {
	DESCRIPTOR_UNPROVEN, /* at most against a mock that nobody judged */
	DESCRIPTOR_L2,       /* the mock agrees with recordings of the vendor's
			* traffic, or an independent client works on it */
	DESCRIPTOR_L3,       /* both */
	DESCRIPTOR_L4,       /* a real server took all its types */
};
struct descriptor {
	struct provider provider; /* first: a driver is given its address */
	const struct yaml *root;
	enum descriptor_proof proof;
};
/* Everything lives in m. ERR_CONF has every complaint on a line of its own,
 * each with file:line:column; the text behind the descriptor is not kept. */
int descriptor_parse(struct str text, const char *file, struct mem *m,
		     const struct descriptor **out, struct err *e);
/* The descriptor behind a provider, NULL when it is written in C. */
const struct descriptor *descriptor_of(const struct provider *p);
/* Asks the API for the one credential that is missing, where it gives it to who
 * asks (`onboard:`): *text, in m, tells a person what to do. NULL: there is no
 * such thing, nothing is missing, or more than that is. Leaves d closed; the
 * caller has set what dns_open wants. */
int descriptor_onboard(struct dns *d, const struct provider *p, struct mem *m,
		       const char **text, struct err *e);
const char *descriptor_proof_word(const struct descriptor *d);
