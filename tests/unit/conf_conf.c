#include "conf/conf.h"

#include "base/embed.h"
#include "conf/schema.h"

#include "tests/unit/place.h"

static const char *found(struct place *p, const char *option)
{
	struct err e = { 0 };
	const char *dir;

	if (conf_find(option, &p->m, &dir, &e))
		return mem_str(&p->m, e.msg);
	return dir;
}

static void finds_the_folder(void **state)
{
	struct place p;

	(void)state;
	place_open(&p);
	unsetenv("OPSMAIL_CONF");
	place_put(&p, "work/x", "", 0600);
	place_put(&p, "named/x", "", 0600);
	assert_int_equal(chdir(place_path(&p, "work")), 0);
	assert_string_equal(found(&p, NULL), "/etc/opsmail");
	place_put(&p, "conf/conf.sh", "", 0600);
	assert_string_equal(found(&p, NULL), place_path(&p, "conf"));
	place_put(&p, "work/conf/chasquid.conf", "", 0600);
	assert_string_equal(found(&p, NULL), place_path(&p, "conf"));
	place_put(&p, "work/conf/opsmail.yaml", "", 0600);
	assert_string_equal(found(&p, NULL), place_path(&p, "work/conf"));
	setenv("OPSMAIL_CONF", "", 1);
	assert_string_equal(found(&p, NULL), place_path(&p, "work/conf"));
	setenv("OPSMAIL_CONF", "../named", 1);
	assert_string_equal(found(&p, NULL), place_path(&p, "named"));
	assert_string_equal(found(&p, "conf"), place_path(&p, "work/conf"));
	assert_string_equal(found(&p, "new"), place_path(&p, "work/new"));
	assert_string_equal(found(&p, "../new"), place_path(&p, "new"));
	assert_string_equal(found(&p, "no/such"),
			    place_path(&p, "work/no/such"));
	assert_string_equal(found(&p, "/no/such/"), "/no/such/");
	assert_string_equal(found(&p, ""), "--conf wants a folder");
	unsetenv("OPSMAIL_CONF");
	place_close(&p);
}

static const struct embed example[] = {
	{ "README", { "read me\n", 8 } },
	{ "opsmail.yaml", { "# nothing\n", 10 } },
	{ "reload/example.org.sh", { "#!/bin/sh\n", 10 } },
};

static int create(struct place *p, const char *dir, const char **edit,
		  struct err *e)
{
	return conf_create(place_path(p, dir), example, COUNT(example), &p->m,
			   edit, e);
}

static mode_t mode_of(struct place *p, const char *name)
{
	struct stat st;

	if (stat(place_path(p, name), &st))
		return 0;
	return st.st_mode & 07777;
}

static void creates_it(void **state)
{
	struct place p;
	struct err e = { 0 };
	struct conf c;
	const char *edit, *dir;

	(void)state;
	place_open(&p);
	umask(077);
	dir = place_path(&p, "a/conf");
	assert_int_equal(create(&p, "a/conf", &edit, &e), 0);
	umask(022);
	assert_string_equal(edit, place_path(&p, "a/conf/opsmail.yaml"));
	assert_int_equal(mode_of(&p, "a/conf"), 0750);
	assert_int_equal(mode_of(&p, "a/conf/opsmail.yaml"), 0640);
	assert_int_equal(mode_of(&p, "a/conf/README"), 0640);
	assert_int_equal(mode_of(&p, "a/conf/reload"), 0750);
	assert_int_equal(mode_of(&p, "a/conf/reload/example.org.sh"), 0750);
	assert_string_equal(place_get(&p, "a/conf/opsmail.yaml"),
			    "# nothing\n");
	assert_int_equal(conf_read(dir, &c, &e), 0);
	assert_int_equal(c.domains_n, 0);
	conf_free(&c);
	assert_int_equal(create(&p, "a/conf", &edit, &e), -1);
	assert_int_equal(e.kind, ERR_SYS);
	assert_non_null(strstr(e.msg, "exists there already"));
	place_close(&p);
}

