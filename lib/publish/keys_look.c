/* The keys and the DNS: which records can be seen, and whether a signature
 * passes by them. */
#include <string.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/log.h"
#include "mail/dkim.h"
#include "publish/keys_files.h"

/* When a zone does not say how long its absent names are remembered. */
enum { NEGATIVE = 3600, NEGATIVE_MAX = 86400, ROUNDS_MAX = 8 };

const char *keys_name(const struct keys *k, const char *selector, struct mem *m)
{
	return mem_fmt(m, "%s._domainkey.%s", selector, k->domain);
}

void keys_match(struct keys *k, const struct records *live)
{
	AUTO(mem) struct mem m = { 0 };

	for (size_t i = 0; i < k->keys.n; i++) {
		struct rotate_key *x = &k->keys.at[i];
		const char *name = keys_name(k, x->selector, &m);

		for (size_t r = 0; x->adopted && r < live->n; r++)
			if (live->at[r].type == DNS_TXT &&
			    str_eqi(str_of(live->at[r].name), name) &&
			    keys_files_same(x->record, live->at[r].value))
				x->record = mem_dup(&k->mem,
						    live->at[r].value.at,
						    live->at[r].value.n);
	}
}

/* The lesser of the SOA's TTL and its last field (RFC 2308 5). */
static time_t negative_ttl(struct resolver *r, const char *zone, struct mem *m)
{
	struct answer a = { 0 };
	struct err e = { 0 };
	struct str rest, word = { 0 };
	uint64_t n;

	if (resolve(r, zone, DNS_SOA, m, &a, &e) || !a.n)
		return NEGATIVE;
	rest = a.value[0];
	while (str_word(&rest, &word))
		;
	if (str_num(word, UINT32_MAX, &n))
		return NEGATIVE;
	n = a.ttl < n ? a.ttl : n;
	return n < NEGATIVE_MAX ? (time_t)n : NEGATIVE_MAX;
}

/* What somebody published for their own key may say it in other words. */
static int reword(struct keys *k, const struct wait *w, const char *selector,
		  struct mem *m, time_t now, struct err *e)
{
	const struct rotate_key *x = keys_find(k, selector);
	struct answer a = { 0 };
	struct err ignored = { 0 };

	if (!x || !x->adopted ||
	    resolve(w->resolver, keys_name(k, selector, m), DNS_TXT, m, &a,
		    &ignored))
		return 0;
	for (size_t i = 0; i < a.n; i++)
		if (str_is_print(a.value[i]) &&
		    keys_files_same(x->record, a.value[i]))
			return keys_reword(k, selector,
					   mem_dup(m, a.value[i].at,
						   a.value[i].n),
					   now, e);
	return 0;
}

static int look_at(struct keys *k, const struct wait *w, const char *selector,
		   time_t now, struct err *e)
{
	AUTO(mem) struct mem m = { 0 };
	const struct rotate_key *x;
	struct err late = { 0 };
	const char *zone;

	if (reword(k, w, selector, &m, now, e))
		return -1;
	x = keys_find(k, selector);
	if (!x)
		return 0;

	struct record r = { .name = keys_name(k, selector, &m),
			    .type = DNS_TXT,
			    .value = str_of(mem_str(&m, x->record)) };
	const struct records want = { .at = &r, .n = 1, .room = 1 };
	struct wait one = *w;

	if (x->state != ROTATE_PENDING)
		one.limit_ms = 0;
	if (zone_cut(w->resolver, r.name, &m, &zone, e))
		return -1;
	if (wait_visible(&one, zone, &want, &late) &&
	    late.kind != ERR_TIMEOUT) {
		*e = late;
		return -1;
	}
	if (keys_seen(k, selector, !late.kind,
		      negative_ttl(w->resolver, zone, &m), now, e))
		return -1;
	if (!late.kind)
		return 0;
	*e = late;
	return -1;
}

