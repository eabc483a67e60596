/* Terraform: resources of its provider hashicorp/dns, a set each. */
#include <string.h>

#include "base/auto.h"
#include "dns/zonefile.h"
#include "dns/zonefile_parts.h"

/* `list` holds plain values, `block` one of fields for each value, and `one`
 * has room for a single value. */
static const struct shape {
	uint16_t type;
	const char *resource, *list, *block, *one;
} shapes[] = {
	{ DNS_A, "dns_a_record_set", "addresses", NULL, NULL },
	{ DNS_AAAA, "dns_aaaa_record_set", "addresses", NULL, NULL },
	{ DNS_NS, "dns_ns_record_set", "nameservers", NULL, NULL },
	{ DNS_TXT, "dns_txt_record_set", "txt", NULL, NULL },
	{ DNS_CNAME, "dns_cname_record", NULL, NULL, "cname" },
	{ DNS_PTR, "dns_ptr_record", NULL, NULL, "ptr" },
	{ DNS_MX, "dns_mx_record_set", NULL, "mx preference=#0 exchange=1",
	  NULL },
	{ DNS_SRV, "dns_srv_record_set", NULL,
	  "srv priority=#0 weight=#1 port=#2 target=3", NULL },
};

static const struct shape *shape_of(uint16_t type)
{
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
		if (shapes[i].type == type)
			return &shapes[i];
	return NULL;
}

/* A brace after $ or % would begin an expression: SPF macros look so. */
static bool put_text(struct buf *out, struct str s)
{
	AUTO(buf) struct buf b = { 0 };
	for (size_t i = 0; i < s.n; i++) {
		if ((s.at[i] == '$' || s.at[i] == '%') && i + 1 < s.n &&
		    s.at[i + 1] == '{')
			buf_char(&b, s.at[i]);
		buf_char(&b, s.at[i]);
	}
	return zonefile_quoted(out, buf_get(&b), ZONEFILE_JS);
}

static bool put_block(struct buf *out, const char *block,
		      const struct record *r)
{
	AUTO(mem) struct mem m = { 0 };
	struct str field[ZONEFILE_FIELDS], rest = str_of(block), word, key;
	size_t n = zonefile_fields(r, &m, field);
	str_word(&rest, &word);
	buf_fmt(out, "  %.*s {\n", STR_FMT(word));
	while (str_word(&rest, &word)) {
		(void)str_cut(&word, '=', &key);
		const size_t i = (size_t)(word.at[word.n - 1] - '0');
		if (i >= n)
			return false;
		buf_fmt(out, "    %.*s = ", STR_FMT(key));
		if (*word.at == '#')
			buf_view(out, field[i]);
		else if (!put_text(out, field[i]))
			return false;
		buf_char(out, '\n');
	}
	buf_str(out, "  }\n");
	return true;
}

static bool put_value(struct buf *out, const struct shape *s,
		      const struct record *r)
{
	if (s->block)
		return put_block(out, s->block, r);
	if (s->one)
		buf_fmt(out, "  %s = ", s->one);
	else
		buf_str(out, "    ");
	if (!put_text(out, r->value))
		return false;
	buf_str(out, s->one ? "\n" : ",\n");
	return true;
}

/* "_dmarc.x.org" and "TXT" as dmarc_x_org_txt, and a number, since two names
 * may come to the same. */
static void put_label(struct buf *out, const struct record *r, size_t number)
{
	char type[16];
	buf_char(out, 'r');
	for (const char *c = r->name; *c; c++)
		buf_char(out,
			 (*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9') ?
				 *c :
				 '_');
	buf_fmt(out, "_%s_%zu", dnsmsg_type_name(r->type, type), number);
}

/* The n values of one name and type. */
static void put_set(struct buf *out, const char *zone, const struct record *r,
		    size_t n, size_t number)
{
	AUTO(buf) struct buf values = { 0 }, name = { 0 };
	const struct shape *s = shape_of(r->type);
	for (size_t i = 0; i < n; i++) {
		const size_t before = values.n;
		if (!s || (s->one && values.n) ||
		    !put_value(&values, s, &r[i])) {
			buf_cut(&values, before);
			zonefile_comment(out, "#", zone, &r[i]);
		}
	}
	if (!s || !values.n)
		return;
	buf_fmt(out, "resource \"%s\" \"", s->resource);
	put_label(out, r, number);
	buf_fmt(out, "\" {\n  zone = \"%s.\"\n", zone);
	if (strcmp(r->name, zone) != 0) {
		zonefile_name(&name, r->name, zone);
		buf_fmt(out, "  name = \"%s\"\n", buf_c(&name));
	}
	if (r->ttl)
		buf_fmt(out, "  ttl = %u\n", r->ttl);
	if (s->list)
		buf_fmt(out, "  %s = [\n", s->list);
	buf_view(out, buf_get(&values));
	buf_str(out, s->list ? "  ]\n}\n" : "}\n");
}

void zonefile_terraform(struct buf *out, const char *zone,
			const struct records *r)
{
	buf_str(out, "terraform {\n  required_providers {\n    dns = {\n"
		     "      source = \"hashicorp/dns\"\n    }\n  }\n}\n");
	for (size_t i = 0, k; i < r->n; i = k) {
		k = i + 1;
		while (k < r->n && r->at[k].type == r->at[i].type &&
		       !strcmp(r->at[k].name, r->at[i].name))
			k++;
		put_set(out, zone, &r->at[i], k - i, i);
	}
}
