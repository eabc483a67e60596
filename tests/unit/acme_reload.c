#include "test.h"

#include <sched.h>
#include <unistd.h>

#include "acme/reload.h"
#include "base/clock.h"
#include "home.h"

/* What was told, for looking into. */
struct ear {
	struct tell tell;
	struct buf text;
};

static void hear(struct tell *t, enum tell_kind kind, const char *who,
		 const char *text)
{
	struct ear *ear = (struct ear *)(void *)t;

	(void)kind;
	buf_fmt(&ear->text, "%s|%s\n", who, text);
}

static void script(struct home *h, const char *name, const char *body)
{
	struct err e = { 0 };
	const char *path = home_path(h, mem_fmt(&h->mem, "reload/%s", name));

	assert_int_equal(fs_mkdir(home_path(h, "reload"), 0755, &e), 0);
	assert_int_equal(
		fs_write(path,
			 str_of(mem_fmt(&h->mem, "#!/bin/sh\n%s\n", body)),
			 0750, &e),
		0);
}

static struct reload_item item(struct home *h, const char *domain)
{
	return (struct reload_item){
		.name = domain,
		.domain = domain,
		.dir = home_path(h, mem_fmt(&h->mem, "acme/live/%s", domain)),
		.stamp = "20261125T021330Z",
		.limit_ms = 20000,
	};
}

static const char *file(struct home *h, const char *name)
{
	AUTO(buf) struct buf text = { 0 };
	struct err e = { 0 };

	if (fs_read(home_path(h, name), &text, &e))
		return "";
	return mem_str(&h->mem, buf_c(&text));
}

static void run_one(struct home *h, struct reload_item *x, struct ear *ear)
{
	ear->tell.show = hear;
	reload_run(h->dir, x, 1, &ear->tell, &h->mem);
}

static void no_script_is_fine(void **state)
{
	struct home *h = *state;
	struct reload_item x = item(h, "a.org");

	x.status = -1;
	x.ran = true;
	reload_run(h->dir, &x, 1, NULL, &h->mem);
	assert_int_equal(x.status, 0);
	assert_false(x.ran);
	assert_null(x.why);
	reload_run(h->dir, &x, 0, NULL, &h->mem);
}

static void the_environment_is_what_is_documented(void **state)
{
	struct home *h = *state;
	struct reload_item x = item(h, "a.org");
	struct ear ear = { 0 };

	script(h, "a.org.sh",
	       "env | sort | grep -v '^PWD=\\|^_=\\|^SHLVL=' >env\n"
	       "echo \"$#/$1\" >args; pwd >where; cat >input");
	assert_int_equal(setenv("CF_Token", "secret", 1), 0);
	assert_int_equal(setenv("HOME", "/root", 1), 0);
	run_one(h, &x, &ear);
	assert_int_equal(x.status, 0);
	assert_true(x.ran);
	assert_null(x.why);
	assert_string_equal(
		file(h, "reload/env"),
		mem_fmt(&h->mem,
			"HOME=/root\nLANG=C.UTF-8\n"
			"OPSMAIL_CERT=%s/acme/live/a.org/cert.pem\n"
			"OPSMAIL_CHAIN=%s/acme/live/a.org/chain.pem\n"
			"OPSMAIL_CONF=%s\n"
			"OPSMAIL_DIR=%s/acme/live/a.org\n"
			"OPSMAIL_DOMAIN=a.org\n"
			"OPSMAIL_FULLCHAIN=%s/acme/live/a.org/fullchain.pem\n"
			"OPSMAIL_KEY=%s/acme/live/a.org/privkey.pem\n"
			"OPSMAIL_NAMES=a.org\n"
			"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:"
			"/usr/bin:/sbin:/bin\n",
			h->dir, h->dir, h->dir, h->dir, h->dir, h->dir));
	assert_string_equal(file(h, "reload/args"), "1/a.org\n");
	assert_string_equal(file(h, "reload/where"),
			    mem_fmt(&h->mem, "%s/reload\n", h->dir));
	assert_string_equal(file(h, "reload/input"), "");
	assert_int_equal(ear.text.n, 0);
	buf_free(&ear.text);
}

