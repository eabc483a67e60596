/* Terms into an SPF record, and several records into one. */
#include "mail/spfmerge.h"

#include <string.h>

#include "base/auto.h"
#include "tests/unit/test.h"

enum { MAX = 4 };

static struct conf_list list_of(const char *const *at)
{
	static const char *words[MAX];
	struct conf_list l = { .at = words };
	for (; l.n < MAX && at[l.n]; l.n++)
		words[l.n] = at[l.n];
	return l;
}

static const struct {
	const char *old;
	const char *terms[MAX];
	const char *out; /* NULL: refused, and `wrong` is in the message */
	const char *wrong;
} adds[] = {
	/* New ones. */
	{ "", { "include:_spf.x.org" }, "v=spf1 include:_spf.x.org ~all", "" },
	{ "", { "a", "-all" }, "v=spf1 a -all", "" },
	{ "", { NULL }, "v=spf1 ~all", "" },
	{ "v=spf1 A ~all", { "a mx", " -all" }, "v=spf1 A mx ~all", "" },
	{ "",
	  { "ip4:192.0.2.1", "redirect=y.org" },
	  "v=spf1 ip4:192.0.2.1 redirect=y.org",
	  "" },
	{ "", { "a", "a", "A" }, "v=spf1 a ~all", "" },
	/* Before the end, whichever there is. */
	{ "v=spf1 mx -all",
	  { "include:i.x.org" },
	  "v=spf1 mx include:i.x.org -all",
	  "" },
	{ "v=spf1 -all", { "a" }, "v=spf1 a -all", "" },
	{ "v=spf1  mx   ?all exp=e.x.org",
	  { "a" },
	  "v=spf1  mx   a ?all exp=e.x.org",
	  "" },
	{ "v=spf1 all -all", { "a" }, "v=spf1 a all -all", "" },
	{ "v=spf1 mx redirect=y.org",
	  { "a" },
	  "v=spf1 mx a redirect=y.org",
	  "" },
	{ "v=spf1 redirect=y.org mx ~ALL",
	  { "a" },
	  "v=spf1 redirect=y.org mx a ~ALL",
	  "" },
	{ "v=spf1 mx", { "a" }, "v=spf1 mx a ~all", "" },
	{ "v=spf1 mx  ", { "a" }, "v=spf1 mx a ~all", "" },
	{ "V=SPF1", { "a" }, "V=SPF1 a ~all", "" },
	/* What ends a record already is not ended again. */
	{ "v=spf1 mx ~all", { "a", "-all" }, "v=spf1 mx a ~all", "" },
	{ "v=spf1 mx", { "a", "-all" }, "v=spf1 mx a -all", "" },
	/* Nothing is lacking: not a byte changes. */
	{ "v=spf1 +MX  Include:I.x.org ~all",
	  { "mx", "include:i.x.org" },
	  "v=spf1 +MX  Include:I.x.org ~all",
	  "" },
	{ "v=spf1 mx", { "mx" }, "v=spf1 mx", "" },
	/* Another qualifier is another term. */
	{ "v=spf1 ?a ~all", { "a" }, "v=spf1 ?a a ~all", "" },
	/* Refused. */
	{ "v=spf1 mx mailto:x -all", { "a" }, NULL, "mailto:x" },
	{ "v=spf10", { "a" }, NULL, "v=spf1" },
	{ " v=spf1", { "a" }, NULL, "v=spf1" },
	{ "v=spf1 mx", { "include:" }, NULL, "include:" },
	{ "v=spf1 mx", { "ip4:1.2.3" }, NULL, "ip4:1.2.3" },
};

static void adds_terms(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(adds); i++) {
		AUTO(mem) struct mem m = { 0 };
		const struct conf_list terms = list_of(adds[i].terms);
		struct str out;
		struct err e = { 0 };
		const int got =
			spfmerge_add(str_of(adds[i].old), &terms, &m, &out, &e);

		if (got != (adds[i].out ? 0 : -1) ||
		    (got == 0 && !str_eq(out, adds[i].out)))
			fail_msg("\"%s\": \"%.*s\" %s", adds[i].old,
				 got ? 0 : (int)out.n, got ? "" : out.at,
				 e.msg);
		if (got && !strstr(e.msg, adds[i].wrong))
			fail_msg("\"%s\": %s", adds[i].old, e.msg);
		if (got)
			continue;
		struct str again; /* it is there now */
		assert_int_equal(spfmerge_add(out, &terms, &m, &again, &e), 0);
		assert_true(str_same(out, again));
	}
}

static const struct {
	const char *records[MAX];
	const char *out; /* NULL: refused */
} joins[] = {
	{ { "v=spf1 a -all", "v=spf1 mx -all" }, "v=spf1 a mx -all" },
	{ { "v=spf1 a ~all", "v=spf1 mx -all" }, "v=spf1 a mx ~all" },
	{ { "v=spf1 a ?all", "v=spf1 +A mx" }, "v=spf1 a mx ?all" },
	{ { "v=spf1 a", "v=spf1 mx" }, "v=spf1 a mx ~all" },
	{ { "v=spf1 all", "v=spf1 a +all" }, "v=spf1 a +all" },
	{ { "v=spf1 redirect=y.org", "v=spf1 mx -all" },
	  "v=spf1 include:y.org mx ~all" },
	{ { "v=spf1 redirect=y.org -all", "v=spf1 mx -all" },
	  "v=spf1 mx -all" },
	{ { "v=spf1 a -all mx", "v=spf1 b.x=1 exp=e.org", "v=spf1 exp=f.org" },
	  "v=spf1 a b.x=1 exp=e.org -all" },
	{ { "v=spf1 a -all", "v=spf1 nonsense" }, NULL },
};

static void joins_records(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(joins); i++) {
		AUTO(mem) struct mem m = { 0 };
		struct str records[MAX], out;
		struct err e = { 0 };
		size_t n = 0;

		for (; n < MAX && joins[i].records[n]; n++)
			records[n] = str_of(joins[i].records[n]);
		const int got = spfmerge_join(records, n, &m, &out, &e);
		if (got != (joins[i].out ? 0 : -1) ||
		    (got == 0 && !str_eq(out, joins[i].out)))
			fail_msg("%s: \"%.*s\" %s", joins[i].records[0],
				 got ? 0 : (int)out.n, got ? "" : out.at,
				 e.msg);
	}
}

static void finds_terms(void **state)
{
	(void)state;
	const struct str r = STR_LIT("v=spf1 +a Include:X.org -mx ~all");

	assert_true(spfmerge_has(r, "a"));
	assert_true(spfmerge_has(r, "+A"));
	assert_true(spfmerge_has(r, "include:x.org"));
	assert_true(spfmerge_has(r, "-mx"));
	assert_false(spfmerge_has(r, "mx"));
	assert_false(spfmerge_has(r, "include:x.or"));
	assert_false(spfmerge_has(r, "al"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(adds_terms),
		cmocka_unit_test(joins_records),
		cmocka_unit_test(finds_terms),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
