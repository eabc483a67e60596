#include "smtp/peer.h"

#include <arpa/inet.h>
#include <string.h>

const char *peer_text(const struct peer *p, char out[static PEER_TEXT])
{
	out[0] = '\0';
	if (p->version)
		inet_ntop(p->version == 4 ? AF_INET : AF_INET6, p->ip, out,
			  PEER_TEXT);
	return out;
}

bool peer_parse(struct str text, struct peer *out)
{
	char at[PEER_TEXT];
	struct peer p = { 0 };

	if (!text.n || text.n >= sizeof(at))
		return false;
	memcpy(at, text.at, text.n);
	at[text.n] = '\0';
	if (strlen(at) != text.n)
		return false;
	if (inet_pton(AF_INET, at, p.ip) == 1)
		p.version = 4;
	else if (inet_pton(AF_INET6, at, p.ip) == 1)
		p.version = 6;
	else
		return false;
	*out = p;
	return true;
}
