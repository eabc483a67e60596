#include "acme/account.h"

#include <string.h>

#include "acme/account_file.h"
#include "base/b64.h"
#include "base/log.h"
#include "base/str.h"
#include "crypto/jose.h"

enum { LOCK_MS = 60000, EAB_MAX = 1024 };

void account_free(struct account *x)
{
	key_free(x->key);
	*x = (struct account){ 0 };
}

static void adopt(struct acme *a, struct account *x)
{
	a->key = x->key;
	a->kid = x->url;
}

static int lock_account(struct acme *a, const struct account *x, int *fd,
			struct err *e)
{
	const char *path = mem_fmt(&a->mem, "%s/lock", x->dir);
	return fs_lock(path, LOCK_MS, fd, e);
}

/* People paste the key as base64url with padding or as plain base64. */
static int decode_mac(const char *text, struct buf *mac)
{
	AUTO(secret) struct buf plain = { .max = EAB_MAX };
	struct str s = str_trim(str_of(text));
	while (str_ends(s, "="))
		s.n--;
	for (size_t i = 0; i < s.n; i++)
		buf_char(&plain, s.at[i] == '+' ? '-' :
				 s.at[i] == '/' ? '_' :
						  s.at[i]);
	return plain.full || !plain.n || b64url_read(buf_get(&plain), mac);
}

static int eab_hash(const char *alg, enum hash *h, struct err *e)
{
	struct str s = str_of(alg);
	*h = HASH_SHA256;
	if (!alg || str_eqi(s, "HS256"))
		return 0;
	*h = str_eqi(s, "HS384") ? HASH_SHA384 : HASH_SHA512;
	if (*h == HASH_SHA384 || str_eqi(s, "HS512"))
		return 0;
	return err_set(e, ERR_CONF,
		       "acme.eab.alg: \"%s\" is none of HS256, HS384, HS512",
		       alg);
}

/* RFC 8555 7.3.4 */
static int add_eab(struct acme *a, const struct conf_acme *s,
		   const struct account *x, json_t *payload, struct err *e)
{
	AUTO(secret) struct buf mac = { .max = EAB_MAX };
	AUTO(buf) struct buf jws = { .max = 16384 };
	const char *text = NULL;
	enum hash h;
	if (eab_hash(s->eab_alg, &h, e) ||
	    secret_read(&s->eab_hmac, &a->mem, &text, e))
		return -1;
	log_hide(str_trim(str_of(text)));
	if (decode_mac(text, &mac))
		return err_set(e, ERR_CONF,
			       "acme.eab.hmac is not the base64url text that "
			       "the CA gave for acme.eab.kid \"%s\"",
			       s->eab_kid);
	if (jose_eab(x->key, s->eab_kid, buf_get(&mac), h,
		     a->directory.new_account, &jws, e))
		return -1;
	json_object_set_new(payload, "externalAccountBinding",
			    json_loadb(jws.at, jws.n, 0, NULL));
	return 0;
}

static const char *eab_source(const char *url)
{
	size_t n = 0;
	const struct acme_server *s = acme_servers(&n);
	for (size_t i = 0; i < n; i++)
		if (!strcmp(s[i].url, url) ||
		    (s[i].url_rsa && !strcmp(s[i].url_rsa, url)))
			return s[i].eab ? s[i].eab : "the CA";
	return "the CA";
}

static int lacks_eab(const struct acme *a, struct err *e)
{
	return err_set(e, ERR_AUTH,
		       "%s takes only accounts bound to its customers: put "
		       "acme.eab.kid and acme.eab.hmac into opsmail.yaml (they "
		       "come from %s)",
		       a->url, eab_source(a->url));
}

static json_t *contact_list(const char *email)
{
	json_t *list = json_array();
	AUTO(buf) struct buf uri = { .max = 1024 };
	buf_fmt(&uri, "mailto:%s", email ? email : "");
	if (email)
		json_array_append_new(list, json_string(buf_c(&uri)));
	return list;
}

/* Where a binding is wanted and we have none, an account that exists (moved
 * here with its key) can still be found (RFC 8555 7.3.1). */
