#include "acme/store_path.h"

#include <errno.h>
#include <limits.h>
#include <unistd.h>

enum { NAME_MAX_BYTES = 253 + 4, STAMP_BYTES = 16 };

const char *store_path(struct mem *m, const char *conf_dir, const char *kind,
		       const char *name, const char *suffix)
{
	if (!*name)
		return mem_fmt(m, "%s/acme/%s", conf_dir, kind);
	return mem_fmt(m, "%s/acme/%s/%s%s", conf_dir, kind, name, suffix);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       is_digit(c) || c == '-' || c == '.' || c == '_' || c == '*';
}

int store_name_check(const char *name, struct err *e)
{
	size_t n = strlen(name), i;
	bool fine = n && n <= NAME_MAX_BYTES && name[0] != '.';

	for (i = 0; fine && i < n; i++)
		fine = is_name_char(name[i]);
	if (fine)
		return 0;
	return err_set(e, ERR_USAGE,
		       "'%.300s' cannot name a certificate: letters, digits, "
		       "'-', '.' and '_' can",
		       name);
}

bool store_is_stamp(struct str s)
{
	size_t i;

	if (s.n != STAMP_BYTES && s.n != STAMP_BYTES + 4)
		return false;
	for (i = 0; i < s.n; i++) {
		bool fine = i == 8  ? s.at[i] == 'T' :
			    i == 15 ? s.at[i] == 'Z' :
			    i == 16 ? s.at[i] == '-' :
				      is_digit(s.at[i]);

		if (!fine)
			return false;
	}
	return true;
}

int store_live_stamp(const char *conf_dir, const char *name, struct mem *m,
		     const char **stamp, struct err *e)
{
	const char *path, *slash;
	char target[PATH_MAX];
	ssize_t n;

	if (store_name_check(name, e))
		return -1;
	path = store_path(m, conf_dir, "live", name, "");
	n = readlink(path, target, sizeof(target) - 1);
	if (n < 0 && errno == ENOENT)
		return err_set(e, ERR_MISSING,
			       "there is no certificate of %s here", name);
	if (n < 0 && errno == EINVAL)
		return err_set(e, ERR_CONF,
			       "%s is no link to archive/%s: move it away and "
			       "run 'opsmail ssl %s'",
			       path, name, name);
	if (n < 0)
		return err_sys(e, "%s", path);
	target[n] = '\0';
	slash = strrchr(target, '/');
	slash = slash ? slash + 1 : target;
	if (!store_is_stamp(str_of(slash)))
		return err_set(e, ERR_CONF,
			       "%s points to %s, which is no folder of "
			       "archive/%s: remove the link and run 'opsmail "
			       "ssl %s'",
			       path, target, name, name);
	*stamp = mem_str(m, slash);
	return 0;
}
