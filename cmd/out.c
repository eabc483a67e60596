#include "cmd/out.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/stop.h"
#include "cmd/cmd.h"
#include "cmd/out_parts.h"

static const struct out_mark marks[] = {
	[OUT_PLAIN] = { "plain", "", "", "", NULL, "" },
	[OUT_OK] = { "ok", "ok", "\xe2\x9c\x93", "+", "green", "\33[32m" },
	[OUT_WARN] = { "warn", "warn", "!", "!", "yellow", "\33[33m" },
	[OUT_FAIL] = { "fail", "FAIL", "\xe2\x9c\x97", "x", "red", "\33[31m" },
	[OUT_SKIP] = { "skip", "skip", "-", "-", "darkgray", "\33[90m" },
};

const struct out_mark *out_mark(enum out_state s)
{
	return &marks[s];
}

static bool set(const char *variable)
{
	const char *value = getenv(variable);

	return value && *value;
}

/* https://no-color.org and https://bixense.com/clicolors. */
static bool wants_color(enum out_color color, bool tty)
{
	const char *term = getenv("TERM"), *force = getenv("CLICOLOR_FORCE");
	const char *off = getenv("CLICOLOR");

	if (color != OUT_AUTO)
		return color == OUT_ALWAYS;
	if (set("NO_COLOR"))
		return false;
	if (force && *force && strcmp(force, "0") != 0)
		return true;
	if (off && strcmp(off, "0") == 0)
		return false;
	return tty && term && strcmp(term, "dumb") != 0;
}

int out_width(const struct out *o, enum out_stream of)
{
	struct winsize size = { 0 };

	if (!o->tty[of])
		return 0;
	if (ioctl(o->fd[of], TIOCGWINSZ, &size) || size.ws_col < 20)
		return 80;
	return size.ws_col;
}

void out_write(struct out *o, enum out_stream to, struct str bytes)
{
	out_live_erase(o);
	while (bytes.n) {
		ssize_t n = write(o->fd[to], bytes.at, bytes.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN) {
			struct pollfd p = { .fd = o->fd[to],
					    .events = POLLOUT };

			(void)poll(&p, 1, 1000);
			continue;
		}
		if (n < 0) {
			if (to == OUT_RESULTS && !o->failed)
				o->failed = errno;
			return;
		}
		bytes.at += n;
		bytes.n -= (size_t)n;
	}
}

void out_clean(struct buf *b, struct str text)
{
	AUTO(secret) struct buf masked = { 0 };

	log_mask(&masked, text);
	log_escape(b, buf_get(&masked));
}

json_t *out_utf8(const char *text)
{
	AUTO(buf) struct buf clean = { 0 };
	json_t *s;

	if (!text)
		return json_null();
	s = json_string(text);
	if (s)
		return s;
	log_escape(&clean, str_of(text));
	return json_string(buf_c(&clean));
}

static json_t *masked_text(const char *text)
{
	AUTO(secret) struct buf b = { 0 };

	log_mask(&b, str_of(text));
	return out_utf8(buf_c(&b));
}

/* Objects are a few levels deep and all our own, so recursion is safe. */
static json_t *masked(json_t *value)
{
	json_t *new;

	if (json_is_string(value)) {
		new = masked_text(json_string_value(value));
		json_decref(value);
		return new;
	}
	for (void *k = json_object_iter(value); k;
	     k = json_object_iter_next(value, k))
		json_object_iter_set_new(
			value, k,
			masked(json_incref(json_object_iter_value(k))));
	for (size_t i = 0; i < json_array_size(value); i++)
		json_array_set_new(
			value, i,
			masked(json_incref(json_array_get(value, i))));
	return value;
}

/* The reference is taken. */
static void dump(struct out *o, json_t *object)
{
	char *text = json_dumps(object, JSON_COMPACT);
	struct buf line = { 0 };

	if (!text)
		abort();
	buf_str(&line, text);
	buf_char(&line, '\n');
	out_write(o, OUT_RESULTS, buf_get(&line));
	buf_free(&line);
	free(text);
	json_decref(object);
}

