#include "base/err.h"

#include <errno.h>
#include <string.h>

#include "tests/unit/test.h"

static void sets(void **state)
{
	struct err e = { .until = 7 };

	(void)state;
	assert_int_equal(err_set(&e, ERR_TEMP, "%s refused %d", "ns1", 5), -1);
	assert_int_equal(e.kind, ERR_TEMP);
	assert_string_equal(e.msg, "ns1 refused 5");
	assert_true(e.until == 0);
}

static void places(void **state)
{
	struct err e = { 0 };

	(void)state;
	err_set(&e, ERR_PERM, "refused");
	e.until = 9;
	assert_int_equal(err_at(&e, "%s", "example.org"), -1);
	assert_int_equal(err_at(&e, "line %d", 4), -1);
	assert_string_equal(e.msg, "line 4: example.org: refused");
	assert_int_equal(e.kind, ERR_PERM);
	assert_true(e.until == 9);
}

static void places_nothing(void **state)
{
	struct err e = { 0 };

	(void)state;
	err_at(&e, "here");
	assert_string_equal(e.msg, "here");
}

static void takes_its_own_text(void **state)
{
	struct err e = { 0 };

	(void)state;
	err_set(&e, ERR_SYS, "busy");
	err_set(&e, ERR_CONF, "it said '%s' twice: %s", e.msg, e.msg);
	assert_string_equal(e.msg, "it said 'busy' twice: busy");
	err_at(&e, "%s", e.msg);
	assert_string_equal(e.msg, "it said 'busy' twice: busy: "
				   "it said 'busy' twice: busy");
}

static void tells_errno(void **state)
{
	struct err e = { 0 };

	(void)state;
	errno = EACCES;
	assert_int_equal(err_sys(&e, "%s", "/etc/x"), -1);
	assert_string_equal(e.msg, "/etc/x: Permission denied");
	assert_int_equal(e.kind, ERR_SYS);
	assert_int_equal(errno, EACCES);
}

static void cuts(void **state)
{
	struct err e = { 0 };
	char big[6001];

	(void)state;
	memset(big, 'x', sizeof(big) - 1);
	big[6000] = '\0';
	err_set(&e, ERR_SYS, "%s", big);
	assert_int_equal(strlen(e.msg), sizeof(e.msg) - 1);
	assert_string_equal(e.msg + sizeof(e.msg) - 5, "x...");
	err_at(&e, "in front");
	assert_int_equal(strlen(e.msg), sizeof(e.msg) - 1);
	assert_memory_equal(e.msg, "in front: xxx", 13);
	assert_string_equal(e.msg + sizeof(e.msg) - 5, "x...");
}

static void cuts_between_characters(void **state)
{
	struct err e = { 0 };
	char big[6001] = "x";

	(void)state;
	for (size_t i = 1; i + 1 < sizeof(big); i += 2)
		memcpy(big + i, "\xc3\xa9", 2);
	big[5999] = '\0';
	err_set(&e, ERR_SYS, "%s", big);
	size_t n = strlen(e.msg);

	assert_string_equal(e.msg + n - 3, "...");
	assert_int_equal(e.msg[n - 4], '\xa9');
	err_at(&e, "y");
	n = strlen(e.msg);
	assert_string_equal(e.msg + n - 3, "...");
	assert_true(e.msg[n - 4] == '.' || e.msg[n - 4] == '\xa9');
}

static void fits_exactly(void **state)
{
	struct err e = { 0 };
	char text[sizeof(e.msg)];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	err_set(&e, ERR_SYS, "%s", text);
	assert_string_equal(e.msg, text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sets),
		cmocka_unit_test(places),
		cmocka_unit_test(places_nothing),
		cmocka_unit_test(takes_its_own_text),
		cmocka_unit_test(tells_errno),
		cmocka_unit_test(cuts),
		cmocka_unit_test(cuts_between_characters),
		cmocka_unit_test(fits_exactly),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
