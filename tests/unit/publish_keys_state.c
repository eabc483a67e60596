/* What is no state of keys, and no folder of them. */
#include "publish/keys.h"

#include "tests/unit/place.h"

#define NOON ((time_t)1795608000) /* 2026-11-25T12:00:00Z */
#define LIVE "chasquid/domains/x.test/"

static void refuses(void **state)
{
	static const struct {
		const char *name, *text, *says;
	} table[] = {
		{ LIVE "dkim:a b.pem", "x", "can be no selector" },
		{ LIVE "dkim:...pem", "x", "can be no selector" },
		{ LIVE "dkim:a.pem", "no key", "dkim:a.pem" },
		{ "dkim/x.test/state.json", "{", "move it away" },
		{ "dkim/x.test/state.json", "{}", "no version" },
		{ "dkim/x.test/state.json", "{\"version\":2,\"keys\":[]}",
		  "a newer opsmail" },
	};
	struct place p;
	struct conf conf = { .dir = p.dir };
	struct keys k;
	struct err e = { 0 };

	(void)state;
	place_open(&p);
	for (size_t i = 0; i < COUNT(table); i++) {
		place_put(&p, table[i].name, table[i].text, 0600);
		if (!keys_load(&conf, "x.test", NOON, &k, &e) ||
		    e.kind != ERR_CONF || !strstr(e.msg, table[i].says))
			fail_msg("%s: %s", table[i].name, e.msg);
		assert_int_equal(fs_remove(place_path(&p, table[i].name), &e),
				 0);
	}
	assert_int_equal(keys_load(&conf, "../x", NOON, &k, &e), -1);
	assert_int_equal(keys_load(&conf, "", NOON, &k, &e), -1);
	place_close(&p);
}

static void bad_states(void **state)
{
#define GOOD                                                      \
	"\"selector\":\"a\",\"kind\":\"rsa\",\"state\":\"gone\"," \
	"\"made\":\"2026-11-25T12:00:00Z\","                      \
	"\"since\":\"2026-11-25T12:00:00Z\",\"record\":\"v=DKIM1; p=AA=="
	static const struct {
		const char *key;
		int status;
	} table[] = {
		{ "{" GOOD "\"}", 0 },
		{ "{" GOOD "\",\"seen\":\"2026-11-25T12:00:00Z\"}", 0 },
		{ "{" GOOD "\",\"seen\":7}", -1 },
		{ "{" GOOD "\",\"due\":7}", -1 },
		{ "{" GOOD "; t\n\"}", -1 },
		{ "{" GOOD "; k=ed25519\"}", -1 },
		{ "{" GOOD "; n=\\u00e9\"}", -1 },
		{ "{" GOOD "\"},{" GOOD "\"}", -1 },
		{ "{\"selector\":\"../a\"}", -1 },
		{ "{\"selector\":\"a\"}", -1 },
		{ "7", -1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		AUTO(keys) struct keys k = { 0 };
		AUTO(mem) struct mem m = { 0 };
		struct err e = { 0 };
		const char *text = mem_fmt(&m, "{\"version\":1,\"keys\":[%s]}",
					   table[i].key);

		if (keys_parse(str_of(text), &k, &e) != table[i].status)
			fail_msg("%s: %s", text, e.msg);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses),
		cmocka_unit_test(bad_states),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
