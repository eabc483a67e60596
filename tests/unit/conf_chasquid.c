#include "conf/chasquid.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/fs.h"

#include "tests/unit/test.h"

static const char *list(struct chasquid *c, const struct conf_list *l)
{
	return mem_join(&c->mem, l->at, l->n, " ");
}

static void has_defaults(void **state)
{
	struct chasquid c;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(chasquid_parse(str_of(""), "f", str_of(""), &c, &e),
			 0);
	assert_null(c.hostname);
	assert_int_equal(c.max_data_size_mb, 50);
	assert_string_equal(list(&c, &c.smtp), "systemd");
	assert_string_equal(list(&c, &c.submission), "systemd");
	assert_string_equal(list(&c, &c.submissions), "systemd");
	assert_string_equal(list(&c, &c.mda_args), "-f %from% -d %to_user%");
	assert_string_equal(c.data_dir, "/var/lib/chasquid");
	assert_string_equal(c.suffix_separators, "+");
	assert_string_equal(c.drop_characters, ".");
	assert_int_equal(c.max_queue_items, 200);
	assert_true(c.give_up_ns == 20LL * 3600 * 1000000000);
	assert_int_equal(c.given, 0);
	chasquid_free(&c);
}

static const char full[] = "hostname: \"joust\"\n"
			   "smtp_address: \":1234\"\n"
			   "smtp_address: \":5678\"\n"
			   "submission_address: [\":10001\", \":10002\"]\n"
			   "monitoring_address: \":1111\"\n"
			   "max_data_size_mb: 26\n"
			   "suffix_separators: \"\"\n"
			   "max_queue_items: 345\n"
			   "dovecot_auth: true\n"
			   "data_dir: \"\"\n";

static void merges(void **state)
{
	struct chasquid c;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(chasquid_parse(str_of(full), "f",
					STR_LIT("hostname: 'proust' "
						"submission_address: ':999' "
						"dovecot_auth: false "
						"max_data_size_mb: 0 "
						"drop_characters: '' "
						"give_up_send_after: '7h30m'"),
					&c, &e),
			 0);
	assert_string_equal(c.hostname, "proust");
	assert_int_equal(c.max_data_size_mb, 26);
	assert_string_equal(list(&c, &c.smtp), ":1234 :5678");
	assert_string_equal(list(&c, &c.submission), ":999");
	assert_string_equal(list(&c, &c.submissions), "systemd");
	assert_string_equal(c.monitoring, ":1111");
	assert_string_equal(c.suffix_separators, "");
	assert_string_equal(c.drop_characters, "");
	assert_string_equal(c.data_dir, "/var/lib/chasquid");
	assert_true(c.dovecot_auth);
	assert_false(c.haproxy);
	assert_int_equal(c.max_queue_items, 345);
	assert_true(c.give_up_ns == 27000LL * 1000000000);
	assert_true(chasquid_given(&c, "max_queue_items"));
	assert_true(chasquid_given(&c, "suffix_separators"));
	assert_false(chasquid_given(&c, "data_dir"));
	assert_false(chasquid_given(&c, "mail_log_path"));
	assert_false(chasquid_given(&c, "nothing"));
	chasquid_free(&c);
}

/* What chasquid-util 1.19 prints of the same file, but for the second blank
 * that it throws dice for. */
