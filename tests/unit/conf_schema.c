#include "conf/schema.h"

#include "tests/unit/place.h"

/* Reads one opsmail.yaml; c is to be freed when it is 0. */
static int read_text(struct place *p, const char *text, struct conf *c,
		     struct err *e)
{
	place_put(p, "opsmail.yaml", text, 0640);
	return conf_read(p->dir, c, e);
}

static const struct {
	enum schema_type type;
	const char *among, *text;
	const char *out; /* NULL: refused */
	uint32_t number;
} values[] = {
	{ SCHEMA_TEXT, NULL, "ISRG Root X1", "ISRG Root X1", 0 },
	{ SCHEMA_TEXT, NULL, "a\tb", NULL, 0 },
	{ SCHEMA_TEXT, NULL, "", NULL, 0 },
	{ SCHEMA_WORD, NULL, "tls-server_1.x", "tls-server_1.x", 0 },
	{ SCHEMA_WORD, NULL, "two words", NULL, 0 },
	{ SCHEMA_NAME, NULL,
	  "B\xc3\xbc"
	  "cher.de",
	  "xn--bcher-kva.de", 0 },
	{ SCHEMA_NAME, NULL, "_acme-challenge.x.org.", "_acme-challenge.x.org",
	  0 },
	{ SCHEMA_NAME, NULL, "*.x.org", "*.x.org", 0 },
	{ SCHEMA_NAME, NULL, "a..b", NULL, 0 },
	{ SCHEMA_HOST, NULL, "smtp.x.org", "smtp.x.org", 0 },
	{ SCHEMA_HOST, NULL, "smtp", NULL, 0 },
	{ SCHEMA_HOST, NULL, "*.x.org", NULL, 0 },
	{ SCHEMA_EMAIL, NULL,
	  "Me@B\xc3\xbc"
	  "cher.de",
	  "Me@xn--bcher-kva.de", 0 },
	{ SCHEMA_EMAIL, NULL, "x.org", NULL, 0 },
	{ SCHEMA_EMAIL, NULL, "@x.org", NULL, 0 },
	{ SCHEMA_EMAIL, NULL, "a@", NULL, 0 },
	{ SCHEMA_EMAIL, NULL, "a b@x.org", NULL, 0 },
	{ SCHEMA_EMAIL, NULL, "mailto:a@x.org", NULL, 0 },
	{ SCHEMA_ADDRESS, NULL, "203.0.113.10", "203.0.113.10", 0 },
	{ SCHEMA_ADDRESS, NULL, "2001:db8::10", "2001:db8::10", 0 },
	{ SCHEMA_ADDRESS, NULL, "203.0.113.256", NULL, 0 },
	{ SCHEMA_ADDRESS, NULL, "203.0.113", NULL, 0 },
	{ SCHEMA_NETWORK, NULL, "192.0.2.0/24", "192.0.2.0/24", 0 },
	{ SCHEMA_NETWORK, NULL, "192.0.2.1", "192.0.2.1", 0 },
	{ SCHEMA_NETWORK, NULL, "2001:db8::/32", "2001:db8::/32", 0 },
	{ SCHEMA_NETWORK, NULL, "192.0.2.0/33", NULL, 0 },
	{ SCHEMA_NETWORK, NULL, "2001:db8::/129", NULL, 0 },
	{ SCHEMA_NETWORK, NULL, "192.0.2.0/", NULL, 0 },
	{ SCHEMA_ENDPOINT, NULL, "127.0.0.1:5353", "127.0.0.1:5353", 0 },
	{ SCHEMA_ENDPOINT, NULL, "::1", "::1", 0 },
	{ SCHEMA_ENDPOINT, NULL, "[::1]:53", "[::1]:53", 0 },
	{ SCHEMA_ENDPOINT, NULL, ":53", NULL, 0 },
	{ SCHEMA_ENDPOINT, NULL, "dns.google", NULL, 0 },
	{ SCHEMA_LISTEN, NULL, ":25", ":25", 0 },
	{ SCHEMA_LISTEN, NULL, "[::]:25", "[::]:25", 0 },
	{ SCHEMA_LISTEN, NULL, "192.0.2.1:25", "192.0.2.1:25", 0 },
	{ SCHEMA_LISTEN, NULL, "systemd", "systemd", 0 },
	{ SCHEMA_LISTEN, NULL, "25", NULL, 0 },
	{ SCHEMA_LISTEN, NULL, ":0", NULL, 0 },
	{ SCHEMA_LISTEN, NULL, ":65536", NULL, 0 },
	{ SCHEMA_LISTEN, NULL, "[::1:25", NULL, 0 },
	{ SCHEMA_LISTEN, NULL, "[:25", NULL, 0 },
	{ SCHEMA_PATH, NULL, "/a/b", "/a/b", 0 },
	{ SCHEMA_PATH, NULL, "a/b", "/dir/a/b", 0 },
	{ SCHEMA_URL, "redis rediss", "redis://h:1/", "redis://h:1/", 0 },
	{ SCHEMA_URL, "redis rediss", "https://h/", NULL, 0 },
	{ SCHEMA_URL, "redis", "redis://", NULL, 0 },
	{ SCHEMA_URL, "mailto https", "mailto:a@x.org", "mailto:a@x.org", 0 },
	{ SCHEMA_URL, "mailto https", "mailto:x.org", NULL, 0 },
	{ SCHEMA_URL, "mailto", "mailto:a@x.org\n", NULL, 0 },
	{ SCHEMA_SERVER, NULL, "letsencrypt", "letsencrypt", 0 },
	{ SCHEMA_SERVER, NULL, "https://ca.x/dir", "https://ca.x/dir", 0 },
	{ SCHEMA_SERVER, NULL, "http://ca.x/dir", NULL, 0 },
	{ SCHEMA_SERVER, NULL, "ca.x/dir", NULL, 0 },
	{ SCHEMA_SMARTHOST, "smtp smtps", "ses", "ses", 0 },
	{ SCHEMA_SMARTHOST, "smtp smtps", "smtps://h:465", "smtps://h:465", 0 },
	{ SCHEMA_SMARTHOST, "smtp smtps", "imap://h", NULL, 0 },
	{ SCHEMA_USER, NULL, "www-data", "www-data", 0 },
	{ SCHEMA_USER, NULL, "-x", NULL, 0 },
	{ SCHEMA_USER, NULL, "a:b", NULL, 0 },
	{ SCHEMA_SWITCH, NULL, "Yes", "on", 1 },
	{ SCHEMA_SWITCH, NULL, "off", "off", 0 },
	{ SCHEMA_SWITCH, NULL, "maybe", NULL, 0 },
	{ SCHEMA_ENUM, "add replace none", "Replace", "replace", 1 },
	{ SCHEMA_ENUM, "add replace none", "del", NULL, 0 },
	{ SCHEMA_DURATION, NULL, "90", "90", 90 },
	{ SCHEMA_DURATION, NULL, "90s", "90s", 90 },
	{ SCHEMA_DURATION, NULL, "10m", "10m", 600 },
	{ SCHEMA_DURATION, NULL, "2h", "2h", 7200 },
	{ SCHEMA_DURATION, NULL, "30d", "30d", 2592000 },
	{ SCHEMA_DURATION, NULL, "31d", NULL, 0 },
	{ SCHEMA_DURATION, NULL, "0", NULL, 0 },
	{ SCHEMA_DURATION, NULL, "m", NULL, 0 },
	{ SCHEMA_DURATION, NULL, "-5", NULL, 0 },
	{ SCHEMA_DURATION, NULL, "1w", NULL, 0 },
};

