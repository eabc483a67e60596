/* acme-dns (https://github.com/joohoi/acme-dns): a name server for challenges
 * alone. Each domain has an account there and leads to it by a CNAME that is
 * published once; an account shows the two newest values, so that the apex's
 * and the wildcard's stand together and nothing needs to be taken away. The
 * accounts stand in a file as lego's client keeps it. */
#include <string.h>

#include "base/fs.h"
#include "base/log.h"
#include "providers/bridge.h"
#include "providers/table.h"

enum field { BASE, STORAGE, ALLOW, USER, PASSWORD, SUBDOMAIN, CA };
static const struct dns_field fields[] = {
	[BASE] = { "ACME_DNS_API_BASE ACMEDNS_BASE_URL",
		   "URL of the acme-dns server", false, true,
		   "https://auth.acme-dns.io" },
	[STORAGE] = { "ACME_DNS_STORAGE_PATH",
		      "JSON file of the accounts, one a domain; the "
		      "configuration's acmedns.json otherwise",
		      false, false, NULL },
	[ALLOW] = { "ACME_DNS_ALLOWLIST",
		    "networks that may use a new account, with commas between",
		    false, false, NULL },
	[USER] = { "ACMEDNS_USERNAME",
		   "of an account that you have, in place of the file", false,
		   false, NULL },
	[PASSWORD] = { "ACMEDNS_PASSWORD", "its password", true, false, NULL },
	[SUBDOMAIN] = { "ACMEDNS_SUBDOMAIN", "its subdomain", false, false,
			NULL },
	[CA] = { "LEGO_CA_CERTIFICATES",
		 "PEM file of a CA that is trusted besides the system's", false,
		 false, NULL },
};
enum { FILE_MAX = 1 << 20, LOCK_MS = 30000, KEPT = 2 };
static const char challenge[] = "_acme-challenge.";

struct state {
	const char *base, *path;
};
struct account {
	const char *full, *sub, *user, *password; /* full NULL: not known */
};

static int acmedns_open(struct dns *d, struct err *e)
{
	struct state *s = MEM_NEW(&d->mem, struct state);
	const char **v = d->values, *path = v[STORAGE];
	struct str base = str_of(v[BASE]);
	const int given = !!v[USER] + !!v[PASSWORD] + !!v[SUBDOMAIN];
	d->state = s;
	if (!str_starts_i(base, "https://") && !str_starts_i(base, "http://"))
		return err_set(e, ERR_CONF,
			       "acmedns: ACME_DNS_API_BASE is \"%s\": it is a "
			       "URL such as https://auth.acme-dns.io",
			       v[BASE]);
	if (given != 0 && given != 3)
		return err_set(e, ERR_AUTH,
			       "acmedns: ACMEDNS_USERNAME, ACMEDNS_PASSWORD "
			       "and ACMEDNS_SUBDOMAIN go together, and %d of "
			       "them %s set",
			       given, given == 1 ? "is" : "are");
	while (str_ends(base, "/"))
		base.n--;
	s->base = mem_dup(&d->mem, base.at, base.n);
	s->path = mem_fmt(&d->mem, "%s%s%s",
			  path && *path == '/' ? "" : d->conf->dir,
			  path && *path == '/' ? "" : "/",
			  path ? path : "acmedns.json");
	return 0;
}

static int read_all(struct dns *d, json_t **all, struct err *e)
{
	const struct state *s = d->state;
	AUTO(secret) struct buf b = { .max = FILE_MAX };
	json_error_t why;
	if (!fs_exists(s->path)) {
		*all = json_object();
		return 0;
	}
	if (fs_check_safe(s->path, e) < 0 || fs_read(s->path, &b, e) < 0)
		return err_at(e, "acmedns");
	*all = json_loadb(buf_c(&b), b.n, JSON_REJECT_DUPLICATES, &why);
	if (json_is_object(*all))
		return 0;
	json_decref(*all);
	*all = NULL;
	return err_set(e, ERR_CONF,
		       "acmedns: %s:%d: it is no JSON map of accounts", s->path,
		       why.line > 0 ? why.line : 1);
}

/* Texts in d->mem; -1 when one of them is missing or no text. */
static int account_of(struct dns *d, const json_t *j, struct account *a)
{
	const char **const to[] = { &a->full, &a->sub, &a->user, &a->password };
	static const char *const key[] = { "fulldomain", "subdomain",
					   "username", "password" };
	for (size_t i = 0; i < 4; i++) {
		const char *text =
			json_string_value(json_object_get(j, key[i]));
		if (!text || !*text || !str_is_print(str_of(text)))
			return -1;
		*to[i] = mem_str(&d->mem, text);
	}
	log_hide(str_of(a->password));
	return 0;
}

/* The account that the name leads to, or the one that is kept for its domain:
 * the same password opens no other. */
static int find(struct dns *d, const json_t *all, const char *name,
		struct account *a, struct err *e)
{
	const struct state *s = d->state;
	const char *domain;
	json_t *j;
	json_object_foreach((json_t *)(uintptr_t)all, domain, j)
	{
		struct account x = { 0 };
		if (account_of(d, j, &x) < 0)
			return err_set(e, ERR_CONF,
				       "acmedns: %s: the account of %s lacks "
				       "its fulldomain, subdomain, username or "
				       "password",
				       s->path, domain);
		if (!str_eqi(str_of(name), x.full) &&
		    (!str_starts(str_of(name), challenge) ||
		     !str_eqi(str_of(domain), name + sizeof(challenge) - 1)))
			continue;
		*a = x;
		return 0;
	}
	return 0;
}

