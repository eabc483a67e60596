#include "net/dnsmsg.h"

#include <ldns/ldns.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"

enum { HEADER = 12, EDNS_SIZE = 1232, TYPE_OPT = 41, OPCODE_UPDATE = 5 };
enum flag {
	QR = 0x8000,
	AA = 0x0400,
	TC = 0x0200,
	RD = 0x0100,
	RA = 0x0080,
	AD = 0x0020,
};

AUTO_DEFINE(packet, ldns_pkt, ldns_pkt_free)
AUTO_DEFINE(dname, ldns_rdf, ldns_rdf_deep_free)
AUTO_DEFINE(rr, ldns_rr, ldns_rr_free)
AUTO_DEFINE(text, ldns_buffer, ldns_buffer_free)

const char *dnsmsg_type_name(uint16_t type, char out[static 16])
{
	const ldns_rr_descriptor *d = ldns_rr_descript(type);
	if (d && d->_type == type && d->_name && strlen(d->_name) < 16)
		snprintf(out, 16, "%s", d->_name);
	else
		snprintf(out, 16, "TYPE%u", type);
	return out;
}

int dnsmsg_type_parse(struct str name, uint16_t *type)
{
	char text[16];
	if (name.n == 0 || name.n >= sizeof(text) || !str_is_print(name))
		return -1;
	memcpy(text, name.at, name.n);
	text[name.n] = '\0';
	unsigned t = (unsigned)ldns_get_rr_type_by_name(text);
	if (t == 0 || t > UINT16_MAX)
		return -1;
	*type = (uint16_t)t;
	return 0;
}

const char *dnsmsg_rcode_name(unsigned rcode)
{
	static const char *const names[] = {
		"NOERROR", "FORMERR",   "SERVFAIL", "NXDOMAIN",  "NOTIMP",
		"REFUSED", "YXDOMAIN",  "YXRRSET",  "NXRRSET",   "NOTAUTH",
		"NOTZONE", "DSOTYPENI", "RCODE12",  "RCODE13",   "RCODE14",
		"RCODE15", "BADVERS",   "BADKEY",   "BADTIME",   "BADMODE",
		"BADNAME", "BADALG",    "BADTRUNC", "BADCOOKIE",
	};
	return rcode < sizeof(names) / sizeof(names[0]) ? names[rcode] :
							  "an unknown RCODE";
}

/* Reading */

static const char *lowered(struct mem *m, const char *s, size_t n)
{
	char *at = mem_dup(m, s, n);
	for (size_t i = 0; i < n; i++)
		if (at[i] >= 'A' && at[i] <= 'Z')
			at[i] = (char)(at[i] - 'A' + 'a');
	return at;
}

/* Lower case without the final dot; the root keeps its own. */
static const char *name_text(const ldns_rdf *r, struct mem *m)
{
	AUTO(free) char *s = r ? ldns_rdf2str(r) : NULL;
	if (!s || !*s)
		return ".";
	size_t n = strlen(s);
	return lowered(m, s, n > 1 && s[n - 1] == '.' ? n - 1 : n);
}

/* The strings as they stand on the wire; joined leaves out their lengths. */
static struct str strings(const ldns_rr *rr, struct mem *m, bool joined)
{
	size_t n = 0, skip = joined ? 1 : 0, fields = ldns_rr_rd_count(rr);

	for (size_t i = 0; i < fields; i++)
		n += ldns_rdf_size(ldns_rr_rdf(rr, i));
	char *at = mem_get(m, n + 1);
	n = 0;
	for (size_t i = 0; i < fields; i++) {
		const ldns_rdf *r = ldns_rr_rdf(rr, i);
		size_t size = ldns_rdf_size(r);
		if (size <= skip)
			continue;
		memcpy(at + n, ldns_rdf_data(r) + skip, size - skip);
		n += size - skip;
	}
	return (struct str){ at, n };
}

