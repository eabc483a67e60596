#include "cmd/help.h"

#include <string.h>

#include "base/auto.h"
#include "base/str.h"

enum { WIDTH = 80, LEFT = 28 };

/* Every noun has a place; tests/unit/cmd_help.c holds it. */
static const struct {
	const char *title, *nouns;
} groups[] = {
	{ "Certificates", "ssl cron" },
	{ "DNS", "dns rdns" },
	{ "DKIM", "dkim" },
	{ "Users and aliases", "user alias" },
	{ "Configuration", "conf" },
	{ "opsmail itself", "completion help version" },
};

static bool in_group(const struct cmd *c, const char *nouns)
{
	struct str phrase = str_of(c->phrase), rest = str_of(nouns), noun, word;

	str_word(&phrase, &noun);
	while (str_word(&rest, &word))
		if (str_same(noun, word))
			return true;
	return false;
}

/* "  left          right", the right side wrapped into its column. */
static void two_columns(struct buf *out, const char *left, const char *right)
{
	struct str rest = str_of(right), word;
	size_t at = strlen(left);

	buf_str(out, left);
	if (at + 2 > LEFT) {
		buf_char(out, '\n');
		at = 0;
	}
	buf_fmt(out, "%*s", (int)(LEFT - at), "");
	at = LEFT;
	while (str_word(&rest, &word)) {
		if (at > LEFT && at + 1 + word.n > WIDTH) {
			buf_fmt(out, "\n%*s", LEFT, "");
			at = LEFT;
		} else if (at > LEFT) {
			buf_char(out, ' ');
			at++;
		}
		buf_view(out, word);
		at += word.n;
	}
	buf_char(out, '\n');
}

static void command_line(struct buf *out, const struct cmd *c)
{
	struct mem m = { 0 };

	two_columns(out,
		    mem_fmt(&m, "  %s%s%s", c->phrase, *c->args ? " " : "",
			    c->args),
		    c->about);
	mem_free(&m);
}

static void option_line(struct buf *out, const struct opt *o)
{
	struct mem m = { 0 };
	const char *letter = o->letter ? mem_fmt(&m, "-%c,", o->letter) : "   ";

	two_columns(out,
		    mem_fmt(&m, "  %s --%s%s%s", letter, o->name,
			    o->arg ? " " : "", o->arg ? o->arg : ""),
		    o->words && !str_find(str_of(o->help), "auto") ?
			    mem_fmt(&m, "%s (%s)", o->help, o->words) :
			    o->help);
	mem_free(&m);
}

static void options(struct buf *out, const char *title,
		    const struct opt_rows *lists, size_t n)
{
	if (n)
		buf_fmt(out, "\n%s:\n", title);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < lists[i].n; k++)
			option_line(out, &lists[i].at[k]);
}

static void all(struct buf *out)
{
	buf_str(out, "opsmail " OPSMAIL_VERSION
		     ": certificates, DNS and mail of your own machine\n\n"
		     "Usage: opsmail COMMAND [ARGUMENT...] [OPTION...]\n");
	for (size_t g = 0; g < sizeof(groups) / sizeof(groups[0]); g++) {
		buf_fmt(out, "\n%s:\n", groups[g].title);
		for (size_t i = 0; i < cmd_n; i++)
			if (in_group(&cmd_table[i], groups[g].nouns))
				command_line(out, &cmd_table[i]);
	}
	options(out, "Options of every command", &cmd_global, 1);
	buf_str(out, "\nopsmail help COMMAND explains one; opsmail(1) and "
		     "opsmail.yaml(5) tell all.\n");
}

static void one(struct buf *out, const struct cmd *c)
{
	struct opt_rows lists[CMD_LISTS];
	size_t n = cmd_lists(c, lists);

	buf_fmt(out, "Usage: opsmail %s%s%s [OPTION...]\n\nTo %s.\n", c->phrase,
		*c->args ? " " : "", c->args, c->about);
	if (c->more)
		buf_fmt(out, "\n%s", c->more);
	options(out, "Options", lists, n - 1);
	options(out, "Options of every command", &lists[n - 1], 1);
}

