/* What the dkim commands share with each other, and with those that put keys
 * to work. */
#pragma once

#include "cmd/cmd.h"
#include "publish/keys.h"

/* The domain's signing keys changed: conf/reload/DOMAIN.sh is run where the
 * mail server is chasquid, which reads its keys when it starts. Whoever calls
 * it tells keys_told when it went well; a script that is not there is fine. */
int cmd_dkim_reload(struct call *c, const char *domain, struct err *e);

const char *cmd_dkim_kind(enum dkimkey_type t); /* "rsa" */
/* What is next for the i-th key, for people. In c->mem. */
const char *cmd_dkim_next(struct call *c, const struct keys *k, size_t i);
/* {"type":"dkim",...}: the key and its record. */
json_t *cmd_dkim_json(struct call *c, const struct keys *k,
		      const struct rotate_key *x);
