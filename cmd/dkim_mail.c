/* opsmail dkim sign and verify: a message on stdin. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/idn.h"
#include "cmd/dkim.h"
#include "mail/dkim.h"
#include "net/resolve.h"

enum { MESSAGE_MAX = 100 << 20, KEY_MAX = 32768, ROUNDS_MAX = 20 };

/* A message as it came, and with CRLF at all its line ends, as it is signed:
 * that is what a mail server makes of it. */
struct message {
	struct buf given, wire;
	struct header header;
};

static void auto_message(struct message *x)
{
	buf_free(&x->given);
	buf_free(&x->wire);
}

static int read_stdin(struct buf *out, struct err *e)
{
	char at[65536];
	ssize_t n;

	while ((n = read(STDIN_FILENO, at, sizeof(at))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(e, "stdin");
		buf_add(out, at, (size_t)n);
	}
	if (out->full)
		return err_set(e, ERR_USAGE,
			       "the message on stdin has more than %d MB",
			       MESSAGE_MAX >> 20);
	if (!out->n)
		return err_set(e, ERR_USAGE, "there is no message on stdin");
	return 0;
}

static void add_wire(struct message *x)
{
	struct str rest = buf_get(&x->given);

	while (rest.n) {
		const char *end = memchr(rest.at, '\n', rest.n);
		const size_t n = end ? (size_t)(end - rest.at) : rest.n;
		const bool bare = end && (!n || rest.at[n - 1] != '\r');

		buf_add(&x->wire, rest.at, n);
		buf_str(&x->wire, bare ? "\r\n" : end ? "\n" : "");
		rest.at += n + (end != NULL);
		rest.n -= n + (end != NULL);
	}
}

static int read_message(struct call *c, struct message *x, struct err *e)
{
	x->given.max = MESSAGE_MAX;
	x->wire.max = 2 * (size_t)MESSAGE_MAX;
	if (read_stdin(&x->given, e))
		return -1;
	if (memchr(x->given.at, 0, x->given.n))
		return err_set(e, ERR_USAGE,
			       "what is on stdin has a NUL byte: that is no "
			       "mail message");
	add_wire(x);
	if (header_parse(buf_get(&x->wire), &c->mem, &x->header, e))
		return err_at(e, "the message on stdin");
	return 0;
}

/* ---- dkim sign ---- */

static int read_key(const char *path, struct dkimkey **out, struct err *e)
{
	AUTO(secret) struct buf pem = { .max = KEY_MAX };

	return fs_read(path, &pem, e) || dkimkey_read(buf_get(&pem), out, e) ?
		       -1 :
		       0;
}

static int add_field(const struct message *x, const char *domain,
		     const char *selector, const char *path, struct buf *fields,
		     struct err *e)
{
	AUTO(dkimkey) struct dkimkey *key = NULL;

	if (read_key(path, &key, e))
		return err_at(e, "%s", path);

	const struct dkim_signer s = { .key = key,
				       .domain = domain,
				       .selector = selector,
				       .now = clock_now() };

	return dkim_sign(&s, &x->header, fields, e);
}

/* As the mail server would: with every key that is active; or with one. */
static int sign_by_conf(struct call *c, const struct message *x,
			const char *domain, const char *selector,
			struct buf *fields, struct err *e)
{
	const struct conf conf = { .dir = c->dir };
	AUTO(keys) struct keys k = { 0 };
	size_t n = 0;

	if (keys_load(&conf, domain, clock_now(), &k, e))
		return -1;
	for (size_t i = 0; i < k.keys.n; i++) {
		const struct rotate_key *key = &k.keys.at[i];
		const char *path;

		if (selector ? !str_eqi(str_of(selector), key->selector) :
			       key->state != ROTATE_ACTIVE)
			continue;
		path = keys_path(&k, key, &c->mem);
		if (!path)
			return err_set(e, ERR_MISSING,
				       "the DKIM key %s of %s was destroyed",
				       key->selector, domain);
		if (add_field(x, domain, key->selector, path, fields, e))
			return -1;
		n++;
	}
	if (n)
		return 0;
	return err_set(e, ERR_MISSING,
		       "%s has no %s%s: `opsmail dkim show %s` lists its keys",
		       domain, selector ? "DKIM key " : "active DKIM key",
		       selector ? selector : "", domain);
}

/* Line ends as the message has them. */
static void add_as_given(const struct message *x, const struct buf *fields,
			 struct buf *out)
{
	const struct str given = buf_get(&x->given);
	const char *end = memchr(given.at, '\n', given.n);
	const bool crlf = !end || (end > given.at && end[-1] == '\r');

	for (size_t i = 0; i < fields->n; i++)
		if (crlf || fields->at[i] != '\r')
			buf_char(out, fields->at[i]);
}

int cmd_dkim_sign(struct call *c, struct err *e)
{
	const char *asked = opt_text(&c->opts, "domain"), *domain;
	const char *selector = opt_text(&c->opts, "selector");
	const char *path = opt_text(&c->opts, "key");
	AUTO(message) struct message x = { 0 };
	AUTO(buf) struct buf fields = { 0 };
	AUTO(buf) struct buf out = { .max = 2 * (size_t)MESSAGE_MAX };

	if (!asked || (path && !selector))
		return err_set(e, ERR_USAGE,
			       "--%s is missing: opsmail dkim "
			       "sign --domain DOMAIN [--selector SELECTOR "
			       "[--key FILE]] <message",
			       asked ? "selector" : "domain");
	if (idn_ascii(&c->mem, str_of(asked), &domain, e) ||
	    read_message(c, &x, e))
		return -1;
	if (path ? add_field(&x, domain, selector, path, &fields, e) :
		   sign_by_conf(c, &x, domain, selector, &fields, e))
		return -1;
	add_as_given(&x, &fields, &out);
	out_object(c->out,
		   json_pack("{s:s, s:s, s:o}", "type", "signed", "domain",
			     domain, "fields", out_utf8(buf_c(&out))));
	buf_view(&out, buf_get(&x.given));
	out_text(c->out, buf_c(&out));
	return 0;
}

/* ---- dkim verify ---- */

/* What --txt says: records, or files of one each. */
static int given_records(struct call *c, struct conf_list *out, struct err *e)
{
	const char *text;

	for (size_t i = 0; (text = opt_nth(&c->opts, "txt", i)); i++) {
		AUTO(buf) struct buf b = { .max = KEY_MAX };
		struct str s = str_trim(str_of(text));

		if (fs_exists(text) || !strchr(text, '=')) {
			if (fs_read(text, &b, e))
				return -1;
			s = str_trim(buf_get(&b));
		}
		conf_list_add(out, &c->mem, mem_dup(&c->mem, s.at, s.n));
	}
	return 0;
}

/* The resolver of the configuration, if there is one. */
static int open_resolver(struct call *c, struct resolver **r, struct err *e)
{
	AUTO(mem) struct mem m = { 0 };
	struct conf conf = { 0 };
	struct err none = { 0 };
	const char *server = NULL;

	if (conf_read(c->dir, &conf, &none) == 0)
		server = mem_str(&m, conf.resolver);
	conf_free(&conf);
	if (none.kind && none.kind != ERR_MISSING) {
		*e = none;
		return -1;
	}
	return resolver_open(server, r, e);
}

/* Whatever is wanted, from the DNS or from what was given. */
static int tell_all(struct resolver *r, const struct conf_list *given,
		    struct facts *f, struct err *e)
{
	AUTO(mem) struct mem m = { 0 };
	struct fact *x;

	while ((x = facts_next(f))) {
		struct answer a = { 0 };
		struct err why = { 0 };

		for (size_t i = 0; i < given->n; i++)
			facts_value(f, x, str_of(given->at[i]));
		if (!given->n && resolve(r, x->name, x->type, &m, &a, &why)) {
			if (why.kind == ERR_STOPPED) {
				*e = why;
				return -1;
			}
			facts_tell(f, x, FACT_TEMP);
			continue;
		}
		for (size_t i = 0; i < a.n; i++)
			facts_value(f, x, a.value[i]);
		facts_tell(f, x, x->n ? FACT_FOUND : FACT_VOID);
	}
	return 0;
}

static const char *text_of(struct call *c, struct str s)
{
	return mem_dup(&c->mem, s.at, s.n);
}

static const char *algorithm(const struct dkim_signature *s)
{
	return s->key == DKIMKEY_ED25519 ? "ed25519-sha256" :
	       s->hash == HASH_SHA1      ? "rsa-sha1" :
					   "rsa-sha256";
}

static json_t *verdict_json(struct call *c, const struct dkim_verdict *v)
{
	const struct dkim_signature *s = &v->signature;
	char made[CLOCK_TEXT], expires[CLOCK_TEXT];

	return json_pack(
		"{s:s, s:s, s:o, s:o, s:s, s:I, s:s, s:s, s:o, s:o, s:s?, "
		"s:s?, s:b, s:b}",
		"type", "signature", "result", dkim_word(v->result), "domain",
		out_utf8(text_of(c, s->domain)), "selector",
		out_utf8(text_of(c, s->selector)), "algorithm", algorithm(s),
		"bits", (json_int_t)v->bits, "header",
		s->head == DKIM_SIMPLE ? "simple" : "relaxed", "body",
		s->body == DKIM_SIMPLE ? "simple" : "relaxed", "fields",
		out_utf8(text_of(c, s->headers)), "why", out_utf8(v->why),
		"made", s->made ? clock_text(s->made, made) : NULL, "expires",
		s->expires ? clock_text(s->expires, expires) : NULL, "testing",
		v->testing, "partial", v->partial);
}

static void say(struct call *c, const struct dkim_verdict *v)
{
	const struct dkim_signature *s = &v->signature;
	const char *who = s->domain.n ? text_of(c, s->domain) : "-";
	const bool passed = v->result == DKIM_PASS;

	out_object(c->out, verdict_json(c, v));
	if (out_json(c->out))
		return;
	if (!passed)
		out_result(c->out, OUT_FAIL, who, "selector %.*s: %s, %s",
			   STR_FMT(s->selector), dkim_word(v->result), v->why);
	else
		out_result(c->out, v->partial ? OUT_WARN : OUT_OK, who,
			   "selector %.*s: pass, %s, %u bits%s%s",
			   STR_FMT(s->selector), algorithm(s), v->bits,
			   v->testing ? ", testing (t=y)" : "",
			   v->partial ? ", a part of the body is not signed" :
					"");
}

static int outcome(const struct dkim_verdicts *v, struct err *e)
{
	size_t temp = 0;

	for (size_t i = 0; i < v->n; i++)
		temp += v->at[i].result == DKIM_TEMPERROR;
	if (v->passed)
		return 0;
	if (!v->n)
		return err_set(e, ERR_CHECK,
			       "the message has no DKIM signature");
	if (temp)
		return err_set(e, ERR_TEMP,
			       "the DNS gave no answer about %zu of %zu keys: "
			       "try again, or give the record by --txt",
			       temp, v->n);
	return err_set(e, ERR_CHECK, "no DKIM signature passes");
}

int cmd_dkim_verify(struct call *c, struct err *e)
{
	AUTO(message) struct message x = { 0 };
	AUTO(resolver) struct resolver *r = NULL;
	AUTO(facts) struct facts f = { 0 };
	struct dkim_verdicts v = { 0 };
	struct conf_list given = { 0 };

	if (given_records(c, &given, e) || read_message(c, &x, e) ||
	    (!given.n && open_resolver(c, &r, e)))
		return -1;
	for (int i = 0; i < ROUNDS_MAX; i++) {
		if (dkim_verify(&x.header, &dkim_trust_now, &f, clock_now(),
				&c->mem, &v))
			break;
		if (tell_all(r, &given, &f, e))
			return -1;
	}
	for (size_t i = 0; i < v.n; i++)
		say(c, &v.at[i]);
	return outcome(&v, e);
}
