/* Zones that come and go as text, a line a record. */
#include <stdlib.h>
#include <string.h>

#include "tests/unit/dnsapi.h"

#define ZONE                                                                   \
	"name: x\nabout: a\nurl: u\ntypes: [A, MX, TXT, SRV]\n"                \
	"creds: {token: {names: X_TOKEN, help: h}}\nbase: https://x.test\n"    \
	"auth: {body: {sid: \"{token}\"}}\nzones: {mode: given}\n"             \
	"format: headed\nreply: {ok: {Code: 0|1000}, message: Text}\n"         \
	"records: {get: /r, items: lines, split: 9, name: \"{0}\", type: "     \
	"\"{1}\", ttl: {\"*\": \"{4}\", TXT: \"{3}\"}, value: {\"*\": "        \
	"\"{3}\", TXT: \"{2}\", MX: \"{2} {3}\", SRV: \"{2|head:/} "           \
	"{2|tail:/} {3|tail::} {3|head::}\"}}\n"                               \
	"put: {unit: zone, post: /p, form: {zone: {$lines: {$each: {$other: "  \
	"\"{was.}\", n: \"{name}\", t: \"{type}\", p: \"0\", v: \"{value}\", " \
	"$TXT: {p: ~}, $MX: {p: \"{priority}\", v: \"{target|dot}\"}, $SRV: "  \
	"{p: \"{priority}/{weight}\", v: \"{target|dot}:{port}\"}, $A: {p: 0}" \
	", ttl: \"{ttl}\"}}}}}\n"                                              \
	"codec: {apex: \"@\", txt: quoted}\naudit: {txt_trim: yes}\n"
#define HEAD "Version: 1.2.53\nCode: 0\nText: fine: yes\n\n"
#define LINES                                                                    \
	"$conf=no\n\n@ A 0 192.0.2.1 300\nt TXT  \"a \\\"b  c \" 60\n_s._t SRV " \
	"1/2 h.test:25 70\n@ NAPTR 1/2 . 80 0 0 \"u\" \"E2U  x\" \"!^.*$!s!\"\n"

static const struct {
	const char *reply, *wrong; /* NULL: it is read */
	const char *values[8];
} reads[] = {
	{ HEAD LINES,
	  NULL,
	  { "example.com A 300 192.0.2.1", "t.example.com TXT 60 a \"b  c",
	    "_s._t.example.com SRV 70 1 2 25 h.test." } },
	{ HEAD, NULL, { NULL } },
	{ "Code: 1000\r\n\r\nw A 0 192.0.2.2 5\r\n",
	  NULL,
	  { "w.example.com A 5 192.0.2.2" } },
	{ "Code: 2202\nText: Authorization error\n\n" LINES,
	  "Authorization error",
	  { NULL } },
	{ "<html lang=\"en\">a: b</html>", "what is no headed", { NULL } },
	{ "Text: no code\n\n" LINES, "no code", { NULL } },
};

static void reads_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(reads); i++) {
		const struct api_line line = { "GET https://x.test/r", NULL,
					       200, reads[i].reply, NULL };
		const struct api_line script[] = { line, line, line, line };
		struct api a = { 0 };
		struct records out = { 0 };
		struct err e = { 0 };

		api_open(&a, api_parse(&a.mem, ZONE "rate: {pause_ms: 1}\n"),
			 script); /* as often as it likes */
		const int status = a.dns.provider->list(
			&a.dns, "example.com", NULL, 0, &a.mem, &out, &e);
		assert_int_equal(status, reads[i].wrong ? -1 : 0);
		if (reads[i].wrong && !strstr(e.msg, reads[i].wrong))
			fail_msg("%s", e.msg);
		size_t n = 0;
		for (size_t k = 0; k < out.n; k++) {
			const struct record *r = &out.at[k];
			char type[16];
			const char *text =
				mem_fmt(&a.mem, "%s %s %u %.*s", r->name,
					dnsmsg_type_name(r->type, type), r->ttl,
					STR_FMT(r->value));

			if (r->type == 35)
				continue; /* NAPTR, which nobody writes */
			assert_non_null(reads[i].values[n]);
			assert_string_equal(text, reads[i].values[n++]);
		}
		assert_null(reads[i].values[n]);
		a.script = NULL;
		api_close(&a);
	}
}

/* What nobody here writes stays as it was, words in quotes whole. */
static void writes_lines(void **state)
{
	static const struct api_line script[] = {
		{ "GET https://x.test/r", NULL, 200, HEAD LINES, NULL },
		{ "POST https://x.test/p",
		  "zone=%24conf%3Dno%0A%40%20A%200%20192.0.2.1%20300%0At%20TXT"
		  "%20%22a%20%5C%22b%20%20c%22%2060%0A_s._t%20SRV%201%2F2%20"
		  "h.test.%3A25%2070%0A%40%20NAPTR%201%2F2%20.%2080%200%200%20"
		  "%22u%22%20%22E2U%20%20x%22%20%22%21%5E.%2A%24%21s%21%22%0A"
		  "m%20MX%2010%20x.test.%2090&sid=SECRET0",
		  200, "Code: 0\n\n", NULL },
		{ 0 }
	};
	struct api a = { 0 };
	struct err e = { 0 };
	struct record r = { "m.example.com", DNS_MX, 90, STR_LIT("10 x.test."),
			    NULL };
	struct change c = { .name = r.name, .type = r.type, .ttl = 90 };

	(void)state;
	records_add(&c.add, &a.mem, &r);
	records_add(&c.want, &a.mem, &r);
	api_open(&a, api_parse(&a.mem, ZONE), script);
	if (a.dns.provider->apply(&a.dns, "example.com", &c, &e))
		fail_msg("%s", e.msg);
	api_close(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_lines),
		cmocka_unit_test(writes_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
