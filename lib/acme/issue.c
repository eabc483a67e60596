#include "acme/issue.h"

#include <string.h>

#include "acme/obtain.h"
#include "base/clock.h"
#include "base/idn.h"
#include "base/log.h"
#include "crypto/csr.h"

enum { KEEP_ARCHIVES = 5 };

const char *issue_name(struct mem *m, const struct conf_domain *d, size_t i)
{
	if (i == 0)
		return mem_str(m, d->name);
	return mem_fmt(m, "%s_%s", d->name,
		       d->acme.key_type[i] <= KEY_P384 ? "ecdsa" : "rsa");
}

/* A name written twice is ordered once: else what comes back would differ from
 * what is wanted, and be ordered again for ever. */
int issue_names(const struct conf_domain *d, struct mem *m,
		struct conf_list *out, struct err *e)
{
	const struct conf_list *names = &d->acme.names;

	out->at = mem_array(m, names->n + 2, sizeof(char *));
	out->n = 0;
	for (size_t i = 0; i < names->n; i++) {
		const char *ascii;

		if (idn_ascii(m, str_of(names->at[i]), &ascii, e))
			return -1;
		if (!conf_list_has(out, str_of(ascii)))
			out->at[out->n++] = ascii;
	}
	if (!names->n) {
		out->at[out->n++] = mem_str(m, d->name);
		out->at[out->n++] = mem_fmt(m, "*.%s", d->name);
	}
	if (out->n > 100)
		return err_set(e, ERR_CONF,
			       "%s: %zu names, but a certificate has room for "
			       "100: give some to a domain of their own",
			       d->shown, out->n);
	return 0;
}

static void session_reset(struct issue_session *s)
{
	acme_close(&s->acme);
	account_free(&s->account);
	s->acme = (struct acme){ 0 };
	s->account = (struct account){ 0 };
	s->server = NULL;
}

