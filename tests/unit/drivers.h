/* A driver as the core opens it: credentials in, sentences out. */
#pragma once

#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/fs.h"
#include "dns/edit.h"
#include "providers/table.h"
#include "tests/unit/test.h"

#define NAME "_acme-challenge.ex.test"
static char dir[64]; /* the configuration's folder */
static struct resolver *resolver;

/* "NAME=VALUE" pairs, a NULL at the end, as dns.credentials. */
struct bench {
	struct conf conf;
	struct conf_dns settings;
	struct credential credential[8];
	struct dns dns;
	struct tell tell;
	struct mem mem;
	enum tell_kind told_kind;
};
static char told[4096];

static inline void show(struct tell *t, enum tell_kind kind, const char *who,
			const char *text)
{
	const void *at = (const char *)t - offsetof(struct bench, tell);
	const struct bench *b = at;

	assert_int_equal(kind, b->told_kind);
	assert_string_equal(who, "ex.test");
	snprintf(told + strlen(told), sizeof(told) - strlen(told), "%s\n",
		 text);
}

static inline int open_it(struct bench *b, const char *provider,
			  const char *const *credentials, struct err *e)
{
	memset(b, 0, sizeof(*b));
	b->told_kind = TELL_TASK;
	told[0] = '\0';
	for (size_t i = 0; credentials && credentials[i]; i++) {
		const char *eq = strchr(credentials[i], '=');

		b->credential[i] = (struct credential){
			.name = mem_dup(&b->mem, credentials[i],
					(size_t)(eq - credentials[i])),
			.value = { .kind = SECRET_INLINE,
				   .text = eq + 1,
				   .origin = "test" }
		};
		b->settings.credentials_n = i + 1;
	}
	b->settings.credentials = b->credential;
	b->conf = (struct conf){ .dir = dir, .hostname = "smtp.mine.test" };
	b->tell.show = show;
	b->dns = (struct dns){ .conf = &b->conf,
			       .settings = &b->settings,
			       .resolver = resolver,
			       .tell = &b->tell,
			       .who = "ex.test" };
	return dns_open(&b->dns, provider_find(NULL, provider, &b->mem, e), e);
}

static inline void close_it(struct bench *b)
{
	dns_close(&b->dns);
	mem_free(&b->mem);
}

static inline struct records values(struct mem *m, const char *one,
				    const char *two)
{
	struct records r = { 0 };
	const char *v[] = { one, two };

	for (size_t i = 0; i < 2; i++) {
		struct record x = { .name = NAME,
				    .type = DNS_TXT,
				    .value = str_of(v[i]) };

		if (v[i])
			records_add(&r, m, &x);
	}
	return r;
}