static void checks_values(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(values); i++) {
		const struct schema_row row = { .type = values[i].type,
						.among = values[i].among };
		struct mem m = { 0 };
		struct schema_value v;
		const char *why = NULL;
		int got = schema_check(&row, values[i].text, "/dir", &m, &v,
				       &why);

		if (got != (values[i].out ? 0 : -1))
			fail_msg("case %zu \"%s\": %d %s", i, values[i].text,
				 got, why ? why : "");
		if (got)
			assert_non_null(why);
		else
			assert_string_equal(v.text, values[i].out);
		assert_int_equal(v.number, values[i].number);
		mem_free(&m);
	}
}

static void suggests(void **state)
{
	static const struct {
		const char *text, *words, *near;
	} cases[] = {
		{ "emial", "email hostname", "email" },
		{ "hostnam", "email hostname", "hostname" },
		{ "xyz", "email hostname", NULL },
		{ "p", "rua ruf", NULL },
		{ "quarantin", "none quarantine reject", "quarantine" },
	};
	struct mem m = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *near =
			schema_nearest(&m, cases[i].text, cases[i].words);

		if (cases[i].near)
			assert_string_equal(near, cases[i].near);
		else
			assert_null(near);
	}
	mem_free(&m);
}

static void fills_mail(const struct conf_mail *m)
{
	assert_int_equal(m->receive, RECEIVE_REPLACE);
	assert_int_equal(m->spf.style, SPF_STYLE_A);
	assert_int_equal(m->dmarc.aspf, ALIGN_STRICT);
	assert_string_equal(m->dmarc.ruf.at[0], "mailto:a@x.org");
	assert_int_equal(m->caa, CAA_APEX);
	assert_false(m->srv);
	assert_string_equal(m->smarthost, "ses");
	assert_int_equal(m->records.dkim.n, 2);
}

