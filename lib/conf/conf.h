/* The configuration as plain structs: opsmail.yaml, secrets.yaml, conf.sh and
 * the defaults, merged. Text lives in conf.mem; names are A-labels. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "crypto/key.h"

/* A list of texts. */
struct conf_list {
	const char **at;
	size_t n, room;
};

bool conf_list_has(const struct conf_list *l, struct str text);
/* The text is lent; the list grows in m. */
void conf_list_add(struct conf_list *l, struct mem *m, const char *text);
/* A copy of it, unless it is there. */
void conf_list_once(struct conf_list *l, struct mem *m, struct str text);

/* Where a secret comes from; its text is read only when asked for. */
enum secret_kind { SECRET_NONE, SECRET_INLINE, SECRET_FILE, SECRET_COMMAND };
struct secret {
	enum secret_kind kind;
	const char *text;         /* INLINE: itself; FILE: the path */
	struct conf_list command; /* COMMAND: argv */
	const char *origin;       /* "conf/opsmail.yaml:12:5" */
};
struct credential {
	const char *name; /* CF_Token, DNSUPDATE_TSIG_SECRET ... */
	struct secret value;
	const char *domain; /* holds for this domain only; NULL: for all */
};
struct conf_dns {
	const char *owner;    /* its domain; NULL: the one for all domains */
	const char *provider; /* NULL: not set */
	struct credential *credentials; /* written here, not inherited */
	size_t credentials_n, credentials_room;
	const char *zone; /* overrides the zone search; NULL: search */
	const char *
		alias; /* write the challenge at this name; NULL: follow CNAME */
};
enum conf_challenge { CHALLENGE_DNS01, CHALLENGE_DNS_PERSIST01 };
struct conf_acme {
	struct conf_list server;   /* presets or URLs, in the order tried */
	const char *ca_file;       /* NULL: none */
	enum key_type key_type[2]; /* one, or an ECDSA + RSA pair */
	size_t key_types;
	enum key_type account_key_type; /* P-256, P-384 or RSA */
	enum conf_challenge challenge;
	struct conf_list readers;
	const char *profile;         /* NULL: the CA's default */
	const char *preferred_chain; /* a CN; NULL: the CA's default */
	bool reuse_key;              /* default true */
	const char *eab_kid;         /* NULL: none */
	struct secret eab_hmac;      /* base64url */
	const char *eab_alg;         /* HS256, HS384, HS512; NULL: HS256 */
	struct conf_list names; /* of a domain: all of them; empty: D, *.D */
	const char *csr;        /* path of a request from outside; NULL */
	uint32_t propagation_s; /* limit of the wait; default 600 */
	uint32_t reload_s;      /* limit of conf/reload/D.sh; default 60 */
};
/* What the DNS shall say about a domain's mail (mail/want.h). */
enum conf_receive {
	RECEIVE_ADD,
	RECEIVE_REPLACE,
	RECEIVE_NONE,
	RECEIVE_UNSET, /* add where there is no MX */
};
enum conf_spf_style { SPF_STYLE_LITERAL, SPF_STYLE_A };
enum conf_policy {
	POLICY_AUTO, /* p: by what is known; sp, np: not written */
	POLICY_NONE,
	POLICY_QUARANTINE,
	POLICY_REJECT,
};
enum conf_alignment { ALIGN_RELAXED, ALIGN_STRICT };
enum conf_sts { STS_OFF, STS_TESTING, STS_ENFORCE, STS_NONE };
enum conf_caa { CAA_HOST, CAA_APEX, CAA_OFF };
struct conf_mail {
	enum conf_receive receive;
	struct {
		enum conf_spf_style style;
		struct conf_list terms, include;
	} spf;
	struct {
		enum conf_policy p, sp, np;
		enum conf_alignment adkim, aspf;
		struct conf_list rua, ruf; /* URLs */
		const char *fo;            /* goes with ruf */
	} dmarc;
	enum conf_sts mta_sts;
	struct conf_list tls_rpt; /* URLs; empty: tlsrpt@DOMAIN */
	bool tlsa, srv, autoconfig, harden;
	enum conf_caa caa;
	const char *smarthost; /* a preset or a URL; NULL: to the MX */
	/* What the preset's owner gave us to publish. */
	struct {
		const char *region;       /* "eu-west-1" */
		const char *verification; /* text of the TXT record */
		struct conf_list dkim;    /* tokens, or SELECTOR=TEXT */
		const char *mail_from;    /* a name below the domain */
		const char *mx; /* takes the domain's bounces; NULL: none */
	} records;
};
struct conf_domain {
	const char *name;      /* A-labels */
	const char *shown;     /* as written */
	struct conf_acme acme; /* the global one with the domain's own on top */
	struct conf_dns dns;
	struct conf_mail mail;
	bool asked_shell; /* conf.sh ran for it */
};
struct conf_setting; /* a row of `conf show`: see schema.h */
struct conf {
	struct mem mem;
	const char *dir;   /* absolute */
	const char *email; /* NULL: none */
	const char *hostname;
	struct conf_list addresses;
	struct conf_acme acme;
	struct conf_dns dns;
	struct conf_dns rdns;     /* whose API sets PTR; zone: one of our own */
	const char *resolver;     /* NULL: the system's */
	const char *trust_anchor; /* NULL: built in */
	struct conf_list
		self_listen; /* dns.listen: where `self` answers; ":53" */
	struct conf_domain *domains;
	size_t domains_n, domains_room;
	struct conf_setting *settings;
	size_t settings_n, settings_room;
	/* what conf.sh set, without a domain and for each it was run for,
	 * and what secrets.yaml holds */
	struct credential *shell, *kept;
	size_t shell_n, shell_room, kept_n, kept_room;
	bool has_yaml, has_shell;
};

