/* opsmail dns records: a zone as its provider has it, for people and for other
 * programs. */
#include <string.h>

#include "base/auto.h"
#include "cmd/dns.h"
#include "dns/zonefile.h"

/* A zone that was read. */
struct zone {
	const char *name, *provider;
	struct records records;
	size_t bad; /* left out: see keep */
};

/* Leaves out what no zone can hold, aloud. */
static void keep(struct call *c, struct zone *z)
{
	struct records *r = &z->records;
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++) {
		struct record x = r->at[i];
		struct err e = { 0 };

		if (zonefile_check(z->name, &x, &c->mem, &e)) {
			out_warn(c->out, "%s: left out", e.msg);
			continue;
		}
		r->at[n++] = x;
	}
	z->bad = r->n - n;
	r->n = n;
	zonefile_sort(r);
}

static int read_zone(struct call *c, struct zone *z, struct err *e)
{
	AUTO(resolver) struct resolver *r = NULL;
	struct conf_domain *d;
	struct dns dns = { 0 };
	const char *zone;
	int status;

	if (conf_domain(c->conf, c->args[0], &d, e) ||
	    resolver_open(c->conf->resolver, &r, e) ||
	    cmd_dns_open(c, &d->dns, d->name, r, &dns, e))
		return -1;
	status = dns.provider->find_zone(&dns, d->name, &zone, e);
	if (status == 0) {
		z->name = mem_str(&c->mem, zone);
		z->provider = dns.provider->name;
		status = dns.provider->list(&dns, zone, NULL, 0, &c->mem,
					    &z->records, e);
	}
	dns_close(&dns);
	if (status == 0)
		keep(c, z);
	return status;
}

/* TXT also as its bytes are: a value as in a zone file is for programs that
 * write one. */
static json_t *record_json(const struct zone *z, const struct record *r)
{
	AUTO(buf) struct buf value = { 0 };
	char type[16];
	json_t *j;

	zonefile_value(&value, r);
	j = json_pack("{s:s, s:s, s:s, s:s, s:I, s:s}", "type", "record",
		      "zone", z->name, "name", r->name, "rrtype",
		      dnsmsg_type_name(r->type, type), "ttl",
		      (json_int_t)r->ttl, "value", buf_c(&value));
	if (j && r->type == DNS_TXT &&
	    memchr(r->value.at, 0, r->value.n) == NULL)
		json_object_set_new(j, "text", out_utf8(r->value.at));
	return j;
}

static void table(struct call *c, const struct zone *z)
{
	static const struct out_column columns[] = {
		{ .title = "NAME" },
		{ .title = "TTL", .right = true },
		{ .title = "TYPE" },
		{ .title = "VALUE" },
	};
	struct out_table *t = out_table(c->out, columns, 4);

	for (size_t i = 0; i < z->records.n; i++) {
		const struct record *r = &z->records.at[i];
		AUTO(buf) struct buf name = { 0 }, value = { 0 };
		char type[16];

		zonefile_name(&name, r->name, z->name);
		zonefile_value(&value, r);

		const struct out_cell cells[] = {
			{ .text = buf_c(&name) },
			{ .text = r->ttl ? mem_fmt(&c->mem, "%u", r->ttl) :
					   "-" },
			{ .text = dnsmsg_type_name(r->type, type) },
			{ .text = buf_c(&value) },
		};

		out_row(t, record_json(z, r), cells);
	}
	out_table_end(t);
}

static void objects(struct call *c, const struct zone *z)
{
	for (size_t i = 0; i < z->records.n; i++) {
		json_t *j = record_json(z, &z->records.at[i]);
		AUTO(free) char *line =
			json_dumps(j, JSON_COMPACT | JSON_ENSURE_ASCII);

		out_line(c->out, "%s", line ? line : "");
		out_object(c->out, j);
	}
}

static int text(struct call *c, const struct zone *z, const char *format,
		struct err *e)
{
	AUTO(buf) struct buf b = { 0 };

	if (!strcmp(format, "zone"))
		zonefile_print(&b, z->name, &z->records);
	else if (!strcmp(format, "dnscontrol"))
		zonefile_dnscontrol(&b, z->name, z->provider, &z->records);
	else if (!strcmp(format, "terraform"))
		zonefile_terraform(&b, z->name, &z->records);
	else
		zonefile_octodns(&b, z->name, &z->records);
	if (b.full)
		return err_set(e, ERR_PERM,
			       "the zone %s takes more than %zu bytes as %s: "
			       "take --format json",
			       z->name, BUF_MAX, format);
	out_text(c->out, buf_c(&b));
	out_object(c->out,
		   json_pack("{s:s, s:s, s:s, s:s}", "type", "file", "zone",
			     z->name, "format", format, "text", buf_c(&b)));
	return 0;
}

int cmd_dns_print(struct call *c, const char *zone, const char *provider,
		  const char *format, const struct records *r, struct err *e)
{
	const struct zone z = { .name = zone,
				.provider = provider,
				.records = *r };

	if (!format || !strcmp(format, "table"))
		table(c, &z);
	else if (!strcmp(format, "json"))
		objects(c, &z);
	else
		return text(c, &z, format, e);
	return 0;
}

int cmd_dns_records(struct call *c, struct err *e)
{
	const char *format = opt_text(&c->opts, "format");
	struct zone z = { 0 };

	if (read_zone(c, &z, e) ||
	    cmd_dns_print(c, z.name, z.provider, format, &z.records, e))
		return -1;
	if (!z.bad)
		return 0;
	return err_set(e, ERR_PARTIAL,
		       "%zu of the records of %s could not be understood and "
		       "are not printed",
		       z.bad, z.name);
}
