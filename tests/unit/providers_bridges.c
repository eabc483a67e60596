/* The bridges that speak HTTP, against a server of the test's own. */
#include <sys/stat.h>

#include "base/log.h"
#include "tests/unit/drivers.h"

/* What is answered, in order, and what was asked: "URL [header...] body". */
struct said {
	int status;
	const char *body, *header;
};
static struct said answers[8];
static size_t answers_n, answered;
static char asked[4096];

static int fake_send(struct http *h, const struct http_request *q,
		     struct http_reply *r, struct err *e)
{
	(void)h;
	(void)e;
	assert_string_equal(q->method, "POST");
	assert_true(answered < answers_n);
	const struct said *a = &answers[answered++];
	const size_t n = strlen(asked);
	snprintf(asked + n, sizeof(asked) - n, "%s", q->url);
	for (size_t i = 2; i < q->headers_n; i++)
		snprintf(asked + strlen(asked), sizeof(asked) - strlen(asked),
			 " %s=%s", q->headers[i].name, q->headers[i].value);
	snprintf(asked + strlen(asked), sizeof(asked) - strlen(asked),
		 " %.*s\n", STR_FMT(q->body));
	r->status = a->status;
	if (a->header)
		assert_int_equal(http_header_add(r, str_of(a->header)), 0);
	buf_str(&r->body, a->body ? a->body : "");
	return 0;
}

static void fake_close(struct http *h)
{
	(void)h;
}

static struct http fake = { .send = fake_send, .close = fake_close };

static void expect_answers(const struct said *a, size_t n)
{
	for (size_t i = 0; i < n; i++)
		answers[i] = a[i];
	answers_n = n;
	answered = 0;
	asked[0] = '\0';
}

