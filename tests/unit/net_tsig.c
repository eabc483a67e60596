/* The MACs were computed by dnspython 2.3, the secret is the bytes 0 to 31. */
#include "net/tsig.h"

#include <string.h>

#include "base/auto.h"
#include "base/b64.h"
#include "tests/unit/test.h"

#define QUESTION "123400000001000000000000076578616d706c65036f72670000060001"
#define ANSWER "123484000001000000000000076578616d706c65036f72670000060001"
enum { NOW = 1700000000 };

static const struct {
	enum hash alg;
	const char *name, *question, *answer;
} vectors[] = {
	{ HASH_SHA256, "hmac-sha256.",
	  "c679ac27f2ec1e32c3272da533ca1fcd30370b2d6bd8270e9313a62001b7a8ce",
	  "7e5578c3776a9534224f2abfed9701760fc36b923a2291aa71d05ab32d00b2c7" },
	{ HASH_SHA1, "hmac-sha1", "d31d94b42ff066e08a78543af3bca9a980eeba06",
	  "10f47bbf9a90e7da1b0f20b6d7e30f05c251b731" },
	{ HASH_SHA512, "HMAC-SHA512",
	  "77a5e89fa3dee7a7cf03728a15269ffc236417e57e6737bbb95870e666aa3229"
	  "f785331260848d174a909c25bb9100d1c257c5d6976f84cfe0d47cfda66b54f0",
	  "43e8227a232b13c196fe786b5853fc4483c9f0b439f28dbf206d9798a94a56b3"
	  "845059ce0d4c8639fdcde6fe0c2e529e01bf606d6025e62eeff5215cc0aa86a4" },
	{ HASH_SHA384, "hmac-sha384",
	  "717091b7d706157e871b08717d9bf743e281ecf2bc513fa2ff729aa28ce207dc"
	  "1021ca529922dbef357418852200dec7",
	  "886f4d7bd53c7e404e8f0e84067fe73c1d4f2bf50fbbc92d43a9347a1f5a19b6"
	  "0f6a315b1cda5a8f9ce4673cc146f23f" },
	{ HASH_SHA224, "hmac-sha224",
	  "1c21b2188d76fc371fab86e8b01e0a48887b089d1d234fe5e3e5aada",
	  "4b6162c700d971d3c40e0afe9a73be551bd29fd958c3b26cfc683c53" },
	{ HASH_MD5, "HMAC-MD5.SIG-ALG.REG.INT",
	  "b3300a073e645700dd9b8c15794950cd",
	  "49772a513958c414401370ddde8a0065" },
};

static char secret[32];
static const struct tsig_key base = { "Acme-Key", HASH_SHA256, { secret, 32 } };

static int setup(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(secret); i++)
		secret[i] = (char)i;
	return 0;
}

static void put_hex(struct buf *b, const char *hex)
{
	AUTO(buf) struct buf raw = { 0 };

	assert_int_equal(hex_read(str_of(hex), &raw), 0);
	buf_view(b, buf_get(&raw));
}

static void is_hex(const struct buf *b, const char *hex)
{
	AUTO(buf) struct buf text = { 0 };

	hex_add(&text, buf_get(b));
	assert_string_equal(buf_c(&text), hex);
}

static void signs_as_others_do(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(vectors); i++) {
		struct err e = { 0 };
		AUTO(buf) struct buf q = { 0 };
		AUTO(buf) struct buf a = { 0 };
		AUTO(buf) struct buf mac = { 0 };
		AUTO(buf) struct buf theirs = { 0 };
		struct tsig_key k = base;

		assert_int_equal(
			tsig_alg_parse(str_of(vectors[i].name), &k.alg), 0);
		assert_int_equal(k.alg, vectors[i].alg);
		put_hex(&q, QUESTION);
		assert_int_equal(tsig_sign(&q, &k, NOW, &mac, &e), 0);
		is_hex(&mac, vectors[i].question);
		assert_int_equal(q.at[11], 1);
		assert_true(tsig_signed(buf_get(&q)));
		/* The answer, signed over the question's MAC. */
		put_hex(&a, ANSWER);
		buf_view(&theirs, buf_get(&mac));
		assert_int_equal(tsig_sign(&a, &k, NOW + 5, &theirs, &e), 0);
		is_hex(&theirs, vectors[i].answer);
		assert_int_equal(
			tsig_check(buf_get(&a), &k, NOW, &mac, false, &e), 0);
		is_hex(&mac, vectors[i].answer);
		assert_int_equal(mac.n, tsig_mac_size(&k));
	}
}

