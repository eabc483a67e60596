#include "base/clock.h"

#include <pthread.h>
#include <signal.h>

#include "base/rand.h"
#include "base/stop.h"
#include "tests/unit/test.h"

#define NO INT64_MIN

struct date {
	const char *text;
	int64_t t; /* NO: it must be refused */
};

static void reads_rfc3339(void **state)
{
	static const struct date table[] = {
		{ "1970-01-01T00:00:00Z", 0 },
		{ "2026-11-25T02:13:30Z", 1795572810 },
		{ "2026-11-25t02:13:30z", 1795572810 },
		{ "2026-11-25 02:13:30.999999Z", 1795572810 },
		{ "2026-11-25T03:13:30+01:00", 1795572810 },
		{ "2026-11-24T18:43:30.5-07:30", 1795572810 },
		{ "2000-02-29T23:59:59Z", 951868799 },
		{ "2024-02-29T00:00:00Z", 1709164800 },
		{ "1900-03-01T00:00:00Z", -2203891200 },
		{ "0000-01-01T00:00:00Z", -62167219200 },
		{ "9999-12-31T23:59:59Z", 253402300799 },
		{ "2016-12-31T23:59:60Z", 1483228800 },
		{ "2038-01-19T03:14:08Z", 2147483648 },
		{ "", NO },
		{ "2026-11-25", NO },
		{ "2026-11-25T02:13Z", NO },
		{ "2026-11-25T02:13:30", NO },
		{ "2026-11-25T02:13:30.Z", NO },
		{ "2026-11-25T02:13:30Z ", NO },
		{ " 2026-11-25T02:13:30Z", NO },
		{ "2026-13-01T00:00:00Z", NO },
		{ "2026-00-01T00:00:00Z", NO },
		{ "2026-02-29T00:00:00Z", NO },
		{ "2100-02-29T00:00:00Z", NO },
		{ "2026-04-31T00:00:00Z", NO },
		{ "2026-01-00T00:00:00Z", NO },
		{ "2026-01-01T24:00:00Z", NO },
		{ "2026-01-01T00:60:00Z", NO },
		{ "2026-01-01T00:00:61Z", NO },
		{ "2026-01-01T00:00:00+24:00", NO },
		{ "2026-01-01T00:00:00+01:60", NO },
		{ "2026-01-01T00:00:00+0100", NO },
		{ "+026-01-01T00:00:00Z", NO },
		{ "2026-1-01T00:00:00Z", NO },
		{ "2026-01-01T0:00:00Z", NO },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		time_t t = 77;
		int rc = clock_parse(str_of(table[i].text), &t);

		if ((rc == 0) != (table[i].t != NO))
			fail_msg("%s: %d", table[i].text, rc);
		assert_true(t == (rc ? 77 : table[i].t));
	}
}

static void reads_http_dates(void **state)
{
	static const struct date table[] = {
		{ "Sun, 06 Nov 1994 08:49:37 GMT", 784111777 },
		{ "Sunday, 06-Nov-94 08:49:37 GMT", 784111777 },
		{ "Sun Nov  6 08:49:37 1994", 784111777 },
		{ "Sun Nov 06 08:49:37 1994", 784111777 },
		{ "Wed, 25 Nov 2026 02:13:30 GMT", 1795572810 },
		{ "Wednesday, 25-Nov-26 02:13:30 GMT", 1795572810 },
		{ "Wed Nov 25 02:13:30 2026", 1795572810 },
		{ "", NO },
		{ "120", NO },
		{ "Sun, 06 Nov 1994 08:49:37 UTC", NO },
		{ "Sun, 06 Nov 1994 08:49:37", NO },
		{ "Sun, 6 Nov 1994 08:49:37 GMT", NO },
		{ "Sun, 06 nov 1994 08:49:37 GMT", NO },
		{ "Sun, 31 Jun 1994 08:49:37 GMT", NO },
		{ "Sun, 06-Nov-94 08:49:37 GMT", NO },
		{ "Sunday, 06 Nov 1994 08:49:37 GMT", NO },
		{ "Sunday Nov  6 08:49:37 1994", NO },
		{ "Son, 06 Nov 1994 08:49:37 GMT", NO },
		{ "Sun Nov  6 08:49:37 1994 ", NO },
		{ "Sun Nov 6 08:49:37 1994", NO },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		time_t t = 77;
		int rc = clock_parse_http(str_of(table[i].text), &t);

		if ((rc == 0) != (table[i].t != NO))
			fail_msg("%s: %d", table[i].text, rc);
		assert_true(t == (rc ? 77 : table[i].t));
	}
}

