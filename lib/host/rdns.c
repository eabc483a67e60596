#include "host/rdns.h"

#include <string.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/log.h"
#include "dns/journal.h"
#include "dns/wait.h"
#include "host/rdns_parts.h"
#include "net/ip.h"
#include "net/source.h"

enum { ASK_MS = 3000, LOCK_MS = 60000, READ_BACKS = 5, READ_BACK_MS = 1000 };

/* ---- texts ---- */
const char *rdns_plain(struct str name, struct mem *m)
{
	char *text =
		mem_dup(m, name.at, str_ends(name, ".") ? name.n - 1 : name.n);
	for (char *c = text; *c; c++)
		*c = str_lower(*c);
	return text;
}

/* ---- opening ---- */
int rdns_open(struct rdns *r, struct err *e)
{
	const char *zone = r->conf->rdns.zone;
	r->driver = NULL;
	r->opened = false;
	if (!r->provider)
		return 0;
	if (!zone)
		r->driver = r->provider->ptr;
	r->dns = (struct dns){ .conf = r->conf,
			       .settings = &r->conf->rdns,
			       .resolver = r->resolver,
			       .tell = r->tell,
			       .who = "reverse DNS" };
	if (dns_open(&r->dns, r->provider, e) < 0)
		return -1;
	r->opened = true;
	return 0;
}

void rdns_close(struct rdns *r)
{
	if (r->opened)
		dns_close(&r->dns);
	r->opened = false;
}

/* ---- what DNS says ---- */
/* The names that the zone's servers tell, all of them: one that lags tells an
 * old one, which somebody will see. */
static int ask(struct rdns *r, struct rdns_view *v, struct mem *m,
	       struct err *e)
{
	struct zone_servers s = { 0 };
	size_t answers = 0;
	if (zone_servers(r->resolver, v->zone, m, &s, e) < 0)
		return -1;
	struct dns_poll *poll = mem_array(m, s.n + 1, sizeof(*poll));
	for (size_t i = 0; i < s.n; i++)
		poll[i].server = s.at[i].server;
	if (dnsask_all(poll, s.n, v->target, DNS_PTR,
		       resolver_fixed(r->resolver) != NULL, ASK_MS, m, e) < 0)
		return -1;
	for (size_t i = 0; i < s.n; i++) {
		const struct dns_msg *msg = &poll[i].msg;
		if (!poll[i].ok ||
		    (msg->rcode != DNS_NOERROR && msg->rcode != DNS_NXDOMAIN))
			continue;
		answers++;
		for (size_t k = 0; k < msg->answer_n; k++)
			if (msg->answer[k].type == DNS_PTR)
				conf_list_once(
					&v->live, m,
					str_of(rdns_plain(msg->answer[k].value,
							  m)));
	}
	return answers ?
		       0 :
		       err_set(e, ERR_TEMP, "no server of %s answers", v->zone);
}

static int confirm(struct rdns *r, const struct ip *ip, struct rdns_view *v,
		   struct mem *m, struct err *e)
{
	const uint16_t type = ip->n == 4 ? DNS_A : DNS_AAAA;
	for (size_t i = 0; i < v->live.n && !v->confirmed; i++) {
		struct answer a;
		if (resolve(r->resolver, v->live.at[i], type, m, &a, e) < 0)
			return -1;
		for (size_t k = 0; k < a.n && !v->confirmed; k++)
			v->confirmed = ip_within(ip, a.value[k]);
	}
	return 0;
}

static int look_dns(struct rdns *r, const struct ip *ip, struct rdns_view *v,
		    struct mem *m, struct err *e)
{
	if (zone_follow(r->resolver, v->name, m, &v->target, e) < 0 ||
	    zone_cut(r->resolver, v->target, m, &v->zone, e) < 0 ||
	    ask(r, v, m, e) < 0)
		return -1;
	return confirm(r, ip, v, m, e);
}

