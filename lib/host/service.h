/* The renewal job of `opsmail cron --install`: a systemd timer where systemd
 * runs and root asks, else one marked line in the caller's crontab. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/mem.h"

struct service_host {
	const char *program;  /* absolute path of opsmail */
	const char *conf_dir; /* absolute */
	const char *root;     /* put before /etc and /run; "" but in tests */
	bool is_root;         /* may write below /etc */
};

/* One thing to do, or that is done already. */
struct service_step {
	enum service_verb {
		SERVICE_WRITE,  /* a file, or the crontab */
		SERVICE_REMOVE, /* a file */
		SERVICE_RUN,    /* a command */
	} verb;
	const char *target;      /* the path, "crontab", or the command line */
	const char *before;      /* text that is there; NULL: nothing */
	const char *after;       /* text that shall be there; NULL: nothing */
	const char *const *argv; /* SERVICE_RUN */
	bool done;               /* it is so already: nothing to do */
};
struct service_plan {
	struct service_step *at;
	size_t n, room;
};

/* What is there. */
struct service_cron {
	enum service_kind { SERVICE_NONE, SERVICE_TIMER, SERVICE_CRONTAB } kind;
	const char *where; /* the timer's path, or "crontab" */
	const char *when;  /* "*-*-* 00,12:00:00", "17 3,15 * * *" */
	const char *what;  /* the command line */
	bool enabled;      /* a timer may stand there without being enabled */
};

int service_cron_show(const struct service_host *h, struct mem *m,
		      struct service_cron *out, struct err *e);

enum service_mode { SERVICE_PLAN, SERVICE_APPLY };
/* Makes the plan and, with SERVICE_APPLY, does what is not done. A second run
 * finds everything done. Lines of others in the crontab stay byte by byte; the
 * minute that was drawn stays too. ERR_MISSING when there is neither systemd
 * nor a crontab program. */
int service_cron_install(const struct service_host *h, enum service_mode mode,
			 struct mem *m, struct service_plan *plan,
			 struct err *e);
/* Removes timer and crontab line alike, whichever there are. */
int service_cron_remove(const struct service_host *h, enum service_mode mode,
			struct mem *m, struct service_plan *plan,
			struct err *e);
