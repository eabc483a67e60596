/* The fake world turning: runs of issue_run, each a process's life. */
#pragma once

#include "tests/unit/fake_ca.h"

static inline void world_tell(struct tell *t, enum tell_kind kind,
			      const char *who, const char *text)
{
	const size_t n = strlen(world->said);

	(void)t;
	if (kind != TELL_LIVE)
		snprintf(world->said + n, sizeof(world->said) - n, "%s: %s\n",
			 who, text);
}

static inline void world_keep(struct http *h)
{
	(void)h;
}

static inline void ca_start(struct ca *ca, const char *url)
{
	struct err e = { 0 };

	ca->url = url;
	ca->ari = true;
	assert_int_equal(key_make(KEY_P256, &ca->key, &e), 0);
	ca->root = pki_make(&(struct recipe){ .cn = url,
					      .key = ca->key,
					      .ca = true,
					      .from = NOW - 1000 * DAY,
					      .until = NOW + 3650 * DAY });
}

static inline void world_conf(struct world *w)
{
	static const char *servers[] = { CA "/dir", OTHER "/dir" };

	w->domain = (struct conf_domain){
		.name = "a.test",
		.shown = "a.test",
		.acme = { .server = { servers, 1, 2 },
			  .key_type = { KEY_P256, KEY_RSA2048 },
			  .key_types = 1,
			  .account_key_type = KEY_P256,
			  .reuse_key = true,
			  .propagation_s = 5,
			  .reload_s = 5 },
		.dns = { .owner = "a.test", .provider = "fake" },
	};
	w->conf = (struct conf){ .dir = w->dir,
				 .email = "ops@a.test",
				 .resolver = w->dns.text,
				 .domains = &w->domain,
				 .domains_n = 1 };
	w->job = (struct issue_job){ .domain = &w->domain,
				     .name = "a.test",
				     .key_type = KEY_P256,
				     .now = NOW,
				     .next_wake = NOW };
}

static inline int world_open(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	if (!w)
		return -1;
	world = w;
	*state = w;
	/* In memory where that can be: what is tested here is not the disk. */
	snprintf(w->dir, sizeof(w->dir), "%s/opsmail-world-XXXXXX",
		 access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
	if (!mkdtemp(w->dir) || setenv("FAKE_TOKEN", "secret", 1))
		return -1;
	w->tell.show = world_tell;
	w->http = (struct http){ .send = world_send, .close = world_keep };
	pthread_mutex_init(&w->lock, NULL);
	w->dns.answer = fake_dns;
	dnsfake_start(&w->dns);
	ca_start(&w->ca[0], CA);
	ca_start(&w->ca[1], OTHER);
	world_conf(w);
	return 0;
}

static inline int world_close(void **state)
{
	struct world *w = *state;
	struct err e = { 0 };
	int status;

	dnsfake_stop(&w->dns);
	status = fs_remove_tree(w->dir, &e);
	for (size_t i = 0; i < COUNT(w->ca); i++) {
		key_free(w->ca[i].key);
		X509_free(w->ca[i].root);
	}
	pthread_mutex_destroy(&w->lock);
	mem_free(&w->mem);
	free(w);
	return status;
}

/* The CA and the DNS start afresh, and so does the folder. */
static inline void world_again(struct world *w)
{
	struct err e = { 0 };

	assert_int_equal(fs_remove_tree(w->dir, &e), 0);
	assert_int_equal(fs_mkdir(w->dir, 0700, &e), 0);
	w->ca[0].orders = w->ca[0].issued = w->ca[0].registered = 0;
	w->ca[1].orders = w->ca[1].issued = w->ca[1].registered = 0;
	pthread_mutex_lock(&w->lock);
	w->values = (struct records){ 0 };
	pthread_mutex_unlock(&w->lock);
	w->dead = false;
	w->fail_at = 0;
}

/* One process's life: a session of its own. */
static inline int world_run(struct world *w)
{
	struct issue_session s = { .conf = &w->conf,
				   .real = w->real,
				   .tell = &w->tell,
				   .find = fake_find,
				   .http = &w->http,
				   .pause_ms = 1 };
	int status;

	w->requests = 0;
	w->applied = 0;
	*w->said = 0;
	w->err = (struct err){ 0 };
	status = issue_run(&s, &w->job, &w->mem, &w->result, &w->err);
	issue_session_close(&s);
	return status;
}

/* The same, killed at its nth request. */
static inline int world_fail(struct world *w, unsigned n, enum fault f)
{
	int status;

	w->fail_at = n;
	w->fault = f;
	status = world_run(w);
	w->fail_at = 0;
	w->dead = false;
	return status;
}

/* The same at every request like this one. */
static inline int world_fail_on(struct world *w, const char *request,
				enum fault f)
{
	int status;

	w->fail_on = request;
	status = world_fail(w, 0, f);
	w->fail_on = NULL;
	return status;
}

static inline struct store_state world_state(struct world *w)
{
	struct store_state s = { 0 };
	struct err e = { 0 };

	assert_int_equal(store_state_read(w->dir, w->job.name, &s, &e), 0);
	return s;
}

/* The live pair fits; the serial of its leaf. */
static inline const char *world_live(struct world *w)
{
	struct store_live live;
	struct err e = { 0 };
	struct key *key = NULL;
	unsigned char spki[KEY_SPKI_SHA256];

	if (store_read_live(w->dir, w->job.name, &w->mem, &live, &e))
		return NULL;
	assert_int_equal(store_live_key(w->dir, w->job.name, &key, &e), 0);
	assert_int_equal(key_spki_sha256(key, spki, &e), 0);
	key_free(key);
	assert_memory_equal(spki, live.chain.at[0].spki_sha256, sizeof(spki));
	return live.chain.at[0].serial;
}

#define assert_says(e, text)                                                   \
	do {                                                                   \
		if (!strstr((e).msg, text))                                    \
			fail_msg("\"%s\" does not say \"%s\"", (e).msg, text); \
	} while (0)
#define assert_told(w, text)                                          \
	do {                                                          \
		if (!strstr((w)->said, text))                         \
			fail_msg("\"%s\" was not told in:\n%s", text, \
				 (w)->said);                          \
	} while (0)
#define assert_fails(call, w, what)                                  \
	do {                                                         \
		assert_int_equal(call, -1);                          \
		if ((w)->err.kind != (what))                         \
			fail_msg("%s: kind %d", (w)->err.msg,        \
				 (int)(w)->err.kind);                \
		assert_int_equal((w)->result.outcome, ISSUE_FAILED); \
	} while (0)
#define assert_runs(w, what)                                 \
	do {                                                 \
		if (world_run(w))                            \
			fail_msg("%s", (w)->err.msg);        \
		assert_int_equal((w)->result.outcome, what); \
	} while (0)
