#include "dns/wait.h"

#include <string.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/log.h"

enum {
	PAUSE_MS = 50, /* after the first look; half as much again each time */
	PAUSE_MAX_MS = 2000,
	ROUND_MS = 500, /* time to answer; doubles while somebody is silent */
	ROUND_MAX_MS = 5000,
	SILENT_MS = 1500, /* an address that said nothing for so long is dead */
	DEAD_NS_MS = 10000,
};

enum state { UNASKED, RIGHT, WRONG, BROKEN, SILENT };

/* What one address says of one name and type. */
struct probe {
	const struct zone_server *at;
	const char *name;
	uint16_t type;
	enum state state;
	int64_t silent_ms; /* how long it was given in vain */
	char said[96];
};
struct watch {
	const struct wait *w;
	const struct records *want;
	struct probe *probe;
	size_t n;
	bool fixed;         /* a resolver, not an authority, is asked */
	size_t shown;       /* servers right in the last live line, plus one */
	int64_t dead_since; /* all but dead servers have it; 0: not yet */
};
/* Over the name servers. */
struct count {
	size_t all, right, dead;
};

static void add_probes(struct watch *x, const struct zone_servers *s,
		       struct mem *m)
{
	x->probe = mem_array(m, x->want->n * s->n + 1, sizeof(*x->probe));
	for (size_t i = 0; i < x->want->n; i++) {
		const struct record *r = &x->want->at[i];
		size_t k = 0;
		while (x->want->at[k].type != r->type ||
		       strcmp(x->want->at[k].name, r->name) != 0)
			k++;
		for (size_t j = 0; k == i && j < s->n; j++)
			x->probe[x->n++] = (struct probe){ .at = &s->at[j],
							   .name = r->name,
							   .type = r->type };
	}
}

static bool same_question(const struct probe *a, const struct probe *b)
{
	return a->type == b->type && strcmp(a->name, b->name) == 0;
}

static bool has_all(const struct watch *x, const struct probe *p,
		    const struct dns_msg *msg)
{
	for (size_t i = 0; i < x->want->n; i++) {
		const struct record *r = &x->want->at[i];
		bool seen = r->type != p->type || strcmp(r->name, p->name) != 0;
		for (size_t k = 0; k < msg->answer_n && !seen; k++)
			seen = msg->answer[k].type == r->type &&
			       str_same(msg->answer[k].value, r->value);
		if (!seen)
			return false;
	}
	return true;
}

static void judge(const struct watch *x, struct probe *p,
		  const struct dns_poll *got, int64_t limit)
{
	const struct dns_msg *msg = &got->msg;
	const char *said;
	bool silent = !got->ok && strcmp(got->why, "timeout") == 0;
	p->silent_ms = silent ? p->silent_ms + limit : 0;
	if (!got->ok) {
		p->state = silent ? SILENT : BROKEN;
		said = got->why;
	} else if (msg->rcode != DNS_NOERROR && msg->rcode != DNS_NXDOMAIN) {
		p->state = BROKEN;
		said = dnsmsg_rcode_name(msg->rcode);
	} else if (!x->fixed && !msg->aa) {
		p->state = BROKEN;
		said = "not authoritative";
	} else {
		p->state = has_all(x, p, msg) ? RIGHT : WRONG;
		said = p->state == RIGHT          ? "has it" :
		       msg->rcode == DNS_NXDOMAIN ? "no such name" :
		       msg->answer_n              ? "other values" :
						    "no such record";
	}
	snprintf(p->said, sizeof(p->said), "%s", said);
	log_say(LOG_WIRE, "%s (%s): %s: %s", p->at->ns, p->at->server.text,
		p->name, said);
}

