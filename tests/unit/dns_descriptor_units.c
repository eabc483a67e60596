/* The units that APIs write in: whole zones and names, both sides in one call,
 * a single slot; what goes before and after. */
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "dns/journal.h"
#include "tests/unit/dnsapi.h"

#define HEAD                                                                  \
	"name: x\nabout: a\nurl: u\ntypes: [A, CNAME, MX, TXT]\n"             \
	"creds: {token: {names: X_TOKEN, help: h}}\nbase: https://x.test\n"   \
	"auth: {headers: {Authorization: \"Bearer {token}\"}}\n"              \
	"rate: {pause_ms: 1}\nzones: {mode: given}\n"                         \
	"records: {get: /r, items: r, value: \"{content}\", ttl: \"{ttl}\"%s" \
	"}\n%s\n"
#define R(id, name, type, content)                              \
	"{\"id\":" id ",\"name\":\"" name "\",\"type\":\"" type \
	"\",\"content\":\"" content "\",\"ttl\":120,\"note\":\"kept " id "\"}"
#define ALL(items)                                                             \
	{                                                                      \
		"GET https://x.test/r", NULL, 200, "{\"r\":[" items "]}", NULL \
	}

static const struct provider *parse(struct mem *m, const char *records,
				    const char *rest)
{
	const struct descriptor *d;
	struct err e = { 0 };

	if (descriptor_parse(str_of(mem_fmt(m, HEAD, records, rest)), "x.yaml",
			     m, &d, &e))
		fail_msg("%s", e.msg);
	return &d->provider;
}

/* What is there at n.example.com, and one value more or less. */
static struct record old_value = { "n.example.com", DNS_TXT, 120,
				   STR_LIT("old"), "1" };
static struct record new_value = { "n.example.com", DNS_TXT, 60, STR_LIT("new"),
				   NULL };

static struct change change(struct mem *m, bool is, bool add, bool del)
{
	struct change c = { .name = "n.example.com",
			    .type = DNS_TXT,
			    .ttl = is ? 120 : 60 };

	if (is)
		records_add(&c.is, m, &old_value);
	if (add)
		records_add(&c.add, m, &new_value);
	if (del)
		records_add(&c.del, m, &old_value);
	if (is && !del)
		records_add(&c.want, m, &old_value);
	if (add)
		records_add(&c.want, m, &new_value);
	return c;
}

#define ZONE_PUT                                                            \
	"put: {unit: zone, put: /all, body: {all: {$each: {n: \"{name}\", " \
	"t: \"{type}\", v: \"{value}\", ttl: \"{ttl}\", note: "             \
	"\"{was.note?}\"}}}}"
#define NAME_PUT                                                         \
	"put: {unit: name, put: \"/n/{name}\", body: {all: {$each: {t: " \
	"\"{type}\", v: \"{value}\"}}}}\ndelete: {delete: \"/n/{name}\"}"
#define CHANGE                                                            \
	"change: {post: /c, body: {add: {$add: \"{value} {ttl}\"}, del: " \
	"{$del: \"{value} {ttl}\"}, sides: [{$when: is, kill: {$is: "     \
	"\"{value}\"}, ttl: \"{ttl}\"}, {$when: want, make: {$want: "     \
	"\"{value}\"}, ttl: \"{ttl}\"}]}}"
#define SLOT                                                              \
	"slot: {set: {post: \"/s?d={sld}&t={tld}&txt={value}\"}, clear: " \
	"{post: \"/s?clear={value}\"}}"
#define AROUND                                               \
	"before: {post: /before}\ncommit: {post: /commit}\n" \
	"rollback: {post: /rollback}\ncreate: {post: /c}\n"  \
	"delete: {delete: \"/r/{id}\"}\n"                    \
	"errors: [{text: there, kind: exists}]"
#define TAGGED                                                           \
	"put: {put: /p, headers: {If-Match: \"{etag}\"}, body: {$each: " \
	"\"{value}\"}}"
#define SET_ID                                                       \
	"put: {put: \"/s/{id}\", body: {v: {$each: \"{value}\"}}}\n" \
	"delete: {delete: \"/s/{id}\"}"
#define ONE                                                             \
	"create: {post: /new, body: {v: {$one: \"{value}\"}, n: -1}}\n" \
	"put: {put: /s}\ndelete: {delete: /s}"
