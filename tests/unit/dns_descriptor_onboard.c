/* A credential that is had by asking: of a server on the loopback, since what
 * is asked opens the provider by itself. */
#include "dns/descriptor_parts.h"
#include "tests/unit/dnsapi.h"
#include "tests/unit/server.h"

#define KEYS                                                                  \
	"types: [A]\ncreds: {app: {names: X_APP OLD_APP, help: h}, ticket: "  \
	"{names: X_TICKET OLD_TICKET, help: h}, more: {names: X_MORE, help: " \
	"h, optional: yes}}\n"
#define REST                                                                  \
	"auth: {sign: ovh1, with: {id: \"{app}\", key: \"{ticket}\", token: " \
	"\"{ticket}\"}, clock: {get: /time, value: \"{.}\"}}\n"               \
	"zones: {mode: list, get: /zones}\n"                                  \
	"records: {get: /r, value: \"{a}\"}\nput: {put: /r}\n"
#define ONBOARD(cred)                                                      \
	"onboard: {cred: " cred ", post: /ticket, headers: {X-App: "       \
	"\"{app}\"}, body: {may: [{do: GET}]}, value: \"{key}\", show: \"" \
	"open {page}\"}\n"

static struct {
	const char *answer;
	char head[1024], body[256];
	unsigned n;
} heard;

static bool answer(struct server_conn *c, const char *head, struct str body)
{
	char text[512];

	(void)snprintf(heard.head, sizeof(heard.head), "%s", head);
	(void)snprintf(heard.body, sizeof(heard.body), "%.*s", STR_FMT(body));
	heard.n++;
	(void)snprintf(text, sizeof(text),
		       "HTTP/1.1 %s\r\nContent-Length: %zu\r\n\r\n%s",
		       *heard.answer == '{' ? "200 OK" : "403 Forbidden",
		       strlen(heard.answer), heard.answer);
	server_say(c, text);
	return false;
}

/* With X_APP and what else is given; what was asked is in `heard`. */
static int onboard(struct mem *m, const char *onboards, const char *app,
		   const char *ticket, const char *says, const char **text,
		   struct err *e)
{
	struct server s = { .answer = answer };
	struct credential c[2];
	struct conf_dns settings = { .credentials = c };
	const struct conf conf = { .dir = "/nonexistent" };
	struct dns d = { .conf = &conf, .settings = &settings };
	const char *const given[][2] = { { "OLD_APP", app },
					 { "X_TICKET", ticket } };

	for (size_t i = 0; i < COUNT(given); i++)
		if (given[i][1])
			c[settings.credentials_n++] = (struct credential){
				.name = given[i][0],
				.value = { .kind = SECRET_INLINE,
					   .text = given[i][1],
					   .origin = "test" },
			};
	heard.answer = says;
	heard.n = 0;
	server_open(&s);
	const int status = descriptor_onboard(
		&d,
		api_parse(m, mem_fmt(m,
				     "name: x\nabout: a\nurl: u\n" KEYS
				     "base: http://127.0.0.1:%u\n" REST "%s",
				     s.port, onboards)),
		m, text, e);
	server_close(&s);
	assert_null(d.values); /* closed */
	return status;
}

static void asks(void **state)
{
	AUTO(mem) struct mem m = { 0 };
	struct err e = { 0 };
	const char *text;

	(void)state;
	if (onboard(&m, ONBOARD("ticket"), "app1", NULL,
		    "{\"key\": \"T-1\", \"page\": \"https://x.test/?a\"}",
		    &text, &e))
		fail_msg("%s", e.msg);
	assert_string_equal(
		text, "open https://x.test/?a; then give X_TICKET: T-1 under "
		      "dns.credentials in /nonexistent/opsmail.yaml, in "
		      "secrets.yaml or in the environment");
	assert_int_equal(heard.n, 1);
	assert_non_null(strstr(heard.head, "POST /ticket "));
	assert_non_null(strstr(heard.head, "X-App: app1\r\n"));
	assert_null(strcasestr(heard.head, "X-Ovh-Signature"));
	assert_string_equal(heard.body, "{\"may\":[{\"do\":\"GET\"}]}");
}

/* Nothing is asked for where nothing, or more than that, is missing. */
static void is_silent(void **state)
{
	static const struct {
		const char *onboards, *app, *ticket;
	} rows[] = {
		{ ONBOARD("ticket"), "app1", "T-1" },
		{ ONBOARD("ticket"), NULL, NULL },
		{ "", "app1", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO(mem) struct mem m = { 0 };
		struct err e = { 0 };
		const char *text;

		if (onboard(&m, rows[i].onboards, rows[i].app, rows[i].ticket,
			    "{}", &text, &e))
			fail_msg("%s", e.msg);
		assert_null(text);
		assert_int_equal(heard.n, 0);
		assert_int_equal(e.kind, ERR_NONE);
	}
}

static void says_why_not(void **state)
{
	AUTO(mem) struct mem m = { 0 };
	struct err e = { 0 };
	const char *text;

	(void)state;
	assert_int_equal(onboard(&m, ONBOARD("ticket"), "app1", NULL,
				 "{\"page\": \"https://x.test\"}", &text, &e),
			 -1);
	assert_non_null(strstr(e.msg, "asked for X_TICKET and gave none"));
	assert_null(text);
	assert_int_equal(onboard(&m, ONBOARD("ticket"), "app1", NULL,
				 "no such app", &text, &e),
			 -1);
	assert_int_equal(e.kind, ERR_AUTH);
	assert_null(text);
}

static const struct {
	const char *onboards, *says;
} wrong[] = {
	{ ONBOARD("tickets"), "no credential has that name" },
	{ ONBOARD("more"), "that credential is optional" },
	{ "onboard: {cred: ticket, value: a, show: b}\n", "one of get, post" },
	{ "onboard: {post: /r, cred: ticket}\n", "\"show\" is missing" },
};

static void lint_knows(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		AUTO(mem) struct mem m = { 0 };
		const struct descriptor *d;
		struct err e = { 0 };
		const char *text = mem_fmt(
			&m,
			"name: x\nabout: a\nurl: u\nbase: u\n" KEYS REST "%s",
			wrong[i].onboards);

		assert_int_equal(descriptor_parse(str_of(text), "x.yaml", &m,
						  &d, &e),
				 -1);
		if (!strstr(e.msg, wrong[i].says))
			fail_msg("\"%s\" does not say \"%s\"", e.msg,
				 wrong[i].says);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(asks),
		cmocka_unit_test(is_silent),
		cmocka_unit_test(says_why_not),
		cmocka_unit_test(lint_knows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