static void defaults_mail(const struct conf_mail *m)
{
	assert_int_equal(m->receive, RECEIVE_UNSET);
	assert_string_equal(m->dmarc.fo, "1");
	assert_int_equal(m->caa, CAA_HOST);
	assert_true(m->tlsa && m->srv && m->autoconfig && !m->harden);
}

static void fills_structs(void **state)
{
	struct place p;
	struct conf c;
	struct err e = { 0 };

	(void)state;
	place_open(&p);
	if (read_text(&p,
		      "email: a@x.org\n"
		      "addresses: 192.0.2.1\n"
		      "acme:\n"
		      "  server: [letsencrypt, 'https://ca.x/dir']\n"
		      "  key_type: [rsa-3072, ecdsa-p384]\n"
		      "  account_key_type: rsa-4096\n"
		      "  challenge: dns-persist-01\n"
		      "  reuse_key: off\n"
		      "  readers: mail\n"
		      "  propagation: 2h\n"
		      "  ca_file: root.pem\n"
		      "  eab: {kid: k, hmac: s3cret}\n"
		      "dns:\n"
		      "  provider: cloudflare\n"
		      "  zone: x.org\n"
		      "  listen: [':5300', '[::1]:5300']\n"
		      "  resolver: 127.0.0.1:5353\n"
		      "domains:\n"
		      "  B\xc3\xbc"
		      "cher.de:\n"
		      "    names: [a.org, '*.a.org']\n"
		      "    alias: c.net\n"
		      "    acme: {server: zerossl, key_type: rsa-2048}\n"
		      "    dns: {credentials: {A_b: 1}}\n"
		      "    receive: replace\n"
		      "    spf: {style: a, include: z.org}\n"
		      "    dmarc: {sp: reject, aspf: s, ruf: 'mailto:a@x.org'}\n"
		      "    caa: apex\n"
		      "    srv: off\n"
		      "    smarthost: ses\n"
		      "    smarthost_records: {dkim: [a, b], region: r1}\n"
		      "  y.org:\n",
		      &c, &e))
		fail_msg("%s", e.msg);
	assert_string_equal(c.email, "a@x.org");
	assert_string_equal(c.hostname, "smtp.xn--bcher-kva.de");
	assert_int_equal(c.addresses.n, 1);
	assert_int_equal(c.acme.server.n, 2);
	assert_string_equal(c.acme.server.at[1], "https://ca.x/dir");
	assert_int_equal(c.acme.key_types, 2);
	assert_int_equal(c.acme.key_type[0], KEY_RSA3072);
	assert_int_equal(c.acme.key_type[1], KEY_P384);
	assert_int_equal(c.acme.account_key_type, KEY_RSA4096);
	assert_int_equal(c.acme.challenge, CHALLENGE_DNS_PERSIST01);
	assert_false(c.acme.reuse_key);
	assert_string_equal(c.acme.readers.at[0], "mail");
	assert_int_equal(c.acme.propagation_s, 7200);
	assert_int_equal(c.acme.reload_s, 60);
	assert_string_equal(c.acme.ca_file, place_path(&p, "root.pem"));
	assert_string_equal(c.acme.eab_kid, "k");
	assert_int_equal(c.acme.eab_hmac.kind, SECRET_INLINE);
	assert_int_equal(c.self_listen.n, 2);
	assert_string_equal(c.resolver, "127.0.0.1:5353");
	assert_int_equal(c.domains_n, 2);
	const struct conf_domain *d = &c.domains[0];

	assert_string_equal(d->name, "xn--bcher-kva.de");
	assert_string_equal(d->shown, "B\xc3\xbc"
				      "cher.de");
	assert_int_equal(d->acme.names.n, 2);
	assert_int_equal(d->acme.server.n, 1);
	assert_string_equal(d->acme.server.at[0], "zerossl");
	assert_int_equal(d->acme.key_types, 1);
	assert_int_equal(d->acme.key_type[0], KEY_RSA2048);
	assert_int_equal(d->acme.propagation_s, 7200);
	assert_string_equal(d->dns.provider, "cloudflare");
	assert_string_equal(d->dns.owner, d->name);
	assert_string_equal(d->dns.alias, "c.net");
	assert_int_equal(d->dns.credentials_n, 1);
	fills_mail(&d->mail);
	defaults_mail(&c.domains[1].mail);
	assert_int_equal(c.domains[1].acme.server.n, 2);
	assert_null(c.domains[1].dns.alias);
	assert_string_equal(c.domains[1].dns.zone, "x.org");
	conf_free(&c);
	place_close(&p);
}

