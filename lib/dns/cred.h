/* Credentials as a cloud's own tools find them: the environment, their files,
 * the machine's metadata service, exchanged for what requests are made with.
 * Names of variables and files are the vendors'. Nothing is kept here. */
#pragma once

#include <jansson.h>

#include "base/mem.h"
#include "net/http.h"

struct cred {
	const char *id, *key, *token; /* NULL: this source has none */
	const char *region, *project, *tenant;
	time_t until; /* 0: as long as they are taken */
};
struct cred_world {
	struct http *http;
	const char *(*env)(const char *name); /* NULL: not set; like getenv */
	time_t now;
	struct mem *m; /* what is found lives here */
};
/* ERR_AUTH says where it looked, ERR_CONF what is wrong with a file. What is
 * secret is given to log_hide. A machine outside the cloud waits a second. */
int cred_get(const char *source, const struct cred_world *w, struct cred *out,
	     struct err *e);
bool cred_is_source(const char *name);
extern const char cred_sources[]; /* "aws azure ..." */
/* A member by the name it has in {source.NAME}; NULL: there is none. */
const char *const *cred_member(const struct cred *c, struct str name);

/* What a vendor's own tool keeps in a file of its own: "KEY FILE..." is the
 * text at KEY in the first of these YAML files that is there. *out stays NULL
 * without one. ERR_CONF when others may read it. */
int cred_tool(const struct cred_world *w, const char *where, const char **out,
	      struct err *e);

/* ---- pure parts ---- */
/* KEY of [SECTION] in an INI file of AWS or Oracle; NULL: it is not there. */
const char *cred_ini(struct str text, const char *section, const char *key,
		     struct mem *m);
/* Answers and key files; ERR_AUTH or ERR_CONF where something lacks. `now` is
 * for answers that tell seconds from now. */
int cred_read_imds(struct str json, struct mem *m, struct cred *c,
		   struct err *e);
int cred_read_sts(struct str xml, struct mem *m, struct cred *c, struct err *e);
int cred_read_token(struct str json, time_t now, struct mem *m, struct cred *c,
		    struct err *e);
struct cred_key {
	const char *id, *owner, *pem, *url, *project;
};
int cred_read_key(struct str json, struct mem *m, struct cred_key *k,
		  struct err *e);
