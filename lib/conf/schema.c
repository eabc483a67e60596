#include "conf/schema.h"

#include <string.h>

/* A row takes two or three lines here, not a line a word. */
/* clang-format off */
#define KEY_TYPE_WORDS "ecdsa-p256 ecdsa-p384 rsa-2048 rsa-3072 rsa-4096"
#define ONE SCHEMA_ONE
#define MANY SCHEMA_ONE_OR_LIST
#define CONF(member) offsetof(struct conf, member)
#define DOMAIN(member) offsetof(struct conf_domain, member)

/* What a domain may override: once with its defaults, once without. */
#define AS_IS(x) x
#define INHERITED(x) NULL
#define ACME_ROWS(P, AT, PRESET) \
	{ P "server", SCHEMA_SERVER, MANY, AT(acme.server), \
	  PRESET("letsencrypt"), NULL, \
	  "the CA: a preset or a directory URL; a list is tried in turn" }, \
	{ P "ca_file", SCHEMA_PATH, ONE, AT(acme.ca_file), NULL, NULL, \
	  "PEM file of a root to trust for a private CA" }, \
	{ P "key_type", SCHEMA_KEY_TYPE, MANY, AT(acme), \
	  PRESET("ecdsa-p256"), KEY_TYPE_WORDS, \
	  "kind of the certificate's key; a list of two makes a pair" }, \
	{ P "account_key_type", SCHEMA_ENUM, ONE, AT(acme.account_key_type), \
	  PRESET("ecdsa-p256"), KEY_TYPE_WORDS, \
	  "kind of the account's key" }, \
	{ P "challenge", SCHEMA_ENUM, ONE, AT(acme.challenge), \
	  PRESET("dns-01"), "dns-01 dns-persist-01", \
	  "how the domain is proven" }, \
	{ P "readers", SCHEMA_USER, MANY, AT(acme.readers), NULL, NULL, \
	  "users given read access to keys and certificates" }, \
	{ P "profile", SCHEMA_WORD, ONE, AT(acme.profile), NULL, NULL, \
	  "the CA's certificate profile" }, \
	{ P "preferred_chain", SCHEMA_TEXT, ONE, AT(acme.preferred_chain), \
	  NULL, NULL, "common name of the root or issuer to prefer" }, \
	{ P "reuse_key", SCHEMA_SWITCH, ONE, AT(acme.reuse_key), \
	  PRESET("on"), NULL, "keep the key when the certificate renews" }, \
	{ P "eab.kid", SCHEMA_TEXT, ONE, AT(acme.eab_kid), NULL, NULL, \
	  "external account binding: the key's id" }, \
	{ P "eab.hmac", SCHEMA_SECRET, ONE, AT(acme.eab_hmac), NULL, NULL, \
	  "external account binding: the key, base64url" }, \
	{ P "eab.alg", SCHEMA_WORD, ONE, AT(acme.eab_alg), NULL, NULL, \
	  "external account binding: HS256 (preset), HS384 or HS512" }, \
	{ P "propagation", SCHEMA_DURATION, ONE, AT(acme.propagation_s), \
	  PRESET("10m"), NULL, "how long to wait for DNS at most" }, \
	{ P "reload_limit", SCHEMA_DURATION, ONE, AT(acme.reload_s), \
	  PRESET("60s"), NULL, "how long conf/reload/DOMAIN.sh may run" }, \
	{ P "must_staple", SCHEMA_REFUSED, ONE, SCHEMA_NOWHERE, NULL, NULL, \
	  "Let's Encrypt ended OCSP on 2025-08-06, so nothing could be " \
	  "stapled and clients would refuse the certificate; remove it" }

