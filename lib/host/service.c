#include "host/service.h"

#include <string.h>

#include "base/auto.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/proc.h"
#include "base/rand.h"
#include "host/template.h"

#define UNITS "/etc/systemd/system/"
#define WANTED UNITS "timers.target.wants/opsmail-cron.timer"
#define MARK "# opsmail-cron"

enum { TEXT_MAX = 1 << 20, RUN_MS = 30000 };

static const char *const units[] = { "opsmail-cron.service",
				     "opsmail-cron.timer" };
enum { UNITS_N = sizeof(units) / sizeof(units[0]) };

static const char *below(const struct service_host *h, struct mem *m,
			 const char *path)
{
	return mem_fmt(m, "%s%s", h->root, path);
}

static const char *unit_path(const struct service_host *h, struct mem *m,
			     const char *unit)
{
	return mem_fmt(m, "%s" UNITS "%s", h->root, unit);
}

/* The folder is there exactly when systemd is the init (sd_booted(3)). */
static bool runs_systemd(const struct service_host *h, struct mem *m)
{
	return fs_is_dir(below(h, m, "/run/systemd/system"));
}

/* *text stays NULL when the file is absent. */
static int read_text(const char *path, struct mem *m, const char **text,
		     struct err *e)
{
	AUTO(buf) struct buf b = { .max = TEXT_MAX };

	if (!fs_exists(path))
		return 0;
	if (fs_read(path, &b, e))
		return -1;
	*text = mem_str(m, buf_c(&b));
	return 0;
}

static struct service_step *add(struct service_plan *p, struct mem *m,
				enum service_verb verb, const char *target)
{
	struct service_step *s;

	p->at = mem_more(m, p->at, &p->room, p->n, sizeof(*s));
	s = &p->at[p->n++];
	*s = (struct service_step){ .verb = verb, .target = target };
	return s;
}

static void add_run(struct service_plan *p, struct mem *m, bool done,
		    const char *const *argv)
{
	struct service_step *s = add(p, m, SERVICE_RUN, argv[0]);

	s->argv = argv;
	s->done = done;
	for (size_t i = 1; argv[i]; i++)
		s->target = mem_fmt(m, "%s %s", s->target, argv[i]);
}

/* A program with no crontab has an empty one: `crontab -l` then fails. */
static int read_crontab(struct mem *m, const char **text, bool *found,
			struct err *e)
{
	static const char *const argv[] = { "crontab", "-l", NULL };
	AUTO(buf) struct buf out = { .max = TEXT_MAX };
	AUTO(buf) struct buf errs = { .max = 4096 };
	struct proc p = {
		.argv = argv, .limit_ms = RUN_MS, .out = &out, .errs = &errs
	};
	struct err none = { 0 };
	int status;

	*text = "";
	*found = !proc_run(&p, &status, &none) && status != 127;
	if (!*found)
		return 0;
	if (status && !str_find(buf_get(&errs), "no crontab"))
		return err_set(e, ERR_SYS, "crontab -l ended with %d: %.*s",
			       status, STR_FMT(str_trim(buf_get(&errs))));
	if (out.full)
		return err_set(e, ERR_SYS, "the crontab is larger than 1 MiB");
	if (!status)
		*text = mem_str(m, buf_c(&out));
	return 0;
}

static bool is_ours(struct str line)
{
	return str_ends(str_trim(line), MARK) &&
	       !str_starts(str_trim(line), "#");
}

/* The line, without its end; empty when there is none. */
static struct str our_line(const char *crontab)
{
	struct str rest = str_of(crontab), line;

	while (str_line(&rest, &line))
		if (is_ours(line))
			return line;
	return (struct str){ 0 };
}

static void when_of(struct str line, struct str *when, struct str *what)
{
	struct str field;

	*when = *what = line;
	for (int i = 0; i < 5; i++)
		str_word(what, &field);
	*what = str_trim(*what);
	when->n = (size_t)(what->at - when->at);
	*when = str_trim(*when);
}

/* The minute of a line that is there, else drawn by lot: not every machine
 * shall ask the CA at the same moment. */
static const char *draw(struct mem *m, struct str line)
{
	struct str rest = line, first;
	uint64_t minute;

	if (!str_word(&rest, &first) || str_num(first, 59, &minute))
		minute = rand_below(60);
	return mem_fmt(m, "%u", (unsigned)minute);
}

static int render_line(const struct service_host *h, struct str old,
		       struct mem *m, struct buf *out, struct err *e)
{
	struct template_value v[] = { { .name = "minute" },
				      { "program", h->program, NULL, 0 },
				      { "conf_dir", h->conf_dir, NULL, 0 } };
	struct template_set set = { v, sizeof(v) / sizeof(v[0]) };

