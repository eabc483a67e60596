#include "cmd/complete.h"

#include <string.h>

#include "base/auto.h"
#include "base/str.h"
#include "cmd/cmd.h"

/* The distinct fronts of phrases: "", "ssl", "ssl account", "ssl list" ... */
struct fronts {
	struct str at[4 * 64];
	size_t n;
};

static void add_front(struct fronts *f, struct str front)
{
	for (size_t i = 0; i < f->n; i++)
		if (str_same(f->at[i], front))
			return;
	if (f->n < sizeof(f->at) / sizeof(f->at[0]))
		f->at[f->n++] = front;
}

static void find_fronts(struct fronts *f)
{
	f->n = 0;
	add_front(f, str_of(""));
	for (size_t i = 0; i < cmd_n; i++) {
		const char *phrase = cmd_table[i].phrase;

		for (size_t k = 0; k <= strlen(phrase); k++)
			if (phrase[k] == ' ' || !phrase[k])
				add_front(f, (struct str){ phrase, k });
	}
}

/* The word of the phrase that comes after the front; false: none. */
static bool next_word(const char *phrase, struct str front, struct str *word)
{
	struct str rest = str_of(phrase), begin = { phrase, front.n };

	if (rest.n <= front.n || !str_same(begin, front) ||
	    (front.n && phrase[front.n] != ' '))
		return false;
	rest.at += front.n;
	rest.n -= front.n;
	return str_word(&rest, word);
}

static void next_words(struct buf *out, struct str front)
{
	struct str last = { 0 }, word;

	for (size_t i = 0; i < cmd_n; i++) {
		if (!next_word(cmd_table[i].phrase, front, &word) ||
		    str_same(word, last))
			continue;
		buf_fmt(out, "%s%.*s", last.n ? " " : "", STR_FMT(word));
		last = word;
	}
}

static const struct cmd *row_of(struct str front)
{
	for (size_t i = 0; i < cmd_n; i++)
		if (str_eq(front, cmd_table[i].phrase))
			return &cmd_table[i];
	return NULL;
}

static void option_names(struct buf *out, const struct cmd *c)
{
	struct opt_rows lists[CMD_LISTS] = { cmd_global };
	size_t n = c ? cmd_lists(c, lists) : 1;

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < lists[i].n; k++)
			buf_fmt(out, "%s--%s", i + k ? " " : "",
				lists[i].at[k].name);
}

/* A command's argument that is one of few words. */
static const char *argument_words(const struct cmd *c)
{
	return c && strcmp(c->args, "SHELL") == 0 ? "bash zsh fish" : "";
}

/* "--color) value=choices choices="auto always never" ;;" for what takes a
 * value; a name once, however many rows it has. */
static void value_cases(struct buf *out, const char *indent)
{
	struct mem m = { 0 };
	size_t n;
	const struct opt_rows *all = cmd_every(&m, &n);
	struct fronts seen = { 0 };

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < all[i].n; k++) {
			const struct opt *o = &all[i].at[k];
			size_t before = seen.n;

			add_front(&seen, str_of(o->name));
			if (!o->arg || seen.n == before)
				continue;
			buf_fmt(out, "%s--%s) value=%s choices=\"%s\" ;;\n",
				indent, o->name,
				strcmp(o->arg, "DIR") == 0 ? "dir" : "choices",
				o->words ? o->words : "");
		}
	mem_free(&m);
}

/* The cases that bash and zsh have in common: what may follow each front. */
static void front_cases(struct buf *out, const char *indent)
{
	struct fronts f;

	find_fronts(&f);
	for (size_t i = 0; i < f.n; i++) {
		const struct cmd *c = row_of(f.at[i]);

		buf_fmt(out, "%s\"%.*s\") next=\"", indent, STR_FMT(f.at[i]));
		next_words(out, f.at[i]);
		buf_str(out, argument_words(c));
		buf_str(out, "\" options=\"");
		option_names(out, c);
		buf_str(out, "\" ;;\n");
	}
}

