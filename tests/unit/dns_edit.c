#include "dns/edit.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/fs.h"
#include "tests/unit/test.h"

static char dir[64];

static int setup(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/opsmail-edit-XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int teardown(void **state)
{
	struct err e = { 0 };

	(void)state;
	return fs_remove_tree(dir, &e);
}

/* A provider in memory. */
struct store {
	pthread_mutex_t lock;
	struct mem mem;
	struct records r;
	bool cas;        /* refuse a change against another state */
	unsigned meddle; /* how many times somebody comes first */
	bool deaf;       /* says yes, does nothing */
	bool broken;     /* says no */
	bool crash;      /* does it, then says no */
	bool half;       /* makes the first value, then says never */
	unsigned applied, listed;
	uint32_t ttl; /* of the last change */
};

static int store_list(struct dns *d, const char *zone, const char *name,
		      uint16_t type, struct mem *m, struct records *out,
		      struct err *e)
{
	struct store *s = d->state;

	(void)zone;
	(void)e;
	pthread_mutex_lock(&s->lock);
	s->listed++;
	for (size_t i = 0; i < s->r.n; i++)
		if (strcmp(s->r.at[i].name, name) == 0 &&
		    s->r.at[i].type == type)
			records_add(out, m, &s->r.at[i]);
	pthread_mutex_unlock(&s->lock);
	return 0;
}

static void store_put(struct store *s, const char *name, const char *value)
{
	struct record r = { .name = name,
			    .type = DNS_TXT,
			    .ttl = 777,
			    .value = str_of(value) };

	records_add(&s->r, &s->mem, &r);
}

static size_t store_count(const struct store *s, const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < s->r.n; i++)
		n += strcmp(s->r.at[i].name, name) == 0;
	return n;
}

static int swap(struct store *s, const struct change *c, struct err *e)
{
	if (s->meddle > 0) {
		s->meddle--;
		store_put(s, c->name, s->meddle % 2 ? "meddled" : "again");
	}
	if (s->cas && store_count(s, c->name) != c->is.n)
		return err_set(e, ERR_CHANGED, "somebody was faster");
	for (size_t i = 0; i < s->r.n;)
		if (records_find(&c->del, &s->r.at[i]))
			s->r.at[i] = s->r.at[--s->r.n];
		else
			i++;
	for (size_t i = 0; i < c->add.n; i++)
		records_add(&s->r, &s->mem, &c->add.at[i]);
	return 0;
}

static int store_apply(struct dns *d, const char *zone, const struct change *c,
		       struct err *e)
{
	struct store *s = d->state;
	AUTO(mem) struct mem m = { 0 };
	struct journal_entries open = { 0 };

	/* The journal knows before the provider does. */
	assert_int_equal(journal_open_entries(d->conf->dir, zone, "acme", NULL,
					      &m, &open, e),
			 0);
	for (size_t i = 0; i < c->add.n; i++) {
		bool noted = false;

		for (size_t k = 0; k < open.n; k++)
			noted |= record_same(&open.at[k].record, &c->add.at[i]);
		assert_true(noted);
	}
	s->applied++;
	s->ttl = c->ttl;
	if (s->broken)
		return err_set(e, ERR_AUTH, "no");
	if (s->half) {
		records_add(&s->r, &s->mem, &c->add.at[0]);
		return err_set(e, ERR_PERM, "never");
	}
	if (s->deaf)
		return 0;
	pthread_mutex_lock(&s->lock);
	int status = swap(s, c, e);
	pthread_mutex_unlock(&s->lock);
	return status == 0 && s->crash ? err_set(e, ERR_SYS, "killed") : status;
}

static const struct provider lists = { .name = "lists",
				       .list = store_list,
				       .apply = store_apply,
				       .caps = DNS_CAN_LIST | DNS_CAS };
static const struct provider blind = { .name = "blind", .apply = store_apply };
#define NAME "_acme-challenge.example.org"

struct bench {
	struct mem mem;
	struct conf conf;
	struct store store;
	struct dns dns;
	struct edit edit;
};

static void open_bench(struct bench *b, const struct provider *p,
		       const char *zone)
{
	memset(b, 0, sizeof(*b));
	pthread_mutex_init(&b->store.lock, NULL);
	b->conf.dir = dir;
	b->dns = (struct dns){ .provider = p,
			       .conf = &b->conf,
			       .state = &b->store };
	b->edit = (struct edit){ .dns = &b->dns,
				 .zone = zone,
				 .purpose = "acme",
				 .owner = "example.org" };
}

static void close_bench(struct bench *b)
{
	mem_free(&b->mem);
	mem_free(&b->store.mem);
}

static struct records values(struct bench *b, const char *one, const char *two)
{
	struct records r = { 0 };
	const char *v[] = { one, two };

	for (size_t i = 0; i < 2; i++) {
		struct record x = { .name = NAME,
				    .type = DNS_TXT,
				    .value = str_of(v[i]) };

		if (v[i])
			records_add(&r, &b->mem, &x);
	}
	return r;
}

