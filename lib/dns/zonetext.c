#include "dns/zonetext.h"

#include <string.h>

#include "base/auto.h"
#include "dns/zonefile.h"

enum {
	IPSECKEY = 45, /* whose wrong values libldns 1.8 leaks */
	TOKENS_MAX = 4096,
	NAME_TEXT_MAX = 1024,
	VALUE_MAX = 1 << 17,
	DEPTH_MAX = 16,
	SERIAL_FIELD = 2,
	MINIMUM_FIELD = 6,
};

struct token {
	struct str text; /* without its quotes */
	bool quoted;
};
struct reader {
	struct str text;
	size_t at;
	unsigned line, first; /* of the file, of the entry */
	struct mem *m;
	struct token token[TOKENS_MAX];
	size_t n;
	bool blank; /* the entry begins with one: no owner */
	struct zonetext *z;
	const char *owner; /* in force */
	uint32_t ttl_default, ttl_last;
	bool has_default, has_last;
	size_t last_of; /* the entry that said ttl_last */
	bool has_soa;
};

static int bad(const struct reader *r, struct err *e, const char *what)
{
	return err_set(e, ERR_CONF, "line %u: %s", r->line, what);
}

/* ---- words ---- */

static bool ends_word(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ';' ||
	       c == '(' || c == ')' || c == '"';
}

static int keep(struct reader *r, size_t from, bool quoted, struct err *e)
{
	if (r->n == TOKENS_MAX)
		return bad(r, e, "it has too many words");
	r->token[r->n++] =
		(struct token){ .text = { r->text.at + from, r->at - from },
				.quoted = quoted };
	return 0;
}

static int word(struct reader *r, struct err *e)
{
	const size_t from = r->at;
	while (r->at < r->text.n && !ends_word(r->text.at[r->at])) {
		if (r->text.at[r->at] == '\\' && r->at + 1 < r->text.n &&
		    r->text.at[r->at + 1] != '\n')
			r->at++;
		r->at++;
	}
	return keep(r, from, false, e);
}

static int quoted(struct reader *r, struct err *e)
{
	const size_t from = ++r->at;
	for (; r->at < r->text.n && r->text.at[r->at] != '"'; r->at++) {
		if (r->text.at[r->at] == '\\')
			r->at++;
		if (r->at < r->text.n && r->text.at[r->at] == '\n')
			break;
	}
	if (r->at >= r->text.n || r->text.at[r->at] != '"')
		return bad(r, e, "a quote is not closed");
	if (keep(r, from, true, e) < 0)
		return -1;
	r->at++;
	return 0;
}

static int parenthesis(struct reader *r, char c, unsigned *depth, struct err *e)
{
	r->at++;
	if (c == ')' && *depth == 0)
		return bad(r, e, "a parenthesis is closed that is not open");
	if (c == '(' && *depth == DEPTH_MAX)
		return bad(r, e, "too many parentheses");
	*depth += c == '(' ? 1 : -1u;
	return 0;
}

/* The words up to a line end outside of parentheses. */
static int entry(struct reader *r, struct err *e)
{
	unsigned depth = 0;
	r->n = 0;
	r->first = r->line;
	r->blank = r->text.at[r->at] == ' ' || r->text.at[r->at] == '\t';
	while (r->at < r->text.n) {
		const char c = r->text.at[r->at];
		int status = 0;
		if (c == '\n') {
			r->at++;
			r->line++;
			if (depth == 0)
				return 0;
		} else if (c == ';') {
			while (r->at < r->text.n && r->text.at[r->at] != '\n')
				r->at++;
		} else if (c == '(' || c == ')') {
			status = parenthesis(r, c, &depth, e);
		} else if (c == '"') {
			status = quoted(r, e);
		} else if (ends_word(c)) {
			r->at++;
		} else {
			status = word(r, e);
		}
		if (status < 0)
			return -1;
	}
	return depth == 0 ? 0 :
			    err_set(e, ERR_CONF,
				    "line %u: a parenthesis is not closed",
				    r->first);
}

/* ---- names and numbers ---- */

static bool has_final_dot(struct str s)
{
	size_t n = 0;
	if (!str_ends(s, "."))
		return false;
	while (n + 1 < s.n && s.at[s.n - 2 - n] == '\\')
		n++;
	return n % 2 == 0;
}

/* Lower case, without the final dot, the origin behind it when it has none. */
static int absolute(const struct reader *r, struct str s, const char **out,
		    struct err *e)
{
	const char *origin = r->z->origin;
	char *name;
	if (str_eq(s, "@")) {
		*out = origin;
		return 0;
	}
	if (s.n == 0 || s.n > NAME_TEXT_MAX || !str_is_print(s))
		return bad(r, e, "a name is none");
	if (str_eq(s, ".")) {
		*out = ".";
		return 0;
	}
	if (has_final_dot(s))
		name = mem_dup(r->m, s.at, s.n - 1);
	else if (strcmp(origin, ".") == 0)
		name = mem_dup(r->m, s.at, s.n);
	else
		name = mem_fmt(r->m, "%.*s.%s", STR_FMT(s), origin);
	for (char *c = name; *c; c++)
		*c = str_lower(*c);
	*out = name;
	return 0;
}