void issue_session_close(struct issue_session *s)
{
	session_reset(s);
	http_close(s->http);
	resolver_close(s->resolver);
	s->http = NULL;
	s->resolver = NULL;
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

/* A directory without account is enough for renewal information. */
static int session_open(struct issue_session *s, const struct issue_job *j,
			const char *url, struct err *e)
{
	const struct conf_acme *acme = &j->domain->acme;

	s->acme.who = j->name;
	if (s->server && !strcmp(s->server, url) &&
	    same_text(s->ca_file, acme->ca_file))
		return 0;
	session_reset(s);
	if (s->http && !same_text(s->ca_file, acme->ca_file)) {
		http_close(s->http);
		s->http = NULL;
	}
	if (!s->http) {
		const struct http_options o = { .ca_file = acme->ca_file };

		if (http_open(&o, &s->http, e))
			return -1;
		s->ca_file = acme->ca_file;
	}
	s->acme.tell = s->tell;
	s->acme.who = j->name;
	s->acme.pause_ms = s->pause_ms;
	if (acme_open(&s->acme, url, s->http, e))
		return -1;
	s->server = mem_str(&s->acme.mem, url);
	return 0;
}

static int session_account(struct issue_session *s, const struct issue_job *j,
			   struct err *e)
{
	if (!s->resolver && resolver_open(s->conf->resolver, &s->resolver, e))
		return -1;
	if (s->account.key)
		return 0;
	return account_open(&s->acme, s->conf, &j->domain->acme, &s->account,
			    e);
}

static int server_url(const struct issue_job *j, size_t i, const char **url,
		      struct err *e)
{
	const char *server = j->domain->acme.server.at[i];
	const char *twin = j->dry_run ? acme_server_staging(server) : NULL;

	return acme_server_url(twin ? twin : server, j->key_type, url, e);
}

/* What one run knows of the certificate. */
struct facts {
	struct store_state state;
	struct store_live live;
	bool is_live;
	struct conf_list names;
	struct csr csr;
	const struct csr *use_csr;
};

static int facts_read(struct issue_session *s, const struct issue_job *j,
		      struct mem *m, struct facts *f, struct err *e)
{
	AUTO(buf) struct buf text = { .max = 1 << 16 };
	const char *path = j->domain->acme.csr;

	if (store_state_read(s->conf->dir, j->name, &f->state, e))
		return -1;
	f->is_live = !store_read_live(s->conf->dir, j->name, m, &f->live, e);
	if (!f->is_live && e->kind != ERR_MISSING)
		tell(s->tell, TELL_STEP, j->name,
		     "what is live cannot be used: %s", e->msg);
	if (!path)
		return issue_names(j->domain, m, &f->names, e);
	if (fs_read(path, &text, e) || csr_read(buf_get(&text), m, &f->csr, e))
		return err_at(e, "%s", path);
	f->use_csr = &f->csr;
	f->names = (struct conf_list){ .at = f->csr.names, .n = f->csr.n };
	return 0;
}

static bool names_differ(const struct facts *f)
{
	const struct cert *leaf = &f->live.chain.at[0];

	for (size_t i = 0; i < f->names.n; i++)
		if (!cert_has_name(leaf, f->names.at[i]))
			return true;
	for (size_t i = 0; i < leaf->names_n; i++)
		if (!conf_list_has(&f->names, str_of(leaf->names[i])))
			return true;
	return false;
}

static bool key_differs(struct issue_session *s, const struct issue_job *j,
			const struct facts *f)
{
	AUTO(key) struct key *key = NULL;
	struct err why = { 0 };
	unsigned char spki[KEY_SPKI_SHA256];

	if (f->use_csr)
		return memcmp(f->csr.spki_sha256,
			      f->live.chain.at[0].spki_sha256,
			      KEY_SPKI_SHA256) != 0;
	return store_live_key(s->conf->dir, j->name, &key, &why) ||
	       key_kind(key) != j->key_type ||
	       key_spki_sha256(key, spki, &why) ||
	       memcmp(spki, f->live.chain.at[0].spki_sha256, KEY_SPKI_SHA256) !=
		       0;
}

static bool server_differs(const struct issue_job *j, const struct facts *f)
{
	struct err ignored = { 0 };
	const char *url;

	if (!f->state.server)
		return false;
	for (size_t i = 0; i < j->domain->acme.server.n; i++)
		if (!server_url(j, i, &url, &ignored) &&
		    !strcmp(url, f->state.server))
			return false;
	return true;
}

/* Why a certificate is needed now whatever the dates say, or NULL. */
static const char *needed(struct issue_session *s, const struct issue_job *j,
			  const struct facts *f)
{
	if (!f->is_live)
		return "there is none yet";
	if (j->force)
		return "it was asked for";
	if (f->state.revoked_at)
		return "the one that is live was revoked";
	if (f->state.order_url)
		return "an order was under way";
	if (names_differ(f))
		return "its names changed";
	if (key_differs(s, j, f))
		return "its key changed";
	if (server_differs(j, f))
		return "the CA changed";
	return NULL;
}

/* Renewal information is asked of the CA that issued it, when its time has
 * come; trouble with it never stops anything (RFC 9773 4.3). A CA that is down
 * is waited for once, not once a certificate. */
static void ask_ari(struct issue_session *s, const struct issue_job *j,
		    struct facts *f)
{
	const struct cert *leaf = &f->live.chain.at[0];
	struct store_state *st = &f->state;
	struct err why = { 0 };

	if (!leaf->ari_id || !st->server || s->silent ||
	    j->now < st->ari.ask_after)
		return;
	if (session_open(s, j, st->server, &why)) {
		s->silent = true;
		log_say(LOG_REASON, "%s: no renewal information: %s", j->name,
			why.msg);
		return;
	}
	if (!s->acme.directory.renewal_info)
		return;
	renew_ask(&s->acme, leaf->ari_id, j->now, &st->ari);
	st->ari.why = mem_str(&st->mem, st->ari.why);
	if (store_state_write(s->conf->dir, j->name, st, &why))
		log_say(LOG_REASON, "%s", why.msg);
}

static bool is_due(struct issue_session *s, const struct issue_job *j,
		   struct facts *f, struct mem *m, struct issue_result *out)
{
	struct renew_due due;
	const char *why;

	/* A failure of tomorrow was written by a clock that was wrong. */
	if (j->patient && f->state.failures && j->now < f->state.retry_at &&
	    j->now >= f->state.failed_at) {
		out->outcome = ISSUE_LATER;
		out->why = mem_str(m, f->state.failure);
		out->next = f->state.retry_at;
		return false;
	}
	why = needed(s, j, f);
	if (!why) {
		ask_ari(s, j, f);
		renew_when(f->live.chain.at[0].not_before,
			   f->live.chain.at[0].not_after, &f->state.ari, j->now,
			   j->next_wake, &due);
		out->outcome = ISSUE_KEPT;
		out->next = due.at;
		why = due.why;
		if (!due.due) {
			out->why = mem_str(m, why);
			return false;
		}
	}
	tell(s->tell, TELL_STEP, j->name, "a new certificate: %s", why);
	return true;
}

static int remember(struct issue_session *s, const struct issue_job *j,
		    struct facts *f, const struct chain *chain,
		    const char *stamp, struct err *e)
{
	struct store_state *st = &f->state;
	const struct cert *leaf = &chain->at[0];

	st->names = mem_array(&st->mem, leaf->names_n, sizeof(char *));
	st->names_n = leaf->names_n;
	for (size_t i = 0; i < leaf->names_n; i++)
		st->names[i] = mem_str(&st->mem, leaf->names[i]);
	st->domain = mem_str(&st->mem, j->domain->name);
	st->server = mem_str(&st->mem, s->server);
	st->account = mem_str(&st->mem, s->acme.kid);
	st->provider = mem_str(&st->mem, j->domain->dns.provider);
	st->stamp = mem_str(&st->mem, stamp);
	st->order_url = NULL;
	st->order_server = NULL;
	st->order_names_n = 0;
	st->order_started = 0;
	st->failures = 0;
	st->failed_at = st->retry_at = 0;
	st->failure = NULL;
	st->ari = (struct renew_ari){ 0 };
	st->revoked_at = 0;
	return store_state_write(s->conf->dir, j->name, st, e);
}

/* A run that died between the swap and the state finds its certificate live:
 * it is not installed a second time, but may lack its next key. */
static int install(struct issue_session *s, const struct issue_job *j,
		   struct facts *f, const struct chain *chain,
		   const struct key *key, struct mem *m, const char **stamp,
		   struct err *e)
{
	AUTO(key) struct key *next = NULL;

	if (f->is_live && str_same(f->live.chain.at[0].pem, chain->at[0].pem))
		*stamp = f->live.stamp;
	else if (store_install(s->conf, &j->domain->acme, j->name, key, chain,
			       KEEP_ARCHIVES, m, stamp, e))
		return -1;
	if (!key)
		return 0;
	return store_next_key(s->conf->dir, j->name, j->key_type, &next, e);
}

static const char *replaces(const struct issue_session *s,
			    const struct facts *f)
{
	if (!f->is_live || !s->acme.directory.renewal_info ||
	    !same_text(f->state.server, s->server) ||
	    !same_text(f->state.account, s->acme.kid))
		return NULL;
	return f->live.chain.at[0].ari_id;
}

/* *next: whether another CA could do what this one did not. What it refused
 * (a name, CAA) others would refuse too, and the DNS is the same for all. */
static int from_server(struct issue_session *s, const struct issue_job *j,
		       struct facts *f, const char *url, struct mem *m,
		       struct issue_result *out, bool *next, struct err *e)
{
	AUTO(key) struct key *key = NULL;
	struct chain chain = { 0 };
	struct renew_due due;
	const char *stamp;
	struct obtain o = { .session = s,
			    .job = j,
			    .state = &f->state,
			    .names = &f->names,
			    .csr = f->use_csr,
			    .mem = m };

	*next = false;
	if (session_open(s, j, url, e) || session_account(s, j, e)) {
		*next = e->kind == ERR_TEMP;
		return -1;
	}
	o.replaces = replaces(s, f);
	if (obtain_run(&o, &chain, &key, e)) {
		*next = e->kind == ERR_TEMP && !o.by_dns;
		return -1;
	}
	if (install(s, j, f, &chain, key, m, &stamp, e) ||
	    remember(s, j, f, &chain, stamp, e) ||
	    store_tidy(s->conf->dir, j->name, &f->state, e))
		return -1;
	renew_when(chain.at[0].not_before, chain.at[0].not_after, &f->state.ari,
		   j->now, j->now, &due);
	out->outcome = ISSUE_DONE;
	out->not_after = chain.at[0].not_after;
	out->next = due.at;
	return 0;
}

/* The CA that has an order under way comes first, so that it is not asked of
 * another a second time. */
static int list_servers(const struct issue_job *j, const struct facts *f,
			const char **url, struct err *e)
{
	const struct conf_list *servers = &j->domain->acme.server;

	for (size_t i = 0; i < servers->n; i++) {
		if (server_url(j, i, &url[i], e))
			return -1;
		if (!same_text(url[i], f->state.order_server))
			continue;
		const char *first = url[i];

		memmove(url + 1, url, i * sizeof(*url));
		url[0] = first;
	}
	return 0;
}

static int from_any(struct issue_session *s, const struct issue_job *j,
		    struct facts *f, struct mem *m, struct issue_result *out,
		    struct err *e)
{
	const size_t n = j->domain->acme.server.n;
	const char **url = mem_array(m, n + 1, sizeof(*url));
	bool next;

	if (list_servers(j, f, url, e))
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (!from_server(s, j, f, url[i], m, out, &next, e))
			return 0;
		if (!next || i + 1 == n)
			return -1;
		tell(s->tell, TELL_STEP, j->name, "%s; trying %s", e->msg,
		     url[i + 1]);
	}
	return err_set(e, ERR_CONF, "acme.server is empty");
}

