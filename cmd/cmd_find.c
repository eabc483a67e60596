/* From the words of a command line to a row of the table. */
#include <string.h>

#include "base/str.h"
#include "cmd/cmd.h"

/* How many of the words the phrase takes, 0 when it is not at their front. */
static size_t matched(const char *phrase, const char *const *words, size_t n)
{
	struct str rest = str_of(phrase), word;
	size_t i = 0;

	while (str_word(&rest, &word))
		if (i == n || !str_eq(word, words[i++]))
			return 0;
	return i;
}

const struct cmd *cmd_exact(const char *const *words, size_t n)
{
	for (size_t i = 0; i < cmd_n; i++)
		if (n && matched(cmd_table[i].phrase, words, n) == n)
			return &cmd_table[i];
	return NULL;
}

bool cmd_is_below(const struct cmd *c, const char *const *words, size_t n)
{
	struct str rest = str_of(c->phrase), word;

	for (size_t i = 0; i < n; i++)
		if (!str_word(&rest, &word) || !str_eq(word, words[i]))
			return false;
	return rest.n > 0;
}

/* The words behind `phrase` in the rows below it: "show, update". */
static const char *below(const char *const *words, size_t n, struct mem *m)
{
	const char *list = NULL;

	for (size_t i = 0; i < cmd_n; i++) {
		const struct cmd *c = &cmd_table[i];
		struct str rest = str_of(c->phrase), word;

		if (!cmd_is_below(c, words, n))
			continue;
		for (size_t k = 0; k <= n; k++)
			str_word(&rest, &word);
		if (list && str_ends(str_of(list), mem_dup(m, word.at, word.n)))
			continue;
		list = list ? mem_fmt(m, "%s, %.*s", list, STR_FMT(word)) :
			      mem_dup(m, word.at, word.n);
	}
	return list;
}

/* The nearest phrase to what was typed: to its first words, as many as a
 * phrase has, or to the verb alone ("renew"). */
static const char *nearest(const char *const *words, size_t n, struct mem *m)
{
	const char *phrases[64], *found = "";
	size_t count = 0;

	for (size_t i = 0; i < cmd_n && count < 64; i++)
		phrases[count++] = cmd_table[i].phrase;
	for (size_t k = n < 3 ? n : 3; k && !*found; k--)
		found = opt_nearest(mem_join(m, words, k, " "), phrases, count,
				    m);
	for (size_t i = 0; i < cmd_n && !*found; i++) {
		const char *verb = strrchr(cmd_table[i].phrase, ' ');

		if (verb && strcmp(verb + 1, words[0]) == 0)
			found = mem_fmt(m, "; did you mean \"%s\"?",
					cmd_table[i].phrase);
	}
	return found;
}

/* A command that also has commands below it ("ssl") may be followed by a
 * mistyped one of these: an argument without a dot is no domain. */
static int check_verb(const struct cmd *c, const char *const *words, size_t n,
		      size_t used, struct err *e)
{
	struct mem m = { 0 };
	const char *rows = below(words, used, &m), *guess;

	if (used == n || !rows || strchr(words[used], '.')) {
		mem_free(&m);
		return 0;
	}
	guess = below(words, used + 1, &m);
	if (guess)
		err_set(e, ERR_USAGE, "\"%s\" needs one of: %s",
			mem_join(&m, words, used + 1, " "), guess);
	else
		err_set(e, ERR_USAGE,
			"\"%s\" is neither a domain nor a command of \"%s\"%s",
			words[used], c->phrase, nearest(words, used + 1, &m));
	mem_free(&m);
	return -1;
}

static void not_found(const char *const *words, size_t n, struct mem *m,
		      struct err *e)
{
	const char *rows = n ? below(words, 1, m) : NULL, *guess;

	if (rows && n == 1) {
		err_set(e, ERR_USAGE, "\"%s\" needs one of: %s", words[0],
			rows);
		return;
	}
	guess = n ? nearest(words, n, m) : "";
	if (!*guess)
		guess = rows ? mem_fmt(m, "; \"%s\" has: %s", words[0], rows) :
			       "; \"opsmail help\" lists them";
	err_set(e, ERR_USAGE, "there is no command \"%s\"%s",
		mem_join(m, words, rows && n > 1 ? 2 : n > 0, " "), guess);
}

const struct cmd *cmd_find(const char *const *words, size_t n, size_t *used,
			   struct err *e)
{
	const struct cmd *found = NULL;
	struct mem m = { 0 };

	*used = 0;
	for (size_t i = 0; i < cmd_n; i++) {
		size_t k = matched(cmd_table[i].phrase, words, n);

		if (k > *used) {
			*used = k;
			found = &cmd_table[i];
		}
	}
	if (found)
		return check_verb(found, words, n, *used, e) ? NULL : found;
	not_found(words, n, &m, e);
	mem_free(&m);
	return NULL;
}

int cmd_args(const struct cmd *c, size_t n, struct err *e)
{
	struct str rest = str_of(c->args), word;
	size_t least = 0, most = 0;

	while (str_word(&rest, &word)) {
		least += word.at[0] != '[';
		most += str_find(word, "...") ? n : 1;
	}
	if (n >= least && n <= most)
		return 0;
	return err_set(e, ERR_USAGE, "%s: opsmail %s%s%s",
		       n < least ? "something is missing" : "that is too much",
		       c->phrase, *c->args ? " " : "", c->args);
}

int cmd_status(enum err_kind kind)
{
	switch (kind) {
	case ERR_NONE:
		return 0;
	case ERR_USAGE:
		return 64;
	case ERR_PENDING:
		return 2;
	case ERR_CHECK:
		return 3;
	case ERR_AUTH:
		return 4;
	case ERR_PARTIAL:
		return 5;
	case ERR_TIMEOUT:
		return 6;
	case ERR_STOPPED:
		return 130;
	case ERR_CONF:
	case ERR_SYS:
	case ERR_TEMP:
	case ERR_PERM:
	case ERR_MISSING:
	case ERR_CHANGED:
		break;
	}
	return 1;
}
