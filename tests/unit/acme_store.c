#include "test.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "acme/store.h"
#include "base/clock.h"
#include "certs.h"
#include "home.h"

#define NAME "example.org"
static const char *const names[] = { NAME, "*." NAME };

/* A home with a configuration, and two pairs to install in turn. */
struct fixture {
	struct home *home;
	struct conf conf;
	struct key *key[2];
	struct chain chain[2];
	struct str pem[2];
};

static void set_up(struct fixture *f, void **state)
{
	struct err e = { 0 };
	const time_t now = clock_now();

	*f = (struct fixture){ .home = *state };
	f->conf.dir = home_path(f->home, "conf");
	for (size_t i = 0; i < 2; i++) {
		struct test_leaf want = { NULL, names, 2, now - 60,
					  now + 86400 };

		assert_int_equal(key_make(KEY_P256, &f->key[i], &e), 0);
		want.key = f->key[i];
		f->pem[i] = test_chain(&want, &f->home->mem);
		assert_int_equal(chain_read(f->pem[i], &f->home->mem,
					    &f->chain[i], &e),
				 0);
	}
}

static void tear_down(struct fixture *f)
{
	key_free(f->key[0]);
	key_free(f->key[1]);
}

static const char *install(struct fixture *f, size_t i)
{
	const char *stamp = NULL;
	struct err e = { 0 };

	if (store_install(&f->conf, &f->conf.acme, NAME, f->key[i],
			  &f->chain[i], 5, &f->home->mem, &stamp, &e))
		fail_msg("%s", e.msg);
	return stamp;
}

static const char *at(struct fixture *f, const char *path)
{
	return mem_fmt(&f->home->mem, "%s/acme/%s", f->conf.dir, path);
}

static size_t count(struct fixture *f, const char *path)
{
	struct fs_names all = { 0 };
	struct err e = { 0 };

	assert_int_equal(fs_list(at(f, path), &f->home->mem, &all, &e), 0);
	return all.n;
}

/* Which of the two pairs is live; -1 when key and chain are not of one pair. */
static int live_pair(struct fixture *f)
{
	AUTO(key) struct key *key = NULL;
	AUTO(mem) struct mem m = { 0 };
	struct store_live live;
	struct err e = { 0 };

	if (store_read_live(f->conf.dir, NAME, &m, &live, &e) ||
	    store_live_key(f->conf.dir, NAME, &key, &e))
		fail_msg("%s", e.msg);
	for (int i = 0; i < 2; i++)
		if (str_same(live.fullchain, f->pem[i]))
			return key_same(key, f->key[i]) ? i : -1;
	return -1;
}

static void nothing_is_live_at_first(void **state)
{
	struct fixture f;
	struct store_live live;
	struct key *key = NULL;
	struct fs_names found = { 0 };
	struct err e = { 0 };

	set_up(&f, state);
	assert_int_equal(
		store_read_live(f.conf.dir, NAME, &f.home->mem, &live, &e), -1);
	assert_int_equal(e.kind, ERR_MISSING);
	assert_int_equal(store_live_key(f.conf.dir, NAME, &key, &e), -1);
	assert_int_equal(e.kind, ERR_MISSING);
	assert_int_equal(store_names(f.conf.dir, &f.home->mem, &found, &e), 0);
	assert_int_equal(found.n, 0);
	tear_down(&f);
}

static void a_pair_becomes_live(void **state)
{
	struct fixture f;
	struct store_live live;
	struct err e = { 0 };
	AUTO(buf) struct buf text = { 0 };
	const char *stamp;

	set_up(&f, state);
	stamp = install(&f, 0);
	assert_int_equal(live_pair(&f), 0);
	assert_int_equal(
		store_read_live(f.conf.dir, NAME, &f.home->mem, &live, &e), 0);
	assert_string_equal(live.stamp, stamp);
	assert_string_equal(live.dir, at(&f, "live/" NAME));
	assert_int_equal(live.chain.n, 2);
	assert_int_equal(home_mode(at(&f, "live/" NAME "/privkey.pem")), 0600);
	assert_int_equal(home_mode(at(&f, "live/" NAME "/cert.pem")), 0644);
	assert_int_equal(home_mode(at(&f, "archive/" NAME)), 0700);
	assert_int_equal(home_mode(mem_fmt(&f.home->mem, "%s/archive/%s/%s",
					   at(&f, ""), NAME, stamp)),
			 0700);
	assert_int_equal(fs_read(at(&f, "live/" NAME "/cert.pem"), &text, &e),
			 0);
	assert_int_equal(fs_read(at(&f, "live/" NAME "/chain.pem"), &text, &e),
			 0);
	assert_true(str_same(buf_get(&text), f.pem[0]));
	tear_down(&f);
}

