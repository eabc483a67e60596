#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/proc.h"
#include "publish/keys.h"

#include "tests/unit/place.h"

#define assert_fine(call)                      \
	do {                                   \
		if (call)                      \
			fail_msg("%s", e.msg); \
	} while (0)
#define DAY 86400
#define NOON ((time_t)1795608000) /* 2026-11-25T12:00:00Z */
#define LIVE "chasquid/domains/x.test/"

/* What changes files goes through here, so that a child can be killed before
 * its n-th such call. */
static int calls_left = -1;

static void one_call(void)
{
	if (calls_left == 0)
		_exit(9);
	calls_left -= calls_left > 0;
}

int fsync(int fd)
{
	one_call();
	return (int)syscall(SYS_fsync, fd);
}

int renameat(int a, const char *from, int b, const char *to)
{
	one_call();
	return (int)syscall(SYS_renameat2, a, from, b, to, 0);
}

int renameat2(int a, const char *from, int b, const char *to, unsigned how)
{
	one_call();
	return (int)syscall(SYS_renameat2, a, from, b, to, how);
}

int unlinkat(int fd, const char *path, int how)
{
	one_call();
	return (int)syscall(SYS_unlinkat, fd, path, how);
}

struct here {
	struct place p;
	struct conf conf;
	struct keys k;
};

static int open_here(void **state)
{
	struct here *h = calloc(1, sizeof(*h));

	place_open(&h->p);
	h->conf.dir = h->p.dir;
	*state = h;
	return 0;
}

static int close_here(void **state)
{
	struct here *h = *state;

	keys_free(&h->k);
	place_close(&h->p);
	free(h);
	return 0;
}

static void load(struct here *h, time_t now)
{
	struct err e = { 0 };

	keys_free(&h->k);
	assert_fine(keys_load(&h->conf, "x.test", now, &h->k, &e));
}

/* "20261125r active, 20261125e pending" */
static const char *shape(struct here *h)
{
	const char *all = "";

	for (size_t i = 0; i < h->k.keys.n; i++) {
		const struct rotate_key *x = &h->k.keys.at[i];

		all = mem_fmt(&h->p.m, "%s%s%s %s", all, *all ? ", " : "",
			      x->selector, rotate_word(x->state));
	}
	return all;
}

static bool there(struct here *h, const char *name)
{
	return fs_exists(place_path(&h->p, name));
}

static void see_all(struct here *h, time_t now)
{
	struct err e = { 0 };

	for (size_t i = 0; i < h->k.keys.n; i++)
		assert_fine(keys_seen(&h->k, h->k.keys.at[i].selector, true,
				      300, now, &e));
}

static void put_key(struct here *h, const char *name, enum dkimkey_type t)
{
	AUTO(dkimkey) struct dkimkey *key = NULL;
	AUTO(buf) struct buf pem = { 0 };
	struct err e = { 0 };

	assert_fine(dkimkey_make(t, &key, &e));
	assert_fine(dkimkey_write(key, &pem, &e));
	place_put(&h->p, name, buf_c(&pem), 0600);
}

