#include "smtp/data.h"

#include <string.h>

/* Whole words first: most messages have no such byte. */
static bool has_high(const char *at, size_t n)
{
	uint64_t word, all = 0;

	for (; n >= sizeof(word); at += sizeof(word), n -= sizeof(word)) {
		memcpy(&word, at, sizeof(word));
		all |= word;
	}
	for (; n; at++, n--)
		all |= (unsigned char)*at;
	return (all & 0x8080808080808080U) != 0;
}

static void measure(struct data *d, size_t n)
{
	d->line = n > UINT32_MAX - d->line ? UINT32_MAX : d->line + (uint32_t)n;
	if (d->line > d->longest)
		d->longest = d->line;
}

/* Rest of a line from `at`, at most n bytes. Gives how many were taken; *bad
 * when a line end stands where none may. */
static size_t take_line(struct data *d, const char *at, size_t n, bool *bad)
{
	const char *lf = memchr(at, '\n', n);
	const size_t text = lf ? (size_t)(lf - at) : n;
	const char *cr = memchr(at, '\r', text);
	const size_t before = cr ? (size_t)(cr - at) : text;

	measure(d, before);
	*bad = lf ? !cr || cr + 1 != lf : cr && before + 1 != n;
	if (lf)
		d->line = 0;
	d->place = lf ? DATA_LINE : cr ? DATA_CR : DATA_TEXT;
	return lf ? text + 1 : n;
}

/* The bytes from here on that are message as they stand. */
static size_t run(struct data *d, struct str in, bool *bad)
{
	size_t n = 0;

	*bad = false;
	if (d->place == DATA_CR) {
		*bad = in.at[0] != '\n';
		d->place = DATA_LINE;
		d->line = 0;
		n = 1;
	}
	while (n < in.n && !*bad) {
		if (d->place == DATA_LINE && in.at[n] == '.' && !d->counted)
			break;
		n += take_line(d, in.at + n, in.n - n, bad);
	}
	return n;
}

static void drop(struct data *d, struct str *in, size_t n)
{
	in->at += n;
	in->n -= n;
	d->n += n;
}

/* After a dot at the front of a line: it was stuffing, unless a line end
 * follows. True when that is known and the rest is text. */
static bool after_dot(struct data *d, struct str *in, enum data_event *out)
{
	const char c = in->at[0];

	*out = DATA_MORE;
	if (d->place == DATA_DOT && c != '\r') {
		d->place = DATA_TEXT;
		*out = DATA_BAD;
		return c != '\n';
	}
	drop(d, in, 1);
	if (d->place == DATA_DOT)
		d->place = DATA_DOT_CR;
	else
		*out = c == '\n' ? DATA_END : DATA_BAD;
	return false;
}

enum data_event data_scan(struct data *d, struct str *in, struct str *chunk)
{
	bool bad;

	while (in->n) {
		enum data_event event;

		if (d->place >= DATA_DOT && !after_dot(d, in, &event)) {
			if (event != DATA_MORE)
				return event;
			continue;
		}
		const char *at = in->at;
		const size_t n = run(d, *in, &bad);

		if (bad)
			return DATA_BAD;
		if (n) {
			*chunk = (struct str){ at, n };
			d->high = d->high || has_high(at, n);
			d->nul = d->nul || memchr(at, '\0', n);
			drop(d, in, n);
			return DATA_CHUNK;
		}
		drop(d, in, 1); /* the dot */
		d->place = DATA_DOT;
	}
	return DATA_MORE;
}

void data_stuff(enum data_place *place, struct str bytes, struct buf *out)
{
	while (bytes.n) {
		const char *lf = memchr(bytes.at, '\n', bytes.n);
		const size_t n = lf ? (size_t)(lf - bytes.at) + 1 : bytes.n;

		if (*place == DATA_LINE && bytes.at[0] == '.')
			buf_char(out, '.');
		buf_add(out, bytes.at, n);
		*place = lf ? DATA_LINE : DATA_TEXT;
		bytes.at += n;
		bytes.n -= n;
	}
}

void data_end(enum data_place place, struct buf *out)
{
	buf_str(out, place == DATA_LINE ? ".\r\n" : "\r\n.\r\n");
}
