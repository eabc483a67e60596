#include "conf/conf.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/fs.h"
#include "base/idn.h"
#include "conf/env.h"
#include "conf/schema.h"

enum { FILE_MAX = 1 << 20 };

/* How messages name a file of the folder: short when it lies below the
 * current one. */
static const char *shown(struct conf *c, const char *name)
{
	char here[4096];
	size_t n = getcwd(here, sizeof(here)) ? strlen(here) : 0;
	const char *dir = c->dir;

	if (n > 1 && !strncmp(dir, here, n) && dir[n] == '/')
		dir += n + 1;
	return mem_fmt(&c->mem, "%s/%s", dir, name);
}

static const char *inside(struct conf *c, const char *name)
{
	return mem_fmt(&c->mem, "%s/%s", c->dir, name);
}

/* Who may write these may run commands as us. */
static int check_safe(struct conf *c, struct err *e)
{
	static const char *const names[] = { "opsmail.yaml", "conf.sh",
					     "reload", "providers", "hooks" };

	if (fs_check_safe(c->dir, e))
		return -1;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *path = inside(c, names[i]);

		if (fs_exists(path) && fs_check_safe(path, e))
			return -1;
	}
	return 0;
}

static int read_yaml(struct conf *c, const char *name, const char *file,
		     struct yaml **root, struct err *e)
{
	AUTO(secret) struct buf text = { .max = FILE_MAX };

	if (fs_read(inside(c, name), &text, e))
		return -1;
	return yaml_parse(buf_get(&text), file, &c->mem, root, e);
}

static int read_secrets(struct conf *c, struct err *e)
{
	const char *path = inside(c, "secrets.yaml");
	struct schema s = { .c = c, .file = shown(c, "secrets.yaml") };
	struct yaml *root;
	struct stat st;

	if (!fs_exists(path))
		return 0;
	if (fs_check_safe(path, e))
		return -1;
	if (stat(path, &st))
		return err_sys(e, "%s", path);
	if (st.st_mode & 077)
		return err_set(e, ERR_CONF,
			       "%s: others may read it (mode "
			       "%04o); type: chmod 600 %s",
			       s.file, (unsigned)st.st_mode & 07777, path);
	if (read_yaml(c, "secrets.yaml", s.file, &root, e))
		return -1;
	schema_secrets(&s, root);
	return schema_end(&s, e);
}

/* What MAIL and DNS say belongs to settings, all else is for providers. */
static void keep_shell(struct conf *c, const struct env *v, const char *domain,
		       const char *origin)
{
	for (size_t i = 0; i < v->n; i++) {
		const struct env_var *x = &v->at[i];
		const char *path =
			mem_fmt(&c->mem, "dns.credentials.%s", x->name);

		if (!strcmp(x->name, "MAIL") || !strcmp(x->name, "DNS"))
			continue;
		c->shell = mem_more(&c->mem, c->shell, &c->shell_room,
				    c->shell_n, sizeof(*c->shell));
		c->shell[c->shell_n++] = (struct credential){
			.name = x->name,
			.value = { .kind = SECRET_INLINE,
				   .text = mem_join(&c->mem, x->values.at,
						    x->values.n, " "),
				   .origin = origin },
			.domain = domain,
		};
		if (!domain && !schema_setting(c, path))
			schema_add_setting(c, path, "***", origin);
	}
}

/* acme.sh calls its plug-in dns_ali; the old files say ali or dns_ali. */
static const char *provider_of(const struct env *v)
{
	const struct env_var *x = env_find(v, "DNS");
	const char *name = x ? x->values.at[0] : "";

	return strncmp(name, "dns_", 4) ? name : name + 4;
}

static int read_shell(struct schema *s, struct err *e)
{
	struct conf *c = s->c;
	const char *file = shown(c, "conf.sh");
	const struct env_var *mail;
	struct env v = { 0 };

	if (env_run(c->dir, file, NULL, &c->mem, &v, e))
		return -1;
	mail = env_find(&v, "MAIL");
	if (mail && *mail->values.at[0])
		schema_set(s, "email", mail->values.at[0], file);
	if (*provider_of(&v))
		schema_set(s, "dns.provider", provider_of(&v), file);
	keep_shell(c, &v, NULL, file);
	return 0;
}

