#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/idn.h"
#include "dns/descriptor_parts.h"

enum { VALUE_MAX = 1 << 17, TOKENS = 8 };

/* The parts of a value as text, in their order; R is a name. */
static const struct {
	uint16_t type;
	const char *parts;
	int name; /* which one is a domain name; -1: none */
} shapes[] = {
	{ DNS_CNAME, "target", 0 },
	{ DNS_NS, "target", 0 },
	{ DNS_PTR, "target", 0 },
	{ DNS_MX, "priority target", 1 },
	{ DNS_SRV, "priority weight port target", 3 },
	{ DNS_CAA, "flags tag ca", -1 },
	{ DNS_TLSA, "usage selector matching data", -1 },
};
static const char *const numbers = "priority weight port flags usage selector "
				   "matching";

static bool among(struct str all, struct str name)
{
	struct str word;
	while (str_word(&all, &word))
		if (str_same(word, name))
			return true;
	return false;
}

bool descriptor_is_part(struct str name, bool *number)
{
	*number = among(str_of(numbers), name);
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
		if (among(str_of(shapes[i].parts), name))
			return true;
	return false;
}

static const struct yaml *codec(const struct descriptor *d)
{
	return yaml_get(d->root, "codec");
}

static bool codec_is(const struct descriptor *d, const char *key,
		     const char *preset, const char *want)
{
	return strcmp(descriptor_word(codec(d), key, preset), want) == 0;
}

