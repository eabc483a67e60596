#include "publish/zones.h"

#include <jansson.h>
#include <string.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/log.h"
#include "dns/zone.h"
#include "dns/zonefile.h"

AUTO_DEFINE(json, json_t, json_decref)

struct zones_one *zones_find(const struct zones *z, const char *name)
{
	struct zones_one *best = NULL;

	for (size_t i = 0; i < z->n; i++)
		if (record_in_zone(name, z->at[i]->name) &&
		    (!best || strlen(z->at[i]->name) > strlen(best->name)))
			best = z->at[i];
	return best;
}

static int session_for(struct zones *z, const struct conf_dns *settings,
		       const char *who, const struct provider *p,
		       struct dns **out, struct err *e)
{
	const struct dns closed = { .conf = z->conf,
				    .settings = settings,
				    .resolver = z->resolver,
				    .tell = z->tell,
				    .who = mem_str(&z->mem, who) };

	*out = dns_session_find(z->session, settings);
	return *out ? 0 :
		      dns_session_open(&z->session, &closed, p, &z->mem, out,
				       e);
}

/* Who writes the name. *out NULL: a person, *why says so. */
static int writer_of(struct zones *z, const char *name, struct dns **out,
		     const char **why, struct err *e)
{
	const struct conf_dns *settings = conf_dns_of(z->conf, name);
	const struct provider *p;

	*out = NULL;
	if (!settings->provider) {
		*why = "no DNS provider is set";
		return 0;
	}
	p = z->find(z->conf, settings->provider, &z->mem, e);
	if (!p)
		return -1;
	if (!provider_reads(p)) {
		*why = mem_fmt(&z->mem, "the DNS provider %s shows no zones",
			       p->name);
		return 0;
	}
	return session_for(z, settings, name, p, out, e);
}

static int read_ours(struct zones *z, struct zones_one *one, struct err *e)
{
	one->ours = (struct journal_entries){ 0 };
	return journal_open_entries(z->conf->dir, one->name, "publish", NULL,
				    &z->mem, &one->ours, e);
}

static int read_live(struct zones *z, struct zones_one *one, struct err *e)
{
	one->live = (struct records){ 0 };
	if (one->dns->provider->list(one->dns, one->name, NULL, 0, &z->mem,
				     &one->live, e))
		return err_at(e, "reading the zone %s", one->name);
	return 0;
}

static int place(struct zones *z, const char *name, struct dns *dns,
		 const char **why, const char **zone, struct err *e)
{
	const char *set = dns ? dns->settings->zone : NULL;
	struct err none = { 0 };

	if (set && record_in_zone(name, set)) {
		*zone = set;
		return 0;
	}
	if (!dns)
		return zone_cut(z->resolver, name, &z->mem, zone, e);
	if (dns->provider->find_zone(dns, name, zone, &none) == 0)
		return 0;
	if (none.kind != ERR_MISSING) {
		*e = none;
		return -1;
	}
	*why = mem_fmt(&z->mem, "%s has no zone for it", dns->provider->name);
	return 1;
}

static struct zones_one *new_one(struct zones *z, const char *name)
{
	struct zones_one *one = MEM_NEW(&z->mem, struct zones_one);

	one->name = mem_str(&z->mem, name);
	z->at = mem_more(&z->mem, z->at, &z->room, z->n, sizeof(*z->at));
	z->at[z->n++] = one;
	return one;
}

static struct zones_one *same_name(const struct zones *z, const char *name)
{
	for (size_t i = 0; i < z->n; i++)
		if (!strcmp(z->at[i]->name, name))
			return z->at[i];
	return NULL;
}

/* DNSSEC vouches for the zone's own name. An answer that does not come is no
 * reason to stop: nothing that needs it will be published. */
static bool is_secure(struct zones *z, const char *zone)
{
	AUTO(mem) struct mem m = { 0 };
	struct answer a = { 0 };
	struct err e = { 0 };

	return resolve(z->resolver, zone, DNS_SOA, &m, &a, &e) == 0 && a.secure;
}

int zones_add(struct zones *z, const char *name, struct zones_one **out,
	      struct err *e)
{
	struct dns *dns;
	const char *why = NULL, *zone;
	int found;

	if (writer_of(z, name, &dns, &why, e))
		return -1;
	found = place(z, name, dns, &why, &zone, e);
	if (found > 0) {
		dns = NULL;
		found = place(z, name, dns, &why, &zone, e);
	}
	if (found)
		return err_at(e, "%s", name);
	*out = same_name(z, zone);
	if (*out)
		return 0;

	struct zones_one *one = new_one(z, zone);

	*out = one;
	one->dns = dns;
	one->by_hand = why;
	one->secure = is_secure(z, zone);
	if (read_ours(z, one, e))
		return -1;
	return dns ? read_live(z, one, e) : 0;
}