static void creates_around_what_is_there(void **state)
{
	struct place p;
	struct err e = { 0 };
	const char *edit;

	(void)state;
	place_open(&p);
	place_put(&p, "conf/README", "mine", 0600);
	place_put(&p, "conf/chasquid/chasquid.conf", "", 0600);
	assert_int_equal(create(&p, "conf", &edit, &e), 0);
	assert_string_equal(place_get(&p, "conf/README"), "mine");
	assert_non_null(place_get(&p, "conf/opsmail.yaml"));
	place_put(&p, "old/conf.sh", "MAIL=a@b.org\n", 0600);
	assert_int_equal(create(&p, "old", &edit, &e), -1);
	assert_null(place_get(&p, "old/opsmail.yaml"));
	assert_int_equal(conf_create(place_path(&p, "none"), example, 1, &p.m,
				     &edit, &e),
			 -1);
	assert_int_equal(e.kind, ERR_MISSING);
	place_put(&p, "file", "", 0600);
	assert_int_equal(create(&p, "file", &edit, &e), -1);
	assert_int_equal(mkdir(place_path(&p, "open"), 0777), 0);
	assert_int_equal(chmod(place_path(&p, "open"), 0777), 0);
	assert_int_equal(create(&p, "open", &edit, &e), -1);
	assert_non_null(strstr(e.msg, "chmod"));
	assert_null(place_get(&p, "open/opsmail.yaml"));
	place_close(&p);
}

static void refuses_what_others_may_write(void **state)
{
	static const char *const names[] = { "opsmail.yaml", "conf.sh",
					     "reload", "providers", "hooks" };
	struct place p;

	(void)state;
	place_open(&p);
	place_put(&p, "opsmail.yaml", "", 0640);
	place_put(&p, "conf.sh", "echo >ran\n", 0640);
	for (size_t i = 2; i < COUNT(names); i++)
		place_put(&p, mem_fmt(&p.m, "%s/x", names[i]), "", 0640);
	for (size_t i = 0; i < COUNT(names); i++) {
		const char *path = place_path(&p, names[i]);
		struct conf c;
		struct err e = { 0 };
		mode_t was = mode_of(&p, names[i]);

		assert_int_equal(chmod(path, was | 022), 0);
		assert_int_equal(conf_read(p.dir, &c, &e), -1);
		assert_int_equal(e.kind, ERR_CONF);
		if (!strstr(e.msg, path))
			fail_msg("%s: %s", path, e.msg);
		assert_int_equal(chmod(path, was), 0);
	}
	assert_false(fs_exists(place_path(&p, "ran")));
	place_close(&p);
}

static void is_missing(void **state)
{
	struct place p;
	struct conf c;
	struct err e = { 0 };

	(void)state;
	place_open(&p);
	assert_int_equal(conf_read(p.dir, &c, &e), -1);
	assert_int_equal(e.kind, ERR_MISSING);
	assert_int_equal(conf_read(place_path(&p, "none"), &c, &e), -1);
	assert_int_equal(e.kind, ERR_MISSING);
	place_close(&p);
}

static struct conf_domain *domain(struct conf *c, const char *name)
{
	struct conf_domain *d;
	struct err e = { 0 };

	if (conf_domain(c, name, &d, &e))
		fail_msg("%s", e.msg);
	return d;
}

/* "VALUE from ORIGIN", without the folder; "" when there is none. */
static const char *credential(struct conf *c, const char *name,
			      const char *names, struct place *p)
{
	const struct conf_dns *d = name ? &domain(c, name)->dns : NULL;
	const char *value, *origin, *slash;
	struct err e = { 0 };

	if (conf_credential(c, d, names, false, &p->m, &value, &origin, &e))
		return e.kind == ERR_MISSING ? "" : mem_str(&p->m, e.msg);
	slash = strrchr(origin, '/');
	return mem_fmt(&p->m, "%s from %s", value, slash ? slash + 1 : origin);
}

