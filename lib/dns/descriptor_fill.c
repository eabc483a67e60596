/* The provider that a descriptor, known to be whole, stands for. */
#include <string.h>

#include "dns/descriptor_drive.h"
#include "dns/descriptor_parts.h"

static const char *words_of(const struct yaml *list, struct mem *m)
{
	const char *all = NULL;
	for (const struct yaml *c = list ? list->child : NULL; c; c = c->next)
		all = mem_fmt(m, "%s%s%s", all ? all : "", all ? " " : "",
			      c->text);
	return all;
}

static void fields_of(const struct yaml *creds, struct provider *p,
		      struct mem *m)
{
	struct dns_field *at = mem_array(m, creds->n + 1, sizeof(*at));
	size_t n = 0;
	for (const struct yaml *c = creds->child; c; c = c->next)
		at[n++] = (struct dns_field){
			.names = descriptor_word(c, "names", ""),
			.help = descriptor_word(c, "help", ""),
			.secret = descriptor_word(c, "secret", "yes")[0] == 'y',
			.required = descriptor_word(c, "optional", "no")[0] ==
				    'n',
			.preset = descriptor_word(c, "preset", NULL),
		};
	p->fields = at;
	p->fields_n = n;
}

/* Where the vendor's own tool keeps each. */
static const char *const *tool_of(const struct yaml *creds, struct mem *m)
{
	const char **at = mem_array(m, creds->n + 1, sizeof(*at));
	size_t n = 0;
	for (const struct yaml *c = creds->child; c; c = c->next)
		at[n++] = descriptor_word(c, "tool", NULL);
	return at;
}

static unsigned ptr_caps(const struct yaml *ptr)
{
	const struct yaml *ways = yaml_get(ptr, "ways"), *y;
	unsigned caps = yaml_get(ptr, "slow") ? DNS_PTR_ASYNC : 0;
	if (!strcmp(descriptor_word(ptr, "forward", "any"), "first"))
		caps |= DNS_PTR_FORWARD_FIRST;
	for (y = ways->kind == YAML_LIST ? ways->child : ways; y;
	     y = ways->kind == YAML_LIST ? y->next : NULL) {
		const char *family = descriptor_word(y, "family", "");
		if (strcmp(family, "v6") != 0)
			caps |= DNS_PTR_V4;
		if (strcmp(family, "v4") != 0)
			caps |= yaml_get(y, "create") ?
					DNS_PTR_V6 | DNS_PTR_V6_CREATE :
					DNS_PTR_V6;
	}
	return caps;
}

static const struct dns_ptr_driver *ptr_of(const struct yaml *root,
					   struct mem *m)
{
	const struct yaml *ptr = yaml_get(root, "ptr");
	struct dns_ptr_driver *p;
	if (!ptr)
		return NULL;
	p = MEM_NEW(m, struct dns_ptr_driver);
	*p = (struct dns_ptr_driver){
		.caps = ptr_caps(ptr),
		.slow = descriptor_word(ptr, "slow", NULL),
		.scope = descriptor_word(ptr, "scope", NULL),
		.proof = descriptor_word(yaml_get(ptr, "proof"), "level",
					 "unproven"),
		.get = descriptor_ptr_get,
		.set = descriptor_ptr_set,
		.reset = descriptor_ptr_reset,
	};
	return p;
}

static unsigned caps_of(const struct yaml *root)
{
	const struct yaml *records = yaml_get(root, "records");
	const bool swaps = yaml_get(records, "tag") ||
			   yaml_get(records, "tag_header");
	if (!yaml_get(root, "zones"))
		return DNS_PTR_ALONE;
	return (records ? DNS_CAN_LIST : 0u) | (swaps ? DNS_CAS : 0u) |
	       (yaml_get(root, "slot") ? DNS_SERIAL : 0u);
}

/* What can be said of values before one is made: see descriptor_audit. */
static void limits_of(const struct yaml *audit, struct provider *p)
{
	p->txt_max = descriptor_number(audit, "txt_max", 0);
	p->no_null_mx = !strcmp(descriptor_word(audit, "null_mx", "yes"), "no");
}

void descriptor_fill(struct descriptor *d, const struct yaml *root,
		     struct mem *m)
{
	static const char *const levels[] = { "unproven", "L2", "L3", "L4" };
	const char *level =
		descriptor_word(yaml_get(root, "proof"), "level", levels[0]);
	d->root = root;
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
		if (!strcmp(levels[i], level))
			d->proof = (enum descriptor_proof)i;
	const struct yaml *zones = yaml_get(root, "zones");
	const bool alone = zones == NULL;
	const bool listed = !strcmp(descriptor_word(zones, "mode", ""), "list");
	d->provider = (struct provider){
		.name = descriptor_word(root, "name", ""),
		.aliases = words_of(yaml_get(root, "aliases"), m),
		.types = alone ? "" : words_of(yaml_get(root, "types"), m),
		.about = descriptor_word(root, "about", ""),
		.url = descriptor_word(root, "url", ""),
		.scope = descriptor_word(root, "scope", NULL),
		.caps = caps_of(root),
		.open = descriptor_open,
		.close = descriptor_close,
		.find_zone = alone ? descriptor_no_zones : descriptor_find_zone,
		.zones = listed || yaml_get(zones, "all") ? descriptor_zones :
							    NULL,
		.list = yaml_get(root, "records") ? descriptor_list : NULL,
		.apply = alone ? descriptor_no_apply : descriptor_apply,
		.tool = tool_of(yaml_get(root, "creds"), m),
		.ptr = ptr_of(root, m),
	};
	limits_of(yaml_get(root, "audit"), &d->provider);
	fields_of(yaml_get(root, "creds"), &d->provider, m);
}
