#include <string.h>

#include "base/b64.h"
#include "dns/descriptor_parts.h"

enum { TEXT_MAX = 1 << 20, DEPTH = 32 };

void descriptor_percent(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		const unsigned char c = (unsigned char)s.at[i];
		const bool plain = (c >= 'a' && c <= 'z') ||
				   (c >= 'A' && c <= 'Z') ||
				   (c >= '0' && c <= '9') || c == '-' ||
				   c == '_' || c == '.' || c == '~';
		if (plain)
			buf_char(out, (char)c);
		else
			buf_fmt(out, "%%%02X", c);
	}
}

json_t *descriptor_path(json_t *j, const char *path)
{
	struct str rest = str_of(path), step;
	if (str_ends(rest, "?"))
		rest.n--;
	if (rest.n == 0 || str_eq(rest, "."))
		return j;
	while (j && str_cut(&rest, '.', &step)) {
		char key[64]; /* json_object_getn is newer than 2.13 */
		uint64_t i;
		snprintf(key, sizeof(key), "%.*s", STR_FMT(step));
		if (!json_is_array(j))
			j = json_object_get(j, key);
		else if (str_num(step, SIZE_MAX, &i) == 0)
			j = json_array_get(j, i);
		else
			j = NULL;
	}
	return j;
}

static const char *shown(json_t *j, const char *between, struct mem *m)
{
	AUTO(buf) struct buf all = { .max = TEXT_MAX };
	if (json_is_string(j))
		return mem_dup(m, json_string_value(j), json_string_length(j));
	if (json_is_integer(j))
		return mem_fmt(m, "%" JSON_INTEGER_FORMAT,
			       json_integer_value(j));
	if (json_is_boolean(j))
		return json_is_true(j) ? "true" : "false";
	if (json_is_real(j))
		return mem_fmt(m, "%.0f", json_real_value(j));
	for (size_t i = 0; i < json_array_size(j); i++) {
		json_t *part = json_array_get(j, i);
		if (!json_is_array(part)) /* one level: no recursion */
			buf_fmt(&all, "%s%s", i ? between : "",
				shown(part, "", m));
	}
	return all.n ? mem_dup(m, all.at, all.n) : "";
}

const char *descriptor_show(json_t *j, struct mem *m)
{
	return shown(j, " ", m);
}

/* The names an expression that writes knows, beside credentials and parts. */
static const char *const words[] = {
	"zone",    "zone_id",     "account", "name",    "fqdn",    "type",
	"ttl",     "value",       "id",      "query",   "service", "proto",
	"owner",   "sld",         "tld",     "etag",    "now",     "now_ms",
	"now_iso", "now_rfc1123", "nonce",   "uuid",    "method",  "path",
	"host",    "url_query",   "body",    "session", "cookie",  "jwt",
	"kept",    "ip",          "ptr",     NULL
};
static const char *const filters[] = { "dot",    "undot",  "quote",  "text",
				       "raw",    "b64",    "at",     "ours",
				       "theirs", "int",    "zero",   "hex",
				       "b64url", "upper",  "lower",  "urlenc",
				       "totp",   "leaf",   "joined", "strings",
				       "bare",   "predot", "unb64",  NULL };

static bool one_of(struct str s, const char *const *all)
{
	for (; *all; all++)
		if (str_eq(s, *all))
			return true;
	return false;
}

bool descriptor_is_word(struct str name)
{
	bool number;
	return one_of(name, words) || descriptor_is_part(name, &number);
}

static const char *credential(const struct descriptor_scope *s, struct str name,
			      bool *known)
{
	size_t i = 0;
	const struct yaml *creds = yaml_get(s->d->root, "creds");
	for (const struct yaml *y = creds ? creds->child : NULL; y;
	     y = y->next, i++)
		if (str_eq(name, y->key)) {
			*known = true;
			return s->dns->values[i] ? s->dns->values[i] : "";
		}
	*known = false;
	return NULL;
}

/* "_sip._tcp.x.y" as "_sip", "_tcp" and "x.y". */
static const char *label(const struct descriptor_scope *s, int nth)
{
	struct str rest =
		str_of(descriptor_name_out(s->d, s->name, s->zone, s->m));
	struct str part = { 0 };
	for (int i = 0; i < nth && i < 2; i++)
		if (!str_cut(&rest, '.', &part))
			return "";
	if (nth < 3)
		return mem_dup(s->m, part.at, part.n);
	return rest.n ? mem_dup(s->m, rest.at, rest.n) :
			descriptor_word(yaml_get(s->d->root, "codec"), "apex",
					"");
}

/* "example" or "co.uk" of example.co.uk. */
static const char *half(const struct descriptor_scope *s, bool rest)
{
	const char *zone = descriptor_idn(s->d, s->zone, s->m);
	const char *dot = zone ? strchr(zone, '.') : NULL;
	if (!dot)
		return rest ? "" : zone;
	return rest ? dot + 1 : mem_dup(s->m, zone, (size_t)(dot - zone));
}

