/* What the dkim commands share with those that put keys to work. */
#pragma once

#include "cmd/cmd.h"
#include "publish/keys.h"

/* The domain's signing keys changed: conf/reload/DOMAIN.sh is run where the
 * mail server is chasquid, which reads its keys when it starts. Whoever calls
 * it tells keys_told when it went well; a script that is not there is fine. */
int cmd_dkim_reload(struct call *c, const char *domain, struct err *e);
