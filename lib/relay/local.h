/* The domains that are ours, as chasquid's configuration folder has them: each
 * with its users and aliases, in one piece that is read anew as a whole. Who
 * keeps the one before may go on with it where reading fails. */
#pragma once

#include "base/err.h"
#include "base/mem.h"
#include "conf/chasquid.h"
#include "mail/alias.h"

struct local_domain {
	const char *folder; /* NULL: localhost, which needs none */
	struct users users;
	struct aliases aliases;
};
struct local {
	struct mem mem;
	const char *dir;          /* absolute */
	struct alias_world world; /* what aliases are resolved in */
	struct local_domain *at;  /* one each domain of world, in its order */
	size_t n;
};
/* All of DIR/domains, and localhost. The suffixes, the dropped characters and
 * whether dovecot may know users are c's. ERR_CONF with file and line. c and
 * out need not live equally long. */
int local_read(const char *dir, const struct chasquid *c, struct local *out,
	       struct err *e);
void local_free(struct local *l);

/* Answers the last of the asks, which is for the hook, by running
 * DIR/hooks/alias-resolve: 5 seconds, its output is a right side. ERR_TEMP when
 * it fails, ERR_CONF when others may write it. */
int local_hook(const struct local *l, struct alias_asks *asks, struct err *e);
