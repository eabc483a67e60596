#include "dns/descriptor.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "dns/descriptor_drive.h"
#include "dns/descriptor_parts.h"

enum { ACTION_POLLS = 60, ACTION_MS = 1000 };

const struct descriptor *descriptor_of(const struct provider *p)
{
	return p->open == descriptor_open ? (const struct descriptor *)p : NULL;
}

const char *descriptor_proof_word(const struct descriptor *d)
{
	static const char *const words[] = {
		[DESCRIPTOR_UNPROVEN] = "unproven",
		[DESCRIPTOR_L2] = "L2",
		[DESCRIPTOR_L3] = "L3",
		[DESCRIPTOR_L4] = "L4",
	};
	return words[d->proof];
}

static struct descriptor_state *state_of(struct dns *d)
{
	return d->state;
}

/* Whoever gets here came by way of a descriptor's row. */
static const struct descriptor *mine(const struct dns *d)
{
	return (const struct descriptor *)d->provider;
}

static struct descriptor_scope scope_of(struct dns *d, struct mem *m)
{
	return (struct descriptor_scope){
		.dns = d,
		.d = mine(d),
		.m = m,
		.account = state_of(d)->account,
	};
}

/* The first credential an alternative speaks of and that is not given. */
static const char *lacking(struct dns *d, const struct yaml *auth)
{
	const struct descriptor *x = mine(d);
	const struct yaml *need = yaml_get(auth, "need");
	const struct yaml *creds = yaml_get(x->root, "creds");
	for (const struct yaml *n = need ? need->child : NULL; n; n = n->next) {
		size_t i = 0;
		for (const struct yaml *c = creds->child; c; c = c->next, i++)
			if (!strcmp(c->key, n->text) && !d->values[i])
				return d->provider->fields[i].names;
	}
	return NULL;
}

static int choose_auth(struct dns *d, struct err *e)
{
	const struct descriptor *x = mine(d);
	const struct yaml *auth = yaml_get(x->root, "auth");
	AUTO(buf) struct buf all = { .max = 600 };
	if (!auth || auth->kind == YAML_MAP) {
		state_of(d)->auth = auth;
		return 0;
	}
	for (const struct yaml *y = auth->child; y; y = y->next) {
		const char *names = lacking(d, y);
		if (!names) {
			state_of(d)->auth = y;
			return 0;
		}
		struct str rest = str_of(names), first = { 0 };
		str_word(&rest, &first);
		buf_fmt(&all, "%s%.*s", all.n ? ", or " : "", STR_FMT(first));
	}
	return err_set(e, ERR_AUTH,
		       "the DNS provider %s needs %s: give it under "
		       "dns.credentials in opsmail.yaml, in secrets.yaml or in "
		       "the environment",
		       d->provider->name, buf_c(&all));
}

int descriptor_open(struct dns *d, struct err *e)
{
	const struct http_options none = { 0 };
	d->state = MEM_NEW(&d->mem, struct descriptor_state);
	if (choose_auth(d, e) < 0)
		return -1;
	return d->http ? 0 : http_open(&none, &d->http, e);
}

/* What is asked once before all else: an account number. */
static int account(struct dns *d, struct err *e)
{
	struct descriptor_scope s = scope_of(d, &d->mem);
	const struct yaml *y = yaml_get(s.d->root, "account");
	const struct descriptor_ask q = { .call = y };
	AUTO(json) json_t *j = NULL;
	if (!y || state_of(d)->account)
		return 0;
	if (descriptor_send(&s, &q, &j, NULL, e) < 0)
		return -1;
	s.item = j;
	if (descriptor_make(&s, descriptor_word(y, "value", ""),
			    &state_of(d)->account, e) < 0)
		return -1;
	if (*state_of(d)->account)
		return 0;
	state_of(d)->account = NULL;
	return err_set(e, ERR_AUTH, "%s: these credentials have no account",
		       d->provider->name);
}

static int keep_zone(struct dns *d, const struct yaml *y, json_t *item,
		     const char *candidate, struct err *e)
{
	struct descriptor_scope s = scope_of(d, &d->mem);
	struct descriptor_zone *z = MEM_NEW(&d->mem, struct descriptor_zone);
	const char *name;
	s.item = item;
	const char *expr = descriptor_word(
		y, "name", candidate && !yaml_get(y, "items") ? "" : "{name}");
	if (descriptor_make(&s, expr, &name, e) < 0 ||
	    descriptor_make(&s, descriptor_word(y, "id", ""), &z->id, e) < 0)
		return -1;
	if (!*name && candidate)
		name = candidate; /* the answer was yes */
	z->name = descriptor_name_in(s.d, mem_fmt(s.m, "%s.", name), "", s.m);
	z->next = state_of(d)->zones;
	state_of(d)->zones = z;
	return 0;
}