/* A signed question and its signed answer. */
static void exchange(struct buf *a, struct buf *mac, time_t at)
{
	struct err e = { 0 };
	AUTO(buf) struct buf q = { 0 };
	AUTO(buf) struct buf theirs = { 0 };

	put_hex(&q, QUESTION);
	assert_int_equal(tsig_sign(&q, &base, at, mac, &e), 0);
	put_hex(a, ANSWER);
	buf_view(&theirs, buf_get(mac));
	assert_int_equal(tsig_sign(a, &base, at, &theirs, &e), 0);
}

/* No single byte of a signed answer may change unseen, but for the id, which
 * TSIG carries a second time. */
static void sees_every_byte(void **state)
{
	(void)state;
	AUTO(buf) struct buf a = { 0 };
	AUTO(buf) struct buf mac = { 0 };

	exchange(&a, &mac, NOW);
	for (size_t i = 2; i < a.n; i++) {
		struct err e = { 0 };
		AUTO(buf) struct buf m = { 0 };

		buf_view(&m, buf_get(&mac));
		a.at[i] = (char)(a.at[i] ^ 0x40);
		if (tsig_check(buf_get(&a), &base, NOW, &m, false, &e) == 0)
			fail_msg("byte %zu changed unseen", i);
		assert_true(e.kind == ERR_AUTH || e.kind == ERR_PERM);
		a.at[i] = (char)(a.at[i] ^ 0x40);
	}
}

static void refuses_what_is_cut(void **state)
{
	(void)state;
	AUTO(buf) struct buf a = { 0 };
	AUTO(buf) struct buf mac = { 0 };

	exchange(&a, &mac, NOW);
	for (size_t n = 0; n < a.n; n++) {
		struct err e = { 0 };
		AUTO(buf) struct buf m = { 0 };
		AUTO(free) char *exact = malloc(n + 1);

		memcpy(exact, a.at, n);
		buf_view(&m, buf_get(&mac));
		assert_int_equal(tsig_check((struct str){ exact, n }, &base,
					    NOW, &m, false, &e),
				 -1);
		assert_false(tsig_signed((struct str){ exact, n }));
	}
}

/* An error answer: TSIG without a MAC, or with one and the server's clock. */
static void put_error(struct buf *a, unsigned error)
{
	put_hex(a,
		"123484090001000000000001076578616d706c65036f72670000060001");
	put_hex(a, "0861636d652d6b657900" /* acme-key */
		   "00fa00ff00000000001d"
		   "0b686d61632d73686132353600" /* hmac-sha256 */
		   "00006553f100012c0000123400");
	buf_char(a, (char)error);
	put_hex(a, "0000");
}

static void names_the_error(void **state)
{
	(void)state;
	static const struct {
		unsigned error;
		const char *word;
	} rows[] = { { 16, "BADSIG" }, { 17, "BADKEY" } };

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct err e = { 0 };
		AUTO(buf) struct buf a = { 0 };
		AUTO(buf) struct buf mac = { 0 };

		put_error(&a, rows[i].error);
		buf_str(&mac, "0123456789abcdef0123456789abcdef");
		assert_int_equal(tsig_check(buf_get(&a), &base, NOW, &mac,
					    false, &e),
				 -1);
		assert_int_equal(e.kind, ERR_AUTH);
		assert_non_null(strstr(e.msg, rows[i].word));
	}
}

static void shows_both_clocks(void **state)
{
	(void)state;
	static const struct {
		int off, good;
	} rows[] = {
		{ 0, 1 }, { 300, 1 }, { -300, 1 }, { 301, 0 }, { -600, 0 }
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct err e = { 0 };
		AUTO(buf) struct buf a = { 0 };
		AUTO(buf) struct buf mac = { 0 };

		exchange(&a, &mac, NOW);
		int s = tsig_check(buf_get(&a), &base, NOW + rows[i].off, &mac,
				   false, &e);
		assert_int_equal(s, rows[i].good ? 0 : -1);
		if (rows[i].good)
			continue;
		assert_int_equal(e.kind, ERR_AUTH);
		assert_non_null(strstr(e.msg, "BADTIME"));
		assert_non_null(strstr(e.msg, "2023-11-14T22:13:20Z"));
	}
}

