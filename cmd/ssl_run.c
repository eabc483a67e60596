#include <pthread.h>
#include <string.h>

#include "acme/reload.h"
#include "base/clock.h"
#include "base/stop.h"
#include "cmd/ssl.h"
#include "host/template.h"
#include "providers/table.h"

/* Certificates at a time: each waits for strangers most of its life. */
enum { WORKERS = 8 };

const char *ssl_when(struct mem *m, time_t t)
{
	char text[CLOCK_TEXT];

	return mem_fmt(m, "%.10s %.5s", clock_text(t, text), text + 11);
}

static bool is_there(const struct ssl_batch *b, const char *name)
{
	for (size_t i = 0; i < b->n; i++)
		if (!strcmp(b->at[i].job.name, name))
			return true;
	return false;
}

int ssl_add(struct ssl_batch *b, const char *domain, const char *name,
	    const struct issue_job *like, struct err *e)
{
	struct mem *m = &b->call->mem;
	struct conf_domain *found, *mine;

	if (conf_domain(b->call->conf, domain, &found, e))
		return err_at(e, "%s", domain);
	/* The table grows while domains are added: keep a copy. */
	mine = MEM_NEW(m, struct conf_domain);
	*mine = *found;
	for (size_t i = 0; i < mine->acme.key_types; i++) {
		const char *its = issue_name(m, mine, i);
		struct ssl_job *j;

		if ((name && strcmp(name, its) != 0) || is_there(b, its))
			continue;
		b->at = mem_more(m, b->at, &b->room, b->n, sizeof(*b->at));
		j = &b->at[b->n++];
		*j = (struct ssl_job){ .job = *like };
		j->job.domain = mine;
		j->job.name = its;
		j->job.key_type = mine->acme.key_type[i];
	}
	return 0;
}

void ssl_batch_free(struct ssl_batch *b)
{
	for (size_t i = 0; i < b->n; i++)
		mem_free(&b->at[i].mem);
	b->n = 0;
}

/* The next job, handed out to whichever worker is free. */
struct hand {
	struct ssl_batch *batch;
	pthread_mutex_t lock;
	size_t next;
};

static struct ssl_job *take(struct hand *h)
{
	struct ssl_job *j = NULL;

	pthread_mutex_lock(&h->lock);
	if (h->next < h->batch->n && !stop_asked())
		j = &h->batch->at[h->next++];
	pthread_mutex_unlock(&h->lock);
	return j;
}

static void *work(void *arg)
{
	struct hand *h = arg;
	AUTO(issue_session) struct issue_session s = {
		.conf = h->batch->conf,
		.real = h->batch->call->conf,
		.tell = out_tell(h->batch->call->out),
		.find = provider_find,
	};
	struct ssl_job *j;

	while ((j = take(h)))
		j->status =
			issue_run(&s, &j->job, &j->mem, &j->result, &j->err);
	return NULL;
}

static void run_jobs(struct ssl_batch *b)
{
	struct hand h = { .batch = b, .lock = PTHREAD_MUTEX_INITIALIZER };
	pthread_t thread[WORKERS];
	size_t n = 0;

	/* What was never begun when a stop was asked for. */
	for (size_t i = 0; i < b->n; i++) {
		b->at[i].result.outcome = ISSUE_FAILED;
		b->at[i].status = err_set(&b->at[i].err, ERR_STOPPED,
					  "stopped before it was begun");
	}
	while (n + 1 < b->n && n < WORKERS - 1)
		if (pthread_create(&thread[n], NULL, work, &h) == 0)
			n++;
		else
			break;
	work(&h);
	for (size_t i = 0; i < n; i++)
		pthread_join(thread[i], NULL);
	pthread_mutex_destroy(&h.lock);
}

