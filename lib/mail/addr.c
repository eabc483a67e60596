#include "mail/addr.h"

#include <arpa/inet.h>
#include <string.h>
#include <unistr.h>

#include "base/idn.h"
#include "base/precis.h"

enum { DOMAIN_MAX = 255, LABEL_MAX = 63 };

/* RFC 5322 3.2.3 and RFC 6531 3.3. */
static bool is_atext(char c)
{
	return (unsigned char)c >= 0x80 || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

static bool is_visible(char c)
{
	return (unsigned char)c >= 0x80 || (c >= ' ' && c <= '~');
}

static bool is_dot_string(struct str s)
{
	struct str atom;

	if (!s.n)
		return false;
	while (str_cut(&s, '.', &atom)) {
		if (!atom.n)
			return false;
		for (size_t i = 0; i < atom.n; i++)
			if (!is_atext(atom.at[i]))
				return false;
	}
	return true;
}

/* The length of the local part at the front of text, quotes included; 0: none
 * ends there. */
static size_t local_length(struct str text)
{
	const char *sign;

	if (!text.n || text.at[0] != '"') {
		sign = text.n ? memchr(text.at, '@', text.n) : NULL;
		return sign ? (size_t)(sign - text.at) : text.n;
	}
	for (size_t i = 1; i < text.n; i++) {
		bool pair = text.at[i] == '\\';

		if (text.at[i] == '"')
			return i + 1;
		i += pair;
		if (i == text.n || !is_visible(text.at[i]) ||
		    (pair && (unsigned char)text.at[i] >= 0x80))
			return 0;
	}
	return 0;
}

static bool is_label_char(char c)
{
	return (unsigned char)c >= 0x80 || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
	       c == '_'; /* in no grammar, but in the DNS */
}

static const char *name_fault(struct str name)
{
	struct str label;

	if (name.n > DOMAIN_MAX)
		return "its domain is longer than 255 bytes";
	while (str_cut(&name, '.', &label)) {
		if (!label.n)
			return "its domain has an empty label";
		if (label.n > LABEL_MAX)
			return "its domain has a label of more than 63 bytes";
		if (label.at[0] == '-' || label.at[label.n - 1] == '-')
			return "its domain has a label with a hyphen at an end";
		for (size_t i = 0; i < label.n; i++)
			if (!is_label_char(label.at[i]))
				return "its domain holds a character that "
				       "none may";
	}
	return NULL;
}

/* RFC 5321 4.1.3: IPv4, or IPv6 behind its tag; no other tag is registered. */
static bool is_literal(struct str domain)
{
	char text[64];
	unsigned char address[16];
	bool six = str_starts_i(domain, "[IPv6:");
	size_t front = six ? 6 : 1;

	if (!str_ends(domain, "]") || domain.n - front - 1 >= sizeof(text))
		return false;
	memcpy(text, domain.at + front, domain.n - front - 1);
	text[domain.n - front - 1] = '\0';
	return strlen(text) == domain.n - front - 1 &&
	       inet_pton(six ? AF_INET6 : AF_INET, text, address) == 1;
}

static const char *domain_fault(struct str domain)
{
	if (!domain.n)
		return "its domain is empty";
	if (domain.at[0] == '[')
		return is_literal(domain) ? NULL :
					    "its domain is no address literal";
	return name_fault(domain);
}

const char *addr_parse(struct str text, struct addr *out)
{
	size_t n = local_length(text);
	struct str local = { text.at, n };

	if (text.n > ADDR_MAX)
		return "it is longer than 254 bytes";
	if (!text.n)
		return "it is empty";
	if (u8_check((const uint8_t *)text.at, text.n))
		return "it is no UTF-8";
	if (text.at[0] == '"' ? !n : !is_dot_string(local))
		return n ? "its local part holds what none may" :
			   "its local part is empty or not closed";
	if (n > ADDR_LOCAL_MAX)
		return "its local part is longer than 64 bytes";
	if (n == text.n || text.at[n] != '@')
		return "it has no \"@\" behind its local part";
	struct str domain = { text.at + n + 1, text.n - n - 1 };
	const char *fault = domain_fault(domain);

	if (!fault)
		*out = (struct addr){ local, domain };
	return fault;
}

struct addr addr_split(struct str text)
{
	struct addr a = { { "", 0 }, text };

	(void)str_cut(&a.domain, '@', &a.local);
	if (!a.domain.at)
		a.domain = (struct str){ "", 0 };
	return a;
}

struct str addr_unquoted(struct mem *m, struct str local)
{
	char *out;
	size_t n = 0;

	if (local.n < 2 || local.at[0] != '"' || local.at[local.n - 1] != '"')
		return local;
	out = mem_dup(m, local.at, local.n);
	for (size_t i = 1; i + 1 < local.n; i++) {
		if (local.at[i] == '\\' && i + 2 < local.n)
			i++;
		out[n++] = local.at[i];
	}
	out[n] = '\0';
	return (struct str){ out, n };
}

const char *addr_local(struct mem *m, struct str unquoted, const char **out)
{
	return precis_username(m, unquoted, out);
}

int addr_domain(struct mem *m, struct str domain, const char **out,
		struct err *e)
{
	char *lower;

	if (domain.n && domain.at[0] != '[')
		return idn_ascii(m, domain, out, e);
	lower = mem_dup(m, domain.at, domain.n);
	for (size_t i = 0; i < domain.n; i++)
		lower[i] = str_lower(lower[i]);
	*out = lower;
	return 0;
}

int addr_normal(struct mem *m, const struct addr *a, struct addr *out,
		struct err *e)
{
	const char *local, *domain;
	const char *fault = addr_local(m, addr_unquoted(m, a->local), &local);

	if (fault)
		return err_set(e, ERR_CONF, "\"%.*s\" is no local part: %s",
			       STR_FMT(a->local), fault);
	if (addr_domain(m, a->domain, &domain, e))
		return -1;
	*out = (struct addr){ str_of(local), str_of(domain) };
	return 0;
}

void addr_add(struct buf *out, struct str unquoted, struct str domain)
{
	bool plain = is_dot_string(unquoted);

	if (!plain)
		buf_char(out, '"');
	for (size_t i = 0; i < unquoted.n; i++) {
		if (!plain && (unquoted.at[i] == '"' || unquoted.at[i] == '\\'))
			buf_char(out, '\\');
		buf_char(out, unquoted.at[i]);
	}
	buf_str(out, plain ? "@" : "\"@");
	buf_view(out, domain);
}
