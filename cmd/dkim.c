#include "cmd/dkim.h"

#include <string.h>

#include "acme/reload.h"
#include "conf/schema.h"

int cmd_dkim_reload(struct call *c, const char *domain, struct err *e)
{
	const struct conf_setting *server =
		schema_setting(c->conf, "mail_server");
	struct conf_domain *d;

	if (!server || strcmp(server->value, "chasquid") != 0)
		return 0;
	if (conf_domain(c->conf, domain, &d, e))
		return -1;

	struct reload_item item = {
		.name = d->name,
		.domain = d->name,
		.dir = mem_fmt(&c->mem, "%s/acme/live/%s", c->conf->dir,
			       d->name),
		.limit_ms = (int64_t)d->acme.reload_s * 1000,
	};

	reload_run(c->conf->dir, &item, 1, out_tell(c->out), &c->mem);
	if (item.status)
		return err_set(e, ERR_PARTIAL,
			       "the keys of %s are in place, but the mail "
			       "server was not told: %s; mend the script and "
			       "run again",
			       d->name, item.why);
	if (item.ran)
		out_result(c->out, OUT_OK, d->name,
			   "reloaded by %s/reload/%s.sh", c->conf->dir,
			   d->name);
	return 0;
}
