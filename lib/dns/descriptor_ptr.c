/* Reverse DNS by the descriptor's ptr: which way leads to an address, what name
 * it has there, and the calls that change that. */
#include <string.h>

#include "base/log.h"
#include "dns/descriptor_drive.h"
#include "dns/descriptor_parts.h"
#include "net/ip.h"

/* The way that fits an address, and what was found on it. */
struct spot {
	struct descriptor_scope s;
	struct ip ip;
	const struct yaml *ptr, *way;
	json_t *items; /* owns what s.was borrows */
	bool found;    /* the API knows of an object that has the address */
};

static void auto_spot(struct spot *x)
{
	json_decref(x->items);
}

static bool holds(const struct spot *x, const char *text)
{
	struct str rest = str_of(text), word;
	while (str_word(&rest, &word))
		if (ip_within(&x->ip, word))
			return true;
	return false;
}

/* The object that has the address, by the way's `find`. */
static int find(struct spot *x, const struct yaml *y, struct err *e)
{
	json_t *one;
	size_t i;
	json_decref(x->items);
	x->items = NULL;
	if (descriptor_fetch(&x->s, y, NULL, &x->items, e) < 0) {
		if (e->kind != ERR_MISSING)
			return -1;
		*e = (struct err){ 0 };
		return 0;
	}
	json_array_foreach(x->items, i, one)
	{
		struct descriptor_scope at = x->s;
		const char *text;
		at.item = one;
		if (descriptor_make(&at, descriptor_word(y, "holds", ""), &text,
				    e) < 0)
			return -1;
		if (!holds(x, text))
			continue;
		x->found = true;
		x->s.was = one;
		return descriptor_make(&at, descriptor_word(y, "id", ""),
				       &x->s.set_id, e);
	}
	return 0;
}

static bool fits(const struct spot *x, const struct yaml *way)
{
	const char *family = descriptor_word(way, "family", NULL);
	return !family || !strcmp(family, x->ip.n == 4 ? "v4" : "v6");
}

static int nobody(const struct spot *x, bool family, struct err *e)
{
	const char *name = x->s.d->provider.name;
	if (!family)
		return err_set(e, ERR_MISSING,
			       "%s has no call that sets reverse DNS of %s: do "
			       "it by hand, in its panel",
			       name, x->ip.n == 4 ? "IPv4" : "IPv6");
	return err_set(e, ERR_MISSING,
		       "%s: what these credentials reach has no address %s; "
		       "is it rented under another account, or elsewhere?",
		       name, x->s.ip);
}

/* Ways in their order: the first whose object has the address, or that needs
 * none. Where the address can be made known, it need not be known yet. */
static int locate(struct spot *x, struct err *e)
{
	const struct yaml *ways = yaml_get(x->ptr, "ways"), *y;
	const struct yaml *fresh = NULL;
	bool family = false;
	for (y = ways->kind == YAML_LIST ? ways->child : ways; y;
	     y = ways->kind == YAML_LIST ? y->next : NULL) {
		const struct yaml *how = yaml_get(y, "find");
		if (!fits(x, y))
			continue;
		family = true;
		x->found = !how;
		if (how && find(x, how, e) < 0)
			return -1;
		if (x->found) {
			x->way = y;
			return 0;
		}
		if (!fresh && yaml_get(y, "create"))
			fresh = y;
	}
	x->way = fresh;
	return fresh ? 0 : nobody(x, family, e);
}

static int begin(struct spot *x, struct dns *d, const char *ip, struct mem *m,
		 struct err *e)
{
	x->s = descriptor_scope_of(d, m);
	x->ptr = yaml_get(x->s.d->root, "ptr");
	if (ip_parse(str_of(ip), &x->ip) < 0)
		return err_set(e, ERR_USAGE, "\"%s\" is no address", ip);
	x->s.ip = ip_text(&x->ip, m);
	return locate(x, e);
}

/* Of a list of addresses with their names, the one that is ours. */
static int pick(const struct spot *x, json_t *list, const char *expr,
		json_t **out, struct err *e)
{
	AUTO(json) json_t *all = descriptor_several(list, true);
	json_t *one;
	size_t i;
	*out = NULL;
	json_array_foreach(all, i, one)
	{
		struct descriptor_scope at = x->s;
		const char *text;
		at.item = one;
		if (descriptor_make(&at, expr, &text, e) < 0)
			return -1;
		if (!*out && ip_within(&x->ip, str_of(text)))
			*out = one;
	}
	return 0;
}

static const char *plain(const char *text, struct mem *m)
{
	const size_t n = strlen(text);
	char *name = mem_dup(m, text, n && text[n - 1] == '.' ? n - 1 : n);
	for (char *c = name; *c; c++)
		*c = str_lower(*c);
	return name;
}

static bool is_preset(const struct spot *x, const char *name)
{
	const struct yaml *all = yaml_get(x->ptr, "presets");
	for (const struct yaml *y = all ? all->child : NULL; y; y = y->next)
		if (record_in_zone(name, y->text))
			return true;
	return false;
}

