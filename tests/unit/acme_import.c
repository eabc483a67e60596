/* Layouts as the clients' own sources write them, with fresh keys. */
#include "test.h"

#include <openssl/core_names.h>
#include <unistd.h>

#include "acme/account.h"
#include "acme/import.h"
#include "base/b64.h"
#include "base/clock.h"
#include "certs.h"
#include "home.h"

#define LE "https://acme-v02.api.letsencrypt.org/directory"
#define LE_HOST "acme-v02.api.letsencrypt.org"

/* What was told, for looking into. */
struct ear {
	struct tell tell;
	struct buf text;
};

static void hear(struct tell *t, enum tell_kind kind, const char *who,
		 const char *text)
{
	struct ear *ear = (struct ear *)(void *)t;

	(void)kind;
	buf_fmt(&ear->text, "%s|%s\n", who, text);
}

struct fixture {
	struct home *home;
	struct conf conf;
	const char *from;
	struct ear ear;
	struct import_count count;
	time_t now;
};

static void set_up(struct fixture *f, void **state)
{
	static const char *server[] = { "letsencrypt",
					"https://localhost:14000/dir" };

	*f = (struct fixture){ .home = *state, .ear.tell.show = hear };
	f->conf.dir = home_path(f->home, "conf");
	f->conf.acme.server = (struct conf_list){ server, 2, 2 };
	f->conf.acme.key_types = 1;
	f->from = home_path(f->home, "from");
	f->now = clock_now();
}

static void tear_down(struct fixture *f)
{
	buf_free(&f->ear.text);
	mem_free(&f->conf.mem);
}

static void put(struct fixture *f, const char *name, const char *text)
{
	const char *path = mem_fmt(&f->home->mem, "%s/%s", f->from, name);
	const char *slash = strrchr(path, '/');
	struct err e = { 0 };

	assert_int_equal(
		fs_mkdir(mem_dup(&f->home->mem, path, (size_t)(slash - path)),
			 0700, &e),
		0);
	assert_int_equal(fs_write(path, str_of(text), 0600, &e), 0);
}

static struct key *made(enum key_type t)
{
	struct key *k = NULL;
	struct err e = { 0 };

	assert_int_equal(key_make(t, &k, &e), 0);
	return k;
}

static const char *key_text(struct fixture *f, const struct key *k)
{
	AUTO(secret) struct buf pem = { 0 };
	struct err e = { 0 };

	assert_int_equal(key_write(k, &pem, &e), 0);
	return mem_str(&f->home->mem, buf_c(&pem));
}

/* A certificate of `name` and "*.name" that began `age` seconds ago. */
static const char *chain_text(struct fixture *f, const struct key *k,
			      const char *name, time_t age)
{
	const char *names[] = { name, mem_fmt(&f->home->mem, "*.%s", name) };
	const struct test_leaf want = { k, names, 2, f->now - age,
					f->now - age + 90 * 86400 };

	return test_chain(&want, &f->home->mem).at;
}

static int run_import(struct fixture *f, bool dry_run)
{
	struct err e = { 0 };
	int rc;

	buf_clear(&f->ear.text);
	f->count = (struct import_count){ 0 };
	rc = import_run(&f->conf, f->from, dry_run, &f->ear.tell, &f->count,
			&e);
	if (rc)
		buf_str(&f->ear.text, e.msg);
	return rc;
}

static void assert_counts(struct fixture *f, unsigned accounts,
			  unsigned certificates, unsigned skipped)
{
	if (f->count.accounts != accounts ||
	    f->count.certificates != certificates ||
	    f->count.skipped != skipped)
		fail_msg("%u accounts, %u certificates, %u skipped:\n%s",
			 f->count.accounts, f->count.certificates,
			 f->count.skipped, buf_c(&f->ear.text));
}

static bool told(struct fixture *f, const char *text)
{
	return str_find(buf_get(&f->ear.text), text);
}

