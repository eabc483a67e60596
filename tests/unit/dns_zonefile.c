#include "dns/zonefile.h"

#include <string.h>

#include "base/auto.h"
#include "base/fs.h"
#include "base/proc.h"
#include "tests/unit/test.h"

#define ZONE "ex.test"
#define V(s)                       \
	{                          \
		(s), sizeof(s) - 1 \
	}

static const char long_text[300] = { [0 ... 254] = 'a', [255 ... 299] = 'b' };

/* Every kind of record, and bytes that mean something to some reader. */
static const struct record rows[] = {
	{ "www." ZONE, DNS_A, 0, V("192.0.2.1"), NULL },
	{ ZONE, DNS_SOA, 60, V("ns.ex.test. h.ex.test. 7 2 3 4 5"), NULL },
	{ "a10." ZONE, DNS_A, 60, V("192.0.2.10"), NULL },
	{ "a2." ZONE, DNS_A, 60, V("192.0.2.3"), NULL },
	{ "a2." ZONE, DNS_A, 60, V("192.0.2.2"), NULL },
	{ ZONE, DNS_TXT, 60, V("v=spf1; \"q\" \\ \xc3\xa4"), NULL },
	{ ZONE, DNS_TXT, 60, V("\xff\n\0"), NULL },
	{ ZONE, DNS_NS, 60, V("ns.ex.test."), NULL },
	{ ZONE, DNS_MX, 60, V("10 Mail.ex.test."), NULL },
	{ ZONE, DNS_SOA, 60, V("ns.ex.test. h.ex.test. 7 2 3 4 5"), NULL },
	{ "big." ZONE, DNS_TXT, 60, { long_text, 300 }, NULL },
	{ "big." ZONE, DNS_TXT, 60, V(""), NULL },
	{ "*." ZONE, DNS_CNAME, 60, V("www.ex.test."), NULL },
	{ "_s._tcp." ZONE, DNS_SRV, 60, V("1 2 3 www.ex.test."), NULL },
	{ "_25._tcp." ZONE, DNS_TLSA, 60, V("3 1 1 ABCD"), NULL },
	{ ZONE, DNS_CAA, 60, V("128 issue \"ca.test; a=\\\"b\\\"\""), NULL },
	{ ZONE, DNS_CAA, 60, V("0 iodef \"mailto:x@ex.test\""), NULL },
	{ "ns." ZONE, DNS_AAAA, 60, V("2001:DB8::53"), NULL },
	{ "odd." ZONE, 65400, 60, V("\\# 2 abcd"), NULL },
};

static const char zone_text[] =
	"$ORIGIN ex.test.\n"
	"$TTL 3600\n"
	"@\t60\tIN\tSOA\tns.ex.test. h.ex.test. 7 2 3 4 5\n"
	"@\t60\tIN\tNS\tns.ex.test.\n"
	"@\t60\tIN\tMX\t10 mail.ex.test.\n"
	"@\t60\tIN\tTXT\t\"v=spf1; \\\"q\\\" \\\\ \\195\\164\"\n"
	"@\t60\tIN\tTXT\t\"\\255\\010\\000\"\n"
	"@\t60\tIN\tCAA\t0 iodef \"mailto:x@ex.test\"\n"
	"@\t60\tIN\tCAA\t128 issue \"ca.test; a=\\\"b\\\"\"\n"
	"*\t60\tIN\tCNAME\twww.ex.test.\n"
	"_25._tcp\t60\tIN\tTLSA\t3 1 1 abcd\n"
	"_s._tcp\t60\tIN\tSRV\t1 2 3 www.ex.test.\n"
	"a10\t60\tIN\tA\t192.0.2.10\n"
	"a2\t60\tIN\tA\t192.0.2.2\n"
	"a2\t60\tIN\tA\t192.0.2.3\n"
	"big\t60\tIN\tTXT\t\"\"\n"
	"big\t60\tIN\tTXT\t\"%.255s\" \"%s\"\n"
	"ns\t60\tIN\tAAAA\t2001:db8::53\n"
	"odd\t60\tIN\tTYPE65400\t\\# 2 abcd\n"
	"www\tIN\tA\t192.0.2.1\n";

