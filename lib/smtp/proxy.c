#include "smtp/proxy.h"

#include <string.h>

static bool port_of(struct str text, uint16_t *out)
{
	uint64_t n;

	if (text.n > 5 || str_num(text, UINT16_MAX, &n) < 0)
		return false;
	*out = (uint16_t)n;
	return true;
}

/* "PROXY TCP4 192.0.2.1 192.0.2.2 35646 25", one blank between. */
static enum proxy_result line(struct str s, struct peer *p)
{
	struct str word[6];
	struct peer from, to;
	size_t n = 0;

	while (n < 6 && str_cut(&s, ' ', &word[n]))
		n++;
	if (n >= 2 && str_eq(word[1], "UNKNOWN"))
		return PROXY_SELF;
	if (n != 6 || s.at || !peer_parse(word[2], &from) ||
	    !peer_parse(word[3], &to) || !port_of(word[4], &from.port) ||
	    !port_of(word[5], &to.port))
		return PROXY_BAD;
	if (from.version != to.version ||
	    !str_eq(word[1], from.version == 4 ? "TCP4" : "TCP6"))
		return PROXY_BAD;
	*p = from;
	return PROXY_DONE;
}

static enum proxy_result read_v1(struct str s, struct peer *p, size_t *used)
{
	enum { LINE_MAX_V1 = 107 }; /* with its end */
	const size_t look = s.n < LINE_MAX_V1 ? s.n : LINE_MAX_V1;
	const char *lf = memchr(s.at, '\n', look);

	if (!lf)
		return look == LINE_MAX_V1 ? PROXY_BAD : PROXY_MORE;
	const size_t n = (size_t)(lf - s.at);

	if (s.at[n - 1] != '\r')
		return PROXY_BAD;
	*used = n + 1;
	return line((struct str){ s.at, n - 1 }, p);
}

static unsigned two(const unsigned char *at)
{
	return (unsigned)at[0] << 8 | at[1];
}

/* 12 bytes of signature, version and command, family, length. */
static enum proxy_result read_v2(struct str s, struct peer *p, size_t *used)
{
	const unsigned char *at = (const unsigned char *)s.at;
	struct peer from = { 0 };

	if (s.n < 16)
		return PROXY_MORE;
	const size_t n = two(at + 14);

	if (at[12] >> 4 != 2 || (at[12] & 15) > 1 || 16 + n > PROXY_MAX)
		return PROXY_BAD;
	if (s.n < 16 + n)
		return PROXY_MORE;
	*used = 16 + n;
	if ((at[12] & 15) == 0 || at[13] == 0)
		return PROXY_SELF;
	if (at[13] == 0x11 && n >= 12)
		from.version = 4;
	else if (at[13] == 0x21 && n >= 36)
		from.version = 6;
	else
		return PROXY_BAD; /* only streams of the internet come here */
	const size_t size = from.version == 4 ? 4 : 16;

	memcpy(from.ip, at + 16, size);
	from.port = (uint16_t)two(at + 16 + 2 * size);
	*p = from;
	return PROXY_DONE;
}

/* Common front of what is there and of a signature. */
static bool begins(struct str s, struct str sign)
{
	const size_t n = s.n < sign.n ? s.n : sign.n;

	return n && memcmp(s.at, sign.at, n) == 0;
}

enum proxy_result proxy_read(struct str bytes, struct peer *p, size_t *used)
{
	static const char sign[] = "\r\n\r\n\0\r\nQUIT\n";

	*used = 0;
	if (!bytes.n)
		return PROXY_MORE;
	if (begins(bytes, STR_LIT("PROXY ")))
		return bytes.n < 6 ? PROXY_MORE : read_v1(bytes, p, used);
	if (begins(bytes, (struct str){ sign, sizeof(sign) - 1 }))
		return read_v2(bytes, p, used);
	return PROXY_BAD;
}
