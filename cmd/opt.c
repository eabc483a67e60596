#include "cmd/opt.h"

#include <string.h>

#include "base/str.h"

static const struct opt *by_name(const struct opt_rows *rows, size_t n,
				 struct str name)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < rows[i].n; k++)
			if (str_eq(name, rows[i].at[k].name))
				return &rows[i].at[k];
	return NULL;
}

static const struct opt *by_letter(const struct opt_rows *rows, size_t n,
				   char letter)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < rows[i].n; k++)
			if (rows[i].at[k].letter == letter)
				return &rows[i].at[k];
	return NULL;
}

const char *opt_nearest(const char *word, const char *const *words, size_t n,
			struct mem *m)
{
	unsigned best = (unsigned)(strlen(word) + 1) / 3 + 1;
	const char *found = NULL;

	for (size_t i = 0; i < n; i++) {
		unsigned d = str_distance(str_of(word), str_of(words[i]), best);

		if (d < best && d < strlen(words[i])) {
			best = d;
			found = words[i];
		}
	}
	return found ? mem_fmt(m, "; did you mean \"%s\"?", found) : "";
}

static const char *nearest_option(const char *typed,
				  const struct opt_rows *rows, size_t n,
				  struct mem *m)
{
	const char **names = NULL;
	size_t names_n = 0, room = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < rows[i].n; k++) {
			names = mem_more(m, names, &room, names_n,
					 sizeof(*names));
			names[names_n++] =
				mem_fmt(m, "--%s", rows[i].at[k].name);
		}
	return opt_nearest(typed, names, names_n, m);
}

/* Where the parser is in argv. */
struct walk {
	char *const *argv;
	int argc, i;
	const struct opt_rows *rows;
	size_t n;
	struct mem *m;
	struct opts *out;
};

static void add_word(struct walk *w, const char *word)
{
	struct opts *o = w->out;

	o->words = mem_more(w->m, o->words, &o->words_room, o->words_n,
			    sizeof(*o->words));
	o->words[o->words_n++] = word;
}

static int check_value(const struct walk *w, const struct opt *row,
		       const char *value, struct err *e)
{
	struct str words = str_of(row->words), word;
	const char **list = NULL;
	size_t n = 0, room = 0;

	if (!row->words)
		return 0;
	while (str_word(&words, &word)) {
		if (str_eq(word, value))
			return 0;
		list = mem_more(w->m, list, &room, n, sizeof(*list));
		list[n++] = mem_dup(w->m, word.at, word.n);
	}
	return err_set(e, ERR_USAGE, "--%s cannot be \"%s\"%s (one of: %s)",
		       row->name, value, opt_nearest(value, list, n, w->m),
		       row->words);
}

static int give(struct walk *w, const struct opt *row, const char *value,
		struct err *e)
{
	struct opts *o = w->out;

	if (value && check_value(w, row, value, e))
		return -1;
	o->at = mem_more(w->m, o->at, &o->room, o->n, sizeof(*o->at));
	o->at[o->n++] = (struct opt_given){ row, value };
	return 0;
}

/* The value is the rest of this argument or the next one. A next one that
 * begins with "--" is rather an option whose neighbour was forgotten. */
static int give_valued(struct walk *w, const struct opt *row, const char *rest,
		       struct err *e)
{
	if (rest)
		return give(w, row, rest, e);
	if (w->i + 1 >= w->argc || str_starts(str_of(w->argv[w->i + 1]), "--"))
		return err_set(e, ERR_USAGE, "--%s needs a value: --%s %s",
			       row->name, row->name, row->arg);
	return give(w, row, w->argv[++w->i], e);
}

static int long_option(struct walk *w, struct err *e)
{
	struct str typed = str_of(w->argv[w->i] + 2);
	const char *eq = memchr(typed.at, '=', typed.n);
	const struct opt *row;

	if (eq)
		typed.n = (size_t)(eq - typed.at);
	row = by_name(w->rows, w->n, typed);
	if (!row) {
		const char *name = mem_fmt(w->m, "--%.*s", STR_FMT(typed));

		return err_set(e, ERR_USAGE, "there is no option %s%s", name,
			       nearest_option(name, w->rows, w->n, w->m));
	}
	if (row->arg)
		return give_valued(w, row, eq ? eq + 1 : NULL, e);
	if (eq)
		return err_set(e, ERR_USAGE, "--%s takes no value", row->name);
	return give(w, row, NULL, e);
}

/* "-qv", "-vv", "-cVALUE": letters until one takes the rest as its value. */
static int letters(struct walk *w, struct err *e)
{
	for (const char *at = w->argv[w->i] + 1; *at; at++) {
		const struct opt *row = by_letter(w->rows, w->n, *at);

		if (!row)
			return err_set(e, ERR_USAGE,
				       "there is no option -%c; "
				       "\"opsmail --help\" lists them",
				       *at);
		if (row->arg)
			return give_valued(w, row, at[1] ? at + 1 : NULL, e);
		if (give(w, row, NULL, e))
			return -1;
	}
	return 0;
}

int opt_parse(int argc, char *const argv[], const struct opt_rows *rows,
	      size_t n, struct mem *m, struct opts *out, struct err *e)
{
	struct walk w = { argv, argc, 1, rows, n, m, out };
	bool ended = false;

	*out = (struct opts){ 0 };
	for (; w.i < argc; w.i++) {
		const char *a = argv[w.i];
		int bad = 0;

		if (!ended && strcmp(a, "--") == 0) {
			ended = true;
			out->free_words = out->words_n;
		} else if (ended || a[0] != '-' || !a[1]) {
			add_word(&w, a);
		} else {
			bad = a[1] == '-' ? long_option(&w, e) : letters(&w, e);
		}
		if (bad)
			return -1;
	}
	if (!ended)
		out->free_words = out->words_n;
	return 0;
}

int opt_allow(const struct opts *o, const struct opt_rows *rows, size_t n,
	      const char *of, struct err *e)
{
	for (size_t i = 0; i < o->n; i++) {
		const struct opt *row = o->at[i].row;

		if (!by_name(rows, n, str_of(row->name)))
			return err_set(e, ERR_USAGE,
				       "\"opsmail %s\" has no option --%s; see "
				       "\"opsmail %s --help\"",
				       of, row->name, of);
	}
	return 0;
}

size_t opt_count(const struct opts *o, const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < o->n; i++)
		n += strcmp(o->at[i].row->name, name) == 0;
	return n;
}

bool opt_flag(const struct opts *o, const char *name)
{
	return opt_count(o, name) > 0;
}

const char *opt_text(const struct opts *o, const char *name)
{
	size_t n = opt_count(o, name);

	return n ? opt_nth(o, name, n - 1) : NULL;
}

const char *opt_nth(const struct opts *o, const char *name, size_t i)
{
	for (size_t k = 0; k < o->n; k++)
		if (strcmp(o->at[k].row->name, name) == 0 && i-- == 0)
			return o->at[k].value;
	return NULL;
}

int opt_num(const struct opts *o, const char *name, uint64_t max, uint64_t *n,
	    struct err *e)
{
	const char *text = opt_text(o, name);

	if (!text || str_num(str_of(text), max, n) == 0)
		return 0;
	return err_set(e, ERR_USAGE,
		       "--%s cannot be \"%s\": a number up to %llu is needed",
		       name, text, (unsigned long long)max);
}
