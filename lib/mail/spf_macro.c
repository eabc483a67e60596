#include "mail/spf_macro.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/auto.h"

enum { NAME_MAX_BYTES = 253, PARTS = 128, EXPANDED_MAX = 8192 };

/* One macro, as written between "%{" and "}". */
struct macro {
	char letter;   /* lower case */
	bool escape;   /* its letter was upper case */
	uint64_t keep; /* parts on the right; 0: all */
	bool reverse;
	char delims[8];
};

static bool parse(struct str s, struct macro *out)
{
	*out = (struct macro){ .delims = "." };
	if (s.n == 0)
		return false;
	out->letter = str_lower(s.at[0]);
	out->escape = out->letter != s.at[0];
	size_t i = 1, digits = 0, n = 0;
	while (i + digits < s.n && s.at[i + digits] >= '0' &&
	       s.at[i + digits] <= '9')
		digits++;
	if (digits &&
	    (str_num((struct str){ s.at + i, digits }, PARTS, &out->keep) < 0 ||
	     out->keep == 0))
		return false;
	i += digits;
	out->reverse = i < s.n && str_lower(s.at[i]) == 'r';
	i += out->reverse;
	for (; i < s.n; i++) {
		if (!strchr(".-+,/_=", s.at[i]) || n + 1 == sizeof(out->delims))
			return false;
		out->delims[n++] = s.at[i];
		out->delims[n] = 0;
	}
	return memchr("slodiphcrtv", out->letter, 11) != NULL;
}

/* The macro at the beginning of s ("%{...}", "%%", "%_", "%-"), and how long
 * it is; 0: there is none, or a wrong one. */
static size_t macro_at(struct str s, struct macro *out)
{
	*out = (struct macro){ 0 };
	if (s.n < 2 || s.at[0] != '%')
		return 0;
	if (strchr("%_-", s.at[1]) && s.at[1])
		return 2;
	const char *end = s.at[1] == '{' ? memchr(s.at, '}', s.n) : NULL;
	const struct str inside = { s.at + 2,
				    end ? (size_t)(end - s.at) - 2 : 0 };
	return end && parse(inside, out) ? inside.n + 3 : 0;
}

bool spf_macro_is_string(struct str s)
{
	struct macro x;
	for (size_t i = 0; i < s.n;) {
		const struct str at = { s.at + i, s.n - i };
		const size_t n = at.at[0] == '%' ? macro_at(at, &x) : 1;
		if (n == 0 || at.at[0] < 0x21 || at.at[0] > 0x7e)
			return false;
		i += n;
	}
	return true;
}

static bool is_alnum(char c)
{
	c = str_lower(c);
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_top_label(struct str s)
{
	bool letter = false;
	if (s.n == 0 || !is_alnum(s.at[0]) || !is_alnum(s.at[s.n - 1]))
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (!is_alnum(s.at[i]) && s.at[i] != '-')
			return false;
		letter = letter || s.at[i] < '0' || s.at[i] > '9';
	}
	return letter;
}

bool spf_macro_is_domain(struct str s)
{
	if (s.n == 0 || !spf_macro_is_string(s))
		return false;
	/* c, r and t are for explanations only (7.2). */
	struct macro x;
	size_t last = 0, n;
	for (size_t i = 0; i < s.n; i += n) {
		n = macro_at((struct str){ s.at + i, s.n - i }, &x);
		if (n > 2 && strchr("crt", x.letter))
			return false;
		last = n ? i + n : last;
		n = n ? n : 1;
	}
	if (last == s.n)
		return s.at[s.n - 1] == '}';
	if (str_ends(s, "."))
		s.n--;
	size_t dot = s.n;
	while (dot > last && s.at[dot - 1] != '.')
		dot--;
	return dot > last &&
	       is_top_label((struct str){ s.at + dot, s.n - dot });
}

bool spf_macro_wants_client(const char *s)
{
	struct macro x;
	for (; *s; s++)
		if (macro_at(str_of(s), &x) > 2 && x.letter == 'p')
			return true;
	return false;
}

