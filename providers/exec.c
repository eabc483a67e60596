/* A program of the user's own, called as lego calls one. */
#include <stdlib.h>
#include <string.h>

#include "providers/bridge.h"
#include "providers/table.h"

enum field { PATH, MODE, POLLING, PROPAGATION, SEQUENCE, FIELDS };
static const struct dns_field fields[FIELDS] = {
	[PATH] = { "EXEC_PATH", "the program", false, true, NULL },
	[MODE] = { "EXEC_MODE",
		   "RAW: it gets domain, token and key authorization", false,
		   false, NULL },
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
enum { LIMIT_MS = 120000 };

static int exec_open(struct dns *d, struct err *e)
{
	struct bridge_env *v = MEM_NEW(&d->mem, struct bridge_env);
	const char *mode = d->values[MODE];
	d->state = v;
	if (mode && *mode && strcmp(mode, "RAW") != 0)
		return err_set(e, ERR_CONF,
			       "exec: EXEC_MODE is \"%s\": it is RAW or not "
			       "set",
			       mode);
	if (getenv("HOME"))
		bridge_set(d, v, "HOME", getenv("HOME"));
	return bridge_environment(d, v, e) < 0 ? err_at(e, "exec") : 0;
}

static int call(struct dns *d, const char *verb, const struct record *r,
		struct err *e)
{
	AUTO(mem) struct mem m = { 0 };
	const struct bridge_env *v = d->state;
	const char *argv[7] = { d->values[PATH], verb,
				mem_fmt(&m, "%s.", r->name),
				mem_dup(&m, r->value.at, r->value.n) };
	if (d->values[MODE] && *d->values[MODE]) {
		const struct dns_challenge *c = bridge_challenge(d, r);
		if (!c && strcmp(verb, "cleanup") == 0) {
			bridge_forgotten(d, r);
			return 0;
		}
		if (!c)
			return err_set(e, ERR_PERM,
				       "exec: with EXEC_MODE=RAW only ACME "
				       "challenges can be written");
		argv[2] = "--";
		argv[3] = c->domain;
		argv[4] = c->token;
		argv[5] = c->key_auth;
	}
	const struct proc p = { .argv = argv,
				.env = v->at,
				.limit_ms = LIMIT_MS };
	return bridge_run(d, &p,
			  mem_fmt(&m, "%s %s %s", argv[0], verb, r->name), e);
}

static int exec_apply(struct dns *d, const char *zone, const struct change *c,
		      struct err *e)
{
	(void)zone;
	return bridge_apply(d, c, call, e);
}

const struct provider exec_provider = {
	.name = "exec",
	.about = "a program of your own: PROGRAM present|cleanup FQDN VALUE",
	.url = "https://go-acme.github.io/lego/dns/exec/",
	.types = "TXT",
	.fields = fields,
	.fields_n = FIELDS,
	.open = exec_open,
	.find_zone = bridge_find_zone,
	.apply = exec_apply,
};
