/* What the files of publish/keys share: where keys lie, and moving them. */
#pragma once

#include "crypto/dkimkey.h"
#include "publish/keys.h"

enum keys_place { KEYS_PENDING, KEYS_LIVE, KEYS_RETIRED };
enum { KEYS_PLACES = 3 };

const char *keys_files_folder(const struct keys *k, enum keys_place p,
			      struct mem *m);
const char *keys_files_path(const struct keys *k, enum keys_place p,
			    const char *selector, struct mem *m);
/* A letter, digit, '-', '_' and '.': what can be a selector and a file. */
bool keys_files_is_selector(struct str s);
/* The selectors of the keys in a place; an absent folder has none. */
int keys_files_list(const struct keys *k, enum keys_place p, struct mem *m,
		    struct conf_list *out, struct err *e);
/* ERR_MISSING when absent; ERR_CONF, naming the file, when it is no key. */
int keys_files_read(const char *path, struct dkimkey **out, struct err *e);
/* The record of the key in a file, in m. */
int keys_files_record(const char *path, struct mem *m, enum dkimkey_type *type,
		      const char **record, struct err *e);
/* Two records of one key, whatever else they say. */
bool keys_files_same(const char *record, struct str other);
/* A new pending file; never over another. */
int keys_files_write(const struct keys *k, const char *selector,
		     const struct dkimkey *key, struct err *e);
/* Moves it there from wherever else it is; already there is fine, as is
 * nowhere. The same key in two places becomes one; two keys of one name are
 * ERR_CONF. */
int keys_files_move(const struct keys *k, const char *selector,
		    enum keys_place to, struct err *e);
/* Overwritten and removed, from everywhere where it is this record's key. */
int keys_files_shred(const struct keys *k, const struct rotate_key *x,
		     struct err *e);
/* Removes what writers left who were killed. */
int keys_files_sweep(const struct keys *k, struct err *e);
