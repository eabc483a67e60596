/* The command line: rows say which options there are, opt_parse fills values.
 * Options stand anywhere, before or after words; `--` ends them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"

/* Long options only, in lower case; a letter is a short name for one. An
 * option of one name takes a value in every command or in none, since it may
 * stand before the command. */
struct opt {
	const char *name; /* "server": --server */
	char letter;      /* 'q': -q; 0: none */
	const char *arg;  /* what stands for its value in help; NULL: a flag */
	const char *help;
	const char *words; /* blank-separated values it may have; NULL: any */
	bool many;         /* may be given more than once; else the last wins */
};
struct opt_rows {
	const struct opt *at;
	size_t n;
};
#define OPT_ROWS(array)                                     \
	{                                                   \
		(array), sizeof(array) / sizeof((array)[0]) \
	}
#define OPT_NONE        \
	{               \
		NULL, 0 \
	}

/* What was given. Values are borrowed from argv. */
struct opt_given {
	const struct opt *row;
	const char *value; /* NULL: a flag */
};
struct opts {
	struct opt_given *at; /* in the order of the command line */
	size_t n, room;
	const char **words; /* what is no option */
	size_t words_n, words_room;
	size_t free_words; /* how many of them stand before `--` */
};

/* Sorts argv[1..] by `rows`, several lists of them. Unknown options, missing
 * and unwanted values, values not in `words`: ERR_USAGE, with the nearest
 * name. Everything lives in m. */
int opt_parse(int argc, char *const argv[], const struct opt_rows *rows,
	      size_t n, struct mem *m, struct opts *out, struct err *e);
/* ERR_USAGE for an option given that is in none of the lists; `of` is the
 * command as typed ("ssl list"). */
int opt_allow(const struct opts *o, const struct opt_rows *rows, size_t n,
	      const char *of, struct err *e);

/* By long name. */
bool opt_flag(const struct opts *o, const char *name);
size_t opt_count(const struct opts *o, const char *name);
const char *opt_text(const struct opts *o, const char *name); /* last or NULL */
/* The i-th value of an option that may be repeated; NULL past the end. */
const char *opt_nth(const struct opts *o, const char *name, size_t i);
/* *n untouched when it was not given; ERR_USAGE when it is no number or above
 * max. */
int opt_num(const struct opts *o, const char *name, uint64_t max, uint64_t *n,
	    struct err *e);

/* "; did you mean \"x\"?" for the nearest of the words (at most a third of it
 * mistyped), or "". Text in m. */
const char *opt_nearest(const char *word, const char *const *words, size_t n,
			struct mem *m);
