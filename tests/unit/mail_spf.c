/* SPF against the community's suite (OPSMAIL_DATA/spf) and what it leaves out.
 */
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/fs.h"
#include "data/yaml.h"
#include "mail/spf.h"
#include "tests/unit/test.h"

enum { ROUNDS = 40, SUITE_MAX = 1 << 20 };

static bool has_type(const struct yaml *list, const char *type)
{
	for (const struct yaml *y = list->child; y; y = y->next)
		if (y->child && !strcmp(y->child->key, type))
			return true;
	return false;
}

/* A resolver follows aliases. */
static const struct yaml *zone_at(const struct yaml *zones, const char *name)
{
	const struct yaml *list = NULL;

	for (int i = 0; i < 3 && name; i++) {
		for (const struct yaml *y = zones->child; y; y = y->next)
			if (str_eqi(str_of(y->key), name))
				list = y;
		name = list && list->child->child &&
				       !strcmp(list->child->child->key,
					       "CNAME") ?
			       list->child->child->text :
			       NULL;
	}
	return list;
}

/* A value as text: names in MX end in a dot, strings of a TXT are joined. */
static const char *text_of(struct mem *m, const struct yaml *y, uint16_t type)
{
	const char *all = "";
	if (y->kind != YAML_LIST)
		return y->text ? y->text : "";
	for (const struct yaml *c = y->child; c; c = c->next)
		all = mem_fmt(m, "%s%s%s", all,
			      type == DNS_MX && *all ? " " : "",
			      c->text ? c->text : "");
	return all;
}

/* The suite's zones: TXT stands in for SPF where there is no TXT; TIMEOUT after
 * what is known. */
static void answer(struct facts *f, struct fact *x, const struct yaml *zones,
		   struct mem *m)
{
	const struct yaml *list = zone_at(zones, x->name);
	char own[16];
	const char *type = own;
	bool timeout = false;

	dnsmsg_type_name(x->type, own);
	if (!list) {
		facts_tell(f, x, FACT_VOID);
		return;
	}
	if (x->type == DNS_TXT && !has_type(list, "TXT"))
		type = "SPF";
	for (const struct yaml *y = list->child; y; y = y->next) {
		timeout = timeout || y->kind == YAML_SCALAR;
		if (!y->child || strcmp(y->child->key, type))
			continue;
		const char *text = text_of(m, y->child, x->type);
		if (!strcmp(text, "NONE"))
			continue;
		facts_value(f, x, str_of(text));
	}
	facts_tell(f, x, x->n ? FACT_FOUND : timeout ? FACT_TEMP : FACT_VOID);
}

static bool among(const struct yaml *y, const char *word)
{
	if (y->kind == YAML_SCALAR)
		return !strcmp(y->text, word);
	for (const struct yaml *c = y->child; c; c = c->next)
		if (!strcmp(c->text, word))
			return true;
	return false;
}

static const char *get(const struct yaml *map, const char *key)
{
	const struct yaml *y = yaml_get(map, key);
	return y && y->text ? y->text : "";
}

static bool run_case(const struct yaml *test, const struct yaml *zones)
{
	AUTO(facts) struct facts f = { 0 };
	AUTO(mem) struct mem m = { 0 };
	struct spf_ask q = { .helo = get(test, "helo"),
			     .from = get(test, "mailfrom"),
			     .receiver = "receiver.test" };
	struct spf out;
	const char *explain = get(test, "explanation");
	int rounds = 0;

	assert_int_equal(spf_ip_parse(get(test, "host"), &q.ip), 0);
	while (!spf_check(&q, &f, &m, &out)) {
		struct fact *x;
		assert_true(++rounds < ROUNDS);
		while ((x = facts_next(&f)))
			answer(&f, x, zones, &m);
	}
	if (!among(yaml_get(test, "result"), spf_word(out.result))) {
		print_error("%s: %s (%s)\n", test->key, spf_word(out.result),
			    out.why);
		return false;
	}
	if (*explain && strcmp(explain, "DEFAULT") &&
	    (!out.explain || strcmp(out.explain, explain))) {
		print_error("%s: \"%s\" instead of \"%s\"\n", test->key,
			    out.explain ? out.explain : "-", explain);
		return false;
	}
	return *out.why != 0;
}

/* Our reader of YAML has no NUL bytes: another control character stands in for
 * the one "\0" of the suite. */
static void without_nul(char *text)
{
	for (char *at = text; (at = strstr(at, "\\0")); at++)
		memcpy(at, "\\a", 2);
}