static void finds_credentials(void **state)
{
	static const struct {
		const char *domain, *names, *got;
	} cases[] = {
		{ NULL, "A", "a-all from opsmail.yaml:1:21" },
		{ "x.org", "A", "a-x from opsmail.yaml:2:39" },
		{ "y.org", "A", "a-all from opsmail.yaml:1:21" },
		{ "x.org", "B", "b-x from secrets.yaml:3:3" },
		{ "y.org", "B", "b-all from secrets.yaml:1:1" },
		{ NULL, "B", "b-all from secrets.yaml:1:1" },
		{ "y.org", "C", "c-y from conf.sh" },
		{ "x.org", "C", "c-all from conf.sh" },
		{ NULL, "C", "c-all from conf.sh" },
		{ NULL, "T_E", "e-env from environment" },
		{ NULL, "T_EMPTY T_E", "e-env from environment" },
		{ NULL, "T_NONE", "" },
		/* the nearer source wins, whatever name it uses */
		{ NULL, "T_E C B A", "a-all from opsmail.yaml:1:21" },
		{ NULL, "T_E C B", "b-all from secrets.yaml:1:1" },
		{ NULL, "T_E C", "c-all from conf.sh" },
		{ NULL, "BLANK B", "b-all from secrets.yaml:1:1" },
		{ NULL, "a", "" },
	};
	struct place p;
	struct conf c;
	struct err e = { 0 };

	(void)state;
	place_open(&p);
	setenv("T_E", "e-env", 1);
	setenv("T_EMPTY", "", 1);
	place_put(&p, "opsmail.yaml",
		  "dns: {credentials: {A: a-all}}\n"
		  "domains: {x.org: {dns: {credentials: {A: a-x}}}}\n",
		  0640);
	place_put(&p, "secrets.yaml", "B: b-all\nx.org:\n  B: b-x\n", 0600);
	place_put(&p, "conf.sh", "C=c-all BLANK=\n[[ $1 == y.org ]] && C=c-y\n",
		  0640);
	if (conf_read(p.dir, &c, &e))
		fail_msg("%s", e.msg);
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *got =
			credential(&c, cases[i].domain, cases[i].names, &p);

		if (strcmp(got, cases[i].got) != 0)
			fail_msg("case %zu: \"%s\"", i, got);
	}
	conf_free(&c);
	unsetenv("T_E");
	unsetenv("T_EMPTY");
	place_close(&p);
}

static void guards_secrets(void **state)
{
	static const struct {
		const char *text;
		mode_t mode;
		const char *says; /* NULL: fine */
	} cases[] = {
		{ "A: b\n", 0600, NULL },
		{ "", 0400, NULL },
		{ "A: {command: [pass, a]}\nx.org: {A: c}\n", 0600, NULL },
		{ "A: b\n", 0640,
		  "secrets.yaml: others may read it (mode "
		  "0640); type: chmod 600 " },
		{ "A: b\n", 0604, "others may read it" },
		{ "A: \n", 0600, "secrets.yaml:1:3: A: is empty" },
		{ "A: {fiel: x}\n", 0600, "wants text, {file: PATH}" },
		{ "a-b: c\n", 0600, "\"a-b\" is no name of a credential" },
		{ "'a b': {A: c}\n", 0600, "secrets.yaml:1:1: " },
		{ "- A\n", 0600, "must be a map" },
		{ "A: [\n", 0600, "secrets.yaml:2:1: " },
	};
	struct place p;

	(void)state;
	place_open(&p);
	place_put(&p, "opsmail.yaml", "", 0640);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct conf c;
		struct err e = { 0 };
		int got;

		place_put(&p, "secrets.yaml", cases[i].text, cases[i].mode);
		got = conf_read(p.dir, &c, &e);
		if (got != (cases[i].says ? -1 : 0))
			fail_msg("case %zu: %s", i, e.msg);
		if (!got)
			conf_free(&c);
		else if (!strstr(e.msg, cases[i].says))
			fail_msg("case %zu: %s", i, e.msg);
	}
	place_close(&p);
}

