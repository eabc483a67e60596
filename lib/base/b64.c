#include "base/b64.h"

#include "base/auto.h"

static const char plain[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char url[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
static const char base32[] = "abcdefghijklmnopqrstuvwxyz234567";
static const char hex[] = "0123456789abcdef";

/* All four are one thing: `bits` bits a digit, the most significant first. */
static void add(struct buf *out, struct str bytes, const char *digits,
		unsigned bits)
{
	unsigned held = 0, n = 0;

	for (size_t i = 0; i < bytes.n; i++) {
		held = held << 8 | (unsigned char)bytes.at[i];
		for (n += 8; n >= bits;) {
			n -= bits;
			buf_char(out, digits[held >> n]);
			held &= (1U << n) - 1;
		}
	}
	if (n)
		buf_char(out, digits[held << (bits - n)]);
}

void b64_add(struct buf *out, struct str bytes)
{
	add(out, bytes, plain, 6);
	for (size_t i = bytes.n % 3; i && i < 3; i++)
		buf_char(out, '=');
}

void b64url_add(struct buf *out, struct str bytes)
{
	add(out, bytes, url, 6);
}

void b32_add(struct buf *out, struct str bytes)
{
	add(out, bytes, base32, 5);
}

void hex_add(struct buf *out, struct str bytes)
{
	add(out, bytes, hex, 4);
}

/* The value of a base64 digit, or -1. `last` holds digits 62 and 63. */
static int value64(char c, const char *last)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == last[0])
		return 62;
	return c == last[1] ? 63 : -1;
}

/* A failed reading leaves out as it was. */
static int undo(struct buf *out, size_t n)
{
	buf_cut(out, n);
	return -1;
}

static int read64(struct str text, const char *last, struct buf *out)
{
	size_t before = out->n;
	unsigned held = 0, bits = 0;

	if (text.n % 4 == 1)
		return -1;
	for (size_t i = 0; i < text.n; i++) {
		int v = value64(text.at[i], last);

		if (v < 0)
			return undo(out, before);
		held = held << 6 | (unsigned)v;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			buf_char(out, (char)(held >> bits));
			held &= (1U << bits) - 1;
		}
	}
	return held || out->full ? undo(out, before) : 0;
}

int b64_read(struct str text, struct buf *out)
{
	if (text.n % 4)
		return -1;
	if (str_ends(text, "=="))
		text.n -= 2;
	else if (str_ends(text, "="))
		text.n--;
	return read64(text, plain + 62, out);
}

int b64url_read(struct str text, struct buf *out)
{
	return read64(text, url + 62, out);
}

int b64_read_lines(struct str text, struct buf *out)
{
	AUTO(secret) struct buf one = { .max = text.n ? text.n : 1 };

	for (size_t i = 0; i < text.n; i++) {
		char c = text.at[i];

		if (c != ' ' && c != '\t' && c != '\r' && c != '\n')
			buf_char(&one, c);
	}
	return b64_read(buf_get(&one), out);
}

static int value16(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

int hex_read(struct str text, struct buf *out)
{
	size_t before = out->n;

	if (text.n % 2)
		return -1;
	for (size_t i = 0; i < text.n; i += 2) {
		int high = value16(text.at[i]), low = value16(text.at[i + 1]);

		if (high < 0 || low < 0)
			return undo(out, before);
		buf_char(out, (char)(high << 4 | low));
	}
	return out->full ? undo(out, before) : 0;
}
