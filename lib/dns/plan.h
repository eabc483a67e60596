/* The way from what a zone has to what is wished for. Pure. The unit is a
 * value: what others have at the same name and type is theirs and stays. */
#pragma once

#include "crypto/hmac.h"
#include "dns/journal.h"

enum wish_how {
	WISH_SHARED, /* stands beside the values of others */
	WISH_ALONE,  /* its slot holds one voice: another's value is a conflict,
		      * until somebody takes the slot over */
	WISH_MERGED, /* made from `was`, a value that is there, and takes its
		      * place: no flag is needed, undo brings `was` back */
	WISH_GONE,   /* a life cycle retires it: it goes if it is ours */
};
struct wish {
	struct record record;
	enum wish_how how;
	struct str was;
	const char *kind;   /* a word for the record's kind: "spf", "dkim" */
	const char *owner;  /* the mail domain it is for */
	const char *reason; /* a phrase for people, no full stop */
};
struct wishes {
	struct wish *at;
	size_t n, room;
};
struct wish *plan_wish(struct wishes *w, struct mem *m, const struct wish *x);

enum plan_word {
	PLAN_CREATE,
	PLAN_UPDATE, /* `old` becomes `record`, in one call where it can */
	PLAN_DELETE,
	PLAN_KEEP,     /* it is there already */
	PLAN_FOREIGN,  /* another's, in a set that we touch: left alone */
	PLAN_CONFLICT, /* cannot be done as things are; `advice` says more */
};
const char *plan_word(enum plan_word w); /* "create" */
struct plan_line {
	enum plan_word word;
	struct record record; /* what will be; DELETE, FOREIGN: what is */
	struct record old;    /* UPDATE: what is */
	bool retired; /* DELETE, UPDATE of what is ours to take away: no flag */
	bool theirs;  /* UPDATE, DELETE of another's value: it was taken over */
	bool back;    /* UPDATE of ours to what another had: see edit.h */
	struct str was; /* what the journal notes with it: see journal.h */
	const char *kind, *owner, *reason;
	const char *advice; /* CONFLICT: what to type, or to do; else NULL */
};
struct plan {
	const char *zone;
	struct plan_line *at; /* in the order to be done: see plan_make */
	size_t n, room;
	size_t count[PLAN_CONFLICT + 1]; /* by word; FOREIGN: of the zone */
	size_t there;                    /* records in the zone */
	char hash[17];                   /* of the changes, and of what stands
					  * in the sets they touch */
};
struct plan_ask {
	const char *zone;
	const struct records *live; /* the whole zone */
	const struct journal_entries *ours;
	const struct wishes *wishes; /* of this zone */
	/* NAME/TYPE whose values by others may be replaced ("_dmarc.x.org/TXT")
	 */
	const struct conf_list *take_over;
	/* Whose values are looked at; NULL: everybody's. Those of other owners
	 * are as foreign as a stranger's, until all are published. */
	const struct conf_list *owners;
};
/* Creates come first and updates next, each in the order of the wishes;
 * deletes last: never a moment without what both sides have. What we have in
 * the journal and nobody wishes for any more is deleted. */
void plan_make(const struct plan_ask *q, struct mem *m, struct plan *out);
/* Ends h; the first 8 bytes of the digest, as plans have them. */
void plan_seal(struct hash_run *h, char out[static 17]);
/* Changes: creates, updates and deletes. */
size_t plan_changes(const struct plan *p);
/* More than 30 % of ten records or more, or NS or SOA at the apex: ERR_PERM
 * that names --force. */
int plan_check(const struct plan *p, struct err *e);
