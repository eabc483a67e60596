#include "cmd/cmd.h"

#include "base/str.h"
#include "dns/selfdns.h"
#include "providers/table.h"

int cmd_dns_serve(struct call *c, struct err *e)
{
	return selfdns_run(c->conf, out_tell(c->out), e);
}

static const char *abilities(const struct provider *p, struct mem *m)
{
	static const struct {
		unsigned bit;
		const char *word;
	} bits[] = {
		{ DNS_CAN_LIST, "reads back" },
		{ DNS_CAS, "compares and swaps" },
		{ DNS_SERIAL, "one value at a time" },
		{ DNS_BY_HAND, "by hand" },
	};
	const char *all = "";

	for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++)
		if (p->caps & bits[i].bit)
			all = mem_fmt(m, "%s%s%s", all, *all ? ", " : "",
				      bits[i].word);
	return *all ? all : "-";
}

static json_t *split(const char *words)
{
	struct str rest = str_of(words), word;
	json_t *list = json_array();

	while (str_word(&rest, &word))
		json_array_append_new(list, json_stringn(word.at, word.n));
	return list;
}

static json_t *fields_json(const struct provider *p)
{
	json_t *list = json_array();

	for (size_t i = 0; i < p->fields_n; i++) {
		const struct dns_field *f = &p->fields[i];

		json_array_append_new(
			list, json_pack("{s:o, s:s, s:b, s:b, s:s?}", "names",
					split(f->names), "help", f->help,
					"secret", f->secret, "required",
					f->required, "default", f->preset));
	}
	return list;
}

static json_t *provider_json(const struct provider *p)
{
	return json_pack("{s:s, s:s, s:o, s:s, s:s?, s:b, s:b, s:b, s:b, s:o}",
			 "type", "provider", "name", p->name, "aliases",
			 split(p->aliases), "about", p->about, "url", p->url,
			 "reads_back", (p->caps & DNS_CAN_LIST) != 0,
			 "compares", (p->caps & DNS_CAS) != 0, "serial",
			 (p->caps & DNS_SERIAL) != 0, "by_hand",
			 (p->caps & DNS_BY_HAND) != 0, "fields",
			 fields_json(p));
}

static void list(struct call *c)
{
	static const struct out_column columns[] = {
		{ .title = "NAME" },
		{ .title = "ALIASES" },
		{ .title = "CAN" },
		{ .title = "ABOUT" },
	};
	struct out_table *t = out_table(c->out, columns, 4);

	for (size_t i = 0; i < provider_n; i++) {
		const struct provider *p = provider_table[i];
		const struct out_cell cells[] = {
			{ .text = p->name },
			{ .text = p->aliases ? p->aliases : "-" },
			{ .text = abilities(p, &c->mem) },
			{ .text = p->about },
		};

		out_row(t, provider_json(p), cells);
	}
	out_table_end(t);
}

static void fields(struct call *c, const struct provider *p)
{
	static const struct out_column columns[] = {
		{ .title = "VARIABLE" },
		{ .title = "ALSO" },
		{ .title = "NEEDED" },
		{ .title = "WHAT" },
	};
	struct out_table *t = out_table(c->out, columns, 4);

	for (size_t i = 0; i < p->fields_n; i++) {
		const struct dns_field *f = &p->fields[i];
		struct str also = str_of(f->names), first;

		str_word(&also, &first);
		also = str_trim(also);

		const struct out_cell cells[] = {
			{ .text = mem_dup(&c->mem, first.at, first.n) },
			{ .text = also.n ? mem_dup(&c->mem, also.at, also.n) :
					   "-" },
			{ .text = f->required && !f->preset ? "yes" : "no" },
			{ .text = f->preset ?
					  mem_fmt(&c->mem, "%s (default %s)",
						  f->help, f->preset) :
					  f->help },
		};

		out_row(t, NULL, cells);
	}
	out_table_end(t);
}

static void show(struct call *c, const struct provider *p)
{
	out_line(c->out, "%s: %s", p->name, p->about);
	if (p->aliases)
		out_line(c->out, "also known as: %s", p->aliases);
	if (p->url)
		out_line(c->out, "its API: %s", p->url);
	out_line(c->out, "can: %s", abilities(p, &c->mem));
	if (!p->fields_n)
		out_line(c->out, "It needs no credentials.");
	else
		fields(c, p);
	out_object(c->out, provider_json(p));
}

int cmd_dns_providers(struct call *c, struct err *e)
{
	if (!c->args_n)
		list(c);
	for (size_t i = 0; i < c->args_n; i++) {
		const struct provider *p = provider_find(c->args[i], e);

		if (!p)
			return -1;
		if (i)
			out_line(c->out, " ");
		show(c, p);
	}
	return 0;
}
