/* Replies, addresses, PROXY headers, xtext and the Received field. */
#include "base/b64.h"
#include "smtp/command.h"
#include "smtp/proxy.h"
#include "smtp/trace.h"
#include "tests/unit/smtp_play.h"
#include "tests/unit/test.h"

/* ---- replies ---- */
static void replies_are_written(void **state)
{
	static const struct {
		struct reply r;
		const char *text;
	} rows[] = {
		{ { 250, "2.0.0", "OK" }, "250 2.0.0 OK\r\n" },
		{ { 354, "", "go" }, "354 go\r\n" },
		{ { 554, "5.7.1", "a\nb\n" },
		  "554-5.7.1 a\r\n554-5.7.1 b\r\n554 5.7.1 \r\n" },
		{ { 250, "", "a\r250 b\x01\t\x7f\xc3\xa9" },
		  "250 a 250 b   \xc3\xa9\r\n" },
		{ { 250, NULL, NULL }, "250 \r\n" },
	};
	AUTO(buf) struct buf line = { 0 };
	AUTO(buf) struct buf out = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		buf_clear(&out);
		reply_write(&rows[i].r, &out);
		assert_string_equal(buf_c(&out), rows[i].text);
	}
	for (int i = 0; i < 600; i++)
		buf_char(&line, 'x');
	buf_clear(&out);
	reply_write(&(struct reply){ 250, "2.0.0", buf_c(&line) }, &out);
	assert_true(out.n <= 512);
}

/* Every row has a code that its status agrees with, in both styles. */
static void the_table_is_whole(void **state)
{
	(void)state;
	for (int id = 0; id < REPLY_IDS; id++)
		for (int style = 0; style < 2; style++) {
			const struct reply *r =
				reply_of((enum reply_id)id,
					 style ? REPLY_CHASQUID : REPLY_PLAIN);

			assert_non_null(r->text);
			assert_true(r->code >= 200 && r->code < 600);
			if (r->status[0])
				assert_int_equal(r->status[0] - '0',
						 r->code / 100);
		}
}