static void say_one(const struct ssl_batch *b, const struct ssl_job *j)
{
	struct out *out = b->call->out;
	struct mem *m = &b->call->mem;
	const struct issue_result *r = &j->result;

	switch (r->outcome) {
	case ISSUE_DONE:
		if (j->job.dry_run)
			out_result(out, OUT_OK, j->job.name,
				   "dry run: a certificate could be had; "
				   "nothing of it was kept");
		else
			out_result(out, OUT_OK, j->job.name,
				   "certificate until %s UTC in "
				   "%s/acme/live/%s",
				   ssl_when(m, r->not_after), b->conf->dir,
				   j->job.name);
		break;
	case ISSUE_KEPT:
		out_result(out, OUT_OK, j->job.name,
			   "valid until %s UTC, renewal from %s (%s)",
			   ssl_when(m, r->not_after), ssl_when(m, r->next),
			   r->why);
		break;
	case ISSUE_LATER:
		/* Nothing went wrong in this run, yet all is not well. */
		out_result(out, b->scheduled ? OUT_SKIP : OUT_WARN, j->job.name,
			   "waits, next try %s UTC (`opsmail ssl %s` "
			   "tries at once): %s",
			   ssl_when(m, r->next), j->job.domain->name,
			   r->why ? r->why : "no reason was kept");
		break;
	case ISSUE_FAILED:
		break;
	}
}

/* A script for people to fill in, at the first certificate of a domain. */
static void example(const struct ssl_batch *b, const struct ssl_job *j)
{
	AUTO(buf) struct buf text = { .max = 1 << 16 };
	const struct template_value values[] = {
		{ .name = "domain", .text = j->job.domain->name },
	};
	const struct template_set set = { .at = values, .n = 1 };
	struct err e = { 0 };
	bool made = false;

	if (template_file("templates/reload.sh", TEMPLATE_SHELL, &set, &text,
			  &e) ||
	    reload_example(b->conf->dir, j->job.domain->name, buf_get(&text),
			   &made, &e))
		out_warn(b->call->out, "%s", e.msg);
	else if (made)
		tell(out_tell(b->call->out), TELL_STEP, j->job.name,
		     "edit %s/reload/%s.sh to tell your services of new "
		     "certificates",
		     b->conf->dir, j->job.domain->name);
}

/* A certificate whose reload is owed, its state held until it ran. */
struct owed {
	int lock;
	struct store_state state;
};

static bool owes(const struct ssl_batch *b, const struct ssl_job *j,
		 struct owed *o, struct reload_item *item)
{
	struct mem *m = &b->call->mem;
	struct err e = { 0 };

	o->lock = -1;
	if (store_lock(b->conf->dir, j->job.name, 0, &o->lock, &e))
		return false;
	if (store_state_read(b->conf->dir, j->job.name, &o->state, &e) ||
	    !o->state.stamp ||
	    (o->state.reloaded && !strcmp(o->state.reloaded, o->state.stamp))) {
		store_state_free(&o->state);
		close(o->lock);
		return false;
	}
	*item = (struct reload_item){
		.name = j->job.name,
		.domain = j->job.domain->name,
		.dir = mem_fmt(m, "%s/acme/live/%s", b->conf->dir, j->job.name),
		.stamp = o->state.stamp,
		.limit_ms = (int64_t)j->job.domain->acme.reload_s * 1000,
	};
	return true;
}

static void settle(const struct ssl_batch *b, struct owed *o,
		   const struct reload_item *item, unsigned *failed)
{
	struct store_state *st = &o->state;
	struct err e = { 0 };

	if (item->status) {
		(*failed)++;
		st->reload_failures++;
		st->reload_failure = mem_str(&st->mem, item->why);
		out_result(b->call->out, OUT_FAIL, item->name,
			   "reload: %s; the next run tries it again",
			   item->why);
	} else {
		st->reloaded = mem_str(&st->mem, item->stamp);
		st->reload_failures = 0;
		st->reload_failure = NULL;
		if (item->ran)
			out_result(b->call->out, OUT_OK, item->name,
				   "reloaded by %s/reload/%s.sh", b->conf->dir,
				   item->domain);
	}
	if (store_state_write(b->conf->dir, item->name, st, &e))
		out_warn(b->call->out, "%s", e.msg);
	store_state_free(st);
	close(o->lock);
}

