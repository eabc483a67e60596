/* dnscontrol: dnsconfig.js, as its own get-zones writes one. */
#include <string.h>

#include "base/auto.h"
#include "dns/zonefile.h"
#include "dns/zonefile_parts.h"

/* Its function is called as the type; n: a number, s: a string. */
static const struct {
	const char *type, *fields;
} calls[] = {
	{ "A", "s" },     { "AAAA", "s" },    { "CNAME", "s" },
	{ "DNAME", "s" }, { "NS", "s" },      { "PTR", "s" },
	{ "MX", "ns" },   { "SRV", "nnns" },  { "TLSA", "nnns" },
	{ "DS", "nnns" }, { "SSHFP", "nns" }, { "NAPTR", "nnssss" },
};

static bool put_strings(struct buf *out, const struct str *field,
			const char *kinds)
{
	for (size_t i = 0; kinds[i]; i++) {
		buf_str(out, ", ");
		if (kinds[i] == 'n')
			buf_view(out, field[i]);
		else if (!zonefile_quoted(out, field[i], ZONEFILE_JS))
			return false;
	}
	return true;
}

/* The tag and the value, and whether who does not know it must stop. */
static bool put_caa(struct buf *out, const struct str *field, size_t n)
{
	const bool critical = n == 3 && str_eq(field[0], "128");
	if (n != 3 || !(critical || str_eq(field[0], "0")) ||
	    !put_strings(out, field + 1, "ss"))
		return false;
	buf_str(out, critical ? ", CAA_CRITICAL" : "");
	return true;
}

/* What stands behind the name; false when there is no word for it. */
static bool put_arguments(struct buf *out, const struct record *r,
			  struct mem *m)
{
	char type[16];
	struct str field[ZONEFILE_FIELDS];
	if (r->type == DNS_TXT)
		return put_strings(out, &r->value, "s");
	const size_t n = zonefile_fields(r, m, field);
	if (r->type == DNS_CAA)
		return put_caa(out, field, n);
	dnsmsg_type_name(r->type, type);
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (strcmp(calls[i].type, type) == 0)
			return n == strlen(calls[i].fields) &&
			       put_strings(out, field, calls[i].fields);
	return false;
}

static void put_call(struct buf *out, const char *zone, const struct record *r)
{
	AUTO(mem) struct mem m = { 0 };
	AUTO(buf) struct buf name = { 0 }, line = { 0 };
	char type[16];
	/* The zone's own NS are the provider's matter there. */
	const bool apex_ns = r->type == DNS_NS && strcmp(r->name, zone) == 0;
	zonefile_name(&name, r->name, zone);
	buf_fmt(&line, "\t%s(", dnsmsg_type_name(r->type, type));
	if (apex_ns || !zonefile_quoted(&line, buf_get(&name), ZONEFILE_JS) ||
	    !put_arguments(&line, r, &m)) {
		zonefile_comment(out, "\t//", zone, r);
		return;
	}
	buf_view(out, buf_get(&line));
	if (r->ttl > 0)
		buf_fmt(out, ", TTL(%u)", r->ttl);
	buf_str(out, "),\n");
}

void zonefile_dnscontrol(struct buf *out, const char *zone,
			 const char *provider, const struct records *r)
{
	buf_str(out, "var REG_NONE = NewRegistrar(\"none\");\n"
		     "var DSP = NewDnsProvider(");
	(void)zonefile_quoted(out, str_of(provider), ZONEFILE_JS);
	buf_str(out, ");\n\nD(");
	(void)zonefile_quoted(out, str_of(zone), ZONEFILE_JS);
	buf_str(out, ", REG_NONE, DnsProvider(DSP),\n");
	for (size_t i = 0; i < r->n; i++)
		put_call(out, zone, &r->at[i]);
	buf_str(out, "END);\n");
}
