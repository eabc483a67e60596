#include "acme/reload.h"

#include <errno.h>
#include <limits.h>
#include <sys/stat.h>

#include "acme/store_path.h"
#include "base/log.h"
#include "base/proc.h"

/* What of its output is kept, and what of it is shown when it failed. */
enum { OUTPUT_MAX = 64 << 10, LINE_MAX_SHOWN = 500, LINES_SHOWN = 20 };
#define SAFE_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* An item and its script. */
struct job {
	struct reload_item *item;
	const char *path; /* conf/reload/DOMAIN.sh */
	dev_t dev;
	ino_t ino;
	bool done;
};

static void settle(struct job *j, int status, bool ran, const char *why)
{
	j->item->status = status;
	j->item->ran = ran;
	j->item->why = why;
	j->done = true;
}

/* Is there a script that may be run? What is decided here needs no call. */
static void look(struct job *j, const char *conf_dir, struct mem *m)
{
	struct err e = { 0 };
	struct stat st = { 0 };

	if (store_name_check(j->item->domain, &e)) {
		settle(j, -1, false, mem_str(m, e.msg));
		return;
	}
	j->path = mem_fmt(m, "%s/reload/%s.sh", conf_dir, j->item->domain);
	if (!fs_exists(j->path)) {
		settle(j, 0, false, NULL);
		return;
	}
	if (fs_check_safe(j->path, &e))
		settle(j, -1, false, mem_str(m, e.msg));
	else if (stat(j->path, &st))
		settle(j, -1, false,
		       mem_fmt(m, "%s: %s", j->path, strerror(errno)));
	else if (!S_ISREG(st.st_mode))
		settle(j, -1, false, mem_fmt(m, "%s is no file", j->path));
	else if (!(st.st_mode & 0111))
		settle(j, -1, false,
		       mem_fmt(m, "%s may not be run: chmod +x %s", j->path,
			       j->path));
	j->dev = st.st_dev;
	j->ino = st.st_ino;
}

static bool same_call(const struct job *a, const struct job *b)
{
	return !b->done && a->dev == b->dev && a->ino == b->ino;
}

/* All names of this call, and the longest of their limits. */
static const char *names_of(struct job *jobs, size_t n, const struct job *first,
			    struct mem *m, int64_t *limit_ms)
{
	AUTO(buf) struct buf names = { .max = 1 << 20 };
	size_t i;

	*limit_ms = 0;
	for (i = 0; i < n; i++) {
		if (!same_call(first, &jobs[i]))
			continue;
		buf_fmt(&names, "%s%s", names.n ? " " : "", jobs[i].item->name);
		if (jobs[i].item->limit_ms > *limit_ms)
			*limit_ms = jobs[i].item->limit_ms;
	}
	return mem_str(m, buf_c(&names));
}

static const char *home(void)
{
	const char *h = getenv("HOME");

	return h && *h ? h : "/";
}

enum { ENV_N = 12 };

static const char **environment(const char *conf_dir, const struct job *j,
				const char *names, struct mem *m)
{
	const struct reload_item *x = j->item;
	const char **env = mem_array(m, ENV_N, sizeof(*env));
	size_t n = 0;

	env[n++] = "PATH=" SAFE_PATH;
	env[n++] = mem_fmt(m, "HOME=%s", home());
	env[n++] = "LANG=C.UTF-8";
	env[n++] = mem_fmt(m, "OPSMAIL_CONF=%s", conf_dir);
	env[n++] = mem_fmt(m, "OPSMAIL_DOMAIN=%s", x->domain);
	env[n++] = mem_fmt(m, "OPSMAIL_NAMES=%s", names);
	env[n++] = mem_fmt(m, "OPSMAIL_DIR=%s", x->dir);
	env[n++] = mem_fmt(m, "OPSMAIL_KEY=%s/privkey.pem", x->dir);
	env[n++] = mem_fmt(m, "OPSMAIL_CERT=%s/cert.pem", x->dir);
	env[n++] = mem_fmt(m, "OPSMAIL_CHAIN=%s/chain.pem", x->dir);
	env[n++] = mem_fmt(m, "OPSMAIL_FULLCHAIN=%s/fullchain.pem", x->dir);
	return env;
}

static size_t count_lines(struct str text)
{
	struct str line;
	size_t n = 0;

	while (str_line(&text, &line))
		n++;
	return n;
}