static void knows_origins(void **state)
{
	static const struct {
		const char *path, *value, *origin;
	} cases[] = {
		{ "email", "a@x.org", "opsmail.yaml:1:1" },
		{ "acme.server", "letsencrypt, zerossl", "opsmail.yaml:2:8" },
		{ "acme.eab.hmac", "***", "opsmail.yaml:3:9" },
		{ "acme.key_type", "ecdsa-p256", "default" },
		{ "acme.propagation", "10m", "default" },
		{ "dns.credentials.A", "***", "opsmail.yaml:4:21" },
		{ "dns.credentials.B", "file:/run/b", "opsmail.yaml:4:30" },
		{ "dns.credentials.C", "command:pass", "opsmail.yaml:4:49" },
		{ "relay.smarthost", "smtps://u:***@h", "opsmail.yaml:5:9" },
		{ "domains.y.org.aliases.*", "b@c.d, e@f.g",
		  "opsmail.yaml:6:29" },
		{ "hostname", "smtp.y.org", "default" },
	};
	struct place p;
	struct conf c;
	struct err e = { 0 };

	(void)state;
	place_open(&p);
	if (read_text(&p,
		      "email: a@x.org\n"
		      "acme: {server: [letsencrypt, zerossl],\n"
		      "  eab: {hmac: hush}}\n"
		      "dns: {credentials: {A: hush, B: {file: /run/b}, "
		      "C: {command: [pass, x]}}}\n"
		      "relay: {smarthost: 'smtps://u:hush@h'}\n"
		      "domains: {y.org: {aliases: {'*': [b@c.d, e@f.g]}}}\n",
		      &c, &e))
		fail_msg("%s", e.msg);
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct conf_setting *s =
			schema_setting(&c, cases[i].path);

		if (!s)
			fail_msg("%s is not set", cases[i].path);
		assert_string_equal(s->value, cases[i].value);
		if (!strstr(s->origin, cases[i].origin))
			fail_msg("%s: %s", s->path, s->origin);
	}
	for (size_t i = 0; i < c.settings_n; i++)
		assert_null(strstr(c.settings[i].value, "hush"));
	conf_free(&c);
	place_close(&p);
}

