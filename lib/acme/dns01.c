#include "acme/dns01.h"

#include <string.h>

#include "base/log.h"
#include "base/stop.h"
#include "dns/wait.h"
#include "dns/zone.h"

enum { BY_HAND_LIMIT_MS = 30 * 60 * 1000 };

/* The configured domain that holds the name decides who writes it: a CNAME
 * may lead to another provider. */
static const struct conf_dns *settings_for(const struct dns01 *x,
					   const char *fqdn)
{
	const struct conf_dns *best = conf_dns_of(x->conf, fqdn);

	return best == &x->conf->dns ? x->settings : best;
}

static const char *owner_of(const struct dns01 *x)
{
	return x->owner ? x->owner : x->who;
}

static const struct dns_challenge *challenges(struct dns01 *x, size_t *n)
{
	struct dns_challenge *at = mem_array(&x->mem, x->n + 1, sizeof(*at));

	*n = 0;
	for (size_t i = 0; i < x->n; i++) {
		const struct dns01_token *t = &x->token[i];

		if (t->key_auth)
			at[(*n)++] = (struct dns_challenge){
				.value = t->value,
				.domain = t->domain,
				.token = t->token,
				.key_auth = t->key_auth,
			};
	}
	return at;
}

static struct dns closed(const struct dns01 *x, const struct conf_dns *settings)
{
	return (struct dns){ .conf = x->conf,
			     .settings = settings,
			     .resolver = x->resolver,
			     .tell = x->tell,
			     .who = x->who };
}

static const struct provider *provider_of(struct dns01 *x,
					  const struct conf_dns *settings,
					  const char *name, struct err *e)
{
	if (settings->provider)
		return x->find(x->conf, settings->provider, &x->mem, e);
	err_set(e, ERR_CONF,
		"no DNS provider is set for %s: set dns.provider in "
		"%s/opsmail.yaml (`opsmail dns providers` lists them)",
		name, x->conf->dir);
	return NULL;
}

static int session_for(struct dns01 *x, const char *fqdn, struct dns **out,
		       struct err *e)
{
	const struct conf_dns *want = settings_for(x, fqdn);
	const struct provider *p;
	struct dns d;

	*out = dns_session_find(x->session, want);
	if (*out)
		return 0;
	p = provider_of(x, want, fqdn, e);
	if (!p)
		return -1;
	d = closed(x, want);
	d.challenges = challenges(x, &d.challenges_n);
	return dns_session_open(&x->session, &d, p, &x->mem, out, e);
}

int dns01_check(struct dns01 *x, struct err *e)
{
	struct dns d = closed(x, x->settings);
	const struct provider *p = provider_of(x, x->settings, x->who, e);

	return p ? dns_check(&d, p, e) : -1;
}

/* A name that opsmail answers for itself cannot be resolved before it does. */
static bool is_ours(struct dns01 *x, struct dns01_token *t, struct err *e)
{
	const struct conf_dns *settings = settings_for(x, t->at);
	const struct provider *p = provider_of(x, settings, t->at, e);

	if (!p || !(p->caps & DNS_ANSWERS) ||
	    session_for(x, t->at, &t->dns, e) ||
	    p->find_zone(t->dns, t->at, &t->zone, e))
		return false;
	t->fqdn = t->at;
	return true;
}

/* Where the world leads nowhere, what our own responder missed says more. */
static int follow(struct dns01 *x, struct dns01_token *t,
		  const struct err *ours, struct err *e)
{
	if (!zone_follow(x->resolver, t->at, &x->mem, &t->fqdn, e))
		return 0;
	if (ours->kind == ERR_CONF && e->kind == ERR_TEMP)
		*e = *ours;
	return -1;
}

/* The zone is the setting's where that holds the name, else the provider's
 * own: it knows what it can write. */
static int place(struct dns01 *x, struct dns01_token *t, struct err *e)
{
	struct err ours = { 0 };

	if (x->settings->alias)
		t->fqdn = x->settings->alias;
	else if (is_ours(x, t, &ours))
		return 0;
	else if (follow(x, t, &ours, e))
		return -1;
	if (strcmp(t->fqdn, t->at))
		tell(x->tell, TELL_STEP, x->who, "%s is delegated to %s", t->at,
		     t->fqdn);
	if (session_for(x, t->fqdn, &t->dns, e))
		return -1;
	if (x->settings->zone && record_in_zone(t->fqdn, x->settings->zone)) {
		t->zone = x->settings->zone;
		return 0;
	}
	return t->dns->provider->find_zone(t->dns, t->fqdn, &t->zone, e);
}

/* The apex and the wildcard ask for the same place: look it up once. */
static int place_all(struct dns01 *x, struct err *e)
{
	for (size_t i = 0; i < x->n; i++) {
		struct dns01_token *t = &x->token[i];
		size_t k;

		for (k = 0; k < i; k++)
			if (!strcmp(x->token[k].at, t->at))
				break;
		if (k < i) {
			t->fqdn = x->token[k].fqdn;
			t->zone = x->token[k].zone;
			t->dns = x->token[k].dns;
		} else if (place(x, t, e)) {
			return err_at(e, "%s", t->at);
		}
	}
	return 0;
}

