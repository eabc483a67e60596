#include <sys/stat.h>

#include "acme/account.h"
#include "base/fs.h"

#include "tests/unit/acme_fake.h"

#define HEAD_NONCE                               \
	{                                        \
		"HEAD /new-nonce", 200, "", NULL \
	}
#define NEW_ACCOUNT(status, body, headers)                 \
	{                                                  \
		"POST /new-account", status, body, headers \
	}
#define PLACE "Location: " CA "/account/7"
#define BODY "{\"status\":\"valid\"}"
#define DIR "acme/accounts/ca.test_dir"

/* A configuration folder and a CA of its own for each test. */
struct home {
	struct fake fake;
	struct conf conf;
	struct conf_acme wish;
	struct account account;
	char dir[64];
};

static void script(struct home *h, const struct fake_reply *script)
{
	h->fake.script = script;
	h->fake.at = 0;
	h->fake.posts = 0;
}

static void home_open(struct home *h, const struct fake_reply *script)
{
	*h = (struct home){ .dir = "/tmp/acme_account.XXXXXX" };
	assert_non_null(mkdtemp(h->dir));
	h->conf.dir = h->dir;
	h->conf.email = "ops@a.test";
	fake_open(&h->fake, script);
	h->fake.acme.key = NULL;
	h->fake.acme.kid = NULL;
}

static void home_close(struct home *h)
{
	struct err e = { 0 };

	account_free(&h->account);
	fake_close(&h->fake);
	assert_fine(fs_remove_tree(h->dir, &e));
}

static int open_account(struct home *h, struct err *e)
{
	account_free(&h->account);
	return account_open(&h->fake.acme, &h->conf, &h->wish, &h->account, e);
}

/* Text of a file of the account's folder; NULL when it is absent. */
static const char *file_of(struct home *h, const char *name)
{
	struct err e = { 0 };
	AUTO(buf) struct buf text = { 0 };
	const char *path = mem_fmt(&h->fake.mem, "%s/" DIR "/%s", h->dir, name);

	if (fs_read(path, &text, &e))
		return NULL;
	return mem_str(&h->fake.mem, buf_c(&text));
}

static void put_key(struct home *h, const char *name, const struct key *k)
{
	struct err e = { 0 };
	AUTO(buf) struct buf pem = { 0 };
	const char *path = mem_fmt(&h->fake.mem, "%s/" DIR "/%s", h->dir, name);

	assert_fine(key_write(k, &pem, &e));
	assert_fine(fs_write(path, buf_get(&pem), 0600, &e));
}

