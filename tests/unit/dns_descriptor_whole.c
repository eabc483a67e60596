/* What an API that takes a whole zone at once is given back beside the values:
 * what it says of the zone, and what it would lose. */
#include "tests/unit/dnsapi.h"

#define ZONE                                                                 \
	"name: x\nabout: a\nurl: u\ntypes: [A, MX, TXT]\n"                   \
	"creds: {token: {names: X_TOKEN, help: h}}\nbase: https://x.test\n"  \
	"auth: {headers: {Authorization: \"Bearer {token}\"}}\n"             \
	"rate: {pause_ms: 1}\nzones: {mode: given}\n"                        \
	"records: {get: /r, items: r, kept: \"{mail}\", value: {\"*\": "     \
	"\"{v}\", MX: \"{p} {v}\"}}\n"                                       \
	"put: {unit: zone, post: /all, loses: {ddns: "                       \
	"\"true\"}, form: {z: 1, mail: \"{kept|ours?}\", $MX: {mail: "       \
	"\"{kept|theirs}\"}, all: [{$each: {t: \"{type}\", v: \"{value}\", " \
	"$MX: {v: \"{target}\", p: \"{priority}\"}}}]}}\n"                   \
	"codec: {dots: yes, words: {kept.NONE: MX}}\n"                       \
	"audit: {only: {MX: NONE|MX}}\n"
#define R(name, type, more) \
	"{\"name\":\"" name "\",\"type\":\"" type "\"," more "}"
#define TXT_N R("n", "TXT", "\"v\":\"old\"")
#define MX_N R("n", "MX", "\"v\":\"a.test.\",\"p\":5")
#define DDNS R("home", "A", "\"v\":\"192.0.2.1\",\"ddns\":true")
#define ALL(mail, items)                                                  \
	{                                                                 \
		"GET https://x.test/r", NULL, 200,                        \
			"{\"mail\":\"" mail "\",\"r\":[" items "]}", NULL \
	}
#define SENDS(form)                                            \
	{                                                      \
		"POST https://x.test/all", form, 200, "", NULL \
	}

static struct record old_txt = { "n.example.com", DNS_TXT, 0, STR_LIT("old"),
				 NULL };
static struct record new_txt = { "n.example.com", DNS_TXT, 0, STR_LIT("new"),
				 NULL };
static struct record old_mx = { "n.example.com", DNS_MX, 0,
				STR_LIT("5 a.test."), NULL };

static const struct {
	const struct record *is, *add, *del;
	struct api_line script[3];
	const char *says; /* NULL: it is written */
} rows[] = {
	/* what nobody asked to change stays, under what it was */
	{ &old_txt,
	  &new_txt,
	  NULL,
	  { ALL("FWD", TXT_N), SENDS("mail=FWD&t1=TXT&v1=old&t2=TXT&v2=new") },
	  NULL },
	/* nothing was said of it */
	{ &old_txt,
	  &new_txt,
	  NULL,
	  { ALL("", TXT_N), SENDS("z=1&t1=TXT&v1=old&t2=TXT&v2=new") },
	  NULL },
	/* the first MX, one among others, and the last one */
	{ NULL,
	  &old_mx,
	  NULL,
	  { ALL("NONE", TXT_N), SENDS("mail=MX&t1=TXT&v1=old&t2=MX&v2=a.test."
				      "&p2=5") },
	  NULL },
	{ &old_txt,
	  NULL,
	  &old_txt,
	  { ALL("MX", MX_N "," TXT_N), SENDS("mail=MX&t1=MX&v1=a.test.&p1=5") },
	  NULL },
	{ &old_mx,
	  NULL,
	  &old_mx,
	  { ALL("MX", TXT_N "," MX_N), SENDS("mail=NONE&t1=TXT&v1=old") },
	  NULL },
	/* those of another's making stay, and ours go nowhere */
	{ &old_txt,
	  NULL,
	  &old_txt,
	  { ALL("OX", MX_N "," TXT_N), SENDS("mail=OX&t1=MX&v1=a.test.&p1=5") },
	  NULL },
	{ NULL,
	  &old_mx,
	  NULL,
	  { ALL("FWD", TXT_N) },
	  "is set to \"FWD\" there, and MX are changed only under NONE|MX" },
	{ &old_mx,
	  NULL,
	  &old_mx,
	  { ALL("OX", MX_N "," TXT_N) },
	  "is set to \"OX\" there" },
	/* an entry would not come back as it is */
	{ &old_txt,
	  &new_txt,
	  NULL,
	  { ALL("NONE", TXT_N "," DDNS) },
	  "has an entry at home.example.com whose \"ddns\" (true) would be "
	  "lost; nothing is written" },
};

