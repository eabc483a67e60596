#include "dns/descriptor.h"

#include <string.h>

#include "base/log.h"
#include "dns/descriptor_drive.h"
#include "dns/descriptor_parts.h"

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

struct descriptor_scope descriptor_scope_of(struct dns *d, struct mem *m)
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

/* Whom to trust, where people run the API themselves. */
static int trust(struct dns *d, struct http_options *o, struct err *e)
{
	const struct descriptor_scope s = descriptor_scope_of(d, &d->mem);
	const struct yaml *tls = yaml_get(s.d->root, "tls");
	const char *ca, *insecure;
	if (descriptor_make(&s, descriptor_word(tls, "ca", ""), &ca, e) < 0 ||
	    descriptor_make(&s, descriptor_word(tls, "insecure", ""), &insecure,
			    e) < 0)
		return -1;
	o->ca_file = *ca ? ca : NULL;
	o->insecure = !strcmp(insecure, "yes") || !strcmp(insecure, "true") ||
		      !strcmp(insecure, "1");
	if (o->insecure)
		log_say(LOG_QUIET,
			"%s: WARNING: its certificate is not checked: whoever "
			"is on the way can read the credentials and change "
			"what is written; give its CA instead",
			d->provider->name);
	return 0;
}

int descriptor_open(struct dns *d, struct err *e)
{
	struct http_options o = { 0 };
	d->state = MEM_NEW(&d->mem, struct descriptor_state);
	if (choose_auth(d, e) < 0 || trust(d, &o, e) < 0)
		return -1;
	return d->http ? 0 : http_open(&o, &d->http, e);
}

/* A session that the provider keeps is ended, or it counts against us. */
void descriptor_close(struct dns *d)
{
	AUTO(mem) struct mem m = { 0 };
	struct descriptor_state *st = d->state;
	const struct yaml *call = st ? yaml_get(st->auth, "logout") : NULL;
	const struct descriptor_ask q = { .call = call };
	AUTO(json) json_t *j = NULL;
	struct err ignored = { 0 };
	if (!call || !st->token || !d->http)
		return;
	const struct descriptor_scope s = descriptor_scope_of(d, &m);
	if (descriptor_send(&s, &q, &j, NULL, &ignored) < 0)
		log_say(LOG_REASON, "the session stays open: %s", ignored.msg);
}

/* What is asked once before all else: an account number. */
static int account(struct dns *d, struct err *e)
{
	struct descriptor_scope s = descriptor_scope_of(d, &d->mem);
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
	struct descriptor_scope s = descriptor_scope_of(d, &d->mem);
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
	struct descriptor_scope s = descriptor_scope_of(d, &d->mem);
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

/* Where every customer has a label below one name, that is the zone. */
static void one_below(struct dns *d, const char *name)
{
	const char *of = descriptor_word(yaml_get(mine(d)->root, "zones"),
					 "below", NULL);
	if (!of || !strcmp(name, of) || !record_in_zone(name, of))
		return;
	const char *at = name + strlen(name) - strlen(of) - 1;
	while (at > name && at[-1] != '.')
		at--;
	struct descriptor_zone *z = MEM_NEW(&d->mem, struct descriptor_zone);
	z->name = mem_str(&d->mem, at);
	z->id = "";
	z->next = state_of(d)->zones;
	state_of(d)->zones = z;
}

static int look_for(struct dns *d, const char *name, struct err *e)
{
	const struct descriptor *x = mine(d);
	const char *mode =
		descriptor_word(yaml_get(x->root, "zones"), "mode", "list");
	struct descriptor_state *st = state_of(d);
	if (!strcmp(mode, "given")) {
		one_below(d, name);
		return 0;
	}
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
	     z = z->next)
		conf_list_once(out, m, str_of(z->name));
	return 0;
}

/* What the API calls the zone. */
int descriptor_identify(struct dns *d, const char *zone,
			struct descriptor_scope *s, struct err *e)
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
	/* one that is not listed, as it is another's: by its name alone */
	const char *given = d->settings ? d->settings->zone : NULL;
	if (given && !strcmp(given, zone) && !yaml_get(y, "id"))
		return 0;
	return no_zone(d, zone, e);
}
