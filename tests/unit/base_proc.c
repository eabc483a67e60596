#include "base/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/stop.h"
#include "tests/unit/test.h"

#define SH(script) ((const char *const[]){ "sh", "-c", script, NULL })

static void runs(void **state)
{
	static const struct {
		const char *script;
		int status;
		const char *out, *errs;
	} table[] = {
		{ "exit 0", 0, "", "" },
		{ "exit 7", 7, "", "" },
		{ "echo out; echo err >&2", 0, "out\n", "err\n" },
		{ "kill -9 $$", 137, "", "" },
		{ "kill -15 $$", 143, "", "" },
		{ "cat", 0, "", "" }, /* its input is empty, not ours */
		{ "[ -t 0 ] || echo none", 0, "none\n", "" },
		{ "printf 'a\\0b' | wc -c | tr -d ' '", 0, "3\n", "" },
		{ "trap", 0, "", "" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		AUTO(buf) struct buf out = { 0 };
		AUTO(buf) struct buf errs = { 0 };
		struct proc p = { .argv = SH(table[i].script),
				  .out = &out,
				  .errs = &errs };
		struct err e = { 0 };
		int status = -1;

		assert_int_equal(proc_run(&p, &status, &e), 0);
		assert_int_equal(status, table[i].status);
		assert_string_equal(buf_c(&out), table[i].out);
		assert_string_equal(buf_c(&errs), table[i].errs);
	}
}

static void merges_and_drops(void **state)
{
	AUTO(buf) struct buf out = { 0 };
	struct proc p = { .argv = SH("echo a; echo b >&2; echo c"),
			  .merge = true,
			  .out = &out };
	struct err e = { 0 };
	int status;

	(void)state;
	assert_int_equal(proc_run(&p, &status, &e), 0);
	assert_string_equal(buf_c(&out), "a\nb\nc\n");
	p.out = NULL;
	assert_int_equal(proc_run(&p, &status, &e), 0);
	p.merge = false;
	assert_int_equal(proc_run(&p, &status, &e), 0);
}

static void tells_what_cannot_start(void **state)
{
	static const char *const names[] = { "opsmail-no-such-program",
					     "/etc/passwd", "/no/such/path",
					     "/" };
	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		struct proc p = { .argv = (const char *const[]){ names[i],
								 NULL } };
		struct err e = { 0 };
		int status = 55;

		assert_int_equal(proc_run(&p, &status, &e), -1);
		assert_int_equal(e.kind, ERR_SYS);
		assert_non_null(strstr(e.msg, names[i]));
		assert_int_equal(status, 55);
	}
	struct proc p = { .argv = SH("true"), .dir = "/no/such/dir" };
	struct err e = { 0 };
	int status;

	assert_int_equal(proc_run(&p, &status, &e), -1);
}

static void gives_input_dir_and_environment(void **state)
{
	AUTO(buf) struct buf out = { 0 };
	AUTO(free) char *big = malloc(1 << 20);
	struct proc p = { .argv = SH("pwd; echo \"$A-$HOME\"; env | wc -l | "
				     "tr -d ' '; head -c 3; cat | wc -c"),
			  .env = (const char *const[]){ "A=1",
							"PATH=/usr/bin:/bin",
							NULL },
			  .dir = "/usr",
			  .input = { big, 1 << 20 },
			  .out = &out };
	struct err e = { 0 };
	int status;

	(void)state;
	memset(big, 'x', 1 << 20);
	assert_int_equal(proc_run(&p, &status, &e), 0);
	assert_memory_equal(out.at, "/usr\n1-\n", 8);
	assert_string_equal(out.at + out.n - 11, "xxx1048573\n");
}

static void minds_the_cap_of_the_output(void **state)
{
	AUTO(buf) struct buf out = { .max = 100 };
	struct proc p = { .argv = SH("head -c 3000000 /dev/zero | tr '\\0' x; "
				     "exit 3"),
			  .out = &out };
	struct err e = { 0 };
	int status;

	(void)state;
	assert_int_equal(proc_run(&p, &status, &e), 0);
	assert_int_equal(status, 3);
	assert_int_equal(out.n, 100);
	assert_true(out.full);
}

static void minds_the_limit(void **state)
{
	static const char *const scripts[] = {
		"sleep 60",
		"sleep 60 & wait",
		"while :; do echo x; done",
		"exec >&- 2>&-; sleep 60",
		"kill -STOP $$",
	};
	(void)state;
	for (size_t i = 0; i < COUNT(scripts); i++) {
		AUTO(buf) struct buf out = { .max = 10 };
		struct proc p = { .argv = SH(scripts[i]),
				  .limit_ms = 200,
				  .out = &out };
		struct err e = { 0 };
		int64_t start = clock_ms();
		int status = 0;

		assert_int_equal(proc_run(&p, &status, &e), -1);
		assert_int_equal(e.kind, ERR_TIMEOUT);
		assert_in_range(clock_ms() - start, 200, 1900);
		assert_int_equal(status, 143);
	}
}

static void kills_who_will_not_go(void **state)
{
	AUTO(buf) struct buf out = { 0 };
	struct proc p = { .argv = SH("trap '' TERM; echo here; while :; do "
				     "sleep 0.1; done"),
			  .limit_ms = 200,
			  .out = &out };
	struct err e = { 0 };
	int64_t start = clock_ms();
	int status;

	(void)state;
	assert_int_equal(proc_run(&p, &status, &e), -1);
	assert_int_equal(e.kind, ERR_TIMEOUT);
	assert_in_range(clock_ms() - start, 2200, 5000);
	assert_int_equal(status, 137);
	assert_string_equal(buf_c(&out), "here\n");
}

