/* Certificates on disk. A certificate is known by its name (the domain, or
 * "domain_rsa" for the RSA half of a pair).
 *
 *	conf/acme/archive/NAME/STAMP/{privkey,cert,chain,fullchain}.pem
 *	conf/acme/live/NAME -> ../archive/NAME/STAMP     swapped by one rename
 *	conf/acme/state/NAME.json                        everything else we know
 *	conf/acme/keys/NAME/{pending,next}.pem           not live yet
 *	conf/acme/locks/NAME.lock
 *
 * Crash points: a key is on disk before its CSR is sent; the order's URL is on
 * disk before its first challenge is answered; an archive folder is built with
 * a dot in front of its name and loses it when it is whole and fsynced, before
 * live points to it; what still has its dot is litter and is removed at the
 * next run. A reader that opens live/NAME once and takes key and chain out of
 * that folder has two halves of one pair, whatever happens meanwhile. */
#pragma once

#include "acme/renew.h"
#include "base/fs.h"
#include "conf/conf.h"
#include "crypto/key.h"
#include "crypto/x509.h"

struct store_state {
	struct mem mem;     /* owns all text below */
	const char **names; /* of the certificate that is live */
	size_t names_n;
	const char *domain;   /* the configured domain it belongs to */
	const char *server;   /* directory URL that issued it */
	const char *account;  /* account URL that ordered it */
	const char *provider; /* DNS provider used */
	const char *stamp;    /* archive folder that is live, NULL: none */
	/* an order under way; url NULL: none */
	const char *order_url, *order_server;
	const char **order_names;
	size_t order_names_n;
	time_t order_started;
	/* failures in a row since the last success */
	unsigned failures;
	time_t failed_at, retry_at;
	const char *failure;
	struct renew_ari ari;
	/* reload: what ran for which stamp */
	const char *reloaded; /* stamp whose reload succeeded */
	unsigned reload_failures;
	const char *reload_failure;
	time_t revoked_at;     /* 0: not revoked */
	unsigned cleanup_owed; /* 1: values of ours stayed in the DNS */
};
void store_state_free(struct store_state *s);
static inline void auto_store_state(struct store_state *s)
{
	store_state_free(s);
}
/* A missing file gives an empty state; a broken one is ERR_CONF. Members that a
 * newer opsmail added are ignored by read and kept by write, which touches the
 * disk only when something changed. */
int store_state_read(const char *conf_dir, const char *name,
		     struct store_state *s, struct err *e);
int store_state_write(const char *conf_dir, const char *name,
		      const struct store_state *s, struct err *e);
/* The pure halves: JSON in, JSON out. `old` is what stood there before. */
int store_state_parse(struct str text, struct store_state *s, struct err *e);
int store_state_print(const struct store_state *s, struct str old,
		      struct buf *out, struct err *e);

/* Folders with their modes and, for readers, their ACLs (base/acl.h): asks
 * every time, changes only what differs; a user who is no reader any more
 * loses what we gave. ERR_SYS early when a folder is not writable or the disk
 * is full: to be called before an order is made. */
int store_prepare(const struct conf *c, const struct conf_acme *s,
		  const char *name, struct err *e);
/* Once a run, before its jobs: what killed writers left in the folders that
 * certificates share. */
int store_sweep(const char *conf_dir, struct err *e);
/* Names that have a state, a live link or a pending order, sorted. */
int store_names(const char *conf_dir, struct mem *m, struct fs_names *out,
		struct err *e);
int store_lock(const char *conf_dir, const char *name, int64_t wait_ms, int *fd,
	       struct err *e);

/* The key of the order under way: pending.pem when it is there (same type),
 * else the live key (reuse) or next.pem (no reuse) or a new one; on disk as
 * pending.pem before it returns. */
int store_pending_key(const char *conf_dir, const char *name, enum key_type t,
		      bool reuse, struct key **out, struct err *e);
/* The pre-made next key (made when missing or of another type). */
int store_next_key(const char *conf_dir, const char *name, enum key_type t,
		   struct key **out, struct err *e);

/* The same where it is there already; *out stays NULL where it is not, or is
 * live by now. */
int store_peek_next(const char *conf_dir, const char *name, struct key **out,
		    struct err *e);

/* What is live: ERR_MISSING when nothing is. */
struct store_live {
	struct chain chain;
	struct str fullchain; /* PEM */
	const char *stamp;
	const char *dir; /* conf/acme/live/NAME, absolute */
};
int store_read_live(const char *conf_dir, const char *name, struct mem *m,
		    struct store_live *out, struct err *e);
int store_live_key(const char *conf_dir, const char *name, struct key **out,
		   struct err *e);

/* Writes the archive folder, fsyncs, swaps live, keeps the last `keep` folders
 * beside the live one. The key is 0600 and readable by acme.readers, or has the
 * owner, mode and ACL that somebody gave the live one. key NULL (CSR from
 * outside): no privkey.pem. ERR_PERM when the key is not the leaf's. *stamp
 * lives in m: UTC, "20261125T021330Z", then "20261125T021330Z-001" within one
 * second; it sorts behind all older ones even when the clock went back. */
int store_install(const struct conf *c, const struct conf_acme *s,
		  const char *name, const struct key *key,
		  const struct chain *chain, unsigned keep, struct mem *m,
		  const char **stamp, struct err *e);
/* A stamp for `now` that sorts behind `newest` (empty: there is none). */
void store_stamp_after(struct str newest, time_t now, struct buf *out);
/* Removes pending.pem, unless s names an order that needs it, and litter of
 * crashed runs (lock held). */
int store_tidy(const char *conf_dir, const char *name,
	       const struct store_state *s, struct err *e);