static void record_failure(struct issue_session *s, const struct issue_job *j,
			   struct facts *f, struct issue_result *out,
			   const struct err *e)
{
	struct store_state *st = &f->state;
	struct err why = { 0 };

	out->outcome = ISSUE_FAILED;
	if (e->kind != ERR_STOPPED) {
		st->failures++;
		st->failed_at = j->now;
		/* What a person mends costs the CA nothing: the next run looks
		 * at once whether it is mended. */
		st->retry_at = e->kind == ERR_CONF || e->kind == ERR_AUTH ?
				       j->now :
				       renew_retry_at(st->failures, j->now);
		if (e->until > st->retry_at)
			st->retry_at = e->until;
		st->failure = mem_str(&st->mem, e->msg);
	}
	st->domain = mem_str(&st->mem, j->domain->name);
	out->next = st->retry_at;
	if (store_state_write(s->conf->dir, j->name, st, &why))
		log_say(LOG_REASON, "%s: %s", j->name, why.msg);
}

/* A rehearsal never takes away what a real run beside it needs. */
struct dns01 issue_dns01(const struct issue_session *s,
			 const struct issue_job *j)
{
	struct dns01 d = {
		.conf = s->real ? s->real : s->conf,
		.settings = &j->domain->dns,
		.find = s->find,
		.resolver = s->resolver,
		.tell = s->tell,
		.purpose = "acme",
		.who = j->name,
		.limit_ms = (int64_t)j->domain->acme.propagation_s * 1000,
	};

	if (j->dry_run)
		d.owner = mem_fmt(&d.mem, "%s (dry run)", j->name);
	return d;
}