static struct str shorten(struct str line)
{
	if (line.n > LINE_MAX_SHOWN)
		line.n = LINE_MAX_SHOWN;
	return line;
}

/* Every line to the log; the last ones to whoever watches, when it failed. */
static void show_output(const struct job *j, const struct buf *out, bool failed,
			struct tell *t)
{
	struct str text = buf_get(out), line;
	size_t left = count_lines(text);
	const char *script = strrchr(j->path, '/') + 1;

	for (; str_line(&text, &line); left--) {
		line = shorten(line);
		log_say(LOG_REASON, "%s: %.*s", script, STR_FMT(line));
		if (failed && left <= LINES_SHOWN)
			tell(t, TELL_STEP, j->item->domain, "%s: %.*s", script,
			     STR_FMT(line));
	}
	if (out->full)
		log_say(LOG_REASON, "%s: more output was dropped", script);
}

/* The last line that says something, for the sentence. */
static struct str last_line(struct str text)
{
	struct str line, last = { "", 0 };

	while (str_line(&text, &line))
		if (str_trim(line).n)
			last = shorten(str_trim(line));
	return last;
}

static const char *sentence(const struct job *j, int status,
			    const struct buf *out, struct mem *m)
{
	struct str last = last_line(buf_get(out));
	const char *hint = status == 127 ? " (a command was not found)" :
			   status == 126 ? " (a command may not be run)" :
					   "";

	return mem_fmt(m, "%s ended with status %d%s%s%.*s", j->path, status,
		       hint, last.n ? ": " : "", STR_FMT(last));
}

/* Runs the script of j; NULL when all went well. */
static const char *call(const char *conf_dir, const struct job *j,
			const char *names, int64_t limit_ms, struct tell *t,
			bool *ran, struct mem *m)
{
	AUTO(buf) struct buf out = { .max = OUTPUT_MAX };
	const char *argv[] = { j->path, j->item->domain, NULL };
	const struct proc p = {
		.argv = argv,
		.env = environment(conf_dir, j, names, m),
		.dir = mem_fmt(m, "%s/reload", conf_dir),
		.limit_ms = limit_ms,
		.merge = true,
		.out = &out,
	};
	struct err e = { 0 };
	int status = 0, rc = proc_run(&p, &status, &e);

	*ran = !rc || e.kind == ERR_TIMEOUT || e.kind == ERR_STOPPED;
	show_output(j, &out, rc || status, t);
	if (rc)
		return mem_str(m, e.msg);
	return status ? sentence(j, status, &out, m) : NULL;
}

static void run_group(const char *conf_dir, struct job *jobs, size_t n,
		      size_t first, struct tell *t, struct mem *m)
{
	struct job *j = &jobs[first];
	const char *names, *why;
	int64_t limit_ms;
	bool ran;
	size_t i;

	names = names_of(jobs, n, j, m, &limit_ms);
	log_say(LOG_REASON, "%s: running it for %s", j->path, names);
	why = call(conf_dir, j, names, limit_ms, t, &ran, m);
	for (i = n; i-- > first;)
		if (same_call(j, &jobs[i]))
			settle(&jobs[i], why ? -1 : 0, ran, why);
}

void reload_run(const char *conf_dir, struct reload_item *x, size_t n,
		struct tell *t, struct mem *m)
{
	struct job *jobs = mem_array(m, n + 1, sizeof(*jobs));
	size_t i;

	for (i = 0; i < n; i++) {
		jobs[i].item = &x[i];
		look(&jobs[i], conf_dir, m);
	}
	for (i = 0; i < n; i++)
		if (!jobs[i].done)
			run_group(conf_dir, jobs, n, i, t, m);
}

int reload_example(const char *conf_dir, const char *domain, struct str text,
		   bool *made, struct err *e)
{
	AUTO(mem) struct mem m = { 0 };
	const char *dir = mem_fmt(&m, "%s/reload", conf_dir);
	const char *path = mem_fmt(&m, "%s/%s.sh", dir, domain);

	*made = false;
	if (store_name_check(domain, e))
		return -1;
	if (fs_exists(path))
		return 0;
	if (fs_mkdir(dir, 0755, e) || fs_write_new(path, text, 0750, e))
		return -1;
	*made = true;
	return 0;
}
