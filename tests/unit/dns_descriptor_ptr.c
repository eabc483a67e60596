/* Reverse DNS in a descriptor: what is said of wrong ones, and the steps that
 * the imitations of hosters (tests/rdns) do not all take. */
#include "dns/descriptor.h"

#include "dns/cred.h"
#include "tests/unit/dnsapi.h"
#include "tests/unit/place.h"

#define HEAD                                                                   \
	"name: x\nabout: a\nurl: u\n"                                          \
	"creds: {token: {names: X_TOKEN, help: h}}\nbase: https://x.test/v1\n" \
	"auth: {headers: {Authorization: \"Bearer {token}\"}}\n"               \
	"rate: {pause_ms: 1}\n"
#define PROOF "  proof: {level: unproven, by: t}\n"
#define PTR HEAD "ptr:\n" PROOF
#define GET "get: {get: \"/a/{ip|raw}\", value: \"{name}\"}"
#define SET "set: {put: \"/a/{ip|raw}\", body: {name: \"{ptr|dot}\"}}"
#define SIMPLE PTR "  presets: [own.test]\n  ways: {" GET ", " SET "}\n"
#define FOUND                                                                    \
	PTR "  ways:\n"                                                          \
	    "  - family: v4\n"                                                   \
	    "    find: {get: /m, items: m, holds: \"{ip} {net}\", id: \"{id}\"}" \
	    "\n    get: {value: \"{name}\"}\n"                                   \
	    "    set: {post: \"/m/{id}\", body: {kind: \"{was.kind}\", ip: "     \
	    "\"{ip}\", name: \"{ptr}\"}}\n"                                      \
	    "    reset: {delete: \"/m/{id}\"}\n"                                 \
	    "  - family: v6\n"                                                   \
	    "    find: {get: /n, items: n, holds: \"{ip}\", id: \"{id}\"}\n"     \
	    "    get: {value: \"{name}\"}\n"                                     \
	    "    set: {put: \"/n/{id}\", body: {name: \"{ptr}\"}}\n"             \
	    "    create: {post: /n, body: {ip: \"{ip}\", name: \"{ptr}\"}}\n"

