#include "dns/selfdns.h"

#include <string.h>

#include "base/auto.h"
#include "base/fs.h"

enum {
	HEADER = 12,
	TTL = 60,
	UDP_MIN = 512,
	FILE_MAX = 1 << 20,
	TYPE_IXFR = 251,
	BADVERS = 16,
};

/* Length of the question if there is exactly one and its name is written out;
 * 0 otherwise. */
static size_t question_size(struct str w)
{
	size_t at = HEADER;
	if (w.at[4] != 0 || w.at[5] != 1)
		return 0;
	while (at < w.n && w.at[at] != 0) {
		size_t label = (unsigned char)w.at[at];
		if (label > 63)
			return 0;
		at += label + 1;
	}
	return at + 5 <= w.n ? at + 5 - HEADER : 0;
}

/* Askers vary the case of the name and expect it back (0x20). */
static void restore_case(struct buf *out, struct str w, size_t n)
{
	if (out->n < HEADER + n)
		return;
	for (size_t i = HEADER; i < HEADER + n; i++)
		if (str_lower(out->at[i]) != str_lower(w.at[i]))
			return;
	memcpy(out->at + HEADER, w.at + HEADER, n);
}

static const struct selfdns_zone *find(const struct selfdns_zone *z, size_t n,
				       const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (record_in_zone(name, z[i].zone))
			return &z[i];
	return NULL;
}

static struct dns_rr rr(const struct selfdns_zone *z, uint16_t type,
			const char *value)
{
	return (struct dns_rr){ .name = z->zone,
				.type = type,
				.class = DNS_IN,
				.ttl = TTL,
				.value = str_of(value) };
}

/* Nobody may remember for more than a second that something is not there. */
static struct dns_rr soa(const struct selfdns_zone *z, struct mem *m)
{
	struct dns_rr x = rr(z, DNS_SOA,
			     mem_fmt(m, "%s. hostmaster.%s. 1 3600 600 86400 1",
				     z->ns, z->ns));
	x.ttl = 1;
	return x;
}

static void put_values(const struct selfdns_zone *z, struct mem *m,
		       struct dns_msg *a)
{
	a->answer = mem_array(m, z->values.n + 1, sizeof(*a->answer));
	for (size_t i = 0; i < z->values.n; i++) {
		const struct record *r = &z->values.at[i];
		a->answer[a->answer_n++] = (struct dns_rr){
			.name = z->zone,
			.type = DNS_TXT,
			.class = DNS_IN,
			.ttl = r->ttl ? r->ttl : 1,
			.value = r->value,
		};
	}
}

static void answer(const struct selfdns_zone *z, struct mem *m,
		   struct dns_msg *a)
{
	bool apex = strcmp(a->qname, z->zone) == 0;
	a->aa = true;
	a->answer = a->authority = mem_array(m, 1, sizeof(*a->answer));
	if (!apex)
		a->rcode = DNS_NXDOMAIN;
	else if (a->qtype == DNS_TXT || a->qtype == DNS_ANY)
		put_values(z, m, a);
	else if (a->qtype == DNS_SOA)
		a->answer[a->answer_n++] = soa(z, m);
	else if (a->qtype == DNS_NS)
		a->answer[a->answer_n++] =
			rr(z, DNS_NS, mem_fmt(m, "%s.", z->ns));
	if (a->answer_n > 0)
		return;
	a->authority = mem_array(m, 1, sizeof(*a->authority));
	a->authority[a->authority_n++] = soa(z, m);
}

/* Everything about the answer but its bytes. */
static void decide(struct str w, const struct selfdns_zone *zones, size_t n,
		   struct mem *m, struct dns_msg *a)
{
	struct err e = { 0 };
	struct dns_msg q;
	a->qr = true;
	a->id = (uint16_t)((unsigned char)w.at[0] << 8 |
			   (unsigned char)w.at[1]);
	a->opcode = (unsigned char)w.at[2] >> 3 & 15;
	a->rd = w.at[2] & 1;
	if (a->opcode != 0) {
		a->rcode = DNS_NOTIMP;
		return;
	}
	if (question_size(w) == 0 || dnsmsg_parse(w, m, &q, &e) < 0) {
		a->rcode = DNS_FORMERR;
		return;
	}
	a->qname = q.qname;
	a->qtype = q.qtype;
	a->qclass = q.qclass;
	a->edns = q.edns;
	a->edns_size = q.edns_size;
	const struct selfdns_zone *z = find(zones, n, q.qname);
	if (q.edns && q.edns_version > 0)
		a->rcode = (enum dns_rcode)BADVERS;
	else if (!z || q.qclass != DNS_IN || q.qtype == DNS_AXFR ||
		 q.qtype == TYPE_IXFR)
		a->rcode = DNS_REFUSED;
	else
		answer(z, m, a);
}

