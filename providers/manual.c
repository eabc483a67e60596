/* A person does it: the records are shown, and the rest looks for them. */
#include <string.h>

#include "net/ip.h"
#include "providers/bridge.h"
#include "providers/table.h"

/* A value as a zone file has it: strings of at most 255 bytes in quotes. */
static void put_quoted(struct buf *b, struct str v)
{
	size_t n = 0;
	buf_char(b, '"');
	for (size_t i = 0; i < v.n; i++, n++) {
		unsigned char c = (unsigned char)v.at[i];
		if (n == 255) {
			buf_str(b, "\" \"");
			n = 0;
		}
		if (c < 0x20 || c > 0x7e)
			buf_fmt(b, "\\%03u", c);
		else
			buf_fmt(b, c == '"' || c == '\\' ? "\\%c" : "%c", c);
	}
	buf_char(b, '"');
}

static void put_value(struct buf *b, const struct record *r)
{
	if (r->type == DNS_TXT)
		put_quoted(b, r->value);
	else
		buf_view(b, r->value);
}

static int width(const struct records *r)
{
	int most = 4;
	for (size_t i = 0; i < r->n; i++)
		if ((int)strlen(r->at[i].name) > most)
			most = (int)strlen(r->at[i].name);
	return most;
}

static void put_table(struct buf *b, const struct records *r)
{
	char type[16];
	int w = width(r);
	buf_fmt(b, "  %-*s  %-5s VALUE\n", w, "NAME", "TYPE");
	for (size_t i = 0; i < r->n; i++) {
		buf_fmt(b, "  %-*s  %-5s ", w, r->at[i].name,
			dnsmsg_type_name(r->at[i].type, type));
		buf_view(b, r->at[i].value);
		buf_char(b, '\n');
	}
}

static void put_zone_lines(struct buf *b, const struct records *r, uint32_t ttl)
{
	char type[16];
	for (size_t i = 0; i < r->n; i++) {
		buf_fmt(b, "  %s. %u IN %s ", r->at[i].name, ttl,
			dnsmsg_type_name(r->at[i].type, type));
		put_value(b, &r->at[i]);
		buf_char(b, '\n');
	}
}

static void put_json(struct buf *b, const char *verb, const char *zone,
		     const struct records *r, uint32_t ttl)
{
	char type[16];
	AUTO(json) json_t *list = json_array();
	for (size_t i = 0; i < r->n; i++) {
		AUTO(buf) struct buf v = { 0 };
		put_value(&v, &r->at[i]);
		struct str s = r->at[i].type == DNS_TXT ? r->at[i].value :
							  buf_get(&v);
		json_t *text = json_stringn(s.at, s.n);
		json_array_append_new(
			list,
			json_pack("{s:s, s:s, s:i, s:o}", "name", r->at[i].name,
				  "type", dnsmsg_type_name(r->at[i].type, type),
				  "ttl", (int)ttl, "value",
				  text ? text : json_string(buf_c(&v))));
	}
	AUTO(json) json_t *o = json_pack("{s:s, s:s, s:O}", "action", verb,
					 "zone", zone, "records", list);
	AUTO(free) char *text = json_dumps(o, JSON_COMPACT);
	buf_fmt(b, "  %s", text ? text : "{}");
}

static void show(struct dns *d, const char *verb, const char *zone,
		 const struct records *r, uint32_t ttl)
{
	AUTO(buf) struct buf b = { .max = 1 << 20 };
	bool add = strcmp(verb, "add") == 0;
	if (r->n == 0)
		return;
	buf_fmt(&b,
		"%s in the zone %s (leave other values of the same name "
		"as they are):\n",
		add ? "add" : "remove", zone);
	put_table(&b, r);
	buf_str(&b, "as lines of a zone file:\n");
	put_zone_lines(&b, r, ttl);
	buf_str(&b, "as JSON:\n");
	put_json(&b, verb, zone, r, ttl);
	if (add)
		buf_str(&b, "\nwaiting until the zone's servers show it; when "
			    "stopped, the same command continues");
	tell(d->tell, TELL_TASK, d->who, "%s", buf_c(&b));
}

static int manual_apply(struct dns *d, const char *zone, const struct change *c,
			struct err *e)
{
	(void)e;
	show(d, "remove", zone, &c->del, c->ttl);
	show(d, "add", zone, &c->add, c->ttl);
	return 0;
}

/* ---- reverse DNS ---- */
static int manual_ptr_set(struct dns *d, const char *ip, const char *name,
			  struct err *e)
{
	AUTO(mem) struct mem m = { 0 };
	struct ip a;
	if (ip_parse(str_of(ip), &a) < 0)
		return err_set(e, ERR_USAGE, "\"%s\" is no address", ip);
	tell(d->tell, TELL_TASK, ip,
	     "in the panel of whoever gave you this address (\"reverse DNS\", "
	     "\"PTR\", \"rDNS\"), enter for %s:\n  %s\nas a line of a zone "
	     "file:\n  %s. 3600 IN PTR %s.",
	     ip, name, ip_reverse(&a, &m), name);
	return 0;
}

static int manual_ptr_get(struct dns *d, const char *ip, struct mem *m,
			  struct dns_ptr *out, struct err *e)
{
	(void)d, (void)ip, (void)m;
	*out = (struct dns_ptr){ 0 };
	return err_set(e, ERR_PERM, "only DNS tells what a person entered");
}

static const struct dns_ptr_driver by_hand = {
	.caps = DNS_PTR_V4 | DNS_PTR_V6 | DNS_PTR_BY_HAND,
	.get = manual_ptr_get,
	.set = manual_ptr_set,
};

const struct provider manual_provider = {
	.name = "manual",
	.aliases = "hand",
	.about = "shows the records; you enter them where your DNS is kept",
	.url = "https://www.rfc-editor.org/rfc/rfc8555#section-8.4",
	.caps = DNS_BY_HAND,
	.find_zone = bridge_find_zone,
	.apply = manual_apply,
	.ptr = &by_hand,
};