static void default_hostname(struct schema *s)
{
	struct conf *c = s->c;

	if (!c->hostname && c->domains_n)
		schema_set(s, "hostname",
			   mem_fmt(&c->mem, "smtp.%s", c->domains[0].name),
			   "default");
}

/* Every complaint about opsmail.yaml is gathered before any is told. */
static int read_all(struct conf *c, struct err *e)
{
	struct schema s = { .c = c, .file = shown(c, "opsmail.yaml") };
	struct yaml *root = MEM_NEW(&c->mem, struct yaml);

	if (c->has_yaml && read_yaml(c, "opsmail.yaml", s.file, &root, e))
		return -1;
	schema_globals(&s, root);
	if (read_secrets(c, e))
		return -1;
	if (c->has_shell && read_shell(&s, e))
		return -1;
	schema_defaults(&s);
	schema_domains(&s, root);
	default_hostname(&s);
	return schema_end(&s, e);
}

int conf_read(const char *dir, struct conf *c, struct err *e)
{
	*c = (struct conf){ 0 };
	c->dir = mem_str(&c->mem, dir);
	c->has_yaml = fs_exists(inside(c, "opsmail.yaml"));
	c->has_shell = fs_exists(inside(c, "conf.sh"));
	if (!c->has_yaml && !c->has_shell)
		err_set(e, ERR_MISSING,
			"%s: holds no opsmail.yaml and no "
			"conf.sh",
			dir);
	else if (!check_safe(c, e) && !read_all(c, e))
		return 0;
	conf_free(c);
	return -1;
}

void conf_free(struct conf *c)
{
	mem_free(&c->mem);
	*c = (struct conf){ 0 };
}

static struct conf_domain *find_domain(struct conf *c, const char *name)
{
	for (size_t i = 0; i < c->domains_n; i++)
		if (!strcmp(c->domains[i].name, name))
			return &c->domains[i];
	return NULL;
}

/* A key of opsmail.yaml wins over conf.sh, also over its per-domain part. */
static bool is_written(struct conf *c, const struct conf_domain *d,
		       const char *file)
{
	const struct conf_setting *all = schema_setting(c, "dns.provider");

	return schema_setting(c, mem_fmt(&c->mem, "domains.%s.dns.provider",
					 d->name)) ||
	       (all && strcmp(all->origin, file) != 0);
}

static int run_shell(struct conf *c, struct conf_domain *d, struct err *e)
{
	const char *file = shown(c, "conf.sh");
	struct env v = { 0 };

	if (env_run(c->dir, file, d->name, &c->mem, &v, e))
		return err_at(e, "%s", d->shown);
	if (*provider_of(&v) && !is_written(c, d, file))
		d->dns.provider = provider_of(&v);
	keep_shell(c, &v, d->name, file);
	d->asked_shell = true;
	return 0;
}

int conf_domain(struct conf *c, const char *name, struct conf_domain **out,
		struct err *e)
{
	struct conf_domain *d;
	const char *ascii;

	if (idn_ascii(&c->mem, str_of(name), &ascii, e))
		return -1;
	if (*ascii == '*')
		return err_set(e, ERR_CONF,
			       "%s: give the domain alone; its "
			       "certificate holds *.DOMAIN as well",
			       name);
	d = find_domain(c, ascii);
	if (!d)
		d = schema_domain(c, ascii, name);
	if (c->has_shell && !d->asked_shell && run_shell(c, d, e))
		return -1;
	*out = d;
	return 0;
}

const struct conf_dns *conf_dns_of(const struct conf *c, const char *name)
{
	const struct conf_dns *best = &c->dns;
	const size_t n = strlen(name);
	size_t longest = 0;

	for (size_t i = 0; i < c->domains_n; i++) {
		const struct conf_domain *d = &c->domains[i];
		const size_t k = strlen(d->name);

		if (k > longest && k <= n && d->dns.provider &&
		    !strcmp(name + n - k, d->name) &&
		    (k == n || name[n - k - 1] == '.')) {
			longest = k;
			best = &d->dns;
		}
	}
	return best;
}
