/* The functions every descriptor's provider has: what they do is in the data.
 */
#pragma once

#include "dns/provider.h"

int descriptor_open(struct dns *d, struct err *e);
void descriptor_close(struct dns *d);
int descriptor_find_zone(struct dns *d, const char *name, const char **zone,
			 struct err *e);
/* For `zones: {mode: list}` alone. */
int descriptor_zones(struct dns *d, struct mem *m, struct conf_list *out,
		     struct err *e);
int descriptor_list(struct dns *d, const char *zone, const char *name,
		    uint16_t type, struct mem *m, struct records *out,
		    struct err *e);
int descriptor_apply(struct dns *d, const char *zone, const struct change *c,
		     struct err *e);
/* For those with `ptr` alone, in place of the zones that they have not. */
int descriptor_no_zones(struct dns *d, const char *name, const char **zone,
			struct err *e);
int descriptor_no_apply(struct dns *d, const char *zone, const struct change *c,
			struct err *e);
/* For those with `ptr`. */
int descriptor_ptr_get(struct dns *d, const char *ip, struct mem *m,
		       struct dns_ptr *out, struct err *e);
int descriptor_ptr_set(struct dns *d, const char *ip, const char *name,
		       struct err *e);
int descriptor_ptr_reset(struct dns *d, const char *ip, struct err *e);
