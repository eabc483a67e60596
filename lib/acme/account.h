/* Accounts: conf/acme/accounts/CA/{key.pem,account.json}, 0600. The folder name
 * is the directory URL made safe for a file name. */
#pragma once

#include "acme/client.h"
#include "conf/conf.h"

struct account {
	struct key *key;   /* owned */
	const char *url;   /* kid; NULL: not registered yet */
	const char *email; /* as registered; NULL: none, or not known */
	const char *dir;   /* its folder */
};
void account_free(struct account *x);
static inline void auto_account(struct account *x)
{
	account_free(x);
}
/* Loads or makes the key (written before it is used), registers when there is
 * no URL yet, under the account's lock (two processes: one registration), and
 * puts key and kid into `a`. Tells the CA an e-mail address that changed; its
 * refusal is only logged. ERR_AUTH when the CA wants an EAB we lack.
 * A forgotten account (accountDoesNotExist) is registered again once by
 * account_again. All text lives in a->mem. */
int account_open(struct acme *a, const struct conf *c,
		 const struct conf_acme *s, struct account *x, struct err *e);
int account_again(struct acme *a, const struct conf *c,
		  const struct conf_acme *s, struct account *x, struct err *e);
/* Its folder: text in m. */
const char *account_dir(const char *conf_dir, const char *server_url,
			struct mem *m);
/* Puts a key and kid (NULL: to be registered) that came from elsewhere where
 * account_open finds them; ERR_SYS where an account stands already. */
int account_keep(const char *conf_dir, const char *server_url,
		 const struct key *k, const char *url, struct err *e);
/* Only what is on disk: ERR_MISSING when there is none. No network. */
int account_load(const char *conf_dir, const char *server_url, struct mem *m,
		 struct account *x, struct err *e);
int account_contact(struct acme *a, struct account *x, const char *email,
		    struct err *e);
/* New key on disk before the call, live after it (RFC 8555 7.3.5); a crash in
 * between is mended by account_open (it tries both keys). */
int account_rollover(struct acme *a, struct account *x, enum key_type t,
		     struct err *e);
int account_deactivate(struct acme *a, struct account *x, struct err *e);
