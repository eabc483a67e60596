#include "net/tsig.h"

#include <string.h>

#include "base/auto.h"
#include "base/b64.h"
#include "base/clock.h"

enum {
	TYPE_TSIG = 250,
	CLASS_ANY = 255,
	NAME_MAX_WIRE = 255,
	HEADER = 12,
	FUDGE_S = 300,
	POINTERS_MAX = 32,
	CHAIN_MAX = 1 << 20, /* unsigned messages between two signed ones */
};

static const struct {
	enum hash alg;
	const char *name, *wire;
} algs[] = {
	{ HASH_SHA256, "hmac-sha256", "hmac-sha256" },
	{ HASH_SHA512, "hmac-sha512", "hmac-sha512" },
	{ HASH_SHA384, "hmac-sha384", "hmac-sha384" },
	{ HASH_SHA224, "hmac-sha224", "hmac-sha224" },
	{ HASH_SHA1, "hmac-sha1", "hmac-sha1" },
	{ HASH_MD5, "hmac-md5", "hmac-md5.sig-alg.reg.int" },
};
enum { ALGS = sizeof(algs) / sizeof(algs[0]) };

/* A record's place in the message, and what its data says. */
struct tsig {
	size_t start;        /* of the record */
	struct str key, alg; /* names in wire form, lower case */
	char key_at[NAME_MAX_WIRE], alg_at[NAME_MAX_WIRE];
	uint64_t time;
	unsigned fudge, id, error;
	struct str mac, other;
};

int tsig_alg_parse(struct str name, enum hash *alg)
{
	if (name.n > 0 && name.at[name.n - 1] == '.')
		name.n--;
	for (size_t i = 0; i < ALGS; i++)
		if (str_eqi(name, algs[i].name) ||
		    str_eqi(name, algs[i].wire)) {
			*alg = algs[i].alg;
			return 0;
		}
	return -1;
}

static size_t alg_row(enum hash alg)
{
	size_t i = 0;
	while (i < ALGS - 1 && algs[i].alg != alg)
		i++;
	return i;
}

const char *tsig_alg_name(enum hash alg)
{
	return algs[alg_row(alg)].name;
}

size_t tsig_mac_size(const struct tsig_key *k)
{
	return hash_size(k->alg);
}

/* "a.b" as labels in lower case: the canonical form that is digested. */
static int name_wire(const char *name, char out[static NAME_MAX_WIRE],
		     size_t *n)
{
	struct str rest = str_of(name), label;
	if (str_ends(rest, "."))
		rest.n--;
	*n = 0;
	while (str_cut(&rest, '.', &label)) {
		if (label.n == 0 || label.n > 63 ||
		    *n + label.n + 2 > NAME_MAX_WIRE)
			return -1;
		out[(*n)++] = (char)label.n;
		for (size_t i = 0; i < label.n; i++)
			out[(*n)++] = str_lower(label.at[i]);
	}
	if (*n == 0)
		return -1;
	out[(*n)++] = 0;
	return 0;
}

static unsigned u8(struct str s, size_t at)
{
	return (unsigned char)s.at[at];
}

static unsigned u16(struct str s, size_t at)
{
	return u8(s, at) << 8 | u8(s, at + 1);
}

static void put16(struct buf *b, unsigned v)
{
	buf_char(b, (char)(v >> 8 & 0xff));
	buf_char(b, (char)(v & 0xff));
}

static void put48(struct buf *b, uint64_t v)
{
	for (int shift = 40; shift >= 0; shift -= 8)
		buf_char(b, (char)(v >> shift & 0xff));
}

/* Reads a name at *at, following pointers, and moves *at behind it. out may be
 * NULL when only the length matters. */
static int name_read(struct str w, size_t *at, char *out, size_t *n)
{
	size_t i = *at, used = 0, hops = 0;
	bool jumped = false;
	for (;;) {
		if (i >= w.n)
			return -1;
		unsigned c = u8(w, i);
		if ((c & 0xc0) == 0xc0) {
			if (i + 2 > w.n || ++hops > POINTERS_MAX)
				return -1;
			if (!jumped)
				*at = i + 2;
			jumped = true;
			i = u16(w, i) & 0x3fff;
			continue;
		}
		if (c > 63 || i + 1 + c > w.n || used + c + 1 > NAME_MAX_WIRE)
			return -1;
		if (out)
			for (size_t k = 0; k <= c; k++)
				out[used + k] = k ? str_lower(w.at[i + k]) :
						    (char)c;
		used += c + 1;
		i += c + 1;
		if (c == 0)
			break;
	}
	if (!jumped)
		*at = i;
	if (n)
		*n = used;
	return 0;
}