static size_t noted(struct bench *b)
{
	struct journal_entries open = { 0 };
	struct err e = { 0 };

	assert_int_equal(journal_open_entries(dir, b->edit.zone, "acme", NULL,
					      &b->mem, &open, &e),
			 0);
	return open.n;
}

static void adds_and_removes(void **state)
{
	(void)state;
	struct bench b;
	struct err e = { 0 };

	open_bench(&b, &lists, "example.org");
	store_put(&b.store, NAME, "the user's own");
	struct records two = values(&b, "apex", "wildcard");
	assert_int_equal(edit_values(&b.edit, &two, NULL, &e), 0);
	assert_int_equal(b.store.applied, 1); /* both in one write */
	assert_int_equal(b.store.ttl, 777);   /* a set keeps its TTL */
	assert_int_equal(store_count(&b.store, NAME), 3);
	assert_int_equal(noted(&b), 2);
	/* Already so: nothing is called, nothing is noted twice. */
	assert_int_equal(edit_values(&b.edit, &two, NULL, &e), 0);
	assert_int_equal(b.store.applied, 1);
	assert_int_equal(noted(&b), 2);
	/* One out, one in, in one step. */
	struct records out = values(&b, "apex", NULL);
	struct records in = values(&b, "third", NULL);
	assert_int_equal(edit_values(&b.edit, &in, &out, &e), 0);
	assert_int_equal(b.store.applied, 2);
	assert_int_equal(noted(&b), 2);
	struct records rest = values(&b, "wildcard", "third");
	assert_int_equal(edit_values(&b.edit, NULL, &rest, &e), 0);
	assert_int_equal(noted(&b), 0);
	assert_int_equal(store_count(&b.store, NAME), 1);
	assert_true(str_eq(b.store.r.at[0].value, "the user's own"));
	/* Gone already. */
	assert_int_equal(edit_values(&b.edit, NULL, &rest, &e), 0);
	assert_int_equal(b.store.applied, 3);
	close_bench(&b);
}

static void reads_again_when_changed(void **state)
{
	(void)state;
	struct bench b;
	struct err e = { 0 };

	open_bench(&b, &lists, "cas.example.org");
	b.edit.zone = "example.org";
	b.store.cas = true;
	b.store.meddle = 4;
	struct records one = values(&b, "ours", NULL);
	assert_int_equal(edit_values(&b.edit, &one, NULL, &e), 0);
	assert_int_equal(b.store.applied, 5);
	assert_int_equal(store_count(&b.store, NAME), 5);
	/* For ever is too long. */
	b.store.meddle = 1000;
	struct records two = values(&b, "more", NULL);
	assert_int_equal(edit_values(&b.edit, &two, NULL, &e), -1);
	assert_int_equal(e.kind, ERR_CHANGED);
	assert_int_equal(b.store.applied, 15);
	b.store.meddle = 0;
	struct records both = values(&b, "ours", "more");
	e = (struct err){ 0 };
	assert_int_equal(edit_values(&b.edit, NULL, &both, &e), 0);
	assert_int_equal(noted(&b), 0);
	close_bench(&b);
}

static void reads_back(void **state)
{
	(void)state;
	struct bench b;
	struct err e = { 0 };

	open_bench(&b, &lists, "example.org");
	b.store.deaf = true;
	struct records one = values(&b, "lost", NULL);
	assert_int_equal(edit_values(&b.edit, &one, NULL, &e), -1);
	assert_non_null(strstr(e.msg, "does not show it"));
	assert_non_null(strstr(e.msg, "example.org"));
	b.store.deaf = false;
	b.store.broken = true;
	e = (struct err){ 0 };
	assert_int_equal(edit_values(&b.edit, &one, NULL, &e), -1);
	assert_int_equal(e.kind, ERR_AUTH);
	/* A value that never came into being is swept from the journal. */
	b.store.broken = false;
	size_t gone;
	e = (struct err){ 0 };
	assert_int_equal(noted(&b), 1);
	assert_int_equal(edit_sweep(&b.edit, NULL, &gone, &e), 0);
	assert_int_equal(gone, 1);
	assert_int_equal(noted(&b), 0);
	close_bench(&b);
}

/* What a refusal leaves is what is there. */
static void forgets_what_was_refused(void **state)
{
	(void)state;
	struct bench b;
	struct err e = { 0 };

	open_bench(&b, &lists, "example.org");
	b.store.half = true;
	struct records two = values(&b, "made", "refused");
	assert_int_equal(edit_values(&b.edit, &two, NULL, &e), -1);
	assert_int_equal(e.kind, ERR_PERM);
	assert_int_equal(store_count(&b.store, NAME), 1);
	assert_int_equal(noted(&b), 1);
	b.store.half = false;
	e = (struct err){ 0 };
	assert_int_equal(edit_values(&b.edit, NULL, &two, &e), 0);
	assert_int_equal(noted(&b), 0);
	close_bench(&b);
	/* Where nobody can look it stays noted. */
	open_bench(&b, &blind, "example.org");
	b.store.half = true;
	e = (struct err){ 0 };
	two = values(&b, "made", "refused");
	assert_int_equal(edit_values(&b.edit, &two, NULL, &e), -1);
	assert_int_equal(noted(&b), 2);
	b.store.half = false;
	e = (struct err){ 0 };
	assert_int_equal(edit_values(&b.edit, NULL, &two, &e), 0);
	assert_int_equal(noted(&b), 0);
	close_bench(&b);
}

