#include "mail/alias.h"

#include <stdlib.h>
#include <string.h>
#include <unistr.h>

#include "base/idn.h"
#include "mail/addr.h"

/* The character at the front: its bytes, or the byte that is none. */
static struct str character(struct str s)
{
	int n = u8_mblen((const uint8_t *)s.at, s.n);

	return (struct str){ s.at, n > 0 ? (size_t)n : 1 };
}

static bool is_in(const char *set, struct str c)
{
	for (struct str rest = str_of(set); rest.n;) {
		struct str one = character(rest);

		if (str_same(one, c))
			return true;
		rest.at += one.n;
		rest.n -= one.n;
	}
	return false;
}

enum suffix { KEEP, CUT };

static const char *strip(struct mem *m, struct str local,
			 const struct alias_rules *r, enum suffix how)
{
	char *left = mem_get(m, local.n + 1);
	const char *form;
	size_t n = 0;

	while (local.n) {
		struct str c = character(local);

		if (is_in(r->separators, c))
			break;
		if (!is_in(r->drop, c)) {
			memcpy(left + n, c.at, c.n);
			n += c.n;
		}
		local.at += c.n;
		local.n -= c.n;
	}
	if (how == KEEP && local.n) {
		memcpy(left + n, local.at, local.n);
		n += local.n;
	}
	return addr_local(m, (struct str){ left, n }, &form) ? left : form;
}

const char *alias_dropped(struct mem *m, struct str local,
			  const struct alias_rules *r)
{
	return strip(m, local, r, KEEP);
}

const char *alias_cleaned(struct mem *m, struct str local,
			  const struct alias_rules *r)
{
	return strip(m, local, r, CUT);
}

const char *alias_kind_name(enum alias_kind k)
{
	static const char *const names[] = {
		[ALIAS_EMAIL] = "(email)",
		[ALIAS_PIPE] = "(pipe)",
		[ALIAS_FORWARD] = "(forward)",
	};

	return names[k];
}

const char *alias_target_text(struct mem *m, const struct alias_target *t)
{
	const char *text;

	if (t->kind == ALIAS_PIPE)
		return mem_fmt(m, "| %s", t->command);
	text = mem_fmt(m, "%s@%s", t->local, idn_shown(m, t->domain));
	if (t->kind == ALIAS_FORWARD)
		text = mem_fmt(m, "%s via %s", text,
			       mem_join(m, t->via, t->via_n, "/"));
	return text;
}

/* "host1/host2", behind " via ". */
static int read_via(struct mem *m, struct str text, struct alias_target *t,
		    struct err *e)
{
	const char **hosts = NULL;
	size_t room = 0;
	struct str host;

	t->kind = ALIAS_FORWARD;
	while (str_cut(&text, '/', &host)) {
		host = str_trim(host);
		if (!host.n)
			return err_set(e, ERR_CONF, "empty server in via list");
		hosts = mem_more(m, hosts, &room, t->via_n, sizeof(*hosts));
		hosts[t->via_n++] = mem_dup(m, host.at, host.n);
	}
	t->via = hosts;
	return 0;
}

static int read_target(struct mem *m, struct str text, const char *domain,
		       struct alias_target *t, struct err *e)
{
	const char *via = str_find(text, " via ");
	struct addr a, normal;

	if (via) {
		struct str hosts = { via + 5,
				     (size_t)(text.at + text.n - via) - 5 };

		text = str_trim(
			(struct str){ text.at, (size_t)(via - text.at) });
		if (!text.n)
			return err_set(e, ERR_CONF,
				       "forwarding alias is "
				       "missing the address");
		if (read_via(m, hosts, t, e))
			return -1;
	}
	a = addr_split(text);
	if (!memchr(text.at, '@', text.n))
		a.domain = str_of(domain);
	if (addr_normal(m, &a, &normal, e))
		return -1;
	t->local = normal.local.at;
	t->domain = normal.domain.at;
	return 0;
}

static struct alias_target *add_target(struct mem *m, struct alias_targets *to)
{
	struct alias_target *t;

	to->at = mem_more(m, to->at, &to->room, to->n, sizeof(*to->at));
	t = &to->at[to->n++];
	*t = (struct alias_target){ 0 };
	return t;
}

