/* A server of the user's own, asked as lego's httpreq and acmeproxy are:
 * POST /present and /cleanup with {fqdn, value}. */
#include <string.h>

#include "providers/bridge.h"
#include "providers/table.h"

enum field {
	ENDPOINT,
	MODE,
	USER,
	PASSWORD,
	CA,
	TIMEOUT,
	POLLING,
	PROPAGATION
};
static const struct dns_field fields[] = {
	[ENDPOINT] = { "HTTPREQ_ENDPOINT ACMEPROXY_ENDPOINT",
		       "URL of the server; /present and /cleanup are added",
		       false, true, NULL },
	[MODE] = { "HTTPREQ_MODE",
		   "RAW: it gets domain, token and keyAuth instead", false,
		   false, NULL },
	[USER] = { "HTTPREQ_USERNAME ACMEPROXY_USERNAME", "for Basic login",
		   false, false, NULL },
	[PASSWORD] = { "HTTPREQ_PASSWORD ACMEPROXY_PASSWORD", "for Basic login",
		       true, false, NULL },
	[CA] = { "LEGO_CA_CERTIFICATES",
		 "PEM file of a CA that is trusted besides the system's", false,
		 false, NULL },
	[TIMEOUT] = { "HTTPREQ_HTTP_TIMEOUT", "seconds a request may take",
		      false, false, "30" },
	[POLLING] = { "HTTPREQ_POLLING_INTERVAL",
		      "accepted; the servers are asked as often as is good",
		      false, false, NULL },
	[PROPAGATION] = { "HTTPREQ_PROPAGATION_TIMEOUT",
			  "accepted; see acme.propagation_s", false, false,
			  NULL },
};
enum { SECONDS_MAX = 600 };

struct state {
	struct http_header login;
	bool has_login, raw;
	const char *base;
	uint64_t seconds;
};

static int httpreq_open(struct dns *d, struct err *e)
{
	struct state *s = MEM_NEW(&d->mem, struct state);
	const char **v = d->values, *mode = v[MODE];
	struct str base = str_of(v[ENDPOINT]);
	d->state = s;
	s->raw = mode && strcmp(mode, "RAW") == 0;
	if (mode && *mode && !s->raw)
		return err_set(e, ERR_CONF,
			       "httpreq: HTTPREQ_MODE is \"%s\": it is RAW or "
			       "not set",
			       mode);
	if (!str_starts_i(base, "https://") && !str_starts_i(base, "http://"))
		return err_set(e, ERR_CONF,
			       "httpreq: HTTPREQ_ENDPOINT is \"%s\": it is a "
			       "URL such as https://dns.example.org:9090",
			       v[ENDPOINT]);
	if (str_num(str_of(v[TIMEOUT]), SECONDS_MAX, &s->seconds) < 0 ||
	    s->seconds == 0)
		return err_set(e, ERR_CONF,
			       "httpreq: HTTPREQ_HTTP_TIMEOUT is \"%s\": it is "
			       "1 to %d seconds",
			       v[TIMEOUT], SECONDS_MAX);
	if (!v[USER] != !v[PASSWORD])
		return err_set(e, ERR_AUTH,
			       "httpreq: HTTPREQ_USERNAME and "
			       "HTTPREQ_PASSWORD go together, and one of them "
			       "is not set");
	while (str_ends(base, "/"))
		base.n--;
	s->base = mem_dup(&d->mem, base.at, base.n);
	if (v[USER]) {
		s->has_login = true;
		s->login = (struct http_header){
			"Authorization", bridge_basic(d, v[USER], v[PASSWORD])
		};
	}
	return 0;
}

static json_t *message(const struct record *r, const struct dns_challenge *c)
{
	AUTO(mem) struct mem m = { 0 };
	if (c)
		return json_pack("{s:s, s:s, s:s}", "domain", c->domain,
				 "token", c->token, "keyAuth", c->key_auth);
	return json_pack("{s:s, s:s%}", "fqdn", mem_fmt(&m, "%s.", r->name),
			 "value", r->value.at, r->value.n);
}

static int call(struct dns *d, const char *verb, const struct record *r,
		struct err *e)
{
	const struct state *s = d->state;
	const struct dns_challenge *c = s->raw ? bridge_challenge(d, r) : NULL;
	if (s->raw && !c && strcmp(verb, "cleanup") == 0) {
		bridge_forgotten(d, r);
		return 0;
	}
	if (s->raw && !c)
		return err_set(e, ERR_PERM,
			       "httpreq: with HTTPREQ_MODE=RAW only ACME "
			       "challenges can be written");
	AUTO(json) json_t *body = message(r, c);
	const struct bridge_post q = {
		.url = mem_fmt(&d->mem, "%s/%s", s->base, verb),
		.ca_file = d->values[CA],
		.headers = &s->login,
		.headers_n = s->has_login,
		.body = body,
		.limit_ms = (int64_t)s->seconds * 1000,
	};
	return bridge_post(d, &q, NULL, e);
}

static int httpreq_apply(struct dns *d, const char *zone,
			 const struct change *c, struct err *e)
{
	(void)zone;
	return bridge_apply(d, c, call, e);
}

const struct provider httpreq_provider = {
	.name = "httpreq",
	.aliases = "acmeproxy",
	.about = "a server of your own: POST URL/present and URL/cleanup",
	.url = "https://go-acme.github.io/lego/dns/httpreq/",
	.proof = "L2",
	.types = "TXT",
	.fields = fields,
	.fields_n = sizeof(fields) / sizeof(fields[0]),
	.open = httpreq_open,
	.find_zone = bridge_find_zone,
	.apply = httpreq_apply,
};