static void prints_as_chasquid(void **state)
{
	static const char want[] = "hostname: \"joust\"\n"
				   "max_data_size_mb: 26\n"
				   "smtp_address: \":1234\"\n"
				   "smtp_address: \":5678\"\n"
				   "submission_address: \":10001\"\n"
				   "submission_address: \":10002\"\n"
				   "submission_over_tls_address: \"systemd\"\n"
				   "monitoring_address: \":1111\"\n"
				   "mail_delivery_agent_bin: \"maildrop\"\n"
				   "mail_delivery_agent_args: \"-f\"\n"
				   "mail_delivery_agent_args: \"%from%\"\n"
				   "mail_delivery_agent_args: \"-d\"\n"
				   "mail_delivery_agent_args: \"%to_user%\"\n"
				   "data_dir: \"/var/lib/chasquid\"\n"
				   "suffix_separators: \"\"\n"
				   "drop_characters: \".\"\n"
				   "mail_log_path: \"<syslog>\"\n"
				   "dovecot_auth: true\n"
				   "max_queue_items: 345\n"
				   "give_up_send_after: \"20h\"\n";
	AUTO(buf) struct buf out = { 0 };
	struct chasquid c;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(chasquid_parse(str_of(full), "f", str_of(""), &c, &e),
			 0);
	chasquid_print(&c, "other", &out);
	assert_string_equal(buf_c(&out), want);
	chasquid_free(&c);
	assert_int_equal(chasquid_parse(str_of(""), "f", str_of(""), &c, &e),
			 0);
	buf_clear(&out);
	chasquid_print(&c, "vm", &out);
	assert_int_equal(strncmp(buf_c(&out), "hostname: \"vm\"\n", 15), 0);
	chasquid_free(&c);
}