static int setup(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/opsmail-bridges-XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int teardown(void **state)
{
	struct err e = { 0 };

	(void)state;
	return fs_remove_tree(dir, &e);
}

static void start(struct bench *b, const char *provider,
		  const char *const *credentials)
{
	struct err e = { 0 };

	if (open_it(b, provider, credentials, &e) < 0)
		fail_msg("%s", e.msg);
	b->settings.zone = "ex.test";
	b->dns.http = &fake;
}

static int apply(struct bench *b, struct records add, struct records del,
		 struct err *e)
{
	struct change c = {
		.name = NAME, .type = DNS_TXT, .add = add, .del = del
	};

	*e = (struct err){ 0 };
	if (add.n)
		c.name = add.at[0].name;
	return b->dns.provider->apply(&b->dns, "ex.test", &c, e);
}

static const struct records none;

static void httpreq_speaks(void **state)
{
	(void)state;
	static const char *const credentials[] = {
		"HTTPREQ_ENDPOINT=https://dns.ex.test:9090/api/",
		"ACMEPROXY_USERNAME=user", "HTTPREQ_PASSWORD=p4ssw0rd", NULL
	};
	static const struct said fine[] = { { 200, "", NULL },
					    { 204, "", NULL },
					    { 200, "{}", NULL } };
	struct bench b;
	struct err e;
	const char *zone;

	start(&b, "acmeproxy", credentials);
	assert_int_equal(b.dns.provider->find_zone(&b.dns, NAME, &zone, &e), 0);
	assert_string_equal(zone, "ex.test");
	expect_answers(fine, COUNT(fine));
	assert_int_equal(apply(&b, values(&b.mem, "one", "tw\"o"),
			       values(&b.mem, "gone", NULL), &e),
			 0);
#define LOGIN " Authorization=Basic dXNlcjpwNHNzdzByZA== "
	assert_string_equal(asked,
			    "https://dns.ex.test:9090/api/cleanup" LOGIN
			    "{\"fqdn\":\"" NAME ".\",\"value\":\"gone\"}\n"
			    "https://dns.ex.test:9090/api/present" LOGIN
			    "{\"fqdn\":\"" NAME ".\",\"value\":\"one\"}\n"
			    "https://dns.ex.test:9090/api/present" LOGIN
			    "{\"fqdn\":\"" NAME ".\",\"value\":\"tw\\\"o\"}\n");
	AUTO(buf) struct buf masked = { 0 };
	log_mask(&masked, str_of(asked));
	assert_null(strstr(buf_c(&masked), "dXNlcj"));
	close_it(&b);
}

static void httpreq_raw(void **state)
{
	(void)state;
	static const char *const credentials[] = {
		"HTTPREQ_ENDPOINT=http://[::1]:8", "HTTPREQ_MODE=RAW", NULL
	};
	static const struct dns_challenge made = { .value = "one",
						   .domain = "ex.test",
						   .token = "t0k",
						   .key_auth = "t0k.thumb" };
	static const struct said fine[] = { { 200, "", NULL } };
	struct bench b;
	struct err e;

	start(&b, "httpreq", credentials);
	b.dns.challenges = &made;
	b.dns.challenges_n = 1;
	b.told_kind = TELL_STEP;
	expect_answers(fine, COUNT(fine));
	assert_int_equal(apply(&b, values(&b.mem, "one", NULL),
			       values(&b.mem, "old", NULL), &e),
			 0);
	assert_string_equal(asked, "http://[::1]:8/present {\"domain\":\"ex."
				   "test\",\"token\":\"t0k\",\"keyAuth\":"
				   "\"t0k.thumb\"}\n");
	assert_non_null(strstr(told, "an earlier run's"));
	assert_int_equal(apply(&b, values(&b.mem, "two", NULL), none, &e), -1);
	assert_non_null(strstr(e.msg, "only ACME challenges"));
	close_it(&b);
}

static void httpreq_refusals(void **state)
{
	(void)state;
	static const struct {
		struct said a[3];
		size_t n;
		enum err_kind kind;
		const char *word;
	} rows[] = {
		{ { { 401, "who are you?", NULL } },
		  1,
		  ERR_AUTH,
		  "present answers 401: who are you?" },
		{ { { 500, "\033[2Jx", NULL } }, 1, ERR_TEMP, "\\x1b[2Jx" },
		{ { { 429, "", "Retry-After: 3600" } }, 1, ERR_TEMP, "429" },
		{ { { 429, "", "Retry-After: 1" }, { 200, "", NULL } },
		  2,
		  ERR_NONE,
		  NULL },
		{ { { 302, "", "Location: https://elsewhere.test/" } },
		  1,
		  ERR_PERM,
		  "leads to https://elsewhere.test/" },
	};
	static const char *const credentials[] = {
		"HTTPREQ_ENDPOINT=https://dns.ex.test", NULL
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct bench b;
		struct err e;

		start(&b, "httpreq", credentials);
		expect_answers(rows[i].a, rows[i].n);
		assert_int_equal(apply(&b, values(&b.mem, "one", NULL), none,
				       &e),
				 rows[i].word ? -1 : 0);
		assert_int_equal(e.kind, rows[i].kind);
		if (rows[i].word)
			assert_non_null(strstr(e.msg, rows[i].word));
		assert_int_equal(answered, rows[i].n);
		close_it(&b);
	}
}

static const struct {
	const char *provider, *credentials[4], *word;
	enum err_kind kind;
} refused[] = {
	{ "httpreq", { NULL }, "HTTPREQ_ENDPOINT", ERR_AUTH },
	{ "httpreq",
	  { "HTTPREQ_ENDPOINT=dns.ex.test" },
	  "such as https://",
	  ERR_CONF },
	{ "httpreq",
	  { "HTTPREQ_ENDPOINT=http://a", "HTTPREQ_MODE=raw" },
	  "it is RAW or not set",
	  ERR_CONF },
	{ "httpreq",
	  { "HTTPREQ_ENDPOINT=http://a", "HTTPREQ_HTTP_TIMEOUT=0" },
	  "1 to 600 seconds",
	  ERR_CONF },
	{ "httpreq",
	  { "HTTPREQ_ENDPOINT=http://a", "HTTPREQ_USERNAME=u" },
	  "go together",
	  ERR_AUTH },
	{ "acmedns",
	  { "ACME_DNS_API_BASE=auth.ex.test" },
	  "such as https://",
	  ERR_CONF },
	{ "acmedns",
	  { "ACMEDNS_USERNAME=u", "ACMEDNS_SUBDOMAIN=s" },
	  "2 of them are set",
	  ERR_AUTH },
};

static void refuses_settings(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++) {
		struct bench b;
		struct err e = { 0 };

		assert_int_equal(open_it(&b, refused[i].provider,
					 refused[i].credentials, &e),
				 -1);
		assert_int_equal(e.kind, refused[i].kind);
		assert_non_null(strstr(e.msg, refused[i].word));
		close_it(&b);
	}
}

