#include "test.h"

#include "acme/store.h"
#include "base/clock.h"
#include "certs.h"
#include "home.h"

#define NAME "example.org"

static struct key *made(enum key_type t)
{
	struct key *k = NULL;
	struct err e = { 0 };

	assert_int_equal(key_make(t, &k, &e), 0);
	return k;
}

/* Makes k live. */
static void install(struct home *h, const struct key *k)
{
	static const char *const names[] = { NAME };
	const time_t now = clock_now();
	const struct test_leaf want = { k, names, 1, now - 60, now + 86400 };
	const struct conf c = { .dir = h->dir };
	struct chain chain;
	const char *stamp;
	struct err e = { 0 };

	assert_int_equal(
		chain_read(test_chain(&want, &h->mem), &h->mem, &chain, &e), 0);
	assert_int_equal(store_install(&c, &c.acme, NAME, k, &chain, 5, &h->mem,
				       &stamp, &e),
			 0);
}

static void put(struct home *h, const char *file, const struct key *k)
{
	AUTO(secret) struct buf pem = { 0 };
	struct err e = { 0 };

	assert_int_equal(fs_mkdir(home_path(h, "acme/keys/" NAME), 0700, &e),
			 0);
	assert_int_equal(key_write(k, &pem, &e), 0);
	assert_int_equal(fs_write(home_path(h, file), buf_get(&pem), 0600, &e),
			 0);
}

static struct key *on_disk(struct home *h, const char *file)
{
	AUTO(secret) struct buf pem = { 0 };
	struct key *k = NULL;
	struct err e = { 0 };

	assert_int_equal(fs_read(home_path(h, file), &pem, &e), 0);
	assert_int_equal(key_read(buf_get(&pem), &k, &e), 0);
	return k;
}

#define PENDING "acme/keys/" NAME "/pending.pem"
#define NEXT "acme/keys/" NAME "/next.pem"

enum from { NEW, FROM_PENDING, FROM_LIVE, FROM_NEXT };

/* What lies there, what is asked for, which key comes out. */
static void the_right_key_is_chosen(void **state)
{
	struct home *h = *state;
	static const struct {
		bool pending, live, next, reuse;
		enum key_type t;
		enum from want;
	} cases[] = {
		{ false, false, false, true, KEY_P256, NEW },
		{ false, false, false, false, KEY_P256, NEW },
		{ true, true, true, true, KEY_P256, FROM_PENDING },
		{ true, true, true, false, KEY_P256, FROM_PENDING },
		{ false, true, true, true, KEY_P256, FROM_LIVE },
		{ false, true, true, false, KEY_P256, FROM_NEXT },
		{ false, true, false, false, KEY_P256, NEW },
		{ false, false, true, true, KEY_P256, FROM_NEXT },
		{ true, true, true, true, KEY_P384, NEW },
		{ true, true, true, false, KEY_P384, NEW },
	};
	AUTO(key) struct key *pending = made(KEY_P256);
	AUTO(key) struct key *live = made(KEY_P256);
	AUTO(key) struct key *next = made(KEY_P256);

	for (size_t i = 0; i < COUNT(cases); i++) {
		AUTO(key) struct key *k = NULL, *disk = NULL;
		struct err e = { 0 };

		assert_int_equal(fs_remove_tree(home_path(h, "acme"), &e), 0);
		if (cases[i].pending)
			put(h, PENDING, pending);
		if (cases[i].live)
			install(h, live);
		if (cases[i].next)
			put(h, NEXT, next);
		assert_int_equal(store_pending_key(h->dir, NAME, cases[i].t,
						   cases[i].reuse, &k, &e),
				 0);
		assert_int_equal(key_kind(k), cases[i].t);
		assert_int_equal(key_same(k, pending),
				 cases[i].want == FROM_PENDING);
		assert_int_equal(key_same(k, live), cases[i].want == FROM_LIVE);
		assert_int_equal(key_same(k, next), cases[i].want == FROM_NEXT);
		disk = on_disk(h, PENDING);
		assert_true(key_same(k, disk));
		assert_int_equal(home_mode(home_path(h, PENDING)), 0600);
	}
}

