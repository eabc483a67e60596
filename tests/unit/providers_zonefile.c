/* A zone file, with scripts of the test's own as the server's tools. */
#include <sys/stat.h>

#include "tests/unit/drivers.h"

#define HEAD "$TTL 1h\n@ IN SOA ns h 7 2 3 4 5\n"
#define SERVED "@ IN NS ns\nns A 192.0.2.53 ; here\n"

static int setup(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/opsmail-zonefile-XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int teardown(void **state)
{
	struct err e = { 0 };

	(void)state;
	return fs_remove_tree(dir, &e);
}

static const char *put(struct mem *m, const char *name, const char *text,
		       mode_t mode)
{
	const char *path = mem_fmt(m, "%s/%s", dir, name);
	struct err e = { 0 };

	assert_int_equal(fs_write(path, str_of(text), mode, &e), 0);
	return path;
}

static const char *tool(struct mem *m, const char *name, const char *text)
{
	return put(m, name, mem_fmt(m, "#!/bin/sh\n%s\n", text), 0700);
}

static void expect_file(const char *path, const char *want)
{
	AUTO(buf) struct buf b = { 0 };
	struct err e = { 0 };

	assert_int_equal(fs_read(path, &b, &e), 0);
	assert_string_equal(buf_c(&b), want);
}

/* A zone db.ex.test with these two scripts. */
static void start(struct bench *b, struct mem *m, const char *check,
		  const char *reload)
{
	struct err e = { 0 };
	const char *const credentials[] = {
		mem_fmt(m, "ZONEFILE_PATH=%s/db.{zone}", dir),
		mem_fmt(m, "ZONEFILE_CHECK=%s {zone} {file}",
			tool(m, "check", check)),
		mem_fmt(m, "ZONEFILE_RELOAD=%s reload {zone}",
			tool(m, "reload", reload)),
		NULL
	};

	put(m, "db.ex.test", HEAD SERVED, 0640);
	if (open_it(b, "zonefile", credentials, &e) < 0)
		fail_msg("%s", e.msg);
}

static void edits(void **state)
{
	(void)state;
	AUTO(mem) struct mem m = { 0 };
	struct bench b;
	struct err e = { 0 };
	struct stat st;
	const char *zone, *log = mem_fmt(&m, "%s/log", dir);
	const char *path = mem_fmt(&m, "%s/db.ex.test", dir);

	start(&b, &m,
	      mem_fmt(&m, "grep -c 'h [89]' \"$2\" >>%s && echo $1 >>%s", log,
		      log),
	      mem_fmt(&m, "echo $* >>%s", log));
	assert_int_equal(
		b.dns.provider->find_zone(&b.dns, "a.b.ex.test", &zone, &e), 0);
	assert_string_equal(zone, "ex.test");
	assert_int_equal(
		b.dns.provider->find_zone(&b.dns, "a.no.test", &zone, &e), -1);
	assert_int_equal(e.kind, ERR_MISSING);
	const struct edit x = { .dns = &b.dns,
				.zone = "ex.test",
				.purpose = "acme",
				.owner = "ex.test" };
	struct records two = values(&m, "apex", "wild"),
		       one = values(&m, "apex", NULL);
	assert_int_equal(edit_values(&x, &two, NULL, &e), 0);
	expect_file(path, "$TTL 1h\n@ IN SOA ns h 8 2 3 4 5\n" SERVED
			  "_acme-challenge\t60\tIN\tTXT\t\"apex\"\n"
			  "_acme-challenge\t60\tIN\tTXT\t\"wild\"\n");
	assert_int_equal(edit_values(&x, &two, NULL, &e), 0);
	assert_int_equal(edit_values(&x, NULL, &one, &e), 0);
	expect_file(path, "$TTL 1h\n@ IN SOA ns h 9 2 3 4 5\n" SERVED
			  "_acme-challenge\t60\tIN\tTXT\t\"wild\"\n");
	/* A check and a reload each; nothing where nothing changed. */
	expect_file(log, "1\nex.test\nreload ex.test\n"
			 "1\nex.test\nreload ex.test\n");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	close_it(&b);
}

static void lists(void **state)
{
	(void)state;
	AUTO(mem) struct mem m = { 0 };
	struct bench b;
	struct err e = { 0 };
	struct records all = { 0 }, ns = { 0 };

	start(&b, &m, "exit 0", "exit 0");
	assert_int_equal(b.dns.provider->list(&b.dns, "ex.test", NULL, 0, &m,
					      &all, &e),
			 0);
	assert_int_equal(all.n, 3);
	assert_int_equal(b.dns.provider->list(&b.dns, "ex.test", "ns.ex.test",
					      DNS_A, &m, &ns, &e),
			 0);
	assert_int_equal(ns.n, 1);
	assert_true(str_eq(ns.at[0].value, "192.0.2.53"));
	assert_int_equal(ns.at[0].ttl, 3600);
	put(&m, "db.ex.test", HEAD "$INCLUDE more\n", 0640);
	assert_int_equal(b.dns.provider->list(&b.dns, "ex.test", NULL, 0, &m,
					      &all, &e),
			 -1);
	assert_non_null(strstr(e.msg, "db.ex.test: line 3: $INCLUDE"));
	close_it(&b);
}

/* Whatever goes wrong, the file is as it was and nothing lies beside it. */
static void leaves_the_old_file(void **state)
{
	(void)state;
	static const struct {
		const char *check, *reload, *word;
	} rows[] = {
		{ "echo 'zone ex.test: bad'; exit 1", "exit 0",
		  "ends with status 1: zone ex.test: bad" },
		{ "exit 0", "echo 'connection refused' >&2; exit 1",
		  "is back: zonefile: " },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO(mem) struct mem m = { 0 };
		struct bench b;
		struct err e = { 0 };
		struct fs_names names = { 0 };
		struct change c = { .name = NAME, .type = DNS_TXT, .ttl = 60 };

		start(&b, &m, rows[i].check, rows[i].reload);
		c.add = values(&m, "v", NULL);
		assert_int_equal(
			b.dns.provider->apply(&b.dns, "ex.test", &c, &e), -1);
		assert_int_equal(e.kind, ERR_PERM);
		if (!strstr(e.msg, rows[i].word))
			fail_msg("%s", e.msg);
		expect_file(mem_fmt(&m, "%s/db.ex.test", dir), HEAD SERVED);
		assert_int_equal(fs_list(dir, &m, &names, &e), 0);
		for (size_t k = 0; k < names.n; k++)
			assert_false(
				str_starts(str_of(names.at[k]), ".opsmail"));
		close_it(&b);
	}
}

/* Somebody edits the file between our read and our write. */
static void meets_an_editor(void **state)
{
	(void)state;
	AUTO(mem) struct mem m = { 0 };
	struct bench b;
	struct err e = { 0 };
	const char *path = mem_fmt(&m, "%s/db.ex.test", dir);
	struct change c = { .name = NAME, .type = DNS_TXT, .ttl = 60 };

	start(&b, &m,
	      mem_fmt(&m,
		      "grep -q mine %s || echo 'mine A 192.0.2.1' >>%s; exit 0",
		      path, path),
	      "exit 0");
	c.add = values(&m, "v", NULL);
	assert_int_equal(b.dns.provider->apply(&b.dns, "ex.test", &c, &e), -1);
	assert_int_equal(e.kind, ERR_CHANGED);
	const struct edit x = { .dns = &b.dns,
				.zone = "ex.test",
				.purpose = "acme",
				.owner = "ex.test" };
	assert_int_equal(edit_values(&x, &c.add, NULL, &e), 0);
	expect_file(path, "$TTL 1h\n@ IN SOA ns h 8 2 3 4 5\n" SERVED
			  "mine A 192.0.2.1\n"
			  "_acme-challenge\t60\tIN\tTXT\t\"v\"\n");
	/* And what the change was based on is there no more. */
	struct change old = { .name = NAME,
			      .type = DNS_TXT,
			      .add = values(&m, "w", NULL) };
	assert_int_equal(b.dns.provider->apply(&b.dns, "ex.test", &old, &e),
			 -1);
	assert_int_equal(e.kind, ERR_CHANGED);
	close_it(&b);
}

static void keeps_a_symlink(void **state)
{
	(void)state;
	AUTO(mem) struct mem m = { 0 };
	struct bench b;
	struct err e = { 0 };
	struct stat st;
	const char *path = mem_fmt(&m, "%s/db.ex.test", dir);
	struct change c = { .name = NAME, .type = DNS_TXT, .ttl = 60 };

	start(&b, &m, "exit 0", "exit 0");
	put(&m, "real", HEAD, 0644);
	assert_int_equal(fs_point(path, "real", &e), 0);
	c.add = values(&m, "v", NULL);
	assert_int_equal(b.dns.provider->apply(&b.dns, "ex.test", &c, &e), 0);
	assert_int_equal(lstat(path, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	expect_file(mem_fmt(&m, "%s/real", dir),
		    "$TTL 1h\n@ IN SOA ns h 8 2 3 4 5\n"
		    "_acme-challenge\t60\tIN\tTXT\t\"v\"\n");
	close_it(&b);
}

static void refuses_settings(void **state)
{
	(void)state;
	static const struct {
		const char *credentials[4], *word;
	} rows[] = {
		{ { NULL }, "ZONEFILE_PATH (or Nsd_ZoneFile)" },
		{ { "ZONEFILE_PATH=db" }, "whole path" },
		{ { "ZONEFILE_PATH=/db", "ZONEFILE_SERVER=dnsmasq" },
		  "it is bind, knot or nsd" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct bench b;
		struct err e = { 0 };

		assert_int_equal(
			open_it(&b, "zonefile", rows[i].credentials, &e), -1);
		if (!strstr(e.msg, rows[i].word))
			fail_msg("%s", e.msg);
		close_it(&b);
	}
}

/* Without its tool nothing is changed. */
static void needs_its_tool(void **state)
{
	(void)state;
	AUTO(mem) struct mem m = { 0 };
	struct bench b;
	struct err e = { 0 };
	struct change c = { .name = NAME, .type = DNS_TXT, .ttl = 60 };
	const char *const credentials[] = {
		mem_fmt(&m, "ZONEFILE_PATH=%s",
			put(&m, "db.ex.test", HEAD, 0644)),
		"ZONEFILE_CHECK=no-such-checkzone {zone}",
		"Nsd_Command=nsd-control reload", NULL
	};

	assert_int_equal(open_it(&b, "nsd", credentials, &e), 0);
	c.add = values(&m, "v", NULL);
	assert_int_equal(b.dns.provider->apply(&b.dns, "ex.test", &c, &e), -1);
	assert_non_null(strstr(e.msg, "no-such-checkzone is not installed"));
	expect_file(mem_fmt(&m, "%s/db.ex.test", dir), HEAD);
	close_it(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edits),
		cmocka_unit_test(lists),
		cmocka_unit_test(leaves_the_old_file),
		cmocka_unit_test(meets_an_editor),
		cmocka_unit_test(keeps_a_symlink),
		cmocka_unit_test(refuses_settings),
		cmocka_unit_test(needs_its_tool),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
