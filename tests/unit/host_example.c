#include "host/example.h"

#include "base/embed.h"
#include "conf/conf.h"

#include "tests/unit/place.h"

static void makes_a_configuration(void **state)
{
	struct place p;
	struct err e = { 0 };
	struct conf c;
	const char *edit, *dir, *script;

	(void)state;
	place_open(&p);
	dir = place_path(&p, "conf");
	if (example_create(dir, &p.m, &edit, &e))
		fail_msg("%s", e.msg);
	assert_string_equal(edit, place_path(&p, "conf/opsmail.yaml"));
	assert_memory_equal(place_get(&p, "conf/opsmail.yaml"),
			    mem_fmt(&p.m, "# %s:", edit), strlen(edit) + 3);
	script = place_path(&p, "conf/reload/example.org.sh");
	assert_int_equal(access(script, X_OK), 0);
	for (size_t i = 0; i < embed_n; i++) {
		const char *path = embed_all[i].path;

		if (strncmp(path, "conf.example/", 13) != 0)
			continue;
		path = mem_fmt(&p.m, "conf/%s", path + 13);
		assert_non_null(place_get(&p, path));
		assert_null(strstr(place_get(&p, path), "{{"));
	}
	if (conf_read(dir, &c, &e))
		fail_msg("%s", e.msg);
	assert_int_equal(c.domains_n, 0);
	conf_free(&c);
	assert_int_equal(example_create(dir, &p.m, &edit, &e), -1);
	assert_int_equal(e.kind, ERR_SYS);
	place_close(&p);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(makes_a_configuration),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