/* Where the last record starts; -1 when the message does not hold together. */
static int last_record(struct str w, size_t *start)
{
	if (w.n < HEADER)
		return -1;
	size_t at = *start = HEADER;
	for (unsigned i = u16(w, 4); i > 0; i--) {
		if (name_read(w, &at, NULL, NULL) < 0 || at + 4 > w.n)
			return -1;
		at += 4;
	}
	unsigned records = u16(w, 6) + u16(w, 8) + u16(w, 10);
	if (u16(w, 10) == 0)
		return -1;
	while (records-- > 0) {
		*start = at;
		if (name_read(w, &at, NULL, NULL) < 0 || at + 10 > w.n)
			return -1;
		at += 10 + u16(w, at + 8);
		if (at > w.n)
			return -1;
	}
	return at == w.n ? 0 : -1;
}

static int tsig_read(struct str w, struct tsig *t)
{
	size_t at = 0, n = 0;
	if (last_record(w, &t->start) < 0)
		return -1;
	at = t->start;
	if (name_read(w, &at, t->key_at, &n) < 0 || at + 10 > w.n ||
	    u16(w, at) != TYPE_TSIG || u16(w, at + 2) != CLASS_ANY ||
	    u16(w, at + 4) != 0 || u16(w, at + 6) != 0)
		return -1;
	t->key = (struct str){ t->key_at, n };
	at += 10;
	if (name_read(w, &at, t->alg_at, &n) < 0 || at + 10 > w.n)
		return -1;
	t->alg = (struct str){ t->alg_at, n };
	t->time = (uint64_t)u16(w, at) << 32 | (uint64_t)u16(w, at + 2) << 16 |
		  u16(w, at + 4);
	t->fudge = u16(w, at + 6);
	t->mac = (struct str){ w.at + at + 10, u16(w, at + 8) };
	at += 10 + t->mac.n;
	if (at + 6 > w.n)
		return -1;
	t->id = u16(w, at);
	t->error = u16(w, at + 2);
	t->other = (struct str){ w.at + at + 6, u16(w, at + 4) };
	return at + 6 + t->other.n == w.n ? 0 : -1;
}

bool tsig_signed(struct str wire)
{
	struct tsig t;
	return tsig_read(wire, &t) == 0;
}

/* The TSIG variables (RFC 8945 4.3.3), or the timers alone (5.3.1). */
static void put_variables(struct buf *b, const struct tsig *t, bool timers)
{
	static const char any_ttl0[6] = { 0, (char)CLASS_ANY, 0, 0, 0, 0 };
	if (!timers) {
		buf_view(b, t->key);
		buf_add(b, any_ttl0, sizeof(any_ttl0));
		buf_view(b, t->alg);
	}
	put48(b, t->time);
	put16(b, t->fudge);
	if (!timers) {
		put16(b, t->error);
		put16(b, (unsigned)t->other.n);
		buf_view(b, t->other);
	}
}

/* before: the MAC that comes first, and unsigned messages behind it. */
static void digest(struct str before, struct str head, struct str body,
		   const struct tsig_key *k, const struct tsig *t, bool timers,
		   unsigned char out[static HASH_MAX])
{
	AUTO(buf) struct buf b = { .max = CHAIN_MAX + (1 << 17) };
	if (before.n > 0) {
		size_t mac = hash_size(k->alg);
		put16(&b, (unsigned)(before.n < mac ? before.n : mac));
		buf_view(&b, before);
	}
	buf_view(&b, head);
	buf_view(&b, body);
	put_variables(&b, t, timers);
	hmac_of(k->alg, k->secret, buf_get(&b), out);
}

static int key_names(const struct tsig_key *k, struct tsig *t, struct err *e)
{
	size_t n;
	if (name_wire(k->name, t->key_at, &n) < 0)
		return err_set(e, ERR_AUTH,
			       "the TSIG key name \"%s\" is not a domain name",
			       k->name);
	t->key = (struct str){ t->key_at, n };
	(void)name_wire(algs[alg_row(k->alg)].wire, t->alg_at, &n);
	t->alg = (struct str){ t->alg_at, n };
	return 0;
}