static int read_zones(struct dns *d, const char *path, const char *name,
		      const char *candidate, struct err *e)
{
	struct descriptor_scope s = scope_of(d, &d->mem);
	const struct yaml *y = yaml_get(s.d->root, "zones");
	AUTO(json) json_t *all = NULL;
	json_t *one;
	size_t i;
	s.name = name;
	s.zone = candidate;
	if (descriptor_fetch(&s, y, path, &all, e) < 0)
		return -1;
	json_array_foreach(all, i, one) if (keep_zone(d, y, one, candidate, e) <
					    0) return -1;
	return 0;
}

/* The longest that holds the name, on a label boundary. */
static const struct descriptor_zone *best_zone(struct dns *d, const char *name)
{
	const struct descriptor_zone *best = NULL;
	for (const struct descriptor_zone *z = state_of(d)->zones; z;
	     z = z->next)
		if (record_in_zone(name, z->name) &&
		    (!best || strlen(z->name) > strlen(best->name)))
			best = z;
	return best;
}

static bool is_known(struct dns *d, const char *zone)
{
	for (const struct descriptor_zone *z = state_of(d)->zones; z;
	     z = z->next)
		if (!strcmp(z->name, zone))
			return true;
	return false;
}

/* From the name upward. Only NOT FOUND leads on: a refusal is no answer to
 * where the zone is. */
static int walk(struct dns *d, const char *name, struct err *e)
{
	for (const char *at = name; strchr(at, '.'); at = strchr(at, '.') + 1) {
		if (is_known(d, at))
			return 0;
		if (read_zones(d, NULL, name, at, e) == 0) {
			if (is_known(d, at))
				return 0;
			continue;
		}
		if (e->kind != ERR_MISSING)
			return -1;
		*e = (struct err){ 0 };
	}
	return 0;
}

static int look_for(struct dns *d, const char *name, struct err *e)
{
	const struct descriptor *x = mine(d);
	const char *mode =
		descriptor_word(yaml_get(x->root, "zones"), "mode", "list");
	struct descriptor_state *st = state_of(d);
	if (!strcmp(mode, "given"))
		return 0;
	if (account(d, e) < 0)
		return -1;
	if (!strcmp(mode, "walk"))
		return walk(d, name, e);
	if (st->all_zones)
		return 0;
	if (read_zones(d, NULL, name, NULL, e) < 0)
		return -1;
	st->all_zones = !strcmp(mode, "list");
	return 0;
}

static int no_zone(struct dns *d, const char *name, struct err *e)
{
	return err_set(e, ERR_MISSING,
		       "%s has no zone that holds %s: these credentials see "
		       "none; make it there, or set dns.provider to who serves "
		       "it",
		       d->provider->name, name);
}

int descriptor_find_zone(struct dns *d, const char *name, const char **zone,
			 struct err *e)
{
	const char *given = d->settings ? d->settings->zone : NULL;
	if (given && record_in_zone(name, given)) {
		*zone = given;
		return 0;
	}
	if (look_for(d, name, e) < 0)
		return -1;
	const struct descriptor_zone *z = best_zone(d, name);
	if (!z)
		return no_zone(d, name, e);
	*zone = z->name;
	return 0;
}

int descriptor_zones(struct dns *d, struct mem *m, struct conf_list *out,
		     struct err *e)
{
	const struct descriptor *x = mine(d);
	const char *path =
		descriptor_word(yaml_get(x->root, "zones"), "all", NULL);
	if (account(d, e) < 0 || read_zones(d, path, NULL, NULL, e) < 0)
		return -1;
	for (const struct descriptor_zone *z = state_of(d)->zones; z;
	     z = z->next) {
		bool twice = false;
		for (size_t i = 0; i < out->n && !twice; i++)
			twice = !strcmp(out->at[i], z->name);
		if (twice)
			continue;
		out->at = mem_more(m, out->at, &out->room, out->n,
				   sizeof(*out->at));
		out->at[out->n++] = mem_str(m, z->name);
	}
	return 0;
}

/* What the API calls the zone. */
static int identify(struct dns *d, const char *zone, struct descriptor_scope *s,
		    struct err *e)
{
	const struct yaml *y = yaml_get(s->d->root, "zones");
	s->zone = zone;
	s->zone_id = zone;
	if (!strcmp(descriptor_word(y, "mode", "list"), "given"))
		return 0;
	if (!is_known(d, zone) && look_for(d, zone, e) < 0)
		return -1;
	s->account = state_of(d)->account;
	for (const struct descriptor_zone *z = state_of(d)->zones; z;
	     z = z->next)
		if (!strcmp(z->name, zone)) {
			s->zone_id = *z->id ? z->id : zone;
			return 0;
		}
	return no_zone(d, zone, e);
}

