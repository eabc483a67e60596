/* What stands in DKIM-Signature fields and in key records. */
#include <string.h>

#include "base/auto.h"
#include "base/b64.h"
#include "base/idn.h"
#include "mail/dkim.h"

enum { TAGS_MAX = 100, BYTES_MAX = 1 << 14 };

static bool is_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		const char c = str_lower(s.at[i]);
		if (!(c >= 'a' && c <= 'z') &&
		    (i == 0 || (!(c >= '0' && c <= '9') && c != '_')))
			return false;
	}
	return s.n > 0;
}

int dkim_tags(struct str text, struct mem *m, struct dkim_tag **out,
	      struct err *e)
{
	struct dkim_tag **end = out;
	struct str one;
	size_t n = 0;
	*out = NULL;
	while (str_cut(&text, ';', &one)) {
		struct dkim_tag *t = MEM_NEW(m, struct dkim_tag);
		bool there;
		one = str_trim(one);
		if (one.n == 0 && text.n == 0)
			break; /* after the last one */
		t->value = one;
		if (!memchr(one.at, '=', one.n) || ++n > TAGS_MAX)
			return err_set(e, ERR_PERM, "\"%.*s\" is no tag",
				       STR_FMT(one));
		str_cut(&t->value, '=', &t->name);
		t->name = str_trim(t->name);
		t->value = str_trim(t->value);
		if (!is_name(t->name))
			return err_set(e, ERR_PERM, "\"%.*s\" is no tag",
				       STR_FMT(one));
		dkim_tag_get(*out, mem_dup(m, t->name.at, t->name.n), &there);
		if (there)
			return err_set(e, ERR_PERM, "the tag %.*s= is twice",
				       STR_FMT(t->name));
		*end = t;
		end = &t->next;
	}
	return 0;
}

struct str dkim_tag_get(const struct dkim_tag *tags, const char *name,
			bool *there)
{
	for (; tags; tags = tags->next)
		if (str_eq(tags->name, name)) {
			*there = true;
			return tags->value;
		}
	*there = false;
	return (struct str){ 0 };
}

/* ---- signatures ---- */
struct reader {
	const struct dkim_tag *tags;
	struct mem *m;
	struct err *e;
};

static int wrong(const struct reader *r, const char *name, const char *why)
{
	return err_set(r->e, ERR_PERM, "%s= %s", name, why);
}

static int must(const struct reader *r, const char *name, struct str *out)
{
	bool there;
	*out = dkim_tag_get(r->tags, name, &there);
	return there && out->n ? 0 : wrong(r, name, "is missing");
}

static int bytes(const struct reader *r, const char *name, struct str *out)
{
	AUTO(buf) struct buf b = { .max = BYTES_MAX };
	struct str text;
	if (must(r, name, &text) < 0)
		return -1;
	if (b64_read_lines(text, &b) < 0 || b.n == 0)
		return wrong(r, name, "is no base64");
	*out = (struct str){ mem_dup(r->m, b.at, b.n), b.n };
	return 0;
}

static int number(const struct reader *r, const char *name, uint64_t max,
		  uint64_t *out, bool *there)
{
	const struct str text = dkim_tag_get(r->tags, name, there);
	if (*there && str_num(text, max, out) < 0)
		return wrong(r, name, "is no number");
	return 0;
}