static void complains(void **state)
{
	static const struct {
		const char *text, *says; /* NULL: it is fine */
	} rows[] = {
		{ SIMPLE, NULL },
		{ FOUND, NULL },
		{ HEAD, "\"types\" is missing" },
		{ SIMPLE "types: [A]\n", "\"zones\" is missing" },
		{ HEAD "ptr: {ways: {" GET ", " SET "}}\n",
		  "\"proof\" is missing" },
		{ PTR, "\"ways\" is missing" },
		{ PTR "  ways: {" GET "}\n", "\"set\" is missing" },
		{ PTR "  ways: {" SET "}\n", "\"get\" is missing" },
		{ PTR "  ways: {get: {value: \"{x}\"}, " SET "}\n",
		  "without \"find\" this needs a call" },
		{ PTR "  ways: {family: v5, " GET ", " SET "}\n",
		  "one of these is wanted: v4 v6" },
		{ PTR "  ways: {" GET ", set: {body: {a: b}}}\n",
		  "one of get, post, put, patch, delete is wanted" },
		{ PTR "  ways: {" GET ", set: {put: \"/{nobody}\"}}\n",
		  "nothing is called \"nobody\" here" },
		{ PTR "  ways: {" GET ", set: {put: \"https://{ip}/\"}}\n",
		  "a host is written or a credential, no more" },
		{ PTR "  ways: {find: {get: /m}, " GET ", " SET "}\n",
		  "\"holds\" is missing" },
		{ PTR "  forward: maybe\n  ways: {" GET ", " SET "}\n",
		  "one of these is wanted: first any" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO(mem) struct mem m = { 0 };
		const struct descriptor *d;
		struct err e = { 0 };
		const int status = descriptor_parse(str_of(rows[i].text),
						    "x.yaml", &m, &d, &e);
		if (status != (rows[i].says ? -1 : 0) ||
		    (rows[i].says && !strstr(e.msg, rows[i].says)))
			fail_msg("row %zu: %s", i, e.msg);
	}
}

static void knows_what_it_can(void **state)
{
	AUTO(mem) struct mem m = { 0 };
	const struct provider *p = api_parse(&m, FOUND);
	struct err e = { 0 };
	const char *zone;
	struct dns d = { .provider = p };
	(void)state;
	assert_int_equal(p->ptr->caps,
			 DNS_PTR_V4 | DNS_PTR_V6 | DNS_PTR_V6_CREATE);
	assert_int_equal(p->caps, DNS_PTR_ALONE);
	assert_int_equal(p->find_zone(&d, "example.org", &zone, &e), -1);
	assert_int_equal(e.kind, ERR_CONF);
	assert_non_null(strstr(e.msg, "it sets reverse DNS alone"));
	assert_int_equal(p->apply(&d, "example.org", NULL, &e), -1);
	p = api_parse(&m, PTR "  forward: first\n  slow: hours\n  ways: "
			      "{family: v6, " GET ", " SET "}\n");
	assert_int_equal(p->ptr->caps,
			 DNS_PTR_V6 | DNS_PTR_ASYNC | DNS_PTR_FORWARD_FIRST);
	assert_string_equal(p->ptr->slow, "hours");
	/* another's calls for addresses are not handed down */
	p = api_parse(&m, "name: y\nextends: vultr\nabout: a\nurl: u\n");
	assert_null(p->ptr);
}

static void reads_one(const char *text, const char *ip, const char *body,
		      int status, const char *name, bool preset)
{
	AUTO(mem) struct mem m = { 0 };
	struct api a = { 0 };
	const struct provider *p = api_parse(&m, text);
	const struct api_line script[] = {
		{ mem_fmt(&m, "GET https://x.test/v1/a/%s", ip), NULL, status,
		  body, NULL },
		{ 0 },
	};
	struct dns_ptr is;
	struct err e = { 0 };
	api_open(&a, p, script);
	if (p->ptr->get(&a.dns, ip, &m, &is, &e))
		fail_msg("%s", e.msg);
	if (name)
		assert_string_equal(is.name, name);
	else
		assert_null(is.name);
	assert_int_equal(is.preset, preset);
	api_close(&a);
}

static void reads(void **state)
{
	(void)state;
	reads_one(SIMPLE, "192.0.2.1", "{\"name\":\"Mail.Example.org.\"}", 200,
		  "mail.example.org", false);
	reads_one(SIMPLE, "2001:db8::1", "{\"name\":\"x1.own.test\"}", 200,
		  "x1.own.test", true);
	reads_one(SIMPLE, "192.0.2.1", "{\"name\":\"x1.notown.test\"}", 200,
		  "x1.notown.test", false);
	reads_one(SIMPLE, "192.0.2.1", "{\"name\":null}", 200, NULL, false);
	reads_one(SIMPLE, "192.0.2.1", "{\"name\":\"server7\"}", 200, NULL,
		  false);
	reads_one(SIMPLE, "192.0.2.1", "{}", 404, NULL, false);
}

/* What was found is spoken of in the call that changes it. */
static void finds_and_sets(void **state)
{
	static const struct api_line script[] = {
		{ "GET https://x.test/v1/m", NULL, 200,
		  "{\"m\":[{\"id\":1,\"ip\":\"192.0.2.2\"},{\"id\":2,\"ip\":"
		  "null,\"net\":\"192.0.2.0/29\",\"kind\":\"vm\"}]}",
		  NULL },
		{ "POST https://x.test/v1/m/2",
		  "{\"kind\":\"vm\",\"ip\":\"192.0.2.1\",\"name\":\"a.b\"}",
		  200, "{}", NULL },
		{ "GET https://x.test/v1/m", NULL, 200, "{\"m\":[]}", NULL },
		{ "GET https://x.test/v1/n", NULL, 200, "{\"n\":[]}", NULL },
		{ "POST https://x.test/v1/n",
		  "{\"ip\":\"2001:db8::1\",\"name\":\"a.b\"}", 201, "{}",
		  NULL },
		{ "GET https://x.test/v1/n", NULL, 200,
		  "{\"n\":[{\"id\":7,\"ip\":\"2001:db8:0::1\",\"name\":\"c.d\""
		  "}]}",
		  NULL },
		{ "PUT https://x.test/v1/n/7", "{\"name\":\"a.b\"}", 200, "{}",
		  NULL },
		{ "GET https://x.test/v1/n", NULL, 200, "{\"n\":[]}", NULL },
		{ 0 },
	};
	AUTO(mem) struct mem m = { 0 };
	struct api a = { 0 };
	const struct provider *p = api_parse(&m, FOUND);
	struct err e = { 0 };
	(void)state;
	api_open(&a, p, script);
	assert_int_equal(p->ptr->set(&a.dns, "192.0.2.1", "a.b", &e), 0);
	assert_int_equal(p->ptr->set(&a.dns, "192.0.2.1", "a.b", &e), -1);
	assert_int_equal(e.kind, ERR_MISSING);
	assert_non_null(strstr(e.msg, "has no address 192.0.2.1"));
	e = (struct err){ 0 };
	assert_int_equal(p->ptr->set(&a.dns, "2001:db8::1", "a.b", &e), 0);
	assert_int_equal(p->ptr->set(&a.dns, "2001:db8::1", "a.b", &e), 0);
	assert_int_equal(p->ptr->reset(&a.dns, "2001:db8::1", &e), -1);
	assert_int_equal(e.kind, ERR_PERM);
	api_close(&a);
}

static void says_what_it_cannot(void **state)
{
	AUTO(mem) struct mem m = { 0 };
	struct api a = { 0 };
	static const struct api_line none[] = { { 0 } };
	const struct provider *p =
		api_parse(&m, PTR "  ways: {family: v4, " GET ", " SET "}\n");
	struct dns_ptr is;
	struct err e = { 0 };
	(void)state;
	api_open(&a, p, none);
	assert_int_equal(p->ptr->get(&a.dns, "2001:db8::1", &m, &is, &e), -1);
	assert_non_null(strstr(e.msg, "no call that sets reverse DNS of IPv6"));
	assert_int_equal(p->ptr->get(&a.dns, "nonsense", &m, &is, &e), -1);
	assert_int_equal(e.kind, ERR_USAGE);
	api_close(&a);
}

/* ---- where the vendor's own tool keeps credentials ---- */
static const char *home;

static const char *env(const char *name)
{
	return strcmp(name, "HOME") ? NULL : home;
}

static void looks_where_the_tool_looks(void **state)
{
	static const char where[] =
		"oauth2-user /nonexistent/x.yaml ~/.cntb.yaml";
	struct place p;
	const char *value;
	struct err e = { 0 };
	(void)state;
	place_open(&p);
	home = p.dir;
	const struct cred_world w = { .env = env, .m = &p.m };
	assert_int_equal(cred_tool(&w, where, &value, &e), 0);
	assert_null(value);
	place_put(&p, ".cntb.yaml",
		  "api: https://api.contabo.com\noauth2-user: me@example.org\n"
		  "oauth2-password: \"\"\n",
		  0600);
	assert_int_equal(cred_tool(&w, where, &value, &e), 0);
	assert_string_equal(value, "me@example.org");
	assert_int_equal(
		cred_tool(&w, "oauth2-password ~/.cntb.yaml", &value, &e), 0);
	assert_null(value);
	assert_int_equal(cred_tool(&w, "other ~/.cntb.yaml", &value, &e), 0);
	assert_null(value);
	place_put(&p, ".cntb.yaml", "oauth2-user: me@example.org\n", 0644);
	assert_int_equal(cred_tool(&w, where, &value, &e), -1);
	assert_int_equal(e.kind, ERR_CONF);
	assert_non_null(strstr(e.msg, "chmod 600"));
	place_put(&p, ".cntb.yaml", "- a\n", 0600);
	e = (struct err){ 0 };
	assert_int_equal(cred_tool(&w, where, &value, &e), 0);
	assert_null(value);
	place_put(&p, ".cntb.yaml", "a: [\n", 0600);
	assert_int_equal(cred_tool(&w, where, &value, &e), -1);
	place_close(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(complains),
		cmocka_unit_test(knows_what_it_can),
		cmocka_unit_test(reads),
		cmocka_unit_test(finds_and_sets),
		cmocka_unit_test(says_what_it_cannot),
		cmocka_unit_test(looks_where_the_tool_looks),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
