#include "mail/spf.h"

#include <arpa/inet.h>
#include <string.h>

#include "mail/spf_macro.h"

enum { TERMS_MAX = 200 };

int spf_ip_parse(const char *text, struct spf_ip *out)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
	*out = (struct spf_ip){ 0 };
	if (inet_pton(AF_INET, text, out->at) == 1)
		return 0;
	if (inet_pton(AF_INET6, text, out->at) != 1)
		return -1;
	out->v6 = memcmp(out->at, mapped, sizeof(mapped)) != 0;
	if (!out->v6) {
		memmove(out->at, out->at + 12, 4);
		memset(out->at + 4, 0, 12);
	}
	return 0;
}

bool spf_is_record(struct str value)
{
	return str_starts_i(value, "v=spf1") &&
	       (value.n == 6 || value.at[6] == ' ');
}

const char *spf_word(enum spf_result r)
{
	static const char *const words[] = {
		"none",     "neutral",   "pass",      "fail",
		"softfail", "temperror", "permerror",
	};
	return words[r];
}

/* How each mechanism may go on after its name. */
enum takes { NOTHING, DOMAIN, DOMAIN_OR_NOT, NETWORK };
static const struct {
	const char *name;
	enum takes takes;
	bool cidr;
} mechanisms[] = {
	[SPF_ALL] = { "all", NOTHING, false },
	[SPF_INCLUDE] = { "include", DOMAIN, false },
	[SPF_A] = { "a", DOMAIN_OR_NOT, true },
	[SPF_MX] = { "mx", DOMAIN_OR_NOT, true },
	[SPF_PTR] = { "ptr", DOMAIN_OR_NOT, false },
	[SPF_IP4] = { "ip4", NETWORK, true },
	[SPF_IP6] = { "ip6", NETWORK, true },
	[SPF_EXISTS] = { "exists", DOMAIN, false },
};

static size_t digits_before(struct str s)
{
	size_t n = 0;
	while (n < s.n && s.at[s.n - 1 - n] >= '0' && s.at[s.n - 1 - n] <= '9')
		n++;
	return n;
}

/* Takes "/24" or "//64" off the end; false when there is none. *bad when its
 * number is none of RFC 7208 5.6's. */
static bool prefix(struct str *s, const char *mark, unsigned max,
		   unsigned *bits, bool *bad)
{
	const size_t digits = digits_before(*s), marks = strlen(mark);
	uint64_t n;
	if (digits + marks > s->n)
		return false;
	const struct str head = { s->at, s->n - digits };
	const struct str number = { s->at + head.n, digits };
	if (!str_ends(head, mark))
		return false;
	*bad = *bad || str_num(number, max, &n) < 0 ||
	       (digits > 1 && number.at[0] == '0');
	if (!*bad)
		*bits = (unsigned)n;
	s->n -= digits + marks;
	return true;
}

static bool cidr(struct str *rest, struct spf_term *t)
{
	bool bad = false;
	if (t->kind == SPF_IP6)
		return !prefix(rest, "/", 128, &t->bits6, &bad) || !bad;
	if (t->kind != SPF_IP4)
		prefix(rest, "//", 128, &t->bits6, &bad);
	prefix(rest, "/", 32, &t->bits4, &bad);
	return !bad;
}

static bool network(struct str rest, struct spf_term *t)
{
	char text[INET6_ADDRSTRLEN + 1];
	if (rest.n < 2 || rest.n >= sizeof(text) || rest.at[0] != ':')
		return false;
	memcpy(text, rest.at + 1, rest.n - 1);
	text[rest.n - 1] = 0;
	t->ip.v6 = t->kind == SPF_IP6;
	return inet_pton(t->ip.v6 ? AF_INET6 : AF_INET, text, t->ip.at) == 1;
}