/* ---- reading ---- */
struct reader {
	struct descriptor_scope s;
	const struct yaml *y;
	const char *name; /* wanted; NULL: all */
	uint16_t type;    /* wanted; 0: all */
	struct records *out;
};

static int field(struct reader *x, const char *key, const char *preset,
		 const char **out, struct err *e)
{
	return descriptor_make(&x->s, descriptor_word(x->y, key, preset), out,
			       e);
}

/* An expression that may be told apart by type. */
static const char *by_type(const struct reader *x, const char *key,
			   uint16_t type, const char *preset)
{
	char name[16];
	const struct yaml *v = yaml_get(x->y, key);
	if (!v || v->kind == YAML_SCALAR)
		return descriptor_word(x->y, key, preset);
	dnsmsg_type_name(type, name);
	return descriptor_word(v, name, descriptor_word(v, "*", preset));
}

static int keep(struct reader *x, struct record *r, json_t *item, struct err *e)
{
	const char *text;
	x->s.item = item;
	if (descriptor_make(&x->s, by_type(x, "value", r->type, ""), &text, e) <
	    0)
		return -1;
	r->value =
		descriptor_value_in(x->s.d, r->type, text, x->s.zone, x->s.m);
	records_add(x->out, x->s.m, r);
	return 0;
}

static int read_item(struct reader *x, json_t *item, struct err *e)
{
	struct record r = { 0 };
	const char *name, *type, *ttl, *values;
	uint64_t n = 0;
	x->s.item = item;
	if (field(x, "type", "{type}", &type, e) < 0 ||
	    field(x, "ttl", "{ttl}", &ttl, e) < 0 ||
	    field(x, "id", "{id}", &r.id, e) < 0)
		return -1;
	if (descriptor_type_in(x->s.d, type, &r.type) < 0)
		return 0; /* its own kind: a redirect, an alias */
	if (!*by_type(x, "value", r.type, ""))
		return 0; /* nobody says how to read it */
	if (descriptor_make(&x->s, by_type(x, "name", r.type, "{name}"), &name,
			    e) < 0)
		return -1;
	r.name = descriptor_name_in(x->s.d, name, x->s.zone, x->s.m);
	if ((x->type && r.type != x->type) ||
	    (x->name && strcmp(r.name, x->name) != 0))
		return 0;
	if (!record_in_zone(r.name, x->s.zone))
		return err_set(e, ERR_TEMP,
			       "%s: %s came in the list of %s; such a list is "
			       "not trusted",
			       x->s.d->provider.name, r.name, x->s.zone);
	r.ttl = str_num(str_of(ttl), INT32_MAX, &n) == 0 ? (uint32_t)n : 0;
	values = descriptor_word(x->y, "values", NULL);
	if (!values)
		return keep(x, &r, item, e);
	json_t *all = descriptor_path(item, values), *one;
	size_t i;
	if (!json_is_array(all))
		return err_set(e, ERR_TEMP, "%s: an entry of %s has no \"%s\"",
			       x->s.d->provider.name, x->s.zone, values);
	json_array_foreach(all, i, one) if (keep(x, &r, one, e) < 0) return -1;
	return 0;
}

int descriptor_list(struct dns *d, const char *zone, const char *name,
		    uint16_t type, struct mem *m, struct records *out,
		    struct err *e)
{
	struct reader x = {
		.s = scope_of(d, m), .name = name, .type = type, .out = out
	};
	AUTO(json) json_t *all = NULL;
	const char *one = NULL;
	json_t *item;
	size_t i;
	x.y = yaml_get(x.s.d->root, "records");
	if (identify(d, zone, &x.s, e) < 0)
		return -1;
	if (name && type) {
		one = descriptor_word(x.y, "one", NULL);
		x.s.name = name;
		x.s.type = type;
	}
	if (descriptor_fetch(&x.s, x.y, one, &all, e) < 0) {
		if (!one || e->kind != ERR_MISSING)
			return -1;
		*e = (struct err){ 0 }; /* no such set in it */
		return 0;
	}
	json_array_foreach(all, i,
			   item) if (read_item(&x, item, e) < 0) return -1;
	return 0;
}

/* ---- writing ---- */