static void old_ones_are_pruned(void **state)
{
	struct fixture f;
	const char *first, *last = NULL;
	struct err e = { 0 };

	set_up(&f, state);
	first = install(&f, 0);
	for (size_t i = 1; i < 6; i++) {
		const char *next = install(&f, i % 2);

		assert_true(!last || strcmp(last, next) < 0);
		last = next;
	}
	assert_int_equal(count(&f, "archive/" NAME), 6);
	/* somebody goes back to the first: it is not taken away from him */
	assert_int_equal(
		fs_point(at(&f, "live/" NAME),
			 mem_fmt(&f.home->mem, "../archive/%s/%s", NAME, first),
			 &e),
		0);
	assert_int_equal(live_pair(&f), 0);
	install(&f, 1);
	assert_int_equal(live_pair(&f), 1);
	assert_int_equal(count(&f, "archive/" NAME), 6);
	tear_down(&f);
}

static void a_foreign_key_is_refused(void **state)
{
	struct fixture f;
	const char *stamp;
	struct err e = { 0 };

	set_up(&f, state);
	install(&f, 0);
	assert_int_equal(store_install(&f.conf, &f.conf.acme, NAME, f.key[0],
				       &f.chain[1], 5, &f.home->mem, &stamp,
				       &e),
			 -1);
	assert_int_equal(e.kind, ERR_PERM);
	assert_int_equal(live_pair(&f), 0);
	assert_int_equal(count(&f, "archive/" NAME), 1);
	tear_down(&f);
}

static void a_csr_leaves_no_key(void **state)
{
	struct fixture f;
	const char *stamp;
	struct key *key = NULL;
	struct err e = { 0 };

	set_up(&f, state);
	assert_int_equal(store_install(&f.conf, &f.conf.acme, NAME, NULL,
				       &f.chain[1], 5, &f.home->mem, &stamp,
				       &e),
			 0);
	assert_int_equal(count(&f, "live/" NAME), 3);
	assert_int_equal(store_live_key(f.conf.dir, NAME, &key, &e), -1);
	assert_int_equal(e.kind, ERR_MISSING);
	tear_down(&f);
}

static void stamps_sort_by_time(void **state)
{
	(void)state;
	static const struct {
		const char *newest, *want;
	} cases[] = {
		{ "", "20251125T021330Z" },
		{ "20251125T021329Z", "20251125T021330Z" },
		{ "20251125T021329Z-003", "20251125T021330Z" },
		{ "20251125T021330Z", "20251125T021330Z-001" },
		{ "20251125T021330Z-001", "20251125T021330Z-002" },
		{ "20251125T021330Z-998", "20251125T021330Z-999" },
		{ "20251125T021330Z-999", "20251125T021331Z" },
		{ "20351231T235959Z", "20351231T235959Z-001" },
		{ "20351231T235959Z-999", "20360101T000000Z" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		AUTO(buf) struct buf out = { 0 };

		store_stamp_after(str_of(cases[i].newest), 1764036810, &out);
		assert_string_equal(buf_c(&out), cases[i].want);
		assert_true(strcmp(cases[i].newest, cases[i].want) < 0);
	}
}

/* A reader that takes both files out of one folder, without any lock. */
static int read_pair(const char *live)
{
	AUTO(fd) int dir = open(live, O_RDONLY | O_DIRECTORY);
	char key[2048], chain[8192];
	unsigned char spki[KEY_SPKI_SHA256];
	AUTO(key) struct key *k = NULL;
	AUTO(mem) struct mem m = { 0 };
	struct chain c;
	struct err e = { 0 };
	AUTO(fd) int key_fd = openat(dir, "privkey.pem", O_RDONLY);
	AUTO(fd) int chain_fd = openat(dir, "fullchain.pem", O_RDONLY);
	ssize_t key_n = read(key_fd, key, sizeof(key));
	ssize_t chain_n = read(chain_fd, chain, sizeof(chain));

	return dir < 0 || key_n <= 0 || chain_n <= 0 ||
	       key_read((struct str){ key, (size_t)key_n }, &k, &e) ||
	       chain_read((struct str){ chain, (size_t)chain_n }, &m, &c, &e) ||
	       key_spki_sha256(k, spki, &e) ||
	       memcmp(spki, c.at[0].spki_sha256, sizeof(spki)) != 0;
}

static volatile sig_atomic_t over;

static void end(int number)
{
	(void)number;
	over = 1;
}

static void readers_see_no_mix(void **state)
{
	struct fixture f;
	int status = 0;
	pid_t pid;

	set_up(&f, state);
	install(&f, 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		const char *live = at(&f, "live/" NAME);
		unsigned reads = 0;

		(void)signal(SIGTERM, end);
		while (!over || reads < 1000) {
			if (read_pair(live))
				_exit(1);
			reads++;
		}
		_exit(0);
	}
	for (size_t i = 1; i <= 50; i++)
		install(&f, i % 2);
	assert_int_equal(kill(pid, SIGTERM), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	tear_down(&f);
}

/* Names with a dot in front. */
static size_t litter(struct fixture *f)
{
	static const char *const dirs[] = { "archive/" NAME, "keys/" NAME,
					    "live", "state" };
	size_t n = 0;

	for (size_t d = 0; d < COUNT(dirs); d++) {
		struct fs_names all = { 0 };
		struct err e = { 0 };

		assert_int_equal(
			fs_list(at(f, dirs[d]), &f->home->mem, &all, &e), 0);
		for (size_t i = 0; i < all.n; i++)
			n += all.at[i][0] == '.';
	}
	return n;
}

/* From here on the tracer is asked before each system call that changes
 * something outside this process. */
static int trace_changes(void)
{
	static const unsigned calls[] = {
		SYS_openat,    SYS_write,    SYS_pwrite64,  SYS_fsync,
		SYS_mkdirat,   SYS_unlinkat, SYS_symlinkat, SYS_renameat2,
		SYS_fallocate, SYS_fchmod,   SYS_setxattr,  SYS_fsetxattr,
#ifdef SYS_rename
		SYS_rename,    SYS_renameat, SYS_unlink,    SYS_mkdir,
#endif
	};
	struct sock_filter code[2 * COUNT(calls) + 2];
	struct sock_fprog all = { 0, code };
	unsigned short n = 0;

	code[n++] = (struct sock_filter)BPF_STMT(
		BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < COUNT(calls); i++) {
		code[n++] = (struct sock_filter)BPF_JUMP(
			BPF_JMP | BPF_JEQ | BPF_K, calls[i], 0, 1);
		code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
							 SECCOMP_RET_TRACE);
	}
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
						 SECCOMP_RET_ALLOW);
	all.len = n;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &all);
}