void out_object(struct out *o, json_t *object)
{
	if (!object)
		abort(); /* json_pack was given what is no UTF-8 */
	if (!o->how.json) {
		json_decref(object);
		return;
	}
	object = masked(object);
	pthread_mutex_lock(&o->lock);
	dump(o, object);
	pthread_mutex_unlock(&o->lock);
}

bool out_json(const struct out *o)
{
	return o->how.json;
}

/* Lines of one text, each cleaned and with what goes in front of it. */
static void add_lines(struct buf *b, const char *front, const char *text)
{
	struct str rest = str_of(text), line;

	while (str_line(&rest, &line)) {
		buf_str(b, front);
		out_clean(b, line);
		buf_char(b, '\n');
	}
}

static void write_locked(struct out *o, enum out_stream to, struct buf *b)
{
	pthread_mutex_lock(&o->lock);
	out_write(o, to, buf_get(b));
	pthread_mutex_unlock(&o->lock);
	buf_wipe(b);
}

void out_line(struct out *o, const char *fmt, ...)
{
	struct mem m = { 0 };
	struct buf b = { 0 };
	va_list ap;

	va_start(ap, fmt);
	if (!o->how.json)
		add_lines(&b, "", mem_vfmt(&m, fmt, ap));
	va_end(ap);
	mem_free(&m);
	write_locked(o, OUT_RESULTS, &b);
}

void out_text(struct out *o, const char *text)
{
	if (o->how.json)
		return;
	pthread_mutex_lock(&o->lock);
	out_write(o, OUT_RESULTS, str_of(text));
	pthread_mutex_unlock(&o->lock);
}

/* "✓ ok    ", as wide for every state. */
static void add_mark(struct out *o, struct buf *b, enum out_stream to,
		     enum out_state s)
{
	const struct out_mark *k = &marks[s];

	if (s == OUT_PLAIN)
		return;
	if (o->colored[to])
		buf_str(b, k->escape);
	buf_fmt(b, "%s %-4s", o->how.utf8 ? k->glyph : k->ascii, k->word);
	if (o->colored[to])
		buf_str(b, "\33[0m");
	buf_char(b, ' ');
}

void out_result(struct out *o, enum out_state s, const char *who,
		const char *fmt, ...)
{
	struct mem m = { 0 };
	struct buf b = { 0 };
	const char *text;
	va_list ap;

	va_start(ap, fmt);
	text = mem_vfmt(&m, fmt, ap);
	va_end(ap);
	if (o->how.json) {
		out_object(o, json_pack("{s:s, s:s, s:o, s:o}", "type",
					"result", "state", marks[s].name, "who",
					out_utf8(who), "text", out_utf8(text)));
	} else if (!o->how.quiet || s == OUT_WARN || s == OUT_FAIL) {
		add_mark(o, &b, OUT_RESULTS, s);
		out_clean(&b, str_of(mem_fmt(&m, "%s%s%s", who ? who : "",
					     who ? ": " : "", text)));
		buf_char(&b, '\n');
		write_locked(o, OUT_RESULTS, &b);
	}
	mem_free(&m);
}

void out_warn(struct out *o, const char *fmt, ...)
{
	struct mem m = { 0 };
	struct buf b = { 0 };
	const char *text;
	va_list ap;

	va_start(ap, fmt);
	text = mem_vfmt(&m, fmt, ap);
	va_end(ap);
	if (o->how.json)
		out_object(o, json_pack("{s:s, s:o}", "type", "warning", "text",
					out_utf8(text)));
	else
		buf_str(&b, o->colored[OUT_REST] ?
				    "opsmail: \33[33mwarning\33[0m: " :
				    "opsmail: warning: ");
	if (b.n)
		out_clean(&b, str_of(text));
	if (b.n)
		buf_char(&b, '\n');
	write_locked(o, OUT_REST, &b);
	mem_free(&m);
}

