/* The user's own acme.sh and its dnsapi/dns_NAME.sh, unchanged, as processes of
 * their own. acme.sh runs what follows it as a function when that begins with
 * no "-", so that `:` makes reading it harmless. The script sees the variables
 * that it names in its own list of options and nothing else of ours; what it
 * saves goes into a folder that is the configuration's. */
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/log.h"
#include "providers/bridge.h"
#include "providers/table.h"

enum field { HOOK, HOME, CONFIG };
static const struct dns_field fields[] = {
	[HOOK] = { "ACMESH_HOOK",
		   "the script, such as dns_he; its own variables are given "
		   "beside it",
		   false, true, NULL },
	[HOME] = { "ACMESH_HOME LE_WORKING_DIR",
		   "the folder of acme.sh; ~/.acme.sh otherwise", false, false,
		   NULL },
	[CONFIG] = { "LE_CONFIG_HOME",
		     "acme.sh's folder of saved credentials, to use those; one "
		     "of the configuration's own otherwise",
		     false, false, NULL },
};
enum { LIMIT_MS = 300000, SCRIPT_MAX = 1 << 20 };
static const char runner[] = "umask 077\n"
			     "_ops_hook=$1 _ops_call=$2 _ops_name=$3 "
			     "_ops_value=$4 _ops_conf=$5\n"
			     "set -- :\n"
			     ". \"$0\" || exit 1\n"
			     "_initpath || exit 1\n"
			     "DOMAIN_CONF=$_ops_conf\n"
			     ". \"$_ops_hook\" || exit 1\n"
			     "\"$_ops_call\" \"$_ops_name\" \"$_ops_value\"\n";

struct state {
	struct bridge_env env;
	const char *hook, *main, *script, *config;
};

static bool is_word(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		const char c = str_lower(s.at[i]);
		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') &&
		    c != '_' && c != '-')
			return false;
	}
	return s.n > 0;
}

static bool is_variable(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.at[i] == '-')
			return false;
	return is_word(s) && !(*s.at >= '0' && *s.at <= '9') && s.n > 2;
}

/* A variable that the script says it takes, wherever we may have it from. */
static int offer(struct dns *d, struct str name, struct err *e)
{
	struct state *s = d->state;
	const char *key = mem_dup(&d->mem, name.at, name.n), *value, *origin;
	if (conf_credential(d->conf, d->settings, key, true, &d->mem, &value,
			    &origin, e) == 0) {
		bridge_set(d, &s->env, key, value);
		return 0;
	}
	if (e->kind != ERR_MISSING)
		return err_at(e, "acmesh");
	*e = (struct err){ 0 };
	return 0;
}

/* The list stands in the script's head: "Options:", then a line each, until
 * the next word with a colon or the quote's end. */
static int offer_options(struct dns *d, struct err *e)
{
	const struct state *s = d->state;
	AUTO(buf) struct buf b = { .max = SCRIPT_MAX };
	if (fs_read(s->script, &b, e) < 0)
		return -1;
	struct str text = buf_get(&b), line, word;
	bool in = false;
	while (str_line(&text, &line)) {
		if (str_starts(line, "Options")) {
			in = true;
			continue;
		}
		if (!in)
			continue;
		if (!str_starts(line, " ") && !str_starts(line, "\t"))
			in = false;
		else if (str_word(&line, &word) && is_variable(word) &&
			 offer(d, word, e) < 0)
			return -1;
	}
	return 0;
}