static int make_request(struct acme *a, const struct conf *c,
			const struct conf_acme *s, const struct account *x,
			json_t *payload, struct err *e)
{
	json_object_set_new(payload, "termsOfServiceAgreed", json_true());
	if (c->email)
		json_object_set_new(payload, "contact", contact_list(c->email));
	if (s->eab_kid)
		return add_eab(a, s, x, payload, e);
	if (a->directory.eab_required)
		json_object_set_new(payload, "onlyReturnExisting", json_true());
	return 0;
}

static int refused(const struct acme *a, const struct conf_acme *s,
		   const struct account *x, const struct acme_reply *r,
		   struct err *e)
{
	bool unbound = !s->eab_kid &&
		       (!strcmp(r->problem.type, "externalAccountRequired") ||
			(a->directory.eab_required && e->kind == ERR_MISSING));
	if (unbound)
		return lacks_eab(a, e);
	if (s->eab_kid && e->kind != ERR_TEMP && e->kind != ERR_STOPPED) {
		e->kind = ERR_AUTH;
		return err_at(e, "registering with acme.eab.kid \"%s\"",
			      s->eab_kid);
	}
	return err_at(e, "registering with the account key in %s", x->dir);
}

static int register_account(struct acme *a, const struct conf *c,
			    const struct conf_acme *s, struct account *x,
			    struct err *e)
{
	AUTO(acme_reply) struct acme_reply r = { 0 };
	AUTO(json) json_t *payload = json_object();
	const char *url = a->directory.new_account;
	if (make_request(a, c, s, x, payload, e))
		return -1;
	if (acme_post_jwk(a, url, x->key, payload, &r, e))
		return refused(a, s, x, &r, e);
	const char *place = acme_https(http_header(&r.http, "Location", 0));
	if (!place)
		return err_set(e, ERR_PERM,
			       "%s answered %d without the account's URL in "
			       "Location",
			       url, r.http.status);
	x->url = mem_str(&a->mem, place);
	x->email = mem_str(&a->mem, c->email);
	adopt(a, x);
	tell(a->tell, TELL_STEP, a->who, "%s account %s",
	     r.http.status == 201 ? "new" : "known", x->url);
	return account_file_write(x, a->url, e);
}

/* Whether the CA takes this key for the account: 1, 0, or -1 when it cannot
 * be told now. */
static int key_works(struct acme *a, const struct account *x, struct key *k,
		     struct err *e)
{
	AUTO(acme_reply) struct acme_reply r = { 0 };
	struct key *before = a->key;
	a->key = k;
	a->kid = x->url;
	int failed = acme_post(a, x->url, NULL, &r, e);
	a->key = before;
	if (failed && (e->kind == ERR_TEMP || e->kind == ERR_STOPPED ||
		       e->kind == ERR_SYS || e->kind == ERR_CONF))
		return -1;
	return failed ? 0 : 1;
}

/* next is ours from here on; it is taken only when all went well. */
static int switch_key(struct acme *a, struct account *x, struct key **next,
		      struct err *e)
{
	if (account_file_switch(x, *next, e))
		return -1;
	key_free(x->key);
	x->key = TAKE(*next);
	adopt(a, x);
	return 0;
}

/* A rollover that was cut short: the CA knows which key it has. When it takes
 * neither, the old one stays and its next answer says why. */
static int settle_rollover(struct acme *a, struct account *x, struct err *e)
{
	AUTO(key) struct key *next = NULL;
	if (account_file_next(x, &next, e))
		return -1;
	if (!next)
		return 0;
	int old_works = !x->url || key_same(next, x->key) ?
				1 :
				key_works(a, x, x->key, e);
	if (old_works < 0)
		return -1;
	int new_works = old_works ? 0 : key_works(a, x, next, e);
	if (new_works < 0)
		return -1;
	*e = (struct err){ 0 };
	if (!new_works)
		return account_file_drop_next(x, e);
	log_say(LOG_REASON, "the key rollover of %s is finished", x->url);
	return switch_key(a, x, &next, e);
}

static void follow_email(struct acme *a, const struct conf *c,
			 struct account *x)
{
	struct err e = { 0 };
	if (!c->email || (x->email && !strcmp(x->email, c->email)))
		return;
	if (account_contact(a, x, c->email, &e))
		log_say(LOG_NORMAL,
			"the CA does not take the new e-mail "
			"address: %s",
			e.msg);
}

