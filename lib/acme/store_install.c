/* How a pair becomes live. Crash points: while .STAMP is written, litter; when
 * it is STAMP, a whole pair that is not live, which the resumed order replaces;
 * after the rename of live, the new pair. A reader follows live once. */
#include <errno.h>
#include <sys/stat.h>

#include "acme/store.h"
#include "acme/store_path.h"
#include "base/acl.h"
#include "base/clock.h"
#include "base/log.h"

enum { KEY_FILE_MAX = 64 << 10, CHAIN_FILE_MAX = 256 << 10 };
enum { SECOND_MAX = 999 }; /* stamps of one second */

/* "20261125T021330Z" from "2026-11-25T02:13:30Z". */
static void short_time(time_t t, struct buf *out)
{
	char text[CLOCK_TEXT];
	const char *at = clock_text(t, text);

	for (; *at; at++)
		if (*at != '-' && *at != ':')
			buf_char(out, *at);
}

static int stamp_time(struct str s, time_t *t)
{
	AUTO(buf) struct buf long_form = { .max = CLOCK_TEXT };

	buf_fmt(&long_form, "%.4s-%.2s-%.5s:%.2s:%.2sZ", s.at, s.at + 4,
		s.at + 6, s.at + 11, s.at + 13);
	return clock_parse(buf_get(&long_form), t);
}

/* A stamp that sorts behind `newest` (empty: none), also when the clock went
 * back or a second is full. */
void store_stamp_after(struct str newest, time_t now, struct buf *out)
{
	uint64_t count = 0;
	time_t last;

	if (newest.n && !stamp_time(newest, &last) && last >= now) {
		if (newest.n > 17)
			(void)str_num((struct str){ newest.at + 17,
						    newest.n - 17 },
				      SECOND_MAX, &count);
		count++;
		now = last;
	}
	if (count > SECOND_MAX) {
		count = 0;
		now++;
	}
	short_time(now, out);
	if (count)
		buf_fmt(out, "-%03u", (unsigned)count);
}

/* Stamps of a certificate, oldest first; litter is left out. */
static int list_stamps(const char *archive, struct mem *m, struct fs_names *out,
		       struct err *e)
{
	struct fs_names all = { 0 };
	size_t i;

	if (fs_list(archive, m, &all, e))
		return -1;
	for (i = 0; i < all.n; i++) {
		if (!store_is_stamp(str_of(all.at[i])))
			continue;
		out->at = mem_more(m, out->at, &out->room, out->n,
				   sizeof(*out->at));
		out->at[out->n++] = all.at[i];
	}
	return 0;
}

/* What goes where. */
struct install {
	const struct conf_acme *acme;
	struct mem *mem;
	const char *name, *archive, *temp; /* temp: archive/.STAMP */
	const char *old_key;               /* of the live pair; NULL: none */
};

static int write_part(const struct install *x, const char *file,
		      const struct cert *at, size_t n, struct err *e)
{
	const char *path = mem_fmt(x->mem, "%s/%s", x->temp, file);
	AUTO(buf) struct buf pem = { .max = CHAIN_FILE_MAX };

	for (size_t i = 0; i < n; i++)
		buf_view(&pem, at[i].pem);
	if (pem.full)
		return err_set(e, ERR_PERM, "the chain is too long");
	return fs_fill(path, buf_get(&pem), 0644, e);
}

/* The configured readers come on top of what an administrator gave. */
static int write_key(const struct install *x, const struct key *key,
		     struct err *e)
{
	const char *path = mem_fmt(x->mem, "%s/privkey.pem", x->temp);
	AUTO(secret) struct buf pem = { .max = KEY_FILE_MAX };

	if (key_write(key, &pem, e) || fs_fill(path, buf_get(&pem), 0600, e))
		return -1;
	if (x->old_key && acl_keep(x->old_key, path, e))
		return -1;
	return acl_readers(path, x->acme->readers.at, x->acme->readers.n, e);
}

/* After all are written: the file system commits them together, which takes
 * half the time of one after the other (measured on ext4). */
static int sync_all(const struct install *x, struct err *e)
{
	struct fs_names all = { 0 };

	if (fs_list(x->temp, x->mem, &all, e))
		return -1;
	for (size_t i = 0; i < all.n; i++)
		if (fs_sync(mem_fmt(x->mem, "%s/%s", x->temp, all.at[i]), e))
			return -1;
	return fs_sync(x->temp, e);
}

static int write_all(const struct install *x, const struct key *key,
		     const struct chain *chain, struct err *e)
{
	if (fs_mkdir(x->temp, 0700, e) ||
	    acl_readers(x->temp, x->acme->readers.at, x->acme->readers.n, e))
		return -1;
	if (key && write_key(x, key, e))
		return -1;
	if (write_part(x, "cert.pem", chain->at, 1, e) ||
	    write_part(x, "chain.pem", chain->at + 1, chain->n - 1, e) ||
	    write_part(x, "fullchain.pem", chain->at, chain->n, e))
		return -1;
	return sync_all(x, e);
}

