/* DMARC: records, the walk of RFC 9989 4.10, alignment and policy. */
#include <string.h>

#include "base/auto.h"
#include "mail/dmarc.h"
#include "tests/unit/test.h"

struct row {
	const char *name, *value;
};
static const struct row zone[] = {
	{ "_dmarc.example.com", "v=DMARC1; p=reject; sp=quarantine; np=none" },
	{ "_dmarc.mail.example.com", "v=DMARC1; p=none; adkim=s" },
	{ "_dmarc.gov.test", "v=DMARC1; psd=y; p=reject" },
	{ "_dmarc.own.gov.test", "v=DMARC1; p=quarantine; t=y" },
	{ "_dmarc.island.example.com", "v=DMARC1; p=reject; psd=n" },
	{ "_dmarc.two.test", "v=DMARC1; p=none" },
	{ "_dmarc.two.test", "v=DMARC1; p=reject" },
	{ "_dmarc.wild.test", "v=spf1 -all" },
	{ "_dmarc.late.test", "TEMP" },
	{ "_dmarc.e.f.g.h.i.deep.test", "v=DMARC1; p=reject" },
};

static void answer(struct facts *f, struct fact *x)
{
	if (x->type == DNS_A)
		x->no_name = strstr(x->name, "gone") != NULL;
	for (size_t i = 0; x->type == DNS_TXT && i < COUNT(zone); i++) {
		if (strcmp(zone[i].name, x->name))
			continue;
		if (!strcmp(zone[i].value, "TEMP")) {
			facts_tell(f, x, FACT_TEMP);
			return;
		}
		facts_value(f, x, str_of(zone[i].value));
	}
	facts_tell(f, x, x->n ? FACT_FOUND : FACT_VOID);
}

static const struct {
	const char *domain, *org, *where;
} walks[] = {
	{ "example.com", "example.com", "example.com" },
	{ "Example.COM.", "example.com", "example.com" },
	{ "a.b.example.com", "example.com", "example.com" },
	{ "mail.example.com", "example.com", "mail.example.com" },
	{ "x.mail.example.com", "example.com", "example.com" },
	{ "x.island.example.com", "island.example.com", "island.example.com" },
	{ "other.gov.test", "other.gov.test", "gov.test" },
	{ "x.own.gov.test", "own.gov.test", "own.gov.test" },
	{ "gov.test", "gov.test", "gov.test" },
	{ "two.test", "two.test", NULL },
	{ "wild.test", "wild.test", NULL },
	{ "nobody.test", "nobody.test", NULL },
	{ "a.b.c.d.e.f.g.h.i.deep.test", "e.f.g.h.i.deep.test",
	  "e.f.g.h.i.deep.test" },
};

static void walks_up(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(walks); i++) {
		AUTO(facts) struct facts f = { 0 };
		AUTO(mem) struct mem m = { 0 };
		struct dmarc_walk w;
		struct fact *x;
		int questions = 0;

		while (!dmarc_walk(walks[i].domain, &f, &m, &w))
			for (; (x = facts_next(&f)); questions++)
				answer(&f, x);
		assert_string_equal(w.org, walks[i].org);
		if (!walks[i].where)
			assert_null(w.where);
		else
			assert_string_equal(w.where, walks[i].where);
		assert_true(questions <= 8);
	}
}

enum { NO, SPF, DKIM };
static const struct {
	const char *from;
	int by; /* what passes */
	const char *domain;
	enum dmarc_result result;
	enum dmarc_policy policy, disposition;
} checks[] = {
	{ "example.com", SPF, "example.com", DMARC_PASS, DMARC_REJECT, 0 },
	{ "example.com", SPF, "b.example.com", DMARC_PASS, DMARC_REJECT, 0 },
	{ "example.com", SPF, "notexample.com", DMARC_FAIL, DMARC_REJECT,
	  DMARC_REJECT },
	{ "example.com", NO, "", DMARC_FAIL, DMARC_REJECT, DMARC_REJECT },
	{ "sub.example.com", DKIM, "example.com", DMARC_PASS, DMARC_QUARANTINE,
	  0 },
	{ "sub.example.com", DKIM, "other.test", DMARC_FAIL, DMARC_QUARANTINE,
	  DMARC_QUARANTINE },
	{ "gone.example.com", NO, "", DMARC_FAIL, DMARC_NONE, DMARC_NONE },
	{ "mail.example.com", DKIM, "example.com", DMARC_FAIL, DMARC_NONE,
	  DMARC_NONE },
	{ "mail.example.com", DKIM, "mail.example.com", DMARC_PASS, DMARC_NONE,
	  0 },
	{ "own.gov.test", DKIM, "gov.test", DMARC_FAIL, DMARC_QUARANTINE,
	  DMARC_NONE },
	{ "nobody.test", DKIM, "nobody.test", DMARC_NO_RECORD, 0, 0 },
	{ "late.test", DKIM, "late.test", DMARC_TEMPERROR, 0, 0 },
};

static void judges(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(checks); i++) {
		AUTO(facts) struct facts f = { 0 };
		AUTO(mem) struct mem m = { 0 };
		const struct spf spf = { .result = SPF_PASS };
		const struct dkim_verdicts dkim = {
			.n = 1,
			.at = { { .result = DKIM_PASS,
				  .signature.domain =
					  str_of(checks[i].domain) } },
		};
		const struct dmarc_ask q = {
			.from = checks[i].from,
			.spf = checks[i].by == SPF ? &spf : NULL,
			.spf_domain = checks[i].domain,
			.dkim = checks[i].by == DKIM ? &dkim : NULL,
		};
		struct dmarc out;
		struct fact *x;

		while (!dmarc_check(&q, &f, &m, &out))
			while ((x = facts_next(&f)))
				answer(&f, x);
		if (out.result != checks[i].result ||
		    out.policy != checks[i].policy ||
		    out.disposition != checks[i].disposition)
			fail_msg("%s by %s: %s, %s, %s", checks[i].from,
				 checks[i].domain, dmarc_word(out.result),
				 dmarc_policy_word(out.policy), out.why);
	}
}

static void reads_records(void **state)
{
	(void)state;
	struct dmarc_record r;
	struct err e = { 0 };

	assert_int_equal(
		dmarc_parse(str_of("v=DMARC1; p=Quarantine; pct=50; x; =; "
				   "rua=mailto:a@b.test,mailto:c@d.test; fo=1;"),
			    &r, &e),
		0);
	assert_int_equal(r.p, DMARC_QUARANTINE);
	assert_int_equal(r.sp, DMARC_QUARANTINE);
	assert_int_equal(r.np, DMARC_QUARANTINE);
	assert_true(str_eq(r.rua, "mailto:a@b.test,mailto:c@d.test"));
	assert_true(str_eq(r.fo, "1"));
	assert_int_equal(dmarc_parse(str_of("v=DMARC1"), &r, &e), 0);
	assert_int_equal(r.p, DMARC_NONE);
	assert_int_equal(dmarc_parse(str_of("v=DMARC2; p=none"), &r, &e), -1);
	assert_int_equal(dmarc_parse(str_of("p=none; v=DMARC1"), &r, &e), -1);
	assert_int_equal(dmarc_parse(str_of("v=dmarc1; p=none"), &r, &e), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(walks_up),
		cmocka_unit_test(judges),
		cmocka_unit_test(reads_records),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