static int open_locked(struct acme *a, const struct conf *c,
		       const struct conf_acme *s, struct account *x,
		       struct err *e)
{
	AUTO(fd) int lock = -1;
	if (fs_mkdir(x->dir, 0700, e) || lock_account(a, x, &lock, e) ||
	    fs_sweep(x->dir, e) ||
	    account_file_open(x, s->account_key_type, &a->mem, e))
		return -1;
	adopt(a, x);
	if (settle_rollover(a, x, e))
		return -1;
	if (!x->url)
		return register_account(a, c, s, x, e);
	follow_email(a, c, x);
	return 0;
}

int account_open(struct acme *a, const struct conf *c,
		 const struct conf_acme *s, struct account *x, struct err *e)
{
	*x = (struct account){ .dir = account_dir(c->dir, a->url, &a->mem) };
	if (!open_locked(a, c, s, x, e))
		return 0;
	account_free(x);
	adopt(a, x);
	return -1;
}

/* Another process may have found out first. */
int account_again(struct acme *a, const struct conf *c,
		  const struct conf_acme *s, struct account *x, struct err *e)
{
	AUTO(fd) int lock = -1;
	const char *lost = x->url;
	if (lock_account(a, x, &lock, e) || account_file_read(x, &a->mem, e))
		return -1;
	if (x->url && lost && strcmp(x->url, lost) != 0) {
		adopt(a, x);
		return 0;
	}
	return register_account(a, c, s, x, e);
}

int account_contact(struct acme *a, struct account *x, const char *email,
		    struct err *e)
{
	AUTO(acme_reply) struct acme_reply r = { 0 };
	AUTO(json) json_t *p = json_object();
	json_object_set_new(p, "contact", contact_list(email));
	if (acme_post(a, x->url, p, &r, e))
		return -1;
	x->email = mem_str(&a->mem, email);
	return account_file_write(x, a->url, e);
}

/* RFC 8555 7.3.5: the inner JWS by the new key says whose key changes. */
static json_t *key_change(const struct acme *a, const struct account *x,
			  const struct key *next, struct err *e)
{
	AUTO(buf) struct buf old = { .max = 8192 };
	AUTO(buf) struct buf jws = { .max = 65536 };
	const struct jose_header h = { .url = a->directory.key_change };
	if (jose_jwk(x->key, &old, e))
		return NULL;
	AUTO(json) json_t *p = json_pack("{s:s, s:o}", "account", x->url,
					 "oldKey",
					 json_loadb(old.at, old.n, 0, NULL));
	AUTO(free) char *text = json_dumps(p, JSON_COMPACT);
	if (!text || jose_sign(next, &h, str_of(text), &jws, e))
		return NULL;
	return json_loadb(jws.at, jws.n, 0, NULL);
}

int account_rollover(struct acme *a, struct account *x, enum key_type t,
		     struct err *e)
{
	AUTO(acme_reply) struct acme_reply r = { 0 };
	AUTO(key) struct key *next = NULL;
	AUTO(fd) int lock = -1;
	if (!a->directory.key_change)
		return err_set(e, ERR_PERM,
			       "%s offers no change of account "
			       "keys",
			       a->url);
	if (lock_account(a, x, &lock, e) || settle_rollover(a, x, e) ||
	    key_make(t, &next, e) || account_file_write_next(x, next, e))
		return -1;
	AUTO(json) json_t *inner = key_change(a, x, next, e);
	if (!inner)
		return -1;
	if (acme_post(a, a->directory.key_change, inner, &r, e)) {
		/* The reply to a first try may have been lost. */
		struct err second = { 0 };
		if (settle_rollover(a, x, &second) || !key_same(next, x->key))
			return -1;
		*e = (struct err){ 0 };
		return 0;
	}
	return switch_key(a, x, &next, e);
}

int account_deactivate(struct acme *a, struct account *x, struct err *e)
{
	AUTO(acme_reply) struct acme_reply r = { 0 };
	AUTO(json) json_t *p = json_pack("{s:s}", "status", "deactivated");
	AUTO(fd) int lock = -1;
	if (lock_account(a, x, &lock, e) || acme_post(a, x->url, p, &r, e))
		return -1;
	return account_file_forget(x, e);
}
