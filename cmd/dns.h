/* What the dns commands share. */
#pragma once

#include "cmd/cmd.h"
#include "dns/provider.h"

/* The provider of these settings; ERR_CONF when none is set for `who`. */
const struct provider *cmd_dns_provider_of(struct call *c,
					   const struct conf_dns *settings,
					   const char *who, struct err *e);
/* A provider that holds zones which can be read, opened: exec and manual tell
 * nothing, and opening `self` would answer for names. ERR_PERM for those. */
int cmd_dns_open(struct call *c, const struct conf_dns *settings,
		 const char *who, struct resolver *r, struct dns *out,
		 struct err *e);
/* Records that passed zonefile_check, as a table (format NULL), a zone file,
 * JSON, or for another program: the words of --format. */
int cmd_dns_print(struct call *c, const char *zone, const char *provider,
		  const char *format, const struct records *r, struct err *e);
void cmd_dns_sort(struct conf_list *l);