static const char *lowered(struct mem *m, struct str s)
{
	char *text = mem_dup(m, s.at, s.n);
	for (char *c = text; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	return text;
}

/* What IDNA does not know is kept as it is: it is a stranger's. */
static const char *ascii(struct mem *m, struct str s)
{
	struct err ignored = { 0 };
	const char *out;
	if (str_ends(s, "."))
		s.n--;
	return idn_ascii(m, s, &out, &ignored) == 0 ? out : lowered(m, s);
}

/* Escapes \NNN by other digits: octal ones made decimal, those of RFC 1035, or
 * the reverse; base 0: the bytes themselves. */
static const char *recode(const char *s, int from, int to, struct mem *m)
{
	AUTO(buf) struct buf b = { .max = VALUE_MAX };
	while (*s) {
		char digits[4] = { 0 };
		if (s[0] == '\\' && s[1])
			memcpy(digits, s + 1, strnlen(s + 1, 3));
		if (strspn(digits, "0123456789") == 3) {
			const unsigned c =
				(unsigned)strtoul(digits, NULL, from) & 0xff;
			if (to == 0)
				buf_char(&b, (char)c);
			else if (to == 8)
				buf_fmt(&b, "\\%03o", c);
			else
				buf_fmt(&b, "\\%03u", c);
			s += 4;
			continue;
		}
		buf_char(&b, *s++);
		if (s[-1] == '\\' && *s)
			buf_char(&b, *s++);
	}
	return mem_dup(m, buf_c(&b), b.n);
}

const char *descriptor_name_in(const struct descriptor *d, const char *text,
			       const char *zone, struct mem *m)
{
	if (codec_is(d, "octal", "no", "yes"))
		text = recode(text, 8, 0, m);
	struct str s = str_of(text + (text[0] == '.' && text[1] != 0));
	const char *apex = descriptor_word(codec(d), "apex", "");
	if (s.n == 0 || str_eq(s, "@") || (*apex && str_eq(s, apex)))
		return zone;
	if (str_ends(s, ".@")) /* "_sip._tcp.@": its parts came one by one */
		s.n -= 2;
	const char *name = ascii(m, s);
	if (str_ends(s, ".") || !codec_is(d, "name", "rel", "rel"))
		return name;
	return mem_fmt(m, "%s.%s", name, zone);
}

bool descriptor_is_owned(const struct descriptor *d, uint16_t type)
{
	return type == DNS_SRV && codec_is(d, "srv", "name", "owner");
}

const char *descriptor_idn(const struct descriptor *d, const char *name,
			   struct mem *m)
{
	return name && strstr(name, "xn--") &&
			       codec_is(d, "idn", "ascii", "unicode") ?
		       idn_shown(m, name) :
		       name;
}

const char *descriptor_name_out(const struct descriptor *d, const char *name,
				const char *zone, struct mem *m)
{
	const size_t n = strlen(name), z = zone ? strlen(zone) : n;
	if (codec_is(d, "name", "rel", "fqdn"))
		return descriptor_idn(d, name, m);
	if (codec_is(d, "name", "rel", "fqdn-dot"))
		return mem_fmt(m, "%s.", descriptor_idn(d, name, m));
	return n <= z + 1 ? descriptor_word(codec(d), "apex", "") :
			    descriptor_idn(d, mem_dup(m, name, n - z - 1), m);
}

static unsigned digits(struct str *s)
{
	unsigned v = 0;
	size_t i = 0;
	for (; i < 3 && i < s->n && s->at[i] >= '0' && s->at[i] <= '9'; i++)
		v = v * 10 + (unsigned)(s->at[i] - '0');
	s->at += i;
	s->n -= i;
	return v & 0xff;
}

/* A word or a "character string" (RFC 1035 5.1) with its escapes undone. */
static bool token(struct str *rest, struct buf *out)
{
	while (rest->n && strchr(" \t\r\n", rest->at[0])) {
		rest->at++;
		rest->n--;
	}
	if (rest->n == 0)
		return false;
	const bool quoted = rest->at[0] == '"';
	if (quoted) {
		rest->at++;
		rest->n--;
	}
	while (rest->n) {
		const char c = rest->at[0];
		if (quoted ? c == '"' : c == ' ' || c == '\t')
			break;
		rest->at++;
		rest->n--;
		if (c != '\\' || rest->n == 0) {
			buf_char(out, c);
			continue;
		}
		if (rest->at[0] >= '0' && rest->at[0] <= '9') {
			buf_char(out, (char)digits(rest));
			continue;
		}
		buf_char(out, rest->at[0]);
		rest->at++;
		rest->n--;
	}
	if (rest->n) {
		rest->at++;
		rest->n--;
	}
	return true;
}

static bool says(const struct yaml *y, const char *key)
{
	return !strcmp(descriptor_word(y, key, "no"), "yes");
}

static struct str text_in(const struct descriptor *d, const char *text,
			  struct mem *m)
{
	AUTO(buf) struct buf b = { .max = VALUE_MAX };
	struct str rest = str_of(codec_is(d, "octal", "no", "yes") ?
					 recode(text, 8, 10, m) :
					 text);
	const char *way =
		descriptor_word(codec(d), "txt_read",
				descriptor_word(codec(d), "txt", "plain"));
	if (!strcmp(way, "plain") || !str_starts(rest, "\""))
		buf_view(&b, rest);
	else
		while (token(&rest, &b))
			;
	struct str v = buf_get(&b);
	if (says(yaml_get(d->root, "audit"), "txt_trim"))
		v = str_trim(v); /* they are nobody's */
	return (struct str){ mem_dup(m, v.at, v.n), v.n };
}

/* A name inside a value. Where names carry their dot, one without it is
 * relative to the zone, as in a zone file. */
static const char *target_in(const struct descriptor *d, struct str s,
			     const char *zone, struct mem *m)
{
	if (str_eq(s, ".") || s.n == 0)
		return ".";
	if (str_eq(s, "@"))
		return mem_fmt(m, "%s.", zone);
	if (!str_ends(s, ".") && codec_is(d, "dots", "no", "yes"))
		return mem_fmt(m, "%s.%s.", ascii(m, s), zone);
	return mem_fmt(m, "%s.", ascii(m, s));
}

static int shape_of(uint16_t type)
{
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
		if (shapes[i].type == type)
			return (int)i;
	return -1;
}

/* Cuts a value; the last part takes what is left when `rest` is given. */
static int tokens(struct str value, const char **at, struct mem *m)
{
	int n = 0;
	for (; n < TOKENS; n++) {
		AUTO(buf) struct buf b = { .max = VALUE_MAX };
		if (!token(&value, &b))
			break;
		at[n] = mem_dup(m, buf_c(&b), b.n);
	}
	return n;
}

static int parts_n(int shape)
{
	struct str rest = str_of(shapes[shape].parts), word;
	int n = 0;
	while (str_word(&rest, &word))
		n++;
	return n;
}

/* The form dnsmsg gives: one blank between, names and hex in lower case. */
static const char *joined(int shape, const char **at, int n, const char *target,
			  struct mem *m)
{
	const char *all = "";
	for (int i = 0; i < n; i++) {
		const char *part = at[i];
		uint64_t number;
		if (i == shapes[shape].name)
			part = target;
		else if (str_num(str_of(part), 65535, &number) == 0)
			part = mem_fmt(m, "%u", (unsigned)number);
		else if (shapes[shape].type == DNS_CAA && i == 2)
			part = mem_fmt(m, "\"%s\"", part);
		else
			part = lowered(m, str_of(part));
		all = mem_fmt(m, "%s%s%s", all, i ? " " : "", part);
	}
	return all;
}

static const char *address(uint16_t type, const char *text, struct mem *m)
{
	unsigned char raw[16];
	char shown[INET6_ADDRSTRLEN];
	const int family = type == DNS_A ? AF_INET : AF_INET6;
	return inet_pton(family, text, raw) == 1 &&
			       inet_ntop(family, raw, shown, sizeof(shown)) ?
		       mem_str(m, shown) :
		       text;
}

struct str descriptor_value_in(const struct descriptor *d, uint16_t type,
			       const char *text, const char *zone,
			       struct mem *m)
{
	const char *at[TOKENS] = { 0 };
	const int shape = shape_of(type);
	if (type == DNS_TXT)
		return text_in(d, text, m);
	if (type == DNS_A || type == DNS_AAAA)
		return str_of(address(type, text, m));
	int n = shape < 0 ? 0 : tokens(str_of(text), at, m);
	if (type == DNS_TLSA && n > 4) { /* hex may be cut by blanks */
		for (int i = 4; i < n; i++)
			at[3] = mem_fmt(m, "%s%s", at[3], at[i]);
		n = 4;
	}
	if (shape < 0 || n != parts_n(shape))
		return str_of(mem_str(m, text));
	const int name = shapes[shape].name;
	const char *target = name < 0 ? NULL :
					target_in(d, str_of(at[name]), zone, m);
	return str_of(joined(shape, at, n, target, m));
}

static const char *text_out(const struct descriptor *d, struct str v,
			    struct mem *m)
{
	AUTO(buf) struct buf b = { .max = VALUE_MAX };
	if (codec_is(d, "txt", "plain", "plain"))
		return mem_dup(m, v.at, v.n);
	if (codec_is(d, "txt", "plain", "quoted")) {
		record_quote(&b, v);
		return mem_dup(m, buf_c(&b), b.n);
	}
	record_quote_txt(&b, v);
	return codec_is(d, "octal", "no", "yes") ? recode(buf_c(&b), 10, 8, m) :
						   mem_dup(m, buf_c(&b), b.n);
}

static const char *target_out(const struct descriptor *d, const char *name,
			      struct mem *m)
{
	const size_t n = strlen(name);
	if (codec_is(d, "dots", "no", "yes") || n < 2 || name[n - 1] != '.')
		return name;
	return mem_dup(m, name, n - 1);
}

int descriptor_value_out(const struct descriptor *d, const struct record *r,
			 struct mem *m, const char **out, struct err *e)
{
	const char *at[TOKENS];
	const int shape = shape_of(r->type);
	if (r->type == DNS_TXT && memchr(r->value.at, 0, r->value.n) &&
	    codec_is(d, "txt", "plain", "plain"))
		return err_set(e, ERR_PERM,
			       "%s: the value at %s holds a zero byte, which "
			       "this API cannot take",
			       d->provider.name, r->name);
	*out = r->type == DNS_TXT ? text_out(d, r->value, m) :
				    mem_dup(m, r->value.at, r->value.n);
	if (r->type == DNS_TXT || shape < 0 || shapes[shape].name < 0)
		return 0;
	const int n = tokens(r->value, at, m);
	if (n != parts_n(shape))
		return err_set(e, ERR_PERM,
			       "%s: \"%s\" is no value of its type", r->name,
			       *out);
	*out = joined(shape, at, n, target_out(d, at[shapes[shape].name], m),
		      m);
	return 0;
}

const char *descriptor_part(const struct descriptor *d, const struct record *r,
			    struct str part, struct mem *m)
{
	const char *at[TOKENS];
	const int shape = shape_of(r->type);
	const int n = shape < 0 ? 0 : tokens(r->value, at, m);
	struct str rest = str_of(shape < 0 ? "" : shapes[shape].parts), word;
	for (int i = 0; i < n && str_word(&rest, &word); i++)
		if (str_same(word, part))
			return i == shapes[shape].name ?
				       target_out(d, at[i], m) :
				       at[i];
	return NULL;
}

const char *descriptor_type_out(const struct descriptor *d, uint16_t type,
				struct mem *m)
{
	char name[16];
	const struct yaml *codes = yaml_get(codec(d), "types");
	dnsmsg_type_name(type, name);
	return descriptor_word(codes, name, mem_str(m, name));
}

int descriptor_type_in(const struct descriptor *d, const char *text,
		       uint16_t *type)
{
	const struct yaml *codes = yaml_get(codec(d), "types");
	for (const struct yaml *y = codes ? codes->child : NULL; y; y = y->next)
		if (!strcmp(y->text, text))
			return dnsmsg_type_parse(str_of(y->key), type);
	return codes ? -1 : dnsmsg_type_parse(str_of(text), type);
}

uint32_t descriptor_ttl(const struct descriptor *d, uint32_t ttl)
{
	const struct yaml *y = yaml_get(d->root, "ttl");
	const struct yaml *allowed = yaml_get(y, "allowed");
	const uint32_t min = (uint32_t)descriptor_number(y, "min", 1);
	const uint32_t max = (uint32_t)descriptor_number(y, "max", INT32_MAX);
	uint64_t step = 0;
	if (ttl == 0)
		ttl = (uint32_t)descriptor_number(y, "default", min);
	ttl = ttl < min ? min : ttl > max ? max : ttl;
	for (const struct yaml *c = allowed ? allowed->child : NULL; c;
	     c = c->next)
		if (str_num(str_of(c->text), INT32_MAX, &step) == 0 &&
		    step >= ttl)
			break;
	return step ? (uint32_t)step : ttl;
}

static int cannot(const struct descriptor *d, const struct record *r,
		  const char *why, struct mem *m, struct err *e)
{
	char type[16];
	dnsmsg_type_name(r->type, type);
	const char *shown = mem_dup(m, r->value.at, r->value.n);
	return err_set(e, ERR_PERM,
		       "%s %s: nothing was written; if its own pages can, make "
		       "it there: %s. IN %s %s",
		       d->provider.name, why, r->name, type, shown);
}

/* What a text has that the API would change without a word; NULL: nothing. */
static const char *lost_in(const struct yaml *y, struct str v)
{
	if (says(y, "txt_trim") && str_trim(v).n != v.n)
		return "takes no blanks at the ends of a TXT";
	for (size_t i = 0; says(y, "txt_ascii") && i < v.n; i++)
		if ((unsigned char)v.at[i] > 0x7e)
			return "takes only ASCII in a TXT";
	return NULL;
}

int descriptor_audit(const struct descriptor *d, const struct change *c,
		     struct mem *m, struct err *e)
{
	const struct yaml *y = yaml_get(d->root, "audit");
	const uint64_t most = descriptor_number(y, "txt_max", VALUE_MAX / 8);
	const char *no = descriptor_word(y, "txt_no", "");
	char type[16];
	dnsmsg_type_name(c->type, type);
	for (size_t i = 0; i < c->add.n; i++) {
		const struct record *r = &c->add.at[i];
		if (!among(str_of(d->provider.types), str_of(type)))
			return cannot(d, r,
				      mem_fmt(m, "takes no %s records", type),
				      m, e);
		if (r->type == DNS_MX && str_ends(r->value, " .") &&
		    !strcmp(descriptor_word(y, "null_mx", "yes"), "no"))
			return cannot(d, r, "takes no null MX", m, e);
		if (r->type != DNS_TXT)
			continue;
		if (r->value.n > most)
			return cannot(d, r,
				      mem_fmt(m, "takes no TXT over %u bytes",
					      (unsigned)most),
				      m, e);
		if (lost_in(y, r->value))
			return cannot(d, r, lost_in(y, r->value), m, e);
		for (; *no; no++)
			if (memchr(r->value.at, *no, r->value.n))
				return cannot(d, r,
					      mem_fmt(m, "takes no %c in a TXT",
						      *no),
					      m, e);
		no = descriptor_word(y, "txt_no", "");
	}
	return 0;
}