/* The folder, absolute: `option` (--conf) or $OPSMAIL_CONF or ./conf or ../conf
 * when it holds opsmail.yaml or conf.sh, else /etc/opsmail. It need not exist:
 * conf_read says ERR_MISSING then and conf_create makes it there. */
int conf_find(const char *option, struct mem *m, const char **dir,
	      struct err *e);
/* Makes the folder and writes these files into it (paths relative to it; host's
 * example_create brings conf.example). What stands there already is left as it
 * is, but an opsmail.yaml or conf.sh there is ERR_SYS. *edit is the file a
 * person must edit. */
struct embed;
int conf_create(const char *dir, const struct embed *files, size_t n,
		struct mem *m, const char **edit, struct err *e);
/* ERR_MISSING: no opsmail.yaml and no conf.sh there. ERR_CONF with
 * file:line:column for what is wrong: every complaint, a line each (20 at
 * most, and no more than fit). Starts no process unless there is a conf.sh.
 *
 * secrets.yaml (0600, else refused) is a flat map, NAME: SECRET, where SECRET
 * is text, {file: PATH} or {command: [ARG...]}; what one domain alone uses
 * stands in a map under the domain's name. */
int conf_read(const char *dir, struct conf *c, struct err *e);
void conf_free(struct conf *c);

/* The domain as configured, or a new one with the defaults (added to c): a
 * domain need not be listed. Runs conf.sh for it, once. */
int conf_domain(struct conf *c, const char *name, struct conf_domain **out,
		struct err *e);

/* Who writes a name: the settings of the longest configured domain that holds
 * it and has a provider, else those for all. */
const struct conf_dns *conf_dns_of(const struct conf *c, const char *name);

/* The value of one of these names ("DNSUPDATE_TSIG_KEY RFC2136_TSIG_KEY",
 * blank-separated), first hit of: the domain's credentials, dns.credentials,
 * secrets.yaml, conf.sh, the environment. ERR_MISSING when there is none.
 * Empty values do not count. d may be NULL: no domain. Registered with log_hide
 * when `hide`. */
int conf_credential(const struct conf *c, const struct conf_dns *d,
		    const char *names, bool hide, struct mem *m,
		    const char **value, const char **origin, struct err *e);
/* Reads a secret and registers it with log_hide: a file must be 0600 or 0400
 * (below /run its group may read too) and belong to root or the caller; a
 * command runs without a shell, 10 s. A final line end does not count. */
int secret_read(const struct secret *s, struct mem *m, const char **text,
		struct err *e);