static void replies_are_read(void **state)
{
	static const struct {
		const char *lines; /* with '|' between */
		const char *shown, *status, *text;
	} rows[] = {
		{ "250 2.1.5 OK", "250 2.1.5 OK", "2.1.5", "OK" },
		{ "250", "250", "", "" },
		{ "250 ", "250", "", "" },
		{ "220-a|220 b", "220 a b", "", "a\nb" },
		{ "550-5.1.1 no|550-5.1.1|550 5.1.1 such", "550 5.1.1 no  such",
		  "5.1.1", "no\n\nsuch" },
		{ "550-5.1.1 no|550 5.7.1 x", "550 5.1.1 no 5.7.1 x", "5.1.1",
		  "no\n5.7.1 x" },
		{ "550 4.1.1 x", "550 4.1.1 x", "", "4.1.1 x" },
		{ "550 5.1234.1 x", "550 5.1234.1 x", "", "5.1234.1 x" },
		{ "550 5.123.321", "550 5.123.321", "5.123.321", "" },
		{ "550 5.1.x", "550 5.1.x", "", "5.1.x" },
		{ "250 a\x01"
		  "b",
		  "250 a b", "", "a b" },
		{ "250-SIZE|350 x", NULL, NULL, NULL },
		{ "150 x", NULL, NULL, NULL },
		{ "25 x", NULL, NULL, NULL },
		{ "250_x", NULL, NULL, NULL },
		{ "2500 x", NULL, NULL, NULL },
		{ "SSH-2.0-x", NULL, NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO(reply) struct reply_got g = { 0 };
		AUTO(buf) struct buf shown = { 0 };
		struct str rest = str_of(rows[i].lines), line;
		struct err e = { 0 };
		int bad = 0;

		while (!bad && str_cut(&rest, '|', &line)) {
			assert_false(g.whole);
			bad = reply_line(&g, line, &e);
		}
		assert_int_equal(bad, rows[i].shown ? 0 : -1);
		if (bad)
			continue;
		assert_true(g.whole);
		reply_show(&g, &shown);
		assert_string_equal(buf_c(&shown), rows[i].shown);
		assert_string_equal(g.status, rows[i].status);
		assert_string_equal(buf_c(&g.text), rows[i].text);
	}
}

static void replies_have_limits(void **state)
{
	AUTO(reply) struct reply_got g = { 0 };
	struct err e = { 0 };
	int lines = 0;

	(void)state;
	while (!reply_line(&g, STR_LIT("250-more"), &e))
		lines++;
	assert_int_equal(lines, REPLY_LINES);
}

/* ---- addresses ---- */
static void addresses_are_read(void **state)
{
	static const struct {
		const char *in;
		enum path_fault fault;
		const char *text, *rest;
	} rows[] = {
		{ "<>", PATH_OK, "", "" },
		{ "<> SIZE=1", PATH_OK, "", " SIZE=1" },
		{ "<a@B.Example>", PATH_OK, "a@b.example", "" },
		{ " <a@b> X", PATH_OK, "a@b", " X" },
		{ "a@b X", PATH_OK, "a@b", " X" },
		{ "<A.b+c!#$%&'*/=?^_`{|}~-@b>", PATH_OK,
		  "A.b+c!#$%&'*/=?^_`{|}~-@b", "" },
		{ "<\"a@ b\\\\\"@c>", PATH_OK, "\"a@ b\\\\\"@c", "" },
		{ "<a@[IPv6:2001:DB8::1]>", PATH_OK, "a@[ipv6:2001:db8::1]",
		  "" },
		{ "<a@[IPv6:2001:db8::x]>", PATH_DOMAIN, NULL, NULL },
		{ "<a@[example]>", PATH_DOMAIN, NULL, NULL },
		{ "<.a..b.@c_d>", PATH_OK, ".a..b.@c_d", "" },
		{ "<\xff@b>", PATH_SYNTAX, NULL, NULL },
		{ "<@x,@y:a@b>", PATH_OK, "a@b", "" },
		{ "<a>", PATH_NO_DOMAIN, "a", "" },
		{ "<a@>", PATH_NO_DOMAIN, "a", "" },
		{ "<\xc3\xa9@b\xc3\xbc.test>", PATH_OK,
		  "\xc3\xa9@xn--b-eha.test", "" },
		{ "<a@xn--b-eha.test>", PATH_OK, "a@xn--b-eha.test", "" },
		{ "", PATH_SYNTAX, NULL, NULL },
		{ "<", PATH_SYNTAX, NULL, NULL },
		{ "<a@b", PATH_SYNTAX, NULL, NULL },
		{ "<a@b>c", PATH_SYNTAX, NULL, NULL },
		{ "<@b>", PATH_SYNTAX, NULL, NULL },
		{ "<@x:>", PATH_SYNTAX, NULL, NULL },
		{ "<a b@c>", PATH_SYNTAX, NULL, NULL },
		{ "<a@b@c>", PATH_DOMAIN, NULL, NULL },
		{ "<\"a@b>", PATH_SYNTAX, NULL, NULL },
		{ "<a@b..c>", PATH_DOMAIN, NULL, NULL },
		{ "<a@-b>", PATH_DOMAIN, NULL, NULL },
		{ "<a@b->", PATH_DOMAIN, NULL, NULL },
		{ "<a@b.>", PATH_DOMAIN, NULL, NULL },
		{ "<a@*.b>", PATH_DOMAIN, NULL, NULL },
		{ "<a@xn--->", PATH_DOMAIN, NULL, NULL },
		{ "<a@[x y]>", PATH_SYNTAX, NULL, NULL },
		{ "<a@[1.2.3.4>", PATH_DOMAIN, NULL, NULL },
		{ "<<a@b>>", PATH_SYNTAX, NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO(mem) struct mem m = { 0 };
		struct str s = str_of(rows[i].in);
		struct path p;
		const enum path_fault fault = path_read(&s, &m, &p);

		if (fault != rows[i].fault)
			print_error("%s\n", rows[i].in);
		assert_int_equal(fault, rows[i].fault);
		if (!rows[i].text)
			continue;
		assert_string_equal(mem_dup(&m, p.text.at, p.text.n),
				    rows[i].text);
		assert_true(str_eq(s, rows[i].rest));
	}
}

static void labels_are_short(void **state)
{
	(void)state;
	for (size_t n = 62; n <= 65; n++) {
		AUTO(buf) struct buf b = { 0 };
		AUTO(mem) struct mem m = { 0 };
		struct path p;

		buf_str(&b, "<a@");
		while (b.n < n + 3)
			buf_char(&b, 'x');
		buf_str(&b, ".test>");
		struct str s = buf_get(&b);

		assert_int_equal(path_read(&s, &m, &p),
				 n <= 63 ? PATH_OK : PATH_DOMAIN);
	}
}

/* ---- xtext and parameters ---- */
static void xtext_goes_both_ways(void **state)
{
	static const struct {
		const char *in, *out; /* NULL: none */
	} rows[] = {
		{ "abc", "abc" }, { "a+2Bb+3D", "a+b=" }, { "+20", " " },
		{ "a=b", NULL },  { "a+2", NULL },        { "+2z", NULL },
		{ "+0A", NULL },  { "a b", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO(buf) struct buf out = { 0 };
		AUTO(buf) struct buf again = { 0 };
		AUTO(buf) struct buf back = { 0 };

		assert_int_equal(command_xtext(str_of(rows[i].in), &out),
				 rows[i].out ? 0 : -1);
		if (!rows[i].out)
			continue;
		assert_string_equal(buf_c(&out), rows[i].out);
		command_xtext_add(buf_get(&out), &again);
		assert_int_equal(command_xtext(buf_get(&again), &back), 0);
		assert_string_equal(buf_c(&back), rows[i].out);
	}
}

/* ---- PROXY ---- */
static void proxy_headers_are_read(void **state)
{
	static const struct {
		const char *in;
		enum proxy_result result;
		const char *ip;
		unsigned port;
		size_t after;
	} rows[] = {
		{ "PROXY TCP4 192.0.2.1 192.0.2.2 4711 25\r\nEHLO", PROXY_DONE,
		  "192.0.2.1", 4711, 4 },
		{ "PROXY TCP6 2001:db8::1 ::1 1 25\r\n", PROXY_DONE,
		  "2001:db8::1", 1, 0 },
		{ "PROXY UNKNOWN\r\n", PROXY_SELF, "", 0, 0 },
		{ "PROXY UNKNOWN ffff::1 x\r\nA", PROXY_SELF, "", 0, 1 },
		{ "PRO", PROXY_MORE, "", 0, 3 },
		{ "PROXY TCP4 192.0.2.1 19", PROXY_MORE, "", 0, 23 },
		{ "PROXX", PROXY_BAD, "", 0, 5 },
		{ "PROXY TCP4 192.0.2.1 192.0.2.2 4711 25\n", PROXY_BAD, "", 0,
		  0 },
		{ "PROXY TCP4 ::1 ::2 4711 25\r\n", PROXY_BAD, "", 0, 0 },
		{ "PROXY TCP4 192.0.2.1 192.0.2.2 65536 25\r\n", PROXY_BAD, "",
		  0, 0 },
		{ "PROXY TCP4 192.0.2.1 192.0.2.2 1 25 \r\n", PROXY_BAD, "", 0,
		  0 },
		{ "PROXY TCP4  192.0.2.1 192.0.2.2 1 25\r\n", PROXY_BAD, "", 0,
		  0 },
		{ "PROXY TCP4 192.0.2.1\r\n", PROXY_BAD, "", 0, 0 },
		{ "EHLO x\r\n", PROXY_BAD, "", 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct peer p = { 0 };
		char ip[PEER_TEXT];
		size_t used;
		const struct str in = str_of(rows[i].in);

		assert_int_equal(proxy_read(in, &p, &used), rows[i].result);
		assert_string_equal(peer_text(&p, ip), rows[i].ip);
		assert_int_equal(p.port, rows[i].port);
		if (rows[i].result < PROXY_BAD)
			assert_int_equal(in.n - used, rows[i].after);
	}
}

#define SIGN "0d0a0d0a000d0a515549540a"
static void binary_proxy_headers_are_read(void **state)
{
	static const struct {
		const char *hex;
		enum proxy_result result;
		const char *ip;
	} rows[] = {
		{ SIGN "2111000c c0000201 c0000202 1267 0019", PROXY_DONE,
		  "192.0.2.1" },
		{ SIGN "2111000f c0000201 c0000202 1267 0019 040000",
		  PROXY_DONE, "192.0.2.1" },
		{ SIGN "21210024 20010db8000000000000000000000001"
		       "00000000000000000000000000000001 1267 0019",
		  PROXY_DONE, "2001:db8::1" },
		{ SIGN "20000000", PROXY_SELF, "" },
		{ SIGN "21000000", PROXY_SELF, "" },
		{ SIGN "2111000c c0000201", PROXY_MORE, "" },
		{ "0d0a0d0a00", PROXY_MORE, "" },
		{ SIGN "2111000b c0000201 c0000202 1267 00", PROXY_BAD, "" },
		{ SIGN "1111000c c0000201 c0000202 1267 0019", PROXY_BAD, "" },
		{ SIGN "2211000c c0000201 c0000202 1267 0019", PROXY_BAD, "" },
		{ SIGN "2112000c c0000201 c0000202 1267 0019", PROXY_BAD, "" },
		{ SIGN "2111ffff c0000201 c0000202 1267 0019", PROXY_BAD, "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO(buf) struct buf in = { 0 };
		AUTO(buf) struct buf hex = { 0 };
		struct peer p = { 0 };
		char ip[PEER_TEXT];
		size_t used;

		for (const char *at = rows[i].hex; *at; at++)
			if (*at != ' ')
				buf_char(&hex, *at);
		assert_int_equal(hex_read(buf_get(&hex), &in), 0);
		assert_int_equal(proxy_read(buf_get(&in), &p, &used),
				 rows[i].result);
		assert_string_equal(peer_text(&p, ip), rows[i].ip);
		if (rows[i].result == PROXY_DONE) {
			assert_int_equal(used, in.n);
			assert_int_equal(p.port, 0x1267);
		}
	}
}

/* ---- Received ---- */
static void received_says_how(void **state)
{
	static const struct {
		const char *with;
		bool esmtp, tls, login, utf8;
	} rows[] = {
		{ "SMTP", false, false, false, false },
		{ "ESMTP", true, false, false, false },
		{ "ESMTPS", true, true, false, false },
		{ "ESMTPA", true, false, true, false },
		{ "ESMTPSA", true, true, true, false },
		{ "UTF8SMTPSA", true, true, true, true },
		{ "UTF8SMTP", true, false, false, true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO(buf) struct buf out = { 0 };
		const struct trace t = { .esmtp = rows[i].esmtp,
					 .tls = rows[i].tls,
					 .login = rows[i].login,
					 .utf8 = rows[i].utf8 };

		trace_with(&t, &out);
		assert_string_equal(buf_c(&out), rows[i].with);
	}
}

static void received_is_one_field(void **state)
{
	struct trace t = { .helo = "c.test (x;\r\nEvil: 1",
			   .host = "mx.test",
			   .id = "abc",
			   .esmtp = true,
			   .name = "real.test",
			   .rcpt = STR_LIT("joe@x.test"),
			   .now = 1795602098 };
	AUTO(buf) struct buf out = { 0 };

	(void)state;
	assert_true(peer_parse(STR_LIT("2001:db8::1"), &t.peer));
	trace_received(&t, &out);
	assert_string_equal(
		buf_c(&out),
		"Received: from c.test??x???Evil:?1 (real.test "
		"[IPv6:2001:db8::1])\r\n\tby mx.test with ESMTP id abc\r\n"
		"\tfor <joe@x.test>;\r\n\tWed, 25 Nov 2026 10:21:38 +0000\r\n");
	t = (struct trace){ .helo = "c",
			    .host = "mx.test",
			    .id = "abc",
			    .hide = true,
			    .peer = t.peer,
			    .esmtp = true,
			    .tls = true,
			    .login = true,
			    .version = "TLSv1.3",
			    .cipher = "TLS_AES_256_GCM_SHA384" };
	buf_clear(&out);
	trace_received(&t, &out);
	assert_string_equal(
		buf_c(&out),
		"Received: from c\r\n\tby mx.test with ESMTPSA id abc\r\n"
		"\ttls TLS_AES_256_GCM_SHA384 (TLSv1.3);\r\n"
		"\tThu, 01 Jan 1970 00:00:00 +0000\r\n");
}

static void received_as_chasquid_writes_it(void **state)
{
	struct trace t = { .helo = "c.test",
			   .host = "mx.test",
			   .style = REPLY_CHASQUID,
			   .esmtp = true,
			   .from = STR_LIT("\"a\"@b.test"),
			   .port = "SMTP",
			   .now = 1795602098 };
	AUTO(buf) struct buf out = { 0 };

	(void)state;
	assert_true(peer_parse(STR_LIT("192.0.2.1"), &t.peer));
	trace_received(&t, &out);
	assert_string_equal(buf_c(&out),
			    "Received: from c.test ([192.0.2.1])\r\n"
			    "\tby mx.test (chasquid) with ESMTP\r\n"
			    "\t(over SMTP, plain text!, envelope from "
			    "\"\\\"a\\\"@b.test\")\r\n"
			    "\t; Wed, 25 Nov 2026 10:21:38 +0000\r\n");
	t.tls = t.login = t.hide = true;
	t.version = "TLS-1.3";
	t.cipher = "TLS_X";
	t.port = "submission+TLS";
	t.from = STR_LIT("");
	buf_clear(&out);
	trace_received(&t, &out);
	assert_string_equal(
		buf_c(&out),
		"Received: from c.test\r\n"
		"\tby mx.test (chasquid) with ESMTPSA\r\n\ttls TLS_X\r\n"
		"\t(over submission+TLS, TLS-1.3, envelope from \"<>\")\r\n"
		"\t; Wed, 25 Nov 2026 10:21:38 +0000\r\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replies_are_written),
		cmocka_unit_test(the_table_is_whole),
		cmocka_unit_test(replies_are_read),
		cmocka_unit_test(replies_have_limits),
		cmocka_unit_test(addresses_are_read),
		cmocka_unit_test(labels_are_short),
		cmocka_unit_test(xtext_goes_both_ways),
		cmocka_unit_test(proxy_headers_are_read),
		cmocka_unit_test(binary_proxy_headers_are_read),
		cmocka_unit_test(received_says_how),
		cmocka_unit_test(received_is_one_field),
		cmocka_unit_test(received_as_chasquid_writes_it),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
