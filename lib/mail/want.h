/* Configuration in, record values out: everything that the DNS should say about
 * a mail domain, its host included. Pure: what it must know of other people's
 * DNS comes as facts (mail/facts.h), what it must know of this machine is in
 * struct want. */
#pragma once

#include "conf/conf.h"
#include "dns/plan.h"
#include "mail/spf.h"

/* A zone that we can read and write, whole. */
struct want_zone {
	const char *name;
	const struct records *live;
	const char *types; /* blank-separated: what its provider can write;
			    * NULL: all */
	bool secure;       /* it validates with DNSSEC */
	bool partial;      /* a person writes it: live has only what was asked
			    * for, more is known as facts */
	size_t txt_max;    /* the longest TXT it takes; 0: not known */
	bool no_null_mx;   /* it takes no MX "0 ." */
	/* What of it is ours; NULL: nothing. A DMARC record that we wrote
	 * climbs the ladder, another's keeps its policy. */
	const struct journal_entries *ours;
};
/* A DKIM key's record. */
struct want_key {
	const char *selector;
	struct str value;  /* "v=DKIM1; k=rsa; ..." or "v=DKIM1; p=" */
	const char *state; /* "pending", for the reason */
	bool gone;         /* its record is to be removed */
};
struct want {
	const struct conf *conf;
	const struct conf_domain *domain;
	const struct want_zone *zones;
	size_t zones_n;
	/* This machine. */
	const char *host;                  /* A-labels */
	const struct conf_list *addresses; /* as text, v4 and v6 */
	const struct want_key *keys;
	size_t keys_n;
	const struct conf_list *spki; /* hex SHA-256 of the current and the next
				       * key of the host's certificate */
	const struct conf_list *accounts; /* ACME account URIs, with the CA's
					   * CAA name in front: "letsencrypt.org
					   * https://..." */
	const char *sts_id;               /* want_sts_id of the policy that was
					    * fetched over HTTPS; NULL: it is
					    * not served */
	bool autoconfig;                  /* it is served */
	bool proven;  /* a message of ours was seen to pass: DMARC may ask for
		      * more than none */
	bool settled; /* TTL 3600 in place of 300 */
	time_t now;
};
enum want_level { WANT_INFO, WANT_WARN, WANT_STOP };
/* What a person must know: WANT_STOP forbids to publish this domain. */
struct want_note {
	enum want_level level;
	const char *kind; /* "spf" */
	const char *text; /* one sentence: what, why, what to type */
};
struct want_notes {
	struct want_note *at;
	size_t n, room;
};
/* False while facts are wanted: then wishes and notes are not whole. */
bool want_domain(const struct want *w, struct facts *f, struct mem *m,
		 struct wishes *out, struct want_notes *notes);
/* The hosts that mail for the domain may come to, once the wishes are there:
 * what an MTA-STS policy must list. */
void want_mx_hosts(const struct want *w, struct mem *m, struct conf_list *out);
/* The text of an MTA-STS policy (RFC 8461 3.2), and the id of a text, which
 * changes with it alone. */
const char *want_sts_policy(enum conf_sts mode, const struct conf_list *mx,
			    struct mem *m);
const char *want_sts_id(struct str policy, struct mem *m);