int keys_look(struct keys *k, const struct wait *w, time_t now, struct err *e)
{
	AUTO(mem) struct mem m = { 0 };
	const int64_t until = clock_ms() + w->limit_ms;
	const char **names = mem_array(&m, k->keys.n + 1, sizeof(*names));
	bool *pending = mem_array(&m, k->keys.n + 1, sizeof(*pending));
	struct err late = { 0 };
	size_t n = 0;

	for (size_t i = 0; i < k->keys.n; i++) {
		if (k->keys.at[i].state > ROTATE_ACTIVE)
			continue;
		pending[n] = k->keys.at[i].state == ROTATE_PENDING;
		names[n++] = mem_str(&m, k->keys.at[i].selector);
	}
	for (size_t i = 0; i < n; i++) {
		struct wait one = *w;
		struct err why = { 0 };

		one.limit_ms = until > clock_ms() ? until - clock_ms() : 0;
		if (!look_at(k, &one, names[i], now, &why))
			continue;
		if (why.kind != ERR_TIMEOUT) {
			*e = why;
			return -1;
		}
		if (pending[i])
			late = why;
		else
			log_say(LOG_REASON, "%s", why.msg);
	}
	if (!late.kind)
		return 0;
	*e = late;
	return -1;
}

/* ---- does a signature pass? ---- */

static int answer(struct resolver *r, struct facts *f, struct err *e)
{
	AUTO(mem) struct mem m = { 0 };
	struct fact *x;

	while ((x = facts_next(f))) {
		struct answer a = { 0 };

		if (resolve(r, x->name, x->type, &m, &a, e))
			return -1;
		facts_tell(f, x, a.n ? FACT_FOUND : FACT_VOID);
		for (size_t i = 0; i < a.n; i++)
			facts_value(f, x, a.value[i]);
	}
	return 0;
}

static const char *letter(const struct keys *k, time_t now, struct mem *m)
{
	char text[CLOCK_TEXT];

	return mem_fmt(m,
		       "From: <postmaster@%s>\r\n"
		       "To: <postmaster@%s>\r\n"
		       "Subject: a trial of %s\r\n"
		       "\r\n"
		       "Signed to see whether it can be verified.\r\n",
		       k->domain, k->domain, clock_text(now, text));
}

static int sign(const struct keys *k, const struct rotate_key *x, time_t now,
		struct mem *m, const char **out, struct err *e)
{
	AUTO(dkimkey) struct dkimkey *key = NULL;
	AUTO(buf) struct buf field = { 0 };
	const char *path = keys_path(k, x, m), *text = letter(k, now, m);
	struct header h = { 0 };

	if (!path)
		return err_set(e, ERR_MISSING, "the key %s of %s has no file",
			       x->selector, k->domain);

	if (keys_files_read(path, &key, e) ||
	    header_parse(str_of(text), m, &h, e))
		return -1;

	const struct dkim_signer s = { .key = key,
				       .domain = k->domain,
				       .selector = x->selector,
				       .now = now };

	if (dkim_sign(&s, &h, &field, e))
		return -1;
	*out = mem_fmt(m, "%s%s", buf_c(&field), text);
	return 0;
}

int keys_try(const struct keys *k, const struct rotate_key *x,
	     struct resolver *r, time_t now, struct err *e)
{
	AUTO(mem) struct mem m = { 0 };
	AUTO(facts) struct facts f = { 0 };
	struct dkim_verdicts v = { 0 };
	struct header h = { 0 };
	const char *text;

	if (sign(k, x, now, &m, &text, e) ||
	    header_parse(str_of(text), &m, &h, e))
		return -1;
	for (int i = 0; i < ROUNDS_MAX; i++) {
		if (dkim_verify(&h, &dkim_trust_now, &f, now, &m, &v))
			break;
		if (answer(r, &f, e))
			return err_at(e, "trying the key %s", x->selector);
	}
	if (v.passed)
		return 0;
	return err_set(e, ERR_CHECK,
		       "a message signed with the key %s of %s does not pass: "
		       "%s",
		       x->selector, k->domain, v.n ? v.at[0].why : "");
}