int selfdns_answer(struct str question, const struct selfdns_zone *z, size_t n,
		   size_t limit, struct buf *out, struct err *e)
{
	AUTO(mem) struct mem m = { 0 };
	struct dns_msg a = { 0 };
	if (question.n < HEADER || question.at[2] & 0x80)
		return err_set(e, ERR_PERM, "that is no question");
	decide(question, z, n, &m, &a);
	size_t size = a.edns && a.edns_size > UDP_MIN ? a.edns_size : UDP_MIN;
	if (limit < UINT16_MAX && size < limit)
		limit = size;
	if (dnsmsg_answer(&a, limit, out, e) < 0)
		return -1;
	if (a.qname)
		restore_case(out, question, question_size(question));
	return 0;
}

/* On disk: a line a value, its TTL in front. */

static int path_of(const struct conf *c, const char *zone, struct mem *m,
		   const char **out, struct err *e)
{
	if (record_check_zone(zone, e) < 0)
		return -1;
	*out = mem_fmt(m, "%s/acme/self/%s", c->dir, zone);
	return 0;
}

int selfdns_put(const struct conf *c, const char *zone,
		const struct records *values, struct err *e)
{
	AUTO(mem) struct mem m = { 0 };
	AUTO(buf) struct buf text = { .max = FILE_MAX };
	const char *path;
	if (path_of(c, zone, &m, &path, e) < 0)
		return -1;
	if (values->n == 0)
		return fs_remove(path, e);
	for (size_t i = 0; i < values->n; i++) {
		const struct record *r = &values->at[i];
		if (r->type != DNS_TXT || strcmp(r->name, zone) != 0 ||
		    !str_is_print(r->value))
			return err_set(e, ERR_PERM,
				       "self: only plain TXT "
				       "values of %s can be served",
				       zone);
		buf_fmt(&text, "%u ", r->ttl);
		buf_view(&text, r->value);
		buf_char(&text, '\n');
	}
	if (fs_mkdir(mem_fmt(&m, "%s/acme/self", c->dir), 0700, e) < 0)
		return -1;
	return fs_write(path, buf_get(&text), 0600, e);
}

int selfdns_get(const struct conf *c, const char *zone, struct mem *m,
		struct records *values, struct err *e)
{
	AUTO(buf) struct buf b = { .max = FILE_MAX };
	const char *path;
	if (path_of(c, zone, m, &path, e) < 0)
		return -1;
	if (fs_read(path, &b, e) < 0) {
		if (e->kind != ERR_MISSING)
			return -1;
		*e = (struct err){ 0 };
		return 0;
	}
	struct str text = buf_get(&b), line, ttl;
	while (str_line(&text, &line)) {
		uint64_t n = 0;
		if (!str_cut(&line, ' ', &ttl) ||
		    str_num(ttl, UINT32_MAX, &n) < 0)
			return err_set(e, ERR_CONF,
				       "%s: a line without a TTL "
				       "in front; remove the file",
				       path);
		struct record r = { .name = zone,
				    .type = DNS_TXT,
				    .ttl = (uint32_t)n,
				    .value = line };
		records_add(values, m, &r);
	}
	return 0;
}

int selfdns_announce(const struct conf *c, const char *zone, struct err *e)
{
	AUTO(mem) struct mem m = { 0 };
	const char *path;
	if (path_of(c, zone, &m, &path, e) < 0 ||
	    fs_mkdir(mem_fmt(&m, "%s/acme/self", c->dir), 0700, e) < 0)
		return -1;
	if (fs_exists(path))
		return 0;
	return fs_write(path, (struct str){ 0 }, 0600, e);
}

const char *selfdns_delegation(const struct conf *c, const char *zone,
			       struct mem *m)
{
	AUTO(buf) struct buf b = { .max = 8192 };
	buf_fmt(&b, "%s. 300 IN NS %s.\n", zone, c->hostname);
	for (size_t i = 0; i < c->addresses.n; i++)
		buf_fmt(&b, "%s. 300 IN %s %s\n", c->hostname,
			strchr(c->addresses.at[i], ':') ? "AAAA" : "A",
			c->addresses.at[i]);
	if (c->addresses.n == 0)
		buf_fmt(&b, "%s. 300 IN A THIS-SERVERS-ADDRESS\n", c->hostname);
	return mem_str(m, buf_c(&b));
}
