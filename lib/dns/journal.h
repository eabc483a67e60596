/* conf/journal/ZONE.jsonl: which record values are ours, written (fsync)
 * before the call that makes them, so that a crash can be swept. */
#pragma once

#include "base/err.h"
#include "conf/conf.h"
#include "dns/record.h"

struct journal_entry {
	const char *purpose; /* "acme" */
	const char *owner;   /* certificate name */
	struct record record;
};
struct journal_entries {
	struct journal_entry *at;
	size_t n, room;
};
/* Appends one line. `op` is "add" (about to be made) or "del" (gone, read
 * back). The caller holds the zone's lock: a torn end is mended first. */
int journal_write(const char *conf_dir, const char *zone, const char *op,
		  const struct journal_entry *x, struct err *e);
/* One line of the file, without its LF; hostile bytes are -1. */
int journal_line(struct str line, struct mem *m, bool *add,
		 struct journal_entry *out);
/* conf/journal/ZONE.ENDING; ERR_PERM when the zone is no name of a file. */
int journal_path(const char *conf_dir, const char *zone, const char *ending,
		 struct mem *m, const char **out, struct err *e);
/* Entries added and not deleted since. A torn last line (crash) is skipped; a
 * torn line elsewhere is ERR_CONF with file and line. purpose or owner
 * NULL: all. */
int journal_open_entries(const char *conf_dir, const char *zone,
			 const char *purpose, const char *owner, struct mem *m,
			 struct journal_entries *out, struct err *e);
/* Zones that have a journal. */
int journal_zones(const char *conf_dir, struct mem *m, struct conf_list *out,
		  struct err *e);