	v[0].text = draw(m, old);
	return template_file("templates/opsmail-cron.crontab", TEMPLATE_CRON,
			     &set, out, e);
}

/* The crontab with our line set to `line` (with LF), or taken out when it is
 * empty. What others wrote is copied byte by byte. */
static const char *with_line(const char *crontab, struct str line,
			     struct mem *m)
{
	struct buf b = { .max = TEXT_MAX + 4096 };
	struct str rest = str_of(crontab);
	bool put = false;
	const char *all;

	while (rest.n) {
		const char *lf = memchr(rest.at, '\n', rest.n);
		size_t n = lf ? (size_t)(lf - rest.at) + 1 : rest.n;
		struct str one = { rest.at, n };

		if (!is_ours(one)) {
			buf_view(&b, one);
		} else if (!put) {
			buf_view(&b, line);
			put = true;
		}
		rest.at += n;
		rest.n -= n;
	}
	if (!put && line.n) {
		if (b.n && b.at[b.n - 1] != '\n')
			buf_char(&b, '\n');
		buf_view(&b, line);
	}
	all = mem_str(m, buf_c(&b));
	buf_free(&b);
	return all;
}

static void plan_crontab(struct service_plan *p, struct mem *m,
			 const char *before, const char *after)
{
	struct service_step *s = add(p, m, SERVICE_WRITE, "crontab");

	s->before = before;
	s->after = after;
	s->done = !strcmp(before, after);
}

static int plan_unit(const struct service_host *h, const char *unit,
		     struct mem *m, struct service_plan *p, struct err *e)
{
	const struct template_value v[] = {
		{ "program", h->program, NULL, 0 },
		{ "conf_dir", h->conf_dir, NULL, 0 },
	};
	const struct template_set set = { v, sizeof(v) / sizeof(v[0]) };
	AUTO(buf) struct buf text = { .max = TEXT_MAX };
	struct service_step *s =
		add(p, m, SERVICE_WRITE, unit_path(h, m, unit));

	if (template_file(mem_fmt(m, "templates/%s", unit), TEMPLATE_SYSTEMD,
			  &set, &text, e) ||
	    read_text(s->target, m, &s->before, e))
		return -1;
	s->after = mem_str(m, buf_c(&text));
	s->done = s->before && !strcmp(s->before, s->after);
	return 0;
}

static int plan_timer(const struct service_host *h, struct mem *m,
		      struct service_plan *p, struct err *e)
{
	static const char *const reload[] = { "systemctl", "daemon-reload",
					      NULL };
	static const char *const enable[] = { "systemctl", "enable",
					      "opsmail-cron.timer", NULL };
	static const char *const start[] = { "systemctl", "restart",
					     "opsmail-cron.timer", NULL };
	bool enabled = fs_exists(below(h, m, WANTED)), same = true;

	for (size_t i = 0; i < UNITS_N; i++) {
		if (plan_unit(h, units[i], m, p, e))
			return -1;
		same = same && p->at[p->n - 1].done;
	}
	add_run(p, m, same, reload);
	add_run(p, m, enabled, enable);
	add_run(p, m, same && enabled, start);
	return 0;
}

static int write_crontab(const char *text, struct err *e)
{
	static const char *const argv[] = { "crontab", "-", NULL };
	AUTO(buf) struct buf said = { .max = 4096 };
	struct proc p = { .argv = argv,
			  .input = str_of(text),
			  .limit_ms = RUN_MS,
			  .merge = true,
			  .out = &said };
	int status;

	if (proc_run(&p, &status, e))
		return err_at(e, "crontab -");
	if (status)
		return err_set(e, ERR_SYS, "crontab - ended with %d: %.*s",
			       status, STR_FMT(str_trim(buf_get(&said))));
	return 0;
}

static int run(const struct service_step *s, struct err *e)
{
	AUTO(buf) struct buf said = { .max = 4096 };
	struct proc p = {
		.argv = s->argv, .limit_ms = RUN_MS, .merge = true, .out = &said
	};
	int status;

	if (proc_run(&p, &status, e))
		return err_at(e, "%s", s->target);
	if (status)
		return err_set(e, ERR_SYS, "%s ended with %d: %.*s", s->target,
			       status, STR_FMT(str_trim(buf_get(&said))));
	return 0;
}

static int apply(const struct service_plan *p, struct err *e)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct service_step *s = &p->at[i];
		int got = 0;

		if (s->done)
			continue;
		log_say(LOG_REASON, "cron: %s", s->target);
		if (s->verb == SERVICE_RUN)
			got = run(s, e);
		else if (s->verb == SERVICE_REMOVE)
			got = fs_remove(s->target, e);
		else if (!strcmp(s->target, "crontab"))
			got = write_crontab(s->after, e);
		else
			got = fs_write(s->target, str_of(s->after), 0644, e);
		if (got)
			return -1;
	}
	return 0;
}

