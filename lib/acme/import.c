#include "acme/import.h"

#include <string.h>

#include "acme/account.h"
#include "acme/import_find.h"
#include "acme/store_path.h"
#include "base/clock.h"
#include "base/idn.h"

enum { KEEP = 5, LOCK_MS = 10000 };

/* Directory URLs of the presets and of the configuration: the folders of other
 * clients are named after them. */
static void add_servers(struct import_find *f, const struct conf_list *l)
{
	const enum key_type types[] = { KEY_P256, KEY_RSA2048 };

	for (size_t i = 0; i < l->n; i++)
		for (size_t t = 0; t < 2; t++) {
			struct err ignored = { 0 };
			const char *url;

			if (!acme_server_url(l->at[i], types[t], &url,
					     &ignored))
				import_find_add_server(f, url);
		}
}

static void know_servers(struct import_find *f)
{
	size_t n;
	const struct acme_server *preset = acme_servers(&n);

	add_servers(f, &f->conf->acme.server);
	for (size_t i = 0; i < f->conf->domains_n; i++)
		add_servers(f, &f->conf->domains[i].acme.server);
	for (size_t i = 0; i < n; i++) {
		import_find_add_server(f, preset[i].url);
		import_find_add_server(f, preset[i].url_rsa);
		import_find_add_server(f, preset[i].staging);
	}
}

/* Accounts */

static int take_account(struct import_find *f, const struct import_account *a,
			bool dry_run, struct import_count *out, struct err *e)
{
	struct account there = { 0 };
	struct err why = { 0 };
	int rc = account_load(f->conf->dir, a->server, &f->mem, &there, &why);

	account_free(&there);
	if (!rc) {
		import_find_skip(f, a->from,
				 mem_fmt(&f->mem, "there is an account at %s",
					 a->server));
		return 0;
	}
	if (why.kind != ERR_MISSING) {
		*e = why;
		return -1;
	}
	if (!dry_run &&
	    account_keep(f->conf->dir, a->server, a->key, a->url, e))
		return err_at(e, "%s", a->from);
	out->accounts++;
	tell(f->tell, TELL_STEP, a->from, "%s the account at %s",
	     dry_run ? "would take" : "took", a->server);
	return 0;
}

/* Two accounts of one CA: the first. A dry run has to find that by itself. */
static bool is_second(const struct import_find *f, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (str_eq(str_of(f->account[i].server), f->account[at].server))
			return true;
	return false;
}

static int take_accounts(struct import_find *f, bool dry_run,
			 struct import_count *out, struct err *e)
{
	for (size_t i = 0; i < f->account_n; i++) {
		if (is_second(f, i)) {
			import_find_skip(f, f->account[i].from,
					 "another account of that CA comes "
					 "first");
			continue;
		}
		if (take_account(f, &f->account[i], dry_run, out, e))
			return -1;
	}
	return 0;
}

/* Certificates */

static const struct conf_acme *settings_of(const struct conf *c,
					   const char *domain)
{
	for (size_t i = 0; i < c->domains_n; i++)
		if (str_eq(str_of(c->domains[i].name), domain))
			return &c->domains[i].acme;
	return &c->acme;
}

/* "*.example.org", "_.example.org" (lego) -> "example.org" */
static const char *without_star(const char *name)
{
	return (name[0] == '*' || name[0] == '_') && name[1] == '.' ? name + 2 :
								      name;
}

static bool covers(const struct cert *leaf, const char *domain, struct mem *m)
{
	return cert_has_name(leaf, domain) ||
	       cert_has_name(leaf, mem_fmt(m, "*.%s", domain));
}

/* The domain a certificate belongs to: the other client's name for it when it
 * is one of its names, else its first name ("example.org-0001" of certbot). */
static const char *domain_of(struct import_find *f, const struct import_pair *p)
{
	const struct cert *leaf = &p->chain.at[0];
	struct err ignored = { 0 };
	const char *domain;

	if (!idn_ascii(&f->mem, str_of(without_star(p->hint)), &domain,
		       &ignored) &&
	    covers(leaf, domain, &f->mem))
		return domain;
	return without_star(leaf->names[0]);
}

static bool is_rsa(const struct import_pair *p)
{
	enum key_type t = key_kind(p->key);

	return t != KEY_P256 && t != KEY_P384;
}

/* An RSA certificate is the second half of a pair when the configuration wants
 * one, or its ECDSA half lies beside it. */
static bool is_half(const struct import_find *f, const struct import_pair *p)
{
	if (!is_rsa(p))
		return false;
	if (settings_of(f->conf, p->domain)->key_types == 2)
		return true;
	for (size_t i = 0; i < f->pair_n; i++)
		if (!is_rsa(&f->pair[i]) &&
		    str_eq(str_of(f->pair[i].domain), p->domain))
			return true;
	return false;
}

static void name_pairs(struct import_find *f)
{
	for (size_t i = 0; i < f->pair_n; i++)
		f->pair[i].domain = domain_of(f, &f->pair[i]);
	for (size_t i = 0; i < f->pair_n; i++)
		f->pair[i].name =
			mem_fmt(&f->mem, "%s%s", f->pair[i].domain,
				is_half(f, &f->pair[i]) ? "_rsa" : "");
}

/* Another one of the same name was issued later, or as late and comes first. */
static bool has_newer(const struct import_find *f, size_t at)
{
	const struct import_pair *p = &f->pair[at];

	for (size_t i = 0; i < f->pair_n; i++) {
		time_t other = f->pair[i].chain.at[0].not_before;

		if (i != at && str_eq(str_of(f->pair[i].name), p->name) &&
		    (other > p->chain.at[0].not_before ||
		     (other == p->chain.at[0].not_before && i < at)))
			return true;
	}
	return false;
}

