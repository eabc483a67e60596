#include "acme/renew.h"
#include "base/clock.h"

#include "tests/unit/acme_fake.h"

enum { H = 3600, D = 86400, NOW = 1796205600 };

static time_t at(const char *text)
{
	time_t t = 0;

	assert_int_equal(clock_parse(str_of(text), &t), 0);
	return t;
}

struct life {
	const char *name;
	time_t life;      /* seconds from issuance */
	time_t now, wake; /* since issuance; wake 0: none */
	bool due;
	time_t at; /* since issuance */
	const char *why;
};

static void goes_by_the_lifetime(void **state)
{
	static const struct life table[] = {
		{ "90 days, fresh", 90 * D, 0, 0, false, 60 * D, "a third" },
		{ "90 days, day 60", 90 * D, 60 * D, 0, true, 60 * D,
		  "a third" },
		{ "64 days", 64 * D, 42 * D, 0, false, 64 * D - 64 * D / 3,
		  "a third" },
		{ "64 days, due", 64 * D, 43 * D, 0, true, 64 * D - 64 * D / 3,
		  "a third" },
		{ "45 days", 45 * D, 29 * D, 0, false, 30 * D, "a third" },
		{ "45 days, due", 45 * D, 30 * D, 0, true, 30 * D, "a third" },
		{ "160 hours", 160 * H, 79 * H, 0, false, 80 * H, "half" },
		{ "160 hours, due", 160 * H, 80 * H, 0, true, 80 * H, "half" },
		{ "six days", 6 * D, 2 * D, 0, false, 3 * D, "half" },
		{ "ten days is long", 10 * D, 6 * D, 0, false,
		  10 * D - 10 * D / 3, "a third" },
		{ "the next run is too late", 160 * H, 70 * H, 94 * H, true,
		  80 * H, "half" },
		{ "the next run is early enough", 160 * H, 50 * H, 74 * H,
		  false, 80 * H, "half" },
		{ "a wake in the past says nothing", 160 * H, 70 * H, 69 * H,
		  false, 80 * H, "half" },
		{ "expired", 90 * D, 91 * D, 0, true, 60 * D, "expired" },
		{ "a year back", 90 * D, -365 * D, 0, false, 60 * D,
		  "a third" },
		{ "ends before it begins", -D, 0, 0, true, -D, "expired" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		const struct life *t = &table[i];
		struct renew_due d;

		renew_when(NOW, NOW + t->life, NULL, NOW + t->now,
			   t->wake ? NOW + t->wake : 0, &d);
		if (d.due != t->due || d.at != NOW + t->at ||
		    !strstr(d.why, t->why))
			fail_msg("%s: %d %ld %s", t->name, d.due,
				 (long)(d.at - NOW), d.why);
	}
}

struct advice {
	const char *name;
	time_t start, end, moment; /* since issuance */
	time_t now;
	bool due;
	time_t at;
	const char *why;
};

/* A certificate of 90 days and what the CA advises. */
static void follows_the_window(void **state)
{
	static const struct advice table[] = {
		{ "in the future", 50 * D, 52 * D, 51 * D, 10 * D, false,
		  51 * D, "ARI" },
		{ "the moment has come", 50 * D, 52 * D, 51 * D, 51 * D, true,
		  51 * D, "ARI" },
		{ "revoked: in the past", D, 2 * D, D + H, 10 * D, true, D + H,
		  "ARI" },
		{ "later than a third", 65 * D, 67 * D, 66 * D, 62 * D, false,
		  66 * D, "ARI" },
		{ "too late", 85 * D, 87 * D, 86 * D, 62 * D, false, 75 * D,
		  "a sixth" },
		{ "too late and due", 85 * D, 87 * D, 86 * D, 76 * D, true,
		  75 * D, "a sixth" },
		{ "the year 9999", 2900000 * (time_t)D, 2900001 * (time_t)D,
		  2900000 * (time_t)D, 62 * D, false, 75 * D, "a sixth" },
		{ "a broken window", 52 * D, 50 * D, 51 * D, 10 * D, false,
		  60 * D, "a third" },
		{ "no window", -NOW, -NOW, -NOW, 10 * D, false, 60 * D,
		  "a third" },
		{ "expired", 50 * D, 52 * D, 51 * D, 100 * D, true, 51 * D,
		  "expired" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		const struct advice *t = &table[i];
		const struct renew_ari ari = { .start = NOW + t->start,
					       .end = NOW + t->end,
					       .moment = NOW + t->moment };
		struct renew_due d;

		renew_when(NOW, NOW + 90 * D, &ari, NOW + t->now, 0, &d);
		if (d.due != t->due || d.at != NOW + t->at ||
		    !strstr(d.why, t->why))
			fail_msg("%s: %d %ld %s", t->name, d.due,
				 (long)(d.at - NOW), d.why);
	}
}

#define WINDOW(start, end)                                             \
	"{\"suggestedWindow\":{\"start\":\"" start "\",\"end\":\"" end \
	"\"},\"explanationURL\":\"" CA "/why\"}"

static void reads_a_window(void **state)
{
	static const char body[] =
		WINDOW("2026-12-10T00:00:00Z", "2026-12-12T00:00:00.123+00:00");
	static const struct {
		uint32_t random;
		const char *moment;
	} table[] = {
		{ 0, "2026-12-10T00:00:00Z" },
		{ UINT32_MAX, "2026-12-12T00:00:00Z" },
		{ UINT32_MAX / 2, "2026-12-10T23:59:59Z" },
	};
	AUTO(mem) struct mem m = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct err e = { 0 };
		struct renew_ari x = { 0 };

		assert_fine(renew_ari_read(str_of(body), NOW + 6 * H, NOW,
					   table[i].random, &m, &x, &e));
		assert_int_equal(x.start, at("2026-12-10T00:00:00Z"));
		assert_int_equal(x.end, at("2026-12-12T00:00:00Z"));
		assert_int_equal(x.moment, at(table[i].moment));
		assert_int_equal(x.ask_after, NOW + 6 * H);
		assert_string_equal(x.why, CA "/why");
		/* the same window keeps its moment, another draws anew */
		assert_fine(
			renew_ari_read(str_of(body), 0, NOW, 77, &m, &x, &e));
		assert_int_equal(x.moment, at(table[i].moment));
		assert_fine(
			renew_ari_read(STR_LIT(WINDOW("2026-12-01T00:00:00Z",
						      "2026-12-02T00:00:00Z")),
				       0, NOW, 0, &m, &x, &e));
		assert_int_equal(x.moment, at("2026-12-01T00:00:00Z"));
	}
}

static void keeps_retry_after_within_reason(void **state)
{
	static const struct {
		time_t told, got; /* from now; told 0: nothing */
	} table[] = {
		{ 0, 6 * H },     { 1, 60 },     { -100, 60 },
		{ 2 * H, 2 * H }, { 30 * D, D },
	};
	AUTO(mem) struct mem m = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct err e = { 0 };
		struct renew_ari x = { 0 };

		assert_fine(
			renew_ari_read(STR_LIT(WINDOW("2026-12-01T00:00:00Z",
						      "2026-12-02T00:00:00Z")),
				       table[i].told ? NOW + table[i].told : 0,
				       NOW, 0, &m, &x, &e));
		assert_int_equal(x.ask_after, NOW + table[i].got);
	}
}

