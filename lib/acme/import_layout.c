/* The layouts, as the clients' own sources have them.
 *
 * acme.sh (LE_CONFIG_HOME, ~/.acme.sh):
 *	account.conf            CERT_HOME=, CA_HOME= when they lie elsewhere
 *	ca/HOST/PATH/{account.key,account.json,ca.conf}, PATH of the directory
 *	                        URL, the port lost; older: ca/HOST/ itself
 *	DOMAIN[_ecc]/{DOMAIN.key,fullchain.cer,DOMAIN.conf}
 * certbot (/etc/letsencrypt):
 *	accounts/HOST:PORT/PATH/HASH/{private_key.json,regr.json}
 *	live/NAME/{privkey,fullchain}.pem   links into archive/NAME
 *	renewal/NAME.conf       server = directory URL
 * lego (.lego):
 *	accounts/HOST_PORT/ID/account.json, keys/ID.key (4) or ID.key (5)
 *	certificates/NAME.{crt,issuer.crt,key,json}, "*" written as "_" */
#include <string.h>

#include "acme/client.h"
#include "acme/import_find.h"
#include "acme/import_parse.h"

enum { DEPTH_MAX = 6, VISITS_MAX = 20000, VALUE_MAX = 4096 };

static bool has_file(struct import_find *f, const char *dir, const char *name)
{
	return fs_exists(mem_fmt(&f->mem, "%s/%s", dir, name));
}

/* A setting of a file of the other client, or NULL. */
static const char *setting(struct import_find *f, const char *path,
			   const char *key)
{
	AUTO(secret) struct buf text = { 0 };
	AUTO(buf) struct buf value = { .max = VALUE_MAX };

	if (!import_find_text(path, &text) ||
	    import_parse_value(buf_get(&text), key, &value))
		return NULL;
	return mem_str(&f->mem, buf_c(&value));
}

static const char *url_setting(struct import_find *f, const char *path,
			       const char *key)
{
	const char *url = setting(f, path, key);
	struct str host, rest;

	return url && str_is_print(str_of(url)) &&
			       !import_parse_url(str_of(url), &host, &rest) ?
		       url :
		       NULL;
}

/* Calls found(f, dir, rel) for each folder below `dir` that holds `marker`. */
static void walk(struct import_find *f, const char *dir, const char *rel,
		 const char *marker, unsigned depth,
		 void (*found)(struct import_find *f, const char *dir,
			       const char *rel))
{
	const struct fs_names all = import_find_list(f, dir);

	if (has_file(f, dir, marker))
		found(f, dir, rel);
	for (size_t i = 0;
	     i < all.n && depth < DEPTH_MAX && f->visits++ < VISITS_MAX; i++) {
		const char *next = mem_fmt(&f->mem, "%s/%s", dir, all.at[i]);

		if (str_eq(str_of(all.at[i]), "deactivated") ||
		    !fs_is_dir(next))
			continue;
		walk(f, next,
		     mem_fmt(&f->mem, "%s%s%s", rel, *rel ? "/" : "",
			     all.at[i]),
		     marker, depth + 1, found);
	}
}

/* acme.sh */

/* Its folder is HOST/PATH, where HOST has lost its port. */
static bool is_acmesh_folder(struct str host, struct str path,
			     struct str folder)
{
	struct str name, rest = folder, bare;

	(void)str_cut(&host, ':', &bare);
	return str_cut(&rest, '/', &name) && str_samei(name, bare) &&
	       (!rest.n || str_same(rest, path));
}

/* An account by the PEM file of its key. */
static void take_account(struct import_find *f, const char *path,
			 const char *server, const char *url)
{
	AUTO(secret) struct buf pem = { 0 };
	AUTO(key) struct key *key = NULL;
	struct err e = { 0 };

	if (!server)
		import_find_skip(f, path,
				 "its CA is unknown: name it in "
				 "acme.server");
	else if (!import_find_text(path, &pem))
		import_find_skip(f, path, "it cannot be read");
	else if (key_read(buf_get(&pem), &key, &e))
		import_find_skip(f, path, e.msg);
	else
		import_find_add_account(f, path, server, url, TAKE(key));
}

