#include "publish/publish.h"

#include <string.h>

#include "base/auto.h"
#include "base/clock.h"
#include "publish/ask.h"
#include "publish/policy.h"

/* Wishes, answers from the DNS to what they ask, wishes: what stands at a name
 * of a zone that we cannot list is known after it was wished for. */
enum { PASSES = 4 };
enum { SETTLED_S = 24 * 3600 };

static int add_domain(struct publish *p, const char *name, struct err *e)
{
	struct publish_domain *d = &p->domains[p->n];
	struct conf *c = p->how.conf;

	for (size_t i = 0; i < c->domains_n; i++) {
		if (strcmp(c->domains[i].name, name) != 0)
			continue;
		d->domain = &c->domains[i];
		p->n++;
		return keys_load(c, name, p->how.now, &d->keys, e);
	}
	return err_set(
		e, ERR_CONF,
		"%s is not in %s/opsmail.yaml: write it below `domains:`", name,
		c->dir);
}

static int add_domains(struct publish *p, struct err *e)
{
	const struct conf_list *asked = p->how.domains;
	struct conf *c = p->how.conf;
	const size_t n = asked->n ? asked->n : c->domains_n;
	struct conf_domain *unused;

	if (!n)
		return err_set(e, ERR_CONF,
			       "no domain is configured: write one below "
			       "`domains:` in %s/opsmail.yaml",
			       c->dir);
	/* conf.sh may have something to say about each. */
	for (size_t i = 0; i < c->domains_n; i++)
		if (conf_domain(c, c->domains[i].name, &unused, e))
			return -1;
	p->domains = mem_array(&p->zones.mem, n, sizeof(*p->domains));
	for (size_t i = 0; i < n; i++)
		if (add_domain(p, asked->n ? asked->at[i] : c->domains[i].name,
			       e))
			return -1;
	return 0;
}

/* "mailto:x@example.net" lies at example.net. */
static const char *mail_domain(const char *url)
{
	const char *at = strrchr(url, '@');

	return at && !strncmp(url, "mailto:", 7) ? at + 1 : NULL;
}

/* Where reports go a record may be needed (RFC 9990 3), and nobody stops for
 * it: the zones of strangers are not ours to read. */
static void add_report_zones(struct publish *p, const struct conf_list *urls)
{
	for (size_t i = 0; i < urls->n; i++) {
		const char *at = mail_domain(urls->at[i]);
		struct zones_one *one;
		struct err e = { 0 };

		for (size_t k = 0; at && k < p->how.conf->domains_n; k++)
			if (record_in_zone(at, p->how.conf->domains[k].name)) {
				(void)zones_add(&p->zones, at, &one, &e);
				break;
			}
	}
}

/* Where something of ours still stands: of a domain that was taken out of the
 * configuration. A zone that cannot be reached any more is no reason to stop. */
static int add_old_zones(struct publish *p, struct err *e)
{
	struct mem *m = &p->zones.mem;
	const char *dir = p->how.conf->dir;
	struct conf_list names = { 0 };

	if (journal_zones(dir, m, &names, e))
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		struct journal_entries ours = { 0 };
		struct zones_one *one;
		struct err none = { 0 };

		if (journal_open_entries(dir, names.at[i], "publish", NULL, m,
					 &ours, e))
			return -1;
		if (ours.n && zones_add(&p->zones, names.at[i], &one, &none))
			tell(p->how.tell, TELL_STEP, names.at[i],
			     "what was published there stays: %s", none.msg);
	}
	return 0;
}

static int add_zones(struct publish *p, struct err *e)
{
	struct zones_one *one;

	for (size_t i = 0; i < p->n; i++) {
		const struct conf_mail *mail = &p->domains[i].domain->mail;

		if (zones_add(&p->zones, p->domains[i].domain->name, &one, e))
			return -1;
		add_report_zones(p, &mail->dmarc.rua);
		add_report_zones(p, &mail->dmarc.ruf);
	}
	if (zones_add(&p->zones, p->how.conf->hostname, &one, e))
		return -1;
	return p->how.domains->n ? 0 : add_old_zones(p, e);
}

static struct want_zone *want_zones(struct publish *p, struct mem *m)
{
	struct want_zone *at = mem_array(m, p->zones.n + 1, sizeof(*at));

	for (size_t i = 0; i < p->zones.n; i++) {
		const struct zones_one *one = p->zones.at[i];

		at[i] = (struct want_zone){
			.name = one->name,
			.live = &one->live,
			.secure = one->secure,
			.partial = !one->dns,
			.ours = &one->ours,
		};
		if (!one->dns)
			continue;
		at[i].types = one->dns->provider->types;
		at[i].txt_max = one->dns->provider->txt_max;
		at[i].no_null_mx = one->dns->provider->no_null_mx;
	}
	return at;
}