static bool domain(struct str rest, enum takes takes, struct mem *m,
		   struct spf_term *t)
{
	if (rest.n == 0)
		return takes == DOMAIN_OR_NOT;
	if (rest.at[0] != ':' ||
	    !spf_macro_is_domain((struct str){ rest.at + 1, rest.n - 1 }))
		return false;
	t->domain = mem_dup(m, rest.at + 1, rest.n - 1);
	return true;
}

static bool mechanism(struct str word, struct mem *m, struct spf_term *t)
{
	struct str rest = word;
	*t = (struct spf_term){
		.qualifier = '+', .bits4 = 32, .bits6 = 128, .text = word
	};
	if (rest.n && strchr("+-~?", rest.at[0])) {
		t->qualifier = rest.at[0];
		rest.at++;
		rest.n--;
	}
	size_t n = 0;
	while (n < rest.n && rest.at[n] != ':' && rest.at[n] != '/')
		n++;
	const struct str name = { rest.at, n };
	size_t i = 0;
	while (i < sizeof(mechanisms) / sizeof(mechanisms[0]) &&
	       !str_eqi(name, mechanisms[i].name))
		i++;
	if (i == sizeof(mechanisms) / sizeof(mechanisms[0]))
		return false;
	t->kind = (enum spf_mechanism)i;
	rest = (struct str){ rest.at + n, rest.n - n };
	if (mechanisms[i].cidr && !cidr(&rest, t))
		return false;
	if (mechanisms[i].takes == NOTHING)
		return rest.n == 0;
	return mechanisms[i].takes == NETWORK ?
		       network(rest, t) :
		       domain(rest, mechanisms[i].takes, m, t);
}

/* "name=value": the two that mean something once each, others well-formed. */
static bool modifier(struct str word, size_t at, struct mem *m,
		     struct spf_record *out)
{
	const struct str name = { word.at, at };
	const struct str value = { word.at + at + 1, word.n - at - 1 };
	const char **into = str_eqi(name, "redirect") ? &out->redirect :
			    str_eqi(name, "exp")      ? &out->exp :
							NULL;
	if (!into)
		return spf_macro_is_string(value);
	if (*into || !spf_macro_is_domain(value))
		return false;
	*into = mem_dup(m, value.at, value.n);
	return true;
}

/* Where the "=" of a modifier stands; 0: it is none. */
static size_t modifier_at(struct str word)
{
	for (size_t i = 0; i < word.n; i++) {
		const char c = str_lower(word.at[i]);
		const bool letter = c >= 'a' && c <= 'z';
		if (c == '=')
			return i;
		if (!letter && (i == 0 || !((c >= '0' && c <= '9') ||
					    c == '-' || c == '_' || c == '.')))
			return 0;
	}
	return 0;
}

static bool blank_cut(struct str *rest, struct str *word)
{
	while (str_cut(rest, ' ', word))
		if (word->n)
			return true;
	return false;
}

int spf_parse(struct str text, struct mem *m, struct spf_record *out,
	      struct err *e)
{
	struct str rest = text, word;
	*out = (struct spf_record){ .text = text };
	if (!spf_is_record(text))
		return err_set(e, ERR_PERM,
			       "no SPF record: it does not begin "
			       "with \"v=spf1\"");
	blank_cut(&rest, &word);
	while (blank_cut(&rest, &word)) {
		const size_t at = modifier_at(word);
		struct spf_term t;
		if (out->n == TERMS_MAX)
			return err_set(e, ERR_PERM, "more than %d terms",
				       TERMS_MAX);
		if (at ? !modifier(word, at, m, out) :
			 !str_is_print(word) || !mechanism(word, m, &t))
			return err_set(e, ERR_PERM,
				       "the term \"%.*s\" is wrong",
				       STR_FMT(word));
		if (at)
			continue;
		out->terms = mem_more(m, out->terms, &out->room, out->n,
				      sizeof(*out->terms));
		out->terms[out->n++] = t;
	}
	return 0;
}
