/* What this machine knows of itself that the DNS shall say. */
#include <string.h>

#include "acme/store.h"
#include "base/auto.h"
#include "base/b64.h"
#include "cmd/dns.h"
#include "cmd/dns_publish.h"
#include "net/source.h"

/* Configured, else what the kernel would send from: of each family, where it is
 * an address of the Internet. */
static int addresses(struct call *c, struct publish_how *how, struct err *e)
{
	static const unsigned sizes[] = { 4, 16 };
	struct conf_list *l;
	struct err none = { 0 };

	how->addresses = &c->conf->addresses;
	if (c->conf->addresses.n)
		return 0;
	l = MEM_NEW(&c->mem, struct conf_list);
	how->addresses = l;
	for (size_t i = 0; i < 2; i++) {
		struct ip ip;

		if (source_address(sizes[i], &ip, &none) == 0 &&
		    ip_is_public(&ip))
			conf_list_once(l, &c->mem,
				       str_of(ip_text(&ip, &c->mem)));
	}
	if (l->n)
		return 0;
	return err_set(e, ERR_CONF,
		       "this machine has no public address of its own: write "
		       "those that mail leaves from below `addresses:` in "
		       "%s/opsmail.yaml",
		       c->conf->dir);
}

/* The CAA word of who issued it (RFC 8659 4.2); NULL: not known here. */
static const char *issuer_word(const char *server)
{
	static const char *const rows[][2] = {
		{ "api.letsencrypt.org/", "letsencrypt.org" },
		{ ".zerossl.com/", "sectigo.com" },
		{ ".pki.goog/", "pki.goog" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strstr(server, rows[i][0]))
			return rows[i][1];
	return NULL;
}

static bool covers(const struct store_state *s, const char *host)
{
	const char *dot = strchr(host, '.');

	for (size_t i = 0; i < s->names_n; i++) {
		const char *name = s->names[i];

		if (!strcmp(name, host) ||
		    (dot && !strncmp(name, "*.", 2) && !strcmp(name + 1, dot)))
			return true;
	}
	return false;
}

static void add_spki(struct conf_list *l, struct mem *m,
		     const unsigned char spki[KEY_SPKI_SHA256])
{
	AUTO(buf) struct buf b = { 0 };

	hex_add(&b, (struct str){ (const char *)spki, KEY_SPKI_SHA256 });
	conf_list_once(l, m, buf_get(&b));
}

/* The live key of a certificate for the host, and the one that follows it. A
 * certificate that cannot be read is for `ssl list` to say. */
static void add_keys(struct call *c, const char *name, struct conf_list *l)
{
	struct store_live live;
	struct err e = { 0 };
	struct key *next = NULL;
	unsigned char spki[KEY_SPKI_SHA256];

	if (store_read_live(c->conf->dir, name, &c->mem, &live, &e))
		return;
	add_spki(l, &c->mem, live.chain.at[0].spki_sha256);
	if (store_peek_next(c->conf->dir, name, &next, &e) == 0 && next &&
	    key_spki_sha256(next, spki, &e) == 0)
		add_spki(l, &c->mem, spki);
	key_free(next);
}

static int certificates(struct call *c, struct publish_how *how, struct err *e)
{
	struct conf_list *spki = MEM_NEW(&c->mem, struct conf_list),
			 *accounts = MEM_NEW(&c->mem, struct conf_list);
	struct fs_names names = { 0 };

	how->spki = spki;
	how->accounts = accounts;
	if (store_names(c->conf->dir, &c->mem, &names, e))
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		AUTO(store_state) struct store_state s = { 0 };
		const char *word;

		if (store_state_read(c->conf->dir, names.at[i], &s, e))
			return -1;
		if (!s.stamp || !covers(&s, c->conf->hostname))
			continue;
		add_keys(c, names.at[i], spki);
		word = s.server ? issuer_word(s.server) : NULL;
		if (word && s.account)
			conf_list_once(accounts, &c->mem,
				       str_of(mem_fmt(&c->mem, "%s %s", word,
						      s.account)));
	}
	return 0;
}

int cmd_machine(struct call *c, struct publish_how *how, struct err *e)
{
	if (!c->conf->hostname)
		return err_set(e, ERR_CONF,
			       "no host name is set: write `hostname:` or a "
			       "domain into %s/opsmail.yaml",
			       c->conf->dir);
	return addresses(c, how, e) || certificates(c, how, e) ? -1 : 0;
}
