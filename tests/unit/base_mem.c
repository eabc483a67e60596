#include "base/mem.h"

#include <stdalign.h>
#include <string.h>

#include "base/auto.h"
#include "base/embed.h"
#include "base/tell.h"
#include "tests/unit/test.h"

static void hands_out(void **state)
{
	static const size_t sizes[] = { 0,    1,    7,    16,   1000,
					1023, 1024, 1025, 4000, 100000 };
	AUTO(mem) struct mem m = { 0 };
	char *at[COUNT(sizes)][20];

	(void)state;
	for (size_t k = 0; k < 20; k++)
		for (size_t i = 0; i < COUNT(sizes); i++) {
			at[i][k] = mem_get(&m, sizes[i]);
			assert_non_null(at[i][k]);
			assert_int_equal(
				(uintptr_t)at[i][k] % alignof(max_align_t), 0);
			for (size_t b = 0; b < sizes[i]; b++)
				assert_int_equal(at[i][k][b], 0);
			memset(at[i][k], (int)(i + k), sizes[i]);
		}
	for (size_t k = 0; k < 20; k++)
		for (size_t i = 0; i < COUNT(sizes); i++)
			for (size_t b = 0; b < sizes[i]; b++)
				assert_int_equal(at[i][k][b], i + k);
}

static void copies(void **state)
{
	AUTO(mem) struct mem m = { 0 };

	(void)state;
	assert_string_equal(mem_dup(&m, "abcdef", 3), "abc");
	assert_string_equal(mem_dup(&m, NULL, 0), "");
	assert_memory_equal(mem_dup(&m, "a\0b", 3), "a\0b", 4);
	assert_string_equal(mem_str(&m, "text"), "text");
	assert_null(mem_str(&m, NULL));
	assert_string_equal(mem_fmt(&m, "%d-%s", 42, "x"), "42-x");
	assert_string_equal(mem_fmt(&m, "%s", ""), "");
	assert_int_equal(strlen(mem_fmt(&m, "%10000d", 1)), 10000);
}

static void grows_arrays(void **state)
{
	AUTO(mem) struct mem m = { 0 };
	size_t *at = NULL, room = 0;

	(void)state;
	for (size_t n = 0; n < 1000; n++) {
		at = mem_more(&m, at, &room, n, sizeof(*at));
		assert_true(room > n);
		at[n] = n;
	}
	for (size_t n = 0; n < 1000; n++)
		assert_int_equal(at[n], n);
}

static void is_usable_again(void **state)
{
	struct mem m = { 0 };

	(void)state;
	mem_free(&m);
	MEM_NEW(&m, int);
	mem_free(&m);
	assert_null(m.first);
	*MEM_NEW(&m, int) = 5;
	mem_free(&m);
}

static void wipes(void **state)
{
	char key[8] = "secret!";

	(void)state;
	mem_wipe(key, sizeof(key));
	assert_memory_equal(key, "\0\0\0\0\0\0\0", 8);
	mem_wipe(NULL, 0);
}

static void release(char *p)
{
	*p += 1;
}
AUTO_DEFINE(flag, char, release)

static void handles_close(void **state)
{
	char closed = 0;
	int fds[2];

	(void)state;
	{
		AUTO(flag) char *none = NULL;
		AUTO(flag) char *f = &closed;
		AUTO(free) void *block = malloc(9);

		(void)none;
		(void)block;
		assert_ptr_equal(f, &closed);
	}
	assert_int_equal(closed, 1);
	{
		AUTO(flag) char *f = &closed;
		char *taken = TAKE(f);

		assert_ptr_equal(taken, &closed);
		assert_null(f);
	}
	assert_int_equal(closed, 1);
	assert_int_equal(pipe(fds), 0);
	{
		AUTO(fd) int a = fds[0];
		AUTO(fd) int b = fds[1];

		assert_int_equal(FD_TAKE(b), fds[1]);
		assert_int_equal(b, -1);
		assert_int_equal(a, fds[0]);
	}
	assert_int_equal(close(fds[0]), -1);
	assert_int_equal(close(fds[1]), 0);
}

struct heard {
	struct tell tell;
	enum tell_kind kind;
	char who[32], text[32];
};

static void hear(struct tell *t, enum tell_kind kind, const char *who,
		 const char *text)
{
	struct heard *h = (struct heard *)t;

	h->kind = kind;
	(void)snprintf(h->who, sizeof(h->who), "%s", who);
	(void)snprintf(h->text, sizeof(h->text), "%s", text);
}

static void tells(void **state)
{
	struct heard h = { .tell.show = hear };

	(void)state;
	tell(NULL, TELL_STEP, "example.org", "nobody hears this");
	tell(&h.tell, TELL_LIVE, "example.org", "%d/%d servers", 3, 4);
	assert_int_equal(h.kind, TELL_LIVE);
	assert_string_equal(h.who, "example.org");
	assert_string_equal(h.text, "3/4 servers");
}

static void finds_embedded(void **state)
{
	(void)state;
	for (size_t i = 0; i < embed_n; i++) {
		const struct embed *f = embed_find(embed_all[i].path);

		assert_ptr_equal(f, &embed_all[i]);
		assert_int_equal(f->bytes.at[f->bytes.n], 0);
		assert_true(i == 0 || strcmp(f[-1].path, f->path) < 0);
	}
	assert_null(embed_find("no/such/file"));
}

static void joins(void **state)
{
	AUTO(mem) struct mem m = { 0 };
	const char *const words[] = { "a", "", "bc" };

	(void)state;
	assert_string_equal(mem_join(&m, words, 0, ", "), "");
	assert_string_equal(mem_join(&m, words, 1, ", "), "a");
	assert_string_equal(mem_join(&m, words, 3, ", "), "a, , bc");
	assert_string_equal(mem_join(&m, words, 3, ""), "abc");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hands_out),
		cmocka_unit_test(copies),
		cmocka_unit_test(grows_arrays),
		cmocka_unit_test(is_usable_again),
		cmocka_unit_test(wipes),
		cmocka_unit_test(handles_close),
		cmocka_unit_test(joins),
		cmocka_unit_test(tells),
		cmocka_unit_test(finds_embedded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
