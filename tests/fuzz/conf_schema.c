/* The first byte says which file it is; the rest is its text. */
#include <stdlib.h>

#include "conf/schema.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n);

static void apply(struct schema *s, const struct yaml *root, bool secrets)
{
	if (secrets) {
		schema_secrets(s, root);
		return;
	}
	schema_globals(s, root);
	schema_defaults(s);
	schema_domains(s, root);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
	struct conf c = { .dir = "/etc/opsmail" };
	struct schema s = { .c = &c, .file = "f" };
	struct err e = { 0 };
	struct yaml *root;

	if (!n)
		return 0;
	if (!yaml_parse((struct str){ (const char *)at + 1, n - 1 }, "f",
			&c.mem, &root, &e)) {
		apply(&s, root, *at == 's');
		if (schema_end(&s, &e) ? !s.complaints : s.complaints > 0)
			abort();
		for (size_t i = 0; i < c.settings_n; i++)
			if (!c.settings[i].value || !c.settings[i].origin)
				abort();
	}
	conf_free(&c);
	return 0;
}
