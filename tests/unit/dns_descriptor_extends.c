/* Descriptors that take others over, and all that are built in. */
#include <string.h>

#include "base/embed.h"
#include "data/yaml.h"
#include "tests/unit/dnsapi.h"

static void extends(void **state)
{
	AUTO(mem) struct mem m = { 0 };
	const struct descriptor *d;
	struct err e = { 0 };

	(void)state;
	if (descriptor_parse(str_of("name: y\nextends: vultr\nttl: {min: 5}\n"
				    "base: https://y.test\n"),
			     "y.yaml", &m, &d, &e))
		fail_msg("%s", e.msg);
	assert_string_equal(d->provider.name, "y");
	assert_string_equal(yaml_get(d->root, "base")->text, "https://y.test");
	assert_string_equal(yaml_get(yaml_get(d->root, "ttl"), "min")->text,
			    "5");
	assert_true(d->provider.fields_n > 0);
	assert_null(d->provider.aliases);
	assert_int_equal(d->proof, DESCRIPTOR_UNPROVEN);
	assert_int_equal(descriptor_parse(str_of("name: y\nextends: vultr\n"
						 "records: ~\n"),
					  "y.yaml", &m, &d, &e),
			 -1);
	assert_non_null(strstr(e.msg, "\"records\" is missing"));
	assert_int_equal(descriptor_parse(str_of("name: y\nextends: nobody\n"),
					  "y.yaml", &m, &d, &e),
			 -1);
	assert_non_null(strstr(e.msg, "y.yaml:2:10: no built-in descriptor"));
}

/* Every embedded one opens, with its own credentials, in any complete set. */
static void embedded_are_whole(void **state)
{
	(void)state;
	static const struct api_line none[] = { { 0 } };
	size_t n = 0;

	for (size_t i = 0; i < embed_n; i++) {
		struct api a = { 0 };
		const struct descriptor *d;
		struct err e = { 0 };

		if (!str_starts(str_of(embed_all[i].path), "providers/"))
			continue;
		n++;
		if (descriptor_parse(embed_all[i].bytes, embed_all[i].path,
				     &a.mem, &d, &e))
			fail_msg("%s", e.msg);
		if (d->provider.caps & DNS_PTR_ALONE)
			assert_non_null(d->provider.ptr);
		else
			assert_non_null(strstr(d->provider.types, "TXT"));
		assert_ptr_equal(descriptor_of(&d->provider), d);
		api_open(&a, &d->provider, none);
		api_close(&a);
	}
	assert_true(n >= 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(extends),
		cmocka_unit_test(embedded_are_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