static void assert_live(struct fixture *f, const char *name,
			const struct key *want, const char *server,
			const char *account)
{
	AUTO(key) struct key *k = NULL;
	AUTO(store_state) struct store_state s = { 0 };
	struct store_live live;
	struct err e = { 0 };

	assert_int_equal(store_live_key(f->conf.dir, name, &k, &e), 0);
	assert_true(key_same(k, want));
	assert_int_equal(store_read_live(f->conf.dir, name, &f->home->mem,
					 &live, &e),
			 0);
	assert_int_equal(live.chain.n, 2);
	assert_int_equal(store_state_read(f->conf.dir, name, &s, &e), 0);
	assert_string_equal(s.stamp, live.stamp);
	assert_int_equal(s.names_n, 2);
	if (server)
		assert_string_equal(s.server, server);
	else
		assert_null(s.server);
	if (account)
		assert_string_equal(s.account, account);
	assert_null(s.reloaded);
}

static void assert_account(struct fixture *f, const char *server,
			   const struct key *want, const char *url)
{
	AUTO(account) struct account x = { 0 };
	struct err e = { 0 };

	if (account_load(f->conf.dir, server, &f->home->mem, &x, &e))
		fail_msg("%s", e.msg);
	assert_true(key_same(x.key, want));
	if (url)
		assert_string_equal(x.url, url);
	else
		assert_null(x.url);
}

static void put_acmesh(struct fixture *f, const struct key *account,
		       const struct key *ec, const struct key *rsa)
{
	put(f, "account.conf", "LOG_FILE=\"/x\"\nUPGRADE_HASH='abc'\n");
	put(f, "ca/" LE_HOST "/directory/account.key", key_text(f, account));
	put(f, "ca/" LE_HOST "/directory/account.json",
	    "{\"status\":\"valid\"}");
	put(f, "ca/" LE_HOST "/directory/ca.conf",
	    "ACCOUNT_URL='https://ca.test/acct/7'\nCA_KEY_HASH='x'\n");
	put(f, "example.org_ecc/example.org.key", key_text(f, ec));
	put(f, "example.org_ecc/fullchain.cer",
	    chain_text(f, ec, "example.org", 1000));
	put(f, "example.org_ecc/example.org.conf",
	    "Le_Domain='example.org'\nLe_Alt='*.example.org'\n"
	    "Le_Webroot='dns_ali'\nLe_API='" LE "'\n");
	put(f, "example.org/example.org.key", key_text(f, rsa));
	put(f, "example.org/fullchain.cer",
	    chain_text(f, rsa, "example.org", 1000));
	put(f, "example.org/example.org.conf", "Le_API='" LE "'\n");
	put(f, "dnsapi/dns_ali.sh", "#!/bin/sh\n");
}

static void acmesh_is_taken(void **state)
{
	struct fixture f;
	AUTO(key) struct key *account = made(KEY_P256);
	AUTO(key) struct key *ec = made(KEY_P256);
	AUTO(key) struct key *rsa = made(KEY_RSA2048);

	set_up(&f, state);
	put_acmesh(&f, account, ec, rsa);
	assert_int_equal(run_import(&f, false), 0);
	assert_counts(&f, 1, 2, 0);
	assert_account(&f, LE, account, "https://ca.test/acct/7");
	assert_live(&f, "example.org", ec, LE, "https://ca.test/acct/7");
	assert_live(&f, "example.org_rsa", rsa, LE, NULL);
	assert_true(told(&f, "uninstall-cronjob"));
	assert_true(told(&f, "example.org_rsa|write acme.key_type"));
	assert_false(told(&f, "certbot"));
	/* again: all is here, nothing is taken twice */
	assert_int_equal(run_import(&f, false), 0);
	assert_counts(&f, 0, 0, 3);
	assert_true(told(&f, "it is here already"));
	assert_true(told(&f, "there is an account"));
	tear_down(&f);
}