/* A type that only the API knows is called what it was called there. */
static int own_type(const struct descriptor_scope *s, const char **out,
		    struct err *e)
{
	struct descriptor_scope read = *s;
	read.item = s->was;
	return descriptor_make(&read,
			       descriptor_word(yaml_get(s->d->root, "records"),
					       "type", "{type}"),
			       out, e);
}

static const char *of_source(const struct descriptor_scope *s, struct str name)
{
	const char *const *at =
		cred_member(&descriptor_state_of(s)->source,
			    (struct str){ name.at + 7, name.n - 7 });
	return at ? *at : NULL;
}

static int word(const struct descriptor_scope *s, struct str name,
		const char **out, struct err *e)
{
	bool known;
	*out = NULL;
	if (str_eq(name, "zone"))
		*out = descriptor_idn(s->d, s->zone, s->m);
	else if (str_eq(name, "zone_id"))
		*out = s->zone_id;
	else if (str_eq(name, "account"))
		*out = s->account;
	else if (str_eq(name, "query") || str_eq(name, "fqdn"))
		*out = descriptor_idn(s->d, s->name, s->m);
	else if (str_eq(name, "name") && s->name && s->zone)
		*out = descriptor_is_owned(s->d, s->type) ?
			       label(s, 3) :
			       descriptor_name_out(s->d, s->name, s->zone,
						   s->m);
	else if (str_eq(name, "sld") || str_eq(name, "tld"))
		*out = half(s, str_eq(name, "tld"));
	else if (str_eq(name, "ip") || str_eq(name, "ptr"))
		*out = str_eq(name, "ip") ? s->ip : s->ptr;
	else if (str_eq(name, "etag"))
		*out = descriptor_state_of(s)->etag;
	else if (str_eq(name, "kept"))
		*out = descriptor_state_of(s)->kept;
	else if (str_starts(name, "source."))
		*out = of_source(s, name);
	else if (str_starts(name, "was."))
		*out = descriptor_show(
			descriptor_path(s->was,
					mem_dup(s->m, name.at + 4, name.n - 4)),
			s->m);
	else if (str_eq(name, "type") && s->type == 0 && s->was)
		return own_type(s, out, e);
	else if (str_eq(name, "type"))
		*out = descriptor_type_out(s->d, s->type, s->m);
	else if (str_eq(name, "ttl"))
		*out = mem_fmt(s->m, "%u", s->ttl);
	else if (str_eq(name, "id"))
		*out = s->record ? s->record->id : s->set_id;
	else if (str_eq(name, "service"))
		*out = label(s, 1);
	else if (str_eq(name, "proto"))
		*out = label(s, 2);
	else if (str_eq(name, "owner"))
		*out = label(s, 3);
	else if (str_eq(name, "value") && s->record)
		return descriptor_value_out(s->d, s->record, s->m, out, e);
	else if (s->record && descriptor_is_part(name, &known))
		*out = descriptor_part(s->d, s->record, name, s->m);
	else
		*out = credential(s, name, &known);
	if (!*out)
		*out = "";
	return 0;
}

static void quoted(struct buf *out, struct str v)
{
	buf_char(out, '"');
	for (size_t i = 0; i < v.n; i++) {
		if (v.at[i] == '"' || v.at[i] == '\\')
			buf_char(out, '\\');
		buf_char(out, v.at[i]);
	}
	buf_char(out, '"');
}

static struct str cased(struct str v, bool up, struct mem *m)
{
	char *out = mem_dup(m, v.at, v.n);
	for (size_t i = 0; i < v.n; i++)
		out[i] = !up ? str_lower(out[i]) :
			 out[i] >= 'a' && out[i] <= 'z' ?
			       (char)(out[i] - 'a' + 'A') :
			       out[i];
	return (struct str){ out, v.n };
}

/* What follows the last slash: "vendor/zones/TXT" is a TXT. */
static struct str leaf(struct str v)
{
	size_t n = v.n;
	while (n && v.at[n - 1] != '/')
		n--;
	return (struct str){ v.at + n, v.n - n };
}

/* "head:X" and "tail:X": what stands before the first X, and after it. */
static bool is_cut(struct str filter)
{
	return filter.n == 6 &&
	       (str_starts(filter, "head:") || str_starts(filter, "tail:"));
}

static struct str cut(struct str v, struct str filter)
{
	struct str head;
	str_cut(&v, filter.at[5], &head);
	return str_starts(filter, "head:") ? head : v;
}

