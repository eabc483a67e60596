#include "conf/env.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/log.h"
#include "base/proc.h"

enum {
	DUMP_MAX = 4 << 20,
	VARS_MAX = 4096,
	VALUES_MAX = 65536,
	LIMIT_MS = 10000,
	BAD_SYNTAX = 64
};

/* The file is sourced at the top level: in a function `declare` would make
 * locals. Its stdout is our stderr, so that an echo does no harm. The dump
 * runs in the EXIT trap, so that `exit` in the file does none either. For some
 * syntax errors `bash -n` ends with 0: what it says counts too. */
static const char wrapper[] =
	"exec {__opsmail_out}>&1 1>&2\n"
	"__opsmail_e=$(\"$BASH\" --norc --noprofile -n -- \"$1\" 2>&1)\n"
	"[[ $? == 0 && $__opsmail_e != *\": line \"* ]] || {\n"
	" builtin printf '%s\\n' \"$__opsmail_e\" >&2; builtin exit 64; }\n"
	"__opsmail_one() {\n"
	" builtin local -n __opsmail_r=$1\n"
	" builtin local __opsmail_k=${__opsmail_r@a}\n"
	" ((${#__opsmail_r[@]})) || builtin return 0\n"
	" [[ \"${!__opsmail_r[*]}\" == 0 ]] || __opsmail_k+=a\n"
	" builtin printf '%s\\0' \"$1\" \"$__opsmail_k\" \\\n"
	"  \"${#__opsmail_r[@]}\" \"${__opsmail_r[@]}\" >&\"$__opsmail_out\"\n"
	"}\n"
	"__opsmail_dump() {\n"
	" builtin local __opsmail_s=$? __opsmail_n IFS=$' \\t\\n'\n"
	" builtin set +efuvx\n"
	" for __opsmail_n in $(builtin compgen -v); do\n"
	"  [[ $__opsmail_n == __opsmail* ]] || __opsmail_one \"$__opsmail_n\"\n"
	" done\n"
	" builtin printf '\\0%s\\0' \"$__opsmail_s\" >&\"$__opsmail_out\"\n"
	"}\n"
	"__opsmail_dump\n"
	"builtin trap __opsmail_dump EXIT\n"
	"builtin source \"$1\" \"$2\"\n"
	"builtin exit 0\n";

/* What bash sets and moves by itself. */
static bool is_bash_own(const char *name)
{
	static const char *const own[] = {
		"_",        "BASH",          "BASHOPTS",
		"BASHPID",  "COLUMNS",       "COMP_WORDBREAKS",
		"DIRSTACK", "EPOCHREALTIME", "EPOCHSECONDS",
		"EUID",     "FUNCNAME",      "GROUPS",
		"HISTCMD",  "HOME",          "HOSTTYPE",
		"IFS",      "LANG",          "LINENO",
		"LINES",    "MACHTYPE",      "OLDPWD",
		"OPTARG",   "OPTERR",        "OPTIND",
		"OSTYPE",   "PATH",          "PIPESTATUS",
		"PPID",     "PS4",           "PWD",
		"RANDOM",   "REPLY",         "SECONDS",
		"SHELL",    "SHELLOPTS",     "SHLVL",
		"SRANDOM",  "TERM",          "UID",
		"COPROC",   "MAPFILE",
	};

	if (!strncmp(name, "BASH_", 5))
		return true;
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (!strcmp(own[i], name))
			return true;
	return false;
}

/* A field ends with a NUL: cut off, it is no field. */
static bool field(struct str *s, struct str *out)
{
	return memchr(s->at, 0, s->n) && str_cut(s, '\0', out);
}

static bool read_values(struct str *s, uint64_t n, struct mem *m,
			struct conf_list *out)
{
	for (uint64_t i = 0; i < n; i++) {
		struct str v;

		if (!s->n || !field(s, &v))
			return false;
		conf_list_add(out, m, mem_dup(m, v.at, v.n));
	}
	return true;
}

/* One list of variables with its end mark. */
static bool read_part(struct str *s, struct mem *m, struct env *out,
		      uint64_t *status)
{
	struct str name, flags, count;
	uint64_t n;

	while (s->n && field(s, &name)) {
		struct env_var *v;

		if (!s->n || !field(s, &flags))
			return false;
		if (!name.n)
			return !str_num(flags, 255, status);
		if (out->n == VARS_MAX || !s->n || !field(s, &count) ||
		    str_num(count, VALUES_MAX, &n))
			return false;
		out->at = mem_more(m, out->at, &out->room, out->n,
				   sizeof(*out->at));
		v = &out->at[out->n++];
		*v = (struct env_var){
			.name = mem_dup(m, name.at, name.n),
			.list = flags.n && (memchr(flags.at, 'a', flags.n) ||
					    memchr(flags.at, 'A', flags.n)),
			.exported = flags.n && memchr(flags.at, 'x', flags.n),
		};
		if (!read_values(s, n, m, &v->values))
			return false;
	}
	return false;
}

