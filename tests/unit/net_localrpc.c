#include "net/localrpc.h"

#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/auto.h"

#include "tests/unit/test.h"

static void writes_forms(void **state)
{
	AUTO(buf) struct buf out = { 0 };

	(void)state;
	localrpc_add(&out, "(email)", "a@b.c");
	localrpc_add(&out, "x_~", "cmd args&=%\xc3\xb1");
	assert_string_equal(buf_c(&out), "%28email%29=a%40b.c&x_~=cmd+args%26"
					 "%3D%25%C3%B1");
}

static void reads_forms(void **state)
{
	static const struct {
		struct str form;
		const char *values; /* NULL: refused */
	} cases[] = {
		{ STR_LIT(""), "" },
		{ STR_LIT("a=b"), "a=b;" },
		{ STR_LIT("a=b&&c=d&"), "a=b;c=d;" },
		{ STR_LIT("a"), "a=;" },
		{ STR_LIT("a=b=c"), "a=b=c;" },
		{ STR_LIT("%28pipe%29=cmd%20a+b"), "(pipe)=cmd a b;" },
		{ STR_LIT("a=%c3%B1"), "a=\xc3\xb1;" },
		{ STR_LIT("a=%"), NULL },
		{ STR_LIT("a=%4"), NULL },
		{ STR_LIT("a=%41"), "a=A;" },
		{ STR_LIT("a=%4g"), NULL },
		{ STR_LIT("%00=a"), NULL },
		{ STR_LIT("a=b\0c"), NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		AUTO(mem) struct mem m = { 0 };
		AUTO(buf) struct buf text = { 0 };
		struct localrpc_values v;
		struct err e = { 0 };
		int rc = localrpc_parse(cases[i].form, &m, &v, &e);

		if (!rc != (cases[i].values != NULL))
			fail_msg("case %zu: %s", i, e.msg);
		for (size_t k = 0; !rc && k < v.n; k++)
			buf_fmt(&text, "%s=%s;", v.at[k].key, v.at[k].value);
		if (!rc)
			assert_string_equal(buf_c(&text), cases[i].values);
	}
}

/* Who answers one call with these bytes, and keeps what was asked. */
struct server {
	char path[64];
	int fd;
	const char *answer;
	char asked[256];
	pthread_t thread;
};

static void *serve(void *arg)
{
	struct server *s = arg;
	int fd = accept(s->fd, NULL, NULL);
	ssize_t n = recv(fd, s->asked, sizeof(s->asked) - 1, 0);

	s->asked[n > 0 ? n : 0] = '\0';
	if (send(fd, s->answer, strlen(s->answer), MSG_NOSIGNAL) < 0)
		s->asked[0] = '\0';
	close(fd);
	return NULL;
}

static void start(struct server *s, const char *answer)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };

	(void)snprintf(s->path, sizeof(s->path), "/tmp/net_localrpc.%d",
		       (int)getpid());
	(void)snprintf(at.sun_path, sizeof(at.sun_path), "%s", s->path);
	unlink(s->path);
	s->answer = answer;
	s->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(s->fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(s->fd, 1), 0);
	assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

static void stop(struct server *s)
{
	pthread_join(s->thread, NULL);
	close(s->fd);
	unlink(s->path);
}

static void calls(void **state)
{
	static const struct {
		const char *answer;
		enum err_kind kind;
		const char *says; /* the first value, or the complaint */
	} cases[] = {
		{ "200 k=v&l=w\r\n", ERR_NONE, "v" },
		{ "200 \n", ERR_NONE, "" },
		{ "500 This is a test error\r\n", ERR_PERM,
		  "This is a test error" },
		{ "hello\n", ERR_TEMP, "no answer of that protocol" },
		{ "200 k=v", ERR_TEMP, "Protocol error" },
		{ "", ERR_TEMP, "" },
		{ "200 k=%\n", ERR_PERM, "invalid URL escape" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		AUTO(mem) struct mem m = { 0 };
		struct localrpc_values v = { 0 };
		struct server s;
		struct err e = { 0 };

		start(&s, cases[i].answer);
		int rc = localrpc_call(s.path, "AliasResolve", "Address",
				       "test@test.com", &m, &v, &e);

		stop(&s);
		assert_string_equal(s.asked,
				    "AliasResolve Address=test%40test.com\r\n");
		assert_int_equal(rc, cases[i].kind == ERR_NONE ? 0 : -1);
		assert_int_equal(e.kind, cases[i].kind);
		if (rc)
			assert_non_null(strstr(e.msg, cases[i].says));
		else if (*cases[i].says)
			assert_string_equal(v.at[0].value, cases[i].says);
	}
}

static void says_when_nobody_is_there(void **state)
{
	AUTO(mem) struct mem m = { 0 };
	struct localrpc_values v;
	struct err e = { 0 };
	char longer[200];

	(void)state;
	assert_int_equal(localrpc_call("/tmp/no-such-socket", "M", "k", "v", &m,
				       &v, &e),
			 -1);
	assert_int_equal(e.kind, ERR_MISSING);
	memset(longer, 'x', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	assert_int_equal(localrpc_call(longer, "M", "k", "v", &m, &v, &e), -1);
	assert_int_equal(e.kind, ERR_SYS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_forms),
		cmocka_unit_test(reads_forms),
		cmocka_unit_test(calls),
		cmocka_unit_test(says_when_nobody_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