static void lets_a_late_answer_through(void **state)
{
	AUTO(buf) struct buf out = { 0 };
	struct proc p = { .argv = SH("trap 'echo bye; exit 9' TERM; sleep 60 & "
				     "wait"),
			  .limit_ms = 200,
			  .out = &out };
	struct err e = { 0 };
	int status;

	(void)state;
	assert_int_equal(proc_run(&p, &status, &e), -1);
	assert_int_equal(status, 9);
	assert_string_equal(buf_c(&out), "bye\n");
}

/* Dead, or dead and not yet waited for by whoever inherited it. */
static bool is_alive(uint64_t pid)
{
	AUTO(mem) struct mem m = { 0 };
	AUTO(buf) struct buf stat = { 0 };
	struct err e = { 0 };

	return !fs_read(mem_fmt(&m, "/proc/%u/stat", (unsigned)pid), &stat,
			&e) &&
	       !str_find(buf_get(&stat), ") Z ");
}

/* A background child that keeps our pipe does not keep us, and is ended; one
 * that left the group lives on, but does not keep us either. */
static void does_not_wait_for_the_background(void **state)
{
	static const char *const scripts[] = {
		"sleep 60 & echo $!",
		"setsid sleep 3 & echo $!; sleep 0.2",
	};
	(void)state;
	for (size_t i = 0; i < COUNT(scripts); i++) {
		AUTO(buf) struct buf out = { 0 };
		struct proc p = { .argv = SH(scripts[i]), .out = &out };
		struct err e = { 0 };
		int64_t start = clock_ms();
		uint64_t pid;
		int status;

		assert_int_equal(proc_run(&p, &status, &e), 0);
		assert_true(clock_ms() - start < 2000);
		assert_int_equal(
			str_num(str_trim(buf_get(&out)), INT32_MAX, &pid), 0);
		clock_sleep_ms(100);
		if (i == 0)
			assert_false(is_alive(pid));
		else
			(void)kill((pid_t)pid, SIGKILL);
	}
}

static void closes_descriptors(void **state)
{
	AUTO(fd) int open_one = open("/dev/null", O_RDONLY);
	AUTO(buf) struct buf out = { 0 };
	struct proc p = { .argv = SH("ls /proc/self/fd | wc -l | tr -d ' '; "
				     "cut -d' ' -f5 /proc/$$/stat; echo $$"),
			  .out = &out };
	struct err e = { 0 };
	int status;

	(void)state;
	assert_true(open_one > 2);
	assert_int_equal(proc_run(&p, &status, &e), 0);
	struct str text = buf_get(&out), count, group, pid;

	assert_true(str_line(&text, &count) && str_line(&text, &group) &&
		    str_line(&text, &pid));
	assert_true(str_eq(count, "4")); /* the fourth is the folder's */
	assert_true(str_same(group, pid));
}

/* The last seven digits are signals 1 to 28; those behind them belong to the
 * C library and to sanitizers. */
static void resets_signals(void **state)
{
	AUTO(buf) struct buf out = { 0 };
	struct proc p = {
		.argv = SH("grep -E '^Sig(Blk|Ign)' /proc/self/status | "
			   "sed 's/.*\\(.......\\)$/\\1/' | tr -dc 1-9a-f"),
		.out = &out
	};
	struct err e = { 0 };
	sigset_t usr;
	int status;

	(void)state;
	sigemptyset(&usr);
	sigaddset(&usr, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &usr, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	assert_int_equal(proc_run(&p, &status, &e), 0);
	(void)signal(SIGPIPE, SIG_DFL);
	pthread_sigmask(SIG_UNBLOCK, &usr, NULL);
	assert_string_equal(buf_c(&out), "");
}

static void *many(void *none)
{
	for (int i = 0; i < 20; i++) {
		AUTO(buf) struct buf out = { 0 };
		struct proc p = { .argv = SH("echo x; exit 4"), .out = &out };
		struct err e = { 0 };
		int status = 0;

		if (proc_run(&p, &status, &e) || status != 4 || out.n != 2)
			return &errno;
	}
	return none;
}

static void runs_in_threads(void **state)
{
	pthread_t t[4];

	(void)state;
	for (size_t i = 0; i < COUNT(t); i++)
		assert_int_equal(pthread_create(&t[i], NULL, many, NULL), 0);
	for (size_t i = 0; i < COUNT(t); i++) {
		void *bad;

		pthread_join(t[i], &bad);
		assert_null(bad);
	}
}

/* The last test: from here on a stop was asked for. */
static void stops(void **state)
{
	struct proc p = { .argv = SH("sleep 60") };
	struct err e = { 0 };
	int64_t start = clock_ms();
	int status;

	(void)state;
	stop_ask();
	assert_int_equal(proc_run(&p, &status, &e), -1);
	assert_int_equal(e.kind, ERR_STOPPED);
	assert_true(clock_ms() - start < 1900);
	p.argv = SH("exit 2");
	stop_shield();
	assert_int_equal(proc_run(&p, &status, &e), 0);
	stop_unshield();
	assert_int_equal(status, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(runs),
		cmocka_unit_test(merges_and_drops),
		cmocka_unit_test(tells_what_cannot_start),
		cmocka_unit_test(gives_input_dir_and_environment),
		cmocka_unit_test(minds_the_cap_of_the_output),
		cmocka_unit_test(minds_the_limit),
		cmocka_unit_test(kills_who_will_not_go),
		cmocka_unit_test(lets_a_late_answer_through),
		cmocka_unit_test(does_not_wait_for_the_background),
		cmocka_unit_test(closes_descriptors),
		cmocka_unit_test(resets_signals),
		cmocka_unit_test(runs_in_threads),
		cmocka_unit_test(stops),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