const struct env_var *env_find(const struct env *v, const char *name)
{
	for (size_t i = 0; i < v->n; i++)
		if (!strcmp(v->at[i].name, name))
			return &v->at[i];
	return NULL;
}

static bool same_value(const struct env_var *a, const struct env_var *b)
{
	if (!a || !b || a->values.n != b->values.n)
		return false;
	for (size_t i = 0; i < a->values.n; i++)
		if (strcmp(a->values.at[i], b->values.at[i]))
			return false;
	return true;
}

int env_parse(struct str dump, struct mem *m, struct env *out, int *status,
	      struct err *e)
{
	struct env before = { 0 }, after = { 0 };
	uint64_t first, last;

	if (!read_part(&dump, m, &before, &first) ||
	    !read_part(&dump, m, &after, &last))
		return err_set(e, ERR_CONF, "bash did not say what it set");
	for (size_t i = 0; i < after.n; i++) {
		const struct env_var *v = &after.at[i];

		if (is_bash_own(v->name) || !v->values.n ||
		    same_value(v, env_find(&before, v->name)))
			continue;
		out->at = mem_more(m, out->at, &out->room, out->n,
				   sizeof(*out->at));
		out->at[out->n++] = *v;
	}
	*status = (int)last;
	return 0;
}

static const char *find_bash(void)
{
	static const char *const paths[] = { "/bin/bash", "/usr/bin/bash",
					     "/usr/local/bin/bash" };

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (!access(paths[i], X_OK))
			return paths[i];
	return NULL;
}

/* "PATH: line N: SENTENCE" of bash as "FILE:N: SENTENCE"; NULL when the line
 * is something else. */
static const char *bash_said(struct str line, const char *path,
			     const char *file, struct mem *m)
{
	struct str number;
	uint64_t n;

	if (!str_starts(line, path))
		return NULL;
	line.at += strlen(path);
	line.n -= strlen(path);
	if (!str_starts(line, ": line "))
		return NULL;
	line.at += 7;
	line.n -= 7;
	if (!str_cut(&line, ':', &number) || str_num(number, 1 << 30, &n))
		return NULL;
	return mem_fmt(m, "%s:%d: %.*s", file, (int)n, STR_FMT(str_trim(line)));
}

/* What is wrong by bash's own words: the first of them, or of the unknown
 * commands alone ("Ali_Key = x" is one). Other words go to the log. */
static const char *complaint(struct str said, const char *path,
			     const char *file, bool any, struct mem *m)
{
	struct str line;

	while (str_line(&said, &line)) {
		const char *text = bash_said(line, path, file, m);

		if (text && (any || strstr(text, "command not found")))
			return text;
		log_say(LOG_REASON, "conf.sh: %.*s", STR_FMT(line));
	}
	return NULL;
}

static int judge(struct str said, int status, int ended, const char *path,
		 const char *file, struct mem *m, struct err *e)
{
	bool any = status || ended;
	const char *text = complaint(said, path, file, any, m);

	if (text && strstr(text, "command not found"))
		return err_set(e, ERR_CONF,
			       "%s; a variable is set as "
			       "NAME=value, without blanks around =",
			       text);
	if (text)
		return err_set(e, ERR_CONF, "%s", text);
	if (any)
		return err_set(e, ERR_CONF,
			       "%s: ended with status %d; it must "
			       "only set variables",
			       file, status ? status : ended);
	return 0;
}

int env_run(const char *dir, const char *file, const char *domain,
	    struct mem *m, struct env *out, struct err *e)
{
	const char *path = mem_fmt(m, "%s/conf.sh", dir);
	const char *bash = find_bash(), *home = getenv("HOME");
	const char *argv[] = {
		bash,      "--norc", "--noprofile",        "-c", wrapper,
		"opsmail", path,     domain ? domain : "", NULL
	};
	const char *env[] = { "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:"
			      "/usr/bin:/sbin:/bin",
			      "LANG=C.UTF-8",
			      mem_fmt(m, "HOME=%s", home ? home : "/"), NULL };
	AUTO(secret) struct buf dump = { .max = DUMP_MAX };
	AUTO(buf) struct buf said = { .max = 16 << 10 };
	struct proc p = { .argv = argv,
			  .env = env,
			  .dir = dir,
			  .limit_ms = LIMIT_MS,
			  .out = &dump,
			  .errs = &said };
	int status, ended = 0;

	if (!bash)
		return err_set(e, ERR_CONF,
			       "%s: bash is not installed, and "
			       "this file needs it; type: apt-get install bash "
			       "(or move the settings to opsmail.yaml)",
			       file);
	if (proc_run(&p, &status, e))
		return err_at(e, "%s", file);
	if (status != BAD_SYNTAX || dump.n) {
		if (dump.full)
			return err_set(e, ERR_CONF, "%s: sets more than 4 MiB",
				       file);
		if (env_parse(buf_get(&dump), m, out, &ended, e) && !status)
			return err_at(e, "%s", file);
	}
	return judge(buf_get(&said), status, ended, path, file, m, e);
}
