#include "dns/plan.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/auto.h"
#include "tests/unit/dice.h"
#include "tests/unit/test.h"

/* A zone and wishes as text: a line each, "MARK NAME TYPE VALUE". Marks of the
 * zone: "*" ours, "-" another's; "<" is what the value of ours above was made
 * from. Of wishes: shared, alone, merged (its `was` after " <- "), gone. */
struct case_of {
	struct mem mem;
	struct records live;
	struct journal_entries ours;
	struct wishes wishes;
	struct conf_list take_over, owners;
	struct plan plan;
};

static struct record record_of(struct mem *m, struct str rest)
{
	struct str name, type;
	struct record r = { .ttl = 300 };

	str_word(&rest, &name);
	str_word(&rest, &type);
	rest = str_trim(rest);
	r.name = mem_dup(m, name.at, name.n);
	assert_int_equal(dnsmsg_type_parse(type, &r.type), 0);
	r.value = (struct str){ mem_dup(m, rest.at, rest.n), rest.n };
	return r;
}

static void add_ours(struct case_of *c, const struct record *r)
{
	struct journal_entries *o = &c->ours;

	o->at = mem_more(&c->mem, o->at, &o->room, o->n, sizeof(*o->at));
	o->at[o->n++] = (struct journal_entry){ .purpose = "publish",
						.owner = "x.org",
						.record = *r };
}

static void read_zone(struct case_of *c, const char *text)
{
	struct str rest = str_of(text), line, mark;

	while (str_line(&rest, &line)) {
		str_word(&line, &mark);
		if (str_eq(mark, "<")) {
			line = str_trim(line);
			c->ours.at[c->ours.n - 1].was =
				(struct str){ mem_dup(&c->mem, line.at, line.n),
					      line.n };
			continue;
		}
		const struct record r = record_of(&c->mem, line);

		records_add(&c->live, &c->mem, &r);
		if (str_eq(mark, "*"))
			add_ours(c, &r);
	}
}

static enum wish_how how_of(struct str word)
{
	return str_eq(word, "alone")  ? WISH_ALONE :
	       str_eq(word, "merged") ? WISH_MERGED :
	       str_eq(word, "gone")   ? WISH_GONE :
					WISH_SHARED;
}

static void read_wishes(struct case_of *c, const char *text)
{
	struct str rest = str_of(text), line, mark;

	while (str_line(&rest, &line)) {
		const char *arrow = str_find(line, " <- ");
		struct wish w = { .owner = "x.org",
				  .kind = "k",
				  .reason = "r" };

		if (arrow) {
			w.was.at = arrow + 4;
			w.was.n = (size_t)(line.at + line.n - w.was.at);
			line.n = (size_t)(arrow - line.at);
		}
		str_word(&line, &mark);
		w.how = how_of(mark);
		w.record = record_of(&c->mem, line);
		plan_wish(&c->wishes, &c->mem, &w);
	}
}

static void plan_case(struct case_of *c)
{
	const struct plan_ask q = {
		.zone = "x.org",
		.live = &c->live,
		.ours = &c->ours,
		.wishes = &c->wishes,
		.take_over = &c->take_over,
		.owners = c->owners.n ? &c->owners : NULL,
	};

	plan_make(&q, &c->mem, &c->plan);
}

static void told(const struct plan *p, struct buf *out)
{
	char type[16];

	for (size_t i = 0; i < p->n; i++) {
		const struct plan_line *l = &p->at[i];

		buf_fmt(out, "%s%s%s %s %s %.*s", plan_word(l->word),
			l->theirs ? " theirs" : "",
			l->retired ? " retired" : "", l->record.name,
			dnsmsg_type_name(l->record.type, type),
			STR_FMT(l->record.value));
		if (l->word == PLAN_UPDATE)
			buf_fmt(out, " <- %.*s", STR_FMT(l->old.value));
		if (l->was.at)
			buf_fmt(out, " was %.*s", STR_FMT(l->was));
		buf_char(out, '\n');
	}
}