#define DNS_ROWS(P, AT) \
	{ P "provider", SCHEMA_WORD, ONE, AT(dns.provider), NULL, NULL, \
	  "who holds the zone: a name of `opsmail dns providers`" }, \
	{ P "credentials", SCHEMA_CREDENTIALS, ONE, AT(dns), NULL, NULL, \
	  "what the provider needs, under acme.sh's or lego's names" }, \
	{ P "zone", SCHEMA_NAME, ONE, AT(dns.zone), NULL, NULL, \
	  "the zone to write to, in place of searching it" }, \
	{ P "alias", SCHEMA_NAME, ONE, AT(dns.alias), NULL, NULL, \
	  "write the challenge at this name" }

#define RDNS "rdns."
#define D "domains.*."

static const struct schema_row rows[] = {
	{ "email", SCHEMA_EMAIL, ONE, CONF(email), NULL, NULL,
	  "the address the CA knows you by" },
	{ "hostname", SCHEMA_HOST, ONE, CONF(hostname), NULL, NULL,
	  "HELO name, MX target and PTR; default: smtp.FIRST-DOMAIN" },
	{ "addresses", SCHEMA_ADDRESS, MANY, CONF(addresses), NULL, NULL,
	  "addresses mail leaves from; default: what the kernel would use" },
	{ "mail_server", SCHEMA_ENUM, ONE, SCHEMA_NOWHERE, "relay",
	  "relay chasquid", "the embedded relay, or chasquid" },
	ACME_ROWS("acme.", CONF, AS_IS),
	DNS_ROWS("dns.", CONF),
	{ "dns.listen", SCHEMA_LISTEN, MANY, CONF(self_listen), ":53", NULL,
	  "where the provider `self` answers" },
	{ "dns.resolver", SCHEMA_ENDPOINT, ONE, CONF(resolver), NULL, NULL,
	  "the one resolver to ask; default: the system's" },
	{ "dns.trust_anchor", SCHEMA_PATH, ONE, CONF(trust_anchor), NULL,
	  NULL, "root key of DNSSEC in place of the built-in one" },
	{ "backup.remote", SCHEMA_TEXT, ONE, SCHEMA_NOWHERE, NULL, NULL,
	  "git remote the configuration is pushed to" },
	{ "backup.recipient", SCHEMA_PATH, ONE, SCHEMA_NOWHERE, NULL, NULL,
	  "certificate that private files are encrypted to" },
	{ RDNS "provider", SCHEMA_WORD, ONE, CONF(rdns.provider), NULL, NULL,
	  "whose API sets reverse DNS" },
	{ RDNS "credentials", SCHEMA_CREDENTIALS, ONE, CONF(rdns), NULL,
	  NULL, "what that API needs" },
	{ RDNS "zone", SCHEMA_NAME, ONE, CONF(rdns.zone), NULL, NULL,
	  "a reverse zone of your own, which that provider holds" },
	{ "relay.listen.smtp", SCHEMA_LISTEN, MANY, SCHEMA_NOWHERE, ":25",
	  NULL, "where other mail servers connect" },
	{ "relay.listen.submission", SCHEMA_LISTEN, MANY, SCHEMA_NOWHERE,
	  ":587", NULL, "where users connect, with STARTTLS" },
	{ "relay.listen.submissions", SCHEMA_LISTEN, MANY, SCHEMA_NOWHERE,
	  ":465", NULL, "where users connect, with TLS from the start" },
	{ "relay.data_dir", SCHEMA_PATH, ONE, SCHEMA_NOWHERE,
	  "/var/lib/opsmail", NULL, "where the queue lives" },
	{ "relay.smarthost", SCHEMA_SMARTHOST, ONE, SCHEMA_NOWHERE, NULL,
	  "smtp smtps", "send everything through this server" },
	{ "relay.trusted_networks", SCHEMA_NETWORK, MANY, SCHEMA_NOWHERE,
	  NULL, NULL, "who may relay without login; default: nobody" },
	{ "relay.delivery", SCHEMA_ENUM, ONE, SCHEMA_NOWHERE, "run",
	  "run paused", "paused: accept and keep, deliver nothing" },
	{ "relay.shared", SCHEMA_URL, ONE, SCHEMA_NOWHERE, "",
	  "redis rediss", "Redis that several relays share limits in" },
	{ D "names", SCHEMA_NAME, MANY, DOMAIN(acme.names), NULL, NULL,
	  "all names of the certificate; default: the domain and *.DOMAIN" },
	{ D "csr", SCHEMA_PATH, ONE, DOMAIN(acme.csr), NULL, NULL,
	  "a certificate request made elsewhere, PEM or DER" },
	{ D "alias", SCHEMA_NAME, ONE, DOMAIN(dns.alias), NULL, NULL,
	  "short for dns.alias" },
	ACME_ROWS(D "acme.", DOMAIN, INHERITED),
	DNS_ROWS(D "dns.", DOMAIN),
	{ D "receive", SCHEMA_ENUM, ONE, DOMAIN(mail.receive), NULL,
	  "add replace none",
	  "what to do about MX; default: add where there is none" },
	{ D "spf.style", SCHEMA_ENUM, ONE, DOMAIN(mail.spf.style), "literal",
	  "literal a", "addresses written out, or the host's name" },
	{ D "spf.terms", SCHEMA_TEXT, MANY, DOMAIN(mail.spf.terms), NULL, NULL,
	  "SPF terms put in as they are" },
	{ D "spf.include", SCHEMA_NAME, MANY, DOMAIN(mail.spf.include), NULL,
	  NULL, "others who may send for the domain" },
	{ D "dmarc.p", SCHEMA_ENUM, ONE, DOMAIN(mail.dmarc.p), "auto",
	  "auto none quarantine reject", "what to ask of receivers" },
	{ D "dmarc.sp", SCHEMA_ENUM, ONE, DOMAIN(mail.dmarc.sp), "auto",
	  "auto none quarantine reject",
	  "the same for subdomains; auto: not written" },
	{ D "dmarc.np", SCHEMA_ENUM, ONE, DOMAIN(mail.dmarc.np), "auto",
	  "auto none quarantine reject",
	  "the same for names that do not exist" },
	{ D "dmarc.adkim", SCHEMA_ENUM, ONE, DOMAIN(mail.dmarc.adkim), "r",
	  "r s", "relaxed or strict alignment of DKIM" },
	{ D "dmarc.aspf", SCHEMA_ENUM, ONE, DOMAIN(mail.dmarc.aspf), "r",
	  "r s", "relaxed or strict alignment of SPF" },
	{ D "dmarc.rua", SCHEMA_URL, MANY, DOMAIN(mail.dmarc.rua), NULL,
	  "mailto https",
	  "where aggregate reports go; default: dmarc@DOMAIN" },
	{ D "dmarc.ruf", SCHEMA_URL, MANY, DOMAIN(mail.dmarc.ruf), NULL,
	  "mailto", "where failure reports go" },
	{ D "dmarc.fo", SCHEMA_TEXT, ONE, DOMAIN(mail.dmarc.fo), "1", NULL,
	  "when failure reports are wanted" },
	{ D "mta_sts", SCHEMA_ENUM, ONE, DOMAIN(mail.mta_sts), "off",
	  "off testing enforce none", "MTA-STS policy; none: it ends" },
	{ D "tls_rpt", SCHEMA_URL, MANY, DOMAIN(mail.tls_rpt), NULL,
	  "mailto https",
	  "where reports on TLS go; default: tlsrpt@DOMAIN" },
	{ D "tlsa", SCHEMA_SWITCH, ONE, DOMAIN(mail.tlsa), "on", NULL,
	  "DANE: TLSA records where DNSSEC holds" },
	{ D "caa", SCHEMA_ENUM, ONE, DOMAIN(mail.caa), "host",
	  "host apex off", "which names only your CA account may certify" },
	{ D "srv", SCHEMA_SWITCH, ONE, DOMAIN(mail.srv), "on", NULL,
	  "SRV records by which mail programs find the server" },
	{ D "autoconfig", SCHEMA_SWITCH, ONE, DOMAIN(mail.autoconfig), "on",
	  NULL, "names by which mail programs set themselves up" },
	{ D "harden", SCHEMA_SWITCH, ONE, DOMAIN(mail.harden), "off", NULL,
	  "say of other names that they send and take no mail" },
	{ D "aliases", SCHEMA_ALIASES, ONE, SCHEMA_NOWHERE, NULL, NULL,
	  "where mail to a name goes; \"*\" is everything else" },
	{ D "smarthost", SCHEMA_SMARTHOST, ONE, DOMAIN(mail.smarthost), NULL,
	  "smtp smtps", "how this domain's mail leaves; default: to the MX" },
	{ D "smarthost_records.region", SCHEMA_WORD, ONE,
	  DOMAIN(mail.records.region), NULL, NULL,
	  "the smarthost's region, such as eu-west-1" },
	{ D "smarthost_records.verification", SCHEMA_TEXT, ONE,
	  DOMAIN(mail.records.verification), NULL, NULL,
	  "the text by which the smarthost knows the domain is yours" },
	{ D "smarthost_records.dkim", SCHEMA_TEXT, MANY,
	  DOMAIN(mail.records.dkim), NULL, NULL,
	  "tokens of its DKIM keys, or SELECTOR=RECORD" },
	{ D "smarthost_records.mail_from", SCHEMA_NAME, ONE,
	  DOMAIN(mail.records.mail_from), NULL, NULL,
	  "the name below the domain that bounces go to" },
	{ D "smarthost_records.mx", SCHEMA_HOST, ONE,
	  DOMAIN(mail.records.mx), NULL, NULL,
	  "the smarthost's server that takes bounces, as MX of the domain" },
};

