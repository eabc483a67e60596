#include "conf/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/log.h"
#include "base/proc.h"

enum { SECRET_MAX = 64 << 10, COMMAND_MS = 10000 };

static int parse_file(const struct yaml *n, const char *dir, struct mem *m,
		      struct secret *s, const char **why)
{
	if (n->kind != YAML_SCALAR || !*n->text) {
		*why = "file wants the path of a file";
		return -1;
	}
	s->kind = SECRET_FILE;
	s->text = *n->text == '/' ? n->text : mem_fmt(m, "%s/%s", dir, n->text);
	return 0;
}

static int parse_command(const struct yaml *n, struct mem *m, struct secret *s,
			 const char **why)
{
	*why = "command wants a list: [program, argument, ...]";
	if (n->kind != YAML_LIST || !n->n)
		return -1;
	for (const struct yaml *arg = n->child; arg; arg = arg->next) {
		struct conf_list *l = &s->command;

		if (arg->kind != YAML_SCALAR)
			return -1;
		conf_list_add(l, m, arg->text);
	}
	s->kind = SECRET_COMMAND;
	s->text = s->command.at[0];
	return 0;
}

int secret_parse(const struct yaml *n, const char *origin, const char *dir,
		 struct mem *m, struct secret *s, const char **why)
{
	*s = (struct secret){ .origin = origin };
	if (n->kind == YAML_SCALAR && *n->text) {
		s->kind = SECRET_INLINE;
		s->text = n->text;
		return 0;
	}
	if (n->kind == YAML_MAP && n->n == 1) {
		const struct yaml *only = n->child;

		if (!strcmp(only->key, "file"))
			return parse_file(only, dir, m, s, why);
		if (!strcmp(only->key, "command"))
			return parse_command(only, m, s, why);
	}
	*why = n->kind == YAML_NULL || n->kind == YAML_SCALAR ?
		       "is empty" :
		       "wants text, {file: PATH} or {command: [ARG, ...]}";
	return -1;
}

const char *secret_shown(const struct secret *s, struct mem *m)
{
	switch (s->kind) {
	case SECRET_NONE:
		return "";
	case SECRET_INLINE:
		return "***";
	case SECRET_FILE:
		return mem_fmt(m, "file:%s", s->text);
	case SECRET_COMMAND:
		return mem_fmt(m, "command:%s", s->text);
	}
	return "";
}

/* Below /run a group may read: that is how services are handed secrets. */
static int check_mode(const char *path, const struct stat *st, struct err *e)
{
	mode_t group = !strncmp(path, "/run/", 5) ? 040 : 0;

	if (!S_ISREG(st->st_mode))
		return err_set(e, ERR_CONF, "%s: is no regular file", path);
	if (st->st_uid != 0 && st->st_uid != geteuid())
		return err_set(e, ERR_CONF,
			       "%s: belongs to another user (uid %u); type: "
			       "chown %u %s",
			       path, (unsigned)st->st_uid, (unsigned)geteuid(),
			       path);
	if (st->st_mode & 077 & ~group)
		return err_set(e, ERR_CONF,
			       "%s: others may read this secret (mode %04o); "
			       "type: chmod 600 %s",
			       path, (unsigned)st->st_mode & 07777, path);
	return 0;
}

/* A line end behind the secret is how editors end files. */
static int clean(const char *what, struct buf *b, struct mem *m,
		 const char **text, struct err *e)
{
	if (b->full)
		return err_set(e, ERR_CONF, "%s: is larger than 64 KiB", what);
	if (b->n && memchr(b->at, 0, b->n))
		return err_set(e, ERR_CONF, "%s: holds a NUL byte", what);
	if (b->n && b->at[b->n - 1] == '\n')
		buf_cut(b, b->n - 1);
	if (b->n && b->at[b->n - 1] == '\r')
		buf_cut(b, b->n - 1);
	if (!b->n)
		return err_set(e, ERR_AUTH, "%s: is empty", what);
	*text = mem_dup(m, b->at, b->n);
	return 0;
}

static int fetch_file(const char *path, struct mem *m, const char **text,
		      struct err *e)
{
	AUTO(fd) int fd =
		open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	AUTO(secret) struct buf b = { .max = SECRET_MAX };
	struct stat st;
	char part[4096];
	ssize_t n;

	if (fd < 0 || fstat(fd, &st))
		return err_sys(e, "%s", path);
	if (check_mode(path, &st, e))
		return -1;
	while ((n = read(fd, part, sizeof(part))) > 0)
		buf_add(&b, part, (size_t)n);
	mem_wipe(part, sizeof(part));
	if (n < 0)
		return err_sys(e, "%s", path);
	return clean(path, &b, m, text, e);
}

static int fetch_command(const struct secret *s, struct mem *m,
			 const char **text, struct err *e)
{
	AUTO(secret) struct buf out = { .max = SECRET_MAX };
	AUTO(buf) struct buf errs = { .max = 512 };
	const char **argv = mem_array(m, s->command.n + 1, sizeof(*argv));
	struct proc p = {
		.argv = argv, .limit_ms = COMMAND_MS, .out = &out, .errs = &errs
	};
	struct str said, line = { 0 };
	int status;

	for (size_t i = 0; i < s->command.n; i++)
		argv[i] = s->command.at[i];
	if (proc_run(&p, &status, e))
		return err_at(e, "%s: command %s", s->origin, argv[0]);
	said = buf_get(&errs);
	str_line(&said, &line);
	if (status)
		return err_set(e, ERR_AUTH,
			       "%s: command %s ended with %d%s%.*s", s->origin,
			       argv[0], status, line.n ? ": " : "",
			       STR_FMT(line));
	return clean(mem_fmt(m, "%s: what command %s wrote", s->origin,
			     argv[0]),
		     &out, m, text, e);
}

int secret_fetch(const struct secret *s, struct mem *m, const char **text,
		 struct err *e)
{
	switch (s->kind) {
	case SECRET_NONE:
		return err_set(e, ERR_MISSING, "the secret is not set");
	case SECRET_INLINE:
		*text = mem_str(m, s->text);
		return 0;
	case SECRET_FILE:
		if (fetch_file(s->text, m, text, e))
			return err_at(e, "%s", s->origin);
		return 0;
	case SECRET_COMMAND:
		return fetch_command(s, m, text, e);
	}
	return err_set(e, ERR_CONF, "the secret is of no known kind");
}

int secret_read(const struct secret *s, struct mem *m, const char **text,
		struct err *e)
{
	if (secret_fetch(s, m, text, e))
		return -1;
	log_hide(str_of(*text));
	return 0;
}
