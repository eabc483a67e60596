#include "test.h"

#include "acme/store.h"
#include "home.h"

static const char *const two[] = { "example.org", "*.example.org" };

/* A state with everything set; text is not owned. */
static struct store_state full_state(void)
{
	static const char *names[] = { "example.org", "*.example.org" };
	static const char *ordered[] = { "example.org" };

	return (struct store_state){
		.names = names,
		.names_n = 2,
		.domain = "example.org",
		.server = "https://ca.test/dir",
		.account = "https://ca.test/acct/1",
		.provider = "rfc2136",
		.stamp = "20261125T021330Z-002",
		.order_url = "https://ca.test/order/9",
		.order_server = "https://ca.test/dir",
		.order_names = ordered,
		.order_names_n = 1,
		.order_started = 1764036810,
		.failures = 3,
		.failed_at = 1764036811,
		.retry_at = 1764036871,
		.failure = "it said \"no\"\nand \xc3\xa9",
		.ari = { 1764036001, 1764037002, 1764036503, 1764036604,
			 "https://ca.test/why" },
		.reloaded = "20261124T000000Z",
		.reload_failures = 7,
		.reload_failure = "status 1",
		.revoked_at = 1764036999,
	};
}

static void assert_list(const char **at, size_t n, const char *const *want,
			size_t want_n)
{
	assert_int_equal(n, want_n);
	for (size_t i = 0; i < n; i++)
		assert_string_equal(at[i], want[i]);
}

static void assert_full(const struct store_state *s)
{
	const struct store_state w = full_state();

	assert_list(s->names, s->names_n, two, 2);
	assert_list(s->order_names, s->order_names_n, two, 1);
	assert_string_equal(s->domain, w.domain);
	assert_string_equal(s->server, w.server);
	assert_string_equal(s->account, w.account);
	assert_string_equal(s->provider, w.provider);
	assert_string_equal(s->stamp, w.stamp);
	assert_string_equal(s->order_url, w.order_url);
	assert_string_equal(s->order_server, w.order_server);
	assert_int_equal(s->order_started, w.order_started);
	assert_int_equal(s->failures, w.failures);
	assert_int_equal(s->failed_at, w.failed_at);
	assert_int_equal(s->retry_at, w.retry_at);
	assert_string_equal(s->failure, w.failure);
	assert_int_equal(s->ari.start, w.ari.start);
	assert_int_equal(s->ari.end, w.ari.end);
	assert_int_equal(s->ari.moment, w.ari.moment);
	assert_int_equal(s->ari.ask_after, w.ari.ask_after);
	assert_string_equal(s->ari.why, w.ari.why);
	assert_string_equal(s->reloaded, w.reloaded);
	assert_int_equal(s->reload_failures, w.reload_failures);
	assert_string_equal(s->reload_failure, w.reload_failure);
	assert_int_equal(s->revoked_at, w.revoked_at);
}

static void assert_empty(const struct store_state *s)
{
	const struct store_state none = { 0 };

	assert_memory_equal(s, &none, sizeof(none));
}

static void missing_is_empty(void **state)
{
	struct home *h = *state;
	AUTO(store_state) struct store_state s = { .failures = 9 };
	struct err e = { 0 };

	assert_int_equal(store_state_read(h->dir, "example.org", &s, &e), 0);
	assert_empty(&s);
	assert_int_equal(e.kind, ERR_NONE);
}

static void comes_back(void **state)
{
	struct home *h = *state;
	const struct store_state w = full_state();
	AUTO(store_state) struct store_state s = { 0 };
	struct err e = { 0 };

	assert_int_equal(store_state_write(h->dir, "example.org", &w, &e), 0);
	assert_int_equal(store_state_read(h->dir, "example.org", &s, &e), 0);
	assert_full(&s);
	assert_int_equal(home_mode(home_path(h, "acme/state/example.org.json")),
			 0600);
	assert_int_equal(home_mode(home_path(h, "acme/state")), 0700);
}

static void empties_again(void **state)
{
	struct home *h = *state;
	const struct store_state w = full_state(), none = { 0 };
	AUTO(store_state) struct store_state s = { 0 };
	AUTO(buf) struct buf text = { 0 };
	struct err e = { 0 };

	assert_int_equal(store_state_write(h->dir, "x.org", &w, &e), 0);
	assert_int_equal(store_state_write(h->dir, "x.org", &none, &e), 0);
	assert_int_equal(store_state_read(h->dir, "x.org", &s, &e), 0);
	assert_empty(&s);
	assert_int_equal(
		fs_read(home_path(h, "acme/state/x.org.json"), &text, &e), 0);
	assert_string_equal(buf_c(&text), "{\n  \"version\": 1\n}\n");
}

