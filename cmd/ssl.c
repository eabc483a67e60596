#include "cmd/ssl.h"

#include <string.h>

#include "base/clock.h"
#include "base/rand.h"
#include "base/stop.h"

enum {
	/* A person waits for another run that has the certificate. */
	LOCK_WAIT_MS = 120 * 1000,
	/* The scheduled job comes every hour, so that what failed is tried
	 * again after minutes, not half a day. */
	WAKE_S = 3600,
};

static struct issue_job job_of(struct call *c)
{
	const time_t now = clock_now();

	return (struct issue_job){
		.force = opt_flag(&c->opts, "force"),
		.dry_run = opt_flag(&c->opts, "dry-run"),
		.lock_wait_ms = LOCK_WAIT_MS,
		.now = now,
		.next_wake = now,
	};
}

int cmd_ssl(struct call *c, struct err *e)
{
	const struct issue_job like = job_of(c);
	AUTO(ssl_batch) struct ssl_batch b = { .call = c };

	for (size_t i = 0; i < c->args_n; i++)
		if (ssl_add(&b, c->args[i], NULL, &like, e))
			return -1;
	return ssl_run(&b, e);
}

static int add_stored(struct ssl_batch *b, const char *name,
		      const struct issue_job *like, struct err *e)
{
	AUTO(store_state) struct store_state st = { 0 };
	const size_t before = b->n;
	const char *domain;

	if (store_state_read(b->call->conf->dir, name, &st, e))
		return -1;
	domain = st.domain ? st.domain : name;
	if (ssl_add(b, domain, name, like, e))
		return -1;
	if (b->n == before)
		out_warn(b->call->out,
			 "%s: %s has no such certificate any more in the "
			 "configuration (acme.key_type): it is left alone",
			 name, domain);
	return 0;
}

/* A scheduled run spreads its start, so that not all the world asks the CA at
 * the same second. */
static int spread(struct call *c, struct err *e)
{
	uint64_t jitter = 0;

	if (opt_num(&c->opts, "jitter", 24 * 3600, &jitter, e))
		return -1;
	if (jitter)
		clock_sleep_ms((int64_t)rand_below((uint32_t)jitter * 1000));
	if (stop_asked())
		return err_set(e, ERR_STOPPED, "stopped while waiting");
	return 0;
}

/* One unreadable state must not keep the others from being renewed. */
static int add_all(struct ssl_batch *b, const struct issue_job *like,
		   size_t *bad, struct err *e)
{
	struct fs_names names = { 0 };

	if (store_names(b->call->conf->dir, &b->call->mem, &names, e))
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		struct err why = { 0 };

		if (!add_stored(b, names.at[i], like, &why))
			continue;
		out_error(b->call->out, names.at[i], &why,
			  cmd_status(why.kind));
		(*bad)++;
	}
	return 0;
}

int ssl_renew_all(struct call *c, struct err *e)
{
	AUTO(ssl_batch) struct ssl_batch b = { .call = c };
	struct issue_job like;
	size_t bad = 0;

	if (spread(c, e))
		return -1;
	like = job_of(c);
	like.patient = !like.force;
	b.scheduled = opt_flag(&c->opts, "run");
	like.lock_wait_ms = 0;
	like.next_wake = like.now + WAKE_S;
	if (add_all(&b, &like, &bad, e))
		return -1;
	if (!b.n && !bad)
		out_result(c->out, OUT_SKIP, NULL,
			   "there are no certificates yet: run `opsmail ssl "
			   "DOMAIN`");
	if (ssl_run(&b, e))
		return -1;
	if (bad)
		return err_set(e, ERR_PARTIAL,
			       "%zu of %zu certificates could not be looked at",
			       bad, bad + b.n);
	return 0;
}

int cmd_ssl_renew(struct call *c, struct err *e)
{
	const struct issue_job like = job_of(c);
	AUTO(ssl_batch) struct ssl_batch b = { .call = c };

	if (!c->args_n)
		return ssl_renew_all(c, e);
	for (size_t i = 0; i < c->args_n; i++)
		if (ssl_add(&b, c->args[i], NULL, &like, e))
			return -1;
	return ssl_run(&b, e);
}