static int algorithm(const struct reader *r, struct dkim_signature *out)
{
	static const struct {
		const char *name;
		enum dkimkey_type key;
		enum hash hash;
	} known[] = {
		{ "rsa-sha256", DKIMKEY_RSA, HASH_SHA256 },
		{ "ed25519-sha256", DKIMKEY_ED25519, HASH_SHA256 },
		{ "rsa-sha1", DKIMKEY_RSA, HASH_SHA1 },
	};
	struct str a;
	if (must(r, "a", &a) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (str_eqi(a, known[i].name)) {
			out->key = known[i].key;
			out->hash = known[i].hash;
			return 0;
		}
	return wrong(r, "a", "names an algorithm that nobody knows");
}

static int canon(struct str word, enum dkim_canon *out)
{
	*out = str_eqi(word, "relaxed") ? DKIM_RELAXED : DKIM_SIMPLE;
	return *out == DKIM_RELAXED || str_eqi(word, "simple") ? 0 : -1;
}

static int canons(const struct reader *r, struct dkim_signature *out)
{
	bool there;
	struct str rest = dkim_tag_get(r->tags, "c", &there), head = { 0 };
	if (!there)
		return 0;
	str_cut(&rest, '/', &head);
	if (canon(str_trim(head), &out->head) < 0 ||
	    (rest.n && canon(str_trim(rest), &out->body) < 0))
		return wrong(r, "c", "names a form that nobody knows");
	return 0;
}

/* "*._domainkey" and the like could never be looked up. */
static bool is_host(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		const char c = str_lower(s.at[i]);
		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') &&
		    c != '-' && c != '_' && c != '.')
			return false;
	}
	return s.n > 0 && s.n < 254;
}

/* A name as the DNS has it: internationalised ones come as U-labels too (RFC
 * 8616). */
static int host(const struct reader *r, const char *tag, struct str *s)
{
	struct err ignored = { 0 };
	const char *ace;
	if (idn_ascii(r->m, *s, &ace, &ignored) == 0)
		*s = str_of(ace);
	return is_host(*s) ? 0 : wrong(r, tag, "is no name");
}

static bool below(struct str name, struct str domain)
{
	if (name.n == domain.n)
		return str_samei(name, domain);
	const struct str tail = { name.at + name.n - domain.n, domain.n };
	return name.n > domain.n && str_samei(tail, domain) &&
	       name.at[name.n - domain.n - 1] == '.';
}

/* "=40" is "@" (2.11). */
static struct str unquoted(struct mem *m, struct str s)
{
	char *out = mem_dup(m, s.at, s.n);
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++) {
		AUTO(buf) struct buf b = { .max = 1 };
		const bool coded =
			s.at[i] == '=' && i + 2 < s.n &&
			hex_read((struct str){ s.at + i + 1, 2 }, &b) == 0;
		out[n++] = coded ? b.at[0] : s.at[i];
		i += coded ? 2 : 0;
	}
	return (struct str){ out, n };
}

static int identity(const struct reader *r, struct dkim_signature *out)
{
	bool there;
	const struct str i = unquoted(r->m, dkim_tag_get(r->tags, "i", &there));
	out->identity = out->domain;
	if (!there)
		return 0;
	size_t at = i.n;
	while (at && i.at[at - 1] != '@')
		at--;
	if (at == 0)
		return wrong(r, "i", "has no @");
	out->identity = (struct str){ i.at + at, i.n - at };
	if (host(r, "i", &out->identity) < 0)
		return -1;
	return below(out->identity, out->domain) ?
		       0 :
		       wrong(r, "i", "is not below d=");
}

static int signed_fields(const struct reader *r, struct dkim_signature *out)
{
	struct str rest, name;
	if (must(r, "h", &out->headers) < 0)
		return -1;
	rest = out->headers;
	while (str_cut(&rest, ':', &name))
		if (str_eqi(str_trim(name), "from"))
			return 0;
	return wrong(r, "h", "leaves From unsigned");
}

static int moments(const struct reader *r, struct dkim_signature *out)
{
	uint64_t t = 0, x = 0;
	bool has_t, has_x, there;
	if (number(r, "t", INT64_MAX, &t, &has_t) < 0 ||
	    number(r, "x", INT64_MAX, &x, &has_x) < 0 ||
	    number(r, "l", UINT64_MAX, &out->limit, &out->limited) < 0)
		return -1;
	out->made = (time_t)t;
	out->expires = (time_t)x;
	if (has_t && has_x && x <= t)
		return wrong(r, "x", "is not after t=");
	struct str rest = dkim_tag_get(r->tags, "q", &there), way;
	bool dns = !there;
	while (str_cut(&rest, ':', &way))
		dns = dns || str_eqi(str_trim(way), "dns/txt") ||
		      str_eqi(str_trim(way), "dns");
	return dns ? 0 : wrong(r, "q", "names no way to the key that exists");
}

