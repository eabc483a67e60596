/* The DKIM keys of a domain: their files and what is known of them.
 *
 *	conf/chasquid/domains/DOMAIN/dkim:SELECTOR.pem   the mail server signs
 *	conf/dkim/DOMAIN/pending/SELECTOR.pem            not yet
 *	conf/dkim/DOMAIN/retired/SELECTOR.pem            no more
 *	conf/dkim/DOMAIN/state.json                      where each belongs
 *
 * The mail server signs with every key that it finds, so a file stands there
 * only while its record can be read. A new key is written before state.json
 * names it; after that state.json is written first and the files follow it: who
 * is killed at any instant leaves either a pending key that is taken up by the
 * next run, or files that the next run moves to where they belong. Selectors
 * are dates and are never used again; the lines of keys that are gone stay to
 * see to that. */
#pragma once

#include "conf/conf.h"
#include "dns/wait.h"
#include "mail/rotate.h"
#include "mail/want.h"

struct keys {
	struct mem mem;
	const struct conf *conf;
	const char *domain;      /* A-labels */
	struct rotate_keys keys; /* records as text in mem */
	bool reload; /* the signing keys changed and the mail server was not
		      * told: see keys_told */
	bool unpublished; /* the records are others than the last time: see
			   * keys_published */
	bool dirty;       /* other than state.json has it */
};
/* What is there; a dkim:*.pem that state.json does not know becomes active, a
 * pending file pending. Writes nothing. ERR_CONF for a key or a state file that
 * cannot be read. conf must live as long. */
int keys_load(const struct conf *conf, const char *domain, time_t now,
	      struct keys *out, struct err *e);
void keys_free(struct keys *k);
static inline void auto_keys(struct keys *k)
{
	keys_free(k);
}

/* These take the domain's lock, read again, move what a crash left in the wrong
 * place, and write; *k is what is so afterwards. */

/* Makes the first RSA-2048 and Ed25519 key where there is none, pending. */
int keys_ensure(struct keys *k, time_t now, struct err *e);
/* Makes a pending key of each kind that has none. `due`: they, or the ones that
 * are there, take the places of the active ones as soon as they can. */
int keys_make(struct keys *k, bool due, time_t now, struct err *e);
/* That key is in wrong hands: makes one to follow it. ERR_MISSING when there is
 * none of that name, ERR_PERM when it is out of use already. */
int keys_revoke(struct keys *k, const char *selector, time_t now,
		struct err *e);
/* Whether every authoritative server shows this key's record; negative: the
 * zone's TTL for what is not there (RFC 2308). */
int keys_seen(struct keys *k, const char *selector, bool everywhere,
	      time_t negative, time_t now, struct err *e);
/* The record is this text from now on, if it is of the same key. */
int keys_reword(struct keys *k, const char *selector, const char *record,
		time_t now, struct err *e);
/* All steps that need nobody but us: makes keys that follow those that are due,
 * moves files, until no step is left to do now. reload says that the mail
 * server is to be told, also by a run that was killed. */
int keys_advance(struct keys *k, const struct rotate_how *how, time_t now,
		 struct err *e);
/* The mail server was told. */
int keys_told(struct keys *k, time_t now, struct err *e);
/* All of keys_wanted was published: so, unless it has changed since *k was
 * read. */
int keys_published(struct keys *k, time_t now, struct err *e);

/* The records to publish, in the order of the keys; of those that are gone two
 * each, to remove, since either may still be there. In m. */
const struct want_key *keys_wanted(const struct keys *k, struct mem *m,
				   size_t *n);
/* Adopted keys whose records stand among these in other words: in *k alone the
 * records are what stands there. */
void keys_match(struct keys *k, const struct records *live);
/* Asks every authoritative server for the records of pending and active keys,
 * and notes by keys_seen what they show: waits for the pending ones up to
 * w->limit_ms, looks once at the others. ERR_TIMEOUT when a pending one is not
 * seen everywhere. */
int keys_look(struct keys *k, const struct wait *w, time_t now, struct err *e);
/* Signs a message with the key's file and verifies it by what the DNS says;
 * ERR_CHECK when it does not pass. */
int keys_try(const struct keys *k, const struct rotate_key *x,
	     struct resolver *r, time_t now, struct err *e);
/* Where its record stands: "SELECTOR._domainkey.DOMAIN"; in m. */
const char *keys_name(const struct keys *k, const char *selector,
		      struct mem *m);
/* NULL: none of that name. */
struct rotate_key *keys_find(const struct keys *k, const char *selector);
/* The private key's file, where it is now; NULL: destroyed. In m. */
const char *keys_path(const struct keys *k, const struct rotate_key *x,
		      struct mem *m);

/* state.json, for those who test it. Texts go into k->mem. */
int keys_parse(struct str text, struct keys *k, struct err *e);
int keys_print(const struct keys *k, struct buf *out, struct err *e);
