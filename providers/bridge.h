/* What the bridges share. They hand one TXT value after the other to somebody
 * else, a program or a server, who knows the API. */
#pragma once

#include <jansson.h>

#include "base/auto.h"
#include "base/proc.h"
#include "dns/provider.h"

AUTO_DEFINE(json, json_t, json_decref)

/* The zone as it is set, or where the world has a cut. */
int bridge_find_zone(struct dns *d, const char *name, const char **zone,
		     struct err *e);

/* Does one value; `verb` is "present" or "cleanup", as lego calls it. */
typedef int bridge_do(struct dns *d, const char *verb, const struct record *r,
		      struct err *e);
/* What shall go, then what shall come. ERR_PERM for another type than TXT. */
int bridge_apply(struct dns *d, const struct change *c, bridge_do *call,
		 struct err *e);

/* What this value was made from in this run; NULL: it is an earlier run's. */
const struct dns_challenge *bridge_challenge(const struct dns *d,
					     const struct record *r);
/* For those who need to know and cannot: said, and taken as gone. */
void bridge_forgotten(struct dns *d, const struct record *r);

/* A child's environment; lives in d->mem. The first value of a name stays. */
struct bridge_env {
	const char **at; /* NULL-ended */
	size_t n, room;
};
void bridge_set(struct dns *d, struct bridge_env *v, const char *name,
		const char *value);
/* PATH and LANG, the driver's fields, and what the configuration gives this
 * domain, conf.sh included. Of our own environment nothing else. */
int bridge_environment(struct dns *d, struct bridge_env *v, struct err *e);

/* Runs it, shows what it says at -v, and makes a sentence of its failure from
 * its last line. p->out is not set. */
int bridge_run(const struct dns *d, const struct proc *p, const char *what,
	       struct err *e);

/* A POST of JSON. d->http is opened with `ca_file` (NULL: the system's). Said
 * too early (429, 503) it is sent again, within the time that it asks for. Any
 * status but 2xx is an error: of credentials, for now, or for good. The reply
 * is given where it is JSON, else NULL. */
struct bridge_post {
	const char *url, *ca_file;
	const struct http_header *headers; /* beside those of JSON; 4 at most */
	size_t headers_n;
	json_t *body;
	int64_t limit_ms; /* 0: 30 s */
};
int bridge_post(struct dns *d, const struct bridge_post *q, json_t **reply,
		struct err *e);
/* "Basic ..." in d->mem, hidden from the log. */
const char *bridge_basic(struct dns *d, const char *user, const char *password);
