#include "mail/spfmerge.h"

#include <string.h>

enum { TEXT_MAX = 65535 };

static bool next(struct str *rest, struct str *word)
{
	while (str_cut(rest, ' ', word))
		if (word->n)
			return true;
	return false;
}

static struct str without_plus(struct str word)
{
	if (str_starts(word, "+"))
		return (struct str){ word.at + 1, word.n - 1 };
	return word;
}

static bool same(struct str a, struct str b)
{
	return str_samei(without_plus(a), without_plus(b));
}

/* The qualifier of an "all"; 0: it is something else. */
static char all_of(struct str word)
{
	const bool bare = str_eqi(word, "all");
	if (bare)
		return '+';
	if (word.n != 4 || !strchr("+-~?", word.at[0]) ||
	    !str_eqi((struct str){ word.at + 1, 3 }, "all"))
		return 0;
	return word.at[0];
}

static bool is_redirect(struct str word)
{
	return str_starts_i(word, "redirect=");
}

static bool is_end(struct str word)
{
	return all_of(word) || is_redirect(word);
}

/* The word behind which nothing counts: the first "all", else the first
 * redirect (RFC 7208 5.1, 6.1); empty when there is none. */
static struct str end_of(struct str record)
{
	struct str word, redirect = { 0 };
	while (next(&record, &word)) {
		if (all_of(word))
			return word;
		if (is_redirect(word) && !redirect.n)
			redirect = word;
	}
	return redirect;
}

bool spfmerge_has(struct str record, const char *term)
{
	struct str word;
	while (next(&record, &word))
		if (same(word, str_of(term)))
			return true;
	return false;
}

/* What is lacking, joined, and how the terms themselves would end. A text of
 * the list may hold several. */
static const char *lacking(struct str old, const struct conf_list *terms,
			   struct mem *m, const char **end)
{
	const char *all = "";
	*end = "~all";
	for (size_t i = 0; i < terms->n; i++) {
		struct str rest = str_of(terms->at[i]), word;
		while (next(&rest, &word)) {
			const char *term = mem_dup(m, word.at, word.n);
			if (is_end(word))
				*end = term;
			else if (!spfmerge_has(old, term) &&
				 !spfmerge_has(str_of(all), term))
				all = mem_fmt(m, "%s%s ", all, term);
		}
	}
	return all;
}

static int check(struct str text, struct mem *m, struct err *e)
{
	struct spf_record r;
	if (text.n > TEXT_MAX)
		return err_set(e, ERR_PERM, "longer than %d bytes", TEXT_MAX);
	return spf_parse(text, m, &r, e);
}

int spfmerge_add(struct str old, const struct conf_list *terms, struct mem *m,
		 struct str *out, struct err *e)
{
	const struct str base = old.n ? old : STR_LIT("v=spf1");
	const struct str end = end_of(base);
	const char *own_end;
	if (check(base, m, e) < 0)
		return -1;
	*out = old;
	const char *more = lacking(base, terms, m, &own_end);
	if (!*more && old.n)
		return 0;
	size_t head = end.n ? (size_t)(end.at - base.at) : base.n;
	while (!end.n && base.at[head - 1] == ' ')
		head--;
	const struct str tail = { base.at + head, base.n - head };
	*out = str_of(end.n ? mem_fmt(m, "%.*s%s%.*s", (int)head, base.at, more,
				      STR_FMT(tail)) :
			      mem_fmt(m, "%.*s %s%s", (int)head, base.at, more,
				      own_end));
	return check(*out, m, e);
}

/* What has been said so far. */
struct joined {
	struct mem *m;
	const char *terms;
	char all; /* 0: nobody has said yet */
	bool exp; /* a record has one explanation (RFC 7208 6) */
};

static void say(struct joined *j, const char *term)
{
	if (!spfmerge_has(str_of(j->terms), term))
		j->terms = mem_fmt(j->m, "%s %s", j->terms, term);
}

static void ends(struct joined *j, char all)
{
	j->all = j->all && j->all != all ? '~' : all;
}

static void join_one(struct joined *j, struct str record)
{
	struct str word;
	const bool has_all = all_of(end_of(record));
	next(&record, &word);
	while (next(&record, &word)) {
		const char *text = mem_dup(j->m, word.at, word.n);
		if (all_of(word)) {
			ends(j, all_of(word));
			return;
		}
		const bool exp = str_starts_i(word, "exp=");
		if (!is_redirect(word)) {
			if (!exp || !j->exp)
				say(j, text);
			j->exp = j->exp || exp;
		} else if (!has_all) {
			say(j,
			    mem_fmt(j->m, "include:%s", strchr(text, '=') + 1));
			ends(j, '~');
		}
	}
}

int spfmerge_join(const struct str *records, size_t n, struct mem *m,
		  struct str *out, struct err *e)
{
	struct joined j = { .m = m, .terms = "v=spf1" };
	for (size_t i = 0; i < n; i++) {
		if (check(records[i], m, e) < 0)
			return -1;
		join_one(&j, records[i]);
	}
	*out = str_of(mem_fmt(m, "%s %call", j.terms, j.all ? j.all : '~'));
	return 0;
}