int tsig_sign(struct buf *wire, const struct tsig_key *k, time_t now,
	      struct buf *mac, struct err *e)
{
	struct tsig t = { .time = (uint64_t)now, .fudge = FUDGE_S };
	if (wire->n < HEADER)
		return err_set(e, ERR_PERM,
			       "a message of %zu bytes cannot be "
			       "signed",
			       wire->n);
	if (key_names(k, &t, e) < 0)
		return -1;
	struct str w = buf_get(wire);
	unsigned char sum[HASH_MAX];
	unsigned id = u16(w, 0), count = u16(w, 10) + 1;
	digest(buf_get(mac), w, (struct str){ 0 }, k, &t, false, sum);
	buf_clear(mac);
	buf_add(mac, sum, hash_size(k->alg));
	buf_view(wire, t.key);
	put16(wire, TYPE_TSIG);
	put16(wire, CLASS_ANY);
	put16(wire, 0);
	put16(wire, 0);
	put16(wire, (unsigned)(t.alg.n + 16 + mac->n));
	buf_view(wire, t.alg);
	put48(wire, t.time);
	put16(wire, t.fudge);
	put16(wire, (unsigned)mac->n);
	buf_view(wire, buf_get(mac));
	put16(wire, id);
	put16(wire, 0);
	put16(wire, 0);
	if (wire->full)
		return err_set(e, ERR_PERM, "no room for the signature");
	wire->at[10] = (char)(count >> 8);
	wire->at[11] = (char)(count & 0xff);
	return 0;
}

static int bad_key(const struct tsig_key *k, struct err *e)
{
	return err_set(e, ERR_AUTH,
		       "BADKEY: the server does not know the TSIG key \"%s\" "
		       "with %s; compare the key's name and algorithm with "
		       "the server's configuration",
		       k->name, tsig_alg_name(k->alg));
}

static int bad_sig(const struct tsig_key *k, const char *who, struct err *e)
{
	return err_set(e, ERR_AUTH,
		       "BADSIG: %s with the TSIG key \"%s\" (%s); the secret "
		       "here and the server's differ: copy it again",
		       who, k->name, tsig_alg_name(k->alg));
}

static int bad_time(uint64_t server, time_t now, struct err *e)
{
	char theirs[CLOCK_TEXT], ours[CLOCK_TEXT];
	return err_set(e, ERR_AUTH,
		       "BADTIME: the server's clock says %s, ours %s; set "
		       "the one that is wrong (timedatectl set-ntp true)",
		       clock_text((time_t)server, theirs),
		       clock_text(now, ours));
}

/* What a good MAC still leaves to be said. */
static int judge(const struct tsig *t, time_t now, struct err *e)
{
	if (t->error == 18) {
		uint64_t server = t->time;
		if (t->other.n == 6)
			server = (uint64_t)u16(t->other, 0) << 32 |
				 (uint64_t)u16(t->other, 2) << 16 |
				 u16(t->other, 4);
		return bad_time(server, now, e);
	}
	if (t->error != 0)
		return err_set(e, ERR_AUTH,
			       "the server refuses the TSIG "
			       "signature with error %u",
			       t->error);
	uint64_t at = (uint64_t)now;
	uint64_t off = at > t->time ? at - t->time : t->time - at;
	return off > t->fudge ? bad_time(t->time, now, e) : 0;
}

/* A message between two signed ones: it is digested with the next. */
static int keep(struct str wire, struct buf *mac, struct err *e)
{
	if (mac->n + wire.n > CHAIN_MAX)
		return err_set(e, ERR_PERM,
			       "too many messages without a TSIG in a row");
	buf_view(mac, wire);
	return 0;
}

int tsig_check(struct str wire, const struct tsig_key *k, time_t now,
	       struct buf *mac, bool rest, struct err *e)
{
	struct tsig t, ours;
	if (tsig_read(wire, &t) < 0)
		return rest ? keep(wire, mac, e) :
			      err_set(e, ERR_PERM,
				      "the answer is not signed, "
				      "though the question was");
	if (key_names(k, &ours, e) < 0)
		return -1;
	if (t.error == 17)
		return bad_key(k, e);
	if (t.error == 16)
		return bad_sig(k, "the server refuses our signature", e);
	if (!str_same(t.key, ours.key) || !str_same(t.alg, ours.alg))
		return bad_key(k, e);
	unsigned char sum[HASH_MAX];
	char head[HEADER];
	unsigned count = u16(wire, 10) - 1;
	memcpy(head, wire.at, sizeof(head));
	head[0] = (char)(t.id >> 8);
	head[1] = (char)(t.id & 0xff);
	head[10] = (char)(count >> 8);
	head[11] = (char)(count & 0xff);
	digest(buf_get(mac), (struct str){ head, sizeof(head) },
	       (struct str){ wire.at + HEADER, t.start - HEADER }, k, &t, rest,
	       sum);
	size_t n = hash_size(k->alg);
	if (t.mac.n != n || !hmac_same(t.mac.at, sum, n))
		return bad_sig(k, "the answer's signature is wrong", e);
	buf_clear(mac);
	buf_add(mac, sum, n);
	return judge(&t, now, e);
}

