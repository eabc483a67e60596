/* A program of the user's own, called as lego calls one. */
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/log.h"
#include "base/proc.h"
#include "dns/zone.h"
#include "providers/table.h"

enum field { PATH, MODE, POLLING, PROPAGATION, SEQUENCE, FIELDS };
static const struct dns_field fields[FIELDS] = {
	[PATH] = { "EXEC_PATH", "the program", false, true, NULL },
	[MODE] = { "EXEC_MODE", "RAW cannot be served here", false, false,
		   NULL },
	[POLLING] = { "EXEC_POLLING_INTERVAL",
		      "accepted; the servers are "
		      "asked as often as is good",
		      false, false, NULL },
	[PROPAGATION] = { "EXEC_PROPAGATION_TIMEOUT",
			  "accepted; see "
			  "acme.propagation_s",
			  false, false, NULL },
	[SEQUENCE] = { "EXEC_SEQUENCE_INTERVAL",
		       "accepted; values go out one "
		       "after the other",
		       false, false, NULL },
};
enum { LIMIT_MS = 120000, OUTPUT_MAX = 1 << 16 };

struct env {
	const char **at;
	size_t n, room;
};

static void set(struct dns *d, struct env *v, const char *name,
		const char *value)
{
	size_t n = strlen(name);
	for (size_t i = 0; i < v->n; i++)
		if (strncmp(v->at[i], name, n) == 0 && v->at[i][n] == '=')
			return;
	v->at = mem_more(&d->mem, v->at, &v->room, v->n, sizeof(*v->at));
	v->at[v->n++] = mem_fmt(&d->mem, "%s=%s", name, value);
}

static int set_all(struct dns *d, struct env *v, const struct credential *c,
		   size_t n, struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		const char *text;
		if (secret_read(&c[i].value, &d->mem, &text, e) < 0)
			return err_at(e, "%s", c[i].name);
		log_hide(str_of(text));
		set(d, v, c[i].name, text);
	}
	return 0;
}

/* Nothing of ours but what the program is meant to have. */
static int environment(struct dns *d, struct env *v, struct err *e)
{
	static const char *const ours[] = { "PATH", "HOME", "LANG" };
	for (size_t i = 0; i < 3; i++)
		if (getenv(ours[i]))
			set(d, v, ours[i], getenv(ours[i]));
	set(d, v, "PATH",
	    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:"
	    "/sbin:/bin");
	for (size_t i = 0; i < FIELDS; i++)
		if (d->values[i])
			set(d, v, fields[i].names, d->values[i]);
	if (set_all(d, v, d->settings->credentials, d->settings->credentials_n,
		    e) < 0 ||
	    set_all(d, v, d->conf->dns.credentials, d->conf->dns.credentials_n,
		    e) < 0 ||
	    set_all(d, v, d->conf->shell, d->conf->shell_n, e) < 0)
		return -1;
	v->at = mem_more(&d->mem, v->at, &v->room, v->n, sizeof(*v->at));
	v->at[v->n] = NULL;
	return 0;
}

static int exec_open(struct dns *d, struct err *e)
{
	struct env *v = MEM_NEW(&d->mem, struct env);
	const char *mode = d->values[MODE];
	d->state = v;
	if (mode && *mode)
		return err_set(e, ERR_CONF,
			       "exec: EXEC_MODE=%s wants the "
			       "token and the key authorization, which no "
			       "record change carries; unset it, and the "
			       "program gets FQDN and VALUE",
			       mode);
	return environment(d, v, e) < 0 ? err_at(e, "exec") : 0;
}

static int exec_find_zone(struct dns *d, const char *name, const char **zone,
			  struct err *e)
{
	*zone = d->settings->zone;
	return *zone ? 0 : zone_cut(d->resolver, name, &d->mem, zone, e);
}

static struct str last_line(struct str text)
{
	text = str_trim(text);
	size_t at = text.n;
	while (at > 0 && text.at[at - 1] != '\n')
		at--;
	return (struct str){ text.at + at, text.n - at };
}

static int call(struct dns *d, const char *verb, const struct record *r,
		struct err *e)
{
	AUTO(mem) struct mem m = { 0 };
	AUTO(buf) struct buf out = { .max = OUTPUT_MAX };
	const struct env *v = d->state;
	const char *argv[] = { d->values[PATH], verb,
			       mem_fmt(&m, "%s.", r->name),
			       mem_dup(&m, r->value.at, r->value.n), NULL };
	struct proc p = { .argv = argv,
			  .env = v->at,
			  .limit_ms = LIMIT_MS,
			  .merge = true,
			  .out = &out };
	int status = 0, failed = proc_run(&p, &status, e);
	struct str text = buf_get(&out), line;
	while (str_line(&text, &line))
		log_say(LOG_REASON, "%s: %.*s", argv[0], STR_FMT(line));
	if (failed < 0)
		return err_at(e, "exec: %s %s", argv[0], verb);
	if (status != 0) {
		line = last_line(buf_get(&out));
		return err_set(e, ERR_PERM,
			       "exec: %s %s %s ends with status "
			       "%d%s%.*s",
			       argv[0], verb, r->name, status,
			       line.n ? ": " : "", STR_FMT(line));
	}
	return 0;
}

static int exec_apply(struct dns *d, const char *zone, const struct change *c,
		      struct err *e)
{
	(void)zone;
	if (c->type != DNS_TXT)
		return err_set(e, ERR_PERM,
			       "exec: the program's protocol "
			       "carries TXT values only");
	for (size_t i = 0; i < c->del.n; i++)
		if (call(d, "cleanup", &c->del.at[i], e) < 0)
			return -1;
	for (size_t i = 0; i < c->add.n; i++)
		if (call(d, "present", &c->add.at[i], e) < 0)
			return -1;
	return 0;
}

const struct provider exec_provider = {
	.name = "exec",
	.about = "a program of your own: PROGRAM present|cleanup FQDN VALUE",
	.url = "https://go-acme.github.io/lego/dns/exec/",
	.types = "TXT",
	.fields = fields,
	.fields_n = FIELDS,
	.open = exec_open,
	.find_zone = exec_find_zone,
	.apply = exec_apply,
};
