/* The keys of a descriptor: what may stand where, a row a key. */
#pragma once

#include <stdbool.h>

enum descriptor_shape {
	WORD,   /* one text */
	COUNT,  /* a number */
	CHOICE, /* one of the words in `of` */
	WORDS,  /* a list of texts */
	READ,   /* an expression over what came back */
	WRITE,  /* an expression over what goes out */
	READS,  /* READ, or a map of type: READ with "*" for the rest */
	WRITES, /* a map of name: WRITE */
	PATHS,  /* WORD, or a map of type: WORD with "*" for the rest */
	PAIRS,  /* a map of name: text */
	TREE,   /* a body */
	MAP,    /* the keys in `in` */
	MAPS,   /* a map whose values are MAP */
	LIST,   /* a list of MAP, or one MAP */
};
struct descriptor_key {
	const char *name;
	enum descriptor_shape shape;
	bool must;
	const struct descriptor_key *in;
	const char *of;
};

extern const struct descriptor_key descriptor_top_keys[];