#define SPF "v=spf1 include:_spf.x.org ~all"
static void plans(void **state)
{
	(void)state;
	static const struct {
		const char *what, *live, *wishes, *take_over, *want;
	} rows[] = {
		{ "an empty zone", "",
		  "shared x.org MX 10 s.x.org.\nalone _dmarc.x.org TXT v=DMARC1; p=none",
		  NULL,
		  "create x.org MX 10 s.x.org.\n"
		  "create _dmarc.x.org TXT v=DMARC1; p=none\n" },
		{ "all is there, spelled otherwise",
		  "* x.org MX 10 S.x.org.\n- _dmarc.x.org TXT v=DMARC1;p=none",
		  "shared x.org MX 10 s.x.org.\nalone _dmarc.x.org TXT v=DMARC1; p=none",
		  NULL,
		  "unchanged x.org MX 10 S.x.org.\n"
		  "unchanged _dmarc.x.org TXT v=DMARC1;p=none\n" },
		{ "a stranger's MX stays", "- x.org MX 1 google.",
		  "shared x.org MX 10 s.x.org.", NULL,
		  "create x.org MX 10 s.x.org.\nforeign x.org MX 1 google.\n" },
		{ "ours moves", "* s.x.org A 192.0.2.1\n- s.x.org A 192.0.2.9",
		  "shared s.x.org A 192.0.2.2", NULL,
		  "update retired s.x.org A 192.0.2.2 <- 192.0.2.1\n"
		  "foreign s.x.org A 192.0.2.9\n" },
		{ "a slot that another holds", "- x.org MX 1 google.",
		  "alone x.org MX 10 s.x.org.", NULL,
		  "foreign x.org MX 1 google.\n"
		  "conflict x.org MX 10 s.x.org.\n" },
		{ "and that is taken over",
		  "- x.org MX 1 google.\n- x.org MX 5 alt.",
		  "alone x.org MX 10 s.x.org.", "x.org/MX",
		  "update theirs x.org MX 10 s.x.org. <- 1 google.\n"
		  "delete theirs x.org MX 5 alt.\n" },
		{ "texts of other kinds are no rivals",
		  "- s.x.org TXT hello\n- s.x.org TXT v=spf10 x",
		  "alone s.x.org TXT v=spf1 a -all", NULL,
		  "create s.x.org TXT v=spf1 a -all\n"
		  "foreign s.x.org TXT hello\n"
		  "foreign s.x.org TXT v=spf10 x\n" },
		{ "but for a DKIM key any text is",
		  "- k._domainkey.x.org TXT p=old",
		  "alone k._domainkey.x.org TXT v=DKIM1; p=a", NULL,
		  "foreign k._domainkey.x.org TXT p=old\n"
		  "conflict k._domainkey.x.org TXT v=DKIM1; p=a\n" },
		{ "a merge needs no flag, and its set stays",
		  "- x.org TXT v=spf1 a ~all\n- x.org TXT google-site=1",
		  "merged x.org TXT " SPF " <- v=spf1 a ~all", NULL,
		  "update theirs retired x.org TXT " SPF
		  " <- v=spf1 a ~all was v=spf1 a ~all\n"
		  "foreign x.org TXT google-site=1\n" },
		{ "a merge of ours remembers the first",
		  "* x.org TXT v=spf1 b a ~all\n< v=spf1 a ~all",
		  "merged x.org TXT " SPF " <- v=spf1 b a ~all", NULL,
		  "update retired x.org TXT " SPF
		  " <- v=spf1 b a ~all was v=spf1 a ~all\n" },
		{ "a merge whose source is gone", "",
		  "merged x.org TXT " SPF " <- v=spf1 b a ~all", NULL,
		  "conflict x.org TXT " SPF "\n" },
		{ "what was merged becomes what it was",
		  "* x.org TXT v=spf1 b a ~all\n< v=spf1 a ~all", "", NULL,
		  "update retired x.org TXT v=spf1 a ~all <- v=spf1 b a ~all\n" },
		{ "nobody wants it any more",
		  "* old.x.org A 192.0.2.1\n- other.x.org A 192.0.2.1", "",
		  NULL, "delete old.x.org A 192.0.2.1\n" },
		{ "a life cycle retires ours alone",
		  "* k.x.org TXT v=DKIM1; p=\n- j.x.org TXT v=DKIM1; p=",
		  "gone k.x.org TXT v=DKIM1; p=\ngone j.x.org TXT v=DKIM1; p=\n"
		  "gone i.x.org TXT v=DKIM1; p=",
		  NULL,
		  "delete retired k.x.org TXT v=DKIM1; p=\n"
		  "foreign j.x.org TXT v=DKIM1; p=\n" },
		{ "two keys beside each other",
		  "* t.x.org TLSA 3 1 1 AA\n* t.x.org TLSA 3 1 1 bb",
		  "alone t.x.org TLSA 3 1 1 bb\nalone t.x.org TLSA 3 1 1 cc",
		  NULL,
		  "update retired t.x.org TLSA 3 1 1 cc <- 3 1 1 AA\n"
		  "unchanged t.x.org TLSA 3 1 1 bb\n" },
		{ "a CNAME stands alone",
		  "- s.x.org CNAME host.net.\n- a.x.org A 192.0.2.1",
		  "shared s.x.org A 192.0.2.2\nalone a.x.org CNAME s.x.org.",
		  NULL,
		  "conflict s.x.org A 192.0.2.2\n"
		  "conflict a.x.org CNAME s.x.org.\n" },
		{ "creates, updates, deletes: in this order",
		  "* a.x.org A 192.0.2.1\n* z.x.org A 192.0.2.1",
		  "shared a.x.org A 192.0.2.2\nshared b.x.org A 192.0.2.2",
		  NULL,
		  "create b.x.org A 192.0.2.2\n"
		  "update retired a.x.org A 192.0.2.2 <- 192.0.2.1\n"
		  "delete z.x.org A 192.0.2.1\n" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct case_of c = { 0 };
		AUTO(buf) struct buf got = { 0 };
		const char *taken = rows[i].take_over;

		read_zone(&c, rows[i].live);
		read_wishes(&c, rows[i].wishes);
		if (rows[i].take_over)
			c.take_over = (struct conf_list){ &taken, 1, 1 };
		plan_case(&c);
		told(&c.plan, &got);
		if (strcmp(buf_c(&got), rows[i].want) != 0)
			fail_msg("%s:\n%swanted\n%s", rows[i].what, buf_c(&got),
				 rows[i].want);
		mem_free(&c.mem);
	}
}

static void counts_and_hashes(void **state)
{
	(void)state;
	struct case_of a = { 0 }, b = { 0 };

	read_zone(&a,
		  "- x.org MX 1 g.\n* x.org MX 2 h.\n- y.x.org A 192.0.2.1");
	read_wishes(&a, "shared x.org MX 2 h.\nshared x.org MX 3 i.");
	plan_case(&a);
	assert_int_equal(a.plan.count[PLAN_CREATE], 1);
	assert_int_equal(a.plan.count[PLAN_KEEP], 1);
	assert_int_equal(a.plan.count[PLAN_FOREIGN], 2);
	assert_int_equal(a.plan.there, 3);
	assert_int_equal(plan_changes(&a.plan), 1);
	assert_int_equal(strlen(a.plan.hash), 16);
	/* Somebody changes what stands beside. */
	read_zone(&b,
		  "- x.org MX 9 g.\n* x.org MX 2 h.\n- y.x.org A 192.0.2.1");
	read_wishes(&b, "shared x.org MX 2 h.\nshared x.org MX 3 i.");
	plan_case(&b);
	assert_string_not_equal(a.plan.hash, b.plan.hash);
	mem_free(&a.mem);
	mem_free(&b.mem);
}

/* Those of another owner are as a stranger's while one domain is published. */
static void leaves_other_owners(void **state)
{
	(void)state;
	struct case_of c = { 0 };

	read_zone(&c, "* a.x.org A 192.0.2.1\n* b.x.org A 192.0.2.1");
	c.ours.at[1].owner = "y.org";
	c.owners = (struct conf_list){ (const char *[]){ "x.org" }, 1, 1 };
	plan_case(&c);
	assert_int_equal(c.plan.n, 1);
	assert_int_equal(c.plan.at[0].word, PLAN_DELETE);
	assert_string_equal(c.plan.at[0].record.name, "a.x.org");
	mem_free(&c.mem);
}

static void refuses_landslides(void **state)
{
	(void)state;
	static const struct {
		size_t there, moved;
		bool refused;
	} rows[] = {
		{ 9, 9, false },    { 10, 3, false },  { 10, 4, true },
		{ 100, 30, false }, { 100, 31, true },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct err e = { 0 };
		struct plan p = { .zone = "x.org", .there = rows[i].there };

		p.count[PLAN_DELETE] = rows[i].moved;
		assert_int_equal(plan_check(&p, &e), rows[i].refused ? -1 : 0);
		if (rows[i].refused)
			assert_non_null(strstr(e.msg, "--force"));
	}

	struct err e = { 0 };
	struct plan_line line = { .word = PLAN_UPDATE,
				  .record = { .name = "x.org",
					      .type = DNS_NS } };
	const struct plan p = { .zone = "x.org", .at = &line, .n = 1 };

	assert_int_equal(plan_check(&p, &e), -1);
	line.record.name = "sub.x.org"; /* a delegation is no apex */
	assert_int_equal(plan_check(&p, &e), 0);
}

/* ---- any zone, any wishes ---- */

static struct record any_record(struct mem *m)
{
	static const char *const names[] = { "x.org", "a.x.org", "b.x.org" };
	static const uint16_t types[] = { DNS_A, DNS_MX, DNS_TXT, DNS_CNAME };
	static const char *const texts[] = { "v=spf1 a", "v=DMARC1; p=none",
					     "v=DKIM1; p=a", "hello" };
	struct record r = { .name = names[dice(3)], .type = types[dice(4)] };

	r.value = str_of(r.type == DNS_TXT && dice(2) ?
				 texts[dice(4)] :
				 mem_fmt(m, "v%u", dice(6)));
	return r;
}

static void any_zone(struct case_of *c)
{
	for (unsigned i = dice(12); i; i--) {
		const struct record r = any_record(&c->mem);

		if (records_find_alike(&c->live, &r))
			continue;
		records_add(&c->live, &c->mem, &r);
		if (dice(2))
			add_ours(c, &r);
	}
}

static void any_wishes(struct case_of *c)
{
	for (unsigned i = dice(8); i; i--) {
		struct wish w = { .record = any_record(&c->mem),
				  .how = (enum wish_how)dice(4),
				  .owner = "x.org" };
		bool twice = false;

		for (size_t k = 0; k < c->wishes.n; k++)
			twice |= record_alike(&c->wishes.at[k].record,
					      &w.record);
		for (size_t k = 0; w.how == WISH_MERGED && k < c->live.n; k++)
			if (c->live.at[k].type == w.record.type &&
			    !strcmp(c->live.at[k].name, w.record.name))
				w.was = c->live.at[k].value;
		if (!twice && (w.how != WISH_MERGED || w.was.at))
			plan_wish(&c->wishes, &c->mem, &w);
	}
}

static bool is_ours(const struct case_of *c, const struct record *r)
{
	for (size_t i = 0; i < c->ours.n; i++)
		if (record_alike(&c->ours.at[i].record, r))
			return true;
	return false;
}

/* Does the plan, as the writer of zones would. */
static void apply(struct case_of *c)
{
	const struct plan *p = &c->plan;
	struct records next = { 0 };

	for (size_t i = 0; i < c->live.n; i++) {
		bool gone = false;

		for (size_t k = 0; k < p->n; k++)
			gone |= (p->at[k].word == PLAN_DELETE &&
				 record_same(&p->at[k].record,
					     &c->live.at[i])) ||
				(p->at[k].word == PLAN_UPDATE &&
				 record_same(&p->at[k].old, &c->live.at[i]));
		if (!gone)
			records_add(&next, &c->mem, &c->live.at[i]);
	}
	for (size_t i = 0; i < p->n; i++)
		if (p->at[i].word == PLAN_CREATE ||
		    p->at[i].word == PLAN_UPDATE) {
			records_add(&next, &c->mem, &p->at[i].record);
			if (!is_ours(c, &p->at[i].record))
				add_ours(c, &p->at[i].record);
		}
	c->live = next;
}

static void harms_nobody(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		struct case_of c = { 0 };
		struct records before;

		any_zone(&c);
		any_wishes(&c);
		plan_case(&c);
		before = c.live;
		for (size_t i = 0; i < before.n; i++) {
			bool merged = is_ours(&c, &before.at[i]);

			for (size_t k = 0; k < c.wishes.n; k++)
				merged |= c.wishes.at[k].how == WISH_MERGED &&
					  str_same(c.wishes.at[k].was,
						   before.at[i].value);
			before.at[i].ttl = merged; /* may go */
		}
		const size_t stuck = c.plan.count[PLAN_CONFLICT];

		apply(&c);
		for (size_t i = 0; i < before.n; i++)
			if (!before.at[i].ttl &&
			    !records_find(&c.live, &before.at[i]))
				fail_msg("round %u: %s %.*s was lost", round,
					 before.at[i].name,
					 STR_FMT(before.at[i].value));

		/* A second time there is nothing to do. A merge is made anew
		 * from what stands there: its wish is dropped. */
		for (size_t k = 0; k < c.wishes.n; k++)
			if (c.wishes.at[k].how == WISH_MERGED)
				c.wishes.at[k].how = WISH_SHARED;
		plan_case(&c);
		if (plan_changes(&c.plan) && !stuck) {
			AUTO(buf) struct buf b = { 0 };

			told(&c.plan, &b);
			fail_msg("round %u: %s", round, buf_c(&b));
		}
		mem_free(&c.mem);
	}
}