/* ---- what we did ---- */
static int ours(const struct conf *c, const char *ip, struct mem *m,
		const char **out, struct err *e)
{
	struct journal_entries all = { 0 };
	*out = NULL;
	if (journal_open_entries(c->dir, RDNS_JOURNAL, RDNS_JOURNAL, ip, m,
				 &all, e) < 0)
		return -1;
	if (all.n)
		*out = rdns_plain(all.at[all.n - 1].record.value, m);
	return 0;
}

/* What stood there before the last one of ours that is still open. */
const char *rdns_before(const struct conf *c, const char *ip, struct mem *m,
			struct err *e)
{
	struct journal_entries all = { 0 };
	if (journal_open_entries(c->dir, RDNS_JOURNAL, RDNS_JOURNAL, ip, m,
				 &all, e) < 0 ||
	    !all.n)
		return NULL;
	return rdns_plain(all.at[all.n - 1].was, m);
}

/* ---- what whoever sets it says ---- */
static int look_api(struct rdns *r, struct rdns_view *v, struct mem *m,
		    struct err *e)
{
	struct dns_ptr is;
	if (!r->driver)
		return rdns_zone_get(r, v, m, &v->there, e);
	if (r->driver->caps & DNS_PTR_BY_HAND) {
		v->there = v->live;
		return 0;
	}
	if (r->driver->get(&r->dns, v->ip, m, &is, e) < 0)
		return -1;
	if (is.name)
		conf_list_once(&v->there, m, str_of(is.name));
	v->preset = is.preset;
	return 0;
}

int rdns_look(struct rdns *r, const char *text, struct mem *m,
	      struct rdns_view *out, struct err *e)
{
	struct ip ip;
	*out = (struct rdns_view){ 0 };
	if (ip_parse(str_of(text), &ip) < 0)
		return err_set(e, ERR_USAGE,
			       "\"%s\" is no IPv4 or IPv6 address", text);
	out->ip = ip_text(&ip, m);
	out->name = ip_reverse(&ip, m);
	out->target = out->name;
	if (look_dns(r, &ip, out, m, e) < 0) {
		if (e->kind == ERR_STOPPED)
			return -1;
		out->trouble = mem_str(m, e->msg);
		*e = (struct err){ 0 };
	}
	if (ours(r->conf, out->ip, m, &out->ours, e) < 0)
		return -1;
	if (!r->opened)
		return 0;
	if (look_api(r, out, m, e) < 0)
		return -1;
	out->asked = true;
	return 0;
}

enum rdns_word rdns_decide(const struct rdns_view *v, const char *want,
			   bool take_over, const char **reason)
{
	bool foreign = false, has = false;
	for (size_t i = 0; i < v->there.n; i++) {
		const char *name = v->there.at[i];
		has = has || !strcmp(name, want);
		foreign = foreign || (!v->preset && strcmp(name, want) != 0 &&
				      (!v->ours || strcmp(name, v->ours) != 0));
	}
	*reason = "it is so already";
	if (has && (!foreign || !take_over)) {
		if (v->there.n > 1)
			*reason = "it is so already, beside another name";
		return RDNS_KEEP;
	}
	*reason = !v->there.n ? "it has none" :
		  foreign     ? "somebody chose another" :
		  v->preset   ? "it has the hoster's own" :
				"it has our former one";
	if (foreign && take_over)
		*reason = "taken over";
	return foreign && !take_over ? RDNS_FOREIGN : RDNS_SET;
}

