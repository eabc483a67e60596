/* What a provider's API may send: the first byte chooses one of the built-in
 * descriptors, the rest is the answer to all it asks. Lists are refused or
 * whole, a change ends. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/embed.h"
#include "base/stop.h"
#include "dns/descriptor_parts.h"

enum { REPLIES = 12 };

struct fuzz_api {
	struct http http;
	struct str body;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static int answer(struct http *h, const struct http_request *q,
		  struct http_reply *r, struct err *e)
{
	struct fuzz_api *a = (struct fuzz_api *)(void *)h;

	(void)q;
	if (++h->requests > REPLIES)
		return err_set(e, ERR_PERM, "enough");
	r->status = 200;
	buf_view(&r->body, a->body);
	return 0;
}

static void no_close(struct http *h)
{
	(void)h;
}

static const struct descriptor *nth(uint8_t which, struct mem *m)
{
	const struct descriptor *d = NULL;
	struct err e = { 0 };
	size_t first = 0, all = 0;

	for (size_t i = 0; i < embed_n; i++)
		if (str_starts(str_of(embed_all[i].path), "providers/") &&
		    all++ == 0)
			first = i;
	const struct embed *x = &embed_all[first + which % all];

	if (descriptor_parse(x->bytes, x->path, m, &d, &e))
		abort(); /* what is built in is whole */
	return d;
}

static void use(struct dns *d, struct mem *m)
{
	struct records out = { 0 };
	struct err e = { 0 };
	const char *zone = NULL;
	struct record r = { "_acme-challenge.example.com", DNS_TXT, 60,
			    STR_LIT("token"), "1" };
	struct change c = { .name = r.name,
			    .type = r.type,
			    .ttl = 60,
			    .want = { &r, 1, 1 },
			    .add = { &r, 1, 1 } };

	if (d->provider->find_zone(d, r.name, &zone, &e) == 0)
		assert(record_in_zone(r.name, zone));
	zone = "example.com";
	e = (struct err){ 0 };
	if (d->provider->list &&
	    d->provider->list(d, zone, NULL, 0, m, &out, &e) == 0)
		for (size_t i = 0; i < out.n; i++)
			assert(record_in_zone(out.at[i].name, zone));
	e = (struct err){ 0 };
	(void)d->provider->apply(d, zone, &c, &e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	AUTO(mem) struct mem m = { 0 };
	const struct conf conf = { .dir = "/nonexistent" };
	const struct conf_dns settings = { 0 };

	if (n == 0 || n > 1 << 16)
		return 0;
	stop_ask(); /* no pauses */
	const struct descriptor *x = nth(data[0], &m);
	struct fuzz_api api = {
		.http = { .send = answer, .close = no_close },
		.body = { (const char *)data + 1, n - 1 },
	};
	struct descriptor_zone zone = { "example.com", "1", NULL };
	struct descriptor_state *state = MEM_NEW(&m, struct descriptor_state);
	struct dns d = { .provider = &x->provider,
			 .conf = &conf,
			 .settings = &settings,
			 .http = &api.http,
			 .state = state };

	d.values =
		mem_array(&d.mem, x->provider.fields_n + 1, sizeof(*d.values));
	for (size_t i = 0; i < x->provider.fields_n; i++)
		d.values[i] = "https://x.test";
	state->account = "1";
	state->zones = n % 2 ? &zone : NULL;
	use(&d, &m);
	mem_free(&d.mem);
	return 0;
}
