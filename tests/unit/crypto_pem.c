#include "crypto/pem.h"

#include "base/auto.h"
#include "tests/unit/test.h"

static void finds_blocks(void **state)
{
	static const struct {
		const char *text;
		const char *labels[3];
	} table[] = {
		{ "", { NULL } },
		{ "no block\n", { NULL } },
		{ "-----BEGIN A-----\nAA==\n-----END A-----\n", { "A" } },
		{ "x\r\n-----BEGIN A B-----  \r\nAA==\r\n-----END A B-----",
		  { "A B" } },
		{ "-----BEGIN A-----\n-----END A-----\n"
		  "-----BEGIN B-----\n-----END B-----\n",
		  { "A", "B" } },
		{ "-----BEGIN A-----\nAA==\n", { NULL } },
		{ "-----BEGIN A-----\n-----END B-----\n-----END A-----\n",
		  { NULL } },
		{ "-----BEGIN A-----\n-----BEGIN B-----\n-----END B-----\n",
		  { "B" } },
		{ "-----BEGIN -----\n-----END -----\n", { NULL } },
		{ "-----BEGIN A----\n-----END A-----\n", { NULL } },
		{ "-----END A-----\n-----BEGIN A-----\n-----END A-----\n",
		  { "A" } },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct str text = str_of(table[i].text);
		struct pem block;
		size_t n = 0;

		while (pem_next(&text, &block)) {
			assert_non_null(table[i].labels[n]);
			assert_true(str_eq(block.label, table[i].labels[n]));
			n++;
		}
		assert_null(table[i].labels[n]);
	}
}

static void reads_bytes(void **state)
{
	struct str text = str_of("-----BEGIN A-----\nYWJj\n ZGVm\n"
				 "-----END A-----\n"
				 "-----BEGIN B-----\nYW-j\n-----END B-----\n");
	struct pem block;
	AUTO(buf) struct buf der = { 0 };

	(void)state;
	assert_true(pem_next(&text, &block));
	assert_int_equal(pem_bytes(&block, &der), 0);
	assert_string_equal(buf_c(&der), "abcdef");
	assert_true(pem_next(&text, &block));
	assert_int_equal(pem_bytes(&block, &der), -1);
}

static void writes_lines_of_64(void **state)
{
	char bytes[49] = { 0 };
	AUTO(buf) struct buf out = { 0 };

	(void)state;
	pem_add(&out, "X", (struct str){ bytes, sizeof(bytes) });
	assert_string_equal(
		buf_c(&out),
		"-----BEGIN X-----\n"
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
		"AA==\n"
		"-----END X-----\n");
	buf_clear(&out);
	pem_add(&out, "X", str_of(NULL));
	assert_string_equal(buf_c(&out),
			    "-----BEGIN X-----\n-----END X-----\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_blocks),
		cmocka_unit_test(reads_bytes),
		cmocka_unit_test(writes_lines_of_64),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