/* A name of one label stands where no PTR is: a machine's own name, say. */
static void judge(const struct spot *x, const char *text, struct mem *m,
		  struct dns_ptr *out)
{
	const char *name = plain(text, m);
	if (!strchr(name, '.'))
		return;
	out->name = name;
	out->preset = is_preset(x, name);
}

/* Reads what `get` says, from a call of its own or from what was found. */
static int look(struct spot *x, struct mem *m, struct dns_ptr *out,
		struct err *e)
{
	const struct yaml *y = yaml_get(x->way, "get");
	const char *ip = descriptor_word(y, "ip", NULL), *text;
	struct descriptor_scope at = x->s;
	AUTO(json) json_t *j = NULL;
	const struct descriptor_ask q = { .call = y };
	*out = (struct dns_ptr){ 0 };
	if (!x->found)
		return 0;
	if (descriptor_is_call(y)) {
		if (descriptor_send(&x->s, &q, &j, NULL, e) < 0) {
			if (e->kind != ERR_MISSING)
				return -1;
			*e = (struct err){ 0 };
			return 0;
		}
		at.item = j;
	} else
		at.item = x->s.was;
	at.item = descriptor_path(at.item, descriptor_word(y, "items", ""));
	if (ip && pick(x, at.item, ip, &at.item, e) < 0)
		return -1;
	if (!at.item)
		return 0;
	if (descriptor_make(&at, descriptor_word(y, "value", ""), &text, e) < 0)
		return -1;
	judge(x, text, m, out);
	return 0;
}

static int call_it(struct spot *x, const struct yaml *call, struct err *e)
{
	const struct descriptor_ask q = { .call = call,
					  .kind = DESCRIPTOR_WRITE };
	const struct yaml *wait = yaml_get(x->ptr, "wait");
	AUTO(json) json_t *j = NULL;
	if (descriptor_send(&x->s, &q, &j, NULL, e) < 0)
		return -1;
	if (!wait)
		wait = yaml_get(x->s.d->root, "wait");
	return descriptor_settle(&x->s, wait, j, e);
}

/* An API may be of one of several versions: what one refuses, the next form may
 * suit. */
static int create(struct spot *x, const struct yaml *calls, struct err *e)
{
	const struct yaml *y = calls->kind == YAML_LIST ? calls->child : calls;
	for (;; y = y->next) {
		const bool last = calls->kind != YAML_LIST || !y->next;
		if (call_it(x, y, e) == 0)
			return 0;
		if (last || e->kind != ERR_PERM)
			return -1;
		log_say(LOG_REASON, "%s; trying the other form", e->msg);
		*e = (struct err){ 0 };
	}
}

int descriptor_ptr_get(struct dns *d, const char *ip, struct mem *m,
		       struct dns_ptr *out, struct err *e)
{
	AUTO(mem) struct mem own = { 0 };
	AUTO(spot) struct spot x = { 0 };
	*out = (struct dns_ptr){ 0 };
	return begin(&x, d, ip, &own, e) < 0 ? -1 : look(&x, m, out, e);
}

int descriptor_ptr_set(struct dns *d, const char *ip, const char *name,
		       struct err *e)
{
	AUTO(mem) struct mem m = { 0 };
	AUTO(spot) struct spot x = { 0 };
	struct dns_ptr is;
	if (begin(&x, d, ip, &m, e) < 0)
		return -1;
	const struct yaml *fresh = yaml_get(x.way, "create");
	x.s.ptr = name;
	if (!fresh)
		return call_it(&x, yaml_get(x.way, "set"), e);
	if (look(&x, &m, &is, e) < 0)
		return -1;
	return is.name ? call_it(&x, yaml_get(x.way, "set"), e) :
			 create(&x, fresh, e);
}

int descriptor_ptr_reset(struct dns *d, const char *ip, struct err *e)
{
	AUTO(mem) struct mem m = { 0 };
	AUTO(spot) struct spot x = { 0 };
	if (begin(&x, d, ip, &m, e) < 0)
		return -1;
	const struct yaml *call = yaml_get(x.way, "reset");
	if (!call)
		return err_set(e, ERR_PERM,
			       "%s has no call that takes a name of %s back",
			       x.s.d->provider.name,
			       x.ip.n == 4 ? "IPv4" : "IPv6");
	if (!x.found)
		return 0; /* there is none */
	if (call_it(&x, call, e) < 0 && e->kind != ERR_MISSING)
		return -1;
	*e = (struct err){ 0 };
	return 0;
}

int descriptor_no_zones(struct dns *d, const char *name, const char **zone,
			struct err *e)
{
	(void)zone;
	return err_set(e, ERR_CONF,
		       "%s holds no zones and cannot hold %s: it sets reverse "
		       "DNS alone (rdns.provider); set dns.provider to who "
		       "serves the zone",
		       d->provider->name, name);
}

int descriptor_no_apply(struct dns *d, const char *zone, const struct change *c,
			struct err *e)
{
	(void)c;
	return descriptor_no_zones(d, zone, NULL, e);
}