static void one_file_is_one_call(void **state)
{
	struct home *h = *state;
	struct reload_item x[5];
	const char *link = home_path(h, "reload/b.org.sh");

	script(h, "a.org.sh", "echo \"$1: $OPSMAIL_NAMES\" >>calls");
	script(h, "c.org.sh", "echo \"$1: $OPSMAIL_NAMES\" >>calls; exit 3");
	assert_int_equal(symlink("a.org.sh", link), 0);
	x[0] = item(h, "a.org");
	x[1] = item(h, "c.org");
	x[2] = item(h, "b.org");
	x[3] = item(h, "a.org");
	x[3].name = "a.org_rsa";
	x[4] = item(h, "none.org");
	reload_run(h->dir, x, 5, NULL, &h->mem);
	assert_string_equal(file(h, "reload/calls"),
			    "a.org: a.org b.org a.org_rsa\nc.org: c.org\n");
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(x[i].status, i == 1 ? -1 : 0);
		assert_int_equal(x[i].ran, i != 4);
	}
}

static void failures_are_sentences(void **state)
{
	struct home *h = *state;
	static const struct {
		const char *body, *says, *told;
	} cases[] = {
		{ "exit 1", "ended with status 1", "" },
		{ "echo one; echo 'nginx: bad' >&2; exit 1",
		  "ended with status 1: nginx: bad",
		  "a.org|a.org.sh: one\na.org|a.org.sh: nginx: bad\n" },
		{ "no-such-command", "status 127 (a command was not found)",
		  NULL },
		{ "kill -9 $$", "status 137", "" },
		{ "echo fine; echo; exit 2", "status 2: fine", NULL },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct reload_item x = item(h, "a.org");
		struct ear ear = { 0 };

		script(h, "a.org.sh", cases[i].body);
		run_one(h, &x, &ear);
		assert_int_equal(x.status, -1);
		assert_true(x.ran);
		assert_non_null(str_find(str_of(x.why), cases[i].says));
		assert_non_null(str_find(str_of(x.why), "reload/a.org.sh"));
		if (cases[i].told)
			assert_string_equal(buf_c(&ear.text), cases[i].told);
		buf_free(&ear.text);
	}
}

/* A dead process may stay as a zombie where nobody reaps orphans. */
static bool is_alive(const char *pid)
{
	AUTO(buf) struct buf text = { 0 };
	AUTO(mem) struct mem m = { 0 };
	struct err e = { 0 };

	return !fs_read(mem_fmt(&m, "/proc/%s/stat", pid), &text, &e) &&
	       !str_find(buf_get(&text), ") Z ");
}

static void a_hang_ends_at_the_limit(void **state)
{
	struct home *h = *state;
	struct reload_item x = item(h, "a.org");
	int64_t start = clock_ms();
	const char *pid;

	script(h, "a.org.sh", "sleep 1000 & echo $! >pid; echo hangs; wait");
	x.limit_ms = 200;
	reload_run(h->dir, &x, 1, NULL, &h->mem);
	assert_int_equal(x.status, -1);
	assert_true(x.ran);
	assert_non_null(str_find(str_of(x.why), "limit"));
	assert_true(clock_ms() - start < 10000);
	pid = file(h, "reload/pid");
	pid = mem_dup(&h->mem, pid, str_trim(str_of(pid)).n);
	assert_true(*pid);
	while (is_alive(pid) && clock_ms() - start < 15000)
		(void)sched_yield();
	assert_false(is_alive(pid));
}

static void a_child_in_the_background_holds_nobody(void **state)
{
	struct home *h = *state;
	struct reload_item x = item(h, "a.org");
	int64_t start = clock_ms();

	script(h, "a.org.sh", "sleep 1000 &\necho started");
	reload_run(h->dir, &x, 1, NULL, &h->mem);
	assert_int_equal(x.status, 0);
	assert_true(x.ran);
	assert_true(clock_ms() - start < 10000);
}

