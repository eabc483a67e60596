/* Signing (RFC 6376 5). */
#include "base/auto.h"
#include "base/b64.h"
#include "mail/dkim.h"

enum { LINE = 76 };

/* What is signed when it is there (5.4.1); the ones marked are signed once
 * more than they are there, so that nobody can add one. */
static const struct {
	const char *name;
	bool closed;
} fields[] = {
	{ "from", true },
	{ "to", true },
	{ "cc", true },
	{ "subject", true },
	{ "date", true },
	{ "message-id", true },
	{ "reply-to", true },
	{ "in-reply-to", true },
	{ "references", true },
	{ "mime-version", true },
	{ "content-type", true },
	{ "content-transfer-encoding", true },
	{ "list-id", false },
	{ "list-help", false },
	{ "list-unsubscribe", false },
	{ "list-unsubscribe-post", false },
	{ "list-subscribe", false },
	{ "list-post", false },
	{ "list-owner", false },
	{ "list-archive", false },
};

static size_t count(const struct header *h, const char *name)
{
	size_t n = 0;
	while (header_last(h, str_of(name), n))
		n++;
	return n;
}

/* Appends to a folded field: never cuts a word, breaks before it. */
static void fold(struct buf *out, size_t *column, struct str word)
{
	if (*column + word.n > LINE) {
		buf_str(out, "\r\n\t");
		*column = 8;
	}
	buf_view(out, word);
	*column += word.n;
}

static void add_names(const struct header *h, struct buf *out, size_t *column)
{
	bool first = true;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		size_t n = count(h, fields[i].name);
		if (fields[i].closed)
			n++;
		for (; n; n--) {
			if (!first)
				buf_char(out, ':');
			*column += !first;
			first = false;
			fold(out, column, str_of(fields[i].name));
		}
	}
}

/* Base64 may be folded anywhere. */
static void add_base64(struct buf *out, size_t *column, struct str bytes)
{
	AUTO(buf) struct buf text = { 0 };
	b64_add(&text, bytes);
	struct str rest = buf_get(&text);
	while (rest.n) {
		const size_t room = *column < LINE ? LINE - *column : 0;
		const size_t n = rest.n < room ? rest.n : room;
		buf_add(out, rest.at, n);
		*column += n;
		rest = (struct str){ rest.at + n, rest.n - n };
		if (rest.n)
			buf_str(out, "\r\n\t");
		*column = rest.n ? 8 : *column;
	}
}

static void add_head(const struct dkim_signer *s, struct buf *out)
{
	const bool rsa = dkimkey_kind(s->key) == DKIMKEY_RSA;
	buf_fmt(out, "DKIM-Signature: v=1; a=%s; c=relaxed/relaxed;\r\n\td=%s",
		rsa ? "rsa-sha256" : "ed25519-sha256", s->domain);
	if (s->identity)
		buf_fmt(out, "; i=%s", s->identity);
	buf_fmt(out, "; s=%s; t=%lld", s->selector, (long long)s->now);
	if (s->lifetime)
		buf_fmt(out, "; x=%lld",
			(long long)s->now + (long long)s->lifetime);
}

/* The names that were signed, out of the field that is being made. */
static struct str names_of(const struct buf *field, size_t from, size_t to)
{
	return (struct str){ field->at + from, to - from };
}

int dkim_sign(const struct dkim_signer *s, const struct header *h,
	      struct buf *out, struct err *e)
{
	AUTO(buf) struct buf field = { 0 }, sig = { 0 };
	unsigned char digest[HASH_MAX];
	uint64_t all;
	size_t column = 8 + 3;
	if (count(h, "from") == 0)
		return err_set(e, ERR_PERM,
			       "a message without From is not "
			       "signed");
	add_head(s, &field);
	buf_str(&field, ";\r\n\th=");
	const size_t from = field.n;
	add_names(h, &field, &column);
	const size_t to = field.n;
	dkim_body_hash(DKIM_RELAXED, h->body, HASH_SHA256, UINT64_MAX, digest,
		       &all);
	buf_str(&field, ";\r\n\tbh=");
	column = 8 + 3;
	add_base64(&field, &column, (struct str){ (char *)digest, 32 });
	buf_str(&field, ";\r\n\tb=");
	const struct header_field own = {
		.name = STR_LIT("DKIM-Signature"),
		.value = { field.at + 15, field.n - 15 },
		.raw = buf_get(&field),
	};
	dkim_head_hash(h, DKIM_RELAXED, names_of(&field, from, to), &own,
		       HASH_SHA256, digest);
	if (dkimkey_sign(s->key, HASH_SHA256,
			 (struct str){ (char *)digest, 32 }, &sig, e) < 0)
		return -1;
	column = 8 + 2;
	add_base64(&field, &column, buf_get(&sig));
	buf_view(out, buf_get(&field));
	buf_str(out, "\r\n");
	return 0;
}