static void bash(struct buf *out)
{
	buf_str(out,
		"# bash completion of opsmail; made by: opsmail completion bash\n"
		"_opsmail_value() {\n"
		"\tvalue= choices=\n"
		"\tcase $1 in\n");
	value_cases(out, "\t");
	buf_str(out, "\tesac\n"
		     "}\n"
		     "_opsmail_next() {\n"
		     "\tnext= options=\n"
		     "\tcase $1 in\n");
	front_cases(out, "\t");
	buf_str(out,
		"\t*) return 1 ;;\n"
		"\tesac\n"
		"}\n"
		"_opsmail() {\n"
		"\tlocal cur=${COMP_WORDS[COMP_CWORD]} i word front= value "
		"choices next options\n"
		"\tlocal prev=${COMP_WORDS[COMP_CWORD-1]}\n"
		"\tCOMPREPLY=()\n"
		"\t# bash splits --color=al at the equals sign.\n"
		"\tif [ \"$cur\" = = ]; then\n"
		"\t\tcur=\n"
		"\telif [ \"$prev\" = = ]; then\n"
		"\t\tprev=${COMP_WORDS[COMP_CWORD-2]}\n"
		"\tfi\n"
		"\t_opsmail_value \"$prev\"\n"
		"\tcase $value in\n"
		"\tdir) COMPREPLY=($(compgen -d -- \"$cur\")); return ;;\n"
		"\tchoices) COMPREPLY=($(compgen -W \"$choices\" -- \"$cur\")); "
		"return ;;\n"
		"\tesac\n"
		"\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
		"\t\tword=${COMP_WORDS[i]}\n"
		"\t\t_opsmail_value \"$word\"\n"
		"\t\tif [ -n \"$value\" ]; then\n"
		"\t\t\ti=$((i + 1))\n"
		"\t\t\t[ \"${COMP_WORDS[i]}\" != = ] || i=$((i + 1))\n"
		"\t\telif [ \"${word#-}\" = \"$word\" ] &&\n"
		"\t\t\t_opsmail_next \"${front:+$front }$word\"; then\n"
		"\t\t\tfront=${front:+$front }$word\n"
		"\t\tfi\n"
		"\tdone\n"
		"\t_opsmail_next \"$front\"\n"
		"\t[ \"${cur#-}\" = \"$cur\" ] || next=$options\n"
		"\tCOMPREPLY=($(compgen -W \"$next\" -- \"$cur\"))\n"
		"}\n"
		"complete -o default -F _opsmail opsmail\n");
}

static void zsh(struct buf *out)
{
	buf_str(out, "#compdef opsmail\n"
		     "# zsh completion of opsmail; made by: opsmail completion "
		     "zsh\n"
		     "_opsmail_value() {\n"
		     "\tvalue= choices=\n"
		     "\tcase $1 in\n");
	value_cases(out, "\t");
	buf_str(out, "\tesac\n"
		     "}\n"
		     "_opsmail_next() {\n"
		     "\tnext= options=\n"
		     "\tcase $1 in\n");
	front_cases(out, "\t");
	buf_str(out, "\t*) return 1 ;;\n"
		     "\tesac\n"
		     "}\n"
		     "_opsmail() {\n"
		     "\tlocal i word front= value choices next options\n"
		     "\tlocal -a typed=(\"${(@)words}\")\n"
		     "\tlocal at=$CURRENT\n"
		     "\tif [[ ${typed[at]} == --*=* ]]; then\n"
		     "\t\t_opsmail_value \"${typed[at]%%=*}\"\n"
		     "\t\tcompset -P '*='\n"
		     "\telse\n"
		     "\t\t_opsmail_value \"${typed[at-1]}\"\n"
		     "\tfi\n"
		     "\tcase $value in\n"
		     "\tdir) _files -/; return ;;\n"
		     "\tchoices) compadd -- ${=choices}; return ;;\n"
		     "\tesac\n"
		     "\tfor ((i = 2; i < at; i++)); do\n"
		     "\t\tword=${typed[i]}\n"
		     "\t\t_opsmail_value \"$word\"\n"
		     "\t\tif [[ -n $value ]]; then\n"
		     "\t\t\t((i++))\n"
		     "\t\telif [[ $word != -* ]] && _opsmail_next "
		     "\"${front:+$front }$word\"; then\n"
		     "\t\t\tfront=\"${front:+$front }$word\"\n"
		     "\t\tfi\n"
		     "\tdone\n"
		     "\t_opsmail_next \"$front\"\n"
		     "\tif [[ ${typed[at]} == -* ]]; then\n"
		     "\t\tcompadd -- ${=options}\n"
		     "\telif [[ -n $next ]]; then\n"
		     "\t\tcompadd -- ${=next}\n"
		     "\telse\n"
		     "\t\t_files\n"
		     "\tfi\n"
		     "}\n"
		     "if [[ $zsh_eval_context[-1] == loadautofunc ]]; then\n"
		     "\t_opsmail \"$@\"\n"
		     "else\n"
		     "\tcompdef _opsmail opsmail\n"
		     "fi\n");
}