#define OLD R("1", "n", "TXT", "old")
#define OTHER R("2", "w", "A", "192.0.2.1")
#define OWN_KIND R("3", "u", "URL301", "https://there.test/")

static const struct unit_row {
	const char *records, *rest;
	bool is, add, del, look;
	struct api_line script[6];
	enum err_kind kind;
	const char *says;
} rows[] = {
	/* 0, 1: a set that the API has an id for */
	{ "",
	  SET_ID,
	  true,
	  true,
	  false,
	  false,
	  { { "PUT https://x.test/s/1", "{\"v\":[\"old\",\"new\"]}", 200, "",
	      NULL } },
	  ERR_NONE,
	  NULL },
	{ "",
	  SET_ID,
	  true,
	  false,
	  true,
	  false,
	  { { "DELETE https://x.test/s/1", NULL, 200, "", NULL } },
	  ERR_NONE,
	  NULL },
	/* one value alone, and the same body when it is new and when not */
	{ "",
	  ONE,
	  false,
	  true,
	  false,
	  false,
	  { { "POST https://x.test/new", "{\"v\":\"new\",\"n\":-1}", 200, "",
	      NULL } },
	  ERR_NONE,
	  NULL },
	{ "",
	  ONE,
	  true,
	  true,
	  true,
	  false,
	  { { "PUT https://x.test/s", "{\"v\":\"new\",\"n\":-1}", 200, "",
	      NULL } },
	  ERR_NONE,
	  NULL },
	{ "",
	  ONE,
	  true,
	  true,
	  false,
	  false,
	  { { 0 } },
	  ERR_PERM,
	  "takes one value" },
	/* all of the zone, what nobody knows as it was */
	{ "",
	  ZONE_PUT,
	  true,
	  true,
	  true,
	  true,
	  { ALL(OLD "," OTHER "," OWN_KIND),
	    ALL(OLD "," OTHER "," OWN_KIND),
	    { "PUT https://x.test/all",
	      "{\"all\":[{\"n\":\"w\",\"t\":\"A\",\"v\":"
	      "\"192.0.2.1\",\"ttl\":120,\"note\":\"kept 2\"},"
	      "{\"n\":\"u\",\"t\":\"URL301\",\"v\":"
	      "\"https://there.test/\",\"ttl\":120,\"note\":"
	      "\"kept 3\"},{\"n\":\"n\",\"t\":\"TXT\",\"v\":"
	      "\"new\",\"ttl\":120}]}",
	      200, "", NULL } },
	  ERR_NONE,
	  NULL },
	/* a list that shrank */
	{ "",
	  ZONE_PUT,
	  true,
	  true,
	  true,
	  true,
	  { ALL(OLD "," OTHER), ALL(OLD) },
	  ERR_CHANGED,
	  "lost entries" },
	/* an empty one */
	{ "",
	  ZONE_PUT,
	  false,
	  true,
	  false,
	  false,
	  { ALL("") },
	  ERR_PERM,
	  "is empty" },
	/* another value came between */
	{ "",
	  ZONE_PUT,
	  false,
	  true,
	  false,
	  false,
	  { ALL(OLD "," OTHER) },
	  ERR_CHANGED,
	  "changed meanwhile" },
	/* and one went */
	{ "",
	  ZONE_PUT,
	  true,
	  true,
	  false,
	  false,
	  { ALL(OTHER) },
	  ERR_CHANGED,
	  "changed meanwhile" },
	/* all types of a name */
	{ "",
	  NAME_PUT,
	  true,
	  true,
	  false,
	  false,
	  { ALL(OLD "," R("4", "n", "MX", "1 mx.example.com") "," OTHER),
	    { "PUT https://x.test/n/n",
	      "{\"all\":[{\"t\":\"TXT\",\"v\":\"old\"},{\"t\":"
	      "\"MX\",\"v\":\"1 mx.example.com\"},{\"t\":\"TXT\","
	      "\"v\":\"new\"}]}",
	      200, "", NULL } },
	  ERR_NONE,
	  NULL },
	/* and none left */
	{ "",
	  NAME_PUT,
	  true,
	  false,
	  true,
	  false,
	  { ALL(OLD), { "DELETE https://x.test/n/n", NULL, 200, "", NULL } },
	  ERR_NONE,
	  NULL },
	/* both sides */
	{ "",
	  CHANGE,
	  true,
	  true,
	  true,
	  false,
	  { { "POST https://x.test/c",
	      "{\"add\":[\"new 120\"],\"del\":[\"old 120\"],"
	      "\"sides\":[{\"kill\":[\"old\"],\"ttl\":120},"
	      "{\"make\":[\"new\"],\"ttl\":120}]}",
	      200, "", NULL } },
	  ERR_NONE,
	  NULL },
	/* one side */
	{ "",
	  CHANGE,
	  false,
	  true,
	  false,
	  false,
	  { { "POST https://x.test/c",
	      "\"del\":[],\"sides\":[{\"make\":[\"new\"],\"ttl\":60}]", 200, "",
	      NULL } },
	  ERR_NONE,
	  NULL },
	/* 9 to 11: one place */
	{ "",
	  SLOT,
	  false,
	  true,
	  false,
	  false,
	  { { "POST https://x.test/s?d=example&t=com&txt=new", NULL, 200, "",
	      NULL } },
	  ERR_NONE,
	  NULL },
	{ "",
	  SLOT,
	  true,
	  false,
	  true,
	  false,
	  { { "POST https://x.test/s?clear=old", NULL, 200, "", NULL } },
	  ERR_NONE,
	  NULL },
	{ "",
	  SLOT,
	  true,
	  true,
	  false,
	  false,
	  { { 0 } },
	  ERR_PERM,
	  "one TXT value at a time" },
	/* a name that is new, and there already */
	{ "",
	  AROUND,
	  false,
	  true,
	  false,
	  false,
	  { { "POST https://x.test/before", NULL, 400,
	      "{\"message\":\"there\"}", NULL },
	    { "POST https://x.test/c", NULL, 200, "", NULL },
	    { "POST https://x.test/commit", NULL, 200, "", NULL } },
	  ERR_NONE,
	  NULL },
	/* what fails is undone */
	{ "",
	  AROUND,
	  true,
	  true,
	  false,
	  false,
	  { { "POST https://x.test/c", NULL, 400, "{}", NULL },
	    { "POST https://x.test/rollback", NULL, 200, "", NULL } },
	  ERR_PERM,
	  "400" },
	/* 14 and 15: compare and swap */
	{ ", tag: \"{serial}\"",
	  TAGGED,
	  true,
	  true,
	  false,
	  true,
	  { { "GET https://x.test/r", NULL, 200,
	      "{\"serial\":7,\"r\":[" OLD "]}", NULL },
	    { "PUT https://x.test/p", "[\"old\",\"new\"]", 412, "", NULL } },
	  ERR_CHANGED,
	  "412" },
	{ ", tag_header: ETag",
	  TAGGED,
	  true,
	  true,
	  false,
	  true,
	  { { "GET https://x.test/r", NULL, 200, "{\"r\":[" OLD "]}",
	      "ETag: 7" },
	    { "PUT https://x.test/p", NULL, 409, "", NULL } },
	  ERR_CHANGED,
	  "409" },
};