/* ---- the forward name ---- */
int rdns_forward(const struct rdns *r, const char *host, const char *text,
		 int64_t limit_ms, struct err *e)
{
	AUTO(mem) struct mem m = { 0 };
	struct ip ip;
	struct record want = { .name = host };
	struct records all = { .at = &want, .n = 1, .room = 1 };
	const struct wait w = { .resolver = r->resolver,
				.tell = r->tell,
				.who = host,
				.limit_ms = limit_ms };
	const char *zone;
	if (ip_parse(str_of(text), &ip) < 0)
		return err_set(e, ERR_USAGE, "\"%s\" is no address", text);
	want.type = ip.n == 4 ? DNS_A : DNS_AAAA;
	want.value = str_of(ip_text(&ip, &m));
	if (zone_cut(r->resolver, host, &m, &zone, e) == 0 &&
	    wait_visible(&w, zone, &all, e) == 0)
		return 0;
	if (e->kind != ERR_TIMEOUT && e->kind != ERR_MISSING)
		return -1;
	return err_set(e, ERR_TIMEOUT,
		       "%s must have the %s record %s before a PTR may name "
		       "it, and not all of its servers show that: publish it "
		       "(opsmail dns publish) or wait, then try again; %s",
		       host, ip.n == 4 ? "A" : "AAAA", text,
		       mem_str(&m, e->msg));
}

/* ---- setting it ---- */
static int note(const struct rdns *r, enum journal_op op,
		const struct rdns_view *v, const char *name, const char *was,
		struct err *e)
{
	AUTO(mem) struct mem m = { 0 };
	struct journal_entry x = {
		.purpose = RDNS_JOURNAL,
		.owner = v->ip,
		.record = { .name = v->name,
			    .type = DNS_PTR,
			    .value = str_of(mem_fmt(&m, "%s.", name)) },
	};
	if (was)
		x.was = str_of(*was ? mem_fmt(&m, "%s.", was) : "");
	return journal_write(r->conf->dir, RDNS_JOURNAL, op, &x, e);
}

/* Under the name that was there before any of ours. */
static int note_add(const struct rdns *r, const struct rdns_view *v,
		    const char *want, struct err *e)
{
	AUTO(mem) struct mem m = { 0 };
	const char *was = rdns_before(r->conf, v->ip, &m, e);
	if (e->kind)
		return -1;
	if (v->ours && !strcmp(v->ours, want))
		return 0;
	if (!was)
		was = v->there.n && !v->preset ? v->there.at[0] : "";
	return note(r, JOURNAL_ADD, v, want, was, e);
}

/* What is there now is what we wanted: a promise is not enough. */
static int read_back(struct rdns *r, const struct rdns_view *v,
		     const char *want, struct err *e)
{
	for (int i = 0; i < READ_BACKS; i++) {
		AUTO(mem) struct mem m = { 0 };
		struct rdns_view now = *v;
		now.there = (struct conf_list){ 0 };
		if (i)
			clock_sleep_ms(READ_BACK_MS << (i - 1));
		if (look_api(r, &now, &m, e) < 0)
			return -1;
		if (want ? conf_list_has(&now.there, str_of(want)) :
			   !v->ours ||
				    !conf_list_has(&now.there, str_of(v->ours)))
			return 0;
	}
	return err_set(e, ERR_TEMP,
		       "%s accepted a change of %s and does not show it; look "
		       "again later: opsmail rdns show %s",
		       r->provider->name, v->ip, v->ip);
}

/* Where the outcome is not known, reading tells. */
static int call(struct rdns *r, const struct rdns_view *v, const char *want,
		struct err *e)
{
	int status;
	if (!r->driver)
		return rdns_zone_set(r, v, want, e);
	if (!want && !r->driver->reset)
		return err_set(e, ERR_PERM, "%s cannot take a name back",
			       r->provider->name);
	status = want ? r->driver->set(&r->dns, v->ip, want, e) :
			r->driver->reset(&r->dns, v->ip, e);
	if (r->driver->caps & DNS_PTR_BY_HAND)
		return status;
	if (status < 0 && e->kind != ERR_CHANGED)
		return -1;
	if (status < 0)
		log_say(LOG_REASON, "%s; reading again", e->msg);
	*e = (struct err){ 0 };
	return read_back(r, v, want, e);
}

