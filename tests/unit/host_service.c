/* The renewal job, with a root of its own and a fake crontab on PATH. */
#include "host/service.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fs.h"
#include "base/proc.h"

#include "tests/unit/test.h"

/* Keeps the table in $FAKE/tab; `crontab -l` of an absent one says what the
 * real one says. */
static const char fake_crontab[] =
	"#!/bin/sh\n"
	"case $1 in\n"
	"-l) cat \"$FAKE/tab\" 2>/dev/null || {\n"
	"	echo 'no crontab for root' >&2; exit 1; } ;;\n"
	"-) cat >\"$FAKE/tab\"; echo x >>\"$FAKE/writes\" ;;\n"
	"esac\n";
static const char fake_systemctl[] =
	"#!/bin/sh\n"
	"echo \"$*\" >>\"$FAKE/systemctl\"\n"
	"w=$FAKE/etc/systemd/system/timers.target.wants\n"
	"case $1 in\n"
	"enable) mkdir -p \"$w\"; ln -sf ../$2 \"$w/$2\" ;;\n"
	"disable) rm -f \"$w/$3\" ;;\n"
	"esac\n";

struct place {
	struct mem m;
	char dir[64];
	struct service_host host;
};

static const char *in(struct place *p, const char *name)
{
	return mem_fmt(&p->m, "%s/%s", p->dir, name);
}

static void put(struct place *p, const char *name, const char *text,
		mode_t mode)
{
	struct err e = { 0 };

	assert_int_equal(fs_write(in(p, name), str_of(text), mode, &e), 0);
}

static const char *get(struct place *p, const char *name)
{
	struct buf b = { 0 };
	struct err e = { 0 };
	const char *text = NULL;

	if (!fs_read(in(p, name), &b, &e))
		text = mem_str(&p->m, buf_c(&b));
	buf_free(&b);
	return text;
}

static int begin(void **state)
{
	static const char name[] = "/tmp/opsmail-service-XXXXXX";
	struct place *p = calloc(1, sizeof(*p));

	memcpy(p->dir, name, sizeof(name));
	assert_non_null(mkdtemp(p->dir));
	assert_int_equal(mkdir(in(p, "bin"), 0755), 0);
	put(p, "bin/crontab", fake_crontab, 0755);
	put(p, "bin/systemctl", fake_systemctl, 0755);
	setenv("FAKE", p->dir, 1);
	setenv("PATH", mem_fmt(&p->m, "%s:/usr/bin:/bin", in(p, "bin")), 1);
	p->host = (struct service_host){ .program = "/usr/local/bin/opsmail",
					 .conf_dir = "/etc/opsmail",
					 .root = p->dir,
					 .is_root = true };
	*state = p;
	return 0;
}

static int end(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };

	fs_remove_tree(p->dir, &e);
	mem_free(&p->m);
	free(p);
	return 0;
}

static void boot_systemd(struct place *p)
{
	struct err e = { 0 };

	fs_mkdir(in(p, "run/systemd/system"), 0755, &e);
	fs_mkdir(in(p, "etc/systemd/system"), 0755, &e);
}

static size_t pending(const struct service_plan *plan)
{
	size_t n = 0;

	for (size_t i = 0; i < plan->n; i++)
		n += !plan->at[i].done;
	return n;
}

static size_t install(struct place *p, enum service_mode mode)
{
	struct service_plan plan = { 0 };
	struct err e = { 0 };

	if (service_cron_install(&p->host, mode, &p->m, &plan, &e))
		fail_msg("%s", e.msg);
	return pending(&plan);
}

static size_t uninstall(struct place *p, enum service_mode mode)
{
	struct service_plan plan = { 0 };
	struct err e = { 0 };

	if (service_cron_remove(&p->host, mode, &p->m, &plan, &e))
		fail_msg("%s", e.msg);
	return pending(&plan);
}

static struct service_cron show(struct place *p)
{
	struct service_cron c;
	struct err e = { 0 };

	assert_int_equal(service_cron_show(&p->host, &p->m, &c, &e), 0);
	return c;
}