static struct str text_value(const ldns_rr *rr, struct mem *m)
{
	AUTO(text) ldns_buffer *b = ldns_buffer_new(256);
	if (!b)
		abort();
	for (size_t i = 0; i < ldns_rr_rd_count(rr); i++) {
		const ldns_rdf *r = ldns_rr_rdf(rr, i);
		if (i > 0)
			ldns_buffer_printf(b, " ");
		if (ldns_rdf_get_type(r) == LDNS_RDF_TYPE_DNAME) {
			const char *n = name_text(r, m);
			ldns_buffer_printf(b, "%s%s", n,
					   strcmp(n, ".") ? "." : "");
		} else {
			(void)ldns_rdf2buffer_str(b, r);
		}
	}
	size_t n = ldns_buffer_position(b);
	return (struct str){ mem_dup(m, ldns_buffer_begin(b), n), n };
}

static void rr_out(const ldns_rr *rr, struct mem *m, struct dns_rr *out)
{
	out->name = name_text(ldns_rr_owner(rr), m);
	out->type = (uint16_t)ldns_rr_get_type(rr);
	out->class = (uint16_t)ldns_rr_get_class(rr);
	out->ttl = ldns_rr_ttl(rr);
	out->value = out->type == DNS_TXT ? strings(rr, m, true) :
					    text_value(rr, m);
	if (out->type == DNS_TXT)
		out->strings = strings(rr, m, false);
}

static struct dns_rr *section(const ldns_rr_list *l, struct mem *m, size_t *n)
{
	*n = l ? ldns_rr_list_rr_count(l) : 0;
	struct dns_rr *at = mem_array(m, *n ? *n : 1, sizeof(*at));
	for (size_t i = 0; i < *n; i++)
		rr_out(ldns_rr_list_rr(l, i), m, &at[i]);
	return at;
}

static void question(const ldns_pkt *p, struct mem *m, struct dns_msg *out)
{
	const ldns_rr_list *l = ldns_pkt_question(p);
	const ldns_rr *q =
		l && ldns_rr_list_rr_count(l) ? ldns_rr_list_rr(l, 0) : NULL;
	out->qname = q ? name_text(ldns_rr_owner(q), m) : ".";
	out->qtype = q ? (uint16_t)ldns_rr_get_type(q) : 0;
	out->qclass = q ? (uint16_t)ldns_rr_get_class(q) : 0;
}

int dnsmsg_parse(struct str wire, struct mem *m, struct dns_msg *out,
		 struct err *e)
{
	AUTO(packet) ldns_pkt *p = NULL;
	memset(out, 0, sizeof(*out));
	if (wire.n < HEADER || wire.n > UINT16_MAX)
		return err_set(e, ERR_PERM, "%zu bytes are no DNS message",
			       wire.n);
	ldns_status s = ldns_wire2pkt(&p, (const uint8_t *)wire.at, wire.n);
	if (s != LDNS_STATUS_OK)
		return err_set(e, ERR_PERM, "a malformed DNS message: %s",
			       ldns_get_errorstr_by_id(s));
	out->id = ldns_pkt_id(p);
	out->opcode = ldns_pkt_get_opcode(p);
	out->rcode = (enum dns_rcode)((unsigned)ldns_pkt_get_rcode(p) |
				      (unsigned)ldns_pkt_edns_extended_rcode(p)
					      << 4);
	out->qr = ldns_pkt_qr(p);
	out->aa = ldns_pkt_aa(p);
	out->tc = ldns_pkt_tc(p);
	out->rd = ldns_pkt_rd(p);
	out->ra = ldns_pkt_ra(p);
	out->ad = ldns_pkt_ad(p);
	out->edns = ldns_pkt_edns(p);
	out->edns_size = ldns_pkt_edns_udp_size(p);
	out->edns_version = ldns_pkt_edns_version(p);
	question(p, m, out);
	out->answer = section(ldns_pkt_answer(p), m, &out->answer_n);
	out->authority = section(ldns_pkt_authority(p), m, &out->authority_n);
	out->additional =
		section(ldns_pkt_additional(p), m, &out->additional_n);
	return 0;
}

