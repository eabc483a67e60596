#include "providers/table.h"

const struct provider *const provider_table[] = {
	&rfc2136_provider,
	&self_provider,
	&exec_provider,
	&manual_provider,
};
const size_t provider_n = sizeof(provider_table) / sizeof(provider_table[0]);

/* Distance to the nearest of a provider's names; 0 is a hit. */
static unsigned distance(const struct provider *p, struct str name,
			 struct str *nearest)
{
	struct str rest = str_of(p->aliases), word = str_of(p->name);
	unsigned best = 4;
	do {
		unsigned n = str_eqi(word, "") ?
				     best :
			     str_samei(word, name) ?
				     0 :
				     1 + str_distance(word, name, best - 1);
		if (n < best) {
			best = n;
			*nearest = word;
		}
	} while (best > 0 && str_word(&rest, &word));
	return best;
}

const struct provider *provider_find(const char *name, struct err *e)
{
	struct str nearest = { 0 };
	unsigned best = 4;
	for (size_t i = 0; i < provider_n; i++) {
		struct str word = { 0 };
		unsigned n = distance(provider_table[i], str_of(name), &word);
		if (n == 0)
			return provider_table[i];
		if (n < best) {
			best = n;
			nearest = word;
		}
	}
	err_set(e, ERR_CONF,
		"no DNS provider is called \"%s\"%s%.*s%s; see "
		"opsmail dns providers",
		name, nearest.n ? ": did you mean " : "", STR_FMT(nearest),
		nearest.n ? "?" : "");
	return NULL;
}