static const char js_text[] =
	"var REG_NONE = NewRegistrar(\"none\");\n"
	"var DSP = NewDnsProvider(\"cloudflare\");\n"
	"\n"
	"D(\"ex.test\", REG_NONE, DnsProvider(DSP),\n"
	"\t// @ SOA ns.ex.test. h.ex.test. 7 2 3 4 5\n"
	"\t// @ NS ns.ex.test.\n"
	"\tMX(\"@\", 10, \"mail.ex.test.\", TTL(60)),\n"
	"\tTXT(\"@\", \"v=spf1; \\\"q\\\" \\\\ \\u00e4\", TTL(60)),\n"
	"\t// @ TXT \"\\255\\010\\000\"\n"
	"\tCAA(\"@\", \"iodef\", \"mailto:x@ex.test\", TTL(60)),\n"
	"\tCAA(\"@\", \"issue\", \"ca.test; a=\\\"b\\\"\", CAA_CRITICAL, "
	"TTL(60)),\n"
	"\tCNAME(\"*\", \"www.ex.test.\", TTL(60)),\n"
	"\tTLSA(\"_25._tcp\", 3, 1, 1, \"abcd\", TTL(60)),\n"
	"\tSRV(\"_s._tcp\", 1, 2, 3, \"www.ex.test.\", TTL(60)),\n"
	"\tA(\"a10\", \"192.0.2.10\", TTL(60)),\n"
	"\tA(\"a2\", \"192.0.2.2\", TTL(60)),\n"
	"\tA(\"a2\", \"192.0.2.3\", TTL(60)),\n"
	"\tTXT(\"big\", \"\", TTL(60)),\n"
	"\tTXT(\"big\", \"%.255s%s\", TTL(60)),\n"
	"\tAAAA(\"ns\", \"2001:db8::53\", TTL(60)),\n"
	"\t// odd TYPE65400 \\# 2 abcd\n"
	"\tA(\"www\", \"192.0.2.1\"),\n"
	"END);\n";

static const char yaml_text[] =
	"---\n"
	"\"\":\n"
	"  - ttl: 60\n    type: NS\n    values:\n      - \"ns.ex.test.\"\n"
	"  # @ SOA ns.ex.test. h.ex.test. 7 2 3 4 5\n"
	"  - ttl: 60\n    type: MX\n    values:\n"
	"      - exchange: \"mail.ex.test.\"\n        preference: 10\n"
	"  # @ TXT \"\\255\\010\\000\"\n"
	"  - ttl: 60\n    type: TXT\n    values:\n"
	"      - \"v=spf1\\\\; \\\"q\\\" \\\\ \\u00e4\"\n"
	"  - ttl: 60\n    type: CAA\n    values:\n"
	"      - flags: 0\n        tag: \"iodef\"\n"
	"        value: \"mailto:x@ex.test\"\n"
	"      - flags: 128\n        tag: \"issue\"\n"
	"        value: \"ca.test; a=\\\"b\\\"\"\n"
	"\"*\":\n"
	"  - ttl: 60\n    type: CNAME\n    value: \"www.ex.test.\"\n"
	"\"_25._tcp\":\n"
	"  - ttl: 60\n    type: TLSA\n    values:\n"
	"      - certificate_association_data: \"abcd\"\n"
	"        certificate_usage: 3\n"
	"        matching_type: 1\n        selector: 1\n"
	"\"_s._tcp\":\n"
	"  - ttl: 60\n    type: SRV\n    values:\n"
	"      - port: 3\n        priority: 1\n"
	"        target: \"www.ex.test.\"\n        weight: 2\n"
	"\"a2\":\n"
	"  - ttl: 60\n    type: A\n    values:\n"
	"      - \"192.0.2.2\"\n      - \"192.0.2.3\"\n"
	"\"a10\":\n"
	"  - ttl: 60\n    type: A\n    values:\n      - \"192.0.2.10\"\n"
	"\"big\":\n"
	"  - ttl: 60\n    type: TXT\n    values:\n      - \"\"\n"
	"      - \"%.255s%s\"\n"
	"\"ns\":\n"
	"  - ttl: 60\n    type: AAAA\n    values:\n      - \"2001:db8::53\"\n"
	"#\"odd\":\n"
	"  # odd TYPE65400 \\# 2 abcd\n"
	"\"www\":\n"
	"  - type: A\n    values:\n      - \"192.0.2.1\"\n";

static void load(struct mem *m, struct records *r)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct record x = rows[i];
		struct err e = { 0 };

		if (zonefile_check(ZONE, &x, m, &e))
			fail_msg("row %zu: %s", i, e.msg);
		records_add(r, m, &x);
	}
	zonefile_sort(r);
}

static const char *filled(struct mem *m, const char *template)
{
	const char *cut = strstr(template, "%.255s"), *end = strstr(cut, "%s");

	return mem_fmt(m, "%.*s%.255s%.*s%.45s%s", (int)(cut - template),
		       template, long_text, (int)(end - cut - 6), cut + 6,
		       long_text + 255, end + 2);
}

static void prints(void **state)
{
	(void)state;
	AUTO(mem) struct mem m = { 0 };
	struct records r = { 0 };
	struct buf b[3] = { 0 };

	load(&m, &r);
	assert_int_equal(r.n, COUNT(rows) - 1); /* one SOA */
	zonefile_print(&b[0], ZONE, &r);
	zonefile_dnscontrol(&b[1], ZONE, "cloudflare", &r);
	zonefile_octodns(&b[2], ZONE, &r);
	assert_string_equal(buf_c(&b[0]), filled(&m, zone_text));
	assert_string_equal(buf_c(&b[1]), filled(&m, js_text));
	assert_string_equal(buf_c(&b[2]), filled(&m, yaml_text));
	for (size_t i = 0; i < 3; i++)
		buf_free(&b[i]);
}

