#include "mail/addr.h"

#include <string.h>

#include "base/auto.h"
#include "base/fs.h"
#include "data/xml.h"

#include "tests/unit/test.h"

static void parses(void **state)
{
	static const struct {
		const char *text, *local, *domain; /* NULL: refused */
	} cases[] = {
		{ "a@b", "a", "b" },
		{ "a.b+c@d.example", "a.b+c", "d.example" },
		{ "用户@例子.example", "用户", "例子.example" },
		{ "\"a b\"@c", "\"a b\"", "c" },
		{ "\"a@b\"@c", "\"a@b\"", "c" },
		{ "\"\"@c", "\"\"", "c" },
		{ "\"a\\\"\\@\"@c", "\"a\\\"\\@\"", "c" },
		{ "a@[192.0.2.1]", "a", "[192.0.2.1]" },
		{ "a@[IPv6:2001:db8::1]", "a", "[IPv6:2001:db8::1]" },
		{ "a@_x.b", "a", "_x.b" },
		{ "", NULL, NULL },
		{ "a", NULL, NULL },
		{ "@b", NULL, NULL },
		{ "a@", NULL, NULL },
		{ "a@b@c", NULL, NULL },
		{ ".a@b", NULL, NULL },
		{ "a.@b", NULL, NULL },
		{ "a..b@c", NULL, NULL },
		{ "a b@c", NULL, NULL },
		{ "a@b c", NULL, NULL },
		{ "a@b.", NULL, NULL },
		{ "a@.b", NULL, NULL },
		{ "a@-b", NULL, NULL },
		{ "a@b-.c", NULL, NULL },
		{ "a@[2001:db8::1]", NULL, NULL },
		{ "a@[192.0.2.1", NULL, NULL },
		{ "a@[192.0.2]", NULL, NULL },
		{ "a@[192.0.2.1].c", NULL, NULL },
		{ "a@[]", NULL, NULL },
		{ "a@[IPv6:]", NULL, NULL },
		{ "\"a\"b@c", NULL, NULL },
		{ "\"a@c", NULL, NULL },
		{ "\"a\\", NULL, NULL },
		{ "\"a\n\"@c", NULL, NULL },
		{ "<a@b>", NULL, NULL },
		{ "\xff@b", NULL, NULL },
		{ "a@b\xff", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct addr a = { 0 };
		const char *fault = addr_parse(str_of(cases[i].text), &a);

		if (!fault != (cases[i].local != NULL))
			fail_msg("%s: %s", cases[i].text, fault);
		if (fault)
			continue;
		assert_true(str_eq(a.local, cases[i].local));
		assert_true(str_eq(a.domain, cases[i].domain));
	}
}

static void knows_limits(void **state)
{
	char text[300];
	struct addr a;

	(void)state;
	memset(text, 'a', sizeof(text));
	text[64] = '@';
	assert_null(addr_parse((struct str){ text, 127 }, &a));
	assert_non_null(
		strstr(addr_parse((struct str){ text, 129 }, &a), "63 bytes"));
	text[127] = text[190] = text[200] = '.';
	assert_null(addr_parse((struct str){ text, 254 }, &a));
	assert_non_null(
		strstr(addr_parse((struct str){ text, 255 }, &a), "254 bytes"));
	text[64] = 'a';
	text[65] = '@';
	assert_non_null(
		strstr(addr_parse((struct str){ text, 100 }, &a), "64 bytes"));
}

static void normalises(void **state)
{
	static const struct {
		const char *text, *form; /* NULL: refused */
	} cases[] = {
		{ "ÑAndÚ@Pampa", "ñandú@pampa" },
		{ "pe\u0301@le\u0301a", "pé@xn--la-bja" },
		{ "A@XN--ACA-6MA", "a@xn--aca-6ma" },
		{ "a@xn--lca", NULL }, /* a capital inside */
		{ "\"Joe\"@B", "joe@b" },
		{ "\"a\\\"b\"@c", "\"a\\\"b\"@c" },
		{ "a@[IPv6:2001:DB8::1]", "a@[ipv6:2001:db8::1]" },
		{ "Postmaster", "postmaster@" },
		{ "a@b@c", NULL }, /* split at the first, as chasquid does */
		{ "á é@i", NULL },
		{ "henry\u2163@throne", NULL },
		{ "a@xn---", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		AUTO(mem) struct mem m = { 0 };
		AUTO(buf) struct buf out = { 0 };
		struct err e = { 0 };
		struct addr a = addr_split(str_of(cases[i].text)), n;
		int rc = addr_normal(&m, &a, &n, &e);

		if (!rc != (cases[i].form != NULL))
			fail_msg("%s: %s", cases[i].text, e.msg);
		if (rc)
			continue;
		addr_add(&out, n.local, n.domain);
		assert_string_equal(buf_c(&out), cases[i].form);
	}
}

static void splits(void **state)
{
	struct addr a = addr_split(STR_LIT("a@b@c"));

	(void)state;
	assert_true(str_eq(a.local, "a") && str_eq(a.domain, "b@c"));
	a = addr_split(STR_LIT("a@"));
	assert_true(str_eq(a.local, "a") && str_eq(a.domain, ""));
	a = addr_split(STR_LIT(""));
	assert_true(str_eq(a.local, "") && str_eq(a.domain, ""));
}

/* isemail writes control characters as their symbols. */
static void plain_bytes(const char *text, struct buf *out)
{
	for (; *text; text++)
		if (strncmp(text, "\xe2\x90", 2) == 0 &&
		    (unsigned char)text[2] < 0xa0) {
			buf_char(out, (char)(text[2] - (char)0x80));
			text += 2;
		} else {
			buf_char(out, *text);
		}
}

/* What isemail's diagnosis says of SMTP: valid as it is, valid but odd, or
 * fit for a header at most. */
static bool fits_smtp(const char *category, const char *diagnosis)
{
	return strcmp(category, "ISEMAIL_VALID_CATEGORY") == 0 ||
	       strcmp(category, "ISEMAIL_DNSWARN") == 0 ||
	       strncmp(diagnosis, "ISEMAIL_RFC5321_", 16) == 0;
}

static const char *text_of(json_t *test, const char *name)
{
	const char *s = json_string_value(json_object_get(test, name));

	return s ? s : "";
}

static void agrees_with_isemail(void **state)
{
	AUTO(mem) struct mem m = { 0 };
	AUTO(buf) struct buf xml = { 0 };
	const char *data = getenv("OPSMAIL_DATA");
	struct err e = { 0 };
	json_t *tree = NULL, *test;
	size_t i, valid = 0;

	(void)state;
	if (fs_read(mem_fmt(&m, "%s/address/isemail-tests.xml",
			    data ? data : "../shared/data"),
		    &xml, &e)) {
		print_message("skipped: %s\n", e.msg);
		mem_free(&m); /* skip does not return */
		skip();
	}
	if (xml_parse(buf_get(&xml), &tree, &e))
		fail_msg("%s", e.msg);
	json_t *tests = json_object_get(json_object_get(tree, "tests"), "test");

	json_array_foreach(tests, i, test)
	{
		AUTO(buf) struct buf text = { 0 };
		struct addr a;
		bool want = fits_smtp(text_of(test, "category"),
				      text_of(test, "diagnosis"));

		plain_bytes(text_of(test, "address"), &text);
		const char *fault = addr_parse(buf_get(&text), &a);

		valid += want;
		if (!fault != want)
			fail_msg("%s: %s, and ours: %s",
				 text_of(test, "address"),
				 text_of(test, "diagnosis"),
				 fault ? fault : "fine");
	}
	assert_int_equal(i, 164);
	assert_int_equal(valid, 39);
	json_decref(tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses),
		cmocka_unit_test(knows_limits),
		cmocka_unit_test(normalises),
		cmocka_unit_test(splits),
		cmocka_unit_test(agrees_with_isemail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