/* Where one value is held at a time, the tokens of a zone take turns. */
static void take_turns(struct dns01 *x)
{
	x->rounds = 1;
	for (size_t i = 0; i < x->n; i++) {
		struct dns01_token *t = &x->token[i];

		t->round = 0;
		if (!(t->dns->provider->caps & DNS_SERIAL))
			continue;
		for (size_t k = 0; k < i; k++)
			if (x->token[k].dns == t->dns &&
			    !strcmp(x->token[k].zone, t->zone))
				t->round++;
		if (t->round >= x->rounds)
			x->rounds = t->round + 1;
	}
}

static struct record as_record(const struct dns01_token *t)
{
	return (struct record){ .name = t->fqdn,
				.type = DNS_TXT,
				.ttl = 60,
				.value = str_of(t->value) };
}

static bool done_before(const struct dns01 *x, size_t i, bool by_zone)
{
	for (size_t k = 0; k < i; k++)
		if (x->token[k].round == x->token[i].round &&
		    (by_zone ? !strcmp(x->token[k].zone, x->token[i].zone) :
			       !strcmp(x->token[k].fqdn, x->token[i].fqdn)))
			return true;
	return false;
}

/* All values of the i-th token's name (or zone). */
static void gather(struct dns01 *x, size_t i, bool by_zone, struct records *out)
{
	for (size_t k = i; k < x->n; k++) {
		const struct dns01_token *t = &x->token[k];

		if (t->round == x->round &&
		    (by_zone ? !strcmp(t->zone, x->token[i].zone) :
			       !strcmp(t->fqdn, x->token[i].fqdn))) {
			const struct record r = as_record(t);

			records_add(out, &x->mem, &r);
		}
	}
}

static int write_all(struct dns01 *x, struct err *e)
{
	for (size_t i = 0; i < x->n; i++) {
		const struct dns01_token *t = &x->token[i];
		const struct edit edit = { .dns = t->dns,
					   .zone = t->zone,
					   .purpose = x->purpose,
					   .owner = owner_of(x) };
		struct records add = { 0 };
		const struct records none = { 0 };

		if (t->round != x->round || done_before(x, i, false))
			continue;
		gather(x, i, false, &add);
		tell(x->tell, TELL_STEP, x->who, "%zu TXT value%s at %s (%s)",
		     add.n, add.n == 1 ? "" : "s", t->fqdn,
		     t->dns->provider->name);
		if (edit_values(&edit, &add, &none, e))
			return err_at(e, "%s", t->fqdn);
	}
	return 0;
}

static int wait_all(struct dns01 *x, struct err *e)
{
	for (size_t i = 0; i < x->n; i++) {
		struct records want = { 0 };
		const bool by_hand = x->token[i].dns->provider->caps &
				     DNS_BY_HAND;
		const struct wait w = {
			.resolver = x->resolver,
			.tell = x->tell,
			.who = x->who,
			.limit_ms = by_hand && x->limit_ms < BY_HAND_LIMIT_MS ?
					    BY_HAND_LIMIT_MS :
					    x->limit_ms,
		};

		if (x->token[i].round != x->round || done_before(x, i, true))
			continue;
		gather(x, i, true, &want);
		if (wait_visible(&w, x->token[i].zone, &want, e))
			return -1;
	}
	return 0;
}

int dns01_put(struct dns01 *x, struct err *e)
{
	if (x->round == 0) {
		if (place_all(x, e))
			return -1;
		take_turns(x);
	}
	if (write_all(x, e))
		return -1;
	return wait_all(x, e);
}

static int clear_zone(struct dns01 *x, const char *zone, struct err *e)
{
	struct journal_entries ours = { 0 };
	const struct records keep = { 0 };
	struct edit edit = { .zone = zone,
			     .purpose = x->purpose,
			     .owner = owner_of(x) };
	size_t gone = 0;

	if (journal_open_entries(x->conf->dir, zone, x->purpose, owner_of(x),
				 &x->mem, &ours, e))
		return -1;
	if (!ours.n)
		return 0;
	if (session_for(x, ours.at[0].record.name, &edit.dns, e) ||
	    edit_sweep(&edit, &keep, &gone, e))
		return err_at(e, "%s", zone);
	log_say(LOG_REASON, "%s: removed %zu TXT value%s from %s", x->who, gone,
		gone == 1 ? "" : "s", zone);
	return 0;
}

int dns01_clear(struct dns01 *x, struct err *e)
{
	struct conf_list zones = { 0 };
	int status = 0;

	if (journal_zones(x->conf->dir, &x->mem, &zones, e))
		return -1;
	stop_shield();
	for (size_t i = 0; i < zones.n; i++)
		if (clear_zone(x, zones.at[i], e))
			status = -1;
	stop_unshield();
	return status;
}

void dns01_free(struct dns01 *x)
{
	dns_session_close(&x->session);
	mem_free(&x->mem);
}