static void complains(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ "emial: x\n", ":1:1: unknown key \"emial\"; did you mean "
				"\"email\"?" },
		{ "acme:\n  kye_type: x\n",
		  ":2:3: unknown key \"kye_type\" in "
		  "acme; did you mean \"key_type\"?" },
		{ "zebra: x\n",
		  ":1:1: unknown key \"zebra\"; opsmail.yaml(5)" },
		{ "dns.provider: x\n", ":1:1: unknown key \"dns.provider\"" },
		{ "acme: {eab: {kld: x}}\n",
		  "unknown key \"kld\" in acme.eab; did you mean \"kid\"?" },
		{ "domains: {x.org: {spf: {sytle: a}}}\n",
		  ":1:25: unknown key \"sytle\" in domains.x.org.spf; did you "
		  "mean \"style\"?" },
		{ "mail_server: chasqid\n",
		  ":1:14: mail_server: \"chasqid\" is "
		  "not known here; did you mean "
		  "\"chasquid\"?" },
		{ "mail_server: x\n", "it is one of: relay chasquid" },
		{ "email:\n", ":1:1: email has no value" },
		{ "email: ''\n", ":1:8: email: is empty" },
		{ "email: [a@x.org]\n", ":1:8: email takes one value, not a "
					"list" },
		{ "email: {a: b}\n", "not a map" },
		{ "addresses: [192.0.2.1, x]\n", ":1:24: addresses: \"x\" is "
						 "no IPv4 or IPv6" },
		{ "addresses: [[192.0.2.1]]\n", ":1:13: addresses: text" },
		{ "acme: letsencrypt\n", ":1:7: acme must be a map" },
		{ "- a\n", ":1:1: the file must be a map" },
		{ "acme: {key_type: [rsa-2048, rsa-4096]}\n",
		  ":1:29: acme.key_type: a pair is one ECDSA and one RSA" },
		{ "acme: {key_type: [rsa-2048, ecdsa-p256, ecdsa-p384]}\n",
		  "a pair is" },
		{ "acme: {must_staple: on}\n",
		  ":1:8: acme.must_staple: Let's Encrypt ended OCSP on "
		  "2025-08-06" },
		{ "domains: {x.org: {acme: {must_staple: off}}}\n", "OCSP" },
		{ "dns: {credentials: x}\n", "dns.credentials must be a map" },
		{ "dns: {credentials: {a-b: x}}\n", "\"a-b\" is no name" },
		{ "dns: {credentials: {A: {fil: x}}}\n",
		  ":1:24: dns.credentials.A: wants text, {file: PATH}" },
		{ "dns: {credentials: {A: {file: []}}}\n", "file wants" },
		{ "dns: {credentials: {A: {command: x}}}\n", "command wants" },
		{ "dns: {credentials: {A: {command: [[x]]}}}\n",
		  "command wants" },
		{ "dns: {credentials: {A: }}\n",
		  "dns.credentials.A: is empty" },
		{ "domains: [x.org]\n", ":1:10: domains must be a map" },
		{ "domains: {'a b.org': }\n", ":1:11: domains: " },
		{ "domains: {'*.x.org': }\n", "write the domain alone" },
		{ "domains: {x.org: 5}\n", "domains.x.org must be a map" },
		{ "domains:\n  X.org:\n  x.org:\n",
		  ":3:3: domains: \"x.org\" is x.org, which stands" },
		{ "domains: {x.org: {aliases: {a@b: c}}}\n",
		  "\"a@b\" is no local part" },
		{ "domains: {x.org: {aliases: 5}}\n", "must be a map" },
		{ "relay: {smarthost: {uri: x}}\n", "it has url and password" },
		{ "relay: {smarthost: 'imap://x'}\n", "is no URL" },
		{ "relay: {trusted_networks: [x/8]}\n", "is no network" },
		{ "a: [\n", "opsmail.yaml:2:1: " },
	};
	struct place p;

	(void)state;
	place_open(&p);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct conf c;
		struct err e = { 0 };

		if (!read_text(&p, cases[i].text, &c, &e))
			fail_msg("passes: %s", cases[i].text);
		assert_int_equal(e.kind, ERR_CONF);
		if (!strstr(e.msg, cases[i].says))
			fail_msg("%s: \"%s\"", cases[i].text, e.msg);
		assert_null(c.dir);
		assert_int_equal(c.settings_n, 0);
	}
	place_close(&p);
}

