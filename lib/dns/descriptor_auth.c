/* Requests that are signed: by auth.sign, anew each time they go out. */
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/rand.h"
#include "dns/descriptor_parts.h"

static const struct yaml *auth_of(const struct descriptor_scope *s)
{
	const struct descriptor_state *st = s->dns->state;
	return st->auth;
}

/* What auth.with gives for one member; "" when it does not. */
static int given(const struct descriptor_scope *s, enum sign_member bit,
		 const char **out, struct err *e)
{
	const struct yaml *with = yaml_get(auth_of(s), "with");
	return descriptor_make(
		s, descriptor_word(with, sign_member_name(bit), ""), out, e);
}

static int secret_of(const struct descriptor_scope *s, struct sign_secret *out,
		     struct err *e)
{
	const struct {
		enum sign_member bit;
		const char **to;
	} rows[] = {
		{ SIGN_ID, &out->id },
		{ SIGN_KEY, &out->key },
		{ SIGN_TOKEN, &out->token },
		{ SIGN_REGION, &out->region },
		{ SIGN_SERVICE, &out->service },
		{ SIGN_KEY_ID, &out->key_id },
		{ SIGN_AUDIENCE, &out->audience },
		{ SIGN_SCOPE, &out->scope },
		{ SIGN_SUBJECT, &out->subject },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (given(s, rows[i].bit, rows[i].to, e) < 0)
			return -1;
	return 0;
}

static const char *nonce(struct mem *m)
{
	AUTO(buf) struct buf b = { 0 };
	unsigned char raw[16];
	rand_bytes(raw, sizeof(raw));
	hex_add(&b, (struct str){ (const char *)raw, sizeof(raw) });
	return mem_str(m, buf_c(&b));
}

/* The headers with those of the signature put over them. */
static void merge(struct descriptor_signed *x, const struct http_request *q)
{
	size_t n = 0;
	for (size_t i = 0; i < q->headers_n; i++) {
		bool over = false;
		for (size_t k = 0; k < x->sign.headers_n; k++)
			over = over || !strcasecmp(x->sign.headers[k].name,
						   q->headers[i].name);
		if (!over)
			x->headers[n++] = q->headers[i];
	}
	for (size_t k = 0; k < x->sign.headers_n && n < DESCRIPTOR_HEADERS; k++)
		x->headers[n++] =
			(struct http_header){ x->sign.headers[k].name,
					      x->sign.headers[k].value };
	x->q.headers = x->headers;
	x->q.headers_n = n;
}

int descriptor_sign(const struct descriptor_scope *s,
		    const struct http_request *q, struct descriptor_signed *x,
		    struct err *e)
{
	const char *name = descriptor_word(auth_of(s), "sign", NULL);
	struct sign_secret secret = { 0 };
	struct sign_request r = { .method = q->method, .body = q->body };
	struct sign_pair *pairs =
		mem_array(s->m, q->headers_n + 1, sizeof(*pairs));
	x->q = *q;
	if (!name)
		return 0;
	for (size_t i = 0; i < q->headers_n; i++)
		pairs[i] = (struct sign_pair){ q->headers[i].name,
					       q->headers[i].value };
	r.headers = pairs;
	r.headers_n = q->headers_n;
	if (secret_of(s, &secret, e) < 0 ||
	    sign_url(str_of(q->url), s->m, &r, e) < 0 ||
	    sign_by_name(name, &r, &secret, clock_now(), nonce(s->m), &x->sign,
			 e) < 0)
		return err_at(e, "%s", s->d->provider.name);
	sign_url_write(&r, &x->sign, &x->url);
	x->q.url = buf_c(&x->url);
	merge(x, q);
	return 0;
}

void descriptor_signed_free(struct descriptor_signed *x)
{
	sign_out_free(&x->sign);
	buf_wipe(&x->url);
}