static void noun(struct buf *out, const char *const *words, size_t n)
{
	buf_str(out, "Usage: opsmail");
	for (size_t i = 0; i < n; i++)
		buf_fmt(out, " %s", words[i]);
	buf_str(out, " COMMAND [OPTION...]\n\n");
}

int help_text(const char *const *words, size_t n, struct buf *out,
	      struct err *e)
{
	const struct cmd *exact = cmd_exact(words, n);
	size_t used, before;

	if (!n) {
		all(out);
		return 0;
	}
	if (exact)
		one(out, exact);
	before = out->n;
	if (exact)
		buf_str(out, "\nBelow it:\n");
	else
		noun(out, words, n);
	used = out->n;
	for (size_t i = 0; i < cmd_n; i++)
		if (cmd_is_below(&cmd_table[i], words, n))
			command_line(out, &cmd_table[i]);
	if (out->n > used)
		return 0;
	buf_cut(out, before);
	if (exact)
		return 0;
	return cmd_find(words, n, &used, e) ?
		       err_set(e, ERR_USAGE, "\"%s\" is no command",
			       words[n - 1]) :
		       -1;
}

static void option_rows(struct buf *out, const char *phrase,
			const struct opt_rows *rows)
{
	for (size_t i = 0; i < rows->n; i++) {
		const struct opt *o = &rows->at[i];

		buf_fmt(out, "option\t%s\t", phrase);
		if (o->letter)
			buf_fmt(out, "-%c", o->letter);
		buf_fmt(out, "\t--%s\t%s\t%s\n", o->name, o->arg ? o->arg : "",
			o->help);
	}
}

void help_rows(struct buf *out)
{
	for (size_t i = 0; i < cmd_n; i++) {
		const struct cmd *c = &cmd_table[i];
		struct opt_rows lists[CMD_LISTS];
		size_t n = cmd_lists(c, lists);

		buf_fmt(out, "command\t%s\t%s\t%s\n", c->phrase, c->args,
			c->about);
		for (size_t k = 0; k + 1 < n; k++)
			option_rows(out, c->phrase, &lists[k]);
	}
	option_rows(out, "", &cmd_global);
}

json_t *help_json(const struct cmd *c)
{
	struct opt_rows lists[CMD_LISTS];
	size_t n = cmd_lists(c, lists);
	json_t *given = json_array();

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < lists[i].n; k++) {
			const struct opt *o = &lists[i].at[k];

			json_array_append_new(
				given,
				json_pack("{s:s, s:s?, s:s}", "name", o->name,
					  "arg", o->arg, "help", o->help));
		}
	return json_pack("{s:s, s:s, s:s, s:s, s:o}", "type", "command",
			 "phrase", c->phrase, "args", c->args, "about",
			 c->about, "options", given);
}

static void objects(struct call *c)
{
	for (size_t i = 0; i < cmd_n; i++)
		if (!c->args_n ||
		    cmd_exact(c->args, c->args_n) == &cmd_table[i] ||
		    cmd_is_below(&cmd_table[i], c->args, c->args_n))
			out_object(c->out, help_json(&cmd_table[i]));
}

int cmd_help(struct call *c, struct err *e)
{
	AUTO(buf) struct buf text = { 0 };

	if (opt_flag(&c->opts, "rows"))
		help_rows(&text);
	else if (help_text(c->args, c->args_n, &text, e))
		return -1;
	out_text(c->out, buf_c(&text));
	if (out_json(c->out))
		objects(c);
	return 0;
}

int cmd_version(struct call *c, struct err *e)
{
	(void)e;
	out_line(c->out, "opsmail " OPSMAIL_VERSION);
	out_object(c->out, json_pack("{s:s, s:s}", "type", "program", "version",
				     OPSMAIL_VERSION));
	return 0;
}