static void registers_once(void **state)
{
	struct home h;
	struct err e = { 0 };
	struct stat st;

	(void)state;
	home_open(&h, (struct fake_reply[]){ HEAD_NONCE,
					     NEW_ACCOUNT(201, BODY, PLACE),
					     { 0 } });
	assert_fine(open_account(&h, &e));
	assert_string_equal(h.fake.payload[0],
			    "{\"termsOfServiceAgreed\":true,"
			    "\"contact\":[\"mailto:ops@a.test\"]}");
	assert_non_null(strstr(h.fake.protected[0], "\"jwk\""));
	assert_string_equal(h.account.url, CA "/account/7");
	assert_string_equal(h.fake.acme.kid, CA "/account/7");
	assert_ptr_equal(h.fake.acme.key, h.account.key);
	assert_int_equal(key_kind(h.account.key), KEY_P256);
	assert_non_null(strstr(file_of(&h, "account.json"), CA "/account/7"));
	assert_int_equal(stat(mem_fmt(&h.fake.mem, "%s/" DIR "/key.pem", h.dir),
			      &st),
			 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	/* a second run asks nothing */
	script(&h, (struct fake_reply[]){ { 0 } });
	assert_fine(open_account(&h, &e));
	assert_string_equal(h.fake.acme.kid, CA "/account/7");
	assert_string_equal(h.account.email, "ops@a.test");
	home_close(&h);
}

static void needs_no_contact(void **state)
{
	struct home h;
	struct err e = { 0 };

	(void)state;
	home_open(&h, (struct fake_reply[]){ HEAD_NONCE,
					     NEW_ACCOUNT(201, BODY, PLACE),
					     { 0 } });
	h.conf.email = NULL;
	h.wish.account_key_type = KEY_P384;
	assert_fine(open_account(&h, &e));
	assert_int_equal(key_kind(h.account.key), KEY_P384);
	assert_string_equal(h.fake.payload[0],
			    "{\"termsOfServiceAgreed\":true}");
	home_close(&h);
}

/* The answer was lost or the machine died before it was kept. */
static void finds_an_account_by_its_key(void **state)
{
	struct home h;
	struct err e = { 0 };

	(void)state;
	home_open(&h, (struct fake_reply[]){ HEAD_NONCE,
					     NEW_ACCOUNT(FAKE_LOST, NULL, NULL),
					     HEAD_NONCE,
					     NEW_ACCOUNT(200, BODY, PLACE),
					     { 0 } });
	assert_fine(open_account(&h, &e));
	const char *key = file_of(&h, "key.pem");
	const char *path =
		mem_fmt(&h.fake.mem, "%s/" DIR "/account.json", h.dir);
	assert_fine(fs_write(path, STR_LIT("{\"url\":"), 0600, &e));
	script(&h,
	       (struct fake_reply[]){ NEW_ACCOUNT(200, BODY, PLACE), { 0 } });
	assert_fine(open_account(&h, &e));
	assert_string_equal(key, file_of(&h, "key.pem"));
	assert_string_equal(h.account.url, CA "/account/7");
	home_close(&h);
}

struct refusal {
	int status;
	const char *body, *headers;
	enum err_kind kind;
	const char *says;
};

static void says_why_it_cannot_register(void **state)
{
	static const struct refusal table[] = {
		{ 201, BODY, NULL, ERR_PERM,
		  "answered 201 without the account's URL" },
		{ 201, BODY, "Location: /account/7", ERR_PERM,
		  "without the account's URL" },
		{ 400, PROBLEM("invalidContact", "no such domain"), NULL,
		  ERR_PERM, "invalidContact: no such domain" },
		{ 403, PROBLEM("externalAccountRequired", "x"), NULL, ERR_AUTH,
		  "acme.eab.kid and acme.eab.hmac" },
		{ 403, PROBLEM("userActionRequired", "agree"),
		  "Link: <" CA "/terms2>; rel=\"terms-of-service\"", ERR_AUTH,
		  "the terms are at " CA "/terms2" },
		{ 403, PROBLEM("unauthorized", "deactivated"), NULL, ERR_AUTH,
		  "registering with the account key in /tmp/acme_account" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct home h;
		struct err e = { 0 };

		home_open(&h,
			  (struct fake_reply[]){ HEAD_NONCE,
						 NEW_ACCOUNT(table[i].status,
							     table[i].body,
							     table[i].headers),
						 { 0 } });
		assert_int_equal(open_account(&h, &e), -1);
		assert_int_equal(e.kind, table[i].kind);
		assert_says(e, table[i].says);
		assert_null(h.account.key);
		assert_null(h.fake.acme.key);
		assert_non_null(file_of(&h, "key.pem"));
		assert_null(file_of(&h, "account.json"));
		home_close(&h);
	}
}

struct binding {
	const char *kid, *hmac, *alg;
	const char *says;   /* NULL: it works */
	const char *header; /* of the inner JWS */
};

static void binds_to_an_external_account(void **state)
{
	static const struct binding table[] = {
		{ "kid-1", "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajV-_og", NULL, NULL,
		  "\"HS256\"" },
		{ "kid-1", " zWNDZM6eQGHWpSRTPal5eIUYFTu7EajV+/og\n", "HS384",
		  NULL, "\"HS384\"" },
		{ "kid-1", "YWI=", "hs512", NULL, "\"HS512\"" },
		{ "kid-1", "!!", NULL, "acme.eab.hmac is not", NULL },
		{ "kid-1", "", NULL, "acme.eab.hmac is not", NULL },
		{ "kid-1", "YWJj", "ES256", "none of HS256, HS384, HS512",
		  NULL },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		const struct binding *t = &table[i];
		struct home h;
		struct err e = { 0 };

		home_open(&h, t->says ? (struct fake_reply[]){ { 0 } } :
					(struct fake_reply[]){
						HEAD_NONCE,
						NEW_ACCOUNT(201, BODY, PLACE),
						{ 0 } });
		h.wish.eab_kid = t->kid;
		h.wish.eab_hmac = (struct secret){ .kind = SECRET_INLINE,
						   .text = t->hmac };
		h.wish.eab_alg = t->alg;
		assert_int_equal(open_account(&h, &e), t->says ? -1 : 0);
		if (t->says) {
			assert_int_equal(e.kind, ERR_CONF);
			assert_says(e, t->says);
		} else {
			AUTO(json) json_t *p =
				json_loads(h.fake.payload[0], 0, NULL);
			json_t *b =
				json_object_get(p, "externalAccountBinding");
			const char *inner = fake_part(&h.fake, b, "protected");
			assert_non_null(strstr(inner, t->header));
			assert_non_null(strstr(inner, "\"kid\":\"kid-1\""));
			assert_non_null(
				strstr(inner, "\"" CA "/new-account\""));
			assert_non_null(strstr(fake_part(&h.fake, b, "payload"),
					       "\"crv\":\"P-256\""));
		}
		home_close(&h);
	}
}

static void blames_the_binding(void **state)
{
	struct home h;
	struct err e = { 0 };

	(void)state;
	home_open(&h,
		  (struct fake_reply[]){
			  HEAD_NONCE,
			  NEW_ACCOUNT(400, PROBLEM("malformed", "MAC"), NULL),
			  { 0 } });
	h.wish.eab_kid = "kid-9";
	h.wish.eab_hmac =
		(struct secret){ .kind = SECRET_INLINE, .text = "YWJj" };
	assert_int_equal(open_account(&h, &e), -1);
	assert_int_equal(e.kind, ERR_AUTH);
	assert_says(e, "registering with acme.eab.kid \"kid-9\"");
	home_close(&h);
}

/* A key moved here from elsewhere needs no new binding. */
static void looks_for_a_bound_account(void **state)
{
	struct home h;
	struct err e = { 0 };

	(void)state;
	home_open(&h,
		  (struct fake_reply[]){
			  HEAD_NONCE,
			  NEW_ACCOUNT(400, PROBLEM("accountDoesNotExist", "x"),
				      NULL),
			  NEW_ACCOUNT(200, BODY, PLACE),
			  { 0 } });
	h.fake.acme.directory.eab_required = true;
	assert_int_equal(open_account(&h, &e), -1);
	assert_int_equal(e.kind, ERR_AUTH);
	assert_says(e, "takes only accounts bound to its customers");
	assert_fine(open_account(&h, &e));
	assert_non_null(
		strstr(h.fake.payload[1], "\"onlyReturnExisting\":true"));
	home_close(&h);
}

static void registers_again_when_forgotten(void **state)
{
	struct home h;
	struct err e = { 0 };

	(void)state;
	home_open(&h,
		  (struct fake_reply[]){
			  HEAD_NONCE,
			  NEW_ACCOUNT(201, BODY, PLACE),
			  NEW_ACCOUNT(201, BODY, "Location: " CA "/account/8"),
			  { 0 } });
	assert_fine(open_account(&h, &e));
	const char *key = file_of(&h, "key.pem");
	assert_fine(
		account_again(&h.fake.acme, &h.conf, &h.wish, &h.account, &e));
	assert_string_equal(h.fake.acme.kid, CA "/account/8");
	assert_string_equal(key, file_of(&h, "key.pem"));
	/* somebody else was quicker: their account is taken, unasked */
	h.account.url = CA "/account/7";
	assert_fine(
		account_again(&h.fake.acme, &h.conf, &h.wish, &h.account, &e));
	assert_string_equal(h.fake.acme.kid, CA "/account/8");
	home_close(&h);
}

#define ACCOUNT(status, body)                         \
	{                                             \
		"POST /account/7", status, body, NULL \
	}
#define CHANGE(status, body)                           \
	{                                              \
		"POST /key-change", status, body, NULL \
	}
#define REFUSED PROBLEM("unauthorized", "unknown key")

static void open_registered(struct home *h)
{
	static const struct fake_reply registration[] = {
		HEAD_NONCE,
		NEW_ACCOUNT(201, BODY, PLACE),
		{ 0 },
	};
	static const struct fake_reply nothing[] = { { 0 } };
	struct err e = { 0 };

	home_open(h, registration);
	assert_fine(open_account(h, &e));
	script(h, nothing);
}

static void follows_the_email(void **state)
{
	struct home h;
	struct err e = { 0 };

	(void)state;
	open_registered(&h);
	script(&h, (struct fake_reply[]){ ACCOUNT(200, BODY), { 0 } });
	h.conf.email = "new@a.test";
	assert_fine(open_account(&h, &e));
	assert_string_equal(h.fake.payload[0],
			    "{\"contact\":[\"mailto:new@a.test\"]}");
	assert_non_null(strstr(file_of(&h, "account.json"), "new@a.test"));
	/* its refusal stops nobody */
	script(&h,
	       (struct fake_reply[]){
		       ACCOUNT(400, PROBLEM("invalidContact", "x")), { 0 } });
	h.conf.email = "odd@a.test";
	assert_fine(open_account(&h, &e));
	script(&h, (struct fake_reply[]){ ACCOUNT(200, BODY), { 0 } });
	assert_fine(account_contact(&h.fake.acme, &h.account, NULL, &e));
	assert_string_equal(h.fake.payload[0], "{\"contact\":[]}");
	home_close(&h);
}

static void rolls_the_key_over(void **state)
{
	struct home h;
	struct err e = { 0 };

	(void)state;
	open_registered(&h);
	const char *old = file_of(&h, "key.pem");
	script(&h, (struct fake_reply[]){ CHANGE(200, BODY), { 0 } });
	assert_fine(account_rollover(&h.fake.acme, &h.account, KEY_P384, &e));
	assert_int_equal(key_kind(h.account.key), KEY_P384);
	assert_ptr_equal(h.fake.acme.key, h.account.key);
	assert_string_not_equal(old, file_of(&h, "key.pem"));
	assert_null(file_of(&h, "next.pem"));
	AUTO(json) json_t *inner = json_loads(h.fake.payload[0], 0, NULL);
	const char *head = fake_part(&h.fake, inner, "protected");
	assert_non_null(strstr(head, "\"ES384\""));
	assert_non_null(strstr(head, "\"jwk\""));
	assert_non_null(strstr(head, "\"url\":\"" CA "/key-change\""));
	assert_null(strstr(head, "nonce"));
	const char *what = fake_part(&h.fake, inner, "payload");
	assert_non_null(strstr(what, "\"account\":\"" CA "/account/7\""));
	assert_non_null(strstr(what, "\"oldKey\":{"));
	assert_non_null(strstr(what, "\"P-256\""));
	home_close(&h);
}

struct rollover {
	const char *name;
	struct fake_reply script[8];
	bool changed; /* the new key is the account's */
	int status;
};

static void survives_a_rollover_gone_wrong(void **state)
{
	static const struct rollover table[] = {
		{ "refused",
		  { CHANGE(409, PROBLEM("conflict", "in use")),
		    ACCOUNT(200, BODY),
		    { 0 } },
		  false,
		  -1 },
		{ "the first answer was lost",
		  { CHANGE(FAKE_LOST, NULL),
		    HEAD_NONCE,
		    CHANGE(403, REFUSED),
		    ACCOUNT(403, REFUSED),
		    ACCOUNT(200, BODY),
		    { 0 } },
		  true,
		  0 },
		{ "neither key is taken",
		  { CHANGE(403, REFUSED),
		    ACCOUNT(403, REFUSED),
		    ACCOUNT(403, REFUSED),
		    { 0 } },
		  false,
		  -1 },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct home h;
		struct err e = { 0 };

		open_registered(&h);
		script(&h, table[i].script);
		assert_int_equal(account_rollover(&h.fake.acme, &h.account,
						  KEY_P384, &e),
				 table[i].status);
		assert_int_equal(key_kind(h.account.key),
				 table[i].changed ? KEY_P384 : KEY_P256);
		assert_ptr_equal(h.fake.acme.key, h.account.key);
		assert_null(file_of(&h, "next.pem"));
		if (table[i].status)
			assert_says(e, CA "/key-change answered");
		home_close(&h);
	}
}

/* What the run before left in next.pem. */
static void finishes_a_rollover_cut_short(void **state)
{
	static const struct rollover table[] = {
		{ "the CA never heard of it",
		  { ACCOUNT(200, BODY), { 0 } },
		  false,
		  0 },
		{ "the CA has the new key",
		  { ACCOUNT(403, REFUSED), ACCOUNT(200, BODY), { 0 } },
		  true,
		  0 },
		{ "the CA cannot tell now",
		  { ACCOUNT(429, PROBLEM("rateLimited", "x")), { 0 } },
		  false,
		  -1 },
		{ "the CA cannot tell of the second",
		  { ACCOUNT(403, REFUSED),
		    ACCOUNT(429, PROBLEM("rateLimited", "x")),
		    { 0 } },
		  false,
		  -1 },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct home h;
		struct err e = { 0 };
		AUTO(key) struct key *next = NULL;

		open_registered(&h);
		assert_fine(key_make(KEY_P384, &next, &e));
		put_key(&h, "next.pem", next);
		script(&h, table[i].script);
		assert_int_equal(open_account(&h, &e), table[i].status);
		if (table[i].status) {
			assert_non_null(file_of(&h, "next.pem"));
			home_close(&h);
			continue;
		}
		assert_int_equal(key_same(h.account.key, next),
				 table[i].changed);
		assert_null(file_of(&h, "next.pem"));
		home_close(&h);
	}
}

/* Died between the two steps of the switch: no question is needed. */
static void finishes_a_switch_cut_short(void **state)
{
	struct home h;
	struct err e = { 0 };

	(void)state;
	open_registered(&h);
	put_key(&h, "next.pem", h.account.key);
	script(&h, (struct fake_reply[]){ { 0 } });
	assert_fine(open_account(&h, &e));
	assert_null(file_of(&h, "next.pem"));
	home_close(&h);
}

static void needs_a_place_to_change_keys(void **state)
{
	struct home h;
	struct err e = { 0 };

	(void)state;
	open_registered(&h);
	h.fake.acme.directory.key_change = NULL;
	assert_int_equal(
		account_rollover(&h.fake.acme, &h.account, KEY_P256, &e), -1);
	assert_says(e, "offers no change of account keys");
	home_close(&h);
}

static void forgets_a_deactivated_account(void **state)
{
	struct home h;
	struct err e = { 0 };

	(void)state;
	open_registered(&h);
	script(&h, (struct fake_reply[]){
			   ACCOUNT(403, PROBLEM("unauthorized", "no")),
			   ACCOUNT(200, "{\"status\":\"deactivated\"}"),
			   { 0 } });
	assert_int_equal(account_deactivate(&h.fake.acme, &h.account, &e), -1);
	assert_non_null(file_of(&h, "key.pem"));
	assert_fine(account_deactivate(&h.fake.acme, &h.account, &e));
	assert_string_equal(h.fake.payload[1], "{\"status\":\"deactivated\"}");
	assert_null(file_of(&h, "key.pem"));
	assert_null(file_of(&h, "account.json"));
	home_close(&h);
}

static void says_which_key_is_broken(void **state)
{
	struct home h;
	struct err e = { 0 };

	(void)state;
	open_registered(&h);
	const char *path = mem_fmt(&h.fake.mem, "%s/" DIR "/key.pem", h.dir);
	assert_fine(fs_write(path, STR_LIT("-----BEGIN"), 0600, &e));
	assert_int_equal(open_account(&h, &e), -1);
	assert_says(e, path);
	home_close(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(registers_once),
		cmocka_unit_test(needs_no_contact),
		cmocka_unit_test(finds_an_account_by_its_key),
		cmocka_unit_test(says_why_it_cannot_register),
		cmocka_unit_test(binds_to_an_external_account),
		cmocka_unit_test(blames_the_binding),
		cmocka_unit_test(looks_for_a_bound_account),
		cmocka_unit_test(registers_again_when_forgotten),
		cmocka_unit_test(follows_the_email),
		cmocka_unit_test(rolls_the_key_over),
		cmocka_unit_test(survives_a_rollover_gone_wrong),
		cmocka_unit_test(finishes_a_rollover_cut_short),
		cmocka_unit_test(finishes_a_switch_cut_short),
		cmocka_unit_test(needs_a_place_to_change_keys),
		cmocka_unit_test(forgets_a_deactivated_account),
		cmocka_unit_test(says_which_key_is_broken),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