static int locate(struct dns *d, struct err *e)
{
	struct state *s = d->state;
	const char **v = d->values, *home = v[HOME];
	if (!is_word(str_of(v[HOOK])))
		return err_set(e, ERR_CONF,
			       "acmesh: ACMESH_HOOK is \"%s\": it is the name "
			       "of a script such as dns_he",
			       v[HOOK]);
	if (!home)
		home = mem_fmt(&d->mem, "%s/.acme.sh",
			       getenv("HOME") ? getenv("HOME") : "/root");
	if (*home != '/')
		return err_set(e, ERR_CONF,
			       "acmesh: ACMESH_HOME is \"%s\": give the whole "
			       "path",
			       home);
	s->hook = mem_fmt(&d->mem, "%s%s",
			  str_starts(str_of(v[HOOK]), "dns_") ? "" : "dns_",
			  v[HOOK]);
	s->main = mem_fmt(&d->mem, "%s/acme.sh", home);
	s->script = mem_fmt(&d->mem, "%s/dnsapi/%s.sh", home, s->hook);
	if (!fs_exists(s->script))
		s->script = mem_fmt(&d->mem, "%s/%s.sh", home, s->hook);
	if (!fs_exists(s->main))
		return err_set(e, ERR_CONF,
			       "acmesh: %s is not there: install acme.sh, or "
			       "set ACMESH_HOME to its folder",
			       s->main);
	if (!fs_exists(s->script))
		return err_set(e, ERR_CONF,
			       "acmesh: %s/dnsapi has no %s.sh: ACMESH_HOOK is "
			       "the name of one of its files",
			       home, s->hook);
	return fs_check_safe(s->main, e) < 0 ||
			       fs_check_safe(s->script, e) < 0 ?
		       err_at(e, "acmesh") :
		       0;
}

/* Two domains may have two accounts at one provider: a folder each. */
static int folder(struct dns *d, struct err *e)
{
	struct state *s = d->state;
	const char *owner = d->settings->owner ? d->settings->owner : "all";
	const char *own = mem_fmt(&d->mem, "%s/acmesh/%s", d->conf->dir, owner);
	const char *ignore =
		mem_fmt(&d->mem, "%s/acmesh/.gitignore", d->conf->dir);
	s->config = d->values[CONFIG] ? d->values[CONFIG] : own;
	if (fs_mkdir(own, 0700, e) < 0)
		return err_at(e, "acmesh");
	/* What scripts save are credentials, in clear. */
	if (!fs_exists(ignore) && fs_write(ignore, STR_LIT("*\n"), 0600, e) < 0)
		return err_at(e, "acmesh");
	bridge_set(d, &s->env, "HOME", own);
	bridge_set(d, &s->env, "LE_CONFIG_HOME", s->config);
	return 0;
}

static int acmesh_open(struct dns *d, struct err *e)
{
	struct state *s = MEM_NEW(&d->mem, struct state);
	d->state = s;
	if (locate(d, e) < 0 || folder(d, e) < 0)
		return -1;
	bridge_set(d, &s->env, "LE_WORKING_DIR",
		   mem_dup(&d->mem, s->main,
			   strlen(s->main) - strlen("/acme.sh")));
	return bridge_environment(d, &s->env, e) < 0 ? err_at(e, "acmesh") :
						       offer_options(d, e);
}

static int call(struct dns *d, const char *verb, const struct record *r,
		struct err *e)
{
	AUTO(mem) struct mem m = { 0 };
	const struct state *s = d->state;
	const bool add = strcmp(verb, "present") == 0;
	const char *function =
		mem_fmt(&m, "%s_%s", s->hook, add ? "add" : "rm");
	const char *argv[] = { "sh",
			       "-c",
			       runner,
			       s->main,
			       s->script,
			       function,
			       r->name,
			       mem_dup(&m, r->value.at, r->value.n),
			       mem_fmt(&m, "%s/%s.conf", s->config, r->name),
			       NULL };
	const struct proc p = { .argv = argv,
				.env = s->env.at,
				.dir = s->config,
				.limit_ms = LIMIT_MS };
	return bridge_run(d, &p, mem_fmt(&m, "%s %s", function, r->name), e);
}

static int acmesh_apply(struct dns *d, const char *zone, const struct change *c,
			struct err *e)
{
	(void)zone;
	return bridge_apply(d, c, call, e);
}

const struct provider acmesh_provider = {
	.name = "acmesh",
	.aliases = "acme.sh",
	.about = "a script of acme.sh that you have: ACMESH_HOOK=dns_NAME",
	.url = "https://github.com/acmesh-official/acme.sh/wiki/dnsapi",
	.types = "TXT",
	.fields = fields,
	.fields_n = sizeof(fields) / sizeof(fields[0]),
	.open = acmesh_open,
	.find_zone = bridge_find_zone,
	.apply = acmesh_apply,
};