static bool signs_long(const struct rotate_key *x, time_t now)
{
	return x->state == ROTATE_ACTIVE && now - x->since > SETTLED_S;
}

/* A key signs since a day: setting up is over. */
static bool is_settled(const struct keys *k, time_t now)
{
	for (size_t i = 0; i < k->keys.n; i++)
		if (!k->keys.at[i].adopted && signs_long(&k->keys.at[i], now))
			return true;
	return false;
}

/* What is served already: asked for once a run. */
static int see_served(struct publish *p, struct publish_domain *d,
		      struct err *e)
{
	const struct conf_mail *mail = &d->domain->mail;
	const struct policy_ask q = { .conf = p->how.conf,
				      .addresses = p->how.addresses,
				      .domain = d->domain->name };

	if (mail->mta_sts != STS_OFF &&
	    policy_sts(&q, &p->zones.mem, &d->policy, &d->policy_why, e))
		return -1;
	return mail->autoconfig ? policy_autoconfig(&q, &d->autoconfig, e) : 0;
}

/* A signature by a key that signs since a day passes now: what we send would
 * be taken for ours. */
static bool is_proven(struct publish *p, const struct keys *k)
{
	for (size_t i = 0; i < k->keys.n; i++) {
		struct err e = { 0 };

		if (signs_long(&k->keys.at[i], p->how.now) &&
		    keys_try(k, &k->keys.at[i], p->how.resolver, p->how.now,
			     &e) == 0)
			return true;
	}
	return false;
}

static void note(struct publish *p, struct publish_domain *d,
		 const struct want_note *x)
{
	struct want_notes *n = &d->notes;

	n->at = mem_more(&p->zones.mem, n->at, &n->room, n->n, sizeof(*n->at));
	n->at[n->n++] = *x;
}

static int ask(struct publish *p, struct publish_domain *d, struct want *w,
	       struct err *e)
{
	for (;;) {
		d->wishes = (struct wishes){ 0 };
		d->notes = (struct want_notes){ 0 };
		if (want_domain(w, &p->facts, &p->zones.mem, &d->wishes,
				&d->notes))
			return 0;
		if (ask_facts(p->how.resolver, &p->facts, e))
			return err_at(e, "%s", d->domain->shown);
	}
}

/* The policy that is served is the one that is wanted: then its record may
 * stand, and the wishes are made once more. */
static int ask_policy(struct publish *p, struct publish_domain *d,
		      struct want *w, struct err *e)
{
	const enum conf_sts mode = d->domain->mail.mta_sts;
	struct mem *m = &p->zones.mem;
	struct conf_list mx = { 0 };
	struct want_note x = { .level = WANT_WARN, .kind = "mta-sts" };
	const char *text;

	if (mode == STS_OFF)
		return 0;
	want_mx_hosts(w, m, &mx);
	text = want_sts_policy(mode, &mx, m);
	if (d->policy && !strcmp(d->policy, text)) {
		w->sts_id = want_sts_id(str_of(text), m);
		return ask(p, d, w, e);
	}
	x.text = mem_fmt(m, "%s; the policy to serve is: %s",
			 d->policy ? "another policy is served" : d->policy_why,
			 text);
	note(p, d, &x);
	return 0;
}

static int want(struct publish *p, struct publish_domain *d, struct err *e)
{
	struct mem *m = &p->zones.mem;
	struct want w = {
		.conf = p->how.conf,
		.domain = d->domain,
		.zones = want_zones(p, m),
		.zones_n = p->zones.n,
		.host = p->how.conf->hostname,
		.addresses = p->how.addresses,
		.spki = p->how.spki,
		.accounts = p->how.accounts,
		.autoconfig = d->autoconfig,
		.settled = is_settled(&d->keys, p->how.now),
		.proven = d->proven,
		.now = p->how.now,
	};

	for (size_t i = 0; i < p->zones.n; i++)
		keys_match(&d->keys, &p->zones.at[i]->live);
	w.keys = keys_wanted(&d->keys, m, &w.keys_n);
	if (ask(p, d, &w, e) || ask_policy(p, d, &w, e))
		return -1;
	d->stopped = false;
	for (size_t i = 0; i < d->notes.n; i++)
		d->stopped |= d->notes.at[i].level == WANT_STOP;
	return 0;
}

/* The host's records may be wished for by each of its domains. */
static bool wished(const struct wishes *w, const struct wish *x)
{
	for (size_t i = 0; i < w->n; i++)
		if (record_alike(&w->at[i].record, &x->record))
			return true;
	return false;
}

