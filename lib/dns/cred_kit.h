/* What the sources of credentials share. */
#pragma once

#include "base/auto.h"
#include "crypto/sign.h"
#include "dns/cred.h"

enum { CRED_HERE_MS = 1000, CRED_FAR_MS = 20000 };

AUTO_DEFINE(cred_json, json_t, json_decref)

struct cred_ask {
	const char *method, *url;
	const struct http_header *headers;
	size_t headers_n;
	struct str body;
	int64_t limit_ms;
};
/* The value of a variable; NULL when it is empty too. */
const char *cred_env(const struct cred_world *w, const char *name);
/* The first of them that is set. */
const char *cred_env_any(const struct cred_world *w, const char *const *names);
/* A file's text; *out is empty when there is none. */
int cred_file(const struct cred_world *w, const char *path, struct str *out,
	      struct err *e);
/* "~/x" with the home of the environment. */
const char *cred_path(const struct cred_world *w, const char *path);
/* The body of an answer that went well; else ERR_AUTH with the server's words,
 * or ERR_TEMP. */
int cred_send(const struct cred_world *w, const struct cred_ask *q,
	      struct str *out, struct err *e);
/* Appends name=value to a form. */
void cred_form(struct buf *form, const char *name, const char *value);
const char *cred_text(json_t *j, const char *key, struct mem *m);

int cred_aws(const struct cred_world *w, struct cred *out, struct err *e);
int cred_azure(const struct cred_world *w, struct cred *out, struct err *e);
int cred_gcloud(const struct cred_world *w, struct cred *out, struct err *e);
int cred_oci(const struct cred_world *w, struct cred *out, struct err *e);
int cred_yandex(const struct cred_world *w, struct cred *out, struct err *e);