static int lock(const struct rdns *r, int *fd, struct err *e)
{
	AUTO(mem) struct mem m = { 0 };
	const char *path;
	if (journal_path(r->conf->dir, RDNS_JOURNAL, "lock", &m, &path, e) <
		    0 ||
	    fs_mkdir(mem_fmt(&m, "%s/journal", r->conf->dir), 0700, e) < 0)
		return -1;
	return fs_lock(path, LOCK_MS, fd, e);
}

int rdns_set(struct rdns *r, const struct rdns_view *v, const char *want,
	     struct err *e)
{
	AUTO(fd) int fd = -1;
	if (lock(r, &fd, e) < 0 || note_add(r, v, want, e) < 0)
		return -1;
	if (call(r, v, want, e) < 0)
		return -1;
	return v->ours && strcmp(v->ours, want) != 0 ?
		       note(r, JOURNAL_DEL, v, v->ours, NULL, e) :
		       0;
}

int rdns_restore(struct rdns *r, const struct rdns_view *v, struct err *e)
{
	AUTO(mem) struct mem m = { 0 };
	AUTO(fd) int fd = -1;
	const char *was = rdns_before(r->conf, v->ip, &m, e);
	if (e->kind)
		return -1;
	if (!was)
		return err_set(e, ERR_MISSING,
			       "%s: no PTR of ours is in %s/journal", v->ip,
			       r->conf->dir);
	if (v->there.n && !conf_list_has(&v->there, str_of(v->ours)))
		return err_set(e, ERR_CHANGED,
			       "%s: %s is there and not our %s: somebody "
			       "changed it, so it stays",
			       v->ip, v->there.at[0], v->ours);
	if (lock(r, &fd, e) < 0)
		return -1;
	if (call(r, v, *was ? was : NULL, e) < 0)
		return -1;
	return note(r, JOURNAL_DEL, v, v->ours, NULL, e);
}

int rdns_prove(const struct rdns *r, const struct rdns_view *v,
	       const char *want, int64_t limit_ms, struct err *e)
{
	AUTO(mem) struct mem m = { 0 };
	struct record x = { .name = v->target,
			    .type = DNS_PTR,
			    .value = str_of(mem_fmt(&m, "%s.", want)) };
	const struct records all = { .at = &x, .n = 1, .room = 1 };
	const struct wait w = { .resolver = r->resolver,
				.tell = r->tell,
				.who = v->ip,
				.limit_ms = limit_ms };
	if (!v->zone)
		return err_set(e, ERR_TIMEOUT, "%s: %s", v->ip,
			       v->trouble ? v->trouble : "no zone holds it");
	return wait_visible(&w, v->zone, &all, e);
}

/* ---- the addresses ---- */
static int from_kernel(unsigned bytes, struct mem *m, struct conf_list *out,
		       struct err *e)
{
	struct ip ip;
	if (source_address(bytes, &ip, e) < 0) {
		if (e->kind != ERR_MISSING)
			return -1;
		log_say(LOG_REASON, "%s", e->msg);
		*e = (struct err){ 0 };
		return 0;
	}
	if (!ip_is_public(&ip) && bytes == 16) {
		log_say(LOG_REASON, "IPv6 would leave from %s: private",
			ip_text(&ip, m));
		return 0;
	}
	if (!ip_is_public(&ip))
		return err_set(e, ERR_CONF,
			       "mail would leave from %s, which is private: "
			       "set addresses in opsmail.yaml to what others "
			       "see, or name the address",
			       ip_text(&ip, m));
	conf_list_once(out, m, str_of(ip_text(&ip, m)));
	return 0;
}

int rdns_addresses(const struct conf *c, struct mem *m, struct conf_list *out,
		   struct err *e)
{
	for (size_t i = 0; i < c->addresses.n; i++)
		conf_list_once(out, m, str_of(c->addresses.at[i]));
	if (c->addresses.n)
		return 0;
	if (from_kernel(4, m, out, e) < 0 || from_kernel(16, m, out, e) < 0)
		return -1;
	return out->n ? 0 :
			err_set(e, ERR_CONF,
				"this machine has no route to send mail by: "
				"set addresses in opsmail.yaml");
}