/* Others read it: each where it is installed. */
static void others_read(void **state)
{
	(void)state;
	static const struct {
		const char *argv[5];
	} readers[] = {
		{ { "named-checkzone", "-i", "none", ZONE, "z" } },
		{ { "ldns-read-zone", "z" } },
		{ { "node", "--check", "z.js" } },
		{ { "python3", "-c",
		    "import sys\ntry: import yaml\nexcept ImportError: "
		    "sys.exit(0)\nz = yaml.safe_load(open('z.yaml'))\n"
		    "assert z['']\nassert z['big'][0]['values'][1][254:256] "
		    "== 'ab'" } },
	};
	AUTO(mem) struct mem m = { 0 };
	struct records r = { 0 };
	char dir[] = "/tmp/opsmail-zonefile-XXXXXX";
	static const char *const names[] = { "z", "z.js", "z.yaml" };
	struct buf b[3] = { 0 };
	struct err e = { 0 };

	load(&m, &r);
	assert_non_null(mkdtemp(dir));
	zonefile_print(&b[0], ZONE, &r);
	zonefile_dnscontrol(&b[1], ZONE, "x", &r);
	zonefile_octodns(&b[2], ZONE, &r);
	for (size_t i = 0; i < 3; i++) {
		FILE *f = fopen(mem_fmt(&m, "%s/%s", dir, names[i]), "w");

		assert_non_null(f);
		assert_int_equal(fwrite(b[i].at, 1, b[i].n, f), b[i].n);
		assert_int_equal(fclose(f), 0);
		buf_free(&b[i]);
	}
	for (size_t i = 0; i < COUNT(readers); i++) {
		const char *argv[] = { "sh",
				       "-c",
				       "cd \"$0\" && PATH=$PATH:/usr/sbin && "
				       "if command -v \"$1\" >/dev/null; then "
				       "exec \"$@\"; fi",
				       dir,
				       readers[i].argv[0],
				       readers[i].argv[1],
				       readers[i].argv[2],
				       readers[i].argv[3],
				       readers[i].argv[4],
				       NULL };
		struct buf out = { 0 };
		struct proc p = { .argv = argv,
				  .limit_ms = 20000,
				  .merge = true,
				  .out = &out };
		int status = -1;

		assert_int_equal(proc_run(&p, &status, &e), 0);
		if (status)
			fail_msg("%s: %s", argv[4], buf_c(&out));
		buf_free(&out);
	}
	for (size_t i = 0; i < 3; i++)
		unlink(mem_fmt(&m, "%s/%s", dir, names[i]));
	rmdir(dir);
}

/* What a provider may answer and no zone can hold. */
static void refuses(void **state)
{
	(void)state;
	static const struct record bad[] = {
		{ "other.test", DNS_A, 60, V("192.0.2.1"), NULL },
		{ "x..ex.test", DNS_A, 60, V("192.0.2.1"), NULL },
		{ "x\n.ex.test", DNS_A, 60, V("192.0.2.1"), NULL },
		{ "x." ZONE, DNS_A, 60, V("192.0.2.300"), NULL },
		{ "x." ZONE, DNS_A, 60, V("1.2.3.4\ny A 1.2.3.4"), NULL },
		{ "x." ZONE, DNS_MX, 60, V("mail"), NULL },
		{ "x." ZONE, DNS_CNAME, 60, V(""), NULL },
	};

	for (size_t i = 0; i < COUNT(bad); i++) {
		AUTO(mem) struct mem m = { 0 };
		struct record x = bad[i];
		struct err e = { 0 };

		if (zonefile_check(ZONE, &x, &m, &e) == 0)
			fail_msg("row %zu passes", i);
		assert_int_equal(e.kind, ERR_PERM);
	}
}

/* Names that would be read as something else. */
static void escapes_names(void **state)
{
	(void)state;
	static const struct {
		const char *name, *zone, *want;
	} cases[] = {
		{ "ex.test", "ex.test", "@" },
		{ "a.b.ex.test", "ex.test", "a.b" },
		{ "$x.ex.test", "ex.test", "\\$x" },
		{ "a\\.b.ex.test", "ex.test", "a\\.b" },
		{ "a\\\\$.ex.test", "ex.test", "a\\\\\\$" },
		{ "a\\;b.ex.test", "ex.test", "a\\;b" },
		{ "\"a.ex.test", "ex.test", "\\\"a" },
		{ "test", ".", "test" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buf b = { 0 };

		zonefile_name(&b, cases[i].name, cases[i].zone);
		assert_string_equal(buf_c(&b), cases[i].want);
		buf_free(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prints),
		cmocka_unit_test(others_read),
		cmocka_unit_test(refuses),
		cmocka_unit_test(escapes_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
