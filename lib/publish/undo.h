/* Taking back one run of publish, by what the journals say of it. */
#pragma once

#include "publish/publish.h"

/* What would be done at one name and type, or was. */
struct undo_set {
	const char *zone, *owner;
	struct records del;          /* the run put it there */
	struct records mine, theirs; /* it took away: ours, another's */
	const char *skipped;         /* nothing is done: why; NULL */
};
struct undo {
	const char *id;
	struct undo_set *at;
	size_t n, room;
};
/* The newest run in the journals of all zones that is no undo itself;
 * ERR_MISSING: there is none. */
int undo_last(const struct conf *c, struct mem *m, const char **id,
	      struct err *e);
/* What it takes: zones are read through z. ERR_MISSING for an id that no
 * journal knows. Values that are no longer as the run left them, and records
 * of DKIM keys that sign, are skipped. */
int undo_look(struct zones *z, const char *id, time_t now, struct undo *out,
	      struct err *e);
/* Does it, and journals it under `run`. *done: values. */
int undo_apply(struct zones *z, const struct undo *u, const char *run,
	       size_t *done, struct err *e);
