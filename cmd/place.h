/* Where chasquid's files are, for the commands that read and change them. */
#pragma once

#include "cmd/cmd.h"
#include "conf/chasquid.h"

struct place {
	const char *dir; /* chasquid's folder */
	struct chasquid conf;
};
/* The folder: chasquid/ in the configuration folder, or that itself where
 * chasquid's files stand in it. chasquid.conf need not be there. The caller
 * frees p->conf. */
int place_open(struct call *c, struct place *p, struct err *e);

struct place_address {
	const char *local;  /* PRECIS form, or as typed where it has none */
	const char *domain; /* A-labels */
	const char *folder; /* of the domain; may not exist */
	const char *shown;
};
/* "joe@example.org"; ERR_USAGE: it is none. In the call's arena. */
int place_address(struct call *c, const struct place *p, const char *text,
		  struct place_address *out, struct err *e);
/* The domains that are there, or of them those of the arguments; ERR_MISSING
 * for one that is not there. */
int place_domains(struct call *c, const struct place *p,
		  struct chasquid_domains *out, struct err *e);
/* The domain's folder made where it is not there yet, and said so. */
int place_folder(struct call *c, const struct place_address *a, struct err *e);