static void complains(void **state)
{
	static const struct {
		const char *text, *overrides, *says;
	} cases[] = {
		{ "<invalid> this", "", "parsing config: f:1:1: '<' stands" },
		{ "hostname: \"test\"", "broken override",
		  "parsing override: config_overrides:1:8: 'o' stands" },
		{ "hostnam: 'x'", "",
		  "f:1:1: unknown field: hostnam; did you" },
		{ "hostname: 'x'\nhostname: 'y'", "",
		  "f:2:1: hostname stands" },
		{ "max_queue_items: -1", "", "f:1:1: max_queue_items must be" },
		{ "smtp_address: 25", "", "f:1:1: smtp_address must be text" },
		{ "hostname: 'a\\x00b'", "", "f:1:1: hostname holds a NUL" },
		{ "give_up_send_after: '10'", "",
		  "invalid give_up_send_after value \"10\": time: missing unit "
		  "in duration \"10\"" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct chasquid c;
		struct err e = { 0 };

		assert_int_equal(chasquid_parse(str_of(cases[i].text), "f",
						str_of(cases[i].overrides), &c,
						&e),
				 -1);
		assert_int_equal(e.kind, ERR_CONF);
		if (!strstr(e.msg, cases[i].says))
			fail_msg("\"%s\" lacks \"%s\"", e.msg, cases[i].says);
		chasquid_free(&c);
	}
}

static void reads_durations(void **state)
{
	static const struct {
		const char *text;
		long long ns;
		const char *fault;
	} cases[] = {
		{ "0", 0, NULL },
		{ "20h", 72000000000000, NULL },
		{ "1h30m", 5400000000000, NULL },
		{ "+5s", 5000000000, NULL },
		{ "-5s", -5000000000, NULL },
		{ "1.5s", 1500000000, NULL },
		{ ".5m", 30000000000, NULL },
		{ "5.s", 5000000000, NULL },
		{ "1.123456789s", 1123456789, NULL },
		{ "0.3333333333333333333h", 1199999998800, NULL },
		{ "100ms1us\xc2\xb5s", 0, "time: unknown unit" },
		{ "3\xc2\xb5s", 3000, NULL },
		{ "7ns", 7, NULL },
		{ "9223372036854775807ns", INT64_MAX, NULL },
		{ "9223372036854775808ns", 0, "time: invalid duration" },
		{ "2562048h", 0, "time: invalid duration" },
		{ "", 0, "time: invalid duration \"\"" },
		{ "-", 0, "time: invalid duration \"-\"" },
		{ "h", 0, "time: invalid duration \"h\"" },
		{ ".s", 0, "time: invalid duration \".s\"" },
		{ "10", 0, "time: missing unit in duration \"10\"" },
		{ "2d", 0, "time: unknown unit \"d\" in duration \"2d\"" },
		{ "1h 2m", 0, "time: unknown unit \"h \"" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		AUTO(mem) struct mem m = { 0 };
		int64_t ns = 0;
		const char *fault =
			chasquid_duration(&m, str_of(cases[i].text), &ns);

		if (!fault != !cases[i].fault ||
		    (fault && !strstr(fault, cases[i].fault)))
			fail_msg("%s: %s", cases[i].text, fault);
		if (!fault && ns != cases[i].ns)
			fail_msg("%s is %lld", cases[i].text, (long long)ns);
	}
}

static void reads_addresses(void **state)
{
	static const struct {
		const char *text, *host, *port; /* host NULL: refused */
	} cases[] = {
		{ ":25", "", "25" },
		{ ":smtp", "", "smtp" },
		{ "127.0.0.1:1025", "127.0.0.1", "1025" },
		{ "mail.example:submission", "mail.example", "submission" },
		{ "[::1]:25", "::1", "25" },
		{ "", NULL, NULL },
		{ "25", NULL, NULL },
		{ "::1:25", NULL, NULL },
		{ "[::1]", NULL, NULL },
		{ "[127.0.0.1]:25", NULL, NULL },
		{ ":65536", NULL, NULL },
		{ ":25x", NULL, NULL },
		{ "host:", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		AUTO(mem) struct mem m = { 0 };
		struct chasquid_address a;
		struct err e = { 0 };
		int rc = chasquid_address(&m, cases[i].text, &a, &e);

		if (!rc != (cases[i].host != NULL))
			fail_msg("%s: %s", cases[i].text, e.msg);
		if (rc)
			continue;
		assert_string_equal(a.host, cases[i].host);
		assert_string_equal(a.port, cases[i].port);
		assert_false(a.systemd);
	}
	AUTO(mem) struct mem m = { 0 };
	struct chasquid_address a;
	struct err e = { 0 };

	assert_int_equal(chasquid_address(&m, "systemd", &a, &e), 0);
	assert_true(a.systemd);
}

/* A configuration folder with a bit of everything. */
static char dir[] = "/tmp/conf_chasquid.XXXXXX";

static void put(const char *path, const char *text)
{
	struct err e = { 0 };

	if (fs_write(path, str_of(text), 0600, &e))
		fail_msg("%s", e.msg);
}

static int enter(void **state)
{
	struct err e = { 0 };

	(void)state;
	memcpy(dir + sizeof(dir) - 7, "XXXXXX", 6);
	if (!mkdtemp(dir) || chdir(dir))
		return -1;
	return fs_mkdir("domains/Example.org", 0755, &e) ||
	       fs_mkdir("domains/\xc3\xb1.example", 0755, &e) ||
	       fs_mkdir("certs/a", 0755, &e) || fs_mkdir("certs/b", 0755, &e) ||
	       fs_mkdir("certs/c", 0755, &e);
}

static int leave(void **state)
{
	struct err e = { 0 };

	(void)state;
	return chdir("/") || fs_remove_tree(dir, &e);
}

static void finds_domains(void **state)
{
	AUTO(mem) struct mem m = { 0 };
	struct chasquid_domains all;
	const char *folder;
	struct err e = { 0 };

	(void)state;
	put("domains/README", "x");
	assert_int_equal(symlink("Example.org", "domains/alias.example"), 0);
	assert_int_equal(chasquid_domains(".", &m, &all, &e), 0);
	assert_int_equal(all.n, 3);
	assert_string_equal(all.at[0].name, "alias.example");
	assert_string_equal(all.at[1].name, "example.org");
	assert_string_equal(all.at[1].folder, "./domains/Example.org");
	assert_string_equal(all.at[2].name, "xn--ida.example");
	assert_int_equal(
		chasquid_folder(".", "xn--ida.example", &m, &folder, &e), 0);
	assert_string_equal(folder, "./domains/\xc3\xb1.example");
	assert_int_equal(chasquid_folder(".", "new.example", &m, &folder, &e),
			 0);
	assert_string_equal(folder, "./domains/new.example");
	assert_int_equal(chasquid_folder("no", "new.example", &m, &folder, &e),
			 0);
	assert_int_equal(chasquid_domains("no", &m, &all, &e), -1);
	assert_int_equal(e.kind, ERR_MISSING);
	assert_int_equal(mkdir("domains/EXAMPLE.org", 0755), 0);
	assert_int_equal(chasquid_domains(".", &m, &all, &e), -1);
	assert_non_null(strstr(e.msg, "are one domain"));
	assert_int_equal(rmdir("domains/EXAMPLE.org"), 0);
	assert_int_equal(mkdir("domains/a b", 0755), 0);
	assert_int_equal(chasquid_domains(".", &m, &all, &e), -1);
	assert_int_equal(e.kind, ERR_CONF);
}

static void finds_certificates(void **state)
{
	AUTO(mem) struct mem m = { 0 };
	struct chasquid_files all;
	struct err e = { 0 };

	(void)state;
	put("certs/README", "x");
	put("certs/a/fullchain.pem", "x");
	put("certs/a/privkey.pem", "x");
	put("certs/b/fullchain.pem", "x");
	assert_int_equal(symlink("a", "certs/d"), 0);
	assert_int_equal(symlink("nowhere", "certs/e"), 0);
	assert_int_equal(chasquid_certs(".", &m, &all, &e), 0);
	assert_int_equal(all.n, 5);
	assert_string_equal(all.at[0].path, "./certs/a/fullchain.pem");
	assert_string_equal(all.at[0].key, "./certs/a/privkey.pem");
	assert_null(all.at[0].skip);
	assert_string_equal(all.at[1].skip, "it has no privkey.pem");
	assert_string_equal(all.at[2].skip, "it has no fullchain.pem");
	assert_string_equal(all.at[3].name, "d");
	assert_null(all.at[3].skip);
	assert_non_null(all.at[4].skip);
	assert_int_equal(chasquid_certs("no", &m, &all, &e), -1);
	assert_int_equal(e.kind, ERR_MISSING);
}

static void finds_keys(void **state)
{
	AUTO(mem) struct mem m = { 0 };
	struct chasquid_files all;
	struct err e = { 0 };

	(void)state;
	put("domains/Example.org/users", "");
	put("domains/Example.org/dkim:s2.pem", "");
	put("domains/Example.org/dkim:20261125.pem", "");
	put("domains/Example.org/dkim:.pem", "");
	put("domains/Example.org/dkim:x.pem.bak", "");
	assert_int_equal(chasquid_keys("domains/Example.org", &m, &all, &e), 0);
	assert_int_equal(all.n, 2);
	assert_string_equal(all.at[0].name, "20261125");
	assert_string_equal(all.at[1].name, "s2");
	assert_string_equal(all.at[1].path, "domains/Example.org/dkim:s2.pem");
}

static void reads_files(void **state)
{
	struct chasquid c;
	struct err e = { 0 };

	(void)state;
	put("chasquid.conf", "data_dir: \".data\"\n");
	assert_int_equal(chasquid_read(".", str_of(""), &c, &e), 0);
	assert_string_equal(c.data_dir, ".data");
	chasquid_free(&c);
	assert_int_equal(chasquid_read(".no", str_of(""), &c, &e), -1);
	assert_string_equal(
		e.msg, "failed to read config at \".no/chasquid.conf\": open "
		       ".no/chasquid.conf: no such file or directory");
	assert_int_equal(e.kind, ERR_MISSING);
	chasquid_free(&c);
	put("chasquid.conf", "data_dir: 5");
	assert_int_equal(chasquid_read(".", str_of(""), &c, &e), -1);
	assert_string_equal(e.msg, "parsing config: ./chasquid.conf:1:1: "
				   "data_dir must be text in quotes, in UTF-8");
	chasquid_free(&c);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(has_defaults),
		cmocka_unit_test(merges),
		cmocka_unit_test(prints_as_chasquid),
		cmocka_unit_test(complains),
		cmocka_unit_test(reads_durations),
		cmocka_unit_test(reads_addresses),
		TEST(finds_domains),
		TEST(finds_certificates),
		TEST(finds_keys),
		TEST(reads_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