static const char *kind_name(enum err_kind kind)
{
	static const char *const names[] = {
		[ERR_NONE] = "none",       [ERR_USAGE] = "usage",
		[ERR_CONF] = "conf",       [ERR_SYS] = "sys",
		[ERR_TEMP] = "temp",       [ERR_PERM] = "perm",
		[ERR_MISSING] = "missing", [ERR_AUTH] = "auth",
		[ERR_CHECK] = "check",     [ERR_PARTIAL] = "partial",
		[ERR_TIMEOUT] = "timeout", [ERR_CHANGED] = "changed",
		[ERR_STOPPED] = "stopped",
	};

	return names[kind];
}

/* On stderr with --json too: whoever reads only the log of a job sees why. */
void out_error(struct out *o, const char *who, const struct err *e, int status)
{
	struct mem m = { 0 };
	struct buf b = { 0 };

	if (o->how.json)
		out_object(o, json_pack("{s:s, s:s, s:o, s:o, s:i}", "type",
					"error", "kind", kind_name(e->kind),
					"who", out_utf8(who), "text",
					out_utf8(e->msg), "status", status));
	buf_str(&b,
		o->colored[OUT_REST] ? "\33[31mopsmail\33[0m: " : "opsmail: ");
	out_clean(&b, str_of(who ? mem_fmt(&m, "%s: ", who) : ""));
	add_lines(&b, "", e->msg);
	write_locked(o, OUT_REST, &b);
	mem_free(&m);
}

/* A line from the terminal, without stdio's buffer. */
static bool says_yes(void)
{
	char first = 0, c;
	ssize_t n;

	for (;;) {
		n = read(STDIN_FILENO, &c, 1);
		if (n < 0 && errno == EINTR && !stop_asked())
			continue;
		if (n <= 0 || c == '\n')
			return n > 0 && (first == 'y' || first == 'Y');
		if (!first && c != ' ')
			first = c;
	}
}

int out_ask(struct out *o, bool *yes, struct err *e, const char *fmt, ...)
{
	struct mem m = { 0 };
	struct buf b = { 0 };
	va_list ap;

	*yes = o->how.yes;
	if (*yes)
		return 0;
	if (o->how.json || !isatty(STDIN_FILENO) || !o->tty[OUT_REST])
		return err_set(e, ERR_USAGE,
			       "there is no terminal to ask on: give --yes to "
			       "say that it shall be done");
	va_start(ap, fmt);
	out_clean(&b, str_of(mem_vfmt(&m, fmt, ap)));
	va_end(ap);
	mem_free(&m);
	buf_str(&b, " [y/N] ");
	write_locked(o, OUT_REST, &b);
	*yes = says_yes();
	if (stop_asked())
		return err_set(e, ERR_STOPPED, "stopped at the question");
	return 0;
}

struct out *out_open(const struct out_how *how, int fd_out, int fd_err)
{
	struct out *o = calloc(1, sizeof(*o));

	if (!o)
		abort();
	o->tell.show = out_tell_show;
	o->how = *how;
	o->fd[OUT_RESULTS] = fd_out;
	o->fd[OUT_REST] = fd_err;
	for (int i = OUT_RESULTS; i <= OUT_REST; i++) {
		o->tty[i] = isatty(o->fd[i]);
		o->colored[i] = wants_color(how->color, o->tty[i]);
	}
	pthread_mutex_init(&o->lock, NULL);
	if (how->json)
		dump(o, json_pack("{s:s, s:s, s:s}", "type", "version",
				  "schema", "1.0", "opsmail", OPSMAIL_VERSION));
	return o;
}

struct tell *out_tell(struct out *o)
{
	return &o->tell;
}

int out_failed(const struct out *o, struct err *e)
{
	errno = o->failed;
	if (!o->failed)
		return 0;
	err_sys(e, "the results could not be written");
	if (o->failed == EPIPE)
		*e->msg = 0;
	return -1;
}

void out_close(struct out *o)
{
	out_live_end(o);
	pthread_mutex_destroy(&o->lock);
	free(o);
}
