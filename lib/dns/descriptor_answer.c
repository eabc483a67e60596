/* What an answer means: the status, the body's own word on how it went, and
 * the rows of `errors`. */
#include <string.h>

#include "base/log.h"
#include "dns/descriptor_parts.h"

enum { SHOWN_MAX = 300 };

/* The provider's own words about what went wrong. */
static const char *words_of(const struct descriptor_scope *s, json_t *j,
			    const struct http_reply *r)
{
	static const char *const usual[] = {
		"message", "error.message", "errors.0.message", "detail",
		"error",   "errors.0",      "faultString",      NULL
	};
	const struct yaml *reply = yaml_get(s->d->root, "reply");
	const char *text = "";
	if (reply && descriptor_word(reply, "message", NULL))
		text = descriptor_show(
			descriptor_path(j,
					descriptor_word(reply, "message", "")),
			s->m);
	for (size_t i = 0; !*text && usual[i]; i++)
		text = descriptor_show(descriptor_path(j, usual[i]), s->m);
	struct str rest = str_trim(*text ? str_of(text) : buf_get(&r->body));
	AUTO(buf) struct buf shown = { .max = SHOWN_MAX };
	log_escape(&shown, (struct str){ rest.at, rest.n > SHOWN_MAX / 4 * 3 ?
							  SHOWN_MAX / 4 * 3 :
							  rest.n });
	return mem_dup(s->m, buf_c(&shown), shown.n);
}

static enum descriptor_verdict by_status(const struct descriptor_scope *s,
					 int status)
{
	const bool swaps = s->d->provider.caps & DNS_CAS;
	if (status >= 200 && status < 300)
		return DESCRIPTOR_FINE;
	if (status == 401 || status == 403)
		return DESCRIPTOR_NO_RIGHT;
	if (status == 404 || status == 410)
		return DESCRIPTOR_NOT_FOUND;
	if (status == 412 || (status == 409 && swaps))
		return DESCRIPTOR_CHANGED;
	if (status == 429)
		return DESCRIPTOR_LATER;
	return status >= 500 || status == 408 ? DESCRIPTOR_BROKEN :
						DESCRIPTOR_REFUSED;
}

/* How answers say whether it went well; a call that is answered in another
 * format than the rest has no such words. */
static const struct yaml *words_for(const struct descriptor_scope *s,
				    const struct descriptor_ask *q,
				    const char *key)
{
	const struct yaml *reply = yaml_get(s->d->root, "reply");
	return yaml_get(q->call, "format") ? NULL : yaml_get(reply, key);
}

/* The first row of errors: that fits, else what the status means. */
static enum descriptor_verdict judge(const struct descriptor_scope *s,
				     const struct descriptor_ask *q, json_t *j,
				     const struct http_reply *r,
				     const char *text, bool fault)
{
	static const char *const kinds[] = {
		[DESCRIPTOR_THERE] = "exists",
		[DESCRIPTOR_REFUSED] = "perm",
		[DESCRIPTOR_NO_RIGHT] = "auth",
		[DESCRIPTOR_NOT_FOUND] = "missing",
		[DESCRIPTOR_LATER] = "rate",
		[DESCRIPTOR_BROKEN] = "temp",
		[DESCRIPTOR_CHANGED] = "changed",
	};
	const struct yaml *rows = yaml_get(s->d->root, "errors");
	const struct yaml *ok = words_for(s, q, "ok");
	const struct yaml *failed = words_for(s, q, "failed");
	enum descriptor_verdict v = by_status(s, r->status);
	if (v == DESCRIPTOR_FINE && fault)
		v = DESCRIPTOR_REFUSED;
	for (const struct yaml *y = ok ? ok->child : NULL; y; y = y->next)
		if (v == DESCRIPTOR_FINE &&
		    !descriptor_one_of(
			    descriptor_show(descriptor_path(j, y->key), s->m),
			    y->text))
			v = DESCRIPTOR_REFUSED;
	for (const struct yaml *y = failed ? failed->child : NULL; y;
	     y = y->next)
		if (v == DESCRIPTOR_FINE &&
		    descriptor_one_of(
			    descriptor_show(descriptor_path(j, y->key), s->m),
			    y->text))
			v = DESCRIPTOR_REFUSED;
	if (v == DESCRIPTOR_FINE)
		return v;
	for (const struct yaml *y = rows ? rows->child : NULL; y; y = y->next) {
		const uint64_t status = descriptor_number(y, "status", 0);
		if ((status && (int)status != r->status) ||
		    !str_find(str_of(text), descriptor_word(y, "text", "")))
			continue;
		for (size_t i = DESCRIPTOR_THERE; i <= DESCRIPTOR_CHANGED; i++)
			if (!strcmp(kinds[i], descriptor_word(y, "kind", "")))
				return (enum descriptor_verdict)i;
	}
	return v;
}

static int refuse(const struct descriptor_scope *s, const char *what,
		  enum descriptor_verdict v, int status, const char *text,
		  struct err *e)
{
	static const struct {
		enum err_kind kind;
		const char *hint;
	} rows[] = {
		[DESCRIPTOR_REFUSED] = { ERR_PERM, "" },
		[DESCRIPTOR_NO_RIGHT] = { ERR_AUTH,
					  "; `opsmail dns providers NAME` says "
					  "which variables it takes" },
		[DESCRIPTOR_NOT_FOUND] = { ERR_MISSING, "" },
		[DESCRIPTOR_LATER] = { ERR_TEMP, "; it asks for patience" },
		[DESCRIPTOR_BROKEN] = { ERR_TEMP, "" },
		[DESCRIPTOR_CHANGED] = { ERR_CHANGED, "" },
	};
	return err_set(e, rows[v].kind, "%s: %s is answered %d%s%s%s",
		       s->d->provider.name, what, status, *text ? ": " : "",
		       text, rows[v].hint);
}

/* What is read, and what says in its body whether it went well. */
static bool must_be_read(const struct descriptor_scope *s,
			 const struct descriptor_ask *q)
{
	return q->kind == DESCRIPTOR_READ || words_for(s, q, "ok") ||
	       words_for(s, q, "failed");
}

int descriptor_answer(const struct descriptor_scope *s,
		      const struct descriptor_ask *q, const char *what,
		      struct http_reply *r, enum descriptor_verdict *v,
		      json_t **out, struct err *e)
{
	const char *format = descriptor_format(s, q->call);
	bool fault;
	AUTO(json) json_t *j =
		descriptor_reply(format, buf_get(&r->body), s->m, &fault);
	const char *text = words_of(s, j, r);
	const bool fine = by_status(s, r->status) == DESCRIPTOR_FINE;
	if (fine && !j && r->body.n && must_be_read(s, q)) {
		*v = DESCRIPTOR_BROKEN; /* cut off, or a page for people */
		return err_set(e, ERR_TEMP,
			       "%s: %s is answered with what is no %s: %s",
			       s->d->provider.name, what,
			       strcmp(format, "json") ? format : "JSON", text);
	}
	*v = judge(s, q, j, r, text, fault);
	if (*v > DESCRIPTOR_THERE)
		return refuse(s, what, *v, r->status, text, e);
	*out = TAKE(j);
	return 0;
}