static struct str filtered(const struct descriptor_scope *s, struct str v,
			   struct str filter)
{
	AUTO(buf) struct buf b = { .max = TEXT_MAX };
	buf_view(&b, v);
	if (is_cut(filter))
		return cut(v, filter);
	if (str_eq(filter, "at") && v.n == 0)
		buf_char(&b, '@');
	else if (str_eq(filter, "zero") && v.n == 0)
		buf_char(&b, '0');
	else if (str_eq(filter, "dot") && v.n && !str_ends(v, "."))
		buf_char(&b, '.');
	else if (str_eq(filter, "undot") && str_ends(v, "."))
		buf_cut(&b, v.n - 1);
	else if (str_eq(filter, "predot") && v.n) {
		buf_clear(&b);
		buf_fmt(&b, ".%.*s", STR_FMT(v));
	} else if (str_eq(filter, "bare") && str_starts(v, "_"))
		return (struct str){ v.at + 1, v.n - 1 };
	else if (str_eq(filter, "leaf"))
		return leaf(v);
	else if (str_eq(filter, "totp"))
		return descriptor_totp(v, descriptor_now(s), s->m);
	else if (str_eq(filter, "unb64"))
		return descriptor_unb64(v, s->m);
	else if (str_eq(filter, "upper") || str_eq(filter, "lower"))
		return cased(v, str_eq(filter, "upper"), s->m);
	else if (str_eq(filter, "b64")) {
		buf_clear(&b);
		b64_add(&b, v);
	} else if (str_eq(filter, "b64url")) {
		buf_clear(&b);
		b64url_add(&b, v);
	} else if (str_eq(filter, "hex")) {
		buf_clear(&b);
		hex_add(&b, v);
	} else if (str_eq(filter, "urlenc")) {
		buf_clear(&b);
		descriptor_percent(&b, v);
	} else if (str_eq(filter, "quote") && !str_starts(v, "\"")) {
		buf_clear(&b);
		quoted(&b, v);
	}
	return (struct str){ mem_dup(s->m, buf_c(&b), b.n), b.n };
}

/* What the API has another word for: codec's words, "FIELD.OURS: THEIRS". */
static struct str translated(const struct descriptor_scope *s, struct str field,
			     struct str v, bool theirs)
{
	const struct yaml *codec = yaml_get(s->d->root, "codec");
	const struct yaml *y = codec ? yaml_get(codec, "words") : NULL;
	for (y = y ? y->child : NULL; y; y = y->next) {
		struct str ours = str_of(y->key), of;
		str_cut(&ours, '.', &of);
		if (theirs ? str_same(of, field) && str_same(ours, v) :
			     str_eq(v, y->text))
			return theirs ? str_of(y->text) : ours;
	}
	return v;
}

/* The value of a word that a filter names: an HMAC's key, or another choice. */
static int key_of(const struct descriptor_scope *s, struct str name,
		  struct str *out, struct err *e)
{
	const char *text = "";
	if (descriptor_let_get(s, name, out))
		return 0;
	if (word(s, name, &text, e) < 0)
		return -1;
	*out = str_of(text);
	return 0;
}

static int digested(const struct descriptor_scope *s, struct str filter,
		    struct str *v, struct err *e)
{
	struct str key = filter, name;
	str_cut(&key, ':', &name);
	if (key.n && key_of(s, key, &key, e) < 0)
		return -1;
	*v = descriptor_digest(name, key, *v, s->m);
	return 0;
}

/* What stands in for an empty word: another, or in an item another path. */
static int stand_in(const struct descriptor_scope *s, struct str name,
		    struct str *out, struct err *e)
{
	if (!s->item)
		return key_of(s, name, out, e);
	*out = str_of(
		shown(descriptor_path(s->item, mem_dup(s->m, name.at, name.n)),
		      " ", s->m));
	return 0;
}

/* One {...}: its text, and whether it may be put into a URL as it is. */
static int substitute(const struct descriptor_scope *s, struct str inside,
		      struct str *out, bool *raw, struct err *e)
{
	struct str name, filter;
	const char *text = "";
	if (str_ends(inside, "?"))
		inside.n--;
	str_cut(&inside, '|', &name);
	if (s->item)
		text = shown(descriptor_path(s->item,
					     mem_dup(s->m, name.at, name.n)),
			     str_starts(inside, "joined") ? "" : " ", s->m);
	*out = str_of(text);
	*raw = false;
	if (!s->item && !descriptor_let_get(s, name, out)) {
		if (word(s, name, &text, e) < 0)
			return -1;
		*out = str_of(text);
	}
	while (str_cut(&inside, '|', &filter)) {
		*raw = *raw || str_eq(filter, "raw");
		if (str_eq(filter, "ours") || str_eq(filter, "theirs"))
			*out = translated(s, name, *out,
					  str_eq(filter, "theirs"));
		else if (str_starts(filter, "or:")) {
			filter = (struct str){ filter.at + 3, filter.n - 3 };
			if (out->n == 0 && stand_in(s, filter, out, e) < 0)
				return -1;
		} else if (descriptor_is_digest(filter)) {
			if (digested(s, filter, out, e) < 0)
				return -1;
		} else
			*out = filtered(s, *out, filter);
	}
	return 0;
}

