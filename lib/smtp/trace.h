/* The Received field (RFC 5321 4.4, 3848, 6531 4.3, 8314 4.3). */
#pragma once

#include <time.h>

#include "base/buf.h"
#include "smtp/peer.h"
#include "smtp/reply.h"

struct trace {
	const char *helo; /* as it was said; what could break the field is
			   * replaced */
	struct peer peer;
	const char *name; /* of the peer, where the DNS confirms it; or NULL */
	bool hide;        /* a user's own address is nobody's business */
	const char *host, *id;
	bool esmtp, tls, login, utf8;
	const char *version, *cipher; /* "TLSv1.3", "TLS_AES_256_GCM_SHA384" */
	struct str rcpt;              /* only where there is one; else empty */
	struct str from;              /* chasquid tells it */
	const char *port;             /* "submission": chasquid tells it */
	time_t now;
	enum reply_style style;
};
/* "ESMTPSA", "UTF8SMTPS", "SMTP" ... */
void trace_with(const struct trace *t, struct buf *out);
/* "Wed, 25 Nov 2026 10:21:38 +0000" (RFC 5322 3.3) */
void trace_date(time_t t, struct buf *out);
/* "Received: ...\r\n", folded by tabs. */
void trace_received(const struct trace *t, struct buf *out);
