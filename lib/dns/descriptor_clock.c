/* The server's clock, where requests carry the time: asked for by auth.clock,
 * or learnt from a refusal. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "dns/descriptor_parts.h"

enum { SKEW_S = 30, SKEW_MAX_S = 400 * 86400 };

time_t descriptor_now(const struct descriptor_scope *s)
{
	return clock_now() + descriptor_state_of(s)->delta;
}

static int read_clock(const struct descriptor_scope *s, json_t *reply,
		      struct err *e)
{
	const struct yaml *y = yaml_get(descriptor_state_of(s)->auth, "clock");
	struct descriptor_scope at = *s;
	const char *text;
	uint64_t n;
	at.item = reply;
	if (descriptor_make(&at, descriptor_word(y, "value", ""), &text, e) < 0)
		return -1;
	if (str_num(str_of(text), INT32_MAX * 2ULL, &n) < 0)
		return err_set(e, ERR_TEMP,
			       "%s: it was asked for the time and said \"%s\"",
			       s->d->provider.name, text);
	descriptor_state_of(s)->delta = (time_t)n - clock_now();
	return 0;
}

int descriptor_ask_clock(const struct descriptor_scope *s, struct err *e)
{
	struct descriptor_state *st = descriptor_state_of(s);
	const struct descriptor_ask q = { .call = yaml_get(st->auth, "clock") };
	AUTO(json) json_t *j = NULL;
	if (!q.call || st->clock_known || st->bare)
		return 0;
	st->bare = true;
	const int status = descriptor_send(s, &q, &j, NULL, e);
	st->bare = false;
	if (status < 0 || read_clock(s, j, e) < 0)
		return -1;
	st->clock_known = true;
	return 0;
}

/* Whether what authorizes a request holds the time. */
static bool is_timed(const struct descriptor_scope *s)
{
	const struct yaml *auth = descriptor_auth(s);
	return yaml_get(auth, "sign") || yaml_get(auth, "let");
}

void descriptor_see_clock(const struct descriptor_scope *s,
			  const struct http_reply *r)
{
	const char *date = http_header(r, "Date", 0);
	time_t there;
	descriptor_state_of(s)->skew = 0;
	if (date && is_timed(s) && clock_parse_http(str_of(date), &there) == 0)
		descriptor_state_of(s)->skew = there - clock_now();
}

static bool is_far(time_t skew)
{
	return (skew >= SKEW_S || skew <= -SKEW_S) && skew < SKEW_MAX_S &&
	       skew > -SKEW_MAX_S;
}

static const char *way_of(time_t skew)
{
	return skew < 0 ? "fast" : "slow";
}

/* Whether a refusal may be one of our time. */
static bool is_suspect(const struct descriptor_scope *s, const struct err *e)
{
	return (e->kind == ERR_AUTH || e->kind == ERR_PERM) &&
	       is_far(descriptor_state_of(s)->skew);
}

bool descriptor_mend_clock(const struct descriptor_scope *s, struct err *e)
{
	struct descriptor_state *st = descriptor_state_of(s);
	if (!is_suspect(s, e) || st->clock_known)
		return false;
	log_say(LOG_REASON,
		"%s: this machine's clock is %lld s %s by the server's; trying "
		"again by that",
		s->d->provider.name, llabs((long long)st->skew),
		way_of(st->skew));
	st->delta = st->skew;
	st->clock_known = true;
	*e = (struct err){ 0 };
	return true;
}

void descriptor_blame_clock(const struct descriptor_scope *s, struct err *e)
{
	struct descriptor_state *st = descriptor_state_of(s);
	const struct err was = *e;
	if (!is_suspect(s, e))
		return;
	err_set(e, was.kind,
		"%s; this machine's clock is %lld s %s by the server's: set it "
		"(timedatectl set-ntp true)",
		was.msg, llabs((long long)st->skew), way_of(st->skew));
	st->skew = 0; /* said once */
}
