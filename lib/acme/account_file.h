/* What account.c keeps on disk, and the moments a crash may fall into. All
 * calls but account_load and account_dir want the account's lock held.
 *
 *	key.pem       the account's key, before it is first used
 *	account.json  server, url (kid), email; absent: not registered yet
 *	next.pem      a key that a rollover is about to announce: key.pem or it
 *	              is the account's key, and only the CA knows which */
#pragma once

#include "acme/account.h"
#include "base/fs.h"

/* url and email as account.json says; NULL when it is absent or broken. */
int account_file_read(struct account *x, struct mem *m, struct err *e);
/* The same, with the key, which is made when there is none. */
int account_file_open(struct account *x, enum key_type t, struct mem *m,
		      struct err *e);
int account_file_write(const struct account *x, const char *server_url,
		       struct err *e);
/* next.pem; *next NULL when there is none. */
int account_file_next(const struct account *x, struct key **next,
		      struct err *e);
int account_file_write_next(const struct account *x, const struct key *next,
			    struct err *e);
int account_file_drop_next(const struct account *x, struct err *e);
/* next becomes key.pem. */
int account_file_switch(const struct account *x, const struct key *next,
			struct err *e);
/* After deactivation: the next account_open begins anew. */
int account_file_forget(const struct account *x, struct err *e);