int alias_targets_parse(struct mem *m, struct str text, const char *domain,
			struct alias_targets *out, struct err *e)
{
	struct str one;

	*out = (struct alias_targets){ 0 };
	text = str_trim(text);
	if (text.n > ALIAS_LINE_MAX || (text.n && memchr(text.at, 0, text.n)))
		return err_set(e, ERR_CONF, "too long, or with a NUL in it");
	if (str_starts(text, "|")) {
		one = str_trim((struct str){ text.at + 1, text.n - 1 });
		if (!one.n)
			return err_set(e, ERR_CONF,
				       "the pipe alias is missing "
				       "a command");
		*add_target(m, out) = (struct alias_target){
			.kind = ALIAS_PIPE,
			.command = mem_dup(m, one.at, one.n),
		};
		return 0;
	}
	while (text.n && str_cut(&text, ',', &one)) {
		one = str_trim(one);
		if (one.n && read_target(m, one, domain, add_target(m, out), e))
			return -1;
	}
	return 0;
}

/* A line of the file that is an alias. False for what is none: empty, or a
 * comment. *fault is set where it should be one. */
static bool split_line(struct str line, struct str *left, struct str *right,
		       const char **fault)
{
	line = str_trim(line);
	*fault = NULL;
	if (!line.n || *line.at == '#')
		return false;
	if (line.n > ALIAS_LINE_MAX)
		*fault = "longer than 65536 bytes";
	else if (memchr(line.at, '\0', line.n))
		*fault = "there is a NUL in it";
	else if (!memchr(line.at, ':', line.n))
		*fault = "missing ':' in line";
	if (*fault)
		return true;
	(void)str_cut(&line, ':', left);
	*left = str_trim(*left);
	*right = str_trim(line);
	if (!left->n || !right->n)
		*fault = "missing address or alias";
	else if (memchr(left->at, '@', left->n))
		*fault = "left-side: cannot contain @; the folder says the "
			 "domain";
	return true;
}

static int read_line(struct str line, const char *domain,
		     const struct alias_rules *r, struct aliases *out,
		     struct err *e)
{
	struct str left, right;
	const char *fault;
	struct alias *new;

	if (!split_line(line, &left, &right, &fault))
		return 0;
	if (fault)
		return err_set(e, ERR_CONF, "%s", fault);
	out->at = mem_more(&out->mem, out->at, &out->room, out->n,
			   sizeof(*out->at));
	new = &out->at[out->n++];
	*new = (struct alias){
		.name = alias_dropped(&out->mem, left, r),
	};
	if (alias_targets_parse(&out->mem, right, domain, &new->to, e))
		return err_at(e, "right-side");
	return 0;
}

static int by_name(const void *a, const void *b)
{
	const struct alias *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order : x->line < y->line ? -1 : 1;
}

static void keep_last(struct aliases *a)
{
	size_t n = 0;

	if (a->n)
		qsort(a->at, a->n, sizeof(*a->at), by_name);
	for (size_t i = 0; i < a->n; i++) {
		if (n && strcmp(a->at[n - 1].name, a->at[i].name) == 0)
			n--;
		a->at[n++] = a->at[i];
	}
	a->n = n;
}

int alias_parse(struct str text, const char *file, const char *domain,
		const struct alias_rules *r, struct aliases *out, struct err *e)
{
	struct str line;
	int number = 1;

	*out = (struct aliases){ 0 };
	for (; str_line(&text, &line); number++) {
		size_t n = out->n;

		if (read_line(line, domain, r, out, e))
			return err_at(e, "%s:%d", file, number);
		if (out->n > n)
			out->at[n].line = number;
	}
	keep_last(out);
	return 0;
}

void alias_free(struct aliases *a)
{
	mem_free(&a->mem);
	*a = (struct aliases){ 0 };
}

static int name_is(const void *name, const void *a)
{
	return strcmp(name, ((const struct alias *)a)->name);
}

const struct alias *alias_find(const struct aliases *a, const char *name)
{
	return a && a->n ? bsearch(name, a->at, a->n, sizeof(*a->at), name_is) :
			   NULL;
}
