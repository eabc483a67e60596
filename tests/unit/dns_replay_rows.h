/* Whose recordings are replayed, a row a folder, and how their writes name what
 * they write. */
#pragma once

#include <stddef.h>

static const struct row {
	const char *folder, *provider, *base, *zone, *id, *account;
	const char *item;     /* of a write: what has name, type and value */
	const char *values;   /* in it, for sets; NULL: it has one value */
	const char *value;    /* in an element, or in the item */
	int name_at, type_at; /* segments of the path from its end; 0: no */
	const char *ignored;  /* members that need not be equal */
} rows[] = {
	{ "cloudflare", "cloudflare", "https://api.cloudflare.com/client/v4",
	  "byemike.org", "457dd20dded351b97830cb528f507819", "", "", NULL,
	  "content", 0, 0, "" },
	{ "desec", "desec", "https://desec.io/api/v1", "desec.lexicon", "", "",
	  "", "records", ".", 0, 0, "created domain name touched" },
	{ "digitalocean", "digitalocean", "https://api.digitalocean.com/v2",
	  "foxwoodswebsites.com", "", "", "", NULL, "data", 0, 0, "" },
	{ "dnsimple", "dnsimple", "https://api.sandbox.dnsimple.com/v2",
	  "lexicontest.us", "", "731", "", NULL, "content", 0, 0,
	  "priority regions" },
	{ "easydns", "easydns", "http://sandbox.rest.easydns.net",
	  "easydnstemp.com", "", "", "", NULL, "rdata", 0, 0, "" },
	{ "gandi/REST-IntegrationTests", "gandiv5",
	  "https://api.gandi.net/v5/livedns", "t18s.fr", "", "", "",
	  "rrset_values", ".", 2, 1, "rrset_type rrset_name" },
	{ "godaddy", "godaddy", "https://api.godaddy.com/v1",
	  "fullm3tal.online", "", "", "", ".", "data", 1, 2, "" },
	{ "ionos", "ionos", "https://api.hosting.ionos.com/dns/v1",
	  "example.com", "4c9feb47-2a4d-11ec-bda4-0a5864441f49", "", "0", NULL,
	  "content", 0, 0, "" },
	{ "linode", "linode", "https://api.linode.com/v4", "lexicon-test.com",
	  "1065421", "", "", NULL, "target", 0, 0, "" },
	{ "luadns", "luadns", "https://api.luadns.com/v1", "capsulecd.com",
	  "39105", "", "", NULL, "content", 0, 0, "" },
	{ "namecom", "namedotcom", "https://api.name.com/v4", "mim.pw", "", "",
	  "", NULL, "answer", 0, 0, "" },
	{ "nsone", "ns1", "https://api.nsone.net/v1", "lexicon-example.com", "",
	  "", "", "answers", "answer", 2, 1, "ttl name id" },
	{ "porkbun", "porkbun", "https://api.porkbun.com/api/json/v3",
	  "example.xyz", "", "", "", NULL, "content", 0, 0,
	  "apikey secretapikey" },
	{ "powerdns", "pdns", "http://127.0.0.1:8081/api/v1/servers/localhost",
	  "sometestdomain.com", "sometestdomain.com.", "", "rrsets.0",
	  "records", "content", 0, 0, "" },
	{ "rcodezero", "rcodezero", "https://my.rcodezero.at/api/v1",
	  "lexicon-test.at", "", "", "0", "records", "content", 0, 0, "ttl" },
	{ "scaleway", "scaleway", "https://api.scaleway.com/domain/v2beta1",
	  "example.com", "", "", "changes.0.add.records.0", NULL, "data", 0, 0,
	  "" },
	{ "vultr", "vultr", "https://api.vultr.com/v2", "lexicon-test.eu", "",
	  "", "", NULL, "data", 0, 0, "" },
};