static void adds_a_line(void **state)
{
	struct place *p = *state;
	struct service_cron c;
	unsigned minute;
	const char *first;
	int n = 0;

	assert_int_equal(show(p).kind, SERVICE_NONE);
	assert_int_equal(install(p, SERVICE_PLAN), 1);
	assert_null(get(p, "tab"));
	assert_int_equal(install(p, SERVICE_APPLY), 1);
	first = get(p, "tab");
	assert_int_equal(sscanf(first, "%u * * * * %n", &minute, &n), 1);
	assert_in_range(minute, 0, 59);
	assert_string_equal(first + n, "/usr/local/bin/opsmail --conf "
				       "/etc/opsmail -q cron --run "
				       "# opsmail-cron\n");
	assert_int_equal(install(p, SERVICE_APPLY), 0);
	assert_string_equal(get(p, "tab"), first);
	assert_string_equal(get(p, "writes"), "x\n");
	c = show(p);
	assert_int_equal(c.kind, SERVICE_CRONTAB);
	assert_int_equal(strlen(c.when), (size_t)n - 1);
	assert_string_equal(c.what,
			    mem_dup(&p->m, first + n, strlen(first + n) - 1));
}

static void leaves_foreign_lines(void **state)
{
	static const struct {
		const char *before, *kept, *behind;
	} cases[] = {
		{ "# mine\n1 2 * * * x % y\n", "# mine\n1 2 * * * x % y\n",
		  "" },
		{ "no end", "no end\n", "" },
		{ "\n\t odd \r\n\n", "\n\t odd \r\n\n", "" },
		{ "a\n5 4,16 * * * old # opsmail-cron\nb", "a\n", "b" },
		{ "# see # opsmail-cron\n", "# see # opsmail-cron\n", "" },
		{ "5 * * * * a # opsmail-cron\nx\n"
		  "6 * * * * b # opsmail-cron\n",
		  "", "x\n" },
	};
	struct place *p = *state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *tab, *lf;
		size_t n = strlen(cases[i].kept);

		put(p, "tab", cases[i].before, 0600);
		assert_int_equal(install(p, SERVICE_APPLY), 1);
		tab = get(p, "tab");
		assert_memory_equal(tab, cases[i].kept, n);
		lf = strchr(tab + n, '\n');
		assert_non_null(lf);
		assert_memory_equal(lf - 14, "# opsmail-cron", 14);
		assert_string_equal(lf + 1, cases[i].behind);
		if (strstr(cases[i].before, "5 4,16"))
			assert_memory_equal(tab + n, "5 * * * * /usr", 14);
		assert_int_equal(uninstall(p, SERVICE_APPLY), 1);
		assert_string_equal(get(p, "tab"),
				    mem_fmt(&p->m, "%s%s", cases[i].kept,
					    cases[i].behind));
		assert_int_equal(uninstall(p, SERVICE_APPLY), 0);
	}
}

static void quotes_odd_paths(void **state)
{
	struct place *p = *state;

	p->host.conf_dir = "/srv/it's 100%";
	install(p, SERVICE_APPLY);
	assert_non_null(strstr(get(p, "tab"),
			       " --conf '/srv/it'\\''s 100\\%' -q cron --run"));
	p->host.conf_dir = "/srv/a\nb";
	struct service_plan plan = { 0 };
	struct err e = { 0 };

	assert_int_equal(service_cron_install(&p->host, SERVICE_APPLY, &p->m,
					      &plan, &e),
			 -1);
	assert_non_null(strstr(e.msg, "a line end cannot stand here"));
}

static void wants_some_scheduler(void **state)
{
	struct place *p = *state;
	struct service_plan plan = { 0 };
	struct err e = { 0 };

	setenv("PATH", p->dir, 1);
	assert_int_equal(service_cron_install(&p->host, SERVICE_PLAN, &p->m,
					      &plan, &e),
			 -1);
	assert_int_equal(e.kind, ERR_MISSING);
	assert_non_null(strstr(e.msg, "apt-get install cron"));
	boot_systemd(p);
	p->host.is_root = false;
	assert_int_equal(service_cron_install(&p->host, SERVICE_PLAN, &p->m,
					      &plan, &e),
			 -1);
	assert_non_null(strstr(e.msg, "only root"));
	assert_int_equal(show(p).kind, SERVICE_NONE);
}

