/* opsmail: finds the command's row, reads the options and, when the row needs
 * it, the configuration; runs it; prints the one error sentence; ends. Nothing
 * else in the program exits. */
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/stop.h"
#include "cmd/cmd.h"
#include "cmd/util.h"
#include "host/example.h"

/* With stdout closed, the next file opened would be taken for it. A descriptor
 * that cannot be written makes the results fail as they should. */
static void fill_streams(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDONLY) < 0)
			_exit(1);
}

/* Widths of characters are needed for tables in any locale; whether glyphs may
 * be printed is the terminal's matter. */
static bool is_utf8(void)
{
	setlocale(LC_CTYPE, "");
	if (strcmp(nl_langinfo(CODESET), "UTF-8") == 0)
		return true;
	setlocale(LC_CTYPE, "C.UTF-8");
	return false;
}

/* A command line that is wrong elsewhere may still ask for JSON. */
static bool wants_json(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--json") == 0)
			return true;
	return false;
}

static struct out *open_out(int argc, char **argv, const struct opts *o)
{
	const char *color = opt_text(o, "color");
	struct out_how how = {
		.json = wants_json(argc, argv),
		.quiet = opt_flag(o, "quiet"),
		.yes = opt_flag(o, "yes"),
		.utf8 = is_utf8(),
	};

	if (color && strcmp(color, "auto") != 0)
		how.color = *color == 'a' ? OUT_ALWAYS : OUT_NEVER;
	return out_open(&how, STDOUT_FILENO, STDERR_FILENO);
}

static enum log_level level(const struct opts *o)
{
	switch (opt_count(o, "verbose")) {
	case 0:
		return opt_flag(o, "quiet") ? LOG_QUIET : LOG_NORMAL;
	case 1:
		return LOG_REASON;
	default:
		return LOG_WIRE;
	}
}

/* The first run: a configuration to edit, and no work without it. */
static int make_conf(struct call *c, struct err *e)
{
	const char *edit;

	if (example_create(c->dir, &c->mem, &edit, e))
		return -1;
	out_line(c->out, "PLEASE EDIT %s", edit);
	out_object(c->out, json_pack("{s:s, s:s, s:o}", "type", "edit", "text",
				     "PLEASE EDIT", "file", out_utf8(edit)));
	return err_set(e, ERR_CONF,
		       "there was no configuration in %s; an example is there "
		       "now: edit it and run this again",
		       c->dir);
}

static int read_conf(struct call *c, struct err *e)
{
	if (c->cmd->need == NEED_NOTHING)
		return 0;
	if (conf_find(opt_text(&c->opts, "conf"), &c->mem, &c->dir, e))
		return -1;
	if (c->cmd->need == NEED_FOLDER)
		return 0;
	if (conf_read(c->dir, c->conf, e) == 0)
		return 0;
	return e->kind == ERR_MISSING ? make_conf(c, e) : -1;
}

/* How many of the words name a command or a noun: its arguments are nothing to
 * explain, but a word that is neither is told. */
static size_t explained(const struct opts *o)
{
	for (size_t n = o->words_n; n > 1; n--) {
		if (cmd_exact(o->words, n))
			return n;
		for (size_t i = 0; i < cmd_n; i++)
			if (cmd_is_below(&cmd_table[i], o->words, n))
				return n;
	}
	return o->words_n > 0;
}

/* --help and --version turn any command line into a question about it. */
static int find_row(struct call *c, struct err *e)
{
	static const char *const help = "help", *const version = "version";
	const struct opts *o = &c->opts;
	size_t used = 0;

	if (opt_flag(o, "version"))
		c->cmd = cmd_exact(&version, 1);
	else if (opt_flag(o, "help") || !o->words_n)
		c->cmd = cmd_exact(&help, 1);
	else
		c->cmd = cmd_find(o->words,
				  o->free_words ? o->free_words : o->words_n,
				  &used, e);
	c->args = o->words + used;
	c->args_n = o->words_n - used;
	if (opt_flag(o, "version"))
		c->args_n = 0;
	else if (opt_flag(o, "help"))
		c->args_n = explained(o);
	return c->cmd ? 0 : -1;
}

static int run(struct call *c, struct err *e)
{
	struct opt_rows lists[CMD_LISTS];

	if (find_row(c, e))
		return -1;
	if (!opt_flag(&c->opts, "help") && !opt_flag(&c->opts, "version") &&
	    (opt_allow(&c->opts, lists, cmd_lists(c->cmd, lists),
		       c->cmd->phrase, e) ||
	     cmd_args(c->cmd, c->args_n, e)))
		return -1;
	if (read_conf(c, e))
		return -1;
	return c->cmd->run(c, e);
}

/* A symlink of another program's name is that program. */
static bool is_called(int argc, char **argv, const char *name)
{
	const char *slash = argc ? strrchr(argv[0], '/') : NULL;

	return argc && strcmp(slash ? slash + 1 : argv[0], name) == 0;
}

static int run_opsmail(int argc, char **argv)
{
	struct conf conf = { 0 };
	struct call c = { .conf = &conf };
	struct err e = { 0 };
	size_t lists;
	const struct opt_rows *every = cmd_every(&c.mem, &lists);
	int status, bad;

	(void)signal(SIGPIPE, SIG_IGN); /* writers learn it from write() */
	stop_install();
	bad = opt_parse(argc, argv, every, lists, &c.mem, &c.opts, &e);
	c.out = open_out(argc, argv, &c.opts);
	log_set(level(&c.opts));
	bad = bad || run(&c, &e) || out_failed(c.out, &e);
	status = bad ? cmd_status(e.kind) : 0;
	if (bad && *e.msg)
		out_error(c.out, NULL, &e, status);
	out_close(c.out);
	conf_free(&conf);
	mem_free(&c.mem);
	return status;
}

int main(int argc, char **argv)
{
	fill_streams();
	return is_called(argc, argv, "chasquid-util") ? util_main(argc, argv) :
							run_opsmail(argc, argv);
}