static int check_pair(const struct key *key, const struct chain *chain,
		      struct err *e)
{
	unsigned char spki[KEY_SPKI_SHA256];

	if (!chain->n)
		return err_set(e, ERR_PERM, "there is no certificate in it");
	if (!key)
		return 0;
	if (key_spki_sha256(key, spki, e))
		return -1;
	if (memcmp(spki, chain->at[0].spki_sha256, sizeof(spki)) != 0)
		return err_set(e, ERR_PERM,
			       "the certificate is for another key");
	return 0;
}

/* Keeps `keep` folders beside the live one. The pair is live by now, so that
 * trouble here is told and no error. */
static void prune(const struct install *x, const char *live, unsigned keep)
{
	struct fs_names all = { 0 };
	struct err why = { 0 };
	size_t others, i;

	if (list_stamps(x->archive, x->mem, &all, &why)) {
		log_say(LOG_REASON, "%s", why.msg);
		return;
	}
	others = all.n ? all.n - 1 : 0;
	for (i = 0; i < all.n && others > keep; i++) {
		if (str_eq(str_of(all.at[i]), live))
			continue;
		others--;
		if (fs_remove_tree(mem_fmt(x->mem, "%s/%s", x->archive,
					   all.at[i]),
				   &why))
			log_say(LOG_REASON, "%s", why.msg);
	}
}

static const char *new_stamp(const struct install *x, struct err *e)
{
	AUTO(buf) struct buf text = { .max = 64 };
	struct fs_names all = { 0 };

	if (list_stamps(x->archive, x->mem, &all, e))
		return NULL;
	store_stamp_after(str_of(all.n ? all.at[all.n - 1] : NULL), clock_now(),
			  &text);
	return mem_str(x->mem, buf_c(&text));
}

/* .STAMP becomes STAMP: from here on it counts as an archive. */
static int settle(const struct install *x, const char *stamp, struct err *e)
{
	const char *whole = mem_fmt(x->mem, "%s/%s", x->archive, stamp);

	if (rename(x->temp, whole))
		return err_sys(e, "%s", whole);
	return fs_sync(x->archive, e);
}

static const char *old_key(const struct conf *c, const char *name,
			   struct mem *m)
{
	struct err ignored = { 0 };
	const char *stamp, *path;

	if (store_live_stamp(c->dir, name, m, &stamp, &ignored))
		return NULL;
	path = mem_fmt(m, "%s/%s/privkey.pem",
		       store_path(m, c->dir, "archive", name, ""), stamp);
	return fs_exists(path) ? path : NULL;
}

int store_install(const struct conf *c, const struct conf_acme *s,
		  const char *name, const struct key *key,
		  const struct chain *chain, unsigned keep, struct mem *m,
		  const char **stamp, struct err *e)
{
	struct install x = { .acme = s, .mem = m, .name = name };
	struct err ignored = { 0 };

	if (check_pair(key, chain, e))
		return err_at(e, "%s", name);
	if (store_prepare(c, s, name, e))
		return -1;
	x.archive = store_path(m, c->dir, "archive", name, "");
	x.old_key = old_key(c, name, m);
	*stamp = new_stamp(&x, e);
	if (!*stamp)
		return -1;
	x.temp = mem_fmt(m, "%s/.%s", x.archive, *stamp);
	if (fs_remove_tree(x.temp, e))
		return -1;
	if (write_all(&x, key, chain, e) || settle(&x, *stamp, e)) {
		(void)fs_remove_tree(x.temp, &ignored);
		return -1;
	}
	if (fs_point(store_path(m, c->dir, "live", name, ""),
		     mem_fmt(m, "../archive/%s/%s", name, *stamp), e))
		return -1;
	prune(&x, *stamp, keep);
	return 0;
}

/* Temp files and half-written folders, told by the dot in front, of a folder
 * that the certificate's lock guards. */
static int sweep(const char *dir, struct mem *m, struct err *e)
{
	struct fs_names all = { 0 };
	size_t i;

	if (fs_list_maybe(dir, m, &all, e))
		return -1;
	for (i = 0; i < all.n; i++) {
		const char *path = mem_fmt(m, "%s/%s", dir, all.at[i]);

		if (all.at[i][0] != '.')
			continue;
		if (fs_remove_tree(path, e))
			return -1;
	}
	return 0;
}

int store_tidy(const char *conf_dir, const char *name,
	       const struct store_state *s, struct err *e)
{
	AUTO(mem) struct mem m = { 0 };
	const char *keys;

	if (store_name_check(name, e))
		return -1;
	keys = store_path(&m, conf_dir, "keys", name, "");
	if (!s->order_url && fs_remove(mem_fmt(&m, "%s/pending.pem", keys), e))
		return -1;
	if (sweep(keys, &m, e))
		return -1;
	return sweep(store_path(&m, conf_dir, "archive", name, ""), &m, e);
}
