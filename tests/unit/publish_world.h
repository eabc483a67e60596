/* A provider that keeps zones in memory, a name server that shows them, and a
 * configuration: what publishing needs. The provider can be killed at any
 * change, before it is made or after. */
#pragma once

#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/fs.h"
#include "publish/publish.h"
#include "publish/undo.h"
#include "tests/unit/dnsfake.h"
#include "tests/unit/test.h"

#define NOW ((time_t)1795000000)
enum crash { CRASH_NONE, CRASH_BEFORE, CRASH_AFTER };

struct world {
	struct mem mem;
	char dir[40];
	struct conf conf;
	struct dnsfake dns;
	struct resolver *resolver;
	pthread_mutex_t lock; /* over the records */
	struct records live;
	bool whole; /* the unit is the set: only `want` is looked at */
	bool shout; /* it answers in its own spelling */
	unsigned applied, crash_at; /* the nth change; 0: none */
	enum crash crash;
	time_t now;
	struct conf_list addresses, none;
};
static struct world *world;

static inline int world_zone(struct dns *d, const char *name, const char **zone,
			     struct err *e)
{
	static const char *const zones[] = { "a.test", "b.test" };

	(void)d;
	for (size_t i = 0; i < COUNT(zones); i++)
		if (record_in_zone(name, zones[i])) {
			*zone = zones[i];
			return 0;
		}
	return err_set(e, ERR_MISSING, "no zone for %s", name);
}

/* As a provider that writes everything its own way. */
static inline struct record spelled(struct mem *m, const struct record *r)
{
	struct record x = *r;
	char *text = mem_dup(m, r->value.at, r->value.n);

	if (world->shout && r->type == DNS_TLSA)
		for (char *c = text; *c; c++)
			*c = (char)(*c >= 'a' && *c <= 'f' ? *c - 32 : *c);
	x.value.at = text;
	if (world->shout && x.ttl < 600)
		x.ttl = 600;
	return x;
}

static inline int world_list(struct dns *d, const char *zone, const char *name,
			     uint16_t type, struct mem *m, struct records *out,
			     struct err *e)
{
	(void)d;
	(void)e;
	for (size_t i = 0; i < world->live.n; i++) {
		const struct record *r = &world->live.at[i];

		if (record_in_zone(r->name, zone) &&
		    (!name || !strcmp(r->name, name)) &&
		    (!type || r->type == type)) {
			const struct record x = spelled(m, r);

			records_add(out, m, &x);
		}
	}
	return 0;
}

static inline void world_change(const struct change *c)
{
	struct records after = { 0 };

	for (size_t i = 0; i < world->live.n; i++) {
		const struct record *r = &world->live.at[i];
		const bool here = !strcmp(r->name, c->name) &&
				  r->type == c->type;

		if (!here || (!world->whole && !records_find_alike(&c->del, r)))
			records_add(&after, &world->mem, r);
	}
	const struct records *more = world->whole ? &c->want : &c->add;

	for (size_t i = 0; i < more->n; i++)
		records_add(&after, &world->mem, &more->at[i]);
	world->live = after;
}

static inline int world_apply(struct dns *d, const char *zone,
			      const struct change *c, struct err *e)
{
	const bool now = ++world->applied == world->crash_at;

	(void)d;
	(void)zone;
	if (now && world->crash == CRASH_BEFORE)
		return err_set(e, ERR_STOPPED, "killed");
	pthread_mutex_lock(&world->lock);
	world_change(c);
	pthread_mutex_unlock(&world->lock);
	return now && world->crash == CRASH_AFTER ?
		       err_set(e, ERR_STOPPED, "killed") :
		       0;
}

static inline const struct provider *
world_find(const struct conf *c, const char *name, struct mem *m, struct err *e)
{
	static const struct provider row = { .name = "mem",
					     .caps = DNS_CAN_LIST,
					     .find_zone = world_zone,
					     .list = world_list,
					     .apply = world_apply };

	(void)c;
	(void)m;
	if (!strcmp(name, "mem"))
		return &row;
	err_set(e, ERR_CONF, "no provider is called %s", name);
	return NULL;
}