static void acmesh_account(struct import_find *f, const char *dir,
			   const char *rel)
{
	const char *path = mem_fmt(&f->mem, "%s/account.key", dir);
	const char *url = url_setting(f, mem_fmt(&f->mem, "%s/ca.conf", dir),
				      "ACCOUNT_URL");
	const char *server =
		import_find_server(f, str_of(rel), is_acmesh_folder);

	f->acmesh = true;
	if (!server && strchr(rel, '/'))
		server = mem_fmt(&f->mem, "https://%s", rel);
	take_account(f, path, server, url);
}

static void acmesh_pair(struct import_find *f, const char *dir,
			const char *folder)
{
	struct str name = str_of(folder);
	const char *domain, *conf, *server;

	if (str_ends(name, "_ecc"))
		name.n -= 4;
	domain = mem_dup(&f->mem, name.at, name.n);
	conf = mem_fmt(&f->mem, "%s/%s.conf", dir, domain);
	if (!fs_exists(conf) || !has_file(f, dir, "fullchain.cer"))
		return;
	f->acmesh = true;
	server = url_setting(f, conf, "Le_API");
	import_find_add_server(f, server);
	import_find_add_pair(f, mem_fmt(&f->mem, "%s/%s.key", dir, domain),
			     mem_fmt(&f->mem, "%s/fullchain.cer", dir),
			     mem_fmt(&f->mem, "%s/ca.cer", dir), domain,
			     server);
}

static void acmesh_pairs(struct import_find *f, const char *home)
{
	const struct fs_names all = import_find_list(f, home);

	for (size_t i = 0; i < all.n; i++)
		acmesh_pair(f, mem_fmt(&f->mem, "%s/%s", home, all.at[i]),
			    all.at[i]);
}

void import_find_acmesh(struct import_find *f)
{
	const char *conf = mem_fmt(&f->mem, "%s/account.conf", f->root);
	const char *certs = setting(f, conf, "CERT_HOME");
	const char *ca = setting(f, conf, "CA_HOME");

	import_find_add_server(f, url_setting(f, conf, "DEFAULT_ACME_SERVER"));
	acmesh_pairs(f, f->root);
	if (certs && !str_eq(str_of(certs), f->root))
		acmesh_pairs(f, certs);
	walk(f, ca ? ca : mem_fmt(&f->mem, "%s/ca", f->root), "", "account.key",
	     0, acmesh_account);
}

/* certbot */

static void certbot_account(struct import_find *f, const char *dir,
			    const char *rel)
{
	const char *path = mem_fmt(&f->mem, "%s/private_key.json", dir);
	const char *hash = strrchr(rel, '/');
	AUTO(secret) struct buf jwk = { 0 };
	AUTO(buf) struct buf regr = { 0 };
	AUTO(key) struct key *key = NULL;
	struct import_parsed account = { 0 };
	struct err e = { 0 };

	f->certbot = true;
	if (import_find_text(mem_fmt(&f->mem, "%s/regr.json", dir), &regr))
		(void)import_parse_account(buf_get(&regr), &f->mem, &account);
	if (!hash)
		import_find_skip(f, path, "it lies in no CA's folder");
	else if (!import_find_text(path, &jwk))
		import_find_skip(f, path, "it cannot be read");
	else if (key_read_jwk(buf_get(&jwk), &key, &e))
		import_find_skip(f, path, e.msg);
	else
		import_find_add_account(f, path,
					mem_fmt(&f->mem, "https://%.*s",
						(int)(hash - rel), rel),
					account.url, TAKE(key));
}

