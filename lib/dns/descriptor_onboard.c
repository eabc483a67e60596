/* A credential that the API gives who asks for it, and that is good once a
 * person has said so there. */
#include <string.h>

#include "dns/descriptor_parts.h"

static size_t field_of(const struct descriptor *d, const char *cred)
{
	const struct yaml *c = yaml_get(d->root, "creds")->child;
	size_t i = 0;
	for (; c && strcmp(c->key, cred) != 0; c = c->next)
		i++;
	return i;
}

/* The same provider, which can be opened without that credential. */
static struct descriptor without(const struct descriptor *d, size_t field,
				 struct mem *m)
{
	struct descriptor x = *d;
	const size_t n = d->provider.fields_n;
	struct dns_field *fields = mem_array(m, n, sizeof(*fields));
	memcpy(fields, d->provider.fields, n * sizeof(*fields));
	fields[field].required = false;
	x.provider.fields = fields;
	return x;
}

static int ask(struct dns *d, const struct yaml *y, size_t field, struct mem *m,
	       const char **text, struct err *e)
{
	struct descriptor_scope s = descriptor_scope_of(d, m);
	const struct descriptor_ask q = { .call = y, .kind = DESCRIPTOR_WRITE };
	const char *names = d->provider->fields[field].names, *value, *show;
	AUTO(json) json_t *j = NULL;
	descriptor_state_of(&s)->bare = true;
	descriptor_state_of(&s)->signs_in = true; /* nothing of it is logged */
	if (descriptor_send(&s, &q, &j, NULL, e) < 0)
		return -1;
	s.item = j;
	if (descriptor_make(&s, descriptor_word(y, "value", ""), &value, e) ||
	    descriptor_make(&s, descriptor_word(y, "show", ""), &show, e))
		return -1;
	if (!*value)
		return err_set(e, ERR_AUTH,
			       "%s was asked for %.*s and gave none",
			       d->provider->name, (int)strcspn(names, " "),
			       names);
	*text = mem_fmt(m,
			"%s; then give %.*s: %s under dns.credentials in "
			"%s/opsmail.yaml, in secrets.yaml or in the "
			"environment",
			show, (int)strcspn(names, " "), names, value,
			d->conf->dir ? d->conf->dir : "conf");
	return 0;
}

int descriptor_onboard(struct dns *d, const struct provider *p, struct mem *m,
		       const char **text, struct err *e)
{
	const struct descriptor *x = descriptor_of(p);
	const struct yaml *y = x ? yaml_get(x->root, "onboard") : NULL;
	*text = NULL;
	if (!y)
		return 0;
	const size_t field = field_of(x, descriptor_word(y, "cred", ""));
	const struct descriptor open = without(x, field, m);
	if (dns_open(d, &open.provider, e) < 0) {
		if (e->kind != ERR_AUTH)
			return -1;
		*e = (struct err){ 0 }; /* more is missing: that was said */
		return 0;
	}
	const int status = d->values[field] ? 0 : ask(d, y, field, m, text, e);
	dns_close(d);
	return status;
}