static json_t *allowed(const struct dns *d)
{
	json_t *o = json_object(), *list;
	struct str rest = str_of(d->values[ALLOW]), word;
	if (rest.n == 0)
		return o;
	list = json_array();
	while (str_cut(&rest, ',', &word)) {
		word = str_trim(word);
		json_array_append_new(list, json_stringn(word.at, word.n));
	}
	json_object_set_new(o, "allowfrom", list);
	return o;
}

/* A new account, on disk before anybody relies on it. */
static int make(struct dns *d, json_t *all, const char *domain,
		struct account *a, struct err *e)
{
	const struct state *s = d->state;
	AUTO(json) json_t *body = allowed(d), *reply = NULL;
	const struct bridge_post q = {
		.url = mem_fmt(&d->mem, "%s/register", s->base),
		.ca_file = d->values[CA],
		.body = body,
	};
	if (bridge_post(d, &q, &reply, e) < 0)
		return -1;
	if (account_of(d, reply, a) < 0)
		return err_set(e, ERR_PERM,
			       "acmedns: POST %s answers with no account",
			       q.url);
	json_object_set_new(reply, "server_url", json_string(s->base));
	json_object_set(all, domain, reply);
	char *text = json_dumps(all, JSON_INDENT(2));
	const int status = fs_write(s->path, str_of(text), 0600, e);
	if (text)
		mem_wipe(text, strlen(text));
	free(text);
	return status;
}

static int publish_first(const char *name, const char *target, bool made,
			 struct err *e)
{
	return err_set(e, ERR_CONF,
		       "%s: publish this record once, in the zone of %s, and "
		       "run the same command again:\n%s. 300 IN CNAME %s.",
		       made ? "acmedns: an account was made" :
			      "acmedns: the name does not lead to its account",
		       name + sizeof(challenge) - 1, name, target);
}

/* The account of a name that is already there. A challenge's own name means
 * that its CNAME is not published, and then nothing can be shown. */
static int account_for(struct dns *d, const char *name, struct account *a,
		       struct err *e)
{
	const struct state *s = d->state;
	AUTO(json) json_t *all = NULL;
	AUTO(fd) int lock = -1;
	const char **v = d->values;
	bool made = false;
	if (v[USER]) {
		const char *host = strstr(s->base, "//") + 2;
		*a = (struct account){ .sub = v[SUBDOMAIN],
				       .user = v[USER],
				       .password = v[PASSWORD] };
		if (str_starts(str_of(name), mem_fmt(&d->mem, "%s.", a->sub)))
			return 0;
		a->full = mem_fmt(&d->mem, "%s.%.*s", a->sub,
				  (int)strcspn(host, ":/"), host);
	} else if (fs_lock(mem_fmt(&d->mem, "%s.lock", s->path), LOCK_MS, &lock,
			   e) < 0 ||
		   read_all(d, &all, e) < 0 || find(d, all, name, a, e) < 0) {
		return -1;
	}
	if (a->full && str_eqi(str_of(name), a->full))
		return 0;
	if (!str_starts(str_of(name), challenge))
		return err_set(e, ERR_CONF,
			       "acmedns: %s is the name of no account in %s: "
			       "let _acme-challenge lead to one of them, or "
			       "take its CNAME away and run this again",
			       name, v[USER] ? "ACMEDNS_SUBDOMAIN" : s->path);
	if (!a->full) {
		made = true;
		if (make(d, all, name + sizeof(challenge) - 1, a, e) < 0)
			return -1;
	}
	return publish_first(name, a->full, made, e);
}

static int update(struct dns *d, const struct account *a,
		  const struct record *r, struct err *e)
{
	const struct state *s = d->state;
	AUTO(json) json_t *body = json_pack("{s:s, s:s%}", "subdomain", a->sub,
					    "txt", r->value.at, r->value.n);
	AUTO(json) json_t *reply = NULL;
	const struct http_header h[] = { { "X-Api-User", a->user },
					 { "X-Api-Key", a->password } };
	const struct bridge_post q = {
		.url = mem_fmt(&d->mem, "%s/update", s->base),
		.ca_file = d->values[CA],
		.headers = h,
		.headers_n = 2,
		.body = body,
	};
	if (bridge_post(d, &q, &reply, e) < 0)
		return -1;
	const char *txt = json_string_value(json_object_get(reply, "txt"));
	return txt && str_eq(r->value, txt) ?
		       0 :
		       err_set(e, ERR_PERM,
			       "acmedns: POST %s does not confirm the value",
			       q.url);
}

static int acmedns_apply(struct dns *d, const char *zone,
			 const struct change *c, struct err *e)
{
	struct account a = { 0 };
	(void)zone;
	if (c->type != DNS_TXT)
		return err_set(e, ERR_PERM, "acmedns carries TXT values only");
	if (c->add.n == 0)
		return 0; /* what goes is pushed out by what comes */
	if (c->add.n > KEPT)
		return err_set(e, ERR_PERM,
			       "acmedns: an account shows %d values, and %zu "
			       "are wanted at %s: give each domain an account "
			       "of its own",
			       KEPT, c->add.n, c->name);
	if (account_for(d, c->name, &a, e) < 0)
		return -1;
	for (size_t i = 0; i < c->add.n; i++)
		if (update(d, &a, &c->add.at[i], e) < 0)
			return -1;
	return 0;
}

const struct provider acmedns_provider = {
	.name = "acmedns",
	.aliases = "acme-dns joohoi",
	.about = "acme-dns: a CNAME once, then a server for challenges alone",
	.url = "https://github.com/joohoi/acme-dns#api",
	.proof = "unproven",
	.types = "TXT",
	.fields = fields,
	.fields_n = sizeof(fields) / sizeof(fields[0]),
	.open = acmedns_open,
	.find_zone = bridge_find_zone,
	.apply = acmedns_apply,
};