/* clang-format on */

const struct schema_row *schema_rows(size_t *n)
{
	*n = sizeof(rows) / sizeof(rows[0]);
	return rows;
}

const char *schema_type_name(enum schema_type t)
{
	static const char *const names[] = {
		[SCHEMA_TEXT] = "text",
		[SCHEMA_WORD] = "word",
		[SCHEMA_NAME] = "domain name",
		[SCHEMA_HOST] = "host name",
		[SCHEMA_EMAIL] = "mail address",
		[SCHEMA_ADDRESS] = "IP address",
		[SCHEMA_NETWORK] = "network",
		[SCHEMA_ENDPOINT] = "address:port",
		[SCHEMA_LISTEN] = "[address]:port",
		[SCHEMA_PATH] = "path",
		[SCHEMA_URL] = "URL",
		[SCHEMA_SERVER] = "CA",
		[SCHEMA_SMARTHOST] = "preset or URL",
		[SCHEMA_USER] = "user",
		[SCHEMA_SWITCH] = "on or off",
		[SCHEMA_ENUM] = "one of",
		[SCHEMA_KEY_TYPE] = "one of",
		[SCHEMA_DURATION] = "duration",
		[SCHEMA_SECRET] = "secret",
		[SCHEMA_CREDENTIALS] = "map of secrets",
		[SCHEMA_ALIASES] = "map of addresses",
		[SCHEMA_REFUSED] = "refused",
	};

	return names[t];
}

const struct conf_setting *schema_setting(const struct conf *c,
					  const char *path)
{
	for (size_t i = 0; i < c->settings_n; i++)
		if (!strcmp(c->settings[i].path, path))
			return &c->settings[i];
	return NULL;
}

void schema_add_setting(struct conf *c, const char *path, const char *value,
			const char *origin)
{
	c->settings = mem_more(&c->mem, c->settings, &c->settings_room,
			       c->settings_n, sizeof(*c->settings));
	c->settings[c->settings_n++] = (struct conf_setting){
		.path = mem_str(&c->mem, path),
		.value = mem_str(&c->mem, value),
		.origin = mem_str(&c->mem, origin),
	};
}
