/* One credential, from wherever it was put first. */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "conf/conf.h"
#include "conf/secret.h"

/* An entry that has one of the names and is for `domain` (NULL: for all). */
static const struct secret *among(const struct credential *x, size_t n,
				  const char *names, const char *domain)
{
	struct str list = str_of(names), word;

	while (str_word(&list, &word))
		for (size_t i = 0; i < n; i++) {
			const char *of = x[i].domain;

			if (!str_eq(word, x[i].name) || !of != !domain ||
			    (of && domain && strcmp(of, domain) != 0))
				continue;
			if (x[i].value.kind != SECRET_INLINE ||
			    *x[i].value.text)
				return &x[i].value;
		}
	return NULL;
}

static const char *from_environment(struct mem *m, const char *names)
{
	struct str list = str_of(names), word;

	while (str_word(&list, &word)) {
		const char *value = getenv(mem_dup(m, word.at, word.n));

		if (value && *value)
			return mem_str(m, value);
	}
	return NULL;
}

static const struct secret *find(const struct conf *c, const struct conf_dns *d,
				 const char *names)
{
	const char *owner = d ? d->owner : NULL;
	const struct secret *s = NULL;

	if (d)
		s = among(d->credentials, d->credentials_n, names, NULL);
	if (!s)
		s = among(c->dns.credentials, c->dns.credentials_n, names,
			  NULL);
	if (!s && owner)
		s = among(c->kept, c->kept_n, names, owner);
	if (!s)
		s = among(c->kept, c->kept_n, names, NULL);
	if (!s && owner)
		s = among(c->shell, c->shell_n, names, owner);
	if (!s)
		s = among(c->shell, c->shell_n, names, NULL);
	return s;
}

int conf_credential(const struct conf *c, const struct conf_dns *d,
		    const char *names, bool hide, struct mem *m,
		    const char **value, const char **origin, struct err *e)
{
	const struct secret *s = find(c, d, names);

	if (s) {
		*origin = s->origin;
		if (secret_fetch(s, m, value, e))
			return -1;
	} else {
		*origin = "environment";
		*value = from_environment(m, names);
		if (!*value)
			return err_set(e, ERR_MISSING,
				       "%s is not set; put it "
				       "below dns.credentials in "
				       "%s/opsmail.yaml, into secrets.yaml "
				       "(mode 0600) or into the environment",
				       names, c->dir);
	}
	if (hide)
		log_hide(str_of(*value));
	return 0;
}
