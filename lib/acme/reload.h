/* conf/reload/DOMAIN.sh: told once a run that certificates changed. */
#pragma once

#include "acme/store.h"

/* One certificate that changed. */
struct reload_item {
	const char *name;   /* certificate name */
	const char *domain; /* conf/reload/DOMAIN.sh */
	const char *dir;    /* live folder */
	const char *stamp;
	int64_t limit_ms;
	int status;      /* out: 0 done or no script, -1 failed */
	bool ran;        /* out */
	const char *why; /* out, lives in m: the sentence */
};
/* Items whose scripts are the same file (after symlinks) are one call. The
 * script gets, in a cleared environment: PATH HOME LANG OPSMAIL_CONF
 * OPSMAIL_DOMAIN OPSMAIL_NAMES (all names of this call, by spaces) OPSMAIL_DIR
 * OPSMAIL_KEY OPSMAIL_CERT OPSMAIL_CHAIN OPSMAIL_FULLCHAIN; the domain as $1.
 * stdin is empty, the folder is conf/reload. Owner and mode are checked first
 * (fs_check_safe). Its output goes line by line to the log, and to t when it
 * failed; past the limit its process group is ended, as is what it leaves
 * behind in that group. Never fails: the result is in the items, `why` the same
 * for all of one call. */
void reload_run(const char *conf_dir, struct reload_item *x, size_t n,
		struct tell *t, struct mem *m);

/* Writes conf/reload/DOMAIN.sh (0750) from a rendered text, unless something
 * stands there. */
int reload_example(const char *conf_dir, const char *domain, struct str text,
		   bool *made, struct err *e);
