#include "base/buf.h"

#include <string.h>

#include "base/auto.h"
#include "tests/unit/test.h"

static void is_empty_at_birth(void **state)
{
	struct buf b = { 0 };

	(void)state;
	assert_string_equal(buf_c(&b), "");
	assert_int_equal(buf_get(&b).n, 0);
	buf_cut(&b, 0);
	buf_drop(&b, 5);
	buf_clear(&b);
	buf_add(&b, NULL, 0);
	buf_wipe(&b);
	buf_free(&b);
	assert_null(b.at);
}

static void adds(void **state)
{
	AUTO(buf) struct buf b = { 0 };

	(void)state;
	buf_str(&b, "one");
	buf_char(&b, ' ');
	buf_view(&b, STR_LIT("two"));
	buf_fmt(&b, " %d%s", 3, "");
	buf_add(&b, "\0!", 2);
	assert_int_equal(b.n, 11);
	assert_memory_equal(b.at, "one two 3\0!", 12);
	assert_false(b.full);
}

static void grows(void **state)
{
	AUTO(buf) struct buf b = { 0 };

	(void)state;
	for (int i = 0; i < 5000; i++)
		buf_fmt(&b, "%04d", i);
	assert_int_equal(b.n, 20000);
	assert_memory_equal(b.at + 19996, "4999", 5);
}

/* What fits is kept, what comes after the first loss is lost as well. */
static void stops_at_its_cap(void **state)
{
	AUTO(buf) struct buf b = { .max = 5 };

	(void)state;
	buf_str(&b, "abc");
	assert_false(b.full);
	buf_str(&b, "defg");
	assert_true(b.full);
	assert_string_equal(buf_c(&b), "abcde");
	buf_cut(&b, 2);
	buf_char(&b, 'x');
	assert_string_equal(buf_c(&b), "ab");
	buf_clear(&b);
	assert_false(b.full);
	buf_fmt(&b, "%s", "123456");
	assert_true(b.full);
	assert_string_equal(buf_c(&b), "12345");
	buf_free(&b);
	assert_int_equal(b.max, 5);
	assert_false(b.full);
	buf_str(&b, "54321");
	assert_false(b.full);
	assert_string_equal(buf_c(&b), "54321");
}

static void has_a_cap_without_one(void **state)
{
	AUTO(buf) struct buf b = { 0 };
	static char chunk[1 << 20];

	(void)state;
	for (size_t n = 0; n < BUF_MAX + sizeof(chunk); n += sizeof(chunk))
		buf_add(&b, chunk, sizeof(chunk));
	assert_int_equal(b.n, BUF_MAX);
	assert_true(b.full);
}

static void cuts_and_drops(void **state)
{
	AUTO(secret) struct buf b = { 0 };

	(void)state;
	buf_str(&b, "0123456789");
	buf_cut(&b, 20);
	assert_int_equal(b.n, 10);
	buf_cut(&b, 8);
	buf_drop(&b, 3);
	assert_string_equal(buf_c(&b), "34567");
	buf_drop(&b, 0);
	buf_drop(&b, 99);
	assert_string_equal(buf_c(&b), "");
	assert_int_equal(b.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_empty_at_birth),
		cmocka_unit_test(adds),
		cmocka_unit_test(grows),
		cmocka_unit_test(stops_at_its_cap),
		cmocka_unit_test(has_a_cap_without_one),
		cmocka_unit_test(cuts_and_drops),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