/* A transfer: the second message unsigned, the third signed over both. */
static void follows_a_chain(void **state)
{
	(void)state;
	struct err e = { 0 };
	AUTO(buf) struct buf a = { 0 };
	AUTO(buf) struct buf mac = { 0 };
	AUTO(buf) struct buf plain = { 0 };

	exchange(&a, &mac, NOW);
	assert_int_equal(tsig_check(buf_get(&a), &base, NOW, &mac, false, &e),
			 0);
	put_hex(&plain, ANSWER);
	assert_int_equal(
		tsig_check(buf_get(&plain), &base, NOW, &mac, true, &e), 0);
	assert_true(mac.n > tsig_mac_size(&base));
	/* Only the timers are digested from the second on: this is not so. */
	assert_int_equal(tsig_check(buf_get(&a), &base, NOW, &mac, true, &e),
			 -1);
	assert_non_null(strstr(e.msg, "BADSIG"));
	/* The first message must be signed. */
	assert_int_equal(
		tsig_check(buf_get(&plain), &base, NOW, &mac, false, &e), -1);
	assert_non_null(strstr(e.msg, "not signed"));
}

static void reads_key_files(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int good;
	} rows[] = {
		{ "key \"acme-key\" {\n\talgorithm hmac-sha256;\n"
		  "\tsecret \"AAEC\";\n};\n",
		  1 },
		{ "# a comment\n// another\n/* and\n one */ key acme-key. { "
		  "secret \"AAEC\"; algorithm HMAC-SHA256; };",
		  1 },
		{ "key \"acme-key\" { algorithm hmac-sha256; };", 0 },
		{ "key \"acme-key\" { algorithm hmac-x; secret \"AAEC\"; };",
		  0 },
		{ "key \"acme-key\" { algorithm hmac-sha256; secret \"%\"; };",
		  0 },
		{ "key \"a..b\" { algorithm hmac-sha256; secret \"AAEC\"; };",
		  0 },
		{ "", 0 },
		{ "key \"", 0 },
		{ "/*", 0 },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO(mem) struct mem m = { 0 };
		struct err e = { 0 };
		struct tsig_key k = { 0 };
		int s = tsig_key_parse(str_of(rows[i].text), &m, &k, &e);

		assert_int_equal(s, rows[i].good ? 0 : -1);
		if (!rows[i].good) {
			assert_int_equal(e.kind, ERR_AUTH);
			assert_null(strstr(e.msg, "AAEC"));
			continue;
		}
		assert_string_equal(k.name, "acme-key");
		assert_int_equal(k.alg, HASH_SHA256);
		assert_true(str_same(k.secret, STR_LIT("\0\1\2")));
	}
}

static void reads_colons(void **state)
{
	(void)state;
	AUTO(mem) struct mem m = { 0 };
	struct err e = { 0 };
	struct tsig_key k = { 0 };

	assert_int_equal(tsig_key_colons(str_of("hmac-sha512:k.example:AAEC"),
					 &m, &k, &e),
			 0);
	assert_int_equal(k.alg, HASH_SHA512);
	assert_string_equal(k.name, "k.example");
	assert_int_equal(tsig_key_colons(str_of("k:AAEC"), &m, &k, &e), 0);
	assert_int_equal(k.alg, HASH_SHA256);
	assert_int_equal(tsig_key_colons(str_of("k"), &m, &k, &e), -1);
	assert_int_equal(tsig_key_colons(str_of("a:b:c:d"), &m, &k, &e), -1);
	assert_int_equal(e.kind, ERR_AUTH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signs_as_others_do),
		cmocka_unit_test(sees_every_byte),
		cmocka_unit_test(refuses_what_is_cut),
		cmocka_unit_test(names_the_error),
		cmocka_unit_test(shows_both_clocks),
		cmocka_unit_test(follows_a_chain),
		cmocka_unit_test(reads_key_files),
		cmocka_unit_test(reads_colons),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
