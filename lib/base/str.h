/* A view of bytes that somebody else owns. Parsers take views, copy nothing. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct str {
	const char *at; /* not terminated; may hold NUL bytes */
	size_t n;
};

#define STR_LIT(s) ((struct str){ (s), sizeof(s) - 1 })
#define STR_FMT(s) (int)(s).n, (s).at /* for "%.*s" */

struct str str_of(const char *s); /* NULL gives the empty view */
bool str_same(struct str a, struct str b);
bool str_eq(struct str a, const char *b);
bool str_eqi(struct str a, const char *b); /* ASCII case ignored */
bool str_samei(struct str a, struct str b);
bool str_starts(struct str s, const char *prefix);
bool str_ends(struct str s, const char *suffix);
bool str_starts_i(struct str s, const char *prefix);
const char *str_find(struct str s, const char *needle); /* NULL: not in it */
struct str str_trim(struct str s); /* space, tab, CR and LF at both ends */

/* Takes what stands before `sep` off the front of *s. False at the end, when
 * nothing was left; an empty last field is given once ("a," gives "a", "", and
 * "" gives ""). */
bool str_cut(struct str *s, char sep, struct str *field);
bool str_line(struct str *s, struct str *line); /* by LF; a CR before it goes */
bool str_word(struct str *s, struct str *word); /* by spaces and tabs */

/* Whole view, decimal digits only, at most max: else -1 and *n untouched. */
int str_num(struct str s, uint64_t max, uint64_t *n);

/* ASCII; the locale never matters. */
char str_lower(char c);
bool str_is_print(struct str s); /* 0x20 to 0x7e only; true when empty */

/* Edit distance for "did you mean": at most `limit`, else limit + 1. */
unsigned str_distance(struct str a, struct str b, unsigned limit);
