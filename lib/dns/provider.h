/* A DNS provider: facts first, then functions. It lists and applies in its own
 * write unit and never diffs; everything else is the core's. */
#pragma once

#include "base/tell.h"
#include "conf/conf.h"
#include "dns/record.h"
#include "net/http.h"
#include "net/resolve.h"

struct dns_field {
	const char *names; /* blank-separated: lego's, acme.sh's, ours */
	const char *help;
	bool secret, required;
	const char *preset; /* value when none is given; NULL: none */
};
enum dns_caps {
	DNS_CAN_LIST = 1, /* what is there can be read: changes are checked */
	DNS_CAS =
		2, /* a change against another state is refused: ERR_CHANGED */
	DNS_SERIAL = 4,     /* one token at a time (single slot) */
	DNS_ANSWERS = 16,   /* it answers for the name itself: to be opened, and
			   * asked for the zone, before anybody resolves it */
	DNS_BY_HAND = 8,    /* a person does it: wait longer, do not retry */
	DNS_PTR_ALONE = 32, /* it sets reverse DNS and holds no zones */
};
struct dns;
/* Reverse DNS at whoever an address was rented from. */
enum dns_ptr_caps {
	DNS_PTR_V4 = 1,
	DNS_PTR_V6 = 2,
	DNS_PTR_V6_CREATE = 4,      /* an IPv6 address has none to begin with */
	DNS_PTR_ASYNC = 8,          /* it shows late: dns_ptr_driver.slow */
	DNS_PTR_FORWARD_FIRST = 16, /* refused until the name resolves */
	DNS_PTR_BY_HAND = 32,       /* a person does it; nothing is read */
};
struct dns_ptr {
	const char *name; /* without a final dot; NULL: none */
	bool preset;      /* the hoster's own: nobody chose it */
};
struct dns_ptr_driver {
	unsigned caps;
	const char *slow;  /* "some hours"; NULL: seconds to minutes */
	const char *scope; /* what its credentials must be allowed for this;
			    * NULL: no other than for zones */
	const char *proof; /* as in struct provider */
	/* `ip` as ip_text writes it. ERR_MISSING: these credentials do not
	 * reach that address. */
	int (*get)(struct dns *d, const char *ip, struct mem *m,
		   struct dns_ptr *out, struct err *e);
	int (*set)(struct dns *d, const char *ip, const char *name,
		   struct err *e);
	/* Back to the hoster's own name, or to none. NULL: it cannot. */
	int (*reset)(struct dns *d, const char *ip, struct err *e);
};
/* A change of one RRset. A driver sends whichever part its API takes: RRset
 * and zone units want `want`, record and value units `del` and `add`. */
struct change {
	const char *name;
	uint16_t type;
	uint32_t ttl; /* for added values; an RRset that exists keeps its own */
	struct records is;   /* what is there now; empty without DNS_CAN_LIST */
	struct records want; /* all values that shall be there */
	struct records add, del;
};
struct provider {
	const char *name;
	const char *aliases; /* blank-separated; NULL: none */
	const char *about, *url;
	const char *scope; /* the least that its token must be allowed */
	const char *types; /* blank-separated: what it writes; NULL: all */
	size_t txt_max;    /* the longest TXT it takes; 0: not known */
	bool no_null_mx;   /* it takes no MX \"0 .\" */
	const char *proof; /* a driver's in C: "L4"; NULL: there can be none */
	unsigned caps;
	const struct dns_field *fields;
	size_t fields_n;
	/* One a field: where the vendor's own tool keeps it, "KEY FILE...", or
	 * NULL; NULL: nowhere. */
	const char *const *tool;
	const struct dns_ptr_driver *ptr; /* NULL: it sets no reverse DNS */
	int (*open)(struct dns *d, struct err *e); /* optional */
	void (*close)(struct dns *d);              /* optional */
	/* The zone that holds a name: *zone lives in d->mem. ERR_MISSING when
	 * the provider has none. */
	int (*find_zone)(struct dns *d, const char *name, const char **zone,
			 struct err *e);
	/* All zones that the credentials reach. Optional: many an API only
	 * tells whether it has a zone that one can name. */
	int (*zones)(struct dns *d, struct mem *m, struct conf_list *out,
		     struct err *e);
	/* Values at name/type (the whole zone when name is NULL, all types when
	 * type is 0), complete or failing. Optional: see DNS_CAN_LIST. */
	int (*list)(struct dns *d, const char *zone, const char *name,
		    uint16_t type, struct mem *m, struct records *out,
		    struct err *e);
	int (*apply)(struct dns *d, const char *zone, const struct change *c,
		     struct err *e);
};
/* It holds zones that can be read: exec and manual tell nothing, and opening
 * `self` would answer for names. */
bool provider_reads(const struct provider *p);
/* Finds a provider's row by name; cmd has the table, lib does not. */
typedef const struct provider *provider_finder(const struct conf *c,
					       const char *name, struct mem *m,
					       struct err *e);
/* What an ACME challenge's value was made from, for those who make it by
 * themselves (RFC 8555 8.1). */
struct dns_challenge {
	const char *value; /* TXT */
	const char *domain, *token, *key_auth;
};
/* An opened provider: one thread. */
struct dns {
	const struct provider *provider;
	struct mem mem;
	const struct conf *conf;
	const struct conf_dns *settings;
	struct resolver *resolver;
	struct http *http; /* opened by drivers that need it */
	struct tell *tell;
	const char *who;                        /* the domain, for tell */
	const struct dns_challenge *challenges; /* of this run */
	size_t challenges_n;
	const char **values; /* one a field, NULL: optional and not given */
	void *state;         /* the driver's own, in mem */
};
/* Fills the fields from the configuration (conf_credential) and opens it.
 * ERR_AUTH names each missing field and its accepted names. The caller has set
 * conf, settings, resolver, tell and who. */
int dns_open(struct dns *d, const struct provider *p, struct err *e);
/* The first half alone: whether all it needs is given. Leaves d closed. */
int dns_check(struct dns *d, const struct provider *p, struct err *e);
void dns_close(struct dns *d);
/* The providers that a run has opened, one a set of credentials; in the run's
 * memory. */
struct dns_session {
	struct dns dns;
	struct dns_session *next;
};
struct dns *dns_session_find(struct dns_session *first,
			     const struct conf_dns *settings); /* or NULL */
/* Opens one more: `closed` has what dns_open wants. The error names p. */
int dns_session_open(struct dns_session **first, const struct dns *closed,
		     const struct provider *p, struct mem *m, struct dns **out,
		     struct err *e);
void dns_session_close(struct dns_session **first); /* all of them */
static inline void auto_dns(struct dns *d)
{
	dns_close(d);
}