static void first_pair(void **state)
{
	struct here *h = *state;
	struct err e = { 0 };
	struct stat st;

	load(h, NOON);
	assert_string_equal(shape(h), "");
	assert_false(there(h, "dkim"));
	assert_fine(keys_ensure(&h->k, NOON, &e));
	assert_fine(keys_ensure(&h->k, NOON, &e));
	assert_string_equal(shape(h), "20261125r pending, 20261125e pending");
	assert_true(there(h, "dkim/x.test/pending/20261125r.pem"));
	assert_int_equal(
		stat(place_path(&h->p, "dkim/x.test/pending/20261125e.pem"),
		     &st),
		0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_fine(keys_advance(&h->k, &rotate_default, NOON, &e));
	assert_string_equal(shape(h), "20261125r pending, 20261125e pending");
	assert_false(h->k.reload);
	assert_false(there(h, LIVE));

	/* The first of their kinds wait for servers, not for caches. */
	see_all(h, NOON);
	assert_fine(keys_advance(&h->k, &rotate_default, NOON, &e));
	assert_string_equal(shape(h), "20261125r active, 20261125e active");
	assert_true(h->k.reload);
	assert_true(there(h, LIVE "dkim:20261125r.pem"));
	assert_true(there(h, LIVE "dkim:20261125e.pem"));
	assert_false(there(h, "dkim/x.test/pending/20261125r.pem"));
	load(h, NOON);
	assert_true(h->k.reload);
	assert_fine(keys_told(&h->k, NOON, &e));
	load(h, NOON);
	assert_false(h->k.reload);
	assert_string_equal(shape(h), "20261125r active, 20261125e active");
}

static void make_live(struct here *h, time_t now)
{
	struct err e = { 0 };

	load(h, now);
	assert_fine(keys_ensure(&h->k, now, &e));
	see_all(h, now);
	assert_fine(keys_advance(&h->k, &rotate_default, now + 300, &e));
}

static void whole_life(void **state)
{
	struct here *h = *state;
	struct err e = { 0 };
	time_t now = NOON + 300;
	size_t n;
	const struct want_key *want;

	make_live(h, NOON);
	now += 180 * DAY;
	assert_fine(keys_advance(&h->k, &rotate_default, now, &e));
	assert_string_equal(shape(h), "20261125r active, 20261125e active, "
				      "20270524r pending, 20270524e pending");
	see_all(h, now);
	assert_fine(keys_advance(&h->k, &rotate_default, now + 300, &e));
	assert_string_equal(shape(h), "20261125r retiring, 20261125e retiring, "
				      "20270524r active, 20270524e active");
	assert_true(there(h, "dkim/x.test/retired/20261125r.pem"));
	assert_false(there(h, LIVE "dkim:20261125r.pem"));
	now += 300 + 7 * DAY;
	assert_fine(keys_advance(&h->k, &rotate_default, now, &e));
	want = keys_wanted(&h->k, &h->p.m, &n);
	assert_int_equal(n, 4);
	assert_string_equal(want[0].selector, "20261125r");
	assert_string_equal(want[0].state, "revoked");
	assert_true(str_eq(want[0].value, "v=DKIM1; p="));
	assert_false(want[0].gone);
	assert_true(str_starts(want[2].value, "v=DKIM1; k=rsa; h=sha256; p="));
	assert_fine(keys_advance(&h->k, &rotate_default, now + 30 * DAY, &e));
	want = keys_wanted(&h->k, &h->p.m, &n);
	assert_int_equal(n, 6);
	assert_true(want[0].gone && str_eq(want[0].value, "v=DKIM1; p="));
	assert_true(want[1].gone && str_starts(want[1].value, "v=DKIM1; k="));
	assert_true(want[3].gone && !want[4].gone);
	assert_false(there(h, "dkim/x.test/retired/20261125r.pem"));
	assert_false(there(h, "dkim/x.test/retired/20261125e.pem"));
	load(h, now);
	assert_string_equal(shape(h), "20261125r gone, 20261125e gone, "
				      "20270524r active, 20270524e active");
}

static void knows_what_is_published(void **state)
{
	struct here *h = *state;
	struct keys old;
	struct err e = { 0 };

	make_live(h, NOON);
	assert_true(h->k.unpublished);
	assert_fine(keys_published(&h->k, NOON, &e));
	load(h, NOON);
	assert_false(h->k.unpublished);
	/* Between the reading and the writing another run made a key. */
	assert_fine(keys_load(&h->conf, "x.test", NOON, &old, &e));
	assert_fine(keys_make(&h->k, false, NOON, &e));
	assert_fine(keys_published(&old, NOON, &e));
	assert_true(old.unpublished);
	keys_free(&old);
	assert_fine(keys_published(&h->k, NOON, &e));
	load(h, NOON);
	assert_false(h->k.unpublished);
}

static void never_twice(void **state)
{
	struct here *h = *state;
	struct err e = { 0 };

	make_live(h, NOON);
	for (int i = 0; i < 2; i++) {
		assert_fine(keys_make(&h->k, true, NOON + 400, &e));
		see_all(h, NOON + 400);
		assert_fine(
			keys_advance(&h->k, &rotate_default, NOON + 700, &e));
	}
	assert_string_equal(shape(h),
			    "20261125r retiring, 20261125e retiring, "
			    "20261125ra retiring, 20261125ea retiring, "
			    "20261125rb active, 20261125eb active");
	/* A file without a line takes its name too. */
	put_key(h, "dkim/x.test/retired/20261125rc.pem", DKIMKEY_RSA);
	assert_fine(keys_make(&h->k, false, NOON + 800, &e));
	assert_non_null(keys_find(&h->k, "20261125rd"));
	assert_false(keys_find(&h->k, "20261125rd")->due);
}

static void adopts(void **state)
{
	struct here *h = *state;
	struct err e = { 0 };

	put_key(h, LIVE "dkim:mail.pem", DKIMKEY_RSA);
	place_put(&h->p, LIVE "aliases", "i: a@b.test\n", 0600);
	load(h, NOON);
	assert_string_equal(shape(h), "mail active");
	assert_false(there(h, "dkim"));
	assert_fine(keys_ensure(&h->k, NOON, &e));
	assert_string_equal(shape(h), "mail active");
	/* Beside a key of ours a stranger's takes nobody's place. */
	assert_fine(keys_make(&h->k, false, NOON, &e));
	see_all(h, NOON);
	assert_fine(keys_advance(&h->k, &rotate_default, NOON + 300, &e));
	assert_string_equal(shape(h), "mail active, 20261125r pending, "
				      "20261125e active");
	put_key(h, LIVE "dkim:other.pem", DKIMKEY_ED25519);
	load(h, NOON);
	see_all(h, NOON);
	assert_fine(keys_advance(&h->k, &rotate_default, NOON + 300, &e));
	assert_string_equal(shape(h), "mail active, 20261125r pending, "
				      "20261125e active, other active");
	assert_fine(keys_make(&h->k, true, NOON, &e));
	see_all(h, NOON);
	assert_fine(keys_advance(&h->k, &rotate_default, NOON + 600, &e));
	assert_string_equal(shape(h), "mail retiring, 20261125e retiring, "
				      "other retiring, 20261125r active, "
				      "20261125ea active");
}

/* What somebody published for a key of theirs is theirs in every word. */
static void keeps_words(void **state)
{
	struct here *h = *state;
	struct err e = { 0 };
	struct record r = { .name = "mail._domainkey.x.test", .type = DNS_TXT };
	const struct records live = { .at = &r, .n = 1 };
	const char *p, *theirs;

	put_key(h, LIVE "dkim:mail.pem", DKIMKEY_RSA);
	load(h, NOON);
	p = strstr(h->k.keys.at[0].record, "p=");
	theirs = mem_fmt(&h->p.m, "v=DKIM1;k=rsa; n=mine; %s", p);
	r.value = str_of("v=DKIM1; k=rsa; p=AAAA");
	keys_match(&h->k, &live);
	assert_string_not_equal(h->k.keys.at[0].record, "AAAA");
	r.value = str_of(theirs);
	keys_match(&h->k, &live);
	assert_string_equal(h->k.keys.at[0].record, theirs);
	assert_fine(keys_reword(&h->k, "mail", theirs, NOON, &e));
	load(h, NOON);
	assert_string_equal(h->k.keys.at[0].record, theirs);
	assert_int_equal(h->k.keys.at[0].made, NOON);
	/* And still it is that file's key. */
	assert_fine(keys_make(&h->k, true, NOON, &e));
	see_all(h, NOON);
	for (int d = 0; d < 80; d += 20)
		assert_fine(keys_advance(&h->k, &rotate_default,
					 NOON + 300 + d * DAY, &e));
	assert_int_equal(keys_find(&h->k, "mail")->state, ROTATE_GONE);
	assert_false(there(h, "dkim/x.test/retired/mail.pem"));
}

static void follows_hands(void **state)
{
	struct here *h = *state;
	struct err e = { 0 };
	const char *before;

	make_live(h, NOON);
	/* Another key under the same name: its record is another. */
	before = mem_str(&h->p.m, h->k.keys.at[0].record);
	put_key(h, LIVE "dkim:20261125r.pem", DKIMKEY_RSA);
	load(h, NOON + 500);
	assert_string_not_equal(h->k.keys.at[0].record, before);
	assert_int_equal(h->k.keys.at[0].seen, 0);
	assert_true(h->k.keys.at[0].adopted);
	/* Taken away. */
	assert_fine(
		fs_remove(place_path(&h->p, LIVE "dkim:20261125e.pem"), &e));
	load(h, NOON + 500);
	assert_string_equal(shape(h), "20261125r active, 20261125e retiring");
	/* A pending key that somebody put to work. */
	assert_fine(keys_make(&h->k, false, NOON + 500, &e));
	assert_int_equal(
		rename(place_path(&h->p, "dkim/x.test/pending/20261125ra.pem"),
		       place_path(&h->p, LIVE "dkim:20261125ra.pem")),
		0);
	load(h, NOON + 500);
	assert_int_equal(keys_find(&h->k, "20261125ra")->state, ROTATE_ACTIVE);
	/* A name that is over comes back with another key. */
	put_key(h, LIVE "dkim:20261125e.pem", DKIMKEY_ED25519);
	keys_free(&h->k);
	assert_int_equal(keys_load(&h->conf, "x.test", NOON + 500, &h->k, &e),
			 -1);
	assert_int_equal(e.kind, ERR_CONF);
	assert_non_null(strstr(e.msg, "never used"));
}

static void emergency(void **state)
{
	struct here *h = *state;
	struct err e = { 0 };

	make_live(h, NOON);
	assert_int_equal(keys_revoke(&h->k, "nobody", NOON, &e), -1);
	assert_int_equal(e.kind, ERR_MISSING);
	assert_fine(
		keys_revoke(&h->k, h->k.keys.at[0].selector, NOON + 400, &e));
	assert_fine(keys_advance(&h->k, &rotate_default, NOON + 400, &e));
	assert_string_equal(shape(h), "20261125r active, 20261125e active, "
				      "20261125ra pending");
	/* No cache is waited for. */
	see_all(h, NOON + 401);
	assert_fine(keys_advance(&h->k, &rotate_default, NOON + 401, &e));
	assert_string_equal(shape(h), "20261125r revoked, 20261125e active, "
				      "20261125ra active");
	assert_int_equal(keys_revoke(&h->k, "20261125r", NOON, &e), -1);
	assert_int_equal(e.kind, ERR_PERM);
	/* A pending one is out at once. */
	assert_fine(keys_make(&h->k, false, NOON + 500, &e));
	assert_fine(keys_revoke(&h->k, "20261125rb", NOON + 500, &e));
	assert_fine(keys_advance(&h->k, &rotate_default, NOON + 500, &e));
	assert_int_equal(keys_find(&h->k, "20261125rb")->state, ROTATE_REVOKED);
	assert_false(there(h, LIVE "dkim:20261125rb.pem"));
}

static void links_and_pipes(void **state)
{
	struct here *h = *state;
	struct err e = { 0 };
	const char *own;

	/* A link is read through, and nothing behind it is touched. */
	put_key(h, "elsewhere.pem", DKIMKEY_RSA);
	own = place_get(&h->p, "elsewhere.pem");
	assert_fine(fs_mkdir(place_path(&h->p, LIVE), 0700, &e));
	assert_int_equal(symlink("../../../elsewhere.pem",
				 place_path(&h->p, LIVE "dkim:mine.pem")),
			 0);
	load(h, NOON);
	assert_string_equal(shape(h), "mine active");
	assert_fine(keys_make(&h->k, true, NOON, &e));
	see_all(h, NOON);
	assert_fine(keys_advance(&h->k, &rotate_default, NOON + 300, &e));
	assert_string_equal(shape(h), "mine retiring, 20261125r active, "
				      "20261125e active");
	assert_false(there(h, LIVE "dkim:mine.pem"));
	assert_string_equal(place_get(&h->p, "dkim/x.test/retired/mine.pem"),
			    own);
	assert_fine(keys_advance(&h->k, &rotate_default, NOON + 8 * DAY, &e));
	assert_fine(keys_advance(&h->k, &rotate_default, NOON + 50 * DAY, &e));
	assert_false(there(h, "dkim/x.test/retired/mine.pem"));
	assert_string_equal(place_get(&h->p, "elsewhere.pem"), own);

	assert_int_equal(mkfifo(place_path(&h->p, LIVE "dkim:p.pem"), 0600), 0);
	keys_free(&h->k);
	assert_int_equal(keys_load(&h->conf, "x.test", NOON, &h->k, &e), -1);
	assert_non_null(strstr(e.msg, "is no file"));
}

/* Every file that signs is one key, active, with its record seen. */
static void check_whole(struct here *h, time_t now)
{
	struct err e = { 0 };
	bool signs = false;

	load(h, now);
	assert_fine(keys_told(&h->k, now, &e));
	for (size_t i = 0; i < h->k.keys.n; i++) {
		const struct rotate_key *x = &h->k.keys.at[i];
		const char *name =
			mem_fmt(&h->p.m, LIVE "dkim:%s.pem", x->selector);

		assert_int_equal(there(h, name), x->state == ROTATE_ACTIVE);
		assert_true(x->state != ROTATE_ACTIVE || x->seen);
		assert_true(x->state == ROTATE_GONE ||
			    keys_path(&h->k, x, &h->p.m));
		signs |= x->state == ROTATE_ACTIVE;
	}
	assert_true(signs);
}

/* A whole rotation by a child that dies before its n-th change, then by one
 * that lives: whatever n is, it ends as if nothing had been. */
static int child(struct here *h, int n)
{
	struct err e = { 0 };
	int status;
	pid_t pid = fork();

	if (!pid) {
		calls_left = n;
		if (keys_make(&h->k, true, NOON + 400, &e))
			_exit(1);
		for (size_t i = 0; i < h->k.keys.n; i++)
			if (keys_seen(&h->k, h->k.keys.at[i].selector, true,
				      300, NOON + 400, &e))
				_exit(1);
		if (keys_advance(&h->k, &rotate_default, NOON + 700, &e) ||
		    keys_advance(&h->k, &rotate_default, NOON + 8 * DAY, &e) ||
		    keys_advance(&h->k, &rotate_default, NOON + 39 * DAY, &e))
			_exit(1);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) != 1);
	return WEXITSTATUS(status);
}