static void suite(void **state)
{
	(void)state;
	AUTO(mem) struct mem m = { 0 };
	AUTO(buf) struct buf b = { .max = SUITE_MAX };
	struct err e = { 0 };
	const char *dir = getenv("OPSMAIL_DATA");
	const char *path = mem_fmt(&m, "%s/spf/rfc7208-tests.yml",
				   dir ? dir : "../shared/data");
	size_t n = 0, wrong = 0;

	if (!fs_exists(path)) {
		mem_free(&m); /* skip does not return */
		skip();
	}
	assert_int_equal(fs_read(path, &b, &e), 0);
	without_nul(b.at);
	for (const char *at = strstr(buf_c(&b), "\n---\n"); at;) {
		const char *next = strstr(at + 5, "\n---\n");
		const struct str doc = { at + 5,
					 next ? (size_t)(next - at - 5) :
						strlen(at + 5) };
		struct yaml *root;
		if (yaml_parse(doc, path, &m, &root, &e))
			fail_msg("%s", e.msg);
		for (const struct yaml *t = yaml_get(root, "tests")->child; t;
		     t = t->next, n++)
			wrong += !run_case(t, yaml_get(root, "zonedata"));
		at = next;
	}
	print_message("%zu cases\n", n);
	assert_int_equal(wrong, 0);
	assert_true(n > 150);
}

/* What is wrong in a record, by its first wrong term; NULL: it is right. */
static const struct {
	const char *text, *wrong;
} records[] = {
	{ "v=spf1", NULL },
	{ "V=SPF1 -ALL", NULL },
	{ "v=spf1 a:mail.example.org//64 ~all", NULL },
	{ "v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 ?all", NULL },
	{ "v=spf1 exists:%{ir}.%{v}.%{d2}.example.org -all", NULL },
	{ "v=spf1 unknown=%{d} -all", NULL },
	{ "v=spf10 -all", "v=spf1" },
	{ "v=spf1 mailto:x -all", "mailto:x" },
	{ "v=spf1 ip4:192.0.2.1/33 -all", "192.0.2.1/33" },
	{ "v=spf1 ip4:192.0.2.1/024 -all", "/024" },
	{ "v=spf1 ip6:192.0.2.1 -all", "ip6:192.0.2.1" },
	{ "v=spf1 include: -all", "include:" },
	{ "v=spf1 a:localhost.1 -all", "localhost.1" },
	{ "v=spf1 a:%{q}.example.org -all", "%{q}" },
	{ "v=spf1 a:%{c}.example.org -all", "%{c}" },
	{ "v=spf1 redirect=a.org redirect=b.org", "redirect=b.org" },
	{ "v=spf1 -all/24", "-all/24" },
	{ "v=spf1 exists:%{d", "%{d" },
};

static void reads_records(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(records); i++) {
		AUTO(mem) struct mem m = { 0 };
		struct spf_record r;
		struct err e = { 0 };
		const int status =
			spf_parse(str_of(records[i].text), &m, &r, &e);

		if (status == 0 && records[i].wrong)
			fail_msg("accepted: %s", records[i].text);
		if (status < 0 && !records[i].wrong)
			fail_msg("%s: %s", records[i].text, e.msg);
		if (status < 0)
			assert_non_null(strstr(e.msg, records[i].wrong));
	}
}

static void nul_is_wrong(void **state)
{
	(void)state;
	AUTO(mem) struct mem m = { 0 };
	struct spf_record r;
	struct err e = { 0 };

	assert_int_equal(spf_parse(STR_LIT("v=spf1 a:foo.example.com\0"), &m,
				   &r, &e),
			 -1);
	assert_int_equal(spf_parse(STR_LIT("v=spf1 a:foo.ex\0ample.com"), &m,
				   &r, &e),
			 -1);
}

static void mapped_addresses_are_four(void **state)
{
	(void)state;
	struct spf_ip a, b;

	assert_int_equal(spf_ip_parse("::ffff:192.0.2.1", &a), 0);
	assert_int_equal(spf_ip_parse("192.0.2.1", &b), 0);
	assert_memory_equal(&a, &b, sizeof(a));
	assert_int_equal(spf_ip_parse("192.0.2", &a), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(suite),
		cmocka_unit_test(reads_records),
		cmocka_unit_test(nul_is_wrong),
		cmocka_unit_test(mapped_addresses_are_four),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
