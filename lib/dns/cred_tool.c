/* Credentials where a vendor's own tool keeps them: cntb, scw, doctl. */
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"
#include "data/yaml.h"
#include "dns/cred_kit.h"

static int check(const char *path, struct err *e)
{
	struct stat st;
	if (stat(path, &st) < 0 || !(st.st_mode & 077))
		return 0; /* reading it says what else is wrong */
	return err_set(e, ERR_CONF,
		       "%s: others may read the secrets in it (mode %04o); "
		       "type: chmod 600 %s",
		       path, (unsigned)st.st_mode & 07777, path);
}

int cred_tool(const struct cred_world *w, const char *where, const char **out,
	      struct err *e)
{
	struct str rest = str_of(where), key, file;
	*out = NULL;
	str_word(&rest, &key);
	while (str_word(&rest, &file)) {
		const char *name = mem_dup(w->m, file.at, file.n);
		const char *path = cred_path(w, name);
		const struct yaml *y;
		struct yaml *root;
		struct str text;
		if (cred_file(w, name, &text, e) < 0)
			return -1;
		if (text.n == 0)
			continue;
		if (check(path, e) < 0 ||
		    yaml_parse(text, path, w->m, &root, e) < 0)
			return -1;
		y = root->kind == YAML_MAP ?
			    yaml_get(root, mem_dup(w->m, key.at, key.n)) :
			    NULL;
		if (!y || !y->text || !*y->text)
			return 0;
		log_say(LOG_REASON, "%.*s from %s", STR_FMT(key), path);
		*out = y->text;
		return 0;
	}
	return 0;
}
