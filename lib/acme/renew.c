#include "acme/renew.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/rand.h"
#include "base/str.h"

enum {
	MINUTE = 60,
	HOUR = 3600,
	DAY = 86400,
	SHORT_LIFE = 10 * DAY,
	ASK_MAX = DAY,
	ASK_DEFAULT = 6 * HOUR,
	ASK_AFTER_TROUBLE = HOUR,
	ARI_PATIENCE_MS = 3000, /* it must never hold a renewal up */
};
/* A window so far away is no advice for any certificate. */
static const time_t FAR = (time_t)3650 * DAY;

static time_t clamp(time_t t, time_t lo, time_t hi)
{
	return t < lo ? lo : t > hi ? hi : t;
}

static void forget(struct renew_ari *x)
{
	x->start = x->end = x->moment = 0;
	x->why = NULL;
}

static int read_window(const json_t *j, time_t now, time_t *start, time_t *end,
		       struct err *e)
{
	const json_t *w = json_object_get(j, "suggestedWindow");
	const char *from = acme_text(w, "start");
	const char *to = acme_text(w, "end");
	if (!from || !to || clock_parse(str_of(from), start) ||
	    clock_parse(str_of(to), end))
		return err_set(e, ERR_PERM,
			       "the renewal information has no window with a "
			       "start and an end");
	if (*start >= *end)
		return err_set(
			e, ERR_PERM,
			"the renewal window ends before it starts: %.40s "
			"to %.40s",
			from, to);
	if (*start > now + FAR)
		return err_set(e, ERR_PERM,
			       "the renewal window starts in the far future: "
			       "%.40s",
			       from);
	return 0;
}

int renew_ari_read(struct str json, time_t retry_at, time_t now,
		   uint32_t random, struct mem *m, struct renew_ari *x,
		   struct err *e)
{
	AUTO(json) json_t *j =
		json_loadb(json.n ? json.at : "", json.n, 0, NULL);
	time_t start = 0, end = 0;
	x->ask_after = retry_at ? clamp(retry_at, now + MINUTE, now + ASK_MAX) :
				  now + ASK_DEFAULT;
	if (read_window(j, now, &start, &end, e)) {
		forget(x);
		x->ask_after = clamp(x->ask_after, now, now + ASK_DEFAULT);
		return -1;
	}
	x->why = mem_str(m, acme_url(j, "explanationURL"));
	if (start == x->start && end == x->end && x->moment)
		return 0;
	x->start = start;
	x->end = end;
	x->moment = start + (time_t)((double)(end - start) *
				     ((double)random / UINT32_MAX));
	return 0;
}

static void ask_failed(const struct acme_problem *p, time_t now,
		       const struct err *e, struct renew_ari *x)
{
	time_t later = p->retry_at ? p->retry_at : now + ASK_AFTER_TROUBLE;
	x->ask_after = clamp(later, now + MINUTE, now + ASK_DEFAULT);
	if (p->status >= 400 && p->status < 500 && p->status != 429)
		forget(x);
	log_say(LOG_REASON, "no renewal information, going by the lifetime: %s",
		e->msg);
}

void renew_ask(struct acme *a, const char *ari_id, time_t now,
	       struct renew_ari *x)
{
	AUTO(acme_reply) struct acme_reply r = { 0 };
	struct err e = { 0 };
	uint32_t random = 0;
	const char *base = a->directory.renewal_info;
	if (!base || !ari_id || now < x->ask_after)
		return;
	bool slash = str_ends(str_of(base), "/");
	const char *url =
		mem_fmt(&a->mem, "%s%s%s", base, slash ? "" : "/", ari_id);
	int64_t patience = a->patience_ms;
	a->patience_ms = ARI_PATIENCE_MS;
	int failed = acme_get(a, url, &r, &e);
	a->patience_ms = patience;
	if (failed) {
		ask_failed(&r.problem, now, &e, x);
		return;
	}
	rand_bytes(&random, sizeof(random));
	if (renew_ari_read(buf_get(&r.http.body),
			   http_retry_after(&r.http, now), now, random, &a->mem,
			   x, &e))
		log_say(LOG_REASON, "%s: %s", url, e.msg);
	else if (x->why)
		log_say(LOG_REASON, "the CA explains its renewal window at %s",
			x->why);
}

void renew_when(time_t not_before, time_t not_after,
		const struct renew_ari *ari, time_t now, time_t next_wake,
		struct renew_due *out)
{
	time_t life = not_after > not_before ? not_after - not_before : 0;
	bool brief = life < SHORT_LIFE;
	time_t late = not_after - life / 6;
	*out = (struct renew_due){
		.at = not_after - (brief ? life / 2 : life / 3),
		.why = brief ? "half of its life is over" :
			       "a third of its life is left",
	};
	if (ari && ari->start && ari->start < ari->end) {
		out->at = ari->moment;
		out->why = "the CA's renewal window (ARI)";
	}
	if (out->at > late) {
		out->at = late;
		out->why = "a sixth of its life is left";
	}
	if (not_after <= now)
		out->why = "it has expired";
	out->due = out->at <= now || (next_wake > now && out->at < next_wake);
}

/* What Let's Encrypt's integration guide asks of clients. */
time_t renew_retry_at(unsigned failures, time_t failed_at)
{
	static const time_t pause[] = { MINUTE, 10 * MINUTE, 100 * MINUTE };
	size_t known = sizeof(pause) / sizeof(*pause);
	if (!failures)
		return failed_at;
	return failed_at + (failures <= known ? pause[failures - 1] : DAY);
}