/* 10,000 records, and a journal of as many. */
static void is_fast(void **state)
{
	(void)state;
	struct case_of c = { 0 };
	struct timespec from, to;

	for (unsigned i = 0; i < 10000; i++) {
		const char *name = mem_fmt(&c.mem, "n%u.x.org", i);
		const struct record r = { .name = name,
					  .type = DNS_A,
					  .value = STR_LIT("192.0.2.1") };

		records_add(&c.live, &c.mem, &r);
		if (i % 2)
			add_ours(&c, &r);
	}
	read_wishes(&c, "shared x.org MX 2 h.\nshared x.org MX 3 i.");
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
	plan_case(&c);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);

	const double ms = (double)(to.tv_sec - from.tv_sec) * 1e3 +
			  (double)(to.tv_nsec - from.tv_nsec) / 1e6;

	print_message("# 10,000 records planned in %.1f ms of CPU\n", ms);
	assert_int_equal(c.plan.count[PLAN_DELETE], 5000);
	assert_true(ms < 200);
	mem_free(&c.mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plans),
		cmocka_unit_test(counts_and_hashes),
		cmocka_unit_test(leaves_other_owners),
		cmocka_unit_test(refuses_landslides),
		cmocka_unit_test(harms_nobody),
		cmocka_unit_test(is_fast),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
