/* The settings, a row each. Parsing, complaints, `conf show`, opsmail.yaml(5),
 * conf.example and completion all read these rows. */
#pragma once

#include <stdarg.h>
#include <stddef.h>

#include "conf/conf.h"
#include "data/yaml.h"

enum schema_type {
	SCHEMA_TEXT,
	SCHEMA_WORD, /* letters, digits, - _ . */
	SCHEMA_NAME, /* a domain name; Unicode is fine */
	SCHEMA_HOST, /* a name of two labels or more */
	SCHEMA_EMAIL,
	SCHEMA_ADDRESS,     /* an IPv4 or IPv6 address */
	SCHEMA_NETWORK,     /* ADDRESS or ADDRESS/BITS */
	SCHEMA_ENDPOINT,    /* ADDRESS or ADDRESS:PORT: something to ask */
	SCHEMA_LISTEN,      /* [ADDRESS]:PORT: where to listen */
	SCHEMA_PATH,        /* relative to the folder of opsmail.yaml */
	SCHEMA_URL,         /* its schemes are in `among` */
	SCHEMA_SERVER,      /* a CA: a preset's name or an https URL */
	SCHEMA_SMARTHOST,   /* URL, or {url: URL, password: SECRET} */
	SCHEMA_USER,        /* a user of this machine */
	SCHEMA_SWITCH,      /* on, off, true, false, yes, no */
	SCHEMA_ENUM,        /* a word of `among` */
	SCHEMA_KEY_TYPE,    /* a word of `among`; one of each kind in a pair */
	SCHEMA_DURATION,    /* 90, 90s, 10m, 2h, 1d; kept in seconds */
	SCHEMA_SECRET,      /* text, {file: PATH} or {command: [ARG...]} */
	SCHEMA_CREDENTIALS, /* a map NAME: SECRET */
	SCHEMA_ALIASES,     /* a map NAME: ADDRESS or list of them */
	SCHEMA_REFUSED,     /* known, but not accepted: `help` says why */
};
enum schema_shape { SCHEMA_ONE, SCHEMA_ONE_OR_LIST };

/* A row without a place in the structs is checked and kept as a setting. */
#define SCHEMA_NOWHERE ((size_t)-1)

struct schema_row {
	const char *path; /* "acme.server", "domains.*.dns.provider" */
	enum schema_type type;
	enum schema_shape shape;
	size_t at; /* offset into conf, or conf_domain below domains.* */
	const char *preset; /* default as text; NULL: none */
	const char *among;  /* accepted words or schemes, blank-separated */
	const char *help;   /* one line */
};

const struct schema_row *schema_rows(size_t *n);
const char *schema_type_name(enum schema_type t); /* for people */

/* A setting that is in force, for `conf show`. Secrets show as "***",
 * "file:/path" or "command:program". */
struct conf_setting {
	const char *path; /* "domains.example.org.dns.provider" */
	const char *value;
	const char *origin; /* "conf/opsmail.yaml:3:1", "conf.sh", "default" */
};

/* A run over one configuration: complaints are collected, told at the end. */
struct schema {
	struct conf *c;   /* has dir */
	const char *file; /* as complaints and origins name it */
	struct complaint {
		int line, column; /* 0: not in the file */
		const char *text;
	} * complaint;
	size_t complaints, room;
};

/* What stands outside of `domains`, then (defaults filled in) the domains. */
void schema_globals(struct schema *s, const struct yaml *root);
void schema_domains(struct schema *s, const struct yaml *root);
/* secrets.yaml. */
void schema_secrets(struct schema *s, const struct yaml *root);
/* One value from elsewhere, unless the path is set already. */
void schema_set(struct schema *s, const char *path, const char *text,
		const char *origin);
/* Fills what was not set with the defaults, as settings of origin "default". */
void schema_defaults(struct schema *s);
/* Complaints that point at a key, at a value, at nothing in the file. */
void schema_at_key(struct schema *s, const struct yaml *n, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void schema_at_value(struct schema *s, const struct yaml *n, const char *fmt,
		     ...) __attribute__((format(printf, 3, 4)));
void schema_complain(struct schema *s, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* A new domain of c with the defaults; name is an A-label that c lacks. */
struct conf_domain *schema_domain(struct conf *c, const char *name,
				  const char *shown);
/* 0 without complaints; else -1, ERR_CONF with the first 20, or as many as
 * fit, in the order of the file. */
int schema_end(struct schema *s, struct err *e);

const struct conf_setting *schema_setting(const struct conf *c,
					  const char *path); /* NULL: not set */
void schema_add_setting(struct conf *c, const char *path, const char *value,
			const char *origin);

/* One text checked by its row: 0, or -1 with the reason in *why. */
struct schema_value {
	const char *text; /* in its canonical form */
	uint32_t number;  /* index in `among`, seconds, 0 or 1 */
};
int schema_check(const struct schema_row *row, const char *text,
		 const char *dir, struct mem *m, struct schema_value *v,
		 const char **why);
/* The nearest of the blank-separated words, NULL when none is near. */
const char *schema_nearest(struct mem *m, const char *text, const char *words);
