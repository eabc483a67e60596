/* chasquid's own configuration folder: chasquid.conf as a plain struct, and
 * what stands in domains/ and certs/. Its users are conf/users.h, its aliases
 * mail/alias.h. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "conf/conf.h"

enum { CHASQUID_CONF_MAX = 1 << 20 };
struct chasquid {
	struct mem mem;
	const char *hostname; /* NULL: not set, the machine's */
	uint64_t max_data_size_mb;
	struct conf_list smtp, submission, submissions; /* listeners */
	const char *monitoring;                         /* "" for none */
	const char *mda;
	struct conf_list mda_args;
	const char *data_dir; /* as written: relative to the folder */
	const char *suffix_separators, *drop_characters; /* may be "" */
	const char *mail_log; /* "<syslog>", "<stdout>", "<stderr>", a path */
	bool dovecot_auth;
	const char *dovecot_userdb, *dovecot_client; /* "": found by itself */
	bool haproxy;
	uint64_t max_queue_items;
	const char *give_up_text;
	int64_t give_up_ns; /* > 0, or else 20 hours are meant */
	unsigned given;     /* a bit a key that the text or overrides set */
};

/* The defaults, the text over them, the overrides (text too, may be empty)
 * over that: lists replace lists, and what is zero or false changes nothing.
 * ERR_CONF in chasquid's words, with file:line:column. */
int chasquid_parse(struct str text, const char *file, struct str overrides,
		   struct chasquid *c, struct err *e);
/* DIR/chasquid.conf. */
int chasquid_read(const char *dir, struct str overrides, struct chasquid *c,
		  struct err *e);
void chasquid_free(struct chasquid *c);
/* Was the key (chasquid's name of it) written, with a value that counts? What
 * was not, opsmail.yaml may fill in. */
bool chasquid_given(const struct chasquid *c, const char *key);
/* As chasquid-util print-config prints it; hostname stands in for one that is
 * not set. */
void chasquid_print(const struct chasquid *c, const char *hostname,
		    struct buf *out);

/* Go's durations: "20h", "1h30m", "1.5s"; h, m, s, ms, us, ns. What is wrong
 * with it, in m, or NULL. */
const char *chasquid_duration(struct mem *m, struct str text, int64_t *ns);

struct chasquid_address {
	bool systemd;     /* the sockets that systemd passes under its name */
	const char *host; /* "" for all; without brackets */
	const char *port; /* a number, or a service's name */
};
/* "systemd", ":25", "host:25", "[::1]:25", ":smtp". In m. ERR_CONF. */
int chasquid_address(struct mem *m, const char *text,
		     struct chasquid_address *out, struct err *e);

/* ---- the folders ---- */
struct chasquid_domain {
	const char *name;   /* A-labels */
	const char *folder; /* DIR/domains/x, as it is written there */
};
struct chasquid_domains {
	struct chasquid_domain *at; /* sorted by name */
	size_t n, room;
};
/* Folders and links to folders; in m. ERR_MISSING: no domains/ there. ERR_CONF:
 * a name that is none, or one domain in two folders. */
int chasquid_domains(const char *dir, struct mem *m,
		     struct chasquid_domains *out, struct err *e);
/* The folder of a domain: as it is there, else where it would be. In m. */
int chasquid_folder(const char *dir, const char *domain, struct mem *m,
		    const char **folder, struct err *e);

struct chasquid_file {
	const char *name;       /* of the folder; a selector */
	const char *path, *key; /* fullchain.pem and privkey.pem; or the key
				 * in path and NULL */
	const char *skip;       /* why it cannot be used; NULL: it can */
};
struct chasquid_files {
	struct chasquid_file *at; /* sorted by name */
	size_t n, room;
};
/* certs/NAME/{fullchain,privkey}.pem; ERR_MISSING: no certs/ there. In m. */
int chasquid_certs(const char *dir, struct mem *m, struct chasquid_files *out,
		   struct err *e);
/* dkim:SELECTOR.pem of a domain's folder. In m. */
int chasquid_keys(const char *folder, struct mem *m, struct chasquid_files *out,
		  struct err *e);