/* acme-dns */

#define ACCOUNT                                                        \
	"{\"username\":\"u1\",\"password\":\"s3cr3t\",\"fulldomain\":" \
	"\"sub1.auth.test\",\"subdomain\":\"sub1\",\"allowfrom\":[]}"
#define UPDATE "https://auth.test/update X-Api-User=u1 X-Api-Key=s3cr3t "

static void acmedns_registers(void **state)
{
	(void)state;
	static const char *const credentials[] = {
		"ACMEDNS_BASE_URL=https://auth.test/",
		"ACME_DNS_ALLOWLIST=192.0.2.0/24, 2001:db8::/32", NULL
	};
	static const struct said made[] = { { 201, ACCOUNT, NULL } },
				 fine[] = { { 200, "{\"txt\":\"one\"}", NULL },
					    { 200, "{\"txt\":\"two\"}",
					      NULL } },
				 lies[] = { { 200, "{\"txt\":\"x\"}", NULL } };
	struct bench b;
	struct err e;

	start(&b, "acme-dns", credentials);
	expect_answers(made, 1);
	assert_int_equal(apply(&b, values(&b.mem, "one", NULL), none, &e), -1);
	assert_int_equal(e.kind, ERR_CONF);
	assert_non_null(
		strstr(e.msg, "\n" NAME ". 300 IN CNAME sub1.auth.test."));
	assert_string_equal(asked, "https://auth.test/register {\"allowfrom\":["
				   "\"192.0.2.0/24\",\"2001:db8::/32\"]}\n");
	struct stat st;
	assert_int_equal(stat(mem_fmt(&b.mem, "%s/acmedns.json", dir), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	/* Not published yet: no second account. */
	expect_answers(NULL, 0);
	assert_int_equal(apply(&b, values(&b.mem, "one", NULL), none, &e), -1);
	assert_non_null(strstr(e.msg, "does not lead to its account"));
	/* Published: the CNAME was followed to the account's own name. */
	struct records two = values(&b.mem, "one", "two");
	for (size_t i = 0; i < two.n; i++)
		two.at[i].name = "sub1.auth.test";
	expect_answers(fine, 2);
	assert_int_equal(apply(&b, two, none, &e), 0);
	assert_string_equal(asked, UPDATE
			    "{\"subdomain\":\"sub1\",\"txt\":\"one\"}\n" UPDATE
			    "{\"subdomain\":\"sub1\",\"txt\":\"two\"}\n");
	expect_answers(NULL, 0);
	assert_int_equal(apply(&b, none, two, &e), 0);
	expect_answers(lies, 1);
	assert_int_equal(apply(&b, two, none, &e), -1);
	assert_non_null(strstr(e.msg, "does not confirm"));
	records_add(&two, &b.mem, &two.at[0]);
	assert_int_equal(apply(&b, two, none, &e), -1);
	assert_non_null(strstr(e.msg, "shows 2 values, and 3"));
	two.n = 1;
	two.at[0].name = "lost.auth.test";
	assert_int_equal(apply(&b, two, none, &e), -1);
	assert_non_null(strstr(e.msg, "name of no account"));
	close_it(&b);
}

static void acmedns_given(void **state)
{
	(void)state;
	static const char *const credentials[] = {
		"ACMEDNS_BASE_URL=https://auth.test:8443",
		"ACMEDNS_USERNAME=u9", "ACMEDNS_PASSWORD=s3cr3t9",
		"ACMEDNS_SUBDOMAIN=sub9", NULL
	};
	static const struct said fine[] = { { 200, "{\"txt\":\"one\"}",
					      NULL } };
	struct bench b;
	struct err e;

	start(&b, "acmedns", credentials);
	expect_answers(NULL, 0);
	assert_int_equal(apply(&b, values(&b.mem, "one", NULL), none, &e), -1);
	assert_non_null(strstr(e.msg, "IN CNAME sub9.auth.test."));
	struct records one = values(&b.mem, "one", NULL);
	one.at[0].name = "sub9.acme-dns.test";
	expect_answers(fine, 1);
	assert_int_equal(apply(&b, one, none, &e), 0);
	assert_string_equal(asked,
			    "https://auth.test:8443/update X-Api-User=u9 "
			    "X-Api-Key=s3cr3t9 {\"subdomain\":\"sub9\","
			    "\"txt\":\"one\"}\n");
	close_it(&b);
}

/* lego's own file is read, and what is broken in it is named. */
static void acmedns_storage(void **state)
{
	(void)state;
	static const struct {
		const char *text, *word;
	} rows[] = {
		{ "{\"ex.test\":" ACCOUNT "}", NULL },
		{ "{\"ex.test\":{\"username\":\"u\"}}", "of ex.test lacks" },
		{ "[]", "no JSON map" },
		{ "{\n{", "storage:2:" },
	};
	static const struct said fine[] = { { 200, "{\"txt\":\"one\"}",
					      NULL } };

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct bench b;
		struct err e = { 0 };
		AUTO(mem) struct mem m = { 0 };
		const char *path = mem_fmt(&m, "%s/storage", dir);
		const char *const credentials[] = {
			"ACME_DNS_API_BASE=https://auth.test",
			mem_fmt(&m, "ACME_DNS_STORAGE_PATH=%s", path), NULL
		};

		assert_int_equal(fs_write(path, str_of(rows[i].text), 0600, &e),
				 0);
		start(&b, "acmedns", credentials);
		expect_answers(fine, 1);
		struct records one = values(&b.mem, "one", NULL);
		one.at[0].name = "sub1.auth.test";
		assert_int_equal(apply(&b, one, none, &e),
				 rows[i].word ? -1 : 0);
		if (rows[i].word)
			assert_non_null(strstr(e.msg, rows[i].word));
		close_it(&b);
	}
}

/* acme.sh: a stand-in of ours in its layout. */

static const char stand_in[] =
	"_initpath() { [ -n \"$LE_CONFIG_HOME\" ] && echo init >>$LE_CONFIG_HOME"
	"/log; }\n"
	"main() { [ -z \"$1\" ] && exit 9; \"$@\"; }\n"
	"main \"$@\"\n";
static const char hook[] =
	"dns_ex_info='Example\n"
	" A provider.\n"
	"Site: ex.test\n"
	"Options:\n"
	" EX_Token API token\n"
	" EX_Zone Zone. Optional.\n"
	"Author: nobody\n"
	"'\n"
	"dns_ex_add() {\n"
	" echo \"add $1 $2 $EX_Token ${LEAK-none} ${OTHER-none} ${HOME##*/}"
	" ${DOMAIN_CONF##*/}\" >>$LE_CONFIG_HOME/log; umask >>$LE_CONFIG_HOME/log"
	"\n"
	" [ \"$2\" != bad ] || { echo \"token $EX_Token is refused\" >&2;"
	" return 1; }\n"
	"}\n"
	"dns_ex_rm() { echo \"rm $1 $2 $EX_Token\" >>$LE_CONFIG_HOME/log; }\n";

static const char *install(struct mem *m)
{
	struct err e = { 0 };
	const char *home = mem_fmt(m, "%s/home", dir);

	assert_int_equal(fs_mkdir(mem_fmt(m, "%s/dnsapi", home), 0700, &e), 0);
	assert_int_equal(fs_write(mem_fmt(m, "%s/acme.sh", home),
				  STR_LIT(stand_in), 0700, &e),
			 0);
	assert_int_equal(fs_write(mem_fmt(m, "%s/dnsapi/dns_ex.sh", home),
				  STR_LIT(hook), 0600, &e),
			 0);
	return mem_fmt(m, "ACMESH_HOME=%s", home);
}

static void acmesh_runs(void **state)
{
	(void)state;
	struct bench b;
	struct err e;
	AUTO(mem) struct mem m = { 0 };
	AUTO(buf) struct buf log = { 0 }, masked = { 0 };
	const char *const credentials[] = { install(&m), "ACMESH_HOOK=ex",
					    NULL };

	setenv("LEAK", "leaked", 1);
	setenv("EX_Token", "t0k3n", 1);
	start(&b, "acme.sh", credentials);
	assert_int_equal(apply(&b, values(&m, "one", "-two $(x)"),
			       values(&m, "old", NULL), &e),
			 0);
	assert_int_equal(
		fs_read(mem_fmt(&m, "%s/acmesh/all/log", dir), &log, &e), 0);
	assert_string_equal(
		buf_c(&log),
		"init\nrm " NAME " old t0k3n\n"
		"init\nadd " NAME " one t0k3n none none all " NAME ".conf\n"
		"0077\n"
		"init\nadd " NAME " -two $(x) t0k3n none none all " NAME
		".conf\n0077\n");
	assert_int_equal(apply(&b, values(&m, "bad", NULL), none, &e), -1);
	assert_int_equal(e.kind, ERR_PERM);
	assert_non_null(strstr(e.msg, "dns_ex_add " NAME " ends with status 1: "
				      "token t0k3n is refused"));
	log_mask(&masked, str_of(e.msg));
	assert_null(strstr(buf_c(&masked), "t0k3n"));
	close_it(&b);
	unsetenv("LEAK");
	unsetenv("EX_Token");
}

static void acmesh_refuses(void **state)
{
	(void)state;
	AUTO(mem) struct mem m = { 0 };
	const struct {
		const char *credentials[3], *word;
	} rows[] = {
		{ { install(&m), NULL }, "ACMESH_HOOK" },
		{ { install(&m), "ACMESH_HOOK=../x" }, "such as dns_he" },
		{ { install(&m), "ACMESH_HOOK=dns_none" },
		  "has no dns_none.sh" },
		{ { "ACMESH_HOME=home", "ACMESH_HOOK=ex" }, "whole path" },
		{ { "ACMESH_HOME=/nonexistent", "ACMESH_HOOK=ex" },
		  "install acme.sh" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct bench b;
		struct err e = { 0 };

		assert_int_equal(open_it(&b, "acmesh", rows[i].credentials, &e),
				 -1);
		assert_non_null(strstr(e.msg, rows[i].word));
		close_it(&b);
	}
}

/* A script that others may change is not run. */
static void acmesh_is_careful(void **state)
{
	(void)state;
	struct bench b;
	struct err e = { 0 };
	AUTO(mem) struct mem m = { 0 };
	const char *const credentials[] = { install(&m), "ACMESH_HOOK=dns_ex",
					    NULL };

	assert_int_equal(
		chmod(mem_fmt(&m, "%s/home/dnsapi/dns_ex.sh", dir), 0666), 0);
	assert_int_equal(open_it(&b, "acmesh", credentials, &e), -1);
	assert_int_equal(e.kind, ERR_CONF);
	assert_non_null(strstr(e.msg, "dns_ex.sh"));
	close_it(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(httpreq_speaks),
		cmocka_unit_test(httpreq_raw),
		cmocka_unit_test(httpreq_refusals),
		cmocka_unit_test(refuses_settings),
		cmocka_unit_test(acmedns_registers),
		cmocka_unit_test(acmedns_given),
		cmocka_unit_test(acmedns_storage),
		cmocka_unit_test(acmesh_runs),
		cmocka_unit_test(acmesh_refuses),
		cmocka_unit_test(acmesh_is_careful),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