static void writes_in_its_unit(void **state)
{
	(void)state;
	char dir[] = "/tmp/opsmail-units-XXXXXX";
	AUTO(mem) struct mem m = { 0 };
	struct err none = { 0 };
	assert_non_null(mkdtemp(dir));
	const char *journal = mem_fmt(&m, "%s/journal", dir);
	assert_int_equal(fs_mkdir(journal, 0700, &none), 0);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct api a = { 0 };
		struct records out = { 0 };
		struct err e = { 0 };
		const struct provider *p =
			parse(&a.mem, rows[i].records, rows[i].rest);
		const struct change c =
			change(&a.mem, rows[i].is, rows[i].add, rows[i].del);

		a.settings.zone = "example.com";
		api_open(&a, p, rows[i].script);
		a.conf.dir = dir;
		if (rows[i].look && p->list(&a.dns, "example.com", c.name,
					    c.type, &a.mem, &out, &e))
			fail_msg("row %zu: %s", i, e.msg);
		if (rows[i].look)
			assert_int_equal(out.n, 1);
		p->apply(&a.dns, "example.com", &c, &e);
		if (e.kind != rows[i].kind ||
		    (rows[i].says && !strstr(e.msg, rows[i].says)))
			fail_msg("row %zu: %d %s", i, e.kind, e.msg);
		if (p->caps & DNS_CAS)
			assert_non_null(strstr(a.seen, "If-Match: 7\n"));
		api_close(&a);
		unlink(mem_fmt(&m, "%s/example.com.staged", journal));
	}
	rmdir(journal);
	rmdir(dir);
}

