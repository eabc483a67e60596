/* Ten thousand records: one pass over them, and what it costs grows with their
 * number alone. */
#include <time.h>

#include "tests/unit/dnsapi.h"

enum { FEW = 1000, MANY = 10000 };

#define HEAD(zone)                                                          \
	"name: x\nabout: a\nurl: u\ntypes: [A, MX, TXT]\n"                  \
	"creds: {token: {names: X_TOKEN, help: h}}\nbase: https://x.test\n" \
	"auth: {query: {t: \"{token}\"}}\nzones: {mode: given}\n"           \
	"records: {get: /r, items: r, value: {MX: \"{prio} {content}\", "   \
	"\"*\": \"{content}\"}}\n" zone
#define BY_RECORD "create: {post: /c}\ndelete: {post: /d}\n"
#define BY_ZONE                                                            \
	"put: {unit: zone, put: /z, body: {r: {$each: {name: \"{name}\", " \
	"type: \"{type}\", content: \"{value}\", ttl: \"{ttl}\"}}}}\n"

struct many {
	struct http http; /* first */
	struct buf body;
	unsigned reads, writes;
	size_t wrote;
};

static int many_send(struct http *h, const struct http_request *q,
		     struct http_reply *r, struct err *e)
{
	struct many *x = (struct many *)(void *)h;

	(void)e;
	r->status = 200;
	if (strcmp(q->method, "GET") != 0) {
		x->writes++;
		x->wrote = q->body.n;
		return 0;
	}
	x->reads++;
	buf_view(&r->body, buf_get(&x->body));
	return 0;
}

static void fill(struct many *x, size_t n)
{
	static const char *const types[] = { "A", "TXT", "MX" };

	x->http = (struct http){ .send = many_send, .close = api_close_http };
	x->body.max = 8 << 20;
	buf_str(&x->body, "{\"r\":[");
	for (size_t i = 0; i < n; i++)
		buf_fmt(&x->body,
			"%s{\"id\":%zu,\"name\":\"host-%zu.sub\",\"type\":"
			"\"%s\",\"content\":\"%s.%zu\",\"prio\":10,\"ttl\":"
			"300}",
			i ? "," : "", i, i, types[i % 3],
			i % 3 == 0 ? "192.0.2" : "mx", i % 250);
	buf_str(&x->body, "]}");
}

/* CPU in microseconds of one look at all, or at one name. */
static int64_t cost(const char *text, size_t n, const char *name, bool write)
{
	struct api a = { 0 };
	struct many x = { 0 };
	const struct descriptor *d;
	struct records out = { 0 };
	struct err e = { 0 };
	static const struct api_line none[] = { { 0 } };
	struct record r = { "n.example.com", DNS_TXT, 60, STR_LIT("v"), NULL };
	const struct change c = { .name = r.name,
				  .type = DNS_TXT,
				  .ttl = 60,
				  .want = { &r, 1, 1 },
				  .add = { &r, 1, 1 } };

	fill(&x, n);
	if (descriptor_parse(str_of(text), "x.yaml", &a.mem, &d, &e))
		fail_msg("%s", e.msg);
	api_open(&a, &d->provider, none);
	a.dns.http = &x.http;
	const clock_t start = clock();

	if (write ? d->provider.apply(&a.dns, "example.com", &c, &e) :
		    d->provider.list(&a.dns, "example.com", name,
				     name ? DNS_TXT : 0, &a.mem, &out, &e))
		fail_msg("%s", e.msg);
	const int64_t spent = (clock() - start) * 1000000 / CLOCKS_PER_SEC;

	assert_int_equal(x.reads, 1);
	assert_int_equal(x.writes, write);
	if (!write)
		assert_int_equal(out.n, name ? 1 : n);
	else
		assert_true(x.wrote > n * 40); /* all of them went out */
	buf_free(&x.body);
	api_close(&a);
	return spent;
}

static int64_t best(const char *text, size_t n, const char *name, bool write)
{
	int64_t least = INT64_MAX;

	for (int i = 0; i < 3; i++) {
		const int64_t spent = cost(text, n, name, write);

		least = spent < least ? spent : least;
	}
	return least;
}

static void grows_with_their_number(void **state)
{
	static const struct {
		const char *what, *text, *name;
		bool write;
	} rows[] = {
		{ "all", HEAD(BY_RECORD), NULL, false },
		{ "a set", HEAD(BY_RECORD), "host-1.sub.example.com", false },
		{ "all of a whole zone", HEAD(BY_ZONE), NULL, false },
		{ "a whole zone written", HEAD(BY_ZONE), NULL, true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const int64_t few =
			best(rows[i].text, FEW, rows[i].name, rows[i].write);
		const int64_t many =
			best(rows[i].text, MANY, rows[i].name, rows[i].write);

		print_message("# %s: %d records %lld us, %d records %lld us\n",
			      rows[i].what, FEW, (long long)few, MANY,
			      (long long)many);
		/* ten times as many; what is quadratic costs a hundred */
		assert_true(many < 40 * (few + 1000));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grows_with_their_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
