/* Publishing for those commands that do it: dns plan and publish, and whoever
 * changes a record on the way (dkim, cron). */
#pragma once

#include "cmd/cmd.h"
#include "publish/publish.h"

/* How to publish here: the provider table, a validating resolver and what this
 * machine knows of itself. Lists live in c->mem; the caller closes the
 * resolver. domains: A-labels; empty: all. */
int cmd_publish_how(struct call *c, const struct conf_list *domains,
		    struct publish_how *how, struct err *e);
/* The machine's part of it: addresses, keys of the host's certificate, accounts
 * at CAs. */
int cmd_machine(struct call *c, struct publish_how *how, struct err *e);
/* Where keys came into use or out of it: conf/reload/DOMAIN.sh tells the mail
 * server, which has read them when it started. ERR_PARTIAL when that fails; it
 * is tried again by the next run. */
int cmd_publish_tell(struct call *c, struct keys *k, time_t now, struct err *e);
/* Waits until the plan's records are seen; whatever DKIM keys came into use by
 * that, the mail server is told by conf/reload/DOMAIN.sh. ERR_TIMEOUT when
 * limit_ms is over. */
int cmd_publish_wait(struct call *c, struct publish *p, int64_t limit_ms,
		     struct err *e);
