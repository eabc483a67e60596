/* Hostile URLs, headers and bodies: what is signed has no line break in it,
 * is the same a second time, and the URL that is sent means what was signed.
 * The first byte is the signer, the lines behind it URL, header, value, and
 * body. */
#include <assert.h>
#include <string.h>

#include "crypto/key.h"
#include "crypto/sign.h"
#include "tests/unit/vectors.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void assert_same(const struct sign_request *a,
			const struct sign_request *b)
{
	assert(strcmp(a->scheme, b->scheme) == 0);
	assert(strcmp(a->host, b->host) == 0);
	assert(strcmp(a->path, b->path) == 0);
	assert(a->query_n == b->query_n);
	for (size_t i = 0; i < a->query_n; i++) {
		assert(strcmp(a->query[i].name, b->query[i].name) == 0);
		assert(strcmp(a->query[i].value, b->query[i].value) == 0);
	}
}

static void write_and_read(const struct sign_request *r, struct mem *m)
{
	AUTO(buf) struct buf url = { 0 };
	struct sign_request again = { 0 };
	struct err e = { 0 };

	sign_url_write(r, NULL, &url);
	if (url.n > 8192) /* encoding made it longer than may be read */
		return;
	int rc = sign_url(buf_get(&url), m, &again, &e);
	assert(rc == 0);
	assert_same(r, &again);
}

static void check_out(const struct sign_out *a, const struct sign_out *b)
{
	assert(a->headers_n == b->headers_n && a->query_n == b->query_n);
	for (size_t i = 0; i < a->headers_n; i++) {
		assert(!strpbrk(a->headers[i].value, "\r\n"));
		assert(strcmp(a->headers[i].value, b->headers[i].value) == 0);
	}
	for (size_t i = 0; i < a->query_n; i++)
		assert(strcmp(a->query[i].value, b->query[i].value) == 0);
}

static const char *rsa_pem(void)
{
	static struct buf pem; /* it lives as long as the fuzzer */
	struct key *k = NULL;
	struct err e = { 0 };

	if (!pem.n && key_read_jwk(str_of(RFC7515_RSA), &k, &e) == 0)
		(void)key_write(k, &pem, &e);
	key_free(k);
	return buf_c(&pem);
}

static void sign_twice(const struct sign_kind *k, const struct sign_request *r,
		       const char *text)
{
	AUTO(sign_out) struct sign_out one = { 0 };
	AUTO(sign_out) struct sign_out two = { 0 };
	const struct sign_secret s = {
		.id = *text ? text : "id",
		.key = k->needs & SIGN_PEM ? rsa_pem() : "key",
		.token = "token",
		.region = "region",
		.service = "service",
		.audience = "audience",
	};
	struct err e = { 0 };
	int rc = sign_by_name(k->name, r, &s, 1790000000, "nonce", &one, &e);

	assert(rc == 0 || e.kind == ERR_CONF);
	if (rc)
		return;
	rc = sign_by_name(k->name, r, &s, 1790000000, "nonce", &two, &e);
	assert(rc == 0);
	check_out(&one, &two);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	AUTO(mem) struct mem m = { 0 };
	struct sign_request r = { .method = n % 2 ? "GET" : "POST" };
	struct str part[3] = { { "", 0 }, { "", 0 }, { "", 0 } };
	size_t kinds;
	const struct sign_kind *k = sign_table(&kinds);
	struct err e = { 0 };

	if (n < 2)
		return 0;
	struct str rest = { (const char *)data + 1, n - 1 };
	for (size_t i = 0; i < 3; i++)
		(void)str_cut(&rest, '\n', &part[i]);
	if (sign_url(part[0], &m, &r, &e)) {
		assert(e.kind == ERR_CONF);
		return 0;
	}
	write_and_read(&r, &m);
	struct sign_pair header = { mem_dup(&m, part[1].at, part[1].n),
				    mem_dup(&m, part[2].at, part[2].n) };
	r.headers = &header;
	r.headers_n = part[1].n > 0;
	r.body = rest;
	sign_twice(&k[data[0] % kinds], &r, header.value);
	return 0;
}