/* Kept apart from issuing: a reload that failed is tried again by every run,
 * with the certificate that is there. */
static unsigned reload(const struct ssl_batch *b)
{
	struct mem *m = &b->call->mem;
	struct owed *owed = mem_array(m, b->n + 1, sizeof(*owed));
	struct reload_item *item = mem_array(m, b->n + 1, sizeof(*item));
	unsigned failed = 0;
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++) {
		if (!owes(b, &b->at[i], &owed[n], &item[n]))
			continue;
		example(b, &b->at[i]);
		n++;
	}
	if (n)
		reload_run(b->conf->dir, item, n, out_tell(b->call->out), m);
	for (size_t i = 0; i < n; i++)
		settle(b, &owed[i], &item[i], &failed);
	return failed;
}

/* One failure is the command's own error; of several each is said. */
static int verdict(const struct ssl_batch *b, unsigned reloads, struct err *e)
{
	const struct ssl_job *first = NULL;
	size_t failed = 0, stopped = 0;

	for (size_t i = 0; i < b->n; i++) {
		const struct ssl_job *j = &b->at[i];

		if (!j->status)
			continue;
		failed++;
		first = first ? first : j;
		if (j->err.kind == ERR_STOPPED)
			stopped++;
		else if (b->n > 1)
			out_error(b->call->out, j->job.name, &j->err,
				  cmd_status(j->err.kind));
	}
	if (!failed && reloads)
		return err_set(e, ERR_PARTIAL,
			       "%u certificate%s live, but not reloaded: mend "
			       "the script and run again",
			       reloads, reloads == 1 ? " is" : "s are");
	if (!failed)
		return 0;
	if (b->n == 1) {
		*e = first->err;
		return -1;
	}
	if (stopped)
		return err_set(e, ERR_STOPPED,
			       "stopped: %zu of %zu certificates were not "
			       "seen to; run again",
			       stopped, b->n);
	return err_set(e, failed < b->n ? ERR_PARTIAL : first->err.kind,
		       "%zu of %zu certificates failed", failed, b->n);
}

/* A rehearsal leaves its account behind, since CAs count registrations. */
static void forget_rehearsal(const struct ssl_batch *b)
{
	static const char *const parts[] = { "archive", "live", "state",
					     "keys" };
	struct err e = { 0 };

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (fs_remove_tree(mem_fmt(&b->call->mem, "%s/acme/%s",
					   b->conf->dir, parts[i]),
				   &e))
			out_warn(b->call->out, "%s", e.msg);
}

/* --dry-run has a store of its own, so that nothing of it is mistaken. All
 * domains were added by now: conf.sh and what it says belong to the folder. */
static struct conf *store_of(const struct ssl_batch *b, bool dry)
{
	struct mem *m = &b->call->mem;
	struct conf *twin;

	if (!dry)
		return b->call->conf;
	twin = MEM_NEW(m, struct conf);
	*twin = *b->call->conf;
	twin->dir = mem_fmt(m, "%s/acme/dry-run", b->call->conf->dir);
	return twin;
}

int ssl_run(struct ssl_batch *b, struct err *e)
{
	const bool dry = b->n && b->at[0].job.dry_run;
	struct err litter = { 0 };
	unsigned reloads = 0;

	b->conf = store_of(b, dry);
	if (store_sweep(b->conf->dir, &litter))
		out_warn(b->call->out, "%s", litter.msg);
	run_jobs(b);
	for (size_t i = 0; i < b->n; i++)
		say_one(b, &b->at[i]);
	if (dry)
		forget_rehearsal(b);
	else
		reloads = reload(b);
	return verdict(b, reloads, e);
}