static void same_is_not_written(void **state)
{
	struct home *h = *state;
	const struct store_state w = full_state();
	const char *path = home_path(h, "acme/state/example.org.json");
	struct stat before, after;
	struct err e = { 0 };

	assert_int_equal(store_state_write(h->dir, "example.org", &w, &e), 0);
	assert_int_equal(stat(path, &before), 0);
	assert_int_equal(store_state_write(h->dir, "example.org", &w, &e), 0);
	assert_int_equal(stat(path, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
}

static void foreign_members_stay(void **state)
{
	(void)state;
	const struct str old =
		STR_LIT("{\"version\":1,\"later\":[1],\"order\":{\"url\":\"u\","
			"\"extra\":1},\"failure\":{\"count\":2,\"extra\":2}}");
	AUTO(store_state) struct store_state s = { 0 };
	AUTO(buf) struct buf text = { 0 };
	struct err e = { 0 };

	assert_int_equal(store_state_parse(old, &s, &e), 0);
	s.order_url = NULL;
	assert_int_equal(store_state_print(&s, old, &text, &e), 0);
	assert_non_null(str_find(buf_get(&text), "\"later\""));
	assert_non_null(str_find(buf_get(&text), "\"extra\": 2"));
	assert_null(str_find(buf_get(&text), "\"extra\": 1"));
	assert_null(str_find(buf_get(&text), "\"order\""));
}

static void foreign_bytes_become_text(void **state)
{
	(void)state;
	struct store_state s = { .failure = "cut \xe2\x82" };
	AUTO(store_state) struct store_state back = { 0 };
	AUTO(buf) struct buf text = { 0 };
	AUTO(buf) struct buf longer = { 0 };
	struct err e = { 0 };

	assert_int_equal(store_state_print(&s, str_of(""), &text, &e), 0);
	assert_int_equal(store_state_parse(buf_get(&text), &back, &e), 0);
	assert_string_equal(back.failure, "cut ??");
	store_state_free(&back);
	while (longer.n < 20000)
		buf_str(&longer, "again ");
	s.failure = buf_c(&longer);
	buf_clear(&text);
	assert_int_equal(store_state_print(&s, str_of(""), &text, &e), 0);
	assert_int_equal(store_state_parse(buf_get(&text), &back, &e), 0);
	assert_int_equal(strlen(back.failure), 8192);
}

static void broken_is_refused(void **state)
{
	(void)state;
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ "", "line" },
		{ "{", "line 1" },
		{ "{\n\"version\":1,\n!", "line 3" },
		{ "[1]", "no JSON object" },
		{ "{}", "no version" },
		{ "{\"version\":\"1\"}", "no version" },
		{ "{\"version\":0}", "no version" },
		{ "{\"version\":2}", "newer" },
		{ "{\"version\":1,\"version\":1}", "duplicate" },
		{ "{\"version\":1,\"names\":\"x\"}", "names" },
		{ "{\"version\":1,\"names\":[1]}", "names" },
		{ "{\"version\":1,\"domain\":1}", "domain" },
		{ "{\"version\":1,\"domain\":\"../x\"}", "cannot name" },
		{ "{\"version\":1,\"domain\":\"a/b\"}", "cannot name" },
		{ "{\"version\":1,\"stamp\":\"../../etc\"}", "stamp" },
		{ "{\"version\":1,\"revoked\":\"yesterday\"}", "revoked" },
		{ "{\"version\":1,\"revoked\":7}", "revoked" },
		{ "{\"version\":1,\"revoked\":\"0000-01-01T00:00:00Z\"}",
		  "revoked" },
		{ "{\"version\":1,\"failure\":{\"count\":-1}}",
		  "failure.count" },
		{ "{\"version\":1,\"failure\":{\"count\":1.5}}",
		  "failure.count" },
		{ "{\"version\":1,\"failure\":{\"count\":99999999999}}",
		  "failure.count" },
		{ "{\"version\":1,\"server\":\"a\\u0000b\"}", "line 1" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct store_state s = { 0 };
		struct err e = { 0 };

		assert_int_equal(
			store_state_parse(str_of(cases[i].text), &s, &e), -1);
		assert_int_equal(e.kind, ERR_CONF);
		assert_non_null(str_find(str_of(e.msg), cases[i].says));
		assert_empty(&s);
	}
}

static void lenient_where_harmless(void **state)
{
	(void)state;
	static const char *const cases[] = {
		"{\"version\":1}",
		"{\"version\":1,\"order\":null,\"ari\":7,\"server\":null}",
		"{\"version\":1,\"failure\":{\"count\":0}}",
		"{\"version\":1,\"names\":[]}",
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		AUTO(store_state) struct store_state s = { 0 };
		struct err e = { 0 };

		assert_int_equal(store_state_parse(str_of(cases[i]), &s, &e),
				 0);
		assert_null(s.server);
		assert_int_equal(s.names_n, 0);
	}
}

static void file_errors_name_the_file(void **state)
{
	struct home *h = *state;
	AUTO(store_state) struct store_state s = { 0 };
	struct err e = { 0 };

	assert_int_equal(fs_mkdir(home_path(h, "acme/state"), 0700, &e), 0);
	assert_int_equal(fs_write(home_path(h, "acme/state/x.org.json"),
				  STR_LIT("{\"version\":"), 0600, &e),
			 0);
	assert_int_equal(store_state_read(h->dir, "x.org", &s, &e), -1);
	assert_int_equal(e.kind, ERR_CONF);
	assert_non_null(str_find(str_of(e.msg), "acme/state/x.org.json"));
	assert_non_null(str_find(str_of(e.msg), "move it away"));
}

static void names_stay_inside(void **state)
{
	struct home *h = *state;
	static const char *const cases[] = { "",    ".",   "..",   "../x",
					     "a/b", "a b", "a\nb", ".hidden" };
	const struct store_state w = { 0 };

	for (size_t i = 0; i < COUNT(cases); i++) {
		AUTO(store_state) struct store_state s = { 0 };
		struct err e = { 0 };

		assert_int_equal(store_state_write(h->dir, cases[i], &w, &e),
				 -1);
		assert_int_equal(store_state_read(h->dir, cases[i], &s, &e),
				 -1);
		assert_int_equal(e.kind, ERR_USAGE);
	}
}

#define HOME(f) cmocka_unit_test_setup_teardown(f, home_make, home_drop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOME(missing_is_empty),
		HOME(comes_back),
		HOME(empties_again),
		HOME(same_is_not_written),
		HOME(file_errors_name_the_file),
		HOME(names_stay_inside),
		cmocka_unit_test(foreign_members_stay),
		cmocka_unit_test(foreign_bytes_become_text),
		cmocka_unit_test(broken_is_refused),
		cmocka_unit_test(lenient_where_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
