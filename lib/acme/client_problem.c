#include "acme/client.h"

#include <string.h>

#include "base/str.h"

enum { SUBPROBLEMS_SHOWN = 5 };

/* Old servers used the shorter prefix; a type that is no ACME error is kept
 * as it is. */
static struct str bare_type(const char *type)
{
	static const char *const prefix[] = { "urn:ietf:params:acme:error:",
					      "urn:acme:error:" };
	struct str s = str_of(type);
	for (size_t i = 0; i < sizeof(prefix) / sizeof(*prefix); i++) {
		size_t n = strlen(prefix[i]);
		if (str_starts(s, prefix[i]))
			return (struct str){ s.at + n, s.n - n };
	}
	return s;
}

/* A detail may be any text the server likes: one line comes out of it. */
static void add_line(struct buf *out, const char *text)
{
	for (const char *p = text; *p; p++) {
		unsigned char c = (unsigned char)*p;
		buf_char(out, c < 0x20 || c == 0x7f ? ' ' : *p);
	}
}

static const char *text_of(const json_t *object, const char *name)
{
	const char *s = json_string_value(json_object_get(object, name));
	return s ? s : "";
}

static void add_subproblem(struct buf *out, const json_t *sub)
{
	const char *name = text_of(json_object_get(sub, "identifier"), "value");
	struct str type = bare_type(text_of(sub, "type"));
	if (!type.n && !*text_of(sub, "detail"))
		return;
	buf_str(out, out->n ? "; " : "");
	if (*name) {
		add_line(out, name);
		buf_str(out, ": ");
	}
	add_line(out, type.at);
	buf_str(out, ": ");
	add_line(out, text_of(sub, "detail"));
}

/* RFC 8555 6.7.1: one problem an identifier. */
static void add_subproblems(struct buf *out, const json_t *doc)
{
	const json_t *subs = json_object_get(doc, "subproblems");
	size_t n = json_array_size(subs);
	for (size_t i = 0; i < n && i < SUBPROBLEMS_SHOWN; i++)
		add_subproblem(out, json_array_get(subs, i));
	if (n > SUBPROBLEMS_SHOWN)
		buf_fmt(out, "; and %zu more", n - SUBPROBLEMS_SHOWN);
}

/* RFC 8555 7.3.3: where a person finds out what to do. */
static void add_instance(struct buf *out, const json_t *doc, const char *type)
{
	const char *url = acme_url(doc, "instance");
	if (url && !strcmp(type, "userActionRequired"))
		buf_fmt(out, "; see %s", url);
}

void acme_problem_read(const json_t *doc, struct acme_problem *p)
{
	*p = (struct acme_problem){ 0 };
	if (!json_is_object(doc))
		return;
	AUTO(buf) struct buf type = { .max = 256 };
	AUTO(buf) struct buf detail = { .max = 4096 };
	add_line(&type, bare_type(text_of(doc, "type")).at);
	snprintf(p->type, sizeof(p->type), "%s", buf_c(&type));
	add_line(&detail, text_of(doc, "detail"));
	add_subproblems(&detail, doc);
	add_instance(&detail, doc, p->type);
	snprintf(p->detail, sizeof(p->detail), "%s", buf_c(&detail));
	json_int_t status = json_integer_value(json_object_get(doc, "status"));
	if (status >= 100 && status <= 599)
		p->status = (int)status;
}
