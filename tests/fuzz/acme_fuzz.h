/* A CA that says the same bytes to everything, a few times. */
#pragma once

#include "acme/client.h"
#include "base/stop.h"
#include "net/http.h"

enum { FUZZ_REPLIES = 4 };

struct fuzz_ca {
	struct http http;
	struct acme acme;
	struct str body;
	int status;
	const char *type, *more; /* header lines */
};

static inline int fuzz_send(struct http *h, const struct http_request *q,
			    struct http_reply *r, struct err *e)
{
	const struct fuzz_ca *ca = (struct fuzz_ca *)(void *)h;

	if (++h->requests > FUZZ_REPLIES)
		return err_set(e, ERR_PERM, "%s: enough", q->url);
	r->status = ca->status;
	(void)http_header_add(r, str_of(ca->type));
	(void)http_header_add(r, str_of("Replay-Nonce: n"));
	if (ca->more)
		(void)http_header_add(r, str_of(ca->more));
	if (q->method[0] != 'H')
		buf_view(&r->body, ca->body);
	return 0;
}

/* With an account whose key is made once. We were asked to stop: nothing is
 * tried twice and no pause is made. */
static inline void fuzz_open(struct fuzz_ca *ca, const uint8_t *data, size_t n)
{
	static struct key *key;
	struct err e = { 0 };

	if (!key && key_make(KEY_P256, &key, &e))
		abort();
	stop_ask();
	*ca = (struct fuzz_ca){
		.http = { .send = fuzz_send },
		.acme = { .http = &ca->http,
			  .url = "https://ca.test/dir",
			  .key = key,
			  .kid = "https://ca.test/account/1",
			  .pause_ms = 1,
			  .directory = { .new_nonce = "https://ca.test/nonce",
					 .new_account = "https://ca.test/acc",
					 .new_order = "https://ca.test/order",
					 .renewal_info = "https://ca.test/a" } },
		.body = { (const char *)data, n },
		.status = 200,
		.type = "Content-Type: application/json",
	};
}
