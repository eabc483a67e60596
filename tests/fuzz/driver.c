/* Replays corpora without libFuzzer, and each file in some 200 mutations that
 * are the same in every run. What is given on the command line are files and
 * folders; a fuzzer without any still sees small inputs. Speaks TAP. */
#include <stdint.h>

#include "base/auto.h"
#include "base/fs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define MUTATIONS 200

/* xorshift64: a fixed seed a file, so that a failure comes again. */
static uint64_t next(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

/* The input has a block of its own, so that ASan sees a step past its end. */
static void try_one(struct str bytes)
{
	struct mem m = { 0 };
	uint8_t *copy = bytes.n ? mem_get(&m, bytes.n) : NULL;

	if (copy)
		memcpy(copy, bytes.at, bytes.n);
	(void)LLVMFuzzerTestOneInput(copy, bytes.n);
	mem_free(&m);
}

static void mutate(struct buf *b, uint64_t *seed)
{
	static const char liked[] = "\0\xff\n\r \"'.,:;=-{}[]<>%\\0A~";
	size_t at = next(seed) % (b->n + 1);

	switch (next(seed) % 5) {
	case 0:
		buf_cut(b, at);
		break;
	case 1:
		buf_drop(b, at);
		break;
	case 2:
		if (at < b->n)
			b->at[at] ^= (char)(1 << next(seed) % 8);
		break;
	case 3:
		if (at < b->n)
			b->at[at] = liked[next(seed) % sizeof(liked)];
		break;
	default: /* the front once more, behind the end */
		for (size_t i = 0; i < at && b->n < 4096; i++)
			buf_char(b, b->at[i]);
		break;
	}
}

static void replay(struct str bytes)
{
	uint64_t seed = 88172645463325252U + bytes.n;

	try_one(bytes);
	for (int i = 0; i < MUTATIONS; i++) {
		AUTO(buf) struct buf b = { 0 };

		buf_view(&b, bytes);
		for (uint64_t k = next(&seed) % 4 + 1; k; k--)
			mutate(&b, &seed);
		try_one(buf_get(&b));
	}
}

static int replay_file(const char *path)
{
	AUTO(buf) struct buf b = { 0 };
	struct err e = { 0 };

	if (fs_read(path, &b, &e)) {
		printf("# %s\n", e.msg);
		return -1;
	}
	replay(buf_get(&b));
	return 0;
}

static int replay_all(const char *path, size_t *n)
{
	AUTO(mem) struct mem m = { 0 };
	struct fs_names names = { 0 };
	struct err e = { 0 };
	int bad = 0;

	if (!fs_is_dir(path)) {
		*n += 1;
		return replay_file(path);
	}
	if (fs_list(path, &m, &names, &e))
		return -1;
	for (size_t i = 0; i < names.n; i++)
		bad |= replay_all(mem_fmt(&m, "%s/%s", path, names.at[i]), n);
	return bad;
}

int main(int argc, char **argv)
{
	size_t n = 0;
	int bad = 0;

	replay((struct str){ NULL, 0 });
	replay(STR_LIT("\0"));
	replay(STR_LIT("a=b; \"c\": [1, 2.5e9, {}]\r\n\r\n"));
	for (int i = 1; i < argc; i++)
		if (fs_exists(argv[i]))
			bad |= replay_all(argv[i], &n);
	printf("%sok 1 - %zu files, %d mutations each\n1..1\n",
	       bad ? "not " : "", n, MUTATIONS);
	return bad ? 1 : 0;
}
