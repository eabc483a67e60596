/* What a job says while it runs. On a terminal the last line tells what is
 * being waited for; a thread draws it, since whoever waits is busy waiting. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "cmd/out.h"
#include "cmd/out_parts.h"

enum {
	/* What takes less time than this is not worth a line. */
	PATIENCE_MS = 300,
	TICK_MS = 250,
};

/* n characters at the most, so that the terminal does not wrap. */
static struct str cut(struct str s, int n)
{
	for (size_t i = 0; i < s.n; i++)
		if (((unsigned char)s.at[i] & 0xc0) != 0x80 && n-- == 0)
			s.n = i;
	return s;
}

void out_live_erase(struct out *o)
{
	static const char erase[] = "\r\33[K";

	if (!o->live.drawn)
		return;
	o->live.drawn = false;
	out_write(o, OUT_REST, STR_LIT(erase));
}

static void draw(struct out *o)
{
	struct buf b = { 0 }, line = { 0 };
	int64_t age = clock_ms() - o->live.since;

	if (age < PATIENCE_MS)
		return;
	buf_fmt(&b, "%s%s%s (%llds)", buf_c(&o->live.who),
		o->live.who.n ? ": " : "", buf_c(&o->live.text),
		(long long)(age / 1000));
	out_clean(&line, buf_get(&b));
	out_live_erase(o);
	out_write(o, OUT_REST, cut(buf_get(&line), out_width(o, OUT_REST) - 1));
	o->live.drawn = true;
	buf_wipe(&b);
	buf_wipe(&line);
}

static void *tick(void *at)
{
	struct out *o = at;

	pthread_mutex_lock(&o->lock);
	while (!o->live.ending) {
		struct timespec until;

		clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_nsec += (long)TICK_MS * 1000000;
		until.tv_sec += until.tv_nsec / 1000000000;
		until.tv_nsec %= 1000000000;
		(void)pthread_cond_timedwait(&o->live.wake, &o->lock, &until);
		if (o->live.waiting && !o->live.ending)
			draw(o);
	}
	pthread_mutex_unlock(&o->lock);
	return NULL;
}

static void start(struct out *o)
{
	pthread_condattr_t with;

	pthread_condattr_init(&with);
	pthread_condattr_setclock(&with, CLOCK_MONOTONIC);
	pthread_cond_init(&o->live.wake, &with);
	pthread_condattr_destroy(&with);
	o->live.running = pthread_create(&o->live.thread, NULL, tick, o) == 0;
	if (!o->live.running)
		pthread_cond_destroy(&o->live.wake);
}

void out_live_set(struct out *o, const char *who, const char *text)
{
	struct out_live *l = &o->live;

	if (!l->waiting || !str_eq(buf_get(&l->who), who))
		l->since = clock_ms();
	l->waiting = true;
	buf_clear(&l->who);
	buf_str(&l->who, who);
	buf_clear(&l->text);
	buf_str(&l->text, text);
	if (!l->running)
		start(o);
}

void out_live_clear(struct out *o)
{
	o->live.waiting = false;
	out_live_erase(o);
}

void out_live_end(struct out *o)
{
	pthread_mutex_lock(&o->lock);
	out_live_clear(o);
	o->live.ending = true;
	if (o->live.running)
		pthread_cond_signal(&o->live.wake);
	pthread_mutex_unlock(&o->lock);
	if (o->live.running) {
		pthread_join(o->live.thread, NULL);
		pthread_cond_destroy(&o->live.wake);
	}
	o->live.running = false;
	buf_free(&o->live.who);
	buf_free(&o->live.text);
}

/* A task may have lines of its own; they stay together. */
static void show_lines(struct out *o, const char *who, const char *text)
{
	struct buf b = { 0 };
	struct str rest = str_of(text), line;

	while (str_line(&rest, &line)) {
		out_clean(&b, str_of(who));
		buf_str(&b, *who ? ": " : "");
		out_clean(&b, line);
		buf_char(&b, '\n');
	}
	out_write(o, OUT_REST, buf_get(&b));
	buf_wipe(&b);
}

static void show_json(struct out *o, enum tell_kind kind, const char *who,
		      const char *text)
{
	out_object(o, json_pack("{s:s, s:o, s:o}", "type",
				kind == TELL_TASK ? "task" : "step", "who",
				out_utf8(*who ? who : NULL), "text",
				out_utf8(text)));
}

/* With -v the log has the lines, and would tear the live line apart. */
static bool can_live(const struct out *o)
{
	const char *term = getenv("TERM");

	return o->tty[OUT_REST] && log_level() <= LOG_NORMAL && term &&
	       strcmp(term, "dumb") != 0;
}

void out_tell_show(struct tell *t, enum tell_kind kind, const char *who,
		   const char *text)
{
	struct out *o = (struct out *)(void *)t;

	if (!who)
		who = "";
	if (kind != TELL_TASK &&
	    (o->how.quiet || (kind == TELL_LIVE && !can_live(o))))
		return;
	if (o->how.json) {
		if (kind != TELL_LIVE)
			show_json(o, kind, who, text);
		return;
	}
	pthread_mutex_lock(&o->lock);
	if (kind == TELL_LIVE) {
		out_live_set(o, who, text);
	} else {
		if (o->live.waiting && str_eq(buf_get(&o->live.who), who))
			out_live_clear(o);
		show_lines(o, who, text);
	}
	pthread_mutex_unlock(&o->lock);
}