void import_find_certbot(struct import_find *f)
{
	const char *live = mem_fmt(&f->mem, "%s/live", f->root);
	const struct fs_names all = import_find_list(f, live);

	for (size_t i = 0; i < all.n; i++) {
		const char *dir = mem_fmt(&f->mem, "%s/%s", live, all.at[i]);
		const char *conf = mem_fmt(&f->mem, "%s/renewal/%s.conf",
					   f->root, all.at[i]);

		if (!has_file(f, dir, "privkey.pem"))
			continue;
		f->certbot = true;
		import_find_add_pair(f, mem_fmt(&f->mem, "%s/privkey.pem", dir),
				     mem_fmt(&f->mem, "%s/fullchain.pem", dir),
				     NULL, all.at[i],
				     url_setting(f, conf, "server"));
	}
	walk(f, mem_fmt(&f->mem, "%s/accounts", f->root), "",
	     "private_key.json", 0, certbot_account);
}

/* lego */

/* Its folder is the host with ":" written as "_". */
static bool is_lego_folder(struct str host, struct str path, struct str folder)
{
	size_t i;

	(void)path;
	if (host.n != folder.n)
		return false;
	for (i = 0; i < host.n; i++)
		if (host.at[i] != folder.at[i] &&
		    (host.at[i] != ':' || folder.at[i] != '_'))
			return false;
	return true;
}

static const char *lego_key(struct import_find *f, const char *dir,
			    const char *id)
{
	const char *path = mem_fmt(&f->mem, "%s/keys/%s.key", dir, id);

	return fs_exists(path) ? path : mem_fmt(&f->mem, "%s/%s.key", dir, id);
}

static void lego_account(struct import_find *f, const char *dir,
			 const char *rel)
{
	const char *id = strrchr(rel, '/'), *path, *server;
	AUTO(buf) struct buf json = { 0 };
	struct import_parsed account = { 0 };

	if (!id) /* not HOST/ID: acme.sh has such a file elsewhere */
		return;
	f->lego = true;
	path = lego_key(f, dir, id + 1);
	if (import_find_text(mem_fmt(&f->mem, "%s/account.json", dir), &json))
		(void)import_parse_account(buf_get(&json), &f->mem, &account);
	server = account.server;
	if (!server)
		server = import_find_server(
			f, (struct str){ rel, (size_t)(id - rel) },
			is_lego_folder);
	take_account(f, path, server, account.url);
}

static bool same_host(struct str host, struct str path, struct str folder)
{
	(void)path;
	return str_samei(host, folder);
}

/* The CA of a certificate, by the host it was fetched from. */
static const char *lego_server(struct import_find *f, const char *path)
{
	AUTO(buf) struct buf text = { 0 };
	struct str host, rest;
	AUTO(json) json_t *top = NULL;
	const char *url;

	if (!import_find_text(path, &text))
		return NULL;
	top = json_loadb(buf_c(&text), text.n, 0, NULL);
	url = acme_url(top, "certUrl");
	if (!url || import_parse_url(str_of(url), &host, &rest))
		return NULL;
	return import_find_server(f, host, same_host);
}

static void lego_pair(struct import_find *f, const char *dir, const char *file)
{
	struct str name = str_of(file);
	const char *base;

	if (!str_ends(name, ".crt") || str_ends(name, ".issuer.crt"))
		return;
	f->lego = true;
	base = mem_fmt(&f->mem, "%s/%.*s", dir, (int)name.n - 4, file);
	import_find_add_pair(f, mem_fmt(&f->mem, "%s.key", base),
			     mem_fmt(&f->mem, "%s/%s", dir, file),
			     mem_fmt(&f->mem, "%s.issuer.crt", base),
			     mem_dup(&f->mem, file, name.n - 4),
			     lego_server(f, mem_fmt(&f->mem, "%s.json", base)));
}

void import_find_lego(struct import_find *f)
{
	const char *dir = mem_fmt(&f->mem, "%s/certificates", f->root);
	const struct fs_names all = import_find_list(f, dir);

	walk(f, mem_fmt(&f->mem, "%s/accounts", f->root), "", "account.json", 0,
	     lego_account);
	for (size_t i = 0; i < f->account_n; i++)
		import_find_add_server(f, f->account[i].server);
	for (size_t i = 0; i < all.n; i++)
		lego_pair(f, dir, all.at[i]);
}