/* What was staged and whose commit failed is committed before a list of it is
 * believed, also by the next run. */
static void commits_what_was_left(void **state)
{
	(void)state;
	char dir[] = "/tmp/opsmail-units-XXXXXX";
	struct err e = { 0 };
	struct api a = { 0 };
	struct records out = { 0 };
	static const struct api_line script[] = {
		{ "POST https://x.test/before", NULL, 200, "", NULL },
		{ "POST https://x.test/c", NULL, 200, "", NULL },
		{ "POST https://x.test/commit", NULL, 400, "{}", NULL },
		{ "POST https://x.test/commit", NULL, 200, "", NULL },
		ALL(OLD),
		ALL(OLD),
		{ 0 }
	};
	assert_non_null(mkdtemp(dir));
	const char *journal = mem_fmt(&a.mem, "%s/journal", dir);
	assert_int_equal(fs_mkdir(journal, 0700, &e), 0);
	a.settings.zone = "example.com";
	api_open(&a, parse(&a.mem, "", AROUND), script);
	a.conf.dir = dir;
	const struct change c = change(&a.mem, false, true, false);
	const struct provider *p = a.dns.provider;
	assert_int_equal(p->apply(&a.dns, "example.com", &c, &e), -1);
	for (int i = 0; i < 2; i++)
		assert_int_equal(p->list(&a.dns, "example.com", c.name, c.type,
					 &a.mem, &out, &e),
				 0);
	api_close(&a);
	rmdir(journal);
	rmdir(dir);
}

/* A zone whose list has not what the journal says is ours. */
static void trusts_the_journal(void **state)
{
	(void)state;
	static const struct api_line script[] = { ALL(OTHER), { 0 } };
	struct api a = { 0 };
	struct err e = { 0 };
	char dir[] = "/tmp/opsmail-units-XXXXXX";
	const struct journal_entry ours = { .purpose = "acme",
					    .owner = "a.test",
					    .record = old_value };

	assert_non_null(mkdtemp(dir));
	assert_int_equal(
		journal_write(dir, "example.com", JOURNAL_ADD, &ours, &e), 0);
	api_open(&a, parse(&a.mem, "", ZONE_PUT), script);
	a.conf.dir = dir;
	const struct change c = change(&a.mem, false, true, false);

	assert_int_equal(a.dns.provider->apply(&a.dns, "example.com", &c, &e),
			 -1);
	assert_int_equal(e.kind, ERR_TEMP);
	assert_non_null(strstr(e.msg, "journal says a.test made there"));
	unlink(mem_fmt(&a.mem, "%s/journal/example.com.jsonl", dir));
	rmdir(mem_fmt(&a.mem, "%s/journal", dir));
	rmdir(dir);
	api_close(&a);
}

/* A list that stays cut off is not believed when it is asked for again. */
static void does_not_forget(void **state)
{
	(void)state;
	static const struct api_line script[] = {
		ALL(OLD "," OTHER),
		ALL(OLD),
		ALL(OLD),
		ALL(OLD "," OTHER),
		ALL(OLD "," OTHER),
		{ "PUT https://x.test/all", "192.0.2.1", 200, "", NULL },
		ALL(OTHER),
		{ 0 },
	};
	struct api a = { 0 };
	struct records out = { 0 };
	struct err e = { 0 };
	const struct provider *p = parse(&a.mem, "", ZONE_PUT);
	const struct change c = change(&a.mem, true, false, true);
	const char *zone = "example.com";

	api_open(&a, p, script);
	assert_int_equal(
		p->list(&a.dns, zone, c.name, c.type, &a.mem, &out, &e), 0);
	assert_int_equal(p->apply(&a.dns, zone, &c, &e), -1);
	assert_int_equal(
		p->list(&a.dns, zone, c.name, c.type, &a.mem, &out, &e), -1);
	assert_int_equal(e.kind, ERR_CHANGED);
	out.n = 0;
	assert_int_equal(
		p->list(&a.dns, zone, c.name, c.type, &a.mem, &out, &e), 0);
	assert_int_equal(p->apply(&a.dns, zone, &c, &e), 0);
	/* what we took away ourselves is no loss */
	assert_int_equal(p->list(&a.dns, zone, NULL, 0, &a.mem, &out, &e), 0);
	api_close(&a);
}

