#include "dns/journal.h"

#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/fs.h"
#include "tests/unit/test.h"

static char dir[64];

static int setup(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/opsmail-journal-XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int teardown(void **state)
{
	struct err e = { 0 };

	(void)state;
	return fs_remove_tree(dir, &e);
}

static struct journal_entry entry(const char *owner, struct str value)
{
	return (struct journal_entry){
		.purpose = "acme",
		.owner = owner,
		.record = { .name = "_acme-challenge.example.org",
			    .type = DNS_TXT,
			    .value = value },
	};
}

static void put(enum journal_op op, const char *owner, struct str value)
{
	struct err e = { 0 };
	struct journal_entry x = entry(owner, value);

	assert_int_equal(journal_write(dir, "example.org", op, &x, &e), 0);
}

static size_t open_of(const char *owner, struct mem *m,
		      struct journal_entries *out)
{
	struct err e = { 0 };

	*out = (struct journal_entries){ 0 };
	assert_int_equal(journal_open_entries(dir, "example.org", "acme", owner,
					      m, out, &e),
			 0);
	return out->n;
}

static void remembers(void **state)
{
	(void)state;
	AUTO(mem) struct mem m = { 0 };
	struct journal_entries open;
	struct str odd = STR_LIT("a\0\377\"\n");

	assert_int_equal(open_of(NULL, &m, &open), 0);
	put(JOURNAL_ADD, "a", str_of("one"));
	put(JOURNAL_ADD, "a", str_of("two"));
	put(JOURNAL_ADD, "b", odd);
	put(JOURNAL_ADD, "a", str_of("one")); /* said twice counts once */
	assert_int_equal(open_of("a", &m, &open), 2);
	assert_int_equal(open_of(NULL, &m, &open), 3);
	assert_true(str_same(open.at[2].record.value, odd));
	assert_string_equal(open.at[2].owner, "b");
	put(JOURNAL_DEL, "a", str_of("one"));
	put(JOURNAL_DEL, "a", str_of("never there"));
	assert_int_equal(open_of("a", &m, &open), 1);
	assert_true(str_eq(open.at[0].record.value, "two"));
	assert_string_equal(open.at[0].record.name,
			    "_acme-challenge.example.org");
	assert_int_equal(open.at[0].record.type, DNS_TXT);
	assert_int_equal(open_of("c", &m, &open), 0);
}

/* What undo needs comes back: the run, what was taken, what it was made of. */
static void keeps_runs(void **state)
{
	(void)state;
	AUTO(mem) struct mem m = { 0 };
	struct err e = { 0 };
	struct journal_lines all = { 0 };
	struct journal_entries open = { 0 };
	struct journal_lines nothing = { 0 };
	struct journal_entry x = entry("run", str_of("new"));

	x.id = "20261125T101500Z-1";
	x.record.ttl = 300;
	x.was = (struct str)STR_LIT("old \377");
	assert_int_equal(journal_write(dir, "run.test", JOURNAL_ADD, &x, &e),
			 0);
	x.was = (struct str){ 0 };
	x.record.value = str_of("theirs");
	assert_int_equal(journal_write(dir, "run.test", JOURNAL_TAKE, &x, &e),
			 0);
	assert_int_equal(journal_read(dir, "run.test", &m, &all, &e), 0);
	assert_int_equal(all.n, 2);
	assert_string_equal(all.at[0].entry.id, "20261125T101500Z-1");
	assert_int_equal(all.at[0].entry.record.ttl, 300);
	assert_true(str_eq(all.at[0].entry.was, "old \377"));
	assert_int_equal(all.at[1].op, JOURNAL_TAKE);
	assert_null(all.at[1].entry.was.at);
	/* What was taken is not ours. */
	assert_int_equal(journal_open_entries(dir, "run.test", NULL, NULL, &m,
					      &open, &e),
			 0);
	assert_int_equal(open.n, 1);
	assert_int_equal(journal_read(dir, "none.test", &m, &nothing, &e), 0);
	assert_int_equal(nothing.n, 0);
}

static void lists_zones(void **state)
{
	(void)state;
	AUTO(mem) struct mem m = { 0 };
	struct conf_list zones = { 0 };
	struct err e = { 0 };
	struct journal_entry x = entry("a", str_of("v"));

	assert_int_equal(journal_zones("/nonexistent", &m, &zones, &e), 0);
	assert_int_equal(zones.n, 0);
	assert_int_equal(journal_write(dir, "zz.test", JOURNAL_ADD, &x, &e), 0);
	assert_int_equal(journal_zones(dir, &m, &zones, &e), 0);
	assert_int_equal(zones.n, 3);
	assert_string_equal(zones.at[0], "example.org");
	assert_string_equal(zones.at[2], "zz.test");
}

static void write_file(const char *text)
{
	AUTO(mem) struct mem m = { 0 };
	struct err e = { 0 };

	assert_int_equal(
		fs_write(mem_fmt(&m, "%s/journal/example.org.jsonl", dir),
			 str_of(text), 0600, &e),
		0);
}

#define LINE(op, value)                                            \
	"{\"op\":\"" op "\",\"purpose\":\"acme\",\"owner\":\"a\"," \
	"\"name\":\"n.example.org\",\"type\":\"TXT\",\"value\":\"" value "\"}"

/* What a crash can leave: the end of the file, never its middle. */
static void survives_torn_ends(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int n; /* open entries; -1: refused */
	} rows[] = {
		{ LINE("add", "one") "\n", 1 },
		{ LINE("add", "one") "\n" LINE("add", "two"), 1 },
		{ LINE("add", "one") "\n{\"op\":\"ad", 1 },
		{ LINE("add", "one") "\n{\"op\":\"ad\n", 1 },
		{ "{\"op\":\"ad\n", 0 },
		{ "{\"op", 0 },
		{ "", 0 },
		{ "{\"op\":\"ad\n" LINE("add", "one") "\n", -1 },
		{ LINE("add", "one") "\n" LINE("zap", "one") "\n" LINE(
			  "add", "two") "\n",
		  -1 },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO(mem) struct mem m = { 0 };
		struct err e = { 0 };
		struct journal_entries open = { 0 };

		write_file(rows[i].text);
		int s = journal_open_entries(dir, "example.org", "acme", "a",
					     &m, &open, &e);
		if (rows[i].n < 0) {
			assert_int_equal(s, -1);
			assert_int_equal(e.kind, ERR_CONF);
			assert_non_null(strstr(e.msg, "example.org.jsonl:"));
			continue;
		}
		assert_int_equal(s, 0);
		assert_int_equal(open.n, rows[i].n);
		/* The next line is not glued to the torn one. */
		put(JOURNAL_ADD, "a", str_of("next"));
		assert_int_equal(open_of("a", &m, &open), rows[i].n + 1);
	}
}

static void refuses_names(void **state)
{
	(void)state;
	static const char *const bad[] = { "",    ".",       "../x",
					   "a/b", ".hidden", "a\nb" };

	for (size_t i = 0; i < COUNT(bad); i++) {
		struct err e = { 0 };
		struct journal_entry x = entry("a", str_of("v"));

		assert_int_equal(
			journal_write(dir, bad[i], JOURNAL_ADD, &x, &e), -1);
		assert_int_equal(e.kind, ERR_PERM);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(remembers),
		cmocka_unit_test(keeps_runs),
		cmocka_unit_test(lists_zones),
		cmocka_unit_test(survives_torn_ends),
		cmocka_unit_test(refuses_names),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