static void forgets_at_nonsense(void **state)
{
	static const char *const table[] = {
		"",
		"garbage",
		"{",
		"[]",
		"{}",
		"{\"suggestedWindow\":7}",
		"{\"suggestedWindow\":{\"start\":\"2026-12-01T00:00:00Z\"}}",
		WINDOW("tomorrow", "2026-12-02T00:00:00Z"),
		WINDOW("2026-12-02T00:00:00Z", "2026-12-01T00:00:00Z"),
		WINDOW("2026-12-02T00:00:00Z", "2026-12-02T00:00:00Z"),
		WINDOW("9999-12-31T00:00:00Z", "9999-12-31T23:59:59Z"),
	};
	AUTO(mem) struct mem m = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct err e = { 0 };
		struct renew_ari x = { NOW, NOW + D, NOW + H, 0, "old" };

		assert_int_equal(renew_ari_read(str_of(table[i]), NOW + D, NOW,
						5, &m, &x, &e),
				 -1);
		assert_says(e, "the renewal ");
		assert_int_equal(x.start, 0);
		assert_int_equal(x.moment, 0);
		assert_null(x.why);
		assert_int_equal(x.ask_after, NOW + 6 * H);
	}
}

/* What ends in the year 9999 is a long window, not nonsense. */
static void bears_odd_windows(void **state)
{
	AUTO(mem) struct mem m = { 0 };
	struct err e = { 0 };
	struct renew_ari x = { 0 };

	(void)state;
	assert_fine(renew_ari_read(
		STR_LIT(WINDOW("2026-12-01T00:00:00Z", "9999-12-31T23:59:59Z")),
		0, NOW, UINT32_MAX / 3, &m, &x, &e));
	assert_true(x.moment > x.start && x.moment < x.end);
	assert_fine(renew_ari_read(
		STR_LIT(WINDOW("0001-01-01T00:00:00Z", "2020-01-01T00:00:00Z")),
		0, NOW, UINT32_MAX / 3, &m, &x, &e));
	assert_true(x.moment > x.start && x.moment < x.end);
}

