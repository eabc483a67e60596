#include "acme/obtain.h"

#include <string.h>

#include "base/log.h"
#include "net/resolve.h"

enum { ORDER_LIMIT_MS = 300 * 1000 };

static bool same_names(const char *const *a, size_t a_n, const char *const *b,
		       size_t b_n)
{
	size_t found = 0;

	for (size_t i = 0; i < a_n; i++)
		for (size_t k = 0; k < b_n; k++)
			found += !strcmp(a[i], b[k]);
	return a_n == b_n && found == a_n;
}

static void forget(struct obtain *o)
{
	o->state->order_url = NULL;
	o->state->order_server = NULL;
	o->state->order_names_n = 0;
}

static int save(const struct obtain *o, struct err *e)
{
	return store_state_write(o->session->conf->dir, o->job->name, o->state,
				 e);
}

/* True with an order that can still be used; -1 only when the CA cannot be
 * asked: then asking for a second certificate would be wrong. */
static int resume(struct obtain *o, struct order *order, bool *found,
		  struct err *e)
{
	const struct store_state *st = o->state;

	*found = false;
	if (!st->order_url || !st->order_server ||
	    strcmp(st->order_server, o->session->server) ||
	    !same_names(st->order_names, st->order_names_n, o->names->at,
			o->names->n))
		return 0;
	order->url = st->order_url;
	if (order_read(&o->session->acme, order, e)) {
		if (e->kind != ERR_MISSING && e->kind != ERR_PERM)
			return -1;
		return 0;
	}
	*found = order->status == ACME_PENDING || order->status == ACME_READY ||
		 order->status == ACME_PROCESSING ||
		 order->status == ACME_VALID;
	if (*found)
		tell(o->session->tell, TELL_STEP, o->job->name,
		     "continuing the order that was under way");
	return 0;
}

/* A CA that lost its accounts (a test CA after a restart, a purge) is told of
 * ours again, once. */
static int ask(struct obtain *o, const struct order_wish *wish,
	       struct order *order, struct err *e)
{
	struct issue_session *s = o->session;

	if (!order_new(&s->acme, wish, order, e))
		return 0;
	if (e->kind != ERR_MISSING)
		return -1;
	tell(s->tell, TELL_STEP, o->job->name,
	     "the CA does not know our account: registering it again");
	if (account_again(&s->acme, s->conf, &o->job->domain->acme, &s->account,
			  e))
		return -1;
	*order = (struct order){ 0 };
	return order_new(&s->acme, wish, order, e);
}

static int begin(struct obtain *o, struct order *order, struct err *e)
{
	const struct order_wish wish = { .names = o->names->at,
					 .n = o->names->n,
					 .profile =
						 o->job->domain->acme.profile,
					 .replaces = o->replaces };
	struct store_state *st = o->state;
	bool found;

	if (resume(o, order, &found, e))
		return -1;
	if (found)
		return 0;
	forget(o);
	*order = (struct order){ 0 };
	if (ask(o, &wish, order, e))
		return -1;
	st->order_url = mem_str(&st->mem, order->url);
	st->order_server = mem_str(&st->mem, o->session->server);
	st->order_names = mem_array(&st->mem, o->names->n, sizeof(char *));
	st->order_names_n = o->names->n;
	for (size_t i = 0; i < o->names->n; i++)
		st->order_names[i] = mem_str(&st->mem, o->names->at[i]);
	st->order_started = o->job->now;
	return save(o, e);
}

static const char *challenge_type(const struct obtain *o)
{
	return o->job->domain->acme.challenge == CHALLENGE_DNS_PERSIST01 ?
		       "dns-persist-01" :
		       "dns-01";
}

/* The authorizations that still need a proof. */
static int pending(struct obtain *o, const struct order *order,
		   struct authz *out, size_t *n, struct err *e)
{
	*n = 0;
	for (size_t i = 0; i < order->authz_n; i++) {
		struct authz *z = &out[*n];

		*z = (struct authz){ 0 };
		if (order_authz(&o->session->acme, order->authz[i],
				challenge_type(o), z, e))
			return -1;
		if (z->status == ACME_VALID)
			continue;
		if (z->status != ACME_PENDING)
			return err_set(e, ERR_PERM,
				       "%s: the CA refused this name: %s",
				       z->name,
				       z->problem.detail[0] ?
					       z->problem.detail :
					       "its authorization is over");
		if (!z->challenge_url)
			return err_set(e, ERR_PERM,
				       "%s: the CA offers %s, not %s", z->name,
				       z->offered, challenge_type(o));
		(*n)++;
	}
	return 0;
}

static void token_for(struct dns01 *d, const struct authz *z,
		      const char *prefix, const struct buf *value)
{
	struct dns01_token *t = &d->token[d->n++];

	t->at = mem_fmt(&d->mem, "%s.%s", prefix, z->name);
	t->value = mem_dup(&d->mem, value->at, value->n);
}

