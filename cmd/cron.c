#include "cmd/cmd.h"

#include <string.h>
#include <unistd.h>

#include "cmd/ssl.h"
#include "host/service.h"

static int describe_host(struct call *c, struct service_host *h, struct err *e)
{
	char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (n < 0)
		return err_sys(e, "this program's path cannot be found");
	*h = (struct service_host){
		.program = mem_dup(&c->mem, path, (size_t)n),
		.conf_dir = c->dir,
		.root = "",
		.is_root = geteuid() == 0,
	};
	return 0;
}

static int show(struct call *c, const struct service_host *h, struct err *e)
{
	static const char *const kinds[] = {
		[SERVICE_NONE] = "none",
		[SERVICE_TIMER] = "timer",
		[SERVICE_CRONTAB] = "crontab",
	};
	struct service_cron s = { 0 };

	if (service_cron_show(h, &c->mem, &s, e))
		return -1;
	out_object(c->out,
		   json_pack("{s:s, s:s, s:o, s:o, s:o, s:b}", "type", "cron",
			     "kind", kinds[s.kind], "where", out_utf8(s.where),
			     "when", out_utf8(s.when), "command",
			     out_utf8(s.what), "enabled",
			     s.kind != SERVICE_NONE && s.enabled));
	if (out_json(c->out))
		return 0;
	if (s.kind == SERVICE_NONE)
		out_result(c->out, OUT_WARN, NULL,
			   "nothing renews by itself: run opsmail cron "
			   "--install");
	else if (!s.enabled)
		out_result(c->out, OUT_WARN, NULL,
			   "%s is there but not enabled: run opsmail cron "
			   "--install",
			   s.where);
	else
		out_result(c->out, OUT_OK, NULL, "%s at %s runs %s", s.where,
			   s.when, s.what);
	return 0;
}

static void report(struct call *c, const struct service_plan *p, bool dry)
{
	static const char *const verbs[] = {
		[SERVICE_WRITE] = "write",
		[SERVICE_REMOVE] = "remove",
		[SERVICE_RUN] = "run",
	};

	for (size_t i = 0; i < p->n; i++) {
		const struct service_step *s = &p->at[i];

		if (s->done)
			out_result(c->out, OUT_SKIP, s->target,
				   "is so already");
		else
			out_result(c->out, dry ? OUT_PLAIN : OUT_OK, NULL,
				   "%s%s %s", dry ? "would " : "",
				   verbs[s->verb], s->target);
	}
}

int cmd_cron(struct call *c, struct err *e)
{
	const bool dry = opt_flag(&c->opts, "dry-run");
	const enum service_mode mode = dry ? SERVICE_PLAN : SERVICE_APPLY;
	const bool remove = opt_flag(&c->opts, "remove");
	struct service_host h;
	struct service_plan plan = { 0 };

	if (opt_flag(&c->opts, "install") + remove + opt_flag(&c->opts, "run") >
	    1)
		return err_set(e, ERR_USAGE,
			       "--install, --remove and --run exclude each "
			       "other");
	if (opt_flag(&c->opts, "run"))
		return conf_read(c->dir, c->conf, e) ? -1 : ssl_renew_all(c, e);
	if (describe_host(c, &h, e))
		return -1;
	if (!remove && !opt_flag(&c->opts, "install"))
		return show(c, &h, e);
	if ((remove ? service_cron_remove :
		      service_cron_install)(&h, mode, &c->mem, &plan, e))
		return -1;
	report(c, &plan, dry);
	return 0;
}