static void a_flood_is_dropped(void **state)
{
	struct home *h = *state;
	struct reload_item x = item(h, "a.org");
	struct ear ear = { .text.max = 1 << 20 };

	script(h, "a.org.sh", "yes flood | head -c 100000000; exit 4");
	run_one(h, &x, &ear);
	assert_int_equal(x.status, -1);
	assert_non_null(str_find(str_of(x.why), "status 4"));
	assert_true(ear.text.n < 2000);
	buf_free(&ear.text);
	script(h, "a.org.sh", "head -c 1000000 /dev/zero");
	run_one(h, &x, &ear);
	assert_int_equal(x.status, 0);
}

static void closed_descriptors_are_fine(void **state)
{
	struct home *h = *state;
	struct reload_item x = item(h, "a.org");

	script(h, "a.org.sh", "exec <&- >&- 2>&-\n: >done");
	reload_run(h->dir, &x, 1, NULL, &h->mem);
	assert_int_equal(x.status, 0);
	assert_true(fs_exists(home_path(h, "reload/done")));
}

static void unsafe_scripts_do_not_run(void **state)
{
	struct home *h = *state;
	const char *path = home_path(h, "reload/a.org.sh");
	static const struct {
		mode_t mode, folder;
		const char *says;
	} cases[] = {
		{ 0772, 0755, "chmod go-w" },
		{ 0720, 0755, "chmod go-w" },
		{ 0700, 0777, "chmod go-w" },
		{ 0600, 0755, "chmod +x" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct reload_item x = item(h, "a.org");

		script(h, "a.org.sh", ": >done");
		assert_int_equal(chmod(path, cases[i].mode), 0);
		assert_int_equal(chmod(home_path(h, "reload"), cases[i].folder),
				 0);
		reload_run(h->dir, &x, 1, NULL, &h->mem);
		assert_int_equal(x.status, -1);
		assert_false(x.ran);
		assert_non_null(str_find(str_of(x.why), cases[i].says));
		assert_false(fs_exists(home_path(h, "reload/done")));
	}
}

static void what_is_no_script_is_named(void **state)
{
	struct home *h = *state;
	struct reload_item x[3] = { item(h, "a.org"), item(h, "b.org"),
				    item(h, "../x") };
	struct err e = { 0 };

	assert_int_equal(fs_mkdir(home_path(h, "reload/b.org.sh"), 0755, &e),
			 0);
	assert_int_equal(symlink("gone", home_path(h, "reload/a.org.sh")), 0);
	reload_run(h->dir, x, 3, NULL, &h->mem);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(x[i].status, -1);
		assert_false(x[i].ran);
		assert_non_null(x[i].why);
	}
	assert_non_null(str_find(str_of(x[1].why), "is no file"));
}

static void the_example_does_nothing_and_stays(void **state)
{
	struct home *h = *state;
	struct reload_item x = item(h, "a.org");
	bool made = false;
	struct err e = { 0 };

	assert_int_equal(reload_example(h->dir, "a.org",
					STR_LIT("#!/bin/sh\n# nginx\n"), &made,
					&e),
			 0);
	assert_true(made);
	assert_int_equal(home_mode(home_path(h, "reload/a.org.sh")), 0750);
	reload_run(h->dir, &x, 1, NULL, &h->mem);
	assert_int_equal(x.status, 0);
	assert_true(x.ran);
	assert_int_equal(reload_example(h->dir, "a.org", STR_LIT("other"),
					&made, &e),
			 0);
	assert_false(made);
	assert_string_equal(file(h, "reload/a.org.sh"), "#!/bin/sh\n# nginx\n");
	assert_int_equal(reload_example(h->dir, "../x", STR_LIT("other"), &made,
					&e),
			 -1);
	assert_int_equal(e.kind, ERR_USAGE);
}

#define HOME(f) cmocka_unit_test_setup_teardown(f, home_make, home_drop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOME(no_script_is_fine),
		HOME(the_environment_is_what_is_documented),
		HOME(one_file_is_one_call),
		HOME(failures_are_sentences),
		HOME(a_hang_ends_at_the_limit),
		HOME(a_child_in_the_background_holds_nobody),
		HOME(a_flood_is_dropped),
		HOME(closed_descriptors_are_fine),
		HOME(unsafe_scripts_do_not_run),
		HOME(what_is_no_script_is_named),
		HOME(the_example_does_nothing_and_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
