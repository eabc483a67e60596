#include "conf/env.h"

#include "tests/unit/place.h"

static const struct {
	struct str dump;
	int status;
	const char *vars; /* NAME=VALUE|VALUE[x][l]; NULL: refused */
} dumps[] = {
	{ STR_LIT("\0"
		  "0\0"
		  "\0"
		  "0\0"),
	  0, "" },
	{ STR_LIT("\0"
		  "0\0"
		  "A\0x\0"
		  "1\0v\0"
		  "\0"
		  "3\0"),
	  3, "A=v x;" },
	{ STR_LIT("A\0\0"
		  "1\0v\0"
		  "\0"
		  "0\0"
		  "A\0\0"
		  "1\0v\0"
		  "\0"
		  "0\0"),
	  0, "" },
	{ STR_LIT("A\0\0"
		  "1\0v\0"
		  "\0"
		  "0\0"
		  "A\0\0"
		  "1\0w\0"
		  "\0"
		  "0\0"),
	  0, "A=w;" },
	{ STR_LIT("\0"
		  "0\0"
		  "L\0a\0"
		  "2\0x y\0z\n\0"
		  "\0"
		  "0\0"),
	  0, "L=x y|z\n l;" },
	{ STR_LIT("\0"
		  "0\0"
		  "A\0\0"
		  "1\0\0"
		  "\0"
		  "0\0"),
	  0, "A=;" },
	{ STR_LIT("\0"
		  "0\0"
		  "PWD\0\0"
		  "1\0v\0"
		  "BASH_X\0\0"
		  "1\0v\0"
		  "\0"
		  "0\0"),
	  0, "" },
	{ STR_LIT(""), 0, NULL },
	{ STR_LIT("\0"
		  "0\0"),
	  0, NULL },
	{ STR_LIT("\0"
		  "0\0"
		  "\0"
		  "0"),
	  0, NULL },
	{ STR_LIT("\0"
		  "0\0"
		  "\0"
		  "256\0"),
	  0, NULL },
	{ STR_LIT("\0"
		  "0\0"
		  "A\0\0"
		  "2\0v\0"
		  "\0"
		  "0\0"),
	  0, NULL },
	{ STR_LIT("\0"
		  "0\0"
		  "A\0\0"
		  "-1\0v\0"
		  "\0"
		  "0\0"),
	  0, NULL },
	{ STR_LIT("\0"
		  "0\0"
		  "A\0\0"
		  "99999\0v\0"
		  "\0"
		  "0\0"),
	  0, NULL },
	{ STR_LIT("\0"
		  "0\0"
		  "A"),
	  0, NULL },
	{ STR_LIT("\0"
		  "0\0"
		  "A\0"),
	  0, NULL },
};

static void parses(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(dumps); i++) {
		struct mem m = { 0 };
		struct buf out = { 0 };
		struct env v = { 0 };
		struct err e = { 0 };
		int status = 0;
		int got = env_parse(dumps[i].dump, &m, &v, &status, &e);

		if (got != (dumps[i].vars ? 0 : -1))
			fail_msg("case %zu: %d %s", i, got, e.msg);
		for (size_t k = 0; !got && k < v.n; k++) {
			buf_fmt(&out, "%s=", v.at[k].name);
			for (size_t j = 0; j < v.at[k].values.n; j++)
				buf_fmt(&out, "%s%s", j ? "|" : "",
					v.at[k].values.at[j]);
			buf_fmt(&out, "%s%s;", v.at[k].exported ? " x" : "",
				v.at[k].list ? " l" : "");
		}
		if (!got) {
			assert_string_equal(buf_c(&out), dumps[i].vars);
			assert_int_equal(status, dumps[i].status);
		}
		buf_free(&out);
		mem_free(&m);
	}
}

static int run(struct place *p, const char *text, const char *domain,
	       struct env *v, struct err *e)
{
	place_put(p, "conf.sh", text, 0640);
	*v = (struct env){ 0 };
	return env_run(p->dir, "conf.sh", domain, &p->m, v, e);
}

static const char *value(const struct env *v, const char *name)
{
	const struct env_var *x = env_find(v, name);

	return x ? x->values.at[0] : NULL;
}