static inline int world_dns(struct dnsfake *f, struct str question, bool tcp,
			    struct buf *out)
{
	static const struct dnsfake_row fixed[] = {
		{ "a.test", DNS_SOA, "ns.a.test. h.a.test. 1 2 3 4 5" },
		{ "b.test", DNS_SOA, "ns.b.test. h.b.test. 1 2 3 4 5" },
	};

	(void)f;
	(void)tcp;
	return dnsfake_show(question, fixed, COUNT(fixed), &world->live,
			    &world->lock, out);
}

static inline void world_conf(const char *yaml)
{
	AUTO(mem) struct mem m = { 0 };
	struct err e = { 0 };

	conf_free(&world->conf);
	world->conf = (struct conf){ 0 };
	assert_int_equal(fs_write(mem_fmt(&m, "%s/opsmail.yaml", world->dir),
				  str_of(yaml), 0600, &e),
			 0);
	if (conf_read(world->dir, &world->conf, &e))
		fail_msg("%s", e.msg);
}

static inline void world_put(const char *name, uint16_t type, const char *value)
{
	const struct record r = {
		.name = name, .type = type, .ttl = 3600, .value = str_of(value)
	};

	pthread_mutex_lock(&world->lock);
	records_add(&world->live, &world->mem, &r);
	pthread_mutex_unlock(&world->lock);
}

static inline bool world_has(const char *name, uint16_t type, const char *value)
{
	for (size_t i = 0; i < world->live.n; i++) {
		const struct record *r = &world->live.at[i];

		if (!strcmp(r->name, name) && r->type == type &&
		    (!value || str_eq(r->value, value)))
			return true;
	}
	return false;
}

static inline int world_make(void **state)
{
	static const char *addresses[] = { "192.0.2.10", "2001:db8::10" };
	struct err e = { 0 };

	(void)state;
	world = calloc(1, sizeof(*world));
	/* Thousands of lines are written through to the disk: in memory that
	 * costs nothing. */
	snprintf(world->dir, sizeof(world->dir), "%s/opsmail-publish-XXXXXX",
		 access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
	if (!mkdtemp(world->dir))
		return -1;
	pthread_mutex_init(&world->lock, NULL);
	world->now = NOW;
	world->addresses = (struct conf_list){ addresses, 2, 2 };
	world->dns.answer = world_dns;
	dnsfake_start(&world->dns);
	return resolver_open(world->dns.text, &world->resolver, &e);
}

static inline int world_drop(void **state)
{
	struct err e = { 0 };
	int status;

	(void)state;
	resolver_close(world->resolver);
	dnsfake_stop(&world->dns);
	status = fs_remove_tree(world->dir, &e);
	conf_free(&world->conf);
	mem_free(&world->mem);
	free(world);
	return status;
}

static inline int world_look(struct publish *p, struct err *e)
{
	const struct publish_how how = { .conf = &world->conf,
					 .find = world_find,
					 .resolver = world->resolver,
					 .domains = &world->none,
					 .take_over = &world->none,
					 .addresses = &world->addresses,
					 .spki = &world->none,
					 .accounts = &world->none,
					 .now = world->now };

	return publish_look(&how, p, e);
}

/* Keys, plan, the writing, the proof: as the command does it. */
static inline int world_publish(bool allow_delete, const char **id,
				struct err *e)
{
	AUTO(publish) struct publish p = { 0 };
	struct publish_run run = { .allow_delete = allow_delete };

	for (size_t i = 0; i < world->conf.domains_n; i++) {
		AUTO(keys) struct keys k = { 0 };

		if (keys_load(&world->conf, world->conf.domains[i].name,
			      world->now, &k, e) ||
		    keys_ensure(&k, world->now, e) ||
		    keys_advance(&k, &rotate_default, world->now, e))
			return -1;
	}
	world->now++;
	if (world_look(&p, e))
		return -1;
	for (size_t i = 0; i < p.n; i++)
		for (size_t k = 0;
		     p.domains[i].stopped && k < p.domains[i].notes.n; k++)
			if (p.domains[i].notes.at[k].level == WANT_STOP)
				return err_set(e, ERR_CONF, "%s",
					       p.domains[i].notes.at[k].text);
	run.id = publish_id(world->now, p.hash, &world->mem);
	if (id)
		*id = run.id;
	if (publish_look_again(&p, e) || publish_apply(&p, &run, e))
		return -1;
	return publish_wait(&p, 2000, e);
}
