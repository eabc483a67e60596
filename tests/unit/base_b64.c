#include "base/b64.h"

#include <string.h>

#include "base/auto.h"
#include "tests/unit/test.h"

static const char no[] = "refused";

typedef int read_fn(struct str text, struct buf *out);

struct code {
	const char *text;
	const char *bytes; /* `no`: it must be refused */
};

/* What is refused leaves the buffer as it was. */
static void reads(const struct code *table, size_t n, read_fn *read)
{
	for (size_t i = 0; i < n; i++) {
		AUTO(buf) struct buf out = { 0 };

		buf_str(&out, "before:");
		int rc = read(str_of(table[i].text), &out);

		assert_int_equal(rc, table[i].bytes == no ? -1 : 0);
		buf_drop(&out, 7);
		assert_string_equal(buf_c(&out),
				    table[i].bytes == no ? "" : table[i].bytes);
	}
}

/* RFC 4648 10. */
static const struct code vectors[] = {
	{ "", "" },
	{ "Zg==", "f" },
	{ "Zm8=", "fo" },
	{ "Zm9v", "foo" },
	{ "Zm9vYg==", "foob" },
	{ "Zm9vYmE=", "fooba" },
	{ "Zm9vYmFy", "foobar" },
};

static void follows_the_rfc(void **state)
{
	static const char *const b32[] = { "",          "my",      "mzxq",
					   "mzxw6",     "mzxw6yq", "mzxw6ytb",
					   "mzxw6ytboi" };
	(void)state;
	reads(vectors, COUNT(vectors), b64_read);
	for (size_t i = 0; i < COUNT(vectors); i++) {
		AUTO(buf) struct buf out = { 0 };

		b64_add(&out, str_of(vectors[i].bytes));
		assert_string_equal(buf_c(&out), vectors[i].text);
		buf_clear(&out);
		b32_add(&out, str_of(vectors[i].bytes));
		assert_string_equal(buf_c(&out), b32[i]);
	}
}

static void is_strict(void **state)
{
	static const struct code table[] = {
		{ "Z", no },        { "Zg", no },
		{ "Zg=", no },      { "Zg===", no },
		{ "=", no },        { "====", no },
		{ "Z===", no },     { "Zh==", no }, /* stray bits */
		{ "Zm9=", no },     { "Zm9v\n", no },
		{ "Zm 9", no },     { "Zm9-", no },
		{ "Zg==Zg==", no }, { "Zm9\xff", no },
		{ "Z=g=", no },     { "+/+/", "\xfb\xff\xbf" },
	};
	(void)state;
	reads(table, COUNT(table), b64_read);
}

static void reads_lines(void **state)
{
	static const struct code table[] = {
		{ "Zm9v\r\nYmFy\n", "foobar" },
		{ " Z g = = ", "f" },
		{ "", "" },
		{ "\n", "" },
		{ "Zm9v\vYmFy", no },
	};
	(void)state;
	reads(table, COUNT(table), b64_read_lines);
}

static void knows_url(void **state)
{
	static const struct code table[] = {
		{ "", "" },
		{ "Zg", "f" },
		{ "Zm8", "fo" },
		{ "Zm9v", "foo" },
		{ "-_-_", "\xfb\xff\xbf" },
		{ "Zg==", no },
		{ "Zh", no },
		{ "Z", no },
		{ "+/+/", no },
		{ "Zm9v ", no },
	};
	AUTO(buf) struct buf out = { 0 };

	(void)state;
	reads(table, COUNT(table), b64url_read);
	b64url_add(&out, str_of("\xfb\xff\xbf\xfb"));
	assert_string_equal(buf_c(&out), "-_-_-w");
}

static void knows_hex(void **state)
{
	static const struct code table[] = {
		{ "", "" },   { "666F6f", "foo" }, { "6", no },
		{ "6g", no }, { "0x", no },        { "66 6", no },
	};
	AUTO(buf) struct buf out = { 0 };

	(void)state;
	reads(table, COUNT(table), hex_read);
	hex_add(&out, STR_LIT("\x00\x0f\xff"));
	assert_string_equal(buf_c(&out), "000fff");
}

static void minds_the_cap(void **state)
{
	AUTO(buf) struct buf out = { .max = 5 };

	(void)state;
	assert_int_equal(b64_read(str_of("Zm9vYmFy"), &out), -1);
	assert_int_equal(out.n, 0);
	buf_clear(&out);
	assert_int_equal(hex_read(str_of("666f6f626172"), &out), -1);
	assert_int_equal(out.n, 0);
}

static void comes_back(void **state)
{
	char bytes[256];

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)i;
	for (size_t n = 0; n <= sizeof(bytes); n++) {
		AUTO(buf) struct buf text = { 0 };
		AUTO(buf) struct buf back = { 0 };

		b64url_add(&text, (struct str){ bytes, n });
		assert_int_equal(b64url_read(buf_get(&text), &back), 0);
		assert_true(str_same(buf_get(&back), (struct str){ bytes, n }));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(follows_the_rfc),
		cmocka_unit_test(is_strict),
		cmocka_unit_test(reads_lines),
		cmocka_unit_test(knows_url),
		cmocka_unit_test(knows_hex),
		cmocka_unit_test(minds_the_cap),
		cmocka_unit_test(comes_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