/* Values that would break a text format come through as they are. */
static void reads_what_was_set(void **state)
{
	struct place p;
	struct env v;
	struct err e = { 0 };

	(void)state;
	place_open(&p);
	setenv("LEAK", "of ours", 1);
	if (run(&p,
		"#!/usr/bin/env bash\n"
		"MAIL=me@x.org\n"
		"DNS=ali\n"
		"export Ali_Key=\"a'b\\\"c\n$(printf 'd\\te')\\\\\"\n"
		"QUOTED='declare -- x=\"y\"'\n"
		"LIST=(one \"two three\" $'x\\ny' '')\n"
		"SPARSE[7]=z\n"
		"declare -A MAP=([k]=v)\n"
		"declare -i NUMBER=5+5\n"
		"declare NOTHING\n"
		"EMPTY=\n"
		"HOSTNAME=mine\n"
		"IFS=:\n"
		"echo noise; echo more >&2\n"
		"seen=${LEAK-none}\n"
		"here=$PWD home=$HOME\n"
		"read -r line; got=$?\n"
		"printf() { :; }; f() { local inner=1; }; f\n"
		"false\n",
		"x.org", &v, &e))
		fail_msg("%s", e.msg);
	assert_string_equal(value(&v, "MAIL"), "me@x.org");
	assert_string_equal(value(&v, "DNS"), "ali");
	assert_string_equal(value(&v, "Ali_Key"), "a'b\"c\nd\te\\");
	assert_true(env_find(&v, "Ali_Key")->exported);
	assert_false(env_find(&v, "DNS")->exported);
	assert_string_equal(value(&v, "QUOTED"), "declare -- x=\"y\"");
	const struct env_var *list = env_find(&v, "LIST");

	assert_true(list->list);
	assert_int_equal(list->values.n, 4);
	assert_string_equal(list->values.at[1], "two three");
	assert_string_equal(list->values.at[2], "x\ny");
	assert_string_equal(list->values.at[3], "");
	assert_true(env_find(&v, "SPARSE")->list);
	assert_string_equal(value(&v, "MAP"), "v");
	assert_string_equal(value(&v, "NUMBER"), "10");
	assert_null(value(&v, "NOTHING"));
	assert_string_equal(value(&v, "EMPTY"), "");
	assert_string_equal(value(&v, "HOSTNAME"), "mine");
	assert_string_equal(value(&v, "seen"), "none");
	assert_string_equal(value(&v, "here"), p.dir);
	assert_string_equal(value(&v, "home"), getenv("HOME"));
	assert_string_equal(value(&v, "got"), "1");
	assert_null(value(&v, "inner"));
	assert_null(value(&v, "IFS"));
	assert_null(value(&v, "PATH"));
	for (size_t i = 0; i < v.n; i++)
		assert_null(strstr(v.at[i].name, "opsmail"));
	unsetenv("LEAK");
	place_close(&p);
}

static void asks_by_domain(void **state)
{
	static const char text[] = "n=$#\nDNS=ali\n"
				   "if [[ $1 == b.org ]]; then DNS=cf; fi\n"
				   "[[ -z $1 ]] && DNS=none\n";
	struct place p;
	struct env v;
	struct err e = { 0 };

	(void)state;
	place_open(&p);
	assert_int_equal(run(&p, text, NULL, &v, &e), 0);
	assert_string_equal(value(&v, "DNS"), "none");
	assert_string_equal(value(&v, "n"), "1");
	assert_int_equal(run(&p, text, "a.org", &v, &e), 0);
	assert_string_equal(value(&v, "DNS"), "ali");
	assert_int_equal(run(&p, text, "b.org", &v, &e), 0);
	assert_string_equal(value(&v, "DNS"), "cf");
	assert_int_equal(run(&p, "DNS=x\nexit 0\nDNS=y\n", NULL, &v, &e), 0);
	assert_string_equal(value(&v, "DNS"), "x");
	assert_int_equal(run(&p, "x=$1\n", "$(touch pwned);'\"", &v, &e), 0);
	assert_string_equal(value(&v, "x"), "$(touch pwned);'\"");
	assert_false(fs_exists(place_path(&p, "pwned")));
	place_close(&p);
}

static void says_what_is_wrong(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ "touch ran\nA=1\nif [[ x\nfi\n", "conf.sh:" },
		{ "A=1\nB='x\n", "conf.sh:2: unexpected EOF while looking for "
				 "matching" },
		{ "A=1\nAli_Key = x\n",
		  "conf.sh:2: Ali_Key: command not found; "
		  "a variable is set as NAME=value" },
		{ "A=1\nexit 3\n", "conf.sh: ended with status 3; it must only "
				   "set variables" },
		{ "set -e\nfalse\n", "conf.sh: ended with status 1" },
		{ "set -u\nA=$nope\n", "conf.sh:2: nope: unbound variable" },
		{ "trap - EXIT\n", "bash did not say what it set" },
		{ "kill -9 $$\n", "conf.sh: ended with status 137" },
	};
	struct place p;

	(void)state;
	place_open(&p);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct env v;
		struct err e = { 0 };

		if (!run(&p, cases[i].text, NULL, &v, &e))
			fail_msg("passes: %s", cases[i].text);
		assert_int_equal(e.kind, ERR_CONF);
		if (!strstr(e.msg, cases[i].says))
			fail_msg("%s: \"%s\"", cases[i].text, e.msg);
	}
	assert_false(fs_exists(place_path(&p, "ran")));
	place_close(&p);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses),
		cmocka_unit_test(reads_what_was_set),
		cmocka_unit_test(asks_by_domain),
		cmocka_unit_test(says_what_is_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
