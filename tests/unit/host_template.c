#include "host/template.h"

#include <string.h>

#include "base/embed.h"

#include "tests/unit/test.h"

static const struct template_value alice[] = { { "name", "alice", NULL, 0 },
					       { "to", "a@x", NULL, 0 } };
static const struct template_value bob[] = { { "name", "bob", NULL, 0 },
					     { "to", NULL, NULL, 0 } };
static const struct template_set users[] = { { alice, 2 }, { bob, 2 } };
static const struct template_value values[] = {
	{ "host", "smtp.example.org", NULL, 0 },
	{ "nasty", "it's <a> \"b\" %h $x\\", NULL, 0 },
	{ "lines", "a\nb", NULL, 0 },
	{ "name", "outer", NULL, 0 },
	{ "empty", "", NULL, 0 },
	{ "unset", NULL, NULL, 0 },
	{ "users", NULL, users, 2 },
	{ "nobody", NULL, users, 0 },
};
static const struct template_set set = { values, COUNT(values) };

static void renders(void **state)
{
	static const struct {
		const char *text, *out;
	} cases[] = {
		{ "", "" },
		{ "plain } text {\n", "plain } text {\n" },
		{ "a {{host}} b", "a smtp.example.org b" },
		{ "{{ host }}{{host}}", "smtp.example.orgsmtp.example.org" },
		{ "[{{empty}}]", "[]" },
		{ "{{#if host}}y{{else}}n{{/if}}", "y" },
		{ "{{#if empty}}y{{else}}n{{/if}}", "n" },
		{ "{{#if unset}}y{{/if}}", "" },
		{ "{{#if users}}y{{/if}}{{#if nobody}}n{{/if}}", "y" },
		{ "a\n{{#if host}}\nb\n{{else}}\nc\n{{/if}}\nd\n",
		  "a\nb\nd\n" },
		{ "a\n  {{#if unset}}  \nb\n  {{else}}\nc\n{{/if}}\nd",
		  "a\nc\nd" },
		{ "{{#if host}} x {{/if}}\n", " x \n" },
		{ "{{! a remark }}\nx{{! another }}y\n", "xy\n" },
		{ "{{#each users}}{{name}},{{/each}}{{name}}",
		  "alice,bob,outer" },
		{ "{{#each users}}\n- {{name}}@{{host}}\n{{/each}}\n",
		  "- alice@smtp.example.org\n- bob@smtp.example.org\n" },
		{ "{{#each users}}{{#if to}}{{to}}{{else}}none{{/if}} {{/each}}",
		  "a@x none " },
		{ "{{#each users}}{{#each users}}{{name}} {{/each}}{{/each}}",
		  "alice bob alice bob " },
		{ "{{#each nobody}}{{name}}{{unheard_of}}{{/each}}.", "." },
		{ "{{#each users}}{{#if name}}{{else}}{{host}}{{/if}}{{/each}}",
		  "" },
		{ "a\r\n{{#if host}}\r\nb\r\n{{/if}}\r\n", "a\r\nb\r\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buf out = { 0 };
		struct err e = { 0 };

		if (template_render(str_of(cases[i].text), "t", TEMPLATE_PLAIN,
				    &set, &out, &e))
			fail_msg("%s: %s", cases[i].text, e.msg);
		assert_string_equal(buf_c(&out), cases[i].out);
		buf_free(&out);
	}
}

static void complains(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ "a\n {{hots}}\n", "t:2:2: unknown name \"hots\"" },
		{ "{{#if hots}}{{/if}}", "t:1:1: unknown name \"hots\"" },
		{ "{{#each hots}}{{/each}}", "unknown name \"hots\"" },
		{ "{{#if unset}}{{hots}}{{/if}}", "unknown name \"hots\"" },
		{ "{{#if host}}{{else}}{{hots}}{{/if}}",
		  "t:1:21: unknown name \"hots\"" },
		{ "{{users}}", "a list, not a value: \"users\"" },
		{ "{{#each host}}{{/each}}", "a value, not a list: \"host\"" },
		{ "{{unset}}", "no value is set for \"unset\"" },
		{ "x{{host\n}}", "t:1:2: {{ without }}" },
		{ "x{{host", "t:1:2: {{ without }}" },
		{ "{{}}", "no name of a value" },
		{ "{{a b}}", "no name of a value: \"a b\"" },
		{ "{{#unless x}}", "no name of a value: \"#unless x\"" },
		{ "a\n{{#if host}}\n", "t:2:1: {{#if}} is not closed" },
		{ "{{#if host}}{{else}}{{else}}{{/if}}",
		  "{{#if}} is not closed" },
		{ "{{#if host}}{{/each}}", "t:1:13: {{#if}} is not closed" },
		{ "{{#each users}}{{/if}}", "{{#each}} is not closed" },
		{ "{{#each nobody}}", "t:1:1: {{#each}} is not closed" },
		{ "{{/if}}", "closes nothing" },
		{ "{{else}}", "closes nothing" },
		{ "{{/each}}", "closes nothing" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buf out = { 0 };
		struct err e = { 0 };

		if (!template_render(str_of(cases[i].text), "t", TEMPLATE_PLAIN,
				     &set, &out, &e))
			fail_msg("passes: %s", cases[i].text);
		assert_int_equal(e.kind, ERR_CONF);
		if (!strstr(e.msg, cases[i].says))
			fail_msg("%s: \"%s\"", cases[i].text, e.msg);
		buf_free(&out);
	}
}