/* fish quotes with ', and has no use for a backslash in our texts. */
static void fish_text(struct buf *out, const char *text)
{
	buf_char(out, '\'');
	for (; *text; text++)
		buf_fmt(out, *text == '\'' ? "\\%c" : "%c", *text);
	buf_char(out, '\'');
}

static void fish_option(struct buf *out, const char *phrase,
			const struct opt *o)
{
	buf_str(out, "complete -c opsmail");
	if (*phrase)
		buf_fmt(out, " -n '__opsmail_at \"%s\"'", phrase);
	if (o->letter)
		buf_fmt(out, " -s %c", o->letter);
	buf_fmt(out, " -l %s", o->name);
	if (o->arg && strcmp(o->arg, "DIR") == 0)
		buf_str(out, " -xa '(__fish_complete_directories)'");
	else if (o->arg)
		buf_fmt(out, " -xa '%s'", o->words ? o->words : "");
	buf_str(out, " -d ");
	fish_text(out, o->help);
	buf_char(out, '\n');
}

static void fish_front(struct buf *out, struct str front)
{
	const struct cmd *c = row_of(front);
	struct opt_rows lists[CMD_LISTS];
	size_t n = c ? cmd_lists(c, lists) : 0;
	struct buf words = { 0 };

	next_words(&words, front);
	buf_str(&words, argument_words(c));
	if (words.n)
		buf_fmt(out,
			"complete -c opsmail -f -n '__opsmail_at \"%.*s\"' "
			"-a '%s'\n",
			STR_FMT(front), buf_c(&words));
	buf_free(&words);
	for (size_t i = 0; i + 1 < n; i++)
		for (size_t k = 0; k < lists[i].n; k++)
			fish_option(out, c->phrase, &lists[i].at[k]);
}

static void fish(struct buf *out)
{
	struct fronts f;

	buf_str(out,
		"# fish completion of opsmail; made by: opsmail completion fish\n"
		"# The longest front of a command that was typed is $argv[1].\n"
		"function __opsmail_at\n"
		"\tset -l typed (commandline -opc)\n"
		"\tset -l front\n"
		"\tfor word in $typed[2..-1]\n"
		"\t\tstring match -q -- '-*' $word; and continue\n"
		"\t\tset -l longer (string join ' ' $front $word)\n"
		"\t\tcontains -- $longer $__opsmail_fronts; or continue\n"
		"\t\tset front $longer\n"
		"\tend\n"
		"\ttest \"$front\" = \"$argv[1]\"\n"
		"end\n"
		"set -g __opsmail_fronts");
	find_fronts(&f);
	for (size_t i = 1; i < f.n; i++)
		buf_fmt(out, " '%.*s'", STR_FMT(f.at[i]));
	buf_char(out, '\n');
	for (size_t i = 0; i < cmd_global.n; i++)
		fish_option(out, "", &cmd_global.at[i]);
	for (size_t i = 0; i < f.n; i++)
		fish_front(out, f.at[i]);
}

int complete_script(const char *shell, struct buf *out, struct err *e)
{
	static const struct {
		const char *name;
		void (*print)(struct buf *out);
	} shells[] = { { "bash", bash }, { "zsh", zsh }, { "fish", fish } };

	for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]); i++)
		if (strcmp(shells[i].name, shell) == 0) {
			shells[i].print(out);
			return 0;
		}
	return err_set(e, ERR_USAGE,
		       "there is no completion for \"%s\": bash, zsh and fish "
		       "are known",
		       shell);
}

int cmd_completion(struct call *c, struct err *e)
{
	AUTO(buf) struct buf script = { 0 };

	if (complete_script(c->args[0], &script, e))
		return -1;
	out_text(c->out, buf_c(&script));
	out_object(c->out,
		   json_pack("{s:s, s:s, s:s}", "type", "completion", "shell",
			     c->args[0], "text", buf_c(&script)));
	return 0;
}