static void a_dry_run_writes_nothing(void **state)
{
	struct fixture f;
	AUTO(key) struct key *account = made(KEY_P256);
	AUTO(key) struct key *ec = made(KEY_P256);
	AUTO(key) struct key *rsa = made(KEY_RSA2048);

	set_up(&f, state);
	put_acmesh(&f, account, ec, rsa);
	assert_int_equal(run_import(&f, true), 0);
	assert_counts(&f, 1, 2, 0);
	assert_true(told(&f, "would take"));
	assert_false(fs_exists(f.conf.dir));
	tear_down(&f);
}

/* acme.sh drops the port from its folder: Le_API or the configuration knows. */
static void acmesh_servers_are_recovered(void **state)
{
	static const struct {
		const char *folder, *le_api, *server;
	} cases[] = {
		{ "ca/localhost/dir", NULL, "https://localhost:14000/dir" },
		{ "ca/ca.test/acme/dir", "https://ca.test:9000/acme/dir",
		  "https://ca.test:9000/acme/dir" },
		{ "ca/ca.test/acme/dir", NULL, "https://ca.test/acme/dir" },
		{ "ca/acme.zerossl.com/v2/DV90", NULL,
		  "https://acme.zerossl.com/v2/DV90" },
		{ "ca/" LE_HOST, NULL, LE },
		{ "ca/nobody.test", NULL, NULL },
	};
	AUTO(key) struct key *account = made(KEY_P256);
	AUTO(key) struct key *ec = made(KEY_P256);

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct fixture f;
		struct err e = { 0 };

		set_up(&f, state);
		assert_int_equal(fs_remove_tree(f.from, &e), 0);
		assert_int_equal(fs_remove_tree(f.conf.dir, &e), 0);
		put(&f,
		    mem_fmt(&f.home->mem, "%s/account.key", cases[i].folder),
		    key_text(&f, account));
		put(&f, "ca/x/deactivated/account.key", "nothing");
		if (cases[i].le_api) {
			put(&f, "a.org_ecc/a.org.key", key_text(&f, ec));
			put(&f, "a.org_ecc/fullchain.cer",
			    chain_text(&f, ec, "a.org", 9));
			put(&f, "a.org_ecc/a.org.conf",
			    mem_fmt(&f.home->mem, "Le_API='%s'\n",
				    cases[i].le_api));
		}
		assert_int_equal(run_import(&f, false), 0);
		if (cases[i].server)
			assert_account(&f, cases[i].server, account, NULL);
		else
			assert_true(told(&f, "its CA is unknown"));
		tear_down(&f);
	}
}

/* acme.sh can keep certificates and accounts elsewhere. */
static void acmesh_homes_are_followed(void **state)
{
	struct fixture f;
	AUTO(key) struct key *account = made(KEY_P256);
	AUTO(key) struct key *ec = made(KEY_P256);

	set_up(&f, state);
	put(&f, "account.conf",
	    mem_fmt(&f.home->mem, "CERT_HOME='%s/certs'\nCA_HOME='%s/cas'\n",
		    f.from, f.from));
	put(&f, "cas/" LE_HOST "/directory/account.key", key_text(&f, account));
	put(&f, "certs/*.a.org_ecc/*.a.org.key", key_text(&f, ec));
	put(&f, "certs/*.a.org_ecc/fullchain.cer",
	    chain_text(&f, ec, "a.org", 9));
	put(&f, "certs/*.a.org_ecc/*.a.org.conf", "Le_API='" LE "'\n");
	assert_int_equal(run_import(&f, false), 0);
	assert_counts(&f, 1, 1, 0);
	assert_account(&f, LE, account, NULL);
	assert_live(&f, "a.org", ec, LE, NULL);
	tear_down(&f);
}