int service_cron_install(const struct service_host *h, enum service_mode mode,
			 struct mem *m, struct service_plan *plan,
			 struct err *e)
{
	AUTO(buf) struct buf line = { .max = TEXT_MAX };
	const char *before;
	bool found;

	if (read_crontab(m, &before, &found, e))
		return -1;
	if (h->is_root && runs_systemd(h, m)) {
		if (plan_timer(h, m, plan, e))
			return -1;
		/* A line from the time before systemd would run it twice. */
		if (our_line(before).n)
			plan_crontab(plan, m, before,
				     with_line(before, (struct str){ 0 }, m));
	} else if (!found) {
		return err_set(e, ERR_MISSING, "%s; type: apt-get install cron",
			       runs_systemd(h, m) ?
				       "only root may install a systemd "
				       "timer (sudo), and there is no "
				       "crontab program" :
				       "systemd does not run here and there "
				       "is no crontab program");
	} else {
		if (render_line(h, our_line(before), m, &line, e))
			return -1;
		plan_crontab(plan, m, before,
			     with_line(before, buf_get(&line), m));
	}
	return mode == SERVICE_APPLY ? apply(plan, e) : 0;
}

static int plan_removal(const struct service_host *h, struct mem *m,
			struct service_plan *p, struct err *e)
{
	static const char *const disable[] = { "systemctl", "disable", "--now",
					       "opsmail-cron.timer", NULL };
	static const char *const reload[] = { "systemctl", "daemon-reload",
					      NULL };
	const char *before[UNITS_N] = { 0 };
	bool any = fs_exists(below(h, m, WANTED));

	for (size_t i = 0; i < UNITS_N; i++) {
		if (read_text(unit_path(h, m, units[i]), m, &before[i], e))
			return -1;
		any = any || before[i];
	}
	if (!any)
		return 0;
	if (runs_systemd(h, m))
		add_run(p, m, false, disable);
	for (size_t i = 0; i < UNITS_N; i++) {
		struct service_step *s =
			add(p, m, SERVICE_REMOVE, unit_path(h, m, units[i]));

		s->before = before[i];
		s->done = !before[i];
	}
	if (runs_systemd(h, m))
		add_run(p, m, false, reload);
	return 0;
}

int service_cron_remove(const struct service_host *h, enum service_mode mode,
			struct mem *m, struct service_plan *plan, struct err *e)
{
	const char *before;
	bool found;

	if (plan_removal(h, m, plan, e) || read_crontab(m, &before, &found, e))
		return -1;
	if (our_line(before).n)
		plan_crontab(plan, m, before,
			     with_line(before, (struct str){ 0 }, m));
	return mode == SERVICE_APPLY ? apply(plan, e) : 0;
}

/* The value of the first "KEY=" line of a unit. */
static const char *unit_value(const char *text, const char *key, struct mem *m)
{
	struct str rest = str_of(text), line;

	while (str_line(&rest, &line))
		if (str_starts(line, key)) {
			line.at += strlen(key);
			line.n -= strlen(key);
			return mem_dup(m, line.at, line.n);
		}
	return NULL;
}

static int show_timer(const struct service_host *h, struct mem *m,
		      struct service_cron *out, struct err *e)
{
	const char *timer = NULL, *service = NULL;

	if (read_text(unit_path(h, m, units[1]), m, &timer, e) ||
	    read_text(unit_path(h, m, units[0]), m, &service, e))
		return -1;
	if (!timer || !service)
		return 0;
	*out = (struct service_cron){
		.kind = SERVICE_TIMER,
		.where = unit_path(h, m, units[1]),
		.when = unit_value(timer, "OnCalendar=", m),
		.what = unit_value(service, "ExecStart=:", m),
		.enabled = fs_exists(below(h, m, WANTED)),
	};
	return 0;
}

int service_cron_show(const struct service_host *h, struct mem *m,
		      struct service_cron *out, struct err *e)
{
	struct str line, when, what;
	const char *text;
	bool found;

	*out = (struct service_cron){ 0 };
	if (show_timer(h, m, out, e))
		return -1;
	if (out->kind != SERVICE_NONE)
		return 0;
	if (read_crontab(m, &text, &found, e))
		return -1;
	line = our_line(text);
	if (!line.n)
		return 0;
	when_of(line, &when, &what);
	*out = (struct service_cron){
		.kind = SERVICE_CRONTAB,
		.where = "crontab",
		.when = mem_dup(m, when.at, when.n),
		.what = mem_dup(m, what.at, what.n),
		.enabled = true,
	};
	return 0;
}