static void tells_all_in_order(void **state)
{
	struct place p;
	struct conf c;
	struct err e = { 0 };
	struct buf many = { 0 };
	size_t lines = 1;

	(void)state;
	place_open(&p);
	assert_int_equal(read_text(&p,
				   "domains: {x.org: {zz: 1}}\nzz: 1\n"
				   "email: x\n",
				   &c, &e),
			 -1);
	const char *first = strstr(e.msg, ":1:19: ");
	const char *second = strstr(e.msg, "\n");
	const char *third = second ? strstr(second + 1, "\n") : NULL;

	assert_true(first && second && third && first < second);
	assert_non_null(strstr(second, ":2:1: "));
	assert_non_null(strstr(third, ":3:8: "));
	assert_null(strstr(third + 1, "\n"));
	for (int i = 0; i < 100; i++)
		buf_fmt(&many, "zebra%d: 1\n", i);
	assert_int_equal(read_text(&p, buf_c(&many), &c, &e), -1);
	for (const char *s = e.msg; *s; s++)
		lines += *s == '\n';
	assert_in_range(lines, 5, 21);
	assert_non_null(strstr(e.msg, mem_fmt(&p.m, "\nand %zu more",
					      100 - (lines - 1))));
	buf_free(&many);
	place_close(&p);
}

/* Takes the # away where it stands right before a word. */
static const char *uncommented(struct place *p, const char *text)
{
	struct buf out = { 0 };
	struct str rest = str_of(text), line;
	const char *all;

	while (str_line(&rest, &line)) {
		size_t n = 0;

		while (n < line.n && line.at[n] == ' ')
			n++;
		buf_add(&out, line.at, n);
		if (n + 1 < line.n && line.at[n] == '#' &&
		    line.at[n + 1] != ' ')
			n++;
		buf_add(&out, line.at + n, line.n - n);
		buf_char(&out, '\n');
	}
	all = mem_str(&p->m, buf_c(&out));
	buf_free(&out);
	return all;
}

/* "domains.*.x" with the example's domain in it. */
static const char *in_example(struct place *p, const char *path)
{
	return strncmp(path, "domains.*", 9) ?
		       path :
		       mem_fmt(&p->m, "domains.example.org%s", path + 9);
}

static bool example_has(struct conf *c, struct place *p,
			const struct schema_row *row)
{
	const char *path = in_example(p, row->path);
	size_t n = strlen(path);

	for (size_t i = 0; i < c->settings_n; i++)
		if (!strncmp(c->settings[i].path, path, n) &&
		    (!c->settings[i].path[n] ||
		     c->settings[i].path[n] == '.') &&
		    strcmp(c->settings[i].origin, "default") != 0)
			return true;
	return false;
}

/* conf.example sets every row once its # are gone, and nothing before; what it
 * shows for a row with a default is that default. */