/* A private RSA JWK, as certbot writes private_key.json. */
static const char *jwk_text(struct fixture *f, const struct key *k)
{
	static const struct {
		const char *member, *param;
	} parts[] = {
		{ "n", OSSL_PKEY_PARAM_RSA_N },
		{ "e", OSSL_PKEY_PARAM_RSA_E },
		{ "d", OSSL_PKEY_PARAM_RSA_D },
		{ "p", OSSL_PKEY_PARAM_RSA_FACTOR1 },
		{ "q", OSSL_PKEY_PARAM_RSA_FACTOR2 },
		{ "dp", OSSL_PKEY_PARAM_RSA_EXPONENT1 },
		{ "dq", OSSL_PKEY_PARAM_RSA_EXPONENT2 },
		{ "qi", OSSL_PKEY_PARAM_RSA_COEFFICIENT1 },
	};
	AUTO(buf) struct buf out = { 0 };
	EVP_PKEY *pkey = test_pkey(k);

	buf_str(&out, "{\"kty\": \"RSA\"");
	for (size_t i = 0; i < COUNT(parts); i++) {
		unsigned char bytes[1024];
		BIGNUM *n = NULL;
		int len;

		assert_int_equal(
			EVP_PKEY_get_bn_param(pkey, parts[i].param, &n), 1);
		len = BN_bn2bin(n, bytes);
		BN_free(n);
		buf_fmt(&out, ", \"%s\": \"", parts[i].member);
		b64url_add(&out,
			   (struct str){ (const char *)bytes, (size_t)len });
		buf_char(&out, '"');
	}
	buf_char(&out, '}');
	EVP_PKEY_free(pkey);
	return mem_str(&f->home->mem, buf_c(&out));
}

static void put_certbot(struct fixture *f, const char *name,
			const struct key *k, time_t age)
{
	static const char *const files[] = { "privkey", "fullchain" };
	const char *texts[] = { key_text(f, k),
				chain_text(f, k, "example.org", age) };

	for (size_t i = 0; i < 2; i++) {
		struct err e = { 0 };
		const char *link = mem_fmt(&f->home->mem, "%s/live/%s/%s.pem",
					   f->from, name, files[i]);

		put(f,
		    mem_fmt(&f->home->mem, "archive/%s/%s3.pem", name,
			    files[i]),
		    texts[i]);
		put(f, mem_fmt(&f->home->mem, "live/%s/README", name), "x");
		assert_int_equal(fs_point(link,
					  mem_fmt(&f->home->mem,
						  "../../archive/%s/%s3.pem",
						  name, files[i]),
					  &e),
				 0);
	}
	put(f, mem_fmt(&f->home->mem, "renewal/%s.conf", name),
	    "version = 2.1.0\narchive_dir = /x\n[renewalparams]\n"
	    "account = 0123\nserver = https://localhost:14000/dir\n");
}

static void certbot_is_taken(void **state)
{
	struct fixture f;
	AUTO(key) struct key *account = made(KEY_RSA2048);
	AUTO(key) struct key *old = made(KEY_P256);
	AUTO(key) struct key *ec = made(KEY_P256);
	AUTO(key) struct key *rsa = made(KEY_RSA2048);

	set_up(&f, state);
	put(&f, "live/README", "x");
	put(&f, "accounts/localhost:14000/dir/0123/private_key.json",
	    jwk_text(&f, account));
	put(&f, "accounts/localhost:14000/dir/0123/regr.json",
	    "{\"body\": {}, \"uri\": \"https://localhost:14000/my/9\"}");
	put(&f, "accounts/localhost:14000/dir/0123/meta.json", "{}");
	put_certbot(&f, "example.org", old, 9000);
	put_certbot(&f, "example.org-0001", ec, 1000);
	put_certbot(&f, "example.org-0002", rsa, 2000);
	assert_int_equal(run_import(&f, false), 0);
	assert_counts(&f, 1, 2, 1);
	assert_true(told(&f, "a newer one of example.org lies beside it"));
	assert_account(&f, "https://localhost:14000/dir", account,
		       "https://localhost:14000/my/9");
	assert_live(&f, "example.org", ec, "https://localhost:14000/dir",
		    "https://localhost:14000/my/9");
	assert_live(&f, "example.org_rsa", rsa, "https://localhost:14000/dir",
		    NULL);
	assert_true(told(&f, "certbot.timer"));
	tear_down(&f);
}