/* A renewal whose n-th change never happens, because it is killed there.
 * 1: it was, 0: it ended before. */
static int killed_at(struct fixture *f, size_t pair, unsigned n)
{
	int status = 0;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (!pid) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) || raise(SIGSTOP) ||
		    trace_changes())
			_exit(77);
		install(f, pair);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status))
		skip();
	assert_int_equal(ptrace(PTRACE_SETOPTIONS, pid, NULL,
				PTRACE_O_EXITKILL | PTRACE_O_TRACESECCOMP),
			 0);
	while (n--) {
		assert_int_equal(ptrace(PTRACE_CONT, pid, NULL, NULL), 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (WIFEXITED(status)) {
			assert_int_equal(WEXITSTATUS(status), 0);
			return 0;
		}
	}
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return 1;
}

/* At every change a renewal makes, in turn: what is live then is one pair, the
 * old one or the new one, and the next run leaves no litter behind. */
static void a_crash_leaves_one_pair(void **state)
{
	struct fixture f;
	const struct store_state none = { 0 };
	struct err e = { 0 };
	unsigned n = 1, old = 0, new = 0;

	set_up(&f, state);
	install(&f, 0);
	for (; killed_at(&f, 1, n); n++) {
		int live = live_pair(&f);

		assert_int_not_equal(live, -1);
		if (live)
			new ++;
		else
			old++;
		assert_int_equal(store_sweep(f.conf.dir, &e), 0);
		assert_int_equal(store_tidy(f.conf.dir, NAME, &none, &e), 0);
		assert_int_equal(litter(&f), 0);
		if (live || n % 8 == 0)
			install(&f, 0);
		assert_int_equal(live_pair(&f), 0);
	}
	assert_int_equal(live_pair(&f), 1);
	/* whole pairs that never were live are pruned like all others */
	install(&f, 0);
	assert_int_equal(count(&f, "archive/" NAME), 6);
	assert_true(old > 20);
	assert_true(new > 2);
	tear_down(&f);
}