static void passes_on_what_crontab_says(void **state)
{
	struct place *p = *state;
	struct service_plan plan = { 0 };
	struct err e = { 0 };

	put(p, "bin/crontab", "#!/bin/sh\necho 'not allowed' >&2\nexit 1\n",
	    0755);
	assert_int_equal(service_cron_install(&p->host, SERVICE_APPLY, &p->m,
					      &plan, &e),
			 -1);
	assert_string_equal(e.msg, "crontab -l ended with 1: not allowed");
	put(p, "bin/crontab",
	    "#!/bin/sh\n[ \"$1\" = -l ] && exit 0\n"
	    "echo full >&2\nexit 3\n",
	    0755);
	assert_int_equal(service_cron_install(&p->host, SERVICE_APPLY, &p->m,
					      &plan, &e),
			 -1);
	assert_string_equal(e.msg, "crontab - ended with 3: full");
}

static void makes_a_timer(void **state)
{
	struct place *p = *state;
	struct service_cron c;
	const char *units = "etc/systemd/system";

	boot_systemd(p);
	put(p, "tab", "5 4,16 * * * old # opsmail-cron\nmine\n", 0600);
	assert_int_equal(install(p, SERVICE_PLAN), 6);
	assert_null(get(p, mem_fmt(&p->m, "%s/opsmail-cron.timer", units)));
	assert_int_equal(install(p, SERVICE_APPLY), 6);
	assert_string_equal(get(p, "systemctl"),
			    "daemon-reload\nenable opsmail-cron.timer\n"
			    "restart opsmail-cron.timer\n");
	assert_string_equal(get(p, "tab"), "mine\n");
	assert_non_null(
		strstr(get(p, mem_fmt(&p->m, "%s/opsmail-cron.service", units)),
		       "\nExecStart=:\"/usr/local/bin/opsmail\" --conf "
		       "\"/etc/opsmail\" -q cron --run\n"));
	assert_int_equal(install(p, SERVICE_APPLY), 0);
	c = show(p);
	assert_int_equal(c.kind, SERVICE_TIMER);
	assert_true(c.enabled);
	assert_string_equal(c.when, "hourly");
	p->host.conf_dir = "/srv/conf";
	assert_int_equal(install(p, SERVICE_APPLY), 3);
	assert_int_equal(uninstall(p, SERVICE_PLAN), 4);
	assert_int_equal(uninstall(p, SERVICE_APPLY), 4);
	assert_int_equal(uninstall(p, SERVICE_APPLY), 0);
	assert_int_equal(show(p).kind, SERVICE_NONE);
}

/* systemd's own parser judges the units, odd paths included. */
static void pleases_systemd(void **state)
{
	static const char *const dirs[] = { "/etc/opsmail",
					    "/srv/a \"b\" 100%h $c\\d" };
	struct place *p = *state;

	if (access("/usr/bin/systemd-analyze", X_OK)) {
		print_message("systemd-analyze is missing\n");
		if (getenv("CI"))
			fail();
		skip();
	}
	boot_systemd(p);
	for (size_t i = 0; i < COUNT(dirs); i++) {
		struct buf out = { 0 };
		const char *unit = in(p, "etc/systemd/system/opsmail-cron");
		const char *argv[] = { "systemd-analyze",
				       "verify",
				       "--man=no",
				       "--recursive-errors=no",
				       mem_fmt(&p->m, "%s.service", unit),
				       mem_fmt(&p->m, "%s.timer", unit),
				       NULL };
		struct proc run = { .argv = argv,
				    .limit_ms = 60000,
				    .merge = true,
				    .out = &out };
		struct err e = { 0 };
		int status;

		p->host.conf_dir = dirs[i];
		p->host.program = "/bin/true";
		install(p, SERVICE_APPLY);
		assert_int_equal(proc_run(&run, &status, &e), 0);
		assert_string_equal(buf_c(&out), "");
		assert_int_equal(status, 0);
		buf_free(&out);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(adds_a_line, begin, end),
		cmocka_unit_test_setup_teardown(leaves_foreign_lines, begin,
						end),
		cmocka_unit_test_setup_teardown(quotes_odd_paths, begin, end),
		cmocka_unit_test_setup_teardown(wants_some_scheduler, begin,
						end),
		cmocka_unit_test_setup_teardown(passes_on_what_crontab_says,
						begin, end),
		cmocka_unit_test_setup_teardown(makes_a_timer, begin, end),
		cmocka_unit_test_setup_teardown(pleases_systemd, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
