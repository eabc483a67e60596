#include "base/idn.h"

#include <idn2.h>
#include <string.h>

#include "base/auto.h"

#define NAME_BYTES 253
#define INPUT_MAX 1024 /* U-labels may be longer than what they become */

static void auto_idn(char **p)
{
	idn2_free(*p);
}

static bool is_ascii(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.at[i] >= 0x80)
			return false;
	return true;
}

static bool label_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
	       c == '_';
}

/* What is wrong with a label of an ASCII name, or NULL. */
static const char *label_fault(struct str label)
{
	if (!label.n)
		return "a label is empty";
	if (label.n > 63)
		return "a label is longer than 63 characters";
	if (label.at[0] == '-' || label.at[label.n - 1] == '-')
		return "a label starts or ends with a hyphen";
	for (size_t i = 0; i < label.n; i++)
		if (!label_char(label.at[i]))
			return "a character is neither letter, digit nor "
			       "hyphen";
	return NULL;
}

static const char *name_fault(struct str name)
{
	struct str label;
	const char *fault = NULL;

	if (name.n > NAME_BYTES)
		return "it is longer than 253 characters";
	while (!fault && str_cut(&name, '.', &label))
		fault = label_fault(label);
	return fault;
}

static void lower(char *s)
{
	for (; *s; s++)
		*s = str_lower(*s);
}

static bool has_alabel(struct str name)
{
	struct str label;

	while (str_cut(&name, '.', &label))
		if (str_starts_i(label, "xn--"))
			return true;
	return false;
}

/* To A-labels. What is plain ASCII already goes past libidn2, which would
 * refuse names that DNS has (underscores, hyphens in third place). */
static int convert(struct mem *m, struct str name, char **out, struct err *e)
{
	AUTO(idn) char *made = NULL;

	*out = mem_dup(m, name.at, name.n);
	lower(*out);
	if (is_ascii(name) && !has_alabel(name))
		return 0;
	int rc = idn2_to_ascii_8z(*out, &made,
				  IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);

	if (rc != IDN2_OK)
		return err_set(e, ERR_CONF, "'%s' is not a domain name: %s",
			       *out, idn2_strerror(rc));
	size_t n = strlen(made); /* an ideographic final dot has become one */

	*out = mem_dup(m, made, n > 1 && made[n - 1] == '.' ? n - 1 : n);
	lower(*out);
	return 0;
}

int idn_ascii(struct mem *m, struct str name, const char **out, struct err *e)
{
	struct str rest = name;
	char *ascii;

	if (!name.n)
		return err_set(e, ERR_CONF, "the domain name is empty");
	if (name.n > INPUT_MAX || memchr(name.at, '\0', name.n))
		return err_set(e, ERR_CONF, "'%.*s...' is not a domain name",
			       name.n < 40 ? (int)name.n : 40, name.at);
	bool wild = str_starts(rest, "*.");

	if (wild)
		rest = (struct str){ rest.at + 2, rest.n - 2 };
	if (rest.n > 1 && rest.at[rest.n - 1] == '.')
		rest.n--;
	if (convert(m, rest, &ascii, e))
		return -1;
	const char *whole = wild ? mem_fmt(m, "*.%s", ascii) : ascii;
	const char *fault = str_of(whole).n > NAME_BYTES ?
				    "it is longer than 253 characters" :
				    name_fault(str_of(ascii));

	if (fault)
		return err_set(e, ERR_CONF, "'%.*s' is not a domain name: %s",
			       STR_FMT(name), fault);
	*out = whole;
	return 0;
}

/* Only a form that leads back to the same name is shown. */
const char *idn_shown(struct mem *m, const char *ascii)
{
	AUTO(idn) char *made = NULL;
	const char *back;
	struct err e = { 0 };

	if (idn2_to_unicode_8z8z(ascii, &made, IDN2_NONTRANSITIONAL) ||
	    idn_ascii(m, str_of(made), &back, &e) || strcmp(back, ascii) != 0)
		return ascii;
	return mem_str(m, made);
}