static int ask_one(struct zones *z, struct zones_one *one, const char *name,
		   uint16_t type, bool *news, struct err *e)
{
	const char *key = mem_fmt(&z->mem, "%s/%u", name, type);
	struct answer a;

	if (conf_list_has(&z->asked, str_of(key)))
		return 0;
	conf_list_add(&z->asked, &z->mem, key);
	if (resolve(z->resolver, name, type, &z->mem, &a, e))
		return err_at(e, "reading %s", name);
	/* What a CNAME leads to does not stand here. */
	for (size_t i = 0; i < a.n; i++) {
		const struct record r = { .name = name,
					  .type = type,
					  .ttl = a.ttl,
					  .value = a.value[i] };

		if (type != DNS_CNAME && strcmp(a.cname, name) != 0)
			break;
		records_add(&one->live, &z->mem, &r);
		*news = true;
	}
	return 0;
}

int zones_ask(struct zones *z, struct zones_one *one, const char *name,
	      uint16_t type, bool *news, struct err *e)
{
	if (ask_one(z, one, name, DNS_CNAME, news, e))
		return -1;
	return type == DNS_CNAME ? 0 : ask_one(z, one, name, type, news, e);
}

int zones_again(struct zones *z, struct zones_one *one, struct err *e)
{
	one->wishes = (struct wishes){ 0 };
	if (read_ours(z, one, e))
		return -1;
	if (one->dns)
		return read_live(z, one, e);
	one->live = (struct records){ 0 };
	z->asked = (struct conf_list){ 0 };
	return 0;
}

static json_t *export_json(const struct zones_one *one)
{
	json_t *all = json_array();
	char type[16];

	for (size_t i = 0; i < one->live.n; i++) {
		const struct record *r = &one->live.at[i];
		AUTO(buf) struct buf value = { 0 };

		zonefile_value(&value, r);
		json_array_append_new(
			all,
			json_pack("{s:s, s:s, s:I, s:s, s:s*}", "name", r->name,
				  "type", dnsmsg_type_name(r->type, type),
				  "ttl", (json_int_t)r->ttl, "value",
				  buf_c(&value), "id", r->id));
	}
	return json_pack("{s:s, s:o}", "zone", one->name, "records", all);
}

/* ZONE-2026-11-25T10:15:00Z.zone */
static bool exported(const struct zones_one *one, const char *when,
		     const struct fs_names *files)
{
	const size_t n = strlen(one->name) + 1 + strlen(when) + strlen(".zone");

	for (size_t i = 0; i < files->n; i++) {
		struct str s = str_of(files->at[i]);

		if (s.n == n && str_starts(s, one->name) &&
		    s.at[strlen(one->name)] == '-' && str_ends(s, ".zone"))
			return true;
	}
	return false;
}

/* What a zone file can hold. */
static void export_zone(const struct zones_one *one, struct mem *m,
			struct buf *out)
{
	struct records good = { 0 };

	for (size_t i = 0; i < one->live.n; i++) {
		struct record r = one->live.at[i];
		struct err e = { 0 };

		if (zonefile_check(one->name, &r, m, &e) == 0)
			records_add(&good, m, &r);
		else
			log_say(LOG_REASON, "not exported: %s", e.msg);
	}
	zonefile_sort(&good);
	zonefile_print(out, one->name, &good);
}

int zones_export(const struct zones *z, const struct zones_one *one, time_t now,
		 struct err *e)
{
	AUTO(mem) struct mem m = { 0 };
	AUTO(buf) struct buf text = { 0 };
	const char *dir = mem_fmt(&m, "%s/backup", z->conf->dir);
	struct fs_names files = { 0 };
	char when[CLOCK_TEXT];

	if (record_check_zone(one->name, e) ||
	    fs_list_maybe(dir, &m, &files, e))
		return -1;
	clock_text(now, when);
	if (exported(one, when, &files))
		return 0;
	AUTO(json) json_t *j = export_json(one);
	AUTO(free) char *json =
		json_dumps(j, JSON_INDENT(1) | JSON_ENSURE_ASCII);
	const char *path = mem_fmt(&m, "%s/%s-%s", dir, one->name, when);

	export_zone(one, &m, &text);
	/* The file that is looked for comes last. */
	if (fs_mkdir(dir, 0700, e) ||
	    fs_write(mem_fmt(&m, "%s.json", path), str_of(json ? json : "{}"),
		     0600, e))
		return -1;
	return fs_write(mem_fmt(&m, "%s.zone", path), buf_get(&text), 0600, e);
}

void zones_free(struct zones *z)
{
	dns_session_close(&z->session);
	mem_free(&z->mem);
}