/* One key and half of the next pair; each round works on a copy. */
static void make_base(struct here *base)
{
	struct err e = { 0 };

	make_live(base, NOON);
	put_key(base, "dkim/x.test/pending/20261125ra.pem", DKIMKEY_RSA);
	load(base, NOON + 350);
	see_all(base, NOON + 350);
	assert_fine(keys_told(&base->k, NOON + 350, &e));
}

static void copy_base(struct here *base, struct here *h)
{
	const char *const argv[] = { "cp",
				     "-a",
				     place_path(&base->p, "dkim"),
				     place_path(&base->p, "chasquid"),
				     h->p.dir,
				     NULL };
	const struct proc cp = { .argv = argv };
	struct err e = { 0 };
	int status;

	assert_fine(proc_run(&cp, &status, &e));
	assert_int_equal(status, 0);
	load(h, NOON + 350);
}

static void no_rests(struct here *h)
{
	static const char *const folders[] = { LIVE, "dkim/x.test/pending",
					       "dkim/x.test/retired" };
	struct err e = { 0 };

	for (size_t i = 0; i < COUNT(folders); i++) {
		struct fs_names names = { 0 };

		assert_fine(fs_list_maybe(place_path(&h->p, folders[i]),
					  &h->p.m, &names, &e));
		for (size_t k = 0; k < names.n; k++)
			assert_true(names.at[k][0] != '.');
	}
}