/* Keys: how people write them down. */

int tsig_key_of(const char *name, const char *alg, const char *secret,
		struct mem *m, struct tsig_key *out, struct err *e)
{
	char wire[NAME_MAX_WIRE];
	size_t n;
	if (name_wire(name, wire, &n) < 0)
		return err_set(e, ERR_AUTH,
			       "the TSIG key name \"%s\" is not a "
			       "domain name",
			       name);
	if (tsig_alg_parse(str_of(alg), &out->alg) < 0)
		return err_set(e, ERR_AUTH,
			       "the TSIG algorithm \"%s\" is not known: "
			       "hmac-sha256, -sha512, -sha384, -sha224, "
			       "-sha1 and hmac-md5 are",
			       alg);
	AUTO(secret) struct buf raw = { .max = 1024 };
	if (b64_read(str_trim(str_of(secret)), &raw) < 0 || raw.n == 0)
		return err_set(e, ERR_AUTH,
			       "the secret of the TSIG key \"%s\" "
			       "is not base64",
			       name);
	struct str s = str_of(name);
	if (str_ends(s, "."))
		s.n--;
	out->name = mem_dup(m, s.at, s.n);
	out->secret = (struct str){ mem_dup(m, raw.at, raw.n), raw.n };
	return 0;
}

/* One token: a word, a "quoted" one, or one of { } ; -- comments skipped. */
static bool token(struct str *s, struct str *out)
{
	for (;;) {
		*s = str_trim(*s);
		bool slashes = str_starts(*s, "//"),
		     star = str_starts(*s, "/*");
		if (!slashes && !star && !str_starts(*s, "#"))
			break;
		const char *end = str_find(*s, star ? "*/" : "\n");
		size_t skip = end ? (size_t)(end - s->at) + (star ? 2 : 1) :
				    s->n;
		s->at += skip;
		s->n -= skip;
	}
	if (s->n == 0)
		return false;
	size_t n = 0, quotes = 0;
	if (*s->at == '"') {
		for (n = 1; n < s->n && s->at[n] != '"'; n++)
			;
		quotes = n < s->n;
	} else if (strchr("{};", *s->at)) {
		n = 1;
	} else {
		while (n < s->n && !strchr(" \t\r\n{};\"", s->at[n]))
			n++;
	}
	*out = quotes ? (struct str){ s->at + 1, n - 1 } :
			(struct str){ s->at, n };
	s->at += n + quotes;
	s->n -= n + quotes;
	return true;
}

int tsig_key_parse(struct str text, struct mem *m, struct tsig_key *out,
		   struct err *e)
{
	struct str t, name = { 0 }, alg = { 0 }, secret = { 0 };
	while (token(&text, &t) && !str_eq(t, "}")) {
		if (str_eqi(t, "key"))
			(void)token(&text, &name);
		else if (str_eqi(t, "algorithm"))
			(void)token(&text, &alg);
		else if (str_eqi(t, "secret"))
			(void)token(&text, &secret);
	}
	if (name.n == 0 || alg.n == 0 || secret.n == 0)
		return err_set(e, ERR_AUTH,
			       "no TSIG key in it; expected: key \"name\" { "
			       "algorithm hmac-sha256; secret \"...\"; };");
	return tsig_key_of(mem_dup(m, name.at, name.n),
			   mem_dup(m, alg.at, alg.n),
			   mem_dup(m, secret.at, secret.n), m, out, e);
}

int tsig_key_colons(struct str text, struct mem *m, struct tsig_key *out,
		    struct err *e)
{
	struct str part[3] = { 0 };
	size_t n = 0;
	while (n < 3 && str_cut(&text, ':', &part[n]))
		n++;
	if (n < 2 || text.n > 0)
		return err_set(e, ERR_AUTH,
			       "a TSIG key is written "
			       "algorithm:name:secret");
	const char *alg = n == 3 ? mem_dup(m, part[0].at, part[0].n) :
				   "hmac-sha256";
	struct str name = part[n - 2], secret = part[n - 1];
	return tsig_key_of(mem_dup(m, name.at, name.n), alg,
			   mem_dup(m, secret.at, secret.n), m, out, e);
}