static void escapes(void **state)
{
	static const struct {
		enum template_kind kind;
		const char *text, *out;
	} cases[] = {
		{ TEMPLATE_PLAIN, "{{nasty}}", "it's <a> \"b\" %h $x\\" },
		{ TEMPLATE_SHELL, "{{nasty}}", "'it'\\''s <a> \"b\" %h $x\\'" },
		{ TEMPLATE_SHELL, "{{host}} {{empty}}", "smtp.example.org ''" },
		{ TEMPLATE_SHELL, "{{lines}}", "'a\nb'" },
		{ TEMPLATE_CRON, "{{nasty}}",
		  "'it'\\''s <a> \"b\" \\%h $x\\'" },
		{ TEMPLATE_JSON, "{{nasty}} {{lines}}",
		  "\"it's <a> \\\"b\\\" %h $x\\\\\" \"a\\u000ab\"" },
		{ TEMPLATE_SYSTEMD, "\"{{nasty}}\"",
		  "\"it's <a> \\\"b\\\" %%h $x\\\\\"" },
		{ TEMPLATE_XML, "{{nasty}}",
		  "it&#39;s &lt;a&gt; &quot;b&quot; %h $x\\" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buf out = { 0 };
		struct err e = { 0 };

		assert_int_equal(template_render(str_of(cases[i].text), "t",
						 cases[i].kind, &set, &out, &e),
				 0);
		assert_string_equal(buf_c(&out), cases[i].out);
		buf_free(&out);
	}
}

static void keeps_line_ends_out(void **state)
{
	static const enum template_kind kinds[] = { TEMPLATE_SYSTEMD,
						    TEMPLATE_CRON };

	(void)state;
	for (size_t i = 0; i < COUNT(kinds); i++) {
		struct buf out = { 0 };
		struct err e = { 0 };

		assert_int_equal(template_render(STR_LIT("x={{lines}}"), "t",
						 kinds[i], &set, &out, &e),
				 -1);
		assert_string_equal(e.msg, "t:1:3: a line end cannot stand "
					   "here");
		buf_free(&out);
	}
}

static int render_repeated(const char *open, const char *close, size_t n,
			   size_t max, struct err *e)
{
	struct buf text = { 0 }, out = { .max = max };
	int got;

	for (size_t i = 0; i < n; i++)
		buf_str(&text, open);
	for (size_t i = 0; i < n; i++)
		buf_str(&text, close);
	got = template_render(buf_get(&text), "t", TEMPLATE_PLAIN, &set, &out,
			      e);
	buf_free(&text);
	buf_free(&out);
	return got;
}

static void has_limits(void **state)
{
	struct err e = { 0 };

	(void)state;
	assert_int_equal(render_repeated("{{#if host}}", "{{/if}}", 8, 0, &e),
			 0);
	assert_int_equal(render_repeated("{{#if host}}", "{{/if}}", 9, 0, &e),
			 -1);
	assert_non_null(strstr(e.msg, "8 deep"));
	assert_int_equal(render_repeated("{{host}}", "", 10, 160, &e), 0);
	assert_int_equal(render_repeated("{{host}}", "", 11, 160, &e), -1);
	assert_non_null(strstr(e.msg, "larger than allowed (160 bytes)"));
	assert_int_equal(render_repeated("{{! x}}", "", 100001, 0, &e), -1);
	assert_non_null(strstr(e.msg, "100,000 tags"));
	assert_int_equal(render_repeated("0123456789abcdef", "", 65537, 0, &e),
			 -1);
	assert_non_null(strstr(e.msg, "1 MiB"));
}

static void renders_embedded_files(void **state)
{
	struct buf out = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(template_file("templates/opsmail-cron.timer",
				       TEMPLATE_SYSTEMD, &set, &out, &e),
			 0);
	assert_non_null(strstr(buf_c(&out), "Persistent=true"));
	assert_int_equal(template_file("templates/none", TEMPLATE_PLAIN, &set,
				       &out, &e),
			 -1);
	assert_int_equal(e.kind, ERR_MISSING);
	buf_free(&out);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(renders),
		cmocka_unit_test(complains),
		cmocka_unit_test(escapes),
		cmocka_unit_test(keeps_line_ends_out),
		cmocka_unit_test(has_limits),
		cmocka_unit_test(renders_embedded_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