struct asking {
	const char *name;
	struct fake_reply script[4];
	time_t start; /* afterwards; 0: forgotten, 1: as before */
	time_t after; /* ask_after from now */
};

#define ARI "GET /ari/a.b"

static void asks_and_never_fails(void **state)
{
	static const struct asking table[] = {
		{ "a window",
		  { { ARI, 200,
		      WINDOW("2026-12-01T00:00:00Z", "2026-12-02T00:00:00Z"),
		      "Retry-After: 21600" },
		    { 0 } },
		  2,
		  6 * H },
		{ "nonsense", { { ARI, 200, "{}", NULL }, { 0 } }, 0, 6 * H },
		{ "unknown certificate",
		  { { ARI, 404, PROBLEM("malformed", "x"), NULL }, { 0 } },
		  0,
		  H },
		{ "a lost connection",
		  { { ARI, FAKE_LOST, NULL, NULL },
		    { ARI, 404, "<html>", NULL },
		    { 0 } },
		  0,
		  H },
		{ "busy: what was known stays",
		  { { ARI, 503, "", "Retry-After: 7200" }, { 0 } },
		  1,
		  2 * H },
		{ "busy for long",
		  { { ARI, 429, PROBLEM("rateLimited", "x"),
		      "Retry-After: 864000" },
		    { 0 } },
		  1,
		  6 * H },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		const struct asking *t = &table[i];
		struct fake f;
		time_t now = clock_now();
		struct renew_ari x = { .start = 1, .end = 9, .moment = 5 };

		fake_open(&f, t->script);
		renew_ask(&f.acme, "a.b", now, &x);
		time_t start = t->start > 1 ? at("2026-12-01T00:00:00Z") :
					      t->start;
		if (x.start != start || x.ask_after < now + t->after ||
		    x.ask_after > now + t->after + 2)
			fail_msg("%s: %ld %ld", t->name, (long)x.start,
				 (long)(x.ask_after - now));
		assert_int_equal(f.acme.patience_ms, 0);
		fake_close(&f);
	}
}

static void asks_only_when_it_may(void **state)
{
	struct fake f;
	struct renew_ari x = { .ask_after = NOW + 1 };

	(void)state;
	fake_open(&f, (struct fake_reply[]){ { ARI, 200, "{}", NULL }, { 0 } });
	renew_ask(&f.acme, "a.b", NOW, &x);
	renew_ask(&f.acme, NULL, NOW + 2, &x);
	const char *base = f.acme.directory.renewal_info;
	f.acme.directory.renewal_info = NULL;
	renew_ask(&f.acme, "a.b", NOW + 2, &x);
	assert_int_equal(x.ask_after, NOW + 1);
	f.acme.directory.renewal_info = mem_fmt(&f.mem, "%s/", base);
	renew_ask(&f.acme, "a.b", NOW + 2, &x);
	fake_close(&f);
}

static void backs_off_after_failures(void **state)
{
	static const time_t pause[] = { 0, 60, 600, 6000, D, D };

	(void)state;
	for (unsigned i = 0; i < COUNT(pause); i++)
		assert_int_equal(renew_retry_at(i, NOW), NOW + pause[i]);
	assert_int_equal(renew_retry_at(1000, NOW), NOW + D);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(goes_by_the_lifetime),
		cmocka_unit_test(follows_the_window),
		cmocka_unit_test(reads_a_window),
		cmocka_unit_test(keeps_retry_after_within_reason),
		cmocka_unit_test(forgets_at_nonsense),
		cmocka_unit_test(bears_odd_windows),
		cmocka_unit_test(asks_and_never_fails),
		cmocka_unit_test(asks_only_when_it_may),
		cmocka_unit_test(backs_off_after_failures),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