/* Writing */

static void put16(struct buf *b, unsigned v)
{
	buf_char(b, (char)(v >> 8 & 0xff));
	buf_char(b, (char)(v & 0xff));
}

static void put32(struct buf *b, uint32_t v)
{
	put16(b, v >> 16);
	put16(b, v & 0xffff);
}

static void set16(struct buf *b, size_t at, unsigned v)
{
	if (at + 2 > b->n)
		return;
	b->at[at] = (char)(v >> 8 & 0xff);
	b->at[at + 1] = (char)(v & 0xff);
}

static void header(struct buf *b, unsigned id, unsigned flags, unsigned qd,
		   unsigned an, unsigned ns, unsigned ar)
{
	buf_clear(b);
	put16(b, id);
	put16(b, flags);
	put16(b, qd);
	put16(b, an);
	put16(b, ns);
	put16(b, ar);
}

static int put_name(struct buf *b, const char *name, struct err *e)
{
	AUTO(dname) ldns_rdf *r = NULL;
	if (ldns_str2rdf_dname(&r, name) != LDNS_STATUS_OK)
		return err_set(e, ERR_PERM, "\"%s\" is not a domain name",
			       name);
	buf_add(b, ldns_rdf_data(r), ldns_rdf_size(r));
	return 0;
}

static int put_question(struct buf *b, const char *name, unsigned type,
			unsigned class, struct err *e)
{
	if (put_name(b, name, e) < 0)
		return -1;
	put16(b, type);
	put16(b, class);
	return 0;
}

static void put_opt(struct buf *b, unsigned size, unsigned rcode_high)
{
	buf_char(b, 0);
	put16(b, TYPE_OPT);
	put16(b, size);
	put32(b, (uint32_t)rcode_high << 24);
	put16(b, 0);
}

/* Strings of at most 255 bytes (RFC 1035 3.3.14). */
static void put_txt(struct buf *b, struct str v)
{
	do {
		size_t n = v.n < 255 ? v.n : 255;
		buf_char(b, (char)n);
		buf_add(b, v.at, n);
		v.at += n;
		v.n -= n;
	} while (v.n > 0);
}

static int put_value(struct buf *b, const struct dns_rr *x, struct err *e)
{
	char type[16];
	AUTO(rr) ldns_rr *rr = NULL;
	AUTO(buf) struct buf line = { .max = UINT16_MAX };
	dnsmsg_type_name(x->type, type);
	buf_fmt(&line, ". 0 IN %s ", type);
	buf_view(&line, x->value);
	ldns_status s =
		strpbrk(buf_c(&line), "\r\n") ?
			LDNS_STATUS_SYNTAX_ERR :
			ldns_rr_new_frm_str(&rr, buf_c(&line), 0, NULL, NULL);
	if (s != LDNS_STATUS_OK)
		return err_set(e, ERR_PERM, "%s: \"%.*s\" is no %s record: %s",
			       x->name, STR_FMT(x->value), type,
			       ldns_get_errorstr_by_id(s));
	for (size_t i = 0; i < ldns_rr_rd_count(rr); i++) {
		const ldns_rdf *r = ldns_rr_rdf(rr, i);
		buf_add(b, ldns_rdf_data(r), ldns_rdf_size(r));
	}
	return 0;
}

/* `first` is the name at offset 12, which a pointer then stands for. */
static int put_rr(struct buf *b, const struct dns_rr *x, const char *first,
		  struct err *e)
{
	if (first && !strcmp(first, x->name) && strcmp(first, "."))
		put16(b, 0xc000 | HEADER);
	else if (put_name(b, x->name, e) < 0)
		return -1;
	put16(b, x->type);
	put16(b, x->class);
	put32(b, x->ttl);
	size_t at = b->n;
	put16(b, 0);
	/* Classes ANY and NONE speak of whole sets without data. */
	if (x->value.n == 0 && x->strings.n == 0 && x->class != DNS_IN)
		return 0;
	if (x->strings.n > 0)
		buf_view(b, x->strings);
	else if (x->type == DNS_TXT)
		put_txt(b, x->value);
	else if (put_value(b, x, e) < 0)
		return -1;
	if (b->n - at - 2 > UINT16_MAX)
		return err_set(e, ERR_PERM, "%s: a value over 64 KiB", x->name);
	set16(b, at, (unsigned)(b->n - at - 2));
	return 0;
}

