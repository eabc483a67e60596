#include "mail/alias.h"

#include <string.h>

#include "base/auto.h"

#include "tests/unit/test.h"

/* Domains a to z of one test, each with its files. */
struct place {
	const char *name, *aliases, *users;
};
struct world {
	struct alias_domain at[8];
	struct aliases aliases[8];
	struct users users[8];
	struct alias_world w;
	struct alias_asks asks;
	struct mem mem;
};

static void build(struct world *x, const struct place *p, size_t n,
		  const char *separators, const char *drop)
{
	struct err e = { 0 };

	*x = (struct world){ 0 };
	x->w = (struct alias_world){
		.at = x->at,
		.n = n,
		.rules = { separators, drop },
	};
	for (size_t i = 0; i < n; i++) {
		AUTO(buf) struct buf users = { 0 };
		struct str rest = str_of(p[i].users), name;

		while (str_word(&rest, &name))
			buf_fmt(&users, "users { key: '%.*s' }\n",
				STR_FMT(name));
		if (alias_parse(str_of(p[i].aliases), "f", p[i].name,
				&x->w.rules, &x->aliases[i], &e) ||
		    users_parse(buf_get(&users), "u", &x->users[i], &e))
			fail_msg("%s", e.msg);
		x->at[i] = (struct alias_domain){ p[i].name, &x->aliases[i],
						  &x->users[i] };
	}
}

static void destroy(struct world *x)
{
	for (size_t i = 0; i < x->w.n; i++) {
		alias_free(&x->aliases[i]);
		users_free(&x->users[i]);
	}
	mem_free(&x->asks.mem);
	mem_free(&x->mem);
}

/* All recipients in one line, or what went wrong. */
static const char *resolved(struct world *x, const char *address)
{
	const char *at = strchr(address, '@'), *text = "";
	struct alias_targets to;
	struct err e = { 0 };

	enum alias_step s = alias_resolve(
		&x->w, mem_dup(&x->mem, address, (size_t)(at - address)),
		at + 1, &x->asks, &x->mem, &to, &e);
	if (s == ALIAS_ASKS)
		return "asks";
	if (s == ALIAS_FAILED)
		return mem_str(&x->mem, e.msg);
	for (size_t i = 0; i < to.n; i++)
		text = mem_fmt(&x->mem, "%s%s%s", text, i ? ", " : "",
			       alias_target_text(&x->mem, &to.at[i]));
	return text;
}

static bool taken(struct world *x, const char *address)
{
	const char *at = strchr(address, '@');
	struct err e = { 0 };
	bool is = false;

	assert_int_equal(
		alias_exists(&x->w,
			     mem_dup(&x->mem, address, (size_t)(at - address)),
			     at + 1, &x->asks, &is, &e),
		ALIAS_DONE);
	return is;
}

struct walk {
	const char *address, *to;
};
static void walks(struct world *x, const struct walk *cases, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(resolved(x, cases[i].address), cases[i].to) != 0)
			fail_msg("%s goes to %s, not to %s", cases[i].address,
				 resolved(x, cases[i].address), cases[i].to);
}

static void exist(struct world *x, const char *addresses, bool want)
{
	struct str rest = str_of(addresses), one;

	while (str_word(&rest, &one)) {
		const char *a = mem_dup(&x->mem, one.at, one.n);

		if (taken(x, a) != want)
			fail_msg("%s is %staken", a, want ? "not " : "");
	}
}

