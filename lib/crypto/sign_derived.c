/* The family that AWS began: a canonical request, hashed, is signed with a
 * key derived from the secret, the day and the scope. AWS: "Create a signed
 * AWS API request"; the others changed names and left out steps. */
#include <string.h>

#include "crypto/sign_kit.h"

static const struct family {
	const char *algorithm, *prefix, *last;   /* of the derivation */
	const char *date, *token, *body, *nonce; /* headers; NULL: none */
	struct sign_rule rule;
	enum sign_order order;
} aws4 = {
	.algorithm = "AWS4-HMAC-SHA256",
	.prefix = "AWS4",
	.last = "aws4_request",
	.date = "X-Amz-Date",
	.token = "X-Amz-Security-Token",
	.order = SIGN_BY_ENCODED,
}, jdcloud2 = {
	.algorithm = "JDCLOUD2-HMAC-SHA256",
	.prefix = "JDCLOUD2",
	.last = "jdcloud2_request",
	.date = "x-jdcloud-date",
	.token = "x-jdcloud-security-token",
	.nonce = "x-jdcloud-nonce",
	.order = SIGN_BY_ENCODED,
}, volc = {
	.algorithm = "HMAC-SHA256",
	.prefix = "",
	.last = "request",
	.date = "X-Date",
	.token = "X-Security-Token",
	.body = "X-Content-Sha256",
	.rule = { .except = "content-type" },
	.order = SIGN_BY_NAME,
};

struct scope {
	const char *parts[4]; /* day, region, service, last; NULL: left out */
	const char *text;     /* "20150830/us-east-1/iam/aws4_request" */
};

static void scope_make(struct sign_work *w, struct scope *scope)
{
	AUTO(buf) struct buf b = { 0 };

	for (size_t i = 0; i < 4; i++)
		if (scope->parts[i])
			buf_fmt(&b, "%s%s", b.n ? "/" : "", scope->parts[i]);
	scope->text = mem_str(&w->out->mem, buf_c(&b));
}

/* HMAC over each part in turn, the first keyed with prefix and secret. */
static void derive(const char *prefix, const char *secret,
		   const struct scope *scope, unsigned char key[HASH_MAX])
{
	AUTO(secret) struct buf first = { 0 };
	struct str k;

	buf_fmt(&first, "%s%s", prefix, secret);
	k = buf_get(&first);
	for (size_t i = 0; i < 4; i++) {
		unsigned char next[HASH_MAX];
		if (!scope->parts[i])
			continue;
		hmac_of(HASH_SHA256, k, str_of(scope->parts[i]), next);
		memcpy(key, next, HASH_MAX);
		mem_wipe(next, sizeof(next));
		k = (struct str){ (const char *)key, hash_size(HASH_SHA256) };
	}
}

static void authorize(struct sign_work *w, const char *algorithm,
		      const char *prefix, const char *stamp,
		      const struct scope *scope, const struct sign_headers *h,
		      struct str canonical)
{
	AUTO(buf) struct buf text = { 0 };
	AUTO(buf) struct buf value = { 0 };
	unsigned char key[HASH_MAX] = { 0 };

	buf_fmt(&text, "%s\n%s\n%s\n", algorithm, stamp, scope->text);
	sign_hash_hex(HASH_SHA256, canonical, &text);
	buf_fmt(&value, "%s Credential=%s/%s, SignedHeaders=", algorithm,
		w->s->id, scope->text);
	sign_headers_names(h, &value);
	buf_str(&value, ", Signature=");
	derive(prefix, w->s->key, scope, key);
	sign_hmac_hex(HASH_SHA256,
		      (struct str){ (const char *)key, hash_size(HASH_SHA256) },
		      buf_get(&text), &value);
	mem_wipe(key, sizeof(key));
	sign_add_header(w, "Authorization", buf_c(&value));
}