static const char *dotted(const struct spf_ip *ip, struct mem *m)
{
	const char *all = "";
	for (size_t i = 0; i < (ip->v6 ? 16 : 4); i++)
		all = ip->v6 ? mem_fmt(m, "%s%s%X.%X", all, i ? "." : "",
				       ip->at[i] >> 4, ip->at[i] & 15U) :
			       mem_fmt(m, "%s%s%u", all, i ? "." : "",
				       ip->at[i]);
	return all;
}

static const char *readable(const struct spf_ip *ip, struct mem *m)
{
	char text[INET6_ADDRSTRLEN];
	return mem_str(m, inet_ntop(ip->v6 ? AF_INET6 : AF_INET, ip->at, text,
				    sizeof(text)));
}

static const char *value(const struct spf_macro *x, char letter, struct mem *m)
{
	const char *at = strrchr(x->sender, '@');
	const size_t local = (size_t)(at - x->sender);
	switch (letter) {
	case 's':
		return x->sender;
	case 'l':
		return mem_dup(m, x->sender, local);
	case 'o':
		return at + 1;
	case 'd':
		return x->domain;
	case 'i':
		return dotted(&x->ask->ip, m);
	case 'p':
		return x->client;
	case 'v':
		return x->ask->ip.v6 ? "ip6" : "in-addr";
	case 'h':
		return x->ask->helo;
	case 'c':
		return readable(&x->ask->ip, m);
	case 'r':
		return x->ask->receiver ? x->ask->receiver : "unknown";
	default:
		return mem_fmt(m, "%lld", (long long)x->ask->now);
	}
}

/* Cut at the delimiters, turned round, the right ones kept, joined by dots. */
static void transform(const struct macro *x, const char *text, struct buf *out)
{
	struct str parts[PARTS];
	size_t n = 0;
	const char *at = text;
	for (bool more = true; more && n < PARTS;) {
		const size_t len = strcspn(at, x->delims);
		parts[n++] = (struct str){ at, len };
		more = at[len] != 0;
		at += len + more;
	}
	const size_t keep = x->keep && x->keep < n ? x->keep : n;
	for (size_t i = 0; i < keep; i++) {
		const size_t nth = n - keep + i;
		if (i)
			buf_char(out, '.');
		buf_view(out, parts[x->reverse ? keep - 1 - i : nth]);
	}
}

static void add_escaped(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (is_alnum(s.at[i]) || (s.at[i] && strchr("-._~", s.at[i])))
			buf_char(out, s.at[i]);
		else
			buf_fmt(out, "%%%02X", (unsigned char)s.at[i]);
}

static void add_macro(const struct spf_macro *x, const struct macro *one,
		      struct mem *m, struct buf *out)
{
	AUTO(buf) struct buf b = { .max = EXPANDED_MAX };
	transform(one, value(x, one->letter, m), &b);
	if (one->escape)
		add_escaped(out, buf_get(&b));
	else
		buf_view(out, buf_get(&b));
}

const char *spf_macro_expand(const struct spf_macro *x, const char *s,
			     struct mem *m)
{
	AUTO(buf) struct buf b = { .max = EXPANDED_MAX };
	struct str rest = str_of(s);
	while (rest.n) {
		struct macro one;
		const size_t n = macro_at(rest, &one);
		if (n == 0)
			buf_char(&b, rest.at[0]);
		else if (n > 2)
			add_macro(x, &one, m, &b);
		else
			buf_str(&b, rest.at[1] == '%' ? "%" :
				    rest.at[1] == '_' ? " " :
							"%20");
		rest.at += n ? n : 1;
		rest.n -= n ? n : 1;
	}
	const char *text = buf_c(&b);
	const size_t dots = !x->explains && str_ends(buf_get(&b), ".");
	size_t n = b.n - dots;
	while (!x->explains && n > NAME_MAX_BYTES && strchr(text, '.')) {
		const char *next = strchr(text, '.') + 1;
		n -= (size_t)(next - text);
		text = next;
	}
	return mem_dup(m, text, n);
}
