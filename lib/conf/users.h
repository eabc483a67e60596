/* The users of a domain, as chasquid keeps them: text protobuf with a password
 * each, hashed with scrypt, in clear, or denied (mail comes, nobody logs in).
 * Reading is pure, and so are edits: a text with one entry changed, where
 * comments, order and what later versions of chasquid may add stay. */
#pragma once

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "crypto/scrypt.h"

enum { USERS_FILE_MAX = 16 << 20 };
enum users_scheme {
	USERS_NONE, /* no scheme, or one that is not known: never logs in */
	USERS_SCRYPT,
	USERS_PLAIN,
	USERS_DENIED,
};
struct user {
	const char *name; /* PRECIS form, as aliases and logins are looked up */
	enum users_scheme scheme;
	struct scrypt cost;      /* USERS_SCRYPT */
	struct str salt, secret; /* USERS_SCRYPT: the hash; USERS_PLAIN: the
				  * password */
	size_t place;            /* among the entries of the file */
};
struct users {
	struct mem mem;
	struct user *at; /* sorted by name; of a name given twice the last */
	size_t n, room;
	const char *strange; /* the first field that chasquid would refuse, as
			      * a complaint with its place; NULL: none */
};

/* ERR_CONF with file:line:column. */
int users_parse(struct str text, const char *file, struct users *u,
		struct err *e);
/* A file that is not there has no users. */
int users_read(const char *path, struct users *u, struct err *e);
void users_free(struct users *u);
const char *users_scheme_name(enum users_scheme s);

/* name in its PRECIS form; NULL: no such user. */
const struct user *users_find(const struct users *u, struct str name);
/* Takes as long for a user who is not there (NULL), who is denied or whose
 * password is in clear as it takes for a hash of the usual cost. */
bool users_check(const struct user *u, struct str password);

/* A user whose password is hashed with chasquid's parameters and a salt of its
 * own. ERR_USAGE: the name is not in its PRECIS form. In m. */
int users_make(struct mem *m, struct str name, struct str password,
	       struct user *out, struct err *e);

/* The text with this user's entry as its only one of that name. */
int users_put(struct str text, const char *file, const struct user *u,
	      struct buf *out, struct err *e);
/* The text without that user; ERR_MISSING when there is none. */
int users_drop(struct str text, const char *file, const char *name,
	       struct buf *out, struct err *e);

enum users_edit { USERS_PUT, USERS_DROP };
/* One of them on the file, under a lock of its folder. A new file is 0660, an
 * old one stays whose it is. */
int users_change(const char *path, const struct user *u, enum users_edit how,
		 struct err *e);
