#include "base/log.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/buf.h"

#define LINE_MAX_BYTES ((size_t)64 << 10)

struct secret {
	struct secret *next;
	size_t n;
	char at[];
};

static atomic_int level = LOG_NORMAL;
static struct secret *secrets;
static pthread_mutex_t secrets_lock = PTHREAD_MUTEX_INITIALIZER;

void log_set(enum log_level at)
{
	atomic_store(&level, (int)at);
}

enum log_level log_level(void)
{
	return (enum log_level)atomic_load(&level);
}

static bool known(struct str secret)
{
	for (const struct secret *s = secrets; s; s = s->next)
		if (str_same(secret, (struct str){ s->at, s->n }))
			return true;
	return false;
}

static void keep(struct str secret)
{
	struct secret *s = malloc(sizeof(*s) + secret.n);

	if (!s)
		abort();
	s->n = secret.n;
	memcpy(s->at, secret.at, secret.n);
	s->next = secrets;
	secrets = s;
}

/* As it stands in a URL or a form. */
static void add_percent(struct buf *out, struct str secret)
{
	for (size_t i = 0; i < secret.n; i++) {
		char c = secret.at[i];

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9') || (c && strchr("-._~", c)))
			buf_char(out, c);
		else
			buf_fmt(out, "%%%02X", (unsigned char)c);
	}
}

/* As it stands in JSON. */
static void add_json(struct buf *out, struct str secret)
{
	static const char raw[] = "\"\\\b\f\n\r\t", word[] = "\"\\bfnrt";

	for (size_t i = 0; i < secret.n; i++) {
		char c = secret.at[i];
		const char *known_as = c ? strchr(raw, c) : NULL;

		if (known_as)
			buf_fmt(out, "\\%c", word[known_as - raw]);
		else if ((unsigned char)c < 0x20)
			buf_fmt(out, "\\u%04x", (unsigned char)c);
		else
			buf_char(out, c);
	}
}

static void hide(struct str secret)
{
	if (!known(secret))
		keep(secret);
}

/* Written in other ways it is no less a secret. */
void log_hide(struct str secret)
{
	AUTO(secret) struct buf percent = { 0 };
	AUTO(secret) struct buf json = { 0 };

	if (secret.n < 4)
		return;
	add_percent(&percent, secret);
	add_json(&json, secret);
	pthread_mutex_lock(&secrets_lock);
	hide(secret);
	hide(buf_get(&percent));
	hide(buf_get(&json));
	pthread_mutex_unlock(&secrets_lock);
}

/* How many bytes at the front of text are a secret: the longest that fits. */
static size_t secret_at(struct str text)
{
	size_t n = 0;

	for (const struct secret *s = secrets; s; s = s->next)
		if (s->n > n && text.n >= s->n &&
		    memcmp(text.at, s->at, s->n) == 0)
			n = s->n;
	return n;
}

void log_mask(struct buf *out, struct str text)
{
	size_t plain = 0;

	pthread_mutex_lock(&secrets_lock);
	while (secrets && plain < text.n) {
		size_t n = secret_at(
			(struct str){ text.at + plain, text.n - plain });

		if (!n) {
			plain++;
			continue;
		}
		buf_add(out, text.at, plain);
		buf_str(out, "***");
		text.at += plain + n;
		text.n -= plain + n;
		plain = 0;
	}
	pthread_mutex_unlock(&secrets_lock);
	buf_view(out, text);
}

/* How many bytes the UTF-8 character that starts with these two has; 0 when
 * none does (RFC 3629 4), or when a terminal obeys it (C1). */
static size_t char_size(unsigned char a, unsigned char b)
{
	if (a >= 0xc2 && a <= 0xdf)
		return a == 0xc2 && b < 0xa0 ? 0 : 2;
	if ((a == 0xe0 && b < 0xa0) || (a == 0xed && b >= 0xa0) ||
	    (a == 0xf0 && b < 0x90) || (a == 0xf4 && b >= 0x90))
		return 0;
	if (a >= 0xe0 && a <= 0xef)
		return 3;
	return a >= 0xf0 && a <= 0xf4 ? 4 : 0;
}

/* The length of the character at the front that may be shown as it is: none
 * that turns its neighbours around. */
static size_t shown(struct str text)
{
	const unsigned char *u = (const unsigned char *)text.at;

	if (u[0] < 0x80)
		return u[0] >= 0x20 && u[0] != 0x7f;
	size_t n = text.n > 1 ? char_size(u[0], u[1]) : 0;

	if (n > text.n)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((u[i] & 0xc0) != 0x80)
			return 0;
	if (n == 3 && u[0] == 0xe2 &&
	    ((u[1] == 0x80 && u[2] >= 0xaa && u[2] <= 0xae) ||
	     (u[1] == 0x81 && u[2] >= 0xa6 && u[2] <= 0xa9)))
		return 0; /* U+202A to U+202E, U+2066 to U+2069 */
	return n;
}

void log_escape(struct buf *out, struct str text)
{
	while (text.n) {
		size_t n = shown(text);

		if (n)
			buf_add(out, text.at, n);
		else
			buf_fmt(out, "\\x%02x", (unsigned char)text.at[0]);
		text.at += n ? n : 1;
		text.n -= n ? n : 1;
	}
}

static void write_all(struct str text)
{
	while (text.n) {
		ssize_t n = write(STDERR_FILENO, text.at, text.n);

		if (n <= 0)
			return; /* nobody is there to be told */
		text.at += n;
		text.n -= (size_t)n;
	}
}

void log_say(enum log_level at, const char *fmt, ...)
{
	AUTO(secret) struct buf raw = { .max = LINE_MAX_BYTES };
	AUTO(secret) struct buf masked = { .max = LINE_MAX_BYTES };
	AUTO(buf) struct buf line = { .max = 4 * LINE_MAX_BYTES + 8 };
	va_list ap;

	if (at > log_level())
		return;
	va_start(ap, fmt);
	buf_vfmt(&raw, fmt, ap);
	va_end(ap);
	while (raw.n && raw.at[raw.n - 1] == '\n')
		buf_cut(&raw, raw.n - 1);
	log_mask(&masked, buf_get(&raw));
	log_escape(&line, buf_get(&masked));
	if (raw.full)
		buf_str(&line, "...");
	buf_char(&line, '\n');
	write_all(buf_get(&line)); /* one write, so that lines stay whole */
}
