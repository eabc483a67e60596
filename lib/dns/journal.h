/* conf/journal/ZONE.jsonl: which record values are ours, written (fsync)
 * before the call that makes them, so that a crash can be swept. */
#pragma once

#include "base/err.h"
#include "conf/conf.h"
#include "dns/record.h"

enum journal_op {
	JOURNAL_ADD,  /* ours, about to be made */
	JOURNAL_DEL,  /* was ours, is gone, read back */
	JOURNAL_TAKE, /* another's, about to be removed: for undo alone */
};
struct journal_entry {
	const char *purpose; /* "acme", "publish" */
	const char *owner;   /* certificate name, mail domain */
	struct record record;
	const char *id; /* of the run that wrote it, for undo; NULL: none */
	struct str was; /* ADD: the text of another that it was made from, and
			 * that comes back when it goes; at NULL: none */
};
struct journal_entries {
	struct journal_entry *at;
	size_t n, room;
};
struct journal_line {
	enum journal_op op;
	struct journal_entry entry;
};
struct journal_lines {
	struct journal_line *at;
	size_t n, room;
};
/* Appends one line. The caller holds the zone's lock: a torn end is mended
 * first. */
int journal_write(const char *conf_dir, const char *zone, enum journal_op op,
		  const struct journal_entry *x, struct err *e);
/* One line of the file, without its LF; hostile bytes are -1. */
int journal_line(struct str line, struct mem *m, struct journal_line *out);
/* conf/journal/ZONE.ENDING; ERR_PERM when the zone is no name of a file. */
int journal_path(const char *conf_dir, const char *zone, const char *ending,
		 struct mem *m, const char **out, struct err *e);
/* All lines, the oldest first. A torn last line (crash) is skipped; a torn line
 * elsewhere is ERR_CONF with file and line. */
int journal_read(const char *conf_dir, const char *zone, struct mem *m,
		 struct journal_lines *out, struct err *e);
/* Entries added and not deleted since. purpose or owner NULL: all. */
int journal_open_entries(const char *conf_dir, const char *zone,
			 const char *purpose, const char *owner, struct mem *m,
			 struct journal_entries *out, struct err *e);
/* One of them is this record, or alike. */
bool journal_has(const struct journal_entries *x, const struct record *r);
/* Zones that have a journal. */
int journal_zones(const char *conf_dir, struct mem *m, struct conf_list *out,
		  struct err *e);