static void the_same_key_until_the_order_ends(void **state)
{
	struct home *h = *state;
	AUTO(key) struct key *a = NULL, *b = NULL;
	struct err e = { 0 };

	assert_int_equal(
		store_pending_key(h->dir, NAME, KEY_P256, false, &a, &e), 0);
	assert_int_equal(
		store_pending_key(h->dir, NAME, KEY_P256, false, &b, &e), 0);
	assert_true(key_same(a, b));
}

/* Published, used, live, used up: at every step a crash may come between. */
static void the_next_key_lives_one_life(void **state)
{
	struct home *h = *state;
	AUTO(key) struct key *next = NULL, *again = NULL, *pending = NULL;
	AUTO(key) struct key *later = NULL, *fresh = NULL;
	const struct store_state done = { 0 };
	struct err e = { 0 };

	assert_int_equal(store_next_key(h->dir, NAME, KEY_P256, &next, &e), 0);
	assert_int_equal(store_next_key(h->dir, NAME, KEY_P256, &again, &e), 0);
	assert_true(key_same(next, again));
	assert_int_equal(store_pending_key(h->dir, NAME, KEY_P256, false,
					   &pending, &e),
			 0);
	assert_true(key_same(next, pending));
	install(h, pending);
	assert_int_equal(store_tidy(h->dir, NAME, &done, &e), 0);
	/* before anybody asked for a new next key */
	assert_int_equal(store_pending_key(h->dir, NAME, KEY_P256, false,
					   &fresh, &e),
			 0);
	assert_false(key_same(fresh, next));
	assert_int_equal(store_next_key(h->dir, NAME, KEY_P256, &later, &e), 0);
	assert_false(key_same(later, next));
	assert_int_equal(home_mode(home_path(h, NEXT)), 0600);
}

static void another_type_makes_another_next_key(void **state)
{
	struct home *h = *state;
	AUTO(key) struct key *a = NULL, *b = NULL;
	struct err e = { 0 };

	assert_int_equal(store_next_key(h->dir, NAME, KEY_P256, &a, &e), 0);
	assert_int_equal(store_next_key(h->dir, NAME, KEY_P384, &b, &e), 0);
	assert_int_equal(key_kind(b), KEY_P384);
}

static void broken_keys_are_replaced(void **state)
{
	struct home *h = *state;
	AUTO(key) struct key *pending = NULL, *next = NULL, *disk = NULL;
	struct err e = { 0 };

	assert_int_equal(fs_mkdir(home_path(h, "acme/keys/" NAME), 0700, &e),
			 0);
	assert_int_equal(fs_write(home_path(h, PENDING), STR_LIT("half a k"),
				  0600, &e),
			 0);
	assert_int_equal(fs_write(home_path(h, NEXT), STR_LIT(""), 0600, &e),
			 0);
	assert_int_equal(store_pending_key(h->dir, NAME, KEY_P256, true,
					   &pending, &e),
			 0);
	assert_int_equal(store_next_key(h->dir, NAME, KEY_P256, &next, &e), 0);
	disk = on_disk(h, NEXT);
	assert_true(key_same(disk, next));
}

static void unreadable_is_an_error(void **state)
{
	struct home *h = *state;
	AUTO(key) struct key *k = NULL;
	struct err e = { 0 };

	assert_int_equal(fs_mkdir(home_path(h, PENDING), 0700, &e), 0);
	assert_int_equal(
		store_pending_key(h->dir, NAME, KEY_P256, true, &k, &e), -1);
	assert_int_equal(e.kind, ERR_SYS);
	assert_int_equal(
		store_pending_key(h->dir, "../x", KEY_P256, true, &k, &e), -1);
	assert_int_equal(e.kind, ERR_USAGE);
}

#define HOME(f) cmocka_unit_test_setup_teardown(f, home_make, home_drop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOME(the_right_key_is_chosen),
		HOME(the_same_key_until_the_order_ends),
		HOME(the_next_key_lives_one_life),
		HOME(another_type_makes_another_next_key),
		HOME(broken_keys_are_replaced),
		HOME(unreadable_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
