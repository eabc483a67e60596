/* Taking over what acme.sh, certbot and lego left: accounts and certificates,
 * copied, never moved or changed. */
#pragma once

#include "acme/store.h"
#include "base/tell.h"

/* The layouts are told apart by what lies there (account.conf and *_ecc;
 * renewal/ and live/; accounts/ and certificates/). Each certificate whose key
 * fits and that is not older than the one we have becomes live; accounts of
 * servers we have none for are taken. One line each to tell. Counts are added
 * to out. ERR_MISSING: nothing of the three is there. */
struct import_count {
	unsigned accounts, certificates, skipped;
};
int import_run(const struct conf *c, const char *from, bool dry_run,
	       struct tell *t, struct import_count *out, struct err *e);