static void hear(struct tell *t, enum tell_kind kind, const char *who,
		 const char *text)
{
	(void)t;
	(void)kind;
	(void)who;
	assert_string_equal(text, "n.example.com: a TTL of 60 becomes 300, as "
				  "x wants");
	function_called();
}

/* A TTL that cannot be had is told to the user; an id may be a number. */
static void tells_of_another_ttl(void **state)
{
	(void)state;
	static const struct api_line script[] = {
		{ "POST https://x.test/7", "{\"ttl\":300,\"zone\":7}", 200, "",
		  NULL },
		{ 0 },
	};
	struct tell listener = { .show = hear };
	struct api a = { 0 };
	struct err e = { 0 };
	const struct change c = change(&a.mem, false, true, false);

	a.settings.zone = "7";
	api_open(&a,
		 parse(&a.mem, "",
		       "create: {post: \"/{zone}\", body: {ttl: \"{ttl}\", "
		       "zone: \"{zone|int}\"}}\ndelete: {post: /d}\n"
		       "ttl: {min: 300}"),
		 script);
	a.dns.tell = &listener;
	expect_function_call(hear);
	assert_int_equal(a.dns.provider->apply(&a.dns, "7", &c, &e), 0);
	api_close(&a);
}

static void slots_are_serial(void **state)
{
	AUTO(mem) struct mem m = { 0 };
	const struct descriptor *d;
	struct err e = { 0 };
	const char *text =
		"name: x\nabout: a\nurl: u\ntypes: [TXT]\ncreds: {token: "
		"{names: X, help: h}}\nbase: u\nauth: {query: {t: \"{token}\"}"
		"}\nzones: {mode: given}\n" SLOT "\n";

	(void)state;
	if (descriptor_parse(str_of(text), "x.yaml", &m, &d, &e))
		fail_msg("%s", e.msg);
	assert_int_equal(d->provider.caps, DNS_SERIAL);
	assert_null(d->provider.list);
}

/* What makes one more when it is done twice goes out once: any POST, and a PUT
 * that makes one value beside others. */
static void goes_out_once(void **state)
{
	(void)state;
	static const struct {
		const char *rest, *expect;
		bool add, once;
	} cases[] = {
		{ "create: {post: /c}\ndelete: {delete: /d}",
		  "POST https://x.test/c", true, true },
		{ "create: {put: /c}\ndelete: {delete: /d}",
		  "PUT https://x.test/c", true, true },
		{ "create: {put: /c}\ndelete: {delete: /d}",
		  "DELETE https://x.test/d", false, false },
		{ "create: {put: /c}\nput: {put: /p}\ndelete: {delete: /d}",
		  "PUT https://x.test/c", true, false },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct api_line script[] = {
			{ cases[i].expect, NULL, 200, "", NULL }, { 0 }
		};
		struct api a = { 0 };
		struct err e = { 0 };
		const struct change c = change(&a.mem, !cases[i].add,
					       cases[i].add, !cases[i].add);
		a.settings.zone = "example.com";
		api_open(&a, parse(&a.mem, "", cases[i].rest), script);
		if (a.dns.provider->apply(&a.dns, "example.com", &c, &e))
			fail_msg("case %zu: %s", i, e.msg);
		assert_int_equal(a.once, cases[i].once);
		api_close(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(goes_out_once),
		cmocka_unit_test(writes_in_its_unit),
		cmocka_unit_test(commits_what_was_left),
		cmocka_unit_test(trusts_the_journal),
		cmocka_unit_test(does_not_forget),
		cmocka_unit_test(slots_are_serial),
		cmocka_unit_test(tells_of_another_ttl),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
