/* What the folders of other clients hold, found and not yet taken. Whatever is
 * unfit is told and counted; nothing there is changed. */
#pragma once

#include "acme/import.h"

struct import_account {
	const char *from;   /* its key's path */
	const char *server; /* directory URL */
	const char *url;    /* kid; NULL: unknown, will be asked for */
	struct key *key;    /* owned */
};
struct import_pair {
	const char *from;   /* its chain's path */
	const char *hint;   /* the other client's name for it */
	const char *server; /* directory URL; NULL: unknown */
	struct key *key;    /* owned */
	struct chain chain;
	const char *domain, *name; /* ours, given by import.c */
};
struct import_find {
	struct mem mem; /* owns all text */
	const struct conf *conf;
	struct tell *tell;
	const char *root;
	time_t now;
	struct import_account *account;
	size_t account_n, account_room;
	struct import_pair *pair;
	size_t pair_n, pair_room;
	struct conf_list servers;   /* directory URLs one may meet */
	bool acmesh, certbot, lego; /* what was recognized */
	unsigned skipped;
	unsigned visits; /* of folders: links may run in circles */
};
void import_find_free(struct import_find *f);
static inline void auto_import_find(struct import_find *f)
{
	import_find_free(f);
}

/* The three layouts; each looks for its own files alone. */
void import_find_acmesh(struct import_find *f);
void import_find_certbot(struct import_find *f);
void import_find_lego(struct import_find *f);

/* Tools of the layouts. A path is the find's root and a printf of the rest. */
void import_find_skip(struct import_find *f, const char *path, const char *why);
/* A whole small file; false when it is absent, no plain file or too large. */
bool import_find_text(const char *path, struct buf *out);
/* Names in a folder, sorted; none when it cannot be read. */
struct fs_names import_find_list(struct import_find *f, const char *path);
void import_find_add_server(struct import_find *f, const char *url);
/* The directory URL a folder name was made from, or NULL; `match` says whether
 * that host (with its port) and path give the name. */
const char *import_find_server(struct import_find *f, struct str folder,
			       bool (*match)(struct str host, struct str path,
					     struct str folder));
/* key: taken over. */
void import_find_add_account(struct import_find *f, const char *from,
			     const char *server, const char *url,
			     struct key *key);
/* issuer_path NULL: the chain is whole. */
void import_find_add_pair(struct import_find *f, const char *key_path,
			  const char *chain_path, const char *issuer_path,
			  const char *hint, const char *server);
