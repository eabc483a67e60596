#include "smtp/path.h"

#include <string.h>
#include <unistr.h>

#include "base/idn.h"
#include "mail/addr.h"

static struct str skip(struct str s, size_t n)
{
	return (struct str){ s.at + n, s.n - n };
}

/* RFC 5321 4.1.2 Dot-string with RFC 6531's bytes. Dots at the ends or side by
 * side are let through: such mailboxes exist. */
static bool is_atom(char c)
{
	const unsigned char u = (unsigned char)c;

	return u > ' ' && u != 0x7f && !strchr("()<>[]:;@\\,\"", c);
}

static size_t quoted(struct str s)
{
	for (size_t i = 1; i < s.n; i++) {
		const unsigned char c = (unsigned char)s.at[i];

		if (c < ' ' || c == 0x7f)
			return 0;
		if (c == '\\')
			i++;
		else if (c == '"')
			return i + 1;
	}
	return 0;
}

static size_t local_part(struct str s)
{
	size_t n = 0;

	if (s.n && s.at[0] == '"')
		return quoted(s);
	while (n < s.n && s.at[n] && is_atom(s.at[n]))
		n++;
	return n;
}

/* Up to what ends an address; RFC 5321 4.1.3 has addresses in brackets. */
static size_t domain_part(struct str s)
{
	size_t n = 0;
	const bool literal = s.n && s.at[0] == '[';

	while (n < s.n && s.at[n] != '>' && (unsigned char)s.at[n] > ' ')
		if (s.at[n++] == ']' && literal)
			break;
	return n;
}

/* Letters, digits and hyphens without "xn--": lower case is all it takes. */
static bool is_plain(struct str s)
{
	size_t label = 0;

	for (size_t i = 0; i < s.n; i++) {
		const char c = str_lower(s.at[i]);

		if (c == '.') {
			if (!label || s.at[i - 1] == '-')
				return false;
			label = 0;
			continue;
		}
		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') &&
		    (c != '-' || !label))
			return false;
		if (++label > 63 || (label == 4 && c == '-'))
			return false;
	}
	return label && s.n < IDN_NAME_MAX && s.at[s.n - 1] != '-';
}

/* Any other name, and address literals, are mail/addr's to judge; the local part
 * here is a stand-in, since those of the world do not keep to its rules: they
 * are longer than 64 bytes and have dots side by side. */
static bool domain_of(struct str given, struct mem *m, struct str *out)
{
	struct err e = { 0 };
	const char *name;
	struct addr a;

	if (is_plain(given)) {
		char *at = mem_dup(m, given.at, given.n);

		for (size_t i = 0; i < given.n; i++)
			at[i] = str_lower(at[i]);
		*out = (struct str){ at, given.n };
		return true;
	}
	if (addr_parse(str_of(mem_fmt(m, "x@%.*s", STR_FMT(given))), &a) ||
	    addr_domain(m, a.domain, &name, &e) < 0)
		return false;
	*out = str_of(name);
	return true;
}

static bool has_high(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.at[i] > 0x7e)
			return true;
	return false;
}

static bool route(struct str *s)
{
	if (!s->n || s->at[0] != '@')
		return true;
	const char *colon = memchr(s->at, ':', s->n);
	const char *end = memchr(s->at, '>', s->n);

	if (!colon || (end && end < colon))
		return false;
	*s = skip(*s, (size_t)(colon - s->at) + 1);
	return true;
}

/* What stands between the brackets, or by itself. *rest begins behind it. */
static enum path_fault address(struct str *rest, struct mem *m,
			       struct path *out)
{
	const char *at = rest->at;
	const size_t n = local_part(*rest);

	*rest = skip(*rest, n);
	size_t domain = 0;
	if (rest->n && rest->at[0] == '@') {
		domain = domain_part(skip(*rest, 1));
		*rest = skip(*rest, domain + 1);
	}
	if (!n || u8_check((const uint8_t *)at, n))
		return PATH_SYNTAX;
	if (n + domain > PATH_MAX_BYTES)
		return PATH_LONG;
	out->local = (struct str){ mem_dup(m, at, n), n };
	out->text = out->local;
	out->utf8 = has_high((struct str){ at, n + (domain ? domain + 1 : 0) });
	if (!domain)
		return PATH_NO_DOMAIN;
	const char *given = mem_dup(m, at + n + 1, domain);

	out->given = (struct str){ given, domain };
	if (!domain_of(out->given, m, &out->domain))
		return PATH_DOMAIN;
	out->text = str_of(mem_fmt(m, "%.*s@%.*s", STR_FMT(out->local),
				   STR_FMT(out->domain)));
	return PATH_OK;
}

enum path_fault path_read(struct str *s, struct mem *m, struct path *out)
{
	*out = (struct path){ .text = STR_LIT("") };
	while (s->n && s->at[0] == ' ')
		*s = skip(*s, 1);
	const bool bracket = s->n && s->at[0] == '<';

	if (bracket)
		*s = skip(*s, 1);
	if (bracket && s->n && s->at[0] == '>') {
		*s = skip(*s, 1);
		return PATH_OK;
	}
	if (!route(s))
		return PATH_SYNTAX;
	const enum path_fault fault = address(s, m, out);

	if (fault == PATH_SYNTAX || fault == PATH_LONG)
		return fault;
	if (bracket) {
		if (!s->n || s->at[0] != '>')
			return PATH_SYNTAX;
		*s = skip(*s, 1);
	}
	return s->n && s->at[0] != ' ' ? PATH_SYNTAX : fault;
}