/* Seconds, or as "1h30m"; -1 when it is no time. */
static int duration(struct str s, uint32_t *out)
{
	static const char units[] = "smhdw";
	static const uint32_t worth[] = { 1, 60, 3600, 86400, 604800 };
	uint64_t sum = 0, n = 0;
	bool digits = false, has_unit = false;
	for (size_t i = 0; i < s.n; i++) {
		const char c = str_lower(s.at[i]);
		const char *unit = c ? strchr(units, c) : NULL;
		if (c >= '0' && c <= '9') {
			n = n * 10 + (uint64_t)(c - '0');
			digits = true;
		} else if (unit && digits) {
			sum += n * worth[unit - units];
			n = 0;
			digits = false;
			has_unit = true;
		} else {
			return -1;
		}
		if (n > INT32_MAX || sum > INT32_MAX)
			return -1;
	}
	if (s.n == 0 || (digits && has_unit))
		return -1;
	*out = (uint32_t)(sum + n);
	return sum + n <= INT32_MAX ? 0 : -1;
}

/* ---- entries ---- */

static int directive(struct reader *r, struct err *e)
{
	const struct str what = r->token[0].text;
	if (str_eqi(what, "$origin") && r->n == 2)
		return absolute(r, r->token[1].text, &r->z->origin, e);
	if (str_eqi(what, "$ttl") && r->n == 2) {
		if (duration(r->token[1].text, &r->ttl_default) < 0)
			return bad(r, e, "$TTL is no time");
		r->has_default = true;
		return 0;
	}
	return err_set(e, ERR_CONF,
		       "line %u: %.*s cannot be kept here: this file has to "
		       "hold the whole zone, record by record",
		       r->first, (int)(what.n > 40 ? 40 : what.n), what.at);
}

/* Which fields of a type are names. */
static unsigned names_in(uint16_t type)
{
	static const struct {
		uint16_t type;
		unsigned fields;
	} row[] = {
		{ DNS_NS, 1 },    { DNS_CNAME, 1 }, { DNS_PTR, 1 },
		{ DNS_DNAME, 1 }, { DNS_MX, 2 },    { DNS_SRV, 8 },
		{ DNS_SOA, 3 },   { 7, 1 },         { 8, 1 },
		{ 9, 1 },         { 14, 3 },        { 17, 3 },
		{ 18, 2 },        { 21, 2 },        { 26, 6 },
		{ 35, 1 << 5 },   { 36, 2 },        { 46, 1 << 7 },
		{ 47, 1 },        { 64, 2 },        { 65, 2 },
		{ 107, 2 },
	};
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		if (row[i].type == type)
			return row[i].fields;
	return 0;
}

/* Types whose wrong values are an error and not somebody else's business. */
static bool is_known(uint16_t type)
{
	static const uint16_t known[] = { DNS_A,    DNS_NS,   DNS_CNAME,
					  DNS_SOA,  DNS_PTR,  DNS_MX,
					  DNS_TXT,  DNS_AAAA, DNS_SRV,
					  DNS_TLSA, DNS_CAA };
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i] == type)
			return true;
	return false;
}

static void put_unescaped(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		uint64_t code;
		if (s.at[i] != '\\' || i + 1 == s.n) {
			buf_char(b, s.at[i]);
		} else if (i + 3 < s.n &&
			   str_num((struct str){ s.at + i + 1, 3 }, 255,
				   &code) == 0) {
			buf_char(b, (char)code);
			i += 3;
		} else {
			buf_char(b, s.at[++i]);
		}
	}
}

static int value(struct reader *r, uint16_t type, size_t from, struct buf *b,
		 struct err *e)
{
	const unsigned names = names_in(type);
	for (size_t i = from; i < r->n; i++) {
		const struct token *t = &r->token[i];
		const size_t field = i - from;
		const char *name;
		if (type == DNS_TXT) {
			put_unescaped(b, t->text);
			continue;
		}
		buf_str(b, i > from ? " " : "");
		if (field < 32 && names >> field & 1) {
			if (absolute(r, t->text, &name, e) < 0)
				return -1;
			buf_fmt(b, "%s%s", name, strcmp(name, ".") ? "." : "");
		} else {
			buf_str(b, t->quoted ? "\"" : "");
			buf_view(b, t->text);
			buf_str(b, t->quoted ? "\"" : "");
		}
	}
	return b->full ? bad(r, e, "a value is too long") : 0;
}

static int soa(struct reader *r, size_t from, const struct record *x,
	       struct err *e)
{
	uint64_t serial;
	if (strcmp(x->name, r->z->zone) != 0 || r->has_soa)
		return err_set(e, ERR_CONF,
			       "line %u: a SOA of %s: this is the file of the "
			       "zone %s, which has one",
			       r->first, x->name, r->z->zone);
	if (r->n <= from + MINIMUM_FIELD ||
	    str_num(r->token[from + SERIAL_FIELD].text, UINT32_MAX, &serial) <
		    0)
		return bad(r, e, "a SOA has seven fields, the third a number");
	r->has_soa = true;
	r->z->soa = r->z->n;
	r->z->serial = r->token[from + SERIAL_FIELD].text;
	return 0;
}

