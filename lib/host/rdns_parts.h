/* What the files of rdns share: the reverse zone of our own, in the driver's
 * stead. */
#pragma once

#include "host/rdns.h"

/* "Smtp.Example.org." as "smtp.example.org". */
const char *rdns_plain(struct str name, struct mem *m);
/* PTR values at v->target, by whoever holds the zone. */
int rdns_zone_get(struct rdns *r, const struct rdns_view *v, struct mem *m,
		  struct conf_list *out, struct err *e);
/* `want` in place of all that is there; NULL: just away with it. */
int rdns_zone_set(struct rdns *r, const struct rdns_view *v, const char *want,
		  struct err *e);