/* Amazon's services but S3 drop empty steps and encode a second time. */
static void aws_path(const char *path, struct buf *out)
{
	struct str rest = str_of(path), step;

	while (str_cut(&rest, '/', &step)) {
		AUTO(buf) struct buf once = { 0 };
		if (step.n == 0)
			continue;
		buf_char(out, '/');
		sign_path_text(step, &once);
		sign_encode(out, buf_get(&once));
	}
	if (str_ends(str_of(path), "/"))
		buf_char(out, '/');
}

static void canonical(struct sign_work *w, const struct family *f,
		      const struct sign_headers *h, struct buf *out)
{
	buf_fmt(out, "%s\n", w->r->method);
	if (f == &aws4)
		aws_path(w->r->path, out);
	else
		sign_path_text(str_of(w->r->path), out);
	buf_char(out, '\n');
	sign_query_text(w, f->order, out);
	buf_char(out, '\n');
	sign_headers_folded(h, out);
	buf_char(out, '\n');
	sign_headers_names(h, out);
	buf_char(out, '\n');
	sign_hash_hex(HASH_SHA256, w->r->body, out);
}

static int derived(struct sign_work *w, const struct family *f)
{
	AUTO(buf) struct buf text = { 0 };
	struct sign_headers h;
	struct scope scope = { .parts = { sign_date(w, SIGN_DAY), w->s->region,
					  w->s->service, f->last } };
	const char *stamp = sign_date(w, SIGN_BASIC);

	sign_add_header(w, f->date, stamp);
	if (f->nonce)
		sign_add_header(w, f->nonce, w->nonce);
	if (sign_is_set(w->s->token))
		sign_add_header(w, f->token, w->s->token);
	if (f->body && w->r->body.n) {
		AUTO(buf) struct buf hash = { 0 };
		sign_hash_hex(HASH_SHA256, w->r->body, &hash);
		sign_add_header(w, f->body, buf_c(&hash));
	}
	sign_headers(w, &f->rule, &h);
	canonical(w, f, &h, &text);
	scope_make(w, &scope);
	authorize(w, f->algorithm, f->prefix, stamp, &scope, &h,
		  buf_get(&text));
	return 0;
}

int sign_aws4(struct sign_work *w, struct err *e)
{
	(void)e;
	return derived(w, &aws4);
}

int sign_jdcloud2(struct sign_work *w, struct err *e)
{
	(void)e;
	return derived(w, &jdcloud2);
}

int sign_volc(struct sign_work *w, struct err *e)
{
	(void)e;
	return derived(w, &volc);
}

/* Tencent: the query as it travels, seconds since 1970 for a stamp, no region
 * in the scope, and a content type always. The token is not signed. */
int sign_tc3(struct sign_work *w, struct err *e)
{
	static const char *const names[] = { "content-type", NULL };
	static const struct sign_rule rule = { .only = names };
	AUTO(buf) struct buf text = { 0 };
	struct sign_headers h;
	struct scope scope = { .parts = { sign_date(w, SIGN_DAY_DASHED), NULL,
					  w->s->service, "tc3_request" } };
	const char *stamp = mem_fmt(&w->out->mem, "%lld", (long long)w->now);

	(void)e;
	if (!sign_header(w, "Content-Type"))
		sign_add_header(w, "Content-Type",
				w->r->body.n ?
					"application/json" :
					"application/x-www-form-urlencoded");
	sign_headers(w, &rule, &h);
	buf_fmt(&text, "%s\n", w->r->method);
	sign_path_text(str_of(w->r->path), &text);
	buf_char(&text, '\n');
	sign_query_wire(w->r, &text);
	buf_char(&text, '\n');
	sign_headers_text(&h, &text);
	buf_char(&text, '\n');
	sign_headers_names(&h, &text);
	buf_char(&text, '\n');
	sign_hash_hex(HASH_SHA256, w->r->body, &text);
	scope_make(w, &scope);
	authorize(w, "TC3-HMAC-SHA256", "TC3", stamp, &scope, &h,
		  buf_get(&text));
	sign_add_header(w, "X-TC-Timestamp", stamp);
	if (sign_is_set(w->s->token))
		sign_add_header(w, "X-TC-Token", w->s->token);
	return 0;
}