static void put_lego_pair(struct fixture *f, const char *name,
			  const char *domain, const struct key *k)
{
	struct mem *m = &f->home->mem;
	const char *chain = chain_text(f, k, domain, 50);
	const char *second = strstr(chain + 1, "-----BEGIN");

	/* without --bundle the issuer is in a file of its own */
	put(f, mem_fmt(m, "certificates/%s.crt", name),
	    mem_dup(m, chain, (size_t)(second - chain)));
	put(f, mem_fmt(m, "certificates/%s.issuer.crt", name), second);
	put(f, mem_fmt(m, "certificates/%s.key", name), key_text(f, k));
	put(f, mem_fmt(m, "certificates/%s.json", name),
	    "{\"domain\":\"x\",\"certUrl\":"
	    "\"https://localhost:14000/certZ/1\"}");
}

static void lego_is_taken(void **state)
{
	struct fixture f;
	AUTO(key) struct key *four = made(KEY_P384);
	AUTO(key) struct key *five = made(KEY_P256);
	AUTO(key) struct key *leaf = made(KEY_P256);
	AUTO(key) struct key *rsa = made(KEY_RSA2048);

	set_up(&f, state);
	put(&f, "accounts/localhost_14000/a@b.org/account.json",
	    "{\"email\":\"a@b.org\",\"registration\":{\"body\":{\"status\":"
	    "\"valid\"},\"uri\":\"https://localhost:14000/acct/4\"}}");
	put(&f, "accounts/localhost_14000/a@b.org/keys/a@b.org.key",
	    key_text(&f, four));
	put(&f, "accounts/ca.test/a@b.org/account.json",
	    "{\"id\":\"a@b.org\",\"server\":\"https://ca.test/five\","
	    "\"registration\":{\"accountURL\":\"https://ca.test/acct/5\"}}");
	put(&f, "accounts/ca.test/a@b.org/a@b.org.key", key_text(&f, five));
	put(&f, "accounts/nobody.test/a@b.org/account.json", "{}");
	put(&f, "accounts/nobody.test/a@b.org/keys/a@b.org.key",
	    key_text(&f, five));
	put_lego_pair(&f, "_.a.org", "a.org", leaf);
	put_lego_pair(&f, "b.org", "b.org", rsa);
	assert_int_equal(run_import(&f, false), 0);
	assert_counts(&f, 2, 2, 1);
	assert_account(&f, "https://localhost:14000/dir", four,
		       "https://localhost:14000/acct/4");
	assert_account(&f, "https://ca.test/five", five,
		       "https://ca.test/acct/5");
	assert_live(&f, "a.org", leaf, "https://localhost:14000/dir",
		    "https://localhost:14000/acct/4");
	/* RSA alone is no half of a pair */
	assert_live(&f, "b.org", rsa, "https://localhost:14000/dir", NULL);
	tear_down(&f);
}

static void a_configured_pair_gives_the_half_its_name(void **state)
{
	struct fixture f;
	AUTO(key) struct key *rsa = made(KEY_RSA2048);
	struct conf_domain domain = { .name = "b.org", .acme.key_types = 2 };

	set_up(&f, state);
	f.conf.domains = &domain;
	f.conf.domains_n = 1;
	put_lego_pair(&f, "b.org", "b.org", rsa);
	assert_int_equal(run_import(&f, false), 0);
	assert_counts(&f, 0, 1, 0);
	assert_live(&f, "b.org_rsa", rsa, "https://localhost:14000/dir", NULL);
	tear_down(&f);
}

