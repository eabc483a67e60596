#include <string.h>

#include "acme/client.h"
#include "base/str.h"

#define LE "https://acme-v02.api.letsencrypt.org/directory"
#define LE_STAGING "https://acme-staging-v02.api.letsencrypt.org/directory"
#define GOOGLE "https://dv.acme-v02.api.pki.goog/directory"
#define GOOGLE_STAGING "https://dv.acme-v02.test-api.pki.goog/directory"

static const struct acme_server servers[] = {
	{ .name = "letsencrypt",
	  .url = LE,
	  .staging = LE_STAGING,
	  .note = "free, no registration" },
	{ .name = "letsencrypt-staging",
	  .url = LE_STAGING,
	  .staging = LE_STAGING,
	  .note = "for tests: its certificates are trusted by nobody" },
	{ .name = "zerossl",
	  .url = "https://acme.zerossl.com/v2/DV90",
	  .note = "free, needs acme.eab",
	  .eab = "https://app.zerossl.com/developer" },
	{ .name = "google",
	  .url = GOOGLE,
	  .staging = GOOGLE_STAGING,
	  .note = "free, needs acme.eab, used within 7 days",
	  .eab = "gcloud publicca external-account-keys create" },
	{ .name = "google-staging",
	  .url = GOOGLE_STAGING,
	  .staging = GOOGLE_STAGING,
	  .note = "for tests, needs acme.eab of its own",
	  .eab = "gcloud publicca external-account-keys create with the "
		 "staging endpoint" },
	{ .name = "sslcom",
	  .url = "https://acme.ssl.com/sslcom-dv-ecc",
	  .url_rsa = "https://acme.ssl.com/sslcom-dv-rsa",
	  .note = "needs acme.eab; its directory follows the key type",
	  .eab = "API credentials in the dashboard of www.ssl.com" },
	{ .name = "actalis",
	  .url = "https://acme-api.actalis.com/acme/directory",
	  .note = "needs acme.eab",
	  .eab = "the ACME page of the Actalis customer area" },
};
enum { SERVERS = sizeof(servers) / sizeof(*servers) };

const struct acme_server *acme_servers(size_t *n)
{
	*n = SERVERS;
	return servers;
}

static int unknown_server(const char *server, struct err *e)
{
	const char *nearest = NULL;
	unsigned best = 4;
	for (size_t i = 0; i < SERVERS; i++) {
		unsigned d = str_distance(str_of(server),
					  str_of(servers[i].name), best);
		if (d >= best)
			continue;
		best = d;
		nearest = servers[i].name;
	}
	if (nearest)
		return err_set(e, ERR_CONF,
			       "acme.server: there is no CA named \"%s\"; did "
			       "you mean %s?",
			       server, nearest);
	return err_set(e, ERR_CONF,
		       "acme.server: there is no CA named \"%s\"; name one of "
		       "`opsmail help ssl` or give its directory URL "
		       "(https://...)",
		       server);
}

int acme_server_url(const char *server, enum key_type leaf, const char **url,
		    struct err *e)
{
	struct str s = str_of(server);
	bool rsa = leaf != KEY_P256 && leaf != KEY_P384;
	for (size_t i = 0; i < SERVERS; i++) {
		if (!str_eqi(s, servers[i].name))
			continue;
		*url = rsa && servers[i].url_rsa ? servers[i].url_rsa :
						   servers[i].url;
		return 0;
	}
	if (str_starts_i(s, "buypass"))
		return err_set(e, ERR_CONF,
			       "acme.server: Buypass has stopped issuing "
			       "certificates by ACME; choose letsencrypt, "
			       "zerossl, google, sslcom or actalis");
	if (!str_find(s, "://"))
		return unknown_server(server, e);
	*url = acme_https(server);
	if (*url)
		return 0;
	return err_set(e, ERR_CONF,
		       "acme.server: %.200s is no https URL, which ACME needs "
		       "(RFC 8555 6.1)",
		       server);
}

const char *acme_server_staging(const char *server)
{
	struct str s = str_of(server);
	for (size_t i = 0; i < SERVERS; i++)
		if (str_eqi(s, servers[i].name) || str_eq(s, servers[i].url))
			return servers[i].staging;
	return NULL;
}