/* Some bridges hand on what the value is made of. */
static int made_of(struct obtain *o, struct dns01 *d, const struct authz *z,
		   struct err *e)
{
	AUTO(buf) struct buf auth = { .max = 4096 };
	struct dns01_token *t = &d->token[d->n - 1];

	if (order_key_auth(o->session->account.key, z->token, &auth, e))
		return -1;
	t->domain = z->name;
	t->token = z->token;
	t->key_auth = mem_dup(&d->mem, auth.at, auth.n);
	return 0;
}

static int dns01_tokens(struct obtain *o, struct dns01 *d,
			const struct authz *z, size_t n, struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		AUTO(buf) struct buf value = { .max = 64 };

		if (!z[i].token)
			return err_set(e, ERR_PERM,
				       "%s: the CA's challenge has no token",
				       z[i].name);
		if (order_dns01_value(o->session->account.key, z[i].token,
				      &value, e))
			return -1;
		token_for(d, &z[i], "_acme-challenge", &value);
		if (made_of(o, d, &z[i], e))
			return -1;
	}
	return 0;
}

static bool wildcard_too(const struct authz *z, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (z[i].wildcard && !strcmp(z[i].name, name))
			return true;
	return false;
}

/* One record a name: with a wildcard beside it the wider one serves both. */
static int persist_tokens(struct obtain *o, struct dns01 *d,
			  const struct authz *z, size_t n, struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		AUTO(buf) struct buf value = { .max = 1024 };
		bool seen = false;

		for (size_t k = 0; k < i; k++)
			seen = seen || !strcmp(z[k].name, z[i].name);
		if (seen)
			continue;
		if (!z[i].issuer)
			return err_set(e, ERR_PERM,
				       "%s: the CA's dns-persist-01 challenge "
				       "names no issuer",
				       z[i].name);
		order_persist_value(z[i].issuer, o->session->acme.kid,
				    wildcard_too(z, n, z[i].name), &value);
		token_for(d, &z[i], "_validation-persist", &value);
	}
	return 0;
}

/* A record that is already there is left alone: the host that renews then
 * needs no credentials for the DNS. */
static bool persist_there(struct obtain *o, struct dns01 *d)
{
	for (size_t i = 0; i < d->n; i++) {
		struct err ignored = { 0 };
		struct answer a = { 0 };
		bool found = false;

		if (resolve(d->resolver, d->token[i].at, DNS_TXT, &d->mem, &a,
			    &ignored))
			return false;
		for (size_t k = 0; k < a.n; k++)
			found = found || str_eq(a.value[k], d->token[i].value);
		if (!found)
			return false;
	}
	log_say(LOG_REASON, "%s: the dns-persist-01 record is there",
		o->job->name);
	return true;
}

static int persist_put(struct obtain *o, struct dns01 *d, struct err *e)
{
	if (persist_there(o, d))
		return 0;
	for (size_t i = 0; i < d->n; i++)
		tell(o->session->tell, TELL_TASK, o->job->name,
		     "dns-persist-01: this record stays in the zone, and lets "
		     "whoever holds the key of the account\n%s\nget "
		     "certificates for the name, with no further change of "
		     "the DNS:\n%s. IN TXT \"%s\"",
		     o->session->acme.kid, d->token[i].at, d->token[i].value);
	return dns01_put(d, e);
}

static int answer_all(struct obtain *o, struct order *order,
		      const struct authz *z, size_t n, struct err *e)
{
	for (size_t i = 0; i < n; i++)
		if (z[i].challenge_status == ACME_PENDING &&
		    order_answer(&o->session->acme, &z[i], e))
			return err_at(e, "%s", z[i].name);
	tell(o->session->tell, TELL_STEP, o->job->name,
	     "the CA is asked to look");
	return order_wait_ready(&o->session->acme, order, ORDER_LIMIT_MS, e);
}

/* Whose DNS holds one value at a time proves one name after the other. */
static int one_round(struct obtain *o, struct order *order, struct dns01 *d,
		     struct authz *z, size_t n, struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		if (d->token[i].round != d->round ||
		    z[i].challenge_status != ACME_PENDING)
			continue;
		if (order_answer(&o->session->acme, &z[i], e) ||
		    order_wait_authz(&o->session->acme, order, z[i].url,
				     ORDER_LIMIT_MS, e))
			return err_at(e, "%s", z[i].name);
		z[i].challenge_status = ACME_VALID;
	}
	return dns01_clear(d, e);
}