static void survives_kills(void **state)
{
	struct here *base = *state;
	int n = 0;

	make_base(base);
	for (bool died = true; died; n++) {
		struct here *h;
		struct err e = { 0 };
		const struct rotate_key *next;

		open_here((void **)&h);
		copy_base(base, h);
		died = child(h, n) == 9;
		check_whole(h, NOON + 50 * DAY);
		next = keys_find(&h->k, "20261125ra");
		if (next->state == ROTATE_PENDING)
			assert_fine(
				keys_make(&h->k, true, NOON + 50 * DAY, &e));
		see_all(h, NOON + 50 * DAY);
		for (int d = 51; d < 150; d += 40) {
			assert_fine(keys_advance(&h->k, &rotate_default,
						 NOON + d * DAY, &e));
			check_whole(h, NOON + d * DAY);
		}
		assert_int_equal(h->k.keys.n, 4);
		for (size_t i = 0; i < 4; i++)
			assert_int_equal(h->k.keys.at[i].state,
					 i < 2 ? ROTATE_GONE : ROTATE_ACTIVE);
		no_rests(h);
		close_here((void **)&h);
	}
	assert_true(n > 30);
}

#define HERE(f) cmocka_unit_test_setup_teardown(f, open_here, close_here)
int main(void)
{
	const struct CMUnitTest tests[] = {
		HERE(first_pair),      HERE(whole_life),
		HERE(never_twice),     HERE(knows_what_is_published),
		HERE(adopts),          HERE(keeps_words),
		HERE(follows_hands),   HERE(emergency),
		HERE(links_and_pipes),

		HERE(survives_kills),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
