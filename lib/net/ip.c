#include "net/ip.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/auto.h"
#include "base/buf.h"

static const unsigned char mapped[12] = { 0, 0, 0, 0, 0,    0,
					  0, 0, 0, 0, 0xff, 0xff };

int ip_parse(struct str text, struct ip *out)
{
	char s[INET6_ADDRSTRLEN];
	*out = (struct ip){ 0 };
	if (text.n == 0 || text.n >= sizeof(s) || memchr(text.at, 0, text.n))
		return -1;
	memcpy(s, text.at, text.n);
	s[text.n] = 0;
	if (inet_pton(AF_INET, s, out->at) == 1) {
		out->n = 4;
		return 0;
	}
	if (inet_pton(AF_INET6, s, out->at) != 1) {
		*out = (struct ip){ 0 };
		return -1;
	}
	out->n = 16;
	if (!memcmp(out->at, mapped, sizeof(mapped))) {
		memmove(out->at, out->at + 12, 4);
		memset(out->at + 4, 0, 12);
		out->n = 4;
	}
	return 0;
}

const char *ip_text(const struct ip *a, struct mem *m)
{
	char s[INET6_ADDRSTRLEN] = "";
	inet_ntop(a->n == 4 ? AF_INET : AF_INET6, a->at, s, sizeof(s));
	return mem_str(m, s);
}

bool ip_same(const struct ip *a, const struct ip *b)
{
	return a->n == b->n && !memcmp(a->at, b->at, a->n);
}

static bool same_bits(const unsigned char *a, const unsigned char *b,
		      unsigned bits)
{
	const unsigned whole = bits / 8, rest = bits % 8;
	if (memcmp(a, b, whole) != 0)
		return false;
	return rest == 0 || (a[whole] ^ b[whole]) >> (8 - rest) == 0;
}

bool ip_within(const struct ip *a, struct str text)
{
	struct str host = { 0 };
	struct ip net;
	uint64_t bits = 0;
	if (!str_find(text, "/"))
		return ip_parse(text, &net) == 0 && ip_same(a, &net);
	str_cut(&text, '/', &host);
	if (ip_parse(host, &net) < 0 || net.n != a->n ||
	    str_num(text, 8 * net.n, &bits) < 0)
		return false;
	return same_bits(a->at, net.at, (unsigned)bits);
}

const char *ip_reverse(const struct ip *a, struct mem *m)
{
	AUTO(buf) struct buf b = { 0 };
	for (unsigned i = a->n; i-- > 0;)
		if (a->n == 4)
			buf_fmt(&b, "%u.", a->at[i]);
		else
			buf_fmt(&b, "%x.%x.", a->at[i] & 15u, a->at[i] >> 4);
	buf_str(&b, a->n == 4 ? "in-addr.arpa" : "ip6.arpa");
	return mem_str(m, buf_c(&b));
}

bool ip_is_public(const struct ip *a)
{
	static const char *const not [] = {
		"0.0.0.0/8",      "10.0.0.0/8",     "100.64.0.0/10",
		"127.0.0.0/8",    "169.254.0.0/16", "172.16.0.0/12",
		"192.168.0.0/16", "224.0.0.0/3",    "::/127",
		"fc00::/7",       "fe80::/10",      "ff00::/8",
	};
	for (size_t i = 0; i < sizeof(not ) / sizeof(not [0]); i++)
		if (ip_within(a, str_of(not [i])))
			return false;
	return a->n > 0;
}
