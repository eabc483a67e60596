#include "mail/alias.h"

#include <string.h>

/* A text on its way through an edit. */
struct edit {
	const char *file, *domain, *name; /* name: as it is looked up */
	const struct alias_rules *rules;
	const struct alias_change *c;
	struct mem m;
	struct buf *out;
	struct err *e;
};

/* A line of the file without its end, and what is this alias's right side in
 * it; empty for every other line. */
static struct str right_side(struct edit *d, struct str line)
{
	struct str left, right = str_trim(line);

	if (!right.n || *right.at == '#' || !memchr(right.at, ':', right.n))
		return (struct str){ "", 0 };
	(void)str_cut(&right, ':', &left);
	left = str_trim(left);
	return strcmp(alias_dropped(&d->m, left, d->rules), d->name) == 0 ?
		       str_trim(right) :
		       (struct str){ "", 0 };
}

/* The line that is in force: the last of that name. */
static size_t line_in_force(struct edit *d, struct str text)
{
	struct str line;
	size_t found = 0;

	for (size_t n = 1; str_line(&text, &line); n++)
		if (right_side(d, line).n)
			found = n;
	return found;
}

static bool is_among(struct edit *d, const struct alias_targets *to,
		     struct alias_target *t)
{
	const char *text = alias_target_text(&d->m, t);

	for (size_t i = 0; i < to->n; i++)
		if (strcmp(alias_target_text(&d->m, &to->at[i]), text) == 0)
			return true;
	return false;
}

/* Right sides as typed: all of them, parsed; a comma in one would be two. */
static int parse_given(struct edit *d, struct alias_targets *to)
{
	const char *text = mem_join(&d->m, d->c->targets, d->c->n, ", ");

	for (size_t i = 0; i < d->c->n; i++) {
		const char *one = d->c->targets[i];

		if (strpbrk(one, "\r\n") || !*one ||
		    (*one != '|' && strchr(one, ',')) ||
		    (*one == '|' && d->c->n > 1))
			return err_set(d->e, ERR_USAGE,
				       "\"%s\" cannot stand here: give one "
				       "address, or one program behind a |, an "
				       "argument",
				       one);
	}
	if (alias_targets_parse(&d->m, str_of(text), d->domain, to, d->e)) {
		d->e->kind = ERR_USAGE;
		return -1;
	}
	return 0;
}

/* What the alias has, one text each as it stands in the file. */
struct words {
	const char **at;
	size_t n, room;
};

static void add_word(struct edit *d, struct words *w, struct str s)
{
	w->at = mem_more(&d->m, w->at, &w->room, w->n, sizeof(*w->at));
	w->at[w->n++] = mem_dup(&d->m, s.at, s.n);
}

static int kept(struct edit *d, struct str right,
		const struct alias_targets *given, struct words *w)
{
	bool pipe = str_starts(right, "|");
	struct str one;

	while (right.n && str_cut(&right, pipe ? '\n' : ',', &one)) {
		struct alias_targets is;

		one = str_trim(one);
		if (!one.n)
			continue;
		if (alias_targets_parse(&d->m, one, d->domain, &is, d->e))
			return -1;
		if (d->c->how == ALIAS_ADD || !is_among(d, given, is.at))
			add_word(d, w, one);
	}
	return 0;
}

/* The new right side; "" when nothing is left of it. */
static int make_right(struct edit *d, struct str right,
		      const struct alias_targets *given, const char **out)
{
	struct alias_targets has;
	struct words w = { 0 };

	*out = "";
	if (alias_targets_parse(&d->m, right, d->domain, &has, d->e))
		return -1;
	if (d->c->how == ALIAS_REMOVE && !d->c->n)
		return 0;
	if (d->c->how != ALIAS_REPLACE && kept(d, right, given, &w))
		return -1;
	for (size_t i = 0; d->c->how != ALIAS_REMOVE && i < given->n; i++)
		if (d->c->how == ALIAS_REPLACE ||
		    !is_among(d, &has, &given->at[i]))
			add_word(d, &w, str_of(d->c->targets[i]));
	for (size_t i = 0; i < w.n; i++)
		if (*w.at[i] == '|' && w.n > 1)
			return err_set(d->e, ERR_USAGE,
				       "%s: a program takes the whole line of "
				       "\"%s\"; put the others behind an "
				       "alias of their own, or --replace it",
				       d->file, d->c->name);
	*out = mem_join(&d->m, w.at, w.n, ", ");
	return 0;
}

/* The text with line n as it is to be; the lines of that name before it go
 * with it when it goes. */
static void write_lines(struct edit *d, struct str text, size_t n,
			const char *right)
{
	struct str line;

	for (size_t i = 1; text.n; i++) {
		const char *start = text.at;

		(void)str_line(&text, &line);
		struct str end = { line.at + line.n, 0 };
		struct str was = right_side(d, line);

		end.n = text.at ? (size_t)(text.at - end.at) : 0;
		if (was.n && !*right)
			continue;
		if (was.n && i == n) {
			buf_add(d->out, start, (size_t)(was.at - start));
			buf_str(d->out, right);
			buf_add(d->out, was.at + was.n,
				(size_t)(end.at - was.at) - was.n);
		} else {
			buf_view(d->out, line);
		}
		buf_view(d->out, end);
	}
}

static int prove(struct edit *d)
{
	struct aliases a;
	int rc = alias_parse(buf_get(d->out), d->file, d->domain, d->rules, &a,
			     d->e);

	alias_free(&a);
	return rc || d->out->full ? err_at(d->e, "the file as it would be") : 0;
}

static int change(struct edit *d, struct str text)
{
	struct alias_targets given;
	size_t n = line_in_force(d, text);
	const char *right;
	struct str rest = text, line, was = { "", 0 };

	if (parse_given(d, &given))
		return -1;
	if (!n && d->c->how == ALIAS_REMOVE)
		return err_set(d->e, ERR_MISSING,
			       "%s: there is no alias "
			       "\"%s\"",
			       d->file, d->c->name);
	for (size_t i = 0; i < n; i++) {
		(void)str_line(&rest, &line);
		was = right_side(d, line);
	}
	if (make_right(d, was, &given, &right))
		return -1;
	if (n) {
		write_lines(d, text, n, right);
	} else {
		buf_view(d->out, text);
		if (text.n && text.at[text.n - 1] != '\n')
			buf_char(d->out, '\n');
		buf_fmt(d->out, "%s: %s\n", d->c->name, right);
	}
	if (d->c->how == ALIAS_REMOVE && str_same(buf_get(d->out), text))
		return err_set(d->e, ERR_MISSING,
			       "%s: the alias \"%s\" does not go there",
			       d->file, d->c->name);
	return prove(d);
}

int alias_edit(struct str text, const char *file, const char *domain,
	       const struct alias_rules *r, const struct alias_change *c,
	       struct buf *out, struct err *e)
{
	struct edit d = {
		.file = file,
		.domain = domain,
		.rules = r,
		.c = c,
		.out = out,
		.e = e,
	};
	struct str name = str_of(c->name);
	struct aliases before;
	int rc;

	if (!name.n || !str_same(name, str_trim(name)) || name.at[0] == '#' ||
	    strpbrk(c->name, ":@,\r\n"))
		return err_set(e, ERR_USAGE, "\"%s\" is no name of an alias",
			       c->name);
	rc = alias_parse(text, file, domain, r, &before, e);
	alias_free(&before);
	if (rc)
		return -1;
	d.name = alias_dropped(&d.m, name, r);
	rc = change(&d, text);
	mem_free(&d.m);
	return rc;
}