static void reads_lines(void **state)
{
	static const struct {
		const char *text, *to; /* of a@dom */
	} cases[] = {
		{ "", "a@dom" },
		{ "\n\n", "a@dom" },
		{ " # Comment: x\n", "a@dom" },
		{ "a: b", "b@dom" },
		{ "a:b\n", "b@dom" },
		{ "\ta : b \r\n", "b@dom" },
		{ "a:b,\n", "b@dom" },
		{ "a: ,b,,c ,\n", "b@dom, c@dom" },
		{ "a: |cmd\n", "| cmd" },
		{ "a:| cmd  x, y \n", "| cmd  x, y" },
		{ "a: c@d, e@f, g\n", "c@d, e@f, g@dom" },
		{ "a: b@c, b via sA/sB, d", "b@c, b@dom via sA/sB, d@dom" },
		{ "a: b@c via  x:25 / [::1]:26 ", "b@c via x:25/[::1]:26" },
		{ "A: BB@Dom2", "bb@dom2" },
		{ "a: ÑÜ@ñ.example", "ñü@ñ.example" },
		{ "a: *@x", "a@x" },
		{ "a: b\na: c\n", "c@dom" },
		{ "a: #b", "#b@dom" },
		{ "a: b@c, b@c, B@C", "b@c" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct place p = { "dom", cases[i].text, "" };
		struct world x;

		build(&x, &p, 1, "+", ".");
		if (strcmp(resolved(&x, "a@dom"), cases[i].to) != 0)
			fail_msg("%s: %s", cases[i].text,
				 resolved(&x, "a@dom"));
		destroy(&x);
	}
}

static void complains(void **state)
{
	static const struct {
		struct str text;
		const char *says;
	} cases[] = {
		{ STR_LIT(":\n"), "f:1: missing address or alias" },
		{ STR_LIT("# x\na: \n"), "f:2: missing address or alias" },
		{ STR_LIT("a:|\n"), "f:1: right-side: the pipe alias is" },
		{ STR_LIT("a:| \n"), "the pipe alias is missing a command" },
		{ STR_LIT("a@dom: b@c \n"), "left-side: cannot contain @" },
		{ STR_LIT("a"), "f:1: missing ':' in line" },
		{ STR_LIT("b: c\na: x y z\n"), "f:2: right-side: \"x y z\"" },
		{ STR_LIT("a: f via sA//sB\n"), "empty server in via list" },
		{ STR_LIT("a: f via \n"), "f:1: right-side: \"f via\"" },
		{ STR_LIT("a:  via x\n"), "\"via x\" is no local part" },
		{ STR_LIT("a: b, via x\n"), "\"via x\" is no local part" },
		{ STR_LIT("a: b@c@d\n"), "c@d" },
		{ STR_LIT("a: b@xn---\n"), "xn---" },
		{ STR_LIT("a\0b: c\n"), "f:1: there is a NUL in it" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct alias_rules r = { "+", "." };
		struct aliases a;
		struct err e = { 0 };

		if (!alias_parse(cases[i].text, "f", "dom", &r, &a, &e))
			fail_msg("case %zu passes", i);
		assert_int_equal(e.kind, ERR_CONF);
		if (!strstr(e.msg, cases[i].says))
			fail_msg("\"%s\" lacks \"%s\"", e.msg, cases[i].says);
		alias_free(&a);
	}
}

static void knows_the_longest_line(void **state)
{
	AUTO(buf) struct buf text = { 0 };
	const struct alias_rules r = { "+", "." };
	struct aliases a;
	struct err e = { 0 };

	(void)state;
	buf_str(&text, "a: | x");
	while (text.n < ALIAS_LINE_MAX)
		buf_char(&text, 'y');
	assert_int_equal(alias_parse(buf_get(&text), "f", "d", &r, &a, &e), 0);
	alias_free(&a);
	buf_char(&text, 'y');
	assert_int_equal(alias_parse(buf_get(&text), "f", "d", &r, &a, &e), -1);
	alias_free(&a);
}

static void strips(void **state)
{
	static const struct {
		const char *local, *dropped, *cleaned;
	} cases[] = {
		{ "abc", "abc", "abc" },
		{ "a.b", "ab", "ab" },
		{ "a_b-c.d", "ab-c.d", "ab" },
		{ "a.b+c", "ab+c", "ab" },
		{ "+b", "+b", "" },
		{ "a+", "a+", "a" },
		{ "ab-+xy", "ab-+xy", "ab" },
		{ "ab+xy-z", "ab+xy-z", "ab" },
		{ "ño.ño-ña.ña", "ñoño-ña.ña", "ñoño" },
		{ "Ño.Ño", "ñoño", "ñoño" },
		{ "*", "*", "*" },
		{ "a b.c", "a bc", "a bc" },
		{ "a\xff.b",
		  "a\xff"
		  "b",
		  "a\xff"
		  "b" },
		{ "a·b", "ab", "ab" },
	};
	const struct alias_rules r = { "-+", "._·" };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		AUTO(mem) struct mem m = { 0 };
		struct str local = str_of(cases[i].local);

		assert_string_equal(alias_dropped(&m, local, &r),
				    cases[i].dropped);
		assert_string_equal(alias_cleaned(&m, local, &r),
				    cases[i].cleaned);
	}
}

static void walks_the_basics(void **state)
{
	static const struct place places[] = {
		{ "la", "a: c@d, e@lb\ncmd: x@y\nx: z@la via s\nloop: pool",
		  "" },
		{ "lb", "e: | cmd\npool: loop@la", "" },
	};
	static const struct walk cases[] = {
		{ "a@la", "c@d, | cmd" },
		{ "e@lb", "| cmd" },
		{ "x@y", "x@y" },
		{ "x@la", "z@la via s" },
		{ "nobody@la", "nobody@la" },
	};
	struct world x;

	(void)state;
	build(&x, places, 2, "", "");
	walks(&x, cases, COUNT(cases));
	exist(&x, "a@la e@lb cmd@la x@la", true);
	exist(&x, "x@y z@la nobody@la", false);
	destroy(&x);
}

static void walks_to_catch_alls(void **state)
{
	static const struct place places[] = {
		{ "dom", "a: a@remote\nb: c\nc: | cmd\n*: c", "joe" },
	};
	static const struct walk cases[] = {
		{ "a@dom", "a@remote" },      { "a+z@dom", "a@remote" },
		{ "a.@dom", "a@remote" },     { "b@dom", "| cmd" },
		{ "x@dom", "| cmd" },         { "a@remote", "a@remote" },
		{ "joe@dom", "joe@dom" },     { "j.oe@dom", "joe@dom" },
		{ "joe+tag@dom", "joe@dom" },
	};
	static const struct walk as_chasquid[] = {
		{ "joe@dom", "joe@dom" },
		{ "j.oe@dom", "| cmd" },
		{ "joe+tag@dom", "| cmd" },
	};
	struct world x;

	(void)state;
	build(&x, places, 1, "+", ".");
	walks(&x, cases, COUNT(cases));
	exist(&x, "a@dom x@dom x1@dom joe@dom", true);
	x.w.order = ALIAS_AS_CHASQUID;
	walks(&x, as_chasquid, COUNT(as_chasquid));
	destroy(&x);
}

/* Without a catch-all chasquid finds joe, who then gets it. A user with a
 * dropped character in his name is found by ours alone. */
static void finds_users(void **state)
{
	static const struct place places[] = { { "dom", "", "joe j.doe" } };
	static const struct walk cases[] = {
		{ "j.oe+x@dom", "joe@dom" },
		{ "j.doe@dom", "j.doe@dom" },
		{ "j.d.oe@dom", "jdoe@dom" },
	};
	struct world x;

	(void)state;
	build(&x, places, 1, "+", ".");
	walks(&x, cases, COUNT(cases));
	exist(&x, "joe@dom j.oe+x@dom j.doe@dom", true);
	exist(&x, "jdoe@dom nobody@dom joe@other", false);
	x.w.order = ALIAS_AS_CHASQUID;
	exist(&x, "joe@dom j.oe+x@dom", true);
	exist(&x, "j.doe@dom jdoe@dom", false);
	assert_string_equal(resolved(&x, "j.doe@dom"), "jdoe@dom");
	destroy(&x);
}

static void walks_by_asterisks(void **state)
{
	static const struct place places[] = {
		{ "dom1", "a: aaa@remote\n*: *@dom2\nz: *@remote", "" },
		{ "dom2", "b: bbb@remote\n*: *@remote", "" },
		{ "dom3", "*: *", "" },
		{ "dom4", "*: *@remote1, *@remote2, fixed@remote3", "" },
		{ "dom5", "a: b\n*: *@remote", "" },
		{ "dom6", "*: *@dom1 via server", "" },
	};
	static const struct walk cases[] = {
		{ "a@dom1", "aaa@remote" },
		{ "b@dom1", "bbb@remote" },
		{ "xyz@dom1", "xyz@remote" },
		{ "z@dom1", "z@remote" },
		{ "a+lala@dom1", "aaa@remote" },
		{ "a..@dom1", "aaa@remote" },
		{ "xyz+abcd@dom1", "xyz+abcd@remote" },
		{ "x.y.z@dom1", "x.y.z@remote" },
		{ "x@dom3", "x@dom3: recursion limit exceeded" },
		{ "abc@dom4", "abc@remote1, abc@remote2, fixed@remote3" },
		{ "a@dom5", "b@remote" },
		{ "a@dom6", "a@dom1 via server" },
	};
	struct world x;

	(void)state;
	build(&x, places, 6, "+", ".");
	walks(&x, cases, COUNT(cases));
	destroy(&x);
}

static void walks_by_suffixes(void **state)
{
	static const struct place places[] = {
		{ "def",
		  "abc: x@y\nñoño: x@y\nrecu: ab+cd@p-q.com\n"
		  "remo: x-@y-z.com\nrecu-zzz: z@z\nex-act: x@y",
		  "" },
		{ "p-q.com", "", "" },
	};
	static const struct walk cases[] = {
		{ "abc@def", "x@y" },
		{ "a.b~c@def", "x@y" },
		{ "abc-ñaca@def", "x@y" },
		{ "abc-x.y+z@def", "x@y" },
		{ "ñ.o~ño-ñaca@def", "x@y" },
		{ "a.bc-ñaca@p-q.com", "abc@p-q.com" },
		{ "recu+blah@def", "ab@p-q.com" },
		{ "re-cu@def", "re@def" },
		{ "re.cu@def", "ab@p-q.com" },
		{ "re.cu-zzz@def", "z@z" },
		{ "r.e.c.u@def", "ab@p-q.com" },
		{ "re.cu-yyy@def", "ab@p-q.com" },
		{ "x.y@z.com", "x.y@z.com" },
		{ "remo@def", "x-@y-z.com" },
	};
	struct world x;

	(void)state;
	build(&x, places, 2, "-+", ".~");
	walks(&x, cases, COUNT(cases));
	exist(&x, "abc+blah@def a.bc+blah@def ño.ño@def ex-act@def", true);
	exist(&x, "abc@d.ef ex@def exact@def exa.ct@def x.yz@def", false);
	destroy(&x);
}

static void ends_loops(void **state)
{
	static const struct place places[] = {
		{ "dom", "a: x\n*: a\nl1: l2\nl2: l1, b@remote", "b" },
	};
	static const struct walk cases[] = {
		{ "b@dom", "b@dom" },
		{ "a@dom", "a@dom: recursion limit exceeded" },
		{ "xx@dom", "x@dom: recursion limit exceeded" },
		{ "l1@dom", "l1@dom: recursion limit exceeded" },
	};
	struct world x;

	(void)state;
	build(&x, places, 1, "+", ".");
	walks(&x, cases, COUNT(cases));
	destroy(&x);
}

/* Ten levels of seven each would be 282 million steps. */
static void ends_floods(void **state)
{
	AUTO(buf) struct buf text = { 0 };
	struct place p = { "dom", NULL, "" };
	struct world x;

	(void)state;
	for (char c = 'a'; c < 'i'; c++)
		for (int i = 0; i < 7; i++) {
			buf_fmt(&text, "%c%d: ", c, i);
			for (int k = 0; k < 7; k++)
				buf_fmt(&text, "%c%d,", c + 1, k);
			buf_char(&text, '\n');
		}
	p.aliases = buf_c(&text);
	build(&x, &p, 1, "+", ".");
	assert_non_null(strstr(resolved(&x, "a0@dom"), "lead too far"));
	destroy(&x);
}

static const struct alias_ask *last(const struct world *x)
{
	return &x->asks.at[x->asks.n - 1];
}

static void tell(struct world *x, const char *output)
{
	struct err e = { 0 };

	assert_int_equal(last(x)->what, ALIAS_ASK_HOOK);
	if (alias_answer_hook(&x->asks, &x->asks.at[x->asks.n - 1],
			      str_of(output), &e))
		fail_msg("%s", e.msg);
}

static void asks_the_hook(void **state)
{
	static const struct place places[] = {
		{ "dom", "a: c@d\n*: e@f", "b" },
	};
	struct world x;
	struct err e = { 0 };

	(void)state;
	build(&x, places, 1, "+", ".");
	x.w.hook = true;
	assert_string_equal(resolved(&x, "a@dom"), "asks");
	assert_string_equal(last(&x)->local, "a");
	tell(&x, "p@q, x\n");
	assert_string_equal(resolved(&x, "a@dom"), "asks"); /* now for x */
	assert_string_equal(last(&x)->local, "x");
	tell(&x, "  \n");
	assert_string_equal(resolved(&x, "a@dom"), "asks"); /* and for * */
	assert_string_equal(last(&x)->local, "*");
	tell(&x, "");
	assert_string_equal(resolved(&x, "a@dom"), "c@d, p@q, e@f");
	assert_int_equal(x.asks.n, 3);
	/* The hook is given the address as it came, then the cleaned one. */
	assert_string_equal(resolved(&x, "b.+x@dom"), "asks");
	assert_string_equal(last(&x)->local, "b.+x");
	tell(&x, "");
	assert_string_equal(resolved(&x, "b.+x@dom"), "asks");
	assert_string_equal(last(&x)->local, "b");
	assert_int_equal(alias_answer_hook(&x.asks, &x.asks.at[x.asks.n - 1],
					   STR_LIT("|"), &e),
			 -1);
	assert_int_equal(e.kind, ERR_TEMP);
	tell(&x, "");
	assert_string_equal(resolved(&x, "b.+x@dom"), "b@dom");
	destroy(&x);
}

static void asks_for_users(void **state)
{
	static const struct place places[] = { { "dom", "*: e@f", "b" } };
	struct world x;

	(void)state;
	build(&x, places, 1, "+", ".");
	x.w.fallback = true;
	assert_string_equal(resolved(&x, "b@dom"), "b@dom");
	assert_string_equal(resolved(&x, "c@dom"), "asks");
	assert_int_equal(last(&x)->what, ALIAS_ASK_USER);
	assert_string_equal(last(&x)->local, "c");
	alias_answer_user(&x.asks.at[x.asks.n - 1], true);
	assert_string_equal(resolved(&x, "c@dom"), "c@dom");
	assert_string_equal(resolved(&x, "d@dom"), "asks");
	alias_answer_user(&x.asks.at[x.asks.n - 1], false);
	assert_string_equal(resolved(&x, "d@dom"), "e@f");
	destroy(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_lines),
		cmocka_unit_test(complains),
		cmocka_unit_test(knows_the_longest_line),
		cmocka_unit_test(strips),
		cmocka_unit_test(walks_the_basics),
		cmocka_unit_test(walks_to_catch_alls),
		cmocka_unit_test(finds_users),
		cmocka_unit_test(walks_by_asterisks),
		cmocka_unit_test(walks_by_suffixes),
		cmocka_unit_test(ends_loops),
		cmocka_unit_test(ends_floods),
		cmocka_unit_test(asks_the_hook),
		cmocka_unit_test(asks_for_users),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
