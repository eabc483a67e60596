#include "acme/import_find.h"

#include <sys/stat.h>

#include "acme/import_parse.h"

enum { FILE_MAX = 1 << 20, LIST_MAX = 2000 };

void import_find_free(struct import_find *f)
{
	size_t i;

	for (i = 0; i < f->account_n; i++)
		key_free(f->account[i].key);
	for (i = 0; i < f->pair_n; i++)
		key_free(f->pair[i].key);
	mem_free(&f->mem);
	*f = (struct import_find){ 0 };
}

void import_find_skip(struct import_find *f, const char *path, const char *why)
{
	f->skipped++;
	tell(f->tell, TELL_STEP, path, "not taken: %s", why);
}

bool import_find_text(const char *path, struct buf *out)
{
	struct err ignored = { 0 };
	struct stat st;

	out->max = FILE_MAX;
	return !stat(path, &st) && S_ISREG(st.st_mode) &&
	       !fs_read(path, out, &ignored);
}

struct fs_names import_find_list(struct import_find *f, const char *path)
{
	struct fs_names all = { 0 };
	struct err ignored = { 0 };

	if (!fs_is_dir(path) || fs_list(path, &f->mem, &all, &ignored))
		return (struct fs_names){ 0 };
	if (all.n > LIST_MAX)
		all.n = LIST_MAX;
	return all;
}

void import_find_add_server(struct import_find *f, const char *url)
{
	struct conf_list *l = &f->servers;

	if (!url || l->n == LIST_MAX)
		return;
	conf_list_add(l, &f->mem, mem_str(&f->mem, url));
}

const char *import_find_server(struct import_find *f, struct str folder,
			       bool (*match)(struct str host, struct str path,
					     struct str folder))
{
	size_t i;

	for (i = 0; i < f->servers.n; i++) {
		struct str host, path;

		if (!import_parse_url(str_of(f->servers.at[i]), &host, &path) &&
		    match(host, path, folder))
			return f->servers.at[i];
	}
	return NULL;
}

void import_find_add_account(struct import_find *f, const char *from,
			     const char *server, const char *url,
			     struct key *key)
{
	f->account = mem_more(&f->mem, f->account, &f->account_room,
			      f->account_n, sizeof(*f->account));
	f->account[f->account_n++] = (struct import_account){
		.from = from,
		.server = mem_str(&f->mem, server),
		.url = mem_str(&f->mem, url),
		.key = key,
	};
}

static int read_key(const char *path, struct key **out, struct err *e)
{
	AUTO(secret) struct buf pem = { 0 };

	if (!import_find_text(path, &pem))
		return err_set(e, ERR_MISSING, "%s cannot be read", path);
	return key_read(buf_get(&pem), out, e) ? err_at(e, "%s", path) : 0;
}

/* lego can be told to leave the issuers out of the chain. */
static int read_chain(struct import_find *f, const char *path,
		      const char *issuer_path, struct chain *out, struct err *e)
{
	AUTO(buf) struct buf pem = { 0 };
	AUTO(buf) struct buf issuers = { 0 };

	if (!import_find_text(path, &pem))
		return err_set(e, ERR_MISSING, "it cannot be read");
	if (chain_read(buf_get(&pem), &f->mem, out, e))
		return -1;
	if (out->n > 1 || !issuer_path ||
	    !import_find_text(issuer_path, &issuers))
		return 0;
	buf_char(&pem, '\n');
	buf_view(&pem, buf_get(&issuers));
	return chain_read(buf_get(&pem), &f->mem, out, e);
}

static int read_pair(struct import_find *f, const char *key_path,
		     const char *issuer_path, struct import_pair *p,
		     struct err *e)
{
	unsigned char spki[KEY_SPKI_SHA256];

	if (read_chain(f, p->from, issuer_path, &p->chain, e) ||
	    read_key(key_path, &p->key, e) ||
	    key_spki_sha256(p->key, spki, e) ||
	    chain_sort(&p->chain, &f->mem, e) ||
	    chain_check(&p->chain, spki, NULL, 0, f->now, e))
		return -1;
	if (!p->chain.at[0].names_n)
		return err_set(e, ERR_PERM, "it holds no DNS name");
	return 0;
}

void import_find_add_pair(struct import_find *f, const char *key_path,
			  const char *chain_path, const char *issuer_path,
			  const char *hint, const char *server)
{
	struct import_pair p = {
		.from = mem_str(&f->mem, chain_path),
		.hint = mem_str(&f->mem, hint),
		.server = mem_str(&f->mem, server),
	};
	struct err e = { 0 };

	if (read_pair(f, key_path, issuer_path, &p, &e)) {
		key_free(p.key);
		import_find_skip(f, chain_path, e.msg);
		return;
	}
	f->pair = mem_more(&f->mem, f->pair, &f->pair_room, f->pair_n,
			   sizeof(*f->pair));
	f->pair[f->pair_n++] = p;
}