/* Asks all addresses that do not have the values of this name and type yet. */
static int ask(struct watch *x, const struct probe *like, int64_t limit,
	       struct err *e)
{
	AUTO(mem) struct mem m = { 0 };
	struct dns_poll *poll = mem_array(&m, x->n + 1, sizeof(*poll));
	struct probe **who = mem_array(&m, x->n + 1, sizeof(struct probe *));
	size_t n = 0;
	for (size_t i = 0; i < x->n; i++) {
		struct probe *p = &x->probe[i];
		if (p->state == RIGHT || !same_question(p, like))
			continue;
		poll[n].server = p->at->server;
		who[n++] = p;
	}
	if (dnsask_all(poll, n, like->name, like->type, x->fixed, limit, &m,
		       e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		judge(x, who[i], &poll[i], limit);
	return 0;
}

static int look(struct watch *x, int64_t limit, struct err *e)
{
	for (size_t i = 0; i < x->n; i++) {
		size_t k = 0;
		while (!same_question(&x->probe[k], &x->probe[i]))
			k++;
		if (k == i && ask(x, &x->probe[i], limit, e) < 0)
			return -1;
	}
	return 0;
}

/* A name server, by what its addresses say of one name and type. */
static enum state of_name(const struct watch *x, const char *ns,
			  const struct probe *like)
{
	size_t right = 0, wrong = 0, open = 0;
	for (size_t i = 0; i < x->n; i++) {
		const struct probe *p = &x->probe[i];
		if (strcmp(p->at->ns, ns) != 0 || !same_question(p, like))
			continue;
		right += p->state == RIGHT;
		wrong += p->state == WRONG;
		open += p->state == SILENT && p->silent_ms < SILENT_MS;
	}
	return wrong || open ? WRONG : right ? RIGHT : BROKEN;
}

static enum state of_server(const struct watch *x, const char *ns)
{
	enum state worst = RIGHT;
	for (size_t i = 0; i < x->n; i++) {
		enum state s = of_name(x, ns, &x->probe[i]);
		if (s == WRONG || worst == RIGHT)
			worst = s;
		if (worst == WRONG)
			break;
	}
	return worst;
}

static struct count count(const struct watch *x)
{
	struct count c = { 0 };
	for (size_t i = 0; i < x->n; i++) {
		size_t k = 0;
		while (strcmp(x->probe[k].at->ns, x->probe[i].at->ns) != 0)
			k++;
		if (k < i)
			continue;
		enum state s = of_server(x, x->probe[i].at->ns);
		c.all++;
		c.right += s == RIGHT;
		c.dead += s == BROKEN;
	}
	return c;
}

static bool anybody_silent(const struct watch *x)
{
	for (size_t i = 0; i < x->n; i++)
		if (x->probe[i].state == SILENT)
			return true;
	return false;
}

/* Servers that are down must not hold up what the others agree on. */
static bool is_done(struct watch *x, const struct count *c, int64_t now)
{
	if (c->right == c->all)
		return true;
	if (c->right == 0 || c->right + c->dead < c->all) {
		x->dead_since = 0;
		return false;
	}
	if (x->dead_since == 0)
		x->dead_since = now;
	return now - x->dead_since >= DEAD_NS_MS;
}

static int late(const struct watch *x, const struct count *c, struct err *e)
{
	AUTO(buf) struct buf who = { .max = 700 };
	for (size_t i = 0; i < x->n; i++) {
		const struct probe *p = &x->probe[i];
		if (p->state != RIGHT)
			buf_fmt(&who, "%s%s (%s) says of %s: %s",
				who.n ? "; " : "", p->at->ns,
				p->at->server.text, p->name, p->said);
	}
	return err_set(e, ERR_TIMEOUT,
		       "after %lld s %zu of %zu name servers "
		       "show the values: %s",
		       (long long)x->w->limit_ms / 1000, c->right, c->all,
		       buf_c(&who));
}

static void skipped(const struct watch *x)
{
	for (size_t i = 0; i < x->n; i++)
		if (x->probe[i].state != RIGHT)
			log_say(LOG_REASON, "%s (%s) is left out: %s",
				x->probe[i].at->ns, x->probe[i].at->server.text,
				x->probe[i].said);
}

static int watch_them(struct watch *x, struct err *e)
{
	int64_t start = clock_ms(), pause = PAUSE_MS, round = ROUND_MS;
	for (;;) {
		if (look(x, round, e) < 0)
			return -1;
		int64_t now = clock_ms(), left = start + x->w->limit_ms - now;
		struct count c = count(x);
		if (x->shown != c.right + 1)
			tell(x->w->tell, TELL_LIVE, x->w->who,
			     "%zu/%zu servers", c.right, c.all);
		x->shown = c.right + 1;
		if (is_done(x, &c, now)) {
			skipped(x);
			return 0;
		}
		if (left <= 0)
			return late(x, &c, e);
		clock_sleep_ms(pause < left ? pause : left);
		pause = pause * 3 / 2 < PAUSE_MAX_MS ? pause * 3 / 2 :
						       PAUSE_MAX_MS;
		if (anybody_silent(x) && round < ROUND_MAX_MS)
			round *= 2;
	}
}

int wait_visible(const struct wait *w, const char *zone,
		 const struct records *want, struct err *e)
{
	AUTO(mem) struct mem m = { 0 };
	struct zone_servers servers = { 0 };
	struct watch x = { .w = w,
			   .want = want,
			   .fixed = resolver_fixed(w->resolver) != NULL };
	if (want->n == 0)
		return 0;
	if (zone_servers(w->resolver, zone, &m, &servers, e) < 0)
		return -1;
	add_probes(&x, &servers, &m);
	return watch_them(&x, e) < 0 ? err_at(e, "%s", zone) : 0;
}