static void sweeps_after_a_crash(void **state)
{
	(void)state;
	struct bench b;
	struct err e = { 0 };
	size_t gone;

	open_bench(&b, &lists, "example.org");
	store_put(&b.store, NAME, "the user's own");
	b.store.crash = true;
	struct records two = values(&b, "left", "behind");
	assert_int_equal(edit_values(&b.edit, &two, NULL, &e), -1);
	assert_int_equal(store_count(&b.store, NAME), 3);
	b.store.crash = false;
	struct records keep = values(&b, "behind", NULL);
	e = (struct err){ 0 };
	assert_int_equal(edit_sweep(&b.edit, &keep, &gone, &e), 0);
	assert_int_equal(gone, 1);
	assert_int_equal(store_count(&b.store, NAME), 2);
	/* Another certificate's values are not ours to sweep. */
	b.edit.owner = "other.org";
	assert_int_equal(edit_sweep(&b.edit, NULL, &gone, &e), 0);
	assert_int_equal(gone, 0);
	b.edit.owner = "example.org";
	assert_int_equal(edit_sweep(&b.edit, NULL, &gone, &e), 0);
	assert_int_equal(gone, 1);
	assert_int_equal(store_count(&b.store, NAME), 1);
	assert_int_equal(noted(&b), 0);
	close_bench(&b);
}

static void works_blind(void **state)
{
	(void)state;
	struct bench b;
	struct err e = { 0 };

	open_bench(&b, &blind, "example.org");
	struct records two = values(&b, "apex", "wildcard");
	assert_int_equal(edit_values(&b.edit, &two, NULL, &e), 0);
	assert_int_equal(b.store.listed, 0);
	assert_int_equal(store_count(&b.store, NAME), 2);
	assert_int_equal(edit_values(&b.edit, NULL, &two, &e), 0);
	assert_int_equal(store_count(&b.store, NAME), 0);
	assert_int_equal(noted(&b), 0);
	close_bench(&b);
}

static void refuses(void **state)
{
	(void)state;
	struct bench b;
	struct err e = { 0 };

	open_bench(&b, &lists, "example.net");
	struct records one = values(&b, "v", NULL);
	assert_int_equal(edit_values(&b.edit, &one, NULL, &e), -1);
	assert_non_null(strstr(e.msg, "not in the zone example.net"));
	b.edit.zone = "example.org";
	struct records two = values(&b, "v", "w");
	two.at[1].name = "x.example.org";
	assert_int_equal(edit_values(&b.edit, &two, NULL, &e), -1);
	assert_non_null(strstr(e.msg, "one step"));
	e = (struct err){ 0 };
	assert_int_equal(edit_values(&b.edit, NULL, NULL, &e), 0);
	assert_int_equal(b.store.applied, 0);
	close_bench(&b);
}

/* Many at once at one RRset, without CAS: the zone's lock alone. */
enum { THREADS = 6, ROUNDS = 5 };
struct worker {
	struct store *store;
	unsigned number, failed;
	pthread_t thread;
};

static void *work(void *data)
{
	struct worker *w = data;

	for (unsigned i = 0; i < ROUNDS; i++) {
		struct bench b;
		struct err e = { 0 };
		char text[32];

		open_bench(&b, &lists, "example.org");
		b.dns.state = w->store;
		snprintf(text, sizeof(text), "value-%u-%u", w->number, i);
		struct records one = values(&b, text, NULL);
		w->failed += edit_values(&b.edit, &one, NULL, &e) < 0;
		if (i % 2)
			w->failed += edit_values(&b.edit, NULL, &one, &e) < 0;
		close_bench(&b);
	}
	return NULL;
}

static void loses_nothing(void **state)
{
	(void)state;
	struct bench b;
	struct worker w[THREADS];

	open_bench(&b, &lists, "example.org");
	store_put(&b.store, NAME, "the user's own");
	for (unsigned i = 0; i < THREADS; i++) {
		w[i] = (struct worker){ .store = &b.store, .number = i };
		assert_int_equal(
			pthread_create(&w[i].thread, NULL, work, &w[i]), 0);
	}
	for (unsigned i = 0; i < THREADS; i++) {
		pthread_join(w[i].thread, NULL);
		assert_int_equal(w[i].failed, 0);
	}
	size_t kept = THREADS * (ROUNDS - ROUNDS / 2);
	assert_int_equal(store_count(&b.store, NAME), kept + 1);
	assert_int_equal(noted(&b), kept);
	close_bench(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(adds_and_removes),
		cmocka_unit_test(reads_again_when_changed),
		cmocka_unit_test(reads_back),
		cmocka_unit_test(forgets_what_was_refused),
		cmocka_unit_test(sweeps_after_a_crash),
		cmocka_unit_test(works_blind),
		cmocka_unit_test(refuses),
		cmocka_unit_test(loses_nothing),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