/* NULL when it may be taken, else the reason why not. */
static const char *obstacle(struct import_find *f, const struct import_pair *p)
{
	struct store_live live;
	struct err why = { 0 };
	const struct cert *ours, *leaf = &p->chain.at[0];

	if (store_name_check(p->name, &why))
		return mem_str(&f->mem, why.msg);
	if (store_read_live(f->conf->dir, p->name, &f->mem, &live, &why))
		return NULL; /* none, or a broken one: any is better */
	ours = &live.chain.at[0];
	if (str_same(ours->pem, leaf->pem))
		return "it is here already";
	return ours->not_before > leaf->not_before ? "the one here is newer" :
						     NULL;
}

/* The account that most likely ordered it. */
static const char *account_of(const struct import_find *f, const char *server)
{
	for (size_t i = 0; server && i < f->account_n; i++)
		if (str_eq(str_of(f->account[i].server), server))
			return f->account[i].url;
	return NULL;
}

static int write_state(struct import_find *f, const struct import_pair *p,
		       const char *stamp, struct err *e)
{
	const struct cert *leaf = &p->chain.at[0];
	AUTO(store_state) struct store_state s = { 0 };

	if (store_state_read(f->conf->dir, p->name, &s, e))
		return -1;
	s.names = leaf->names;
	s.names_n = leaf->names_n;
	s.domain = p->domain;
	s.server = p->server;
	s.account = account_of(f, p->server);
	s.stamp = stamp;
	s.ari = (struct renew_ari){ 0 };
	s.revoked_at = 0;
	return store_state_write(f->conf->dir, p->name, &s, e);
}

static int install(struct import_find *f, const struct import_pair *p,
		   struct err *e)
{
	AUTO(fd) int lock = -1;
	const char *stamp;

	return store_lock(f->conf->dir, p->name, LOCK_MS, &lock, e) ||
			       store_install(f->conf,
					     settings_of(f->conf, p->domain),
					     p->name, p->key, &p->chain, KEEP,
					     &f->mem, &stamp, e) ||
			       write_state(f, p, stamp, e) ?
		       -1 :
		       0;
}

static int take_pair(struct import_find *f, const struct import_pair *p,
		     bool dry_run, struct import_count *out, struct err *e)
{
	const char *why = obstacle(f, p);
	char until[CLOCK_TEXT];

	if (why) {
		import_find_skip(f, p->from, why);
		return 0;
	}
	if (!dry_run && install(f, p, e))
		return err_at(e, "%s", p->from);
	out->certificates++;
	tell(f->tell, TELL_STEP, p->from,
	     "%s the certificate %s, valid until %s",
	     dry_run ? "would take" : "took", p->name,
	     clock_text(p->chain.at[0].not_after, until));
	return 0;
}

static int take_pairs(struct import_find *f, bool dry_run,
		      struct import_count *out, struct err *e)
{
	name_pairs(f);
	for (size_t i = 0; i < f->pair_n; i++) {
		if (has_newer(f, i)) {
			import_find_skip(f, f->pair[i].from,
					 mem_fmt(&f->mem,
						 "a newer one of %s lies "
						 "beside it",
						 f->pair[i].name));
			continue;
		}
		if (take_pair(f, &f->pair[i], dry_run, out, e))
			return -1;
	}
	return 0;
}

/* An RSA half that the configuration does not want is served and not renewed. */
static void warn_half(const struct import_find *f, const struct import_pair *p)
{
	if (str_ends(str_of(p->name), "_rsa") &&
	    settings_of(f->conf, p->domain)->key_types != 2)
		tell(f->tell, TELL_STEP, p->name,
		     "write acme.key_type: [ecdsa-p256, rsa-2048] to have it "
		     "renewed beside %s",
		     p->domain);
}

/* Two clients that renew one certificate burn its rate limit. */
static void warn(const struct import_find *f)
{
	for (size_t i = 0; i < f->pair_n; i++)
		warn_half(f, &f->pair[i]);
	if (f->acmesh)
		tell(f->tell, TELL_STEP, f->root,
		     "acme.sh goes on renewing: 'acme.sh --uninstall-cronjob' "
		     "stops it");
	if (f->certbot)
		tell(f->tell, TELL_STEP, f->root,
		     "certbot goes on renewing: 'systemctl disable --now "
		     "certbot.timer' stops it");
	if (f->lego)
		tell(f->tell, TELL_STEP, f->root,
		     "take lego out of your crontab, or both renew");
}

int import_run(const struct conf *c, const char *from, bool dry_run,
	       struct tell *t, struct import_count *out, struct err *e)
{
	AUTO(import_find) struct import_find f = {
		.conf = c, .tell = t, .root = from, .now = clock_now()
	};
	const unsigned before = out->certificates;
	int rc;

	if (!fs_is_dir(from))
		return err_set(e, ERR_MISSING, "%s is no folder", from);
	know_servers(&f);
	import_find_acmesh(&f);
	import_find_certbot(&f);
	import_find_lego(&f);
	if (!f.acmesh && !f.certbot && !f.lego)
		return err_set(e, ERR_MISSING,
			       "%s holds nothing of acme.sh (account.conf, "
			       "ca/), certbot (live/, accounts/) or lego "
			       "(certificates/, accounts/): give the folder "
			       "those lie in, such as ~/.acme.sh, "
			       "/etc/letsencrypt or .lego",
			       from);
	rc = take_accounts(&f, dry_run, out, e) ||
	     take_pairs(&f, dry_run, out, e);
	out->skipped += f.skipped;
	if (!rc && out->certificates > before && !dry_run)
		warn(&f);
	return rc ? -1 : 0;
}