static int put_in_turns(struct obtain *o, struct order *order, struct dns01 *d,
			struct authz *z, size_t n, struct err *e)
{
	for (d->round = 0;; d->round++) {
		if (dns01_put(d, e)) {
			o->by_dns = true;
			return -1;
		}
		if (d->round + 1 >= d->rounds)
			return 0;
		if (one_round(o, order, d, z, n, e))
			return -1;
	}
}

static int prove(struct obtain *o, struct order *order, struct dns01 *d,
		 struct authz *z, size_t n, struct err *e)
{
	const bool persist = o->job->domain->acme.challenge ==
			     CHALLENGE_DNS_PERSIST01;

	d->token = mem_array(&d->mem, n, sizeof(*d->token));
	if (persist ? persist_tokens(o, d, z, n, e) :
		      dns01_tokens(o, d, z, n, e))
		return -1;
	if (!persist) {
		if (put_in_turns(o, order, d, z, n, e))
			return -1;
	} else if (persist_put(o, d, e)) {
		o->by_dns = true;
		return -1;
	}
	return answer_all(o, order, z, n, e);
}

/* Whatever happened, what we put up comes down; a crashed run's values too,
 * also when this order needs no proof any more. */
static int authorize(struct obtain *o, struct order *order, struct err *e)
{
	AUTO(dns01) struct dns01 d = issue_dns01(o->session, o->job);
	struct authz *z = mem_array(o->mem, order->authz_n + 1, sizeof(*z));
	struct err left = { 0 };
	int status = 0;
	size_t n = 0;

	if (o->job->domain->acme.challenge == CHALLENGE_DNS_PERSIST01)
		d.purpose = "persist";
	if (order->status == ACME_PENDING) {
		status = pending(o, order, z, &n, e);
		if (!status && n)
			status = prove(o, order, &d, z, n, e);
		else if (!status)
			status = order_wait_ready(&o->session->acme, order,
						  ORDER_LIMIT_MS, e);
	}
	d.purpose = "acme";
	o->state->cleanup_owed = dns01_clear(&d, &left) ? 1 : 0;
	if (o->state->cleanup_owed)
		tell(o->session->tell, TELL_STEP, o->job->name,
		     "could not clean up, the next run will: %s", left.msg);
	return status;
}

static int request(struct obtain *o, struct key **key, struct buf *der,
		   unsigned char spki[KEY_SPKI_SHA256], struct err *e)
{
	/* The key of a revoked certificate may be known to others. */
	const bool reuse = o->job->domain->acme.reuse_key &&
			   !o->state->revoked_at;

	if (o->csr) {
		buf_view(der, o->csr->der);
		memcpy(spki, o->csr->spki_sha256, KEY_SPKI_SHA256);
		return 0;
	}
	if (store_pending_key(o->session->conf->dir, o->job->name,
			      o->job->key_type, reuse, key, e) ||
	    key_spki_sha256(*key, spki, e))
		return -1;
	return csr_make(*key, o->names->at, o->names->n, der, e);
}

static int fetch(struct obtain *o, const struct order *order,
		 const unsigned char spki[KEY_SPKI_SHA256], struct chain *chain,
		 struct err *e)
{
	const char *preferred = o->job->domain->acme.preferred_chain;
	AUTO(buf) struct buf pem = { .max = 1 << 20 };
	bool chosen = true;

	if (order_certificate(&o->session->acme, order, preferred, &pem,
			      &chosen, e))
		return -1;
	if (preferred && !chosen)
		tell(o->session->tell, TELL_STEP, o->job->name,
		     "no chain of the CA has \"%s\": its default one is used",
		     preferred);
	if (chain_read(buf_get(&pem), o->mem, chain, e) ||
	    chain_sort(chain, o->mem, e) ||
	    chain_check(chain, spki, o->names->at, o->names->n, o->job->now, e))
		return err_at(e, "the certificate that the CA sent");
	return 0;
}

static int finish(struct obtain *o, struct order *order, struct chain *chain,
		  struct key **key, struct err *e)
{
	AUTO(key) struct key *mine = NULL;
	AUTO(buf) struct buf der = { .max = 1 << 16 };
	unsigned char spki[KEY_SPKI_SHA256];

	/* Of an order that is valid already this only asks where its
	 * certificate is. */
	if (request(o, &mine, &der, spki, e) ||
	    order_finalize(&o->session->acme, order, buf_get(&der),
			   ORDER_LIMIT_MS, e) ||
	    fetch(o, order, spki, chain, e))
		return -1;
	*key = TAKE(mine);
	return 0;
}

int obtain_run(struct obtain *o, struct chain *chain, struct key **key,
	       struct err *e)
{
	struct order order = { 0 };

	if (!begin(o, &order, e) && !authorize(o, &order, e) &&
	    !finish(o, &order, chain, key, e))
		return 0;
	if (!o->by_dns && (e->kind == ERR_PERM || e->kind == ERR_MISSING))
		forget(o);
	return -1;
}