/* TTL and class in either order, then the type. Gives the first word of the
 * value. */
static int head(struct reader *r, size_t at, struct zonetext_entry *x,
		size_t *from, struct err *e)
{
	bool has_ttl = false, has_class = false;
	for (; at < r->n; at++) {
		const struct str s = r->token[at].text;
		if (!has_class && str_eqi(s, "in")) {
			has_class = true;
		} else if (!has_ttl && s.n > 0 && *s.at >= '0' &&
			   *s.at <= '9') {
			if (duration(s, &x->record.ttl) < 0)
				return bad(r, e, "a TTL is no time");
			has_ttl = true;
		} else {
			break;
		}
	}
	if (at == r->n || r->token[at].quoted || r->token[at].text.n == 0)
		return bad(r, e, "a record has no type");
	if (dnsmsg_type_parse(r->token[at].text, &x->record.type) < 0 ||
	    x->record.type == IPSECKEY)
		x->record.type = 0;
	if (str_eqi(r->token[at].text, "ch") ||
	    str_eqi(r->token[at].text, "hs"))
		return bad(r, e, "a record is of another class than IN");
	*from = at + 1;
	x->ttl_of = r->z->n;
	if (has_ttl) {
		r->ttl_last = x->record.ttl;
		r->has_last = true;
		r->last_of = r->z->n;
	} else if (r->has_default) {
		x->record.ttl = r->ttl_default;
	} else if (r->has_last) {
		x->record.ttl = r->ttl_last;
		x->ttl_of = r->last_of;
	}
	return 0;
}

/* The value as DNS has it; what is not ours to know stays without a type. */
static int settle(struct reader *r, struct zonetext_entry *x, size_t from,
		  struct err *e)
{
	AUTO(buf) struct buf b = { .max = VALUE_MAX };
	struct err why = { 0 };
	if (value(r, x->record.type, from, &b, e) < 0)
		return -1;
	x->record.value = (struct str){ mem_dup(r->m, buf_c(&b), b.n), b.n };
	if (zonefile_check(r->z->zone, &x->record, r->m, &why) == 0)
		return 0;
	if (is_known(x->record.type) &&
	    record_in_zone(x->record.name, r->z->zone))
		return err_set(e, ERR_CONF, "line %u: %s", r->first, why.msg);
	x->record.type = 0;
	return 0;
}

static int record(struct reader *r, size_t begin, struct err *e)
{
	struct zonetext *z = r->z;
	struct zonetext_entry x = { .from = begin,
				    .to = r->at,
				    .line = r->first,
				    .origin = z->origin,
				    .has_default = r->has_default };
	size_t from;
	if (!r->blank) {
		x.owner = r->token[0].text;
		if (r->token[0].quoted)
			return bad(r, e, "a name stands in quotes");
		if (absolute(r, x.owner, &r->owner, e) < 0)
			return -1;
	}
	if (!r->owner)
		return bad(r, e, "the first record has no name");
	x.record.name = r->owner;
	if (head(r, r->blank ? 0 : 1, &x, &from, e) < 0)
		return -1;
	if (x.record.type == DNS_SOA && soa(r, from, &x.record, e) < 0)
		return -1;
	if (x.record.type != 0 && settle(r, &x, from, e) < 0)
		return -1;
	if (x.record.type == DNS_SOA && !r->has_last && !r->has_default) {
		/* the last field stands in for a $TTL (RFC 1035 5.2) */
		if (duration(r->token[from + MINIMUM_FIELD].text,
			     &r->ttl_last) < 0)
			return bad(r, e, "the SOA's minimum is no time");
		x.record.ttl = r->ttl_last;
		r->has_last = true;
		r->last_of = z->n;
	}
	z->at = mem_more(r->m, z->at, &z->room, z->n, sizeof(*z->at));
	z->at[z->n++] = x;
	return 0;
}

static int read_all(struct reader *r, struct err *e)
{
	while (r->at < r->text.n) {
		const size_t begin = r->at;
		if (entry(r, e) < 0)
			return -1;
		if (r->n == 0)
			continue;
		if (!r->blank && !r->token[0].quoted &&
		    str_starts(r->token[0].text, "$")) {
			if (directive(r, e) < 0)
				return -1;
		} else if (record(r, begin, e) < 0) {
			return -1;
		}
	}
	return r->has_soa ? 0 :
			    err_set(e, ERR_CONF,
				    "it has no SOA record of %s: is this the "
				    "zone's file?",
				    r->z->zone);
}

int zonetext_parse(struct str text, const char *zone, struct mem *m,
		   struct zonetext *out, struct err *e)
{
	struct reader *r = MEM_NEW(m, struct reader);
	*out = (struct zonetext){ .zone = zone, .text = text, .origin = zone };
	r->text = text;
	r->line = 1;
	r->m = m;
	r->z = out;
	if (text.n > 0 && memchr(text.at, '\0', text.n))
		return err_set(e, ERR_CONF, "it holds a NUL byte");
	return read_all(r, e);
}