int dkim_signature_read(const struct header_field *f, struct mem *m,
			struct dkim_signature *out, struct err *e)
{
	struct dkim_tag *tags;
	struct str v;
	*out = (struct dkim_signature){ .field = f };
	if (dkim_tags(f->value, m, &tags, e) < 0)
		return -1;
	const struct reader r = { tags, m, e };
	if (must(&r, "v", &v) < 0)
		return -1;
	if (!str_eq(v, "1"))
		return wrong(&r, "v", "is a version that nobody knows");
	if (must(&r, "d", &out->domain) < 0 ||
	    must(&r, "s", &out->selector) < 0 ||
	    host(&r, "d", &out->domain) < 0 ||
	    host(&r, "s", &out->selector) < 0 || algorithm(&r, out) < 0 ||
	    canons(&r, out) < 0 || identity(&r, out) < 0 ||
	    signed_fields(&r, out) < 0 || moments(&r, out) < 0)
		return -1;
	return bytes(&r, "b", &out->b) < 0 || bytes(&r, "bh", &out->bh) < 0 ?
		       -1 :
		       0;
}

/* ---- key records ---- */
static bool holds(struct str list, const char *word)
{
	struct str one;
	while (str_cut(&list, ':', &one))
		if (str_eqi(str_trim(one), word))
			return true;
	return false;
}

static int kind(const struct reader *r, enum dkimkey_type *out)
{
	bool there;
	const struct str k = dkim_tag_get(r->tags, "k", &there);
	*out = DKIMKEY_RSA;
	if (!there || str_eqi(k, "rsa"))
		return 0;
	*out = DKIMKEY_ED25519;
	return str_eqi(k, "ed25519") ?
		       0 :
		       wrong(r, "k", "names a kind that nobody knows");
}

int dkim_record_read(struct str text, struct mem *m, struct dkim_record *out,
		     struct err *e)
{
	struct dkim_tag *tags;
	bool there;
	*out = (struct dkim_record){ .email = true };
	if (dkim_tags(text, m, &tags, e) < 0)
		return -1;
	const struct reader r = { tags, m, e };
	const struct str v = dkim_tag_get(tags, "v", &there);
	if (there && (!str_eq(v, "DKIM1") || !str_eq(tags->name, "v")))
		return wrong(&r, "v", "is not DKIM1 in the first place");
	const struct str p = dkim_tag_get(tags, "p", &there);
	if (!there)
		return wrong(&r, "p", "is missing");
	if (kind(&r, &out->key) < 0 || (p.n && bytes(&r, "p", &out->p) < 0))
		return -1;
	out->hashes = dkim_tag_get(tags, "h", &there);
	const struct str flags = dkim_tag_get(tags, "t", &there);
	out->testing = there && holds(flags, "y");
	out->strict = there && holds(flags, "s");
	const struct str use = dkim_tag_get(tags, "s", &there);
	out->email = !there || holds(use, "*") || holds(use, "email");
	return 0;
}

int dkim_record_write(const struct dkimkey *k, struct buf *out, struct err *e)
{
	AUTO(buf) struct buf p = { .max = BYTES_MAX };
	if (dkimkey_public(k, &p, e) < 0)
		return -1;
	buf_fmt(out, "v=DKIM1; k=%s; h=sha256; p=",
		dkimkey_kind(k) == DKIMKEY_RSA ? "rsa" : "ed25519");
	b64_add(out, buf_get(&p));
	return 0;
}
