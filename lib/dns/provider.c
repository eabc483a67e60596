#include "dns/provider.h"

#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/log.h"
#include "dns/cred.h"

/* "A B C" as "A (or B, C)": how a person reads it. */
static void put_names(struct buf *b, const char *names)
{
	struct str rest = str_of(names), word;
	for (size_t i = 0; str_word(&rest, &word); i++) {
		buf_str(b, i == 0 ? "" : i == 1 ? " (or " : ", ");
		buf_view(b, word);
	}
	if (str_find(str_of(names), " "))
		buf_char(b, ')');
}

static int missing(const struct dns *d, const char *names, struct err *e)
{
	const struct provider *p = d->provider;
	const bool reverse = d->settings == &d->conf->rdns;
	const char *scope = reverse && p->ptr && p->ptr->scope ? p->ptr->scope :
								 p->scope;
	return err_set(e, ERR_AUTH,
		       "the DNS provider %s needs %s: give it under "
		       "%sdns.credentials in %s/opsmail.yaml, in secrets.yaml "
		       "or in the environment%s%s",
		       p->name, names, reverse ? "r" : "",
		       d->conf->dir ? d->conf->dir : "conf",
		       scope ? "; make it with no more than: " : "",
		       scope ? scope : "");
}

static const char *env(const char *name)
{
	return getenv(name);
}

/* What nobody configured may stand where the vendor's own tool looks. */
static int from_tool(struct dns *d, size_t i, struct err *e)
{
	const struct provider *p = d->provider;
	const struct cred_world w = { .env = env, .m = &d->mem };
	if (!p->tool || !p->tool[i])
		return 0;
	if (cred_tool(&w, p->tool[i], &d->values[i], e) < 0)
		return err_at(e, "%s", p->name);
	if (d->values[i] && p->fields[i].secret)
		log_hide(str_of(d->values[i]));
	return 0;
}

static int fill(struct dns *d, struct err *e)
{
	const struct provider *p = d->provider;
	AUTO(buf) struct buf lacking = { .max = 600 };
	d->values = mem_array(&d->mem, p->fields_n + 1, sizeof(*d->values));
	for (size_t i = 0; i < p->fields_n; i++) {
		const struct dns_field *f = &p->fields[i];
		const char *origin = NULL;
		if (conf_credential(d->conf, d->settings, f->names, f->secret,
				    &d->mem, &d->values[i], &origin, e) == 0) {
			log_say(LOG_REASON, "%s: %.*s from %s", p->name,
				(int)strcspn(f->names, " "), f->names,
				origin ? origin : "the configuration");
			continue;
		}
		if (e->kind != ERR_MISSING)
			return err_at(e, "%s", p->name);
		*e = (struct err){ 0 };
		if (from_tool(d, i, e) < 0)
			return -1;
		if (!d->values[i])
			d->values[i] = f->preset;
		if (!f->required || d->values[i])
			continue;
		buf_str(&lacking, lacking.n ? "; " : "");
		put_names(&lacking, f->names);
	}
	*e = (struct err){ 0 };
	return lacking.n ? missing(d, buf_c(&lacking), e) : 0;
}

int dns_open(struct dns *d, const struct provider *p, struct err *e)
{
	d->provider = p;
	d->http = NULL;
	d->state = NULL;
	if (fill(d, e) == 0 && (!p->open || p->open(d, e) == 0))
		return 0;
	dns_close(d);
	return -1;
}

int dns_check(struct dns *d, const struct provider *p, struct err *e)
{
	d->provider = p;
	const int status = fill(d, e);
	d->provider = NULL; /* never opened: its close is not for this */
	dns_close(d);
	return status;
}

void dns_close(struct dns *d)
{
	if (d->provider && d->provider->close)
		d->provider->close(d);
	d->provider = NULL;
	if (d->http)
		http_close(d->http);
	d->http = NULL;
	d->values = NULL;
	d->state = NULL;
	mem_free(&d->mem);
}

bool provider_reads(const struct provider *p)
{
	return (p->caps & DNS_CAN_LIST) && !(p->caps & DNS_ANSWERS);
}

struct dns *dns_session_find(struct dns_session *first,
			     const struct conf_dns *settings)
{
	for (; first; first = first->next)
		if (first->dns.settings == settings)
			return &first->dns;
	return NULL;
}

int dns_session_open(struct dns_session **first, const struct dns *closed,
		     const struct provider *p, struct mem *m, struct dns **out,
		     struct err *e)
{
	struct dns_session *s = MEM_NEW(m, struct dns_session);
	s->dns = *closed;
	if (dns_open(&s->dns, p, e) < 0)
		return err_at(e, "%s", p->name);
	s->next = *first;
	*first = s;
	*out = &s->dns;
	return 0;
}

void dns_session_close(struct dns_session **first)
{
	for (struct dns_session *s = *first; s; s = s->next)
		dns_close(&s->dns);
	*first = NULL;
}