/* Some APIs only promise, and say later whether they kept it. */
static int settle(struct descriptor_scope *s, json_t *reply, struct err *e)
{
	const struct yaml *y = yaml_get(s->d->root, "wait");
	struct descriptor_scope at = *s;
	struct record action = { 0 };
	if (!y || !reply)
		return 0;
	for (int i = 0; i < ACTION_POLLS; i++) {
		AUTO(json) json_t *j = NULL;
		const struct descriptor_ask q = { .call = y };
		const char *status;
		at.item = reply;
		if (descriptor_make(&at, descriptor_word(y, "id", ""),
				    &action.id, e) < 0 ||
		    descriptor_make(&at, descriptor_word(y, "status", ""),
				    &status, e) < 0)
			return -1;
		if (!strcmp(status, descriptor_word(y, "done", "")))
			return 0;
		if (!strcmp(status, descriptor_word(y, "failed", "")))
			return err_set(e, ERR_PERM,
				       "%s accepted a change and then says "
				       "that it failed",
				       s->d->provider.name);
		at.item = NULL;
		at.record = &action;
		clock_sleep_ms(i ? ACTION_MS : 1);
		if (descriptor_send(&at, &q, &j, NULL, e) < 0)
			return -1;
		json_object_clear(reply);
		json_object_update(reply, j);
	}
	return err_set(e, ERR_TEMP, "%s: a change is still under way",
		       s->d->provider.name);
}

static int write_one(struct descriptor_scope *s, const char *key, struct err *e)
{
	const struct descriptor_ask q = { .call = yaml_get(s->d->root, key),
					  .kind = DESCRIPTOR_WRITE };
	AUTO(json) json_t *j = NULL;
	if (descriptor_send(s, &q, &j, NULL, e) < 0)
		return -1;
	return settle(s, j, e);
}

static int write_record(struct descriptor_scope *s, const char *key,
			const struct record *r, const char *id, struct err *e)
{
	struct record x = *r;
	struct records set = { .at = &x, .n = 1, .room = 1 };
	x.id = id;
	s->record = &x;
	s->set = &set;
	const int status = write_one(s, key, e);
	s->record = NULL;
	s->set = NULL;
	if (status < 0 && e->kind == ERR_MISSING && !strcmp(key, "delete")) {
		*e = (struct err){ 0 }; /* gone already */
		return 0;
	}
	return status;
}

/* New values first, so that a name is never without one; a change of one value
 * into another is one call where the API has it, which a CNAME needs. */
static int by_record(struct descriptor_scope *s, const struct change *c,
		     struct err *e)
{
	const bool updates = yaml_get(s->d->root, "update") != NULL;
	const size_t both = c->add.n < c->del.n ? c->add.n : c->del.n;
	const size_t pairs = updates ? both : 0;
	const bool clear = !updates && c->type == DNS_CNAME;
	for (size_t i = 0; clear && i < c->del.n; i++)
		if (write_record(s, "delete", &c->del.at[i], c->del.at[i].id,
				 e) < 0)
			return -1;
	for (size_t i = 0; i < pairs; i++)
		if (write_record(s, "update", &c->add.at[i], c->del.at[i].id,
				 e) < 0)
			return -1;
	for (size_t i = pairs; i < c->add.n; i++)
		if (write_record(s, "create", &c->add.at[i], NULL, e) < 0)
			return -1;
	for (size_t i = pairs; !clear && i < c->del.n; i++)
		if (write_record(s, "delete", &c->del.at[i], c->del.at[i].id,
				 e) < 0)
			return -1;
	return 0;
}

static int by_set(struct descriptor_scope *s, const struct change *c,
		  struct err *e)
{
	const bool drop = c->want.n == 0 && yaml_get(s->d->root, "delete");
	const bool fresh = c->is.n == 0 && yaml_get(s->d->root, "create");
	s->set = &c->want;
	return write_one(s, drop ? "delete" : fresh ? "create" : "put", e);
}

static int by_delta(struct descriptor_scope *s, const struct change *c,
		    struct err *e)
{
	s->set = &c->add;
	if (c->add.n && write_one(s, "add", e) < 0)
		return -1;
	s->set = &c->del;
	return c->del.n ? write_one(s, "remove", e) : 0;
}

int descriptor_apply(struct dns *d, const char *zone, const struct change *c,
		     struct err *e)
{
	AUTO(mem) struct mem m = { 0 };
	struct descriptor_scope s = scope_of(d, &m);
	if (descriptor_audit(s.d, c, &m, e) < 0 || identify(d, zone, &s, e) < 0)
		return -1;
	s.name = c->name;
	s.type = c->type;
	s.ttl = c->ttl || !c->is.n ? descriptor_ttl(s.d, c->ttl) : 0;
	if (c->ttl && s.ttl != c->ttl)
		log_say(LOG_REASON, "%s: a TTL of %u becomes %u, as %s wants",
			c->name, c->ttl, s.ttl, d->provider->name);
	if (yaml_get(s.d->root, "put"))
		return by_set(&s, c, e);
	if (yaml_get(s.d->root, "add"))
		return by_delta(&s, c, e);
	return by_record(&s, c, e);
}