static void gives_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct api a = { 0 };
		struct err e = { 0 };
		struct change c = { .name = "n.example.com" };
		api_open(&a, api_parse(&a.mem, ZONE), rows[i].script);
		const struct record *any = rows[i].add ? rows[i].add :
							 rows[i].del;
		c.type = any->type;
		if (rows[i].is)
			records_add(&c.is, &a.mem, rows[i].is);
		if (rows[i].add)
			records_add(&c.add, &a.mem, rows[i].add);
		if (rows[i].del)
			records_add(&c.del, &a.mem, rows[i].del);

		const int status =
			a.dns.provider->apply(&a.dns, "example.com", &c, &e);

		if ((status < 0) != (rows[i].says != NULL) ||
		    (rows[i].says &&
		     (e.kind != ERR_PERM || !strstr(e.msg, rows[i].says))))
			fail_msg("row %zu: %d %s", i, e.kind, e.msg);
		api_close(&a);
	}
}

#define ONE_BY_ONE                                                          \
	"name: x\nabout: a\nurl: u\ntypes: [A, MX, TXT]\n"                  \
	"creds: {token: {names: X_TOKEN, help: h}}\nbase: https://x.test\n" \
	"auth: {headers: {Authorization: \"Bearer {token}\"}}\n"            \
	"zones: {mode: given}\nrecords: {get: /r, items: r, kept: "         \
	"\"{mail}\", value: \"{v}\"}\ncreate: {post: /all, form: {v: "      \
	"\"{value}\"}}\ndelete: {delete: /d}\ncodec: {dots: yes}\n"         \
	"audit: {only: {MX: NONE|MX}}\n"

/* Values that are written one by one are asked the same. */
static void is_told_by_the_list(void **state)
{
	(void)state;
	static const struct {
		struct api_line script[3];
		const char *says;
	} looks[] = {
		{ { ALL("MX", ""), SENDS("v=5%20a.test.") }, NULL },
		{ { ALL("FWD", "") }, "is set to \"FWD\" there" },
	};
	for (size_t i = 0; i < COUNT(looks); i++) {
		struct api a = { .settings.zone = "example.com" };
		struct records out = { 0 };
		struct err e = { 0 };
		const struct change c = { .name = old_mx.name,
					  .type = DNS_MX,
					  .add = { &old_mx, 1, 1 } };
		api_open(&a, api_parse(&a.mem, ONE_BY_ONE), looks[i].script);
		const struct provider *p = a.dns.provider;
		if (p->list(&a.dns, "example.com", c.name, c.type, &a.mem, &out,
			    &e))
			fail_msg("row %zu: %s", i, e.msg);
		const int status = p->apply(&a.dns, "example.com", &c, &e);
		if ((status < 0) != (looks[i].says != NULL) ||
		    (looks[i].says && !strstr(e.msg, looks[i].says)))
			fail_msg("row %zu: %s", i, e.msg);
		api_close(&a);
	}
}

/* It is no tag: what the API keeps is not what it compares. */
static void swaps_nothing(void **state)
{
	(void)state;
	AUTO(mem) struct mem m = { 0 };
	assert_int_equal(api_parse(&m, ZONE)->caps & DNS_CAS, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_back),
		cmocka_unit_test(is_told_by_the_list),
		cmocka_unit_test(swaps_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