/* Into their zones. *news: the DNS was asked and said something new. */
static int sort_wishes(struct publish *p, const struct publish_domain *d,
		       bool *news, struct err *e)
{
	for (size_t i = 0; i < d->wishes.n; i++) {
		const struct wish *x = &d->wishes.at[i];
		struct zones_one *one = zones_find(&p->zones, x->record.name);

		if (!one && zones_add(&p->zones, x->record.name, &one, e))
			return -1;
		if (!one->dns && zones_ask(&p->zones, one, x->record.name,
					   x->record.type, news, e))
			return -1;
		if (!wished(&one->wishes, x))
			plan_wish(&one->wishes, &p->zones.mem, x);
	}
	return 0;
}

/* What a zone that nobody shows us has at the domain itself. */
static int ask_apexes(struct publish *p, bool *news, struct err *e)
{
	static const uint16_t types[] = { DNS_TXT, DNS_MX };

	for (size_t i = 0; i < p->n; i++) {
		const char *name = p->domains[i].domain->name;
		struct zones_one *one = zones_find(&p->zones, name);

		for (size_t k = 0; k < 2 && one && !one->dns; k++)
			if (zones_ask(&p->zones, one, name, types[k], news, e))
				return -1;
	}
	return 0;
}

static int wish_all(struct publish *p, struct err *e)
{
	bool news = true;

	if (ask_apexes(p, &news, e))
		return -1;
	for (int pass = 0; news && pass < PASSES; pass++) {
		news = false;
		for (size_t i = 0; i < p->zones.n; i++)
			p->zones.at[i]->wishes = (struct wishes){ 0 };
		for (size_t i = 0; i < p->n; i++)
			if (want(p, &p->domains[i], e) ||
			    (!p->domains[i].stopped &&
			     sort_wishes(p, &p->domains[i], &news, e)))
				return -1;
	}
	return 0;
}

/* A domain that is stopped keeps what it has; all but those that were asked
 * for do. NULL: every value of ours is looked at. */
static const struct conf_list *owners(struct publish *p)
{
	struct conf_list *l = MEM_NEW(&p->zones.mem, struct conf_list);
	bool stopped = false;

	for (size_t i = 0; i < p->n; i++) {
		stopped |= p->domains[i].stopped;
		if (p->domains[i].stopped)
			continue;
		conf_list_add(l, &p->zones.mem, p->domains[i].domain->name);
	}
	return p->how.domains->n || stopped ? l : NULL;
}

static void plan_all(struct publish *p)
{
	struct hash_run *h = hash_begin(HASH_SHA256);
	const struct conf_list *whose = owners(p);

	for (size_t i = 0; i < p->zones.n; i++) {
		struct zones_one *one = p->zones.at[i];
		const struct plan_ask q = {
			.zone = one->name,
			.live = &one->live,
			.ours = &one->ours,
			.wishes = &one->wishes,
			.take_over = p->how.take_over,
			.owners = whose,
		};

		plan_make(&q, &p->zones.mem, &one->plan);
		hash_add(h, str_of(one->plan.hash));
	}
	plan_seal(h, p->hash);
}

int publish_look(const struct publish_how *how, struct publish *out,
		 struct err *e)
{
	*out = (struct publish){ .how = *how };
	out->zones.conf = how->conf;
	out->zones.find = how->find;
	out->zones.resolver = how->resolver;
	out->zones.tell = how->tell;
	if (add_domains(out, e) || add_zones(out, e))
		return -1;
	for (size_t i = 0; i < out->n; i++) {
		if (see_served(out, &out->domains[i], e))
			return -1;
		out->domains[i].proven = is_proven(out, &out->domains[i].keys);
	}
	if (wish_all(out, e))
		return -1;
	plan_all(out);
	return 0;
}

int publish_look_again(struct publish *p, struct err *e)
{
	char before[sizeof(p->hash)];

	memcpy(before, p->hash, sizeof(before));
	for (size_t i = 0; i < p->zones.n; i++)
		if (zones_again(&p->zones, p->zones.at[i], e))
			return -1;
	if (wish_all(p, e))
		return -1;
	plan_all(p);
	if (strcmp(before, p->hash) != 0)
		return err_set(e, ERR_CHANGED,
			       "the DNS was changed by somebody else meanwhile "
			       "(plan %s is %s now): nothing was written, look "
			       "at the plan again",
			       before, p->hash);
	return 0;
}

size_t publish_changes(const struct publish *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->zones.n; i++)
		n += plan_changes(&p->zones.at[i]->plan);
	return n;
}

const char *publish_id(time_t now, const char *tail, struct mem *m)
{
	char text[CLOCK_TEXT];
	AUTO(buf) struct buf b = { 0 };

	for (const char *c = clock_text(now, text); *c; c++)
		if (*c != '-' && *c != ':')
			buf_char(&b, *c);
	return mem_fmt(m, "%s-%.8s", buf_c(&b), tail);
}

void publish_free(struct publish *p)
{
	for (size_t i = 0; i < p->n; i++)
		keys_free(&p->domains[i].keys);
	facts_free(&p->facts);
	zones_free(&p->zones);
}