static void yaml_wins_over_shell(void **state)
{
	static const struct {
		const char *yaml, *email, *global, *x, *y;
	} cases[] = {
		{ NULL, "sh@x.org", "ali", "ali", "cf" },
		{ "", "sh@x.org", "ali", "ali", "cf" },
		{ "email: a@b.org\n", "a@b.org", "ali", "ali", "cf" },
		{ "dns: {provider: he}\n", "sh@x.org", "he", "he", "he" },
		{ "domains: {y.org: {dns: {provider: he}}}\n", "sh@x.org",
		  "ali", "ali", "he" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct place p;
		struct conf c;
		struct err e = { 0 };

		place_open(&p);
		if (cases[i].yaml)
			place_put(&p, "opsmail.yaml", cases[i].yaml, 0640);
		place_put(&p, "conf.sh",
			  "MAIL=sh@x.org\nDNS=dns_ali\n"
			  "if [[ $1 == y.org ]]; then DNS=cf; fi\n"
			  "echo \"$1\" >>ran\n",
			  0640);
		if (conf_read(p.dir, &c, &e))
			fail_msg("%s", e.msg);
		assert_string_equal(c.email, cases[i].email);
		assert_string_equal(c.dns.provider, cases[i].global);
		assert_string_equal(domain(&c, "x.org")->dns.provider,
				    cases[i].x);
		assert_string_equal(domain(&c, "Y.org")->dns.provider,
				    cases[i].y);
		domain(&c, "y.org");
		assert_string_equal(place_get(&p, "ran"), "\nx.org\ny.org\n");
		assert_true(c.has_shell);
		assert_int_equal(c.has_yaml, cases[i].yaml != NULL);
		conf_free(&c);
		place_close(&p);
	}
}

static void shell_errors_stop(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ "MAIL=nonsense\n", "conf.sh: email: \"nonsense\" is no mail "
				     "address" },
		{ "if\n", "conf.sh:2: syntax error" },
		{ "DNS='a b'\n", "dns.provider: \"a b\" is no name" },
	};
	struct place p;

	(void)state;
	place_open(&p);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct conf c;
		struct err e = { 0 };

		place_put(&p, "conf.sh", cases[i].text, 0640);
		assert_int_equal(conf_read(p.dir, &c, &e), -1);
		assert_int_equal(e.kind, ERR_CONF);
		if (!strstr(e.msg, cases[i].says))
			fail_msg("case %zu: %s", i, e.msg);
	}
	place_close(&p);
}

static void knows_domains(void **state)
{
	struct place p;
	struct conf c;
	struct conf_domain *d;
	struct err e = { 0 };

	(void)state;
	place_open(&p);
	place_put(&p, "opsmail.yaml",
		  "acme: {key_type: rsa-2048}\ndomains: {x.org: }\n", 0640);
	assert_int_equal(conf_read(p.dir, &c, &e), 0);
	d = domain(&c, "B\xc3\xbc"
		       "cher.de.");
	assert_string_equal(d->name, "xn--bcher-kva.de");
	assert_int_equal(d->acme.key_type[0], KEY_RSA2048);
	assert_int_equal(c.domains_n, 2);
	assert_ptr_equal(domain(&c, "xn--bcher-kva.de"), d);
	assert_int_equal(conf_domain(&c, "*.x.org", &d, &e), -1);
	assert_non_null(strstr(e.msg, "give the domain alone"));
	assert_int_equal(conf_domain(&c, "a b", &d, &e), -1);
	assert_int_equal(c.domains_n, 2);
	assert_int_equal(c.domains[1].acme.names.n, 0);
	conf_free(&c);
	conf_free(&c);
	place_close(&p);
}

static void shows_short_paths(void **state)
{
	struct place p;
	struct conf c;
	struct err e = { 0 };

	(void)state;
	place_open(&p);
	place_put(&p, "conf/opsmail.yaml", "email: a@b.org\n", 0640);
	assert_int_equal(chdir(p.dir), 0);
	assert_int_equal(conf_read(place_path(&p, "conf"), &c, &e), 0);
	assert_string_equal(schema_setting(&c, "email")->origin,
			    "conf/opsmail.yaml:1:1");
	conf_free(&c);
	place_close(&p);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_the_folder),
		cmocka_unit_test(creates_it),
		cmocka_unit_test(creates_around_what_is_there),
		cmocka_unit_test(refuses_what_others_may_write),
		cmocka_unit_test(is_missing),
		cmocka_unit_test(finds_credentials),
		cmocka_unit_test(guards_secrets),
		cmocka_unit_test(yaml_wins_over_shell),
		cmocka_unit_test(shell_errors_stop),
		cmocka_unit_test(knows_domains),
		cmocka_unit_test(shows_short_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
