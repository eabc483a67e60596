/* Any server that takes dynamic updates (RFC 2136): BIND, knot, PowerDNS. */
#include "base/auto.h"
#include "base/fs.h"
#include "dns/primary.h"
#include "providers/table.h"

enum field { SERVER, PORT, KEY, ALG, SECRET, KEY_FILE, KNOT_KEY, ZONE, FIELDS };
static const struct dns_field fields[FIELDS] = {
	[SERVER] = { "DNSUPDATE_NAMESERVER RFC2136_NAMESERVER NSUPDATE_SERVER "
		     "KNOT_SERVER",
		     "the primary server: an address or a name, "
		     "with :port if it is not 53",
		     false, true, NULL },
	[PORT] = { "NSUPDATE_SERVER_PORT", "its port", false, false, NULL },
	[KEY] = { "DNSUPDATE_TSIG_KEY RFC2136_TSIG_KEY", "name of the TSIG key",
		  false, false, NULL },
	[ALG] = { "DNSUPDATE_TSIG_ALGORITHM RFC2136_TSIG_ALGORITHM",
		  "its algorithm", false, false, "hmac-sha256" },
	[SECRET] = { "DNSUPDATE_TSIG_SECRET RFC2136_TSIG_SECRET",
		     "its secret in base64", true, false, NULL },
	[KEY_FILE] = { "DNSUPDATE_TSIG_FILE RFC2136_TSIG_FILE NSUPDATE_KEY",
		       "or the path of a key file as tsig-keygen writes it",
		       false, false, NULL },
	[KNOT_KEY] = { "KNOT_KEY", "or algorithm:name:secret", true, false,
		       NULL },
	[ZONE] = { "NSUPDATE_ZONE", "the zone; asked from the server otherwise",
		   false, false, NULL },
};

static void add_answer(struct dns *d, const struct question *q,
		       const char *port, struct err *e)
{
	bool v6 = q->type == DNS_AAAA;
	for (size_t i = 0; q->status == 0 && i < q->answer.n; i++) {
		struct str a = q->answer.value[i];
		const char *text = mem_fmt(&d->mem, "%s%.*s%s", v6 ? "[" : "",
					   STR_FMT(a), v6 ? "]" : "");
		(void)primary_add(d->state, str_of(text), port, e);
	}
}

/* A host name, with or without a port behind it. */
static int look_up(struct dns *d, struct err *e)
{
	struct primary *p = d->state;
	struct str rest = str_of(d->values[SERVER]), host;
	const char *port = d->values[PORT];
	if (!str_cut(&rest, ':', &host) || host.n == 0 || str_find(rest, ":") ||
	    str_starts(host, "["))
		return -1;
	if (rest.n > 0)
		port = mem_dup(&d->mem, rest.at, rest.n);
	const char *name = mem_dup(&d->mem, host.at, host.n);
	struct question q[2] = { { .name = name, .type = DNS_A },
				 { .name = name, .type = DNS_AAAA } };
	if (resolve_all(d->resolver, q, 2, &d->mem, e) < 0)
		return -1;
	add_answer(d, &q[0], port, e);
	add_answer(d, &q[1], port, e);
	if (p->n > 0)
		return 0;
	if (q[0].status < 0)
		return err_set(e, ERR_TEMP, "the address of %s: %s", name,
			       q[0].why);
	return err_set(e, ERR_CONF, "the DNS server %s has no address", name);
}

static int half_key(const char *have, const char *lack, struct err *e)
{
	return err_set(e, ERR_AUTH,
		       "%s is set and %s is not: a TSIG key has "
		       "both",
		       have, lack);
}

static int read_key(struct dns *d, struct tsig_key *k, struct err *e)
{
	const char **v = d->values;
	if (v[KNOT_KEY])
		return tsig_key_colons(str_of(v[KNOT_KEY]), &d->mem, k, e);
	if (v[KEY_FILE]) {
		AUTO(secret) struct buf b = { .max = 1 << 16 };
		if (fs_read(v[KEY_FILE], &b, e) < 0)
			return -1;
		return tsig_key_parse(buf_get(&b), &d->mem, k, e) < 0 ?
			       err_at(e, "%s", v[KEY_FILE]) :
			       0;
	}
	if (v[KEY] && !v[SECRET])
		return half_key("DNSUPDATE_TSIG_KEY", "DNSUPDATE_TSIG_SECRET",
				e);
	if (!v[KEY] && v[SECRET])
		return half_key("DNSUPDATE_TSIG_SECRET", "DNSUPDATE_TSIG_KEY",
				e);
	return v[KEY] ? tsig_key_of(v[KEY], v[ALG], v[SECRET], &d->mem, k, e) :
			0;
}

static int rfc2136_open(struct dns *d, struct err *e)
{
	struct primary *p = MEM_NEW(&d->mem, struct primary);
	d->state = p;
	if (read_key(d, &p->key, e) < 0)
		return err_at(e, "rfc2136");
	if (primary_add(p, str_of(d->values[SERVER]), d->values[PORT], e) < 0 &&
	    look_up(d, e) < 0)
		return err_at(e, "rfc2136");
	*e = (struct err){ 0 };
	return 0;
}

static int rfc2136_find_zone(struct dns *d, const char *name, const char **zone,
			     struct err *e)
{
	struct str fixed =
		str_of(d->values[ZONE] ? d->values[ZONE] : d->settings->zone);
	if (fixed.n == 0)
		return primary_zone(d->state, name, &d->mem, zone, e);
	if (str_ends(fixed, "."))
		fixed.n--;
	*zone = mem_dup(&d->mem, fixed.at, fixed.n);
	return 0;
}

static int rfc2136_list(struct dns *d, const char *zone, const char *name,
			uint16_t type, struct mem *m, struct records *out,
			struct err *e)
{
	return primary_list(d->state, zone, name, type, m, out, e);
}

static int rfc2136_apply(struct dns *d, const char *zone,
			 const struct change *c, struct err *e)
{
	return primary_apply(d->state, zone, c, e);
}

const struct provider rfc2136_provider = {
	.name = "rfc2136",
	.aliases = "dnsupdate nsupdate knot bind",
	.about = "any name server that takes dynamic updates with a TSIG key",
	.url = "https://www.rfc-editor.org/rfc/rfc2136",
	.proof = "L4",
	.caps = DNS_CAN_LIST | DNS_CAS,
	.fields = fields,
	.fields_n = FIELDS,
	.open = rfc2136_open,
	.find_zone = rfc2136_find_zone,
	.list = rfc2136_list,
	.apply = rfc2136_apply,
};