static void litter_goes_and_archives_stay(void **state)
{
	struct fixture f;
	struct store_state s = { 0 };
	struct key *key = NULL;
	struct err e = { 0 };

	set_up(&f, state);
	install(&f, 0);
	install(&f, 1);
	assert_int_equal(fs_mkdir(at(&f, "archive/" NAME "/.20261125T021330Z"),
				  0700, &e),
			 0);
	assert_int_equal(
		fs_write(at(&f, "archive/" NAME "/.20261125T021330Z/cert.pem"),
			 STR_LIT("half"), 0600, &e),
		0);
	assert_int_equal(fs_write(at(&f, "keys/" NAME "/.opsmail-1.tmp"),
				  STR_LIT("half"), 0600, &e),
			 0);
	assert_int_equal(store_pending_key(f.conf.dir, NAME, KEY_P256, false,
					   &key, &e),
			 0);
	key_free(key);
	s.order_url = "https://ca.test/order/1";
	assert_int_equal(store_tidy(f.conf.dir, NAME, &s, &e), 0);
	assert_int_equal(count(&f, "archive/" NAME), 2);
	assert_true(fs_exists(at(&f, "keys/" NAME "/pending.pem")));
	assert_int_equal(count(&f, "keys/" NAME), 1);
	s.order_url = NULL;
	assert_int_equal(store_tidy(f.conf.dir, NAME, &s, &e), 0);
	assert_int_equal(count(&f, "keys/" NAME), 0);
	tear_down(&f);
}

static void a_dangling_link_is_missing(void **state)
{
	struct fixture f;
	struct store_live live;
	struct err e = { 0 };

	set_up(&f, state);
	install(&f, 0);
	assert_int_equal(fs_remove_tree(at(&f, "archive/" NAME), &e), 0);
	assert_int_equal(
		store_read_live(f.conf.dir, NAME, &f.home->mem, &live, &e), -1);
	assert_int_equal(e.kind, ERR_MISSING);
	install(&f, 1);
	assert_int_equal(live_pair(&f), 1);
	tear_down(&f);
}

static void a_folder_in_place_of_the_link_is_named(void **state)
{
	struct fixture f;
	struct store_live live;
	struct err e = { 0 };

	set_up(&f, state);
	assert_int_equal(fs_mkdir(at(&f, "live/" NAME), 0700, &e), 0);
	assert_int_equal(
		store_read_live(f.conf.dir, NAME, &f.home->mem, &live, &e), -1);
	assert_int_equal(e.kind, ERR_CONF);
	assert_non_null(str_find(str_of(e.msg), "move it away"));
	tear_down(&f);
}

static void names_come_from_state_and_live(void **state)
{
	struct fixture f;
	struct fs_names found = { 0 };
	const struct store_state s = { .order_url = "https://ca.test/o/1" };
	struct err e = { 0 };

	set_up(&f, state);
	install(&f, 0);
	assert_int_equal(store_state_write(f.conf.dir, NAME, &s, &e), 0);
	assert_int_equal(store_state_write(f.conf.dir, "a.org_rsa", &s, &e), 0);
	assert_int_equal(fs_write(at(&f, "state/.opsmail-1.tmp"),
				  STR_LIT("half"), 0600, &e),
			 0);
	assert_int_equal(store_names(f.conf.dir, &f.home->mem, &found, &e), 0);
	assert_int_equal(found.n, 2);
	assert_string_equal(found.at[0], "a.org_rsa");
	assert_string_equal(found.at[1], NAME);
	tear_down(&f);
}

static void one_lock_a_name(void **state)
{
	struct fixture f;
	int one = -1, two = -1, other = -1;
	struct err e = { 0 };

	set_up(&f, state);
	assert_int_equal(store_lock(f.conf.dir, NAME, 0, &one, &e), 0);
	assert_int_equal(store_lock(f.conf.dir, NAME, 0, &two, &e), -1);
	assert_int_equal(e.kind, ERR_TEMP);
	assert_int_equal(store_lock(f.conf.dir, "b.org", 0, &other, &e), 0);
	close(one);
	assert_int_equal(store_lock(f.conf.dir, NAME, 0, &two, &e), 0);
	close(two);
	close(other);
	tear_down(&f);
}

#define HOME(f) cmocka_unit_test_setup_teardown(f, home_make, home_drop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOME(nothing_is_live_at_first),
		HOME(a_pair_becomes_live),
		HOME(old_ones_are_pruned),
		HOME(a_foreign_key_is_refused),
		HOME(a_csr_leaves_no_key),
		HOME(readers_see_no_mix),
		HOME(a_crash_leaves_one_pair),
		HOME(litter_goes_and_archives_stay),
		HOME(a_dangling_link_is_missing),
		HOME(a_folder_in_place_of_the_link_is_named),
		HOME(names_come_from_state_and_live),
		HOME(one_lock_a_name),
		cmocka_unit_test(stamps_sort_by_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