/* What can be known to be wrong is said before the CA is asked for anything. */
static int check(const struct issue_session *s, const struct issue_job *j,
		 struct err *e)
{
	AUTO(dns01) struct dns01 d = issue_dns01(s, j);

	if (j->domain->acme.challenge == CHALLENGE_DNS_PERSIST01)
		return 0;
	return dns01_check(&d, e);
}

/* Values that an earlier run could not take out of the DNS again. */
static void clean_up(struct issue_session *s, const struct issue_job *j,
		     struct facts *f)
{
	AUTO(dns01) struct dns01 d = issue_dns01(s, j);
	struct err why = { 0 };

	if (!f->state.cleanup_owed)
		return;
	if ((!s->resolver &&
	     resolver_open(s->conf->resolver, &s->resolver, &why)) ||
	    (d.resolver = s->resolver, dns01_clear(&d, &why))) {
		tell(s->tell, TELL_STEP, j->name,
		     "could not clean up, the next run will: %s", why.msg);
		return;
	}
	f->state.cleanup_owed = 0;
	if (store_state_write(s->conf->dir, j->name, &f->state, &why))
		log_say(LOG_REASON, "%s: %s", j->name, why.msg);
}

static int locked_run(struct issue_session *s, const struct issue_job *j,
		      struct facts *f, struct mem *m, struct issue_result *out,
		      struct err *e)
{
	struct err why = { 0 };

	if (facts_read(s, j, m, f, e))
		return -1;
	if (f->is_live)
		out->not_after = f->live.chain.at[0].not_after;
	clean_up(s, j, f);
	if (!is_due(s, j, f, m, out))
		return 0;
	/* A key that a crashed run left pending is the live one by now. */
	if (store_tidy(s->conf->dir, j->name, &f->state, &why))
		log_say(LOG_REASON, "%s: %s", j->name, why.msg);
	if (check(s, j, e) || from_any(s, j, f, m, out, e)) {
		record_failure(s, j, f, out, e);
		return -1;
	}
	return 0;
}

int issue_run(struct issue_session *s, const struct issue_job *j, struct mem *m,
	      struct issue_result *out, struct err *e)
{
	AUTO(fd) int lock = -1;
	struct facts f = { 0 };
	int status;

	*out = (struct issue_result){ .outcome = ISSUE_FAILED };
	if (store_prepare(s->conf, &j->domain->acme, j->name, e))
		return err_at(e, "%s", j->name);
	if (store_lock(s->conf->dir, j->name, j->lock_wait_ms, &lock, e)) {
		if (!j->patient || e->kind != ERR_TEMP)
			return err_at(e, "%s", j->name);
		/* Somebody is at it: the next run looks again. */
		out->outcome = ISSUE_LATER;
		out->why = mem_str(m, e->msg);
		out->next = j->next_wake;
		return 0;
	}
	status = locked_run(s, j, &f, m, out, e);
	store_state_free(&f.state);
	return status ? err_at(e, "%s", j->name) : 0;
}
