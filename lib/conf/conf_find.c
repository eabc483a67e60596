/* Where the configuration is, and making the first one. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/embed.h"
#include "base/fs.h"
#include "conf/conf.h"

static bool holds(struct mem *m, const char *dir)
{
	return fs_exists(mem_fmt(m, "%s/opsmail.yaml", dir)) ||
	       fs_exists(mem_fmt(m, "%s/conf.sh", dir));
}

/* Resolved as far as it exists; the last part may still have to be made. */
static const char *absolute(struct mem *m, const char *path)
{
	AUTO(free) char *all = realpath(path, NULL);
	AUTO(free) char *above = NULL;
	const char *slash = strrchr(path, '/');
	char here[PATH_MAX];

	if (all)
		return mem_str(m, all);
	if (!slash)
		above = realpath(".", NULL);
	else if (slash > path && slash[1])
		above = realpath(mem_dup(m, path, (size_t)(slash - path)),
				 NULL);
	if (above)
		return mem_fmt(m, "%s/%s", strcmp(above, "/") ? above : "",
			       slash ? slash + 1 : path);
	if (*path == '/' || !getcwd(here, sizeof(here)))
		return mem_str(m, path);
	return mem_fmt(m, "%s/%s", here, path);
}

int conf_find(const char *option, struct mem *m, const char **dir,
	      struct err *e)
{
	const char *named = option ? option : getenv("OPSMAIL_CONF");

	if (option && !*option)
		return err_set(e, ERR_USAGE, "--conf wants a folder");
	if (named && *named)
		*dir = absolute(m, named);
	else if (holds(m, "conf"))
		*dir = absolute(m, "conf");
	else if (holds(m, "../conf"))
		*dir = absolute(m, "../conf");
	else
		*dir = "/etc/opsmail";
	return 0;
}

static int write_one(const char *dir, const struct embed *x, struct mem *m,
		     struct err *e)
{
	const char *path = mem_fmt(m, "%s/%s", dir, x->path);
	const char *slash = strrchr(path, '/');
	const char *above = mem_dup(m, path, (size_t)(slash - path));
	mode_t mode = str_ends(str_of(path), ".sh") ? 0750 : 0640;

	if (fs_mkdir(above, 0750, e))
		return -1;
	if (fs_exists(path))
		return 0; /* a first run that was cut short, or the user's own */
	return fs_write_new(path, x->bytes, mode, e);
}

/* opsmail.yaml comes last: while it is missing, the first run begins anew. */
int conf_create(const char *dir, const struct embed *files, size_t n,
		struct mem *m, const char **edit, struct err *e)
{
	const struct embed *yaml = NULL;

	if (holds(m, dir))
		return err_set(e, ERR_SYS,
			       "%s: a configuration exists there already", dir);
	if (fs_mkdir(dir, 0750, e) || fs_check_safe(dir, e))
		return -1;
	for (size_t i = 0; i < n; i++)
		if (!strcmp(files[i].path, "opsmail.yaml"))
			yaml = &files[i];
		else if (write_one(dir, &files[i], m, e))
			return -1;
	if (!yaml)
		return err_set(e, ERR_MISSING,
			       "%s: there is no example of opsmail.yaml to "
			       "write",
			       dir);
	if (write_one(dir, yaml, m, e))
		return -1;
	*edit = mem_fmt(m, "%s/opsmail.yaml", dir);
	return 0;
}