static void example_agrees(void **state)
{
	struct place p;
	struct conf c;
	struct err e = { 0 };
	struct buf text = { 0 };
	size_t n;
	const struct schema_row *rows = schema_rows(&n);

	(void)state;
	place_open(&p);
	assert_int_equal(fs_read("conf.example/opsmail.yaml", &text, &e), 0);
	if (read_text(&p, buf_c(&text), &c, &e))
		fail_msg("%s", e.msg);
	for (size_t i = 0; i < c.settings_n; i++)
		assert_string_equal(c.settings[i].origin, "default");
	conf_free(&c);
	if (read_text(&p, uncommented(&p, buf_c(&text)), &c, &e))
		fail_msg("%s", e.msg);
	for (size_t i = 0; i < n; i++) {
		const struct conf_setting *s =
			schema_setting(&c, in_example(&p, rows[i].path));

		if (rows[i].type != SCHEMA_REFUSED &&
		    !example_has(&c, &p, &rows[i]))
			fail_msg("conf.example lacks %s", rows[i].path);
		if (rows[i].preset && strcmp(s->value, rows[i].preset) != 0)
			fail_msg("conf.example shows %s: %s", s->path,
				 s->value);
	}
	conf_free(&c);
	buf_free(&text);
	place_close(&p);
}

/* opsmail.yaml.5 has an item ".It Ic PATH" for every row and for no other. */
static void manual_agrees(void **state)
{
	struct place p;
	struct err e = { 0 };
	struct buf text = { 0 };
	struct str rest, line;
	size_t n, items = 0, wanted = 0;
	const struct schema_row *rows = schema_rows(&n);

	(void)state;
	place_open(&p);
	assert_int_equal(fs_read("cmd/opsmail.yaml.5", &text, &e), 0);
	for (size_t i = 0; i < n; i++) {
		const struct schema_row *r = &rows[i];
		const char *item;

		if (r->type == SCHEMA_REFUSED ||
		    !strncmp(r->path, "domains.*.acme.", 15) ||
		    !strncmp(r->path, "domains.*.dns.", 14))
			continue;
		wanted++;
		item = mem_fmt(&p.m, "\n.It Ic %s\n", r->path);
		if (!strstr(buf_c(&text), item))
			fail_msg("opsmail.yaml.5 lacks %s", r->path);
		if (r->preset && *r->preset &&
		    !strstr(strstr(buf_c(&text), item),
			    mem_fmt(&p.m, ".Ql %s", r->preset)))
			fail_msg("opsmail.yaml.5: %s: default %s", r->path,
				 r->preset);
	}
	rest = buf_get(&text);
	while (str_line(&rest, &line))
		items += str_starts(line, ".It Ic ");
	assert_int_equal(items, wanted);
	buf_free(&text);
	place_close(&p);
}

static void rows_are_sound(void **state)
{
	size_t n;
	const struct schema_row *rows = schema_rows(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		assert_non_null(rows[i].help);
		assert_non_null(schema_type_name(rows[i].type));
		if (rows[i].type == SCHEMA_ENUM ||
		    rows[i].type == SCHEMA_KEY_TYPE)
			assert_non_null(rows[i].among);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(rows[i].path, rows[k].path);
	}
	for (enum key_type t = 0; (int)t < KEY_TYPES; t++) {
		struct mem m = { 0 };
		struct schema_value v;
		const char *why;
		const struct schema_row *row = NULL;

		for (size_t i = 0; i < n; i++)
			if (!strcmp(rows[i].path, "acme.key_type"))
				row = &rows[i];
		assert_int_equal(schema_check(row, key_type_name(t), "/", &m,
					      &v, &why),
				 0);
		assert_int_equal(v.number, t);
		mem_free(&m);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(checks_values),
		cmocka_unit_test(suggests),
		cmocka_unit_test(fills_structs),
		cmocka_unit_test(knows_origins),
		cmocka_unit_test(complains),
		cmocka_unit_test(tells_all_in_order),
		cmocka_unit_test(example_agrees),
		cmocka_unit_test(manual_agrees),
		cmocka_unit_test(rows_are_sound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