bool descriptor_is_whole(const struct descriptor_scope *s, const char *path)
{
	struct str rest = str_of(path), name;
	bool known;
	if (str_starts(rest, "https://"))
		return true;
	if (!str_starts(rest, "{") || !str_cut(&rest, '}', &name) ||
	    !str_ends(name, "|raw"))
		return false;
	name = (struct str){ name.at + 1, name.n - 5 };
	return str_starts(str_of(credential(s, name, &known)), "http");
}

/* What stands before the next {...}, and that; false at the end. */
static bool next_part(struct str *rest, struct str *before, struct str *inside)
{
	const char *open = str_find(*rest, "{");
	const char *end = rest->at + rest->n;
	*before = *rest;
	if (!open)
		return false;
	before->n = (size_t)(open - rest->at);
	*rest = (struct str){ open + 1, (size_t)(end - open - 1) };
	str_cut(rest, '}', inside);
	return true;
}

int descriptor_text(const struct descriptor_scope *s, const char *expr,
		    enum descriptor_form form, struct buf *out, struct err *e)
{
	struct str rest = str_of(expr), before, inside;
	while (next_part(&rest, &before, &inside)) {
		struct str v;
		bool raw;
		buf_view(out, before);
		if (substitute(s, inside, &v, &raw, e) < 0)
			return -1;
		if (form == DESCRIPTOR_URL && !raw)
			descriptor_percent(out, v);
		else
			buf_view(out, v);
	}
	buf_view(out, before);
	return 0;
}

int descriptor_make(const struct descriptor_scope *s, const char *expr,
		    const char **out, struct err *e)
{
	AUTO(buf) struct buf b = { .max = TEXT_MAX };
	if (descriptor_text(s, expr, DESCRIPTOR_PLAIN, &b, e) < 0)
		return -1;
	*out = mem_dup(s->m, buf_c(&b), b.n);
	return 0;
}

static bool is_path(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWX"
			    "YZ0123456789_-.:@?",
			    s.at[i]))
			return false;
	return s.n > 0;
}

static bool is_known(struct str name, bool reads, const struct yaml *creds)
{
	const struct cred none = { 0 };
	if (reads || str_starts(name, "was."))
		return is_path(name);
	if (str_starts(name, "source."))
		return cred_member(&none, (struct str){ name.at + 7,
							name.n - 7 }) != NULL;
	for (const struct yaml *y = creds ? creds->child : NULL; y; y = y->next)
		if (str_eq(name, y->key))
			return true;
	return descriptor_is_word(name);
}

/* A host is not made from what an answer or a zone holds. */
static bool in_host(const char *expr, struct str inside)
{
	return str_starts(str_of(expr), "https://") &&
	       inside.at < expr + 8 + strcspn(expr + 8, "/");
}

/* A misspelt word would be an empty one. */
static bool is_filter(struct str filter, bool reads, const struct yaml *creds)
{
	struct str word = filter, name;
	if (one_of(filter, filters) || is_cut(filter))
		return true;
	str_cut(&word, ':', &name);
	if (!str_eq(name, "or") && !str_starts(name, "hmac_"))
		return descriptor_is_digest(filter);
	if (str_eq(name, "or"))
		return is_known(word, reads, creds);
	return descriptor_is_digest(filter) && is_known(word, false, creds);
}

const char *descriptor_wrong(const char *expr, bool reads,
			     const struct yaml *creds, size_t *at,
			     struct mem *m)
{
	struct str rest = str_of(expr), before, inside, part;
	for (const char *c = expr; *c; c++) {
		const char *end = *c == '{' ? strchr(c, '}') : NULL;
		*at = (size_t)(c - expr);
		if (*c == '}')
			return "a \"}\" without its \"{\"";
		if (*c == '{' &&
		    (!end || memchr(c + 1, '{', (size_t)(end - c - 1))))
			return "a \"{\" without its \"}\"";
		if (end)
			c = end;
	}
	while (next_part(&rest, &before, &inside)) {
		*at = (size_t)(inside.at - expr);
		if (str_ends(inside, "?"))
			inside.n--;
		str_cut(&inside, '|', &part);
		if (!is_known(part, reads, creds))
			return mem_fmt(m, "nothing is called \"%.*s\" here",
				       STR_FMT(part));
		if (!reads && in_host(expr, part) && descriptor_is_word(part))
			return "a host is written or a credential, no more";
		while (str_cut(&inside, '|', &part))
			if (!is_filter(part, reads, creds))
				return mem_fmt(m,
					       "no filter is called \"%.*s\"",
					       STR_FMT(part));
	}
	return NULL;
}