static void what_is_newer_here_stays(void **state)
{
	struct fixture f;
	AUTO(key) struct key *older = made(KEY_P256);
	AUTO(key) struct key *newer = made(KEY_P256);

	set_up(&f, state);
	put_certbot(&f, "example.org", newer, 100);
	assert_int_equal(run_import(&f, false), 0);
	assert_counts(&f, 0, 1, 0);
	put_certbot(&f, "example.org", older, 5000);
	assert_int_equal(run_import(&f, false), 0);
	assert_counts(&f, 0, 0, 1);
	assert_true(told(&f, "the one here is newer"));
	assert_live(&f, "example.org", newer, "https://localhost:14000/dir",
		    NULL);
	tear_down(&f);
}

static void unfit_ones_are_told_and_left(void **state)
{
	struct fixture f;
	AUTO(key) struct key *a = made(KEY_P256);
	AUTO(key) struct key *b = made(KEY_P256);
	struct err e = { 0 };

	set_up(&f, state);
	/* a foreign key */
	put(&f, "live/a.org/privkey.pem", key_text(&f, a));
	put(&f, "live/a.org/fullchain.pem", chain_text(&f, b, "a.org", 9));
	/* expired */
	put(&f, "live/b.org/privkey.pem", key_text(&f, a));
	put(&f, "live/b.org/fullchain.pem",
	    chain_text(&f, a, "b.org", 91 * 86400));
	/* no certificate at all */
	put(&f, "live/c.org/privkey.pem", key_text(&f, a));
	put(&f, "live/c.org/fullchain.pem", "-----BEGIN NOTHING-----\n");
	/* a key that is none, a chain that is absent, a pipe */
	put(&f, "live/d.org/privkey.pem", "x");
	put(&f, "live/d.org/fullchain.pem", chain_text(&f, a, "d.org", 9));
	put(&f, "live/e.org/privkey.pem", key_text(&f, a));
	put(&f, "live/f.org/x", "x");
	assert_int_equal(mkfifo(mem_fmt(&f.home->mem,
					"%s/live/f.org/privkey.pem", f.from),
				0600),
			 0);
	put(&f, "live/f.org/fullchain.pem", chain_text(&f, a, "f.org", 9));
	put(&f, "accounts/ca.test/dir/1/private_key.json", "{\"kty\":1}");
	put(&f, "accounts/private_key.json", "{}");
	assert_int_equal(run_import(&f, false), 0);
	assert_counts(&f, 0, 0, 8);
	assert_true(told(&f, "another key"));
	assert_true(told(&f, "expired"));
	assert_false(
		fs_exists(mem_fmt(&f.home->mem, "%s/acme/live", f.conf.dir)));
	/* a folder that links to itself is left after a while */
	assert_int_equal(
		fs_point(mem_fmt(&f.home->mem, "%s/accounts/loop", f.from), ".",
			 &e),
		0);
	assert_int_equal(run_import(&f, true), 0);
	tear_down(&f);
}

static void nothing_there_is_said(void **state)
{
	struct fixture f;

	set_up(&f, state);
	assert_int_equal(run_import(&f, false), -1);
	assert_true(told(&f, "is no folder"));
	put(&f, "some/file", "x");
	assert_int_equal(run_import(&f, false), -1);
	assert_true(told(&f, "/etc/letsencrypt"));
	tear_down(&f);
}

#define HOME(f) cmocka_unit_test_setup_teardown(f, home_make, home_drop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOME(acmesh_is_taken),
		HOME(a_dry_run_writes_nothing),
		HOME(acmesh_servers_are_recovered),
		HOME(acmesh_homes_are_followed),
		HOME(certbot_is_taken),
		HOME(lego_is_taken),
		HOME(a_configured_pair_gives_the_half_its_name),
		HOME(what_is_newer_here_stays),
		HOME(unfit_ones_are_told_and_left),
		HOME(nothing_there_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