static int put_section(struct buf *b, const struct dns_rr *at, size_t n,
		       const char *first, struct err *e)
{
	for (size_t i = 0; i < n; i++)
		if (put_rr(b, &at[i], first, e) < 0)
			return -1;
	return 0;
}

static int whole(const struct buf *b, struct err *e)
{
	if (b->full || b->n > UINT16_MAX)
		return err_set(e, ERR_PERM,
			       "the DNS message would be too long");
	return 0;
}

int dnsmsg_query(struct buf *wire, uint16_t id, const char *name, uint16_t type,
		 bool rd, struct err *e)
{
	header(wire, id, rd ? RD : 0, 1, 0, 0, 1);
	if (put_question(wire, name, type, DNS_IN, e) < 0)
		return -1;
	put_opt(wire, EDNS_SIZE, 0);
	return whole(wire, e);
}

int dnsmsg_update(struct buf *wire, uint16_t id, const struct dns_update *u,
		  struct err *e)
{
	if (u->prereq_n > UINT16_MAX || u->change_n > UINT16_MAX)
		return err_set(e, ERR_PERM, "too many records in one update");
	header(wire, id, OPCODE_UPDATE << 11, 1, (unsigned)u->prereq_n,
	       (unsigned)u->change_n, 0);
	if (put_question(wire, u->zone, DNS_SOA, DNS_IN, e) < 0 ||
	    put_section(wire, u->prereq, u->prereq_n, u->zone, e) < 0 ||
	    put_section(wire, u->change, u->change_n, u->zone, e) < 0)
		return -1;
	return whole(wire, e);
}

static unsigned flags_of(const struct dns_msg *x)
{
	return (x->qr ? QR : 0U) | (x->aa ? AA : 0U) | (x->tc ? TC : 0U) |
	       (x->rd ? RD : 0U) | (x->ra ? RA : 0U) | (x->ad ? AD : 0U) |
	       (x->opcode & 15) << 11 | ((unsigned)x->rcode & 15);
}

int dnsmsg_answer(const struct dns_msg *msg, size_t limit, struct buf *wire,
		  struct err *e)
{
	unsigned opt = msg->edns ? 1 : 0, flags = flags_of(msg);
	size_t most = limit < UINT16_MAX ? limit : UINT16_MAX;
	if (msg->answer_n + msg->authority_n + msg->additional_n > UINT16_MAX)
		return err_set(e, ERR_PERM, "too many records in one answer");
	header(wire, msg->id, flags, msg->qname ? 1 : 0,
	       (unsigned)msg->answer_n, (unsigned)msg->authority_n,
	       (unsigned)msg->additional_n + opt);
	if (msg->qname &&
	    put_question(wire, msg->qname, msg->qtype, msg->qclass, e) < 0)
		return -1;
	size_t end = wire->n;
	if (put_section(wire, msg->answer, msg->answer_n, msg->qname, e) < 0 ||
	    put_section(wire, msg->authority, msg->authority_n, msg->qname, e) <
		    0 ||
	    put_section(wire, msg->additional, msg->additional_n, msg->qname,
			e) < 0)
		return -1;
	if (wire->full || wire->n + opt * 11 > most) {
		buf_cut(wire, end);
		wire->full = false;
		set16(wire, 2, flags | TC);
		set16(wire, 6, 0);
		set16(wire, 8, 0);
		set16(wire, 10, opt);
	}
	if (opt)
		put_opt(wire, EDNS_SIZE, (unsigned)msg->rcode >> 4);
	return whole(wire, e);
}
