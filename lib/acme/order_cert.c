#include <string.h>

#include "acme/order.h"
#include "base/b64.h"
#include "base/str.h"

enum { ALTERNATES_MAX = 10 };

static int fetch_chain(struct acme *a, const char *url, struct mem *m,
		       struct acme_reply *r, struct chain *c, struct err *e)
{
	if (acme_post(a, url, NULL, r, e))
		return -1;
	if (!chain_read(buf_get(&r->http.body), m, c, e))
		return 0;
	e->kind = ERR_TEMP;
	return err_at(e, "%s answered %d with no certificate chain", url,
		      r->http.status);
}

/* The first alternate with that CN replaces *pem. */
static int try_alternates(struct acme *a, const struct acme_reply *first,
			  const char *url, const char *preferred,
			  struct buf *pem, bool *chosen, struct err *e)
{
	for (size_t i = 0; i < ALTERNATES_MAX && !*chosen; i++) {
		AUTO(acme_reply) struct acme_reply r = { 0 };
		struct chain c = { 0 };
		const char *link = acme_https(
			http_link(&first->http, url, "alternate", i, &a->mem));
		if (!link)
			return 0;
		if (fetch_chain(a, link, &a->mem, &r, &c, e))
			return -1;
		if (!chain_has_cn(&c, preferred))
			continue;
		*chosen = true;
		buf_clear(pem);
		buf_view(pem, buf_get(&r.http.body));
	}
	return 0;
}

int order_certificate(struct acme *a, const struct order *o,
		      const char *preferred, struct buf *pem, bool *chosen,
		      struct err *e)
{
	AUTO(acme_reply) struct acme_reply r = { 0 };
	struct chain c = { 0 };
	if (fetch_chain(a, o->certificate, &a->mem, &r, &c, e))
		return -1;
	buf_clear(pem);
	buf_view(pem, buf_get(&r.http.body));
	*chosen = !preferred || chain_has_cn(&c, preferred);
	return try_alternates(a, &r, o->certificate, preferred, pem, chosen, e);
}

int order_revoke(struct acme *a, struct str cert_pem, const struct key *by,
		 int reason, struct err *e)
{
	AUTO(acme_reply) struct acme_reply r = { 0 };
	AUTO(buf) struct buf der = { .max = 1 << 20 };
	AUTO(buf) struct buf text = { .max = 2 << 20 };
	const char *url = a->directory.revoke_cert;
	if (!url)
		return err_set(e, ERR_PERM, "%s offers no revocation", a->url);
	if (cert_der(cert_pem, &der, e))
		return -1;
	b64url_add(&text, buf_get(&der));
	AUTO(json) json_t *p = json_pack("{s:s}", "certificate", buf_c(&text));
	if (reason)
		json_object_set_new(p, "reason", json_integer(reason));
	int failed = by ? acme_post_jwk(a, url, by, p, &r, e) :
			  acme_post(a, url, p, &r, e);
	if (failed && strcmp(r.problem.type, "alreadyRevoked") != 0)
		return -1;
	*e = (struct err){ 0 };
	return 0;
}

/* The four of RFC 5280 5.3.1 that Let's Encrypt takes from subscribers. */
int order_reason_parse(const char *text, int *reason, struct err *e)
{
	static const struct {
		const char *name, *number;
		int reason;
	} known[] = {
		{ "unspecified", "0", 0 },
		{ "keyCompromise", "1", 1 },
		{ "superseded", "4", 4 },
		{ "cessationOfOperation", "5", 5 },
	};
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		if (!str_eqi(str_of(text), known[i].name) &&
		    strcmp(text, known[i].number))
			continue;
		*reason = known[i].reason;
		return 0;
	}
	return err_set(e, ERR_USAGE,
		       "\"%s\" is no reason; give unspecified, keyCompromise, "
		       "superseded or cessationOfOperation",
		       text);
}