static void writes_what_it_reads(void **state)
{
	char out[CLOCK_TEXT];
	time_t back;

	(void)state;
	assert_string_equal(clock_text(1795572810, out),
			    "2026-11-25T02:13:30Z");
	assert_string_equal(clock_text(-1, out), "1969-12-31T23:59:59Z");
	for (time_t t = -62167219200; t < 253402300799;
	     t += (time_t)rand_between(1, 9000000)) {
		assert_int_equal(clock_parse(str_of(clock_text(t, out)), &back),
				 0);
		assert_true(back == t);
	}
}

static void writes_what_no_calendar_has(void **state)
{
	char out[CLOCK_TEXT];

	(void)state;
	(void)clock_text(INT64_MAX, out);
	(void)clock_text(INT64_MIN, out);
	assert_string_equal(clock_text(253402300800, out),
			    "10000-01-01T00:00:00Z");
}

static void sleeps(void **state)
{
	int64_t start = clock_ms();

	(void)state;
	assert_true(clock_now() > 1700000000);
	clock_sleep_ms(0);
	clock_sleep_ms(-5);
	assert_true(clock_ms() - start < 100);
	clock_sleep_ms(120);
	assert_true(clock_ms() - start >= 120);
}

static void *ask_soon(void *none)
{
	clock_sleep_ms(50);
	raise(SIGTERM);
	return none;
}

static void stops(void **state)
{
	pthread_t other;
	int64_t start;

	(void)state;
	stop_install();
	assert_false(stop_asked());
	start = clock_ms();
	assert_int_equal(pthread_create(&other, NULL, ask_soon, NULL), 0);
	clock_sleep_ms(10000);
	assert_true(clock_ms() - start < 2000);
	pthread_join(other, NULL);
	assert_true(stop_asked());
}

/* Runs after `stops`: the wish is still there. */
static void shields(void **state)
{
	int64_t start = clock_ms();

	(void)state;
	assert_true(stop_asked());
	stop_shield();
	stop_shield();
	assert_false(stop_asked());
	clock_sleep_ms(30);
	assert_true(clock_ms() - start >= 30);
	stop_unshield();
	assert_false(stop_asked());
	stop_unshield();
	assert_true(stop_asked());
	stop_unshield();
	assert_true(stop_asked());
}

static void throws_fairly(void **state)
{
	unsigned seen[7] = { 0 };
	char a[16] = { 0 }, b[16] = { 0 };

	(void)state;
	rand_bytes(a, sizeof(a));
	rand_bytes(b, sizeof(b));
	assert_memory_not_equal(a, b, sizeof(a));
	rand_bytes(NULL, 0);
	for (int i = 0; i < 7000; i++)
		seen[rand_below(7)]++;
	for (size_t i = 0; i < COUNT(seen); i++)
		assert_in_range(seen[i], 700, 1300);
	assert_int_equal(rand_below(1), 0);
	assert_int_equal(rand_between(5, 5), 5);
	for (int i = 0; i < 1000; i++)
		assert_in_range(rand_between(10, 12), 10, 12);
	(void)rand_between(0, UINT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_rfc3339),
		cmocka_unit_test(reads_http_dates),
		cmocka_unit_test(writes_what_it_reads),
		cmocka_unit_test(writes_what_no_calendar_has),
		cmocka_unit_test(sleeps),
		cmocka_unit_test(stops),
		cmocka_unit_test(shields),
		cmocka_unit_test(throws_fairly),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
